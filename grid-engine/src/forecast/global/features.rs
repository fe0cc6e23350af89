//! What the global model sees of a history: logarithms without season, relative to the present level, so that series
//! of any size and season teach each other.

use crate::forecast::season::{self, Kind};

/// Recent values shown one by one.
const LAGS: usize = 12;
/// Seasons back whose deviation from the usual season is shown.
const SEASONS: usize = 3;
/// Numbers per row.
pub(super) const COLUMNS: usize = LAGS + SEASONS + 20;
/// Gains tried for the smoothing that tells the present level.
const GAINS: [f64; 7] = [0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.95];
/// Autocorrelation at the seasonal lag, in standard errors, from which on a season is taken out.
const SOME_EVIDENCE: f64 = 1.0;
/// Damping of the recent slope carried on.
const DAMPING: f64 = 0.85;

/// A history up to an origin.
pub(super) struct View {
    /// Logarithms without season.
    adjusted: Vec<f64>,
    /// Sums of `adjusted` up to each point.
    sums: Vec<f64>,
    indices: Vec<f64>,
    season: usize,
    level: f64,
    /// Added before taking logarithms, so that zeros have one.
    offset: f64,
    /// Mean absolute change of the logarithms from season to season.
    pub noise: f64,
    /// The part of a row that is the same for all steps.
    shared: [f64; COLUMNS],
    /// Slopes per bucket: over all the history, and recently.
    slopes: (f64, f64),
}

impl View {
    /// `None` for negative values, and for less than two seasons or eight values.
    pub fn new(values: &[f64], season: usize) -> Option<Self> {
        let n = values.len();
        if n < (2 * season).max(8) || values.iter().any(|value| *value < 0.0) {
            return None;
        }
        let average = values.iter().sum::<f64>() / n as f64;
        let smallest = values.iter().copied().fold(f64::INFINITY, f64::min);
        let offset = if smallest > 0.05 * average { 0.0 } else { 0.1 * average };
        let logs: Vec<f64> = values.iter().map(|value| (value + offset).ln()).collect();
        let evidence = season::seasonal_z(values, season).unwrap_or(0.0);
        let indices = if evidence > SOME_EVIDENCE { season::shrunken(&logs, season, Kind::Additive) } else { None };
        let indices = indices.map_or_else(|| vec![0.0], |indices| indices.values);
        let adjusted: Vec<f64> = logs.iter().enumerate().map(|(at, log)| log - indices[at % indices.len()]).collect();
        let mut sums = vec![0.0];
        adjusted.iter().for_each(|value| sums.push(sums[sums.len() - 1] + value));
        let (gain, level) = present_level(&adjusted);
        let changes = |lag: usize| logs[lag..].iter().zip(&logs).map(|(now, before)| now - before);
        let noise = changes(season).map(f64::abs).sum::<f64>() / (n - season) as f64;
        let mut view =
            Self { adjusted, sums, indices, season, level, offset, noise, shared: [0.0; COLUMNS], slopes: (0.0, 0.0) };
        view.shared = view.describe(evidence, gain);
        let finite = view.level.is_finite() && view.noise.is_finite();
        finite.then_some(view)
    }

    /// All that does not depend on the step; the first columns are left to [`Self::row`].
    fn describe(&mut self, evidence: f64, gain: f64) -> [f64; COLUMNS] {
        let (n, level, year) = (self.adjusted.len(), self.level, self.season.max(6));
        let mut row = [f64::NAN; COLUMNS];
        for lag in 0..LAGS.min(n) {
            row[7 + SEASONS + lag] = self.adjusted[n - 1 - lag] - level;
        }
        let steps: Vec<f64> = self.adjusted.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let power: f64 = steps.iter().map(|step| step * step).sum();
        let echoes: f64 = steps.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let means: Vec<Option<f64>> =
            (0..3).map(|back| n.checked_sub((back + 1) * year).map(|from| self.mean(from, from + year))).collect();
        let apart = |now: Option<f64>, before: Option<f64>| Some(now? - before?);
        self.slopes = (slope(&self.adjusted), slope(&self.adjusted[n.saturating_sub(year)..]));
        let recent = slope(&self.adjusted[n.saturating_sub(6)..]);
        let (low, high) = spread(&self.adjusted);
        let (trough, peak) = spread(&self.indices);
        let described = [
            self.mean(n.saturating_sub(3), n) - level,
            means[0].map_or(f64::NAN, |mean| mean - level),
            apart(means[0], means[1]).unwrap_or(f64::NAN),
            apart(means[1], means[2]).unwrap_or(f64::NAN),
            recent,
            (power / steps.len() as f64).sqrt(),
            self.noise,
            peak - trough,
            evidence,
            (n as f64).ln(),
            echoes / power.max(1e-12),
            high - level,
            gain,
        ];
        row[7 + SEASONS + LAGS..].copy_from_slice(&described);
        row[6 + SEASONS] = low - level;
        row
    }

    fn mean(&self, from: usize, to: usize) -> f64 {
        (self.sums[to] - self.sums[from]) / (to - from).max(1) as f64
    }

