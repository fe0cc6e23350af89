//! Projected stock of an item at a place, with its safety stock, its maximum and how long it lasts.

use grid_engine::calendar::Bucket;
use grid_engine::plan::StockLine;
use leptos::prelude::*;

use crate::charts::{Mark, Series, TimeChart};
use crate::figures;
use crate::ui::{Badge, Select, Tone};

/// Chosen from a list, those below their safety stock first.
#[component]
pub fn StockSection(stocks: Vec<StockLine>, count: usize, buckets: Vec<Bucket>) -> impl IntoView {
    let below = stocks.iter().filter(|line| sum(&line.below) > 0.5).count();
    let words = match (below, count) {
        (_, 0) => "Nothing is stocked.".to_owned(),
        (0, _) => "No stock falls below its safety stock.".to_owned(),
        (1, _) => "One stock falls below its safety stock; it comes first.".to_owned(),
        (below, _) => format!("{below} stocks fall below their safety stock; they come first."),
    };
    let left_out = count.saturating_sub(stocks.len());
    let names: Vec<(String, String)> = stocks
        .iter()
        .enumerate()
        .map(|(at, line)| (at.to_string(), format!("{} at {}", line.item, line.location)))
        .collect();
    let chosen = RwSignal::new("0".to_owned());
    let stocks = StoredValue::new(stocks);
    let chart = move || {
        let at: usize = chosen.get().parse().unwrap_or(0);
        stocks.with_value(|stocks| stocks.get(at).map(|line| projected(line, &buckets)))
    };
    view! {
        <section class="card" aria-label="Projected stock">
            <header class="cardhead">
                <h3>"Projected stock" <span class="unit">"units at the close of each bucket"</span></h3>
                <p class="muted">{words}</p>
            </header>
            {(count > 0).then(|| view! {
                <div class="chooser no-print">
                    <Select label="Item and place" options=names value=chosen on_change=move |value| chosen.set(value) />
                    {(left_out > 0).then(|| view! { <span class="muted">{format!("{left_out} more in SUPPLY.RESULT(…, \"stock\")")}</span> })}
                </div>
                {chart}
            })}
        </section>
    }
}

fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}

fn projected(line: &StockLine, buckets: &[Bucket]) -> impl IntoView + use<> {
    let level = |value: f64| vec![Some(value); buckets.len()];
    let mut series = vec![Series {
        name: "Stock".to_owned(),
        colour: "var(--chart-consensus)",
        mark: Mark::Area,
        values: line.stock.iter().copied().map(Some).collect(),
    }];
    if line.safety > 0.0 {
        let name = "Safety stock".to_owned();
        series.push(Series { name, colour: "var(--chart-3)", mark: Mark::Dashed, values: level(line.safety) });
    }
    if let Some(largest) = line.largest {
        let name = "Largest stock".to_owned();
        series.push(Series { name, colour: "var(--chart-down)", mark: Mark::Dashed, values: level(largest) });
    }
    let cover: Vec<Option<f64>> =
        buckets.iter().enumerate().map(|(at, bucket)| line.cover_days(at, f64::from(bucket.days()))).collect();
    let least = cover.iter().flatten().copied().reduce(f64::min);
    let covered = match least {
        Some(days) => format!("lasts at least {} days", figures::grouped(days, 0)),
        None => "outlasts the plan".to_owned(),
    };
    let short = sum(&line.below);
    let title = format!("Stock of {} at {}", line.item, line.location);
    view! {
        <p class="paper-only"><b>{title.clone()}</b></p>
        <p class="stock-words">
            {(short > 0.5).then(|| view! { <Badge tone=Tone::Bad>{format!("below safety stock by up to {}", figures::compact(line.below.iter().copied().fold(0.0, f64::max)))}</Badge> })}
            <span class="muted">{covered}</span>
        </p>
        <TimeChart title=title.clone() buckets=buckets.to_vec() series />
        <TimeChart
            title=format!("{title}: days of cover")
            buckets=buckets.to_vec()
            series=vec![Series { name: "Days of cover (a gap: it outlasts the plan)".to_owned(), colour: "var(--chart-served)", mark: Mark::Line, values: cover }]
            height=150.0
        />
    }
}
