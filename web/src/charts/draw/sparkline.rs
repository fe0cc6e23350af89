//! A series in the height of a line of text.

use leptos::prelude::*;

use crate::charts::path;
use crate::charts::scale::{Linear, extent};

/// One or two series in miniature; the second (say the plan, or the other version) in the accent.
#[component]
pub fn Sparkline(
    values: Vec<Option<f64>>,
    #[prop(optional)] second: Vec<Option<f64>>,
    #[prop(default = 96.0)] width: f64,
    #[prop(default = 24.0)] height: f64,
    /// What it shows, for screen readers.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let (low, high) = extent(values.iter().chain(&second).flatten().copied()).unwrap_or((0.0, 1.0));
    let y = Linear::new((low, high), (height - 3.0, 3.0));
    let count = values.len().max(second.len()).max(2);
    let x = Linear::new((0.0, (count - 1) as f64), (2.0, width - 2.0));
    let draw = |values: &[Option<f64>]| {
        let points: Vec<_> = values
            .iter()
            .enumerate()
            .map(|(index, value)| value.map(|value| (x.at(index as f64), y.at(value))))
            .collect();
        path::line(&points)
    };
    let (first, second) = (draw(&values), (!second.is_empty()).then(|| draw(&second)));
    let alone = second.is_none();
    view! {
        <svg class="sparkline" width=width height=height viewBox=format!("0 0 {width} {height}") role="img" aria-label=label>
            <path class=if alone { "second" } else { "first" } d=first></path>
            {second.map(|d| view! { <path class="second" d=d></path> })}
        </svg>
    }
}
