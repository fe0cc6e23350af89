//! References as such: what an expression refers to, where that is, and how large.

use super::args::wrong;
use super::{Body, Declared, declare};
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Meaning, Outcome};
use crate::formula::{Cells, RangeRef};
use crate::refs::{CellRef, SheetId};
use crate::value::{CellError, ErrorKind, Value};
use std::ops::Range;

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "ROW([reference])",
        "The row number of a reference, or of the formula itself.",
        "=ROW(B5)",
        Body::Lazy(|evaluation, arguments| place(evaluation, arguments, true)),
    ),
    declare(
        "COLUMN([reference])",
        "The column number of a reference, or of the formula itself.",
        "=COLUMN(B5)",
        Body::Lazy(|evaluation, arguments| place(evaluation, arguments, false)),
    ),
    declare(
        "ROWS(array)",
        "The number of rows.",
        "=ROWS(B2:D9)",
        Body::Lazy(|evaluation, arguments| extent(evaluation, arguments, true)),
    ),
    declare(
        "COLUMNS(array)",
        "The number of columns.",
        "=COLUMNS(B2:D9)",
        Body::Lazy(|evaluation, arguments| extent(evaluation, arguments, false)),
    ),
    declare(
        "ISREF(value)",
        "Whether the argument is a reference.",
        "=ISREF(B2)",
        Body::Lazy(|evaluation, arguments| {
            let measure = matches!(arguments.first(), Some(Expr::Measure(_)));
            Ok((measure || arguments.first().is_some_and(|expr| range_of(evaluation, expr).is_ok())).into())
        }),
    ),
    declare(
        "AREAS(reference)",
        "The number of areas of a reference.",
        "=AREAS(B2:D9)",
        Body::Lazy(|evaluation, arguments| match evaluation.meaning(arguments.first().ok_or_else(no_reference)?)? {
            Meaning::Cells(_) => Ok(Value::Number(1.0)),
            Meaning::Areas(areas) => Ok(Value::Number(areas.len() as f64)),
            _ => Err(no_reference()),
        }),
    ),
];

pub(super) fn no_reference() -> CellError {
    wrong("a reference to cells is needed")
}

/// The cells an expression refers to, one rectangle.
pub(in crate::formula) fn range_of(evaluation: &Evaluation<'_>, expr: &Expr) -> Result<RangeRef, CellError> {
    match expr {
        Expr::Cell(_) | Expr::Range(_) => cells_of(evaluation, expr),
        // Its value need not be known to tell that it is none.
        Expr::Call(function, _) if !function.gives_references() => Err(no_reference()),
        Expr::Chain(..) | Expr::Percent(..) | Expr::Prefix(..) | Expr::Measure(_) => Err(no_reference()),
        _ => match evaluation.meaning(expr)? {
            Meaning::Cells(range) => Ok(range),
            Meaning::Areas(areas) if areas.len() == 1 => Ok(areas[0].clone()),
            Meaning::Each(references) => references.at(0, 0),
            _ => Err(no_reference()),
        },
    }
}

/// The cells of a reference written with positions and operators.
pub(in crate::formula) fn cells_of(evaluation: &Evaluation<'_>, expr: &Expr) -> Result<RangeRef, CellError> {
    match expr {
        Expr::Cell(at) => Ok(single(at.cell)),
        Expr::Range(at) => Ok(at.range.clone()),
        Expr::Span(first, last) => span(evaluation, first, last),
        Expr::Spilled(anchor) => spilled(evaluation, anchor),
        Expr::Meet(parts) => meet(evaluation, parts),
        _ => Err(no_reference()),
    }
}

/// The values of the cells an expression refers to.
pub(in crate::formula) fn referenced(evaluation: &Evaluation<'_>, expr: &Expr) -> Outcome {
    read(evaluation, &range_of(evaluation, expr)?)
}

/// First and last place on an axis; `None` for all of it.
pub(super) type Axis = Option<(i64, i64)>;

