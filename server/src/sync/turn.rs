//! The life of a workbook: turns of taking what has arrived, having it stored, and telling everyone.
//!
//! A turn gathers inputs ([`Replica::take`]), ends ([`Replica::end_turn`]) with what is to be stored, and goes on
//! ([`Replica::stored`]) when that is on disk. Between the two nothing else is taken.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::atomic::Ordering;

use grid_engine::doc::{DocError, NOTHING};
use grid_engine::refs::{CellRef, PersonId, RoomId};
use grid_engine::wire::{Scalar, ToPeer};

use super::Frame;
use super::admission::Refused;
use super::closing::Closing;
use super::peer::PeerNumber;
use super::presence::PresenceRefused;
use super::protocol::{self, PeerMessage};
use super::races::Race;
use super::replica::{Peer, PeerKind, Replica, RoomLog};
use super::sight::may_read;
use super::steps::{Input, Output, StoreRequest, Stored};
use super::swept::Recall;
use crate::store::{AppendedUpdate, NewNotice, NewUpdate, StoreError};

/// A log with fewer bytes is as good as a checkpoint where a branch begins with it.
const LEAST_FOLDED: usize = 4 << 10;
/// Connections of one workbook: some hundreds of people with every room open.
const MAX_PEERS: usize = 20_000;

/// Who sent one update of a turn.
pub(super) struct Author {
    pub peer: PeerNumber,
    pub person: PersonId,
    room: RoomId,
    pub writer: u64,
    /// The clock after its last change.
    pub clock: u64,
    bytes: usize,
}

/// What one turn has gathered.
#[derive(Default)]
pub(super) struct Turn {
    /// Updates that are staged in their rooms.
    pub updates: Vec<(PeerNumber, NewUpdate)>,
    /// What cells hold once they are applied.
    pub written: HashMap<(CellRef, Option<PersonId>), Scalar>,
    /// Who met whom in them.
    pub races: Vec<Race>,
    /// Rows or columns change: what follows is judged when the mirror has them.
    pub is_structural: bool,
    /// Rooms a person asked about that hold nothing new.
    pub unchanged: Vec<(PersonId, RoomId)>,
    /// Peers to answer once everything is stored, so that nobody sees what could still be lost.
    answers: Vec<(PeerNumber, Vec<u8>)>,
    /// Rooms to go on in their next epoch.
    rebases: Vec<RoomId>,
    /// Writers to bring back before anybody is answered.
    pub recalls: Vec<Recall>,
}

/// What a turn waits for, and what is left to do then.
pub(super) struct Waiting {
    disk: Disk,
    /// Rooms to open.
    fresh: VecDeque<RoomId>,
    unchanged: Vec<(PersonId, RoomId)>,
    answers: Vec<(PeerNumber, Vec<u8>)>,
    /// Whom to tell of whom, once it is decided what stands.
    notices: Vec<NewNotice>,
    /// Rooms that may have outgrown their past.
    changed: VecDeque<RoomId>,
    /// Those that were asked to go on whether they have or not.
    rebases: Vec<RoomId>,
    /// Writers to bring back before anybody is answered.
    recalls: VecDeque<Recall>,
}

/// What the disk is busy with.
enum Disk {
    Nothing,
    Appending(Vec<Author>),
    Adding(RoomId),
    Replacing(RoomId, Vec<u8>, Vec<(u64, u64)>),
    Recalling(PeerNumber, RoomId, Vec<u8>),
}

/// Why a workbook cannot go on: what is in memory is not what is on disk.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is on disk could not be applied here.
    #[error(transparent)]
    Documents(#[from] DocError),
}

