//! How far rare demand may be from its forecast rate: quantiles of what was demanded before.
//!
//! Errors of a rate say little about buckets that hold nothing or a whole order. So the distribution is that of the known
//! buckets, recent ones weighing more, with as much more or less demand as the forecast says; half of the weight stays
//! with what was seen, because the rate is an estimate too.
//!
//! Over a lead time of several buckets it is the same of what was demanded in so many buckets on end (overlapping blocks:
//! Porras & Dekker 2008, European Journal of Operational Research 184(1); Boylan & Babai 2016, IJPE 181).

/// Weight of a bucket relative to the next one.
const RECENCY: f64 = 0.985;
/// Share of the distribution that follows the forecast rate.
const FOLLOWS: f64 = 0.5;

/// What may be demanded in a bucket: values in rising order with the share of buckets at or below them.
pub(super) struct Demand {
    steps: Vec<(f64, f64)>,
}

impl Demand {
    /// From the known buckets, none of them negative, and the forecast rate.
    pub fn new(values: &[f64], rate: f64) -> Self {
        Self::of_blocks(values, rate, 1)
    }

    /// From what was demanded in overlapping blocks of so many buckets; the rate is a block's too.
    fn of_blocks(values: &[f64], rate: f64, buckets: usize) -> Self {
        let (mut weight, mut weights) = (1.0, Vec::with_capacity(values.len()));
        for value in values.iter().rev() {
            weights.push((*value, weight));
            weight *= RECENCY;
        }
        let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
        // As in conformal prediction, one outcome more than was seen may lie beyond all of them.
        let count = total * total / weights.iter().map(|(_, weight)| weight * weight).sum::<f64>();
        // Blocks count as far as they have no bucket in common.
        let count = (count + (buckets - 1) as f64) / buckets as f64;
        let within = count / (count + 1.0);
        let seen = weights.iter().map(|(value, weight)| value * weight).sum::<f64>() / total;
        let chance = weights.iter().filter(|(value, _)| *value > 0.0).map(|(_, weight)| weight).sum::<f64>() / total;
        let wanted = if seen > 0.0 { rate / seen } else { 1.0 };
        // More demand comes more often first, and in larger sizes only where it comes always.
        let oftener = wanted.min(1.0 / chance.max(1e-12));
        let larger = wanted / oftener.max(1e-12);
        let mut points: Vec<(f64, f64)> = Vec::with_capacity(2 * weights.len() + 1);
        let mut moved = 0.0;
        for (value, weight) in weights {
            let share = weight / total;
            points.push((value, (1.0 - FOLLOWS) * share));
            if value > 0.0 {
                points.push((value * if oftener > 0.0 { larger } else { 1.0 }, FOLLOWS * share * oftener));
                moved += share * oftener;
            }
        }
        points.push((0.0, FOLLOWS * (1.0 - moved).max(0.0)));
        points.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut below = 0.0;
        let mut steps: Vec<(f64, f64)> = Vec::with_capacity(points.len());
        for (value, share) in points {
            below += share * within;
            match steps.last_mut() {
                Some(last) if last.0 == value => last.1 = below,
                _ => steps.push((value, below)),
            }
        }
        Self { steps }
    }

    /// The narrowest bounds that begin at 0 where nothing is a likely outcome, else with equal shares left out on both
    /// sides; a level from 0 to 1. Demand comes in steps, so the bounds are those whose share is nearest to the level.
    pub fn bounds(&self, level: f64) -> (f64, f64) {
        let tail = (1.0 - level) / 2.0;
        let nothing = self.steps.first().filter(|step| step.0 == 0.0).map_or(0.0, |step| step.1);
        if nothing >= tail { (0.0, self.nearest(level)) } else { (self.nearest(tail), self.nearest(1.0 - tail)) }
    }

    /// Bounds that hold the forecast as well.
    pub fn around(&self, mean: f64, level: f64) -> (f64, f64) {
        let (lower, upper) = self.bounds(level);
        (lower.min(mean), upper.max(mean))
    }

