//! Safety stock from the errors that a forecast has made, rather than from a normal distribution with their deviation.
//!
//! Errors of demand over a lead time are skewed and grow with it in other ways than its root, so their quantile at the
//! service level is taken from the errors themselves (Trapero, Cardós & Kourentzes 2019, "Empirical safety stock
//! estimation based on kernel and GARCH models", Omega 84), as in split conformal prediction: among n errors the next
//! one is equally likely to fall into each of n + 1 gaps, whatever their distribution (Vovk, Gammerman & Shafer 2005;
//! Lei et al. 2018, JASA 113). Beyond the largest error the excess over it is taken to be exponential, its mean learned
//! from the largest quarter, which makes its predictive distribution Pareto's (peaks over a threshold: Pickands 1975,
//! Annals of Statistics 3(1)). With too few errors for either the normal distribution serves (Silver, Pyke & Thomas
//! 2017, chapter 6).

use crate::forecast::{normal_quantile, rare_demand_within};

/// The fewest errors of which quantiles are taken.
const FEWEST: f64 = 8.0;
/// Sums that overlap tell half as much again as those among them that share no bucket (the variance of a variance told
/// from them is two thirds: Lo & MacKinlay 1989, Journal of Econometrics 40(2)).
const OVERLAPPING: f64 = 1.5;
/// Of the largest errors, this share (a divisor) and this number at least tell how large still larger ones are.
const LARGEST: (usize, usize) = (4, 3);

/// What demand was off by from its forecast over the lead time: actual − forecast.
///
/// ```
/// use grid_engine::inventory::LeadTimeErrors;
/// // Nine errors of one bucket each leave ten gaps: with nine of ten below it, the largest is the 90 % quantile.
/// let errors = LeadTimeErrors::of_buckets(&[-4.0, 3.0, 0.0, -2.0, 1.0, 8.0, -3.0, -1.0, 2.0], 1.0);
/// assert_eq!(errors.map(|errors| errors.quantile(0.9).round()), Some(8.0));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LeadTimeErrors {
    /// Of the whole lead time, from the least to the largest.
    sums: Vec<f64>,
    /// Root mean square of the error over the lead time.
    deviation: f64,
    /// How many sums that have nothing to do with one another they are worth.
    worth: f64,
}

impl LeadTimeErrors {
    /// From the errors of forecasts one bucket ahead, oldest first. They are added up over every run of buckets as long
    /// as the lead time, review included; a lead time between whole buckets is that of the nearest, its errors scaled
    /// by the root of the ratio, and so is one longer than all errors. `None` without an error, for an infinite one, or
    /// a lead time of none.
    pub fn of_buckets(errors: &[f64], lead_time: f64) -> Option<Self> {
        let possible = lead_time.is_finite() && lead_time > 0.0 && !errors.is_empty();
        let window = (lead_time.round() as usize).clamp(1, errors.len().max(1));
        let scale = (lead_time / window as f64).sqrt();
        let sums = errors.windows(window).map(|run| scale * run.iter().sum::<f64>()).collect();
        let squares = errors.iter().map(|error| error * error).sum::<f64>() / errors.len() as f64;
        possible.then(|| Self::new(sums, window, (lead_time * squares).sqrt()))?
    }

    /// From the errors of forecasts from several origins, each one bucket after the one before it, over the buckets of
    /// the lead time, as [`rolling_errors`](crate::forecast::rolling_errors) gives them. `None` without an error, for
    /// an infinite one, or where origins look ahead differently far.
    pub fn of_origins<R: AsRef<[f64]>>(origins: &[R]) -> Option<Self> {
        let ahead = origins.first()?.as_ref().len();
        let even = ahead > 0 && origins.iter().all(|errors| errors.as_ref().len() == ahead);
        let sums = origins.iter().map(|errors| errors.as_ref().iter().sum()).collect();
        // Each step's mean square, so that a step further ahead counts as it is.
        let squares = origins.iter().flat_map(|errors| errors.as_ref()).map(|error| error * error).sum::<f64>();
        even.then(|| Self::new(sums, ahead, (squares / origins.len() as f64).sqrt()))?
    }

    /// `by_steps` is the deviation over the lead time where errors of different buckets have nothing to do with one
    /// another.
    fn new(mut sums: Vec<f64>, window: usize, by_steps: f64) -> Option<Self> {
        let count = sums.len() as f64;
        let squares = sums.iter().map(|sum| sum * sum).sum::<f64>();
        // A bias, or errors that last, show in the sums; few sums show too little of what single buckets vary by.
        let deviation = (squares / count).sqrt().max(by_steps);
        sums.sort_unstable_by(f64::total_cmp);
        let apart = (count + window as f64 - 1.0) / window as f64;
        let worth = (OVERLAPPING * apart).min(count);
        deviation.is_finite().then_some(Self { sums, deviation, worth })
    }

