//! The open workbook: its documents and values, and everything the pages watch of it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use grid_engine::doc::{Edit, EditError, Op};
use grid_engine::formula::functions;
use grid_engine::refs::{CellRef, RoomId, SheetId};
use grid_engine::wire::{JobInfo, Locks, Me};
use grid_engine::workbook::{Applied, Clock, Side, Workbook, make_room};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::confirm::Unconfirmed;
use super::core::Core;
use super::own_edits::OwnEdits;
use super::{NoticeBoard, clock, windows};
use crate::locale;
use crate::sync::{Peer, Place, Presence};

/// How far the edits made here have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveMark {
    Saved,
    /// On the way.
    Saving,
    /// No connection; this many edits wait for it.
    Offline(usize),
    /// The server refused this many; they are in the tray.
    NotAccepted(usize),
}

/// How far opening the workbook has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    Connecting,
    /// Rooms and layers that are here, of all.
    Loading {
        done: usize,
        total: usize,
    },
    Open,
    /// It cannot be opened; the reason in words.
    Failed(String),
}

/// An edit that was not accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Declined {
    pub id: u64,
    /// What was written where, in words.
    pub what: String,
    pub reason: String,
    pub edit: Edit,
}

/// The open workbook, shared by all that is on its page. Copying it copies a handle.
#[derive(Clone, Copy)]
pub struct Session {
    pub workbook: SheetId,
    pub me: RwSignal<Option<Me>>,
    pub title: RwSignal<String>,
    pub currency: RwSignal<String>,
    pub opening: RwSignal<Opening>,
    /// Counts up when values change.
    pub values: RwSignal<u64>,
    /// Counts up once the grid shows what changed: what stands beside it follows, so that nobody who types waits for it.
    pub followed: RwSignal<u64>,
    /// Counts up when sheets, rows, columns or measures change.
    pub structure: RwSignal<u64>,
    /// Counts up when a version was frozen or marked.
    pub versions: RwSignal<u64>,
    /// Counts up when something was said about a cell.
    pub comments: RwSignal<u64>,
    pub jobs: RwSignal<Vec<JobInfo>>,
    pub saved: RwSignal<SaveMark>,
    pub declined: RwSignal<Vec<Declined>>,
    /// Counts up when there are other meetings this person has not seen.
    pub(super) met: RwSignal<u64>,
    /// The panel beside the grid; none is open while it is `None`.
    pub panel: RwSignal<Option<String>>,
    pub peers: RwSignal<Vec<Peer>>,
    /// The active cell of the grid.
    pub selected: RwSignal<Option<CellRef>>,
    /// The rows of the selection, each by its cell in the active column.
    pub selected_rows: RwSignal<Vec<CellRef>>,
    pub(super) notices: NoticeBoard,
    pub(super) core: StoredValue<Rc<RefCell<Core>>, LocalStorage>,
}

impl Session {
    /// A session on a workbook, not yet connected.
    pub fn new(workbook: SheetId, notices: NoticeBoard) -> Self {
        make_room();
        // Writer ids have 53 bits, so that other Yjs clients can hold them in a double.
        let client = (js_sys::Math::random() * (1_u64 << 53) as f64) as u64;
        let mut book = Workbook::new(Side::Browser, client);
        book.set_locale(locale::current());
        let window = windows::name();
        windows::hold(&window);
        let core = Core {
            book,
            client,
            incarnation: None,
            grants: BTreeMap::new(),
            made: BTreeSet::new(),
            live: None,
            sync: None,
            rooms: BTreeMap::new(),
            facts_wanted: 0,
            facts_here: 0,
            met: Default::default(),
            met_shown: None,
            edits: OwnEdits::default(),
            unconfirmed: Unconfirmed::default(),
            presence: Presence::default(),
            locks: Locks::default(),
            commented: BTreeSet::new(),
            place: None,
            place_clock: 0,
            due: false,
            following: false,
            keeping: false,
            being_kept: 0,
            window,
            restoring: false,
            functions_asked: false,
            next_declined: 1,
            seed: client,
        };
        Self {
            workbook,
            me: RwSignal::new(None),
            title: RwSignal::new(String::new()),
            currency: RwSignal::new(String::new()),
            opening: RwSignal::new(Opening::Connecting),
            values: RwSignal::new(0),
            followed: RwSignal::new(0),
            structure: RwSignal::new(0),
            versions: RwSignal::new(0),
            comments: RwSignal::new(0),
            jobs: RwSignal::new(Vec::new()),
            saved: RwSignal::new(SaveMark::Saved),
            declined: RwSignal::new(Vec::new()),
            met: RwSignal::new(0),
            panel: RwSignal::new(None),
            peers: RwSignal::new(Vec::new()),
            selected: RwSignal::new(None),
            selected_rows: RwSignal::new(Vec::new()),
            notices,
            core: StoredValue::new_local(Rc::new(RefCell::new(core))),
        }
    }

    /// Reads the workbook. It must not be edited from within.
    pub fn read<T>(&self, read: impl FnOnce(&Workbook) -> T) -> Option<T> {
        self.look(|core| read(&core.book))
    }

    /// Reads the workbook as some steps would leave it, which are not made; `None` where they cannot be.
    pub fn suppose<T>(&self, ops: Vec<Op>, read: impl FnOnce(&Workbook) -> T) -> Option<T> {
        let by = self.me.get_untracked()?.person;
        let edit = Edit { by, at: clock::millis(), why: None, ops };
        self.with(|core| core.book.suppose(&edit, read).ok()).flatten()
    }

    /// Reads everything inside, also while somebody else reads.
    pub(super) fn look<T>(&self, read: impl FnOnce(&Core) -> T) -> Option<T> {
        let core = self.core.try_get_value()?;
        let core = core.try_borrow().ok()?;
        Some(read(&core))
    }

