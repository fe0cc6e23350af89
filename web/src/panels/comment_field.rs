//! Where a comment is written: `@` offers the people who can be called.

use std::future::Future;

use grid_engine::wire::{Colleague, MAX_COMMENT};
use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::Answer;
use crate::calling::{bytes_of, naming, offered};
use crate::ui::{Avatar, Button, ButtonKind, Notice, Tone};

/// A field with its button; what could not be sent stays in it.
#[component]
pub fn CommentField<Send, Sent>(
    people: Signal<Vec<Colleague>>,
    /// What the button says.
    words: &'static str,
    #[prop(optional)] starts: String,
    /// Keeps what is written beyond this field's life.
    #[prop(optional)]
    draft: Option<RwSignal<String>>,
    /// Notifies when the keyboard is to come here again.
    #[prop(optional)]
    again: Option<Signal<()>>,
    on_send: Send,
    #[prop(into)] on_cancel: Callback<()>,
) -> impl IntoView
where
    Send: Fn(String) -> Sent + Copy + std::marker::Send + Sync + 'static,
    Sent: Future<Output = Answer<()>> + 'static,
{
    let field = NodeRef::<html::Textarea>::new();
    let text = draft.unwrap_or_else(|| RwSignal::new(starts));
    let starts = text.get_untracked();
    let caret = RwSignal::new(0_usize);
    let chosen = RwSignal::new(0_usize);
    let is_shut = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let refused = RwSignal::new(None::<String>);
    Effect::new(move || {
        again.inspect(Signal::track);
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    let offers = Memo::new(move |_| {
        if is_shut.get() {
            return Vec::new();
        }
        text.with(|text| match naming(text, caret.get()) {
            Some((_, begun)) => people.with(|people| offered(people, begun)),
            None => Vec::new(),
        })
    });
    let follow = move || {
        let Some(field) = field.get_untracked() else { return };
        let units = field.selection_start().ok().flatten().unwrap_or(0) as usize;
        let value = field.value();
        caret.set(bytes_of(&value, units));
        text.set(value);
        chosen.set(0);
        is_shut.set(false);
    };
    let take = move |name: String| {
        let Some(field) = field.get_untracked() else { return };
        let full = text.get_untracked();
        let Some((at, begun)) = naming(&full, caret.get_untracked()) else { return };
        let rest = full[at + 1 + begun.len()..].trim_start_matches(' ');
        let head = format!("{}@{name} ", &full[..at]);
        let units = head.encode_utf16().count() as u32;
        field.set_value(&format!("{head}{rest}"));
        let _ = field.set_selection_range(units, units);
        let _ = field.focus();
        follow();
        is_shut.set(true);
    };
    let send = move || {
        let said = text.get_untracked();
        if busy.get_untracked() || said.trim().is_empty() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let answer = on_send(said).await;
            busy.try_set(false);
            refused.try_set(answer.err().map(|refusal| refusal.message));
        });
    };
    let on_key = move |event: KeyboardEvent| {
        let offers = offers.get_untracked();
        let count = offers.len();
        match event.key().as_str() {
            "Enter" if event.ctrl_key() || event.meta_key() => send(),
            "ArrowDown" if count > 0 => chosen.update(|at| *at = (*at + 1) % count),
            "ArrowUp" if count > 0 => chosen.update(|at| *at = (*at + count - 1) % count),
            "Enter" | "Tab" if count > 0 => {
                let Some(person) = offers.get(chosen.get_untracked()) else { return };
                take(person.name.clone());
            }
            "Escape" if count > 0 => is_shut.set(true),
            "Escape" => on_cancel.run(()),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    view! {
        <form
            class="comment-field"
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <textarea
                class="input"
                node_ref=field
                rows="3"
                maxlength=MAX_COMMENT.to_string()
                aria-label=words
                placeholder="@ calls somebody"
                prop:value=starts
                on:input=move |_| follow()
                on:keydown=on_key
            ></textarea>
            <Show when=move || !offers.with(Vec::is_empty)>
                <ul class="offers" role="listbox" aria-label="People">
                    {move || offers
                        .get()
                        .into_iter()
                        .enumerate()
                        .map(|(index, person)| {
                            let name = person.name.clone();
                            view! {
                                <li
                                    role="option"
                                    aria-selected=move || (chosen.get() == index).to_string()
                                    on:mousedown=move |event| {
                                        event.prevent_default();
                                        take(name.clone());
                                    }
                                >
                                    <Avatar name=person.name.clone() colour=person.colour class="plain" />
                                    <span>{person.name}</span>
                                    <small class="muted truncate">{person.title}</small>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </Show>
            {move || refused.get().map(|words| view! { <Notice tone=Tone::Bad>{words}" What you wrote is kept."</Notice> })}
            <div class="actions">
                <Button class="small" on_click=move |_| on_cancel.run(())>"Cancel"</Button>
                <Button
                    class="small"
                    kind=ButtonKind::Primary
                    role="submit"
                    disabled=Signal::derive(move || busy.get() || text.with(|text| text.trim().is_empty()))
                >
                    {words}
                </Button>
            </div>
        </form>
    }
}
