//! Edits the server did not accept. Nothing a person entered is thrown away unasked.

use leptos::prelude::*;

use crate::ui::{Button, EmptyState, Glyph};

/// An edit that was not accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclinedLine {
    pub id: u64,
    /// What was written where, in words.
    pub what: String,
    pub reason: String,
}

/// The tray of edits that were not accepted: try each again, or let it go.
#[component]
pub fn DeclinedPanel(
    #[prop(into)] lines: Signal<Vec<DeclinedLine>>,
    #[prop(into)] on_retry: Callback<u64>,
    #[prop(into)] on_discard: Callback<u64>,
) -> impl IntoView {
    view! {
        <div class="panel-body">
            <Show when=move || lines.with(Vec::is_empty)>
                <EmptyState icon=Glyph::Check title="All edits were accepted" text="An edit the server refuses is kept here with the reason, so that you can try again." />
            </Show>
            <ul class="declined">
                <For each=move || lines.get() key=|line| line.id let:line>
                    <li>
                        <strong>{line.what.clone()}</strong>
                        <p>{line.reason.clone()}</p>
                        <div class="row">
                            <Button class="small" on_click=move |_| on_retry.run(line.id)>"Try again"</Button>
                            <Button class="small quiet" on_click=move |_| on_discard.run(line.id)>"Discard"</Button>
                        </div>
                    </li>
                </For>
            </ul>
        </div>
    }
}
