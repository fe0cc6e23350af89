//! Forecasts of a timeline by exponential smoothing: FORECAST.ETS and its kin.

use super::aggregate::{mean, quantile, sorted};
use super::args::{out_of_range, wrong};
use super::arithmetic::total;
use super::special::normal_inverse;
use super::{Args, Body, Declared, declare};
use crate::calendar::Date;
use crate::forecast::{AdditiveEts, season_length};
use crate::formula::eval::Outcome;
use crate::value::order::sort_by;
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "FORECAST.ETS(target, values, timeline, [seasonality], [completion], [aggregation])",
        "The value of a timeline at a later date, by exponential smoothing with trend and season.",
        "=FORECAST.ETS(9,{3,5,4,6,5,7,6,8},{1,2,3,4,5,6,7,8})",
        Body::Lifted(
            |index| !(1..=2).contains(&index),
            |args| {
                let series = Series::read(args, 1, 3)?;
                let steps = series.steps_to(args.number(0)?)?;
                Ok(Value::number(series.fit()?.forecast(steps)))
            },
        ),
    ),
    declare(
        "FORECAST.ETS.CONFINT(target, values, timeline, [confidence], [seasonality], [completion], [aggregation])",
        "Half the width of the interval around FORECAST.ETS that holds the value with a probability.",
        "=FORECAST.ETS.CONFINT(9,{3,5,4,6,5,7,6,8},{1,2,3,4,5,6,7,8},0.9)",
        Body::Lifted(
            |index| !(1..=2).contains(&index),
            |args| {
                let confidence = args.number_or(3, 0.95)?;
                if confidence <= 0.0 || confidence >= 1.0 {
                    return Err(out_of_range("the confidence lies between 0 and 1"));
                }
                let series = Series::read(args, 1, 4)?;
                let steps = series.steps_to(args.number(0)?)?;
                Ok(Value::number(normal_inverse((1.0 + confidence) / 2.0) * series.fit()?.deviation(steps)))
            },
        ),
    ),
    declare(
        "FORECAST.ETS.SEASONALITY(values, timeline, [completion], [aggregation])",
        "The number of steps after which the values of a timeline repeat; 1 if they do not.",
        "=FORECAST.ETS.SEASONALITY({3,5,4,6,5,7,6,8},{1,2,3,4,5,6,7,8})",
        Body::Lifted(
            |index| index > 1,
            |args| {
                let series = Series::aligned(args, 0, 2)?;
                Ok(Value::number(season_length(&series.values) as f64))
            },
        ),
    ),
    declare(
        "FORECAST.ETS.STAT(values, timeline, statistic, [seasonality], [completion], [aggregation])",
        "What the fit of FORECAST.ETS gives: 1 to 3 the gains of level, trend and season, 4 MASE, 5 SMAPE, 6 MAE, \
         7 RMSE, 8 the step of the timeline.",
        "=FORECAST.ETS.STAT({3,5,4,6,5,7,6,8},{1,2,3,4,5,6,7,8},7)",
        Body::Lifted(|index| index > 1, statistic),
    ),
];

/// Most of a timeline that may be missing.
const MOST_MISSING: f64 = 0.3;

/// Longest season, as in Excel: the hours of a year.
const LONGEST_SEASON: f64 = 8_760.0;

/// How far from a whole number of steps two dates may be apart.
const TOLERANCE: f64 = 1e-6;

/// Values in equal steps.
struct Series {
    values: Vec<f64>,
    season: usize,
    last: f64,
    step: f64,
    /// Steps are whole months, at this day of theirs (31: the last), and dates are told by [`months`].
    monthly: Option<u32>,
}

impl Series {
    /// Values at argument `first`, the timeline after them; seasonality, completion and aggregation from `options` on.
    fn read(args: &Args<'_>, first: usize, options: usize) -> Result<Self, CellError> {
        let seasonality = args.number_or(options, 1.0)?;
        if !(0.0..=LONGEST_SEASON).contains(&seasonality) || seasonality.fract() != 0.0 {
            return Err(out_of_range("the seasonality is a whole number from 0 to 8760"));
        }
        let mut series = Self::aligned(args, first, options + 1)?;
        series.season = if seasonality == 1.0 { season_length(&series.values) } else { seasonality as usize };
        Ok(series)
    }

