//! A series in the height of a line of text.

use leptos::prelude::*;

use crate::charts::path;
use crate::charts::scale::{Linear, extent};

/// Series in miniature; those beside the first (say the plan, or other versions) in the chart's colours.
#[component]
pub fn Sparkline(
    values: Vec<Option<f64>>,
    #[prop(optional)] beside: Vec<Vec<Option<f64>>>,
    #[prop(default = 96.0)] width: f64,
    #[prop(default = 24.0)] height: f64,
    /// What it shows, for screen readers.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let all = || std::iter::once(&values).chain(&beside);
    let (low, high) = extent(all().flatten().flatten().copied()).unwrap_or((0.0, 1.0));
    let y = Linear::new((low, high), (height - 3.0, 3.0));
    let count = all().map(Vec::len).fold(2, usize::max);
    let x = Linear::new((0.0, (count - 1) as f64), (2.0, width - 2.0));
    let draw = |values: &[Option<f64>]| {
        let points: Vec<_> = values
            .iter()
            .enumerate()
            .map(|(index, value)| value.map(|value| (x.at(index as f64), y.at(value))))
            .collect();
        path::line(&points)
    };
    let alone = beside.is_empty();
    let others = beside
        .iter()
        .zip(1..)
        .map(|(values, number)| view! { <path style=format!("stroke:var(--chart-{number})") d=draw(values)></path> })
        .collect_view();
    view! {
        <svg class="sparkline" width=width height=height viewBox=format!("0 0 {width} {height}") role="img" aria-label=label>
            <path class=if alone { "alone" } else { "first" } d=draw(&values)></path>
            {others}
        </svg>
    }
}
