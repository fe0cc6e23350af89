//! Tabs over a panel.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::select::neighbour;

/// The tab row; the caller shows the panel of `value`.
#[component]
pub fn Tabs(
    #[prop(into)] label: String,
    /// Values and their words.
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
        <div class="tabs" role="tablist" aria-label=label on:keydown=on_key>
            {options
                .into_iter()
                .map(|(option, words)| {
                    let (mine, chosen) = (option.clone(), option.clone());
                    let is_on = Signal::derive(move || value.get() == mine);
                    view! {
                        <button
                            type="button"
                            role="tab"
                            aria-selected=move || is_on.get().to_string()
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