    /// Works with everything inside; signals must be set after, not within.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut Core) -> T) -> Option<T> {
        let core = self.core.try_get_value()?;
        let mut core = core.try_borrow_mut().ok()?;
        Some(work(&mut core))
    }

    /// Takes the cells that people speak of.
    pub fn mark_commented(&self, cells: BTreeSet<CellRef>) {
        self.with(|core| core.commented = cells);
    }

    /// Whether this person may write a room. A sheet that was just made here can be typed into at once.
    pub fn may_write(&self, room: RoomId) -> bool {
        self.look(|core| core.grants.get(&room).copied().unwrap_or_else(|| core.made.contains(&room))).unwrap_or(false)
    }

    /// Makes an edit: at once here, then on the server.
    pub fn edit(&self, ops: Vec<Op>, why: Option<&str>) -> Result<(), EditError> {
        let Some(me) = self.me.get_untracked() else {
            return Err(EditError::Invalid("The workbook is not open yet.".to_owned()));
        };
        let edit = Edit { by: me.person, at: clock::millis(), why: why.map(Into::into), ops };
        self.make(edit)
    }

    /// Undoes this person's latest edit. `false`: there is nothing to undo.
    pub fn undo(&self) -> bool {
        self.step(|book, by| book.undo(by, clock::millis()))
    }

    /// Does again what was undone last.
    pub fn redo(&self) -> bool {
        self.step(|book, by| book.redo(by, clock::millis()))
    }

    pub(super) fn make(&self, edit: Edit) -> Result<(), EditError> {
        let applied = self
            .with(|core| {
                let made = edit.ops.iter().filter_map(|op| match op {
                    Op::PutSheet { info, .. } => Some(RoomId::Sheet(info.id)),
                    _ => None,
                });
                let made: Vec<RoomId> = made.filter(|room| !core.book.has_room(*room)).collect();
                let applied = core.book.apply(&edit)?;
                core.made.extend(made);
                core.send(edit, &applied);
                Ok(())
            })
            .unwrap_or_else(|| Err(EditError::Invalid("The workbook is busy. Try again.".to_owned())));
        if applied.is_ok() {
            self.after_edit();
        }
        applied
    }

    fn step(&self, step: impl FnOnce(&mut Workbook, grid_engine::refs::PersonId) -> Option<Applied>) -> bool {
        let Some(me) = self.me.get_untracked() else { return false };
        let done = self.with(|core| {
            let mut applied = step(&mut core.book, me.person)?;
            core.send(applied.step.take()?, &applied);
            Some(())
        });
        let done = done.flatten().is_some();
        if done {
            self.after_edit();
        }
        done
    }

    pub(super) fn after_edit(&self) {
        self.with(|core| core.unconfirmed.forget());
        self.recalculate();
        self.refresh_saved();
        self.keep_unsent();
    }

    /// Brings all values up to date and tells who watches.
    pub(super) fn recalculate(&self) {
        let outcome = self.with(|core| {
            core.due = false;
            core.book.recalculate(Clock { now: clock::serial(), seed: core.seed })
        });
        let Some(outcome) = outcome else { return };
        if !outcome.restructured.is_empty() || !outcome.widened.is_empty() {
            self.structure.update(|count| *count += 1);
        }
        self.values.update(|count| *count += 1);
        self.follow_soon();
        if functions::wanted() {
            self.fetch_functions();
        }
    }

    fn follow_soon(&self) {
        const AFTER_THE_GRID: std::time::Duration = std::time::Duration::from_millis(50);
        let first = self.with(|core| !std::mem::replace(&mut core.following, true)).unwrap_or(false);
        if first {
            let session = *self;
            set_timeout(
                move || {
                    session.with(|core| core.following = false);
                    session.followed.try_update(|count| *count += 1);
                },
                AFTER_THE_GRID,
            );
        }
    }

    /// Recalculates soon, once for everything that arrives meanwhile.
    pub(super) fn recalculate_soon(&self) {
        let first = self.with(|core| !std::mem::replace(&mut core.due, true)).unwrap_or(false);
        if first {
            let session = *self;
            set_timeout(move || session.recalculate(), std::time::Duration::from_millis(8));
        }
    }

    /// Works out anew how far the edits have come.
    pub(super) fn refresh_saved(&self) {
        let declined = self.declined.with_untracked(Vec::len);
        let Some((unsaved, connected)) = self.with(|core| (core.unsent().count(), core.connected())) else { return };
        // The network may be gone long before its connections are.
        let connected = connected && window().navigator().on_line();
        let next = match (declined, connected, unsaved) {
            (1.., _, _) => SaveMark::NotAccepted(declined),
            (0, false, _) => SaveMark::Offline(unsaved),
            (0, true, 0) => SaveMark::Saved,
            (0, true, _) => SaveMark::Saving,
        };
        if self.saved.get_untracked() != next {
            self.saved.set(next);
        }
    }

    /// Says where this person is now.
    pub fn show_place(&self, cell: Option<CellRef>, sheet: Option<SheetId>, editing: bool) {
        let Some(me) = self.me.get_untracked() else { return };
        let place = Place {
            person: me.person,
            name: me.name,
            colour: me.colour,
            sheet: cell.map(|cell| cell.sheet).or(sheet),
            row: cell.map(|cell| cell.row),
            col: cell.map(|cell| cell.col),
            editing,
        };
        self.with(|core| {
            if core.place.as_ref() != Some(&place) {
                core.place = Some(place);
                core.send_place();
            }
        });
    }

    /// Closes all connections.
    pub fn close(&self) {
        self.with(|core| {
            core.leave();
            core.live = None;
            core.sync = None;
            core.rooms.clear();
        });
    }
}
