//! An edit in the making: its operations become entries of documents, checked one after the other.
//!
//! The mirror takes each entry over at once, so that a later operation sees what an earlier one did; the
//! documents are written only when all operations are found good. Otherwise the mirror goes back to them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use yrs::Any;

use super::EditError;
use super::change::Change;
use super::documents::{Applied, distinct};
use super::edit::{Edit, Op};
use super::mirror::Mirror;
use super::room::{Entry, Room};
use super::root::Root;
use super::screen::{MAX_BYTES, MAX_SENT, MAX_TEXT, NOTHING};
use super::sheet_mirror::SheetMirror;
use super::stored::weigh;
use crate::refs::{PartId, RoomId, RowId, SheetId};

/// What a block of an update takes besides its key and value.
const BLOCK_BYTES: usize = 32;
/// Largest edit: its updates stay below what peers accept.
const MAX_EDIT_BYTES: usize = MAX_BYTES / 4 * 3;
/// The same for who sends them to a server, with room for the frame around an update.
const MAX_SENT_BYTES: usize = MAX_SENT - (64 << 10);

pub(super) struct Draft<'a> {
    pub client: u64,
    keeps_unsent: bool,
    pub edit: &'a Edit,
    rooms: &'a mut BTreeMap<RoomId, Room>,
    mirror: &'a mut Mirror,
    writes: Vec<(RoomId, Entry)>,
    opened: Vec<RoomId>,
    changes: Vec<Change>,
    /// For each operation, what takes it back.
    inverses: Vec<Vec<Op>>,
    /// About how many bytes the updates will have.
    weight: usize,
    /// Rows this edit inserted: their keys may be written.
    pub fresh: HashSet<(SheetId, RowId)>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        client: u64,
        keeps_unsent: bool,
        rooms: &'a mut BTreeMap<RoomId, Room>,
        mirror: &'a mut Mirror,
        edit: &'a Edit,
    ) -> Self {
        Self {
            client,
            keeps_unsent,
            edit,
            rooms,
            mirror,
            writes: Vec::new(),
            opened: Vec::new(),
            changes: Vec::new(),
            inverses: Vec::new(),
            weight: 0,
            fresh: HashSet::new(),
        }
    }

    /// Takes one operation in; on an error the draft must be rolled back.
    pub(super) fn step(&mut self, op: &Op) -> Result<(), EditError> {
        let inverse = match op {
            Op::SetCell { cell, input, guard } => self.set_cell(*cell, input.as_ref(), guard)?,
            Op::SetStyle { cell, style } => self.set_style(*cell, style.as_ref())?,
            Op::SetNote { cell, text } => self.set_note(*cell, text.as_ref())?,
            Op::InsertRows { sheet, part, after, rows } => self.insert_rows(*sheet, *part, *after, rows)?,
            Op::DeleteRows { sheet, rows } => self.delete_rows(*sheet, rows)?,
            Op::RestoreRows { sheet, rows } => self.restore_rows(*sheet, rows)?,
            Op::MoveRows { sheet, after, rows } => self.move_rows(*sheet, *after, rows)?,
            Op::InsertCols { sheet, after, cols } => self.insert_cols(*sheet, *after, cols)?,
            Op::DeleteCols { sheet, cols } => self.delete_cols(*sheet, cols)?,
            Op::RestoreCols { sheet, cols } => self.restore_cols(*sheet, cols)?,
            Op::MoveCols { sheet, after, cols } => self.move_cols(*sheet, *after, cols)?,
            Op::SetColWidth { sheet, col, width } => self.set_col_width(*sheet, *col, *width)?,
            Op::SetValidation { sheet, measure, rule } => self.set_validation(*sheet, *measure, rule.as_ref())?,
            Op::PutSheet { info, meta } => self.put_sheet(info, meta)?,
            Op::PutMeasure { sheet, measure } => self.put_measure(*sheet, measure)?,
            Op::DeleteMeasure { sheet, measure } => self.delete_measure(*sheet, *measure)?,
            Op::SetName { name, formula } => self.set_name(name, formula.as_ref())?,
        };
        // A sheet that comes with the edit goes as a whole.
        let goes_with_its_sheet = !matches!(op, Op::PutSheet { .. })
            && op.sheet().is_some_and(|sheet| self.opened.contains(&RoomId::Sheet(sheet)));
        self.inverses.push(if goes_with_its_sheet { Vec::new() } else { inverse });
        Ok(())
    }

    /// Writes the documents, one transaction for each room.
    pub(super) fn commit(self) -> Applied {
        let mut by_room: BTreeMap<RoomId, Vec<Entry>> = BTreeMap::new();
        let mut places: HashMap<(RoomId, Root, Arc<str>), usize> = HashMap::new();
        for (room, entry) in self.writes {
            let entries = by_room.entry(room).or_default();
            // Of several writes to one key the last one counts; each would cost a tombstone.
            match places.entry((room, entry.root, entry.key.clone())) {
                std::collections::hash_map::Entry::Occupied(place) => entries[*place.get()] = entry,
                std::collections::hash_map::Entry::Vacant(place) => {
                    place.insert(entries.len());
                    entries.push(entry);
                }
            }
        }
        let mut updates = Vec::with_capacity(by_room.len());
        for (room, entries) in by_room {
            let update = self.rooms.get_mut(&room).map(|open| open.write(&entries));
            updates.extend(update.filter(|update| update[..] != NOTHING).map(|update| (room, update)));
        }
        // Of what changed nothing there is nothing to take back.
        let taken_back = if updates.is_empty() { Vec::new() } else { self.inverses };
        let inverse = Edit {
            by: self.edit.by,
            at: self.edit.at,
            why: self.edit.why.clone(),
            ops: taken_back.into_iter().rev().flatten().collect(),
        };
        Applied { updates, changes: distinct(self.changes), inverse, step: None }
    }

    /// Takes the mirror back to what the documents hold.
    pub(super) fn roll_back(self) {
        let (rooms, mirror) = (self.rooms, self.mirror);
        Supposed { writes: self.writes, opened: self.opened }.forget(rooms, mirror);
    }

    /// Leaves the mirror as the edit makes it, the documents as they are: to be forgotten before anything else is done.
    pub(super) fn suppose(self) -> Supposed {
        Supposed { writes: self.writes, opened: self.opened }
    }

    pub(super) fn mirror(&self) -> &Mirror {
        self.mirror
    }

    /// A sheet whose structure is known.
    pub(super) fn sheet(&self, sheet: SheetId) -> Result<&SheetMirror, EditError> {
        self.mirror.sheet(sheet).ok_or(EditError::NoRoom(RoomId::Sheet(sheet)))
    }

    /// The same with its columns in order.
    pub(super) fn sheet_with_cols(&mut self, sheet: SheetId) -> Result<&SheetMirror, EditError> {
        self.mirror.settle_cols(sheet);
        self.sheet(sheet)
    }

    /// The same with the rows of one part in order.
    pub(super) fn sheet_with_rows(&mut self, sheet: SheetId, part: Option<PartId>) -> Result<&SheetMirror, EditError> {
        self.mirror.settle_part(sheet, part);
        self.sheet(sheet)
    }

    /// Writes an entry, unless it is there already.
    pub(super) fn put(&mut self, room: RoomId, root: Root, key: &str, value: Option<Any>) -> Result<(), EditError> {
        if !self.rooms.contains_key(&room) {
            return Err(EditError::NoRoom(room));
        }
        let weight = value.as_ref().map_or(Some(0), weigh);
        let weight =
            weight.ok_or_else(|| EditError::Invalid(format!("a text in {root} has more than {MAX_TEXT} bytes")))?;
        self.weight += BLOCK_BYTES + key.len() + weight;
        if self.weight > if self.keeps_unsent { MAX_SENT_BYTES } else { MAX_EDIT_BYTES } {
            return Err(EditError::Invalid("the edit is too large to be sent: split it".to_owned()));
        }
        self.changes.extend(self.mirror.absorb(room, root, key, value.as_ref()));
        self.writes.push((room, Entry { root, key: key.into(), value }));
        Ok(())
    }

    /// Opens an empty room for a sheet or part that this edit brings into being.
    pub(super) fn open_new(&mut self, room: RoomId) {
        if !self.rooms.contains_key(&room) {
            let mut opened = Room::new(room, self.client);
            if self.keeps_unsent {
                opened.keep_unsent();
            }
            self.rooms.insert(room, opened);
            self.mirror.open_room(room);
            self.opened.push(room);
        }
    }
}

/// What the mirror holds of an edit that was not made.
#[must_use = "the mirror differs from the documents until it is forgotten"]
pub(crate) struct Supposed {
    writes: Vec<(RoomId, Entry)>,
    opened: Vec<RoomId>,
}

impl Supposed {
    /// Takes the mirror back to what the documents hold.
    pub(super) fn forget(self, rooms: &mut BTreeMap<RoomId, Room>, mirror: &mut Mirror) {
        for (room, entry) in &self.writes {
            let held = rooms.get(room).and_then(|open| open.get(entry.root, &entry.key));
            mirror.absorb(*room, entry.root, &entry.key, held.as_ref());
        }
        for room in self.opened {
            rooms.remove(&room);
            mirror.close_room(room);
        }
    }
}

/// The room that holds a part of a sheet, or the sheet itself.
pub(super) fn room_of(sheet: SheetId, part: Option<PartId>) -> RoomId {
    part.map_or(RoomId::Sheet(sheet), |part| RoomId::Part(sheet, part))
}
