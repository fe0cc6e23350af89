//! The selected row over time, or what several come to.

use grid_engine::calendar::Bucket;
use grid_engine::formula::ForecastDetails;
use grid_engine::plan::ShortageLine;
use grid_engine::refs::{CellRef, RowId, SheetId};
use leptos::prelude::*;

use super::forecast_made::ForecastMade;
use super::rows::{RowsFigures, SeveralRows};
use super::shortfall::Shortfall;
use crate::charts::{Mark, Series, TimeChart};
use crate::figures;
use crate::ui::{EmptyState, Glyph};

/// A row's series; all as long as `buckets`.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesFigures {
    /// The row in words, e.g. `SKU-014 · DE · Retail`.
    pub title: String,
    pub unit: String,
    pub buckets: Vec<Bucket>,
    /// The first planned bucket.
    pub plan_from: Option<Bucket>,
    pub history: Vec<Option<f64>>,
    pub baseline: Vec<Option<f64>>,
    pub consensus: Vec<Option<f64>>,
    /// What the planned line is called.
    pub plan_name: String,
    pub row: (SheetId, RowId),
    /// Where the sheet shows the forecast of the first planned bucket, if it forecasts.
    pub forecast_at: Option<CellRef>,
}

/// What is known of the selected row.
#[derive(Clone, Copy)]
pub struct RowSignals {
    /// `None` while no row of a planning sheet is selected.
    pub series: Signal<Option<SeriesFigures>>,
    /// `None` while it is not several.
    pub several: Signal<Option<RowsFigures>>,
    /// How its forecast was made; `None` where it has none or that is not told yet.
    pub forecast: Signal<Option<ForecastDetails>>,
    /// What the supply plan leaves short.
    pub shortages: Signal<Vec<ShortageLine>>,
}

/// Chart and key figures of the selected row, what is short of it, and how its forecast was made.
#[component]
pub fn SeriesPanel(row: RowSignals) -> impl IntoView {
    move || {
        if let Some(rows) = row.several.get() {
            return view! { <SeveralRows rows /> }.into_any();
        }
        match row.series.get() {
        None => view! {
            <div class="panel-body">
                <EmptyState icon=Glyph::Chart title="No row to show" text="The history, forecast and plan of a row appear here as you move through a planning sheet such as Demand. A free sheet has none: what happened to its cells stands under Cell." />
            </div>
        }
        .into_any(),
        Some(figures) => view! { <Row figures=figures forecast=row.forecast.get() shortages=row.shortages.get() /> }.into_any(),
    }
    }
}

#[component]
fn Row(figures: SeriesFigures, forecast: Option<ForecastDetails>, shortages: Vec<ShortageLine>) -> impl IntoView {
    let facts = facts(&figures);
    let interval = forecast.as_ref().map(|details| interval(&figures, details)).unwrap_or_default();
    let SeriesFigures { title, unit, buckets, plan_from, history, baseline, consensus, plan_name, .. } = figures;
    let made = forecast.map(|details| view! { <ForecastMade details buckets=buckets.clone() /> });
    let series: Vec<Series> = [
        ("History", "var(--chart-history)", Mark::Area, history),
        ("Baseline", "var(--chart-baseline)", Mark::Dashed, baseline),
        (plan_name.as_str(), "var(--chart-consensus)", Mark::Line, consensus),
    ]
    .into_iter()
    .filter(|(.., values)| values.iter().any(Option::is_some))
    .map(|(name, colour, mark, values)| Series { name: name.to_owned(), colour, mark, values })
    .collect();
    let chart = match plan_from {
        Some(from) => {
            view! { <TimeChart title=title.clone() buckets=buckets series=series band=interval plan_from=from height=220.0 /> }
                .into_any()
        }
        None => view! { <TimeChart title=title.clone() buckets=buckets series=series band=interval height=220.0 /> }.into_any(),
    };
    view! {
        <div class="panel-body">
            <header class="panel-head">
                <h3 class="truncate">{title}</h3>
                <span class="muted">{unit.clone()}</span>
            </header>
            {chart}
            {facts_list(facts)}
            {(!shortages.is_empty()).then(|| view! { <Shortfall shortages unit=unit.clone() /> })}
            {made}
        </div>
    }
}

/// The ends of the prediction interval by bucket; none where nothing is forecast.
fn interval(figures: &SeriesFigures, details: &ForecastDetails) -> Vec<Option<(f64, f64)>> {
    let ends = details.lower.iter().copied().zip(details.upper.iter().copied());
    let first = figures.plan_from.and_then(|from| figures.buckets.iter().position(|bucket| *bucket >= from));
    let Some(first) = first else { return Vec::new() };
    let ends = std::iter::repeat_n(None, first).chain(ends.map(Some));
    ends.chain(std::iter::repeat(None)).take(figures.buckets.len()).collect()
}

/// Figures with their names.
pub(super) fn facts_list(facts: Vec<(&'static str, String)>) -> impl IntoView {
    let one = |(name, value)| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{value}</dd>
            </div>
        }
    };
    view! { <dl class="facts">{facts.into_iter().map(one).collect_view()}</dl> }
}

/// The figures a planner asks for first.
pub(super) fn facts(series: &SeriesFigures) -> Vec<(&'static str, String)> {
    let season = series.buckets.first().map_or(12, |bucket| bucket.grain().season());
    let past: Vec<f64> = series.history.iter().flatten().copied().collect();
    let last_year: f64 = past.iter().rev().take(season).sum();
    let full_year = past.len() >= season;
    let next = |values: &[Option<f64>]| {
        let planned: Vec<f64> = series
            .buckets
            .iter()
            .zip(values)
            .filter(|(bucket, _)| series.plan_from.is_some_and(|from| **bucket >= from))
            .filter_map(|(_, value)| *value)
            .take(season)
            .collect();
        (!planned.is_empty()).then(|| (planned.iter().sum::<f64>(), planned.len()))
    };
    let missing = || figures::MISSING.to_owned();
    let plan = next(&series.consensus);
    let base = next(&series.baseline);
    let mean = (!past.is_empty()).then(|| past.iter().sum::<f64>() / past.len() as f64);
    // Spread against the mean: how hard the row is to forecast.
    let spread = mean.filter(|mean| *mean != 0.0).map(|mean| {
        let variance = past.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / past.len() as f64;
        variance.sqrt() / mean
    });
    let growth =
        plan.filter(|(_, count)| full_year && *count == season).and_then(|(plan, _)| figures::change(last_year, plan));
    let judgement = plan.zip(base).and_then(|((plan, _), (base, _))| figures::change(base, plan));
    let share = |share: f64| figures::signed(figures::percent(share), share);
    vec![
        ("Last year", if full_year { figures::compact(last_year) } else { missing() }),
        ("Planned", plan.map_or_else(missing, |(plan, count)| format!("{} in {count}", figures::compact(plan)))),
        ("Growth", growth.map_or_else(missing, share)),
        ("Against baseline", judgement.map_or_else(missing, share)),
        ("Mean a period", mean.map_or_else(missing, figures::compact)),
        ("Variation", spread.map_or_else(missing, figures::percent)),
    ]
}