    /// The same without a season; completion and aggregation from `options` on.
    fn aligned(args: &Args<'_>, first: usize, options: usize) -> Result<Self, CellError> {
        let completion = args.number_or(options, 1.0)?.trunc();
        let aggregation = args.number_or(options + 1, 1.0)?.trunc();
        if completion != 0.0 && completion != 1.0 {
            return Err(out_of_range("data completion is 0 for zeros or 1 for interpolation"));
        }
        if !(1.0..=7.0).contains(&aggregation) {
            return Err(out_of_range("the aggregation goes from 1 to 7"));
        }
        let mut points = points(args, first)?;
        let monthly = day_of_month(&points);
        if let Some(day) = monthly {
            points.iter_mut().for_each(|point| point.0 = months(point.0, day).unwrap_or(point.0));
        }
        sort_by(&mut points, |a, b| a.0.total_cmp(&b.0));
        let points = aggregated(&points, aggregation as usize);
        let step = points.windows(2).map(|pair| pair[1].0 - pair[0].0).fold(f64::INFINITY, f64::min);
        let (Some(start), Some(end)) = (points.first(), points.last()) else {
            return Err(out_of_range("the timeline is empty"));
        };
        if points.len() < 2 {
            return Err(out_of_range("a timeline needs two dates"));
        }
        let count = (end.0 - start.0) / step + 1.0;
        if points.len() as f64 + 1.0 < count * (1.0 - MOST_MISSING) {
            return Err(out_of_range("too much of the timeline is missing"));
        }
        args.evaluation.spend(count as usize)?;
        let mut values: Vec<f64> = vec![start.1];
        for pair in points.windows(2) {
            let steps = (pair[1].0 - pair[0].0) / step;
            if (steps - steps.round()).abs() > TOLERANCE {
                return Err(out_of_range("the timeline has no constant step"));
            }
            let steps = steps.round();
            for between in 1..steps as usize {
                let share = between as f64 / steps;
                values.push(if completion == 0.0 { 0.0 } else { pair[0].1 + share * (pair[1].1 - pair[0].1) });
            }
            values.push(pair[1].1);
        }
        Ok(Self { values, season: 0, last: end.0, step, monthly })
    }

    /// How many steps after the last point a date lies.
    fn steps_to(&self, target: f64) -> Result<f64, CellError> {
        let target = match self.monthly {
            Some(day) => months(target, day).ok_or_else(|| out_of_range("the target is no date"))?,
            None => target,
        };
        let steps = (target - self.last) / self.step;
        if steps < -TOLERANCE {
            return Err(out_of_range("the target lies before the end of the timeline"));
        }
        let whole = steps.round();
        Ok(if (steps - whole).abs() < TOLERANCE { whole } else { steps }.max(0.0))
    }

    fn fit(&self) -> Result<AdditiveEts, CellError> {
        AdditiveEts::fit(&self.values, self.season).ok_or_else(|| out_of_range("the values give no forecast"))
    }
}

/// Dates and values, as they come. Pairs without a value are missing.
fn points(args: &Args<'_>, first: usize) -> Result<Vec<(f64, f64)>, CellError> {
    let (values, timeline) = (args.array(first)?, args.array(first + 1)?);
    if values.cells().len() != timeline.cells().len() {
        return Err(CellError::because(ErrorKind::Na, "values and timeline must be equally many"));
    }
    let mut points = Vec::with_capacity(values.cells().len());
    for (date, value) in timeline.cells().iter().zip(values.cells()) {
        match (date, value) {
            (Value::Error(error), _) | (_, Value::Error(error)) => return Err(error.clone()),
            (Value::Number(date), Value::Number(value)) => points.push((*date, *value)),
            (Value::Number(_) | Value::Blank, Value::Blank) => {}
            _ => return Err(wrong("values and timeline are numbers")),
        }
    }
    Ok(points)
}

