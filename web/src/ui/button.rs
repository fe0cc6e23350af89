//! Buttons.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::icon::{Glyph, Icon};

/// How much a button asks for attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    #[default]
    Plain,
    /// The one thing to do here.
    Primary,
}

impl ButtonKind {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Primary => "primary",
        }
    }
}

/// A button with words, and perhaps an icon before them. `class` adds `small`, `large` or `wide`.
#[component]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] class: &'static str,
    #[prop(optional)] icon: Option<Glyph>,
    #[prop(into, default = Signal::stored(false))] disabled: Signal<bool>,
    /// `submit` inside a form.
    #[prop(default = "button")]
    role: &'static str,
    #[prop(into, default = Callback::new(|_| ()))] on_click: Callback<MouseEvent>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type=role
            class=format!("button {} {class}", kind.class())
            disabled=move || disabled.get()
            on:click=move |event| on_click.run(event)
        >
            {icon.map(|name| view! { <Icon name=name /> })}
            {children()}
        </button>
    }
}

/// A button that is only an icon; `label` is what screen readers say and what the tooltip shows.
#[component]
pub fn IconButton(
    icon: Glyph,
    #[prop(into)] label: Signal<String>,
    #[prop(optional)] class: &'static str,
    #[prop(into, default = Signal::stored(false))] disabled: Signal<bool>,
    /// Whether what it switches is on; leave out for a button that only acts.
    #[prop(into, optional)]
    pressed: Option<Signal<bool>>,
    #[prop(into)] on_click: Callback<MouseEvent>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=format!("button quiet square {class}")
            aria-label=move || label.get()
            data-tip=move || label.get()
            aria-pressed=move || pressed.map(|pressed| pressed.get().to_string())
            disabled=move || disabled.get()
            on:click=move |event| on_click.run(event)
        >
            <Icon name=icon />
        </button>
    }
}
