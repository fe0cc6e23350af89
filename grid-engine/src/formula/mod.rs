//! The formula language: Excel's syntax and semantics over ids, and the rule language.

use crate::calendar::Bucket;
use crate::refs::{CellRef, ColId, MeasureId, RowId, SheetId};
use crate::value::{Array, CellError, Value};
use std::sync::Arc;

/// A formula, ready to evaluate; cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    _root: Arc<()>,
}

/// Why a text is not a formula, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {at})")]
pub struct FormulaError {
    /// Zero-based character of the text.
    pub at: usize,
    /// What is wrong and what to do.
    pub message: String,
}

/// Which buckets of a measure a structured reference means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum When {
    /// The formula's own bucket, moved: `[@Stock:-1]` is −1, `[@Stock]` and `Demand[Consensus, @]` are 0.
    Here(i32),
    /// One named bucket: `Demand[Consensus, 2026-03]`.
    At(Bucket),
    /// All buckets: `[@History:all]`, `Demand[Consensus]`.
    All,
    /// Buckets before the current one: `Demand[History, history]`.
    History,
    /// The current bucket and later ones: `Demand[Consensus, plan]`.
    Plan,
}

/// A structured reference.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MeasureRef {
    /// `None`: the formula's own sheet.
    pub sheet: Option<SheetId>,
    /// A frozen version's name: `Demand@'Consensus 2026-10'[Consensus]`.
    pub version: Option<Arc<str>>,
    pub measure: MeasureId,
    /// `@`: the formula's own row, or on another sheet the row whose key the own row's keys contain.
    pub own_row: bool,
    pub when: When,
}

/// A rectangle of a sheet by its corners, in any order; `None` on an axis means all of it (`A:A`, `3:3`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RangeRef {
    pub sheet: SheetId,
    pub rows: Option<(RowId, RowId)>,
    pub cols: Option<(ColId, ColId)>,
}

/// Names and positions as people know them, to read and print formulas.
pub trait Names {
    fn sheet_by_title(&self, title: &str) -> Option<SheetId>;
    fn sheet_title(&self, sheet: SheetId) -> Option<&str>;
    fn measure_by_name(&self, sheet: SheetId, name: &str) -> Option<MeasureId>;
    fn measure_name(&self, sheet: SheetId, measure: MeasureId) -> Option<&str>;
    /// Zero-based rows and columns in current order, as A1 counts them.
    fn row_at(&self, sheet: SheetId, index: u32) -> Option<RowId>;
    fn col_at(&self, sheet: SheetId, index: u32) -> Option<ColId>;
    fn row_index(&self, sheet: SheetId, row: RowId) -> Option<u32>;
    fn col_index(&self, sheet: SheetId, col: ColId) -> Option<u32>;
    /// The stored formula of a defined name.
    fn defined_name(&self, name: &str) -> Option<Arc<str>>;
}

/// What a formula reads while it is evaluated. Implemented by the calculation.
pub trait Cells {
    fn value(&self, cell: CellRef) -> Value;
    /// A rectangle; deleted corners resolve inward; `#REF!` when nothing is left.
    fn range(&self, range: &RangeRef) -> Result<Arc<Array>, CellError>;
    /// A structured reference at the formula's place: one value, or an array (rows down, buckets across).
    fn measure(&self, reference: &MeasureRef, at: CellRef) -> Value;
    /// The answer of a heavy call: its value, or the last one or `#BUSY!` while a job computes it.
    fn pending(&self, call: PendingCall, at: CellRef) -> Value;
    /// A sheet as a table of the supply model: every planning sheet with this role.
    fn table(&self, role: &str) -> Option<crate::supply::RawTable>;
    /// A measure as a table: its sheet's key columns by name, then one column per bucket from the current one on.
    fn measure_table(&self, reference: &MeasureRef, at: CellRef) -> Result<crate::supply::RawTable, CellError>;
    /// Position of a cell, zero-based (for ROW, COLUMN and OFFSET).
    fn position(&self, cell: CellRef) -> Option<(u32, u32)>;
    /// Now, as a spreadsheet serial.
    fn now(&self) -> f64;
    /// Seed of this recalculation.
    fn seed(&self) -> u64;
    /// The cell at a zero-based position of a sheet (for OFFSET, INDIRECT and ADDRESS arithmetic).
    fn cell_at(&self, sheet: SheetId, row: u32, col: u32) -> Option<CellRef>;
    /// What a defined name stands for, whatever the case it is written in.
    fn defined_name(&self, name: &str) -> Option<Formula>;
}

/// A call too heavy for the calculation itself.
#[derive(Clone, Debug, PartialEq)]
pub enum PendingCall {
    /// `FORECAST(history, [horizon], [season], [models])`: one row of values, one per future bucket.
    Forecast(ForecastCall),
    /// `SUPPLY.SOLVE(demand, [objective])`: a summary of two columns (label, value); the plan fills the supply sheet.
    Solve(Arc<SolveCall>),
}

/// One series to forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct ForecastCall {
    /// One value per bucket, `None` where missing; no trailing gap.
    pub history: Vec<Option<f64>>,
    /// Buckets to forecast.
    pub horizon: usize,
    /// Buckets per season, 1 for none.
    pub season: usize,
    /// `auto`, or names of methods separated by commas.
    pub models: String,
}

/// One supply problem: the tables of `supply-model.md` by name, demand among them as `demand_base`.
#[derive(Clone, Debug, PartialEq)]
pub struct SolveCall {
    pub tables: std::collections::BTreeMap<String, crate::supply::RawTable>,
    /// `cost`, `profit` or `service`.
    pub objective: String,
}
