//! Reading what a person typed into a cell.

use super::{ErrorKind, Locale, NumberFormat, Value};
use crate::calendar::Date;

/// What was typed, understood.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// Nothing, or only white space: clears the cell.
    Clear,
    /// A formula, with its `=`; still to be parsed.
    Formula(String),
    /// A value, and the format its spelling asks for (`12 %`, `2026-03-31`).
    Value(Value, Option<NumberFormat>),
}

/// Reads an entry: `=…` is a formula, `'…` a text as it stands, then numbers, dates, truth values, errors, text.
///
/// ```
/// # use grid_engine::value::{NumberFormat, entry::{Entry, read_entry}};
/// assert_eq!(read_entry("12.5 %"), Entry::Value(0.125.into(), Some(NumberFormat::Percent)));
/// assert_eq!(read_entry("'007"), Entry::Value("007".into(), None));
/// ```
pub fn read_entry(typed: &str) -> Entry {
    read_entry_in(typed, Locale::default())
}

/// The same, numbers and dates as a locale writes them.
pub fn read_entry_in(typed: &str, locale: Locale) -> Entry {
    let text = typed.trim();
    if let Some(quoted) = typed.trim_start().strip_prefix('\'') {
        return Entry::Value(quoted.into(), None);
    }
    if text.is_empty() {
        return Entry::Clear;
    }
    if text.len() > 1 && text.starts_with('=') {
        return Entry::Formula(text.to_owned());
    }
    if let Some((number, format)) = read_number_in(text, locale) {
        return Entry::Value(Value::Number(number), format);
    }
    let upper = text.to_ascii_uppercase();
    let value = match upper.as_str() {
        "TRUE" => true.into(),
        "FALSE" => false.into(),
        code => match ErrorKind::ALL.into_iter().find(|kind| kind.code() == code) {
            Some(kind) => kind.into(),
            None => typed.into(),
        },
    };
    Entry::Value(value, None)
}

/// Reads a number in any common spelling: `1,234.5`, `(12)`, `-3 %`, `€ 5`, `1e3`, `1 1/2`, `2026-03-31`, `31 Mar 2026`,
/// `14:30`.
///
/// Dates give their spreadsheet serial. The format is what the spelling asks for, if anything.
pub fn read_number(text: &str) -> Option<(f64, Option<NumberFormat>)> {
    read_number_in(text, Locale::default())
}

/// The same as a locale writes numbers and dates. What has no meaning there is read as anywhere: `12.5` is 12.5 where
/// `1.234` is 1234.
pub fn read_number_in(text: &str, locale: Locale) -> Option<(f64, Option<NumberFormat>)> {
    let text = text.trim();
    let first = text.chars().next()?;
    // Most texts of a column are words; they are turned away here.
    if first.is_alphabetic() && !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let signs = |locale: Locale| (locale.decimal, locale.group);
    if signs(locale) != signs(Locale::default()) {
        let plain = locale.plain(text);
        if let Some(read) = read_plain(&plain).map(|number| (number, None)).or_else(|| read_decorated(&plain)) {
            return Some(read);
        }
    }
    if let Some(number) = read_plain(text) {
        return Some((number, None));
    }
    read_decorated(text)
        .or_else(|| read_fraction(text).map(|number| (number, None)))
        .or_else(|| super::entry_date::read_date_time(text, locale.date))
}

/// `1 1/2`: a whole number and a fraction. A fraction alone is a date to spreadsheets, so it needs a `0` in front.
fn read_fraction(text: &str) -> Option<f64> {
    let (sign, rest) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let (whole, fraction) = rest.split_once(' ')?;
    let (numerator, denominator) = fraction.trim().split_once('/')?;
    let digits = |text: &str| {
        let plain = (1..=5).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<f64>().ok()).flatten()
    };
    let (whole, numerator, denominator) = (digits(whole)?, digits(numerator)?, digits(denominator)?);
    (denominator > 0.0).then(|| sign * (whole + numerator / denominator))
}

