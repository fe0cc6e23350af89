//! Signing in.

use leptos::prelude::*;

/// The sign-in page; it sets the [`Account`](crate::state::Account).
#[component]
pub fn Login() -> impl IntoView {
    view! { <main></main> }
}
