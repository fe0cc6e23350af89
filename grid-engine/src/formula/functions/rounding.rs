//! Rounding, to decimals and to multiples.

use super::args::out_of_range;
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::format::round_decimal;
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "ROUND(number, digits)",
        "Rounds to so many decimals, halves away from zero.",
        "=ROUND(2.675,2)",
        Body::Each(|args| Ok(Value::number(round_decimal(args.number(0)?, digits(args)?)))),
    ),
    declare(
        "ROUNDUP(number, digits)",
        "Rounds to so many decimals, away from zero.",
        "=ROUNDUP(2.1,0)",
        Body::Each(|args| directed(args, true)),
    ),
    declare(
        "ROUNDDOWN(number, digits)",
        "Rounds to so many decimals, towards zero.",
        "=ROUNDDOWN(2.9,0)",
        Body::Each(|args| directed(args, false)),
    ),
    declare(
        "TRUNC(number, [digits])",
        "Cuts a number off after so many decimals.",
        "=TRUNC(2.9)",
        Body::Each(|args| directed(args, false)),
    ),
    declare(
        "INT(number)",
        "The whole number at or below.",
        "=INT(-2.5)",
        Body::Each(|args| Ok(Value::number(args.number(0)?.floor()))),
    ),
];

/// Those fewer workbooks use.
pub(super) const FURTHER: &[Declared] =
    &[
        declare(
            "MROUND(number, multiple)",
            "The nearest multiple, say of a lot size.",
            "=MROUND(1230,50)",
            Body::Each(nearest_multiple),
        ),
        declare(
            "CEILING(number, multiple)",
            "The next multiple away from zero, say of a lot size.",
            "=CEILING(1230,50)",
            Body::Each(ceiling),
        ),
        declare("FLOOR(number, multiple)", "The next multiple towards zero.", "=FLOOR(1230,50)", Body::Each(floor)),
        declare(
            "CEILING.MATH(number, [multiple], [mode])",
            "The next multiple up; a mode other than 0 rounds negative numbers away from zero.",
            "=CEILING.MATH(1230,50)",
            Body::Each(|args| {
                let multiple = args.number_or(1, 1.0)?.abs();
                let away = args.number_or(2, 0.0)? != 0.0;
                Ok(multiple_of(args.number(0)?, multiple, |ratio| {
                    if away && ratio < 0.0 { ratio.floor() } else { ratio.ceil() }
                }))
            }),
        ),
        declare(
            "FLOOR.MATH(number, [multiple], [mode])",
            "The next multiple down; a mode other than 0 rounds negative numbers towards zero.",
            "=FLOOR.MATH(1230,50)",
            Body::Each(|args| {
                let multiple = args.number_or(1, 1.0)?.abs();
                let towards = args.number_or(2, 0.0)? != 0.0;
                Ok(multiple_of(args.number(0)?, multiple, |ratio| {
                    if towards && ratio < 0.0 { ratio.ceil() } else { ratio.floor() }
                }))
            }),
        ),
        declare(
            "CEILING.PRECISE(number, [multiple])",
            "The next multiple up, whatever the signs.",
            "=CEILING.PRECISE(-4.1,2)",
            Body::Each(up),
        ),
        declare(
            "ISO.CEILING(number, [multiple])",
            "The next multiple up, whatever the signs.",
            "=ISO.CEILING(-4.1,2)",
            Body::Each(up),
        ),
        declare(
            "FLOOR.PRECISE(number, [multiple])",
            "The next multiple down, whatever the signs.",
            "=FLOOR.PRECISE(-4.1,2)",
            Body::Each(|args| Ok(multiple_of(args.number(0)?, args.number_or(1, 1.0)?.abs(), f64::floor))),
        ),
        declare(
            "EVEN(number)",
            "The next even number away from zero.",
            "=EVEN(3)",
            Body::Each(|args| Ok(multiple_of(args.number(0)?, 2.0, away))),
        ),
        declare("ODD(number)", "The next odd number away from zero.", "=ODD(2)", Body::Each(odd)),
    ];

fn digits(args: &Args<'_>) -> Result<i32, CellError> {
    Ok(args.number(1)?.trunc().clamp(-400.0, 400.0) as i32)
}

/// Rounds away from zero or towards it. What is a whole number to 15 digits stays.
fn directed(args: &Args<'_>, up: bool) -> Outcome {
    let (number, digits) = (args.number(0)?, digits(args)?);
    let near = round_decimal(number, digits);
    let noise = number.abs() * 4.0 * f64::EPSILON;
    if (near - number).abs() <= noise {
        return Ok(Value::number(near));
    }
    let step = 10_f64.powi(-digits);
    let outward = near.abs() > number.abs();
    let corrected = match (up, outward) {
        (true, false) => near.abs() + step,
        (false, true) => near.abs() - step,
        _ => near.abs(),
    };
    Ok(Value::number(round_decimal(corrected.copysign(number), digits)))
}

