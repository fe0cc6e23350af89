//! Arrays: made, cut and joined. Results spill.

use std::ops::Range;
use std::sync::Arc;

use super::args::{out_of_range, wrong};
use super::position::{Grid, range_of};
use super::{Args, Body, Declared, Nature, declare};
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Meaning, Outcome};
use crate::value::{Array, CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare("SEQUENCE(rows, [columns], [start], [step])", "Numbers in order.", "=SEQUENCE(12)", Body::Whole(sequence)),
    declare(
        "RANDARRAY([rows], [columns], [least], [greatest], [whole])",
        "Random numbers.",
        "=RANDARRAY(3,2)",
        Body::Whole(random_array),
    )
    .nature(Nature::Volatile),
    declare(
        "RAND()",
        "A random number from 0 up to 1.",
        "=RAND()",
        Body::Whole(|args| Ok(args.evaluation.random().into())),
    )
    .nature(Nature::Volatile),
    declare(
        "RANDBETWEEN(least, greatest)",
        "A random whole number.",
        "=RANDBETWEEN(1,6)",
        Body::Each(|args| {
            let (least, greatest) = (args.number(0)?.ceil(), args.number(1)?.floor());
            if least > greatest {
                return Err(out_of_range("the least lies above the greatest"));
            }
            Ok(Value::number(least + (args.evaluation.random() * (greatest - least + 1.0)).floor()))
        }),
    )
    .nature(Nature::Volatile),
    declare(
        "TRANSPOSE(array)",
        "Rows as columns.",
        "=TRANSPOSE(B2:D9)",
        Body::Whole(|args| {
            let array = args.array(0)?;
            args.evaluation.array(array.cols(), array.rows(), |row, col| at(&array, col, row))
        }),
    ),
    declare(
        "TAKE(array, rows, [columns])",
        "The first rows and columns; the last for negative numbers.",
        "=TAKE(A2:C9,3)",
        Body::Whole(|args| part(args, taken)),
    )
    .reference(|evaluation, arguments| part_cells(evaluation, arguments, taken)),
    declare(
        "DROP(array, rows, [columns])",
        "All but the first rows and columns; all but the last for negative numbers.",
        "=DROP(A2:C9,1)",
        Body::Whole(|args| part(args, dropped)),
    )
    .reference(|evaluation, arguments| part_cells(evaluation, arguments, dropped)),
    declare(
        "CHOOSECOLS(array, column1, [column2], …)",
        "Some columns of an array; negative numbers count from the end.",
        "=CHOOSECOLS(A2:C9,1,3)",
        Body::Whole(|args| pick(args, false)),
    ),
    declare(
        "CHOOSEROWS(array, row1, [row2], …)",
        "Some rows of an array; negative numbers count from the end.",
        "=CHOOSEROWS(A2:C9,1,3)",
        Body::Whole(|args| pick(args, true)),
    ),
    declare(
        "HSTACK(array1, [array2], …)",
        "Arrays side by side.",
        "=HSTACK(A2:A9,C2:C9)",
        Body::Whole(|args| stack(args, false)),
    ),
    declare(
        "VSTACK(array1, [array2], …)",
        "Arrays below each other.",
        "=VSTACK(A2:B5,A8:B9)",
        Body::Whole(|args| stack(args, true)),
    ),
    declare(
        "TOROW(array, [ignore], [by_columns])",
        "All values in one row.",
        "=TOROW(A2:C9)",
        Body::Whole(|args| line(args, true)),
    ),
    declare(
        "TOCOL(array, [ignore], [by_columns])",
        "All values in one column.",
        "=TOCOL(A2:C9)",
        Body::Whole(|args| line(args, false)),
    ),
    declare(
        "WRAPROWS(values, width, [padding])",
        "A line of values cut into rows.",
        "=WRAPROWS(A2:A9,3)",
        Body::Whole(|args| wrap(args, true)),
    ),
    declare(
        "WRAPCOLS(values, height, [padding])",
        "A line of values cut into columns.",
        "=WRAPCOLS(A2:A9,3)",
        Body::Whole(|args| wrap(args, false)),
    ),
    declare(
        "EXPAND(array, rows, [columns], [padding])",
        "An array made larger.",
        "=EXPAND(A2:B3,4,4,0)",
        Body::Whole(expand),
    ),
    declare(
        "TRIMRANGE(range, [rows], [columns])",
        "A range without blank edges: 0 none, 1 leading, 2 trailing, 3 both.",
        "=TRIMRANGE(A:C)",
        Body::Whole(|args| part(args, trimmed)),
    )
    .reference(|evaluation, arguments| part_cells(evaluation, arguments, trimmed)),
];

