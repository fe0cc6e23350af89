//! People as coloured initials.

use leptos::prelude::*;

use crate::figures::initials;

/// Someone to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub name: String,
    /// CSS colour.
    pub colour: String,
}

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

/// The people here, at most five and a count of the rest.
#[component]
pub fn AvatarStack(#[prop(into)] people: Signal<Vec<Person>>) -> impl IntoView {
    const SHOWN: usize = 5;
    move || {
        let people = people.get();
        let rest = people.len().saturating_sub(SHOWN);
        let names = people.iter().skip(SHOWN).map(|person| person.name.as_str()).collect::<Vec<_>>().join(", ");
        let shown = people
            .into_iter()
            .take(SHOWN)
            .map(|person| view! { <Avatar name=person.name colour=person.colour /> })
            .collect_view();
        view! {
            <span class="avatars">
                {shown} {(rest > 0).then(|| view! { <span class="avatar more tip-end" data-tip=names>{format!("+{rest}")}</span> })}
            </span>
        }
    }
}
