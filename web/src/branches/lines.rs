//! The differences of a merge as lines to decide on.

use grid_engine::plan::{Choice, Kind, NamedDifference};
use leptos::prelude::*;

use super::words;
use crate::state::Session;
use crate::ui::{Badge, Tone};

/// Lines shown at once; the others are decided on with the filters.
const SHOWN: usize = 200;
/// Edits that a deletion would take with it are listed at once up to this many.
const LOST_OPEN: usize = 6;

/// Everything there is to decide on, and what was decided.
#[derive(Clone, Copy)]
pub struct Decisions {
    pub found: RwSignal<Vec<NamedDifference>>,
    /// For each of them; `None`: left for later.
    pub chosen: RwSignal<Vec<Option<Choice>>>,
    pub sheet: RwSignal<String>,
    pub part: RwSignal<String>,
    pub search: RwSignal<String>,
}

impl Decisions {
    pub fn new() -> Self {
        Self {
            found: RwSignal::new(Vec::new()),
            chosen: RwSignal::new(Vec::new()),
            sheet: RwSignal::new(String::new()),
            part: RwSignal::new(String::new()),
            search: RwSignal::new(String::new()),
        }
    }

    /// Takes new differences: what nobody has to decide is taken, what this person may not write is left.
    pub fn start(&self, found: Vec<NamedDifference>) {
        let choice = |named: &NamedDifference| {
            let simple = named.objection.is_none() && !named.difference.is_conflict();
            simple.then_some(Choice::Theirs)
        };
        self.chosen.set(found.iter().map(choice).collect());
        self.found.set(found);
    }

    /// The places of the differences that the filters leave.
    pub fn filtered(&self) -> Vec<usize> {
        let (sheet, part, search) = (self.sheet.get(), self.part.get(), self.search.get().to_lowercase());
        let is_in = |named: &NamedDifference| {
            let name = &named.name;
            let has = |text: &str| text.to_lowercase().contains(&search);
            (sheet.is_empty() || name.sheet == sheet)
                && (part.is_empty() || name.part == part)
                && (search.is_empty() || has(&name.row) || has(&name.column) || has(&name.sheet))
        };
        self.found.with(|found| found.iter().enumerate().filter(|(_, named)| is_in(named)).map(|(at, _)| at).collect())
    }

    /// Decides the same on all that the filters leave and this person may write.
    pub fn decide_filtered(&self, choice: Option<Choice>, only_conflicts: bool) {
        let places = untrack(|| self.filtered());
        self.found.with_untracked(|found| {
            self.chosen.update(|chosen| {
                for at in places {
                    let named = &found[at];
                    if named.objection.is_none() && (named.difference.is_conflict() || !only_conflicts) {
                        chosen[at] =
                            choice.filter(|choice| *choice == Choice::Theirs || named.difference.is_conflict());
                    }
                }
            });
        });
    }

    /// Changes that are taken, conflicts that are decided, and conflicts that are left.
    pub fn counts(&self) -> (usize, usize, usize) {
        self.found.with(|found| {
            self.chosen.with(|chosen| {
                let mut counts = (0, 0, 0);
                for (named, choice) in found.iter().zip(chosen) {
                    match (choice, named.difference.is_conflict()) {
                        (Some(Choice::Theirs), _) => counts.0 += 1,
                        (Some(Choice::Ours), _) => counts.1 += 1,
                        (None, true) => counts.2 += 1,
                        (None, false) => {}
                    }
                }
                counts
            })
        })
    }
}

