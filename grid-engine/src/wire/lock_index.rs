//! Where locks are looked up: by sheet, row and column, because every painted cell asks.

use std::collections::BTreeMap;

use super::locks::{Lock, LockedRows};
use crate::refs::{CellRef, ColId, PartId, RowId, SheetId};
use crate::value::order::sort;

/// Which locks name what. Locks go by their place in the list of all, so that of several the oldest is the smallest.
#[derive(Clone, Debug, Default)]
pub(super) struct LockIndex(BTreeMap<SheetId, OfSheet>);

/// The locks of a sheet, each once by its rows and once by its columns; every list is in order.
#[derive(Clone, Debug, Default)]
struct OfSheet {
    every_row: Vec<u32>,
    parts: Vec<(PartId, u32)>,
    rows: Vec<(RowId, u32)>,
    every_col: Vec<u32>,
    cols: Vec<(ColId, u32)>,
}

/// Locks of every row, of a row's part, and of a row by its name.
struct ByRow<'a> {
    whole: &'a [u32],
    of_part: &'a [(PartId, u32)],
    of_row: &'a [(RowId, u32)],
}

impl LockIndex {
    pub(super) fn new(locks: &[Lock]) -> Self {
        let mut index = Self::default();
        for (place, Lock { of, .. }) in (0_u32..).zip(locks) {
            let sheet = index.0.entry(of.sheet).or_default();
            match &of.rows {
                LockedRows::All => sheet.every_row.push(place),
                LockedRows::Part(part) => sheet.parts.push((*part, place)),
                LockedRows::These(rows) => sheet.rows.extend(rows.iter().map(|&row| (row, place))),
            }
            if of.cols.is_empty() {
                sheet.every_col.push(place);
            }
            sheet.cols.extend(of.cols.iter().map(|&col| (col, place)));
        }
        for sheet in index.0.values_mut() {
            sort(&mut sheet.parts);
            sort(&mut sheet.rows);
            sort(&mut sheet.cols);
        }
        index
    }

    /// The first lock a cell is in, as its place among `locks`.
    pub(super) fn of_cell(&self, cell: CellRef, part: Option<PartId>, locks: &[Lock]) -> Option<u32> {
        let sheet = self.0.get(&cell.sheet)?;
        let ByRow { whole, of_part, of_row } = sheet.by_row(cell.row, part);
        let (every, of_col) = sheet.by_col(cell.col);
        let holds = |place: &u32| locks.get(*place as usize).is_some_and(|lock| lock.has_cell(cell, part));
        let holding = |named: &[u32]| named.iter().copied().find(holds);
        // What names the row and what names the column both hold the answer: the shorter is looked through.
        if whole.len() + of_part.len() + of_row.len() <= every.len() + of_col.len() {
            let among = [holding(whole), holding_of(of_part, holds), holding_of(of_row, holds)];
            return among.into_iter().flatten().min();
        }
        [holding(every), holding_of(of_col, holds)].into_iter().flatten().min()
    }

    /// The first lock that a row has cells in.
    pub(super) fn of_row(&self, sheet: SheetId, row: RowId, part: Option<PartId>) -> Option<u32> {
        let ByRow { whole, of_part, of_row } = self.0.get(&sheet)?.by_row(row, part);
        let first = whole.first().copied();
        [first, first_of(of_part), first_of(of_row)].into_iter().flatten().min()
    }

    /// The first lock that a column has cells in.
    pub(super) fn of_col(&self, sheet: SheetId, col: ColId) -> Option<u32> {
        let (every, of_col) = self.0.get(&sheet)?.by_col(col);
        [every.first().copied(), first_of(of_col)].into_iter().flatten().min()
    }
}

impl OfSheet {
    fn by_row(&self, row: RowId, part: Option<PartId>) -> ByRow<'_> {
        let of_part = part.map_or(&[][..], |part| named(&self.parts, part));
        ByRow { whole: &self.every_row, of_part, of_row: named(&self.rows, row) }
    }

    /// Locks of every column, and of the column by its name.
    fn by_col(&self, col: ColId) -> (&[u32], &[(ColId, u32)]) {
        (&self.every_col, named(&self.cols, col))
    }
}

/// The entries of one name in a sorted list.
fn named<T: Copy + Ord>(list: &[(T, u32)], name: T) -> &[(T, u32)] {
    let from = list.partition_point(|(known, _)| *known < name);
    let to = from + list[from..].partition_point(|(known, _)| *known == name);
    &list[from..to]
}

fn first_of<T>(list: &[(T, u32)]) -> Option<u32> {
    list.first().map(|(_, place)| *place)
}

fn holding_of<T>(list: &[(T, u32)], holds: impl Fn(&u32) -> bool) -> Option<u32> {
    list.iter().map(|(_, place)| *place).find(holds)
}
