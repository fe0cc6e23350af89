//! What is different, once the versions are read: key figures, the plan over time, and line by line.

use grid_engine::plan::Comparison;
use leptos::prelude::*;

use super::chosen::COLOURS;
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

/// An answer with what its versions are called here.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shown {
    pub(super) comparison: Comparison,
    pub(super) names: Vec<String>,
}

#[component]
pub(super) fn Differences(shown: RwSignal<Option<Shown>>, controls: AnyView, bridge: AnyView) -> impl IntoView {
    // Key figures do not depend on measure and lines: they stay while those change.
    let kpis = Memo::new(move |_| {
        shown.with(|shown| shown.as_ref().map(|shown| (shown.comparison.kpis.clone(), shown.names.clone())))
    });
    let key_figures = move || {
        let (kpis, names) = kpis.get().filter(|(kpis, _)| !kpis.is_empty())?;
        Some(view! {
            <section class="part">
                <h2>"Key figures"</h2>
                <div class="card">
                    <KpiTable kpis names />
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
                {controls}
            </header>
            {lines}
        </section>
    }
}

/// Which measure, and what its lines are: one of the levels there are.
#[component]
pub(super) fn Controls(
    measure: RwSignal<String>,
    by: RwSignal<String>,
    level: Memo<String>,
    levels: Memo<Vec<String>>,
) -> impl IntoView {
    let measures =
        MEASURES.iter().map(|(value, words, _)| ((*value).to_owned(), (*words).to_owned())).collect::<Vec<_>>();
    let lines = move || {
        let levels: Vec<_> = levels.get().into_iter().map(|level| (level.clone(), level)).collect();
        (!levels.is_empty()).then(|| {
            view! { <Segmented label="Lines" options=levels value=level on_change=move |level| by.set(level) /> }
        })
    };
    view! {
        <div class="controls">
            <Select label="Measure" options=Signal::stored(measures) value=measure on_change=move |value| measure.set(value) />
            {lines}
        </div>
    }
}

#[component]
fn Lines(shown: Shown) -> impl IntoView {
    let Shown { comparison: Comparison { buckets, lines, measure, by, .. }, names } = shown;
    if lines.is_empty() {
        return view! { <Notice>"None of the versions has values of this measure."</Notice> }.into_any();
    }
    let sum = |version: usize| -> Vec<Option<f64>> {
        let in_bucket = |index: usize| {
            let values = lines.iter().filter_map(|line| line.versions().nth(version)?.0.get(index).copied());
            Some(values.filter(|value| value.is_finite()).sum())
        };
        (0..buckets.len()).map(in_bucket).collect()
    };
    let sides = names.iter().zip(COLOURS).enumerate();
    let series = sides.map(|(version, (name, colour))| Series {
        name: name.clone(),
        colour,
        mark: if version == 0 { Mark::Dashed } else { Mark::Line },
        values: sum(version),
    });
    let series: Vec<Series> = series.collect();
    let (words, is_money) = MEASURES
        .iter()
        .find(|(id, ..)| *id == measure)
        .map_or(("Plan", false), |(_, words, is_money)| (*words, *is_money));
    view! {
        <div class="card">
            <h3>{words} <span class="unit">{if is_money { "money" } else { "units" }}</span></h3>
            <TimeChart title=format!("{words}: {}", names.join(", ")) buckets=buckets series=series height=220.0 from_zero=false />
        </div>
        <div class="card">
            <LineTable lines=lines noun=by names=names />
        </div>
    }
    .into_any()
}
