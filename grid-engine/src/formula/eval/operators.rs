//! The operators, on single values and elementwise on arrays.

use std::cmp::Ordering;

use super::broadcast::element;
use super::{Evaluation, Outcome};
use crate::formula::ast::Operator;
use crate::formula::functions::limited;
use crate::value::{CellError, ErrorKind, Value};

/// `left operator right`.
pub fn apply(evaluation: &Evaluation<'_>, operator: Operator, left: &Value, right: &Value) -> Value {
    let (rows, cols) = match (left, right) {
        (Value::Array(a), Value::Array(b)) => (a.rows().max(b.rows()), a.cols().max(b.cols())),
        (Value::Array(a), _) | (_, Value::Array(a)) => (a.rows(), a.cols()),
        _ => return single(evaluation, operator, left, right).unwrap_or_else(Value::Error),
    };
    let pick = |value: &Value, row, col| match value {
        Value::Array(array) => element(array, row, col),
        value => value.clone(),
    };
    evaluation
        .array(rows, cols, |row, col| {
            let value = single(evaluation, operator, &pick(left, row, col), &pick(right, row, col));
            // An array of long texts takes far more memory than one of numbers.
            let paid = value.and_then(|value| {
                evaluation.spend(value.as_text().map_or(0, str::len))?;
                Ok(value)
            });
            paid.unwrap_or_else(Value::Error)
        })
        .unwrap_or_else(Value::Error)
}

/// `-value`.
pub fn negate(evaluation: &Evaluation<'_>, value: &Value) -> Outcome {
    each(evaluation, value, |number| -number)
}

/// `value%`.
pub fn percent(evaluation: &Evaluation<'_>, value: &Value) -> Outcome {
    each(evaluation, value, |number| number / 100.0)
}

fn each(evaluation: &Evaluation<'_>, value: &Value, f: impl Fn(f64) -> f64) -> Outcome {
    match value {
        Value::Array(array) => evaluation.array(array.rows(), array.cols(), |row, col| {
            let value = array.get(row, col).unwrap_or(&Value::Blank);
            evaluation.number(value).map_or_else(Value::Error, |number| Value::number(f(number)))
        }),
        value => Ok(Value::number(f(evaluation.number(value)?))),
    }
}

fn single(evaluation: &Evaluation<'_>, operator: Operator, left: &Value, right: &Value) -> Outcome {
    if let (Value::Number(a), Value::Number(b)) = (left, right)
        && operator != Operator::Join
    {
        return numbers(operator, *a, *b);
    }
    if let Some(error) = left.as_error().or(right.as_error()) {
        return Err(error.clone());
    }
    let order = |test: fn(Ordering) -> bool| Ok(Value::Bool(test(left.compare(right))));
    match operator {
        Operator::Equal => order(Ordering::is_eq),
        Operator::Unequal => order(Ordering::is_ne),
        Operator::Less => order(Ordering::is_lt),
        Operator::LessOrEqual => order(Ordering::is_le),
        Operator::Greater => order(Ordering::is_gt),
        Operator::GreaterOrEqual => order(Ordering::is_ge),
        Operator::Join => limited(format!("{}{}", left.to_text()?, right.to_text()?)),
        _ => numbers(operator, evaluation.number(left)?, evaluation.number(right)?),
    }
}

fn numbers(operator: Operator, a: f64, b: f64) -> Outcome {
    let order = || crate::value::compare_numbers(a, b);
    let number = match operator {
        Operator::Add => cancelled(a + b, a, b),
        Operator::Subtract => cancelled(a - b, a, b),
        Operator::Multiply => a * b,
        Operator::Divide if b == 0.0 => return Err(CellError::new(ErrorKind::Div0)),
        Operator::Divide => a / b,
        Operator::Power => return power(a, b),
        Operator::Equal => return Ok(order().is_eq().into()),
        Operator::Unequal => return Ok(order().is_ne().into()),
        Operator::Less => return Ok(order().is_lt().into()),
        Operator::LessOrEqual => return Ok(order().is_le().into()),
        Operator::Greater => return Ok(order().is_gt().into()),
        Operator::GreaterOrEqual => return Ok(order().is_ge().into()),
        Operator::Join => return Ok(Value::text(format!("{a}{b}"))),
    };
    Ok(Value::number(number))
}

/// What is left of two numbers that cancel to 15 digits is binary noise: 0, as in Excel.
fn cancelled(result: f64, a: f64, b: f64) -> f64 {
    if result.abs() <= a.abs().max(b.abs()) * 4.0 * f64::EPSILON { 0.0 } else { result }
}

/// `a ^ b`: `0^0` and roots of negative numbers are `#NUM!`, `0^-1` is `#DIV/0!`.
pub fn power(a: f64, b: f64) -> Outcome {
    if a == 0.0 && b == 0.0 {
        return Err(CellError::new(ErrorKind::Num));
    }
    if a == 0.0 && b < 0.0 {
        return Err(CellError::new(ErrorKind::Div0));
    }
    Ok(Value::number(a.powf(b)))
}
