//! A menu at a point: what the right mouse button opens.

use leptos::html;
use leptos::prelude::*;

use super::menu::{Step, focus_item, holds_focus, step_of};

/// A menu of [`MenuItem`](super::MenuItem)s at a point of the window, while there is one. Arrow keys move, Escape
/// closes; `on_close` gives the focus back.
#[component]
pub fn PopupMenu(
    at: RwSignal<Option<(f64, f64)>>,
    #[prop(into)] label: String,
    #[prop(into)] on_close: Callback<()>,
    children: ChildrenFn,
) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    Effect::new(move || {
        let (Some((x, y)), Some(list)) = (at.get(), list.get()) else { return };
        // Its size is known only now: it moves back inside the window.
        let room = |size: Result<wasm_bindgen::JsValue, _>| size.ok().and_then(|size| size.as_f64()).unwrap_or(0.0);
        let (width, height) = (room(window().inner_width()), room(window().inner_height()));
        let style = web_sys::HtmlElement::style(&list);
        let left = x.min(width - f64::from(list.offset_width()) - 8.0).max(8.0);
        let top = y.min(height - f64::from(list.offset_height()) - 8.0).max(8.0);
        let _ = style.set_property("left", &format!("{left}px"));
        let _ = style.set_property("top", &format!("{top}px"));
        focus_item(&list, Step::First);
    });
    let close = move || {
        at.set(None);
        on_close.run(());
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        event.stop_propagation();
        match event.key().as_str() {
            "Escape" | "Tab" => {
                event.prevent_default();
                close();
            }
            key => {
                if let (Some(step), Some(list)) = (step_of(key), list.get_untracked()) {
                    event.prevent_default();
                    focus_item(&list, step);
                }
            }
        }
    };
    let children = StoredValue::new(children);
    let label = StoredValue::new(label);
    move || {
        at.get().map(|_| {
            view! {
                <div class="menu-ground" on:pointerdown=move |_| close() on:contextmenu=move |event| { event.prevent_default(); close() }></div>
                <div
                    class="menu at-point"
                    role="menu"
                    aria-label=label.get_value()
                    node_ref=list
                    on:keydown=on_key
                    on:click=move |_| if holds_focus(list) { close() } else { at.set(None) }
                    on:contextmenu=move |event| event.prevent_default()
                >
                    {children.with_value(|children| children())}
                </div>
            }
        })
    }
}
