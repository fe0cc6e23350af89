//! Items without a history, or with hardly any: what similar items did after their launch.
//!
//! The course of similar items from their launch on, each measured in its own level, is the profile; the item's level is
//! theirs until its own sales say otherwise, each as firmly as it is known (empirical Bayes, after Lenk & Rao 1990).
//! Seasons are those of the similar items.

use super::methods::Sample;
use super::normal::normal_quantile;
use super::{Class, Explanation, Forecast, ForecastError, Interval, Note, Options, series};

/// A new item.
#[derive(Clone, Copy, Debug)]
pub struct Newcomer<'a> {
    /// Its own history, empty before the launch. All histories end with the same bucket.
    pub own: &'a [Option<f64>],
    /// Histories of similar items, each from its launch on. One that is no longer sold ends with buckets that are not known.
    pub likes: &'a [&'a [Option<f64>]],
    /// The level that planners expect per bucket, once launched; else the similar items'.
    pub level: Option<f64>,
    /// Buckets until that level is reached, where no similar item tells its course; evenly.
    pub ramp: usize,
}

/// How far from each other, as a logarithm's variance, the levels of similar items are where there is only one.
const UNSURE: f64 = 0.3;
/// The same for a level that planners gave.
const PLANNED: f64 = 0.1;
/// Smallest variance of a bucket around its profile.
const NOISE: f64 = 0.02;

/// Whether an item of a new item's family can show it the way: it has been sold for at least a season longer. Both histories end
/// with the same bucket. So an item is never like itself.
///
/// ```
/// use grid_engine::forecast::shows_the_way;
/// let (new, old) = ([None, None, Some(4.0)], [Some(1.0), Some(2.0), Some(3.0)]);
/// assert!(shows_the_way(&new, &old, 2) && !shows_the_way(&new, &old, 3) && !shows_the_way(&old, &old, 1));
/// ```
pub fn shows_the_way(new: &[Option<f64>], other: &[Option<f64>], season: usize) -> bool {
    age(other) >= age(new) + season.max(1)
}

/// Buckets since the first sale.
pub fn age(history: &[Option<f64>]) -> usize {
    history.iter().position(|value| value.is_some_and(|value| value > 0.0)).map_or(0, |launch| history.len() - launch)
}

/// What similar items show.
struct Likes {
    /// By age, in levels.
    profile: Vec<f64>,
    /// Mean and variance of the levels' logarithms; `None` without items.
    level: Option<(f64, f64)>,
    /// Variance of a bucket around the profile.
    noise: f64,
    /// Factors of the season; the first belongs to the first bucket to come.
    season: Vec<f64>,
    count: usize,
}

