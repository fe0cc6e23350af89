//! What a formula sees while it is evaluated.

mod cells;
mod measures;

use std::cell::{Cell, RefCell};
use std::ops::Range;

use super::cache::ArrayCache;
use super::calculation::Calculation;
use super::edges::Edges;
use super::grow::Beyond;
use super::ids::IdMap;
use super::jobs::{Answers, Asked};
use super::matching::Matches;
use super::program::{Program, Reader, unreadable};
use super::running_totals::RunningTotals;
use super::sheet::Sheet;
use super::spill::Spills;
use super::store::{Column, Spot, Store};
use super::version_facts::VersionFacts;
use crate::formula::{Formula, Hidden, Operands, RangeRef};
use crate::refs::{CellRef, RowId, SheetId};
use crate::value::{Array, CellError, ErrorKind, Value};

/// Most cells of one array that is read: more than any sheet of a plan has.
const MAX_CELLS: usize = 4_000_000;

/// What all evaluations of one recalculation share.
pub(super) struct Surroundings<'a> {
    pub store: &'a Store,
    pub edges: &'a Edges,
    pub matches: &'a Matches,
    pub answers: &'a Answers,
    pub versions: &'a VersionFacts,
    pub names: &'a IdMap<String, Formula>,
    pub hidden: &'a IdMap<(SheetId, RowId), Hidden>,
    pub spills: &'a Spills,
    pub cache: &'a RefCell<ArrayCache>,
    pub totals: &'a RefCell<RunningTotals>,
    pub beyond: &'a RefCell<Beyond>,
    pub now: f64,
    pub seed: u64,
}

impl<'a> Surroundings<'a> {
    pub(super) fn of(calculation: &'a Calculation, now: f64, seed: u64) -> Self {
        Self {
            store: &calculation.store,
            edges: &calculation.edges,
            matches: &calculation.matches,
            answers: &calculation.answers,
            versions: &calculation.versions,
            names: &calculation.names,
            hidden: &calculation.hidden,
            spills: &calculation.spills,
            cache: &calculation.cache,
            totals: &calculation.totals,
            beyond: &calculation.beyond,
            now,
            seed,
        }
    }
}

/// One evaluation of one formula.
///
/// When it reads a cell that is out of date, it takes note of the cell and from then on answers nothing but
/// `#BUSY!`: the result is thrown away and the formula is evaluated again once that cell is known. Only what a
/// formula reads with true values counts, so whether cells form a cycle does not depend on where one starts.
pub(super) struct Reading<'a> {
    pub(super) around: &'a Surroundings<'a>,
    pub(super) at: CellRef,
    pub(super) spot: Spot,
    missing: RefCell<Vec<Spot>>,
    asked: RefCell<Vec<Asked>>,
    blocked: Cell<bool>,
    asks_for_places: Cell<bool>,
    reads_beyond: Cell<bool>,
    certainty: Cell<Certainty>,
}

/// How far a calculated value can be relied on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Certainty {
    Sure,
    /// It follows from values that a running job may change.
    Tentative,
    /// Its own job has not answered.
    Waiting,
}

/// How an evaluation ended.
pub(super) struct Read {
    /// Cells to calculate first; the value counts only when there are none.
    pub missing: Vec<Spot>,
    /// Heavy calls made.
    pub asked: Vec<Asked>,
    /// It asked where something stands.
    pub positional: bool,
    /// It read cells that the formula does not name.
    pub beyond: bool,
    pub certainty: Certainty,
}

impl<'a> Reading<'a> {
    pub(super) fn new(around: &'a Surroundings<'a>, at: CellRef, spot: Spot) -> Self {
        Self {
            around,
            at,
            spot,
            missing: RefCell::default(),
            asked: RefCell::default(),
            blocked: Cell::new(false),
            asks_for_places: Cell::new(false),
            reads_beyond: Cell::new(false),
            certainty: Cell::new(Certainty::Sure),
        }
    }

    pub(super) fn finish(self) -> Read {
        Read {
            missing: self.missing.into_inner(),
            asked: self.asked.into_inner(),
            positional: self.asks_for_places.get(),
            beyond: self.reads_beyond.get(),
            certainty: self.certainty.get(),
        }
    }

    fn asks_for_places(&self) {
        self.asks_for_places.set(true);
    }

    /// The formula that gives a cell its value.
    fn program(&self, cell: CellRef) -> Option<(Reader, Program<'a>)> {
        let spot = self.store().locate(cell)?;
        let sheet = self.store().sheet(spot.sheet);
        if sheet.cols[spot.col as usize].entered.contains(spot.slot) {
            return None;
        }
        let reader = sheet.program_at(spot.col, spot.slot)?;
        Some((reader, self.around.edges.program(reader)?))
    }

    /// The value of one of these formulas here.
    pub(super) fn evaluate(&self, reader: Reader, program: Program<'a>) -> Value {
        if let Some(error) = program.shape.error() {
            return Value::Error(error.clone());
        }
        let operands = Operated { reading: self, program };
        if let Some(value) = program.shape.evaluate(self, &operands, self.at) {
            return value;
        }
        let edges = self.around.edges;
        let parsed = || Formula::from_stored(&edges.stored(reader, self.store())?).ok();
        match program.more.as_ref().and_then(|more| more.tree.clone()).or_else(parsed) {
            Some(formula) => formula.evaluate(self, self.at),
            None => Value::Error(unreadable()),
        }
    }

