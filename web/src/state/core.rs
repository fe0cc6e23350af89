//! What lies behind a session: the workbook itself, the connection, and how far rooms and edits have come.

use std::collections::{BTreeMap, BTreeSet};

use grid_engine::doc::{Edit, NOTHING};
use grid_engine::refs::{CellRef, RoomId};
use grid_engine::wire::{FromPeer, Locks, MAX_WHOLE, RoomRequest, ToPeer, addressed, pieces};
use grid_engine::workbook::{Applied, Workbook};

use super::clock;
use super::confirm::Unconfirmed;
use super::own_edits::{OwnEdit, OwnEdits, Wait};
use crate::sync::{Link, Place, Presence, message};

/// An edit that was made longer ago than this is one made anew, in milliseconds.
const MOMENT: i64 = 3_000;
/// Unsent edits that are sent one by one: the server takes some hundreds at once.
const MOST_STEPS: usize = 200;

/// What only this folder touches.
pub struct Core {
    pub book: Workbook,
    /// The writer id of the edits made in this window: the server gives it out with its first greeting.
    pub client: u64,
    /// Of the data that is here.
    pub incarnation: Option<String>,
    /// Rooms this person may use, and whether they may write them.
    pub grants: BTreeMap<RoomId, bool>,
    /// Rooms of sheets that were made in this window a moment ago: the server has not told of them yet.
    pub made: BTreeSet<RoomId>,
    pub live: Option<Link>,
    /// All rooms' connection.
    pub sync: Option<Link>,
    pub rooms: BTreeMap<RoomId, RoomLink>,
    /// Layers to fetch before the workbook is whole.
    pub facts_wanted: usize,
    pub facts_here: usize,
    /// Whom this person met and has not said to have seen, by number.
    pub met: BTreeMap<u64, ToPeer>,
    /// The notice that shows the newest of them.
    pub met_shown: Option<u64>,
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
    /// What stands beside the grid will be told of new values.
    pub following: bool,
    /// What is unsent will be kept in a moment.
    pub keeping: bool,
    /// How often it is being written down at present.
    pub being_kept: usize,
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
    /// Since when it is not up to date with the server, where it was before.
    pub lost_at: Option<i64>,
    /// Edits to make again once all the server has is here: only then it is known which of them had arrived.
    pub replay: Vec<OwnEdit>,
    /// Earlier pages whose edits are among them, by writer id: the server is asked how far they had come.
    pub named: BTreeSet<u64>,
}

impl RoomLink {
    /// A room that is about to be joined.
    pub fn new(replay: Vec<OwnEdit>) -> Self {
        let named = replay.iter().map(|own| own.writer).collect();
        Self { synced: false, answered: false, past: false, here: false, lost_at: None, replay, named }
    }

