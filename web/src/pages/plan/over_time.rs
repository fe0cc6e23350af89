//! The plan over time: units, and money.

use grid_engine::plan::BucketLine;
use leptos::prelude::*;

use crate::charts::{Mark, Series, TimeChart};

/// Two charts over the buckets of the plan.
#[component]
pub fn OverTime(lines: Vec<BucketLine>, currency: String) -> impl IntoView {
    let plan_from =
        lines.iter().find(|line| line.history.is_none() && line.consensus.is_some()).map(|line| line.bucket);
    let buckets: Vec<_> = lines.iter().map(|line| line.bucket).collect();
    let series = |name: &str, colour, mark, pick: fn(&BucketLine) -> Option<f64>| {
        let values: Vec<_> = lines.iter().map(pick).collect();
        values.iter().any(Option::is_some).then(|| Series { name: name.to_owned(), colour, mark, values })
    };
    let units = [
        series("History", "var(--chart-history)", Mark::Area, |line| line.history),
        series("Statistical baseline", "var(--chart-baseline)", Mark::Dashed, |line| line.baseline),
        series("Consensus demand", "var(--chart-consensus)", Mark::Line, |line| line.consensus),
        series("Served in time", "var(--chart-served)", Mark::Line, |line| line.served),
    ];
    // Money exists for planned buckets only: history would squeeze it into a corner.
    let planned: Vec<_> =
        lines.iter().filter(|line| line.revenue.or(line.cost).or(line.profit).is_some()).cloned().collect();
    let money_buckets: Vec<_> = planned.iter().map(|line| line.bucket).collect();
    let money = |name: &str, colour, mark, pick: fn(&BucketLine) -> Option<f64>| {
        let values: Vec<_> = planned.iter().map(pick).collect();
        values.iter().any(Option::is_some).then(|| Series { name: name.to_owned(), colour, mark, values })
    };
    let money = [
        money("Supply cost", "var(--chart-cost)", Mark::Bars, |line| line.cost),
        money("Profit", "var(--chart-profit)", Mark::Bars, |line| line.profit),
        money("Revenue", "var(--chart-revenue)", Mark::Line, |line| line.revenue),
        money("Budgeted revenue", "var(--chart-budget)", Mark::Dashed, |line| line.budget),
    ];
    let units: Vec<_> = units.into_iter().flatten().collect();
    let money: Vec<_> = money.into_iter().flatten().collect();
    view! {
        <div class="pair">
            <section class="card">
                <h3>"Demand and supply" <span class="unit">"units"</span></h3>
                {match plan_from {
                    Some(from) => view! { <TimeChart title="Demand and supply in units" buckets=buckets series=units plan_from=from /> }.into_any(),
                    None => view! { <TimeChart title="Demand and supply in units" buckets=buckets series=units /> }.into_any(),
                }}
            </section>
            <section class="card">
                <h3>"Revenue, cost and profit" <span class="unit">{currency.clone()}</span></h3>
                <TimeChart title=format!("Revenue, cost and profit in {currency}") buckets=money_buckets series=money />
            </section>
        </div>
    }
}
