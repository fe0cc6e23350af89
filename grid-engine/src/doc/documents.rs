//! All documents of a workbook, their mirror, and the two ways to change them: a peer's update, a person's edit.

use std::collections::BTreeMap;

use super::change::Change;
use super::draft::{Draft, Supposed};
use super::draft_rows::Tombstone;
use super::edit::Edit;
use super::examine::{Examined, Unfit};
use super::mirror::Mirror;
use super::room::{Entry, Room};
use super::root::Root;
use super::stored::read_record;
use super::undo::UndoStacks;
use super::{DocError, EditError};
use crate::refs::{PersonId, RoomId, RowId};
use crate::value::order::sort;

/// The open rooms of a workbook.
///
/// ```
/// # use grid_engine::doc::{Documents, Edit, Op, Input, Guard, SheetInfo, SheetMeta, SheetKind};
/// # use grid_engine::refs::*;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (ada, sheet) = (PersonId::named("ada")?, SheetId::named("notes")?);
/// let (row, col) = (RowId::named("r1")?, ColId::fixed(MeasureId::named("a")?));
/// let info = SheetInfo { id: sheet, title: "Notes".into(), kind: SheetKind::Free, position: "a0".into(),
///     role: String::new(), group: String::new(), hidden: false, published: false, colour: None };
/// let meta = SheetMeta { kind: SheetKind::Free, title: "Notes".into(), epoch: 0, horizon: None, partition: None,
///     parts: Default::default() };
/// let cell = CellRef { sheet, row, col };
/// let edit = Edit { by: ada, at: 0, why: None, ops: vec![
///     Op::PutSheet { info, meta },
///     Op::InsertRows { sheet, part: None, after: None, rows: vec![row] },
///     Op::InsertCols { sheet, after: None, cols: vec![col] },
///     Op::SetCell { cell, input: Some(Input::Number(5.0)), guard: Guard::Always },
/// ] };
/// let mut here = Documents::new(1);
/// here.open_room(RoomId::Book, &[])?;
/// let applied = here.apply(&edit)?;
///
/// let mut there = Documents::new(2);
/// for (room, update) in &applied.updates {
///     there.open_room(*room, update)?;
/// }
/// assert_eq!(there.mirror().sheet(sheet).and_then(|sheet| sheet.input(row, col)), Some(&Input::Number(5.0)));
/// # Ok(())
/// # }
/// ```
pub struct Documents {
    client: u64,
    pub(super) keeps_unsent: bool,
    pub(super) rooms: BTreeMap<RoomId, Room>,
    mirror: Mirror,
    stacks: UndoStacks,
}

/// What an edit brought about.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// One update (encoding v1) for each room that is another now.
    pub updates: Vec<(RoomId, Vec<u8>)>,
    /// What is no longer as it was, in order and without repetition.
    pub changes: Vec<Change>,
    /// The edit that takes it back where nobody has changed it since.
    pub inverse: Edit,
    /// What undoing or redoing did, as an edit that can be made again; `None` where the edit was given.
    pub step: Option<Edit>,
}

impl Documents {
    /// No rooms yet; `client` (its low 53 bits) is the writer id of the edits made here, unique among all peers.
    pub fn new(client: u64) -> Self {
        Self {
            client,
            keeps_unsent: false,
            rooms: BTreeMap::new(),
            mirror: Mirror::default(),
            stacks: UndoStacks::default(),
        }
    }

    /// The writer id of edits in rooms opened from now on: one that the server has given out.
    pub fn set_client(&mut self, client: u64) {
        self.client = client;
    }

    /// Opens a room from its stored state (empty for a new one), or merges the state into the open room.
    pub fn open_room(&mut self, room: RoomId, state: &[u8]) -> Result<Vec<Change>, DocError> {
        if self.has_room(room) {
            return if state.is_empty() { Ok(Vec::new()) } else { self.apply_update(room, state) };
        }
        let malformed = |reason| DocError::Malformed { room, reason };
        let mut opened = Room::open(room, self.client, state).map_err(malformed)?;
        if self.keeps_unsent {
            opened.keep_unsent();
        }
        self.mirror.open_room(room);
        let mirror = &mut self.mirror;
        opened.entries(|root, key, value| _ = mirror.absorb(room, root, key, Some(value)));
        let mut changes = self.mirror.settle();
        self.rooms.insert(room, opened);
        changes.extend(whole_room(room));
        Ok(changes)
    }

