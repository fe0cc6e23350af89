//! What formulas of such a workbook call its sheets, rows, columns and defined names.

use std::sync::Arc;

use super::sheet::{PlainSheet, col_id, row_id};
use super::{MAX_COLS, MAX_ROWS, PlainBook, local_key};
use crate::formula::Names;
use crate::refs::{ColId, MeasureId, RowId, SheetId};

impl Names for PlainBook {
    fn sheet_by_title(&self, title: &str) -> Option<SheetId> {
        let same =
            |of: &&PlainSheet| of.title.eq_ignore_ascii_case(title) || of.title.to_lowercase() == title.to_lowercase();
        self.sheets.iter().find(same).map(|of| of.id)
    }

    fn sheet_title(&self, sheet: SheetId) -> Option<&str> {
        self.sheet(sheet).map(|of| &*of.title)
    }

    fn measure_by_name(&self, _: SheetId, _: &str) -> Option<MeasureId> {
        None
    }

    fn measure_name(&self, _: SheetId, _: MeasureId) -> Option<&str> {
        None
    }

    fn row_at(&self, sheet: SheetId, index: u32) -> Option<RowId> {
        (index < MAX_ROWS).then(|| self.sheet(sheet).map(|of| row_id(of.rows.number_at(index))))?
    }

    fn col_at(&self, sheet: SheetId, index: u32) -> Option<ColId> {
        (index < MAX_COLS).then(|| self.sheet(sheet).map(|of| col_id(of.cols.number_at(index))))?
    }

    fn row_index(&self, sheet: SheetId, row: RowId) -> Option<u32> {
        Some(self.sheet(sheet)?.rows.place_of(u32::try_from(row.0.number()?).ok()?))
    }

    fn col_index(&self, sheet: SheetId, col: ColId) -> Option<u32> {
        Some(self.sheet(sheet)?.cols.place_of(u32::try_from(col.measure.0.number()?).ok()?))
    }

    fn defined_name(&self, name: &str) -> Option<Arc<str>> {
        self.names.get(&name.to_lowercase()).cloned()
    }

    fn name_of_sheet(&self, sheet: SheetId, name: &str) -> Option<Arc<str>> {
        if !self.has_local_names {
            return None;
        }
        let title = self.sheet_title(sheet)?;
        let key = local_key(title, name);
        self.names.contains_key(&key).then(|| format!("{title}!{name}").into())
    }
}
