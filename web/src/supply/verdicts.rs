//! Whether the causes of shortages hold: what comes where each is lifted.

use grid_engine::refs::SheetId;
use grid_engine::supply::study::Study;
use grid_engine::value::Value;
use leptos::prelude::*;

use super::asking::{AnswerSection, Asked, ask, figure, text};
use crate::ui::{Badge, FiguresTable, Head, Tone};

/// Each class of limits that shortages are put down to, the plan solved again without it.
#[component]
pub fn VerdictSection(workbook: SheetId, key: String) -> impl IntoView {
    let asked = RwSignal::new(Asked::Not);
    ask(workbook, key, Study::ButFor, asked);
    view! {
        <AnswerSection
            title="Whether the causes hold"
            unit="units"
            about="The plan solved again without each kind of limit. A cause is confirmed where at least as much comes as is put down to it; others act jointly, and lifting one alone does not do."
            asked
            waiting="Solving again without each kind of limit"
            none="No shortage is put down to a limit that can be lifted."
            lines
        />
    }
}

fn lines(rows: &[Vec<Value>]) -> AnyView {
    let rows = rows
        .iter()
        .map(|row| {
            let verdict = text(row, 3);
            let tone = if verdict == "confirmed" { Tone::Good } else { Tone::Warn };
            view! {
                <tr>
                    <th scope="row">{kind_of_limit(&text(row, 0))}</th>
                    // Beside its cause, so that it is seen where there is room for two columns only.
                    <td><Badge tone>{verdict}</Badge></td>
                    <td class="number">{figure(row, 1)}</td>
                    <td class="number">{figure(row, 2)}</td>
                    <td class="number">{figure(row, 4)}</td>
                    <td class="number">{figure(row, 5)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <FiguresTable
            label="Kinds of limits and what comes without them"
            heads=vec![
                Head::words("Without"), Head::words("The cause is"), Head::numbers("Put down to it"),
                Head::numbers("Come then"), Head::numbers("Still lost"), Head::numbers("Still late"),
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
