//! Demand sensing: what is already ordered, or already sold, of the nearest buckets.
//!
//! Of a bucket whose share q is usually known by now, B is known and F was forecast: B + (1 − q)·m·F is expected, as for
//! claims that come in over time (Bornhuetter & Ferguson 1972). How all that is known compares with what was expected of
//! it moves the level m of what is still to come, as firmly as much is known (the Cape Cod method).

use serde::{Deserialize, Serialize};

use super::{Forecast, Note};

/// What is known of a bucket to come.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// Open orders, or what was sold so far.
    pub quantity: f64,
    /// The share of a bucket's demand that is usually known as long before its end, from 0 to 1.
    pub share: f64,
}

/// How much of the moved level is left one bucket after the last one that something is known of.
const FADING: f64 = 0.5;
/// The most the level moves, as a factor and its inverse.
const FARTHEST: f64 = 3.0;

/// The share of demand that used to be known as long before: what was known of past buckets, as part of all that came.
/// `None` where nothing came.
///
/// ```
/// use grid_engine::forecast::usual_share;
/// assert_eq!(usual_share(&[30.0, 50.0], &[100.0, 100.0]), Some(0.4));
/// ```
pub fn usual_share(known: &[f64], came: &[f64]) -> Option<f64> {
    let (known, came) = known.iter().zip(came).fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
    (came > 0.0).then(|| (known / came).clamp(0.0, 1.0))
}

