//! What drives demand beside its own past: prices, promotions, events, whatever is known for the buckets to come.
//!
//! Effects are estimated first, by a regression on level, line and season with errors that carry over, and taken out of
//! the history; what is left is forecast as any other series; then the effects of the coming buckets are put back. Each
//! estimate is held near to what the same driver does to the other series of the same run, as firmly as those agree.

mod pool;

use serde::{Deserialize, Serialize};

use super::normal::normal_quantile;
use super::regression::{self, Regression};
use super::{Forecast, ForecastError, Note, Options, calendar_effects};
pub(super) use pool::Pool;

/// A driver of demand, with a value for every bucket of the history and every one to be forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct Driver {
    pub name: String,
    /// From the history's first bucket on. `None` only where the history's own value is missing too.
    pub values: Vec<Option<f64>>,
}

/// What a driver was found to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    pub driver: String,
    pub kind: EffectKind,
    /// The regression's coefficient: of the logarithm of demand, or of demand itself for [`EffectKind::Amount`].
    pub size: f64,
    /// Its standard error; 0 for a driver that never changed and so has no effect that could be known.
    pub error: f64,
    /// How many series of the run the estimate was drawn from.
    pub series: usize,
}

/// How an effect is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// One per cent more of the driver changes demand by `size` per cent.
    Elasticity,
    /// One unit more multiplies demand by e to the power of `size`.
    Factor,
    /// One unit more adds `size` units of demand.
    Amount,
}

impl std::fmt::Display for Effect {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (name, size) = (&self.driver, self.size);
        if self.error == 0.0 {
            return write!(out, "{name} never changed, so its effect is not known");
        }
        let share = |size: f64| 100.0 * size.exp_m1();
        match self.kind {
            EffectKind::Elasticity => write!(out, "{name} elasticity {size:.2} (±{:.2})", 2.0 * self.error),
            EffectKind::Factor => {
                let (low, high) = (share(size - 2.0 * self.error), share(size + 2.0 * self.error));
                write!(out, "{name} {:+.1}% per unit ({low:+.1}% to {high:+.1}%)", share(size))
            }
            EffectKind::Amount => write!(out, "{name} {size:+.3} per unit (±{:.3})", 2.0 * self.error),
        }
    }
}

/// How far an effect of one standard deviation of its driver may reasonably go, as a factor's logarithm, and in mean
/// sizes of the series where effects are amounts. Twice this is rare in the promotions that are published.
const REASONABLE: f64 = 0.5;
/// The most an effect multiplies demand by, as a logarithm: drivers far outside of what was seen are not believed further.
const MOST: f64 = 2.5;

/// The regression of one series on its drivers, before others are heard.
pub(super) struct Study<'a> {
    history: &'a [Option<f64>],
    drivers: &'a [Driver],
    horizon: usize,
    relative: bool,
    /// Mean size of the known history.
    unit: f64,
    columns: usize,
    rows: Vec<f64>,
    /// Logarithms, or values in mean sizes.
    target: Vec<Option<f64>>,
    signals: Vec<Signal>,
    own: Option<Regression>,
}

/// A driver as the regression sees it: deviations from its usual value, in logarithms for elasticities.
struct Signal {
    values: Vec<f64>,
    logarithmic: bool,
    spread: f64,
}

impl<'a> Study<'a> {
    /// Checks the drivers and estimates what they do.
    pub fn new(history: &'a [Option<f64>], drivers: &'a [Driver], options: &Options) -> Result<Self, ForecastError> {
        let points = history.len();
        for driver in drivers {
            let (needed, given) = (points + options.horizon, driver.values.len());
            let name = || driver.name.clone();
            if given < needed {
                return Err(ForecastError::DriverShort { driver: name(), given, needed });
            }
            for at in 0..needed {
                let known = driver.values[at].map_or(history.get(at) == Some(&None), f64::is_finite);
                if !known {
                    return Err(ForecastError::DriverMissing { driver: name(), at });
                }
            }
        }
        let known: Vec<f64> = history.iter().flatten().copied().collect();
        let unit = known.iter().map(|value| value.abs() / known.len() as f64).sum::<f64>();
        let smallest = known.iter().copied().fold(f64::INFINITY, f64::min);
        let relative = smallest > 0.0 && smallest > 1e-6 * unit;
        let unit = if unit > 0.0 && unit.is_finite() { unit } else { 1.0 };
        let target = history.iter().map(|value| value.map(|v| if relative { (v / unit).ln() } else { v / unit }));
        let signals: Vec<Signal> =
            drivers.iter().map(|driver| signal(driver, history, options.horizon, relative)).collect();
        let season = options.season.max(1);
        let time = regression::time_columns(known.len(), season);
        let columns = time + drivers.len();
        let mut rows = vec![0.0; points * columns];
        for (at, row) in rows.chunks_mut(columns).enumerate() {
            regression::time_row(&mut row[..time], at, points, season);
            row[time..].iter_mut().zip(&signals).for_each(|(cell, signal)| *cell = signal.values[at]);
        }
        let mut study = Self {
            history,
            drivers,
            horizon: options.horizon,
            relative,
            unit,
            columns,
            rows,
            target: target.collect(),
            signals,
            own: None,
        };
        study.own = study.regression(&[]);
        Ok(study)
    }

