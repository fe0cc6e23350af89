//! The life of a workbook: turns of taking what has arrived, storing it, and telling everyone.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::extract::ws::Message;
use grid_engine::refs::{PersonId, RoomId};
use grid_engine::wire::ToPeer;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::command::Command;
use super::grants::may_write;
use super::peer::{Closing, PeerNumber};
use super::protocol::{self, PeerMessage};
use super::replica::{Peer, PeerKind, Replica, RoomLog};
use crate::clock::now_ms;
use crate::store::{AppendedUpdate, NewUpdate, StoreError};

/// Commands of one turn: bounds how long the first of them waits for its acknowledgement.
const BATCH: usize = 1024;
/// Under load, values are brought up to date this often; documents go first.
const RECALCULATE_EVERY: Duration = Duration::from_millis(200);
/// A room's log is folded into a checkpoint when it outgrows this and the checkpoint before it.
const LOG_BYTES: usize = 256 << 10;
/// An update without changes and deletions.
const NOTHING: [u8; 2] = [0, 0];
/// Connections of one workbook: some hundreds of people with every room open.
const MAX_PEERS: usize = 20_000;
/// Sheets and parts of one workbook.
const MAX_ROOMS: usize = 2000;

/// What one turn has gathered.
#[derive(Default)]
struct Turn {
    updates: Vec<(PeerNumber, NewUpdate)>,
    /// Peers to answer once everything is stored, so that nobody sees what could still be lost.
    answers: Vec<(PeerNumber, Vec<u8>)>,
    /// Rooms a person asked about that hold nothing new.
    unchanged: Vec<(PersonId, RoomId)>,
    stop: bool,
}

