//! Choosing one of a few.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// A native select: `options` are values and their words.
#[component]
pub fn Select(
    #[prop(into)] label: String,
    #[prop(into)] options: Signal<Vec<(String, String)>>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
) -> impl IntoView {
    view! {
        <span class="select-box">
            <select
                class="select"
                aria-label=label
                prop:value=move || {
                    // The chosen option must exist before it can be chosen: follow the options too.
                    options.track();
                    value.get()
                }
                on:change=move |event| on_change.run(event_target_value(&event))
            >
                {move || {
                    let chosen = value.get_untracked();
                    options
                        .get()
                        .into_iter()
                        .map(|(value, words)| {
                            let selected = value == chosen;
                            view! { <option value=value selected=selected>{words}</option> }
                        })
                        .collect_view()
                }}
            </select>
            <Icon name=Glyph::ChevronDown />
        </span>
    }
}

/// A row of choices, all in sight. Arrow keys move the choice.
#[component]
pub fn Segmented(
    #[prop(into)] label: String,
    options: Vec<(String, String)>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
) -> impl IntoView {
    let values: Vec<String> = options.iter().map(|(value, _)| value.clone()).collect();
    let on_key = move |event: KeyboardEvent| {
        let Some(next) = neighbour(&values, &value.get_untracked(), &event.key()) else { return };
        event.prevent_default();
        on_change.run(next);
    };
    view! {
        <div class="segmented" role="radiogroup" aria-label=label on:keydown=on_key>
            {options
                .into_iter()
                .map(|(option, words)| {
                    let (mine, chosen) = (option.clone(), option.clone());
                    let is_on = Signal::derive(move || value.get() == mine);
                    view! {
                        <button
                            type="button"
                            role="radio"
                            aria-checked=move || is_on.get().to_string()
                            tabindex=move || if is_on.get() { "0" } else { "-1" }
                            on:click=move |_| on_change.run(chosen.clone())
                        >
                            {words}
                        </button>
                    }
                })
                .collect_view()}
        </div>
    }
}

/// The value an arrow key moves to from `current`, around the ends.
pub(super) fn neighbour(values: &[String], current: &str, key: &str) -> Option<String> {
    let count = values.len();
    let at = values.iter().position(|value| value == current)?;
    let next = match key {
        "ArrowRight" | "ArrowDown" => (at + 1) % count,
        "ArrowLeft" | "ArrowUp" => (at + count - 1) % count,
        "Home" => 0,
        "End" => count - 1,
        _ => return None,
    };
    values.get(next).cloned()
}
