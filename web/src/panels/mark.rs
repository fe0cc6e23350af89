//! Marking a version as the consensus: everyone reads it then, so it is asked first.

use grid_engine::plan::{VersionInfo, VersionState};
use grid_engine::refs::SheetId;
use leptos::prelude::*;

use crate::api;
use crate::parts::{Maker, wasm_split};
use crate::state::{NoticeBoard, Sending, Tone};
use crate::ui::{Button, ButtonKind, Dialog, Glyph, Notice, Tone as NoticeTone};

/// A version that is to become the consensus, and the one it supersedes.
#[derive(Clone)]
pub struct Marking {
    version: VersionInfo,
    superseded: Option<String>,
}

impl Marking {
    /// Of one of a workbook's versions.
    pub fn new(version: VersionInfo, all: &[VersionInfo]) -> Self {
        let superseded = all.iter().find(|other| other.state == VersionState::Consensus && other.id != version.id);
        let superseded = superseded.map(|other| other.name.clone());
        Self { version, superseded }
    }
}

/// What the dialog asks about, and who hears of it.
#[derive(Clone, Copy)]
pub struct MarkAsked {
    pub workbook: SheetId,
    pub asked: RwSignal<Option<Marking>>,
    pub on_marked: Callback<()>,
}

/// The dialog that asks whether to mark what `asked` holds, and does. It comes after the page: most only read that.
#[wasm_split(forms, fallible, wasm_split_path = leptos::wasm_split)]
pub fn mark_dialog() -> Maker<MarkAsked> {
    Ok(|MarkAsked { workbook, asked, on_marked }| view! { <MarkDialog workbook asked on_marked /> }.into_any())
}

#[component]
fn MarkDialog(workbook: SheetId, asked: RwSignal<Option<Marking>>, on_marked: Callback<()>) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || open.set(asked.with(Option::is_some)));
    view! {
        <Dialog open=open title="Mark as consensus" on_close=move |()| asked.set(None)>
            <Question workbook asked on_marked />
        </Dialog>
    }
}

#[component]
fn Question(workbook: SheetId, asked: RwSignal<Option<Marking>>, on_marked: Callback<()>) -> impl IntoView {
    let notices = NoticeBoard::current();
    let sending = Sending::new();
    let mark = move |_| {
        let Some(id) = asked.with_untracked(|asked| asked.as_ref().map(|marking| marking.version.id)) else { return };
        sending.send(async move { api::mark_consensus(workbook, id).await }, move |version: VersionInfo| {
            asked.set(None);
            notices.say(Tone::Good, "Consensus set", format!("“{}” is now the plan everyone reads.", version.name));
            on_marked.run(());
        });
    };
    let words = move || {
        asked.get().map(|Marking { version, superseded }| {
            let superseded = match superseded {
                Some(name) => format!(" It supersedes “{name}”, which stays among the versions."),
                None => String::new(),
            };
            format!("“{}” becomes the plan everyone reads and is measured against.{superseded}", version.name)
        })
    };
    view! {
        <div class="stack">
            {move || sending.refused.get().map(|words| view! { <Notice tone=NoticeTone::Bad>{words}</Notice> })}
            <p>{words}</p>
            <div class="actions">
                <Button on_click=move |_| asked.set(None)>"Cancel"</Button>
                <Button kind=ButtonKind::Primary icon=Glyph::Flag disabled=sending.busy on_click=mark>"Mark as consensus"</Button>
            </div>
        </div>
    }
}
