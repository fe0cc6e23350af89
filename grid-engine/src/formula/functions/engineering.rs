//! Error functions, steps, bits and number bases of fixed width.

use super::args::{out_of_range, strict_number};
use super::special::{erf, erfc};
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "ERF(lower, [upper])",
        "The error function, between two limits if both are given.",
        "=ERF(1)",
        Body::Each(|args| {
            let lower = number(args, 0)?;
            Ok(Value::number(if args.given(1) { erf(number(args, 1)?) - erf(lower) } else { erf(lower) }))
        }),
    ),
    declare(
        "ERF.PRECISE(x)",
        "The error function.",
        "=ERF.PRECISE(1)",
        Body::Each(|args| Ok(Value::number(erf(number(args, 0)?)))),
    ),
    declare(
        "ERFC(x)",
        "One minus the error function.",
        "=ERFC(1)",
        Body::Each(|args| Ok(Value::number(erfc(number(args, 0)?)))),
    ),
    declare(
        "ERFC.PRECISE(x)",
        "One minus the error function.",
        "=ERFC.PRECISE(1)",
        Body::Each(|args| Ok(Value::number(erfc(number(args, 0)?)))),
    ),
    declare(
        "DELTA(a, [b])",
        "1 where two numbers are equal, else 0.",
        "=DELTA(5,5)",
        Body::Each(|args| Ok(Value::number(f64::from(u8::from(number(args, 0)? == optional(args, 1)?))))),
    ),
    declare(
        "GESTEP(number, [step])",
        "1 where a number reaches a step, else 0.",
        "=GESTEP(5,4)",
        Body::Each(|args| Ok(Value::number(f64::from(u8::from(number(args, 0)? >= optional(args, 1)?))))),
    ),
    declare(
        "BITAND(a, b)",
        "The bits both numbers have.",
        "=BITAND(13,25)",
        Body::Each(|args| Ok(Value::number((bits(args, 0)? & bits(args, 1)?) as f64))),
    ),
    declare(
        "BITOR(a, b)",
        "The bits either number has.",
        "=BITOR(23,10)",
        Body::Each(|args| Ok(Value::number((bits(args, 0)? | bits(args, 1)?) as f64))),
    ),
    declare(
        "BITXOR(a, b)",
        "The bits one number has alone.",
        "=BITXOR(5,3)",
        Body::Each(|args| Ok(Value::number((bits(args, 0)? ^ bits(args, 1)?) as f64))),
    ),
    declare(
        "BITLSHIFT(number, places)",
        "The bits moved to the left.",
        "=BITLSHIFT(4,2)",
        Body::Each(|args| shift(args, 1.0)),
    ),
    declare(
        "BITRSHIFT(number, places)",
        "The bits moved to the right.",
        "=BITRSHIFT(13,2)",
        Body::Each(|args| shift(args, -1.0)),
    ),
    declare(
        "BIN2DEC(text)",
        "The number of ten binary digits.",
        "=BIN2DEC(\"1100100\")",
        Body::Each(|args| read(args, 2).map(Value::number)),
    ),
    declare(
        "OCT2DEC(text)",
        "The number of ten octal digits.",
        "=OCT2DEC(\"54\")",
        Body::Each(|args| read(args, 8).map(Value::number)),
    ),
    declare(
        "HEX2DEC(text)",
        "The number of ten hexadecimal digits.",
        "=HEX2DEC(\"A5\")",
        Body::Each(|args| read(args, 16).map(Value::number)),
    ),
    declare(
        "DEC2BIN(number, [places])",
        "A number in binary.",
        "=DEC2BIN(9,4)",
        Body::Each(|args| write(args, number(args, 0)?, 2)),
    ),
    declare(
        "DEC2OCT(number, [places])",
        "A number in octal.",
        "=DEC2OCT(58,3)",
        Body::Each(|args| write(args, number(args, 0)?, 8)),
    ),
    declare(
        "DEC2HEX(number, [places])",
        "A number in hexadecimal.",
        "=DEC2HEX(100,4)",
        Body::Each(|args| write(args, number(args, 0)?, 16)),
    ),
    declare(
        "BIN2OCT(text, [places])",
        "Binary digits in octal.",
        "=BIN2OCT(\"1001\",3)",
        Body::Each(|args| write(args, read(args, 2)?, 8)),
    ),
    declare(
        "BIN2HEX(text, [places])",
        "Binary digits in hexadecimal.",
        "=BIN2HEX(\"11111011\",4)",
        Body::Each(|args| write(args, read(args, 2)?, 16)),
    ),
    declare(
        "OCT2BIN(text, [places])",
        "Octal digits in binary.",
        "=OCT2BIN(\"3\",3)",
        Body::Each(|args| write(args, read(args, 8)?, 2)),
    ),
    declare(
        "OCT2HEX(text, [places])",
        "Octal digits in hexadecimal.",
        "=OCT2HEX(\"100\",4)",
        Body::Each(|args| write(args, read(args, 8)?, 16)),
    ),
    declare(
        "HEX2BIN(text, [places])",
        "Hexadecimal digits in binary.",
        "=HEX2BIN(\"F\",8)",
        Body::Each(|args| write(args, read(args, 16)?, 2)),
    ),
    declare(
        "HEX2OCT(text, [places])",
        "Hexadecimal digits in octal.",
        "=HEX2OCT(\"F\",3)",
        Body::Each(|args| write(args, read(args, 16)?, 8)),
    ),
];

