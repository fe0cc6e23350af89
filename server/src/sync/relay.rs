//! What goes on from one peer to the others, and what becomes of rooms' logs.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use grid_engine::refs::RoomId;
use grid_engine::wire::Me;

use super::Frame;
use super::peer::PeerNumber;
use super::protocol;
use super::replica::{PeerKind, Replica};
use super::sight::seen_presence;
use super::steps::{Aside, Output};
use super::turn::Author;

/// Sheets and parts of one workbook.
const MAX_ROOMS: usize = 2000;

impl Replica {
    /// Sends what a room has received to its peers, as one frame.
    pub(super) fn broadcast(&mut self, room: RoomId, authors: &[&Author], merged: &[u8]) {
        let frame = Frame::Binary(protocol::update(merged).into());
        let only_author = authors.first().map(|first| first.peer).filter(|a| authors.iter().all(|by| by.peer == *a));
        let mut frames = 0;
        for (number, peer) in &self.peers {
            if matches!(peer.kind, PeerKind::Room(joined) if joined == room) && Some(*number) != only_author {
                self.outputs.send(*number, frame.clone());
                frames += 1;
            }
        }
        self.metrics.frames.fetch_add(frames as u64, Ordering::Relaxed);
        self.told += frames;
    }

    /// Rooms that the documents mention and nobody has opened.
    pub(super) fn new_rooms(&self) -> VecDeque<RoomId> {
        let known = self.workbook.known_rooms().into_iter();
        let mut fresh: VecDeque<RoomId> = known.filter(|room| !self.workbook.has_room(*room)).collect();
        let places = MAX_ROOMS.saturating_sub(self.logs.len());
        if fresh.len() > places {
            tracing::warn!(workbook = %self.id, left_out = fresh.len() - places, "too many rooms");
            fresh.truncate(places);
        }
        fresh
    }

    /// Replaces a long log by a checkpoint. The store does it in its own time; until then the log stands.
    pub(super) fn fold_long_log(&mut self, room: RoomId) {
        let checkpoint_bytes = self.logs.get(&room).map_or(0, |log| log.checkpoint_bytes);
        self.fold_log(room, self.log_bytes.max(checkpoint_bytes));
    }

    pub(super) fn fold_log(&mut self, room: RoomId, least: usize) {
        let Some(log) = self.logs.get_mut(&room).filter(|log| log.bytes >= least) else { return };
        let Ok(state) = self.workbook.encode_state(room, None) else { return };
        (log.bytes, log.checkpoint_bytes) = (0, state.len());
        self.outputs.push(Output::Aside(Aside::Fold { room, state, upto: log.last_seq }));
    }

    /// Tells a newcomer who is present.
    pub(super) fn tell_presence(&mut self, number: PeerNumber, me: &Me) {
        let Some(everyone) = self.presence.everyone() else { return };
        let seen = seen_presence(me, self.workbook.mirror(), &everyone);
        self.outputs.answer(number, Frame::Binary(protocol::awareness(&seen).into()));
    }

    pub(super) fn relay_presence(&mut self, news: &[u8], except: Option<PeerNumber>) {
        let frame = Frame::Binary(protocol::awareness(news).into());
        for (number, peer) in &self.peers {
            if matches!(peer.kind, PeerKind::Room(RoomId::Book)) && Some(*number) != except {
                let frame = if peer.me.is_confined() {
                    let seen = seen_presence(&peer.me, self.workbook.mirror(), news);
                    Frame::Binary(protocol::awareness(&seen).into())
                } else {
                    frame.clone()
                };
                self.outputs.send(*number, frame);
            }
        }
    }

    pub(super) fn leave(&mut self, number: PeerNumber) {
        self.peers.remove(&number);
        if let Some(news) = self.presence.leave(number) {
            self.relay_presence(&news, None);
        }
    }
}