    /// The row for a step ahead, the next bucket being 1.
    pub fn row(&self, step: usize) -> [f32; COLUMNS] {
        let n = self.adjusted.len();
        let mut row = self.shared;
        let index = self.index(step);
        row[0] = step as f64;
        row[1] = index;
        row[2] = self.slopes.0 * step as f64;
        row[3] = self.slopes.1 * step as f64;
        row[4] = self.slopes.1 * DAMPING * (1.0 - DAMPING.powi(step as i32)) / (1.0 - DAMPING);
        row[5] = step as f64 * self.noise;
        let mut at = n - 1 + step;
        for season in 0..SEASONS {
            // The latest bucket at the same place of the season that is known, then the ones before it.
            while self.season > 1 && at >= n {
                at -= self.season;
            }
            let half = self.season / 2;
            row[6 + season] = if self.season > 1 && at < n {
                self.adjusted[at] - self.mean(at.saturating_sub(half), (at + half + 1).min(n))
            } else {
                f64::NAN
            };
            at = at.checked_sub(self.season).unwrap_or(usize::MAX);
            if at == usize::MAX {
                row[7 + season..6 + SEASONS].fill(f64::NAN);
                break;
            }
        }
        row.map(|number| number as f32)
    }

    /// Level, half the slope (as the theta method has it) and season: what the trees correct.
    fn base(&self, step: usize) -> f64 {
        self.level + (0.5 * self.slopes.0 * step as f64).clamp(-0.7, 0.7) + self.index(step)
    }

    fn index(&self, step: usize) -> f64 {
        self.indices[(self.adjusted.len() - 1 + step) % self.indices.len()]
    }

    /// What is to be learned: how far the logarithm goes from level and season.
    pub fn target(&self, step: usize, actual: f64) -> f32 {
        (((actual.max(0.0) + self.offset).max(1e-6)).ln() - self.base(step)).clamp(-3.0, 3.0) as f32
    }

    /// The value that a prediction of that stands for.
    pub fn value(&self, step: usize, prediction: f64) -> f64 {
        ((self.base(step) + prediction.clamp(-3.0, 3.0)).exp() - self.offset).max(0.0)
    }
}

/// Simple exponential smoothing with the gain that foretold best, and where it stands.
fn present_level(values: &[f64]) -> (f64, f64) {
    let start = values[..values.len().min(6)].iter().sum::<f64>() / values.len().min(6) as f64;
    let smooth = |gain: f64| {
        let (mut level, mut squares) = (start, 0.0);
        for value in values {
            let error = value - level;
            squares += error * error;
            level += gain * error;
        }
        (squares, gain, level)
    };
    let best = GAINS.map(smooth).into_iter().min_by(|a, b| a.0.total_cmp(&b.0));
    best.map_or((1.0, start), |(_, gain, level)| (gain, level))
}

/// Least-squares slope per bucket.
fn slope(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    if values.len() < 2 {
        return 0.0;
    }
    let centre = (n - 1.0) / 2.0;
    let products: f64 = values.iter().enumerate().map(|(at, value)| (at as f64 - centre) * value).sum();
    products * 12.0 / (n * (n * n - 1.0))
}

fn spread(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn months() -> Vec<f64> {
        (0..48).map(|t| (100.0 + f64::from(t)) * [0.8, 1.0, 1.3, 0.9][t as usize % 4]).collect()
    }

    #[test]
    fn another_unit_gives_the_same_rows() {
        let (plain, scaled): (Vec<f64>, Vec<f64>) = months().iter().map(|value| (*value, value * 1024.0)).unzip();
        let (plain, scaled) = (View::new(&plain, 4).unwrap(), View::new(&scaled, 4).unwrap());
        for step in 1..9 {
            for (a, b) in plain.row(step).iter().zip(scaled.row(step)) {
                assert!((a.is_nan() && b.is_nan()) || (a - b).abs() < 1e-4, "{a} {b}");
            }
            assert!((plain.value(step, 0.1) * 1024.0 / scaled.value(step, 0.1) - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn what_comes_after_the_origin_is_not_seen() {
        let (mut long, view) = (months(), View::new(&months()[..40], 4).unwrap());
        long[40..].fill(1e6);
        let other = View::new(&long[..40], 4).unwrap();
        assert_eq!(view.row(5), other.row(5));
    }

    #[test]
    fn target_and_value_undo_each_other() {
        for zeros in [false, true] {
            let mut values = months();
            if zeros {
                values[7] = 0.0;
            }
            let view = View::new(&values, 4).unwrap();
            for actual in [40.0, 100.0, 190.0] {
                let target = f64::from(view.target(3, actual));
                assert!((view.value(3, target) / actual - 1.0).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn every_column_is_filled_by_a_long_history() {
        let view = View::new(&months(), 4).unwrap();
        assert!(view.row(1).iter().chain(&view.row(17)).all(|number| number.is_finite()), "{:?}", view.row(1));
        assert!(View::new(&months()[..7], 4).is_none());
        assert!(View::new(&[-1.0; 30], 4).is_none());
    }
}
