//! Evaluation: from the typed tree to a value. It is total; an error is a value.

mod broadcast;
mod machine;
mod meaning;
mod operators;
mod running;
mod scope;

use std::cell::{Cell, RefCell};

pub use broadcast::broadcast;
pub use meaning::Meaning;
pub use operators::power;
pub use running::{Lanes, Running};
pub use scope::Callable;
use scope::Scope;

use super::ast::{Expr, Prefix};
use super::functions::{self, Arg, Args, Body, Function, Nature, Passing};
use super::{Cells, Slice};
use crate::refs::CellRef;
use crate::value::{Array, CellError, ErrorKind, Value, read_day_of_year};

/// What a function gives: its value, or the error that is its value.
pub type Outcome = Result<Value, CellError>;

/// Most values one array may hold: a whole Excel column and more.
pub const MAX_CELLS: usize = 2_000_000;

/// Most values one evaluation may produce, so that no formula holds up a sheet for more than a second or so.
const MAX_STEPS: u64 = 50_000_000;

/// Deepest nesting of parts within parts, through names and LAMBDAs too: several times what one formula can
/// hold, and little enough for the stack of a browser.
const MAX_LEVELS: usize = 800;

/// Key figures of slices within each other: each evaluates a formula of its own, on the same stack.
const MAX_SLICES: usize = 16;

/// One evaluation of one formula at one cell.
pub struct Evaluation<'a> {
    pub cells: &'a dyn Cells,
    pub at: CellRef,
    /// What structured references are confined to, where a key figure of a slice is worked out.
    slice: Option<Slice>,
    /// Key figures of slices that this is part of.
    slices: usize,
    /// Why the key figure evaluated last is blank.
    reason: RefCell<Option<String>>,
    /// Whether that is asked for, so that it is worth looking for the reason in other cells.
    explains: bool,
    scope: RefCell<Scope>,
    steps: Cell<u64>,
    depth: Cell<usize>,
    draws: Cell<u64>,
}

impl<'a> Evaluation<'a> {
    pub fn new(cells: &'a dyn Cells, at: CellRef) -> Self {
        Self {
            cells,
            at,
            slice: None,
            slices: 0,
            reason: RefCell::default(),
            explains: false,
            scope: RefCell::default(),
            steps: Cell::new(0),
            depth: Cell::new(0),
            draws: Cell::new(0),
        }
    }

    /// One that also finds out why a key figure is blank, see [`why_blank`](Self::why_blank).
    pub fn explaining(cells: &'a dyn Cells, at: CellRef) -> Self {
        Self { explains: true, ..Self::new(cells, at) }
    }

    /// Why an expression is blank; `None` where it is not, or nobody says.
    pub fn why_blank(&self, expr: &Expr) -> Option<String> {
        matches!(self.value(expr), Value::Blank).then(|| self.reason.take()).flatten()
    }

    /// A blank, and why a key figure is one.
    pub fn blank_because(&self, reason: String) -> Value {
        self.reason.replace(Some(reason));
        Value::Blank
    }

    /// Why what was evaluated last is blank, once.
    pub fn take_reason(&self) -> Option<String> {
        self.reason.take()
    }

    /// A blank for the reason another cell is.
    pub fn blank_as(&self, cell: CellRef) -> Value {
        let reason = match self.cells.formula(cell).filter(|_| self.explains && self.slices < MAX_SLICES) {
            Some(formula) => {
                let inner = Self { slices: self.slices + 1, ..Self::explaining(self.cells, cell) };
                inner.why_blank(formula.root())
            }
            None => None,
        };
        self.reason.replace(reason);
        Value::Blank
    }