pub(super) fn at(array: &Array, row: usize, col: usize) -> Value {
    array.get(row, col).cloned().unwrap_or_default()
}

/// A size argument: at least 1.
fn size(args: &Args<'_>, index: usize, default: f64) -> Result<usize, CellError> {
    let size = args.number_or(index, default)?.trunc();
    if size < 0.0 {
        return Err(wrong("a size must not be negative"));
    }
    if size < 1.0 {
        return Err(CellError::because(ErrorKind::Calc, "the result is empty"));
    }
    Ok(size.min(1e12) as usize)
}

fn sequence(args: &Args<'_>) -> Outcome {
    let (rows, cols) = (size(args, 0, 1.0)?, size(args, 1, 1.0)?);
    let (start, step) = (args.number_or(2, 1.0)?, args.number_or(3, 1.0)?);
    args.evaluation.array(rows, cols, |row, col| Value::number(start + step * (row * cols + col) as f64))
}

fn random_array(args: &Args<'_>) -> Outcome {
    let (rows, cols) = (size(args, 0, 1.0)?, size(args, 1, 1.0)?);
    let (least, greatest, whole) = (args.number_or(2, 0.0)?, args.number_or(3, 1.0)?, args.bool_or(4, false)?);
    if least > greatest {
        return Err(wrong("the least lies above the greatest"));
    }
    args.evaluation.array(rows, cols, |_, _| {
        let draw = args.evaluation.random();
        Value::number(if whole {
            least.ceil() + (draw * (greatest.floor() - least.ceil() + 1.0)).floor()
        } else {
            least + draw * (greatest - least)
        })
    })
}

/// An array of some of the rows (or columns) of another.
pub(super) fn select(args: &Args<'_>, array: &Array, places: &[usize], rows: bool) -> Outcome {
    if rows {
        args.evaluation.array(places.len(), array.cols(), |row, col| at(array, places[row], col))
    } else {
        args.evaluation.array(array.rows(), places.len(), |row, col| at(array, row, places[col]))
    }
}

/// The places TAKE keeps or DROP leaves along one axis.
fn span(args: &Args<'_>, index: usize, length: usize, take: bool) -> Result<std::ops::Range<usize>, CellError> {
    if !args.given(index) {
        return Ok(0..length);
    }
    let count = args.number(index)?.trunc();
    let size = (count.abs() as usize).min(length);
    let range = match (take, count < 0.0) {
        (true, false) => 0..size,
        (true, true) => length - size..length,
        (false, false) => size..length,
        (false, true) => 0..length - size,
    };
    if range.is_empty() {
        return Err(CellError::because(ErrorKind::Calc, "the result is empty"));
    }
    Ok(range)
}

/// Rows and columns of an array.
type Part = (Range<usize>, Range<usize>);

fn taken(args: &Args<'_>) -> Result<Part, CellError> {
    let array = args.array(0)?;
    Ok((span(args, 1, array.rows(), true)?, span(args, 2, array.cols(), true)?))
}

fn dropped(args: &Args<'_>) -> Result<Part, CellError> {
    let array = args.array(0)?;
    Ok((span(args, 1, array.rows(), false)?, span(args, 2, array.cols(), false)?))
}

/// The values of a part of the first argument.
fn part(args: &Args<'_>, of: fn(&Args<'_>) -> Result<Part, CellError>) -> Outcome {
    let (array, (rows, cols)) = (args.array(0)?, of(args)?);
    args.evaluation.array(rows.len(), cols.len(), |row, col| at(&array, rows.start + row, cols.start + col))
}