/// The day of the month on which all dates stand, 31 where that is always the last. `None` for any other timeline.
fn day_of_month(points: &[(f64, f64)]) -> Option<u32> {
    let mut dates = Vec::with_capacity(points.len());
    for (serial, _) in points {
        dates.push(Date::from_serial(*serial).filter(|_| serial.fract() == 0.0)?.ymd());
    }
    let (year, month, day) = *dates.first()?;
    if dates.iter().all(|date| (date.0, date.1) == (year, month)) {
        return None;
    }
    if dates.iter().all(|(year, month, day)| *day == Date::days_in_month(*year, *month)) {
        return Some(31);
    }
    dates.iter().all(|date| date.2 == day).then_some(day)
}

/// Months since the year 0 until a date, where each begins on a day of its own; the rest by its share of days.
fn months(serial: f64, begins: u32) -> Option<f64> {
    let (year, month, day) = Date::from_serial(serial)?.ymd();
    let days = Date::days_in_month(year, month);
    let rest = f64::from(day) - f64::from(begins.min(days));
    Some(f64::from(year) * 12.0 + f64::from(month) + rest / f64::from(days))
}

/// One point per date: by 1 AVERAGE, 2 COUNT, 3 COUNTA, 4 MAX, 5 MEDIAN, 6 MIN, 7 SUM.
fn aggregated(points: &[(f64, f64)], kind: usize) -> Vec<(f64, f64)> {
    let groups = points.chunk_by(|a, b| a.0 == b.0);
    groups
        .map(|group| {
            let values: Vec<f64> = group.iter().map(|point| point.1).collect();
            let value = match kind {
                2 | 3 => values.len() as f64,
                4 => values.into_iter().fold(f64::NEG_INFINITY, f64::max),
                5 => quantile(&sorted(values), 0.5),
                6 => values.into_iter().fold(f64::INFINITY, f64::min),
                7 => total(values),
                _ => mean(&values).unwrap_or(0.0),
            };
            (group[0].0, value)
        })
        .collect()
}

