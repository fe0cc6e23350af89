//! Number formats as TEXT takes them: `#,##0.0`, `0.00%`, `yyyy-mm-dd`, `[<10]…;…`.

mod dates;
mod fractions;

use super::args::wrong;
use crate::value::{CellError, Value, format};
use dates::date_text;
use fractions::fraction_text;

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

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Literal(String),
    /// `0`, `#` or `?`.
    Digit(char),
    Point,
    Comma,
    Percent,
    /// `E+00` or `E-00`: whether a plus is shown.
    Exponent(bool),
    Slash,
    General,
    /// A run of one of `y m d h s`, or fractions of seconds.
    Time(char, usize),
    /// `[h]`, `[m]`, `[s]`: elapsed.
    Elapsed(char, usize),
    AmPm(bool),
}

impl Part {
    fn is_date(&self) -> bool {
        matches!(self, Self::Time(..) | Self::Elapsed(..) | Self::AmPm(_))
    }
}

fn parse(section: &str) -> Result<Vec<Part>, CellError> {
    let chars: Vec<char> = section.chars().collect();
    let mut parts: Vec<Part> = Vec::new();
    let mut at = 0;
    let literal = |parts: &mut Vec<Part>, c: char| match parts.last_mut() {
        Some(Part::Literal(text)) => text.push(c),
        _ => parts.push(Part::Literal(c.to_string())),
    };
    let starts = |at: usize, text: &str| {
        let here: String = chars.iter().skip(at).take(text.chars().count()).collect();
        here.eq_ignore_ascii_case(text)
    };
    while let Some(&c) = chars.get(at) {
        match c {
            '"' => {
                at += 1;
                while let Some(&c) = chars.get(at) {
                    if c == '"' {
                        break;
                    }
                    literal(&mut parts, c);
                    at += 1;
                }
            }
            '\\' => {
                at += 1;
                chars.get(at).iter().for_each(|c| literal(&mut parts, **c));
            }
            // A blank as wide as the next character, and a filler.
            '_' => {
                at += 1;
                literal(&mut parts, ' ');
            }
            '*' => at += 1,
            '[' => {
                let end = chars.iter().skip(at).position(|c| *c == ']').map(|offset| at + offset);
                let Some(end) = end else { return Err(wrong("a ] is missing in the format")) };
                let inside: String = chars[at + 1..end].iter().collect::<String>().to_lowercase();
                let first = inside.chars().next().unwrap_or(' ');
                if matches!(first, 'h' | 'm' | 's') && inside.chars().all(|c| c == first) {
                    parts.push(Part::Elapsed(first, inside.len()));
                } else if let Some(currency) = inside.strip_prefix('$') {
                    currency.split('-').next().unwrap_or("").chars().for_each(|c| literal(&mut parts, c));
                }
                at = end;
            }
            '0' | '#' | '?' => parts.push(Part::Digit(c)),
            '.' => parts.push(Part::Point),
            ',' => parts.push(Part::Comma),
            '%' => parts.push(Part::Percent),
            '/' if parts.iter().any(|part| matches!(part, Part::Digit(_))) => parts.push(Part::Slash),
            'E' | 'e' if matches!(chars.get(at + 1), Some('+' | '-')) => {
                parts.push(Part::Exponent(chars.get(at + 1) == Some(&'+')));
                at += 1;
            }
            _ if starts(at, "general") => {
                parts.push(Part::General);
                at += 6;
            }
            _ if starts(at, "am/pm") => {
                parts.push(Part::AmPm(true));
                at += 4;
            }
            _ if starts(at, "a/p") => {
                parts.push(Part::AmPm(false));
                at += 2;
            }
            'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' => {
                let low = c.to_ascii_lowercase();
                let run = chars.iter().skip(at).take_while(|next| next.to_ascii_lowercase() == low).count();
                parts.push(Part::Time(low, run));
                at += run - 1;
            }
            c => literal(&mut parts, c),
        }
        at += 1;
    }
    Ok(parts)
}

