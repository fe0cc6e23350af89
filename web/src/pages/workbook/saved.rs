//! How far the edits made here have come, in the bar at the top.

use leptos::prelude::*;

use crate::state::{SaveMark, Session};

/// The mark in words; where edits were not accepted, pressing it shows them.
#[component]
pub(super) fn SavedMark(session: Session, panel: RwSignal<Option<String>>) -> impl IntoView {
    let words = move || match session.saved.get() {
        SaveMark::Saved => ("saved", "Saved".to_owned()),
        SaveMark::Saving => ("saving", "Saving…".to_owned()),
        SaveMark::Offline(0) => ("offline", "Offline".to_owned()),
        SaveMark::Offline(1) => ("offline", "Offline · 1 unsent edit".to_owned()),
        SaveMark::Offline(count) => ("offline", format!("Offline · {count} unsent edits")),
        SaveMark::NotAccepted(1) => ("refused", "1 edit not accepted".to_owned()),
        SaveMark::NotAccepted(count) => ("refused", format!("{count} edits not accepted")),
    };
    let help = move || match session.saved.get() {
        SaveMark::Saved => "Every edit is stored on the server",
        SaveMark::Saving => "Edits are on their way to the server",
        SaveMark::Offline(_) => "Edits are kept in this browser and sent when the connection is back",
        SaveMark::NotAccepted(_) => "Press to see what was not accepted, and why",
    };
    view! {
        <button
            type="button"
            class="save-button tip-end"
            data-tip=help
            on:click=move |_| {
                if matches!(session.saved.get_untracked(), SaveMark::NotAccepted(_)) {
                    panel.set(Some("declined".to_owned()));
                }
            }
        >
            <span class=move || format!("save-state {}", words().0) role="status" data-testid="saved">
                {move || words().1}
            </span>
        </button>
    }
}