    /// The least that at least this share of outcomes stays within; beyond all that was seen, the excess over it goes on
    /// like orders of exponential size.
    fn at_least(&self, share: f64, order: f64) -> f64 {
        let last = self.steps.last().copied().unwrap_or_default();
        match self.steps.iter().find(|step| step.1 >= share) {
            Some(step) => step.0,
            None => last.0 + order * ((1.0 - last.1) / (1.0 - share)).ln(),
        }
    }

    fn nearest(&self, share: f64) -> f64 {
        let far = |step: &&(f64, f64)| (step.1 - share).abs();
        self.steps.iter().min_by(|a, b| far(a).total_cmp(&far(b))).map_or(0.0, |step| step.0)
    }
}

/// The least that rare demand over so many buckets stays within with a probability below 1.
///
/// `values` are the known buckets, none of them negative, oldest first; `rate` is what is forecast of one bucket. Where all
/// known demand is in whole units, so is the answer. 0 without a bucket.
///
/// ```
/// use grid_engine::forecast::rare_demand_within;
/// // Four pieces in every second month: in two months that follow one another it is four.
/// let months = [0.0, 4.0].repeat(30);
/// assert_eq!((rare_demand_within(&months, 2.0, 1, 0.4), rare_demand_within(&months, 2.0, 2, 0.9)), (0.0, 4.0));
/// ```
pub fn rare_demand_within(values: &[f64], rate: f64, buckets: usize, probability: f64) -> f64 {
    let buckets = buckets.clamp(1, values.len().max(1));
    let blocks: Vec<f64> = values.windows(buckets).map(|block| block.iter().sum()).collect();
    let orders = values.iter().filter(|value| **value > 0.0);
    let mean_order = orders.clone().sum::<f64>() / orders.count().max(1) as f64;
    let within = Demand::of_blocks(&blocks, rate * buckets as f64, buckets).at_least(probability, mean_order);
    // What follows the rate is no whole number, and what can be demanded is.
    if values.iter().all(|value| value.fract() == 0.0) { (within - 1e-9).ceil().max(0.0) } else { within }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One demand in two buckets, which is the forecast as well: 0 half of the time, then 4.
    #[test]
    fn shares_by_hand() {
        let even = Demand::new(&[0.0, 4.0].repeat(200), 2.0);
        assert!((even.steps[0].1 - 0.5).abs() < 0.01, "{:?}", even.steps);
        assert_eq!((even.bounds(0.5), even.bounds(0.95)), ((0.0, 0.0), (0.0, 4.0)));
        let fading = Demand::new(&[0.0, 4.0].repeat(200), 0.0);
        assert!((fading.steps[0].1 - 0.75).abs() < 0.01);
    }

    #[test]
    fn more_demand_than_ever_means_larger_orders() {
        let grown = Demand::new(&[3.0, 4.0, 5.0, 4.0], 8.0);
        assert!((grown.bounds(0.9).1 - 10.0).abs() < 0.1, "{:?}", grown.steps);
        assert_eq!(Demand::new(&[0.0; 4], 0.0).bounds(0.8), (0.0, 0.0));
    }

    /// Thirty-nine buckets of nothing and one order of 5, recent enough to weigh as much as any: beyond what one more outcome
    /// may lie beyond, the order of 5 goes on by 5 · ln(share left / share asked for).
    #[test]
    fn beyond_what_was_seen_orders_go_on() {
        let mut values = [0.0; 40];
        values[39] = 5.0;
        let demand = Demand::new(&values, 5.0 * demand_share(&values));
        let left = 1.0 - demand.steps.last().unwrap_or(&(0.0, 0.0)).1;
        assert!((demand.at_least(0.999, 5.0) - (5.0 + 5.0 * (left / 0.001).ln())).abs() < 1e-9);
        assert_eq!(demand.at_least(0.5, 5.0), 0.0);
        assert_eq!(rare_demand_within(&values, 0.125, 1, 0.999).fract(), 0.0, "whole units stay whole");
        assert_eq!(rare_demand_within(&[], 1.0, 3, 0.9), 0.0);
    }

    /// The weight of the last bucket among all.
    fn demand_share(values: &[f64]) -> f64 {
        1.0 / (0..values.len()).map(|age| RECENCY.powi(age as i32)).sum::<f64>()
    }
}
