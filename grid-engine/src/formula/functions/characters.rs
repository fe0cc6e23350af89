//! Characters and their codes.

use super::args::{not_found, wrong};
use super::{Body, Declared, declare};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "CHAR(number)",
        "The character of a code from 1 to 255.",
        "=CHAR(65)",
        Body::Each(|args| {
            let code = args.number(0)?.trunc();
            if !(1.0..256.0).contains(&code) {
                return Err(wrong("codes go from 1 to 255"));
            }
            Ok(Value::text(windows_char(code as u8).to_string()))
        }),
    ),
    declare(
        "CODE(text)",
        "The code of the first character.",
        "=CODE(\"A\")",
        Body::Each(|args| {
            let first = args.text(0)?.chars().next().ok_or_else(|| wrong("the text is empty"))?;
            let code = (1..=255).find(|code| windows_char(*code) == first);
            Ok(Value::number(code.map_or(63.0, f64::from)))
        }),
    ),
    declare(
        "UNICHAR(number)",
        "The character of a Unicode number.",
        "=UNICHAR(8364)",
        Body::Each(|args| {
            let code = args.number(0)?.trunc();
            if !(1.0..1_114_112.0).contains(&code) {
                return Err(wrong("there is no such character"));
            }
            // Half of a pair of UTF-16 is no character by itself.
            let c = char::from_u32(code as u32).ok_or_else(|| not_found("half of a character is none"))?;
            Ok(Value::text(c.to_string()))
        }),
    ),
    declare(
        "UNICODE(text)",
        "The Unicode number of the first character.",
        "=UNICODE(\"€\")",
        Body::Each(|args| {
            let first = args.text(0)?.chars().next().ok_or_else(|| wrong("the text is empty"))?;
            Ok(Value::number(f64::from(u32::from(first))))
        }),
    ),
];

/// The character of a byte in Windows-1252, as CHAR has it.
fn windows_char(code: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match code {
        0x80..=0x9f => HIGH[usize::from(code - 0x80)],
        other => char::from(other),
    }
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn characters_and_codes() {
        check(&[
            ("CHAR(128)&CHAR(65)", "\"€A\""),
            ("CODE(\"€\")", "128"),
            ("UNICODE(UNICHAR(8364))", "8364"),
            ("UNICHAR(55296)", "#N/A"),
        ]);
    }
}
