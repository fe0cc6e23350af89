//! A disk: writes wait in order, each is done whole or not at all, and a crash forgets what waits.

use std::collections::{BTreeMap, VecDeque};

use equipoise_server::store::{AppendedUpdate, NewUpdate, StoreError, StoredRoom};
use equipoise_server::sync::{Aside, Kept, StoreRequest, Stored};
use grid_engine::refs::{PersonId, RoomId};
use yrs::updates::decoder::Decode;
use yrs::{StateVector, Update};

use crate::plan;

/// What the store promises, and how a broken one breaks it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Honesty {
    Honest,
    /// Says that it has stored what it drops, once in a while: what acknowledging before storing would be.
    Lying,
}

pub enum Write {
    Aside(Aside),
    Request(StoreRequest),
}

impl Write {
    /// Whether it puts another state in the place of what was kept.
    pub fn replaces(&self) -> bool {
        matches!(self, Self::Aside(Aside::Fold { .. }) | Self::Request(StoreRequest::Replace { .. }))
    }
}

#[derive(Default, Clone)]
struct Room {
    checkpoint: Vec<u8>,
    updates: Vec<(i64, Vec<u8>)>,
    /// The clocks of what is on disk.
    clocks: StateVector,
}

pub struct Disk {
    rooms: BTreeMap<RoomId, Room>,
    writers: BTreeMap<u64, PersonId>,
    /// Writers that rooms have forgotten.
    swept: BTreeMap<(RoomId, u64), u64>,
    last_seq: i64,
    pub queue: VecDeque<Write>,
    honesty: Honesty,
    lies: u32,
}

/// The clocks after the last changes of an update, which need not begin at the first.
pub fn clocks_of(update: &[u8]) -> StateVector {
    let mut clocks = StateVector::default();
    for (writer, ranges) in Update::decode_v1(update).unwrap().insertions(true).iter() {
        ranges.iter().for_each(|range| clocks.set_max(*writer, range.end));
    }
    clocks
}

impl Disk {
    pub fn new(honesty: Honesty) -> Self {
        let room = |(room, state): &(RoomId, Vec<u8>)| {
            (*room, Room { checkpoint: state.clone(), updates: Vec::new(), clocks: clocks_of(state) })
        };
        let rooms = plan::rooms().iter().map(room).collect();
        let (writers, swept) = Default::default();
        Self { rooms, writers, swept, last_seq: 0, queue: VecDeque::new(), honesty, lies: 0 }
    }

    /// What a server that starts now finds.
    pub fn kept(&self) -> Kept {
        let room = |(id, room): (&RoomId, &Room)| StoredRoom {
            room: *id,
            checkpoint: room.checkpoint.clone(),
            updates: room.updates.iter().map(|(_, body)| body.clone()).collect(),
            last_seq: room.updates.last().map_or(0, |(seq, _)| *seq),
        };
        Kept {
            title: "Plan".into(),
            currency: "EUR".into(),
            rooms: self.rooms.iter().map(room).collect(),
            facts: Vec::new(),
            writers: self.writers.iter().map(|(writer, person)| (*writer, *person)).collect(),
            swept: self.swept.iter().map(|((room, writer), clock)| (*room, *writer, *clock)).collect(),
            locks: Vec::new(),
            notices: Vec::new(),
            names: Default::default(),
            incarnation: "first".into(),
        }
    }

    /// Does the oldest write that waits; the answer, where somebody waits for one.
    pub fn write_one(&mut self) -> Option<Stored> {
        match self.queue.pop_front()? {
            Write::Aside(Aside::Fold { room, state, upto }) => {
                self.replace(room, state, upto);
                None
            }
            Write::Aside(_) => None,
            Write::Request(StoreRequest::Append { updates, .. }) => Some(Ok(self.append(updates))),
            Write::Request(StoreRequest::AddRoom(room)) => {
                self.rooms.insert(room, Room { checkpoint: Vec::new(), ..Room::default() });
                Some(Ok(Vec::new()))
            }
            Write::Request(StoreRequest::Replace { room, state, upto, forgotten }) => {
                self.replace(room, state, upto);
                self.swept.extend(forgotten.into_iter().map(|(writer, clock)| ((room, writer), clock)));
                Some(Ok(Vec::new()))
            }
            Write::Request(StoreRequest::Recall { room, update }) => Some(Ok(vec![self.put(room, update)])),
        }
    }

    /// The oldest write fails, and nothing of it is stored.
    pub fn fail_one(&mut self) -> Option<Stored> {
        match self.queue.pop_front()? {
            Write::Aside(_) => None,
            Write::Request(_) => Some(Err(StoreError::Invalid("the disk says no".into()))),
        }
    }

    /// The power goes: some of what waits was written, and nobody was told.
    pub fn crash(&mut self, written: usize) {
        for _ in 0..written {
            self.write_one();
        }
        self.queue.clear();
    }

    fn append(&mut self, updates: Vec<NewUpdate>) -> Vec<AppendedUpdate> {
        self.lies += 1;
        let drops = self.honesty == Honesty::Lying && self.lies.is_multiple_of(5);
        let mut appended = Vec::new();
        for update in updates {
            if drops {
                self.last_seq += 1;
                appended.push(AppendedUpdate { room: update.room, seq: self.last_seq });
                continue;
            }
            if update.first_use {
                self.writers.insert(update.record.writer, update.by);
            }
            appended.push(self.put(update.room, update.body));
        }
        appended
    }

    fn put(&mut self, room: RoomId, body: Vec<u8>) -> AppendedUpdate {
        self.last_seq += 1;
        let log = self.rooms.get_mut(&room).unwrap();
        log.clocks.merge(clocks_of(&body));
        log.updates.push((self.last_seq, body));
        AppendedUpdate { room, seq: self.last_seq }
    }

    fn replace(&mut self, room: RoomId, state: Vec<u8>, upto: i64) {
        let room = self.rooms.get_mut(&room).unwrap();
        room.clocks.merge(clocks_of(&state));
        room.checkpoint = state;
        room.updates.retain(|(seq, _)| *seq > upto);
    }

    /// Whether everything up to these clocks is on disk.
    pub fn has(&self, room: RoomId, clocks: &StateVector) -> bool {
        let Some(room) = self.rooms.get(&room) else { return clocks.is_empty() };
        clocks.iter().all(|(writer, clock)| room.clocks.get(writer) >= *clock)
    }
}
