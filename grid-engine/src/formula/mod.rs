//! The formula language: Excel's syntax and semantics over ids, and the rule language.

mod ast;
mod code;
mod copy;
mod eval;
mod files;
pub mod forecast_answer;
mod forecast_details;
pub mod functions;
mod lex;
mod local;
#[cfg(test)]
mod mock;
mod parse;
mod plan_tables;
mod print;
mod read;
mod reference;
pub mod rule;
mod scenario_table;
mod shape;
mod shapes;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ast::{Expr, Operator};
use serde::{Deserialize, Serialize};

use crate::calendar::Bucket;
pub use crate::forecast::Known;
use crate::refs::{CellRef, ColId, MeasureId, RowId, SheetId};
use crate::value::{Array, CellError, ErrorKind, Value};

pub use code::Operands;
pub use eval::{Lanes, Running};
pub use forecast_details::{ForecastDetails, MethodShare, OutlierFound, SHOWN_LEVEL};
pub use lex::MAX_LENGTH;
pub use local::{from_local, to_local};
pub use parse::MAX_DEPTH;
pub use plan_tables::PlanTable;
pub use read::Read;
pub use scenario_table::{ScenarioLine, ScenarioTable};
pub use shape::{References, Shape, lead};
pub use shapes::{ShapeId, Shapes};

/// A formula, ready to evaluate; cheap to clone.
///
/// It holds ids, never positions or names, so it survives every insert, move and rename.
#[derive(Clone, Debug, PartialEq)]
pub struct Formula {
    root: Arc<Expr>,
    traits: read::Traits,
}

impl Formula {
    /// Reads a formula as typed at a cell, with its `=`.
    ///
    /// Errors: what is wrong and where. Unknown functions and names are no errors; they evaluate to `#NAME?`.
    pub fn parse(typed: &str, names: &dyn Names, at: CellRef) -> Result<Self, FormulaError> {
        parse::parse_typed(typed, names, at).map(Self::new)
    }

    /// Reads the stored form, with its `=`; it needs no names.
    pub fn from_stored(stored: &str) -> Result<Self, FormulaError> {
        parse::parse_stored(stored).map(Self::new)
    }

    /// The stored form: ASCII, ids only, the same for the same formula.
    pub fn to_stored(&self) -> String {
        print::print(&self.root, print::Style::Stored)
    }

    /// The formula as people read it at a cell. What is gone reads `#REF!`.
    pub fn print(&self, names: &dyn Names, at: CellRef) -> String {
        print::print(&self.root, print::Style::Read { names, at })
    }

    /// What its value depends on, each once. Names stand for themselves: ask what they read in turn.
    pub fn reads(&self) -> Vec<Read> {
        read::reads(&self.root)
    }

    /// Visits its references to cells and to rectangles, each as often as it occurs; names stand for themselves.
    pub fn each_reference(&self, visit: &mut dyn FnMut(Result<CellRef, &RangeRef>)) {
        self.root.walk(&mut |expr| match expr {
            Expr::Cell(at) => visit(Ok(at.cell)),
            Expr::Range(at) => visit(Err(&at.range)),
            _ => {}
        });
    }

    /// Whether it holds a call whose answer a job computes.
    pub fn is_pending(&self) -> bool {
        self.traits.pending
    }

    /// Whether it reads frozen versions.
    pub fn reads_versions(&self) -> bool {
        self.traits.versions
    }

    /// Whether it must be computed anew at every recalculation.
    pub fn is_volatile(&self) -> bool {
        self.traits.volatile
    }

    /// Its value at a cell. A blank result is 0, as in Excel, except where a KPI has no value.
    /// An error that arises here has this cell as its origin.
    pub fn evaluate(&self, cells: &dyn Cells, at: CellRef) -> Value {
        read::finish(eval::Evaluation::new(cells, at).value(&self.root), self.traits, at)
    }

    /// Why its value at a cell is blank; `None` where it is not, or nobody says.
    pub fn why_blank(&self, cells: &dyn Cells, at: CellRef) -> Option<String> {
        eval::Evaluation::explaining(cells, at).why_blank(&self.root)
    }

