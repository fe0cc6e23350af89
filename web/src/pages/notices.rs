//! The notices on show, over every page.

use leptos::prelude::*;

use crate::state::{NoticeBoard, Tone};

/// Notices as toasts, read out by screen readers as they come.
#[component]
pub fn Notices() -> impl IntoView {
    let board = NoticeBoard::current();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || board.shown() key=|notice| notice.id let:notice>
                {
                    let tone = match notice.tone {
                        Tone::Info => "toast toast-info",
                        Tone::Good => "toast toast-good",
                        Tone::Warn => "toast toast-warn",
                        Tone::Bad => "toast toast-bad",
                    };
                    let (title, text, actions) = (notice.title.clone(), notice.text.clone(), notice.actions.clone());
                    let notice = StoredValue::new(notice);
                    let close = move || notice.with_value(|notice| board.close(notice));
                    let actions: Vec<_> = actions
                        .into_iter()
                        .map(|(label, act)| {
                            view! {
                                <button class="toast-action" on:click=move |_| { act(); close(); }>{label}</button>
                            }
                        })
                        .collect();
                    view! {
                        <div class=tone>
                            <div class="toast-body">
                                <strong>{title}</strong>
                                <span>{text}</span>
                                {(!actions.is_empty()).then(|| view! { <div class="toast-actions">{actions}</div> })}
                            </div>
                            <button class="toast-close" aria-label="Dismiss" on:click=move |_| close()>"×"</button>
                        </div>
                    }
                }
            </For>
        </div>
    }
}