/// The cells of a part of the first argument, where that is a reference.
fn part_cells(
    evaluation: &Evaluation<'_>,
    arguments: &[Expr],
    of: fn(&Args<'_>) -> Result<Part, CellError>,
) -> Result<Option<Meaning>, CellError> {
    let Some(range) = arguments.first().and_then(|expr| range_of(evaluation, expr).ok()) else { return Ok(None) };
    let list = evaluation.arguments(arguments);
    let (rows, cols) = of(&Args::new(evaluation, &list))?;
    Grid::of(evaluation, &range)?.part(rows, cols).map(|cells| Some(Meaning::Cells(cells)))
}

fn pick(args: &Args<'_>, rows: bool) -> Outcome {
    let array = args.array(0)?;
    let length = if rows { array.rows() } else { array.cols() };
    let mut places = Vec::new();
    for index in 1..args.count() {
        for value in args.array(index)?.cells() {
            let place = value.to_number()?.trunc();
            let place = if place < 0.0 { length as f64 + place } else { place - 1.0 };
            if place < 0.0 || place >= length as f64 {
                return Err(wrong("there is no such row or column"));
            }
            places.push(place as usize);
        }
    }
    select(args, &array, &places, rows)
}

fn stack(args: &Args<'_>, down: bool) -> Outcome {
    let parts: Vec<Arc<Array>> = args
        .list()
        .iter()
        .map(|arg| match &arg.value {
            Value::Array(array) => array.clone(),
            single => Arc::new(Array::single(single.clone())),
        })
        .collect();
    let across = |part: &Arc<Array>| if down { part.cols() } else { part.rows() };
    let along = |part: &Arc<Array>| if down { part.rows() } else { part.cols() };
    let breadth = parts.iter().map(across).max().unwrap_or(0);
    // Which part each place belongs to, and where in it.
    let places: Vec<(usize, usize)> =
        parts.iter().enumerate().flat_map(|(index, part)| (0..along(part)).map(move |place| (index, place))).collect();
    let get = |place: usize, other: usize| {
        let (part, inside) = places[place];
        let value = if down { parts[part].get(inside, other) } else { parts[part].get(other, inside) };
        value.cloned().unwrap_or_else(|| ErrorKind::Na.into())
    };
    if down {
        args.evaluation.array(places.len(), breadth, get)
    } else {
        args.evaluation.array(breadth, places.len(), |row, col| get(col, row))
    }
}

fn line(args: &Args<'_>, as_row: bool) -> Outcome {
    let (array, ignore, by_cols) = (args.array(0)?, args.integer_or(1, 0)?, args.bool_or(2, false)?);
    if !(0..=3).contains(&ignore) {
        return Err(wrong("ignore is 0 to 3: nothing, blanks, errors, both"));
    }
    let skipped =
        |value: &Value| (ignore & 1 == 1 && value.is_blank()) || (ignore & 2 == 2 && value.as_error().is_some());
    let mut values = Vec::new();
    let (outer, inner) = if by_cols { (array.cols(), array.rows()) } else { (array.rows(), array.cols()) };
    for a in 0..outer {
        for b in 0..inner {
            let value = if by_cols { at(&array, b, a) } else { at(&array, a, b) };
            if !skipped(&value) {
                values.push(value);
            }
        }
    }
    args.evaluation.spend(values.len())?;
    let array = if as_row { Array::row(values) } else { Array::column(values) };
    array.map(|array| Value::Array(array.into())).ok_or_else(|| CellError::because(ErrorKind::Calc, "nothing is left"))
}

fn wrap(args: &Args<'_>, rows: bool) -> Outcome {
    let (values, width) = (args.array(0)?, args.number(1)?.trunc());
    if values.rows() > 1 && values.cols() > 1 {
        return Err(wrong("one row or one column of values is needed"));
    }
    if width < 1.0 {
        return Err(out_of_range("the width is at least 1"));
    }
    let padding = if args.given(2) { args.value(2).clone() } else { ErrorKind::Na.into() };
    let width = (width as usize).min(values.cells().len());
    let count = values.cells().len().div_ceil(width);
    let get = |line: usize, place: usize| {
        values.cells().get(line * width + place).cloned().unwrap_or_else(|| padding.clone())
    };
    if rows {
        args.evaluation.array(count, width, get)
    } else {
        args.evaluation.array(width, count, |row, col| get(col, row))
    }
}

fn expand(args: &Args<'_>) -> Outcome {
    let array = args.array(0)?;
    let rows = size(args, 1, array.rows() as f64)?;
    let cols = size(args, 2, array.cols() as f64)?;
    if rows < array.rows() || cols < array.cols() {
        return Err(wrong("EXPAND cannot make an array smaller"));
    }
    let padding = if args.given(3) { args.value(3).clone() } else { ErrorKind::Na.into() };
    args.evaluation.array(rows, cols, |row, col| array.get(row, col).cloned().unwrap_or_else(|| padding.clone()))
}

/// What TRIMRANGE leaves.
fn trimmed(args: &Args<'_>) -> Result<Part, CellError> {
    let array = args.array(0)?;
    let (row_mode, col_mode) = (args.integer_or(1, 3)?, args.integer_or(2, 3)?);
    let filled_row =
        |row: &usize| (0..array.cols()).any(|col| array.get(*row, col).is_some_and(|value| !value.is_blank()));
    let filled_col =
        |col: &usize| (0..array.rows()).any(|row| array.get(row, *col).is_some_and(|value| !value.is_blank()));
    let kept = |mode: i64, length: usize, first: Option<usize>, last: Option<usize>| {
        let start = if mode & 1 == 1 { first.unwrap_or(length) } else { 0 };
        let end = if mode & 2 == 2 { last.map_or(0, |last| last + 1) } else { length };
        start..end.max(start)
    };
    let rows =
        kept(row_mode, array.rows(), (0..array.rows()).find(filled_row), (0..array.rows()).rev().find(filled_row));
    let cols =
        kept(col_mode, array.cols(), (0..array.cols()).find(filled_col), (0..array.cols()).rev().find(filled_col));
    if rows.is_empty() || cols.is_empty() {
        return Err(CellError::because(ErrorKind::Ref, "the range is blank"));
    }
    Ok((rows, cols))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn made_cut_and_joined() {
        check(&[
            ("SEQUENCE(2,3)", "{1,2,3;4,5,6}"),
            ("SEQUENCE(3,1,10,-5)", "{10;5;0}"),
            ("SEQUENCE(0)", "#CALC!"),
            ("SEQUENCE(1E9)", "#LIMIT!"),
            ("TRANSPOSE({1,2;3,4})", "{1,3;2,4}"),
            ("TAKE({1,2;3,4},1)", "{1,2}"),
            ("TAKE({1,2;3,4},,-1)", "{2;4}"),
            ("DROP({1,2;3,4},1,1)", "4"),
            ("DROP({1,2},1)", "#CALC!"),
            ("CHOOSECOLS({1,2,3},-1,1)", "{3,1}"),
            ("CHOOSEROWS({1;2;3},{2;3})", "{2;3}"),
            ("HSTACK({1;2},3)", "{1,3;2,#N/A}"),
            ("VSTACK({1,2},{3})", "{1,2;3,#N/A}"),
            ("TOCOL({1,2;3,4},0,TRUE)", "{1;3;2;4}"),
            ("TOROW({1,#N/A,3},2)", "{1,3}"),
            ("WRAPROWS({1,2,3},2,0)", "{1,2;3,0}"),
            ("WRAPCOLS({1,2,3},2)", "{1,3;2,#N/A}"),
            ("EXPAND({1},2,2,0)", "{1,0;0,0}"),
            ("RANDBETWEEN(3,3)", "3"),
            ("AND(RAND()>=0,RAND()<1)", "TRUE"),
            ("RAND()=RAND()", "FALSE"),
            ("ROWS(RANDARRAY(3,2))", "3"),
        ]);
    }
}
