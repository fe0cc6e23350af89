//! The work queue of the live plan: its demand sheet as it stands, beside the last consensus.

use std::rc::Rc;
use std::time::Duration;

use grid_engine::plan::{QueueLine, VersionInfo, VersionState, frame, queue};
use grid_engine::refs::SheetId;
use grid_engine::wire::SheetFrame;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api;
use crate::state::Session;

/// Values come in bursts; the queue is worked out once they rest this long.
const REST: Duration = Duration::from_millis(700);

/// What the queue is made of.
#[derive(Clone, Copy)]
pub struct WorkQueue {
    pub lines: Signal<Option<Vec<QueueLine>>>,
    pub since: RwSignal<Option<String>>,
}

/// The queue of a session's workbook. Without a frozen version nothing is told as changed.
pub fn work_queue(session: Session) -> WorkQueue {
    let since = RwSignal::new(None::<String>);
    let before = RwSignal::new_local(None::<Rc<SheetFrame>>);
    let asked = RwSignal::new(false);
    let demand = move || {
        session
            .read(|book| book.mirror().sheets().iter().find(|info| info.role == "demand").map(|info| info.id))
            .flatten()
    };
    Effect::new(move || {
        session.versions.track();
        spawn_local(async move {
            let found = untrack(demand).map(|sheet| latest(session.workbook, sheet));
            // Whoever may not read versions has a queue without them.
            if let Some(Some((version, sheet))) = match found {
                Some(found) => Some(found.await),
                None => None,
            } {
                since.try_set(Some(version.name));
                before.try_set(Some(Rc::new(sheet)));
            }
            asked.try_set(true);
        });
    });
    let tick = RwSignal::new(0_u64);
    let due = StoredValue::new(false);
    Effect::new(move || {
        session.values.track();
        if !due.get_value() {
            due.set_value(true);
            set_timeout(
                move || {
                    due.try_set_value(false);
                    tick.try_update(|tick| *tick += 1);
                },
                REST,
            );
        }
    });
    let lines = Memo::new(move |_| {
        tick.track();
        if !asked.get() {
            return None;
        }
        let sheet = demand()?;
        let now = session.read(|book| frame(book, sheet)).flatten()?;
        Some(before.with(|before| queue(&now, before.as_deref())))
    });
    WorkQueue { lines: lines.into(), since }
}

/// The consensus, or else the newest version, and its sheet.
async fn latest(workbook: SheetId, sheet: SheetId) -> Option<(VersionInfo, SheetFrame)> {
    let versions = api::versions(workbook).await.ok()?;
    let consensus = versions.iter().find(|version| version.state == VersionState::Consensus);
    let version = consensus.or(versions.first())?.clone();
    let frame = api::version_sheet(workbook, version.id, sheet).await.ok()?;
    Some((version, frame))
}
