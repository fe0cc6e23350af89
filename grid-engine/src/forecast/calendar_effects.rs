//! What the calendar does to demand: months with more working days, and the season of the year in daily series, whose own
//! season is the week.
//!
//! Both are drivers like any other, known for all time, but nobody asked for them: they take part only where the history
//! shows them beyond doubt (as X-13ARIMA-SEATS tests trading days before it adjusts for them).

use std::f64::consts::TAU;

use super::drivers::{Driver, Study};
use super::{ForecastError, Options};
use crate::calendar::Date;

/// The dates of a history's buckets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dates {
    /// A day of the first bucket.
    pub first: Date,
    pub step: DateStep,
}

/// How far it is from bucket to bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateStep {
    Day,
    Month,
}

/// The effect of a month with one more weekday and 2.5 fewer days at weekends, by its name in explanations.
const TRADING_DAYS: &str = "trading days";
/// Begins the names of the waves that make up the season of the year.
const YEAR: &str = "season of the year";
/// Days in a year.
const DAYS: f64 = 365.25;
/// Waves of the year: the year itself, its half, its third and its fourth, as in harmonic regression (Hyndman & Athanasopoulos
/// 2021, section 12.1).
const WAVES: usize = 4;
/// Years of daily values from which on they show their season.
const YEARS: f64 = 2.0;
/// Squared sizes of effects in their variance, for one effect and for a pair, that chance passes once in a thousand series.
const BEYOND_CHANCE: [f64; 2] = [10.8, 13.8];

/// The calendar's drivers that a history shows, beside what else drives it.
///
/// # Errors
/// Where its other drivers are incomplete.
pub(super) fn calendar_drivers(
    history: &[Option<f64>],
    drivers: &[Driver],
    dates: Dates,
    options: &Options,
) -> Result<Vec<Driver>, ForecastError> {
    let buckets = history.len() + options.horizon;
    let candidates = match dates.step {
        DateStep::Month => vec![vec![trading_days(dates.first, buckets)]],
        DateStep::Day if history.iter().flatten().count() as f64 >= YEARS * DAYS => {
            (1..=WAVES).map(|wave| waves(dates.first, buckets, wave)).collect()
        }
        DateStep::Day => Vec::new(),
    };
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let all: Vec<Driver> = drivers.iter().chain(candidates.iter().flatten()).cloned().collect();
    let study = Study::new(history, &all, options)?;
    let mut place = drivers.len();
    let mut found = Vec::new();
    for group in candidates {
        let evidence = study.evidence(place, group.len());
        place += group.len();
        if evidence.is_some_and(|evidence| evidence > BEYOND_CHANCE[group.len() - 1]) {
            found.extend(group);
        }
    }
    Ok(found)
}

/// Whether a driver is one of the waves of the year: how high each is says nothing to a reader.
pub(super) fn is_wave(name: &str) -> bool {
    name.starts_with(YEAR)
}

/// Weekdays less 5/2 of the days at weekends: 0 in a February of four weeks (Findley, Monsell, Bell, Otto & Chen 1998).
fn trading_days(first: Date, months: usize) -> Driver {
    let (year, month, _) = first.ymd();
    let value = |ahead: usize| {
        let number = i64::from(year) * 12 + i64::from(month) - 1 + ahead as i64;
        let (year, month) = (i32::try_from(number.div_euclid(12)).ok()?, number.rem_euclid(12) as u32 + 1);
        let start = Date::from_ymd(year, month, 1)?;
        let days = Date::days_in_month(year, month) as i32;
        let weekend = (0..days).filter(|day| start.plus_days(*day).iso_weekday() > 5).count() as f64;
        Some(f64::from(days) - 3.5 * weekend)
    };
    // Beyond the calendar's last year nothing is known, and nothing is added.
    Driver { name: TRADING_DAYS.to_owned(), values: (0..months).map(|at| Some(value(at).unwrap_or(0.0))).collect() }
}

