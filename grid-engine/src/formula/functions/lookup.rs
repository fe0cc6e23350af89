//! Finding a value's place, and what lies there.

use std::cmp::Ordering;
use std::sync::Arc;

use super::args::{not_found, wrong};
use super::criteria::Pattern;
use super::position::{Grid, range_of};
use super::{Args, Body, Declared, Passing, computed_references, declare, logical, regex};
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Meaning, Outcome};
use crate::value::{Array, CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "INDEX(array, row, [column], [area])",
        "The value at a row and column; row or column 0 gives all of it.",
        "=INDEX(B2:D9,3,2)",
        Body::Lifted(|index| index > 0, index),
    )
    .reference(computed_references::index),
    declare(
        "MATCH(value, range, [mode])",
        "The place of a value: mode 0 exact, 1 last not above it, -1 last not below it.",
        "=MATCH(\"B\",A2:A9,0)",
        Body::Lifted(|index| index == 0 || index == 2, match_),
    ),
    declare(
        "XMATCH(value, range, [match_mode], [search_mode])",
        "The place of a value: 0 exact, -1 or next smaller, 1 or next larger, 2 wildcards, 3 a regular expression.",
        "=XMATCH(\"B\",A2:A9)",
        Body::Lifted(
            |index| index == 0,
            |args| {
                let list = vector(args, 1)?;
                let place = search(args.value(0), &list, args, 2)?;
                place.map(|place| Value::number(place as f64 + 1.0)).ok_or_else(|| not_found("the value was not found"))
            },
        ),
    ),
    declare(
        "XLOOKUP(value, range, results, [if_not_found], [match_mode], [search_mode])",
        "What lies beside a value: a single value, or the whole row or column of results.",
        "=XLOOKUP([@Item],Items[Item],Items[Family])",
        Body::Whole(x_lookup),
    )
    .reference(x_lookup_cells),
    declare(
        "VLOOKUP(value, table, column, [approximate])",
        "What stands in a column of the row whose first cell matches.",
        "=VLOOKUP(\"B\",A2:D9,3,FALSE)",
        Body::Lifted(|index| index == 0 || index == 2, |args| table_lookup(args, true)),
    ),
    declare(
        "HLOOKUP(value, table, row, [approximate])",
        "What stands in a row of the column whose first cell matches.",
        "=HLOOKUP(\"B\",A2:D9,3,FALSE)",
        Body::Lifted(|index| index == 0 || index == 2, |args| table_lookup(args, false)),
    ),
    declare(
        "LOOKUP(value, range, [results])",
        "What lies beside the last value not above the one sought, in sorted data.",
        "=LOOKUP(5,A2:A9,B2:B9)",
        Body::Lifted(|index| index == 0, lookup),
    ),
    declare(
        "CHOOSE(index, value1, [value2], …)",
        "One of several values by its number.",
        "=CHOOSE(2,\"low\",\"high\")",
        Body::Means(logical::choose_argument),
    ),
];

fn index(args: &Args<'_>) -> Outcome {
    if args.given(3) && args.number(3)?.trunc() != 1.0 {
        return Err(CellError::because(ErrorKind::Ref, "the reference has one area only"));
    }
    let array = args.array(0)?;
    let (mut row, mut col) = (args.number(1)?.trunc(), args.number_or(2, 0.0)?.trunc());
    // One index into a single row counts columns.
    if args.count() < 3 && array.rows() == 1 && array.cols() > 1 {
        (row, col) = (1.0, row);
    }
    if row < 0.0 || col < 0.0 {
        return Err(wrong("an index must not be negative"));
    }
    if row > array.rows() as f64 || col > array.cols() as f64 {
        return Err(CellError::because(ErrorKind::Ref, "the index lies outside the array"));
    }
    slice(args, &array, (row as usize).checked_sub(1), (col as usize).checked_sub(1))
}

/// The value at a place; `None` means the whole row or column.
fn slice(args: &Args<'_>, array: &Arc<Array>, row: Option<usize>, col: Option<usize>) -> Outcome {
    let get = |row, col| array.get(row, col).cloned().unwrap_or_default();
    match (row, col) {
        (Some(row), Some(col)) => Ok(get(row, col)),
        (Some(row), None) if array.cols() == 1 => Ok(get(row, 0)),
        (None, Some(col)) if array.rows() == 1 => Ok(get(0, col)),
        (Some(row), None) => args.evaluation.array(1, array.cols(), |_, col| get(row, col)),
        (None, Some(col)) => args.evaluation.array(array.rows(), 1, |row, _| get(row, col)),
        (None, None) => Ok(Value::Array(array.clone())),
    }
}

