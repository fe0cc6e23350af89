//! Freezing the live plan as a named version.

use grid_engine::plan::{VersionInfo, VersionKind};
use grid_engine::refs::SheetId;
use grid_engine::wire::FreezeVersion;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use crate::api;
use crate::state::Sending;
use crate::ui::{Button, ButtonKind, Dialog, Notice, Segmented, Tone};

/// The dialog that asks for name, kind and comment, and freezes.
#[component]
pub fn FreezeDialog(
    workbook: SheetId,
    open: RwSignal<bool>,
    /// Called with the new version.
    #[prop(into)]
    on_frozen: Callback<VersionInfo>,
) -> impl IntoView {
    view! {
        <Dialog open=open title="Freeze a version">
            <Form workbook=workbook open=open on_frozen=on_frozen />
        </Dialog>
    }
}

/// What a kind is called and what it fixes.
const KINDS: [(VersionKind, &str, &str); 4] = [
    (VersionKind::Consensus, "Whole plan", "Demand, supply and money together: what a meeting decides on."),
    (VersionKind::Demand, "Demand", "The demand side, for supply planners to solve against."),
    (VersionKind::Supply, "Supply", "What plants and materials allow."),
    (VersionKind::Cost, "Cost", "Prices and cost rates."),
];

#[component]
fn Form(workbook: SheetId, open: RwSignal<bool>, on_frozen: Callback<VersionInfo>) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let comment = RwSignal::new(String::new());
    let kind = RwSignal::new("0".to_owned());
    let sending = Sending::new();
    let chosen = move || kind.get().parse::<usize>().ok().and_then(|index| KINDS.get(index)).unwrap_or(&KINDS[0]);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let freeze = FreezeVersion {
            name: name.get_untracked().trim().to_owned(),
            kind: untrack(chosen).0,
            comment: comment.get_untracked().trim().to_owned(),
        };
        if freeze.name.is_empty() {
            return sending.refuse("Give the version a name people will recognise, e.g. “Consensus 2026-03”.");
        }
        sending.send(async move { api::freeze_version(workbook, &freeze).await }, move |version| {
            open.set(false);
            on_frozen.run(version);
        });
    };
    view! {
        <form class="stack" on:submit=submit novalidate=true>
            {move || sending.refused.get().map(|words| view! { <Notice tone=Tone::Bad>{words}</Notice> })}
            <label class="field">
                <span class="label">"Name"</span>
                <input class="input" name="name" maxlength="80" autofocus=true autocomplete="off" prop:value=name on:input=move |event| name.set(event_target_value(&event)) />
            </label>
            <div class="field">
                <span class="label">"What it fixes"</span>
                <Segmented
                    label="What it fixes"
                    options=KINDS.iter().enumerate().map(|(index, (_, words, _))| (index.to_string(), (*words).to_owned())).collect()
                    value=kind
                    on_change=move |value| kind.set(value)
                />
                <span class="hint">{move || chosen().2}</span>
            </div>
            <label class="field">
                <span class="label">"Comment"</span>
                <textarea
                    class="input"
                    name="comment"
                    maxlength="2000"
                    placeholder="What changed, and what this version assumes"
                    prop:value=comment
                    on:input=move |event| comment.set(event_target_value(&event))
                ></textarea>
            </label>
            <p class="muted">"A frozen version holds every input and value as they are now. It can be read and compared, never edited."</p>
            <div class="actions">
                <Button on_click=move |_| open.set(false)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary role="submit" disabled=sending.busy>
                    {move || if sending.busy.get() { "Freezing…" } else { "Freeze version" }}
                </Button>
            </div>
        </form>
    }
}
