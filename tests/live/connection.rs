//! Whatever people send: frames and messages as they come over sockets, many of them no such thing, brought to the
//! server's own reading and judging. Also what the fuzz target `connection` runs.

use std::collections::BTreeMap;
use std::sync::Arc;

use equipoise_server::sync::{
    Budget, Input, Output, PeerNumber, Pieces, Replica, StoreRequest, Stored, Taken, read_frame,
};
use grid_engine::refs::RoomId;
use grid_engine::wire::split_address;
use grid_engine::workbook::Clock;

use crate::disk::{Disk, Honesty, Write};
use crate::plan::{self, PEOPLE, picture};

const CLOCK: Clock = Clock { now: 46_000.0, seed: 1 };
/// Bytes of a log that is folded, so that checkpoints are made of what was sent.
const LOG_BYTES: usize = 300;

const LIVE: u8 = 4;
const TURN: u8 = 8;

/// A server, its disk, and people who are connected again whenever they are sent away.
struct Server {
    replica: Replica,
    disk: Disk,
    peers: BTreeMap<PeerNumber, (usize, Option<RoomId>)>,
    next_peer: u64,
    stored: usize,
}

/// Brings a server what a script says, message by message: a byte for the person, with [`LIVE`] where it comes on `/live`
/// and [`TURN`] where a turn ends after it; its length in two bytes, the higher first; and the message: on `/sync` a
/// frame behind its room, on `/live` a text. How many updates were stored.
///
/// # Panics
/// When a rule is broken: the workbook's task would end, or the disk holds something else than the memory.
pub fn play(script: &[u8]) -> usize {
    let replica = open(&Disk::new(Honesty::Honest));
    let mut server =
        Server { replica, disk: Disk::new(Honesty::Honest), peers: BTreeMap::new(), next_peer: 1, stored: 0 };
    let budget = Budget::default();
    let mut pieces: Vec<Pieces> = (0..PEOPLE).map(|_| Pieces::new(&budget)).collect();
    let mut rest = script;
    while let [head, high, low, after @ ..] = rest {
        let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
        let (message, left) = after.split_at(length);
        rest = left;
        let who = usize::from(head & 3) % PEOPLE;
        if head & LIVE != 0 {
            server.hear_text(who, message);
        } else {
            server.hear_frame(who, message, &mut pieces[who], &budget);
        }
        if head & TURN != 0 {
            server.end_turn();
        }
    }
    server.end_turn();
    server.replica.recalculate(CLOCK, &mut || true);
    let mut stored = open(&server.disk);
    stored.recalculate(CLOCK, &mut || true);
    assert_eq!(picture(&server.replica.workbook), picture(&stored.workbook), "the disk holds something else");
    server.stored
}

fn open(disk: &Disk) -> Replica {
    let mut replica = Replica::open(plan::workbook_id(), disk.kept(), 7, CLOCK, Arc::default())
        .unwrap_or_else(|error| panic!("what is stored cannot be opened: {error}"));
    replica.log_bytes = LOG_BYTES;
    replica
}

impl Server {
    /// The number under which a person is connected to a room, or to `/live`.
    fn peer(&mut self, who: usize, room: Option<RoomId>) -> PeerNumber {
        let found = self.peers.iter().find(|(_, of)| **of == (who, room)).map(|(peer, _)| *peer);
        found.unwrap_or_else(|| {
            let peer = PeerNumber(self.next_peer);
            self.next_peer += 1;
            self.peers.insert(peer, (who, room));
            let me = plan::me(who);
            self.take(match room {
                Some(room) => Input::JoinRoom { peer, me, room, writers: Vec::new() },
                None => Input::JoinLive { peer, me, jobs: Vec::new() },
            });
            peer
        })
    }

    fn hear_text(&mut self, who: usize, text: &[u8]) {
        let peer = self.peer(who, None);
        if let Ok(message) = serde_json::from_slice(text) {
            self.take(Input::Live { peer, message });
        }
    }

    fn hear_frame(&mut self, who: usize, bytes: &[u8], pieces: &mut Pieces, budget: &Budget) {
        let Some((room, frame)) = split_address(bytes) else { return };
        let peer = self.peer(who, Some(room));
        let read = match pieces.take(peer, frame) {
            Ok(Taken::Part) => return,
            Ok(Taken::Frame(frame)) => read_frame(frame),
            Ok(Taken::Whole(frame, _)) => read_frame(&frame),
            Err(_) => {
                *pieces = Pieces::new(budget);
                self.peers.remove(&peer);
                self.take(Input::Leave { peer });
                return;
            }
        };
        self.take(match read {
            Ok(message) => Input::Sync { peer, message },
            Err(error) => Input::Malformed { peer, reason: error.to_string() },
        });
    }

    fn take(&mut self, input: Input) {
        if !self.replica.take(input) {
            self.end_turn();
        }
        self.deliver();
    }

    fn deliver(&mut self) {
        for output in self.replica.outputs() {
            match output {
                Output::Close { peer, .. } => _ = self.peers.remove(&peer),
                Output::Aside(aside) => self.disk.queue.push_back(Write::Aside(aside)),
                _ => {}
            }
        }
    }

    fn end_turn(&mut self) {
        let mut next = self.replica.end_turn();
        loop {
            self.deliver();
            let request = next.unwrap_or_else(|error| panic!("the workbook cannot go on: {error}"));
            let Some(request) = request else { return };
            if let StoreRequest::Append { updates, .. } = &request {
                self.stored += updates.len();
            }
            self.disk.queue.push_back(Write::Request(request));
            let stored = self.stored();
            next = self.replica.stored(stored);
        }
    }

    /// The answer to the request that waits, once everything before it is written.
    fn stored(&mut self) -> Stored {
        loop {
            if let Some(stored) = self.disk.write_one() {
                return stored;
            }
        }
    }
}
