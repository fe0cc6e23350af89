//! The values of SUMIF and AVERAGEIF: they begin at the corner of what is given and are as many as the range has.
//!
//! Source: Microsoft's page on SUMIF, “sum_range”.

use super::Arg;
use super::position::{Axis, axes, range_at};
use crate::formula::RangeRef;
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Meaning};
use crate::refs::SheetId;
use crate::value::{CellError, Value};

/// Whether what is given of the values holds as many as the range, wherever both may come to stand.
pub(in crate::formula) fn surely_enough(arguments: &[Expr]) -> bool {
    let [range, _, given] = arguments else { return true };
    let Some(given) = written(given) else { return !matches!(given, Expr::Name(_)) };
    let Some(range) = written(range) else { return false };
    let row = range.rows.is_some_and(|(first, last)| first == last);
    let col = range.cols.is_some_and(|(first, last)| first == last);
    range.sheet == given.sheet
        && (row || given.rows.is_none() || given.rows == range.rows)
        && (col || given.cols.is_none() || given.cols == range.cols)
}

/// A cell or rectangle written as such.
fn written(expr: &Expr) -> Option<RangeRef> {
    match expr {
        Expr::Cell(at) => {
            let (row, col) = (at.cell.row, at.cell.col);
            Some(RangeRef { sheet: at.cell.sheet, rows: Some((row, row)), cols: Some((col, col)) })
        }
        Expr::Range(at) => Some(at.range.clone()),
        Expr::Group(inner) => written(inner),
        _ => None,
    }
}

/// Gives a call, whose values are its third argument, as many of them as its range has, where they are a range.
/// Apart, so that evaluations within each other take no more of the stack for it.
#[inline(never)]
pub(in crate::formula) fn grow(evaluation: &Evaluation<'_>, list: &mut [Arg], given: &Meaning) {
    if let ([range, _, values], Meaning::Cells(reference)) = (list, given) {
        match grown(evaluation, &range.value, reference) {
            Ok(Some(grown)) => values.value = grown,
            Ok(None) => {}
            Err(error) => values.value = Value::Error(error),
        }
    }
}

/// The values from the corner of a range on, as many as another has; on the edge of the sheet, as many as there are.
/// `None`: the range has as many.
fn grown(evaluation: &Evaluation<'_>, range: &Value, reference: &RangeRef) -> Result<Option<Value>, CellError> {
    let Value::Array(size) = range else { return Ok(None) };
    let (rows, cols) = axes(evaluation, reference)?;
    let enough = |axis: Axis, count: usize| axis.is_none_or(|(a, b)| b - a + 1 >= count as i64);
    if enough(rows, size.rows()) && enough(cols, size.cols()) {
        return Ok(None);
    }
    evaluation.cells.reads_beyond();
    let (top, left) = (rows.map_or(0, |axis| axis.0), cols.map_or(0, |axis| axis.0));
    let is_there = |row: i64, col: i64| is_cell(evaluation, reference.sheet, row, col);
    let bottom = last(top, size.rows(), |row| is_there(row, left));
    let right = last(left, size.cols(), |col| is_there(top, col));
    let wanted = range_at(evaluation, reference.sheet, Some((top, bottom)), Some((left, right)))?;
    evaluation.cells.range(&wanted).map(|array| Some(Value::Array(array)))
}

fn is_cell(evaluation: &Evaluation<'_>, sheet: SheetId, row: i64, col: i64) -> bool {
    let place = u32::try_from(row).ok().zip(u32::try_from(col).ok());
    place.is_some_and(|(row, col)| evaluation.cells.cell_at(sheet, row, col).is_some())
}

/// The last of so many places that is there; the first always is.
fn last(first: i64, count: usize, is_there: impl Fn(i64) -> bool) -> i64 {
    let (mut last, mut beyond) = (first, first + count as i64);
    while beyond - last > 1 {
        let middle = last + (beyond - last) / 2;
        if is_there(middle) {
            last = middle;
        } else {
            beyond = middle;
        }
    }
    last
}
