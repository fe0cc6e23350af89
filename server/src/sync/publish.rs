//! What `/live` carries: greetings, values, saved marks, notices, jobs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use grid_engine::refs::{CellRef, MeasureId, PersonId, RoomId, SheetId};
use grid_engine::value::Value;
use grid_engine::wire::{CellValue, FactsInfo, FromPeer, JobInfo, Me, ToPeer};
use grid_engine::workbook::{Clock, Facts};

use super::Frame;
use super::grants::grants;
use super::peer::PeerNumber;
use super::protocol;
use super::replica::{Peer, PeerKind, Replica, ShownPlan};
use super::sight::{confined_to, sees_comments, sees_layers};
use super::steps::{Answers, Aside, Output, Outputs};
use super::turn::Author;
use crate::jobs::{SolvedPlan, layers_of};

/// Values of ordinary formulas sent per sheet and recalculation. The browser has calculated them itself and only
/// compares; the values of heavy functions are never cut.
const COMPARED: usize = 500;
/// Sheets one peer looks at.
const MAX_WATCHED: usize = 100;
/// Longest reason of a change, in characters.
const MAX_WHY: usize = 1000;

impl Replica {
    /// Welcomes a peer on `/live`.
    pub(super) fn greet(&mut self, number: PeerNumber, me: Arc<Me>, jobs: Vec<JobInfo>) {
        self.names.insert(me.person, me.name.clone());
        let rooms = grants(&me, self.workbook.mirror(), &self.rooms());
        let writer = self.writers.issue(me.person);
        let hello = ToPeer::Hello {
            me: (*me).clone(),
            title: self.title.clone(),
            currency: self.currency.clone(),
            facts: self.layer_infos(&me),
            jobs: if hears_of_jobs(&me) { jobs } else { Vec::new() },
            rooms: rooms.clone(),
            writer,
            incarnation: self.incarnation.clone(),
        };
        answer(&mut self.outputs, number, &hello);
        let locks = self.locks_for(&me);
        if !locks.is_empty() {
            answer(&mut self.outputs, number, &ToPeer::Locks { locks });
        }
        for grant in &rooms {
            if let Some(saved) = self.saved(grant.room) {
                answer(&mut self.outputs, number, &saved);
            }
        }
        let kind = PeerKind::Live { watching: Vec::new(), told: rooms, writer };
        let is_confined = me.is_confined();
        self.peers.insert(number, Peer { me: me.clone(), kind, warned: false, is_current: true, made_at: None });
        self.tell_untold(number, &me);
        if is_confined {
            self.look();
        }
    }

    /// Works out what may not be shown to people who do not see every row.
    fn look(&mut self) {
        let groups = self.peers.values().filter(|peer| matches!(peer.kind, PeerKind::Live { .. }));
        self.sight.look(&mut self.workbook, groups.map(|peer| confined_to(&peer.me)));
    }

    /// Whether a person sees what a cell's formula makes; of those who do not see every row only whoever has the workbook open.
    pub fn shows_made(&self, me: &Me, cell: CellRef) -> bool {
        self.sight.shows(&self.workbook, &confined_to(me), cell)
    }

    /// All open rooms.
    fn rooms(&self) -> Vec<RoomId> {
        self.logs.keys().copied().collect()
    }

    fn saved(&self, room: RoomId) -> Option<ToPeer> {
        let vector = self.workbook.state_vector(room)?;
        Some(ToPeer::Saved { room, state: STANDARD.encode(vector) })
    }

    /// Tells a person that everything a room has received is on disk.
    pub(super) fn acknowledge(&mut self, room: RoomId, person: PersonId) {
        if let Some(saved) = self.saved(room) {
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
            frame(&ToPeer::Saved { room, state })
        };
        for (number, peer) in &self.peers {
            if let PeerKind::Live { writer, .. } = peer.kind
                && let Some((_, clock)) = clocks.remove(&writer)
                && let Some(frame) = said(&[(writer, clock)])
            {
                self.outputs.send(*number, frame);
            }
        }
        for (writer, (person, clock)) in clocks {
            elsewhere.entry(person).or_default().push((writer, clock));
        }
        for (person, clocks) in elsewhere {
            let Some(frame) = said(&clocks) else { continue };
            for (number, peer) in &self.peers {
                if matches!(peer.kind, PeerKind::Live { .. }) && peer.me.person == person {
                    self.outputs.send(*number, frame.clone());
                }
            }
        }
    }

