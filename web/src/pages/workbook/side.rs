//! The panel beside the grid: the selected row and what it rests on, versions, decisions, alerts, people, jobs,
//! conflicts, and what was not accepted.

use grid_engine::refs::CellRef;
use leptos::prelude::*;

use super::assumed::assumed;
use super::cell_history::cell_history;
use super::comments::{comments_panel, follow_comments};
use super::row_over_time::row_over_time;
use super::work_queue::work_queue;
use crate::branches::{self, BranchesOf};
use crate::grid::Grid;
use crate::panels::{
    AlertsPanel, AssumptionsPanel, ConflictsPanel, DecisionsPanel, DeclinedLine, DeclinedPanel, HistoryPanel,
    JobsPanel, PeoplePanel, PersonHere, QueuePanel, SeriesPanel, VersionsPanel,
};
use crate::parts::later;
use crate::state::{LiveSource, MEETINGS, Session, SheetSource};
use crate::ui::{Glyph, IconButton, Tabs};

/// The panels and what they are called: first those of where one stands, then those of the plan and its people.
const TABS: [(&str, &str); 10] = [
    ("row", "Row"),
    ("history", "Cell"),
    ("assumptions", "Assumptions"),
    ("comments", "Comments"),
    ("queue", "To do"),
    ("versions", "Versions"),
    ("decisions", "Decisions"),
    ("alerts", "Alerts"),
    ("people", "People"),
    ("jobs", "Jobs"),
];

/// The side panel; closed while `panel` is `None`.
#[component]
pub fn SidePanel(session: Session, grid: Grid, panel: RwSignal<Option<String>>, on_go: Callback<u64>) -> impl IntoView {
    let comments = follow_comments(session, grid, panel);
    let has_declined = Memo::new(move |_| session.declined.with(|declined| !declined.is_empty()));
    let met = Signal::derive(move || session.meetings());
    let has_met = Memo::new(move |_| met.with(|met| !met.is_empty()));
    let is_open = Memo::new(move |_| panel.with(Option::is_some));
    let chosen = Signal::derive(move || panel.get().unwrap_or_default());
    // What is half written in a panel stays while it is asked for again.
    let shown = Memo::new(move |_| panel.get());
    let body = move || match shown.get().as_deref() {
        Some("row") => view! { <SeriesPanel row=row_over_time(session) /> }.into_any(),
        Some("versions") => {
            let start = RwSignal::new(None);
            let on_branch =
                move |version: grid_engine::plan::VersionInfo| start.set(Some(Some((version.id, version.name))));
            view! {
                {later(branches::section, BranchesOf { session, start })}
                <VersionsPanel workbook=session.workbook currency=session.currency changed=session.versions current=None on_branch=on_branch />
            }
            .into_any()
        }
        Some("comments") => comments_panel(comments, session, grid),
        Some("history") => view! { <HistoryPanel history=cell_history(session) /> }.into_any(),
        Some("queue") => {
            let queue = work_queue(session);
            view! {
                <QueuePanel workbook=session.workbook lines=queue.lines since=queue.since on_go=move |cell| grid.go_to(cell) />
            }
            .into_any()
        }
        Some("assumptions") => {
            view! { <AssumptionsPanel found=assumed(session) on_go=move |cell| grid.go_to(cell) /> }.into_any()
        }
        Some("decisions") => view! { <DecisionsPanel workbook=session.workbook /> }.into_any(),
        Some("alerts") => view! { <AlertsPanel workbook=session.workbook changed=session.versions /> }.into_any(),
        Some("people") => view! { <PeoplePanel people=people(session) on_go=on_go /> }.into_any(),
        Some("jobs") => view! { <JobsPanel workbook=session.workbook jobs=session.jobs /> }.into_any(),
        Some(MEETINGS) => view! {
            <ConflictsPanel lines=met on_go=move |cell| grid.go_to(cell) on_seen=move |numbers| session.saw(numbers) />
        }
        .into_any(),
        Some("declined") => view! { <Declined session grid /> }.into_any(),
        _ => ().into_any(),
    };
    move || {
        is_open.get().then(|| {
            let tabs = move || {
                let mut options: Vec<(String, String)> = TABS.map(|(value, words)| (value.to_owned(), words.to_owned())).into();
                if has_met.get() {
                    options.push((MEETINGS.to_owned(), "Conflicts".to_owned()));
                }
                if has_declined.get() {
                    options.push(("declined".to_owned(), "Not accepted".to_owned()));
                }
                view! { <Tabs label="Panels" options=options value=chosen on_change=move |value| panel.set(Some(value)) /> }
            };
            view! {
                <aside class="sidepanel" aria-label="Side panel">
                    <div class="panel-tabs">
                        {tabs}
                        <IconButton icon=Glyph::Close label="Close the panel" class="small tip-end" on_click=move |_| panel.set(None) />
                    </div>
                    <div class="panel">{body}</div>
                </aside>
            }
        })
    }
}

#[component]
fn Declined(session: Session, grid: Grid) -> impl IntoView {
    let lines = Signal::derive(move || {
        session.declined.with(|declined| {
            let line = |one: &crate::state::Declined| DeclinedLine {
                id: one.id,
                what: one.what.clone(),
                reason: one.reason.clone(),
            };
            declined.iter().map(line).collect::<Vec<_>>()
        })
    });
    let retry = move |id: u64| {
        session.retry_declined(id);
        grid.redraw();
    };
    view! { <DeclinedPanel lines on_retry=retry on_discard=move |id| session.forget_declined(id) /> }
}

fn people(session: Session) -> Signal<Vec<PersonHere>> {
    Signal::derive(move || {
        let source = LiveSource::new(session);
        session.structure.track();
        session.peers.with(|peers| {
            peers
                .iter()
                .map(|peer| {
                    let place = &peer.place;
                    let cell = place.sheet.zip(place.row.zip(place.col)).map(|(sheet, (row, col))| CellRef {
                        sheet,
                        row,
                        col,
                    });
                    PersonHere {
                        client: peer.client,
                        name: place.name.clone(),
                        colour: place.colour.clone(),
                        place: cell.map_or_else(|| "just arrived".to_owned(), |cell| source.address(cell)),
                        editing: place.editing,
                    }
                })
                .collect()
        })
    })
}
