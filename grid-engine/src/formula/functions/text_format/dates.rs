//! Dates and times in formats: `yyyy-mm-dd`, `[h]:mm`.

use super::super::args::wrong;
use super::super::dates::{monday_based, parts_of, whole_serial};
use super::languages::ENGLISH;
use super::parts::Part;
use crate::value::CellError;

pub(super) fn date_text(parts: &[Part], serial: f64) -> Result<String, CellError> {
    let half_day = parts.iter().any(|part| matches!(part, Part::AmPm(_)));
    // Fractions of seconds shown decide how the time is rounded.
    let decimals = parts
        .iter()
        .rposition(|part| *part == Part::Point)
        .map_or(0, |point| parts[point..].iter().filter(|part| matches!(part, Part::Digit(_))).count().min(3));
    let unit = 10_f64.powi(decimals as i32);
    let ticks = (serial.fract() * 86_400.0 * unit).round();
    let day = whole_serial(serial).map_err(|_| wrong("a date lies between 1900 and 9999"))?;
    let (day, ticks) = if ticks >= 86_400.0 * unit { (day + 1, 0.0) } else { (day, ticks) };
    let seconds = (ticks / unit).floor() as u32;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = ticks - f64::from(seconds) * unit;
    let (year, month, day_of_month) = parts_of(day)?;
    let shown_hour = if half_day { (hour + 11) % 12 + 1 } else { hour };
    let total = (serial * 86_400.0).round();
    let mut languages =
        parts.iter().filter_map(|part| if let Part::Language(language) = part { Some(*language) } else { None });
    let language = languages.next_back().unwrap_or(&ENGLISH);
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
            Part::Time('m', run) => match run {
                1 | 2 => out.push_str(&padded(f64::from(month), *run)),
                5 => out.extend(language.month(month, false).chars().next()),
                run => out.push_str(language.month(month, *run == 3)),
            },
            Part::Time('d', run) => {
                let weekday = monday_based(day) as usize;
                match run {
                    1 | 2 => out.push_str(&padded(f64::from(day_of_month), *run)),
                    run => out.push_str(language.day(weekday, *run == 3)),
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
            Part::Digit(_) | Part::Exponent(_) | Part::General | Part::Language(_) => {}
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