/// The lines that the filters leave.
#[component]
pub fn Lines(session: Session, decisions: Decisions, ours: String, theirs: String) -> impl IntoView {
    let (ours, theirs) = (StoredValue::new(ours), StoredValue::new(theirs));
    let rows = move || {
        let places = decisions.filtered();
        let count = places.len();
        let lines = places.into_iter().take(SHOWN).map(|at| line(session, decisions, at, ours, theirs)).collect_view();
        let more = (count > SHOWN).then(|| {
            let words = format!("{} more are not shown. Filter by sheet, region or words to see them; what is decided for all counts for them too.", count - SHOWN);
            view! { <tr><td colspan="5" class="muted more">{words}</td></tr> }
        });
        let none = (count == 0)
            .then(|| view! { <tr><td colspan="5" class="muted more">"Nothing matches the filters."</td></tr> });
        view! {
            {lines}
            {more}
            {none}
        }
    };
    view! {
        <div class="differences" tabindex="0" role="region" aria-label="Differences">
            <table>
                <thead>
                    <tr>
                        <th>"Where"</th>
                        <th class="figure">"Before"</th>
                        <th class="figure">{ours.get_value()}</th>
                        <th class="figure">{theirs.get_value()}</th>
                        <th>"Decision"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

/// What was changed in a row, column or measure that the other side has deleted; the first few stand open.
fn lost(session: Session, named: &NamedDifference) -> Option<AnyView> {
    let edits = words::lost(session, named);
    if edits.is_empty() {
        return None;
    }
    let more = named.difference.lost_count.saturating_sub(edits.len());
    let more = (more > 0).then(|| view! { <li class="muted">{format!("and {more} more")}</li> });
    let is_open = edits.len() <= LOST_OPEN;
    let count = words::count(named.difference.lost_count, "edit", "edits");
    let line = |(name, before, now): (String, String, String)| {
        view! {
            <li>
                <span>{name}</span>
                <span class="was">{before}</span>
                <span class="sr-only">" became "</span>
                <span aria-hidden="true">"→"</span>
                <b>{now}</b>
            </li>
        }
    };
    Some(
        view! {
            <details class="lost" open=is_open>
                <summary>{format!("{count} would be lost")}</summary>
                <ul>{edits.into_iter().map(line).collect_view()}{more}</ul>
            </details>
        }
        .into_any(),
    )
}

fn line(
    session: Session,
    decisions: Decisions,
    at: usize,
    ours: StoredValue<String>,
    theirs: StoredValue<String>,
) -> Option<AnyView> {
    let named = decisions.found.with_untracked(|found| found.get(at).cloned())?;
    let difference = &named.difference;
    let held = |held: Option<&grid_engine::plan::Held>| words::held(session, &difference.place, held);
    let choice = Signal::derive(move || decisions.chosen.with(|chosen| chosen.get(at).copied().flatten()));
    let choose = move |choice: Option<Choice>| decisions.chosen.update(|chosen| chosen[at] = choice);
    let decision = match (&named.objection, words::conflict(difference.kind)) {
        (Some(objection), _) => {
            view! { <span class="muted objection">{format!("Not yours to write: {objection}")}</span> }.into_any()
        }
        (None, Some(reason)) => {
            let button = move |to: Choice, side: StoredValue<String>, verb: &'static str| {
                view! {
                    <button
                        type="button"
                        role="radio"
                        class="choice"
                        aria-checked=move || (choice.get() == Some(to)).to_string()
                        on:click=move |_| choose(if choice.get_untracked() == Some(to) { None } else { Some(to) })
                    >
                        {format!("{verb} {}", side.get_value())}
                    </button>
                }
            };
            view! {
                <div class="conflict" role="radiogroup" aria-label=format!("Decision on {} {}", named.name.row, named.name.column)>
                    <Badge tone=Tone::Warn>{reason}</Badge>
                    <span class="choices">
                        {button(Choice::Ours, ours, "Keep")}
                        {button(Choice::Theirs, theirs, "Take")}
                    </span>
                </div>
            }
            .into_any()
        }
        (None, None) => {
            let adds = (difference.kind == Kind::Addition).then_some("Adds to what is there");
            view! {
                <label class="take">
                    <input
                        type="checkbox"
                        prop:checked=move || choice.get() == Some(Choice::Theirs)
                        on:change=move |event| choose(event_target_checked(&event).then_some(Choice::Theirs))
                    />
                    <span>{adds.unwrap_or("Take")}</span>
                </label>
            }
            .into_any()
        }
    };
    let place = [named.name.sheet.clone(), words::what(&named)].into_iter().filter(|text| !text.is_empty());
    let place = place.collect::<Vec<_>>().join(" · ");
    Some(
        view! {
            <tr class:is-conflict=difference.is_conflict() class:is-barred=named.objection.is_some()>
                <td class="where">
                    <b>{named.name.row.clone()}</b>
                    <span class="muted">{place}</span>
                    {lost(session, &named)}
                </td>
                <td class="figure muted" data-label="Before">{held(difference.base.as_ref())}</td>
                <td class="figure" data-label=ours.get_value()>{words::held_by_ours(session, difference)}</td>
                <td class="figure theirs" data-label=theirs.get_value()>{held(difference.theirs.as_ref())}</td>
                <td>{decision}</td>
            </tr>
        }
        .into_any(),
    )
}
