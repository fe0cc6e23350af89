//! What `/live` carries: greetings, values, saved marks, notices, jobs.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::ws::{Message, Utf8Bytes};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use grid_engine::refs::{CellRef, PersonId, RoomId, SheetId};
use grid_engine::value::Value;
use grid_engine::wire::{CellValue, FactsInfo, FromPeer, Me, ToPeer};
use grid_engine::workbook::JobRequest;
use tokio::time::Instant;

use super::command::JobEvent;
use super::grants::grants;
use super::peer::{Outbox, PeerNumber};
use super::protocol;
use super::replica::{Peer, PeerKind, Replica};
use super::turn::Author;
use crate::clock::{now_ms, recalculation_clock};
use crate::jobs::{Outcome, layers_of, log_kept};

/// Values of ordinary formulas sent per sheet and recalculation. The browser has calculated them itself and only
/// compares; the values of heavy functions are never cut.
const COMPARED: usize = 500;
/// Sheets one peer looks at.
const MAX_WATCHED: usize = 100;
/// Longest reason of a change, in characters.
const MAX_WHY: usize = 1000;

impl Replica {
    /// Welcomes a peer on `/live`.
    pub(super) fn greet(&mut self, number: PeerNumber, me: Arc<Me>, mut outbox: Outbox) {
        let rooms = grants(&me, self.workbook.mirror(), &self.rooms());
        let writer = self.writers.issue(me.person);
        let hello = ToPeer::Hello {
            me: (*me).clone(),
            title: self.title.clone(),
            currency: self.currency.clone(),
            facts: if me.may_read_live { self.layer_infos() } else { Vec::new() },
            jobs: if me.may_read_live { self.board.infos() } else { Vec::new() },
            rooms: rooms.clone(),
            writer,
            incarnation: self.incarnation.clone(),
        };
        send(&mut outbox, &hello);
        for grant in &rooms {
            if let Some(saved) = self.saved(grant.room, false) {
                send(&mut outbox, &saved);
            }
        }
        self.peers.insert(
            number,
            Peer {
                me,
                outbox,
                kind: PeerKind::Live { watching: Vec::new(), told: rooms, writer },
                warned: false,
                is_current: true,
            },
        );
    }

    /// All open rooms.
    fn rooms(&self) -> Vec<RoomId> {
        self.logs.keys().copied().collect()
    }

    fn saved(&self, room: RoomId, cleared: bool) -> Option<ToPeer> {
        let vector = self.workbook.state_vector(room)?;
        Some(ToPeer::Saved { room, state: STANDARD.encode(vector), cleared })
    }

    /// Tells a person that everything a room has received is on disk.
    pub(super) fn acknowledge(&mut self, room: RoomId, person: PersonId) {
        if let Some(saved) = self.saved(room, true) {
            self.tell_live(&saved, |me| me.may_read_live && me.person == person);
        }
    }