/// Forecasts a new item.
///
/// ```
/// use grid_engine::forecast::{Newcomer, Options, forecast_newcomer};
/// let like: Vec<Option<f64>> = [10.0, 20.0, 40.0, 40.0, 40.0, 40.0].map(Some).to_vec();
/// let own = [Some(20.0), Some(40.0)];
/// let new = Newcomer { own: &own, likes: &[&like], level: None, ramp: 0 };
/// let found = forecast_newcomer(&new, &Options { horizon: 3, season: 1, ..Options::default() })?;
/// assert!(found.mean[0] > 40.0, "it started like the other at twice the size, and goes on climbing: {:?}", found.mean);
/// # Ok::<(), grid_engine::forecast::ForecastError>(())
/// ```
///
/// # Errors
/// Without similar items, a level and own sales there is nothing to go by; see [`ForecastError`].
pub fn forecast_newcomer(new: &Newcomer, options: &Options) -> Result<Forecast, ForecastError> {
    options.check()?;
    let finite = |values: &[Option<f64>]| match values.iter().position(|v| v.is_some_and(|v| !v.is_finite())) {
        Some(at) => Err(ForecastError::NotFinite { at }),
        None => Ok(()),
    };
    new.likes.iter().try_for_each(|like| finite(like))?;
    finite(new.own)?;
    let likes = study(new.likes, options.season.max(1));
    let launch = new.own.iter().position(|value| value.is_some_and(|value| value > 0.0));
    let own = &new.own[launch.unwrap_or(new.own.len())..];
    let profile = |age: usize| match likes.profile.get(age).or(likes.profile.last()) {
        Some(share) => *share,
        None => ((age + 1) as f64 / new.ramp.max(1) as f64).min(1.0),
    };
    let season = |place: i64| {
        let length = likes.season.len().max(1) as i64;
        likes.season.get(place.rem_euclid(length) as usize).copied().unwrap_or(1.0)
    };
    let expected = match (new.level.filter(|level| *level > 0.0), likes.level) {
        (Some(level), _) => Some((level.ln(), PLANNED)),
        (None, level) => level,
    };
    // What it sold, in what one unit of level would have sold.
    let (mut sold, mut units) = (0.0, 0.0);
    for (age, value) in own.iter().enumerate() {
        let Some(value) = value else { continue };
        sold += value;
        units += profile(age) * season(age as i64 - own.len() as i64);
    }
    let shown = (sold > 0.0 && units > 0.0).then(|| ((sold / units).ln(), likes.noise / units));
    let (level, variance, own_share) = match (expected, shown) {
        (Some((mean, doubt)), Some((own, error))) => {
            let share = doubt / (doubt + error);
            (mean + share * (own - mean), doubt * error / (doubt + error), share)
        }
        (Some((mean, doubt)), None) => (mean, doubt, 0.0),
        (None, Some((own, error))) => (own, error, 1.0),
        (None, None) => return Err(ForecastError::NothingAlike),
    };
    let ahead = |step: usize| profile(own.len() + step) * season(step as i64);
    let mean: Vec<f64> = (0..options.horizon).map(|step| (level + variance / 2.0).exp() * ahead(step)).collect();
    let spread = (variance + likes.noise).sqrt();
    let interval = |level: &f64| {
        let reach = normal_quantile(0.5 + level / 200.0) * spread;
        Interval {
            level: *level,
            lower: mean.iter().map(|mean| mean * (-reach).exp()).collect(),
            upper: mean.iter().map(|mean| mean * reach.exp()).collect(),
        }
    };
    let known: Vec<f64> = own.iter().flatten().copied().collect();
    let explanation = Explanation {
        class: if known.is_empty() { Class::Constant } else { series::classify(&known) },
        seasonal: likes.season.len() > 1,
        season: options.season.max(1),
        members: Vec::new(),
        outliers: Vec::new(),
        notes: vec![Note::Newcomer { items: likes.count, own_percent: (100.0 * own_share).round() as u8 }],
        misses: Vec::new(),
        backtest: None,
        effects: Vec::new(),
        shifts: Vec::new(),
        changes: Vec::new(),
    };
    if mean.iter().any(|value| !value.is_finite()) {
        return Err(ForecastError::Numeric);
    }
    let intervals = options.levels.iter().map(interval).collect();
    Ok(Forecast { mean, intervals, explanation })
}

/// What an item sold from its launch to its last known bucket, and how many buckets ago that was.
struct Course {
    values: Vec<f64>,
    ended: usize,
}

