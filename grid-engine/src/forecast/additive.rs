//! Exponential smoothing with additive error, trend and season (AAA), as spreadsheets forecast a timeline.
//!
//! Source: Hyndman, Koehler, Ord & Snyder, "Forecasting with Exponential Smoothing" (2008), chapters 2 and 6.

use super::season::{self, Kind};
use super::simplex::{Axis, Point, minimise};

/// Trial points of one search for gains and initial states.
const BUDGET: usize = 400;
/// Searches, each from where the last one ended: one alone stops early in flat valleys.
const SEARCHES: usize = 3;
/// The newest points that are looked at for a season, and the longest season found in them: a year of days with room,
/// so that looking takes milliseconds.
const LOOKED_AT: usize = 10_000;
const LONGEST_FOUND: usize = 400;
/// Correlation with itself one season before, from which a series counts as seasonal.
const CLEAR: f64 = 0.3;

/// A fitted model.
#[derive(Clone, Debug, PartialEq)]
pub struct AdditiveEts {
    /// Gain of the level (α), from 0 to 1.
    pub alpha: f64,
    /// Gain of the trend (β), a share of the level's change.
    pub beta: f64,
    /// Gain of the season (γ), a share of what the level leaves.
    pub gamma: f64,
    /// One-step errors over the history.
    pub errors: Vec<f64>,
    level: f64,
    slope: f64,
    /// Indices; the first belongs to the first bucket after the history. One zero without a season.
    seasons: Vec<f64>,
}

/// Gains and states at the start.
#[derive(Clone, Copy)]
struct Start {
    gains: [f64; 3],
    level: f64,
    slope: f64,
}

impl AdditiveEts {
    /// Fits a series without gaps by least squares of the one-step errors.
    ///
    /// A season below 2, or of which the series holds less than two, is none. `None` for an empty series.
    ///
    /// ```
    /// use grid_engine::forecast::AdditiveEts;
    /// let line: Vec<f64> = (1..=8).map(f64::from).collect();
    /// let model = AdditiveEts::fit(&line, 1).unwrap();
    /// assert!((model.forecast(3.0) - 11.0).abs() < 1e-9);
    /// ```
    pub fn fit(series: &[f64], season: usize) -> Option<Self> {
        let indices = season::classical(series, season, Kind::Additive).map_or_else(|| vec![0.0], |found| found.values);
        let seasonal = indices.len() > 1;
        let (level, slope, spread) = straight(series, &indices)?;
        let mut start = Start { gains: [0.3, 0.1, if seasonal { 0.1 } else { 0.0 }], level, slope };
        let mut seasons = indices.clone();
        for _ in 0..SEARCHES {
            let gain = |value: f64| Axis::new(value, 0.15, 1e-3, 0.999);
            let mut axes = vec![
                gain(start.gains[0]),
                gain(start.gains[1]),
                Axis::new(start.level, 0.5 * spread, level - 4.0 * spread, level + 4.0 * spread),
                Axis::new(start.slope, 0.1 * spread, slope - spread, slope + spread),
            ];
            if seasonal {
                axes.push(gain(start.gains[2]));
            }
            let read = |point: &Point| Start {
                gains: [point[0], point[1], if seasonal { point[4] } else { 0.0 }],
                level: point[2],
                slope: point[3],
            };
            let (point, _) = minimise(&axes, BUDGET, |point| {
                seasons.copy_from_slice(&indices);
                let mut squares = 0.0;
                smooth(series, read(point), &mut seasons, |error| squares += error * error);
                squares
            });
            start = read(&point);
        }
        seasons.copy_from_slice(&indices);
        let mut errors = Vec::with_capacity(series.len());
        let (level, slope) = smooth(series, start, &mut seasons, |error| errors.push(error));
        let period = seasons.len();
        seasons.rotate_left(series.len() % period);
        let [alpha, beta, gamma] = start.gains;
        Some(Self { alpha, beta, gamma, errors, level, slope, seasons })
    }

    /// The value so many steps after the last one; between whole steps, on the straight line.
    pub fn forecast(&self, steps: f64) -> f64 {
        let at = |step: f64| {
            // The index before the first one is that of the last bucket of the history.
            let place = (step as usize + self.seasons.len() - 1) % self.seasons.len();
            self.level + step * self.slope + self.seasons[place]
        };
        let whole = steps.floor();
        if steps == whole { at(whole) } else { at(whole) + (steps - whole) * (at(whole + 1.0) - at(whole)) }
    }

    /// The standard deviation of the error so many steps ahead.
    pub fn deviation(&self, steps: f64) -> f64 {
        let period = self.seasons.len();
        // Steps far ahead widen the interval by a straight line's worth each; more are not told apart.
        let ahead = steps.ceil().clamp(1.0, 1e6) as usize;
        let season =
            |step: usize| if period > 1 && step.is_multiple_of(period) { self.gamma * (1.0 - self.alpha) } else { 0.0 };
        let weight = |step: usize| self.alpha * (1.0 + step as f64 * self.beta) + season(step);
        let growth = 1.0 + (1..ahead).map(|step| weight(step).powi(2)).sum::<f64>();
        self.root_mean_square() * growth.sqrt()
    }

    /// Root of the mean squared one-step error.
    pub fn root_mean_square(&self) -> f64 {
        (self.errors.iter().map(|error| error * error).sum::<f64>() / self.errors.len() as f64).sqrt()
    }
}