    /// The connection was lost.
    pub fn interrupt(&mut self) {
        if self.synced {
            self.lost_at = Some(clock::millis());
        }
        (self.synced, self.answered) = (false, false);
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

    /// Sends an edit's updates, and remembers it until they are saved.
    pub(super) fn send(&mut self, edit: Edit, applied: &Applied) {
        let waits = applied.updates.iter().map(|(room, update)| {
            self.say_remade(*room, edit.at);
            self.send_change(*room, update.clone());
            let clock = self.book.clock_of(*room, self.client) as u32;
            Wait { room: *room, clock, epoch: self.book.epoch(*room), update: message::to_base64(update) }
        });
        let waits = waits.collect();
        let incarnation = self.incarnation.clone().unwrap_or_default();
        let own = OwnEdit { edit, writer: self.client, incarnation, waits };
        self.say_why(&own);
        self.edits.push(own);
    }

    /// Says that the next change of a room was made before, where that was: whom it met cannot be told by it.
    pub fn say_remade(&self, room: RoomId, made: i64) {
        let Some(link) = self.rooms.get(&room).filter(|link| link.answered) else { return };
        // Nothing that others did since the line was lost had been seen.
        let age = clock::millis() - made.min(link.lost_at.unwrap_or(made));
        if age > MOMENT {
            self.ask_room(RoomRequest::Remade { room, age: age.unsigned_abs() });
        }
    }

    /// Sends a change of a room, once the server has said what it lacks.
    fn send_change(&self, room: RoomId, update: Vec<u8>) {
        if self.rooms.get(&room).is_some_and(|link| link.answered) {
            self.send_room(room, message::update(update));
        }
    }

    /// Sends the server what it lacks of a room by its state vector; `None` where that is more than goes in one frame.
    pub fn send_missing(&self, room: RoomId, theirs: &[u8]) -> Option<()> {
        // Every update is of one writer, so what earlier pages wrote goes by itself, and first: the rest builds on it. What
        // this one wrote goes step by step too, where it is not too much: only a step tells what it cleared.
        let known = message::clocks(theirs);
        let unsent: Vec<_> = self.edits.written_in(room).filter(|(own, wait)| wait.clock > known(own.writer)).collect();
        let epoch = self.book.epoch(room);
        let by_steps = unsent.len() <= MOST_STEPS
            && unsent.iter().all(|(own, wait)| own.writer != self.client || wait.epoch == epoch);
        let (mut seen, ours) = (Vec::new(), self.book.state_vector(room).unwrap_or_default());
        for (own, wait) in unsent {
            if by_steps || own.writer != self.client {
                self.say_remade(room, own.edit.at);
                self.send_room(room, message::update(message::from_base64(&wait.update)));
                seen.push(own.writer);
            }
        }
        if !by_steps {
            self.edits.oldest(room).into_iter().for_each(|made| self.say_remade(room, made));
        }
        let since = message::seen_too(theirs, &ours, &seen);
        let missing = message::missing(self.book.encode_state(room, Some(&since)).unwrap_or_else(|_| NOTHING.to_vec()));
        (missing.len() <= MAX_WHOLE).then(|| self.send_room(room, missing))
    }

    /// Leaves out of edits of the past what the server has; only rooms in which all of that is here can tell.
    pub fn not_arrived(&self, mut edits: Vec<OwnEdit>) -> Vec<OwnEdit> {
        edits.retain_mut(|own| {
            // An earlier release kept nothing to tell it by.
            if own.waits.is_empty() {
                return true;
            }
            let writer = own.writer;
            own.waits.retain(|wait| u64::from(wait.clock) > self.book.clock_of(wait.room, writer));
            own.forget_arrived(&self.book);
            !own.waits.is_empty()
        });
        edits
    }

    /// Goes on with an edit of an earlier page as it was made then: what it met meanwhile is seen by the server, as of
    /// an edit made offline. `false` where the documents it was made in are no more.
    pub fn resume(&mut self, own: &OwnEdit) -> bool {
        let updates: Vec<_> = own.waits.iter().map(|wait| (wait.room, message::from_base64(&wait.update))).collect();
        // What this page wrote is forgotten with the document it was in, and its clocks are given anew.
        let is_earlier = own.writer != self.client && self.incarnation.as_ref() == Some(&own.incarnation);
        let fits = |wait: &Wait, update: &[u8]| {
            self.rooms.contains_key(&wait.room)
                && self.book.epoch(wait.room) == wait.epoch
                && self.book.is_ready(wait.room, update)
        };
        let fits = own.waits.iter().zip(&updates).all(|(wait, (_, update))| fits(wait, update));
        if !(is_earlier && fits) || updates.is_empty() {
            return false;
        }
        for (room, update) in updates {
            if self.book.apply_update(room, &update).is_err() {
                return false;
            }
            self.send_change(room, update);
        }
        self.say_why(own);
        self.edits.push(own.clone());
        true
    }

    /// Asks how far the writers of earlier pages had come whom a room has forgotten by now: they were away for several of
    /// its epochs.
    pub fn ask_for_forgotten(&mut self, edits: &[OwnEdit]) {
        let mut asked = BTreeSet::new();
        for (own, wait) in edits.iter().flat_map(|own| own.waits.iter().map(move |wait| (own, wait))) {
            if let Some(link) = self.rooms.get_mut(&wait.room)
                && link.named.insert(own.writer)
                && wait.epoch < self.book.epoch(wait.room)
                && self.book.clock_of(wait.room, own.writer) == 0
            {
                link.synced = false;
                asked.insert(wait.room);
            }
        }
        asked.into_iter().for_each(|room| self.join_room(room));
    }

    /// The room an edit has to wait for before it is known whether it had arrived.
    pub fn awaited(&mut self, own: &OwnEdit) -> Option<&mut RoomLink> {
        let room = own
            .waits
            .iter()
            .map(|wait| wait.room)
            .find(|room| self.rooms.get(room).is_some_and(|link| !link.synced))?;
        self.rooms.get_mut(&room)
    }

    /// Edits not yet known to be on the server's disk, whether they are made already or wait for their room.
    pub fn unsent(&self) -> impl Iterator<Item = &OwnEdit> {
        self.rooms.values().flat_map(|link| &link.replay).chain(self.edits.unsaved())
    }

    /// Sends a frame to a room, a large one in pieces.
    pub fn send_room(&self, room: RoomId, frame: Vec<u8>) {
        let Some(link) = &self.sync else { return };
        pieces(frame).iter().for_each(|piece| link.send_bytes(&addressed(room, piece)));
    }

    /// Opens a room on the connection, or opens it afresh.
    pub fn join_room(&mut self, room: RoomId) {
        let named = self.rooms.get(&room).into_iter().flat_map(|link| &link.named).copied();
        self.ask_room(RoomRequest::Join { room, writers: named.chain([self.client]).collect() });
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
    pub fn take_room(&mut self, room: RoomId) -> Vec<OwnEdit> {
        let mut waiting = self.edits.take_waiting(room);
        waiting.extend(self.rooms.remove(&room).into_iter().flat_map(|link| link.replay));
        self.book.close_room(room);
        waiting
    }

    fn ask_room(&self, request: RoomRequest) {
        if let (Some(link), Ok(text)) = (&self.sync, serde_json::to_string(&request)) {
            link.send_text(&text);
        }
    }

    /// Has the reason of an edit kept beside it: documents hold what was entered, the edit log holds why.
    fn say_why(&self, own: &OwnEdit) {
        let (Some(why), Some(live)) = (&own.edit.why, &self.live) else { return };
        for wait in &own.waits {
            let (writer, clock) = (own.writer, wait.clock.into());
            let why = FromPeer::Why { room: wait.room, writer, clock, why: why.to_string() };
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

    pub(super) fn leave(&mut self) {
        self.place_clock += 1;
        self.send_room(RoomId::Book, message::presence(self.client, self.place_clock, "null"));
    }
}