    fn time(&self) -> usize {
        self.columns - self.drivers.len()
    }

    /// Estimates with what is expected of some drivers: (mean, variance) by name.
    fn regression(&self, expected: &[(&str, (f64, f64))]) -> Option<Regression> {
        let mut priors = vec![None; self.time()];
        for (driver, signal) in self.drivers.iter().zip(&self.signals) {
            let others = expected.iter().find(|(name, _)| *name == driver.name).map(|(_, prior)| *prior);
            // Of a driver that never changed, one unit may do what a usual change of others does.
            let wide = (REASONABLE / if signal.spread > 0.0 { signal.spread } else { 1.0 }).powi(2);
            priors.push(Some(others.unwrap_or((0.0, wide))));
        }
        regression::fit(&self.target, &self.rows, self.columns, &priors)
    }

    fn size(&self, fit: &Regression, driver: usize) -> (f64, f64) {
        let column = self.time() + driver;
        (fit.coefficients[column], fit.covariance[column * self.columns + column])
    }

    /// How far beyond chance the effects of `count` drivers from one on are: their size in their covariance (Wald), for
    /// one driver or two. `None` where there is no estimate.
    pub fn evidence(&self, first: usize, count: usize) -> Option<f64> {
        let fit = self.own.as_ref()?;
        let column = self.time() + first;
        let at = |row: usize, other: usize| fit.covariance[(column + row) * self.columns + column + other];
        let size = |row: usize| fit.coefficients[column + row];
        let found = if count == 1 {
            size(0).powi(2) / at(0, 0)
        } else {
            let determinant = at(0, 0) * at(1, 1) - at(0, 1) * at(1, 0);
            let cross = size(0) * size(1) * (at(0, 1) + at(1, 0));
            (size(0).powi(2) * at(1, 1) - cross + size(1).powi(2) * at(0, 0)) / determinant
        };
        found.is_finite().then_some(found)
    }

    fn kind(&self, driver: usize) -> EffectKind {
        match (self.relative, self.signals[driver].logarithmic) {
            (false, _) => EffectKind::Amount,
            (true, true) => EffectKind::Elasticity,
            (true, false) => EffectKind::Factor,
        }
    }

    /// The history without its drivers' effects, and what puts those of the coming buckets back.
    pub fn conclude(&self, pool: &Pool) -> Stripped {
        let expected: Vec<(&str, (f64, f64))> = self
            .drivers
            .iter()
            .enumerate()
            .filter_map(|(at, driver)| Some((driver.name.as_str(), pool.expected(self.kind(at), &driver.name)?)))
            .collect();
        let pooled = if expected.is_empty() { None } else { self.regression(&expected) };
        let Some(fit) = pooled.as_ref().or(self.own.as_ref()) else {
            // Too short for any estimate: forecast as it is.
            return Stripped {
                history: self.history.to_vec(),
                ahead: Vec::new(),
                relative: self.relative,
                effects: Vec::new(),
            };
        };
        let amount = if self.relative { 1.0 } else { self.unit };
        let effects = self.drivers.iter().enumerate().map(|(at, driver)| {
            let (size, variance) = self.size(fit, at);
            let unknown = self.signals[at].spread == 0.0 && pool.expected(self.kind(at), &driver.name).is_none();
            let (size, error) = if unknown { (0.0, 0.0) } else { (size * amount, variance.max(0.0).sqrt() * amount) };
            let series = pool.count(self.kind(at), &driver.name).max(1);
            Effect { driver: driver.name.clone(), kind: self.kind(at), size, error, series }
        });
        let effects: Vec<Effect> = effects.collect();
        let time = self.time();
        let of_bucket = |at: usize| {
            let (mut sum, mut variance) = (0.0, 0.0);
            for (row, signal) in self.signals.iter().enumerate() {
                sum += fit.coefficients[time + row] * signal.values[at];
                for (column, other) in self.signals.iter().enumerate() {
                    let shared = fit.covariance[(time + row) * self.columns + time + column];
                    variance += shared * signal.values[at] * other.values[at];
                }
            }
            (sum.clamp(-MOST, MOST) * amount, variance.max(0.0).sqrt() * amount)
        };
        let stripped = self.history.iter().enumerate().map(|(at, value)| {
            value.map(|value| if self.relative { value / of_bucket(at).0.exp() } else { value - of_bucket(at).0 })
        });
        let points = self.history.len();
        Stripped {
            history: stripped.collect(),
            ahead: (points..points + self.horizon).map(of_bucket).collect(),
            relative: self.relative,
            effects,
        }
    }
}