/// Moves a forecast's first buckets to what is known of them, the nearest first.
///
/// Where as much is known as the forecast lets expect, it stays as it is. A bucket is never forecast below what is known of
/// it, and its interval narrows with what is known.
pub fn sense(forecast: &mut Forecast, known: &[Known]) {
    let share = |known: &Known| if known.share.is_finite() { known.share.clamp(0.0, 1.0) } else { 0.0 };
    let quantity = |known: &Known| if known.quantity.is_finite() { known.quantity.max(0.0) } else { 0.0 };
    let reach = known.iter().rposition(|known| share(known) > 0.0 || quantity(known) > 0.0).map_or(0, |last| last + 1);
    let known = &known[..reach.min(forecast.mean.len())];
    if known.is_empty() {
        return;
    }
    let (mut seen, mut expected, mut shares) = (0.0, 0.0, 0.0);
    for (known, mean) in known.iter().zip(&forecast.mean) {
        // Where nothing is usually known yet, an early order tells of its bucket only.
        if share(known) > 0.0 {
            seen += quantity(known);
            expected += share(known) * mean.max(0.0);
            shares += share(known);
        }
    }
    let ratio = if expected > 0.0 { (seen / expected).clamp(1.0 / FARTHEST, FARTHEST) } else { 1.0 };
    // Half of a forecast's error lasts, half is the bucket's own: then a level is known by shares ÷ (shares + 1).
    let level = 1.0 + shares / (shares + 1.0) * (ratio - 1.0);
    let none = Known { quantity: 0.0, share: 0.0 };
    for step in 0..forecast.mean.len() {
        let here = known.get(step).unwrap_or(&none);
        let past = (step + 1).saturating_sub(known.len()) as f64;
        let factor = (1.0 - share(here)) * (1.0 + (level - 1.0) * FADING.powf(past));
        let (before, floor) = (forecast.mean[step], quantity(here));
        let mean = floor + factor * before;
        // What is left open is uncertain, as far as it is open.
        let narrowing = (1.0 - share(here)).sqrt();
        for interval in &mut forecast.intervals {
            let (lower, upper) = (before - interval.lower[step], interval.upper[step] - before);
            let least = if before >= 0.0 && interval.lower[step] >= 0.0 { floor } else { f64::NEG_INFINITY };
            interval.lower[step] = (mean - narrowing * lower).max(least).min(mean);
            interval.upper[step] = mean + narrowing * upper;
        }
        forecast.mean[step] = mean;
    }
    let level_permille = (level * 1000.0).round() as u32;
    forecast.explanation.notes.push(Note::Sensed { buckets: known.len(), level_permille });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::forecast::planted::Noise;
    use crate::forecast::{Options, forecast};

    fn plain() -> Forecast {
        let mut noise = Noise::new(1);
        let history: Vec<Option<f64>> = (0..40).map(|_| Some(100.0 + 10.0 * noise.normal())).collect();
        forecast(&history, &Options { horizon: 6, season: 1, ..Options::default() }).unwrap()
    }

    fn sensed(known: &[(f64, f64)]) -> Forecast {
        let mut forecast = plain();
        let known: Vec<Known> =
            known.iter().map(|(quantity, share)| Known { quantity: *quantity, share: *share }).collect();
        sense(&mut forecast, &known);
        forecast
    }

    #[test]
    fn what_was_expected_changes_nothing() {
        let plain = plain();
        let same = sensed(&[(0.6 * plain.mean[0], 0.6), (0.2 * plain.mean[1], 0.2)]);
        for (a, b) in same.mean.iter().zip(&plain.mean) {
            assert!((a - b).abs() < 1e-9);
        }
        assert_eq!(sensed(&[]), plain);
        assert_eq!(sensed(&[(0.0, 0.0); 6]), plain);
    }

    /// F = 100 twice; 75 known where 50 were expected: level 1 + 0.5 ÷ 1.5 · 0.5 = 7/6, so 75 + 50 · 7/6 = 133.3, and the
    /// next bucket keeps half of the move: 108.3.
    #[test]
    fn more_orders_than_usual_by_hand() {
        let mut forecast = plain();
        forecast.mean.fill(100.0);
        sense(&mut forecast, &[Known { quantity: 75.0, share: 0.5 }]);
        assert!((forecast.mean[0] - 400.0 / 3.0).abs() < 1e-9, "{:?}", forecast.mean);
        assert!((forecast.mean[1] - 325.0 / 3.0).abs() < 1e-9);
        assert!((forecast.mean[5] - 100.0).abs() < 1.0, "far buckets hardly move");
    }

    /// Demand of half the forecasts' size or one and a half times it, half of each bucket known: closer to what comes.
    #[test]
    fn sensed_forecasts_are_closer_to_a_moved_level() {
        let (mut before, mut after, mut still) = (0.0, 0.0, 0.0);
        for seed in 0..60 {
            let mut noise = Noise::new(seed);
            let level = if seed % 2 == 0 { 0.5 } else { 1.5 };
            let mut error = |level: f64| {
                let demand: Vec<f64> = (0..2).map(|_| 100.0 * level * (1.0 + 0.1 * noise.normal())).collect();
                let known: Vec<(f64, f64)> =
                    demand.iter().zip([0.6, 0.3]).map(|(d, q)| (d * q * (1.0 + 0.1 * noise.normal()), q)).collect();
                let off = |mean: &[f64]| mean.iter().zip(&demand).map(|(a, b)| (a - b).abs()).sum::<f64>();
                (off(&plain().mean), off(&sensed(&known).mean))
            };
            let moved = error(level);
            (before, after) = (before + moved.0, after + moved.1);
            let same = error(1.0);
            still += same.1 - same.0;
        }
        assert!(after < 0.5 * before, "{after} {before}");
        assert!(still < 0.0, "knowing a part is no worse where nothing moved: {still}");
    }

    proptest! {
        /// Never below what is known; everything known is the forecast; more orders never mean less demand.
        #[test]
        fn bounds_hold(known in prop::collection::vec((0.0..500.0_f64, 0.0..1.0_f64), 1..6), more in 0.0..100.0_f64) {
            let found = sensed(&known);
            let mut ordered = known.clone();
            ordered[0].0 += more;
            let raised = sensed(&ordered);
            for (step, (quantity, _)) in known.iter().enumerate() {
                prop_assert!(found.mean[step] >= *quantity && found.mean[step].is_finite());
                for interval in &found.intervals {
                    prop_assert!(interval.lower[step] >= *quantity);
                    prop_assert!(interval.lower[step] <= found.mean[step] && found.mean[step] <= interval.upper[step]);
                }
            }
            prop_assert!(raised.mean.iter().zip(&found.mean).all(|(raised, found)| *raised >= found - 1e-9));
            let all = sensed(&[(known[0].0, 1.0)]);
            prop_assert!((all.mean[0] - known[0].0).abs() < 1e-9);
        }
    }
}
