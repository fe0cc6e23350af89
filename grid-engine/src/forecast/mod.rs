//! Forecasts of single series: methods, backtests, combination, intervals, and their explanation.
//!
//! Every method forecasts the known past first; the forecast is mostly the middle of all methods, and for the rest the
//! mean of those that beat the seasonal naive forecast there, weighted by inverse backtest errors. Combining beats
//! selecting, and the middle is not moved by one method gone wrong.

pub mod accuracy;
mod backtest;
mod combine;
mod interval;
mod methods;
mod normal;
mod options;
mod outlier;
#[cfg(test)]
mod properties;
mod result;
mod season;
mod series;
mod simplex;

pub use methods::Method;
pub use normal::{normal_quantile, normal_share};
pub use options::{Models, Options};
pub use result::{Class, Explanation, Forecast, ForecastError, Interval, Member, Note, Outlier};

use backtest::Record;
use combine::Criterion;
use methods::Sample;
use series::Prepared;

/// The competitions' benchmark: the last value, with classical seasonal indices where the season passes the test.
pub fn naive2(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    methods::naive2(history, season, horizon)
}

/// Forecasts a series, oldest value first, `None` where a bucket's value is not known.
///
/// Deterministic; no bad number comes out of finite ones; asking for more buckets never changes the mean of the first ones; demand
/// that was never negative is not forecast below zero.
///
/// ```
/// use grid_engine::forecast::{Options, forecast};
/// let months: Vec<Option<f64>> =
///     (0..48).map(|t| Some((100.0 + f64::from(t)) * [0.8, 1.0, 1.3, 0.9][t as usize % 4])).collect();
/// let result = forecast(&months, &Options { horizon: 4, season: 4, ..Options::default() })?;
/// assert_eq!(result.mean.len(), 4);
/// assert!(result.mean[2] > result.mean[0], "the season is carried on");
/// assert!(result.explanation.seasonal);
/// # Ok::<(), grid_engine::forecast::ForecastError>(())
/// ```
///
/// # Errors
/// See [`ForecastError`]; its text says what to do.
pub fn forecast(history: &[Option<f64>], options: &Options) -> Result<Forecast, ForecastError> {
    options.check()?;
    let mut prepared = series::prepare(history, options.season)?;
    let class = series::classify(&prepared.values);
    if class == Class::Constant {
        return constant(&prepared, options);
    }
    let steps = options.horizon + prepared.gap;
    let values = std::mem::take(&mut prepared.values);
    let sample = Sample::new(&values, options.season);
    let not_negative = values.iter().all(|value| *value >= 0.0);
    let adjust = |path: &mut [f64]| {
        if not_negative {
            path.iter_mut().for_each(|value| *value = value.max(0.0));
        }
    };
    let origins = backtest::origins(&values, options.season);
    let mut records: Vec<Record> = Vec::new();
    let mut paths: Vec<Vec<f64>> = Vec::new();
    for method in options.models.candidates(class, values.len()) {
        let (Some(record), Some(mut path)) = (backtest::backtest(method, &origins, adjust), method.run(&sample, steps))
        else {
            continue;
        };
        adjust(&mut path);
        records.push(record);
        paths.push(path);
    }
    if records.is_empty() {
        return Err(ForecastError::TooShort { points: values.len(), models: options.models.to_string() });
    }
    let criterion = if class.has_many_zeros() { Criterion::Squared } else { Criterion::Symmetric };
    let weights = combine::weights(&records, criterion);
    let mean = combined(&paths, &weights);
    let errors = errors_of_combination(&records, &weights, &origins);
    let unit = accuracy::seasonal_naive_error(&values, options.season)
        .or_else(|| accuracy::seasonal_naive_error(&values, 1))
        .unwrap_or(1.0);
    if origins.is_empty() {
        prepared.notes.push(Note::NoBacktest { points: values.len() });
    }
    let members = records.iter().zip(&weights).zip(&paths).map(|((record, weight), path)| Member {
        method: record.method,
        weight: *weight,
        backtest_smape: (!origins.is_empty()).then_some(record.smape),
        backtest_mase: (!origins.is_empty()).then_some(record.mase),
        mean: path[prepared.gap..].iter().map(|value| value * prepared.scale).collect(),
    });
    let explanation = Explanation {
        class,
        seasonal: sample.seasonal,
        season: sample.season,
        members: members.collect(),
        outliers: found_outliers(&sample, &prepared, class),
        notes: prepared.notes.clone(),
    };
    let intervals = options.levels.iter().map(|level| {
        let widths = interval::half_widths(&errors, 1.0, level / 100.0, steps);
        let lower = |(mean, width): (&f64, &f64)| {
            let value = mean - width * unit;
            if not_negative { value.max(0.0) } else { value }
        };
        Interval {
            level: *level,
            lower: mean.iter().zip(&widths).map(lower).collect(),
            upper: mean.iter().zip(&widths).map(|(mean, width)| mean + width * unit).collect(),
        }
    });
    let intervals = intervals.collect();
    finish(mean, intervals, explanation, &prepared)
}

