//! How full the resources are.

use std::collections::BTreeSet;

use grid_engine::plan::UtilisationLine;
use grid_engine::value::order::sort_by;
use leptos::prelude::*;

use crate::charts::HeatMap;

/// Utilisation by resource and bucket, the fullest first.
#[component]
pub fn Capacity(lines: Vec<UtilisationLine>) -> impl IntoView {
    let buckets: Vec<_> = lines
        .iter()
        .flat_map(|line| line.by_bucket.iter().map(|(bucket, _)| *bucket))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let peak = |line: &UtilisationLine| line.by_bucket.iter().map(|(_, share)| *share).fold(0.0, f64::max);
    let mean = |line: &UtilisationLine| line.by_bucket.iter().map(|(_, share)| share).sum::<f64>();
    let mut lines = lines;
    sort_by(&mut lines, |a, b| peak(b).total_cmp(&peak(a)).then(mean(b).total_cmp(&mean(a))));
    let full = lines.iter().filter(|line| peak(line) > 0.995).count();
    let words = match (full, lines.len()) {
        (0, _) => "No resource is at its limit.".to_owned(),
        (1, _) => {
            format!("{} reaches its limit.", lines.first().map(|line| line.resource.as_str()).unwrap_or_default())
        }
        (full, all) => format!("{full} of {all} resources reach their limit."),
    };
    let rows = lines
        .into_iter()
        .map(|line| {
            let values = buckets
                .iter()
                .map(|bucket| line.by_bucket.iter().find(|(at, _)| at == bucket).map(|(_, share)| *share))
                .collect();
            (line.resource, values)
        })
        .collect();
    view! {
        <section class="card">
            <header class="cardhead">
                <h3>"Capacity used" <span class="unit">"% of regular hours"</span></h3>
                <p class="muted">{words}</p>
            </header>
            <HeatMap caption="Capacity used by resource and period" buckets=buckets rows=rows />
            <p class="heat-legend" aria-hidden="true">
                <span><i class="light"></i>"below 60"</span>
                <span><i class="normal"></i>"60 – 85"</span>
                <span><i class="high"></i>"85 – 95"</span>
                <span><i class="full"></i>"95 – 100"</span>
                <span><i class="over"></i>"overtime"</span>
            </p>
        </section>
    }
}
