//! What people say about cells: threads, replies, and a field to begin one.

use grid_engine::refs::{CellRef, SheetId};
use grid_engine::wire::{Colleague, Comment, CommentThread, CommentsPage, Me, mentions};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::comment_field::CommentField;
use crate::api;
use crate::ui::{Avatar, Button, EmptyState, Glyph, IconButton, Notice, Segmented, Spinner, Tone, moment};

/// Its look; it comes with the part.
const STYLE: &str = include_str!("../../styles/comments.css");

/// How far reading the comments has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    OnTheWay,
    Here(CommentsPage),
    /// They cannot be read; the reason in words.
    Failed(String),
}

/// What threads are shown.
const SHOWN: [(&str, &str); 3] = [("open", "Open"), ("mine", "Mine"), ("all", "All")];

/// What a thread and its comments share.
#[derive(Clone, Copy)]
struct Shared {
    workbook: SheetId,
    me: Signal<Option<Me>>,
    people: Signal<Vec<Colleague>>,
    selected: Signal<Option<CellRef>>,
    address: Callback<CellRef, String>,
    on_go: Callback<CellRef>,
    on_changed: Callback<()>,
    refused: RwSignal<Option<String>>,
}

impl Shared {
    /// Shows what came of an action, and has everything read anew.
    fn done(self, answer: api::Answer<()>) {
        self.refused.try_set(answer.err().map(|refusal| refusal.message));
        self.on_changed.run(());
    }
}

/// The comments of a workbook.
#[component]
pub fn CommentsPanel(
    workbook: SheetId,
    #[prop(into)] me: Signal<Option<Me>>,
    #[prop(into)] reading: Signal<Reading>,
    #[prop(into)] selected: Signal<Option<CellRef>>,
    /// The cell a new comment is being written on.
    beginning: RwSignal<Option<CellRef>>,
    /// What is written of it.
    draft: RwSignal<String>,
    /// Asks for a comment on the selected cell.
    #[prop(into)]
    on_begin: Callback<()>,
    /// The thread to show first.
    asked: Signal<Option<i64>>,
    #[prop(into)] address: Callback<CellRef, String>,
    #[prop(into)] on_go: Callback<CellRef>,
    /// Something was said here: it is to be read anew.
    #[prop(into)]
    on_changed: Callback<()>,
) -> impl IntoView {
    let page = Memo::new(move |_| match reading.get() {
        Reading::Here(page) => page,
        _ => CommentsPage::default(),
    });
    let shown = RwSignal::new("open".to_owned());
    let people = Signal::derive(move || page.with(|page| page.people.clone()));
    let refused = RwSignal::new(None::<String>);
    let shared = Shared { workbook, me, people, selected, address, on_go, on_changed, refused };
    // Whoever asks for a thread sees it, whatever was shown before.
    Effect::new(move || {
        let Some(thread) = asked.get() else { return };
        let found = page.with(|page| page.threads.iter().find(|one| one.id == thread).cloned());
        if let Some(found) = found {
            shown.set(if found.resolved.is_some() { "all" } else { "open" }.to_owned());
            on_go.run(found.cell);
        }
    });
    let threads = Memo::new(move |_| {
        let me = me.get();
        let is_shown = |thread: &&CommentThread| match shown.get().as_str() {
            "all" => true,
            "mine" => me.as_ref().is_some_and(|me| concerns(thread, me)),
            _ => thread.resolved.is_none(),
        };
        page.with(|page| page.threads.iter().filter(is_shown).cloned().collect::<Vec<_>>())
    });
    let end_draft = move || {
        draft.try_set(String::new());
        beginning.try_set(None);
    };
    let is_begun = Memo::new(move |_| beginning.with(Option::is_some));
    let begin = move || {
        let on_send = move |text: String| async move {
            let Some(cell) = beginning.get_untracked() else { return Ok(()) };
            let answer = api::begin_thread(workbook, cell, text).await.map(drop);
            if answer.is_ok() {
                end_draft();
                on_changed.run(());
            }
            answer
        };
        let again = Signal::derive(move || beginning.track());
        view! {
            <div class="thread new">
                <p class="truncate"><b>{move || beginning.get().map(|cell| address.run(cell))}</b></p>
                <CommentField people words="Comment" draft again on_send=on_send on_cancel=move |()| end_draft() />
            </div>
        }
    };
    let empty = move || {
        let (title, text) = match shown.get().as_str() {
            "mine" => ("Nothing of yours", "Threads you took part in or were called to with @ appear here."),
            "all" => ("Nobody has commented", "Ask about a cell, or say why it is as it is: Ctrl+Alt+M."),
            _ => ("No open comments", "Ask about a cell, or say why it is as it is: Ctrl+Alt+M."),
        };
        view! { <EmptyState icon=Glyph::Comment title=title text=text /> }
    };
    view! {
        <style>{STYLE}</style>
        <div class="panel-body inset comments" data-testid="comments">
            <div class="row">
                <Segmented
                    label="Comments shown"
                    options=SHOWN.map(|(value, words)| (value.to_owned(), words.to_owned())).into()
                    value=shown
                    on_change=move |value| shown.set(value)
                />
                <Button class="small" icon=Glyph::Plus disabled=Signal::derive(move || selected.with(Option::is_none)) on_click=move |_| on_begin.run(())>
                    "Comment"
                </Button>
            </div>
            {move || refused.get().map(|words| view! { <Notice tone=Tone::Bad>{words}</Notice> })}
            {move || is_begun.get().then(begin)}
            {move || match reading.get() {
                Reading::OnTheWay => Some(view! { <Spinner /> }.into_any()),
                Reading::Failed(reason) => Some(view! { <Notice tone=Tone::Bad>{reason}</Notice> }.into_any()),
                Reading::Here(_) if threads.with(Vec::is_empty) && !is_begun.get() => Some(empty().into_any()),
                Reading::Here(_) => None,
            }}
            <For each=move || threads.get() key=|thread| thread.id let:thread>
                <Thread begun=thread threads shared />
            </For>
        </div>
    }
}

