//! One model for many series: gradient-boosted trees learn from every history of a panel what follows such a course.
//!
//! It sees histories only. How much it counts is found out the way a single series' methods are: a first model, learned
//! without the last window of any series, forecasts that window, and the weight that would have been best there is the
//! weight that is given to the second model, learned from everything.

mod features;

use crate::boosting::{Model, Settings, Table};
use features::{COLUMNS, View};

/// Rows one model learns from; more made no difference that could be measured.
const MOST_ROWS: usize = 120_000;
/// Rows of one series: neighbouring origins of a long history say much the same.
const ROWS_PER_SERIES: usize = 300;
/// Steps learned per origin.
const STEPS: usize = 6;

/// A series to learn from: scaled values without gaps, and how many of the last ones are not to be seen.
pub(super) struct Lesson<'a> {
    pub values: &'a [f64],
    pub hidden: usize,
}

/// A learned model.
pub(super) struct Global {
    model: Model,
    season: usize,
}

impl Global {
    /// Learns to forecast up to `horizon` steps; `None` where no history is long enough.
    pub fn learn(lessons: &[Lesson], season: usize, horizon: usize, seed: u64) -> Option<Self> {
        let origins = ((MOST_ROWS / lessons.len().max(1)).min(ROWS_PER_SERIES) / STEPS).max(1);
        let (mut values, mut targets, mut weights) = (Vec::new(), Vec::new(), Vec::new());
        for lesson in lessons {
            let known = &lesson.values[..lesson.values.len() - lesson.hidden];
            let before = targets.len();
            let shortest = (2 * season).max(8);
            let stride = known.len().saturating_sub(shortest).div_ceil(origins).max(1);
            // From the latest origin back: what is recent is never left out.
            for origin in (shortest..known.len()).rev().step_by(stride) {
                let Some(view) = View::new(&known[..origin], season) else { continue };
                for part in 0..STEPS {
                    // Spread over the horizon, and shifted from origin to origin.
                    let step = 1 + (part * horizon / STEPS + origin) % horizon;
                    let Some(actual) = known.get(origin + step - 1) else { continue };
                    values.extend(view.row(step));
                    targets.push(view.target(step, *actual));
                    weights.push((1.0 / (0.1 + view.noise)) as f32);
                }
            }
            // Every series counts alike, however long.
            let rows = (targets.len() - before).max(1) as f32;
            weights[before..].iter_mut().for_each(|weight| *weight /= rows);
        }
        let mean = weights.iter().sum::<f32>() / weights.len().max(1) as f32;
        weights.iter_mut().for_each(|weight| *weight /= mean);
        let table = Table { columns: COLUMNS, values: &values, targets: &targets, weights: &weights };
        // Rows of one series say much the same, so a leaf needs many.
        let rows_per_leaf = (targets.len() / 100).clamp(20, 400);
        let model = Model::fit(&table, &Settings { seed, rows_per_leaf, ..Settings::default() })?;
        Some(Self { model, season })
    }

    /// Forecasts `horizon` steps after the end of a history.
    pub fn run(&self, values: &[f64], horizon: usize) -> Option<Vec<f64>> {
        let view = View::new(values, self.season)?;
        let path: Vec<f64> = (1..=horizon).map(|step| view.value(step, self.model.predict(&view.row(step)))).collect();
        path.iter().all(|value| value.is_finite()).then_some(path)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Series that turn down after every long climb: no single history is long enough to show it twice.
    #[test]
    fn learns_across_series_what_one_does_not_show() {
        let course = |shift: usize, size: f64| -> Vec<f64> {
            (0..60).map(|t| size * (100.0 + (((t + shift) % 40) as f64 - 20.0).abs())).collect()
        };
        let panel: Vec<Vec<f64>> = (0..80).map(|n| course(n, 1.0 + n as f64)).collect();
        let lessons: Vec<Lesson> = panel.iter().map(|values| Lesson { values, hidden: 0 }).collect();
        let global = Global::learn(&lessons, 1, 6, 1).unwrap();
        let unseen = course(7, 333.0);
        let path = global.run(&unseen[..50], 6).unwrap();
        for (forecast, actual) in path.iter().zip(&unseen[50..]) {
            assert!((forecast / actual - 1.0).abs() < 0.02, "{path:?} {:?}", &unseen[50..56]);
        }
    }

    #[test]
    fn hidden_values_teach_nothing() {
        let values: Vec<f64> = (0..40).map(|t| 100.0 + f64::from((t * 7) % 11)).collect();
        let mut other = values.clone();
        other[30..].fill(900.0);
        let learn = |values: &[f64]| Global::learn(&[Lesson { values, hidden: 10 }], 1, 5, 1).unwrap();
        assert_eq!(learn(&values).model, learn(&other).model);
        assert!(Global::learn(&[], 1, 5, 1).is_none());
    }
}