impl Replica {
    /// Takes an input into the turn; whether the turn may take more.
    pub fn take(&mut self, input: Input) -> bool {
        match input {
            Input::JoinRoom { peer, .. } | Input::JoinLive { peer, .. } if self.peers.len() >= MAX_PEERS => {
                self.outputs.push(Output::Close { peer, closing: Closing::full() });
            }
            Input::JoinRoom { peer, me, room, writers } => {
                let vector = self.workbook.state_vector(room).filter(|_| may_read(&me, self.workbook.mirror(), room));
                let Some(vector) = vector else {
                    let closing = Closing::forbidden(format!("acl.read: there is no room {room} for you"));
                    self.outputs.push(Output::Close { peer, closing });
                    return true;
                };
                if self.workbook.epoch(room) == 0 {
                    self.outputs.send(peer, Frame::Binary(protocol::step1(&vector).into()));
                }
                if room == RoomId::Book {
                    self.tell_presence(peer, &me);
                }
                self.names.insert(me.person, me.name.clone());
                self.recall(peer, me.person, room, &writers);
                self.peers.insert(
                    peer,
                    Peer { me, kind: PeerKind::Room(room), warned: false, is_current: false, made_at: None },
                );
            }
            Input::JoinLive { peer, me, jobs } => self.greet(peer, me, jobs),
            Input::Sync { peer, message } => self.take_sync(peer, message),
            Input::Remade { peer, age } => self.note_remade(peer, age),
            Input::Raced(races) => self.turn.races.extend(races),
            Input::Live { peer, message } => self.take_live(peer, message),
            Input::Malformed { peer, reason } => self.refuse(peer, Refused::new("update.malformed", reason)),
            Input::Leave { peer } => self.leave(peer),
            Input::Jobs(answers) => self.take_answers(answers),
            Input::TryAgain => self.dirty |= self.workbook.try_given_up(),
            Input::VersionsChanged => {
                self.dirty |= self.workbook.look_for_versions_again();
                self.tell_live(&ToPeer::Versions, |_| true);
            }
            Input::Commented(cell) => self.tell_comments(cell),
            Input::Lock(lock) => self.put_lock(lock),
            Input::Unlock(lock) => self.take_lock_off(lock),
            Input::VersionFacts(found) => {
                self.dirty |= !found.is_empty();
                for (of, facts) in found {
                    self.workbook.set_version_facts(of, facts);
                }
            }
            Input::Scenarios(table) => self.dirty |= self.workbook.set_scenarios(table),
            Input::Imported(layers) => drop(self.show_layers(layers)),
            Input::Fold => self
                .logs
                .keys()
                .copied()
                .collect::<Vec<_>>()
                .into_iter()
                .for_each(|room| self.fold_log(room, LEAST_FOLDED)),
            Input::Rebase { room } => self.turn.rebases.push(room),
        }
        !self.turn.is_structural
    }

    fn take_sync(&mut self, number: PeerNumber, message: PeerMessage) {
        let Some(peer) = self.peers.get(&number) else { return };
        let PeerKind::Room(room) = peer.kind else { return };
        match message {
            PeerMessage::Step1(vector) => {
                if self.is_current(number, room, &vector) {
                    self.turn.answers.push((number, vector));
                }
            }
            PeerMessage::Step2(update) if update == NOTHING => self.turn.unchanged.push((peer.me.person, room)),
            PeerMessage::Step2(update) => self.judge(number, room, update, false),
            PeerMessage::Update(update) => self.judge(number, room, update, true),
            PeerMessage::Awareness(update) if room == RoomId::Book => {
                match self.presence.take(number, &peer.me, &update, self.now) {
                    Ok(None) => {}
                    Ok(Some(news)) => self.relay_presence(&news, Some(number)),
                    Err(error @ PresenceRefused::TooFast(_)) => {
                        self.metrics.refused("rate");
                        self.outputs.send(number, Frame::Binary(protocol::denied(&error.to_string()).into()));
                    }
                    Err(error) => self.refuse(number, Refused::new("presence.malformed", error.to_string())),
                }
            }
            // Presence belongs to the book; stock clients also send theirs to every room they join.
            PeerMessage::Awareness(_) => {}
            PeerMessage::QueryAwareness if room == RoomId::Book => {
                let me = peer.me.clone();
                self.tell_presence(number, &me);
            }
            PeerMessage::QueryAwareness => {}
        }
    }

    fn judge(&mut self, number: PeerNumber, room: RoomId, update: Vec<u8>, is_step: bool) {
        if let Err(refused) = self.admit(number, room, update, is_step) {
            self.refuse(number, refused);
        }
    }

