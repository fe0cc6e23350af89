//! Dates and times of day, as spreadsheet serials.

use super::args::{out_of_range, wrong};
use super::{Args, Body, Declared, Nature, declare};
use crate::calendar::Date;
use crate::formula::eval::Outcome;
use crate::value::{CellError, Locale, Value, read_date_time};

/// The serial of 9999-12-31.
const LAST_SERIAL: f64 = 2_958_465.0;

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "TODAY()",
        "The present day.",
        "=TODAY()",
        Body::Whole(|args| Ok(Value::number(args.evaluation.cells.now().floor()))),
    )
    .nature(Nature::Volatile),
    declare(
        "NOW()",
        "The present day and time.",
        "=NOW()",
        Body::Whole(|args| Ok(Value::number(args.evaluation.cells.now()))),
    )
    .nature(Nature::Volatile),
    declare(
        "DATE(year, month, day)",
        "A day; months and days beyond their range carry over.",
        "=DATE(2026,3,31)",
        Body::Each(date),
    ),
    declare("TIME(hour, minute, second)", "A time of day as a share of it.", "=TIME(14,30,0)", Body::Each(time)),
    declare(
        "YEAR(date)",
        "The year of a date.",
        "=YEAR(B2)",
        Body::Each(|args| Ok(Value::number(f64::from(parts(args)?.0)))),
    ),
    declare(
        "MONTH(date)",
        "The month of a date, 1 to 12.",
        "=MONTH(B2)",
        Body::Each(|args| Ok(Value::number(f64::from(parts(args)?.1)))),
    ),
    declare(
        "DAY(date)",
        "The day of the month.",
        "=DAY(B2)",
        Body::Each(|args| Ok(Value::number(f64::from(parts(args)?.2)))),
    ),
    declare(
        "HOUR(time)",
        "The hour, 0 to 23.",
        "=HOUR(B2)",
        Body::Each(|args| Ok(Value::number((seconds(args)? / 3600.0).floor()))),
    ),
    declare(
        "MINUTE(time)",
        "The minute, 0 to 59.",
        "=MINUTE(B2)",
        Body::Each(|args| Ok(Value::number((seconds(args)? / 60.0).floor() % 60.0))),
    ),
    declare(
        "SECOND(time)",
        "The second, 0 to 59.",
        "=SECOND(B2)",
        Body::Each(|args| Ok(Value::number(seconds(args)? % 60.0))),
    ),
    declare(
        "DATEVALUE(text)",
        "The day a text stands for; without a year it is one of this year, as of the calculation.",
        "=DATEVALUE(\"2026-03-31\")",
        Body::Each(|args| Ok(Value::number(typed(args)?.floor()))),
    ),
    declare(
        "TIMEVALUE(text)",
        "The time of day a text stands for.",
        "=TIMEVALUE(\"14:30\")",
        Body::Each(|args| Ok(Value::number(typed(args)?.fract()))),
    ),
    declare(
        "EDATE(date, months)",
        "The same day some months on.",
        "=EDATE(B2,3)",
        Body::Each(|args| {
            let (year, month, day) = day(args.number(0)?)?.ymd();
            let (year, month) = months_on(year, month, args.number(1)?)?;
            serial(year, month, day.min(Date::days_in_month(year, month)))
        }),
    ),
    declare(
        "EOMONTH(date, months)",
        "The last day of a month some months on.",
        "=EOMONTH(B2,0)",
        Body::Each(|args| {
            let (year, month, _) = parts(args)?;
            let (year, month) = months_on(year, month, args.number(1)?)?;
            serial(year, month, Date::days_in_month(year, month))
        }),
    ),
    declare(
        "WEEKDAY(date, [type])",
        "The day of the week: type 1 Sunday = 1, 2 Monday = 1, 3 Monday = 0, 11 to 17.",
        "=WEEKDAY(B2,2)",
        Body::Each(weekday),
    ),
    declare(
        "WEEKNUM(date, [type])",
        "The week of the year: type 1 from Sunday, 2 from Monday, 21 ISO.",
        "=WEEKNUM(B2,2)",
        Body::Each(week_number),
    ),
    declare(
        "ISOWEEKNUM(date)",
        "The ISO week of the year.",
        "=ISOWEEKNUM(B2)",
        Body::Each(|args| iso_week(args.number(0)?)),
    ),
    declare(
        "DAYS(end, start)",
        "The days between two dates.",
        "=DAYS(C2,B2)",
        Body::Each(|args| Ok(Value::number(args.number(0)?.floor() - args.number(1)?.floor()))),
    ),
    declare(
        "DAYS360(start, end, [european])",
        "The days between two dates in a year of 360 days.",
        "=DAYS360(B2,C2)",
        Body::Each(|args| {
            let (start, end) = (day(args.number(0)?)?, day(args.number(1)?)?);
            Ok(Value::number(f64::from(days_360(start, end, args.bool_or(2, false)?))))
        }),
    ),
    declare(
        "DATEDIF(start, end, unit)",
        "Whole years, months or days between dates: Y, M, D, YM, MD, YD.",
        "=DATEDIF(B2,C2,\"M\")",
        Body::Each(date_difference),
    ),
    declare(
        "YEARFRAC(start, end, [basis])",
        "The share of a year between two dates: basis 0 to 4.",
        "=YEARFRAC(B2,C2,1)",
        Body::Each(|args| {
            let (start, end) = (day(args.number(0)?)?, day(args.number(1)?)?);
            year_fraction(start, end, args.integer_or(2, 0)?).map(Value::number)
        }),
    ),
];

