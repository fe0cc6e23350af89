//! Reading dates and times of day as people type them.

use super::{DateOrder, NumberFormat};
use crate::calendar::Date;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Reads a date, a time of day or both as a spreadsheet serial.
///
/// Forms: `2026-03-31`, `2026/03/31`, `3/31/2026` (in the order given), `31.3.2026` (day first), `31 Mar 2026`, `31-Mar-26`, `March 31, 2026`, `Mar 2026`; `14:30`, `14:30:05`, `2:30 PM`.
pub fn read_date_time(text: &str, order: DateOrder) -> Option<(f64, Option<NumberFormat>)> {
    if let Some(time) = read_time(text) {
        return Some((time, None));
    }
    if let Some(serial) = read_serial(text, order) {
        return Some((serial, Some(NumberFormat::Date)));
    }
    let (date, time) = text.split_once('T').or_else(|| {
        let colon = text.find(':')?;
        text[..colon].rsplit_once(' ').map(|(date, _)| (date, &text[date.len() + 1..]))
    })?;
    Some((read_serial(date.trim(), order)? + read_time(time.trim())?, None))
}

/// The serial of a day in one of the forms above. 1900-02-29, which never was, has one as well in spreadsheets.
fn read_serial(text: &str, order: DateOrder) -> Option<f64> {
    match read_parts(text, order)? {
        (1900, 2, 29) => Some(60.0),
        (year, month, day) => Date::from_ymd(year, month, day).map(Date::serial),
    }
}

/// Year, month and day as they are written.
fn read_parts(text: &str, order: DateOrder) -> Option<(i32, u32, u32)> {
    let separators = |c: char| matches!(c, '-' | '/' | '.' | ' ' | ',');
    let parts: Vec<&str> = text.split(separators).filter(|part| !part.is_empty()).collect();
    let numbers: Vec<Option<u32>> = parts.iter().map(|part| digits(part)).collect();
    match (parts.as_slice(), numbers.as_slice()) {
        ([year, ..], &[Some(y), Some(m), Some(d)]) if year.len() == 4 => Some((y as i32, m, d)),
        ([year, _, last], &[Some(_), Some(m), Some(d)]) if order == DateOrder::YearFirst && last.len() <= 2 => {
            Some((full_year(year)?, m, d))
        }
        ([.., year], &[Some(a), Some(b), Some(_)]) => {
            let month_first = order == DateOrder::MonthFirst && !text.contains('.');
            let (month, day) = if month_first { (a, b) } else { (b, a) };
            Some((full_year(year)?, month, day))
        }
        ([_, month, year], &[Some(day), None, Some(_)]) => Some((full_year(year)?, named_month(month)?, day)),
        ([month, _, year], &[None, Some(day), Some(_)]) => Some((full_year(year)?, named_month(month)?, day)),
        ([month, year], &[None, Some(number)]) if year.len() == 4 => Some((number as i32, named_month(month)?, 1)),
        _ => None,
    }
}

/// The month (1–12) of its English name or the first three letters of it.
fn named_month(text: &str) -> Option<u32> {
    let lower = text.to_lowercase();
    let index = MONTHS.iter().position(|name| *name == lower || (lower.len() == 3 && name.starts_with(&lower)))?;
    Some(index as u32 + 1)
}

/// Two digits mean 1930–2029, as in Excel.
fn full_year(text: &str) -> Option<i32> {
    let number = digits(text)? as i32;
    match text.len() {
        4 => Some(number),
        2 if number < 30 => Some(2000 + number),
        2 => Some(1900 + number),
        _ => None,
    }
}

fn digits(text: &str) -> Option<u32> {
    (text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

/// A time of day as a share of it.
fn read_time(text: &str) -> Option<f64> {
    let upper = text.to_ascii_uppercase();
    let (clock, half) = match (upper.strip_suffix("AM"), upper.strip_suffix("PM")) {
        (Some(clock), _) => (clock.trim(), Some(0.0)),
        (_, Some(clock)) => (clock.trim(), Some(12.0)),
        _ => (upper.trim(), None),
    };
    let mut parts = clock.split(':');
    let hour: f64 = parse_part(parts.next()?)?;
    let minute = match parts.next() {
        Some(part) => parse_part(part)?,
        None if half.is_some() => 0.0,
        None => return None,
    };
    let second = parts.next().map_or(Some(0.0), parse_part)?;
    if parts.next().is_some() || minute >= 60.0 || second >= 60.0 {
        return None;
    }
    let hour = match half {
        Some(offset) if (0.0..=12.0).contains(&hour) => hour % 12.0 + offset,
        Some(_) => return None,
        None => hour,
    };
    Some((hour * 3600.0 + minute * 60.0 + second) / 86_400.0)
}

fn parse_part(text: &str) -> Option<f64> {
    let plain = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_common_forms() {
        for text in [
            "2026-03-31",
            "2026/03/31",
            "3/31/2026",
            "3/31/26",
            "31.3.2026",
            "31.03.2026",
            "31 Mar 2026",
            "31-Mar-26",
            "March 31, 2026",
            "mar 31 2026",
        ] {
            assert_eq!(read_serial(text, DateOrder::MonthFirst), Some(46_112.0), "{text}");
        }
        assert_eq!(read_serial("Mar 2026", DateOrder::MonthFirst), Some(46_082.0));
        for text in ["2026-02-30", "13/13/2026", "31 Foo 2026", "2026", "1.2", "12-34"] {
            assert_eq!(read_serial(text, DateOrder::MonthFirst), None, "{text}");
        }
    }

    #[test]
    fn times_are_shares_of_a_day() {
        for (text, share) in [("12:00", 0.5), ("6:00 PM", 0.75), ("12:00 AM", 0.0), ("18:00:00", 0.75), ("36:00", 1.5)]
        {
            assert_eq!(read_time(text), Some(share), "{text}");
        }
        assert_eq!(read_date_time("2026-11-22 12:00", DateOrder::MonthFirst).map(|(serial, _)| serial), Some(46_348.5));
        assert_eq!(
            read_date_time("2026-11-22T18:00", DateOrder::MonthFirst).map(|(serial, _)| serial),
            Some(46_348.75)
        );
        assert_eq!(read_time("12:60"), None);
        for (text, serial) in [("28-Feb-1900", 59.0), ("29-Feb-1900", 60.0), ("1-Mar-1900", 61.0)] {
            assert_eq!(read_date_time(text, DateOrder::MonthFirst).map(|read| read.0), Some(serial), "{text}");
        }
    }
}