fn away(ratio: f64) -> f64 {
    ratio.abs().ceil().copysign(ratio)
}

/// A multiple of `multiple`; a ratio that is whole to 15 digits counts as whole.
fn multiple_of(number: f64, multiple: f64, round: impl Fn(f64) -> f64) -> Value {
    if multiple == 0.0 || number == 0.0 {
        return Value::Number(0.0);
    }
    let ratio = number / multiple;
    let whole = ratio.round();
    let steps = if (ratio - whole).abs() <= ratio.abs() * 4.0 * f64::EPSILON { whole } else { round(ratio) };
    // Multiples of 0.1 should look like them.
    let decimals = (14 - (steps * multiple).abs().max(1e-300).log10().floor() as i32).clamp(0, 300);
    Value::number(round_decimal(steps * multiple, decimals))
}

fn up(args: &Args<'_>) -> Outcome {
    Ok(multiple_of(args.number(0)?, args.number_or(1, 1.0)?.abs(), f64::ceil))
}

fn ceiling(args: &Args<'_>) -> Outcome {
    let (number, multiple) = (args.number(0)?, args.number(1)?);
    if number > 0.0 && multiple < 0.0 {
        return Err(out_of_range("a positive number needs a positive multiple"));
    }
    Ok(multiple_of(number, multiple, f64::ceil))
}

fn floor(args: &Args<'_>) -> Outcome {
    let (number, multiple) = (args.number(0)?, args.number(1)?);
    if number > 0.0 && multiple < 0.0 {
        return Err(out_of_range("a positive number needs a positive multiple"));
    }
    if multiple == 0.0 && number != 0.0 {
        return Err(CellError::new(ErrorKind::Div0));
    }
    Ok(multiple_of(number, multiple, f64::floor))
}

fn nearest_multiple(args: &Args<'_>) -> Outcome {
    let (number, multiple) = (args.number(0)?, args.number(1)?);
    if number * multiple < 0.0 {
        return Err(out_of_range("number and multiple must have one sign"));
    }
    Ok(multiple_of(number, multiple, |ratio| round_decimal(ratio, 0)))
}

fn odd(args: &Args<'_>) -> Outcome {
    let number = args.number(0)?;
    let size = number.abs().ceil();
    let odd = if size % 2.0 == 1.0 { size } else { size + 1.0 };
    Ok(Value::number(if number < 0.0 { -odd } else { odd }))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn rounding() {
        check(&[
            ("ROUND(2.675,2)", "2.68"),
            ("ROUND(-2.5,0)", "-3"),
            ("ROUND(1234.5,-2)", "1200"),
            ("ROUND({1.25,2.35},1)", "{1.3,2.4}"),
            ("ROUNDUP(3.2,0)", "4"),
            ("ROUNDUP(-3.14159,1)", "-3.2"),
            ("ROUNDUP(31415.92654,-2)", "31500"),
            ("ROUNDUP(0.3,1)", "0.3"),
            ("ROUNDDOWN(3.99,0)", "3"),
            ("ROUNDDOWN(-3.14159,1)", "-3.1"),
            ("ROUNDDOWN(0.29,2)", "0.29"),
            ("TRUNC(-2.9)", "-2"),
            ("TRUNC(123.456,2)", "123.45"),
            ("INT(-2.5)", "-3"),
            ("MROUND(1230,50)", "1250"),
            ("MROUND(-10,-3)", "-9"),
            ("MROUND(5,-2)", "#NUM!"),
            ("CEILING(1230,50)", "1250"),
            ("CEILING(-2.5,2)", "-2"),
            ("CEILING(-2.5,-2)", "-4"),
            ("CEILING(2.5,-2)", "#NUM!"),
            ("CEILING(0.3,0.1)", "0.3"),
            ("FLOOR(3.7,2)", "2"),
            ("FLOOR(-2.5,-2)", "-2"),
            ("FLOOR(2.5,0)", "#DIV/0!"),
            ("CEILING.MATH(-5.5,2)", "-4"),
            ("CEILING.MATH(-5.5,2,-1)", "-6"),
            ("FLOOR.MATH(-8.1,2)", "-10"),
            ("EVEN(-1)", "-2"),
            ("ODD(2)", "3"),
            ("ODD(0)", "1"),
        ]);
    }
}