/// The day of a serial; `#NUM!` outside 1900–9999.
pub(super) fn day(serial: f64) -> Result<Date, CellError> {
    Date::from_serial(serial).ok_or_else(|| out_of_range("a date lies between 1900 and 9999"))
}

/// The whole serial of a day; `#NUM!` outside 1900–9999.
pub(super) fn whole_serial(serial: f64) -> Result<i32, CellError> {
    let whole = serial.floor();
    if (0.0..LAST_SERIAL + 1.0).contains(&whole) {
        Ok(whole as i32)
    } else {
        Err(out_of_range("a date lies between 1900 and 9999"))
    }
}

/// Year, month, day as Excel shows them: serial 0 is 1900-01-00, serial 60 its phantom 1900-02-29.
pub(super) fn parts_of(serial: i32) -> Result<(i32, u32, u32), CellError> {
    match serial {
        0 => Ok((1900, 1, 0)),
        60 => Ok((1900, 2, 29)),
        _ => Ok(day(f64::from(serial))?.ymd()),
    }
}

fn parts(args: &Args<'_>) -> Result<(i32, u32, u32), CellError> {
    parts_of(whole_serial(args.number(0)?)?)
}

/// Monday = 0 … Sunday = 6, counted as Excel does from serial 1 = Sunday: before its phantom leap day one off the calendar.
pub(super) fn monday_based(serial: i32) -> i32 {
    (serial + 5) % 7
}

/// The ISO week of a day: that of its Thursday, counted in Excel's days.
fn iso_week(serial: f64) -> Outcome {
    let serial = whole_serial(serial)?;
    let thursday = serial - monday_based(serial) + 3;
    if thursday < 1 {
        return Ok(Value::Number(52.0));
    }
    let (year, ..) = parts_of(thursday.min(LAST_SERIAL as i32))?;
    let first = Date::from_ymd(year, 1, 1).map_or(1.0, Date::serial);
    Ok(Value::number(f64::from((thursday - first as i32) / 7 + 1)))
}

/// Whole seconds since midnight.
fn seconds(args: &Args<'_>) -> Result<f64, CellError> {
    let serial = args.number(0)?;
    if serial < 0.0 {
        return Err(out_of_range("a time must not be negative"));
    }
    Ok((serial.fract() * 86_400.0).round() % 86_400.0)
}

fn typed(args: &Args<'_>) -> Result<f64, CellError> {
    let text = args.text(0)?;
    let read = read_date_time(text.trim(), Locale::default().date).map(|(serial, _)| serial);
    // A plain number is no date, and what is no number at all may still be a day of this year.
    let of_year = || if args.value(0).to_number().is_err() { args.number(0).ok() } else { None };
    match read.or_else(of_year) {
        Some(serial) if serial >= 0.0 => Ok(serial),
        _ => Err(wrong("the text is no date or time")),
    }
}

