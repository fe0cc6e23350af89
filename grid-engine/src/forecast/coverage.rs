//! What rare demand of a whole panel teaches about its intervals: how much of what came, the bounds of a level held.
//!
//! Bounds for rare demand are quantiles of what was demanded before. Items that are busy now calm down and quiet ones
//! wake up, which no item of a few dozen buckets shows by itself, and demand in steps is held too often wherever nothing is
//! the likeliest outcome. So a panel looks back: from the backtest's origins, each bucket that came tells the share its item's
//! bounds had to have to hold it. The share that held 80 % of all buckets stands for 80 % from then on, as in split
//! conformal prediction.

use super::counts::Demand;
use super::panel::Executor;
use super::single::{Combined, Trial};

/// Halvings of what lies beyond the bounds that are told apart.
const FINEST: i32 = 10;
/// Steps of the search between no share at all and the largest.
const ROUNDS: usize = 10;
/// Items that are looked at, evenly spread: more would not change what thousands of buckets say.
const MOST: usize = 500;

/// Shares that bounds needed to hold what came, in rising order.
pub(super) struct Coverage {
    needed: Vec<f64>,
}

impl Coverage {
    /// From the backtests of items with rare demand; `None` where none has one.
    pub fn learn(panel: &[&Combined], executor: &impl Executor) -> Option<Self> {
        let items = panel.len().min(MOST);
        let of_item = |number: usize| {
            let one = panel[number * panel.len() / items];
            one.trials.iter().flat_map(|trial| needed(one.values(), trial)).collect::<Vec<f64>>()
        };
        let mut needed: Vec<f64> = executor.map(items, &of_item).into_iter().flatten().collect();
        needed.sort_unstable_by(f64::total_cmp);
        (!needed.is_empty()).then_some(Self { needed })
    }

    /// The share to ask bounds for so that they hold `level`.
    pub fn share(&self, level: f64) -> f64 {
        let rank = ((self.needed.len() + 1) as f64 * level).ceil() as usize;
        self.needed.get(rank.clamp(1, self.needed.len()) - 1).copied().unwrap_or(level)
    }
}

/// The smallest share whose bounds hold each value that came after an origin.
fn needed(values: &[f64], trial: &Trial) -> Vec<f64> {
    let (known, came) = values.split_at(trial.known);
    let mut demand: Option<(f64, Demand)> = None;
    let mut of_bucket = |(value, rate): (&f64, &f64)| {
        // Rates are flat for most methods, so one distribution serves all steps.
        let demand = match &mut demand {
            Some((of, demand)) if of == rate => demand,
            other => &other.insert((*rate, Demand::new(known, *rate))).1,
        };
        smallest(|share| {
            let (lower, upper) = demand.around(*rate, share);
            (lower..=upper).contains(value)
        })
    };
    came.iter().zip(&trial.path).map(&mut of_bucket).collect()
}

