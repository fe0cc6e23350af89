//! A modal dialog: the browser's own, which traps focus and closes on Escape.

use std::time::Duration;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::button::IconButton;
use super::icon::Glyph;

/// Gives the keyboard to the first field, where the browser gave it to the dialog itself or to its Close button.
fn focus_field(node: NodeRef<html::Dialog>) {
    let Some(dialog) = node.get_untracked() else { return };
    let first = |selector| dialog.query_selector(selector).ok().flatten();
    let active = document().active_element();
    let has_focus = active.is_some_and(|active| {
        active.is_same_node(Some(&dialog)) || first("header").is_some_and(|header| header.contains(Some(&active)))
    });
    let field = first("[autofocus]").or_else(|| first(".body :is(input, select, textarea)"));
    if let Some(field) = field.filter(|_| has_focus).and_then(|field| field.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = field.focus();
    }
}

/// A dialog that shows while `open` is true and sets it false when dismissed.
///
/// The content is built anew for each opening, so a form starts fresh.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// Called once it is gone: the browser has then given the focus back to what had it before.
    #[prop(optional, into)]
    on_close: Option<Callback<()>>,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = node.get() else { return };
        if open.get() {
            // Refused only when already open or not in the page: nothing to do about either.
            let _ = dialog.show_modal();
            // What it shows may come after it is shown: the first field is then still without the keyboard.
            set_timeout(move || focus_field(node), Duration::ZERO);
        } else if dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog
            class="dialog"
            node_ref=node
            aria-label=move || title.get()
            on:close=move |_| {
                open.set(false);
                on_close.iter().for_each(|on_close| on_close.run(()));
            }
            on:pointerdown=move |event| {
                // A press on the dialog element itself lies outside its content: on the backdrop.
                if event.target() == event.current_target() {
                    open.set(false);
                }
            }
        >
            <Show when=move || open.get()>
                <header>
                    <h2>{move || title.get()}</h2>
                    <IconButton icon=Glyph::Close label="Close" class="tip-end" on_click=move |_| open.set(false) />
                </header>
                <div class="body">{children()}</div>
            </Show>
        </dialog>
    }
}
