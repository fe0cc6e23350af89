//! What is different, once both versions are read: key figures, the plan over time, and line by line.

use grid_engine::plan::{Comparison, ComparisonLine};
use leptos::prelude::*;

use super::tables::{KpiTable, LineTable};
use crate::charts::{Mark, Series, TimeChart};
use crate::ui::{Notice, Segmented, Select};

/// Measures worth comparing, by id: what they are called and whether they are money.
pub(super) const MEASURES: [(&str, &str, bool); 8] = [
    ("consensus", "Consensus demand", false),
    ("served", "Served in time", false),
    ("revenue", "Revenue", true),
    ("supplycost", "Supply cost", true),
    ("profit", "Profit", true),
    ("override", "Overrides", false),
    ("uplift", "Uplifts", false),
    ("baseline", "Statistical baseline", false),
];

pub(super) const SLICES: [(&str, &str); 4] =
    [("family", "Family"), ("region", "Region"), ("item", "Item"), ("channel", "Channel")];

/// An answer with the question it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shown {
    pub(super) comparison: Comparison,
    pub(super) name_a: String,
    pub(super) name_b: String,
    pub(super) measure: String,
    pub(super) by: String,
}

#[component]
pub(super) fn Differences(
    shown: RwSignal<Option<Shown>>,
    measure: RwSignal<String>,
    by: RwSignal<String>,
    bridge: AnyView,
) -> impl IntoView {
    // Key figures do not depend on measure and lines: they stay while those change.
    let kpis = Memo::new(move |_| {
        shown.with(|shown| {
            shown.as_ref().map(|shown| (shown.comparison.kpis.clone(), shown.name_a.clone(), shown.name_b.clone()))
        })
    });
    let key_figures = move || {
        let (kpis, name_a, name_b) = kpis.get().filter(|(kpis, ..)| !kpis.is_empty())?;
        Some(view! {
            <section class="part">
                <h2>"Key figures"</h2>
                <div class="card">
                    <KpiTable kpis=kpis name_a=name_a name_b=name_b />
                </div>
            </section>
        })
    };
    let lines = move || shown.get().map(|shown| view! { <Lines shown=shown /> });
    view! {
        {key_figures}
        {bridge}
        <section class="part">
            <header class="cardhead">
                <h2>"Plan"</h2>
                <Controls measure=measure by=by />
            </header>
            {lines}
        </section>
    }
}

/// Which measure, and what its lines are.
#[component]
pub(super) fn Controls(measure: RwSignal<String>, by: RwSignal<String>) -> impl IntoView {
    let measures =
        MEASURES.iter().map(|(value, words, _)| ((*value).to_owned(), (*words).to_owned())).collect::<Vec<_>>();
    let slices = SLICES.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect::<Vec<_>>();
    view! {
        <div class="controls">
            <Select label="Measure" options=Signal::stored(measures) value=measure on_change=move |value| measure.set(value) />
            <Segmented label="Lines" options=slices value=by on_change=move |value| by.set(value) />
        </div>
    }
}

#[component]
fn Lines(shown: Shown) -> impl IntoView {
    let Shown { comparison: Comparison { buckets, lines, .. }, name_a, name_b, measure, by } = shown;
    if lines.is_empty() {
        return view! { <Notice>"Neither version has values of this measure."</Notice> }.into_any();
    }
    let sum = |pick: fn(&ComparisonLine) -> &Vec<f64>| -> Vec<Option<f64>> {
        (0..buckets.len())
            .map(|index| {
                Some(lines.iter().filter_map(|line| pick(line).get(index)).filter(|value| value.is_finite()).sum())
            })
            .collect()
    };
    let series = vec![
        Series {
            name: name_a.clone(),
            colour: "var(--chart-history)",
            mark: Mark::Dashed,
            values: sum(|line| &line.a),
        },
        Series {
            name: name_b.clone(),
            colour: "var(--chart-consensus)",
            mark: Mark::Line,
            values: sum(|line| &line.b),
        },
    ];
    let (words, is_money) = MEASURES
        .iter()
        .find(|(id, ..)| *id == measure)
        .map_or(("Plan", false), |(_, words, is_money)| (*words, *is_money));
    let noun = SLICES.iter().find(|(id, _)| *id == by).map_or("Line", |(_, words)| *words);
    view! {
        <div class="card">
            <h3>{words} <span class="unit">{if is_money { "money" } else { "units" }}</span></h3>
            <TimeChart title=format!("{words}: {name_a} and {name_b}") buckets=buckets series=series height=220.0 from_zero=false />
        </div>
        <div class="card">
            <LineTable lines=lines noun=noun name_a=name_a name_b=name_b />
        </div>
    }
    .into_any()
}