    /// Tells everyone whose rooms have changed which they may use now.
    pub(super) fn tell_rooms(&mut self) {
        let open = self.rooms();
        for (number, Peer { me, kind, .. }) in &mut self.peers {
            let PeerKind::Live { told, .. } = kind else { continue };
            let rooms = grants(me, self.workbook.mirror(), &open);
            if *told != rooms {
                told.clone_from(&rooms);
                say(&mut self.outputs, *number, &ToPeer::Rooms { rooms });
            }
        }
    }

    /// Sends a message to everyone on `/live` whom it concerns.
    pub(super) fn tell_live(&mut self, message: &ToPeer, whom: impl Fn(&Me) -> bool) {
        let Some(frame) = frame(message) else { return };
        for (number, peer) in &self.peers {
            if matches!(peer.kind, PeerKind::Live { .. }) && whom(&peer.me) {
                self.outputs.send(*number, frame.clone());
            }
        }
    }

    /// Tells those who may read what is said about a cell that it is another.
    pub(super) fn tell_comments(&mut self, cell: CellRef) {
        let Some(frame) = frame(&ToPeer::Comments) else { return };
        for (number, peer) in &self.peers {
            let is_live = matches!(peer.kind, PeerKind::Live { .. });
            if is_live && sees_comments(&peer.me, self.workbook.mirror(), cell) {
                self.outputs.send(*number, frame.clone());
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
                let change = (writer, clock);
                self.outputs.push(Output::Aside(Aside::Why { room, person, at: self.now, change, why }));
            }
            FromPeer::Told { notices } => {
                let person = peer.me.person;
                self.forget_notices(person, notices);
            }
            FromPeer::Ping => say(&mut self.outputs, number, &ToPeer::Pong),
            FromPeer::Watch { mut sheets } => {
                sheets.truncate(MAX_WATCHED);
                let PeerKind::Live { watching, .. } = &mut peer.kind else { return };
                let before = std::mem::replace(watching, sheets.clone());
                if peer.me.may_read_live {
                    let me = peer.me.clone();
                    let fresh = sheets.into_iter().filter(|sheet| !before.contains(sheet));
                    fresh.for_each(|sheet| self.show_sheet(number, &me, sheet));
                }
            }
        }
    }

    /// What may be seen may be something else now: says it again to those who do not see every row.
    fn show_again(&mut self) {
        let mut shown = Vec::new();
        for (number, peer) in &self.peers {
            if let PeerKind::Live { watching, .. } = &peer.kind
                && peer.me.may_read_live
                && peer.me.is_confined()
            {
                shown.extend(watching.iter().map(|sheet| (*number, peer.me.clone(), *sheet)));
            }
        }
        shown.into_iter().for_each(|(number, me, sheet)| self.show_sheet(number, &me, sheet));
    }

    /// The values of a sheet that somebody turns to: those their side cannot calculate, or may not.
    fn show_sheet(&mut self, number: PeerNumber, me: &Me, sheet: SheetId) {
        let cells = self.workbook.official(sheet);
        let cells: Vec<CellValue> =
            cells.iter().map(|(cell, value, pending)| cell_value(*cell, value, *pending)).collect();
        let labels = confined_to(me);
        let seen = self.sight.seen(&self.workbook, &labels, sheet, &cells).unwrap_or(cells);
        answer(&mut self.outputs, number, &ToPeer::Official { sheet, cells: seen });
        let corrected: Vec<CellValue> = self
            .sight
            .corrected(&self.workbook, &labels, sheet)
            .into_iter()
            .map(|cell| {
                let view = self.workbook.cell(cell);
                cell_value(cell, view.value, view.pending)
            })
            .collect();
        if let Some(cells) = self.sight.seen(&self.workbook, &labels, sheet, &corrected).filter(|it| !it.is_empty()) {
            answer(&mut self.outputs, number, &ToPeer::Values { sheet, cells });
        }
    }

