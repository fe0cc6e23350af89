//! How far rare demand may be from its forecast rate: quantiles of what was demanded before.
//!
//! Errors of a rate say little about buckets that hold nothing or a whole order. So the distribution is that of the known
//! buckets, recent ones weighing more, with as much more or less demand as the forecast says; half of the weight stays
//! with what was seen, because the rate is an estimate too.

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
        let (mut weight, mut weights) = (1.0, Vec::with_capacity(values.len()));
        for value in values.iter().rev() {
            weights.push((*value, weight));
            weight *= RECENCY;
        }
        let total: f64 = weights.iter().map(|(_, weight)| weight).sum();
        // As in conformal prediction, one outcome more than was seen may lie beyond all of them.
        let count = total * total / weights.iter().map(|(_, weight)| weight * weight).sum::<f64>();
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

    fn nearest(&self, share: f64) -> f64 {
        let far = |step: &&(f64, f64)| (step.1 - share).abs();
        self.steps.iter().min_by(|a, b| far(a).total_cmp(&far(b))).map_or(0.0, |step| step.0)
    }
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
}