/// An argument that is one row or one column.
fn vector(args: &Args<'_>, index: usize) -> Result<Arc<Array>, CellError> {
    let array = args.array(index)?;
    if array.rows() > 1 && array.cols() > 1 {
        return Err(wrong("the range to search is one row or one column"));
    }
    Ok(array)
}

/// Whether two values are of one type and equal.
fn equal(a: &Value, b: &Value) -> bool {
    comparable(a, b) && a.compare(b).is_eq()
}

/// Whether two values are of one type, so that their order means something.
fn comparable(a: &Value, b: &Value) -> bool {
    matches!(
        (a, b),
        (Value::Number(_), Value::Number(_)) | (Value::Text(_), Value::Text(_)) | (Value::Bool(_), Value::Bool(_))
    )
}

/// A value as it is sought: blank is 0.
fn sought(value: &Value) -> Result<Value, CellError> {
    match value {
        Value::Error(error) => Err(error.clone()),
        Value::Blank => Ok(Value::Number(0.0)),
        value => Ok(value.clone()),
    }
}

/// The values that a table is searched by: its first column or row.
struct Keys<'a> {
    table: &'a Array,
    down: bool,
}

impl Keys<'_> {
    /// Of a list that is one row or one column.
    fn of(list: &Array) -> Keys<'_> {
        Keys { table: list, down: list.cols() == 1 }
    }

    fn count(&self) -> usize {
        if self.down { self.table.rows() } else { self.table.cols() }
    }

    fn get(&self, place: usize) -> &Value {
        &self.table.cells()[if self.down { place * self.table.cols() } else { place }]
    }

    /// Places among which are all that equal a value, in order.
    fn candidates(&self, value: &Value) -> Box<dyn Iterator<Item = usize> + '_> {
        let is_first = self.down || self.table.rows() == 1;
        match is_first.then(|| self.table.candidates(value)).flatten() {
            Some(candidates) => Box::new(candidates),
            None => Box::new(0..self.count()),
        }
    }
}

/// The first equal value, a text with wildcards.
fn exact(value: &Value, keys: &Keys<'_>) -> Option<usize> {
    match value {
        Value::Text(text) if text.contains(['*', '?', '~']) => {
            let pattern = Pattern::new(text);
            (0..keys.count()).find(|place| keys.get(*place).as_text().is_some_and(|other| pattern.matches(other)))
        }
        value => keys.candidates(value).find(|place| equal(value, keys.get(*place))),
    }
}

/// The last value not above the one sought, by binary search over the values of its type.
///
/// Lists that are not in order have an answer too: the one that spreadsheets agree on, which halve at the lower middle,
/// pass over values of another type, and stop at the last of a run of equal ones.
fn sorted_place(value: &Value, keys: &Keys<'_>) -> Option<usize> {
    let fits = |place: &usize| comparable(keys.get(*place), value);
    let (mut from, mut to) = (0, keys.count());
    while from < to {
        let middle = from + (to - from - 1) / 2;
        let Some(place) = (middle..to).find(fits) else {
            to = middle;
            continue;
        };
        match keys.get(place).compare(value) {
            Ordering::Less => from = place + 1,
            Ordering::Equal => {
                let run = (place..to).take_while(|place| !fits(place) || keys.get(*place).compare(value).is_eq());
                return run.filter(fits).last();
            }
            Ordering::Greater => to = middle,
        }
    }
    (0..from).rev().find(fits)
}

fn match_(args: &Args<'_>) -> Outcome {
    let value = sought(args.value(0))?;
    let list = args.array(1)?;
    if list.rows() > 1 && list.cols() > 1 {
        return Err(not_found("the range to search is one row or one column"));
    }
    // A mode left out between commas is 0.
    let mode = if args.count() > 2 { args.number(2)? } else { 1.0 };
    let place = if mode == 0.0 {
        exact(&value, &Keys::of(&list))
    } else if mode > 0.0 {
        sorted_place(&value, &Keys::of(&list))
    } else {
        let below = list.cells().iter().position(|other| comparable(other, &value) && other.compare(&value).is_lt());
        let end = below.unwrap_or(list.cells().len());
        let fitting = |place: &usize| comparable(&list.cells()[*place], &value);
        // Among equal values the first.
        let last = (0..end).rev().find(fitting);
        last.and_then(|last| (0..=last).find(|place| equal(&list.cells()[*place], &list.cells()[last])))
    };
    place.map(|place| Value::number(place as f64 + 1.0)).ok_or_else(|| not_found("the value was not found"))
}

