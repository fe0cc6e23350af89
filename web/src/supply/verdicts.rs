//! Whether the causes of shortages hold: what comes where each is lifted.

use grid_engine::refs::SheetId;
use grid_engine::supply::study::Study;
use grid_engine::value::Value;
use leptos::prelude::*;

use super::asking::{Asked, ask, meanwhile, number, text};
use crate::figures;
use crate::ui::{Badge, FiguresTable, Head, Tone};

/// Each class of limits that shortages are put down to, the plan solved again without it.
#[component]
pub fn VerdictSection(workbook: SheetId, key: String) -> impl IntoView {
    let asked = RwSignal::new(Asked::Not);
    ask(workbook, key, Study::ButFor, asked);
    let body = move || {
        let asked = asked.get();
        if let Some(view) = meanwhile(&asked, "Solving again without each kind of limit") {
            return view;
        }
        match asked {
            Asked::Answer(table) if table.len() > 1 => lines(&table[1..]),
            _ => view! { <p class="muted">"No shortage is put down to a limit that can be lifted."</p> }.into_any(),
        }
    };
    view! {
        <section class="card" aria-label="Whether the causes hold">
            <header class="cardhead">
                <h3>"Whether the causes hold" <span class="unit">"units"</span></h3>
                <p class="muted">"The plan solved again without each kind of limit. A cause is confirmed where at least as much comes as is put down to it; others act jointly, and lifting one alone does not do."</p>
            </header>
            {body}
        </section>
    }
}

fn lines(rows: &[Vec<Value>]) -> AnyView {
    let shown = |value: Option<f64>| value.map_or_else(|| figures::MISSING.to_owned(), figures::compact);
    let rows = rows
        .iter()
        .map(|row| {
            let verdict = text(row, 3);
            let tone = if verdict == "confirmed" { Tone::Good } else { Tone::Warn };
            view! {
                <tr>
                    <th scope="row">{kind_of_limit(&text(row, 0))}</th>
                    <td class="number">{shown(number(row, 1))}</td>
                    <td class="number">{shown(number(row, 2))}</td>
                    <td class="number">{shown(number(row, 4))}</td>
                    <td class="number">{shown(number(row, 5))}</td>
                    <td><Badge tone>{verdict}</Badge></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <FiguresTable
            label="Kinds of limits and what comes without them"
            heads=vec![
                Head::words("Without"), Head::numbers("Put down to it"), Head::numbers("Come then"),
                Head::numbers("Still lost"), Head::numbers("Still late"), Head::words(""),
            ]
        >
            {rows}
        </FiguresTable>
    }
    .into_any()
}

/// What the keys of tables and files stand for.
fn kind_of_limit(key: &str) -> String {
    match key {
        "capacity" => "Hours of resources",
        "material" => "Limits of suppliers",
        "leadtime" => "Lead times",
        "lane" => "Room on lanes and for receipts",
        "storage" => "Room for stock",
        "ss" => "Safety stock",
        "decision" => "Decisions",
        other => other,
    }
    .to_owned()
}
