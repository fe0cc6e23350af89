//! What expressions stand for besides values: cells, which have places, and functions.

use std::sync::Arc;

use super::scope::Callable;
use super::{Evaluation, Outcome};
use crate::formula::RangeRef;
use crate::formula::ast::Expr;
use crate::formula::functions::{self, Arg, Body, Function};
use crate::value::{Array, CellError, ErrorKind, Value};

/// What an expression stands for.
#[derive(Clone)]
pub enum Meaning {
    Value(Value),
    /// The cells of a rectangle; of one cell where both corners are the same.
    Cells(RangeRef),
    /// Several rectangles as one reference: `(A1:B2,D4)`.
    Areas(Arc<[RangeRef]>),
    /// A reference for each place of an array: `OFFSET(A1,{0;1},0)`.
    Each(Arc<References>),
    Function(Callable),
    /// An argument of a LAMBDA that was left out.
    Omitted,
}

/// References by rows and columns; the error where one cannot be computed.
pub struct References {
    rows: usize,
    cols: usize,
    list: Vec<Result<RangeRef, CellError>>,
}

impl References {
    /// The reference at a place of a larger rectangle, as arrays meet elementwise.
    pub fn at(&self, row: usize, col: usize) -> Result<RangeRef, CellError> {
        let row = if self.rows == 1 { 0 } else { row };
        let col = if self.cols == 1 { 0 } else { col };
        let found = self.list.get(row * self.cols + col).filter(|_| col < self.cols);
        found.cloned().unwrap_or_else(|| Err(CellError::new(ErrorKind::Na)))
    }
}