impl Replica {
    /// Runs until told to stop or the store fails.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Command>) {
        loop {
            let due = self.next_due();
            let command = tokio::select! {
                command = queue.recv() => match command {
                    Some(command) => Some(command),
                    None => break,
                },
                () = tokio::time::sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => None,
            };
            let mut turn = Turn::default();
            let mut next = command;
            let mut taken = 0;
            while let Some(command) = next {
                self.take(command, &mut turn);
                taken += 1;
                next = if taken < BATCH && !turn.stop { queue.try_recv().ok() } else { None };
            }
            let stop = turn.stop;
            if let Err(error) = self.finish(turn).await {
                // What is in memory is not what is on disk: forget it, so that it is opened afresh.
                tracing::error!(workbook = %self.id, %error, "the store failed; the workbook is closed");
                let code = if error.is_full() { "store.full" } else { "store.unavailable" };
                self.close_all(&Closing::again(code));
                return;
            }
            if stop {
                self.close_all(&Closing::restart());
                return;
            }
            if self.dirty && (queue.is_empty() || self.recalculated_at.elapsed() > RECALCULATE_EVERY) {
                self.recalculate().await;
            }
            self.start_jobs();
            self.has_answers |= !self.dirty && self.board.is_idle();
            self.sweep();
        }
    }

    fn next_due(&self) -> Option<Instant> {
        if self.dirty { Some(Instant::now()) } else { self.board.next_due() }
    }

    fn take(&mut self, command: Command, turn: &mut Turn) {
        match command {
            Command::JoinRoom { mut outbox, .. } | Command::JoinLive { mut outbox, .. }
                if self.peers.len() >= MAX_PEERS =>
            {
                outbox.close(Closing::full());
            }
            Command::JoinRoom { peer, me, room, mut outbox } => {
                let vector = self.workbook.state_vector(room).filter(|_| me.may_read_live);
                let Some(vector) = vector else {
                    outbox.close(Closing::forbidden(format!("acl.read: there is no room {room} for you")));
                    return;
                };
                outbox.send(Message::Binary(protocol::step1(&vector).into()));
                if room == RoomId::Book
                    && let Some(everyone) = self.presence.everyone()
                {
                    outbox.send(Message::Binary(protocol::awareness(&everyone).into()));
                }
                self.peers.insert(peer, Peer { me, outbox, kind: PeerKind::Room(room) });
            }
            Command::JoinLive { peer, me, outbox } => self.greet(peer, me, outbox),
            Command::Sync { peer, message } => self.take_sync(peer, message, turn),
            Command::Live { peer, message } => self.take_live(peer, message),
            Command::Malformed { peer, reason } => self.refuse(peer, "update.malformed", &reason, Closing::malformed),
            Command::Leave { peer } => self.leave(peer),
            Command::Job { id, event } => self.take_job(id, event),
            Command::CancelJob { id, found } => {
                let outcome = self.board.cancel(id);
                // The request may have been given up.
                let _ = found.send(outcome.is_some());
                self.take_outcome(outcome.unwrap_or_default());
            }
            Command::Ask(question) => question(self),
            Command::VersionsChanged => self.tell_live(&ToPeer::Versions, |_| true),
            Command::Stop => turn.stop = true,
        }
    }

    fn take_sync(&mut self, number: PeerNumber, message: PeerMessage, turn: &mut Turn) {
        let Some(peer) = self.peers.get(&number).filter(|peer| !peer.outbox.is_closed()) else { return };
        let PeerKind::Room(room) = peer.kind else { return };
        match message {
            PeerMessage::Step1(vector) => turn.answers.push((number, vector)),
            PeerMessage::Step2(update) if update == NOTHING => turn.unchanged.push((peer.me.person, room)),
            PeerMessage::Step2(update) if protocol::brings_nothing(&update) && !self.peer_may_write(peer, room) => {}
            PeerMessage::Step2(update) | PeerMessage::Update(update) => self.take_update(number, room, update, turn),
            PeerMessage::Awareness(update) if room == RoomId::Book => match self.presence.take(number, &update) {
                Ok(None) => {}
                Ok(Some(news)) => self.relay_presence(&news, Some(number)),
                Err(error) => self.refuse(number, "presence.malformed", &error.to_string(), Closing::malformed),
            },
            // Presence belongs to the book; stock clients also send theirs to every room they join.
            PeerMessage::Awareness(_) => {}
            PeerMessage::QueryAwareness => {
                if let (RoomId::Book, Some(everyone)) = (room, self.presence.everyone())
                    && let Some(peer) = self.peers.get_mut(&number)
                {
                    peer.outbox.send(Message::Binary(protocol::awareness(&everyone).into()));
                }
            }
        }
    }

    fn peer_may_write(&self, peer: &Peer, room: RoomId) -> bool {
        may_write(&peer.me, self.workbook.mirror(), room)
    }

    fn take_update(&mut self, number: PeerNumber, room: RoomId, update: Vec<u8>, turn: &mut Turn) {
        let Some(peer) = self.peers.get(&number) else { return };
        let by = peer.me.person;
        if !self.peer_may_write(peer, room) {
            let message = format!("{} may read {room}, not change it.", peer.me.name);
            self.refuse(number, "acl.write", &message, Closing::forbidden);
            return;
        }
        match self.workbook.apply_complete_update(room, &update) {
            Ok(()) => turn.updates.push((number, NewUpdate { room, by, at: now_ms(), body: update })),
            Err(error) => self.refuse(number, "update.malformed", &error.to_string(), Closing::malformed),
        }
    }

    /// Tells the person why and closes the connection, which must join afresh.
    fn refuse(&mut self, number: PeerNumber, code: &str, message: &str, close: fn(String) -> Closing) {
        let Some(peer) = self.peers.get_mut(&number) else { return };
        tracing::info!(person = %peer.me.person, code, message, "refused");
        peer.outbox.close(close(format!("{code}: {message}")));
        let person = peer.me.person;
        if let PeerKind::Room(room) = peer.kind {
            let refused = ToPeer::Refused { room, code: code.to_owned(), message: message.to_owned() };
            self.tell_live(&refused, |me| me.person == person);
        }
    }

    /// Stores what the turn gathered, then acknowledges and passes it on.
    async fn finish(&mut self, turn: Turn) -> Result<(), StoreError> {
        let Turn { updates, answers, unchanged, .. } = turn;
        if !updates.is_empty() {
            self.dirty = true;
            self.board.inputs_moved();
            let mut by_room: BTreeMap<RoomId, Vec<(PeerNumber, Vec<u8>)>> = BTreeMap::new();
            let mut stored = Vec::with_capacity(updates.len());
            for (peer, update) in updates {
                by_room.entry(update.room).or_default().push((peer, update.body.clone()));
                stored.push(update);
            }
            let sizes: Vec<usize> = stored.iter().map(|update| update.body.len()).collect();
            let appended = self.store.append_updates(self.id, stored).await?;
            for (AppendedUpdate { room, seq }, bytes) in appended.into_iter().zip(sizes) {
                let log = self.logs.entry(room).or_default();
                log.last_seq = seq;
                log.bytes += bytes;
            }
            for (&room, updates) in &by_room {
                self.broadcast(room, updates);
                self.acknowledge(room, |_| true);
            }
            if by_room.keys().any(|room| !matches!(room, RoomId::Part(..))) {
                self.open_new_rooms().await?;
            }
            by_room.into_keys().for_each(|room| self.fold_log(room));
        }
        for (number, vector) in answers {
            self.answer_step1(number, &vector);
        }
        for (person, room) in unchanged {
            self.acknowledge(room, |me| me.person == person);
        }
        Ok(())
    }

    fn answer_step1(&mut self, number: PeerNumber, vector: &[u8]) {
        let Some(peer) = self.peers.get_mut(&number) else { return };
        let PeerKind::Room(room) = peer.kind else { return };
        match self.workbook.encode_state(room, Some(vector)) {
            Ok(state) => peer.outbox.send(Message::Binary(protocol::step2(&state).into())),
            Err(error) => self.refuse(number, "update.malformed", &error.to_string(), Closing::malformed),
        }
    }

    /// Sends the updates of a room to its other peers, as one frame.
    fn broadcast(&mut self, room: RoomId, updates: &[(PeerNumber, Vec<u8>)]) {
        let bodies: Vec<&[u8]> = updates.iter().map(|(_, body)| body.as_slice()).collect();
        let frames: Vec<Message> = match yrs::merge_updates_v1(&bodies) {
            Ok(merged) if bodies.len() > 1 => vec![Message::Binary(protocol::update(&merged).into())],
            _ => bodies.iter().map(|body| Message::Binary(protocol::update(body).into())).collect(),
        };
        let only_author = updates.first().map(|(peer, _)| *peer).filter(|a| updates.iter().all(|(peer, _)| peer == a));
        for (number, peer) in &mut self.peers {
            if matches!(peer.kind, PeerKind::Room(joined) if joined == room) && Some(*number) != only_author {
                frames.iter().for_each(|frame| peer.outbox.send(frame.clone()));
            }
        }
    }

    /// Opens rooms that the documents now mention.
    async fn open_new_rooms(&mut self) -> Result<(), StoreError> {
        let known = self.workbook.known_rooms();
        let fresh: Vec<RoomId> = known.into_iter().filter(|room| !self.workbook.has_room(*room)).collect();
        let mut opened = false;
        for room in fresh {
            if self.logs.len() >= MAX_ROOMS {
                tracing::warn!(workbook = %self.id, %room, "too many rooms; this one is not opened");
                break;
            }
            self.store.add_room(self.id, room, Vec::new()).await?;
            match self.workbook.open_room(room, &[]) {
                Ok(()) => {
                    self.logs.insert(room, RoomLog::default());
                    opened = true;
                }
                Err(error) => tracing::error!(%room, %error, "a new room cannot be opened"),
            }
        }
        if opened {
            self.tell_rooms();
        }
        Ok(())
    }

    /// Replaces a long log by a checkpoint. The store does it in its own time; until then the log stands.
    fn fold_log(&mut self, room: RoomId) {
        let Some(log) = self.logs.get_mut(&room) else { return };
        if log.bytes < LOG_BYTES.max(log.checkpoint_bytes) {
            return;
        }
        let Ok(state) = self.workbook.encode_state(room, None) else { return };
        (log.bytes, log.checkpoint_bytes) = (0, state.len());
        let folding = self.store.checkpoint(self.id, room, state, log.last_seq);
        tokio::spawn(async move {
            if let Err(error) = folding.await {
                tracing::warn!(%room, %error, "the log was not folded");
            }
        });
    }

    fn relay_presence(&mut self, news: &[u8], except: Option<PeerNumber>) {
        let frame = Message::Binary(protocol::awareness(news).into());
        for (number, peer) in &mut self.peers {
            if matches!(peer.kind, PeerKind::Room(RoomId::Book)) && Some(*number) != except {
                peer.outbox.send(frame.clone());
            }
        }
    }

    fn leave(&mut self, number: PeerNumber) {
        self.peers.remove(&number);
        if let Some(news) = self.presence.leave(number) {
            self.relay_presence(&news, None);
        }
    }

    /// Forgets connections that were closed from here.
    fn sweep(&mut self) {
        let closed: Vec<PeerNumber> =
            self.peers.iter().filter(|(_, peer)| peer.outbox.is_closed()).map(|(number, _)| *number).collect();
        closed.into_iter().for_each(|number| self.leave(number));
    }

    fn close_all(&mut self, closing: &Closing) {
        for (_, mut peer) in self.peers.drain() {
            peer.outbox.close(closing.clone());
        }
    }
}
