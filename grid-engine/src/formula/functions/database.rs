//! Functions over tables with headings and criteria tables.

use super::aggregate::{mean, population_deviation, population_variance, sample_deviation, sample_variance};
use super::args::wrong;
use super::arithmetic::total;
use super::criteria::Criterion;
use super::lambda::array;
use super::position::range_of;
use super::{Body, Declared, declare};
use crate::formula::ast::{CellAt, Expr, RangeAt};
use crate::formula::eval::{Evaluation, Outcome};
use crate::formula::{Formula, RangeRef};
use crate::refs::CellRef;
use crate::value::{Array, CellError, ErrorKind, Value, compare_texts};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "DSUM(table, field, criteria)",
        "Adds a field of the rows that meet criteria.",
        "=DSUM(A1:D9,\"Qty\",F1:F2)",
        Body::Lazy(|evaluation, arguments| Ok(Value::number(total(numbers(evaluation, arguments)?)))),
    ),
    declare(
        "DCOUNT(table, field, criteria)",
        "Counts numbers of a field in the rows that meet criteria.",
        "=DCOUNT(A1:D9,\"Qty\",F1:F2)",
        Body::Lazy(|evaluation, arguments| {
            Ok(Value::number(
                found(evaluation, arguments)?.into_iter().filter(|value| value.as_number().is_some()).count() as f64,
            ))
        }),
    ),
    declare(
        "DCOUNTA(table, field, criteria)",
        "Counts values of a field in the rows that meet criteria.",
        "=DCOUNTA(A1:D9,\"Item\",F1:F2)",
        Body::Lazy(|evaluation, arguments| {
            Ok(
                Value::number(
                    found(evaluation, arguments)?.into_iter().filter(|value| !value.is_blank()).count() as f64
                ),
            )
        }),
    ),
    declare(
        "DGET(table, field, criteria)",
        "The one value of a field whose row meets criteria.",
        "=DGET(A1:D9,\"Qty\",F1:F2)",
        Body::Lazy(|evaluation, arguments| {
            let mut found = found(evaluation, arguments)?.into_iter();
            match (found.next(), found.next()) {
                (Some(value), None) => Ok(value),
                (None, _) => Err(wrong("no row meets the criteria")),
                _ => Err(CellError::because(ErrorKind::Num, "several rows meet the criteria")),
            }
        }),
    ),
    declare(
        "DPRODUCT(table, field, criteria)",
        "Multiplies a field of the rows that meet criteria.",
        "=DPRODUCT(A1:D9,\"Qty\",F1:F2)",
        Body::Lazy(|evaluation, arguments| {
            let numbers = numbers(evaluation, arguments)?;
            Ok(Value::number(if numbers.is_empty() { 0.0 } else { numbers.iter().product() }))
        }),
    ),
    declare(
        "DMIN(table, field, criteria)",
        "The least of a field in the rows that meet criteria.",
        "=DMIN(A1:D9,\"Qty\",F1:F2)",
        Body::Lazy(|evaluation, arguments| {
            Ok(Value::number(numbers(evaluation, arguments)?.into_iter().reduce(f64::min).unwrap_or(0.0)))
        }),
    ),
    declare(
        "DMAX(table, field, criteria)",
        "The greatest of a field in the rows that meet criteria.",
        "=DMAX(A1:D9,\"Qty\",F1:F2)",
        Body::Lazy(|evaluation, arguments| {
            Ok(Value::number(numbers(evaluation, arguments)?.into_iter().reduce(f64::max).unwrap_or(0.0)))
        }),
    ),
    declare(
        "DAVERAGE(table, field, criteria)",
        "The mean of a field in the rows that meet criteria.",
        "=DAVERAGE(A1:D9,\"Qty\",F1:F2)",
        Body::Lazy(|evaluation, arguments| statistic(evaluation, arguments, mean)),
    ),
    declare(
        "DSTDEV(table, field, criteria)",
        "The sample deviation of a field in the rows that meet criteria.",
        "=DSTDEV(A1:D9,\"Qty\",F1:F2)",
        Body::Lazy(|evaluation, arguments| statistic(evaluation, arguments, sample_deviation)),
    ),
    declare(
        "DSTDEVP(table, field, criteria)",
        "The deviation of a field in the rows that meet criteria.",
        "=DSTDEVP(A1:D9,\"Qty\",F1:F2)",
        Body::Lazy(|evaluation, arguments| statistic(evaluation, arguments, population_deviation)),
    ),
    declare(
        "DVAR(table, field, criteria)",
        "The sample variance of a field in the rows that meet criteria.",
        "=DVAR(A1:D9,\"Qty\",F1:F2)",
        Body::Lazy(|evaluation, arguments| statistic(evaluation, arguments, sample_variance)),
    ),
    declare(
        "DVARP(table, field, criteria)",
        "The variance of a field in the rows that meet criteria.",
        "=DVARP(A1:D9,\"Qty\",F1:F2)",
        Body::Lazy(|evaluation, arguments| statistic(evaluation, arguments, population_variance)),
    ),
];

