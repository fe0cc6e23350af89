//! Working days.

use std::collections::HashSet;

use super::args::{out_of_range, wrong};
use super::dates::day;
use super::{Args, Body, Declared, declare};
use crate::calendar::Date;
use crate::formula::eval::Outcome;
use crate::value::{CellError, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "NETWORKDAYS(start, end, [holidays])",
        "The working days from one date to another, both counted.",
        "=NETWORKDAYS(B2,C2)",
        Body::Lifted(dates_only, |args| between(args, &Week::WESTERN, 2)),
    ),
    declare(
        "NETWORKDAYS.INTL(start, end, [weekend], [holidays])",
        "The same with another weekend: a number or seven digits from Monday.",
        "=NETWORKDAYS.INTL(B2,C2,7)",
        Body::Lifted(dates_only, |args| between(args, &Week::read(args, 2)?, 3)),
    ),
    declare(
        "WORKDAY(start, days, [holidays])",
        "The date so many working days on.",
        "=WORKDAY(B2,10)",
        Body::Lifted(dates_only, |args| onwards(args, &Week::WESTERN, 2)),
    ),
    declare(
        "WORKDAY.INTL(start, days, [weekend], [holidays])",
        "The same with another weekend.",
        "=WORKDAY.INTL(B2,10,7)",
        Body::Lifted(dates_only, |args| onwards(args, &Week::read(args, 2)?, 3)),
    ),
];

/// Holidays are taken whole.
fn dates_only(index: usize) -> bool {
    index < 2
}

/// Which days are free, Monday first.
struct Week([bool; 7]);

impl Week {
    const WESTERN: Self = Self([false, false, false, false, false, true, true]);

    fn read(args: &Args<'_>, index: usize) -> Result<Self, CellError> {
        if !args.given(index) {
            return Ok(Self::WESTERN);
        }
        if let Value::Text(text) = args.value(index) {
            let mut free = [false; 7];
            if text.len() != 7 || !text.bytes().all(|byte| matches!(byte, b'0' | b'1')) {
                return Err(wrong("a weekend is seven digits 0 or 1, from Monday"));
            }
            free.iter_mut().zip(text.bytes()).for_each(|(free, byte)| *free = byte == b'1');
            return Ok(Self(free));
        }
        let mut free = [false; 7];
        match args.integer(index)? {
            // 1 is Saturday and Sunday, 2 Sunday and Monday …
            code @ 1..=7 => {
                free[(code as usize + 4) % 7] = true;
                free[(code as usize + 5) % 7] = true;
            }
            // 11 is Sunday alone, 12 Monday …
            code @ 11..=17 => free[(code as usize - 5) % 7] = true,
            _ => return Err(out_of_range("weekend codes are 1 to 7 and 11 to 17")),
        }
        Ok(Self(free))
    }

    fn is_free(&self, date: Date) -> bool {
        self.0[date.iso_weekday() as usize - 1]
    }
}

fn holidays(args: &Args<'_>, index: usize) -> Result<HashSet<Date>, CellError> {
    let mut days = HashSet::new();
    if args.given(index) {
        for value in args.array(index)?.cells().iter().filter(|value| !value.is_blank()) {
            days.insert(day(value.to_number()?)?);
        }
    }
    Ok(days)
}

fn first_error(args: &Args<'_>) -> Result<(), CellError> {
    args.list().iter().find_map(|arg| arg.value.as_error()).map_or(Ok(()), |error| Err(error.clone()))
}

fn between(args: &Args<'_>, week: &Week, holidays_at: usize) -> Outcome {
    first_error(args)?;
    let (start, end) = (day(args.number(0)?)?, day(args.number(1)?)?);
    let (first, last, sign) = if start <= end { (start, end, 1.0) } else { (end, start, -1.0) };
    let holidays = holidays(args, holidays_at)?;
    let length = last.days() - first.days() + 1;
    // Whole weeks at once, the rest day by day.
    let per_week = week.0.iter().filter(|free| !**free).count() as i32;
    let mut count = length / 7 * per_week;
    for offset in length / 7 * 7..length {
        count += i32::from(!week.is_free(first.plus_days(offset)));
    }
    let lost = holidays.iter().filter(|day| (first..=last).contains(*day) && !week.is_free(**day)).count();
    Ok(Value::number(sign * f64::from(count - lost as i32)))
}

fn onwards(args: &Args<'_>, week: &Week, holidays_at: usize) -> Outcome {
    first_error(args)?;
    let (start, days) = (day(args.number(0)?)?, args.number(1)?.trunc());
    let holidays = holidays(args, holidays_at)?;
    if week.0.iter().all(|free| *free) {
        return Err(wrong("the week has no working day"));
    }
    if days.abs() > 3e6 {
        return Err(out_of_range("a date lies between 1900 and 9999"));
    }
    let step = if days < 0.0 { -1 } else { 1 };
    let mut left = days.abs() as i32;
    let per_week = week.0.iter().filter(|free| !**free).count() as i32;
    let mut date = start;
    // Whole weeks at once where no holiday lies ahead.
    if holidays.is_empty() && left > per_week {
        let weeks = (left - 1) / per_week;
        date = date.plus_days(step * 7 * weeks);
        left -= weeks * per_week;
    }
    while left > 0 {
        date = date.plus_days(step);
        if !(-25_567..=2_932_896).contains(&date.days()) {
            return Err(out_of_range("a date lies between 1900 and 9999"));
        }
        left -= i32::from(!week.is_free(date) && !holidays.contains(&date));
    }
    Ok(Value::number(date.serial()))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn working_days() {
        check(&[
            ("NETWORKDAYS(DATE(2024,1,1),DATE(2024,1,31))", "23"),
            ("NETWORKDAYS(DATE(2024,1,31),DATE(2024,1,1))", "-23"),
            ("NETWORKDAYS(DATE(2024,1,1),DATE(2024,1,7),DATE(2024,1,1))", "4"),
            ("NETWORKDAYS.INTL(DATE(2024,1,1),DATE(2024,1,7),11)", "6"),
            ("NETWORKDAYS.INTL(DATE(2024,1,1),DATE(2024,1,7),\"1111110\")", "1"),
            ("NETWORKDAYS.INTL(DATE(2024,1,1),DATE(2024,1,7),8)", "#NUM!"),
            ("WORKDAY(DATE(2024,1,5),1)", "DATE(2024,1,8)"),
            ("WORKDAY(DATE(2024,1,8),-1)", "DATE(2024,1,5)"),
            ("WORKDAY(DATE(2024,1,5),10,{45299;45300})", "DATE(2024,1,23)"),
            ("WORKDAY(DATE(2024,1,6),{5,10})", "{45303,45310}"),
            ("WORKDAY.INTL(DATE(2024,1,5),1,7)", "DATE(2024,1,7)"),
            ("WORKDAY.INTL(DATE(2024,1,5),1,\"1111111\")", "#VALUE!"),
        ]);
    }
}