fn statistic(args: &Args<'_>) -> Outcome {
    let kind = args.number(2)?.trunc();
    if !(1.0..=8.0).contains(&kind) {
        return Err(out_of_range("the statistic goes from 1 to 8"));
    }
    let series = Series::read(args, 0, 3)?;
    let fit = series.fit()?;
    let n = fit.errors.len() as f64;
    let sizes = || fit.errors.iter().map(|error| error.abs());
    let pairs = || series.values.iter().zip(&fit.errors);
    let naive = || total(series.values.windows(2).map(|pair| (pair[1] - pair[0]).abs())) / (n - 1.0);
    let result = match kind as u8 {
        1 => fit.alpha,
        2 => fit.beta,
        3 => fit.gamma,
        4 => total(sizes()) / n / naive(),
        5 => {
            let share = |(value, error): (&f64, &f64)| {
                let sum = value.abs() + (value - error).abs();
                if sum == 0.0 { 0.0 } else { 2.0 * error.abs() / sum }
            };
            total(pairs().map(share)) / n
        }
        6 => total(sizes()) / n,
        7 => fit.root_mean_square(),
        _ => series.step,
    };
    if result.is_finite() { Ok(Value::number(result)) } else { Err(CellError::new(ErrorKind::Div0)) }
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::{Mock, check};
    use crate::value::Value;

    #[test]
    fn a_line_goes_on() {
        check(&[
            ("ROUND(FORECAST.ETS(7,{2,4,6,8,10},{1,2,3,4,5}),6)", "14"),
            ("ROUND(FORECAST.ETS({6,7.5},{2,4,6,8,10},{1,2,3,4,5}),6)", "{12,15}"),
            // The timeline need not be sorted, and its missing dates are on the line between, or 0.
            ("ROUND(FORECAST.ETS(8,{2,6,4,12,10},{1,3,2,6,5}),6)", "16"),
            ("ROUND(FORECAST.ETS(8,{2,6,4,12,10},{1,3,2,6,5},1,0),2)=16", "FALSE"),
            ("FORECAST.ETS.STAT({2,4,6,8},{1,3,5,7},8)", "2"),
            ("ROUND(FORECAST.ETS.STAT({2,4,6,8,10},{1,2,3,4,5},7),6)", "0"),
            ("ROUND(FORECAST.ETS.CONFINT(7,{2,4,6,8,10},{1,2,3,4,5}),6)", "0"),
        ]);
    }

    #[test]
    fn seasons() {
        check(&[
            ("FORECAST.ETS.SEASONALITY({1,5,2,1,5,2,1,5,2,1,5,2},SEQUENCE(1,12))", "3"),
            ("FORECAST.ETS.SEASONALITY({1,2,3,4,5,6},SEQUENCE(1,6))", "1"),
            ("ROUND(FORECAST.ETS({13,14,15},{1,5,2,1,5,2,1,5,2,1,5,2},SEQUENCE(1,12)),4)", "{1,5,2}"),
            ("ROUND(FORECAST.ETS({13,14,15},{1,5,2,1,5,2,1,5,2,1,5,2},SEQUENCE(1,12),3),4)", "{1,5,2}"),
        ]);
    }

    #[test]
    fn equal_dates_are_aggregated() {
        check(&[
            ("ROUND(FORECAST.ETS(4,{1,3,4,6},{1,1,2,3}),6)", "8"),
            ("ROUND(FORECAST.ETS(4,{1,3,8,12},{1,1,2,3},1,1,7),6)", "16"),
            ("ROUND(FORECAST.ETS(4,{1,3,8,12},{1,1,2,3},0,1,4),4)=ROUND(FORECAST.ETS(4,{3,8,12},{1,2,3},0),4)", "TRUE"),
        ]);
    }

    #[test]
    fn months_are_steps_although_their_days_differ() {
        let months = [("2026-01-31", 10.0), ("2026-02-28", 20.0), ("2026-03-31", 30.0), ("2026-04-30", 40.0)];
        let rows = months.map(|(date, value)| {
            let parts: Vec<u32> = date.split('-').filter_map(|part| part.parse().ok()).collect();
            let date =
                crate::calendar::Date::from_ymd(parts[0] as i32, parts[1], parts[2]).map_or(0.0, |date| date.serial());
            [Value::number(date), Value::number(value)]
        });
        Mock::with_rows(&rows).check(&[
            ("ROUND(FORECAST.ETS(EOMONTH(A4,2),B1:B4,A1:A4)+0,3)", "60"),
            ("FORECAST.ETS.STAT(B1:B4,A1:A4,8)", "1"),
        ]);
    }

    #[test]
    fn arguments_are_checked() {
        check(&[
            ("FORECAST.ETS(4,{2,4,6,8,10},{1,2,3,4,5})", "#NUM!"),
            ("FORECAST.ETS(7,{2,4,6},{1,2})", "#N/A"),
            ("FORECAST.ETS(9,{2,4,6},{1,2,3.5})", "#NUM!"),
            ("FORECAST.ETS(9,{2,4},{1,1})", "#NUM!"),
            ("FORECAST.ETS(9,{2,\"x\",3},{1,2,3})", "#VALUE!"),
            ("FORECAST.ETS(9,{2,4,6},{1,2,3},-1)", "#NUM!"),
            ("FORECAST.ETS(9,{2,4,6},{1,2,3},8761)", "#NUM!"),
            ("FORECAST.ETS(9,{2,4,6},{1,2,3},1,2)", "#NUM!"),
            ("FORECAST.ETS(9,{2,4,6},{1,2,3},1,1,8)", "#NUM!"),
            ("FORECAST.ETS.CONFINT(9,{2,4,6},{1,2,3},1)", "#NUM!"),
            ("FORECAST.ETS.STAT({2,4,6},{1,2,3},9)", "#NUM!"),
        ]);
    }
}
