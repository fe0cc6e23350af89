//! What a formula sees while it is evaluated.

use std::cell::{Cell, RefCell};
use std::ops::Range;
use std::sync::Arc;

use super::cache::{ArrayCache, Key};
use super::calculation::Calculation;
use super::edges::Edges;
use super::ids::IdMap;
use super::jobs::{Answers, Asked};
use super::matching::Matches;
use super::program::{Program, Reader, unreadable};
use super::sheet::Sheet;
use super::spill::Spills;
use super::store::{Column, Spot, Store};
use super::version_facts::VersionFacts;
use crate::calendar::Bucket;
use crate::formula::Slice;
use crate::formula::{
    Cells, Formula, Lanes, MeasureRef, Names, Operands, PendingCall, RangeRef, Running, ScenarioTable,
};
use crate::refs::{CellRef, SheetId};
use crate::supply::RawTable;
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
    pub spills: &'a Spills,
    pub cache: &'a RefCell<ArrayCache>,
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
            spills: &calculation.spills,
            cache: &calculation.cache,
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
            certainty: Cell::new(Certainty::Sure),
        }
    }

    pub(super) fn finish(self) -> Read {
        Read {
            missing: self.missing.into_inner(),
            asked: self.asked.into_inner(),
            positional: self.asks_for_places.get(),
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

    pub(super) fn known_value(&self, spot: Spot) -> Value {
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
    fn known_range(&self, range: &RangeRef) -> Result<(&'a Sheet, &'a [u32], &'a [u32]), CellError> {
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
        Ok((of, rows, cols))
    }

    pub(super) fn sheet_index(&self, id: SheetId) -> Result<u32, CellError> {
        self.store()
            .sheet_index(id)
            .filter(|&index| self.store().sheet(index).open)
            .ok_or_else(|| gone(format!("the sheet {id} is not there")))
    }
}

/// The values of some rows and columns.
pub(super) fn gather(
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

impl Cells for Reading<'_> {
    fn value(&self, cell: CellRef) -> Value {
        if self.blocked.get() {
            return busy();
        }
        match self.store().locate(cell) {
            Some(spot) if self.store().sheet(spot.sheet).open => self.known_value(spot),
            _ => Value::Error(gone("the cell was deleted")),
        }
    }

    fn range(&self, range: &RangeRef) -> Result<Arc<Array>, CellError> {
        let (of, rows, cols) = self.known_range(range)?;
        self.around.cache.borrow_mut().get(of, Key::Range(range.clone()), &mut cols.iter().copied(), || {
            gather(of, rows, &mut cols.iter().copied(), cols.len())
        })
    }

    fn running(&self, range: &RangeRef) -> Result<Running, CellError> {
        let (of, rows, cols) = self.known_range(range)?;
        let mut lanes = Lanes::default();
        match cols {
            [col] => {
                let column = &of.cols[*col as usize];
                lanes.take(rows.iter().map(|&slot| column.value(slot)))?;
            }
            _ => {
                let row = |&slot: &u32| cols.iter().map(move |&col| of.cols[col as usize].value(slot));
                lanes.take(rows.iter().flat_map(row))?;
            }
        }
        Ok(lanes.together())
    }

    fn measure(&self, reference: &MeasureRef, at: CellRef) -> Value {
        if self.blocked.get() {
            return busy();
        }
        self.measure_value(reference, at).unwrap_or_else(Value::Error)
    }

    fn measure_of(&self, reference: &MeasureRef, at: CellRef, slice: &Slice) -> Result<Value, CellError> {
        if self.blocked.get() { Ok(busy()) } else { self.sliced(reference, at, slice) }
    }

    fn first_bucket(&self, reference: &MeasureRef, at: CellRef) -> Option<Bucket> {
        self.first_bucket_of(reference, at)
    }

    fn pending(&self, call: PendingCall, _at: CellRef) -> Value {
        if self.blocked.get() {
            return busy();
        }
        let (asked, answer) = self.around.answers.ask(call);
        self.asked.borrow_mut().push(asked);
        answer.unwrap_or_else(|| {
            self.rely_at_most(Certainty::Waiting);
            busy()
        })
    }

    fn scenarios(&self) -> Option<Arc<ScenarioTable>> {
        if self.blocked.get() {
            return None;
        }
        let table = self.around.versions.scenarios();
        if table.is_none() {
            self.rely_at_most(Certainty::Waiting);
        }
        table.cloned()
    }

    fn table(&self, role: &str) -> Option<RawTable> {
        if self.blocked.get() {
            return None;
        }
        super::tables::table(self, self.store(), role)
    }

    fn keyed_row(&self, role: &str, texts: &[(&str, &str)]) -> Option<CellRef> {
        super::tables::keyed_row(self.store(), role, texts)
    }

    fn measure_table(&self, reference: &MeasureRef, at: CellRef) -> Result<RawTable, CellError> {
        if self.blocked.get() {
            return Err(CellError::new(ErrorKind::Busy));
        }
        let own = self.own_spot(at).ok_or_else(|| gone("the formula's own cell is gone"))?;
        let (sheet, measure) = self.target(reference, own)?;
        super::tables::measure_table(self, self.store(), sheet, measure)
    }

    fn position(&self, cell: CellRef) -> Option<(u32, u32)> {
        self.asks_for_places();
        let spot = self.store().locate(cell)?;
        let sheet = self.store().sheet(spot.sheet);
        let col = sheet.col_place[spot.col as usize];
        (col != super::store::NONE).then(|| (sheet.rows.place(spot.slot), col))
    }

    fn now(&self) -> f64 {
        self.around.now
    }

    fn seed(&self) -> u64 {
        self.around.seed
    }

    fn cell_at(&self, sheet: SheetId, row: u32, col: u32) -> Option<CellRef> {
        self.asks_for_places();
        let index = self.store().sheet_index(sheet)?;
        let of = self.store().sheet(index);
        let (&slot, &col) = (of.rows.order.get(row as usize)?, of.col_order.get(col as usize)?);
        self.store().name(Spot { sheet: index, col, slot })
    }

    fn sheet_by_title(&self, title: &str) -> Option<SheetId> {
        super::naming::Naming(self.store()).sheet_by_title(title)
    }

    fn defined_name(&self, name: &str) -> Option<Formula> {
        self.around.names.get(&name.to_lowercase()).cloned()
    }

    fn has_formula(&self, cell: CellRef) -> bool {
        self.program(cell).is_some_and(|(_, program)| program.shape.error().is_none())
    }

    fn is_total(&self, cell: CellRef) -> bool {
        self.program(cell).is_some_and(|(_, program)| program.shape.is_total)
    }

    fn formula(&self, cell: CellRef) -> Option<Formula> {
        let (reader, _) = self.program(cell)?;
        Formula::from_stored(&self.around.edges.stored(reader, self.store())?).ok()
    }

    fn formula_text(&self, cell: CellRef) -> Option<String> {
        self.asks_for_places();
        Some(self.formula(cell)?.print(&super::naming::Naming(self.store()), cell))
    }

    fn spilled(&self, cell: CellRef) -> Option<RangeRef> {
        self.asks_for_places();
        let last = *self.around.spills.covered(self.store().locate(cell)?).last()?;
        let last = self.store().name(last)?;
        Some(RangeRef { sheet: cell.sheet, rows: Some((cell.row, last.row)), cols: Some((cell.col, last.col)) })
    }

    fn sheet_place(&self, sheet: SheetId) -> Option<(usize, usize)> {
        self.asks_for_places();
        let open = || self.store().sheets.iter().filter(|sheet| sheet.open);
        Some((open().position(|other| other.id == sheet)? + 1, open().count()))
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
        Self { missing: Vec::new(), asked: Vec::new(), positional: false, certainty: Certainty::Sure }
    }
}