    /// Tells the authors of a turn that what they wrote is on disk: each their own clocks, so that it stays small
    /// however many write.
    pub(super) fn tell_saved<'a>(&mut self, room: RoomId, authors: impl Iterator<Item = &'a Author>) {
        let mut clocks: BTreeMap<u64, (PersonId, u64)> = BTreeMap::new();
        for author in authors {
            clocks.insert(author.writer, (author.person, author.clock));
        }
        // A window that has come back writes on under the id of its first greeting, a stock client under its own.
        let mut elsewhere: BTreeMap<PersonId, Vec<(u64, u64)>> = BTreeMap::new();
        let said = |clocks: &[(u64, u64)]| {
            let state = STANDARD.encode(protocol::state_vector(clocks));
            frame(&ToPeer::Saved { room, state, cleared: false })
        };
        for peer in self.peers.values_mut() {
            if let PeerKind::Live { writer, .. } = peer.kind
                && let Some((_, clock)) = clocks.remove(&writer)
                && let Some(frame) = said(&[(writer, clock)])
            {
                peer.outbox.send(frame);
            }
        }
        for (writer, (person, clock)) in clocks {
            elsewhere.entry(person).or_default().push((writer, clock));
        }
        for (person, clocks) in elsewhere {
            let Some(frame) = said(&clocks) else { continue };
            for peer in self.peers.values_mut() {
                if matches!(peer.kind, PeerKind::Live { .. }) && peer.me.person == person {
                    peer.outbox.send(frame.clone());
                }
            }
        }
    }

    /// Tells everyone whose rooms have changed which they may use now.
    pub(super) fn tell_rooms(&mut self) {
        let open = self.rooms();
        for Peer { me, outbox, kind, .. } in self.peers.values_mut() {
            let PeerKind::Live { told, .. } = kind else { continue };
            let rooms = grants(me, self.workbook.mirror(), &open);
            if *told != rooms {
                told.clone_from(&rooms);
                send(outbox, &ToPeer::Rooms { rooms });
            }
        }
    }

    /// Sends a message to everyone on `/live` whom it concerns.
    pub(super) fn tell_live(&mut self, message: &ToPeer, whom: impl Fn(&Me) -> bool) {
        let Some(frame) = frame(message) else { return };
        for peer in self.peers.values_mut() {
            if matches!(peer.kind, PeerKind::Live { .. }) && whom(&peer.me) {
                peer.outbox.send(frame.clone());
            }
        }
    }

    /// Takes a message from `/live`.
    pub(super) fn take_live(&mut self, number: PeerNumber, message: FromPeer) {
        let Some(peer) = self.peers.get_mut(&number) else { return };
        match message {
            FromPeer::Why { room, writer, clock, why } => {
                let person = peer.me.person;
                if self.writers.person_of(writer) != Some(person) || why.is_empty() {
                    return;
                }
                let why = why.chars().take(MAX_WHY).collect();
                let noting = self.store.note_why(self.id, room, person, now_ms(), (writer, clock), why);
                tokio::spawn(async move {
                    if let Err(error) = noting.await {
                        tracing::warn!(%error, "a reason was not stored");
                    }
                });
            }
            FromPeer::Ping => send(&mut peer.outbox, &ToPeer::Pong),
            FromPeer::Watch { mut sheets } => {
                sheets.truncate(MAX_WATCHED);
                let PeerKind::Live { watching, .. } = &mut peer.kind else { return };
                let before = std::mem::replace(watching, sheets.clone());
                if peer.me.may_read_live {
                    let fresh = sheets.into_iter().filter(|sheet| !before.contains(sheet));
                    for sheet in fresh {
                        let cells = self.workbook.official(sheet);
                        let cells = cells.iter().map(|(cell, value, pending)| cell_value(*cell, value, *pending));
                        send(&mut peer.outbox, &ToPeer::Official { sheet, cells: cells.collect() });
                    }
                }
            }
            FromPeer::Conflict { cell, by, mine, theirs } => {
                let notice = ToPeer::Conflict {
                    cell,
                    by: peer.me.person,
                    by_name: peer.me.name.clone(),
                    mine: theirs,
                    theirs: mine,
                };
                if peer.me.may_read_live && peer.me.person != by {
                    self.tell_live(&notice, |me| me.person == by && me.may_read_live);
                }
            }
        }
    }

    /// Brings all values up to date and sends those that changed to who looks at them.
    pub(super) async fn recalculate(&mut self) {
        self.dirty = false;
        self.recalculated_at = Instant::now();
        let done = self.workbook.recalculate(recalculation_clock());
        self.store.metrics().recalculated.note(self.recalculated_at.elapsed());
        self.recalculated_at = Instant::now();
        let mut cells: BTreeMap<SheetId, (Vec<CellValue>, Vec<CellValue>)> = BTreeMap::new();
        for &cell in &done.official {
            let view = self.workbook.cell(cell);
            cells.entry(cell.sheet).or_default().0.push(cell_value(cell, view.value, view.pending));
        }
        let official: std::collections::HashSet<CellRef> = done.official.into_iter().collect();
        for &cell in done.changed.iter().filter(|cell| !official.contains(cell)) {
            let values = &mut cells.entry(cell.sheet).or_default().1;
            if values.len() < COMPARED {
                let view = self.workbook.cell(cell);
                values.push(cell_value(cell, view.value, view.pending));
            }
        }
        for (sheet, (official, values)) in cells {
            if !official.is_empty() {
                self.tell_watchers(sheet, &ToPeer::Official { sheet, cells: official });
            }
            if !values.is_empty() {
                self.tell_watchers(sheet, &ToPeer::Values { sheet, cells: values });
            }
        }
        if !done.restructured.is_empty() {
            self.tell_rooms();
        }
        self.request(done.requests);
    }

    fn tell_watchers(&mut self, sheet: SheetId, message: &ToPeer) {
        let watches = |peer: &Peer| {
            peer.me.may_read_live && matches!(&peer.kind, PeerKind::Live { watching, .. } if watching.contains(&sheet))
        };
        if !self.peers.values().any(watches) {
            return;
        }
        let Some(frame) = frame(message) else { return };
        for peer in self.peers.values_mut().filter(|peer| watches(peer)) {
            peer.outbox.send(frame.clone());
        }
    }

    /// Hands calls without an answer to the jobs.
    pub(super) fn request(&mut self, requests: Vec<JobRequest>) {
        if !requests.is_empty() {
            let outcome = self.board.request(requests);
            self.take_outcome(outcome);
        }
    }

    /// Starts jobs that are due.
    pub(super) fn start_jobs(&mut self) {
        let workbook = &self.workbook;
        for job in self.board.start_due(|key| workbook.is_wanted(key)) {
            self.tell_live(&ToPeer::Job { job }, |me| me.may_read_live);
        }
    }

    /// Takes a job's report.
    pub(super) fn take_job(&mut self, id: u64, event: JobEvent) {
        let workbook = &self.workbook;
        let outcome = self.board.report(id, event, |key| workbook.is_wanted(key));
        self.take_outcome(outcome);
    }

    /// Takes what came of a job.
    pub(super) fn take_outcome(&mut self, outcome: Outcome) {
        let Outcome { info, answers, tables, kept } = outcome;
        if let Some(kept) = kept {
            tokio::spawn(log_kept(kept));
        }
        self.dirty |= !answers.is_empty();
        for (key, value) in answers {
            self.workbook.complete(key, value);
        }
        self.put_layers(layers_of(&self.workbook, &tables));
        if let Some(job) = info {
            self.tell_live(&ToPeer::Job { job }, |me| me.may_read_live);
        }
    }

    /// Replaces layers that are not already the same. They are derived: should the store lose them, the next
    /// solve brings them back, so nobody waits for the disk here.
    fn put_layers(&mut self, layers: Vec<(SheetId, grid_engine::refs::MeasureId, grid_engine::workbook::Facts)>) {
        let changed: Vec<_> = layers
            .into_iter()
            .filter(|(sheet, measure, facts)| self.workbook.facts(*sheet, *measure).is_none_or(|old| !same(old, facts)))
            .collect();
        if changed.is_empty() {
            return;
        }
        self.dirty = true;
        for (sheet, measure, facts) in &changed {
            self.workbook.set_facts(*sheet, *measure, facts.clone());
            let version = self.layers.entry((*sheet, *measure)).or_default();
            *version += 1;
            let facts = FactsInfo { sheet: *sheet, measure: *measure, version: *version };
            self.tell_live(&ToPeer::Facts { facts }, |me| me.may_read_live);
        }
        let putting = self.store.put_facts(self.id, changed);
        tokio::spawn(async move {
            if let Err(error) = putting.await {
                tracing::warn!(%error, "layers were not stored");
            }
        });
    }
}

/// Equal, gaps included.
fn same(a: &grid_engine::workbook::Facts, b: &grid_engine::workbook::Facts) -> bool {
    (&a.rows, a.first, a.width) == (&b.rows, b.first, b.width)
        && a.values.len() == b.values.len()
        && a.values.iter().zip(&b.values).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
}

fn cell_value(cell: CellRef, value: &Value, pending: bool) -> CellValue {
    CellValue { row: cell.row, col: cell.col, value: value.into(), pending }
}

fn frame(message: &ToPeer) -> Option<Message> {
    match serde_json::to_string(message) {
        Ok(text) => Some(Message::Text(Utf8Bytes::from(text))),
        Err(error) => {
            tracing::error!(%error, "a message cannot be written as JSON");
            None
        }
    }
}

fn send(outbox: &mut Outbox, message: &ToPeer) {
    if let Some(frame) = frame(message) {
        outbox.send(frame);
    }
}
