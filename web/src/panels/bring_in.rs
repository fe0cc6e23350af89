//! Bringing in a frozen version from a file, which the server proves first.

use grid_engine::plan::VersionInfo;
use grid_engine::refs::SheetId;
use grid_engine::wire::MAX_BUNDLE_FILE;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;

use crate::api;
use crate::parts::{Maker, wasm_split};
use crate::state::{NoticeBoard, Tone as NoticeTone};
use crate::ui::{Button, ChosenFile, FileButton, Notice, Tone};

/// Where a version comes in, and who hears of it.
#[derive(Clone, Copy)]
pub struct BringInAsked {
    pub workbook: SheetId,
    pub on_brought: Callback<()>,
}

/// The button, and what became of the file. It comes after the panel: few ever bring a version in.
#[wasm_split(forms, fallible, wasm_split_path = leptos::wasm_split)]
pub fn bring_in() -> Maker<BringInAsked> {
    Ok(|BringInAsked { workbook, on_brought }| view! { <BringIn workbook on_brought /> }.into_any())
}

/// A file that was refused and comes in otherwise.
#[derive(Clone)]
struct Sent {
    file: JsValue,
    named: String,
    as_frozen: bool,
    otherwise: Otherwise,
}

/// How a file comes in that was refused.
#[derive(Clone, Copy, PartialEq)]
enum Otherwise {
    Named,
    AsFrozen,
}

#[component]
fn BringIn(workbook: SheetId, on_brought: Callback<()>) -> impl IntoView {
    let notices = NoticeBoard::current();
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None::<String>);
    // What was sent and comes in only otherwise.
    let sent = RwSignal::new_local(None::<Sent>);
    let name = RwSignal::new(String::new());
    let send = move |file: JsValue, named: String, as_frozen: bool| {
        busy.set(true);
        refused.set(None);
        sent.set(None);
        spawn_local(async move {
            let answer = api::import_version(workbook, &named, as_frozen, file.clone()).await;
            busy.try_set(false);
            match answer {
                Ok(VersionInfo { name, by_name, history, .. }) => {
                    // Its history says what is not as this engine calculates it.
                    let told = history.into_iter().next().map(|step| step.comment).unwrap_or_default();
                    notices.say(NoticeTone::Good, format!("“{name}” by {by_name} is a draft here"), told);
                    on_brought.run(());
                }
                Err(refusal) => {
                    let otherwise = match refusal.code.as_str() {
                        "version.name" => Some(Otherwise::Named),
                        "version.engine" => Some(Otherwise::AsFrozen),
                        _ => None,
                    };
                    sent.try_set(otherwise.map(|otherwise| Sent { file, named, as_frozen, otherwise }));
                    refused.try_set(Some(refusal.message));
                }
            }
        });
    };
    let under = move || {
        view! {
            <form class="stack" on:submit=move |event: leptos::ev::SubmitEvent| {
                event.prevent_default();
                if let Some(Sent { file, as_frozen, .. }) = sent.get_untracked() {
                    send(file, name.get_untracked(), as_frozen);
                }
            }>
                <label class="field">
                    <span class="label">"Name here"</span>
                    <input class="input" maxlength="120" required=true autocomplete="off" prop:value=name on:input=move |event| name.set(event_target_value(&event)) />
                </label>
                <Button role="submit" class="wide" disabled=busy>"Bring in under this name"</Button>
            </form>
        }
    };
    let as_frozen = move || {
        view! {
            <p class="muted">"Its figures then stay as its own engine calculated them, and its history says so."</p>
            <Button class="wide" disabled=busy on_click=move |_| {
                if let Some(Sent { file, named, .. }) = sent.get_untracked() {
                    send(file, named, true);
                }
            }>"Bring it in as it was frozen"</Button>
        }
    };
    let is = move |one: Otherwise| sent.with(|sent| sent.as_ref().is_some_and(|sent| sent.otherwise == one));
    view! {
        <div class="inset stack">
            <FileButton
                words="Import a version"
                busy_words="Calculating it again…"
                busy=busy
                accept=".equipoise,.gz,application/gzip"
                limit=MAX_BUNDLE_FILE
                on_file=move |ChosenFile { file, .. }| send(file, String::new(), false)
                on_refused=move |words| refused.set(Some(words))
            />
            {move || refused.get().map(|words| view! {
                <Notice tone=Tone::Bad>
                    <p>"Nothing was brought in:"</p>
                    <ul class="who">{words.lines().map(|line| view! { <li>{line.to_owned()}</li> }).collect_view()}</ul>
                </Notice>
            })}
            {move || is(Otherwise::Named).then(under)}
            {move || is(Otherwise::AsFrozen).then(as_frozen)}
        </div>
    }
}