/// A wave of the year as sine and cosine.
fn waves(first: Date, days: usize, number: usize) -> Vec<Driver> {
    let part = |name: &str, value: fn(f64) -> f64| Driver {
        name: format!("{YEAR} {number} {name}"),
        values: (0..days)
            .map(|ahead| Some(value(TAU * number as f64 * (f64::from(first.days()) + ahead as f64) / DAYS)))
            .collect(),
    };
    vec![part("sine", f64::sin), part("cosine", f64::cos)]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::forecast::planted::Noise;
    use crate::forecast::{InTurn, Request, forecast_all};

    fn dates(year: i32, step: DateStep) -> Dates {
        Dates { first: Date::from_ymd(year, 1, 1).unwrap(), step }
    }

    /// February 2021 has 20 weekdays and 8 days at weekends, May 2021 21 and 10, March 2021 23 and 8.
    #[test]
    fn trading_days_by_hand() {
        let days = trading_days(Date::from_ymd(2021, 1, 1).unwrap(), 5).values;
        assert_eq!((days[1], days[2], days[4]), (Some(0.0), Some(3.0), Some(-4.0)));
    }

    /// Months sell by 1.2 % more per trading day, or not at all by it.
    fn months(effect: f64, seed: u64) -> Vec<Option<f64>> {
        let mut noise = Noise::new(seed);
        let days = trading_days(Date::from_ymd(2015, 1, 1).unwrap(), 96).values;
        let value = |(at, days): (usize, Option<f64>)| {
            let season = 1.0 + 0.2 * (at as f64 * TAU / 12.0).sin();
            Some(500.0 * season * (effect * days.unwrap() + 0.03 * noise.normal()).exp())
        };
        days.into_iter().enumerate().map(value).collect()
    }

    #[test]
    fn trading_days_are_seen_where_they_are() {
        let options = Options { horizon: 12, ..Options::default() };
        let found = |effect: f64, seed: u64| {
            usize::from(
                !calendar_drivers(&months(effect, seed), &[], dates(2015, DateStep::Month), &options)
                    .unwrap()
                    .is_empty(),
            )
        };
        assert!((0..30).map(|seed| found(0.012, seed)).sum::<usize>() >= 28);
        assert!((0..200).map(|seed| found(0.0, 100 + seed)).sum::<usize>() <= 2);
    }

    #[test]
    fn forecasts_follow_the_trading_days_to_come() {
        let all = months(0.012, 7);
        let options = Options { horizon: 12, ..Options::default() };
        let error = |dates: Option<Dates>| {
            let request = Request { dates, ..Request::new(&all[..84], options.clone()) };
            let forecast = forecast_all(&[request], 1, &InTurn).remove(0).unwrap();
            let errors = forecast.mean.iter().zip(&all[84..]).map(|(f, a)| (f / a.unwrap() - 1.0).abs());
            (errors.sum::<f64>() / 12.0, forecast.explanation.effects)
        };
        let ((plain, none), (dated, effects)) = (error(None), error(Some(dates(2015, DateStep::Month))));
        assert!(none.is_empty() && effects.len() == 1, "{effects:?}");
        assert!((effects[0].size - 0.012).abs() < 0.004, "{}", effects[0]);
        assert!(dated < 0.9 * plain, "{dated} {plain}");
    }

    /// Three years of days with a week and a year; the coming quarter is forecast.
    fn days(year: f64, seed: u64) -> Vec<Option<f64>> {
        let mut noise = Noise::new(seed);
        let value = |at: usize| {
            let week = [1.2, 1.0, 0.9, 1.0, 1.1, 0.5, 0.3][at % 7];
            let wave = (at as f64 * TAU / DAYS).sin() + 0.4 * (2.0 * at as f64 * TAU / DAYS).cos();
            Some(200.0 * week * (year * wave + 0.1 * noise.normal()).exp())
        };
        (0..1000).map(value).collect()
    }

    #[test]
    fn days_have_a_week_and_a_year() {
        let options = Options { horizon: 90, season: 7, ..Options::default() };
        let all = days(0.4, 1);
        let run = |history: &[Option<f64>], dates: Option<Dates>| {
            let request = Request { dates, ..Request::new(history, options.clone()) };
            forecast_all(&[request], 1, &InTurn).remove(0).unwrap()
        };
        let error = |dates: Option<Dates>| {
            let forecast = run(&all[..910], dates);
            forecast.mean.iter().zip(&all[910..]).map(|(f, a)| (f - a.unwrap()).abs()).sum::<f64>()
        };
        let dated = Some(dates(2020, DateStep::Day));
        assert!(error(dated) < 0.6 * error(None), "{} {}", error(dated), error(None));
        let told = run(&all, dated).explanation;
        assert!(told.effects.is_empty());
        assert!(told.notes.iter().any(|note| note.to_string().contains("season of the year")), "{:?}", told.notes);
        // No year, no reaction: the forecast is that without dates.
        let plain = days(0.0, 2);
        assert_eq!(run(&plain, dated), run(&plain, None));
    }
}
