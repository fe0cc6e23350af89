//! Numbers written as texts, and texts read as numbers.

use super::args::wrong;
use super::{Args, Body, Declared, declare, text_format};
use crate::formula::eval::Outcome;
use crate::value::entry::read_number;
use crate::value::{CellError, Value, format};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "VALUE(text)",
        "The number a text stands for; a date without a year is one of this year.",
        "=VALUE(\"1,200\")",
        Body::Each(|args| match args.value(0) {
            Value::Bool(_) => Err(wrong("a truth value is not a number")),
            _ => Ok(Value::number(args.number(0)?)),
        }),
    ),
    declare(
        "NUMBERVALUE(text, [decimal], [group])",
        "The number a text stands for, with its own separators.",
        "=NUMBERVALUE(\"1.200,5\",\",\",\".\")",
        Body::Each(number_value),
    ),
    declare(
        "TEXT(value, format)",
        "A value in a number format.",
        "=TEXT(B2,\"#,##0.0\")",
        Body::Each(|args| text_format::format(args.evaluation, args.value(0), &args.text(1)?).map(Value::text)),
    ),
    declare(
        "FIXED(number, [decimals], [plain])",
        "A number as text with so many decimals and grouped thousands.",
        "=FIXED(1234.5,1)",
        Body::Each(|args| {
            let (number, decimals) = (args.number(0)?, decimals(args)?);
            let rounded = format::round_decimal(number, decimals as i32);
            let shown = decimals.max(0) as usize;
            Ok(Value::text(if args.bool_or(2, false)? {
                format::fixed(rounded, shown)
            } else {
                format::grouped(rounded, shown)
            }))
        }),
    ),
    declare(
        "DOLLAR(number, [decimals])",
        "A number as text with a dollar sign.",
        "=DOLLAR(1234.5)",
        Body::Each(|args| {
            let (number, decimals) = (args.number(0)?, decimals(args)?);
            let text = format::grouped(format::round_decimal(number.abs(), decimals as i32), decimals.max(0) as usize);
            Ok(Value::text(if number < 0.0 { format!("(${text})") } else { format!("${text}") }))
        }),
    ),
];

fn number_value(args: &Args<'_>) -> Outcome {
    let (text, decimal, group) = (args.text(0)?, args.text_or(1, ".")?, args.text_or(2, ",")?);
    let (Some(decimal), group) = (decimal.chars().next(), group.chars().next()) else {
        return Err(wrong("the decimal separator is missing"));
    };
    let text: String =
        text.chars().filter(|c| !c.is_whitespace() && (Some(*c) != group || group == Some(decimal))).collect();
    if text.is_empty() {
        return Ok(Value::Number(0.0));
    }
    let digits = text.trim_end_matches('%');
    let percents = text.len() - digits.len();
    let plain: String = digits.chars().map(|c| if c == decimal { '.' } else { c }).collect();
    match read_number(&plain) {
        Some((number, _)) => Ok(Value::number(number / 100_f64.powi(percents as i32))),
        None => Err(not_a_number(&text)),
    }
}

fn not_a_number(text: &str) -> CellError {
    wrong(&format!("“{text}” is not a number"))
}

/// The decimals of FIXED and DOLLAR: at most 127.
fn decimals(args: &Args<'_>) -> Result<i64, CellError> {
    let decimals = args.integer_or(1, 2)?;
    if decimals > 127 { Err(wrong("at most 127 decimals can be shown")) } else { Ok(decimals.max(-127)) }
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn numbers_and_texts() {
        check(&[
            ("VALUE(\"1,200.5\")", "1200.5"),
            ("VALUE(\"--5\")", "#VALUE!"),
            ("VALUE(\"$-5\")", "-5"),
            ("VALUE(\"12%\")", "0.12"),
            ("VALUE(\"x\")", "#VALUE!"),
            ("NUMBERVALUE(\"1.200,5\",\",\",\".\")", "1200.5"),
            ("LEN(FIXED(1,127))", "129"),
            ("FIXED(1,128)", "#VALUE!"),
            ("FIXED(1234.567,1)", "\"1,234.6\""),
            ("FIXED(1234.567,-2,TRUE)", "\"1200\""),
            ("DOLLAR(-1234.5)", "\"($1,234.50)\""),
        ]);
    }
}
