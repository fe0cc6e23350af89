//! The open workbook: its documents and values, and everything the pages watch of it.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use grid_engine::doc::{Edit, EditError, Op};
use grid_engine::formula::functions;
use grid_engine::refs::{CellRef, RoomId, SheetId};
use grid_engine::wire::{FromPeer, JobInfo, Locks, Me, RoomRequest, addressed, pieces};
use grid_engine::workbook::{Applied, Clock, Side, Workbook, make_room};
use leptos::prelude::*;

use super::confirm::Unconfirmed;
use super::own_edits::OwnEdits;
use super::{NoticeBoard, clock, windows};
use crate::locale;
use crate::sync::{Link, Peer, Place, Presence, message};

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

/// An edit the server did not accept.
#[derive(Clone, Debug, PartialEq)]
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
    /// Counts up when sheets, rows, columns or measures change.
    pub structure: RwSignal<u64>,
    /// Counts up when a version was frozen or marked.
    pub versions: RwSignal<u64>,
    /// Counts up when something was said about a cell.
    pub comments: RwSignal<u64>,
    pub jobs: RwSignal<Vec<JobInfo>>,
    pub saved: RwSignal<SaveMark>,
    pub declined: RwSignal<Vec<Declined>>,
    pub peers: RwSignal<Vec<Peer>>,
    /// The active cell of the grid.
    pub selected: RwSignal<Option<CellRef>>,
    pub(super) notices: NoticeBoard,
    pub(super) core: StoredValue<Rc<RefCell<Core>>, LocalStorage>,
}

/// What only this folder touches.
pub struct Core {
    pub book: Workbook,
    /// The writer id of the edits made in this window: the server gives it out with its first greeting.
    pub client: u64,
    /// Of the data that is here.
    pub incarnation: Option<String>,
    /// Rooms this person may use, and whether they may write them.
    pub grants: BTreeMap<RoomId, bool>,
    pub live: Option<Link>,
    /// All rooms' connection.
    pub sync: Option<Link>,
    pub rooms: BTreeMap<RoomId, RoomLink>,
    /// Layers to fetch before the workbook is whole.
    pub facts_wanted: usize,
    pub facts_here: usize,
    pub edits: OwnEdits,
    pub unconfirmed: Unconfirmed,
    pub presence: Presence,
    /// What nobody may change at present.
    pub locks: Locks,
    /// Cells people speak of.
    pub commented: BTreeSet<CellRef>,
    pub place: Option<Place>,
    pub place_clock: u32,
    /// A recalculation is due and will come.
    pub due: bool,
    pub keeping: bool,
    /// What this window is called where unsent edits are kept.
    pub window: String,
    /// Edits kept from an earlier visit are being read.
    pub restoring: bool,
    /// The further functions are here or on their way.
    pub functions_asked: bool,
    pub next_declined: u64,
    pub seed: u64,
}

/// How far a room has come.
pub struct RoomLink {
    /// Whether everything the server had has arrived since the last connection.
    pub synced: bool,
    /// Whether the server has been sent what it lacked: from then on, edits are sent as they are made.
    pub answered: bool,
    /// What is here is of another epoch than the server's: the next state replaces it.
    pub past: bool,
    /// Whether it has ever.
    pub here: bool,
    /// Edits to make again once the room is here: the server had refused one among them.
    pub replay: Vec<Edit>,
}

