//! Who else is in the workbook, in the bar at the top.

use std::collections::BTreeSet;

use leptos::prelude::*;

use crate::state::Session;
use crate::ui::Avatar;

/// The people who are here, each once; pressing one goes to where they are and follows them.
#[component]
pub(super) fn PeopleHere(session: Session, followed: RwSignal<Option<u64>>, on_go: Callback<u64>) -> impl IntoView {
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
                        let pressed = move || (followed.get() == Some(client)).to_string();
                        let words = format!("Follow {}", place.name);
                        view! {
                            <button type="button" class="avatar-button" title=words.clone() on:click=move |_| on_go.run(client) aria-pressed=pressed aria-label=words>
                                <Avatar name=place.name.clone() colour=place.colour />
                            </button>
                        }
                    })
                    .collect_view()
            }}
        </span>
    }
}