    /// Whether there are enough errors for quantiles of their own; else they are those of the normal distribution.
    pub fn are_enough(&self) -> bool {
        self.worth >= FEWEST
    }

    /// The error that the next one stays below with this probability, from 0.5 to below 1.
    pub fn quantile(&self, probability: f64) -> f64 {
        let (sums, worth) = (&self.sums, self.worth);
        if !self.are_enough() {
            // What is to come differs from a mean that is itself learned.
            return normal_quantile(probability) * self.deviation * (1.0 + 1.0 / worth).sqrt();
        }
        let (count, largest) = (sums.len(), sums.last().copied().unwrap_or(0.0));
        let share = probability * (1.0 + 1.0 / worth);
        if share >= 1.0 {
            let beyond = 1.0 / ((1.0 + worth) * (1.0 - probability));
            return largest + self.excess(beyond);
        }
        let place = share * count as f64;
        let below = (place as usize).clamp(1, count);
        let (from, to) = (sums[below - 1], sums[below.min(count - 1)]);
        from + (place - below as f64).clamp(0.0, 1.0) * (to - from)
    }

    /// How far the error is above the largest one that is seen so many times as often as it.
    fn excess(&self, times: f64) -> f64 {
        let count = self.sums.len();
        let largest = (count / LARGEST.0).max(LARGEST.1).min(count - 1);
        let (rest, top) = self.sums.split_at(count - largest);
        let threshold = rest.last().copied().unwrap_or(0.0);
        let mean = top.iter().map(|sum| sum - threshold).sum::<f64>() / largest as f64;
        // As many of them as the mean is learned of.
        let learned = (largest as f64 * self.worth / count as f64).max(2.0);
        mean * learned * (times.powf(1.0 / learned) - 1.0)
    }

    fn mean(&self) -> f64 {
        self.sums.iter().sum::<f64>() / self.sums.len() as f64
    }
}

/// Stock to keep so that a replenishment cycle passes without stockout with probability `service_level`, by the
/// forecast's own errors over the lead time.
///
/// `demand` is the mean per bucket and counts where the lead time varies, by `lead_time_deviation` buckets: what that
/// adds is normal, and reaches beyond the mean error add as squares, as deviations do. A forecast that is too low on
/// average asks for more stock, one that is too high for less, never for less than none. `None` for a level outside 0.5
/// to 1, both excluded, and for negative or infinite numbers.
///
/// ```
/// use grid_engine::inventory::{LeadTimeErrors, empirical_safety_stock};
/// let errors = LeadTimeErrors::of_buckets(&[-4.0, 3.0, 0.0, -2.0, 1.0, 8.0, -3.0, -1.0, 2.0], 1.0);
/// let stock = errors.and_then(|errors| empirical_safety_stock(&errors, 100.0, 0.0, 0.9));
/// assert_eq!(stock.map(f64::round), Some(8.0));
/// ```
pub fn empirical_safety_stock(
    errors: &LeadTimeErrors,
    demand: f64,
    lead_time_deviation: f64,
    service_level: f64,
) -> Option<f64> {
    let late = varying(demand, lead_time_deviation, service_level)?;
    let mean = if errors.are_enough() { errors.mean() } else { 0.0 };
    let stock = mean + joined(errors.quantile(service_level) - mean, late);
    stock.is_finite().then_some(stock.max(0.0))
}

/// The same for rare demand, of which errors say little: by what was demanded over the lead time, in whole units where
/// demand is ([`rare_demand_within`]).
///
/// `demand` are the known buckets, none of them negative, oldest first; `rate` is what is forecast of one. A lead time
/// between whole buckets counts as the next one; `None` also for one longer than what is known.
///
/// ```
/// use grid_engine::inventory::rare_safety_stock;
/// // Four pieces in every fourth month, one a month on average: whoever wants to serve nine of ten months keeps three more.
/// let months = [0.0, 0.0, 0.0, 4.0].repeat(12);
/// assert_eq!(rare_safety_stock(&months, 1.0, 1.0, 0.0, 0.9), Some(3.0));
/// ```
pub fn rare_safety_stock(
    demand: &[f64],
    rate: f64,
    lead_time: f64,
    lead_time_deviation: f64,
    service_level: f64,
) -> Option<f64> {
    let late = varying(rate, lead_time_deviation, service_level)?;
    let buckets = (lead_time - 1e-9).ceil().max(1.0) as usize;
    let known = buckets <= demand.len() && demand.iter().all(|value| *value >= 0.0);
    let possible = known && lead_time.is_finite() && lead_time > 0.0;
    let within = rare_demand_within(demand, rate, buckets, service_level);
    let stock = joined(within - rate * lead_time, late);
    (possible && stock.is_finite()).then_some(stock.max(0.0))
}

