//! A modal dialog: the browser's own, which traps focus and closes on Escape.

use leptos::html;
use leptos::prelude::*;

use super::button::IconButton;
use super::icon::Glyph;

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