/// Launch-aligned courses of items that ever sold, without their season.
fn study(likes: &[&[Option<f64>]], season: usize) -> Likes {
    let courses: Vec<Course> = likes
        .iter()
        .filter_map(|like| {
            let launch = like.iter().position(|value| value.is_some_and(|value| value > 0.0))?;
            let prepared = series::prepare(&like[launch..], season).ok()?;
            let values: Vec<f64> = prepared.values.iter().map(|value| (value * prepared.scale).max(0.0)).collect();
            Some(Course { values, ended: prepared.gap })
        })
        .collect();
    let factors = common_season(&courses, season);
    let plain: Vec<Vec<f64>> = courses.iter().map(|course| course.without_season(&factors)).collect();
    let first_year = plain.iter().map(Vec::len).min().unwrap_or(0).min(season.max(12)).max(1);
    let measured: Vec<(f64, &Vec<f64>)> = plain
        .iter()
        .map(|values| (values.iter().take(first_year).sum::<f64>() / first_year as f64, values))
        .filter(|(level, _)| *level > 0.0)
        .collect();
    let count = measured.len();
    // As far as half of them reach.
    let mut lengths: Vec<usize> = measured.iter().map(|(_, values)| values.len()).collect();
    lengths.sort_unstable();
    let reach = lengths.get(count / 2).copied().unwrap_or(0);
    let at_age = |age: usize| {
        let shares = measured.iter().filter_map(|(level, values)| Some(values.get(age)? / level));
        let (sum, number) = shares.fold((0.0, 0.0), |(sum, number), share| (sum + share, number + 1.0));
        sum / f64::max(number, 1.0)
    };
    let mut profile: Vec<f64> = (0..reach).map(at_age).collect();
    // It goes on at the mean of its last buckets.
    let tail = &profile[reach - reach.div_ceil(3).min(6)..];
    if !tail.is_empty() {
        let last = tail.iter().sum::<f64>() / tail.len() as f64;
        profile.push(last);
    }
    let (mut squares, mut points) = (0.0, 0.0);
    for (level, values) in &measured {
        for (value, share) in values.iter().zip(&profile[..reach]) {
            squares += (value / level - share).powi(2);
            points += 1.0;
        }
    }
    let noise = if points > 0.0 { (squares / points).max(NOISE) } else { UNSURE };
    let level = (count > 0).then(|| {
        let logarithms: Vec<f64> = measured.iter().map(|(level, _)| level.ln()).collect();
        let mean = logarithms.iter().sum::<f64>() / count as f64;
        let variance = logarithms.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (count as f64 - 1.0).max(1.0);
        // One item's distance to others is not known, and two may be alike by chance.
        let prior = 2.0;
        (mean, (variance * (count as f64 - 1.0) + UNSURE * prior) / (count as f64 - 1.0 + prior))
    });
    Likes { profile, level, noise, season: factors, count }
}

/// Mean factors over the items with a clear season and two years to show it; the first belongs to the first bucket to come.
fn common_season(courses: &[Course], season: usize) -> Vec<f64> {
    let indices = courses.iter().filter_map(|course| {
        let sample = Sample::new(&course.values, season);
        let clear = sample.seasonal && sample.positive && sample.indices.values.len() == season;
        let ahead = course.values.len() + course.ended;
        clear.then(|| (0..season).map(|place| sample.indices.at(ahead + place)).collect::<Vec<f64>>())
    });
    let found: Vec<Vec<f64>> = indices.filter(|factors| factors.iter().all(|factor| *factor > 0.0)).collect();
    if found.is_empty() {
        return vec![1.0];
    }
    (0..season).map(|at| found.iter().map(|factors| factors[at]).sum::<f64>() / found.len() as f64).collect()
}

