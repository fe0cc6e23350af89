//! What sheets, measures, rows and columns are called, as far as the calculation knows.

use std::sync::Arc;

use super::sheet::Sheet;
use super::store::{NONE, Store};
use crate::formula::Names;
use crate::refs::{ColId, MeasureId, RowId, SheetId};

/// The store as the place where names and positions are looked up, to print formulas.
pub(super) struct Naming<'a>(pub &'a Store);

impl Naming<'_> {
    fn sheet(&self, id: SheetId) -> Option<&Sheet> {
        self.0.sheet_index(id).map(|index| self.0.sheet(index)).filter(|sheet| sheet.open)
    }
}

impl Names for Naming<'_> {
    fn sheet_by_title(&self, title: &str) -> Option<SheetId> {
        let title = title.to_lowercase();
        self.0.sheets.iter().find(|sheet| sheet.open && sheet.title.to_lowercase() == title).map(|sheet| sheet.id)
    }

    fn sheet_title(&self, sheet: SheetId) -> Option<&str> {
        self.sheet(sheet).map(|sheet| &*sheet.title)
    }

    fn measure_by_name(&self, sheet: SheetId, name: &str) -> Option<MeasureId> {
        let name = name.to_lowercase();
        self.sheet(sheet)?.measures.iter().find(|measure| measure.name.to_lowercase() == name).map(|measure| measure.id)
    }

    fn measure_name(&self, sheet: SheetId, measure: MeasureId) -> Option<&str> {
        let sheet = self.sheet(sheet)?;
        Some(&sheet.measures[sheet.measure_index(measure)? as usize].name)
    }

    fn row_at(&self, sheet: SheetId, index: u32) -> Option<RowId> {
        let sheet = self.sheet(sheet)?;
        sheet.rows.id(*sheet.rows.order.get(index as usize)?)
    }

    fn col_at(&self, sheet: SheetId, index: u32) -> Option<ColId> {
        let sheet = self.sheet(sheet)?;
        Some(sheet.cols[*sheet.col_order.get(index as usize)? as usize].id)
    }

    fn row_index(&self, sheet: SheetId, row: RowId) -> Option<u32> {
        let sheet = self.sheet(sheet)?;
        Some(sheet.rows.place(sheet.rows.slot(row)?)).filter(|&place| place != NONE)
    }

    fn col_index(&self, sheet: SheetId, col: ColId) -> Option<u32> {
        let sheet = self.sheet(sheet)?;
        Some(sheet.col_place[sheet.col_index(col)? as usize]).filter(|&place| place != NONE)
    }

    fn defined_name(&self, _: &str) -> Option<Arc<str>> {
        None
    }
}
