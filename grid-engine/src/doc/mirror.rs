//! The columnar mirror of the documents: what calculation and views read.

use std::collections::BTreeMap;
use std::sync::Arc;

use yrs::Any;

use super::change::Change;
use super::root::Root;
use super::schema::SheetInfo;
use super::sheet_mirror::SheetMirror;
use super::stored::{read_record, read_text};
use crate::refs::{PartId, RoomId, SheetId};
use crate::value::order::sort_by;

/// All open documents in columnar form.
#[derive(Default)]
pub struct Mirror {
    infos: Vec<SheetInfo>,
    names: BTreeMap<Arc<str>, Arc<str>>,
    sheets: BTreeMap<SheetId, SheetMirror>,
}

impl Mirror {
    /// The workbook's sheets in tab order.
    pub fn sheets(&self) -> &[SheetInfo] {
        &self.infos
    }

    /// One sheet, all its open parts as one; `None` until its own room is open.
    pub fn sheet(&self, sheet: SheetId) -> Option<&SheetMirror> {
        self.sheets.get(&sheet).filter(|sheet| sheet.is_described())
    }

    /// Defined names and their stored formulas.
    pub fn names(&self) -> &BTreeMap<Arc<str>, Arc<str>> {
        &self.names
    }

    /// The sheets whose own room is open, by id.
    pub fn open_sheets(&self) -> impl Iterator<Item = &SheetMirror> {
        self.sheets.values().filter(|sheet| sheet.is_described())
    }
}

/// The part of its sheet that a room holds.
fn part_of(room: RoomId) -> Option<PartId> {
    match room {
        RoomId::Part(_, part) => Some(part),
        RoomId::Book | RoomId::Sheet(_) => None,
    }
}

impl Mirror {
    pub(super) fn open_room(&mut self, room: RoomId) {
        if let Some(sheet) = room.sheet() {
            self.sheets.entry(sheet).or_insert_with(|| SheetMirror::new(sheet)).open_part(part_of(room));
        }
    }

    pub(super) fn close_room(&mut self, room: RoomId) {
        let Some(sheet) = room.sheet() else {
            self.infos.clear();
            self.names.clear();
            return;
        };
        if self.sheets.get_mut(&sheet).is_some_and(|mirror| mirror.close_part(part_of(room))) {
            self.sheets.remove(&sheet);
        }
    }

    /// Takes over one entry of a room's document. [`Mirror::settle`] must follow before the mirror is read.
    pub(super) fn absorb(&mut self, room: RoomId, root: Root, key: &str, value: Option<&Any>) -> Option<Change> {
        match (root, room.sheet()) {
            (Root::Names, None) => {
                match value.and_then(read_text) {
                    Some(formula) => _ = self.names.insert(key.into(), formula.clone()),
                    None => _ = self.names.remove(key),
                }
                Some(Change::Names)
            }
            (Root::Sheets, None) => {
                let id: SheetId = key.parse().ok()?;
                self.infos.retain(|info| info.id != id);
                if let Some(info) = value.and_then(read_record::<SheetInfo>) {
                    self.infos.push(SheetInfo { id, ..info });
                }
                sort_by(&mut self.infos, |a, b| a.position.cmp(&b.position).then(a.id.cmp(&b.id)));
                Some(Change::Sheets)
            }
            (_, Some(sheet)) => self.sheets.get_mut(&sheet)?.absorb(part_of(room), root, key, value),
            (_, None) => None,
        }
    }

    /// Brings orders and shares up to date after entries were taken over; what else changed by that.
    pub(super) fn settle(&mut self) -> Vec<Change> {
        self.sheets.values_mut().flat_map(SheetMirror::settle).collect()
    }

    /// The same for one sheet's columns only.
    pub(super) fn settle_cols(&mut self, sheet: SheetId) {
        if let Some(mirror) = self.sheets.get_mut(&sheet) {
            mirror.settle_cols();
        }
    }

    /// The same for the rows of one part only.
    pub(super) fn settle_part(&mut self, sheet: SheetId, part: Option<PartId>) {
        if let Some(mirror) = self.sheets.get_mut(&sheet) {
            mirror.settle_part(part);
        }
    }
}
