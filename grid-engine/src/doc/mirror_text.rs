//! A mirror as text, one line for each thing it holds: for logs, and for telling replicas apart.
//!
//! `{:?}` writes what people see, `{:#?}` also what is hidden in deleted rows and columns.

use std::fmt;

use super::mirror::Mirror;
use super::sheet_mirror::SheetMirror;
use crate::refs::{ColId, RowId};

impl fmt::Debug for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?} {:?}", self.sheets(), self.names())?;
        self.open_sheets().try_for_each(|sheet| sheet.fmt(f))
    }
}

impl fmt::Debug for SheetMirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {:?}", self.id(), self.meta())?;
        writeln!(f, "{:?}", self.measures())?;
        writeln!(f, "{:?} {:?}", self.rows(), self.cols())?;
        for &col in self.cols() {
            if let Some(width) = self.width(col) {
                writeln!(f, "{col}: {width} px")?;
            }
            if let Some(rule) = self.validation(col.measure) {
                writeln!(f, "{col}: {rule:?}")?;
            }
            self.rows().iter().try_for_each(|&row| self.write_cell(f, row, col))?;
        }
        if f.alternate() { self.write_hidden(f) } else { Ok(()) }
    }
}

impl SheetMirror {
    fn write_cell(&self, f: &mut fmt::Formatter<'_>, row: RowId, col: ColId) -> fmt::Result {
        let held = (self.input(row, col), self.style(row, col), self.note(row, col));
        if held == (None, None, None) {
            return Ok(());
        }
        writeln!(f, "{row} {col}: {held:?} {:?}", self.contributions(row, col))
    }

    fn write_hidden(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, cols) = (self.deleted_rows(), self.deleted_cols());
        writeln!(f, "deleted: {rows:?} {cols:?}")?;
        let is_hidden = |row, col| self.is_deleted(row) || self.col_index(col).is_none();
        let all_cols: Vec<ColId> = self.cols().iter().copied().chain(cols.iter().map(|(col, _)| *col)).collect();
        for row in self.rows().iter().copied().chain(rows.iter().map(|(row, _)| *row)) {
            let Some((_, part)) = self.part_with(row) else { continue };
            for &col in all_cols.iter().filter(|&&col| is_hidden(row, col)) {
                let held = (part.base(row, col), part.style(row, col), part.note(row, col));
                let shares = part.row_contributions(row, col);
                if held != (None, None, None) || !shares.is_empty() {
                    writeln!(f, "{row} {col}, hidden: {held:?} {shares:?}")?;
                }
            }
        }
        Ok(())
    }
}
