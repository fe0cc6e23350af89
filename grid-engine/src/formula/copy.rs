//! Copying formulas: relative positions shift with the copy.

use super::Names;
use super::ast::{CellAt, Expr, RangeAt};
use super::reference;
use crate::refs::{CellRef, ColId, RowId, SheetId};
use crate::value::ErrorKind;

/// The tree as it reads when copied.
pub fn shifted(root: &Expr, names: &dyn Names, from: CellRef, to: CellRef) -> Expr {
    let Some(shift) = Shift::between(names, from, to) else { return root.clone() };
    let gone = || Expr::Error(ErrorKind::Ref);
    root.map_references(&|expr| match expr {
        Expr::Cell(at) => Some(shift.cell(at).map_or_else(gone, Expr::Cell)),
        Expr::Range(at) => Some(shift.range(at).map_or_else(gone, Expr::Range)),
        _ => None,
    })
}

struct Shift<'a> {
    names: &'a dyn Names,
    from: SheetId,
    to: SheetId,
    rows: i64,
    cols: i64,
}

impl<'a> Shift<'a> {
    fn between(names: &'a dyn Names, from: CellRef, to: CellRef) -> Option<Self> {
        let row = |cell: CellRef| names.row_index(cell.sheet, cell.row).map(i64::from);
        let col = |cell: CellRef| names.col_index(cell.sheet, cell.col).map(i64::from);
        Some(Self { names, from: from.sheet, to: to.sheet, rows: row(to)? - row(from)?, cols: col(to)? - col(from)? })
    }

    /// References to the formula's own sheet go with it to another.
    fn sheet(&self, sheet: SheetId) -> SheetId {
        if sheet == self.from { self.to } else { sheet }
    }

    fn row(&self, sheet: SheetId, row: RowId, fixed: bool) -> Option<RowId> {
        let target = self.sheet(sheet);
        if target == sheet && (fixed || self.rows == 0) {
            return Some(row);
        }
        let index = i64::from(self.names.row_index(sheet, row)?) + if fixed { 0 } else { self.rows };
        self.names.row_at(target, u32::try_from(index).ok()?)
    }

    fn col(&self, sheet: SheetId, col: ColId, fixed: bool) -> Option<ColId> {
        let target = self.sheet(sheet);
        if target == sheet && (fixed || self.cols == 0) {
            return Some(col);
        }
        let index = i64::from(self.names.col_index(sheet, col)?) + if fixed { 0 } else { self.cols };
        self.names.col_at(target, u32::try_from(index).ok()?)
    }

    /// What a range's ends stand for. As they are where the copy does not shift them: what was deleted may come back.
    fn live_rows(&self, sheet: SheetId, ends: (RowId, RowId)) -> (RowId, RowId) {
        if self.rows == 0 && self.sheet(sheet) == sheet {
            return ends;
        }
        let live = reference::live_rows(self.names, sheet, ends);
        live.and_then(|(a, b)| self.names.row_at(sheet, a).zip(self.names.row_at(sheet, b))).unwrap_or(ends)
    }

    fn live_cols(&self, sheet: SheetId, ends: (ColId, ColId)) -> (ColId, ColId) {
        if self.cols == 0 && self.sheet(sheet) == sheet {
            return ends;
        }
        let live = reference::live_cols(self.names, sheet, ends);
        live.and_then(|(a, b)| self.names.col_at(sheet, a).zip(self.names.col_at(sheet, b))).unwrap_or(ends)
    }

    fn cell(&self, at: &CellAt) -> Option<CellAt> {
        let CellRef { sheet, row, col } = at.cell;
        let cell = CellRef {
            sheet: self.sheet(sheet),
            row: self.row(sheet, row, at.row_fixed)?,
            col: self.col(sheet, col, at.col_fixed)?,
        };
        Some(CellAt { cell, ..*at })
    }

    fn range(&self, at: &RangeAt) -> Option<RangeAt> {
        let sheet = at.range.sheet;
        let mut moved = at.clone();
        moved.range.sheet = self.sheet(sheet);
        if let Some(ends) = at.range.rows {
            let (first, last) = self.live_rows(sheet, ends);
            let (first, last) = (self.row(sheet, first, at.rows_fixed.0)?, self.row(sheet, last, at.rows_fixed.1)?);
            moved.range.rows = Some((first, last));
        }
        if let Some(ends) = at.range.cols {
            let (first, last) = self.live_cols(sheet, ends);
            let (first, last) = (self.col(sheet, first, at.cols_fixed.0)?, self.col(sheet, last, at.cols_fixed.1)?);
            moved.range.cols = Some((first, last));
        }
        Some(moved)
    }
}