    /// Tells the person why. Bad bytes close the connection the second time; what was understood and refused closes
    /// it at once, because the peer holds what nobody else does: it must join afresh.
    pub(super) fn refuse(&mut self, number: PeerNumber, refused: Refused) {
        let Some(peer) = self.peers.get_mut(&number) else { return };
        let Refused { code, message, cells, clocks } = refused;
        self.metrics.refused(code);
        let person = peer.me.person;
        tracing::info!(workbook = %self.id, peer = number.0, %person, code, message, "refused");
        let room = if let PeerKind::Room(room) = peer.kind { Some(room) } else { None };
        let reason = format!("{code}: {message}");
        let is_bytes = clocks.is_none() && (code.ends_with(".malformed") || code.starts_with("update."));
        self.outputs.send(number, Frame::Binary(protocol::denied(&reason).into()));
        if code == "update.gap"
            && let Some(vector) = room.and_then(|room| self.workbook.state_vector(room))
        {
            // What it left out may come yet.
            self.outputs.send(number, Frame::Binary(protocol::step1(&vector).into()));
        }
        let closing = match code {
            _ if is_bytes && !std::mem::replace(&mut peer.warned, true) => None,
            _ if is_bytes => Some(Closing::malformed(reason)),
            "rate" => Some(Closing::again(message.clone())),
            "room.epoch" => Some(Closing::past()),
            _ if code.starts_with("acl.") => Some(Closing::forbidden(reason)),
            _ => Some(Closing::refused(reason)),
        };
        if let Some(closing) = closing {
            self.close(number, closing);
        }
        // These are no fault of the change: it is sent again.
        if let (Some(room), true) = (room, !matches!(code, "rate" | "room.epoch")) {
            let refused = ToPeer::Refused { room, code: code.to_owned(), message, clocks, cells };
            self.tell_live(&refused, |me| me.person == person);
        }
    }

    /// Ends the turn: what must be on disk before the workbook goes on with [`Replica::stored`]. `None`: all is done.
    ///
    /// # Errors
    /// When the workbook cannot go on; it must be opened afresh.
    pub fn end_turn(&mut self) -> Result<Option<StoreRequest>, TurnError> {
        let Turn { updates, answers, unchanged, races, rebases, recalls, .. } = std::mem::take(&mut self.turn);
        let mut changed: Vec<RoomId> = updates.iter().map(|(_, update)| update.room).chain(rebases.clone()).collect();
        changed.sort_unstable();
        changed.dedup();
        let notices = self.notices_of(races);
        let fresh = VecDeque::new();
        let waiting = Waiting {
            disk: Disk::Nothing,
            fresh,
            unchanged,
            answers,
            notices: notices.clone(),
            changed: changed.into(),
            rebases,
            recalls: recalls.into(),
        };
        if updates.is_empty() && notices.is_empty() {
            return self.go_on(waiting);
        }
        let (authors, updates) = updates
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
        self.waiting = Some(Waiting { disk: Disk::Appending(authors), ..waiting });
        Ok(Some(StoreRequest::Append { updates, notices }))
    }

    /// Goes on with the turn, told how storing went; what must be stored next, `None` when the turn is done.
    ///
    /// # Errors
    /// When the workbook cannot go on; it must be opened afresh.
    pub fn stored(&mut self, stored: Stored) -> Result<Option<StoreRequest>, TurnError> {
        let Some(mut waiting) = self.waiting.take() else { return Ok(None) };
        match (std::mem::replace(&mut waiting.disk, Disk::Nothing), stored) {
            (Disk::Appending(authors), Ok(appended)) => {
                waiting.fresh = self.apply(&authors, &appended)?;
                self.tell_notices(std::mem::take(&mut waiting.notices));
            }
            (Disk::Appending(authors), Err(error)) => self.give_back(&authors, &error),
            (Disk::Adding(_), Err(error)) => return Err(error.into()),
            (Disk::Adding(room), Ok(_)) => {
                match self.workbook.open_room(room, &[]) {
                    Ok(()) => _ = self.logs.insert(room, RoomLog::default()),
                    Err(error) => tracing::error!(%room, %error, "a new room cannot be opened"),
                }
                if waiting.fresh.is_empty() {
                    self.tell_rooms();
                }
            }
            (Disk::Recalling(_, room, update), Ok(appended)) => self.take_back(room, &update, &appended)?,
            (Disk::Recalling(peer, room, _), Err(error)) => {
                tracing::warn!(workbook = %self.id, %room, %error, "a writer was not brought back");
                self.close(peer, Closing::again(code_of(&error)));
            }
            (Disk::Replacing(room, state, forgotten), Ok(_)) => self.rebase(room, &state, &forgotten)?,
            (Disk::Replacing(room, ..), Err(error)) => {
                tracing::warn!(workbook = %self.id, %room, %error, "the room was not rebased");
            }
            (Disk::Nothing, _) => {}
        }
        self.go_on(waiting)
    }