/// Whether a person has spoken in a thread, or was called in it.
fn concerns(thread: &CommentThread, me: &Me) -> bool {
    thread.comments.iter().any(|comment| comment.by == me.person || comment.called.contains(&me.name))
}

/// A thread as it was when it came into view, and as it goes on: what is being written in it stays.
#[component]
fn Thread(begun: CommentThread, threads: Memo<Vec<CommentThread>>, shared: Shared) -> impl IntoView {
    let (id, cell) = (begun.id, begun.cell);
    let thread = Memo::new(move |_| {
        threads.with(|threads| threads.iter().find(|one| one.id == id).cloned()).unwrap_or_else(|| begun.clone())
    });
    let Shared { workbook, people, selected, address, on_go, on_changed, .. } = shared;
    let place = NodeRef::<html::Article>::new();
    let replying = RwSignal::new(false);
    // Whoever comes to a cell finds what is said about it.
    Effect::new(move || {
        if selected.get() == Some(cell)
            && let Some(place) = place.get()
        {
            place.scroll_into_view_with_bool(false);
        }
    });
    let is_closed = move || thread.with(|thread| thread.resolved.is_some());
    let close = Callback::new(move |_| {
        let resolve = !untrack(is_closed);
        spawn_local(async move { shared.done(api::resolve_thread(workbook, id, resolve).await) });
    });
    let on_send = move |text: String| async move {
        let answer = api::reply(workbook, id, text).await.map(drop);
        if answer.is_ok() {
            replying.try_set(false);
            on_changed.run(());
        }
        answer
    };
    let resolved = move || {
        let (by, at) = thread.with(|thread| thread.resolved.clone())?;
        Some(view! { <p class="muted">{format!("Resolved by {by}, {}", moment(at))}</p> })
    };
    let tool = move || {
        let (icon, words) = if is_closed() { (Glyph::Undo, "Open again") } else { (Glyph::Check, "Resolve") };
        view! { <IconButton icon=icon label=words class="small tip-end" on_click=close /> }
    };
    // Where the cell stands is asked anew when rows or columns may have moved.
    let name = move || {
        thread.track();
        address.run(cell)
    };
    view! {
        <article class="thread" class:here=move || selected.get() == Some(cell) class:closed=is_closed data-thread=id node_ref=place>
            <header class="row">
                <button type="button" class="link truncate" on:click=move |_| on_go.run(cell)>{name}</button>
                {tool}
            </header>
            {resolved}
            <For each=move || thread.with(|thread| thread.comments.clone()) key=|comment| comment.clone() let:comment>
                <Said comment shared />
            </For>
            {move || if replying.get() {
                view! { <CommentField people words="Reply" on_send=on_send on_cancel=move |()| replying.set(false) /> }.into_any()
            } else {
                view! { <button type="button" class="link reply" on:click=move |_| replying.set(true)>"Reply"</button> }.into_any()
            }}
        </article>
    }
}

