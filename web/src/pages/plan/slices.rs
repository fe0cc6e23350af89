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
    let has_money = lines.iter().any(|line| line.revenue.is_some());
    let chosen = RwSignal::new(if has_money { "revenue" } else { "demand" }.to_owned());
    let lines = StoredValue::new(lines);
    let bars = move || {
        let figure = chosen.get();
        let mut bars: Vec<Bar> = lines.with_value(|lines| lines.iter().filter_map(|line| bar(line, &figure)).collect());
        sort_by(&mut bars, |a, b| b.value.total_cmp(&a.value));
        let colour = if figure == "profit" { "var(--chart-profit)" } else { "var(--chart-1)" };
        let caption = format!("{figure} by {}", noun.to_lowercase());
        view! { <BarList caption=caption bars=bars colour=colour /> }
    };
    let has_budget = lines.with_value(|lines| lines.iter().any(|line| line.budget.is_some()));
    let options = [("revenue", "Revenue"), ("profit", "Profit"), ("demand", "Units")];
    let options = options.into_iter().filter(|(value, _)| has_money || *value == "demand");
    let options = options.map(|(value, words)| (value.to_owned(), words.to_owned())).collect::<Vec<_>>();
    view! {
        <section class="card">
            <header class="cardhead">
                <h3>{format!("By {}", noun.to_lowercase())}</h3>
                <Segmented
                    label=format!("Figure by {}", noun.to_lowercase())
                    options=options
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
        let figures: [(&mut Option<f64>, Option<f64>); 6] = [
            (&mut sum.demand, line.demand),
            (&mut sum.served, line.served),
            (&mut sum.revenue, line.revenue),
            (&mut sum.cost, line.cost),
            (&mut sum.profit, line.profit),
            (&mut sum.budget, line.budget),
        ];
        for (sum, figure) in figures {
            *sum = sum.zip(figure).map(|(sum, figure)| sum + figure).or(*sum).or(figure);
        }
        sum.history += line.history;
        sum
    });
    let row = move |line: SliceLine| {
        let missing = || figures::MISSING.to_owned();
        let growth = line.demand.and_then(|demand| figures::change(line.history, demand));
        let budget = line.budget.zip(line.revenue).and_then(|(budget, revenue)| figures::change(budget, revenue));
        let share = |part, whole| figures::known(part_of(part, whole), figures::percent);
        let compact = |figure| figures::known(figure, figures::compact);
        view! {
            <tr>
                <th scope="row">{line.name}</th>
                <td class="number">{compact(line.demand)}</td>
                <td class="number">{growth.map_or_else(missing, |share| figures::signed(figures::percent(share), share))}</td>
                <td class="number">{share(line.served, line.demand)}</td>
                <td class="number">{compact(line.revenue)}</td>
                {has_budget
                    .then(|| {
                        let low = budget.is_some_and(|share| share < -0.02);
                        view! {
                            <td class="number" class:bad=low>
                                {budget.map_or_else(missing, |share| figures::signed(figures::percent(share), share))}
                            </td>
                        }
                    })}
                <td class="number">{compact(line.cost)}</td>
                <td class="number" class:bad=line.profit.is_some_and(|profit| profit < 0.0)>{compact(line.profit)}</td>
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
    let step = |line: SliceLine| Some(Step { name: line.name, value: line.profit?, total: false });
    let mut steps: Vec<Step> = lines.into_iter().filter_map(step).collect();
    sort_by(&mut steps, |a, b| b.value.total_cmp(&a.value));
    let total = steps.iter().fold(0.0, |sum, step| sum + step.value);
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

/// A bar of a figure; `None` where the slice has none.
fn bar(line: &SliceLine, figure: &str) -> Option<Bar> {
    let name = line.name.clone();
    let against = |base: Option<f64>, value: f64| {
        let share = base.and_then(|base| figures::change(base, value));
        share.map(|share| figures::signed(figures::percent(share), share)).unwrap_or_default()
    };
    let (value, mark, note) = match figure {
        "profit" => (line.profit?, None, part_of(line.profit, line.revenue).map(figures::percent).unwrap_or_default()),
        "demand" => {
            let history = Some(line.history).filter(|history| *history > 0.0);
            (line.demand?, history, against(history, line.demand?))
        }
        _ => (line.revenue?, line.budget, against(line.budget, line.revenue?)),
    };
    Some(Bar { name, value, text: figures::compact(value), mark, note })
}

/// A part as a share; `None` where there is nothing to have a share of.
fn part_of(part: Option<f64>, whole: Option<f64>) -> Option<f64> {
    Some(part? / whole.filter(|whole| *whole != 0.0)?)
}
