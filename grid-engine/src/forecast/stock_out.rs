//! Demand that could not be met was not recorded: sales in buckets without stock are less than demand.
//!
//! Of a bucket that was in stock for a share of its time, the rest is expected to have gone as such buckets go (Wecker
//! 1978). Of one that is only known to have run out, demand is the normal distribution's mean beyond what was sold
//! (Nahmias 1994).

use super::methods::Sample;
use super::normal::normal_share;
use super::series;
use super::treatment::{Cause, Change};

/// Known buckets, in stock, from which on something can be expected of others.
const LEAST: usize = 4;
/// Buckets that the level at the end is taken from.
const RECENT: usize = 5;

/// What was wanted in buckets that were not in stock throughout; only buckets where that is more than was sold.
///
/// `in_stock` holds the share of each bucket's time with stock, from 0 to 1; missing ones count as 1. 0 beside sales above 0
/// says that the bucket ran out, and not when. A bucket without stock is no bucket without demand, so a recorded 0 is
/// read as demand too.
///
/// ```
/// use grid_engine::forecast::unconstrain;
/// let sold = [50.0, 50.0, 50.0, 20.0, 50.0, 50.0, 0.0, 50.0].map(Some);
/// let wanted = unconstrain(&sold, &[1.0, 1.0, 1.0, 0.4, 1.0, 1.0, 0.0, 1.0], 1);
/// assert_eq!(wanted.iter().map(|change| (change.at, change.used)).collect::<Vec<_>>(), [(3, 50.0), (6, 50.0)]);
/// ```
pub fn unconstrain(history: &[Option<f64>], in_stock: &[f64], season: usize) -> Vec<Change> {
    let share = |at: usize| in_stock.get(at).copied().filter(|share| share.is_finite()).unwrap_or(1.0).clamp(0.0, 1.0);
    let throughout: Vec<Option<f64>> =
        history.iter().enumerate().map(|(at, value)| value.filter(|_| share(at) >= 1.0)).collect();
    let known = throughout.iter().flatten().count();
    if known < LEAST || known == history.iter().flatten().count() {
        return Vec::new();
    }
    let Ok(prepared) = series::prepare(&throughout, season.max(1)) else { return Vec::new() };
    let sample = Sample::new(&prepared.values, season.max(1));
    let level = |values: &[f64]| super::combine::median(&mut values.to_vec());
    // Of a long history only the newest part is read, which may know fewer.
    let recent = RECENT.min(known).min(sample.adjusted.len());
    let (start, end) = (level(&sample.adjusted[..recent]), level(&sample.adjusted[sample.adjusted.len() - recent..]));
    // Between known buckets as gaps are filled, beyond them at the level there, with the season.
    let expected = |at: usize| {
        let inside = at.checked_sub(prepared.first);
        match inside.and_then(|inside| sample.series.get(inside)) {
            Some(value) => value * prepared.scale,
            None => {
                let place = inside.unwrap_or(0);
                let mut one = [if inside.is_some() { end } else { start }];
                sample.indices.restore(&mut one, place);
                one[0] * prepared.scale
            }
        }
    };
    let spread = spread(&sample) * prepared.scale;
    let wanted = |(at, sold): (usize, &Option<f64>)| {
        let (sold, share) = ((*sold)?, share(at));
        if share >= 1.0 {
            return None;
        }
        let expected = expected(at).max(0.0);
        let used = if share > 0.0 || sold <= 0.0 {
            sold.max(0.0) + (1.0 - share) * expected
        } else {
            beyond(sold, expected, spread)
        };
        (used > sold).then_some(Change { at, recorded: Some(sold), used, cause: Cause::StockOut })
    };
    history.iter().enumerate().filter_map(wanted).collect()
}

/// Mean of a normal distribution above a bound.
fn beyond(bound: f64, mean: f64, spread: f64) -> f64 {
    if spread <= 0.0 {
        return bound.max(mean);
    }
    let z = (bound - mean) / spread;
    // Far in the tail the quotient is 0 ÷ 0; there the mean is hardly above the bound.
    if z > 6.0 {
        return bound;
    }
    let density = (-z * z / 2.0).exp() / (std::f64::consts::TAU).sqrt();
    (mean + spread * density / (1.0 - normal_share(z))).max(bound)
}