impl Course {
    fn without_season(&self, factors: &[f64]) -> Vec<f64> {
        let (ahead, length) = ((self.values.len() + self.ended) as i64, factors.len() as i64);
        let place = |at: usize| (at as i64 - ahead).rem_euclid(length) as usize;
        self.values.iter().enumerate().map(|(at, value)| value / factors[place(at)]).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;
    use crate::forecast::planted::Noise;

    /// Items that climb for half a year, peak in December, and differ in size; the calendar's last bucket is a November.
    fn item(level: f64, age: usize, seed: u64) -> Vec<Option<f64>> {
        let mut noise = Noise::new(seed);
        let mut value = |at: usize| {
            let before_end = (age - 1 - at) as f64;
            let season = 1.0 + 0.4 * ((before_end + 1.0) * std::f64::consts::TAU / 12.0).cos();
            let climb = ((at + 1) as f64 / 6.0).min(1.0);
            level * climb * season * (1.0 + 0.1 * noise.normal())
        };
        (0..age).map(|at| Some(value(at))).collect()
    }

    fn options() -> Options {
        Options { horizon: 12, ..Options::default() }
    }

    #[test]
    fn a_new_item_follows_its_like_items_and_then_itself() {
        let likes: Vec<Vec<Option<f64>>> = (0..5).map(|n| item(80.0 + 10.0 * n as f64, 30 + 3 * n, n as u64)).collect();
        let likes: Vec<&[Option<f64>]> = likes.iter().map(Vec::as_slice).collect();
        let run = |own: &[Option<f64>]| {
            forecast_newcomer(&Newcomer { own, likes: &likes, level: None, ramp: 0 }, &options()).unwrap()
        };
        let unseen = run(&[]);
        // The first bucket to come is a December, at a sixth of the climb.
        assert!((10.0..35.0).contains(&unseen.mean[0]), "{:?}", unseen.mean);
        assert!(unseen.mean[11] > unseen.mean[0] && unseen.mean[11] > 100.0, "{:?}", unseen.mean);
        // Three times their size, as six months show: the truth is between what they and it say, and near to it.
        let big = run(&item(300.0, 6, 77));
        let truth: f64 =
            (0..12).map(|h| 300.0 * (1.0 + 0.4 * (f64::from(h) * std::f64::consts::TAU / 12.0).cos())).sum();
        let total: f64 = big.mean.iter().sum();
        assert!((total / truth - 1.0).abs() < 0.15, "{total} {truth}");
        let width = |f: &Forecast| f.intervals[0].upper[0] / f.intervals[0].lower[0];
        assert!(width(&big) < width(&unseen));
        let Note::Newcomer { own_percent, .. } = big.explanation.notes[0] else { unreachable!() };
        assert!(own_percent > 80);
    }

    /// A predecessor that is no longer sold shows the season of the calendar, not of its own last bucket.
    #[test]
    fn an_item_that_has_ended_shows_the_season_where_it_is() {
        let likes: Vec<Vec<Option<f64>>> = (0..4).map(|n| item(100.0, 42 + n, n as u64)).collect();
        let run = |likes: &[Vec<Option<f64>>]| {
            let likes: Vec<&[Option<f64>]> = likes.iter().map(Vec::as_slice).collect();
            forecast_newcomer(&Newcomer { own: &[], likes: &likes, level: None, ramp: 0 }, &options()).unwrap()
        };
        let sold = run(&likes);
        for months in [1, 5, 7] {
            let mut ended = likes.clone();
            for like in &mut ended {
                let length = like.len();
                like[length - months..].fill(None);
            }
            let ended = run(&ended);
            assert_eq!(ended.explanation.notes, sold.explanation.notes);
            for (step, (ended, sold)) in ended.mean.iter().zip(&sold.mean).enumerate() {
                assert!((ended / sold - 1.0).abs() < 0.15, "ended {months} months ago, step {step}: {ended} {sold}");
            }
        }
    }

    #[test]
    fn a_ramp_to_a_planned_level_by_hand() {
        let new = Newcomer { own: &[], likes: &[], level: Some(100.0), ramp: 4 };
        let mean = forecast_newcomer(&new, &options()).unwrap().mean;
        let whole = 100.0 * (PLANNED / 2.0).exp();
        for (step, value) in mean.iter().enumerate() {
            assert!((value - whole * ((step + 1) as f64 / 4.0).min(1.0)).abs() < 1e-9);
        }
        let nothing = Newcomer { own: &[Some(0.0)], likes: &[], level: None, ramp: 0 };
        assert_eq!(forecast_newcomer(&nothing, &options()).unwrap_err(), ForecastError::NothingAlike);
    }

    proptest! {
        /// Numbers or a reason; another unit of everything gives the same in that unit.
        #[test]
        fn numbers_in_any_unit(
            own in prop::collection::vec(prop::option::of(0.0..1e4_f64), 0..8),
            likes in prop::collection::vec(prop::collection::vec(prop::option::of(0.0..1e4_f64), 0..40), 0..4),
            power in -8..8_i32,
        ) {
            let run = |factor: f64| {
                let scale = |values: &[Option<f64>]| values.iter().map(|v| v.map(|v| v * factor)).collect::<Vec<_>>();
                let (own, likes): (_, Vec<_>) = (scale(&own), likes.iter().map(|like| scale(like)).collect());
                let likes: Vec<&[Option<f64>]> = likes.iter().map(Vec::as_slice).collect();
                forecast_newcomer(&Newcomer { own: &own, likes: &likes, level: None, ramp: 0 }, &options())
            };
            let factor = f64::from(power).exp2();
            match (run(1.0), run(factor)) {
                (Ok(plain), Ok(scaled)) => for (step, mean) in plain.mean.iter().enumerate() {
                    prop_assert!(mean.is_finite() && *mean >= 0.0);
                    prop_assert!((mean * factor - scaled.mean[step]).abs() <= 1e-6 * scaled.mean[step].abs());
                    prop_assert!(plain.intervals[0].lower[step] <= *mean && *mean <= plain.intervals[0].upper[step]);
                },
                (plain, scaled) => prop_assert_eq!(plain.err(), scaled.err()),
            }
        }
    }
}
