//! Rooms that go on in a fresh document: when, and what becomes of those who hold the old one.
//!
//! A room's peers are sent away; whoever comes back says first what it holds, and is sent away again where that is of
//! another epoch. A browser then begins with an empty document and makes its unsent edits again, however many epochs it was
//! away ([`super::swept`]); a stock client that does not know close code 4409 stays outside, where its document of the past can do no harm.

use grid_engine::doc::DocError;
use grid_engine::refs::RoomId;

use super::Frame;
use super::admission::Refused;
use super::closing::Closing;
use super::peer::PeerNumber;
use super::protocol;
use super::replica::{PeerKind, Replica};

impl Replica {
    /// Whether a peer may go on with what it holds of a room, by its state vector; told where not.
    pub(super) fn is_current(&mut self, number: PeerNumber, room: RoomId, vector: &[u8]) -> bool {
        let has_written = |writer| self.writers.has_written(writer);
        let refused = match self.workbook.is_of_epoch(room, vector, &has_written) {
            Ok(true) => {
                self.note_current(number, room);
                return true;
            }
            Ok(false) => Refused::new("room.epoch", "what you hold of the room is of another epoch"),
            Err(error) => Refused::new("update.malformed", error.to_string()),
        };
        self.refuse(number, refused);
        false
    }

    /// Asks a peer of a rebased room for what it has beyond ours, once it is known to hold nothing of the past: that
    /// would be all of it.
    fn note_current(&mut self, number: PeerNumber, room: RoomId) {
        let Some(peer) = self.peers.get_mut(&number) else { return };
        let is_first = !std::mem::replace(&mut peer.is_current, true);
        if let (true, Some(vector)) = (is_first && self.workbook.epoch(room) > 0, self.workbook.state_vector(room)) {
            self.outputs.send(number, Frame::Binary(protocol::step1(&vector).into()));
        }
    }

    /// Goes on with a room in its next epoch, which stands for the room on disk already.
    pub(super) fn rebase(&mut self, room: RoomId, state: &[u8], forgotten: &[(u64, u64)]) -> Result<(), DocError> {
        self.workbook.rebase(room, state)?;
        self.swept.note(room, forgotten);
        let epoch = self.workbook.epoch(room);
        if let Some(log) = self.logs.get_mut(&room) {
            (log.bytes, log.checkpoint_bytes, log.epoch) = (0, state.len(), epoch);
        }
        let joined =
            self.peers.iter().filter(|(_, peer)| matches!(peer.kind, PeerKind::Room(joined) if joined == room));
        let sent_away: Vec<PeerNumber> = joined.map(|(number, _)| *number).collect();
        sent_away.into_iter().for_each(|number| self.close(number, Closing::past()));
        tracing::info!(workbook = %self.id, %room, epoch, bytes = state.len(), "rebased");
        Ok(())
    }
}