impl RoomLink {
    /// The connection was lost.
    pub fn interrupt(&mut self) {
        (self.synced, self.answered) = (false, false);
    }
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
            live: None,
            sync: None,
            rooms: BTreeMap::new(),
            facts_wanted: 0,
            facts_here: 0,
            edits: OwnEdits::default(),
            unconfirmed: Unconfirmed::default(),
            presence: Presence::default(),
            locks: Locks::default(),
            commented: BTreeSet::new(),
            place: None,
            place_clock: 0,
            due: false,
            keeping: false,
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
            structure: RwSignal::new(0),
            versions: RwSignal::new(0),
            comments: RwSignal::new(0),
            jobs: RwSignal::new(Vec::new()),
            saved: RwSignal::new(SaveMark::Saved),
            declined: RwSignal::new(Vec::new()),
            peers: RwSignal::new(Vec::new()),
            selected: RwSignal::new(None),
            notices,
            core: StoredValue::new_local(Rc::new(RefCell::new(core))),
        }
    }

    /// Reads the workbook. It must not be edited from within.
    pub fn read<T>(&self, read: impl FnOnce(&Workbook) -> T) -> Option<T> {
        self.look(|core| read(&core.book))
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

    /// Whether this person may write a room.
    pub fn may_write(&self, room: RoomId) -> bool {
        self.look(|core| core.grants.get(&room).copied().unwrap_or(false)).unwrap_or(false)
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
        self.step(|book, by| book.undo(by, clock::millis()), OwnEdits::undo)
    }

    /// Does again what was undone last.
    pub fn redo(&self) -> bool {
        self.step(|book, by| book.redo(by, clock::millis()), OwnEdits::redo)
    }

    pub(super) fn make(&self, edit: Edit) -> Result<(), EditError> {
        let applied = self
            .with(|core| {
                let applied = core.book.apply(&edit)?;
                let waits = core.send(&applied);
                core.say_why(&edit, &waits);
                core.edits.push(edit, waits);
                Ok(())
            })
            .unwrap_or_else(|| Err(EditError::Invalid("The workbook is busy. Try again.".to_owned())));
        if applied.is_ok() {
            self.after_edit();
        }
        applied
    }

    fn step(
        &self,
        step: impl FnOnce(&mut Workbook, grid_engine::refs::PersonId) -> Option<Applied>,
        note: impl FnOnce(&mut OwnEdits),
    ) -> bool {
        let Some(me) = self.me.get_untracked() else { return false };
        let done = self.with(|core| {
            let Some(applied) = step(&mut core.book, me.person) else { return false };
            note(&mut core.edits);
            let waits = core.send(&applied);
            core.edits.push(Edit { by: me.person, at: clock::millis(), why: None, ops: Vec::new() }, waits);
            true
        });
        let done = done.unwrap_or(false);
        if done {
            self.after_edit();
        }
        done
    }

    fn after_edit(&self) {
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
        if functions::wanted() {
            self.fetch_functions();
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
        let Some((unsaved, connected)) = self.with(|core| (core.edits.unsaved(), core.connected())) else { return };
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

impl Core {
    /// Takes a greeting's writer id, the first time, and tells whether the data is still the same.
    pub fn greeted(&mut self, writer: u64, incarnation: String) -> bool {
        match &self.incarnation {
            Some(known) => *known == incarnation,
            None => {
                self.incarnation = Some(incarnation);
                self.client = writer;
                self.book.set_client(writer);
                true
            }
        }
    }

    /// Sends an edit's updates; returns what must be saved for the edit to be.
    fn send(&mut self, applied: &Applied) -> Vec<(RoomId, u32)> {
        applied
            .updates
            .iter()
            .map(|(room, update)| {
                if self.rooms.get(room).is_some_and(|link| link.answered) {
                    self.send_room(*room, message::update(update.clone()));
                }
                let state = self.book.state_vector(*room).unwrap_or_default();
                (*room, message::clock_of(&state, self.client))
            })
            .collect()
    }

    /// Sends a frame to a room, a large one in pieces.
    pub fn send_room(&self, room: RoomId, frame: Vec<u8>) {
        let Some(link) = &self.sync else { return };
        pieces(frame).iter().for_each(|piece| link.send_bytes(&addressed(room, piece)));
    }

    /// Opens a room on the connection, or opens it afresh.
    pub fn join_room(&mut self, room: RoomId) {
        self.ask_room(RoomRequest::Join { room });
        let is_past = self.rooms.get(&room).is_some_and(|link| link.past);
        let held = self.book.state_vector(room).filter(|_| !is_past);
        let state = held.unwrap_or_else(|| message::NOTHING_SEEN.to_vec());
        self.send_room(room, message::state_vector(&state));
        if room == RoomId::Book {
            self.send_room(room, message::presence_query());
            self.send_place();
        }
    }

    /// Closes a room.
    pub fn leave_room(&self, room: RoomId) {
        self.ask_room(RoomRequest::Leave { room });
    }

    /// Forgets a room and all that is in it; the edits that were not saved, to be made again.
    pub fn take_room(&mut self, room: RoomId) -> Vec<Edit> {
        let waiting = self.edits.take_waiting(room);
        self.rooms.remove(&room);
        self.book.close_room(room);
        waiting.into_iter().filter(|edit| !edit.ops.is_empty()).collect()
    }

    fn ask_room(&self, request: RoomRequest) {
        if let (Some(link), Ok(text)) = (&self.sync, serde_json::to_string(&request)) {
            link.send_text(&text);
        }
    }

    /// Has the reason of an edit kept beside it: documents hold what was entered, the edit log holds why.
    fn say_why(&self, edit: &Edit, waits: &[(RoomId, u32)]) {
        let (Some(why), Some(live)) = (&edit.why, &self.live) else { return };
        for &(room, clock) in waits {
            let why = FromPeer::Why { room, writer: self.client, clock: clock.into(), why: why.to_string() };
            if let Ok(text) = serde_json::to_string(&why) {
                live.send_text(&text);
            }
        }
    }

    /// Whether all connections stand.
    pub fn connected(&self) -> bool {
        self.live.as_ref().is_some_and(Link::is_open) && self.rooms.values().all(|room| room.synced)
    }

    /// Sends where this person is.
    pub fn send_place(&mut self) {
        let Some(json) = self.place.as_ref().and_then(|place| serde_json::to_string(place).ok()) else { return };
        self.place_clock += 1;
        self.send_room(RoomId::Book, message::presence(self.client, self.place_clock, &json));
    }

    fn leave(&mut self) {
        self.place_clock += 1;
        self.send_room(RoomId::Book, message::presence(self.client, self.place_clock, "null"));
    }
}
