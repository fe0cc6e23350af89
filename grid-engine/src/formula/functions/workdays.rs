//! Working days.

use std::collections::HashSet;

use super::args::{out_of_range, wrong};
use super::dates::{monday_based, whole_serial};
use super::{Args, Body, Declared, declare};
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

    fn is_free(&self, serial: i32) -> bool {
        self.0[monday_based(serial) as usize]
    }
}

fn holidays(args: &Args<'_>, index: usize) -> Result<HashSet<i32>, CellError> {
    let mut days = HashSet::new();
    if args.given(index) {
        for value in args.array(index)?.cells().iter().filter(|value| !value.is_blank()) {
            days.insert(whole_serial(value.to_number()?)?);
        }
    }
    Ok(days)
}

fn first_error(args: &Args<'_>) -> Result<(), CellError> {
    args.list().iter().find_map(|arg| arg.value.as_error()).map_or(Ok(()), |error| Err(error.clone()))
}

fn between(args: &Args<'_>, week: &Week, holidays_at: usize) -> Outcome {
    first_error(args)?;
    let (start, end) = (whole_serial(args.number(0)?)?, whole_serial(args.number(1)?)?);
    let (first, last, sign) = if start <= end { (start, end, 1.0) } else { (end, start, -1.0) };
    let holidays = holidays(args, holidays_at)?;
    let length = last - first + 1;
    // Whole weeks at once, the rest day by day.
    let per_week = week.0.iter().filter(|free| !**free).count() as i32;
    let mut count = length / 7 * per_week;
    for offset in length / 7 * 7..length {
        count += i32::from(!week.is_free(first + offset));
    }
    let lost = holidays.iter().filter(|day| (first..=last).contains(*day) && !week.is_free(**day)).count();
    Ok(Value::number(sign * f64::from(count - lost as i32)))
}

fn onwards(args: &Args<'_>, week: &Week, holidays_at: usize) -> Outcome {
    first_error(args)?;
    let (start, days) = (whole_serial(args.number(0)?)?, args.number(1)?.trunc());
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
        date = whole_serial(f64::from(date) + f64::from(step * weeks) * 7.0)?;
        left -= weeks * per_week;
    }
    while left > 0 {
        date = whole_serial(f64::from(date + step))?;
        left -= i32::from(!week.is_free(date) && !holidays.contains(&date));
    }
    Ok(Value::number(f64::from(date)))
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
            // Excel's 1 January 1900 is a Sunday, and there is a 29 February.
            ("NETWORKDAYS({1,3,2},{1,1,61})", "{0,-2,44}"),
            ("WORKDAY({1,61,60},{10,-2,-1})", "{13,59,59}"),
            ("WORKDAY(1,-10)", "#NUM!"),
        ]);
    }
}
