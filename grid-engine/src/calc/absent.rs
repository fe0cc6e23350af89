//! Cells that formulas refer to and that are not there: deleted, not loaded yet, or on a sheet that is closed.

use super::ids::IdMap;
use crate::refs::{CellRef, RowId, SheetId};

/// Edges to absent cells, found by edge and by row.
#[derive(Default)]
pub(super) struct Absent {
    cells: IdMap<u32, CellRef>,
    by_row: IdMap<SheetId, IdMap<RowId, Vec<u32>>>,
}

impl Absent {
    pub(super) fn cell(&self, link: u32) -> Option<CellRef> {
        self.cells.get(&link).copied()
    }

    pub(super) fn add(&mut self, link: u32, cell: CellRef) {
        self.cells.insert(link, cell);
        self.by_row.entry(cell.sheet).or_default().entry(cell.row).or_default().push(link);
    }

    pub(super) fn remove(&mut self, link: u32) {
        let Some(cell) = self.cells.remove(&link) else { return };
        let Some(rows) = self.by_row.get_mut(&cell.sheet) else { return };
        if let Some(links) = rows.get_mut(&cell.row) {
            links.retain(|&other| other != link);
            if links.is_empty() {
                rows.remove(&cell.row);
            }
        }
        if rows.is_empty() {
            self.by_row.remove(&cell.sheet);
        }
    }

    /// The edges that wait for a sheet's cells, or for those of one row.
    pub(super) fn waiting(&self, sheet: SheetId, row: Option<RowId>) -> Vec<(u32, CellRef)> {
        let Some(rows) = self.by_row.get(&sheet) else { return Vec::new() };
        let links: Vec<u32> = match row {
            Some(row) => rows.get(&row).cloned().unwrap_or_default(),
            None => rows.values().flatten().copied().collect(),
        };
        links.into_iter().filter_map(|link| Some((link, self.cell(link)?))).collect()
    }
}
