//! A menu at a point: what the right mouse button opens.

use leptos::html;
use leptos::prelude::*;

use super::menu::{Step, focus_item, holds_focus, step_of};

/// Where something begins that is `size` long and lies after a point, or else before it, within `room`.
fn beside(point: f64, size: f64, room: f64) -> Option<f64> {
    const GAP: f64 = 2.0;
    const EDGE: f64 = 8.0;
    let (after, before) = (point + GAP, point - GAP - size);
    if after + size + EDGE <= room { Some(after) } else { (before >= EDGE).then_some(before) }
}

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
        // Its size is known only now: it moves back inside the window, and where there is no room below the point, over
        // it. No entry lies under the pointer then, so that a second press cannot take one.
        let room = |size: Result<wasm_bindgen::JsValue, _>| size.ok().and_then(|size| size.as_f64()).unwrap_or(0.0);
        let (width, height) = (room(window().inner_width()), room(window().inner_height()));
        let style = web_sys::HtmlElement::style(&list);
        let (own_width, own_height) = (f64::from(list.offset_width()), f64::from(list.offset_height()));
        let place = beside(y, own_height, height);
        let (left, top) = match place {
            Some(top) => (x.min(width - own_width - 8.0).max(8.0), top),
            // Neither over nor under it: beside it.
            None => (beside(x, own_width, width).unwrap_or(8.0), (height - own_height - 8.0).max(8.0)),
        };
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
