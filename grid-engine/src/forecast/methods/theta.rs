//! The theta method, classic and dynamic optimised.

use super::Sample;
use crate::forecast::simplex::{Axis, minimise};

/// Smoothing of the seasonally adjusted series with half the slope of its line as drift, which is what the theta
/// method with θ = 0 and 2 amounts to (Hyndman & Billah 2003).
pub(super) fn classic(sample: &Sample, horizon: usize) -> Option<Vec<f64>> {
    let series = &sample.adjusted;
    let n = series.len() as f64;
    if series.len() < 4 {
        return None;
    }
    let first = series[0];
    let spread = spread(series);
    let axes =
        [Axis::new(0.4, 0.25, 1e-3, 0.999), Axis::new(first, spread, first - 4.0 * spread, first + 4.0 * spread)];
    let smooth = |alpha: f64, initial: f64| {
        let (mut level, mut squares) = (initial, 0.0);
        for value in series {
            let error = value - level;
            squares += error * error;
            level += alpha * error;
        }
        (squares, level)
    };
    let (point, _) = minimise(&axes, 100, |point| smooth(point[0], point[1]).0);
    let (alpha, level) = (point[0], smooth(point[0], point[1]).1);
    let centre = (n - 1.0) / 2.0;
    let mean = series.iter().sum::<f64>() / n;
    let products: f64 = series.iter().enumerate().map(|(at, value)| (at as f64 - centre) * (value - mean)).sum();
    let half_slope = products * 12.0 / (n * (n * n - 1.0)) / 2.0;
    let faded = (1.0 - (1.0 - alpha).powf(n)) / alpha;
    Some(sample.with_season((0..horizon).map(|step| level + half_slope * (step as f64 + faded)).collect()))
}

/// θ, the gain and the initial level by least squares; the line is the regression up to each point.
pub(super) fn dynamic(sample: &Sample, horizon: usize) -> Option<Vec<f64>> {
    let series = &sample.adjusted;
    if series.len() < 5 {
        return None;
    }
    let first = series[0];
    let spread = spread(series);
    let axes = [
        Axis::new(0.4, 0.25, 0.01, 0.99),
        Axis::new(first, spread, first - 4.0 * spread, first + 4.0 * spread),
        Axis::new(2.0, 1.5, 1.0, 20.0),
    ];
    let (point, _) = minimise(&axes, 180, |point| {
        let mut state = State::new(point[0], point[1], point[2]);
        let mut squares = 0.0;
        for (at, value) in series.iter().enumerate() {
            let error = value - state.expected();
            // The line through the first two points is all noise.
            if at >= 3 {
                squares += error * error;
            }
            state.observe(*value);
        }
        squares
    });
    let mut state = State::new(point[0], point[1], point[2]);
    series.iter().for_each(|value| state.observe(*value));
    let ahead = (0..horizon).map(|_| {
        let expected = state.expected();
        state.observe(expected);
        expected
    });
    Some(sample.with_season(ahead.collect()))
}

/// State of the dynamic optimised theta model, equations (4)–(8) of Fiorucci et al.
struct State {
    alpha: f64,
    share: f64,
    level: f64,
    mean: f64,
    slope: f64,
    seen: f64,
    /// (1 − α) to the power of the points seen.
    remaining: f64,
}

impl State {
    fn new(alpha: f64, level: f64, theta: f64) -> Self {
        Self { alpha, share: 1.0 - 1.0 / theta, level, mean: 0.0, slope: 0.0, seen: 0.0, remaining: 1.0 }
    }

    fn expected(&self) -> f64 {
        if self.seen == 0.0 {
            return self.level;
        }
        let intercept = self.mean - (self.seen + 1.0) / 2.0 * self.slope;
        let line = self.remaining * intercept + (1.0 - self.remaining * (1.0 - self.alpha)) / self.alpha * self.slope;
        self.level + self.share * line
    }

    fn observe(&mut self, value: f64) {
        self.seen += 1.0;
        let t = self.seen;
        self.level = self.alpha * value + (1.0 - self.alpha) * self.level;
        if t > 1.0 {
            self.slope = ((t - 2.0) * self.slope + 6.0 * (value - self.mean) / t) / (t + 1.0);
        }
        self.mean += (value - self.mean) / t;
        self.remaining *= 1.0 - self.alpha;
    }
}

/// How far apart neighbouring values of the first points are: the scale of the initial level.
fn spread(series: &[f64]) -> f64 {
    let count = series.len().min(13);
    let steps: f64 = series[..count].windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum();
    (steps / count as f64).max(1e-6 * series[0].abs()).max(1e-9)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_line_continues_at_between_half_and_all_of_its_slope() {
        let line: Vec<f64> = (1..=40).map(|t| 10.0 + 2.0 * f64::from(t)).collect();
        let sample = Sample::new(&line, 1);
        for forecast in [classic(&sample, 10).unwrap(), dynamic(&sample, 10).unwrap()] {
            let slope = (forecast[9] - forecast[0]) / 9.0;
            assert!((0.9..=2.1).contains(&slope), "{forecast:?}");
        }
    }

    #[test]
    fn running_slope_is_that_of_the_regression() {
        let values = [3.0, 5.0, 4.0, 8.0, 9.0];
        let mut state = State::new(0.5, 0.0, 2.0);
        values.iter().for_each(|value| state.observe(*value));
        // Least squares on 1…5: slope 1.5, mean 5.8.
        assert!((state.slope - 1.5).abs() < 1e-12 && (state.mean - 5.8).abs() < 1e-12);
    }
}
