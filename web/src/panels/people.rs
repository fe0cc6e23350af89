//! Who is in the workbook, and where.

use leptos::prelude::*;

use crate::ui::{Avatar, EmptyState, Glyph};

/// Someone in the workbook.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PersonHere {
    /// Tells windows of the same person apart.
    pub client: u64,
    pub name: String,
    /// CSS colour.
    pub colour: String,
    /// The place in words, e.g. `Demand, SKU-014 · DE · Retail`.
    pub place: String,
    pub editing: bool,
}

/// The others; pressing one goes where they are.
#[component]
pub fn PeoplePanel(#[prop(into)] people: Signal<Vec<PersonHere>>, #[prop(into)] on_go: Callback<u64>) -> impl IntoView {
    view! {
        <div class="panel-body">
            <Show when=move || people.with(Vec::is_empty)>
                <EmptyState icon=Glyph::People title="You are alone here" text="When others open this workbook you see who they are and which cell they are in." />
            </Show>
            <ul class="people-list">
                <For each=move || people.get() key=|person| person.clone() let:person>
                    <li>
                        <button type="button" on:click=move |_| on_go.run(person.client)>
                            <Avatar name=person.name.clone() colour=person.colour.clone() class="plain" />
                            <span>
                                <strong>{person.name.clone()}</strong>
                                <small class="truncate">
                                    {if person.editing { format!("editing {}", person.place) } else { person.place.clone() }}
                                </small>
                            </span>
                        </button>
                    </li>
                </For>
            </ul>
        </div>
    }
}
