//! Comparing with frozen versions.

use std::sync::Arc;

use super::args::wrong;
use super::{Body, Declared, Nature, declare};
use crate::formula::MeasureRef;
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Outcome};
use crate::value::{Array, CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[declare(
    "VERSION.DIFF(measure, from, [to])",
    "How much a measure is more than in a frozen version: live, or in a second version; a blank counts as 0.",
    "=VERSION.DIFF([@Consensus],\"Consensus 2026-10\")",
    Body::Lazy(difference),
)
.nature(Nature::Version)];

fn difference(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let [Expr::Measure(reference), versions @ ..] = arguments else {
        return Err(wrong("VERSION.DIFF takes a measure, such as [@Consensus], and the name of a version"));
    };
    if reference.version.is_some() {
        return Err(wrong("VERSION.DIFF takes the measure without a version, and the versions after it"));
    }
    let named = |index: usize| -> Result<Option<Arc<str>>, CellError> {
        let Some(name) = versions.get(index).filter(|name| !matches!(name, Expr::Missing)) else { return Ok(None) };
        let name = evaluation.value(name).to_text()?;
        if name.trim().is_empty() { Err(wrong("a version is named by its name")) } else { Ok(Some(name.trim().into())) }
    };
    let from = named(0)?.ok_or_else(|| wrong("VERSION.DIFF also needs the version to compare with"))?;
    let at = |version| evaluation.cells.measure(&MeasureRef { version, ..reference.clone() }, evaluation.at);
    less(&at(named(1)?), &at(Some(from)))
}

/// One value or array less another of the same shape; a single one counts for all places.
fn less(value: &Value, from: &Value) -> Outcome {
    let one = |value: &Value, from: &Value| match (value, from) {
        (Value::Error(error), _) | (_, Value::Error(error)) => Value::Error(error.clone()),
        (Value::Blank, Value::Blank) => Value::Blank,
        (value, from) => match (value.to_number(), from.to_number()) {
            (Ok(value), Ok(from)) => Value::number(value - from),
            (Err(error), _) | (_, Err(error)) => Value::Error(error),
        },
    };
    let (rows, cols) = match (value, from) {
        (Value::Array(a), Value::Array(b)) if (a.rows(), a.cols()) != (b.rows(), b.cols()) => {
            return Err(wrong("the versions have another shape of this measure"));
        }
        (Value::Array(array), _) | (_, Value::Array(array)) => (array.rows(), array.cols()),
        _ => return Ok(one(value, from)),
    };
    let at = |value: &Value, place: usize| match value {
        Value::Array(array) => array.cells().get(place).cloned().unwrap_or_default(),
        single => single.clone(),
    };
    let cells = (0..rows * cols).map(|place| one(&at(value, place), &at(from, place))).collect();
    let array = Array::new(rows, cols, cells).ok_or_else(|| CellError::new(ErrorKind::Calc))?;
    Ok(Value::Array(array.into()))
}
