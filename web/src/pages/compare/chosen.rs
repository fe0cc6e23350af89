//! Which versions stand side by side: the first is the base, and up to four others are told against it.

use grid_engine::plan::{VersionInfo, VersionState};
use leptos::prelude::*;

use crate::ui::{Button, Glyph, IconButton, Select};

/// The colours of versions, by their places; as many as there can be.
pub(super) const COLOURS: [&str; 5] =
    ["var(--chart-history)", "var(--chart-1)", "var(--chart-2)", "var(--chart-3)", "var(--chart-4)"];

/// Before the id of a branch, where a version is meant.
pub(super) const BRANCH: &str = "branch.";

/// Chooses the versions. `names` are all there are, with their ids.
#[component]
pub(super) fn Chosen(chosen: RwSignal<Vec<String>>, names: Signal<Vec<(String, String)>>) -> impl IntoView {
    let count = Memo::new(move |_| chosen.with(Vec::len));
    let unused =
        move || chosen.with(|chosen| names.with(|names| names.iter().find(|(id, _)| !chosen.contains(id)).cloned()));
    let add = move |_| {
        if let Some((id, _)) = untrack(unused) {
            chosen.update(|chosen| chosen.push(id));
        }
    };
    let sides = move || {
        let count = count.get();
        let may_go = count > 2;
        (0..count).map(|place| view! { <Side chosen names place may_go /> }).collect_view()
    };
    view! {
        <div class="compared">
            {sides}
            <Show when=move || (2..COLOURS.len()).contains(&count.get()) && unused().is_some()>
                <Button class="small" icon=Glyph::Plus on_click=add>"Add a version"</Button>
            </Show>
        </div>
    }
}

/// One of the versions.
#[component]
fn Side(
    chosen: RwSignal<Vec<String>>,
    names: Signal<Vec<(String, String)>>,
    place: usize,
    /// Whether enough are left without it.
    may_go: bool,
) -> impl IntoView {
    let value = Signal::derive(move || chosen.with(|chosen| chosen.get(place).cloned().unwrap_or_default()));
    let name =
        move || names.with(|names| names.iter().find(|(id, _)| *id == value.get()).map(|(_, name)| name.clone()));
    let swap = move |_| chosen.update(|chosen| chosen.swap(0, 1));
    let remove = move |_| {
        chosen.update(|chosen| {
            chosen.remove(place);
        });
    };
    let letter = ('A'..).nth(place).unwrap_or_default();
    let colour = COLOURS.get(place).copied().unwrap_or_default();
    view! {
        {(place == 1).then(|| view! { <IconButton icon=Glyph::Swap label="Swap the first two" on_click=swap /> })}
        <span class="side" style=("--side", colour)>
            <Select label=format!("Version {letter}") options=names value on_change=move |id| put(chosen, place, id) />
            {(place == 0).then(|| view! { <span class="base" data-tip="The others are told against it">"Base"</span> })}
            {may_go.then(|| view! {
                <IconButton icon=Glyph::Close label=Signal::derive(move || format!("Leave out {}", name().unwrap_or_default())) on_click=remove />
            })}
        </span>
    }
}

/// Puts a version at a place; where it has one already, the two change places.
fn put(chosen: RwSignal<Vec<String>>, place: usize, id: String) {
    chosen.update(|chosen| match chosen.iter().position(|known| *known == id) {
        Some(other) => chosen.swap(place, other),
        None => {
            if let Some(side) = chosen.get_mut(place) {
                *side = id;
            }
        }
    });
}

/// Fills the two sides an address left open: the consensus (or the latest) against live, or the latest two. Of further
/// versions, those are left out that are not known or there already.
pub(super) fn fill(asked: &[String], list: &[VersionInfo], reads_live: bool) -> Vec<String> {
    let known = |id: &&String| {
        ((**id == "live" || id.starts_with(BRANCH)) && reads_live)
            || list.iter().any(|version| version.id.to_string() == **id)
    };
    let mut sides = asked.iter();
    let (first, second) = (sides.next().filter(known), sides.next().filter(known));
    let latest = || list.first().map(|version| version.id.to_string()).unwrap_or_default();
    let second = second.cloned().unwrap_or_else(|| if reads_live { "live".to_owned() } else { latest() });
    let others = || list.iter().filter(|version| version.id.to_string() != second);
    let first = first.cloned().unwrap_or_else(|| {
        let consensus = others().find(|version| version.state == VersionState::Consensus);
        consensus.or_else(|| others().next()).map(|version| version.id.to_string()).unwrap_or_default()
    });
    let mut chosen = vec![first, second];
    for id in sides.filter(known).take(COLOURS.len() - 2) {
        if !chosen.contains(id) {
            chosen.push(id.clone());
        }
    }
    chosen
}
