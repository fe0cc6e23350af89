//! Forecasting the known past: every method from earlier origins, compared with what came.

use super::accuracy::{self, Outcome};
use super::methods::{Method, Sample};

/// One origin: what was known, and what then happened.
pub(super) struct Origin<'a> {
    sample: Sample<'a>,
    actual: &'a [f64],
    /// Error of the in-sample seasonal naive forecast; positive.
    scale: f64,
}

/// A method's forecasts from every origin, and how far off they were.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub method: Method,
    /// One path per origin.
    pub paths: Vec<Vec<f64>>,
    /// Mean over origins, 0 to 2.
    pub smape: f64,
    /// Mean over origins.
    pub mase: f64,
    /// Mean over origins of root mean squared errors, in the unit of MASE.
    pub rmsse: f64,
}

/// How many buckets a backtest looks ahead. It depends on the season and the length alone, not on the horizon
/// asked for: asking for more buckets never changes the first ones.
pub(super) fn window(points: usize, season: usize) -> usize {
    let wanted = if season > 1 { season + season / 2 } else { 8 };
    let affordable = if points >= 3 * season + wanted { points - 3 * season } else { points / 4 };
    wanted.min(affordable).min(points / 3)
}

/// Two origins: one window before the end and half a window before it. None for series too short to split.
pub(super) fn origins(values: &[f64], season: usize) -> Vec<Origin<'_>> {
    let window = window(values.len(), season);
    let mut starts = vec![window, window.div_ceil(2)];
    starts.dedup();
    starts
        .into_iter()
        .filter(|back| *back > 0 && values.len() - back >= 4)
        .map(|back| {
            let (known, actual) = values.split_at(values.len() - back);
            let scale = accuracy::seasonal_naive_error(known, season)
                .or_else(|| accuracy::seasonal_naive_error(known, 1))
                .filter(|scale| *scale > 0.0);
            // The series is scaled to about 1, so a history that repeats itself exactly gets that unit.
            Origin { sample: Sample::new(known, season), actual, scale: scale.unwrap_or(1.0) }
        })
        .collect()
}

/// The record of one method; `None` where it cannot forecast from every origin.
pub(super) fn backtest(method: Method, origins: &[Origin], adjust: impl Fn(&mut [f64])) -> Option<Record> {
    let mut paths = Vec::with_capacity(origins.len());
    for origin in origins {
        let mut path = method.run(&origin.sample, origin.actual.len())?;
        adjust(&mut path);
        paths.push(path);
    }
    let scores: Vec<Score> =
        origins.iter().zip(&paths).map(|(origin, path)| score(origin.actual, path, origin.scale)).collect();
    Some(Record::new(method, paths, scores.into_iter()))
}

/// How far one path was off.
pub(super) struct Score {
    pub smape: f64,
    pub mase: f64,
    pub rmsse: f64,
}

/// Scores one path; `scale` is the error of the seasonal naive forecast before it.
pub(super) fn score(actual: &[f64], path: &[f64], scale: f64) -> Score {
    let outcomes: Vec<Outcome> =
        actual.iter().zip(path).map(|(actual, forecast)| Outcome { actual: *actual, forecast: *forecast }).collect();
    let count = outcomes.len().max(1) as f64;
    let absolute: f64 = outcomes.iter().map(|o| (o.actual - o.forecast).abs()).sum();
    let squares: f64 = outcomes.iter().map(|o| (o.actual - o.forecast).powi(2)).sum();
    Score {
        smape: accuracy::smape(&outcomes).unwrap_or(0.0),
        mase: absolute / count / scale,
        rmsse: (squares / count).sqrt() / scale,
    }
}

impl Record {
    /// From forecasts and their scores, one per origin.
    pub fn new(method: Method, paths: Vec<Vec<f64>>, scores: impl Iterator<Item = Score>) -> Self {
        let mut record = Self { method, paths, smape: 0.0, mase: 0.0, rmsse: 0.0 };
        let count = record.paths.len().max(1) as f64;
        for score in scores {
            record.smape += score.smape / count;
            record.mase += score.mase / count;
            record.rmsse += score.rmsse / count;
        }
        record
    }
}

impl Origin<'_> {
    /// How many values were known.
    pub fn known(&self) -> usize {
        self.sample.series.len()
    }

    /// Error of the seasonal naive forecast up to the origin.
    pub fn scale(&self) -> f64 {
        self.scale
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn windows_leave_enough_to_learn_from() {
        assert_eq!(window(120, 12), 18);
        assert_eq!(window(50, 12), 12);
        assert_eq!(window(24, 12), 6);
        assert_eq!(window(3, 1), 0);
        for points in 0..200 {
            for season in [1, 4, 12, 52] {
                assert!(window(points, season) <= points / 3);
            }
        }
    }

    #[test]
    fn a_method_is_scored_on_what_it_did_not_see() {
        let values = [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0];
        let origins = origins(&values, 2);
        assert_eq!(origins.len(), 2);
        let exact = backtest(Method::SeasonalNaive, &origins, |_| {}).unwrap();
        assert_eq!((exact.smape, exact.mase), (0.0, 0.0));
        let naive = backtest(Method::Naive, &origins, |_| {}).unwrap();
        assert!(naive.mase > 0.0);
    }
}
