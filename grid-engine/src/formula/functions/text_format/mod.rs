//! Number formats as TEXT takes them: `#,##0.0`, `0.00%`, `yyyy-mm-dd`, `[<10]…;…`.

mod dates;
mod fractions;
mod numbers;
mod parts;

use super::args::wrong;
use crate::value::{CellError, Value, format};
use dates::date_text;
use numbers::number_text;
use parts::{Part, parse};

/// A value in a format. Truth values and texts without a text section stay as they are.
pub(super) fn format(value: &Value, code: &str) -> Result<String, CellError> {
    let sections = split_sections(code);
    let number = match value {
        Value::Text(text) => match crate::value::entry::read_number(text) {
            Some((number, _)) => number,
            None => {
                let section = sections.get(3).or(sections.iter().find(|section| section.contains('@')));
                return Ok(section.map_or_else(|| text.to_string(), |section| with_text(section, text)));
            }
        },
        Value::Bool(truth) => return Ok(if *truth { "TRUE" } else { "FALSE" }.to_owned()),
        value => value.to_number()?,
    };
    let (section, number, signed) = choose(&sections, number);
    if has_text(section) {
        let plain = if signed { number } else { -number };
        return Ok(with_text(section, &format::general(plain)));
    }
    let parts = parse(section)?;
    if parts.is_empty() {
        return Ok(String::new());
    }
    if parts.iter().any(|part| matches!(part, Part::General)) {
        let text: Vec<String> = parts
            .iter()
            .map(|part| match part {
                Part::General => format::general(number),
                Part::Literal(text) => text.clone(),
                _ => String::new(),
            })
            .collect();
        return Ok(text.concat());
    }
    if parts.iter().any(Part::is_date) {
        if parts.contains(&Part::Digit('#')) || parts.contains(&Part::Digit('?')) {
            return Err(wrong("a format shows a date or a number, not both"));
        }
        return date_text(&parts, number);
    }
    Ok(number_text(&parts, number, signed))
}

/// Sections at `;` outside quotes.
fn split_sections(code: &str) -> Vec<String> {
    let mut sections = vec![String::new()];
    let mut chars = code.chars();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        if c == ';' && !quoted {
            sections.push(String::new());
            continue;
        }
        quoted ^= c == '"';
        if let Some(section) = sections.last_mut() {
            section.push(c);
            if c == '\\' && !quoted {
                section.extend(chars.next());
            }
        }
    }
    sections
}

/// The section for a number, the number it shows, and whether it still needs its sign.
fn choose(sections: &[String], number: f64) -> (&str, f64, bool) {
    let get = |index: usize| sections.get(index).map_or("", String::as_str);
    for section in sections.iter().take(2) {
        if let Some((condition, rest)) = condition(section)
            && condition(number)
        {
            return (rest, number, true);
        }
    }
    if condition(get(0)).is_some() {
        let fallback = sections.iter().take(3).rposition(|section| condition(section).is_none());
        return (get(fallback.unwrap_or(0)), number, true);
    }
    match sections.len() {
        0 | 1 => (get(0), number, true),
        _ if number < 0.0 => (get(1), -number, false),
        2 => (get(0), number, true),
        _ if number == 0.0 => (get(2), number, true),
        _ => (get(0), number, true),
    }
}

/// `[<100]` at the start of a section.
fn condition(section: &str) -> Option<(impl Fn(f64) -> bool + use<>, &str)> {
    let (inside, rest) = section.strip_prefix('[')?.split_once(']')?;
    let marks = ["<=", ">=", "<>", "<", ">", "="];
    let mark = *marks.iter().find(|mark| inside.starts_with(**mark))?;
    let limit: f64 = inside[mark.len()..].trim().parse().ok()?;
    let holds = move |number: f64| match mark {
        "<=" => number <= limit,
        ">=" => number >= limit,
        "<>" => number != limit,
        "<" => number < limit,
        ">" => number > limit,
        _ => number == limit,
    };
    Some((holds, rest))
}

/// Whether a section shows texts, which numbers become there.
fn has_text(section: &str) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    section.chars().any(|c| {
        quoted ^= c == '"' && !escaped;
        let found = c == '@' && !quoted && !escaped;
        escaped = c == '\\' && !escaped;
        found
    })
}

/// A text section: `@` stands for the text.
fn with_text(section: &str, text: &str) -> String {
    let mut out = String::new();
    let mut chars = section.chars();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' => out.extend(chars.next()),
            '@' if !quoted => out.push_str(text),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn numbers_in_formats() {
        for (number, code, text) in [
            ("1234.567", "#,##0.00", "1,234.57"),
            ("1234.5", "0", "1235"),
            ("0.5", "0%", "50%"),
            ("0.12345", "0.0%", "12.3%"),
            ("5", "000", "005"),
            ("1234567", "#,##0,", "1,235"),
            ("12345678", "0.0,,\" M\"", "12.3 M"),
            ("-5", "0;(0)", "(5)"),
            ("0", "0;-0;\"zero\"", "zero"),
            ("-1.5", "0.0", "-1.5"),
            ("1.5", "0.###", "1.5"),
            ("1", "0.###", "1."),
            ("12345", "0.00E+00", "1.23E+04"),
            ("0.00012", "0.0E-0", "1.2E-4"),
            ("1234", "$#,##0", "$1,234"),
            ("5", "\"n = \"0", "n = 5"),
            ("0.75", "# ?/?", " 3/4"),
            ("1.5", "General", "1.5"),
            ("123", "[<100]0.0;0", "123"),
            ("5", "[<100]0.0;0", "5.0"),
            ("1234567890", "#,###", "1,234,567,890"),
            ("1234567890", "000-000-0000", "123-456-7890"),
            (".5", "#.00", ".50"),
        ] {
            check(&[(&format!("TEXT({number},\"{}\")", code.replace('"', "\"\"")), &format!("\"{text}\""))]);
        }
    }

    #[test]
    fn dates_in_formats() {
        for (serial, code, text) in [
            ("46348", "yyyy-mm-dd", "2026-11-22"),
            ("46348", "d mmm yy", "22 Nov 26"),
            ("46348", "dddd, mmmm d", "Sunday, November 22"),
            ("46348.75", "hh:mm", "18:00"),
            ("46348.75", "h:mm AM/PM", "6:00 PM"),
            ("1.5", "[h]:mm", "36:00"),
            ("46348.5", "yyyy-mm-dd hh:mm:ss", "2026-11-22 12:00:00"),
            ("46348", "mm/dd/yyyy", "11/22/2026"),
        ] {
            check(&[(&format!("TEXT({serial},\"{code}\")"), &format!("\"{text}\""))]);
        }
        check(&[
            ("TEXT(\"abc\",\"0\")", "\"abc\""),
            ("TEXT(\"abc\",\"@!\")", "\"abc!\""),
            ("TEXT(TRUE,\"0\")", "\"TRUE\""),
        ]);
    }
}
