//! The plan by family or by region: bars of a chosen figure, and all figures below.

use grid_engine::plan::{BucketLine, SliceLine};
use grid_engine::value::order::sort_by;
use leptos::prelude::*;

use crate::charts::{Bar, BarList, Step, Waterfall};
use crate::figures;
use crate::ui::Segmented;

/// A slice of the plan: `noun` is `Family` or `Region`.
#[component]
pub fn Slices(noun: &'static str, lines: Vec<SliceLine>, currency: String) -> impl IntoView {
    let chosen = RwSignal::new("revenue".to_owned());
    let lines = StoredValue::new(lines);
    let bars = move || {
        let figure = chosen.get();
        let mut bars: Vec<Bar> = lines.with_value(|lines| lines.iter().map(|line| bar(line, &figure)).collect());
        sort_by(&mut bars, |a, b| b.value.total_cmp(&a.value));
        let colour = if figure == "profit" { "var(--chart-profit)" } else { "var(--chart-1)" };
        let caption = format!("{figure} by {}", noun.to_lowercase());
        view! { <BarList caption=caption bars=bars colour=colour /> }
    };
    let has_budget = lines.with_value(|lines| lines.iter().any(|line| line.budget.is_some()));
    let options = [("revenue", "Revenue"), ("profit", "Profit"), ("demand", "Units")];
    view! {
        <section class="card">
            <header class="cardhead">
                <h3>{format!("By {}", noun.to_lowercase())}</h3>
                <Segmented
                    label=format!("Figure by {}", noun.to_lowercase())
                    options=options.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec()
                    value=chosen
                    on_change=move |value| chosen.set(value)
                />
            </header>
            {bars}
            <p class="barnote muted">
                {move || match (chosen.get().as_str(), has_budget) {
                    ("revenue", true) => format!("{currency}; the upright line is the budget"),
                    ("demand", _) => "Units; the upright line is last year, for as many periods".to_owned(),
                    ("profit", _) => format!("{currency}; on the right the margin"),
                    _ => currency.clone(),
                }}
            </p>
        </section>
    }
}

/// Slices whose history is stretched from a year to the length of the plan, so that the two compare.
pub fn at_plan_length(lines: Vec<SliceLine>, buckets: &[BucketLine]) -> Vec<SliceLine> {
    let planned = buckets.iter().filter(|line| line.consensus.is_some()).count();
    let season = buckets.first().map_or(12, |line| line.bucket.grain().season());
    let stretch = if planned == 0 { 1.0 } else { planned as f64 / season as f64 };
    lines.into_iter().map(|line| SliceLine { history: line.history * stretch, ..line }).collect()
}

/// All figures of the slices.
#[component]
pub fn SliceTable(noun: &'static str, lines: Vec<SliceLine>) -> impl IntoView {
    let has_budget = lines.iter().any(|line| line.budget.is_some());
    let total = lines.iter().fold(SliceLine { name: "Total".to_owned(), ..SliceLine::default() }, |mut sum, line| {
        sum.demand += line.demand;
        sum.served += line.served;
        sum.revenue += line.revenue;
        sum.cost += line.cost;
        sum.profit += line.profit;
        sum.history += line.history;
        if let Some(budget) = line.budget {
            *sum.budget.get_or_insert(0.0) += budget;
        }
        sum
    });
    let row = move |line: SliceLine| {
        let missing = || figures::MISSING.to_owned();
        let growth = figures::change(line.history, line.demand);
        let budget = line.budget.and_then(|budget| figures::change(budget, line.revenue));
        let share = |part: f64, whole: f64| if whole == 0.0 { missing() } else { figures::percent(part / whole) };
        view! {
            <tr>
                <th scope="row">{line.name}</th>
                <td class="number">{figures::compact(line.demand)}</td>
                <td class="number">{growth.map_or_else(missing, |share| figures::signed(figures::percent(share), share))}</td>
                <td class="number">{share(line.served, line.demand)}</td>
                <td class="number">{figures::compact(line.revenue)}</td>
                {has_budget
                    .then(|| {
                        let low = budget.is_some_and(|share| share < -0.02);
                        view! {
                            <td class="number" class:bad=low>
                                {budget.map_or_else(missing, |share| figures::signed(figures::percent(share), share))}
                            </td>
                        }
                    })}
                <td class="number">{figures::compact(line.cost)}</td>
                <td class="number" class:bad=line.profit < 0.0>{figures::compact(line.profit)}</td>
                <td class="number">{share(line.profit, line.revenue)}</td>
            </tr>
        }
    };
    let rows = lines.into_iter().map(row).collect_view();
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label=format!("Figures by {}", noun.to_lowercase())>
            <table class="figures">
                <thead>
                    <tr>
                        <th scope="col">{noun}</th>
                        <th scope="col" class="number">"Demand"</th>
                        <th scope="col" class="number">"vs last year"</th>
                        <th scope="col" class="number">"Served"</th>
                        <th scope="col" class="number">"Revenue"</th>
                        {has_budget.then(|| view! { <th scope="col" class="number">"vs budget"</th> })}
                        <th scope="col" class="number">"Cost"</th>
                        <th scope="col" class="number">"Profit"</th>
                        <th scope="col" class="number">"Margin"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                <tfoot>{row(total)}</tfoot>
            </table>
        </div>
    }
}

/// How the families add up to the profit.
#[component]
pub fn ProfitBridge(lines: Vec<SliceLine>, currency: String) -> impl IntoView {
    let mut lines = lines;
    sort_by(&mut lines, |a, b| b.profit.total_cmp(&a.profit));
    let total: f64 = lines.iter().map(|line| line.profit).sum();
    let mut steps: Vec<Step> =
        lines.iter().map(|line| Step { name: line.name.clone(), value: line.profit, total: false }).collect();
    steps.push(Step { name: "Profit".to_owned(), value: total, total: true });
    view! {
        <section class="card">
            <header class="cardhead">
                <h3>"Where the profit comes from" <span class="unit">{currency}</span></h3>
            </header>
            <Waterfall title="Profit by family" steps=steps />
        </section>
    }
}

fn bar(line: &SliceLine, figure: &str) -> Bar {
    let name = line.name.clone();
    let share = |part: f64, whole: f64| if whole == 0.0 { String::new() } else { figures::percent(part / whole) };
    match figure {
        "profit" => Bar {
            name,
            value: line.profit,
            text: figures::compact(line.profit),
            mark: None,
            note: share(line.profit, line.revenue),
        },
        "demand" => {
            let growth = figures::change(line.history, line.demand);
            let note = growth.map(|share| figures::signed(figures::percent(share), share)).unwrap_or_default();
            let mark = (line.history > 0.0).then_some(line.history);
            Bar { name, value: line.demand, text: figures::compact(line.demand), mark, note }
        }
        _ => {
            let against = line.budget.and_then(|budget| figures::change(budget, line.revenue));
            let note = against.map(|share| figures::signed(figures::percent(share), share)).unwrap_or_default();
            Bar { name, value: line.revenue, text: figures::compact(line.revenue), mark: line.budget, note }
        }
    }
}
