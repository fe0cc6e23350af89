//! What lies behind a session: the workbook itself, the connection, and how far rooms and edits have come.

use std::collections::{BTreeMap, BTreeSet};

use grid_engine::doc::Edit;
use grid_engine::refs::{CellRef, RoomId};
use grid_engine::wire::{FromPeer, Locks, RoomRequest, ToPeer, addressed, pieces};
use grid_engine::workbook::{Applied, Workbook};

use super::confirm::Unconfirmed;
use super::own_edits::OwnEdits;
use crate::sync::{Link, Place, Presence, message};

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
    pub(super) fn send(&mut self, applied: &Applied) -> Vec<(RoomId, u32)> {
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
    pub(super) fn say_why(&self, edit: &Edit, waits: &[(RoomId, u32)]) {
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

    pub(super) fn leave(&mut self) {
        self.place_clock += 1;
        self.send_room(RoomId::Book, message::presence(self.client, self.place_clock, "null"));
    }
}
