//! What a place says while there is nothing in it, and what it says when something went wrong.

use leptos::prelude::*;

use super::badge::Tone;
use super::icon::{Glyph, Icon};

/// Nothing here yet: why, and what to do next.
#[component]
pub fn EmptyState(
    icon: Glyph,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <div class="picture">
                <Icon name=icon />
            </div>
            <h3>{title}</h3>
            <p>{text}</p>
            {children.map(|actions| view! { <div class="actions">{actions()}</div> })}
        </div>
    }
}

/// A message that stands where it matters.
#[component]
pub fn Notice(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    let (icon, role) = match tone {
        Tone::Bad | Tone::Warn => (Glyph::Alert, "alert"),
        Tone::Good => (Glyph::Check, "status"),
        Tone::Neutral | Tone::Accent => (Glyph::Info, "status"),
    };
    view! {
        <div class=format!("notice {}", tone.class()) role=role>
            <Icon name=icon />
            <div>{children()}</div>
        </div>
    }
}