fn serial(year: i32, month: u32, day: u32) -> Outcome {
    match Date::from_ymd(year, month, day).map(Date::serial) {
        Some(serial) if serial >= 0.0 => Ok(Value::number(serial)),
        _ => Err(out_of_range("a date lies between 1900 and 9999")),
    }
}

fn date(args: &Args<'_>) -> Outcome {
    let (year, month, day) = (args.number(0)?.floor(), args.number(1)?.floor(), args.number(2)?.floor());
    let year = if (0.0..1900.0).contains(&year) { year + 1900.0 } else { year };
    if !(1900.0..10_000.0).contains(&year) || month.abs() > 120_000.0 || day.abs() > 4e6 {
        return Err(out_of_range("a date lies between 1900 and 9999"));
    }
    let (year, month) = months_on(year as i32, 1, month - 1.0)?;
    let first = Date::from_ymd(year, month, 1).ok_or_else(|| out_of_range("a date lies between 1900 and 9999"))?;
    let serial = first.serial() + day - 1.0;
    if !(0.0..LAST_SERIAL + 1.0).contains(&serial) {
        return Err(out_of_range("a date lies between 1900 and 9999"));
    }
    Ok(Value::number(serial))
}

fn time(args: &Args<'_>) -> Outcome {
    let (hour, minute, second) = (args.number(0)?.trunc(), args.number(1)?.trunc(), args.number(2)?.trunc());
    let total = hour * 3600.0 + minute * 60.0 + second;
    if total < 0.0 || [hour, minute, second].iter().any(|part| *part > 32_767.0) {
        return Err(out_of_range("a time must not be negative, and its parts go to 32767"));
    }
    Ok(Value::number(total / 86_400.0 % 1.0))
}

/// Year and month after some months.
fn months_on(year: i32, month: u32, months: f64) -> Result<(i32, u32), CellError> {
    let total = f64::from(year) * 12.0 + f64::from(month) - 1.0 + months.trunc();
    if !(1900.0 * 12.0 - 1.0..10_000.0 * 12.0).contains(&total) {
        return Err(out_of_range("a date lies between 1900 and 9999"));
    }
    let total = total as i32;
    Ok((total.div_euclid(12), total.rem_euclid(12) as u32 + 1))
}

fn weekday(args: &Args<'_>) -> Outcome {
    let monday = i64::from(monday_based(whole_serial(args.number(0)?)?));
    let day = match args.integer_or(1, 1)? {
        1 | 17 => (monday + 1) % 7 + 1,
        2 | 11 => monday + 1,
        3 => monday,
        kind @ 12..=16 => (monday - (kind - 11)).rem_euclid(7) + 1,
        _ => return Err(out_of_range("weekday types are 1 to 3 and 11 to 17")),
    };
    Ok(Value::number(day as f64))
}

fn week_number(args: &Args<'_>) -> Outcome {
    let serial = whole_serial(args.number(0)?)?;
    let starts = match args.integer_or(1, 1)? {
        1 | 17 => 6,
        2 | 11 => 0,
        kind @ 12..=16 => kind as i32 - 11,
        21 => return iso_week(f64::from(serial)),
        _ => return Err(out_of_range("week types are 1, 2, 11 to 17 and 21")),
    };
    let first = Date::from_ymd(parts_of(serial)?.0, 1, 1).map_or(1, |first| first.serial() as i32);
    let offset = (monday_based(first) - starts).rem_euclid(7);
    Ok(Value::number(f64::from((serial - first + offset).div_euclid(7) + 1)))
}

