//! The dialog that makes a branch.

use grid_engine::plan::{BranchInfo, NewBranch};
use grid_engine::refs::SheetId;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::Start;
use crate::api;
use crate::state::Sending;
use crate::ui::{Button, ButtonKind, Dialog, Notice, Tone};

/// Asks for a name and what is to be found out, and makes the branch.
#[component]
pub fn CreateDialog(
    workbook: SheetId,
    start: RwSignal<Option<Start>>,
    #[prop(into)] on_made: Callback<BranchInfo>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    // Each sets the other only where they differ, or they would go on for ever.
    Effect::new(move || {
        let is_asked = start.with(Option::is_some);
        if open.get_untracked() != is_asked {
            open.set(is_asked);
        }
    });
    Effect::new(move || {
        if !open.get() && start.with_untracked(Option::is_some) {
            start.set(None);
        }
    });
    view! {
        <Dialog open=open title="New branch">
            <Form workbook start on_made />
        </Dialog>
    }
}

#[component]
fn Form(workbook: SheetId, start: RwSignal<Option<Start>>, on_made: Callback<BranchInfo>) -> impl IntoView {
    let version = start.get_untracked().flatten();
    let begins = version.as_ref().map_or_else(
        || "It begins with the plan as it is now.".to_owned(),
        |(_, name)| format!("It begins with the frozen version “{name}”."),
    );
    let version = version.map(|(id, _)| id);
    let name = RwSignal::new(String::new());
    let comment = RwSignal::new(String::new());
    let sending = Sending::new();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let new = NewBranch {
            name: name.get_untracked().trim().to_owned(),
            comment: comment.get_untracked().trim().to_owned(),
            version,
        };
        if new.name.is_empty() {
            return sending.refuse("Give the branch a name that says what it tries, e.g. “Price +3 %”.");
        }
        sending.send(async move { api::make_branch(workbook, &new).await }, move |branch| {
            start.try_set(None);
            on_made.run(branch);
        });
    };
    view! {
        <form class="stack" on:submit=submit novalidate=true>
            {move || sending.refused.get().map(|words| view! { <Notice tone=Tone::Bad>{words}</Notice> })}
            <label class="field">
                <span class="label">"Name"</span>
                <input
                    class="input"
                    name="branch"
                    maxlength="80"
                    autofocus=true
                    autocomplete="off"
                    prop:value=name
                    on:input=move |event| name.set(event_target_value(&event))
                />
            </label>
            <label class="field">
                <span class="label">"What it is to find out"</span>
                <textarea
                    class="input"
                    name="comment"
                    maxlength="2000"
                    prop:value=comment
                    on:input=move |event| comment.set(event_target_value(&event))
                ></textarea>
            </label>
            <p class="muted">
                {begins}
                " Whoever may write the plan may write the branch; the plan does not change until somebody merges."
            </p>
            <div class="actions">
                <Button on_click=move |_| start.set(None)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary role="submit" disabled=sending.busy>
                    {move || if sending.busy.get() { "Making…" } else { "Make branch" }}
                </Button>
            </div>
        </form>
    }
}
