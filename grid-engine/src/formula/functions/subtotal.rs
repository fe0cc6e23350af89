//! Totals that leave out other totals, and errors if asked.

use super::args::wrong;
use super::position::{no_reference, range_of};
use super::{Arg, Args, Body, Declared, Passing, declare, find};
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Meaning, Outcome};
use crate::formula::{Hidden, RangeRef};
use crate::value::{Array, CellError, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "SUBTOTAL(kind, range1, [range2], …)",
        "A total without other subtotals: 1 AVERAGE, 2 COUNT, 3 COUNTA, 4 MAX, 5 MIN, 6 PRODUCT, 7 and 8 STDEV, 9 SUM, \
         10 and 11 VAR; 101 to 111 the same without rows that a workbook file hides.",
        "=SUBTOTAL(9,B2:B9)",
        Body::Lazy(subtotal),
    ),
    declare(
        "AGGREGATE(kind, options, range1, [range2], …)",
        "A total by kind (1 to 11 as in SUBTOTAL, 12 MEDIAN, 13 MODE, 14 LARGE, 15 SMALL, 16 to 19 percentiles and \
         quartiles); options 2, 3, 6 and 7 leave out errors, 1, 3, 5 and 7 rows that a workbook file hides.",
        "=AGGREGATE(9,6,B2:B9)",
        Body::Lazy(aggregate),
    ),
];

/// What a kind from 1 on stands for.
const KINDS: [&str; 19] = [
    "AVERAGE",
    "COUNT",
    "COUNTA",
    "MAX",
    "MIN",
    "PRODUCT",
    "STDEV.S",
    "STDEV.P",
    "SUM",
    "VAR.S",
    "VAR.P",
    "MEDIAN",
    "MODE.SNGL",
    "LARGE",
    "SMALL",
    "PERCENTILE.INC",
    "QUARTILE.INC",
    "PERCENTILE.EXC",
    "QUARTILE.EXC",
];

/// Kinds that take a rank or share after the range.
const FIRST_WITH_RANK: usize = 14;

/// What a total leaves out of a range.
#[derive(Clone, Copy)]
struct Without {
    totals: bool,
    /// Rows hidden by hand, and by a filter.
    hidden: [bool; 2],
}

/// The number of a kind, from 1 on.
fn kind(number: f64, most: usize) -> Result<usize, CellError> {
    if !(1.0..=most as f64).contains(&number) {
        return Err(wrong("there is no such kind of total"));
    }
    Ok(number as usize)
}

fn whole(evaluation: &Evaluation<'_>, expr: Option<&Expr>) -> Result<f64, CellError> {
    Ok(evaluation.value(expr.unwrap_or(&Expr::Missing)).to_number()?.trunc())
}

fn subtotal(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let number = whole(evaluation, arguments.first())?;
    let shown_only = number > 100.0;
    let kind = kind(if shown_only { number - 100.0 } else { number }, 11)?;
    // What a filter hides is never part of it.
    let without = Without { totals: true, hidden: [shown_only, true] };
    let given = arguments.iter().skip(1).map(|expr| evaluation.meaning(expr)).collect::<Result<Vec<_>, _>>()?;
    evaluation.each_place(&given, |place| {
        let mut list = Vec::new();
        for meaning in place {
            let areas = match meaning {
                Meaning::Cells(range) => std::slice::from_ref(range),
                Meaning::Areas(areas) => areas,
                _ => return Err(no_reference()),
            };
            for range in areas {
                list.push(reference(rest(evaluation, range, without)?));
            }
        }
        call(evaluation, kind, &list)
    })
}

