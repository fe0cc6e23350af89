//! How far marginal values hold: the dearest limits one more and one less, tried when somebody wants to know.

use grid_engine::refs::SheetId;
use grid_engine::supply::study::Study;
use grid_engine::value::Value;
use leptos::prelude::*;

use super::asking::{Asked, ask, meanwhile, number, text};
use crate::figures;
use crate::ui::{Button, FiguresTable, Head};

/// Under the bottlenecks.
#[component]
pub fn Margins(workbook: SheetId, key: String) -> impl IntoView {
    let asked = RwSignal::new(Asked::Not);
    let key = StoredValue::new(key);
    let try_them = move |_| ask(workbook, key.get_value(), Study::Margins, asked);
    move || {
        let asked = asked.get();
        meanwhile(&asked, "Solving the plan with one more and one less of each").unwrap_or_else(|| match asked {
            Asked::Answer(table) if table.len() > 1 => lines(&table[1..]),
            _ => view! {
                <div class="more no-print"><Button class="small" on_click=try_them>"Try one more and one less"</Button></div>
            }
            .into_any(),
        })
    }
}

fn lines(rows: &[Vec<Value>]) -> AnyView {
    let shown = |value: Option<f64>| value.map_or_else(|| "no plan".to_owned(), figures::compact);
    let rows = rows
        .iter()
        .map(|row| {
            view! {
                <tr>
                    <th scope="row">{format!("{} {}", text(row, 0), text(row, 1))}</th>
                    <td>{text(row, 2)}</td>
                    <td class="number">{shown(number(row, 3))}</td>
                    <td class="number"><b>{shown(number(row, 4))}</b></td>
                    <td class="number">{shown(number(row, 5))}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <FiguresTable
            label="One more and one less of the dearest limits"
            heads=vec![
                Head::words("Limit"), Head::words("In"), Head::numbers("By its price"),
                Head::numbers("One more saves"), Head::numbers("One less costs"),
            ]
        >
            {rows}
        </FiguresTable>
    }
    .into_any()
}
