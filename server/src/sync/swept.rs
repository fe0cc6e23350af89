//! How far writers had come whom a room's document has forgotten.
//!
//! A document remembers a writer for one epoch more than it holds anything of that one (`grid_engine::doc::swept_runs`). A
//! browser may be away for longer, with edits of which it has not heard that they arrived. It says on joining under
//! which ids it has written; what was noted of them when they were forgotten goes back into the document before the
//! browser is answered, as an update that changes nothing else. So the answer tells which of its edits had arrived,
//! and its clock goes on where it was.

use std::collections::{BTreeMap, HashMap};

use grid_engine::doc::swept_runs;
use grid_engine::refs::{PersonId, RoomId};

use super::peer::PeerNumber;
use super::replica::Replica;

/// Ids one request to join may name: a browser names its own and those of pages that were closed with unsent edits.
const MAX_NAMED: usize = 100;

/// The clock after the last change of each forgotten writer, by room.
#[derive(Default)]
pub(super) struct Swept(BTreeMap<RoomId, HashMap<u64, u64>>);

impl Swept {
    pub fn new(stored: Vec<(RoomId, u64, u64)>) -> Self {
        let mut swept = Self::default();
        for (room, writer, clock) in stored {
            swept.note(room, &[(writer, clock)]);
        }
        swept
    }

    /// A room has forgotten these.
    pub fn note(&mut self, room: RoomId, forgotten: &[(u64, u64)]) {
        if !forgotten.is_empty() {
            self.0.entry(room).or_default().extend(forgotten.iter().copied());
        }
    }

    fn clock(&self, room: RoomId, writer: u64) -> Option<u64> {
        self.0.get(&room)?.get(&writer).copied()
    }
}

/// Writers that somebody asks for on joining.
pub(super) struct Recall {
    /// Who joins: sent away where it cannot be done.
    pub peer: PeerNumber,
    pub room: RoomId,
    writers: BTreeMap<u64, u64>,
}

impl Recall {
    /// The update that brings back those the room has not heard of; `None` where there are none, or none any more.
    pub fn update(&self, replica: &Replica) -> Option<Vec<u8>> {
        let is_unheard = |writer: &u64| replica.workbook.clock_of(self.room, *writer) == 0;
        let writers: BTreeMap<u64, u64> = self
            .writers
            .iter()
            .filter(|(writer, _)| is_unheard(writer))
            .map(|(writer, clock)| (*writer, *clock))
            .collect();
        (!writers.is_empty()).then(|| swept_runs(&writers))
    }
}

impl Replica {
    /// Has those of these writers brought back that are this person's and that a room has forgotten.
    pub(super) fn recall(&mut self, peer: PeerNumber, person: PersonId, room: RoomId, writers: &[u64]) {
        let theirs = writers.iter().take(MAX_NAMED).filter(|writer| self.writers.person_of(**writer) == Some(person));
        let forgotten = theirs.filter_map(|&writer| Some((writer, self.swept.clock(room, writer)?)));
        let writers: BTreeMap<u64, u64> =
            forgotten.filter(|(writer, _)| self.workbook.clock_of(room, *writer) == 0).collect();
        if !writers.is_empty() {
            self.turn.recalls.push(Recall { peer, room, writers });
        }
    }
}