/// One comment; its author can change it and take it back.
#[component]
fn Said(comment: Comment, shared: Shared) -> impl IntoView {
    let Shared { workbook, me, people, .. } = shared;
    let id = comment.id;
    let changing = RwSignal::new(false);
    let is_gone = comment.text.is_empty();
    let by = comment.by;
    let is_mine = move || !is_gone && me.with(|me| me.as_ref().is_some_and(|me| me.person == by));
    let take_back = move |_| {
        spawn_local(async move { shared.done(api::take_back_comment(workbook, id).await) });
    };
    let on_send = move |text: String| async move {
        let answer = api::change_comment(workbook, id, text).await;
        if answer.is_ok() {
            changing.try_set(false);
            shared.on_changed.run(());
        }
        answer
    };
    let edited = if comment.edited.is_some() && !is_gone { ", changed" } else { "" };
    let when = format!("{}{edited}", moment(comment.at));
    let text = StoredValue::new(comment.text.clone());
    let said = move || {
        if is_gone {
            view! { <p class="muted">"Taken back"</p> }.into_any()
        } else {
            text.with_value(|text| spoken(text, &comment.called)).into_any()
        }
    };
    view! {
        <div class="said" data-comment=id>
            <Avatar name=comment.name.clone() colour=comment.colour.clone() class="plain" />
            <div>
                <p class="row">
                    <strong>{comment.name.clone()}</strong>
                    <small class="muted">{when}</small>
                    <Show when=is_mine>
                        <span class="own">
                            <button type="button" class="link" on:click=move |_| changing.set(true)>"Change"</button>
                            <button type="button" class="link" on:click=take_back>"Take back"</button>
                        </span>
                    </Show>
                </p>
                {move || if changing.get() {
                    view! { <CommentField people words="Change" starts=text.get_value() on_send=on_send on_cancel=move |()| changing.set(false) /> }.into_any()
                } else {
                    said().into_any()
                }}
            </div>
        </div>
    }
}

/// A comment's text, with the names called in it marked.
fn spoken(text: &str, called: &[String]) -> impl IntoView + use<> {
    let names: Vec<&str> = called.iter().map(String::as_str).collect();
    let mut parts = Vec::new();
    let mut from = 0;
    for (place, _) in mentions(text, &names) {
        parts.push((text[from..place.start].to_owned(), false));
        parts.push((text[place.clone()].to_owned(), true));
        from = place.end;
    }
    parts.push((text[from..].to_owned(), false));
    let part = |(words, is_name): (String, bool)| {
        if is_name { view! { <b class="called">{words}</b> }.into_any() } else { words.into_any() }
    };
    view! { <p class="words">{parts.into_iter().map(part).collect_view()}</p> }
}