fn signal(driver: &Driver, history: &[Option<f64>], horizon: usize, relative: bool) -> Signal {
    let buckets = &driver.values[..history.len() + horizon];
    let seen: Vec<f64> = buckets.iter().zip(history).filter_map(|(x, y)| y.and(*x)).collect();
    // Switches and amounts that can be none are not read in percent, prices are.
    // The history decides: what is asked for beyond it must not change what comes before.
    let smallest = seen.iter().copied().fold(f64::INFINITY, f64::min);
    let logarithmic = relative && !seen.is_empty() && smallest > 0.0;
    // A coming price of nothing has no logarithm; a tenth of the lowest one stands for it.
    let scale = |value: f64| if logarithmic { value.max(0.1 * smallest).ln() } else { value };
    let count = seen.len().max(1) as f64;
    let mean = seen.iter().map(|value| scale(*value)).sum::<f64>() / count;
    let spread = (seen.iter().map(|value| (scale(*value) - mean).powi(2)).sum::<f64>() / count).sqrt();
    let spread = if spread <= 1e-12 * mean.abs() { 0.0 } else { spread };
    // Without a promotion is the usual state, whatever share of the buckets has one; else a value that was, so that what
    // is usual has no effect at all and zeros of rare demand stay zeros.
    let mut sorted: Vec<f64> = seen.iter().map(|value| scale(*value)).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let usual = if seen.contains(&0.0) { 0.0 } else { sorted.get(sorted.len() / 2).copied().unwrap_or(0.0) };
    let values = buckets.iter().map(|value| value.map_or(0.0, |value| scale(value) - usual)).collect();
    Signal { values, logarithmic, spread }
}

/// A series without its drivers' effects.
pub(super) struct Stripped {
    pub history: Vec<Option<f64>>,
    /// Effect of every coming bucket with its standard error; empty where none could be estimated.
    ahead: Vec<(f64, f64)>,
    relative: bool,
    effects: Vec<Effect>,
}

