//! A line of text or a day that is written into the cycle.

use leptos::prelude::*;

/// A field of a kind (`text`, `date`). A day that is not set is told apart: on paper browsers would write out how a day is
/// typed.
pub fn entry(
    kind: &'static str,
    label: Option<String>,
    value: String,
    on_input: impl Fn(String) + 'static,
) -> impl IntoView {
    let is_unset = RwSignal::new(value.is_empty());
    let write = move |event| {
        let text = event_target_value(&event);
        is_unset.set(text.is_empty());
        on_input(text);
    };
    view! {
        <input class="input" class:unset=move || kind == "date" && is_unset.get() type=kind aria-label=label value=value on:input=write />
    }
}
