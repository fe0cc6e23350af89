//! The life of a workbook: turns of taking what has arrived, storing it, and telling everyone.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::extract::ws::Message;
use grid_engine::doc::DocError;
use grid_engine::refs::{CellRef, PersonId, RoomId};
use grid_engine::wire::{Scalar, ToPeer};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::admission::Refused;
use super::command::{Command, Question};
use super::peer::{Closing, PeerNumber};
use super::protocol::{self, PeerMessage};
use super::replica::{Peer, PeerKind, Replica, RoomLog};
use crate::store::{AppendedUpdate, NewUpdate, StoreError};

/// Commands of one turn: bounds how long the first of them waits for its acknowledgement.
const BATCH: usize = 1024;
/// Under load, values are brought up to date this often; documents go first.
const RECALCULATE_EVERY: Duration = Duration::from_millis(200);
/// What sending one frame costs a core: the more peers a turn has told, the more the next one gathers, or sockets
/// would be given frames faster than they can send them.
const SENDING: Duration = Duration::from_micros(20);
/// Nobody waits longer for company than this.
const LONGEST_REST: Duration = Duration::from_millis(10);
/// A room's log is folded into a checkpoint when it outgrows this and the checkpoint before it.
const LOG_BYTES: usize = 256 << 10;
/// An update without changes and deletions.
const NOTHING: [u8; 2] = [0, 0];
/// Who sent one update of a turn.
pub(super) struct Author {
    peer: PeerNumber,
    pub person: PersonId,
    room: RoomId,
    pub writer: u64,
    /// The clock after its last change.
    pub clock: u64,
    bytes: usize,
}

/// Connections of one workbook: some hundreds of people with every room open.
const MAX_PEERS: usize = 20_000;
/// Sheets and parts of one workbook.
const MAX_ROOMS: usize = 2000;

/// What one turn has gathered.
#[derive(Default)]
pub(super) struct Turn {
    /// Updates that are staged in their rooms.
    pub updates: Vec<(PeerNumber, NewUpdate)>,
    /// What cells hold once they are applied.
    pub written: HashMap<(CellRef, Option<PersonId>), Scalar>,
    /// Rows or columns change: what follows is judged when the mirror has them.
    pub is_structural: bool,
    /// Rooms a person asked about that hold nothing new.
    pub unchanged: Vec<(PersonId, RoomId)>,
    /// Peers to answer once everything is stored, so that nobody sees what could still be lost.
    answers: Vec<(PeerNumber, Vec<u8>)>,
    /// When its updates arrived.
    arrived: Vec<std::time::Instant>,
    /// What was asked about the state.
    questions: Vec<Question>,
    stop: bool,
}

