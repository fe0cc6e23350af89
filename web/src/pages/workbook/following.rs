//! Going to where another person is, and following them until one goes somewhere oneself.

use grid_engine::refs::CellRef;
use leptos::prelude::*;

use crate::grid::Grid;
use crate::state::Session;
use crate::sync::Place;

/// Who is followed, by their window, and what a press on a person does: it goes there and follows, or follows no more.
pub(super) fn following(session: Session, grid: Grid) -> (RwSignal<Option<u64>>, Callback<u64>) {
    let followed = RwSignal::new(None::<u64>);
    let place_of = move |client: u64| {
        session.peers.with(|peers| peers.iter().find(|peer| peer.client == client).map(|peer| peer.place.clone()))
    };
    Effect::new(move || {
        let Some(client) = followed.get() else { return };
        match place_of(client) {
            Some(place) => go_to(grid, &place),
            // They have left.
            None => followed.set(None),
        }
    });
    Effect::new(move || {
        let here = grid.active.with(|active| active.as_ref().and_then(|active| active.cell));
        let there = untrack(|| followed.get().and_then(place_of)).and_then(|place| cell_of(&place));
        if here.is_some() && there.is_some_and(|there| here != Some(there)) {
            followed.set(None);
        }
    });
    let on_go = Callback::new(move |client: u64| {
        let is_followed = followed.get_untracked() == Some(client);
        followed.set((!is_followed).then_some(client));
    });
    (followed, on_go)
}

fn cell_of(place: &Place) -> Option<CellRef> {
    Some(CellRef { sheet: place.sheet?, row: place.row?, col: place.col? })
}

fn go_to(grid: Grid, place: &Place) {
    match (cell_of(place), place.sheet) {
        (Some(cell), _) => grid.go_to(cell),
        (None, Some(sheet)) => grid.show(sheet),
        (None, None) => {}
    }
}