/// Digits, point and exponent only.
fn read_plain(text: &str) -> Option<f64> {
    let allowed = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    if !text.bytes().all(allowed) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// With a sign in parentheses, a currency, grouping commas or a percent sign.
fn read_decorated(text: &str) -> Option<(f64, Option<NumberFormat>)> {
    let (mut negative, mut rest) = match text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => (true, inner.trim()),
        None => (false, text),
    };
    let minus = rest.strip_prefix(['-', '−']);
    if let Some(minus) = minus {
        (negative, rest) = (!negative, minus.trim_start());
    } else {
        rest = rest.strip_prefix('+').unwrap_or(rest);
    }
    let mut format = None;
    for currency in ['$', '€', '£', '¥'] {
        let without = rest.strip_prefix(currency).or_else(|| rest.strip_suffix(currency));
        if let Some(without) = without {
            (rest, format) = (without.trim(), Some(NumberFormat::Price));
            break;
        }
    }
    let mut divisor = 1.0;
    if let Some(percent) = rest.strip_suffix('%').or_else(|| rest.strip_prefix('%')) {
        (rest, divisor, format) = (percent.trim(), 100.0, Some(NumberFormat::Percent));
    }
    // `$-5`, but not `--5`.
    if let Some(other) = rest.strip_prefix('-').filter(|_| minus.is_none()) {
        (negative, rest) = (!negative, other);
    }
    if !rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    let (whole, fraction) = rest.split_once('.').map_or((rest, None), |(whole, fraction)| (whole, Some(fraction)));
    if whole.contains(',') && !grouped(whole) || fraction.is_some_and(|fraction| fraction.contains(',')) {
        return None;
    }
    if whole.contains(',') && format.is_none() {
        format = Some(if fraction.is_some() { NumberFormat::Decimal } else { NumberFormat::Whole });
    }
    let number = read_plain(&rest.replace(',', ""))? / divisor;
    Some((if negative { -number } else { number }, format))
}

