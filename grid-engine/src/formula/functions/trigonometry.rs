//! Angles, hyperbolic functions, numerals and number bases.

use super::args::{out_of_range, unpadded_number, wrong};
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, ErrorKind, Value};

macro_rules! of_number {
    ($signature:literal, $help:literal, $example:literal, $f:expr) => {
        declare(
            $signature,
            $help,
            $example,
            Body::Each(|args| {
                let f: fn(f64) -> f64 = $f;
                Ok(Value::number(f(args.number(0)?)))
            }),
        )
    };
}

/// An angle of which a double still tells where on the circle it lies: below 2^27, as in Excel.
fn near(angle: f64) -> f64 {
    if angle.abs() < 134_217_728.0 { angle } else { f64::NAN }
}

/// One over a function; `#DIV/0!` where it is 0.
macro_rules! reciprocal {
    ($signature:literal, $help:literal, $example:literal, $f:expr) => {
        declare(
            $signature,
            $help,
            $example,
            Body::Each(|args| {
                let f: fn(f64) -> f64 = $f;
                match f(unpadded_number(args.value(0))?) {
                    0.0 => Err(CellError::new(ErrorKind::Div0)),
                    value => Ok(Value::number(1.0 / value)),
                }
            }),
        )
    };
}

pub(super) const FUNCTIONS: &[Declared] = &[
    of_number!("SIN(angle)", "The sine of an angle in radians.", "=SIN(1)", |angle| near(angle).sin()),
    of_number!("COS(angle)", "The cosine of an angle in radians.", "=COS(1)", |angle| near(angle).cos()),
    of_number!("TAN(angle)", "The tangent of an angle in radians.", "=TAN(1)", |angle| near(angle).tan()),
    of_number!("ASIN(number)", "The angle of a sine.", "=ASIN(0.5)", f64::asin),
    of_number!("ACOS(number)", "The angle of a cosine.", "=ACOS(0.5)", f64::acos),
    of_number!("ATAN(number)", "The angle of a tangent.", "=ATAN(1)", f64::atan),
    of_number!("SINH(number)", "The hyperbolic sine.", "=SINH(1)", f64::sinh),
    of_number!("COSH(number)", "The hyperbolic cosine.", "=COSH(1)", f64::cosh),
    of_number!("TANH(number)", "The hyperbolic tangent.", "=TANH(1)", f64::tanh),
    of_number!("ASINH(number)", "The inverse hyperbolic sine.", "=ASINH(1)", f64::asinh),
    of_number!("ACOSH(number)", "The inverse hyperbolic cosine.", "=ACOSH(2)", f64::acosh),
    of_number!("ATANH(number)", "The inverse hyperbolic tangent.", "=ATANH(0.5)", f64::atanh),
    declare(
        "ACOT(number)",
        "The angle of a cotangent.",
        "=ACOT(2)",
        Body::Each(|args| Ok(Value::number(std::f64::consts::FRAC_PI_2 - unpadded_number(args.value(0))?.atan()))),
    ),
    declare(
        "ACOTH(number)",
        "The inverse hyperbolic cotangent.",
        "=ACOTH(6)",
        Body::Each(|args| {
            let x = unpadded_number(args.value(0))?;
            Ok(Value::number(0.5 * ((x + 1.0) / (x - 1.0)).ln()))
        }),
    ),
    of_number!("DEGREES(angle)", "Radians as degrees.", "=DEGREES(PI())", f64::to_degrees),
    of_number!("RADIANS(angle)", "Degrees as radians.", "=RADIANS(180)", f64::to_radians),
    reciprocal!("SEC(angle)", "The secant of an angle in radians.", "=SEC(1)", |angle| near(angle).cos()),
    reciprocal!("CSC(angle)", "The cosecant of an angle in radians.", "=CSC(1)", |angle| near(angle).sin()),
    reciprocal!("COT(angle)", "The cotangent of an angle in radians.", "=COT(1)", |angle| near(angle).tan()),
    reciprocal!("SECH(number)", "The hyperbolic secant.", "=SECH(1)", f64::cosh),
    reciprocal!("CSCH(number)", "The hyperbolic cosecant.", "=CSCH(1)", f64::sinh),
    reciprocal!("COTH(number)", "The hyperbolic cotangent.", "=COTH(1)", f64::tanh),
    declare(
        "ATAN2(x, y)",
        "The angle of a point.",
        "=ATAN2(1,1)",
        Body::Each(|args| match (args.number(0)?, args.number(1)?) {
            (0.0, 0.0) => Err(CellError::new(ErrorKind::Div0)),
            (x, y) => Ok(Value::number(y.atan2(x))),
        }),
    ),
    declare(
        "ROMAN(number, [form])",
        "A number from 0 to 3999 in Roman numerals; forms 1 to 4 are shorter.",
        "=ROMAN(1999)",
        Body::Each(roman),
    ),
    declare("ARABIC(text)", "The number of Roman numerals.", "=ARABIC(\"MCMXCIX\")", Body::Each(arabic)),
    declare("BASE(number, base, [length])", "A whole number in another base.", "=BASE(255,16)", Body::Each(base)),
    declare(
        "DECIMAL(text, base)",
        "The number a text stands for in a base.",
        "=DECIMAL(\"FF\",16)",
        Body::Each(decimal),
    ),
];