    /// The formula for a copy at `to` of what stands at `from`: relative positions shift, those marked `$` stay,
    /// what falls off the sheet becomes `#REF!`. Structured references stay: they are relative by meaning.
    pub fn moved(&self, names: &dyn Names, from: CellRef, to: CellRef) -> Self {
        Self::new(copy::shifted(&self.root, names, from, to))
    }

    /// The same as a file means it that was written for one value per cell: where one value is needed and a range
    /// stands, the value in the own row or column is meant, as if `@` stood before it.
    pub fn one_valued(&self) -> Self {
        Self::new(files::one_valued(&self.root))
    }

    /// The same as a formula that fills `rows` × `cols` cells at once (entered with Ctrl+Shift+Enter): what is too
    /// much is cut off, one row, column or value repeats, what is missing gives `#N/A`.
    pub fn filling(&self, rows: u32, cols: u32) -> Self {
        Self::new(files::filling(&self.root, rows, cols))
    }

    /// The same as a name of a file means it: relative references count from the cell that uses the name.
    pub fn counting_from_user(&self, names: &dyn Names) -> Self {
        Self::new(files::counting_from_user(&self.root, names))
    }

    /// The same with every reference fixed (`$A$1`).
    pub fn fixed(&self) -> Self {
        Self::new(files::fixed(&self.root))
    }

    /// The same as a workbook file can state it, and whether it takes ranges where older files mean one value. `cells` says
    /// which cells a structured reference means, `rows` what a range means there that names no rows, `is_known` whether the
    /// file defines a name. `None`: a file cannot state it, e.g. a forecast.
    pub fn statable(
        &self,
        cells: &dyn Fn(&MeasureRef) -> Option<RangeRef>,
        rows: &dyn Fn(&RangeRef) -> RangeRef,
        is_known: &dyn Fn(&str) -> bool,
    ) -> Option<(Self, bool)> {
        let stated = files::statable(&self.root, cells, rows, is_known)?;
        let takes_ranges = files::one_valued(&stated) != stated;
        Some((Self::new(stated), takes_ranges))
    }

    /// Whether it gives a date as a whole, going by its outermost function or what it counts on from: `=TODAY()`,
    /// `=B3+7`. `is_date` says which cells are shown as dates.
    pub fn gives_date(&self, is_date: &dyn Fn(CellRef) -> bool) -> bool {
        const DATES: [&str; 9] =
            ["DATE", "DATEVALUE", "EDATE", "EOMONTH", "NOW", "TODAY", "WORKDAY", "WORKDAY.INTL", "COUPNCD"];
        let of_cell = |expr: &Expr| matches!(expr, Expr::Cell(at) if is_date(at.cell));
        match self.root() {
            Expr::Call(function, _) => DATES.contains(&function.info.name),
            // A date and days are a date, the days between two dates are none.
            Expr::Chain(first, rest) => {
                let dates = rest.iter().try_fold(i32::from(of_cell(first)), |dates, (operator, by)| match operator {
                    Operator::Add => Some(dates + i32::from(of_cell(by))),
                    Operator::Subtract => Some(dates - i32::from(of_cell(by))),
                    _ => None,
                });
                dates == Some(1)
            }
            expr => of_cell(expr),
        }
    }

    /// Whether it is a SUBTOTAL or AGGREGATE as a whole.
    fn is_total(&self) -> bool {
        matches!(self.root(), Expr::Call(function, _) if ["SUBTOTAL", "AGGREGATE"].contains(&function.info.name))
    }

    fn new(root: Expr) -> Self {
        Self { traits: read::traits(&root), root: Arc::new(root) }
    }

    fn root(&self) -> &Expr {
        &self.root
    }
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

/// The rows that have a text among their keys and attributes (a region, a family), or one bucket of all rows, live or of a
/// frozen version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice {
    /// Empty where a bucket is meant.
    pub text: Arc<str>,
    pub bucket: Option<Bucket>,
    /// A frozen version's name; `None`: the live plan.
    pub version: Option<Arc<str>>,
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
    /// The place of the live row before which a deleted one stands; of the end of the sheet where none follows.
    fn row_gap(&self, _sheet: SheetId, _row: RowId) -> Option<u32> {
        None
    }
    /// The same for columns.
    fn col_gap(&self, _sheet: SheetId, _col: ColId) -> Option<u32> {
        None
    }
    /// The stored formula of a defined name.
    fn defined_name(&self, name: &str) -> Option<Arc<str>>;
    /// What a name that only one sheet has is known by in the whole workbook.
    fn name_of_sheet(&self, _sheet: SheetId, _name: &str) -> Option<Arc<str>> {
        None
    }
}