/// Days of twelve months of thirty: the American rule moves ends of February and the 31st, the European the 31st only.
pub(super) fn days_360(start: Date, end: Date, european: bool) -> i32 {
    let (y1, m1, mut d1) = start.ymd();
    let (y2, m2, mut d2) = end.ymd();
    if european {
        (d1, d2) = (d1.min(30), d2.min(30));
    } else {
        let ends_month = |year, month, day| day == Date::days_in_month(year, month);
        if ends_month(y1, m1, d1) {
            d1 = 30;
        }
        if d2 == 31 && d1 >= 30 {
            d2 = 30;
        }
    }
    (y2 - y1) * 360 + (m2 as i32 - m1 as i32) * 30 + d2 as i32 - d1 as i32
}

fn date_difference(args: &Args<'_>) -> Outcome {
    let (start, end) = (day(args.number(0)?)?, day(args.number(1)?)?);
    if start > end {
        return Err(out_of_range("the start lies after the end"));
    }
    let ((y1, m1, d1), (y2, m2, d2)) = (start.ymd(), end.ymd());
    let months = (y2 - y1) * 12 + m2 as i32 - m1 as i32 - i32::from(d2 < d1);
    let difference = match args.text(2)?.to_uppercase().as_str() {
        "Y" => months.div_euclid(12),
        "M" => months,
        "D" => end.days() - start.days(),
        "YM" => months.rem_euclid(12),
        "MD" if d2 >= d1 => d2 as i32 - d1 as i32,
        "MD" => {
            let (year, month) = if m2 == 1 { (y2 - 1, 12) } else { (y2, m2 - 1) };
            Date::days_in_month(year, month) as i32 - d1 as i32 + d2 as i32
        }
        "YD" => {
            let year = if (m1, d1) <= (m2, d2) { y2 } else { y2 - 1 };
            let anchor = Date::from_ymd(year, m1, d1.min(Date::days_in_month(year, m1)));
            end.days() - anchor.map_or(end.days(), Date::days)
        }
        _ => return Err(out_of_range("units are Y, M, D, YM, MD and YD")),
    };
    Ok(Value::number(f64::from(difference)))
}

/// The share of a year between two days, by day-count basis.
pub(super) fn year_fraction(start: Date, end: Date, basis: i64) -> Result<f64, CellError> {
    let (start, end) = if start <= end { (start, end) } else { (end, start) };
    let days = f64::from(end.days() - start.days());
    match basis {
        0 => Ok(f64::from(nasd_days(start, end)) / 360.0),
        1 => Ok(days / average_year(start, end)),
        2 => Ok(days / 360.0),
        3 => Ok(days / 365.0),
        4 => Ok(f64::from(days_360(start, end, true)) / 360.0),
        _ => Err(out_of_range("a day-count basis is 0 to 4")),
    }
}

/// The 30/360 rule of the NASD, as YEARFRAC applies it: the end of February counts only when both ends are.
fn nasd_days(start: Date, end: Date) -> i32 {
    let (y1, m1, mut d1) = start.ymd();
    let (y2, m2, mut d2) = end.ymd();
    let ends_february = |year, month, day| month == 2 && day == Date::days_in_month(year, month);
    if ends_february(y1, m1, d1) {
        if ends_february(y2, m2, d2) {
            d2 = 30;
        }
        d1 = 30;
    }
    if d2 == 31 && d1 >= 30 {
        d2 = 30;
    }
    d1 = d1.min(30);
    (y2 - y1) * 360 + (m2 as i32 - m1 as i32) * 30 + d2 as i32 - d1 as i32
}