fn number_text(parts: &[Part], number: f64, signed: bool) -> String {
    let percents = parts.iter().filter(|part| **part == Part::Percent).count();
    // Scaling by 100 must not show digits the number does not have.
    let mut shown = significant(number.abs() * 100_f64.powi(percents as i32));
    let slash = parts.contains(&Part::Slash);
    let exponent_at = parts.iter().position(|part| matches!(part, Part::Exponent(_)));
    let digits_end = exponent_at.unwrap_or(parts.len());
    let point = parts[..digits_end].iter().position(|part| *part == Part::Point);
    let is_digit = |part: &Part| matches!(part, Part::Digit(_));
    let whole_end = point.unwrap_or(digits_end);
    let decimals = point.map_or(0, |point| parts[point..digits_end].iter().filter(|part| is_digit(part)).count());
    let last_digit = parts[..whole_end].iter().rposition(is_digit);
    let first_digit = parts[..whole_end].iter().position(is_digit);
    // Commas after the last digit divide by thousands, between digits they group.
    let very_last = parts[..digits_end].iter().rposition(is_digit);
    let trailing =
        very_last.map_or(0, |last| parts[last..digits_end].iter().filter(|part| **part == Part::Comma).count());
    let grouping = match (first_digit, last_digit) {
        (Some(first), Some(last)) => parts[first..last].contains(&Part::Comma),
        _ => false,
    };
    shown /= 1000_f64.powi(trailing as i32);
    if slash {
        return fraction_text(parts, number, signed);
    }
    let mut exponent = 0;
    if exponent_at.is_some() && shown != 0.0 {
        let whole = parts[..whole_end].iter().filter(|part| is_digit(part)).count().max(1) as i32;
        let size = shown.log10().floor() as i32;
        exponent = if whole > 1 { size.div_euclid(whole) * whole } else { size };
        shown /= 10_f64.powi(exponent);
        if format::round_decimal(shown, decimals as i32) >= 10_f64.powi(whole) {
            shown /= 10_f64.powi(whole);
            exponent += whole;
        }
    }
    let text = format::fixed(shown, decimals);
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), ""), |(whole, fraction)| (whole, fraction));
    let whole = if whole == "0" { "" } else { whole };
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));

    let mut out = String::new();
    if signed && number < 0.0 && !is_zero {
        out.push('-');
    }
    let slots = parts[..whole_end].iter().filter(|part| is_digit(part)).count();
    let mut slot = 0;
    let mut fraction_digits = fraction.chars();
    let mut rest_of_fraction = fraction;
    let whole_chars: Vec<char> = whole.chars().collect();
    let push_whole = |out: &mut String, place_from_right: usize, digit: char| {
        out.push(digit);
        if grouping && place_from_right > 0 && place_from_right.is_multiple_of(3) {
            out.push(',');
        }
    };
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Literal(text) => out.push_str(text),
            Part::Percent => out.push('%'),
            Part::Digit(kind) if index < whole_end => {
                // The first slot takes all digits there is no slot for.
                let from_right = slots - 1 - slot;
                if slot == 0 {
                    for place in (slots..whole_chars.len()).rev() {
                        push_whole(&mut out, place, whole_chars[whole_chars.len() - 1 - place]);
                    }
                }
                let digit = whole_chars.len().checked_sub(from_right + 1).map(|at| whole_chars[at]);
                match (digit, kind) {
                    (Some(digit), _) => push_whole(&mut out, from_right, digit),
                    (None, '0') => push_whole(&mut out, from_right, '0'),
                    (None, '?') => out.push(' '),
                    (None, _) => {}
                }
                slot += 1;
            }
            Part::Digit(kind) if index < digits_end => {
                let digit = fraction_digits.next();
                let rest_is_zero = rest_of_fraction.bytes().all(|byte| byte == b'0');
                rest_of_fraction = rest_of_fraction.get(1..).unwrap_or("");
                match (digit, kind) {
                    (Some(digit), '0') => out.push(digit),
                    (Some(_), '?') if rest_is_zero => out.push(' '),
                    (Some(_), '#') if rest_is_zero => {}
                    (Some(digit), _) => out.push(digit),
                    (None, _) => {}
                }
            }
            Part::Point if Some(index) == point => {
                if slots == 0 {
                    out.push_str(whole);
                }
                out.push('.');
            }
            Part::Exponent(plus) => {
                let width = parts[index..].iter().filter(|part| is_digit(part)).count();
                let sign = if exponent < 0 {
                    "-"
                } else if *plus {
                    "+"
                } else {
                    ""
                };
                out.push_str(&format!("E{sign}{:0width$}", exponent.abs()));
            }
            _ => {}
        }
    }
    out
}

/// A number in the fifteen digits a spreadsheet knows of it.
fn significant(number: f64) -> f64 {
    format!("{number:.14e}").parse().unwrap_or(number)
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
