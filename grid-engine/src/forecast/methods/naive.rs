//! The benchmarks every other method must beat.

use super::Sample;
use crate::forecast::season::{self, Indices, Kind};

pub(super) fn naive(sample: &Sample, horizon: usize) -> Option<Vec<f64>> {
    Some(vec![*sample.series.last()?; horizon])
}

/// Falls back to naive for less than one season.
pub(super) fn seasonal_naive(sample: &Sample, horizon: usize) -> Option<Vec<f64>> {
    let Some(start) = sample.series.len().checked_sub(sample.season) else { return naive(sample, horizon) };
    let last = &sample.series[start..];
    Some((0..horizon).map(|step| last[step % last.len()]).collect())
}

pub(super) fn drift(sample: &Sample, horizon: usize) -> Option<Vec<f64>> {
    let [first, .., last] = sample.series else { return None };
    let slope = (last - first) / (sample.series.len() - 1) as f64;
    Some((1..=horizon).map(|step| last + slope * step as f64).collect())
}

pub(super) fn mean(sample: &Sample, horizon: usize) -> Option<Vec<f64>> {
    let count = sample.adjusted.len().min((2 * sample.season).max(12));
    let recent = &sample.adjusted[sample.adjusted.len() - count..];
    let mean = recent.iter().sum::<f64>() / recent.len() as f64;
    mean.is_finite().then(|| sample.with_season(vec![mean; horizon]))
}

/// The M competitions' benchmark: naive on the series adjusted by classical multiplicative indices where the
/// seasonality test passes.
pub(in crate::forecast) fn naive2(series: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    let seasonal = season::is_seasonal(series, season);
    let indices = seasonal.then(|| season::classical(series, season, Kind::Multiplicative)).flatten();
    let indices = indices.unwrap_or_else(Indices::none);
    let last = indices.remove(series).last().copied().unwrap_or(0.0);
    let mut forecast = vec![last; horizon];
    indices.restore(&mut forecast, series.len());
    forecast
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn benchmarks_by_hand() {
        let sample = Sample::new(&[1.0, 2.0, 3.0, 5.0], 2);
        assert_eq!(naive(&sample, 2).unwrap(), [5.0, 5.0]);
        assert_eq!(seasonal_naive(&sample, 3).unwrap(), [3.0, 5.0, 3.0]);
        let drifted = drift(&sample, 2).unwrap();
        assert!((drifted[0] - (5.0 + 4.0 / 3.0)).abs() < 1e-12);
        assert_eq!(mean(&sample, 1).unwrap(), [2.75]);
        assert_eq!(drift(&Sample::new(&[1.0], 1), 2), None);
    }

    #[test]
    fn naive2_carries_the_season() {
        let series: Vec<f64> = (0..40).map(|t| 100.0 * [0.5, 1.0, 1.5, 1.0][t % 4]).collect();
        for (found, expected) in naive2(&series, 4, 5).iter().zip([50.0, 100.0, 150.0, 100.0, 50.0]) {
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
    }
}
