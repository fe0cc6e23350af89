//! Evaluation: from the typed tree to a value. It is total; an error is a value.

mod broadcast;
mod operators;
mod scope;

use std::cell::{Cell, RefCell};

pub use broadcast::broadcast;
pub use operators::power;
pub use scope::Bound;
use scope::Scope;

use super::Cells;
use super::ast::{Expr, Prefix};
use super::functions::{self, Arg, Args, Body, Function, Nature, Passing};
use crate::refs::CellRef;
use crate::value::{Array, CellError, ErrorKind, Value};

/// What a function gives: its value, or the error that is its value.
pub type Outcome = Result<Value, CellError>;

/// Most values one array may hold: a whole Excel column and more.
pub const MAX_CELLS: usize = 2_000_000;

/// Most values one evaluation may produce, so that no formula holds up a sheet for more than a second or so.
const MAX_STEPS: u64 = 50_000_000;

/// Deepest nesting of parts within parts, through names and LAMBDAs too: several times what one formula can
/// hold, and little enough for the stack of a browser.
const MAX_LEVELS: usize = 800;

/// One evaluation of one formula at one cell.
pub struct Evaluation<'a> {
    pub cells: &'a dyn Cells,
    pub at: CellRef,
    scope: RefCell<Scope>,
    steps: Cell<u64>,
    depth: Cell<usize>,
    draws: Cell<u64>,
}

impl<'a> Evaluation<'a> {
    pub fn new(cells: &'a dyn Cells, at: CellRef) -> Self {
        Self { cells, at, scope: RefCell::default(), steps: Cell::new(0), depth: Cell::new(0), draws: Cell::new(0) }
    }

    /// The value of an expression.
    pub fn value(&self, expr: &Expr) -> Value {
        self.outcome(expr).unwrap_or_else(Value::Error)
    }

    fn outcome(&self, expr: &Expr) -> Outcome {
        let depth = self.depth.get();
        if depth >= MAX_LEVELS {
            return Err(CellError::because(ErrorKind::Limit, "names or LAMBDAs call each other too deeply"));
        }
        self.depth.set(depth + 1);
        let outcome = self.node(expr);
        self.depth.set(depth);
        outcome
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
            Expr::Measure(reference) => Ok(self.cells.measure(reference, self.at)),
            Expr::Name(name) => self.name(name),
            Expr::Array(array) => Ok(Value::Array(array.clone())),
            Expr::Group(inner) => self.outcome(inner),
            Expr::Span(first, last) => functions::span(self, first, last),
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
            Expr::Unknown(name, arguments) => self.call_named(name, arguments),
            Expr::Lambda(_) => Err(CellError::because(
                ErrorKind::Calc,
                "a LAMBDA must be called, named or given to a function such as MAP",
            )),
            Expr::Invoke(lambda, arguments) => {
                let values = arguments.iter().map(|argument| self.value(argument)).collect();
                self.invoke(lambda, values)
            }
        }
    }

    fn call(&self, function: &'static Function, arguments: &[Expr]) -> Outcome {
        self.spend(1)?;
        match function.body {
            Body::Lazy(body) => body(self, arguments),
            Body::Whole(body) => body(&Args::new(self, &self.arguments(arguments))),
            Body::Lifted(lifts, body) => {
                let list = self.arguments(arguments);
                broadcast(self, &list, lifts, &|list| body(&Args::new(self, list)))
            }
            Body::Each(body) => {
                let list = self.arguments(arguments);
                broadcast(self, &list, |_| true, &|list| match list.iter().find_map(|arg| arg.value.as_error()) {
                    Some(error) => Err(error.clone()),
                    None => body(&Args::new(self, list)),
                })
            }
        }
    }

    /// The arguments' values, each with how it was passed.
    fn arguments(&self, arguments: &[Expr]) -> Vec<Arg> {
        arguments.iter().map(|expr| Arg { value: self.value(expr), passing: self.passing(expr) }).collect()
    }

    /// Whether an argument refers to cells: aggregates ignore texts there, but not in values typed directly.
    fn passing(&self, expr: &Expr) -> Passing {
        match expr {
            Expr::Missing => Passing::Omitted,
            Expr::Cell(_) | Expr::Range(_) | Expr::Measure(_) => Passing::Reference,
            Expr::Name(_) => Passing::Reference,
            Expr::Group(inner) => self.passing(inner),
            Expr::Span(..) => Passing::Reference,
            // Such a function passes on references it was given; OFFSET and INDIRECT make their own.
            Expr::Call(function, arguments) if function.returns_reference => {
                let given = arguments.iter().any(|argument| self.passing(argument) == Passing::Reference);
                if given || function.nature == Nature::Volatile { Passing::Reference } else { Passing::Direct }
            }
            _ => Passing::Direct,
        }
    }

    /// `@`: the value of a range in the formula's own row or column, the first of any other array.
    fn single(&self, inner: &Expr) -> Outcome {
        let value = self.outcome(inner)?;
        let Value::Array(array) = &value else { return Ok(value) };
        let Expr::Range(range) = inner else { return Ok(array.first().clone()) };
        let none = || CellError::because(ErrorKind::Value, "the range does not meet this cell's row or column");
        let (row, col) = self.cells.position(self.at).ok_or_else(none)?;
        let (top, left) = self.corner(&range.range).ok_or_else(none)?;
        let offset = |here: u32, start: u32, len: usize| if len == 1 { Some(0) } else { here.checked_sub(start) };
        match (offset(row, top, array.rows()), offset(col, left, array.cols())) {
            (Some(r), Some(c)) => array.get(r as usize, c as usize).cloned().ok_or_else(none),
            _ => Err(none()),
        }
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
