//! Waiting, with and without a known end.

use leptos::prelude::*;

/// A bar: `Some` share from 0 to 1, or `None` while the end is not known.
#[component]
pub fn Progress(#[prop(into)] share: Signal<Option<f64>>, #[prop(into)] label: String) -> impl IntoView {
    let percent = move || share.get().map(|share| (share.clamp(0.0, 1.0) * 100.0).round());
    view! {
        <div
            class="progress"
            class:unknown=move || share.get().is_none()
            role="progressbar"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || percent().map(|percent| percent.to_string())
        >
            <i style:width=move || percent().map(|percent| format!("{percent}%"))></i>
        </div>
    }
}

/// A small turning ring, with what is awaited for screen readers.
#[component]
pub fn Spinner(#[prop(into, default = String::from("Loading"))] label: String) -> impl IntoView {
    view! { <span class="spinner" role="status" aria-label=label></span> }
}