/// XMATCH and XLOOKUP: match mode at argument `mode`, search mode after it.
fn search(value: &Value, list: &Array, args: &Args<'_>, mode: usize) -> Result<Option<usize>, CellError> {
    if let Value::Error(error) = value {
        return Err(error.clone());
    }
    let (match_mode, direction) = (args.integer_or(mode, 0)?, args.integer_or(mode + 1, 1)?);
    if !(-1..=3).contains(&match_mode) || !matches!(direction, -2 | -1 | 1 | 2) {
        return Err(wrong("match modes are -1, 0, 1, 2 and 3, search modes -2, -1, 1 and 2"));
    }
    let (keys, list) = (Keys::of(list), list.cells());
    let order: Box<dyn Iterator<Item = usize>> =
        if direction == -1 { Box::new((0..list.len()).rev()) } else { Box::new(0..list.len()) };
    if match_mode >= 2 && direction.abs() == 2 {
        return Err(wrong("patterns cannot be searched for in sorted order"));
    }
    if match_mode == 3 {
        let pattern = regex::Pattern::new(&value.to_text()?, false)?;
        return first_matching(args, &pattern, list, &mut order.into_iter());
    }
    if match_mode == 2 {
        let pattern = value.as_text().map(Pattern::new);
        return Ok(order.into_iter().find(|&place| match &pattern {
            Some(pattern) => list[place].as_text().is_some_and(|text| pattern.matches(text)),
            None => equal(value, &list[place]),
        }));
    }
    if direction.abs() == 2 {
        return Ok(bisected(value, list, match_mode, direction < 0));
    }
    if match_mode == 0 && !value.is_blank() {
        let mut same = keys.candidates(value).filter(|place| equal(value, &list[*place]));
        return Ok(if direction < 0 { same.last() } else { same.next() });
    }
    let same = |other: &Value| equal(value, other) || (value.is_blank() && other.is_blank());
    let mut nearest: Option<usize> = None;
    for place in order {
        let other = &list[place];
        if same(other) {
            return Ok(Some(place));
        }
        let wanted = if match_mode < 0 { Ordering::Less } else { Ordering::Greater };
        let ordered = !other.is_blank() && other.as_error().is_none();
        if match_mode == 0 || !ordered || other.compare(value) != wanted {
            continue;
        }
        let closer = nearest.is_none_or(|best| other.compare(&list[best]) == wanted.reverse());
        if closer {
            nearest = Some(place);
        }
    }
    Ok(nearest)
}