/// The column a heading or number stands for.
fn field(table: &Array, field: &Value) -> Option<usize> {
    match field {
        Value::Text(_) => named(table, field),
        value => {
            let number = value.to_number().ok()?.trunc();
            (1.0..=table.cols() as f64).contains(&number).then(|| number as usize - 1)
        }
    }
}

/// The column whose heading reads the same.
fn named(table: &Array, name: &Value) -> Option<usize> {
    let name = name.to_text().ok()?;
    let same = |heading: &Value| heading.to_text().is_ok_and(|heading| compare_texts(&heading, &name).is_eq());
    (0..table.cols()).find(|col| heading(table, *col).is_some_and(same))
}

fn heading(table: &Array, col: usize) -> Option<&Value> {
    table.get(0, col).filter(|value| !value.is_blank())
}

/// What a row of criteria asks of a record.
#[derive(Default)]
struct Conditions {
    of_fields: Vec<(usize, Criterion)>,
    /// Formulas under headings that are no fields, about the first record.
    computed: Vec<Formula>,
}

/// The field's values in the rows that meet any row of criteria. Without a field, 1 for each row.
fn found(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<Vec<Value>, CellError> {
    let [table, wanted, conditions] = arguments else { return Err(wrong("a table, a field and criteria are needed")) };
    let (records, criteria) = (array(evaluation, table)?, array(evaluation, conditions)?);
    if criteria.rows() < 2 || records.rows() < 2 {
        return Err(wrong("table and criteria need a heading and at least one row"));
    }
    let wanted = match evaluation.value(wanted) {
        Value::Error(error) => return Err(error),
        _ if *wanted == Expr::Missing => None,
        value => Some(field(&records, &value).ok_or_else(|| wrong("the table has no such field"))?),
    };
    let mut alternatives: Vec<Conditions> = Vec::new();
    for row in 1..criteria.rows() {
        let mut all = Conditions::default();
        let mut possible = true;
        for col in 0..criteria.cols() {
            let condition = criteria.get(row, col).cloned().unwrap_or_default();
            if condition.is_blank() {
                continue;
            }
            match heading(&criteria, col).and_then(|name| named(&records, name)) {
                Some(place) => all.of_fields.push((place, Criterion::read(&opening(&condition)))),
                // A value under no heading of the table is met by no row.
                None => match formula_at(evaluation, conditions, (row, col)) {
                    Some(formula) => all.computed.push(formula),
                    None => possible = false,
                },
            }
        }
        if possible {
            alternatives.push(all);
        }
    }
    if alternatives.iter().any(|all| !all.computed.is_empty()) {
        evaluation.cells.reads_beyond();
    }
    let meets = |row: usize| {
        alternatives.iter().any(|all| {
            let holds = |(col, criterion): &(usize, Criterion)| {
                criterion.holds(records.get(row, *col).unwrap_or(&Value::Blank))
            };
            all.of_fields.iter().all(holds) && all.computed.iter().all(|it| holds_for(evaluation, it, row as u32 - 1))
        })
    };
    let value =
        |row: usize| wanted.map_or(Value::Number(1.0), |col| records.get(row, col).cloned().unwrap_or_default());
    Ok((1..records.rows()).filter(|row| meets(*row)).map(value).collect())
}

/// The formula in a cell of a range.
fn formula_at(evaluation: &Evaluation<'_>, range: &Expr, (row, col): (usize, usize)) -> Option<Formula> {
    let range = range_of(evaluation, range).ok()?;
    let (top, left) = evaluation.corner(&range)?;
    evaluation.cells.formula(evaluation.cells.cell_at(range.sheet, top + row as u32, left + col as u32)?)
}

/// Whether a formula about the first record holds for one so many rows below it.
///
/// Source: Microsoft's page on DSUM, “Create criteria by using a formula”.
fn holds_for(evaluation: &Evaluation<'_>, formula: &Formula, down: u32) -> bool {
    let below = |sheet, row, col| {
        let (row, col) = evaluation.cells.position(CellRef { sheet, row, col })?;
        evaluation.cells.cell_at(sheet, row + down, col)
    };
    let moved = formula.root().map_references(&|expr| match expr {
        Expr::Cell(at) if !at.row_fixed => {
            let cell = below(at.cell.sheet, at.cell.row, at.cell.col);
            Some(cell.map_or(Expr::Error(ErrorKind::Ref), |cell| Expr::Cell(CellAt { cell, ..*at })))
        }
        Expr::Range(at) => {
            let ((first, last), (left, _)) = (at.range.rows?, at.range.cols?);
            let row = |row, fixed: bool| if fixed { Some(row) } else { Some(below(at.range.sheet, row, left)?.row) };
            let rows = row(first, at.rows_fixed.0).zip(row(last, at.rows_fixed.1));
            let range =
                |rows| Expr::Range(RangeAt { range: RangeRef { rows: Some(rows), ..at.range.clone() }, ..at.clone() });
            Some(rows.map_or(Expr::Error(ErrorKind::Ref), range))
        }
        _ => None,
    });
    evaluation.value(&moved).to_bool().unwrap_or(false)
}

/// A plain text asks for what begins with it, unlike elsewhere.
fn opening(condition: &Value) -> Value {
    match condition {
        Value::Text(text) if !text.is_empty() && !text.starts_with(['=', '<', '>']) => {
            let number = crate::value::entry::read_number(text).is_some();
            if number { condition.clone() } else { Value::text(format!("{text}*")) }
        }
        other => other.clone(),
    }
}

fn numbers(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<Vec<f64>, CellError> {
    let mut numbers = Vec::new();
    for value in found(evaluation, arguments)? {
        match value {
            Value::Number(number) => numbers.push(number),
            Value::Error(error) => return Err(error),
            _ => {}
        }
    }
    Ok(numbers)
}

fn statistic(evaluation: &Evaluation<'_>, arguments: &[Expr], f: fn(&[f64]) -> Option<f64>) -> Outcome {
    f(&numbers(evaluation, arguments)?).map(Value::number).ok_or_else(|| CellError::new(ErrorKind::Div0))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::Mock;
    use crate::value::Value;

    #[test]
    fn rows_that_meet_criteria() {
        let mock = Mock::with_rows(&[
            ["Item".into(), "Qty".into(), "Item".into(), "Qty".into()],
            ["apple".into(), 1.0.into(), "ap".into(), ">1".into()],
            ["apricot".into(), 3.0.into(), "pear".into(), Value::Blank],
            ["pear".into(), 5.0.into(), Value::Blank, Value::Blank],
        ]);
        mock.check(&[
            ("DSUM(A1:B4,\"qty\",C1:C2)", "4"),
            ("DSUM(A1:B4,2,C1:D3)", "8"),
            ("DCOUNT(A1:B4,\"Qty\",C1:D2)", "1"),
            ("DCOUNTA(A1:B4,\"Item\",C1:C2)", "2"),
            ("DGET(A1:B4,\"Qty\",C1:D2)", "3"),
            ("DGET(A1:B4,\"Qty\",C1:C2)", "#NUM!"),
            ("DAVERAGE(A1:B4,\"Qty\",C1:C2)", "2"),
            ("DMAX(A1:B4,\"Nope\",C1:C2)", "#VALUE!"),
            ("DVARP(A1:B4,\"Qty\",C1:C2)", "1"),
        ]);
    }
}