/// Where a range lies: rows and columns.
pub(super) fn axes(evaluation: &Evaluation<'_>, range: &RangeRef) -> Result<(Axis, Axis), CellError> {
    let (top, left) = corner(evaluation, range)?;
    let size = || evaluation.cells.range(range);
    let sorted = |a: u32, b: u32| (i64::from(a.min(b)), i64::from(a.max(b)));
    let origin = evaluation.cells.cell_at(range.sheet, 0, 0);
    let place = |row, col| evaluation.cells.position(CellRef { sheet: range.sheet, row, col });
    let rows = match (range.rows, range.cols.map(|cols| cols.0).or(origin.map(|cell| cell.col))) {
        (Some((a, b)), Some(col)) => Some(match (place(a, col), place(b, col)) {
            (Some(a), Some(b)) => sorted(a.0, b.0),
            _ => (top, top + size()?.rows() as i64 - 1),
        }),
        _ => None,
    };
    let cols = match (range.cols, range.rows.map(|rows| rows.0).or(origin.map(|cell| cell.row))) {
        (Some((a, b)), Some(row)) => Some(match (place(row, a), place(row, b)) {
            (Some(a), Some(b)) => sorted(a.1, b.1),
            _ => (left, left + size()?.cols() as i64 - 1),
        }),
        _ => None,
    };
    Ok((rows, cols))
}

/// The range of these places; `#REF!` off the sheet.
pub(super) fn range_at(
    evaluation: &Evaluation<'_>,
    sheet: SheetId,
    rows: Axis,
    cols: Axis,
) -> Result<RangeRef, CellError> {
    let (top, bottom) = rows.unwrap_or((0, 0));
    let (left, right) = cols.unwrap_or((0, 0));
    let found = rectangle(evaluation.cells, sheet, (top, left), (bottom, right))?;
    Ok(RangeRef { sheet, rows: found.rows.filter(|_| rows.is_some()), cols: found.cols.filter(|_| cols.is_some()) })
}

/// The smallest rectangle that holds two references.
fn span(evaluation: &Evaluation<'_>, first: &Expr, last: &Expr) -> Result<RangeRef, CellError> {
    let (first, last) = (range_of(evaluation, first)?, range_of(evaluation, last)?);
    if first.sheet != last.sheet {
        return Err(wrong("a range lies on one sheet"));
    }
    let (a, b) = (axes(evaluation, &first)?, axes(evaluation, &last)?);
    let around = |a: Axis, b: Axis| Some((a?.0.min(b?.0), a?.1.max(b?.1)));
    range_at(evaluation, first.sheet, around(a.0, b.0), around(a.1, b.1))
}

/// The cells all references have in common; `#NULL!` where there are none.
fn meet(evaluation: &Evaluation<'_>, parts: &[Expr]) -> Result<RangeRef, CellError> {
    let none = || CellError::because(ErrorKind::Null, "the ranges have no cell in common");
    let mut met: Option<(SheetId, Axis, Axis)> = None;
    for part in parts {
        let range = range_of(evaluation, part)?;
        let (rows, cols) = axes(evaluation, &range)?;
        met = Some(match met {
            None => (range.sheet, rows, cols),
            Some((sheet, ..)) if sheet != range.sheet => return Err(none()),
            Some((sheet, r, c)) => (sheet, common(r, rows).ok_or_else(none)?, common(c, cols).ok_or_else(none)?),
        });
    }
    let (sheet, rows, cols) = met.ok_or_else(none)?;
    range_at(evaluation, sheet, rows, cols)
}

/// What two stretches have in common, if anything.
fn common(a: Axis, b: Axis) -> Option<Axis> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let both = (a.0.max(b.0), a.1.min(b.1));
            (both.0 <= both.1).then_some(Some(both))
        }
        (one, other) => Some(one.or(other)),
    }
}

