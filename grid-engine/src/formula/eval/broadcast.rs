//! Elementwise evaluation over arrays, as Excel's dynamic arrays do it.

use super::{Evaluation, Outcome};
use crate::formula::functions::Arg;
use crate::value::{Array, ErrorKind, Value};

/// Calls `body` once, or once for each place when an argument that `lifts` is an array.
///
/// A row meets a column in a rectangle; a single row, column or value repeats; places only some arrays
/// have give `#N/A`.
pub fn broadcast(
    evaluation: &Evaluation<'_>,
    list: &[Arg],
    lifts: impl Fn(usize) -> bool,
    body: &dyn Fn(&[Arg]) -> Outcome,
) -> Outcome {
    let (mut rows, mut cols) = (0, 0);
    for (index, arg) in list.iter().enumerate() {
        if let (Value::Array(array), true) = (&arg.value, lifts(index)) {
            rows = rows.max(array.rows());
            cols = cols.max(array.cols());
        }
    }
    if rows == 0 {
        return body(list);
    }
    let lifted: Vec<bool> = (0..list.len()).map(lifts).collect();
    let mut place: Vec<Arg> = list.to_vec();
    evaluation.array(rows, cols, |row, col| {
        for ((slot, arg), lifted) in place.iter_mut().zip(list).zip(&lifted) {
            if let (Value::Array(array), true) = (&arg.value, *lifted) {
                slot.value = element(array, row, col);
            }
        }
        match body(&place) {
            Ok(Value::Array(array)) => array.first().clone(),
            Ok(value) => value,
            Err(error) => Value::Error(error),
        }
    })
}

/// An array's value at a place of a larger rectangle.
pub fn element(array: &Array, row: usize, col: usize) -> Value {
    let row = if array.rows() == 1 { 0 } else { row };
    let col = if array.cols() == 1 { 0 } else { col };
    array.get(row, col).cloned().unwrap_or_else(|| ErrorKind::Na.into())
}
