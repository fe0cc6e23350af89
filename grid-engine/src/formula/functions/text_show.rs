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
}
