//! When a history's buckets are, for forecasts that follow the calendar.

use super::args::wrong;
use super::planning::numbers;
use crate::calendar::{Date, Grain};
use crate::formula::CalendarCall;
use crate::formula::ast::Expr;
use crate::formula::eval::Evaluation;
use crate::value::{CellError, Value};

/// By the option `calendar`: TRUE for the buckets of the measure that the history is, or the dates of the history's values,
/// of which there are `buckets`.
pub(super) fn calendar(
    evaluation: &Evaluation<'_>,
    source: &Expr,
    option: Option<&Expr>,
    buckets: usize,
) -> Result<Option<CalendarCall>, CellError> {
    let option = match option {
        None | Some(Expr::Missing) => return Ok(None),
        Some(option) => evaluation.value(option),
    };
    match option {
        Value::Error(error) => Err(error),
        Value::Blank | Value::Bool(false) => Ok(None),
        Value::Bool(true) => of_measure(evaluation, source).map(Some),
        Value::Array(dates) => of_dates(&numbers(&dates)?, buckets).map(Some),
        _ => Err(wrong("calendar is TRUE, or the dates of the history's values")),
    }
}

fn of_measure(evaluation: &Evaluation<'_>, source: &Expr) -> Result<CalendarCall, CellError> {
    let first = match source {
        Expr::Measure(reference) => evaluation.cells.first_bucket(reference, evaluation.at),
        _ => None,
    };
    let Some(first) = first else {
        return Err(wrong(
            "calendar is TRUE for the buckets of a planning sheet's measure; else give the dates of the history's values",
        ));
    };
    match first.grain() {
        Grain::Month => Ok(CalendarCall { first_day: first.first_day().days(), daily: false }),
        Grain::Week => Err(wrong("the calendar tells days and months apart, and these are weeks: leave calendar out")),
    }
}

/// Dates one day or one month apart.
fn of_dates(dates: &[Option<f64>], buckets: usize) -> Result<CalendarCall, CellError> {
    if dates.len() < buckets.max(2) {
        return Err(wrong(&format!("calendar has {} dates, the history {buckets} values", dates.len())));
    }
    let days: Vec<Date> = dates[..buckets.max(2)]
        .iter()
        .enumerate()
        .map(|(at, serial)| {
            let date = serial.and_then(Date::from_serial);
            date.ok_or_else(|| wrong(&format!("calendar's value {} is not a date", at + 1)))
        })
        .collect::<Result<_, _>>()?;
    let month = |date: Date| {
        let (year, month, _) = date.ymd();
        i64::from(year) * 12 + i64::from(month)
    };
    let apart = |step: &dyn Fn(Date, Date) -> bool| days.windows(2).position(|pair| !step(pair[0], pair[1]));
    let daily = |from: Date, to: Date| to.days() - from.days() == 1;
    let monthly = |from: Date, to: Date| month(to) - month(from) == 1;
    let is_daily = daily(days[0], days[1]);
    match if is_daily { apart(&daily) } else { apart(&monthly) } {
        None => Ok(CalendarCall { first_day: days[0].days(), daily: is_daily }),
        Some(at) => {
            Err(wrong(&format!("calendar's value {} is neither the day nor the month after the one before", at + 2)))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn serials(dates: &[(i32, u32, u32)]) -> Vec<Option<f64>> {
        dates.iter().map(|(y, m, d)| Some(Date::from_ymd(*y, *m, *d).unwrap().serial())).collect()
    }

    #[test]
    fn dates_say_days_or_months() {
        let months = of_dates(&serials(&[(2024, 1, 31), (2024, 2, 29), (2024, 3, 31)]), 3).unwrap();
        assert_eq!(months, CalendarCall { first_day: Date::from_ymd(2024, 1, 31).unwrap().days(), daily: false });
        assert!(of_dates(&serials(&[(2024, 2, 28), (2024, 2, 29), (2024, 3, 1)]), 3).unwrap().daily);
    }

    #[test]
    fn other_dates_are_refused_by_place() {
        let reason =
            |dates: &[Option<f64>], buckets: usize| of_dates(dates, buckets).unwrap_err().detail().unwrap().to_string();
        let gap = serials(&[(2024, 1, 1), (2024, 2, 1), (2024, 4, 1)]);
        assert!(reason(&gap, 3).contains("value 3 is neither"), "{}", reason(&gap, 3));
        assert!(reason(&gap[..2], 3).contains("2 dates, the history 3 values"));
        assert!(reason(&[gap[0], None], 2).contains("value 2 is not a date"));
        assert!(of_dates(&gap, 2).is_ok(), "dates beyond the history do not matter");
    }
}