impl Evaluation<'_> {
    /// What an expression stands for. The error, where its value is one.
    pub fn meaning(&self, expr: &Expr) -> Result<Meaning, CellError> {
        self.deeper(|| self.meaning_here(expr))
    }

    fn meaning_here(&self, expr: &Expr) -> Result<Meaning, CellError> {
        match expr {
            Expr::Group(inner) => self.meaning(inner),
            Expr::Cell(_) | Expr::Range(_) | Expr::Span(..) | Expr::Spilled(_) | Expr::Meet(_) => {
                functions::cells_of(self, expr).map(Meaning::Cells)
            }
            Expr::Union(parts) => {
                let areas: Result<Vec<RangeRef>, _> =
                    parts.iter().map(|part| functions::range_of(self, part)).collect();
                match areas {
                    Ok(areas) => Ok(Meaning::Areas(areas.into())),
                    Err(_) => self.outcome(expr).map(Meaning::Value),
                }
            }
            Expr::Name(name) => self.named(name).unwrap_or_else(|| match functions::find(&name.to_uppercase()) {
                Some(function) => Ok(Meaning::Function(Callable::BuiltIn(function))),
                None => Err(no_name(name)),
            }),
            Expr::Lambda(lambda) => self.callable(lambda).map(Meaning::Function),
            Expr::Unknown(name, arguments) => self.call_named(name, arguments),
            Expr::Invoke(callee, arguments) => self.call_given(callee, arguments),
            Expr::Call(function, arguments) => match (function.body, function.refers) {
                (Body::Means(means), _) => {
                    self.spend(1)?;
                    means(self, arguments)
                }
                (_, Some(refers)) => match refers(self, arguments)? {
                    Some(meaning) => Ok(meaning),
                    None => self.outcome(expr).map(Meaning::Value),
                },
                _ => self.outcome(expr).map(Meaning::Value),
            },
            _ => self.outcome(expr).map(Meaning::Value),
        }
    }

    /// The value of what an expression stands for.
    pub fn value_of(&self, meaning: Meaning) -> Outcome {
        match meaning {
            Meaning::Value(Value::Error(error)) => Err(error),
            Meaning::Value(value) => Ok(value),
            Meaning::Cells(range) => functions::values(self, &range),
            Meaning::Areas(areas) => self.stacked(areas.iter().map(|area| functions::values(self, area))),
            Meaning::Each(references) => self.array(references.rows, references.cols, |row, col| {
                let error = |_| CellError::because(ErrorKind::Value, "N, SUMIF, SUBTOTAL and the like read references");
                Value::Error(references.at(row, col).map_or_else(|error| error, error))
            }),
            Meaning::Function(_) => Err(CellError::because(
                ErrorKind::Calc,
                "a LAMBDA must be called, named or given to a function such as MAP",
            )),
            Meaning::Omitted => Ok(Value::Blank),
        }
    }

    /// All values of several references, one below the other.
    pub(super) fn stacked(&self, parts: impl Iterator<Item = Outcome>) -> Outcome {
        let mut cells = Vec::new();
        for part in parts {
            match part.unwrap_or_else(Value::Error) {
                Value::Array(array) => cells.extend_from_slice(array.cells()),
                single => cells.push(single),
            }
            self.spend(cells.len())?;
        }
        Array::column(cells).map(|array| Value::Array(array.into())).ok_or_else(|| CellError::new(ErrorKind::Ref))
    }

    /// The reference that `make` computes from another and from values; one for each place where some of them are
    /// arrays.
    pub fn references(
        &self,
        base: &Meaning,
        values: &[Value],
        make: impl Fn(Option<&RangeRef>, &[Value]) -> Result<RangeRef, CellError>,
    ) -> Result<Meaning, CellError> {
        let (mut rows, mut cols) = extent(values.iter());
        if let Meaning::Each(each) = base {
            (rows, cols) = (rows.max(each.rows), cols.max(each.cols));
        }
        let at = |row: usize, col: usize| {
            let values: Vec<Value> = values.iter().map(|value| element(value, row, col)).collect();
            match base {
                Meaning::Each(each) => make(Some(&each.at(row, col)?), &values),
                Meaning::Cells(range) => make(Some(range), &values),
                Meaning::Value(Value::Error(error)) => Err(error.clone()),
                _ => make(None, &values),
            }
        };
        if (rows, cols) == (1, 1) {
            return at(0, 0).map(Meaning::Cells);
        }
        self.spend(rows.saturating_mul(cols))?;
        let list = (0..rows * cols).map(|place| at(place / cols, place % cols)).collect();
        Ok(Meaning::Each(References { rows, cols, list }.into()))
    }

    /// What `body` gives for these; an array of what it gives for each place where some are arrays of references.
    pub fn each_place(&self, given: &[Meaning], body: impl Fn(&[Meaning]) -> Outcome) -> Outcome {
        let (mut rows, mut cols) = (0, 0);
        for meaning in given {
            if let Meaning::Each(each) = meaning {
                (rows, cols) = (rows.max(each.rows), cols.max(each.cols));
            }
        }
        if rows == 0 {
            return body(given);
        }
        self.array(rows, cols, |row, col| {
            let place = |meaning: &Meaning| match meaning {
                Meaning::Each(each) => each.at(row, col).map(Meaning::Cells),
                other => Ok(other.clone()),
            };
            let outcome = given.iter().map(place).collect::<Result<Vec<_>, _>>().and_then(|place| body(&place));
            match outcome {
                Ok(Value::Array(array)) => array.first().clone(),
                outcome => outcome.unwrap_or_else(Value::Error),
            }
        })
    }

    /// A call of a function that takes references, once for each where an argument is an array of them. Other arrays
    /// meet those as far as the function is called for each of their values.
    pub(super) fn per_reference(&self, function: &Function, arguments: &[Expr]) -> Outcome {
        let meanings: Vec<Meaning> = arguments.iter().map(|expr| self.meaning_or_error(expr)).collect();
        let lifted = |index: usize| match function.body {
            Body::Each(_) => true,
            Body::Lifted(lifts, _) => lifts(index),
            _ => false,
        };
        let mut list: Vec<Arg> =
            meanings.iter().zip(arguments).map(|(meaning, expr)| self.argument(meaning.clone(), expr)).collect();
        let is_each = |meaning: &Meaning| matches!(meaning, Meaning::Each(_));
        if !meanings.iter().any(is_each) {
            if let (true, Some(given)) = (function.grows, meanings.get(2)) {
                functions::grow(self, &mut list, given);
            }
            return self.apply(function, &list);
        }
        let arrays = list.iter().zip(&meanings).enumerate();
        let (rows, cols) = extent(
            arrays.filter(|(index, (_, meaning))| is_each(meaning) || lifted(*index)).map(|(_, (arg, _))| &arg.value),
        );
        self.array(rows, cols, |row, col| {
            let place = |(index, (arg, meaning)): (usize, (&Arg, &Meaning))| match meaning {
                Meaning::Each(each) => {
                    let value = each.at(row, col).and_then(|range| functions::read(self, &range));
                    Arg { value: value.unwrap_or_else(Value::Error), ..arg.clone() }
                }
                _ if lifted(index) => Arg { value: element(&arg.value, row, col), ..arg.clone() },
                _ => arg.clone(),
            };
            let mut list: Vec<Arg> = list.iter().zip(&meanings).enumerate().map(place).collect();
            if function.grows {
                let given = match meanings.get(2) {
                    Some(Meaning::Each(each)) => each.at(row, col).map(Meaning::Cells).ok(),
                    given => given.cloned(),
                };
                if let Some(given) = given {
                    functions::grow(self, &mut list, &given);
                }
            }
            match self.apply(function, &list) {
                Ok(Value::Array(array)) => array.first().clone(),
                outcome => outcome.unwrap_or_else(Value::Error),
            }
        })
    }
}

pub(super) fn no_name(name: &str) -> CellError {
    CellError::because(ErrorKind::Name, format!("there is no name ‘{name}’"))
}

/// Rows and columns of the rectangle in which values meet.
fn extent<'a>(values: impl Iterator<Item = &'a Value>) -> (usize, usize) {
    values.fold((1, 1), |(rows, cols), value| match value {
        Value::Array(array) => (rows.max(array.rows()), cols.max(array.cols())),
        _ => (rows, cols),
    })
}

fn element(value: &Value, row: usize, col: usize) -> Value {
    match value {
        Value::Array(array) => super::broadcast::element(array, row, col),
        single => single.clone(),
    }
}
