//! Values as texts for other programs: lists, addresses.

use super::args::wrong;
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "ARRAYTOTEXT(array, [format])",
        "All values of an array as one text: 0 as shown, 1 as an array constant.",
        "=ARRAYTOTEXT({1,2;\"a\",TRUE},1)",
        Body::Whole(array_to_text),
    ),
    declare(
        "VALUETOTEXT(value, [format])",
        "A value as text: 0 as shown, 1 as typed in a formula.",
        "=VALUETOTEXT(\"a\",1)",
        Body::Lifted(|_| true, |args| Ok(Value::text(shown(args.value(0), strict(args)?)?))),
    ),
    declare(
        "SPARKLINE(values)",
        "The course of values as small bars, the lowest to the highest, in one cell; blanks and texts leave a gap.",
        "=SPARKLINE({3,1,4,1,5})",
        Body::Whole(sparkline),
    ),
    declare(
        "ENCODEURL(text)",
        "A text as part of a web address.",
        "=ENCODEURL(\"a b\")",
        Body::Each(|args| {
            let mut out = String::new();
            for byte in args.text(0)?.bytes() {
                match byte {
                    b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
                    byte => out.push_str(&format!("%{byte:02X}")),
                }
            }
            Ok(Value::text(out))
        }),
    ),
    declare(
        "ASC(text)",
        "The text with letters, digits and signs of full width at half of it.",
        "=ASC(\"ＳＫＵ－１２\")",
        Body::Each(|args| Ok(Value::text(args.text(0)?.chars().map(half_width).collect::<String>()))),
    ),
    declare(
        "DBCS(text)",
        "The text with letters, digits and signs at full width.",
        "=DBCS(\"SKU-12\")",
        Body::Each(|args| Ok(Value::text(args.text(0)?.chars().map(full_width).collect::<String>()))),
    ),
];

/// Bars of eight heights (Unicode, block elements).
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Values that are drawn: more are no picture any more.
const MOST_BARS: usize = 1000;

fn sparkline(args: &Args<'_>) -> Outcome {
    let value = args.value(0);
    let cells = match value {
        Value::Array(array) => array.cells(),
        single => std::slice::from_ref(single),
    };
    if cells.len() > MOST_BARS {
        return Err(wrong(&format!("SPARKLINE draws at most {MOST_BARS} values")));
    }
    let mut values = Vec::with_capacity(cells.len());
    for cell in cells {
        match cell {
            Value::Number(number) => values.push(Some(*number)),
            Value::Error(error) => return Err(error.clone()),
            _ => values.push(None),
        }
    }
    let known = || values.iter().flatten().copied();
    let (low, high) = known().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    // The span of the largest numbers has no finite width: halves have.
    let share = |value: f64| if high > low { (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0) } else { 0.5 };
    let bar = |value: f64| BARS[(share(value) * (BARS.len() - 1) as f64).round() as usize];
    Ok(Value::text(values.iter().map(|value| value.map_or(' ', bar)).collect::<String>()))
}

/// Unicode repeats ASCII at this distance, in the width of Chinese characters.
const FULL_WIDTH: u32 = 0xfee0;

fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - FULL_WIDTH).unwrap_or(c),
        '\u{3000}' => ' ',
        c => c,
    }
}

fn full_width(c: char) -> char {
    match c {
        '!'..='~' => char::from_u32(u32::from(c) + FULL_WIDTH).unwrap_or(c),
        ' ' => '\u{3000}',
        c => c,
    }
}

fn strict(args: &Args<'_>) -> Result<bool, CellError> {
    match args.integer_or(1, 0)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(wrong("the format is 0 or 1")),
    }
}

fn shown(value: &Value, strict: bool) -> Result<String, CellError> {
    Ok(match value {
        Value::Text(text) if strict => format!("\"{}\"", text.replace('"', "\"\"")),
        Value::Error(error) => error.kind.code().to_owned(),
        value => value.to_text()?.to_string(),
    })
}

fn array_to_text(args: &Args<'_>) -> Outcome {
    let strict = strict(args)?;
    let single = |value: &Value| shown(value, strict);
    let Value::Array(array) = args.value(0) else {
        let text = single(args.value(0))?;
        return Ok(Value::text(if strict { format!("{{{text}}}") } else { text }));
    };
    let mut out = String::new();
    for (place, value) in array.cells().iter().enumerate() {
        if place > 0 {
            let row_ends = place % array.cols() == 0;
            out.push_str(if !strict {
                ", "
            } else if row_ends {
                ";"
            } else {
                ","
            });
        }
        out.push_str(&single(value)?);
    }
    Ok(Value::text(if strict { format!("{{{out}}}") } else { out }))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn values_as_texts() {
        check(&[
            ("ASC(\"ＳＫＵ－１２　ä\")", "\"SKU-12 ä\""),
            ("DBCS(\"SKU-12\")", "\"ＳＫＵ－１２\""),
            ("ARRAYTOTEXT({1,2;\"a\",TRUE})", "\"1, 2, a, TRUE\""),
            ("ARRAYTOTEXT({1,2;\"a\",TRUE},1)", "\"{1,2;\"\"a\"\",TRUE}\""),
            ("VALUETOTEXT(\"a\",1)", "\"\"\"a\"\"\""),
            ("VALUETOTEXT(5)", "\"5\""),
            ("ENCODEURL(\"a b/ü\")", "\"a%20b%2F%C3%BC\""),
        ]);
    }

    #[test]
    fn a_course_of_values_fits_a_cell() {
        check(&[
            ("SPARKLINE({1,8;2,5})", "\"▁█▂▅\""),
            ("SPARKLINE({0,\"x\",7})", "\"▁ █\""),
            ("SPARKLINE({-1E+308,1E+308})", "\"▁█\""),
            // Nothing goes up or down in one value, or in equal ones.
            ("SPARKLINE(5)&SPARKLINE({5,5})", "\"▅▅▅\""),
            ("SPARKLINE({1,#N/A})", "#N/A"),
            ("SPARKLINE(SEQUENCE(1001))", "#VALUE!"),
        ]);
    }
}