/// Standard deviation of a value around its neighbours, without the season.
fn spread(sample: &Sample) -> f64 {
    let mut steps: Vec<f64> = sample.adjusted.windows(2).map(|pair| (pair[1] - pair[0]).abs()).collect();
    1.4826 * super::combine::median(&mut steps) / std::f64::consts::SQRT_2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::forecast::planted::Noise;

    /// The mean of a standard normal above 0 is √(2 ÷ π) = 0.7979, above 1 it is 1.5251.
    #[test]
    fn means_beyond_a_bound_as_published() {
        assert!((beyond(0.0, 0.0, 1.0) - 0.7979).abs() < 1e-3);
        assert!((beyond(1.0, 0.0, 1.0) - 1.5251).abs() < 1e-3);
        assert_eq!(beyond(50.0, 0.0, 1.0), 50.0);
        assert_eq!(beyond(5.0, 9.0, 0.0), 9.0);
    }

    /// Demand of about 100 with a season, cut off at a stock of 90 now and then: the mean demand comes back.
    #[test]
    fn planted_stock_outs_are_made_good() {
        let (mut ratio, mut raw) = (0.0, 0.0);
        for seed in 0..20 {
            let mut noise = Noise::new(seed);
            let (mut wanted, mut sold, mut stock) = (Vec::new(), Vec::new(), Vec::new());
            for at in 0..60 {
                let demand = 100.0 * [0.8, 1.0, 1.3, 0.9][at % 4] * (1.0 + 0.1 * noise.normal());
                let short = noise.share() < 0.25;
                // Ran out after an unknown time: 0 beside sales.
                wanted.push(demand);
                sold.push(Some(if short { demand.min(85.0) } else { demand }));
                stock.push(if short && demand > 85.0 { 0.0 } else { 1.0 });
            }
            let changes = unconstrain(&sold, &stock, 4);
            let total: f64 = wanted.iter().sum();
            let seen: f64 = sold.iter().flatten().sum();
            ratio += (seen + changes.iter().map(|c| c.used - 85.0).sum::<f64>()) / total / 20.0;
            raw += seen / total / 20.0;
        }
        assert!(raw < 0.96 && (ratio - 1.0).abs() < 0.015, "{raw} {ratio}");
    }

    #[test]
    fn an_item_that_is_out_of_stock_now_is_not_read_as_ended() {
        let mut sold: Vec<Option<f64>> = (0..30).map(|_| Some(60.0)).collect();
        sold.extend([Some(0.0); 4]);
        let mut stock = vec![1.0; 30];
        stock.extend([0.0; 4]);
        let used: Vec<f64> = unconstrain(&sold, &stock, 1).iter().map(|change| change.used).collect();
        assert_eq!(used, [60.0; 4]);
        assert!(unconstrain(&sold, &[], 1).is_empty(), "in stock and not sold is no demand");
        assert!(unconstrain(&sold[..3], &[0.0, 1.0, 1.0], 1).is_empty(), "too little to expect anything by");
    }

    /// Only the newest thousand buckets are read, and of these a single one may have been in stock throughout.
    #[test]
    fn long_histories_hardly_ever_in_stock_are_read() {
        let sold = vec![Some(60.0); 1_200];
        let stock: Vec<f64> = (0..1_200).map(|at| if at < 150 || at == 1_199 { 1.0 } else { 0.5 }).collect();
        let changes = unconstrain(&sold, &stock, 7);
        assert_eq!(changes.len(), 1_049);
        assert!(changes.iter().all(|change| change.used.is_finite()));
    }

    proptest! {
        /// Demand is never less than was sold, and buckets in stock stay as they are.
        #[test]
        fn never_less_than_sold(
            buckets in prop::collection::vec((prop::option::of(0.0..1e6_f64), 0.0..1.5_f64), 0..50),
            season in 1..13_usize,
        ) {
            let (sold, stock): (Vec<_>, Vec<_>) = buckets.into_iter().unzip();
            for change in unconstrain(&sold, &stock, season) {
                prop_assert!(stock[change.at] < 1.0 && change.used.is_finite());
                prop_assert_eq!(change.recorded, sold[change.at]);
                prop_assert!(change.recorded.is_some_and(|sold| change.used > sold));
            }
        }
    }
}