impl Stripped {
    /// Puts the effects of the coming buckets onto a forecast of the stripped series.
    pub fn put_back(self, mut forecast: Forecast, never_negative: bool) -> Forecast {
        let floor = if never_negative { 0.0 } else { -f64::MAX };
        let onto = |value: f64, effect: f64| {
            let moved = if self.relative { value * effect.exp() } else { value + effect };
            moved.clamp(floor, f64::MAX)
        };
        for (step, (effect, error)) in self.ahead.iter().enumerate() {
            let before = forecast.mean[step];
            let mean = onto(before, *effect);
            for interval in &mut forecast.intervals {
                let normal = normal_quantile(0.5 + interval.level / 200.0);
                // The effect is an estimate too: its own error widens the interval.
                let own = normal * if self.relative { mean.abs() * error } else { *error };
                let lower = (mean - onto(interval.lower[step], *effect)).hypot(own);
                let upper = (onto(interval.upper[step], *effect) - mean).hypot(own);
                interval.lower[step] = (mean - lower).clamp(floor, f64::MAX);
                interval.upper[step] = (mean + upper).min(f64::MAX);
            }
            for member in &mut forecast.explanation.members {
                member.mean[step] = onto(member.mean[step], *effect);
            }
            forecast.mean[step] = mean;
        }
        let (waves, effects): (Vec<Effect>, Vec<Effect>) =
            self.effects.into_iter().partition(|effect| calendar_effects::is_wave(&effect.driver));
        if !waves.is_empty() {
            forecast.explanation.notes.push(Note::YearlySeason);
        }
        forecast.explanation.effects = effects;
        forecast
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn options() -> Options {
        Options { horizon: 2, season: 4, ..Options::default() }
    }

    /// Months of 100 with a season, doubled where promoted; price from 10 down to 8 with elasticity −2 on top.
    fn shop(points: usize) -> (Vec<Option<f64>>, Vec<Driver>) {
        let promoted = |t: usize| if t * 7 % 10 == 3 { 1.0 } else { 0.0 };
        let price = |t: usize| if t * 3 % 7 < 3 { 8.0 } else { 10.0 };
        let sold = |t: usize| {
            100.0 * [0.9, 1.0, 1.2, 0.9][t % 4] * 2.0_f64.powf(promoted(t)) * (price(t) / 10.0_f64).powf(-2.0)
        };
        let driver = |name: &str, value: &dyn Fn(usize) -> f64| Driver {
            name: name.to_owned(),
            values: (0..points + 2).map(|t| Some(value(t))).collect(),
        };
        ((0..points).map(|t| Some(sold(t))).collect(), vec![driver("promo", &promoted), driver("price", &price)])
    }

    #[test]
    fn planted_effects_are_found_and_taken_out() {
        let (history, drivers) = shop(48);
        let study = Study::new(&history, &drivers, &options()).unwrap();
        let stripped = study.conclude(&Pool::default());
        let [promo, price] = &stripped.effects[..] else { unreachable!() };
        assert_eq!((promo.kind, price.kind), (EffectKind::Factor, EffectKind::Elasticity));
        assert!((promo.size - 2.0_f64.ln()).abs() < 1e-3, "{promo}");
        assert!((price.size + 2.0).abs() < 1e-3, "{price}");
        // One level with a season is left: the same value in every season.
        for pair in stripped.history.windows(5) {
            assert!((pair[4].unwrap() / pair[0].unwrap() - 1.0).abs() < 1e-2);
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let (history, mut drivers) = shop(48);
        drivers[1].values.truncate(49);
        let reason = |drivers: &[Driver]| Study::new(&history, drivers, &options()).err().unwrap();
        let short = ForecastError::DriverShort { driver: "price".into(), given: 49, needed: 50 };
        assert_eq!(reason(&drivers), short);
        drivers[0].values[48] = None;
        assert_eq!(reason(&drivers), ForecastError::DriverMissing { driver: "promo".into(), at: 48 });
    }

    #[test]
    fn a_driver_that_never_changed_has_no_effect() {
        let (history, mut drivers) = shop(48);
        drivers.truncate(1);
        drivers[0].values[..48].fill(Some(0.0));
        drivers[0].values[48..].fill(Some(1.0));
        let stripped = Study::new(&history, &drivers, &options()).unwrap().conclude(&Pool::default());
        assert_eq!((stripped.effects[0].size, stripped.effects[0].error), (0.0, 0.0));
        assert!(stripped.ahead.iter().all(|(effect, _)| effect.abs() < 1e-9), "{:?}", stripped.ahead);
        assert!(stripped.effects[0].to_string().contains("never changed"));
    }

    #[test]
    fn a_series_without_promotions_learns_from_the_others() {
        let (mut silent, drivers) = shop(48);
        let (loud, _) = shop(48);
        // No history of promotions at all, and the price never moved.
        let mut quiet = drivers.clone();
        quiet[0].values[..48].fill(Some(0.0));
        quiet[1].values.fill(Some(10.0));
        for (t, value) in silent.iter_mut().enumerate() {
            *value = Some(50.0 * [0.9, 1.0, 1.2, 0.9][t % 4]);
        }
        (quiet[0].values[48], quiet[0].values[49]) = (Some(1.0), Some(0.0));
        let alone = Study::new(&silent, &quiet, &options()).unwrap();
        let others: Vec<Study> = (0..3).map(|_| Study::new(&loud, &drivers, &options()).unwrap()).collect();
        let pool = Pool::new(others.iter().chain([&alone]));
        let ahead = alone.conclude(&pool).ahead;
        assert!((ahead[0].0 - 2.0_f64.ln()).abs() < 0.05 && ahead[1].0.abs() < 0.05, "{ahead:?}");
    }
}
