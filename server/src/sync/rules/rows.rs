//! Rows: which of them a person may add, move and write.

use grid_engine::doc::{Input, Measure, MeasureKind, SheetKind, position};
use grid_engine::refs::{CellRef, ColId, RoomId, RowId};

use super::super::admission::Refused;
use super::super::sight::{confined_to, nowhere, row_shows};
use super::Rules;

impl Rules<'_> {
    /// Whether the sheet has a row, as far as this person sees: whether one is there that they may not see is not told.
    fn is_known(&self, row: RowId) -> bool {
        let cell = CellRef { sheet: self.sheet.id(), row, col: nowhere() };
        let is_there = self.sheet.row_index(row).is_some() || self.sheet.is_deleted(row);
        is_there && row_shows(self.sheet, cell, &confined_to(self.me))
    }

    /// The row must be one of this room's, or come with the update.
    pub(super) fn check_known(&self, row: RowId, code: &'static str, cell: Option<CellRef>) -> Result<(), Refused> {
        if self.is_known(row) {
            let part = if let RoomId::Part(_, part) = self.room { Some(part) } else { None };
            if self.sheet.part_of(row) == part {
                return Ok(());
            }
            return Err(Refused::at(code, "The row lies in another part of the sheet.", cell));
        }
        if self.fresh_rows.contains(&row) {
            return Ok(());
        }
        Err(Refused::at(code, "There is no such row.", cell))
    }

    /// A row that moves stays in its part and in this person's scope; one that is new brings its key, of which its id is
    /// made: so nobody adds a row twice, takes another part's, or learns which ones are there.
    pub(super) fn check_row(&self, row: RowId, position: &str) -> Result<(), Refused> {
        let refuse = |code, why: &str| Err(Refused::new(code, why));
        if !position::is_of_row(position) {
            return refuse("cell.type", "It is no position of a row.");
        }
        self.check_known(row, "acl.write", None)?;
        if !self.is_known(row) && self.sheet.meta().kind == SheetKind::Planning {
            let keys = self.sheet.measures().iter().filter(|measure| measure.kind == MeasureKind::Key);
            let texts: Option<Vec<&str>> = keys.map(|key| self.fresh_key(row, key)).collect();
            match texts {
                None => return refuse("cell.type", "A new row brings its keys with it, as texts."),
                Some(texts) if RowId::of_key(&texts) != row => {
                    return refuse("acl.write", "A new row's id is made of its keys, so that no row is there twice.");
                }
                Some(_) => {}
            }
        }
        self.check_whole_row(row, "acl.write")
    }

    /// A row as such is its measures together: whoever writes only some of them neither moves nor deletes it.
    pub(super) fn check_whole_row(&self, row: RowId, code: &'static str) -> Result<(), Refused> {
        if !self.scope.has_all_measures() {
            let why =
                "You write some measures only, and a row holds others as well: it is not yours to add, move or delete.";
            return Err(Refused::new(code, why));
        }
        self.check_scope(row, None)
    }

    /// A key that a row brings with it.
    fn fresh_key(&self, row: RowId, key: &Measure) -> Option<&str> {
        match self.fresh_keys.get(&(row, key.id))? {
            Input::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(super) fn check_scope(&self, row: RowId, cell: Option<CellRef>) -> Result<(), Refused> {
        let key = |measure: &Measure| self.key_of(row, measure);
        if self.scope.has_row(self.sheet.measures(), key) {
            return Ok(());
        }
        Err(Refused::at("acl.write", "The row is not one of yours.", cell))
    }

    fn key_of(&self, row: RowId, measure: &Measure) -> Option<String> {
        let fresh = || self.fresh_keys.get(&(row, measure.id)).copied();
        match self.sheet.input(row, ColId::fixed(measure.id)).or_else(fresh)? {
            Input::Text(text) | Input::Formula(text) => Some(text.to_string()),
            Input::Number(number) => Some(number.to_string()),
            Input::Bool(truth) => Some(truth.to_string()),
        }
    }
}
