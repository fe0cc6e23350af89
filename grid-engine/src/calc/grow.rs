//! Free sheets that grow at their ends, cell by cell, without being laid out anew.

use super::calculation::Calculation;
use super::program::Reader;
use crate::formula::RangeRef;
use crate::refs::{CellRef, ColId, RowId, SheetId};

/// How large sheets would have to be for all that formulas reach, by their numbers: rows and columns.
#[derive(Default)]
pub(super) struct Beyond(Vec<(u32, u32, u32)>);

impl Beyond {
    /// A formula asked for a place behind a sheet's end.
    pub(super) fn note(&mut self, sheet: u32, rows: u32, cols: u32) {
        // Sheets grow by themselves in files, which no browser calculates.
        if cfg!(target_arch = "wasm32") {
            return;
        }
        match self.0.iter_mut().find(|(known, ..)| *known == sheet) {
            Some((_, most_rows, most_cols)) => (*most_rows, *most_cols) = (rows.max(*most_rows), cols.max(*most_cols)),
            None => self.0.push((sheet, rows, cols)),
        }
    }
}

impl Calculation {
    /// How large sheets would have to be, rows and columns, for what formulas reached behind their ends in the last
    /// calculation and for arrays that had no room there.
    pub fn wanted(&mut self) -> Vec<(SheetId, u32, u32)> {
        let mut wanted = std::mem::take(self.beyond.get_mut());
        for (spot, area) in self.spills.blocked() {
            wanted.note(spot.sheet, area.rows.end, area.cols.end);
        }
        wanted.0.into_iter().map(|(sheet, rows, cols)| (self.store.sheet(sheet).id, rows, cols)).collect()
    }

    /// How many rows and columns a cell's sheet would need for the array that its formula has no room for.
    pub fn room_for_spill(&self, cell: CellRef) -> Option<(u32, u32)> {
        let wanted = self.spills.wanted(self.store.locate(cell)?)?;
        Some((wanted.rows.end, wanted.cols.end))
    }

    /// Adds blank rows and columns behind those a free sheet has.
    pub fn append(&mut self, id: SheetId, rows: &[RowId], cols: &[ColId]) {
        let Some(index) = self.store.sheet_index(id).filter(|_| !rows.is_empty() || !cols.is_empty()) else { return };
        let of = &mut self.store.sheets[index as usize];
        // Whoever reads up to the sheet's end is told once, however often it grows until the next calculation.
        self.grown.entry(index).or_insert((of.rows.order.len() as u32, of.col_order.len() as u32));
        rows.iter().for_each(|&row| of.rows.append(row));
        cols.iter().for_each(|&col| of.append_col(col));
        self.mark_laid_out(index);
        self.restructured.insert(id);
        if cols.is_empty() {
            rows.iter().for_each(|&row| self.find_cells(id, Some(row)));
        } else {
            self.find_cells(id, None);
        }
    }

    /// Tells which rows that a free sheet does not have yet lie behind all others, for ranges that end there.
    pub fn set_beyond(&mut self, id: SheetId, rows: &[RowId]) {
        let Some(index) = self.store.sheet_index(id) else { return };
        let of = &mut self.store.sheets[index as usize];
        let end = of.rows.order.len() as u32;
        let is_same =
            of.rows.deleted.len() == rows.len() && rows.iter().all(|row| of.rows.deleted.get(row) == Some(&end));
        if !is_same {
            of.rows.deleted = rows.iter().map(|&row| (row, end)).collect();
            self.mark_laid_out(index);
            self.grown.entry(index).or_insert((end, self.store.sheet(index).col_order.len() as u32));
        }
    }

    /// Ranges that go on to the end of a sheet that has grown cover more than before.
    pub(super) fn soil_readers_to_the_end(&mut self, index: u32, rows: u32, cols: u32) {
        let of = self.store.sheet(index);
        let is_new_row = |row: RowId| of.rows.slot(row).is_none_or(|slot| of.rows.place(slot) >= rows);
        let is_new_col = |col: ColId| of.col_index(col).is_none_or(|col| of.col_place[col as usize] >= cols);
        let ends = |range: &RangeRef| {
            range.rows.is_none_or(|(first, last)| is_new_row(first) || is_new_row(last))
                || range.cols.is_none_or(|(first, last)| is_new_col(first) || is_new_col(last))
        };
        let open: Vec<u32> = self.edges.ranges_of(of.id).filter(|(_, range)| ends(range)).map(|(id, _)| id).collect();
        self.edges.forget_places(of.id);
        let readers: Vec<Reader> = open.into_iter().flat_map(|id| self.edges.range_readers(id)).collect();
        readers.into_iter().for_each(|reader| self.soil_reader(reader));
        let blocked = self.spills.anchors(index);
        blocked.into_iter().for_each(|anchor| self.store.soil(anchor));
    }
}