/// The length of a year for the actual/actual basis.
fn average_year(start: Date, end: Date) -> f64 {
    let ((y1, m1, d1), (y2, m2, d2)) = (start.ymd(), end.ymd());
    let year_days = |year: i32| 337.0 + f64::from(Date::days_in_month(year, 2));
    let within_a_year = y1 == y2 || (y1 + 1 == y2 && (m2, d2) <= (m1, d1));
    if within_a_year {
        if y1 == y2 {
            return year_days(y1);
        }
        let leap_day_inside = [y1, y2]
            .into_iter()
            .any(|year| Date::from_ymd(year, 2, 29).is_some_and(|leap| start <= leap && leap <= end));
        return if leap_day_inside { 366.0 } else { 365.0 };
    }
    let years = f64::from(y2 - y1 + 1);
    (y1..=y2).map(year_days).sum::<f64>() / years
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn days_and_parts() {
        check(&[
            ("DATE(2026,11,22)", "46348"),
            ("DATE(2026,14,1)", "DATE(2027,2,1)"),
            ("DATE(2026,3,0)", "DATE(2026,2,28)"),
            ("DATE(108,1,2)", "DATE(2008,1,2)"),
            ("DATE(-1,1,1)", "#NUM!"),
            ("YEAR(46348)&\"-\"&MONTH(46348)&\"-\"&DAY(46348)", "\"2026-11-22\""),
            ("DAY(60)", "29"),
            ("MONTH(\"2026-05-01\")", "5"),
            ("TODAY()", "46348"),
            ("NOW()-TODAY()", "0.5"),
            ("TIME(36,0,0)", "0.5"),
            ("HOUR(0.75)&\":\"&MINUTE(0.7604)", "\"18:14\""),
            ("EDATE(DATE(2026,1,31),1)", "DATE(2026,2,28)"),
            ("EOMONTH(DATE(2026,1,15),{0,1})", "{46053,46081}"),
            ("EOMONTH(0,0)", "31"),
            ("EDATE(0,1)", "31"),
            ("WEEKDAY(46348)", "1"),
            ("WEEKDAY(46348,2)", "7"),
            ("WEEKDAY(46348,9)", "#NUM!"),
            ("WEEKNUM(DATE(2026,1,4))", "2"),
            ("WEEKNUM(DATE(2026,1,4),2)", "1"),
            ("ISOWEEKNUM(DATE(2021,1,3))", "53"),
            ("DAYS(\"2026-03-01\",\"2026-02-01\")", "28"),
            ("DAYS360(DATE(2026,1,31),DATE(2026,3,31))", "60"),
            ("DATEDIF(DATE(2024,2,29),DATE(2026,2,28),\"Y\")", "1"),
            ("DATEDIF(DATE(2026,1,31),DATE(2026,3,1),\"M\")", "1"),
            ("YEARFRAC(DATE(2026,1,1),DATE(2026,7,1))", "0.5"),
            ("YEARFRAC(DATE(2026,1,1),DATE(2027,1,1),1)", "1"),
            ("DATEVALUE(\"31 Mar 2026\")", "DATE(2026,3,31)"),
            ("DATEVALUE(\"x\")", "#VALUE!"),
            ("DATEVALUE(\"5-JUL\")", "DATE(2026,7,5)"),
            ("\"3/5\"+0", "DATE(2026,3,5)"),
            ("-\"3/5\"", "-DATE(2026,3,5)"),
            ("VALUE(\"Mar 5\")", "DATE(2026,3,5)"),
            ("TEXT(\"3/5\",\"mmm\")", "\"Mar\""),
            ("MONTH(\"Mar\"&1)", "3"),
            ("MONTH(1&\"Mar\")", "3"),
            ("MONTH(DATEVALUE(\"Mar\"&\" 1\"))", "3"),
            ("VALUE(\"3/2024\")", "45352"),
            ("\"Tuesday, March 5, 2024\"+0", "45356"),
            ("VALUE(\"1/1/1899\")", "#VALUE!"),
            ("VALUE(\"what 5\")", "#VALUE!"),
            ("TIME(32768,0,0)", "#NUM!"),
            ("DATEVALUE(\"1,234.5\")", "#VALUE!"),
            ("DATEVALUE(\"$5.50\")", "#VALUE!"),
            ("TIMEVALUE(\"1e3\")", "#VALUE!"),
            ("TIMEVALUE(\"2026-01-15\")", "0"),
            // Excel's 1 January 1900 is a Sunday, and there is a 29 February.
            ("WEEKNUM({1,7,8})", "{1,1,2}"),
            ("ISOWEEKNUM({1,2,8,9,61})", "{52,1,1,2,9}"),
            ("ISOWEEKNUM(DATE(9999,12,31))", "52"),
            ("TEXT(60,\"dddd d mmm yyyy\")", "\"Wednesday 29 Feb 1900\""),
            ("TEXT(59.999999,\"d/m h:mm\")", "\"29/2 0:00\""),
        ]);
    }
}
