//! Locks: cells that stay as they are, for everyone, until somebody takes the lock off.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::lock_index::LockIndex;
use crate::refs::{CellRef, ColId, MeasureId, PartId, PersonId, RowId, SheetId};
use crate::value::order::sort;

/// Rows or columns one lock may name; whole sheets and parts need no list.
pub const MAX_LOCKED: usize = 10_000;
/// Locks of one workbook.
pub const MAX_LOCKS: usize = 1000;
/// Longest reason of a lock, in characters.
pub const MAX_LOCK_REASON: usize = 1000;

/// The rows of a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockedRows {
    /// Every row, those to come too.
    All,
    /// Every row of one part of a partitioned sheet, those to come too.
    Part(PartId),
    These(Vec<RowId>),
}

/// What is to stay as it is: where its rows and columns meet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLock {
    pub sheet: SheetId,
    pub rows: LockedRows,
    /// None: every column, those to come too.
    #[serde(default)]
    pub cols: Vec<ColId>,
    /// Why, for whoever runs into it.
    #[serde(default)]
    pub why: String,
}

/// A lock that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    pub id: i64,
    pub of: NewLock,
    pub by: PersonId,
    pub by_name: String,
    /// Milliseconds since 1970.
    pub at: i64,
}

impl Lock {
    /// What somebody is told who runs into it.
    pub fn reason(&self) -> String {
        let why = self.of.why.trim();
        let why = if why.is_empty() { String::new() } else { format!(": {why}") };
        format!("It is locked by {}{why}", self.by_name)
    }

    /// Whether a cell is in it; `part` is that of its row.
    pub(super) fn has_cell(&self, cell: CellRef, part: Option<PartId>) -> bool {
        self.of.sheet == cell.sheet && self.has_row(cell.row, part) && self.has_col(cell.col)
    }

    fn has_row(&self, row: RowId, part: Option<PartId>) -> bool {
        match &self.of.rows {
            LockedRows::These(rows) => rows.binary_search(&row).is_ok(),
            _ => self.has_rows_to_come(part),
        }
    }

    fn has_rows_to_come(&self, part: Option<PartId>) -> bool {
        match self.of.rows {
            LockedRows::All => true,
            LockedRows::Part(locked) => part == Some(locked),
            LockedRows::These(_) => false,
        }
    }

    fn has_col(&self, col: ColId) -> bool {
        self.of.cols.is_empty() || self.of.cols.binary_search(&col).is_ok()
    }
}

/// The locks of a workbook.
///
/// ```
/// use grid_engine::refs::{CellRef, ColId, MeasureId, PersonId, RowId, SheetId};
/// use grid_engine::wire::{Lock, LockedRows, Locks, NewLock};
///
/// let sheet = SheetId::of_key(&["demand"]);
/// let (tea, soap) = (RowId::of_key(&["tea"]), RowId::of_key(&["soap"]));
/// let col = ColId::fixed(MeasureId::of_key(&["override"]));
/// let of = NewLock { sheet, rows: LockedRows::These(vec![tea]), cols: Vec::new(), why: "Agreed.".into() };
/// let mut locks = Locks::default();
/// locks.put(Lock { id: 1, of, by: PersonId::of_key(&["claire"]), by_name: "Claire".into(), at: 0 });
/// let found = locks.of_cell(CellRef { sheet, row: tea, col }, None);
/// assert_eq!(found.map(Lock::reason).as_deref(), Some("It is locked by Claire: Agreed."));
/// assert_eq!(locks.of_cell(CellRef { sheet, row: soap, col }, None), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Locks {
    all: Vec<Lock>,
    /// Made when somebody asks, and made anew once a lock has changed.
    index: OnceLock<LockIndex>,
}

impl FromIterator<Lock> for Locks {
    fn from_iter<I: IntoIterator<Item = Lock>>(locks: I) -> Self {
        let mut all = Self::default();
        locks.into_iter().for_each(|lock| all.put(lock));
        all
    }
}

impl Locks {
    /// Adds a lock, or replaces the one of its id.
    pub fn put(&mut self, mut lock: Lock) {
        // Looked up for every cell that is written or painted.
        sort(&mut lock.of.cols);
        if let LockedRows::These(rows) = &mut lock.of.rows {
            sort(rows);
        }
        self.remove(lock.id);
        self.all.push(lock);
    }

    /// Takes a lock off.
    pub fn remove(&mut self, id: i64) {
        self.all.retain(|lock| lock.id != id);
        self.index = OnceLock::new();
    }

    /// All of them, oldest first.
    pub fn all(&self) -> &[Lock] {
        &self.all
    }

    /// The lock a cell is in, the oldest of several; `part` is that of its row.
    pub fn of_cell(&self, cell: CellRef, part: Option<PartId>) -> Option<&Lock> {
        self.at(self.index().of_cell(cell, part, &self.all))
    }