    /// Brings values up to date as long as it may go on, which is asked before each formula, and sends those that changed to
    /// who looks at them. The replica stays behind while some are not.
    pub fn recalculate(&mut self, clock: Clock, may_go_on: &mut dyn FnMut() -> bool) {
        let (done, is_done) = self.workbook.recalculate_while(clock, may_go_on);
        self.dirty = !is_done;
        if self.peers.values().any(|peer| peer.me.is_confined()) {
            self.look();
        }
        let most = if self.sight.is_needed() { usize::MAX } else { COMPARED };
        let mut cells: BTreeMap<SheetId, (Vec<CellValue>, Vec<CellValue>)> = BTreeMap::new();
        for &cell in &done.official {
            let view = self.workbook.cell(cell);
            cells.entry(cell.sheet).or_default().0.push(cell_value(cell, view.value, view.pending));
        }
        let official: std::collections::HashSet<CellRef> = done.official.into_iter().collect();
        for &cell in done.changed.iter().filter(|cell| !official.contains(cell)) {
            let values = &mut cells.entry(cell.sheet).or_default().1;
            if values.len() < most {
                let view = self.workbook.cell(cell);
                values.push(cell_value(cell, view.value, view.pending));
            }
        }
        for (sheet, (official, values)) in cells {
            self.tell_watchers(sheet, &official, usize::MAX, |cells| ToPeer::Official { sheet, cells });
            self.tell_watchers(sheet, &values, COMPARED, |cells| ToPeer::Values { sheet, cells });
        }
        if !done.restructured.is_empty() {
            self.tell_rooms();
            self.show_again();
        }
        self.want(done.requests);
        self.want_versions();
        self.want_plan();
    }

    /// Asks once more for the plan that sheets are to show, where it was solved while they showed another.
    fn want_plan(&mut self) {
        if let Some(plan) = self.workbook.supply_plan()
            && self.shown_plan.as_ref().is_none_or(|shown| shown.key != plan.key)
            && plan.answer.is_some_and(|answer| answer.as_error().is_none())
        {
            self.workbook.ask_again(plan.key);
            self.dirty = true;
        }
    }

    /// Asks for what formulas read of frozen versions and of scenarios.
    pub(super) fn want_versions(&mut self) {
        let wanted = self.workbook.take_wanted_versions();
        if !wanted.is_empty() {
            self.outputs.push(Output::Versions(wanted));
        }
        if self.workbook.take_wanted_scenarios() {
            self.outputs.push(Output::Scenarios);
        }
    }

    /// Sends values of a sheet to everyone who looks at it, as each may see them: all to those who are confined, at most
    /// `most` to others.
    fn tell_watchers(
        &mut self,
        sheet: SheetId,
        cells: &[CellValue],
        most: usize,
        message: impl Fn(Vec<CellValue>) -> ToPeer,
    ) {
        let watches = |peer: &Peer| {
            peer.me.may_read_live && matches!(&peer.kind, PeerKind::Live { watching, .. } if watching.contains(&sheet))
        };
        let mut frames: BTreeMap<Vec<String>, Option<Frame>> = BTreeMap::new();
        for (number, peer) in self.peers.iter().filter(|(_, peer)| watches(peer)) {
            let labels = confined_to(&peer.me);
            let frame = match frames.get(&labels) {
                Some(known) => known,
                None => {
                    let seen = self.sight.seen(&self.workbook, &labels, sheet, cells);
                    let seen = seen.unwrap_or_else(|| cells.iter().take(most).cloned().collect());
                    let written = if seen.is_empty() { None } else { frame(&message(seen)) };
                    frames.entry(labels).or_insert(written)
                }
            };
            if let Some(frame) = frame {
                // Whoever watches a sheet has asked for its values, as large as they are.
                self.outputs.answer(*number, frame.clone());
            }
        }
    }

    /// Tells those who see every row how a job stands.
    pub fn tell_job(&mut self, job: JobInfo) {
        self.tell_live(&ToPeer::Job { job }, hears_of_jobs);
    }

