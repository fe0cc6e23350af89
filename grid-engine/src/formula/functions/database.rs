//! Functions over tables with headings and criteria tables.

use super::aggregate::{mean, population_deviation, population_variance, sample_deviation, sample_variance};
use super::args::wrong;
use super::arithmetic::total;
use super::criteria::Criterion;
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{Array, CellError, ErrorKind, Value, compare_texts};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "DSUM(table, field, criteria)",
        "Adds a field of the rows that meet criteria.",
        "=DSUM(A1:D9,\"Qty\",F1:F2)",
        Body::Whole(|args| Ok(Value::number(total(numbers(args)?)))),
    ),
    declare(
        "DCOUNT(table, field, criteria)",
        "Counts numbers of a field in the rows that meet criteria.",
        "=DCOUNT(A1:D9,\"Qty\",F1:F2)",
        Body::Whole(|args| {
            Ok(Value::number(found(args)?.into_iter().filter(|value| value.as_number().is_some()).count() as f64))
        }),
    ),
    declare(
        "DCOUNTA(table, field, criteria)",
        "Counts values of a field in the rows that meet criteria.",
        "=DCOUNTA(A1:D9,\"Item\",F1:F2)",
        Body::Whole(|args| {
            Ok(Value::number(found(args)?.into_iter().filter(|value| !value.is_blank()).count() as f64))
        }),
    ),
    declare(
        "DGET(table, field, criteria)",
        "The one value of a field whose row meets criteria.",
        "=DGET(A1:D9,\"Qty\",F1:F2)",
        Body::Whole(|args| {
            let mut found = found(args)?.into_iter();
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
        Body::Whole(|args| {
            let numbers = numbers(args)?;
            Ok(Value::number(if numbers.is_empty() { 0.0 } else { numbers.iter().product() }))
        }),
    ),
    declare(
        "DMIN(table, field, criteria)",
        "The least of a field in the rows that meet criteria.",
        "=DMIN(A1:D9,\"Qty\",F1:F2)",
        Body::Whole(|args| Ok(Value::number(numbers(args)?.into_iter().reduce(f64::min).unwrap_or(0.0)))),
    ),
    declare(
        "DMAX(table, field, criteria)",
        "The greatest of a field in the rows that meet criteria.",
        "=DMAX(A1:D9,\"Qty\",F1:F2)",
        Body::Whole(|args| Ok(Value::number(numbers(args)?.into_iter().reduce(f64::max).unwrap_or(0.0)))),
    ),
    declare(
        "DAVERAGE(table, field, criteria)",
        "The mean of a field in the rows that meet criteria.",
        "=DAVERAGE(A1:D9,\"Qty\",F1:F2)",
        Body::Whole(|args| statistic(args, mean)),
    ),
    declare(
        "DSTDEV(table, field, criteria)",
        "The sample deviation of a field in the rows that meet criteria.",
        "=DSTDEV(A1:D9,\"Qty\",F1:F2)",
        Body::Whole(|args| statistic(args, sample_deviation)),
    ),
    declare(
        "DSTDEVP(table, field, criteria)",
        "The deviation of a field in the rows that meet criteria.",
        "=DSTDEVP(A1:D9,\"Qty\",F1:F2)",
        Body::Whole(|args| statistic(args, population_deviation)),
    ),
    declare(
        "DVAR(table, field, criteria)",
        "The sample variance of a field in the rows that meet criteria.",
        "=DVAR(A1:D9,\"Qty\",F1:F2)",
        Body::Whole(|args| statistic(args, sample_variance)),
    ),
    declare(
        "DVARP(table, field, criteria)",
        "The variance of a field in the rows that meet criteria.",
        "=DVARP(A1:D9,\"Qty\",F1:F2)",
        Body::Whole(|args| statistic(args, population_variance)),
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

/// The field's values in the rows that meet any row of criteria. Without a field, 1 for each row.
fn found(args: &Args<'_>) -> Result<Vec<Value>, CellError> {
    let (table, criteria) = (args.array(0)?, args.array(2)?);
    if criteria.rows() < 2 || table.rows() < 2 {
        return Err(wrong("table and criteria need a heading and at least one row"));
    }
    let wanted = match args.value(1) {
        Value::Error(error) => return Err(error.clone()),
        Value::Blank if !args.given(1) => None,
        value => Some(field(&table, value).ok_or_else(|| wrong("the table has no such field"))?),
    };
    let mut alternatives: Vec<Vec<(usize, Criterion)>> = Vec::new();
    for row in 1..criteria.rows() {
        let mut all = Vec::new();
        let mut possible = true;
        for col in 0..criteria.cols() {
            let condition = criteria.get(row, col).cloned().unwrap_or_default();
            if condition.is_blank() {
                continue;
            }
            // A condition under no heading of the table is met by no row.
            match heading(&criteria, col).and_then(|name| named(&table, name)) {
                Some(place) => all.push((place, Criterion::read(&opening(&condition)))),
                None => possible = false,
            }
        }
        if possible {
            alternatives.push(all);
        }
    }
    let meets = |row: usize| {
        alternatives.iter().any(|all| {
            all.iter().all(|(col, criterion)| criterion.holds(table.get(row, *col).unwrap_or(&Value::Blank)))
        })
    };
    let value = |row: usize| wanted.map_or(Value::Number(1.0), |col| table.get(row, col).cloned().unwrap_or_default());
    Ok((1..table.rows()).filter(|row| meets(*row)).map(value).collect())
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

fn numbers(args: &Args<'_>) -> Result<Vec<f64>, CellError> {
    let mut numbers = Vec::new();
    for value in found(args)? {
        match value {
            Value::Number(number) => numbers.push(number),
            Value::Error(error) => return Err(error),
            _ => {}
        }
    }
    Ok(numbers)
}

fn statistic(args: &Args<'_>, f: fn(&[f64]) -> Option<f64>) -> Outcome {
    f(&numbers(args)?).map(Value::number).ok_or_else(|| CellError::new(ErrorKind::Div0))
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
