//! Rooms that go on in a fresh document, as seen from the workbook.

use super::Workbook;
use crate::doc::{DocError, Repeated};
use crate::refs::RoomId;

impl Workbook {
    /// The server has on disk what was written here up to its encoded state vector.
    pub fn acknowledge(&mut self, room: RoomId, vector: &[u8]) {
        self.documents.acknowledge(room, vector);
    }

    /// Whether a peer with this encoded state vector may go on with what it holds of a room. `is_known` tells the
    /// writers this workbook has ever had.
    pub fn is_of_epoch(&self, room: RoomId, peer: &[u8], is_known: &dyn Fn(u64) -> bool) -> Result<bool, DocError> {
        self.documents.is_of_epoch(room, peer, is_known)
    }

    /// How often a room was rebased; 0 for one that is not open.
    pub fn epoch(&self, room: RoomId) -> u32 {
        self.documents.epoch(room)
    }

    /// Whether what was overwritten in a room outgrows what is there. Only who examines updates can tell.
    pub fn is_outgrown(&self, room: RoomId) -> bool {
        self.documents.is_outgrown(room)
    }

    /// The state of a room's next epoch; the room itself stays as it is until [`Workbook::rebase`].
    pub fn next_epoch(&mut self, room: RoomId) -> Result<Vec<u8>, DocError> {
        self.documents.next_epoch(room)
    }

    /// Writers that the state of a room's next epoch says nothing of, each with the clock after its last change. Whoever
    /// may be asked for what they have written must note them: see [`crate::doc::swept_runs`].
    pub fn forgotten(&self, room: RoomId, next: &[u8]) -> Result<Vec<(u64, u64)>, DocError> {
        self.documents.forgotten(room, next)
    }

    /// How many changes of a writer a room has heard of; 0 for one that is not open.
    pub fn clock_of(&self, room: RoomId, writer: u64) -> u64 {
        self.documents.clock_of(room, writer)
    }

    /// Goes on with a room in the document of another epoch, from its state. Returns the edits made here that it did
    /// not have; `None`: it had them all. Nothing changes on an error.
    pub fn rebase(&mut self, room: RoomId, state: &[u8]) -> Result<Option<Repeated>, DocError> {
        let rebased = self.documents.rebase(room, state)?;
        self.news.extend(rebased.changes);
        Ok(rebased.repeated)
    }
}