/// Why a workbook cannot go on.
#[derive(Debug, thiserror::Error)]
enum TurnError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is on disk could not be applied here.
    #[error(transparent)]
    Documents(#[from] DocError),
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
            if let Some(pause) = self.resting_until.filter(|until| command.is_some() && *until > Instant::now()) {
                // What arrives meanwhile shares one commit and one frame for each peer.
                tokio::time::sleep_until(pause).await;
            }
            let mut turn = Turn::default();
            let mut next = command;
            let mut taken = 0;
            while let Some(command) = next {
                self.take(command, &mut turn);
                taken += 1;
                let goes_on = taken < BATCH && !turn.stop && !turn.is_structural;
                next = if goes_on { queue.try_recv().ok() } else { None };
            }
            let (stop, questions) = (turn.stop, std::mem::take(&mut turn.questions));
            if let Err(error) = self.finish(turn).await {
                // What is in memory is not what is on disk: forget it, so that it is opened afresh.
                tracing::error!(workbook = %self.id, %error, "the workbook is closed, to be opened afresh");
                self.close_all(&Closing::again("workbook.reopening"));
                return;
            }
            if stop {
                self.close_all(&Closing::restart());
                return;
            }
            let is_time = queue.is_empty() || self.recalculated_at.elapsed() > RECALCULATE_EVERY;
            // Whoever asks reads values that follow from the inputs they are read with.
            if self.dirty && (is_time || !questions.is_empty()) {
                self.recalculate().await;
            }
            questions.into_iter().for_each(|question| question(&self));
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
                if self.workbook.epoch(room) == 0 {
                    outbox.send(Message::Binary(protocol::step1(&vector).into()));
                }
                if room == RoomId::Book
                    && let Some(everyone) = self.presence.everyone()
                {
                    outbox.send(Message::Binary(protocol::awareness(&everyone).into()));
                }
                self.peers
                    .insert(peer, Peer { me, outbox, kind: PeerKind::Room(room), warned: false, is_current: false });
            }
            Command::JoinLive { peer, me, outbox } => self.greet(peer, me, outbox),
            Command::Sync { peer, message, arrived } => self.take_sync(peer, message, arrived, turn),
            Command::Live { peer, message } => self.take_live(peer, message),
            Command::Malformed { peer, reason } => self.refuse(peer, Refused::new("update.malformed", reason)),
            Command::Leave { peer } => self.leave(peer),
            Command::Job { id, event } => self.take_job(id, event),
            Command::CancelJob { id, found } => {
                let outcome = self.board.cancel(id);
                // The request may have been given up.
                let _ = found.send(outcome.is_some());
                self.take_outcome(outcome.unwrap_or_default());
            }
            Command::Ask(question) => turn.questions.push(question),
            Command::VersionsChanged => self.tell_live(&ToPeer::Versions, |_| true),
            Command::Stop => turn.stop = true,
        }
    }

    fn take_sync(&mut self, number: PeerNumber, message: PeerMessage, arrived: std::time::Instant, turn: &mut Turn) {
        let Some(peer) = self.peers.get(&number).filter(|peer| !peer.outbox.is_closed()) else { return };
        let PeerKind::Room(room) = peer.kind else { return };
        match message {
            PeerMessage::Step1(vector) => {
                if self.is_current(number, room, &vector) {
                    turn.answers.push((number, vector));
                }
            }
            PeerMessage::Step2(update) if update == NOTHING => turn.unchanged.push((peer.me.person, room)),
            PeerMessage::Step2(update) | PeerMessage::Update(update) => match self.admit(number, room, update, turn) {
                Ok(()) => turn.arrived.push(arrived),
                Err(refused) => self.refuse(number, refused),
            },
            PeerMessage::Awareness(update) if room == RoomId::Book => match self.presence.take(number, &update) {
                Ok(None) => {}
                Ok(Some(news)) => self.relay_presence(&news, Some(number)),
                Err(error) => self.refuse(number, Refused::new("presence.malformed", error.to_string())),
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

    /// Tells the person why. Bad bytes close the connection the second time; what was understood and refused closes
    /// it at once, because the peer holds what nobody else does: it must join afresh.
    pub(super) fn refuse(&mut self, number: PeerNumber, refused: Refused) {
        let Some(peer) = self.peers.get_mut(&number) else { return };
        let Refused { code, message, cells, clocks } = refused;
        self.store.metrics().refused(code);
        tracing::info!(workbook = %self.id, peer = number.0, person = %peer.me.person, code, message, "refused");
        let reason = format!("{code}: {message}");
        let is_bytes = clocks.is_none() && (code.ends_with(".malformed") || code.starts_with("update."));
        peer.outbox.send(Message::Binary(protocol::denied(&reason).into()));
        if let ("update.gap", PeerKind::Room(room)) = (code, &peer.kind)
            && let Some(vector) = self.workbook.state_vector(*room)
        {
            // What it left out may come yet.
            peer.outbox.send(Message::Binary(protocol::step1(&vector).into()));
        }
        match code {
            _ if is_bytes && !peer.warned => peer.warned = true,
            _ if is_bytes => peer.outbox.close(Closing::malformed(reason)),
            "rate" => peer.outbox.close(Closing::again(message.clone())),
            "room.epoch" => peer.outbox.close(Closing::past()),
            _ if code.starts_with("acl.") => peer.outbox.close(Closing::forbidden(reason)),
            _ => peer.outbox.close(Closing::refused(reason)),
        }
        let person = peer.me.person;
        // These are no fault of the change: it is sent again.
        if let (PeerKind::Room(room), true) = (&peer.kind, !matches!(code, "rate" | "room.epoch")) {
            let refused = ToPeer::Refused { room: *room, code: code.to_owned(), message, clocks, cells };
            self.tell_live(&refused, |me| me.person == person);
        }
    }

    /// Stores what the turn gathered, then applies it, acknowledges and passes it on.
    async fn finish(&mut self, turn: Turn) -> Result<(), TurnError> {
        let Turn { updates, answers, unchanged, arrived, .. } = turn;
        let mut changed: Vec<RoomId> = updates.iter().map(|(_, update)| update.room).collect();
        if !updates.is_empty() {
            let (authors, stored): (Vec<Author>, Vec<NewUpdate>) = updates
                .into_iter()
                .map(|(peer, update)| {
                    let author = Author {
                        peer,
                        person: update.by,
                        room: update.room,
                        writer: update.record.writer,
                        clock: update.record.to,
                        bytes: update.body.len(),
                    };
                    (author, update)
                })
                .unzip();
            match self.store.append_updates(self.id, stored).await {
                Ok(appended) => self.apply(&authors, &appended).await?,
                Err(error) => self.give_back(&authors, &error),
            }
            let metrics = self.store.metrics();
            arrived.iter().for_each(|arrived| metrics.acknowledged.note(arrived.elapsed()));
        }
        for (number, vector) in answers {
            self.answer_step1(number, &vector);
        }
        for (person, room) in unchanged {
            self.acknowledge(room, person);
        }
        changed.sort_unstable();
        changed.dedup();
        for room in changed {
            self.rebase_outgrown(room).await?;
        }
        Ok(())
    }

    /// Applies what is on disk now, and tells everyone.
    async fn apply(&mut self, authors: &[Author], appended: &[AppendedUpdate]) -> Result<(), TurnError> {
        self.dirty = true;
        self.board.inputs_moved();
        self.store.metrics().updates.fetch_add(authors.len() as u64, Ordering::Relaxed);
        let mut by_room: BTreeMap<RoomId, Vec<&Author>> = BTreeMap::new();
        for (author, AppendedUpdate { room, seq }) in authors.iter().zip(appended) {
            let log = self.logs.entry(*room).or_default();
            log.last_seq = *seq;
            log.bytes += author.bytes;
            self.writers.stored(author.writer);
            by_room.entry(*room).or_default().push(author);
        }
        for (&room, authors) in &by_room {
            let merged = self.workbook.apply_staged(room)?;
            self.broadcast(room, authors, &merged);
            self.tell_saved(room, authors.iter().copied().filter(|author| author.writer != 0));
            // Deletions alone move no clock: everything is on disk, as the whole vector says.
            for author in authors.iter().filter(|author| author.writer == 0) {
                self.acknowledge(room, author.person);
            }
        }
        if by_room.keys().any(|room| !matches!(room, RoomId::Part(..))) {
            self.open_new_rooms().await?;
        }
        by_room.into_keys().for_each(|room| self.fold_log(room));
        Ok(())
    }

    /// Nothing was stored, so nothing has happened: whoever sent it keeps it and tries again.
    fn give_back(&mut self, authors: &[Author], error: &StoreError) {
        let code = if error.is_full() { "store.full" } else { "store.failed" };
        tracing::error!(workbook = %self.id, %error, code, updates = authors.len(), "not stored");
        for author in authors {
            self.workbook.drop_staged(author.room);
            self.store.metrics().refused(code);
            if let Some(peer) = self.peers.get_mut(&author.peer) {
                peer.outbox.close(Closing::again(code));
            }
        }
    }

    fn answer_step1(&mut self, number: PeerNumber, vector: &[u8]) {
        let Some(peer) = self.peers.get_mut(&number) else { return };
        let PeerKind::Room(room) = peer.kind else { return };
        match self.workbook.encode_state(room, Some(vector)) {
            Ok(state) => peer.outbox.send(Message::Binary(protocol::step2(&state).into())),
            Err(error) => self.refuse(number, Refused::new("update.malformed", error.to_string())),
        }
    }

    /// Sends what a room has received to its peers, as one frame.
    fn broadcast(&mut self, room: RoomId, authors: &[&Author], merged: &[u8]) {
        let frame = Message::Binary(protocol::update(merged).into());
        let only_author = authors.first().map(|first| first.peer).filter(|a| authors.iter().all(|by| by.peer == *a));
        let mut frames = 0;
        for (number, peer) in &mut self.peers {
            if matches!(peer.kind, PeerKind::Room(joined) if joined == room) && Some(*number) != only_author {
                peer.outbox.send(frame.clone());
                frames += 1;
            }
        }
        self.store.metrics().frames.fetch_add(frames, Ordering::Relaxed);
        let rest = (SENDING * u32::try_from(frames).unwrap_or(u32::MAX)).min(LONGEST_REST);
        self.resting_until = Some(Instant::now() + rest);
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
