//! The limits that bind, with what one more of each would save.

use grid_engine::plan::LimitLine;
use grid_engine::refs::SheetId;
use leptos::prelude::*;

use super::margins::Margins;
use crate::charts::Sparkline;
use crate::figures;
use crate::ui::{Button, FiguresTable, Head};

/// Lines shown before the reader asks for all.
const SHOWN: usize = 8;

/// Marginal values by limit: the most of all buckets, where it is, and their course.
#[component]
pub fn Bottlenecks(
    limits: Vec<LimitLine>,
    /// How many bind, of which these are the dearest.
    count: usize,
    names: Vec<String>,
    currency: String,
    /// The plan that may be asked how far its prices hold.
    asks: Option<(SheetId, String)>,
) -> impl IntoView {
    let shown = limits.len();
    let cut = if count > shown { format!(", of which the {shown} dearest are shown") } else { String::new() };
    let words = match limits.as_slice() {
        [] => "No limit binds: one more of anything would save nothing.".to_owned(),
        [one] => format!("{} {} is the only limit that binds.", one.limit, one.of),
        [first, ..] => format!("{} {} is worth most; {} limits bind{cut}.", first.limit, first.of, count.max(shown)),
    };
    let all = RwSignal::new(false);
    // On paper all of them are there.
    let rows = limits
        .iter()
        .enumerate()
        .map(|(at, line)| row(line, &names, Signal::derive(move || at >= SHOWN && !all.get())))
        .collect_view();
    view! {
        <section class="card" aria-label="Bottlenecks">
            <header class="cardhead">
                <h3>"Bottlenecks" <span class="unit">{format!("{currency} that one more saves")}</span></h3>
                <p class="muted">{words}</p>
            </header>
            {(count > 0).then(|| view! {
                <FiguresTable
                    label="Limits that bind"
                    heads=vec![
                        Head::words("Limit"), Head::words("Over time"), Head::numbers("One more saves"),
                        Head::words("Most in"), Head::numbers("Buckets"),
                    ]
                >
                    {rows}
                </FiguresTable>
            })}
            {(count > 0).then(|| view! {
                <p class="muted">"These are the plan's prices of the first unit. Where limits give out together they hold for one direction only: one more of one limit alone never saves more, and may save nothing."</p>
            })}
            {(count > SHOWN).then(|| view! {
                <div class="more">
                    <Button class="small" on_click=move |_| all.update(|all| *all = !*all)>
                        {move || if all.get() { "Show the dearest only".to_owned() } else { format!("Show all {count}") }}
                    </Button>
                </div>
            })}
            {asks.filter(|_| count > 0).map(|(workbook, key)| view! { <Margins workbook key /> })}
        </section>
    }
}

fn row(line: &LimitLine, names: &[String], is_paper_only: Signal<bool>) -> impl IntoView + use<> {
    let name = format!("{} {}", line.limit, line.of);
    let most =
        line.saves.iter().copied().enumerate().fold((0, 0.0), |most, one| if one.1 > most.1 { one } else { most });
    let binding = line.saves.iter().filter(|value| **value > 0.0).count();
    let values = line.saves.iter().copied().map(Some).collect();
    view! {
        <tr class:paper-only=is_paper_only>
            <th scope="row">{name.clone()}</th>
            <td class="spark"><Sparkline values=values label=name /></td>
            <td class="number"><b>{figures::compact(most.1)}</b>{format!(" per {}", line.unit)}</td>
            <td>{names.get(most.0).cloned().unwrap_or_default()}</td>
            <td class="number">{binding}</td>
        </tr>
    }
}