/// What a formula reads while it is evaluated. Implemented by the calculation.
pub trait Cells {
    fn value(&self, cell: CellRef) -> Value;
    /// A rectangle; deleted corners resolve inward; `#REF!` when nothing is left.
    fn range(&self, range: &RangeRef) -> Result<Arc<Array>, CellError>;
    /// Count, sum and extremes of the numbers in a rectangle; its first error, if it has one.
    fn running(&self, range: &RangeRef) -> Result<Running, CellError> {
        let mut lanes = Lanes::default();
        lanes.take(self.range(range)?.cells().iter())?;
        Ok(lanes.together())
    }
    /// A structured reference at the formula's place: one value, or an array (rows down, buckets across).
    fn measure(&self, reference: &MeasureRef, at: CellRef) -> Value;
    /// The rows of a structured reference that are in a slice, as [`Cells::measure`] gives all of them. An error where the
    /// sheet has none.
    fn measure_of(&self, _reference: &MeasureRef, _at: CellRef, slice: &Slice) -> Result<Value, CellError> {
        Err(CellError::because(ErrorKind::Na, format!("there is no row of ‘{}’ here", slice.text)))
    }
    /// The same reference into two versions (`None`: live), with the same rows and buckets in both: blank where one has no
    /// such cell.
    fn measures(&self, reference: &MeasureRef, versions: [Option<Arc<str>>; 2], at: CellRef) -> [Value; 2] {
        versions.map(|version| self.measure(&MeasureRef { version, ..reference.clone() }, at))
    }
    /// The first bucket that a structured reference over several buckets reads; `None` where it has none.
    fn first_bucket(&self, _reference: &MeasureRef, _at: CellRef) -> Option<Bucket> {
        None
    }
    /// The answer of a heavy call: its value, or the last one or `#BUSY!` while a job computes it.
    fn pending(&self, call: PendingCall, at: CellRef) -> Value;
    /// The scenario matrix; `None` while it is still to be read.
    fn scenarios(&self) -> Option<Arc<ScenarioTable>> {
        None
    }
    /// A sheet as a table of the supply model: every planning sheet with this role.
    fn table(&self, role: &str) -> Option<crate::supply::RawTable>;
    /// The first row on a planning sheet with this role whose texts in these measures are those meant; a measure that is
    /// not there holds an empty text. Its cell is that of the first of them.
    fn keyed_row(&self, _role: &str, _measures: &[&str], _is_meant: &dyn Fn(&[&str]) -> bool) -> Option<CellRef> {
        None
    }
    /// What a structured reference reads of one bucket alone; what has no buckets, in the own row, stays as it is. In words,
    /// why there is nothing of that bucket.
    fn in_bucket(&self, _reference: &MeasureRef, _at: CellRef, bucket: Bucket) -> Result<MeasureRef, String> {
        Err(format!("there is nothing of {bucket} here"))
    }
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
    /// A sheet by its title (for INDIRECT); unknown unless the calculation knows titles.
    fn sheet_by_title(&self, _title: &str) -> Option<SheetId> {
        None
    }
    /// The title of a sheet (for CELL).
    fn title_of(&self, _sheet: SheetId) -> Option<String> {
        None
    }
    /// What a defined name stands for, whatever the case it is written in.
    fn defined_name(&self, name: &str) -> Option<Formula>;
    /// Whether a formula gives a cell its value (for ISFORMULA).
    fn has_formula(&self, _cell: CellRef) -> bool {
        false
    }
    /// Whether that is a SUBTOTAL or AGGREGATE (for these to leave it out).
    fn is_total(&self, _cell: CellRef) -> bool {
        false
    }
    /// Why a cell's row is not shown, if it is not (for SUBTOTAL and AGGREGATE).
    fn hidden(&self, _cell: CellRef) -> Option<Hidden> {
        None
    }
    /// That formula.
    fn formula(&self, _cell: CellRef) -> Option<Formula> {
        None
    }
    /// That formula as people read it (for FORMULATEXT).
    fn formula_text(&self, _cell: CellRef) -> Option<String> {
        None
    }
    /// The rectangle an array spilled over from a cell, the cell included (for `A1#`).
    fn spilled(&self, _cell: CellRef) -> Option<RangeRef> {
        None
    }
    /// The formula reads cells it does not name, as SUMIF may: it is to be calculated afresh every time.
    fn reads_beyond(&self) {}
    /// Place of a sheet among all, from 1, and how many there are (for SHEET and SHEETS).
    fn sheet_place(&self, _sheet: SheetId) -> Option<(usize, usize)> {
        None
    }
}