/// The first text in some order that a regular expression matches.
fn first_matching(
    args: &Args<'_>,
    pattern: &regex::Pattern,
    list: &[Value],
    order: &mut dyn Iterator<Item = usize>,
) -> Result<Option<usize>, CellError> {
    for place in order {
        if let Some(text) = list[place].as_text()
            && pattern.is_in(args.evaluation, text)?
        {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

/// A value's place in values in ascending order, or descending: without an equal one the next smaller or larger. Among
/// equal values the first of ascending ones, the last of descending ones.
fn bisected(value: &Value, list: &[Value], match_mode: i64, descending: bool) -> Option<usize> {
    if value.is_blank() {
        return list.iter().position(Value::is_blank);
    }
    let counts = |place: &usize| !list[*place].is_blank() && list[*place].as_error().is_none();
    let places: Vec<usize> = (0..list.len()).filter(counts).collect();
    let ends = places.partition_point(|&place| {
        let order = list[place].compare(value);
        if descending { order.is_ge() } else { order.is_lt() }
    });
    let (before, after) = (ends.checked_sub(1).and_then(|place| places.get(place)), places.get(ends));
    let found = if descending { before } else { after };
    match found.filter(|&&place| equal(&list[place], value)) {
        Some(&place) => Some(place),
        None if match_mode == 0 => None,
        None if (match_mode < 0) == descending => after.copied(),
        None => before.copied(),
    }
}

/// The list XLOOKUP searches and the results beside it, and whether they go down.
fn x_lookup_lists(args: &Args<'_>) -> Result<(Arc<Array>, Arc<Array>, bool), CellError> {
    let (list, results) = (vector(args, 1)?, args.array(2)?);
    let down = list.cols() == 1 && (list.rows() > 1 || results.rows() == 1);
    let fits = if down { results.rows() == list.rows() } else { results.cols() == list.cols() };
    if fits { Ok((list, results, down)) } else { Err(wrong("the results must be as long as the range")) }
}

/// The cells of XLOOKUP: of one value, in results that are cells.
fn x_lookup_cells(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<Option<Meaning>, CellError> {
    let Some(results) = arguments.get(2).and_then(|expr| range_of(evaluation, expr).ok()) else { return Ok(None) };
    let list = evaluation.arguments(arguments);
    let args = Args::new(evaluation, &list);
    let value = args.value(0);
    if matches!(value, Value::Array(_)) {
        return Ok(None);
    }
    let (list, _, down) = x_lookup_lists(&args)?;
    match (search(value, &list, &args, 4)?, arguments.get(3)) {
        (Some(place), _) => {
            let grid = Grid::of(evaluation, &results)?;
            let line = place..place + 1;
            let cells = if down { grid.part(line, 0..grid.cols) } else { grid.part(0..grid.rows, line) };
            cells.map(|cells| Some(Meaning::Cells(cells)))
        }
        (None, Some(fallback)) if args.given(3) => evaluation.meaning(fallback).map(Some),
        (None, _) => Err(not_found("the value was not found")),
    }
}

fn x_lookup(args: &Args<'_>) -> Outcome {
    let (list, results, down) = x_lookup_lists(args)?;
    let fallback = |error: CellError| {
        if args.given(3) { Ok(args.value(3).clone()) } else { Err(error) }
    };
    let found = |value: &Value| search(value, &list, args, 4);
    match args.value(0) {
        Value::Array(values) => args.evaluation.array(values.rows(), values.cols(), |row, col| {
            let value = values.get(row, col).unwrap_or(&Value::Blank);
            let result = match found(value) {
                Ok(Some(place)) if down => Ok(results.get(place, 0).cloned().unwrap_or_default()),
                Ok(Some(place)) => Ok(results.get(0, place).cloned().unwrap_or_default()),
                Ok(None) => fallback(not_found("the value was not found")),
                Err(error) => Err(error),
            };
            result.unwrap_or_else(Value::Error)
        }),
        value => match found(value)? {
            Some(place) if down => slice(args, &results, Some(place), None),
            Some(place) => slice(args, &results, None, Some(place)),
            None => fallback(not_found("the value was not found")),
        },
    }
}

fn table_lookup(args: &Args<'_>, down: bool) -> Outcome {
    let (value, table) = (sought(args.value(0))?, args.array(1)?);
    let offset = args.number(2)?.trunc();
    if offset < 1.0 {
        return Err(wrong("columns and rows count from 1"));
    }
    if offset > if down { table.cols() } else { table.rows() } as f64 {
        return Err(CellError::because(ErrorKind::Ref, "the table has not so many columns or rows"));
    }
    let offset = offset as usize - 1;
    let get = |along: usize, across: usize| if down { table.get(along, across) } else { table.get(across, along) };
    let keys = Keys { table: &table, down };
    // A last argument left out between commas is FALSE.
    let approximate =
        args.count() < 4 || args.list().get(3).is_some_and(|arg| arg.passing != Passing::Omitted) && args.bool(3)?;
    let place = if approximate { sorted_place(&value, &keys) } else { exact(&value, &keys) };
    let place = place.ok_or_else(|| not_found("the value was not found"))?;
    Ok(get(place, offset).cloned().unwrap_or_default())
}

fn lookup(args: &Args<'_>) -> Outcome {
    let (value, array) = (sought(args.value(0))?, args.array(1)?);
    let across = array.cols() > array.rows();
    let place = sorted_place(&value, &Keys { table: &array, down: !across })
        .ok_or_else(|| not_found("every value is above the one sought"))?;
    let found = if args.given(2) {
        args.array(2)?.cells().get(place).cloned()
    } else if across {
        array.get(array.rows() - 1, place).cloned()
    } else {
        array.get(place, array.cols() - 1).cloned()
    };
    found.ok_or_else(|| CellError::because(ErrorKind::Ref, "the results are shorter than the range"))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::{Mock, check};

    #[test]
    fn places() {
        check(&[
            ("INDEX({1,2;3,4},2,1)", "3"),
            ("INDEX({1,2;3,4},0,2)", "{2;4}"),
            ("INDEX({1,2;3,4},2,0)", "{3,4}"),
            ("INDEX({5,6,7},2)", "6"),
            ("INDEX({1,2;3,4},3,1)", "#REF!"),
            ("INDEX({1;2;3},{3;1})", "{3;1}"),
            ("MATCH(\"B\",{\"a\",\"b\"},0)", "2"),
            ("MATCH(\"b*\",{\"a\",\"bc\"},0)", "2"),
            ("MATCH(2.5,{1,2,3})", "2"),
            ("MATCH(2,{1,2;3,4},0)", "#N/A"),
            ("MATCH(0,{1,2,3})", "#N/A"),
            ("MATCH(2,{1,2,2,2,3})", "4"),
            // Out of order: where halving leads, as elsewhere.
            ("MATCH(7,{-1000;300;420;680;100;-50;200;90;10;5;1;40})", "6"),
            ("MATCH(7,{3,1.5,4,-2,7,0})", "5"),
            ("LOOKUP(2,1/({1,0,1,1,0}=1),{10,20,30,40,50})", "40"),
            ("MATCH(9,{1,\"a\",5,TRUE,\"b\"})", "3"),
            ("MATCH(2.5,{4,3,2},-1)", "2"),
            ("MATCH(5,{4,3,2},-1)", "#N/A"),
            ("MATCH({3;1},{1,2,3},0)", "{3;1}"),
            ("MATCH(\"1\",{1,2},0)", "#N/A"),
            ("XMATCH(4,{1,3,5},-1)", "2"),
            ("XMATCH(4,{5,1,3},1)", "1"),
            ("XMATCH(1,{1,2,1},0,-1)", "3"),
            ("XMATCH(\"a?\",{\"x\",\"ab\"},2)", "2"),
            ("XMATCH(\"a?\",{\"x\",\"ab\"})", "#N/A"),
            ("XMATCH(\"^[0-9]+$\",{\"x1\",\"12\"},3)", "2"),
            ("XMATCH(\"[0-9]\",{\"x1\",\"12\"},3,-1)", "2"),
            ("XMATCH(\"[0-9]\",{12,\"x\"},3)", "#N/A"),
            ("XMATCH(\"(\",{\"x1\",\"12\"},3)", "#VALUE!"),
            ("XMATCH(\"a\",{\"x1\",\"12\"},3,2)", "#VALUE!"),
            ("XLOOKUP(\"^b\",{\"ab\",\"bc\"},{1,2},,3)", "2"),
        ]);
    }

    #[test]
    fn what_lies_there() {
        let mock = Mock::with_rows(&[
            ["a".into(), 1.0.into(), 10.0.into()],
            ["b".into(), 2.0.into(), 20.0.into()],
            ["c".into(), 3.0.into(), 30.0.into()],
        ]);
        mock.check(&[
            ("XLOOKUP(\"b\",A1:A3,B1:B3)", "2"),
            ("XLOOKUP(\"b\",A1:A3,B1:C3)", "{2,20}"),
            ("XLOOKUP(\"z\",A1:A3,B1:B3,\"none\")", "\"none\""),
            ("XLOOKUP(\"z\",A1:A3,B1:B3)", "#N/A"),
            ("XLOOKUP({\"c\";\"a\"},A1:A3,C1:C3)", "{30;10}"),
            ("XLOOKUP(,A1:A5,ROW(A1:A5),,1,2)", "4"),
            ("XLOOKUP(2.5,B1:B3,C1:C3,,-1)", "20"),
            ("XLOOKUP(2.5,B1:B3,C1:C3,,1)", "30"),
            ("VLOOKUP(\"b\",A1:C3,3,FALSE)", "20"),
            ("VLOOKUP(\"bb\",A1:C3,3)", "20"),
            ("VLOOKUP(\"bb\",A1:C3,3,)", "#N/A"),
            ("VLOOKUP(\"b\",A1:C3,4,FALSE)", "#REF!"),
            ("HLOOKUP(\"a\",{\"a\",\"b\";1,2},2,FALSE)", "1"),
            ("LOOKUP(2.5,B1:B3,C1:C3)", "20"),
            ("LOOKUP(0,B1:B3)", "#N/A"),
            ("CHOOSE(2,1/0,\"x\")", "\"x\""),
            ("CHOOSE({2,1},5,6)", "{6,5}"),
            ("CHOOSE(3,1,2)", "#VALUE!"),
            ("SUM(INDEX(A1:C3,0,3))", "60"),
            ("INDEX(A:A,MATCH(20,C:C,0))", "\"b\""),
        ]);
    }
}
