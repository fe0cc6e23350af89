//! What would free it: binding limits by what a step of them saves for its cost.

use grid_engine::refs::SheetId;
use grid_engine::supply::study::Study;
use grid_engine::value::Value;
use leptos::prelude::*;

use super::asking::{AnswerSection, Asked, ask, figure, number, text};
use crate::figures;
use crate::ui::{FiguresTable, Head};

/// Each limit a tenth further, the plan solved again for each.
#[component]
pub fn ReliefSection(workbook: SheetId, key: String, currency: String, limits: usize) -> impl IntoView {
    let asked = RwSignal::new(Asked::Not);
    if limits > 0 {
        ask(workbook, key, Study::Relief, asked);
    }
    view! {
        <AnswerSection
            title="What would free it"
            unit=format!("{currency}, units")
            about="Each limit a tenth further where it binds, lead times a bucket shorter, decisions taken back, the plan solved again; most saved for the money first."
            asked
            waiting="Solving again with each limit a step further"
            none="No limit binds: nothing has to be freed."
            lines
        />
    }
}

fn lines(rows: &[Vec<Value>]) -> AnyView {
    let rows = rows
        .iter()
        .map(|row| {
            // A decision that is taken back has no size.
            let step =
                number(row, 3).map(figures::compact).into_iter().chain([text(row, 4)]).collect::<Vec<_>>().join(" ");
            let freed = number(row, 6).unwrap_or_default() + number(row, 7).unwrap_or_default();
            view! {
                <tr>
                    <th scope="row">{format!("{} {}", text(row, 0), text(row, 1))}</th>
                    <td>{text(row, 2)}</td>
                    <td class="number">{step}</td>
                    <td class="number"><b>{figure(row, 5)}</b></td>
                    <td class="number">{figures::compact(freed)}</td>
                    <td class="number">{figure(row, 8)}</td>
                    <td class="number">{figure(row, 9)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <FiguresTable
            label="Limits and what a step of them saves"
            heads=vec![
                Head::words("Limit"), Head::words("Binds"), Head::numbers("Step"),
                Head::numbers("Saves"), Head::numbers("Frees"), Head::numbers("Costs"),
                Head::numbers("Saves per cost"),
            ]
        >
            {rows}
        </FiguresTable>
        <p class="muted">"Costs: overtime hours, or what a dearer or quicker contract or lane asks on top; a dash where the tables give no price."</p>
    }
    .into_any()
}