    /// Forgets a room and everything in it; what changed thereby.
    pub fn close_room(&mut self, room: RoomId) -> Vec<Change> {
        if self.rooms.remove(&room).is_none() {
            return Vec::new();
        }
        self.mirror.close_room(room);
        let mut changes = self.mirror.settle();
        changes.extend(whole_room(room));
        if let RoomId::Sheet(sheet) | RoomId::Part(sheet, _) = room {
            changes.push(Change::Forgotten(sheet));
        }
        changes
    }

    /// Rooms the documents mention: the book, its sheets and their parts, open or not.
    pub fn known_rooms(&self) -> Vec<RoomId> {
        let mut rooms: Vec<RoomId> = self.rooms.keys().copied().collect();
        rooms.push(RoomId::Book);
        rooms.extend(self.mirror.sheets().iter().map(|info| RoomId::Sheet(info.id)));
        for sheet in self.mirror.open_sheets().filter(|sheet| sheet.meta().partition.is_some()) {
            rooms.extend(sheet.meta().parts.keys().map(|&part| RoomId::Part(sheet.id(), part)));
        }
        sort(&mut rooms);
        rooms.dedup();
        rooms
    }

    /// Whether a room is open here.
    pub fn has_room(&self, room: RoomId) -> bool {
        self.rooms.contains_key(&room)
    }

    /// Applies a peer's update (encoding v1); what it changed. What builds on changes that have not
    /// arrived yet waits for them. Nothing changes on an error.
    pub fn apply_update(&mut self, room: RoomId, update: &[u8]) -> Result<Vec<Change>, DocError> {
        let open = self.rooms.get_mut(&room).ok_or(DocError::NoRoom(room))?;
        let entries = open.apply_update(update).map_err(|reason| DocError::Malformed { room, reason })?;
        Ok(self.absorb(room, &entries))
    }

    /// Whether everything a peer's update builds on is here, so that applying it leaves nothing waiting.
    pub fn is_ready(&self, room: RoomId, update: &[u8]) -> bool {
        self.rooms.get(&room).is_some_and(|open| open.has_basis_of(update))
    }

    /// Judges a peer's update by what is here and staged: what it would touch, and whether it is one at all.
    /// Nothing changes.
    pub fn examine(&mut self, room: RoomId, update: &[u8]) -> Result<Examined, Unfit> {
        let missing = || Unfit { code: "update.malformed", reason: format!("the room {room} is not open") };
        self.rooms.get_mut(&room).ok_or_else(missing)?.examine(update)
    }

    /// Takes an examined update as one that will be applied: later ones are judged as if it were.
    pub fn stage(&mut self, room: RoomId, examined: Examined) {
        if let Some(open) = self.rooms.get_mut(&room) {
            open.stage(examined);
        }
    }

    /// Applies what is staged for a room, all at once; what it changed, and one update that says all of it.
    pub fn apply_staged(&mut self, room: RoomId) -> Result<(Vec<Change>, Vec<u8>), DocError> {
        let open = self.rooms.get_mut(&room).ok_or(DocError::NoRoom(room))?;
        let (entries, merged) = open.apply_staged().map_err(|reason| DocError::Malformed { room, reason })?;
        Ok((self.absorb(room, &entries), merged))
    }

    /// Forgets what is staged for a room.
    pub fn drop_staged(&mut self, room: RoomId) {
        if let Some(open) = self.rooms.get_mut(&room) {
            open.drop_staged();
        }
    }

    /// Who deleted a row of a room; `None` where it is not deleted.
    pub fn deleted_by(&self, room: RoomId, row: RowId) -> Option<PersonId> {
        let stored = self.rooms.get(&room)?.get(Root::RowDel, &row.to_string())?;
        read_record::<Tombstone>(&stored).map(|tombstone| tombstone.by)
    }

    pub(super) fn absorb(&mut self, room: RoomId, entries: &[Entry]) -> Vec<Change> {
        let absorbed = |entry: &Entry| self.mirror.absorb(room, entry.root, &entry.key, entry.value.as_ref());
        let mut changes: Vec<Change> = entries.iter().filter_map(absorbed).collect();
        changes.extend(self.mirror.settle());
        distinct(changes)
    }

    /// Applies a person's edit, all of it or nothing, and remembers how to undo it.
    pub fn apply(&mut self, edit: &Edit) -> Result<Applied, EditError> {
        let applied = self.apply_unremembered(edit)?;
        self.stacks.remember(&applied.inverse, &self.mirror);
        Ok(applied)
    }