/// What a varying lead time adds at this level: z · demand · deviation.
fn varying(demand: f64, lead_time_deviation: f64, service_level: f64) -> Option<f64> {
    let positive = [demand, lead_time_deviation].iter().all(|value| value.is_finite() && *value >= 0.0);
    let possible = positive && (0.5..1.0).contains(&service_level);
    possible.then(|| normal_quantile(service_level).max(0.0) * demand * lead_time_deviation)
}

/// Two independent reaches at the same level.
fn joined(errors: f64, late: f64) -> f64 {
    if errors >= 0.0 { errors.hypot(late) } else { errors + late }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::forecast::planted::Noise;

    const NINE: [f64; 9] = [-4.0, 3.0, 0.0, -2.0, 1.0, 8.0, -3.0, -1.0, 2.0];

    fn stock(errors: &[f64], lead_time: f64, level: f64) -> f64 {
        empirical_safety_stock(&LeadTimeErrors::of_buckets(errors, lead_time).unwrap(), 0.0, 0.0, level).unwrap()
    }

    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-3, "{found}, not {expected}");
    }

    /// Of ten gaps seven lie below the seventh error, 2, and nine below the ninth, 8. At 95 % half of what is left
    /// beyond 8 may be: the three largest exceed the fourth, 1, by 10/3 on average, and 8 + 10/3 · 3 · (2^⅓ − 1) =
    /// 10.599.
    #[test]
    fn quantiles_by_hand() {
        near(stock(&NINE, 1.0, 0.7), 2.0);
        near(stock(&NINE, 1.0, 0.75), 2.5);
        near(stock(&NINE, 1.0, 0.9), 8.0);
        near(stock(&NINE, 1.0, 0.95), 10.599);
    }

    /// Over two buckets errors that take turns cancel, and those that last add up, where σ·√2 would be the same for
    /// both.
    #[test]
    fn errors_add_up_over_the_lead_time_as_they_came() {
        near(stock(&[1.0, -1.0].repeat(8), 2.0, 0.95), 0.0);
        near(stock(&[1.0; 16], 2.0, 0.95), 2.0);
        // A lead time of two and a half is that of three, less by the root of 2.5 / 3.
        near(stock(&[1.0; 24], 2.5, 0.95), 3.0 * (2.5_f64 / 3.0).sqrt());
    }

    /// Four errors are too few: 1.2816 · 10 · √(1 + 1/4). Over four buckets there is one sum, which is 0, and the
    /// buckets' own errors tell more: 1.2816 · 10 · √4 · √(1 + 1). Two origins that miss by 7 over two buckets: 1.2816
    /// · 7 · √(1 + 1/2).
    #[test]
    fn few_errors_are_normal() {
        near(stock(&[10.0, -10.0, 10.0, -10.0], 1.0, 0.9), 14.328);
        near(stock(&[10.0, -10.0, 10.0, -10.0], 4.0, 0.9), 36.248);
        let two = LeadTimeErrors::of_origins(&[[3.0, 4.0], [-3.0, -4.0]]).unwrap();
        near(empirical_safety_stock(&two, 0.0, 0.0, 0.9).unwrap(), 10.987);
    }

    /// The mean error is 4/9: 4/9 + √((8 − 4/9)² + (1.2816 · 10 · 2)²) = 27.166.
    #[test]
    fn a_varying_lead_time_adds() {
        let errors = LeadTimeErrors::of_buckets(&NINE, 1.0).unwrap();
        near(empirical_safety_stock(&errors, 10.0, 2.0, 0.9).unwrap(), 27.166);
        let none = LeadTimeErrors::of_buckets(&[0.0; 12], 1.0).unwrap();
        near(empirical_safety_stock(&none, 10.0, 2.0, 0.9).unwrap(), 25.631);
    }

    /// One month in four asks for 4, so that 70 % of months ask for nothing; any four months on end ask for the 4
    /// forecast.
    #[test]
    fn rare_demand_comes_in_orders() {
        let months = [0.0, 0.0, 0.0, 4.0].repeat(12);
        assert_eq!(rare_safety_stock(&months, 1.0, 1.0, 0.0, 0.7), Some(0.0));
        assert_eq!(rare_safety_stock(&months, 1.0, 2.0, 0.0, 0.9), Some(2.0));
        assert_eq!(rare_safety_stock(&months, 1.0, 4.0, 0.0, 0.9), Some(0.0));
        assert_eq!(rare_safety_stock(&months, 1.0, 60.0, 0.0, 0.9), None);
    }

    #[test]
    fn nonsense_has_no_answer() {
        assert_eq!(LeadTimeErrors::of_buckets(&[], 1.0), None);
        assert_eq!(LeadTimeErrors::of_buckets(&[1.0], 0.0), None);
        assert_eq!(LeadTimeErrors::of_buckets(&[f64::NAN], 1.0), None);
        assert_eq!(LeadTimeErrors::of_origins(&[vec![1.0], vec![1.0, 2.0]]), None);
        let errors = LeadTimeErrors::of_buckets(&NINE, 1.0).unwrap();
        for level in [0.4, 1.0, f64::NAN] {
            assert_eq!(empirical_safety_stock(&errors, 1.0, 0.0, level), None);
        }
        assert_eq!(empirical_safety_stock(&errors, -1.0, 0.0, 0.9), None);
    }

    /// A service level of 95 % is met 95 times of 100 whatever errors are like: those of exponential demand, of which
    /// the normal distribution with their deviation covers two to four points too few, as well as normal ones.
    #[test]
    fn skewed_errors_are_covered_as_promised() {
        const DAYS: u32 = 4_000;
        let mut noise = Noise::new(19);
        let mut covered = |level: f64, skewed: bool, buckets: usize| {
            let mut draw = || if skewed { -noise.share().max(1e-12).ln() - 1.0 } else { noise.normal() };
            let (mut own, mut normal) = (0, 0);
            for _ in 0..DAYS {
                let errors: Vec<f64> = (0..36).map(|_| draw()).collect();
                let errors = LeadTimeErrors::of_buckets(&errors, buckets as f64).unwrap();
                let next: f64 = (0..buckets).map(|_| draw()).sum();
                let squares: f64 = errors.sums.iter().map(|sum| sum * sum).sum();
                let deviation = (squares / errors.sums.len() as f64).sqrt();
                own += u32::from(next <= errors.quantile(level));
                normal += u32::from(next <= normal_quantile(level) * deviation);
            }
            [own, normal].map(|days| f64::from(days) / f64::from(DAYS))
        };
        for level in [0.9, 0.95, 0.98] {
            let [own, _] = covered(level, false, 1);
            assert!((own - level).abs() < 0.015, "normal errors at {level}: {own}");
            for buckets in [1, 3] {
                let [own, normal] = covered(level, true, buckets);
                assert!((own - level).abs() < 0.025, "skewed errors over {buckets} at {level}: {own}");
                assert!(level < 0.95 || normal < level - 0.015, "the normal distribution at {level}: {normal}");
            }
        }
    }

    /// Longer lead times ask for more where errors have nothing to do with one another.
    #[test]
    fn stock_grows_with_the_lead_time() {
        for seed in 1..20 {
            let mut noise = Noise::new(seed);
            let errors: Vec<f64> = (0..200).map(|_| noise.normal()).collect();
            let stocks = [1.0, 2.0, 4.0, 8.0].map(|lead_time| stock(&errors, lead_time, 0.95));
            assert!(stocks.is_sorted(), "{stocks:?} of seed {seed}");
        }
    }

    proptest! {
        #[test]
        fn stock_grows_with_level_delay_and_spread_and_scales(
            errors in prop::collection::vec(-100.0..100.0_f64, 1..50),
            lead_time in 0.3..6.0_f64,
            (low, more) in (0.5..0.99_f64, 0.0..0.009_f64),
            (demand, late, later) in (0.0..50.0_f64, 0.0..2.0_f64, 0.0..2.0_f64),
            times in 1.0..5.0_f64,
        ) {
            let of = |errors: &[f64], demand: f64, late: f64, level: f64| {
                let errors = LeadTimeErrors::of_buckets(errors, lead_time).unwrap();
                empirical_safety_stock(&errors, demand, late, level).unwrap()
            };
            let is = of(&errors, demand, late, low);
            let almost = is - 1e-9 * (1.0 + is);
            prop_assert!(is >= 0.0);
            prop_assert!(of(&errors, demand, late, low + more) >= almost);
            prop_assert!(of(&errors, demand, late + later, low) >= almost);
            let larger: Vec<f64> = errors.iter().map(|error| times * error).collect();
            let scaled = of(&larger, times * demand, late, low);
            prop_assert!((scaled - times * is).abs() <= 1e-9 * (1.0 + scaled), "{} {}", scaled, times * is);
            // Errors as often too high as too low, spread wider.
            let even = |errors: &[f64]| {
                let both: Vec<f64> = errors.iter().flat_map(|error| [*error, -*error]).collect();
                let errors = LeadTimeErrors::of_buckets(&both, 1.0).unwrap();
                empirical_safety_stock(&errors, demand, late, low).unwrap()
            };
            let narrow = even(&errors);
            prop_assert!(even(&larger) >= narrow - 1e-9 * (1.0 + narrow));
        }
    }
}
