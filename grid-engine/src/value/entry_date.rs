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

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

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

/// A date as formulas take it besides these forms: `5-Jul`, `Mar 5`, `3/5` in a year, `3/2024` for the month's first day,
/// with the day of the week before it; perhaps with a time of day.
pub fn read_day_of_year(text: &str, year: i32) -> Option<f64> {
    let text = text.trim();
    let (date, time) = match text.find(':').and_then(|colon| text[..colon].rfind(' ')) {
        Some(space) => (&text[..space], read_time(&text[space + 1..])?),
        None => (text, 0.0),
    };
    let named = date.split_once([',', ' ']).filter(|(first, _)| DAYS.iter().any(|day| is_name(first, day)));
    let date = named.map_or(date, |(_, rest)| rest.trim_start());
    let read = read_serial(date, DateOrder::MonthFirst).or_else(|| {
        let (year, month, day) = part_of_year(date, year)?;
        Date::from_ymd(year, month, day).map(Date::serial)
    });
    read.map(|serial| serial + time)
}

/// Year, month and day of a date that lacks its year or its day.
fn part_of_year(text: &str, year: i32) -> Option<(i32, u32, u32)> {
    let split = |text: &str| {
        let at = text.find(['-', '/', ' '])?;
        let second = text[at + 1..].trim();
        Some((text[..at].trim().to_owned(), second.to_owned(), text.as_bytes()[at]))
    };
    // `Mar1` and `1Mar` are Mar 1.
    let joined = || {
        let is_digit = |c: char| c.is_ascii_digit();
        let at = text.find(is_digit).filter(|&at| at > 0).or_else(|| text.find(|c| !is_digit(c)))?;
        Some((text[..at].to_owned(), text[at..].to_owned(), b' '))
    };
    let (first, second, separator) = split(text).or_else(joined)?;
    match (digits(&first), digits(&second)) {
        (Some(day), None) if first.len() <= 2 => Some((year, named_month(&second)?, day)),
        (None, Some(_)) => of_month(year, named_month(&first)?, &second),
        (Some(month), Some(_)) if first.len() <= 2 && separator != b' ' => of_month(year, month, &second),
        _ => None,
    }
}

/// A day of a month; a number that is none is the year the month is of.
fn of_month(year: i32, month: u32, number: &str) -> Option<(i32, u32, u32)> {
    let day = digits(number)?;
    let is_day = number.len() <= 2 && Date::from_ymd(year, month, day).is_some();
    if is_day { Some((year, month, day)) } else { Some((full_year(number)?, month, 1)) }
}

/// The serial of a day in one of the forms above; spreadsheets know none before 1900. 1900-02-29, which never was, has
/// one as well there.
fn read_serial(text: &str, order: DateOrder) -> Option<f64> {
    match read_parts(text, order)? {
        (1900, 2, 29) => Some(60.0),
        (year, month, day) => Date::from_ymd(year, month, day).filter(|_| year >= 1900).map(Date::serial),
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
    MONTHS.iter().position(|name| is_name(text, name)).map(|index| index as u32 + 1)
}

/// Whether a text is a name, or the first three letters of it.
fn is_name(text: &str, name: &str) -> bool {
    text.eq_ignore_ascii_case(name) || (text.len() == 3 && name[..3].eq_ignore_ascii_case(text))
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
    fn formulas_take_dates_of_a_year() {
        for (text, serial) in [
            ("5-JUL", Some(46_208.0)),
            ("Mar 5", Some(46_086.0)),
            ("5 March", Some(46_086.0)),
            ("3/5", Some(46_086.0)),
            ("3-5", Some(46_086.0)),
            ("3/5 12:00", Some(46_086.5)),
            ("Mar1", Some(46_082.0)),
            ("1Mar", Some(46_082.0)),
            ("3/2024", Some(45_352.0)),
            ("Mar 45", Some(16_497.0)),
            ("Tuesday, March 5, 2024", Some(45_356.0)),
            ("Tue 5 Mar 2024", Some(45_356.0)),
            // No day of this year, so a month of another.
            ("2/29", Some(47_150.0)),
            ("13/5", None),
            ("3 5", None),
            ("3.5.", None),
            ("Monday", None),
            ("März", None),
            ("x1", None),
            ("5", None),
        ] {
            assert_eq!(read_day_of_year(text, 2026), serial, "{text}");
        }
        assert_eq!(read_serial("1/1/1899", DateOrder::MonthFirst), None);
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