/// The array that spilled from a cell.
fn spilled(evaluation: &Evaluation<'_>, anchor: &Expr) -> Result<RangeRef, CellError> {
    let range = range_of(evaluation, anchor)?;
    let (Some((row, _)), Some((col, _))) = (range.rows, range.cols) else { return Err(no_reference()) };
    let cell = CellRef { sheet: range.sheet, row, col };
    // Its value must be known first, for it decides where the array ends.
    if let Value::Error(error) = evaluation.cells.value(cell) {
        return Err(error);
    }
    let alone = || evaluation.cells.has_formula(cell).then(|| single(cell));
    let nothing = || CellError::because(ErrorKind::Ref, "no array spills from this cell");
    evaluation.cells.spilled(cell).or_else(alone).ok_or_else(nothing)
}

/// The places of a range, whose cells are found one by one.
pub(super) struct Grid<'a> {
    evaluation: &'a Evaluation<'a>,
    sheet: SheetId,
    top: i64,
    left: i64,
    pub rows: usize,
    pub cols: usize,
}

impl<'a> Grid<'a> {
    pub(super) fn of(evaluation: &'a Evaluation<'a>, range: &RangeRef) -> Result<Self, CellError> {
        let (top, left) = corner(evaluation, range)?;
        let (rows, cols) = match axes(evaluation, range)? {
            (Some(rows), Some(cols)) => ((rows.1 - rows.0 + 1) as usize, (cols.1 - cols.0 + 1) as usize),
            _ => {
                let all = evaluation.cells.range(range)?;
                (all.rows(), all.cols())
            }
        };
        Ok(Self { evaluation, sheet: range.sheet, top, left, rows, cols })
    }

    /// The cells of these rows and columns, of which there is at least one each.
    pub(super) fn part(&self, rows: Range<usize>, cols: Range<usize>) -> Result<RangeRef, CellError> {
        let at = |row: usize, col: usize| (self.top + row as i64, self.left + col as i64);
        let last = at(rows.end.saturating_sub(1), cols.end.saturating_sub(1));
        rectangle(self.evaluation.cells, self.sheet, at(rows.start, cols.start), last)
    }
}

fn single(cell: CellRef) -> RangeRef {
    RangeRef { sheet: cell.sheet, rows: Some((cell.row, cell.row)), cols: Some((cell.col, cell.col)) }
}

/// The values of a range; of one cell its value.
pub(in crate::formula) fn values(evaluation: &Evaluation<'_>, range: &RangeRef) -> Outcome {
    match (range.rows, range.cols) {
        (Some((r1, r2)), Some((c1, c2))) if r1 == r2 && c1 == c2 => {
            Ok(evaluation.cells.value(CellRef { sheet: range.sheet, row: r1, col: c1 }))
        }
        _ => evaluation.cells.range(range).map(Value::Array),
    }
}

/// The same of a range that was computed, which may be another each time.
pub(in crate::formula) fn read(evaluation: &Evaluation<'_>, range: &RangeRef) -> Outcome {
    let value = values(evaluation, range)?;
    if let Value::Array(array) = &value {
        evaluation.spend(array.cells().len())?;
    }
    Ok(value)
}

/// The rectangle of a sheet from one zero-based position to another; `#REF!` off the sheet.
pub(super) fn rectangle(
    cells: &dyn Cells,
    sheet: SheetId,
    from: (i64, i64),
    to: (i64, i64),
) -> Result<RangeRef, CellError> {
    let at = |(row, col): (i64, i64)| cells.cell_at(sheet, u32::try_from(row).ok()?, u32::try_from(col).ok()?);
    match (at(from), at(to)) {
        (Some(a), Some(b)) => Ok(RangeRef { sheet, rows: Some((a.row, b.row)), cols: Some((a.col, b.col)) }),
        _ => Err(CellError::because(ErrorKind::Ref, "the reference leaves the sheet")),
    }
}

pub(super) fn corner(evaluation: &Evaluation<'_>, range: &RangeRef) -> Result<(i64, i64), CellError> {
    evaluation
        .corner(range)
        .map(|(row, col)| (i64::from(row), i64::from(col)))
        .ok_or_else(|| CellError::new(ErrorKind::Ref))
}

