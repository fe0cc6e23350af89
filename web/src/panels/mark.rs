//! Putting a version into another state: asked first, with room to say why, since it is kept for good.

use grid_engine::plan::{SetVersionState, VersionInfo, VersionState};
use grid_engine::refs::SheetId;
use grid_engine::wire::MAX_COMMENT;
use leptos::prelude::*;

use crate::api;
use crate::parts::{Maker, wasm_split};
use crate::state::{NoticeBoard, Sending, Tone};
use crate::ui::{Button, ButtonKind, Dialog, Glyph, Notice, Tone as NoticeTone};

/// A version that is to be put into another state, and the one that gives way to it.
#[derive(Clone)]
pub struct Marking {
    version: VersionInfo,
    to: VersionState,
    superseded: Option<String>,
}

impl Marking {
    /// Of one of a workbook's versions.
    pub fn new(version: VersionInfo, to: VersionState, all: &[VersionInfo]) -> Self {
        let gives_way = |other: &&VersionInfo| {
            to == VersionState::Consensus && other.state == VersionState::Consensus && other.id != version.id
        };
        let superseded = all.iter().find(gives_way).map(|other| other.name.clone());
        Self { version, to, superseded }
    }

    fn title(&self) -> &'static str {
        step_words(self.version.state, self.to)
    }

    /// What it means for everyone.
    fn meaning(&self) -> String {
        let name = &self.version.name;
        match (self.to, self.version.state) {
            (VersionState::Consensus, _) => {
                let superseded = self.superseded.as_ref();
                let superseded = superseded
                    .map(|other| format!(" It supersedes “{other}”, which stays among the versions."))
                    .unwrap_or_default();
                format!("“{name}” becomes the plan everyone reads and is measured against.{superseded}")
            }
            (VersionState::Approved, _) => format!("“{name}” is approved: it may become the consensus."),
            (VersionState::Proposed, VersionState::Approved) => {
                format!("“{name}” is a proposal again, to be decided on.")
            }
            (VersionState::Proposed, _) => format!("“{name}” is put forward to be decided on."),
            (VersionState::Draft | VersionState::Superseded, _) => format!("“{name}” is no proposal any more."),
        }
    }
}

/// What the step from one state to another is called.
pub fn step_words(from: VersionState, to: VersionState) -> &'static str {
    match (from, to) {
        (_, VersionState::Consensus) => "Mark as consensus",
        (_, VersionState::Approved) => "Approve",
        (VersionState::Approved, VersionState::Proposed) => "Withdraw approval",
        (_, VersionState::Proposed) => "Propose",
        (_, VersionState::Draft | VersionState::Superseded) => "Back to draft",
    }
}

/// What the dialog asks about, and who hears of it.
#[derive(Clone, Copy)]
pub struct MarkAsked {
    pub workbook: SheetId,
    pub asked: RwSignal<Option<Marking>>,
    pub on_marked: Callback<()>,
}

/// The dialog that asks whether to do what `asked` holds, and does. It comes after the page: most only read that.
#[wasm_split(forms, fallible, wasm_split_path = leptos::wasm_split)]
pub fn mark_dialog() -> Maker<MarkAsked> {
    Ok(|MarkAsked { workbook, asked, on_marked }| view! { <MarkDialog workbook asked on_marked /> }.into_any())
}

#[component]
fn MarkDialog(workbook: SheetId, asked: RwSignal<Option<Marking>>, on_marked: Callback<()>) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || open.set(asked.with(Option::is_some)));
    let title = Signal::derive(move || asked.with(|asked| asked.as_ref().map_or("", Marking::title)).to_owned());
    view! {
        <Dialog open=open title=title on_close=move |()| asked.set(None)>
            <Question workbook asked on_marked />
        </Dialog>
    }
}

#[component]
fn Question(workbook: SheetId, asked: RwSignal<Option<Marking>>, on_marked: Callback<()>) -> impl IntoView {
    let notices = NoticeBoard::current();
    let sending = Sending::new();
    let comment = RwSignal::new(String::new());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(Marking { version, to, .. }) = asked.get_untracked() else { return };
        let request = SetVersionState { state: to, comment: comment.get_untracked().trim().to_owned() };
        let id = version.id;
        sending.send(
            async move { api::set_version_state(workbook, id, &request).await },
            move |VersionInfo { name, .. }| {
                asked.set(None);
                let words = match to {
                    VersionState::Consensus => format!("“{name}” is now the plan everyone reads."),
                    _ => format!("“{name}” is {} now.", to.word()),
                };
                let title = if to == VersionState::Consensus { "Consensus set" } else { "State changed" };
                notices.say(Tone::Good, title, words);
                on_marked.run(());
            },
        );
    };
    let title = move || asked.with(|asked| asked.as_ref().map_or("", Marking::title));
    view! {
        <form class="stack" on:submit=submit novalidate=true>
            {move || sending.refused.get().map(|words| view! { <Notice tone=NoticeTone::Bad>{words}</Notice> })}
            <p>{move || asked.with(|asked| asked.as_ref().map(Marking::meaning))}</p>
            <label class="field">
                <span class="label">"Comment (optional)"</span>
                <textarea
                    class="input"
                    name="state-comment"
                    rows="3"
                    maxlength=MAX_COMMENT.to_string()
                    placeholder="Why, and under which conditions"
                    prop:value=comment
                    on:input=move |event| comment.set(event_target_value(&event))
                ></textarea>
                <span class="hint">"It stays in the version’s history with your name and the time."</span>
            </label>
            <div class="actions">
                <Button on_click=move |_| asked.set(None)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary role="submit" icon=Glyph::Flag disabled=sending.busy>{title}</Button>
            </div>
        </form>
    }
}
