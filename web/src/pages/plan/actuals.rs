//! Plan against actual as a table: what came, what was planned, and where the quarter is heading.

use grid_engine::plan::{ActualLine, PlanVsActual, UnplannedRow};
use leptos::prelude::*;

use crate::charts::Sparkline;
use crate::figures;

/// Lines shown: the largest departures.
const SHOWN: usize = 20;
/// Below and above these shares of the plan a line stands out, as a plan is usually read.
const LOW: f64 = 0.9;
const HIGH: f64 = 1.1;

/// The comparison, largest departure first, the total below.
#[component]
pub fn ActualsTable(found: PlanVsActual) -> impl IntoView {
    let noun = if found.by.is_empty() { "All".to_owned() } else { found.by.clone() };
    let span = match (found.buckets.first(), found.buckets.last()) {
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(only), _) => only.to_string(),
        _ => String::new(),
    };
    let more = found.lines.len().saturating_sub(SHOWN);
    let rows = found.lines.iter().take(SHOWN).map(|line| row(line, &line.name)).collect_view();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Plan against actual">
            <table class="figures">
                <thead>
                    <tr>
                        <th scope="col">{noun}</th>
                        <th scope="col">"Actual ÷ plan"</th>
                        <th scope="col" class="number">{format!("Actual, {span}")}</th>
                        <th scope="col" class="number">"Plan"</th>
                        <th scope="col" class="number">"Difference"</th>
                        <th scope="col" class="number" title="Planned one bucket ahead">"Lag plan"</th>
                        <th scope="col" class="number" title="Σ|actual − plan| ÷ Σ actual">"WAPE"</th>
                        <th scope="col" class="number" title="Σ(plan − actual) ÷ Σ actual">"Bias"</th>
                        <th scope="col" class="number" title="What came so far, and the rest at the same share of plan">
                            {format!("{} is heading for", found.period)}
                        </th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                <tfoot>{row(&found.total, "Total")}</tfoot>
            </table>
        </div>
        {(!found.unplanned.is_empty()).then(|| view! { <p>{unplanned(&found.unplanned)}</p> })}
        {(more > 0).then(|| view! { <p class="muted">{format!("and {more} more with smaller departures")}</p> })}
    }
}

/// Names rows that came after the plan.
fn unplanned(rows: &[UnplannedRow]) -> String {
    let named = rows.iter().take(SHOWN).map(|row| format!("{} ({})", row.name, figures::compact(row.actual)));
    let named = named.collect::<Vec<_>>().join(", ");
    let more = rows.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("Not in the plan, and counted with a plan of nothing: {named}{more}.")
}

fn row(line: &ActualLine, name: &str) -> impl IntoView + use<> {
    let (actual, plan) = (line.actual.iter().sum::<f64>(), line.plan.iter().sum::<f64>());
    let lagged: Vec<f64> = line.lagged.iter().flatten().copied().collect();
    let known_all = lagged.len() == line.lagged.len() && !lagged.is_empty();
    let missing = || figures::MISSING.to_owned();
    let ratios: Vec<Option<f64>> =
        line.actual.iter().zip(&line.plan).map(|(actual, plan)| (*plan != 0.0).then(|| actual / plan)).collect();
    let share = (plan != 0.0).then(|| actual / plan);
    let heading = (line.period_plan != 0.0).then(|| line.projected / line.period_plan);
    let is_off = |share: Option<f64>| share.is_some_and(|share| !(LOW..=HIGH).contains(&share));
    let difference = actual - plan;
    let name = if name.is_empty() { "(blank)".to_owned() } else { name.to_owned() };
    view! {
        <tr>
            <th scope="row">{name.clone()}</th>
            <td>
                {if ratios.len() > 1 { view! { <Sparkline values=ratios label=name /> }.into_any() } else { ().into_any() }}
                <span class:bad=is_off(share)>{share.map_or_else(missing, figures::percent)}</span>
            </td>
            <td class="number">{figures::compact(actual)}</td>
            <td class="number">{figures::compact(plan)}</td>
            <td class="number">{figures::signed(figures::compact(difference), difference)}</td>
            <td class="number">{if known_all { figures::compact(lagged.iter().sum()) } else { missing() }}</td>
            <td class="number">{line.wape.map_or_else(missing, figures::percent)}</td>
            <td class="number">{line.bias.map_or_else(missing, |bias| figures::signed(figures::percent(bias), bias))}</td>
            <td class="number" class:bad=is_off(heading)>
                {figures::compact(line.projected)} " " <span class="muted">{heading.map_or_else(missing, figures::percent)}</span>
            </td>
        </tr>
    }
}