fn place(evaluation: &Evaluation<'_>, arguments: &[Expr], rows: bool) -> Outcome {
    let pick = |(row, col): (u32, u32)| if rows { row } else { col };
    let own = || evaluation.cells.position(evaluation.at).map(pick).ok_or_else(|| CellError::new(ErrorKind::Ref));
    let range = match arguments.first() {
        None | Some(Expr::Missing) => return Ok(Value::Number(f64::from(own()?) + 1.0)),
        Some(Expr::Measure(reference)) if reference.sheet.is_none() && reference.own_row => {
            return Ok(Value::Number(f64::from(own()?) + 1.0));
        }
        Some(expr) => range_of(evaluation, expr)?,
    };
    let first = f64::from(evaluation.corner(&range).map(pick).ok_or_else(|| CellError::new(ErrorKind::Ref))?) + 1.0;
    // A whole column begins in row 1; a rectangle gives each of its rows.
    let whole = if rows { range.rows.is_none() } else { range.cols.is_none() };
    if whole {
        return Ok(Value::Number(1.0));
    }
    // Only the places are read, never the values: a cell may ask for its own row.
    let (down, across) = axes(evaluation, &range)?;
    let count = if rows { down } else { across }.map_or(1, |(first, last)| (last - first + 1) as usize);
    match count {
        1 => Ok(Value::Number(first)),
        count if rows => evaluation.array(count, 1, |row, _| Value::Number(first + row as f64)),
        count => evaluation.array(1, count, |_, col| Value::Number(first + col as f64)),
    }
}

fn extent(evaluation: &Evaluation<'_>, arguments: &[Expr], rows: bool) -> Outcome {
    let Some(expr) = arguments.first() else { return Err(wrong("an array is needed")) };
    let meaning = evaluation.meaning(expr)?;
    // A whole column has as many rows as in Excel, whatever the sheet holds.
    match &meaning {
        Meaning::Cells(range) if rows && range.rows.is_none() => return Ok(Value::Number(1_048_576.0)),
        Meaning::Cells(range) if !rows && range.cols.is_none() => return Ok(Value::Number(16_384.0)),
        // Where cells are is all that counts: what they hold may follow from this very formula.
        Meaning::Cells(range) => {
            let (down, across) = axes(evaluation, range)?;
            if let Some((first, last)) = if rows { down } else { across } {
                return Ok(Value::Number((last - first + 1) as f64));
            }
        }
        _ => {}
    }
    let size = match evaluation.value_of(meaning)? {
        Value::Array(array) if rows => array.rows(),
        Value::Array(array) => array.cols(),
        Value::Error(error) => return Err(error),
        _ => 1,
    };
    Ok(Value::Number(size as f64))
}

/// A number argument; nothing when it is left out.
pub(super) fn number(evaluation: &Evaluation<'_>, arguments: &[Expr], index: usize) -> Result<Option<i64>, CellError> {
    match arguments.get(index) {
        None | Some(Expr::Missing) => Ok(None),
        Some(expr) => Ok(Some(evaluation.value(expr).to_number()?.trunc() as i64)),
    }
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::Mock;

    #[test]
    fn where_references_are() {
        let mut mock =
            Mock::with_rows(&[[1.0.into(), 2.0.into()], [3.0.into(), 4.0.into()], ["B1".into(), 6.0.into()]]);
        mock.names.insert("area".into(), "=[r:sheet1:r1:r2:c1:c2:----]".into());
        mock.check(&[
            ("ROW(B5)", "5"),
            ("ROW(A:A)", "1"),
            ("ROW(A2:A4)", "{2;3;4}"),
            ("COLUMN(C1:D1)", "{3,4}"),
            ("ROW()", "60"),
            ("COLUMN()", "64"),
            ("ROWS(A1:B3)", "3"),
            ("COLUMNS({1,2;3,4})", "2"),
            ("ROWS(area)", "2"),
            ("ISREF(A1)", "TRUE"),
            ("ISREF(1)", "FALSE"),
        ]);
    }
}