    /// The lock that a row has cells in: it is neither deleted nor moved.
    pub fn of_row(&self, sheet: SheetId, row: RowId, part: Option<PartId>) -> Option<&Lock> {
        self.at(self.index().of_row(sheet, row, part))
    }

    /// The lock that a column has cells in.
    pub fn of_col(&self, sheet: SheetId, col: ColId) -> Option<&Lock> {
        self.at(self.index().of_col(sheet, col))
    }

    /// The lock that a measure, or a column of a free sheet, has cells in: what it is and what it accepts stay.
    pub fn of_measure(&self, sheet: SheetId, measure: MeasureId) -> Option<&Lock> {
        self.of_sheet(sheet)
            .find(|lock| lock.of.cols.is_empty() || lock.of.cols.iter().any(|col| col.measure == measure))
    }

    /// The lock of a whole sheet, or of a whole part: nothing is added either.
    pub fn of_whole(&self, sheet: SheetId, part: Option<PartId>) -> Option<&Lock> {
        self.of_sheet(sheet).find(|lock| lock.of.cols.is_empty() && lock.has_rows_to_come(part))
    }

    fn of_sheet(&self, sheet: SheetId) -> impl Iterator<Item = &Lock> {
        self.all.iter().filter(move |lock| lock.of.sheet == sheet)
    }

    fn index(&self) -> &LockIndex {
        self.index.get_or_init(|| LockIndex::new(&self.all))
    }

    fn at(&self, place: Option<u32>) -> Option<&Lock> {
        self.all.get(place? as usize)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sheet(number: u8) -> SheetId {
        SheetId::of_key(&[&number.to_string()])
    }

    fn row(number: u8) -> RowId {
        RowId::of_key(&[&number.to_string()])
    }

    fn part(number: u8) -> PartId {
        PartId::of_key(&[&number.to_string()])
    }

    fn col(number: u8) -> ColId {
        ColId::fixed(MeasureId::of_key(&[&number.to_string()]))
    }

    fn rows() -> impl Strategy<Value = LockedRows> {
        prop_oneof![
            Just(LockedRows::All),
            (0..3_u8).prop_map(|number| LockedRows::Part(part(number))),
            prop::collection::vec(0..8_u8, 1..5)
                .prop_map(|rows| LockedRows::These(rows.into_iter().map(row).collect())),
        ]
    }

    fn locks() -> impl Strategy<Value = Vec<Lock>> {
        let one = (0..2_u8, rows(), prop::collection::vec(0..6_u8, 0..4));
        prop::collection::vec(one, 0..12).prop_map(|locks| {
            let numbered = locks.into_iter().enumerate();
            numbered
                .map(|(number, (of, rows, cols))| Lock {
                    id: number as i64,
                    of: NewLock {
                        sheet: sheet(of),
                        rows,
                        cols: cols.into_iter().map(col).collect(),
                        why: String::new(),
                    },
                    by: PersonId::of_key(&["claire"]),
                    by_name: "Claire".into(),
                    at: 0,
                })
                .collect()
        })
    }

    /// What the rule says, lock by lock.
    fn first(locks: &Locks, sheet: SheetId, holds: impl Fn(&Lock) -> bool) -> Option<i64> {
        locks.all().iter().find(|lock| lock.of.sheet == sheet && holds(lock)).map(|lock| lock.id)
    }

    proptest! {
        #[test]
        fn the_index_answers_as_the_plain_search_does(made in locks(), gone in prop::collection::vec(0..12_i64, 0..4)) {
            let mut locks: Locks = made.into_iter().collect();
            // Asked before, between and after: an index of yesterday must not answer.
            for lost in std::iter::once(None).chain(gone.into_iter().map(Some)) {
                if let Some(lost) = lost {
                    locks.remove(lost);
                }
                for (sheet, row) in (0..2).flat_map(|of| (0..8).map(move |number| (sheet(of), row(number)))) {
                    for part in [None, Some(part(0)), Some(part(2))] {
                        let found = locks.of_row(sheet, row, part).map(|lock| lock.id);
                        prop_assert_eq!(found, first(&locks, sheet, |lock| lock.has_row(row, part)));
                        for col in (0..6_u8).map(col) {
                            let found = locks.of_cell(CellRef { sheet, row, col }, part).map(|lock| lock.id);
                            prop_assert_eq!(
                                found,
                                first(&locks, sheet, |lock| lock.has_row(row, part) && lock.has_col(col))
                            );
                        }
                    }
                    for col in (0..6_u8).map(col) {
                        let found = locks.of_col(sheet, col).map(|lock| lock.id);
                        prop_assert_eq!(found, first(&locks, sheet, |lock| lock.has_col(col)));
                    }
                }
            }
        }
    }
}
