//! Who else is in the workbook, in the bar at the top.

use std::collections::BTreeSet;

use leptos::prelude::*;

use crate::state::Session;
use crate::ui::Avatar;

/// The people who are here, each once; pressing one goes to where they are.
#[component]
pub(super) fn PeopleHere(session: Session, on_go: Callback<u64>) -> impl IntoView {
    let people = Memo::new(move |_| {
        let mut seen = BTreeSet::new();
        session.peers.with(|peers| {
            peers
                .iter()
                .filter(|peer| seen.insert(peer.place.person))
                .map(|peer| (peer.client, peer.place.clone()))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <span class="avatars here" data-testid="people">
            {move || {
                people
                    .get()
                    .into_iter()
                    .take(5)
                    .map(|(client, place)| {
                        view! {
                            <button type="button" class="avatar-button" on:click=move |_| on_go.run(client) aria-label=format!("Go to {}", place.name)>
                                <Avatar name=place.name.clone() colour=place.colour />
                            </button>
                        }
                    })
                    .collect_view()
            }}
        </span>
    }
}
