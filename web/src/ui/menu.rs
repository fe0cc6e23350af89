//! A menu behind a button.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::icon::{Glyph, Icon};

/// A button that opens a menu of [`MenuItem`]s. Arrow keys move, Escape closes and returns the focus.
#[component]
pub fn Menu(
    /// What screen readers say of the button.
    #[prop(into)]
    label: String,
    /// What stands in the button.
    #[prop(into)]
    face: ViewFn,
    /// Further classes of the button, e.g. `quiet small`.
    #[prop(default = "quiet")]
    class: &'static str,
    /// Whether the menu's right edge meets the button's.
    #[prop(optional)]
    end: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let button = NodeRef::<html::Button>::new();
    let list = NodeRef::<html::Div>::new();
    Effect::new(move || {
        if open.get()
            && let Some(list) = list.get()
        {
            focus_item(&list, Step::First);
        }
    });
    let close = move || {
        open.set(false);
        if let Some(button) = button.get_untracked() {
            let _ = button.focus();
        }
    };
    // What an entry has given the focus to keeps it.
    let taken = move || if holds_focus(list) { close() } else { open.set(false) };
    let on_key = move |event: KeyboardEvent| {
        let key = event.key();
        if key == "Escape" || key == "Tab" {
            return close();
        }
        let Some(step) = step_of(&key) else { return };
        event.prevent_default();
        event.stop_propagation();
        if let Some(list) = list.get_untracked() {
            focus_item(&list, step);
        }
    };
    view! {
        <span class="menu-anchor">
            <button
                type="button"
                node_ref=button
                class=format!("button {class}")
                aria-label=label.clone()
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {face.run()}
            </button>
            <Show when=move || open.get()>
                <div class="menu-ground" on:click=move |_| open.set(false)></div>
                <div class="menu" class:end=end role="menu" node_ref=list on:keydown=on_key on:click=move |_| taken()>
                    {children()}
                </div>
            </Show>
        </span>
    }
}

/// An entry of a [`Menu`]. `checked` marks the current choice.
#[component]
pub fn MenuItem(
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(optional)] checked: Option<bool>,
    /// The keys that do the same.
    #[prop(optional)]
    keys: &'static str,
    #[prop(into)] on_click: Callback<()>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="menu-item"
            role=if checked.is_some() { "menuitemradio" } else { "menuitem" }
            aria-checked=checked.map(|checked| checked.to_string())
            on:click=move |_| on_click.run(())
        >
            {icon.map(|name| view! { <Icon name=name /> })}
            {children()}
            {(checked == Some(true)).then(|| view! { <span class="end"><Icon name=Glyph::Check /></span> })}
            {(!keys.is_empty()).then(|| view! { <kbd class="end">{keys}</kbd> })}
        </button>
    }
}

/// An item that is on or off, of a menu that stays open: people switch several.
#[component]
pub fn MenuChoice(
    /// `menuitemradio` where one of several is on, else `menuitemcheckbox`.
    role: &'static str,
    is_on: Signal<bool>,
    #[prop(optional)] title: String,
    on_click: impl Fn() + 'static,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="menu-item"
            role=role
            title=title
            aria-checked=move || is_on.get().to_string()
            on:click=move |event| {
                event.stop_propagation();
                on_click();
            }
        >
            {children()}
            <span class="end">
                <Show when=move || is_on.get()>
                    <Icon name=Glyph::Check />
                </Show>
            </span>
        </button>
    }
}

/// Where the focus goes within a menu.
#[derive(Clone, Copy)]
pub(super) enum Step {
    First,
    Last,
    Next,
    Previous,
}

/// What a key does within a menu.
pub(super) fn step_of(key: &str) -> Option<Step> {
    Some(match key {
        "ArrowDown" => Step::Next,
        "ArrowUp" => Step::Previous,
        "Home" => Step::First,
        "End" => Step::Last,
        _ => return None,
    })
}

/// Whether the focus is on an entry of a menu.
pub(super) fn holds_focus(list: NodeRef<html::Div>) -> bool {
    list.get_untracked().zip(document().active_element()).is_some_and(|(list, active)| list.contains(Some(&active)))
}

pub(super) fn focus_item(list: &HtmlElement, step: Step) {
    let Ok(items) = list.query_selector_all(".menu-item") else { return };
    let count = items.length();
    if count == 0 {
        return;
    }
    let active = document().active_element();
    let at = (0..count).find(|&index| {
        items.item(index).is_some_and(|item| active.as_ref().is_some_and(|active| active.is_same_node(Some(&item))))
    });
    let next = match (step, at) {
        (Step::First, _) | (Step::Next, None) => 0,
        (Step::Last, _) | (Step::Previous, None) => count - 1,
        (Step::Next, Some(at)) => (at + 1) % count,
        (Step::Previous, Some(at)) => (at + count - 1) % count,
    };
    if let Some(item) = items.item(next).and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        let _ = item.focus();
    }
}
