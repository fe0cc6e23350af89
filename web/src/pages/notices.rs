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
                    let id = notice.id;
                    let tone = match notice.tone {
                        Tone::Info => "toast toast-info",
                        Tone::Good => "toast toast-good",
                        Tone::Warn => "toast toast-warn",
                        Tone::Bad => "toast toast-bad",
                    };
                    let action = notice.action.map(|(label, act)| {
                        view! {
                            <button class="toast-action" on:click=move |_| { act(); board.dismiss(id); }>{label}</button>
                        }
                    });
                    view! {
                        <div class=tone>
                            <div class="toast-body">
                                <strong>{notice.title}</strong>
                                <span>{notice.text}</span>
                            </div>
                            {action}
                            <button class="toast-close" aria-label="Dismiss" on:click=move |_| board.dismiss(id)>"×"</button>
                        </div>
                    }
                }
            </For>
        </div>
    }
}