fn aggregate(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let kind = kind(whole(evaluation, arguments.first())?, 19)?;
    let options = whole(evaluation, arguments.get(1))?;
    if !(0.0..=7.0).contains(&options) {
        return Err(wrong("the options go from 0 to 7"));
    }
    let (no_errors, shown_only) = ([2.0, 3.0, 6.0, 7.0].contains(&options), options % 2.0 == 1.0);
    let without = Without { totals: options < 4.0, hidden: [shown_only; 2] };
    let ranges = if kind >= FIRST_WITH_RANK { arguments.get(2..3) } else { arguments.get(2..) }.unwrap_or_default();
    let mut list = Vec::new();
    for expr in ranges {
        let mut cells = match range_of(evaluation, expr) {
            Ok(range) if without.totals || shown_only => rest(evaluation, &range, without)?,
            _ => match evaluation.value(expr) {
                Value::Array(array) => array.cells().to_vec(),
                single => vec![single],
            },
        };
        if no_errors {
            cells.retain(|value| value.as_error().is_none());
        }
        list.push(reference(cells));
    }
    if kind >= FIRST_WITH_RANK {
        let rank = evaluation.value(arguments.get(3).ok_or_else(|| wrong("this kind needs a rank or share"))?);
        list.push(Arg { value: rank, passing: Passing::Direct, beyond: 0 });
    }
    call(evaluation, kind, &list)
}

/// The values of a range, blank where a cell is left out.
fn rest(evaluation: &Evaluation<'_>, range: &RangeRef, without: Without) -> Result<Vec<Value>, CellError> {
    let array = evaluation.cells.range(range)?;
    evaluation.spend(array.cells().len())?;
    let corner = evaluation.corner(range);
    let is_left_out = |place: usize, value: &Value| {
        let Some((row, col)) = corner.filter(|_| !value.is_blank()) else { return false };
        let at = (row + (place / array.cols()) as u32, col + (place % array.cols()) as u32);
        let Some(cell) = evaluation.cells.cell_at(range.sheet, at.0, at.1) else { return false };
        let is_result = matches!(value, Value::Number(_) | Value::Error(_));
        let is_hidden = match evaluation.cells.hidden(cell) {
            Some(Hidden::ByHand) => without.hidden[0],
            Some(Hidden::ByFilter) => without.hidden[1],
            None => false,
        };
        is_hidden || (without.totals && is_result && evaluation.cells.is_total(cell))
    };
    let keep = |(place, value): (usize, &Value)| {
        if is_left_out(place, value) { Value::Blank } else { value.clone() }
    };
    Ok(array.cells().iter().enumerate().map(keep).collect())
}

fn reference(cells: Vec<Value>) -> Arg {
    let value = Array::column(cells).map_or(Value::Blank, |array| Value::Array(array.into()));
    Arg { value, passing: Passing::Reference, beyond: 0 }
}

fn call(evaluation: &Evaluation<'_>, kind: usize, list: &[Arg]) -> Outcome {
    let name = KINDS.get(kind - 1).copied().unwrap_or_default();
    match find(name).map(|function| function.body) {
        Some(Body::Whole(body) | Body::Each(body) | Body::Lifted(_, body)) => body(&Args::new(evaluation, list)),
        _ => Err(wrong("there is no such kind of total")),
    }
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::Mock;
    use crate::value::ErrorKind;

    #[test]
    fn totals() {
        let mock = Mock::with_rows(&[
            [1.0.into(), ErrorKind::Div0.into()],
            [2.0.into(), 5.0.into()],
            ["x".into(), 7.0.into()],
        ]);
        mock.check(&[
            ("SUBTOTAL(9,A1:A3)", "3"),
            ("SUBTOTAL(103,A1:A3)", "3"),
            ("SUBTOTAL(2,A1:A3,B2:B3)", "4"),
            ("SUBTOTAL(12,A1:A3)", "#VALUE!"),
            ("SUBTOTAL(9,B1:B3)", "#DIV/0!"),
            ("AGGREGATE(9,6,B1:B3)", "12"),
            ("AGGREGATE(14,6,B1:B3,2)", "5"),
            ("AGGREGATE(4,4,A1:A2)", "2"),
            ("AGGREGATE(14,6,A1:A2/(A1:A2>1),1)", "2"),
        ]);
    }
}