/// Whether commas stand where thousands end: `1,234,567`.
fn grouped(whole: &str) -> bool {
    let mut groups = whole.split(',');
    let first = groups.next().is_some_and(|first| (1..=3).contains(&first.len()));
    first && groups.all(|group| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The text that, typed again, gives this value: what an editor starts with.
pub fn entry_text(value: &Value, format: NumberFormat) -> String {
    entry_text_in(value, format, Locale::default())
}

/// The same for one who types numbers as a locale writes them.
pub fn entry_text_in(value: &Value, format: NumberFormat, locale: Locale) -> String {
    match value {
        Value::Number(number) if format == NumberFormat::Date => Date::from_serial(*number)
            .filter(|_| number.fract() == 0.0)
            .map_or_else(|| locale.shown(&super::format::general_text(*number)), |date| date.to_string()),
        Value::Number(number) if format == NumberFormat::Percent => {
            locale.shown(&format!("{}%", super::format::general_text(*number * 100.0)))
        }
        Value::Number(number) => locale.shown(&super::format::general_text(*number)),
        Value::Text(text) => {
            let as_typed = read_entry_in(text, locale);
            if as_typed == Entry::Value(value.clone(), None) { text.to_string() } else { format!("'{text}") }
        }
        other => other.to_text().map_or_else(|error| error.to_string(), |text| text.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_common_spellings() {
        use NumberFormat::{Decimal, Percent, Price, Whole};
        for (typed, number, format) in [
            ("12", 12.0, None),
            ("-0.5", -0.5, None),
            ("1,234", 1234.0, Some(Whole)),
            ("1,234.50", 1234.5, Some(Decimal)),
            ("12.5%", 0.125, Some(Percent)),
            ("-3 %", -0.03, Some(Percent)),
            ("(12)", -12.0, None),
            ("€ 5.20", 5.2, Some(Price)),
            ("5.20 €", 5.2, Some(Price)),
            ("1e3", 1000.0, None),
            ("1 1/2", 1.5, None),
            ("-0 3/4", -0.75, None),
        ] {
            assert_eq!(read_entry(typed), Entry::Value(number.into(), format), "{typed}");
        }
    }

    #[test]
    fn what_is_no_number_is_text() {
        for typed in
            ["12,34", "1,2345", "abc", "1.2.3", "-", "e5", "SKU-12", "=", "%", "()", "12 pcs", "1 1/0", "1 1/x"]
        {
            assert_eq!(read_entry(typed), Entry::Value(typed.into(), None), "{typed}");
        }
    }

    #[test]
    fn numbers_as_countries_write_them() {
        for (tag, typed, number) in [
            ("de-DE", "12,5", Some(12.5)),
            ("de-DE", "1.234,5", Some(1234.5)),
            ("de-DE", "1.234", Some(1234.0)),
            ("de-DE", "1.234.567", Some(1_234_567.0)),
            ("de-DE", "-3,5 %", Some(-0.035)),
            ("de-DE", "12,50 €", Some(12.5)),
            ("de-DE", "(1.234,5)", Some(-1234.5)),
            ("de-DE", "1,5e3", Some(1500.0)),
            ("de-DE", "12.5", Some(12.5)),
            ("de-DE", "1,234.5", Some(1234.5)),
            ("de-DE", "1,2,3", None),
            ("de-DE", "31.3.2026", Some(46_112.0)),
            ("de-DE", "31/3/2026", Some(46_112.0)),
            ("de-DE", "31-3-26", Some(46_112.0)),
            ("de-DE", "3/31/2026", None),
            ("de-DE", "2026-03-31", Some(46_112.0)),
            ("de-DE", "14:30", Some(14.5 / 24.0)),
            ("fr-FR", "1 234,5", Some(1234.5)),
            ("fr-FR", "1\u{202f}234\u{a0}567,25", Some(1_234_567.25)),
            ("fr-FR", "12,5 %", Some(0.125)),
            ("fr-FR", "1 1/2", Some(1.5)),
            ("fr-FR", "1 23", None),
            ("de-CH", "1’234.5", Some(1234.5)),
            ("de-CH", "1'234.5", Some(1234.5)),
            ("en-GB", "3/4/2026", Some(46_115.0)),
            ("en-US", "3/4/2026", Some(46_085.0)),
            ("en-US", "12,5", None),
            ("sv-SE", "26/3/31", Some(46_112.0)),
            ("sv-SE", "2026/3/31", Some(46_112.0)),
        ] {
            assert_eq!(read_number_in(typed, Locale::of(tag)).map(|read| read.0), number, "{typed} in {tag}");
        }
    }

    #[test]
    fn an_editor_starts_as_the_country_writes() {
        let german = Locale::of("de-DE");
        for (value, format, text) in [
            (Value::from(1.234), NumberFormat::General, "1,234"),
            (0.125.into(), NumberFormat::Percent, "12,5%"),
            ((-1234.5).into(), NumberFormat::General, "-1234,5"),
            (1e-30.into(), NumberFormat::General, "1E-30"),
            (46_348.0.into(), NumberFormat::Date, "2026-11-22"),
            (46_348.5.into(), NumberFormat::Date, "46348,5"),
            ("1.5".into(), NumberFormat::General, "'1.5"),
        ] {
            assert_eq!(entry_text_in(&value, format, german), text);
            assert!(matches!(read_entry_in(text, german), Entry::Value(read, _) if read == value), "{text}");
        }
    }

    #[test]
    fn marks_decide_the_kind() {
        assert_eq!(read_entry("  "), Entry::Clear);
        assert_eq!(read_entry("=1+1"), Entry::Formula("=1+1".into()));
        assert_eq!(read_entry("'=1+1"), Entry::Value("=1+1".into(), None));
        assert_eq!(read_entry("true"), Entry::Value(true.into(), None));
        assert_eq!(read_entry("#n/a"), Entry::Value(ErrorKind::Na.into(), None));
        assert_eq!(read_entry("2026-11-22"), Entry::Value(46_348.0.into(), Some(NumberFormat::Date)));
    }

    #[test]
    fn an_editor_starts_with_what_gives_the_value_again() {
        for (value, format) in [
            (Value::from(12.5), NumberFormat::General),
            (0.125.into(), NumberFormat::Percent),
            (46_348.0.into(), NumberFormat::Date),
            ("007".into(), NumberFormat::General),
            ("=x".into(), NumberFormat::General),
            ("'x".into(), NumberFormat::General),
            ("plain".into(), NumberFormat::General),
            (true.into(), NumberFormat::General),
        ] {
            let text = entry_text(&value, format);
            assert!(matches!(read_entry(&text), Entry::Value(read, _) if read == value), "{text}");
        }
    }
}
