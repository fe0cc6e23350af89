//! Number formats as TEXT takes them: `#,##0.0`, `0.00%`, `yyyy-mm-dd`, `[<10]…;…`.

use super::args::wrong;
use crate::calendar::Date;
use crate::value::{CellError, Value, format};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

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

/// `# ?/?`, `# ??/16`: the nearest fraction by continued fractions (Stern–Brocot bounded search).
fn fraction_text(parts: &[Part], number: f64, signed: bool) -> String {
    let slash = parts.iter().position(|part| *part == Part::Slash).unwrap_or(0);
    let is_digit = |part: &&Part| matches!(part, Part::Digit(_));
    let literal: String = parts[slash..]
        .iter()
        .filter_map(|part| match part {
            Part::Literal(text) => Some(text.trim().to_owned()),
            _ => None,
        })
        .collect();
    let given: Option<u64> = literal.parse().ok();
    let digits = parts[slash..].iter().filter(is_digit).count().clamp(1, 5);
    let before = parts[..slash].iter().filter(is_digit).count();
    let numerator_slots = parts[..slash].iter().rev().take_while(|part| matches!(part, Part::Digit(_))).count();
    let mixed = before > numerator_slots;
    let size = number.abs();
    let whole = if mixed { size.floor() } else { 0.0 };
    let rest = size - whole;
    let (numerator, denominator) = match given {
        Some(given) if given > 0 => ((rest * given as f64).round(), given as f64),
        _ => {
            let limit = 10_u32.pow(digits as u32) - 1;
            let best = (1..=limit)
                .map(|d| (f64::from(d), (rest * f64::from(d)).round()))
                .min_by(|a, b| (a.1 / a.0 - rest).abs().total_cmp(&(b.1 / b.0 - rest).abs()));
            best.map_or((0.0, 1.0), |(d, n)| (n, d))
        }
    };
    let (whole, numerator) = if mixed && numerator == denominator { (whole + 1.0, 0.0) } else { (whole, numerator) };
    let sign = if signed && number < 0.0 { "-" } else { "" };
    // Numerators stand to the right of their places, denominators to the left, so that fractions line up.
    let fraction = if given.is_some() {
        format!("{numerator:>numerator_slots$}/{denominator}")
    } else {
        format!("{numerator:>numerator_slots$}/{denominator:<digits$}")
    };
    match (mixed, numerator == 0.0) {
        (true, true) => format!("{sign}{whole}{}", " ".repeat(2 + 2 * digits)),
        (true, false) if whole == 0.0 => format!("{sign} {fraction}"),
        (true, false) => format!("{sign}{whole} {fraction}"),
        (false, _) => format!("{sign}{fraction}"),
    }
}

fn date_text(parts: &[Part], serial: f64) -> Result<String, CellError> {
    let day = Date::from_serial(serial).ok_or_else(|| wrong("a date lies between 1900 and 9999"))?;
    let half_day = parts.iter().any(|part| matches!(part, Part::AmPm(_)));
    // Fractions of seconds shown decide how the time is rounded.
    let decimals = parts
        .iter()
        .rposition(|part| *part == Part::Point)
        .map_or(0, |point| parts[point..].iter().filter(|part| matches!(part, Part::Digit(_))).count().min(3));
    let unit = 10_f64.powi(decimals as i32);
    let ticks = (serial.fract() * 86_400.0 * unit).round();
    let (day, ticks) = if ticks >= 86_400.0 * unit { (day.plus_days(1), 0.0) } else { (day, ticks) };
    let seconds = (ticks / unit).floor() as u32;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = ticks - f64::from(seconds) * unit;
    let (year, month, day_of_month) = day.ymd();
    let shown_hour = if half_day { (hour + 11) % 12 + 1 } else { hour };
    let total = (serial * 86_400.0).round();
    let mut out = String::new();
    let padded = |value: f64, width: usize| if width >= 2 { format!("{value:0width$}") } else { format!("{value}") };
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Literal(text) => out.push_str(text),
            Part::Slash => out.push('/'),
            Part::Comma => out.push(','),
            Part::Percent => out.push('%'),
            Part::Point => {
                out.push('.');
                if decimals > 0 {
                    out.push_str(&format!("{fraction:0decimals$}"));
                }
            }
            Part::Time('y', run) => {
                out.push_str(&if *run <= 2 { format!("{:02}", year % 100) } else { format!("{year:04}") })
            }
            Part::Time('m', run) if is_minute(parts, index) => out.push_str(&padded(f64::from(minute), *run)),
            Part::Time('m', run) => {
                let name = MONTHS[month as usize - 1];
                match run {
                    1 | 2 => out.push_str(&padded(f64::from(month), *run)),
                    3 => out.push_str(&name[..3]),
                    5 => out.push_str(&name[..1]),
                    _ => out.push_str(name),
                }
            }
            Part::Time('d', run) => {
                // Before March 1900 Excel's weekdays are one off, with its phantom leap day.
                let weekday =
                    if serial < 61.0 { (serial.floor() as usize + 5) % 7 } else { day.iso_weekday() as usize - 1 };
                match run {
                    1 | 2 => out.push_str(&padded(f64::from(day_of_month), *run)),
                    3 => out.push_str(&DAYS[weekday][..3]),
                    _ => out.push_str(DAYS[weekday]),
                }
            }
            Part::Time('h', run) => out.push_str(&padded(f64::from(shown_hour), *run)),
            Part::Time(_, run) => out.push_str(&padded(f64::from(second), *run)),
            Part::Elapsed('h', run) => out.push_str(&padded((total / 3600.0).floor(), *run)),
            Part::Elapsed('m', run) => out.push_str(&padded((total / 60.0).floor(), *run)),
            Part::Elapsed(_, run) => out.push_str(&padded(total, *run)),
            Part::AmPm(long) => {
                let text = if hour < 12 { "AM" } else { "PM" };
                out.push_str(if *long { text } else { &text[..1] });
            }
            Part::Digit(_) | Part::Exponent(_) | Part::General => {}
        }
    }
    Ok(out)
}

/// `m` means minutes after hours and before seconds.
fn is_minute(parts: &[Part], index: usize) -> bool {
    let is_time = |part: &&Part| matches!(part, Part::Time(..) | Part::Elapsed(..));
    let before = parts[..index].iter().rev().find(is_time);
    let after = parts[index + 1..].iter().find(is_time);
    matches!(before, Some(Part::Time('h', _) | Part::Elapsed('h', _)))
        || matches!(after, Some(Part::Time('s', _) | Part::Elapsed('s', _)))
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