/// Why a row of a workbook file is not shown. Rows of a plan are shown to everyone; what people filter is their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    ByHand,
    ByFilter,
}

/// A call too heavy for the calculation itself.
#[derive(Clone, Debug, PartialEq)]
pub enum PendingCall {
    /// `FORECAST` and its kin: one row, a value per future bucket, and [`forecast_answer`]'s text behind them.
    Forecast(Box<ForecastCall>),
    /// `SUPPLY.SOLVE(demand, [objective])` and the functions that show its tables: all of them, as [`PlanTable`] lays them
    /// out; the plan fills the supply sheet. With a question to the plan: the answer's table.
    Solve(Arc<SolveCall>),
}

/// One series to forecast, as a cell asks for it and a job reads it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ForecastCall {
    /// One value per bucket, `None` where missing; no trailing gap.
    pub history: Vec<Option<f64>>,
    /// Buckets to forecast.
    pub horizon: usize,
    /// The first of them that are not shown: buckets before the plan of which nothing is known yet.
    pub gap: usize,
    /// Buckets per season, 1 for none, 0 where it is to be found.
    pub season: usize,
    /// `auto`, or names of methods separated by commas.
    pub models: String,
    /// `none`, or what is done to the history: `outliers`, `shifts`.
    pub treatment: String,
    /// What drives demand, over the history and the buckets to come.
    pub drivers: Vec<Vec<Option<f64>>>,
    /// Share of each bucket with stock; empty where there always was.
    pub in_stock: Vec<f64>,
    /// What is known of the buckets to come.
    pub known: Vec<Known>,
    /// When the buckets are, where the calendar's effects are asked for.
    pub calendar: Option<CalendarCall>,
    /// For a new item, whose history is `history`.
    pub newcomer: Option<NewcomerCall>,
    /// Many series instead of one; the answer has a row for each.
    pub panel: Option<PanelCall>,
    /// The errors of forecasts from at most so many earlier origins instead of a forecast; the answer has a row for each. 0 for
    /// the forecast.
    #[serde(default)]
    pub origins: usize,
}

/// When a history's buckets are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarCall {
    /// A day of the first bucket, as days since 1970-01-01.
    pub first_day: i32,
    /// Days rather than months.
    pub daily: bool,
}

/// What a new item is like.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NewcomerCall {
    /// Histories of similar items; all end with the same bucket.
    pub likes: Vec<Vec<Option<f64>>>,
    /// The level that is planned.
    pub level: Option<f64>,
    /// Buckets until it is reached.
    pub ramp: usize,
}

/// Series that are to add up to the forecasts of their groups.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PanelCall {
    /// Histories; all end with the same bucket.
    pub rows: Vec<Vec<Option<f64>>>,
    /// What each row belongs to.
    pub keys: Vec<Vec<String>>,
    /// `bottom-up`, `top-down` or `mint`.
    pub how: String,
}

/// One supply problem: the tables of `supply-model.md` by name, demand among them as `demand_base`.
#[derive(Clone, Debug, PartialEq)]
pub struct SolveCall {
    pub tables: std::collections::BTreeMap<String, crate::supply::RawTable>,
    /// `cost`, `profit`, `service` or `fair`.
    pub objective: String,
    /// Whether the demand is the plan's own: the measure Consensus.
    pub of_consensus: bool,
    /// What is asked of the plan; the plan itself.
    pub study: crate::supply::study::Study,
}

impl SolveCall {
    /// The solve of the plan that a study asks about.
    pub fn base(&self) -> Self {
        Self { study: crate::supply::study::Study::Plan, ..self.clone() }
    }
}