    /// Undoes the person's latest edit made here, where its cells still hold what they left. `None`: nothing to undo.
    pub fn undo(&mut self, by: PersonId, at: i64) -> Option<Applied> {
        while let Some(step) = self.stacks.take_undo(by, &self.mirror) {
            // A step whose cells all changed since has no effect left: the one before it is what is meant.
            if let Some(applied) = self.apply_step(by, at, step, "undo") {
                self.stacks.push_redo(&applied.inverse, &self.mirror);
                return Some(applied);
            }
        }
        None
    }

    /// Does again what was undone last. `None`: nothing to do again.
    pub fn redo(&mut self, by: PersonId, at: i64) -> Option<Applied> {
        while let Some(step) = self.stacks.take_redo(by, &self.mirror) {
            if let Some(applied) = self.apply_step(by, at, step, "redo") {
                self.stacks.push_undo(&applied.inverse, &self.mirror);
                return Some(applied);
            }
        }
        None
    }

    /// Lets the mirror show what an edit would make, without making it; [`forget`](Self::forget) takes that back.
    pub(crate) fn suppose(&mut self, edit: &Edit) -> Result<Supposed, EditError> {
        let supposed = self.draft(edit).map(Draft::suppose);
        self.mirror.settle();
        supposed
    }

    /// Takes back what was supposed.
    pub(crate) fn forget(&mut self, supposed: Supposed) {
        supposed.forget(&mut self.rooms, &mut self.mirror);
        self.mirror.settle();
    }

    fn apply_step(&mut self, by: PersonId, at: i64, ops: Vec<super::edit::Op>, why: &str) -> Option<Applied> {
        let edit = Edit { by, at, why: Some(why.into()), ops };
        // A step fails as a whole when its sheet is closed or gone: there is nothing left to undo in it.
        let applied = self.apply_unremembered(&edit).ok().filter(|applied| !applied.updates.is_empty())?;
        Some(Applied { step: Some(edit), ..applied })
    }

    fn apply_unremembered(&mut self, edit: &Edit) -> Result<Applied, EditError> {
        let result = self.draft(edit).map(Draft::commit);
        let moved = self.mirror.settle();
        result.map(|applied| Applied { changes: with(applied.changes, moved), ..applied })
    }

    /// Drafts an edit: the mirror shows it already. On an error nothing is left of it.
    fn draft<'a>(&'a mut self, edit: &'a Edit) -> Result<Draft<'a>, EditError> {
        let mut draft = Draft::new(self.client, self.keeps_unsent, &mut self.rooms, &mut self.mirror, edit);
        match edit.ops.iter().try_for_each(|op| draft.step(op)) {
            Ok(()) => Ok(draft),
            Err(error) => {
                draft.roll_back();
                Err(error)
            }
        }
    }

    /// The encoded state vector of a room: what it has seen. `None`: not open.
    pub fn state_vector(&self, room: RoomId) -> Option<Vec<u8>> {
        self.rooms.get(&room).map(Room::state_vector)
    }

    /// What a peer with this encoded state vector lacks; the whole state for `None`.
    pub fn encode_state(&self, room: RoomId, since: Option<&[u8]>) -> Result<Vec<u8>, DocError> {
        let open = self.rooms.get(&room).ok_or(DocError::NoRoom(room))?;
        open.encode_state(since).map_err(|reason| DocError::Malformed { room, reason })
    }

    /// The documents in columnar form.
    pub fn mirror(&self) -> &Mirror {
        &self.mirror
    }
}

/// Changes and more of them.
fn with(mut changes: Vec<Change>, more: Vec<Change>) -> Vec<Change> {
    if more.is_empty() {
        return changes;
    }
    changes.extend(more);
    distinct(changes)
}

/// Changes in order, each once.
pub(super) fn distinct(mut changes: Vec<Change>) -> Vec<Change> {
    sort(&mut changes);
    changes.dedup();
    changes
}

/// What opening or closing a room may change.
fn whole_room(room: RoomId) -> Vec<Change> {
    match room {
        RoomId::Book => vec![Change::Sheets, Change::Names],
        RoomId::Sheet(sheet) => {
            vec![Change::Rows(sheet), Change::Cols(sheet), Change::Measures(sheet), Change::Meta(sheet)]
        }
        RoomId::Part(sheet, _) => vec![Change::Rows(sheet)],
    }
}
