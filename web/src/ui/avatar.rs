//! People as coloured initials.

use leptos::prelude::*;

use crate::figures::initials;

/// A person's initials on their colour, the name as tooltip.
#[component]
pub fn Avatar(
    #[prop(into)] name: String,
    #[prop(into)] colour: String,
    #[prop(optional)] class: &'static str,
) -> impl IntoView {
    let letters = initials(&name);
    view! {
        <span class=format!("avatar tip-end {class}") style=("--person", colour) role="img" aria-label=name.clone() data-tip=name>
            {letters}
        </span>
    }
}