    /// Why the key figure evaluated last is blank.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn reason(&self) -> Option<String> {
        self.reason.borrow().clone()
    }

    /// The value of another cell's formula with its structured references confined to a slice.
    pub fn of_slice(&self, formula: &Expr, at: CellRef, slice: Slice) -> Outcome {
        if self.slices >= MAX_SLICES {
            return Err(CellError::because(ErrorKind::Limit, "key figures of slices ask for each other too deeply"));
        }
        let inner = Self {
            slice: Some(slice),
            slices: self.slices + 1,
            explains: self.explains,
            ..Evaluation::new(self.cells, at)
        };
        inner.steps.set(self.steps.get());
        let outcome = inner.outcome(formula);
        self.steps.set(inner.steps.get());
        self.reason.replace(inner.reason.take());
        outcome
    }

    /// What structured references are confined to.
    pub fn slice(&self) -> Option<&Slice> {
        self.slice.as_ref()
    }

    /// The number arithmetic sees; a date written without a year is one of this year, as in Excel.
    pub fn number(&self, value: &Value) -> Result<f64, CellError> {
        value.to_number().or_else(|error| self.day_of_year(value).ok_or(error))
    }

    /// Apart, so that evaluations within each other take no more of the stack for it.
    #[cold]
    #[inline(never)]
    fn day_of_year(&self, value: &Value) -> Option<f64> {
        let single = if let Value::Array(array) = value { array.first() } else { value };
        let (year, ..) = crate::calendar::Date::from_serial(self.cells.now())?.ymd();
        read_day_of_year(single.as_text()?, year)
    }

    /// The value of an expression.
    pub fn value(&self, expr: &Expr) -> Value {
        self.outcome(expr).unwrap_or_else(Value::Error)
    }

    fn outcome(&self, expr: &Expr) -> Outcome {
        self.deeper(|| self.node(expr))
    }

    /// Runs one level deeper.
    fn deeper<T>(&self, run: impl FnOnce() -> Result<T, CellError>) -> Result<T, CellError> {
        let depth = self.depth.get();
        if depth >= MAX_LEVELS {
            return Err(CellError::because(ErrorKind::Limit, "names or LAMBDAs call each other too deeply"));
        }
        self.depth.set(depth + 1);
        let result = run();
        self.depth.set(depth);
        result
    }

    fn node(&self, expr: &Expr) -> Outcome {
        match expr {
            Expr::Number(number) => Ok(Value::Number(*number)),
            Expr::Text(text) => Ok(Value::Text(text.clone())),
            Expr::Bool(truth) => Ok(Value::Bool(*truth)),
            Expr::Error(kind) => Err(CellError::new(*kind)),
            Expr::Missing => Ok(Value::Blank),
            Expr::Cell(cell) => Ok(self.cells.value(cell.cell)),
            Expr::Range(range) => self.cells.range(&range.range).map(Value::Array),
            Expr::Measure(reference) => match &self.slice {
                None => Ok(self.cells.measure(reference, self.at)),
                Some(slice) => self.cells.measure_of(reference, self.at, slice),
            },
            Expr::Name(name) => self.value_of(self.named(name).unwrap_or_else(|| Err(meaning::no_name(name)))?),
            Expr::Array(array) => Ok(Value::Array(array.clone())),
            Expr::Group(inner) => self.outcome(inner),
            Expr::Span(..) | Expr::Spilled(_) | Expr::Meet(_) => functions::referenced(self, expr),
            Expr::Union(parts) => self.stacked(parts.iter().map(|part| self.outcome(part))),
            Expr::Percent(count, inner) => {
                let mut value = self.outcome(inner)?;
                for _ in 0..*count {
                    value = operators::percent(self, &value)?;
                }
                Ok(value)
            }
            Expr::Prefix(prefixes, inner) => {
                let single = prefixes.contains(&Prefix::Single);
                let mut value = if single { self.single(inner)? } else { self.outcome(inner)? };
                for prefix in prefixes.iter().rev() {
                    if *prefix == Prefix::Minus {
                        value = operators::negate(self, &value)?;
                    }
                }
                Ok(value)
            }
            Expr::Chain(first, rest) => {
                let mut left = self.value(first);
                for (operator, operand) in rest {
                    left = operators::apply(self, *operator, &left, &self.value(operand));
                }
                Ok(left)
            }
            Expr::Call(function, arguments) => self.call(function, arguments),
            Expr::Unknown(name, arguments) => self.value_of(self.call_named(name, arguments)?),
            Expr::Lambda(lambda) => self.value_of(Meaning::Function(self.callable(lambda)?)),
            Expr::Invoke(callee, arguments) => self.value_of(self.call_given(callee, arguments)?),
        }
    }

    fn call(&self, function: &'static Function, arguments: &[Expr]) -> Outcome {
        self.spend(1)?;
        if let (Some(_), [Expr::Range(at)]) = (function.stream, arguments) {
            return self.stream(function, &at.range);
        }
        // Which of several areas is meant only the reference tells.
        if let (Some(refers), Some(first)) = (function.refers, arguments.first())
            && self.has_areas(first)
            && let Some(meaning) = refers(self, arguments)?
        {
            return self.value_of(meaning);
        }
        match function.body {
            Body::Lazy(body) => body(self, arguments),
            Body::Means(means) => match means(self, arguments)? {
                Meaning::Cells(range) => functions::read(self, &range),
                other => self.value_of(other),
            },
            _ if function.is_per_reference() && arguments.iter().any(may_be_references) => {
                self.per_reference(function, arguments)
            }
            _ => {
                let mut list = self.arguments(arguments);
                if let (true, Some(given)) = (function.grows, arguments.get(2)) {
                    functions::grow(self, &mut list, &self.meaning_or_error(given));
                }
                self.apply(function, &list)
            }
        }
    }

    /// The arguments' values, each with how it was passed.
    pub fn arguments(&self, arguments: &[Expr]) -> Vec<Arg> {
        let read = |expr: &Expr| match expr {
            Expr::Range(_) | Expr::Name(_) => self.argument(self.meaning_or_error(expr), expr),
            _ => Arg { value: self.value(expr), passing: passing(expr), beyond: 0 },
        };
        arguments.iter().map(read).collect()
    }

    /// What an expression stands for as an argument. Blank cells of a whole row or column besides those the sheet has
    /// go with it: people count them too.
    fn argument(&self, meaning: Meaning, expr: &Expr) -> Arg {
        let whole = match &meaning {
            Meaning::Cells(range) => (range.rows.is_none(), range.cols.is_none()),
            _ => (false, false),
        };
        let value = self.value_of(meaning).unwrap_or_else(Value::Error);
        Arg { beyond: beyond_blanks(&value, whole.0, whole.1), value, passing: passing(expr) }
    }

    /// Whether an expression is a reference of several areas.
    fn has_areas(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Union(_) => true,
            Expr::Group(inner) => self.has_areas(inner),
            Expr::Name(name) => matches!(self.named(name), Some(Ok(Meaning::Areas(_)))),
            _ => false,
        }
    }

    /// `@`: the value of a range in the formula's own row or column, the first of any other array. Only that cell
    /// is read.
    fn single(&self, inner: &Expr) -> Outcome {
        let range = match self.meaning(inner)? {
            Meaning::Cells(range) => range,
            Meaning::Each(references) => references.at(0, 0)?,
            other => {
                let value = self.value_of(other)?;
                return Ok(if let Value::Array(array) = &value { array.first().clone() } else { value });
            }
        };
        let none = || CellError::because(ErrorKind::Value, "the range does not meet this cell's row or column");
        let (own_row, own_col) = self.cells.position(self.at).ok_or_else(none)?;
        let position = |row, col| self.cells.position(CellRef { sheet: range.sheet, row, col });
        let origin = self.cells.cell_at(range.sheet, 0, 0).ok_or_else(none)?;
        let (mut row, mut col) = (own_row, own_col);
        if let Some((first, last)) = range.rows {
            let at = range.cols.map_or(origin.col, |cols| cols.0);
            let (first, last) = (position(first, at).ok_or_else(none)?.0, position(last, at).ok_or_else(none)?.0);
            row = within(own_row, first, last).ok_or_else(none)?;
        }
        if let Some((first, last)) = range.cols {
            let at = range.rows.map_or(origin.row, |rows| rows.0);
            let (first, last) = (position(at, first).ok_or_else(none)?.1, position(at, last).ok_or_else(none)?.1);
            col = within(own_col, first, last).ok_or_else(none)?;
        }
        Ok(self.cells.cell_at(range.sheet, row, col).map_or(Value::Blank, |cell| self.cells.value(cell)))
    }

    /// The zero-based top left position of a rectangle.
    pub fn corner(&self, range: &super::RangeRef) -> Option<(u32, u32)> {
        let origin = self.cells.cell_at(range.sheet, 0, 0);
        let corner = |last: bool| {
            let pick = |pair: (_, _)| if last { pair.1 } else { pair.0 };
            let pick_row = |pair: (_, _)| if last { pair.1 } else { pair.0 };
            let row = range.rows.map(pick_row).or(origin.map(|cell| cell.row))?;
            let col = range.cols.map(pick).or(origin.map(|cell| cell.col))?;
            self.cells.position(CellRef { sheet: range.sheet, row, col })
        };
        match (corner(false), corner(true)) {
            (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.min(b.1))),
            (a, b) => a.or(b),
        }
    }

    /// Takes so many values off this evaluation's budget; `#LIMIT!` when it is used up.
    pub fn spend(&self, values: usize) -> Result<(), CellError> {
        let steps = self.steps.get() + values as u64;
        self.steps.set(steps);
        if values > MAX_CELLS || steps > MAX_STEPS {
            return Err(CellError::because(ErrorKind::Limit, "the formula computes more values than is allowed"));
        }
        Ok(())
    }

    /// An array of `rows × cols`, or `#CALC!` when empty, or `#LIMIT!`.
    pub fn array(&self, rows: usize, cols: usize, mut fill: impl FnMut(usize, usize) -> Value) -> Outcome {
        self.spend(rows.saturating_mul(cols))?;
        let mut cells = Vec::with_capacity(rows * cols);
        for row in 0..rows {
            for col in 0..cols {
                cells.push(fill(row, col));
            }
        }
        match Array::new(rows, cols, cells) {
            Some(array) => Ok(Value::Array(array.into())),
            None => Err(CellError::because(ErrorKind::Calc, "the result is empty")),
        }
    }

    /// The next number in [0, 1) of this recalculation's seeded sequence for this cell (SplitMix64).
    pub fn random(&self) -> f64 {
        let draw = self.draws.get() + 1;
        self.draws.set(draw);
        let place =
            crate::refs::Id::of_key(&[&self.at.sheet.to_string(), &self.at.row.to_string(), &self.at.col.to_string()]);
        let place = u64::from_str_radix(&place.to_string(), 36).unwrap_or(0);
        let mut z = self.cells.seed() ^ place.rotate_left(17) ^ draw.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        (z >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Whether an argument refers to cells: aggregates ignore texts there, but not in values typed directly.
pub fn passing(expr: &Expr) -> Passing {
    match expr {
        Expr::Missing => Passing::Omitted,
        Expr::Cell(_) | Expr::Range(_) | Expr::Measure(_) => Passing::Reference,
        Expr::Name(_) => Passing::Reference,
        Expr::Group(inner) => passing(inner),
        Expr::Span(..) | Expr::Spilled(_) | Expr::Meet(_) | Expr::Union(_) => Passing::Reference,
        // Such a function passes on references it was given; OFFSET and INDIRECT make their own.
        Expr::Call(function, arguments) if function.gives_references() => {
            let passes_on = |index| function.passes_on(index, arguments.len());
            let mut passed = arguments.iter().enumerate().filter(|(index, _)| passes_on(*index));
            let given = passed.any(|(_, argument)| passing(argument) == Passing::Reference);
            if given || function.nature == Nature::Volatile { Passing::Reference } else { Passing::Direct }
        }
        _ => Passing::Direct,
    }
}

/// Whether an expression may stand for an array of references.
fn may_be_references(expr: &Expr) -> bool {
    match expr {
        Expr::Group(inner) => may_be_references(inner),
        Expr::Name(_) | Expr::Unknown(..) | Expr::Invoke(..) => true,
        Expr::Call(function, _) => matches!(function.body, Body::Means(_)),
        _ => false,
    }
}

/// Blank cells of whole columns or rows besides those the sheet has.
fn beyond_blanks(value: &Value, whole_cols: bool, whole_rows: bool) -> u64 {
    let (Value::Array(array), true) = (value, whole_cols || whole_rows) else { return 0 };
    let rows = if whole_cols { 1_048_576 } else { array.rows() as u64 };
    let cols = if whole_rows { 16_384 } else { array.cols() as u64 };
    (rows * cols).saturating_sub(array.cells().len() as u64)
}

/// A place between two ends: the only one there is, or the own one.
fn within(own: u32, a: u32, b: u32) -> Option<u32> {
    let (first, last) = (a.min(b), a.max(b));
    if first == last { Some(first) } else { (first..=last).contains(&own).then_some(own) }
}
