//! What the colours stand for.

use leptos::prelude::*;

/// How a series is drawn, and so how its mark in the legend looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    Line,
    Dashed,
    /// A line over a tinted ground.
    Area,
    /// Bars, stacked with the other bar series.
    Bars,
}

impl Mark {
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Line => "line",
            Self::Dashed => "dashed",
            Self::Area => "area",
            Self::Bars => "bars",
        }
    }
}

/// Names beside their colours.
#[component]
pub fn Legend(entries: Vec<(String, &'static str, Mark)>) -> impl IntoView {
    view! {
        <ul class="legend">
            {entries
                .into_iter()
                .map(|(name, colour, mark)| view! { <li><i class=mark.class() style=("--swatch", colour)></i>{name}</li> })
                .collect_view()}
        </ul>
    }
}