/// The pairs of numerals a form may subtract, in Excel's order of concision.
const NUMERALS: [&[(u32, &str)]; 5] = [
    &[
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ],
    &[
        (1000, "M"),
        (950, "LM"),
        (900, "CM"),
        (500, "D"),
        (450, "LD"),
        (400, "CD"),
        (100, "C"),
        (95, "VC"),
        (90, "XC"),
        (50, "L"),
        (45, "VL"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ],
    &[
        (1000, "M"),
        (990, "XM"),
        (950, "LM"),
        (900, "CM"),
        (500, "D"),
        (490, "XD"),
        (450, "LD"),
        (400, "CD"),
        (100, "C"),
        (99, "IC"),
        (95, "VC"),
        (90, "XC"),
        (50, "L"),
        (49, "IL"),
        (45, "VL"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ],
    &[
        (1000, "M"),
        (995, "VM"),
        (990, "XM"),
        (950, "LM"),
        (900, "CM"),
        (500, "D"),
        (495, "VD"),
        (490, "XD"),
        (450, "LD"),
        (400, "CD"),
        (100, "C"),
        (99, "IC"),
        (95, "VC"),
        (90, "XC"),
        (50, "L"),
        (49, "IL"),
        (45, "VL"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ],
    &[
        (1000, "M"),
        (999, "IM"),
        (995, "VM"),
        (990, "XM"),
        (950, "LM"),
        (900, "CM"),
        (500, "D"),
        (499, "ID"),
        (495, "VD"),
        (490, "XD"),
        (450, "LD"),
        (400, "CD"),
        (100, "C"),
        (99, "IC"),
        (95, "VC"),
        (90, "XC"),
        (50, "L"),
        (49, "IL"),
        (45, "VL"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ],
];

fn roman(args: &Args<'_>) -> Outcome {
    let number = args.number(0)?.trunc();
    let form = match args.value(1) {
        Value::Bool(classic) => {
            if *classic {
                0.0
            } else {
                4.0
            }
        }
        _ => args.number_or(1, 0.0)?.trunc(),
    };
    let (true, Some(numerals)) = ((0.0..4000.0).contains(&number), NUMERALS.get(form as usize).filter(|_| form >= 0.0))
    else {
        return Err(wrong("Roman numerals go from 0 to 3999, in forms 0 to 4"));
    };
    let (mut rest, mut text) = (number as u32, String::new());
    for &(value, numeral) in *numerals {
        while rest >= value {
            text.push_str(numeral);
            rest -= value;
        }
    }
    Ok(Value::text(text))
}

fn arabic(args: &Args<'_>) -> Outcome {
    let text = args.text(0)?.trim().to_uppercase();
    let (negative, digits) = text.strip_prefix('-').map_or((false, text.as_str()), |rest| (true, rest));
    if text.len() > 255 {
        return Err(wrong("the text is too long"));
    }
    let mut values = Vec::new();
    for c in digits.chars() {
        values.push(match c {
            'I' => 1.0,
            'V' => 5.0,
            'X' => 10.0,
            'L' => 50.0,
            'C' => 100.0,
            'D' => 500.0,
            'M' => 1000.0,
            _ => return Err(wrong("these are not Roman numerals")),
        });
    }
    let mut sum = 0.0;
    for (index, &value) in values.iter().enumerate() {
        sum += if values.get(index + 1).is_some_and(|&next| next > value) { -value } else { value };
    }
    Ok(Value::number(if negative { -sum } else { sum }))
}

fn base(args: &Args<'_>) -> Outcome {
    let (number, base, length) = (args.number(0)?.trunc(), args.number(1)?.trunc(), args.number_or(2, 0.0)?.trunc());
    if !(0.0..9_007_199_254_740_992.0).contains(&number)
        || !(2.0..=36.0).contains(&base)
        || !(0.0..=255.0).contains(&length)
    {
        return Err(out_of_range("BASE takes numbers from 0 to 2^53, bases from 2 to 36 and lengths to 255"));
    }
    let (mut rest, base) = (number as u64, base as u64);
    let mut digits = Vec::new();
    while rest > 0 || digits.is_empty() {
        digits.push(char::from_digit((rest % base) as u32, 36).unwrap_or('0').to_ascii_uppercase());
        rest /= base;
    }
    digits.resize(digits.len().max(length as usize), '0');
    Ok(Value::text(digits.iter().rev().collect::<String>()))
}

fn decimal(args: &Args<'_>) -> Outcome {
    let (text, base) = (args.text(0)?, args.number(1)?.trunc());
    if !(2.0..=36.0).contains(&base) {
        return Err(out_of_range("bases go from 2 to 36"));
    }
    let mut number = 0.0;
    for c in text.trim().chars() {
        let digit = c.to_digit(base as u32).ok_or_else(|| out_of_range("a digit does not fit the base"))?;
        number = number * base + f64::from(digit);
    }
    Ok(Value::number(number))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn angles_and_numerals() {
        check(&[
            ("SIN(PI()/2)", "1"),
            ("DEGREES(PI())", "180"),
            ("ACOS(2)", "#NUM!"),
            ("COT(0)", "#DIV/0!"),
            ("SIN(1E30)", "#NUM!"),
            ("SEC(-134217728)", "#NUM!"),
            ("ATAN2(1,1)*4", "PI()"),
            ("ATAN2(0,0)", "#DIV/0!"),
            ("ACOTH(6)", "0.168236118310606"),
            ("ROMAN(1999)", "\"MCMXCIX\""),
            ("ROMAN(499,1)", "\"LDVLIV\""),
            ("ROMAN(499,2)", "\"XDIX\""),
            ("ROMAN(499,4)", "\"ID\""),
            ("ARABIC(\"MCMXCIX\")", "1999"),
            ("ARABIC(\"\")", "0"),
            ("BASE(255,16,4)", "\"00FF\""),
            ("DECIMAL(\"ff\",16)", "255"),
            ("DECIMAL(\"12\",2)", "#NUM!"),
        ]);
    }
}
