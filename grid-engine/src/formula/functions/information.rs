//! Questions about values.

use super::{Args, Body, Declared, declare};
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Meaning, Outcome};
use crate::value::{CellError, ErrorKind, Value};

/// Every argument is lifted, errors are seen.
fn all(_: usize) -> bool {
    true
}

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "ISBLANK(value)",
        "Whether a cell holds nothing at all.",
        "=ISBLANK([@Override])",
        Body::Lifted(all, |args| Ok(args.value(0).is_blank().into())),
    ),
    declare(
        "ISNUMBER(value)",
        "Whether a value is a number.",
        "=ISNUMBER(B2)",
        Body::Lifted(all, |args| Ok(matches!(args.value(0), Value::Number(_)).into())),
    ),
    declare(
        "ISTEXT(value)",
        "Whether a value is a text.",
        "=ISTEXT(B2)",
        Body::Lifted(all, |args| Ok(matches!(args.value(0), Value::Text(_)).into())),
    ),
    declare(
        "ISERROR(value)",
        "Whether a value is an error.",
        "=ISERROR(B2)",
        Body::Lifted(all, |args| Ok(args.value(0).as_error().is_some().into())),
    ),
    declare(
        "ISNA(value)",
        "Whether a value is #N/A.",
        "=ISNA(B2)",
        Body::Lifted(all, |args| Ok(args.value(0).as_error().is_some_and(|error| error.kind == ErrorKind::Na).into())),
    ),
    declare("NA()", "The error #N/A: not available.", "=NA()", Body::Whole(|_| Err(CellError::new(ErrorKind::Na)))),
    declare("N(value)", "A value as a number: texts are 0.", "=N(B2)", Body::Lifted(all, n)),
];

/// Those fewer workbooks use.
pub(super) const FURTHER: &[Declared] = &[
    declare(
        "ISNONTEXT(value)",
        "Whether a value is anything but a text.",
        "=ISNONTEXT(B2)",
        Body::Lifted(all, |args| Ok((!matches!(args.value(0), Value::Text(_))).into())),
    ),
    declare(
        "ISLOGICAL(value)",
        "Whether a value is TRUE or FALSE.",
        "=ISLOGICAL(B2)",
        Body::Lifted(all, |args| Ok(matches!(args.value(0), Value::Bool(_)).into())),
    ),
    declare(
        "ISERR(value)",
        "Whether a value is an error other than #N/A.",
        "=ISERR(B2)",
        Body::Lifted(all, |args| Ok(args.value(0).as_error().is_some_and(|error| error.kind != ErrorKind::Na).into())),
    ),
    declare("ISEVEN(number)", "Whether a whole number is even.", "=ISEVEN(4)", Body::Each(|args| parity(args, 0.0))),
    declare("ISODD(number)", "Whether a whole number is odd.", "=ISODD(3)", Body::Each(|args| parity(args, 1.0))),
    declare(
        "ERROR.TYPE(error)",
        "The number of an error's kind; #N/A for anything else.",
        "=ERROR.TYPE(B2)",
        Body::Lifted(all, error_type),
    ),
    declare(
        "TYPE(value)",
        "1 number, 2 text, 4 truth value, 16 error, 64 array, 128 LAMBDA.",
        "=TYPE(B2)",
        Body::Lazy(type_number),
    ),
];

fn parity(args: &Args<'_>, remainder: f64) -> Outcome {
    if let Value::Bool(_) = args.value(0) {
        return Err(CellError::new(ErrorKind::Value));
    }
    Ok((args.number(0)?.trunc().abs() % 2.0 == remainder).into())
}

fn error_type(args: &Args<'_>) -> Outcome {
    let number = match args.value(0).as_error().map(|error| error.kind) {
        Some(ErrorKind::Null) => 1.0,
        Some(ErrorKind::Div0) => 2.0,
        Some(ErrorKind::Value) => 3.0,
        Some(ErrorKind::Ref) => 4.0,
        Some(ErrorKind::Name) => 5.0,
        Some(ErrorKind::Num) => 6.0,
        Some(ErrorKind::Na) => 7.0,
        Some(ErrorKind::Busy) => 8.0,
        Some(ErrorKind::Spill) => 9.0,
        Some(ErrorKind::Calc) => 14.0,
        Some(ErrorKind::Circ | ErrorKind::Limit | ErrorKind::Hidden) | None => {
            return Err(CellError::new(ErrorKind::Na));
        }
    };
    Ok(number.into())
}

fn n(args: &Args<'_>) -> Outcome {
    match args.value(0) {
        Value::Number(number) => Ok(Value::Number(*number)),
        Value::Bool(truth) => Ok(Value::Number(f64::from(u8::from(*truth)))),
        Value::Error(error) => Err(error.clone()),
        _ => Ok(Value::Number(0.0)),
    }
}

fn type_number(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let meaning = arguments.first().map_or(Meaning::Omitted, |expr| evaluation.meaning_or_error(expr));
    if let Meaning::Function(_) = meaning {
        return Ok(Value::Number(128.0));
    }
    Ok(Value::Number(match evaluation.value_of(meaning).unwrap_or_else(Value::Error) {
        Value::Number(_) | Value::Blank => 1.0,
        Value::Text(_) => 2.0,
        Value::Bool(_) => 4.0,
        Value::Error(_) => 16.0,
        Value::Array(_) => 64.0,
    }))
}