    pub(super) fn store(&self) -> &'a Store {
        self.around.store
    }

    pub(super) fn rely_at_most(&self, certainty: Certainty) {
        self.certainty.set(self.certainty.get().max(certainty));
    }

    /// A call with tables is not made with values that are about to change: the caller waits as if it had been.
    pub(super) fn waits_for_others(&self) -> bool {
        let waits = self.certainty.get() > Certainty::Sure;
        if waits {
            self.rely_at_most(Certainty::Waiting);
        }
        waits
    }

    /// Notes the cells of a block that are out of date; `false` when there are any.
    pub(super) fn all_known(&self, sheet: u32, cols: &mut dyn Iterator<Item = u32>, rows: &[u32]) -> bool {
        let of = self.store().sheet(sheet);
        let mut missing = self.missing.borrow_mut();
        for col in cols {
            let Column { dirty, tentative, .. } = &of.cols[col as usize];
            if !dirty.is_empty() {
                let unknown = rows.iter().filter(|&&slot| dirty.contains(slot));
                missing.extend(unknown.map(|&slot| Spot { sheet, col, slot }));
            }
            if !tentative.is_empty() && rows.iter().any(|&slot| tentative.contains(slot)) {
                self.rely_at_most(Certainty::Tentative);
            }
        }
        if !missing.is_empty() {
            self.blocked.set(true);
        }
        missing.is_empty()
    }

    /// The same for all rows of some columns.
    pub(super) fn columns_known(&self, sheet: u32, cols: Range<u32>) -> bool {
        let order = &self.store().sheet(sheet).rows.order;
        !self.blocked.get() && self.all_known(sheet, &mut { cols }, order)
    }

    #[inline]
    fn known_value(&self, spot: Spot) -> Value {
        if self.store().is_dirty(spot) {
            self.missing.borrow_mut().push(spot);
            self.blocked.set(true);
            return busy();
        }
        let col = self.store().col(spot);
        if col.tentative.contains(spot.slot) {
            self.rely_at_most(Certainty::Tentative);
        }
        col.value(spot.slot).clone()
    }

    /// The sheet, rows and columns of a range, all of whose values are known.
    #[inline]
    fn known_range(&self, range: &RangeRef) -> Result<KnownRange<'a>, CellError> {
        if self.blocked.get() {
            return Err(CellError::new(ErrorKind::Busy));
        }
        let sheet = self.sheet_index(range.sheet)?;
        let of = self.store().sheet(sheet);
        let rectangle = of.rectangle(range).ok_or_else(|| gone("nothing is left of the range"))?;
        let rows = &of.rows.order[rectangle.rows.start as usize..rectangle.rows.end as usize];
        let cols = &of.col_order[rectangle.cols.start as usize..rectangle.cols.end as usize];
        if !self.all_known(sheet, &mut cols.iter().copied(), rows) {
            return Err(CellError::new(ErrorKind::Busy));
        }
        Ok(KnownRange { sheet, of, places: rectangle.rows, rows, cols })
    }

    pub(super) fn sheet_index(&self, id: SheetId) -> Result<u32, CellError> {
        self.store()
            .sheet_index(id)
            .filter(|&index| self.store().sheet(index).open)
            .ok_or_else(|| gone(format!("the sheet {id} is not there")))
    }
}

/// A range all of whose values are known.
struct KnownRange<'a> {
    sheet: u32,
    of: &'a Sheet,
    /// The places of its rows, in order.
    places: Range<u32>,
    rows: &'a [u32],
    cols: &'a [u32],
}

/// The values of some rows and columns.
fn gather(
    of: &Sheet,
    rows: &[u32],
    cols: &mut (dyn Iterator<Item = u32> + '_),
    width: usize,
) -> Result<Array, CellError> {
    if rows.len().saturating_mul(width) > MAX_CELLS {
        return Err(CellError::because(ErrorKind::Limit, "the range has more than four million cells"));
    }
    let cols: Vec<u32> = cols.collect();
    let mut cells = Vec::with_capacity(rows.len() * width);
    for &slot in rows {
        cells.extend(cols.iter().map(|&col| of.cols[col as usize].value(slot).clone()));
    }
    Array::new(rows.len(), width, cells).ok_or_else(|| gone("nothing is left of the range"))
}

/// What a formula's code refers to.
struct Operated<'a, 'b> {
    reading: &'b Reading<'a>,
    program: Program<'a>,
}

impl Operands for Operated<'_, '_> {
    fn cell(&self, index: usize) -> Value {
        if self.reading.blocked.get() {
            return busy();
        }
        match self.reading.around.edges.operand_spot(self.program, index) {
            Some(spot) => self.reading.known_value(spot),
            None => Value::Error(gone("the cell was deleted")),
        }
    }

    fn range(&self, index: usize) -> Option<&RangeRef> {
        self.reading.around.edges.operand_range(self.program, index)
    }
}

pub(super) fn busy() -> Value {
    Value::error(ErrorKind::Busy)
}

pub(super) fn gone(detail: impl AsRef<str>) -> CellError {
    CellError::because(ErrorKind::Ref, detail)
}

impl Read {
    /// Of an evaluation that read nothing.
    pub(super) fn nothing() -> Self {
        Self { missing: Vec::new(), asked: Vec::new(), positional: false, beyond: false, certainty: Certainty::Sure }
    }
}
