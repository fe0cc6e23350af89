//! Methods for demand with many zeros. All forecast a flat rate per bucket, 0 before there was any demand.

use crate::forecast::simplex::{Axis, minimise};

/// Croston: sizes and intervals smoothed apart, forecast size ÷ interval.
pub(super) fn croston(series: &[f64], horizon: usize) -> Option<Vec<f64>> {
    Some(vec![croston_rate(series).map_or(0.0, |(rate, _)| rate); horizon])
}

/// Croston corrected by 1 − α/2.
pub(super) fn sba(series: &[f64], horizon: usize) -> Option<Vec<f64>> {
    let rate = croston_rate(series).map_or(0.0, |(rate, alpha)| rate * (1.0 - alpha / 2.0));
    Some(vec![rate; horizon])
}

/// Croston's rate and its gain, chosen by squared rate errors.
fn croston_rate(series: &[f64]) -> Option<(f64, f64)> {
    series.iter().position(|value| *value != 0.0)?;
    let (point, _) = minimise(&[Axis::new(0.1, 0.1, 0.02, 0.3)], 30, |point| croston_run(series, point[0]).1);
    Some((croston_run(series, point[0]).0, point[0]))
}

/// The rate at the end, and the sum of squared one-step errors.
fn croston_run(series: &[f64], alpha: f64) -> (f64, f64) {
    let (mut size, mut interval, mut since, mut squares) = (0.0, 1.0, 0.0, 0.0);
    let mut started = false;
    for value in series {
        since += 1.0;
        if started {
            let error: f64 = value - size / interval;
            squares += error * error;
        }
        if *value != 0.0 {
            if started {
                size += alpha * (value - size);
                interval += alpha * (since - interval);
            } else {
                (size, interval, started) = (*value, since, true);
            }
            since = 0.0;
        }
    }
    (size / interval, squares)
}

/// TSB: the probability falls in every bucket without demand, so obsolete items fade out.
pub(super) fn tsb(series: &[f64], horizon: usize) -> Option<Vec<f64>> {
    if series.iter().all(|value| *value == 0.0) {
        return Some(vec![0.0; horizon]);
    }
    let axes = [Axis::new(0.1, 0.1, 0.02, 0.3), Axis::new(0.1, 0.1, 0.02, 0.5)];
    let (point, _) = minimise(&axes, 60, |point| tsb_run(series, point[0], point[1]).1);
    Some(vec![tsb_run(series, point[0], point[1]).0; horizon])
}

fn tsb_run(series: &[f64], size_gain: f64, chance_gain: f64) -> (f64, f64) {
    let demanded = series.iter().filter(|value| **value != 0.0);
    let count = demanded.clone().count() as f64;
    let mut size = demanded.sum::<f64>() / count;
    let (mut chance, mut squares) = (count / series.len() as f64, 0.0);
    for value in series {
        let error = value - chance * size;
        squares += error * error;
        let came = if *value != 0.0 { 1.0 } else { 0.0 };
        chance += chance_gain * (came - chance);
        size += came * size_gain * (value - size);
    }
    (chance * size, squares)
}

/// No demand any more: what many slow movers come to, and what keeps the mean of others honest about it.
pub(super) fn zero(horizon: usize) -> Option<Vec<f64>> {
    Some(vec![0.0; horizon])
}

/// ADIDA: sums over the mean interval between demands, smoothed, spread evenly.
pub(super) fn adida(series: &[f64], horizon: usize) -> Option<Vec<f64>> {
    let Some(interval) = mean_interval(series) else { return Some(vec![0.0; horizon]) };
    let level = interval.round().max(1.0) as usize;
    Some(vec![aggregated(series, level)?; horizon])
}

/// IMAPA: the mean of ADIDA over all levels from 1 to the mean interval.
pub(super) fn imapa(series: &[f64], horizon: usize) -> Option<Vec<f64>> {
    let Some(interval) = mean_interval(series) else { return Some(vec![0.0; horizon]) };
    let most = (interval.round().max(1.0) as usize).min(24);
    let rates: Vec<f64> = (1..=most).filter_map(|level| aggregated(series, level)).collect();
    let rate = rates.iter().sum::<f64>() / rates.len() as f64;
    rate.is_finite().then(|| vec![rate; horizon])
}

/// The rate per bucket from smoothing sums over `level` buckets, aligned to the end.
fn aggregated(series: &[f64], level: usize) -> Option<f64> {
    let sums: Vec<f64> = series[series.len() % level..].chunks_exact(level).map(|chunk| chunk.iter().sum()).collect();
    let first = *sums.first()?;
    let smooth = |alpha: f64| {
        let (mut rate, mut squares) = (first, 0.0);
        for sum in &sums {
            let error = sum - rate;
            squares += error * error;
            rate += alpha * error;
        }
        (rate, squares)
    };
    let (point, _) = minimise(&[Axis::new(0.1, 0.1, 0.01, 0.3)], 30, |point| smooth(point[0]).1);
    Some(smooth(point[0]).0 / level as f64)
}

/// Mean buckets from one demand to the next; `None` without demand.
fn mean_interval(series: &[f64]) -> Option<f64> {
    let count = series.iter().filter(|value| **value != 0.0).count();
    let last = series.iter().rposition(|value| *value != 0.0)?;
    Some((last + 1) as f64 / count as f64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Demand of 6 every third bucket, starting with the third: size 6, interval 3, rate 2 whatever the gain; by hand
    /// SBA with gain α is 2·(1 − α/2).
    #[test]
    fn croston_on_regular_demand() {
        let series = [0.0, 0.0, 6.0, 0.0, 0.0, 6.0, 0.0, 0.0, 6.0];
        assert_eq!(croston_run(&series, 0.2).0, 2.0);
        let unbiased = sba(&series, 1).unwrap()[0];
        assert!((1.7..2.0).contains(&unbiased));
        assert_eq!(adida(&series, 2).unwrap(), [2.0, 2.0]);
    }

    /// Sizes 10, 20 after intervals 2, 4 with α = 0.1: size 10 + 0.1·10 = 11, interval 2 + 0.1·2 = 2.2, rate 5.
    #[test]
    fn croston_updates_only_with_demand() {
        let series = [0.0, 10.0, 0.0, 0.0, 0.0, 20.0, 0.0];
        assert!((croston_run(&series, 0.1).0 - 5.0).abs() < 1e-12);
    }

    #[test]
    fn tsb_fades_obsolete_items() {
        let mut series = vec![0.0, 5.0, 5.0, 0.0, 5.0, 5.0, 0.0, 5.0];
        let alive = tsb(&series, 1).unwrap()[0];
        series.extend([0.0; 30]);
        assert!(tsb(&series, 1).unwrap()[0] < alive / 2.0);
    }

    #[test]
    fn before_any_demand_the_forecast_is_none() {
        for method in [croston, sba, tsb, adida, imapa] {
            assert_eq!(method(&[0.0; 12], 3).unwrap(), [0.0; 3]);
        }
    }
}