/// The straight line through a series without its season: level before the first point, slope, and spread.
fn straight(series: &[f64], indices: &[f64]) -> Option<(f64, f64, f64)> {
    let plain: Vec<f64> = series.iter().enumerate().map(|(at, value)| value - indices[at % indices.len()]).collect();
    let (level, slope) = line(&plain)?;
    let mean = plain.iter().sum::<f64>() / plain.len() as f64;
    let spread = (plain.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / plain.len() as f64).sqrt();
    (level.is_finite() && spread.is_finite()).then_some((level, slope, spread.max(1e-9)))
}

/// Least-squares line: its value before the first point, and its slope.
fn line(series: &[f64]) -> Option<(f64, f64)> {
    let n = series.len() as f64;
    if series.is_empty() {
        return None;
    }
    let (mean, centre) = (series.iter().sum::<f64>() / n, (n + 1.0) / 2.0);
    let (mut products, mut squares) = (0.0, 0.0);
    for (at, value) in series.iter().enumerate() {
        let distance = at as f64 + 1.0 - centre;
        products += distance * (value - mean);
        squares += distance * distance;
    }
    let slope = if squares > 0.0 { products / squares } else { 0.0 };
    Some((mean - slope * centre, slope))
}

/// Runs the recursion and tells each one-step error; level and slope at the end. `seasons` moves on.
fn smooth(series: &[f64], start: Start, seasons: &mut [f64], mut tell: impl FnMut(f64)) -> (f64, f64) {
    let [alpha, beta, gamma] = start.gains;
    let (mut level, mut slope, period) = (start.level, start.slope, seasons.len());
    for (at, value) in series.iter().enumerate() {
        let index = &mut seasons[at % period];
        let error = value - (level + slope + *index);
        level += slope + alpha * error;
        slope += alpha * beta * error;
        *index += gamma * (1.0 - alpha) * error;
        tell(error);
    }
    (level, slope)
}

/// The length of the season a series shows, 1 for none: the shortest lag at which the series without its straight line
/// resembles itself about as much as at any.
pub fn season_length(series: &[f64]) -> usize {
    let series = &series[series.len().saturating_sub(LOOKED_AT)..];
    let Some((level, slope)) = line(series) else { return 1 };
    let plain: Vec<f64> =
        series.iter().enumerate().map(|(at, value)| value - level - slope * (at as f64 + 1.0)).collect();
    let (n, squares) = (plain.len() as f64, plain.iter().map(|value| value * value).sum::<f64>());
    let scale: f64 = series.iter().map(|value| value * value).sum();
    // What rounding leaves of an exact line is no season.
    if squares <= 1e-20 * scale {
        return 1;
    }
    let correlation = |lag: usize| {
        let products: f64 = plain[lag..].iter().zip(&plain).map(|(now, before)| now * before).sum();
        products / squares * n / (n - lag as f64)
    };
    let longest = (series.len() / 2).min(LONGEST_FOUND);
    let found: Vec<f64> = (1..=longest + 1).map(|lag| if lag < plain.len() { correlation(lag) } else { 0.0 }).collect();
    let peaks = (2..=longest).filter(|&lag| found[lag - 1] > found[lag - 2] && found[lag - 1] >= found[lag]);
    let peaks: Vec<(usize, f64)> = peaks.map(|lag| (lag, found[lag - 1])).collect();
    let best = peaks.iter().map(|peak| peak.1).fold(0.0, f64::max);
    if best < CLEAR {
        return 1;
    }
    peaks.iter().find(|peak| peak.1 >= 0.92 * best).map_or(1, |peak| peak.0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn seasonal(count: usize) -> Vec<f64> {
        (0..count).map(|at| 100.0 + 2.0 * at as f64 + [5.0, -8.0, 9.0, -6.0][at % 4]).collect()
    }

    #[test]
    fn an_exact_season_and_trend_go_on() {
        for count in [16, 17, 19] {
            let (model, truth) = (AdditiveEts::fit(&seasonal(count), 4).unwrap(), seasonal(count + 9));
            for ahead in 1..=9 {
                let got = model.forecast(ahead as f64);
                assert!((got - truth[count + ahead - 1]).abs() < 1e-6, "{count} {ahead}: {got}");
            }
            assert!(model.deviation(5.0) < 1e-6);
        }
    }

    #[test]
    fn seasons_are_found_and_lines_have_none() {
        assert_eq!(season_length(&seasonal(24)), 4);
        assert_eq!(season_length(&(0..30).map(|at| 3.0 * f64::from(at)).collect::<Vec<_>>()), 1);
        assert_eq!(season_length(&[5.0; 20]), 1);
        assert_eq!(season_length(&[]), 1);
        let months: Vec<f64> =
            (0..48).map(|at| 10.0 + 4.0 * (f64::from(at) * std::f64::consts::TAU / 12.0).sin()).collect();
        assert_eq!(season_length(&months), 12);
    }

    #[test]
    fn intervals_widen_with_the_horizon() {
        let noisy: Vec<f64> = (0..40_u32).map(|at| 50.0 + f64::from(at * at * 7 % 11)).collect();
        let model = AdditiveEts::fit(&noisy, 1).unwrap();
        assert!(model.deviation(1.0) < model.deviation(2.0) && model.deviation(2.0) < model.deviation(9.0));
        assert_eq!(model.deviation(1.0), model.root_mean_square());
        assert!(AdditiveEts::fit(&[], 1).is_none());
        assert_eq!(AdditiveEts::fit(&[7.0], 1).unwrap().forecast(3.0), 7.0);
    }
}