    fn go_on(&mut self, mut waiting: Waiting) -> Result<Option<StoreRequest>, TurnError> {
        if let Some(room) = waiting.fresh.pop_front() {
            self.waiting = Some(Waiting { disk: Disk::Adding(room), ..waiting });
            return Ok(Some(StoreRequest::AddRoom(room)));
        }
        while let Some(recall) = waiting.recalls.pop_front() {
            if let Some(update) = recall.update(self) {
                let (peer, room) = (recall.peer, recall.room);
                self.waiting = Some(Waiting { disk: Disk::Recalling(peer, room, update.clone()), ..waiting });
                return Ok(Some(StoreRequest::Recall { room, update }));
            }
        }
        for (number, vector) in std::mem::take(&mut waiting.answers) {
            self.answer_step1(number, &vector);
        }
        for (person, room) in std::mem::take(&mut waiting.unchanged) {
            self.acknowledge(room, person);
        }
        while let Some(room) = waiting.changed.pop_front() {
            let Some(upto) = self.logs.get(&room).map(|log| log.last_seq) else { continue };
            if self.workbook.is_outgrown(room) || waiting.rebases.contains(&room) {
                let state = self.workbook.next_epoch(room)?;
                let forgotten = self.workbook.forgotten(room, &state)?;
                let disk = Disk::Replacing(room, state.clone(), forgotten.clone());
                self.waiting = Some(Waiting { disk, ..waiting });
                return Ok(Some(StoreRequest::Replace { room, state, upto, forgotten }));
            }
        }
        Ok(None)
    }

    /// Applies what is on disk now, and tells everyone; the rooms that the documents now mention.
    fn apply(&mut self, authors: &[Author], appended: &[AppendedUpdate]) -> Result<VecDeque<RoomId>, DocError> {
        if authors.is_empty() {
            return Ok(VecDeque::new());
        }
        self.dirty = true;
        self.outputs.push(Output::InputsMoved);
        self.metrics.updates.fetch_add(authors.len() as u64, Ordering::Relaxed);
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
            // Deletions of another Yjs client move no clock: everything is on disk, as the whole vector says.
            for author in authors.iter().filter(|author| author.writer == 0) {
                self.acknowledge(room, author.person);
            }
        }
        let lists_rooms = by_room.keys().any(|room| !matches!(room, RoomId::Part(..)));
        by_room.into_keys().for_each(|room| self.fold_long_log(room));
        Ok(if lists_rooms { self.new_rooms() } else { VecDeque::new() })
    }

    /// Nothing was stored, so nothing has happened: whoever sent it keeps it and tries again.
    fn give_back(&mut self, authors: &[Author], error: &StoreError) {
        let code = code_of(error);
        tracing::error!(workbook = %self.id, %error, code, updates = authors.len(), "not stored");
        for author in authors {
            self.workbook.drop_staged(author.room);
            self.metrics.refused(code);
            if self.peers.contains_key(&author.peer) {
                self.close(author.peer, Closing::again(code));
            }
        }
    }

    /// Goes on with an update on disk that brings writers back, and tells everyone.
    fn take_back(&mut self, room: RoomId, update: &[u8], appended: &[AppendedUpdate]) -> Result<(), DocError> {
        self.workbook.apply_update(room, update)?;
        let log = self.logs.entry(room).or_default();
        log.bytes += update.len();
        log.last_seq = appended.first().map_or(log.last_seq, |appended| appended.seq);
        self.broadcast(room, &[], update);
        Ok(())
    }

    fn answer_step1(&mut self, number: PeerNumber, vector: &[u8]) {
        let Some(Peer { kind: PeerKind::Room(room), .. }) = self.peers.get(&number) else { return };
        match self.workbook.encode_state(*room, Some(vector)) {
            Ok(state) => self.outputs.answer(number, Frame::Binary(protocol::step2(&state).into())),
            Err(error) => self.refuse(number, Refused::new("update.malformed", error.to_string())),
        }
    }
}

/// What a peer is told of a store that fails.
fn code_of(error: &StoreError) -> &'static str {
    if error.is_full() { "store.full" } else { "store.failed" }
}
