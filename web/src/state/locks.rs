//! What nobody may change at present: so that nothing is typed that the server will not take.

use grid_engine::doc::Op;
use grid_engine::refs::{CellRef, RoomId, SheetId};
use grid_engine::wire::{Lock, Role};
use grid_engine::workbook::Workbook;
use leptos::prelude::*;

use super::Session;

impl Session {
    /// Takes the locks as the server has them.
    pub(super) fn take_locks(self, locks: Vec<Lock>) {
        self.with(|core| core.locks = locks.into_iter().collect());
        self.values.update(|count| *count += 1);
    }

    /// The locks of a sheet, oldest first.
    pub fn locks_of(&self, sheet: SheetId) -> Vec<Lock> {
        self.values.track();
        let of_sheet = |lock: &&Lock| lock.of.sheet == sheet;
        self.look(|core| core.locks.all().iter().filter(of_sheet).cloned().collect()).unwrap_or_default()
    }

    /// Whether this person may lock cells of a sheet.
    pub fn may_lock(&self, sheet: SheetId) -> bool {
        let freezes = self.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.may_freeze && me.scope.is_empty()));
        freezes && self.may_write(RoomId::Sheet(sheet))
    }

    /// Whether this person may take a lock off.
    pub fn may_unlock(&self, lock: &Lock) -> bool {
        self.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.role == Role::Admin || me.person == lock.by))
    }

    /// Why a step on rows or columns meets a lock; `None` where it does not.
    pub fn lock_against(&self, op: &Op) -> Option<String> {
        self.look(|core| {
            let (book, locks) = (&core.book, &core.locks);
            let part = |sheet, row| book.sheet(sheet).and_then(|sheet| sheet.part_of(row));
            let of_rows = |sheet: SheetId, rows: &[grid_engine::refs::RowId]| {
                rows.iter().find_map(|&row| locks.of_row(sheet, row, part(sheet, row)))
            };
            let lock = match op {
                Op::InsertRows { sheet, part, .. } => locks.of_whole(*sheet, *part),
                Op::InsertCols { sheet, .. } => locks.of_whole(*sheet, None),
                Op::DeleteRows { sheet, rows } | Op::MoveRows { sheet, rows, .. } => of_rows(*sheet, rows),
                Op::DeleteCols { sheet, cols } | Op::MoveCols { sheet, cols, .. } => {
                    cols.iter().find_map(|&col| locks.of_col(*sheet, col))
                }
                _ => None,
            };
            lock.map(Lock::reason)
        })
        .flatten()
    }
}

/// The lock a cell is in.
pub(super) fn lock_on<'a>(locks: &'a grid_engine::wire::Locks, book: &Workbook, cell: CellRef) -> Option<&'a Lock> {
    if locks.all().is_empty() {
        return None;
    }
    locks.of_cell(cell, book.sheet(cell.sheet).and_then(|sheet| sheet.part_of(cell.row)))
}