/// The smallest share that holds, on a scale that is finer the nearer to 1.
fn smallest(holds: impl Fn(f64) -> bool) -> f64 {
    let share = |at: f64| 1.0 - (-at).exp2();
    let (mut low, mut high) = (0.0, f64::from(FINEST));
    if holds(share(low)) {
        return share(low);
    }
    for _ in 0..ROUNDS {
        let middle = f64::midpoint(low, high);
        if holds(share(middle)) { high = middle } else { low = middle }
    }
    share(high)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::forecast::planted::Noise;
    use crate::forecast::{InTurn, Options, Request, forecast_all};

    #[test]
    fn the_smallest_share_by_bisection() {
        for wanted in [0.2, 0.5, 0.8, 0.97] {
            assert!((smallest(|share| share >= wanted) - wanted).abs() < 0.01, "{wanted}");
        }
        assert_eq!(smallest(|_| true), 0.0);
        assert!(smallest(|_| false) > 0.99);
    }

    #[test]
    fn shares_are_conformal_quantiles() {
        let coverage = Coverage { needed: (1..=9).map(|tenth| f64::from(tenth) / 10.0).collect() };
        assert_eq!((coverage.share(0.5), coverage.share(0.8), coverage.share(0.99)), (0.5, 0.8, 0.9));
        // The one to come counts too: 7.2 of ten, not 6.5 of nine.
        assert_eq!(coverage.share(0.72), 0.8);
    }

    #[test]
    fn each_bucket_is_held_by_bounds_of_its_rate_and_of_what_was_known() {
        let known: Vec<f64> = (0..24).map(|at| if at % 4 == 3 { 1.0 + f64::from(at % 3) } else { 0.0 }).collect();
        let of = |came: [f64; 2], path: [f64; 2]| {
            let trial = Trial { known: known.len(), path: path.to_vec(), scale: 1.0 };
            needed(&[&known[..], &came].concat(), &trial)
        };
        assert_ne!(of([3.0; 2], [0.1, 0.1])[1], of([3.0; 2], [1.5, 1.5])[1], "else this shows nothing");
        assert_eq!(of([3.0; 2], [0.1, 1.5]), [of([3.0; 2], [0.1; 2])[0], of([3.0; 2], [1.5; 2])[1]]);
        // Nothing that was known lets expect fifty.
        assert!(of([50.0; 2], [0.5; 2])[0] > 0.999);
        assert_eq!(Demand::new(&known, 0.2).around(0.2, 0.1), (0.0, 0.2), "the forecast is inside");
    }

    #[test]
    fn few_items_with_rare_demand_keep_their_own_bounds() {
        let mut all = items(59);
        // However many there are of other items.
        all.extend((0..30).map(|seed| {
            let mut noise = Noise::new(100 + seed);
            (0..48).map(|_| Some(100.0 + noise.normal())).collect()
        }));
        let options = Options { horizon: 6, season: 1, ..Options::default() };
        let requests: Vec<Request> = all.iter().map(|item| Request::new(item, options.clone())).collect();
        for (request, together) in requests.iter().zip(forecast_all(&requests, 1, &InTurn)) {
            let alone = forecast_all(std::slice::from_ref(request), 1, &InTurn).remove(0);
            assert_eq!(together.unwrap().intervals, alone.unwrap().intervals);
        }
    }

    /// Every other item is demanded in one bucket of twelve, so that bounds of nothing at all already hold 92 %.
    fn items(count: u64) -> Vec<Vec<Option<f64>>> {
        let item = |seed: u64| {
            let mut noise = Noise::new(seed);
            let chance = if seed.is_multiple_of(2) { 0.5 } else { 1.0 / 12.0 };
            let mut value = |_| if noise.share() < chance { 1.0 + (noise.share() * 4.0).floor() } else { 0.0 };
            (0..48).map(|at| Some(value(at))).collect()
        };
        (0..count).map(item).collect()
    }

    #[test]
    fn a_panel_keeps_what_its_intervals_promise() {
        let all = items(200);
        let options = Options { horizon: 6, season: 1, ..Options::default() };
        let inside = |panel: bool| {
            let requests: Vec<Request> = all.iter().map(|item| Request::new(&item[..42], options.clone())).collect();
            let found = if panel {
                forecast_all(&requests, 1, &InTurn)
            } else {
                requests.iter().flat_map(|one| forecast_all(std::slice::from_ref(one), 1, &InTurn)).collect()
            };
            let mut held = 0;
            for (item, forecast) in all.iter().zip(found) {
                let interval = forecast.unwrap().intervals.swap_remove(0);
                let bounds = interval.lower.iter().zip(&interval.upper);
                held +=
                    item[42..].iter().zip(bounds).filter(|(v, (low, up))| (**low..=**up).contains(&v.unwrap())).count();
            }
            held as f64 / (all.len() * 6) as f64
        };
        let (alone, together) = (inside(false), inside(true));
        assert!((together - 0.8).abs() < 0.025 && alone > 0.83, "{alone} {together}");
    }
}
