//! Sums, products and rounding.

use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::format::round_decimal;
use crate::value::{CellError, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare("SUM(number1, [number2], …)", "Adds numbers.", "=SUM(B2:B9)", Body::Whole(sum)),
    declare(
        "ROUND(number, digits)",
        "Rounds to so many decimals, halves away from zero.",
        "=ROUND(2.675,2)",
        Body::Each(round),
    ),
];

fn sum(args: &Args<'_>) -> Outcome {
    Ok(Value::number(args.numbers(0)?.iter().sum()))
}

fn round(args: &Args<'_>) -> Outcome {
    Ok(Value::number(round_decimal(args.number(0)?, digits(args)?)))
}

fn digits(args: &Args<'_>) -> Result<i32, CellError> {
    Ok(args.number(1)?.trunc().clamp(-400.0, 400.0) as i32)
}
