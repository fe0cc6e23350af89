//! Cases of revenue against cases of cost.

use grid_engine::plan::{CellState, Changes, Headline, Varied};
use leptos::prelude::*;

use super::{Case, Known, profit_of};
use crate::figures;

/// Profit in each combination, tinted from the least to the most.
#[component]
pub fn ProfitGrid(known: RwSignal<Known>, revenue: RwSignal<Vec<Case>>, cost: RwSignal<Vec<Case>>) -> impl IntoView {
    let table = move || {
        let (revenue, cost) = (revenue.get(), cost.get());
        known.with(|known| {
            let all = revenue.iter().flat_map(|of| cost.iter().map(|and| profit_of(known, &of.with(and))));
            let (least, most) = all.flatten().fold((f64::MAX, f64::MIN), |(a, b), profit| (a.min(profit), b.max(profit)));
            let planned = profit_of(known, "");
            let row = |of: &Case| {
                let cells = cost.iter().map(|and| cell(known.get(&of.with(and)), planned, (least, most))).collect_view();
                view! { <tr><th scope="row"><b>{of.name.clone()}</b><span class="muted">{words(of)}</span></th>{cells}</tr> }
            };
            revenue.iter().map(row).collect_view()
        })
    };
    let head = move || {
        let column =
            |case: Case| view! { <th scope="col">{case.name.clone()}<span class="muted">{words(&case)}</span></th> };
        cost.get().into_iter().map(column).collect_view()
    };
    view! {
        <h4>"Profit by case"</h4>
        <div class="scroll" tabindex="0" role="region" aria-label="Profit by case">
            <table class="matrix">
                <thead><tr><th><span class="muted">"Revenue ↓ · Costs →"</span></th>{head}</tr></thead>
                <tbody>{table}</tbody>
            </table>
        </div>
    }
}

/// What a case changes.
fn words(case: &Case) -> String {
    case.changes.parse::<Changes>().unwrap_or_default().words()
}

fn cell(known: Option<&Varied>, planned: Option<f64>, (least, most): (f64, f64)) -> AnyView {
    let Some(known) = known else { return view! { <td class="scenario is-open"></td> }.into_any() };
    let inside = match (&known.state, known.headline) {
        (CellState::Done, Some(Headline { profit: Some(profit), .. })) => {
            let share = if most > least { (profit - least) / (most - least) } else { 1.0 };
            let tint = format!("--share: {:.0}%", 6.0 + 36.0 * share);
            let margin = figures::known(known.headline.and_then(|headline| headline.margin()), figures::percent);
            let change = planned.map(|planned| profit - planned).filter(|change| *change != 0.0);
            let served = known.fill.map(|fill| format!("{} of the units demanded are served", figures::percent(fill)));
            return view! {
                <td class="scenario" style=tint title=served>
                    <b>{figures::compact(profit)}</b>
                    <span class="muted">{format!("margin {margin}")}</span>
                    {change.map(|change| view! { <span class="change">{figures::signed(figures::compact(change), change)}</span> })}
                </td>
            }
            .into_any();
        }
        (CellState::Done | CellState::Open, _) => view! { <span class="muted">"not calculated"</span> }.into_any(),
        (CellState::Waiting, _) => view! { <span class="muted">"waiting"</span> }.into_any(),
        (CellState::Running { message }, _) => {
            view! { <span class="muted running">{message.clone()}</span> }.into_any()
        }
        (CellState::Failed { message }, _) => view! { <span class="failed">{message.clone()}</span> }.into_any(),
    };
    view! { <td class="scenario is-open">{inside}</td> }.into_any()
}