fn combined(paths: &[Vec<f64>], weights: &[f64]) -> Vec<f64> {
    let paths: Vec<&[f64]> = paths.iter().map(Vec::as_slice).collect();
    combine::combine(&paths, weights)
}

/// What the combination would have missed by, as (step ahead, error in seasonal naive errors).
fn errors_of_combination(records: &[Record], weights: &[f64], origins: &[backtest::Origin]) -> Vec<(usize, f64)> {
    let mut errors = Vec::new();
    for (number, origin) in origins.iter().enumerate() {
        let paths: Vec<&[f64]> = records.iter().map(|record| record.paths[number].as_slice()).collect();
        let path = combine::combine(&paths, weights);
        errors.extend(origin.scaled_errors(&path).enumerate());
    }
    errors
}

fn found_outliers(sample: &Sample, prepared: &Prepared, class: Class) -> Vec<Outlier> {
    if class.has_many_zeros() {
        return Vec::new();
    }
    let outlier = |(at, expected): (usize, f64)| Outlier {
        at: prepared.first + at,
        value: sample.series[at] * prepared.scale,
        expected: expected * prepared.scale,
    };
    outlier::outliers(sample).into_iter().map(outlier).collect()
}

/// A series that never changed goes on as it was.
fn constant(prepared: &Prepared, options: &Options) -> Result<Forecast, ForecastError> {
    let value = prepared.values.first().copied().unwrap_or(0.0);
    let note = if prepared.values.len() == 1 { Note::OnePoint } else { Note::Constant };
    let mean = vec![value; options.horizon + prepared.gap];
    let interval = |level: &f64| Interval { level: *level, lower: mean.clone(), upper: mean.clone() };
    let intervals = options.levels.iter().map(interval).collect();
    let explanation = Explanation {
        class: Class::Constant,
        seasonal: false,
        season: options.season.max(1),
        members: vec![Member {
            method: Method::Naive,
            weight: 1.0,
            backtest_smape: None,
            backtest_mase: None,
            mean: vec![value * prepared.scale; options.horizon],
        }],
        outliers: Vec::new(),
        notes: prepared.notes.iter().cloned().chain([note]).collect(),
    };
    finish(mean, intervals, explanation, prepared)
}

/// Back to the history's unit, without the steps that only bridge the gap at its end.
fn finish(
    mean: Vec<f64>,
    mut intervals: Vec<Interval>,
    explanation: Explanation,
    prepared: &Prepared,
) -> Result<Forecast, ForecastError> {
    let original = |values: &[f64]| -> Vec<f64> {
        let scaled = values[prepared.gap..].iter().map(|value| value * prepared.scale);
        // Only values near the largest number there is can leave the range.
        scaled.map(|value| value.clamp(-f64::MAX, f64::MAX)).collect()
    };
    for interval in &mut intervals {
        interval.lower = original(&interval.lower);
        interval.upper = original(&interval.upper);
    }
    let mean = original(&mean);
    if mean.iter().any(|value| value.is_nan()) {
        return Err(ForecastError::Numeric);
    }
    Ok(Forecast { mean, intervals, explanation })
}
