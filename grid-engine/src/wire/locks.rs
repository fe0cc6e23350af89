//! Locks: cells that stay as they are, for everyone, until somebody takes the lock off.

use serde::{Deserialize, Serialize};

use crate::refs::{CellRef, ColId, MeasureId, PartId, PersonId, RowId, SheetId};

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

    /// Whether every row and column is in it, those to come too.
    fn is_whole(&self, part: Option<PartId>) -> bool {
        self.of.cols.is_empty()
            && match self.of.rows {
                LockedRows::All => true,
                LockedRows::Part(locked) => part == Some(locked),
                LockedRows::These(_) => false,
            }
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locks(Vec<Lock>);

impl Locks {
    /// Adds a lock, or replaces the one of its id.
    pub fn put(&mut self, mut lock: Lock) {
        // Looked up for every cell that is written or painted.
        lock.of.cols.sort_unstable();
        if let LockedRows::These(rows) = &mut lock.of.rows {
            rows.sort_unstable();
        }
        self.remove(lock.id);
        self.0.push(lock);
    }

    /// Takes a lock off.
    pub fn remove(&mut self, id: i64) {
        self.0.retain(|lock| lock.id != id);
    }

    /// All of them.
    pub fn all(&self) -> &[Lock] {
        &self.0
    }

    /// The lock a cell is in; `part` is that of its row.
    pub fn of_cell(&self, cell: CellRef, part: Option<PartId>) -> Option<&Lock> {
        self.of_sheet(cell.sheet).find(|lock| {
            has_row(&lock.of, cell.row, part)
                && (lock.of.cols.is_empty() || lock.of.cols.binary_search(&cell.col).is_ok())
        })
    }

    /// The lock that a row has cells in: it is neither deleted nor moved.
    pub fn of_row(&self, sheet: SheetId, row: RowId, part: Option<PartId>) -> Option<&Lock> {
        self.of_sheet(sheet).find(|lock| has_row(&lock.of, row, part))
    }

    /// The lock that a column has cells in.
    pub fn of_col(&self, sheet: SheetId, col: ColId) -> Option<&Lock> {
        self.of_sheet(sheet).find(|lock| lock.of.cols.is_empty() || lock.of.cols.binary_search(&col).is_ok())
    }

    /// The lock that a measure, or a column of a free sheet, has cells in: what it is and what it accepts stay.
    pub fn of_measure(&self, sheet: SheetId, measure: MeasureId) -> Option<&Lock> {
        self.of_sheet(sheet)
            .find(|lock| lock.of.cols.is_empty() || lock.of.cols.iter().any(|col| col.measure == measure))
    }

    /// The lock of a whole sheet, or of a whole part: nothing is added either.
    pub fn of_whole(&self, sheet: SheetId, part: Option<PartId>) -> Option<&Lock> {
        self.of_sheet(sheet).find(|lock| lock.is_whole(part))
    }

    fn of_sheet(&self, sheet: SheetId) -> impl Iterator<Item = &Lock> {
        self.0.iter().filter(move |lock| lock.of.sheet == sheet)
    }
}

fn has_row(of: &NewLock, row: RowId, part: Option<PartId>) -> bool {
    match &of.rows {
        LockedRows::All => true,
        LockedRows::Part(locked) => part == Some(*locked),
        LockedRows::These(rows) => rows.binary_search(&row).is_ok(),
    }
}