    /// Takes what came of jobs.
    pub(super) fn take_answers(&mut self, answers: Answers) {
        let Answers { info, answers, early, given_up, plans } = answers;
        self.dirty |= !answers.is_empty() || !early.is_empty() || !given_up.is_empty();
        for (key, value) in early {
            self.workbook.complete_early(key, value);
        }
        for (key, value) in answers {
            self.workbook.complete(key, value);
        }
        for (key, reason) in given_up {
            self.workbook.give_up(key, reason);
        }
        if let Some(plan) = self.workbook.supply_plan() {
            for SolvedPlan { key, tables, report } in plans.into_iter().filter(|solved| solved.key == plan.key) {
                let objective = plan.call.objective.clone();
                self.shown_plan = Some(ShownPlan { key, objective, report: report.map(Arc::from) });
                self.put_layers(layers_of(&self.workbook, &tables));
            }
        }
        if let Some(job) = info {
            self.tell_job(job);
        }
    }

    /// Replaces layers that are not already the same. They are derived: should the store lose them, the next
    /// solve brings them back, so nobody waits for the disk here.
    fn put_layers(&mut self, layers: Vec<(SheetId, MeasureId, Facts)>) {
        let changed = self.show_layers(layers);
        if !changed.is_empty() {
            self.outputs.push(Output::Aside(Aside::Facts(changed)));
        }
    }

    /// Replaces layers here and tells everyone who sees them; those that were not already the same.
    pub(super) fn show_layers(&mut self, layers: Vec<(SheetId, MeasureId, Facts)>) -> Vec<(SheetId, MeasureId, Facts)> {
        let changed: Vec<_> = layers
            .into_iter()
            .filter(|(sheet, measure, facts)| self.workbook.facts(*sheet, *measure).is_none_or(|old| !same(old, facts)))
            .collect();
        self.dirty |= !changed.is_empty();
        for (sheet, measure, facts) in &changed {
            self.workbook.set_facts(*sheet, *measure, facts.clone());
            let version = self.layers.entry((*sheet, *measure)).or_default();
            *version += 1;
            let facts = FactsInfo { sheet: *sheet, measure: *measure, version: *version };
            let whom = self.who_sees_layers(facts.sheet);
            self.tell_live(&ToPeer::Facts { facts }, |me| whom.contains(&me.person));
        }
        changed
    }
}

impl Replica {
    /// The people connected whom the layers of a sheet may reach.
    fn who_sees_layers(&self, sheet: SheetId) -> BTreeSet<PersonId> {
        let mirror = self.workbook.mirror();
        let people = self.peers.values().map(|peer| &peer.me);
        people.filter(|me| me.may_read_live && sees_layers(me, mirror, sheet)).map(|me| me.person).collect()
    }
}

/// That a job runs follows from what formulas ask for, which may follow from rows somebody does not see.
fn hears_of_jobs(me: &Me) -> bool {
    me.may_read_live && !me.is_confined()
}

/// Equal, gaps included.
fn same(a: &Facts, b: &Facts) -> bool {
    (&a.rows, a.first, a.width) == (&b.rows, b.first, b.width)
        && a.values.len() == b.values.len()
        && a.values.iter().zip(&b.values).all(|(a, b)| a == b || (a.is_nan() && b.is_nan()))
}

fn cell_value(cell: CellRef, value: &Value, pending: bool) -> CellValue {
    CellValue { row: cell.row, col: cell.col, value: value.into(), pending }
}

pub(super) fn frame(message: &ToPeer) -> Option<Frame> {
    match serde_json::to_string(message) {
        Ok(text) => Some(Frame::Text(text.into())),
        Err(error) => {
            tracing::error!(%error, "a message cannot be written as JSON");
            None
        }
    }
}

fn say(outputs: &mut Outputs, peer: PeerNumber, message: &ToPeer) {
    if let Some(frame) = frame(message) {
        outputs.send(peer, frame);
    }
}

pub(super) fn answer(outputs: &mut Outputs, peer: PeerNumber, message: &ToPeer) {
    if let Some(frame) = frame(message) {
        outputs.answer(peer, frame);
    }
}