/// A number; truth values do not count as numbers here.
fn number(args: &Args<'_>, index: usize) -> Result<f64, CellError> {
    strict_number(args.value(index))
}

fn optional(args: &Args<'_>, index: usize) -> Result<f64, CellError> {
    if args.given(index) { number(args, index) } else { Ok(0.0) }
}

fn bits(args: &Args<'_>, index: usize) -> Result<u64, CellError> {
    let value = args.number(index)?;
    if value < 0.0 || value.fract() != 0.0 || value >= 281_474_976_710_656.0 {
        return Err(out_of_range("bits are whole numbers below 2^48"));
    }
    Ok(value as u64)
}

fn shift(args: &Args<'_>, direction: f64) -> Outcome {
    let (value, places) = (bits(args, 0)? as f64, args.number(1)?.trunc() * direction);
    if places.abs() > 53.0 {
        return Err(out_of_range("bits move by at most 53 places"));
    }
    let moved = (value * 2_f64.powi(places as i32)).floor();
    if moved >= 281_474_976_710_656.0 {
        Err(out_of_range("the result exceeds 48 bits"))
    } else {
        Ok(Value::number(moved))
    }
}

/// Ten digits in two's complement.
fn read(args: &Args<'_>, base: u32) -> Result<f64, CellError> {
    let text = args.text(0)?;
    if text.len() > 10 {
        return Err(out_of_range("at most ten digits are read"));
    }
    let mut value = 0.0;
    for c in text.chars() {
        value = value * f64::from(base)
            + f64::from(c.to_digit(base).ok_or_else(|| out_of_range("a digit does not fit the base"))?);
    }
    let whole = f64::from(base).powi(10);
    Ok(if value >= whole / 2.0 { value - whole } else { value })
}

fn write(args: &Args<'_>, value: f64, base: u32) -> Outcome {
    let value = value.trunc();
    let whole = f64::from(base).powi(10);
    if value < -whole / 2.0 || value >= whole / 2.0 {
        return Err(out_of_range("the number needs more than ten digits"));
    }
    let mut rest = if value < 0.0 { value + whole } else { value } as u64;
    let mut digits = Vec::new();
    while rest > 0 || digits.is_empty() {
        digits.push(char::from_digit((rest % u64::from(base)) as u32, base).unwrap_or('0').to_ascii_uppercase());
        rest /= u64::from(base);
    }
    if args.given(1) && value >= 0.0 {
        let places = args.number(1)?.trunc();
        if places < digits.len() as f64 || places > 10.0 {
            return Err(out_of_range("the number does not fit so many places"));
        }
        digits.resize(places as usize, '0');
    }
    Ok(Value::text(digits.iter().rev().collect::<String>()))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn digits_bits_and_errors() {
        check(&[
            ("ERF(1)", "0.842700792949715"),
            ("ERF(0,1)", "0.842700792949715"),
            ("ERFC(1)", "0.157299207050285"),
            ("DELTA(5,4)", "0"),
            ("GESTEP(5,5)", "1"),
            ("GESTEP(TRUE)", "#VALUE!"),
            ("BITAND(13,25)", "9"),
            ("BITLSHIFT(4,2)", "16"),
            ("BITRSHIFT(13,2)", "3"),
            ("HEX2DEC(\"FFFFFFFF5B\")", "-165"),
            ("BIN2DEC(\"1111111111\")", "-1"),
            ("DEC2BIN(9,6)", "\"001001\""),
            ("DEC2HEX(-54)", "\"FFFFFFFFCA\""),
            ("DEC2BIN(512)", "#NUM!"),
            ("HEX2BIN(\"F\",8)", "\"00001111\""),
        ]);
    }
}
