//! Many series at once: each by its own history, and all by a model learned from all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::accuracy::{self, Outcome};
use super::global::{Global, Lesson};
use super::single::{self, Combined, Fitted};
use super::{Forecast, ForecastError, Models, Options, combine};

/// A series to forecast.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Oldest value first, `None` where a bucket's value is not known.
    pub history: &'a [Option<f64>],
    pub options: Options,
}

/// Runs tasks that do not depend on each other. The engine has no threads; who calls it may have.
pub trait Executor {
    /// The answers for 0, 1, … up to but not `count`, in that order.
    fn map<T: Send>(&self, count: usize, task: &(dyn Fn(usize) -> T + Sync)) -> Vec<T>;
}

/// One task after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct InTurn;

impl Executor for InTurn {
    fn map<T: Send>(&self, count: usize, task: &(dyn Fn(usize) -> T + Sync)) -> Vec<T> {
        (0..count).map(task).collect()
    }
}

/// The fewest series from which a model of all of them is learned without being asked for.
const LARGE: usize = 60;
/// The fewest series from which it is learned at all.
const LEAST: usize = 10;
/// What is tried as the global model's weight.
const WEIGHTS: [f64; 8] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0];

/// What the global model adds to one series.
pub(super) struct GlobalPart {
    pub weight: f64,
    pub path: Vec<f64>,
    /// By trial.
    pub trials: Vec<Vec<f64>>,
    /// Backtest errors of this series.
    pub smape: f64,
    pub mase: f64,
    /// How many series the model learned from.
    pub series: usize,
    /// By how much the weight lowered the panel's backtest error, in thousandths.
    pub gain_permille: u32,
}

/// Forecasts every series, in order. With enough of them (or where `global` is asked for) a model learned from all
/// histories counts as much as it would have helped in the backtest; see [`Models`].
///
/// The same requests and seed give the same forecasts, whatever the executor.
///
/// ```
/// use grid_engine::forecast::{InTurn, Options, Request, forecast, forecast_all};
/// let months: Vec<Option<f64>> = (0..48).map(|t| Some(f64::from(t % 4))).collect();
/// let options = Options { horizon: 4, season: 4, ..Options::default() };
/// let requests = [Request { history: &months, options: options.clone() }];
/// assert_eq!(forecast_all(&requests, 1, &InTurn)[0], forecast(&months, &options), "one series is no panel");
/// ```
pub fn forecast_all(requests: &[Request], seed: u64, executor: &impl Executor) -> Vec<Result<Forecast, ForecastError>> {
    let fits = executor.map(requests.len(), &|at| single::fit(requests[at].history, &requests[at].options));
    let mut parts: BTreeMap<usize, GlobalPart> = BTreeMap::new();
    let seasons: BTreeSet<usize> = requests.iter().map(|request| request.options.season).collect();
    for season in seasons {
        let suited = fits.iter().enumerate().filter_map(|(at, fit)| Some((at, suited(fit.as_ref().ok()?, season)?)));
        let (places, panel): (Vec<usize>, Vec<&Combined>) = suited.unzip();
        parts.extend(places.into_iter().zip(learn(&panel, season, seed, executor)));
    }
    fits.into_iter().enumerate().map(|(at, fit)| fit?.finish(parts.remove(&at))).collect()
}

/// Series that a global model can say something about: demand in most buckets, and a backtest to weigh it by.
fn suited(fit: &Fitted, season: usize) -> Option<&Combined> {
    let Fitted::Regular(combined) = fit else { return None };
    let options = combined.options();
    let wanted = options.models.global() && options.season == season && !combined.class.has_many_zeros();
    // The backtest's first origin must leave enough to describe a course by.
    let enough = combined.trials.first().is_some_and(|trial| trial.known >= (2 * season).max(8));
    (wanted && enough && combined.values().iter().all(|value| *value >= 0.0)).then_some(combined)
}

/// What one model says about a series.
struct Paths {
    trials: Vec<Vec<f64>>,
    mean: Vec<f64>,
}

/// The global model's part for every series of the panel, in order; none where it does not help.
fn learn(panel: &[&Combined], season: usize, seed: u64, executor: &impl Executor) -> Vec<GlobalPart> {
    let asked = panel.iter().any(|one| matches!(one.options().models, Models::Only(_)));
    if panel.len() < if asked { LEAST } else { LARGE } {
        return Vec::new();
    }
    let window = panel.iter().flat_map(|one| &one.trials).map(|trial| trial.path.len()).max().unwrap_or(1);
    let steps = panel.iter().map(|one| one.steps()).max().unwrap_or(1).max(window);
    // The first model sees nothing of what the backtest asks for, the second everything.
    let models = executor.map(2, &|number| {
        let lessons: Vec<Lesson> = panel
            .iter()
            .map(|one| Lesson {
                values: one.values(),
                hidden: if number == 0 { one.values().len() - one.trials[0].known } else { 0 },
            })
            .collect();
        Global::learn(&lessons, season, steps, seed)
    });
    let [Some(tested), Some(whole)] = &models[..] else { return Vec::new() };
    let paths = executor.map(panel.len(), &|at| {
        let (one, values) = (panel[at], panel[at].values());
        let trials = one.trials.iter().map(|trial| tested.run(&values[..trial.known], trial.path.len()));
        Some(Paths { trials: trials.collect::<Option<_>>()?, mean: whole.run(values, one.steps())? })
    });
    let Some(paths) = paths.into_iter().collect::<Option<Vec<Paths>>>() else { return Vec::new() };
    let (weight, gain) = best_weight(panel, &paths);
    if weight == 0.0 {
        return Vec::new();
    }
    let part = |(one, paths): (&&Combined, Paths)| {
        let (smape, mase) = errors(one, |number| paths.trials[number].clone());
        let gain_permille = (gain * 1000.0).round() as u32;
        let Paths { trials, mean } = paths;
        GlobalPart { weight, path: mean, trials, smape, mase, series: panel.len(), gain_permille }
    };
    panel.iter().zip(paths).map(part).collect()
}

/// The weight with the lowest error in the backtest, and by which share it lowers it; 0 where that may be chance.
fn best_weight(panel: &[&Combined], paths: &[Paths]) -> (f64, f64) {
    let blended = |weight: f64| -> Vec<(f64, f64)> {
        let of_series = |(one, paths): (&&Combined, &Paths)| {
            errors(one, |number| {
                let mut path = one.trials[number].path.clone();
                combine::blend(&mut path, &paths.trials[number], weight);
                path
            })
        };
        panel.iter().zip(paths).map(of_series).collect()
    };
    let without = blended(0.0);
    let total = |pick: fn(&(f64, f64)) -> f64| without.iter().map(pick).sum::<f64>().max(1e-12);
    let (smape, mase) = (total(|e| e.0), total(|e| e.1));
    let count = panel.len() as f64;
    let mut best = (0.0, 0.0);
    for weight in WEIGHTS {
        let gains: Vec<f64> = without
            .iter()
            .zip(blended(weight))
            .map(|(before, after)| ((before.0 - after.0) / smape + (before.1 - after.1) / mase) / 2.0)
            .collect();
        let gain: f64 = gains.iter().sum();
        let variance = gains.iter().map(|one| (one - gain / count).powi(2)).sum::<f64>();
        if gain > best.1 && gain > variance.sqrt() {
            best = (weight, gain);
        }
    }
    best
}

/// Mean sMAPE and MASE over the trials of a series.
fn errors(one: &Combined, path: impl Fn(usize) -> Vec<f64>) -> (f64, f64) {
    let (mut smape, mut mase) = (0.0, 0.0);
    for (number, trial) in one.trials.iter().enumerate() {
        let actual = &one.values()[trial.known..];
        let outcomes: Vec<Outcome> =
            actual.iter().zip(path(number)).map(|(actual, forecast)| Outcome { actual: *actual, forecast }).collect();
        let absolute: f64 = outcomes.iter().map(|o| (o.actual - o.forecast).abs()).sum();
        smape += accuracy::smape(&outcomes).unwrap_or(0.0);
        mase += absolute / outcomes.len().max(1) as f64 / trial.scale;
    }
    let count = one.trials.len().max(1) as f64;
    (smape / count, mase / count)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::forecast::{Method, forecast};

    /// Products that climb for twenty-five months and then fall: what comes after a climb is seen in other products only.
    fn panel(count: usize) -> Vec<Vec<Option<f64>>> {
        let value = |n: usize, t: usize| {
            let turn = ((t + n * 11) % 50) as f64;
            (1.0 + n as f64) * (100.0 + (turn - 25.0).abs() * 4.0 + ((t * 7 + n) % 5) as f64)
        };
        (0..count).map(|n| (0..60).map(|t| Some(value(n, t))).collect()).collect()
    }

    fn requests<'a>(panel: &'a [Vec<Option<f64>>], models: &Models) -> Vec<Request<'a>> {
        let options = Options { horizon: 6, season: 1, models: models.clone(), ..Options::default() };
        panel.iter().map(|history| Request { history, options: options.clone() }).collect()
    }

    #[test]
    fn a_large_panel_teaches_and_a_small_one_does_not() {
        let large = panel(LARGE);
        let all = forecast_all(&requests(&large, &Models::Auto), 1, &InTurn);
        let member = |f: &Forecast| f.explanation.members.iter().find(|m| m.method == Method::Global).map(|m| m.weight);
        let first = all[0].as_ref().unwrap();
        assert!(member(first).is_some_and(|weight| weight > 0.2), "{:?}", first.explanation);
        assert!((first.explanation.members.iter().map(|m| m.weight).sum::<f64>() - 1.0).abs() < 1e-9);
        for small in [&large[..LARGE - 1], &[]] {
            for (history, found) in small.iter().zip(forecast_all(&requests(small, &Models::Auto), 1, &InTurn)) {
                let options = &requests(&large, &Models::Auto)[0].options;
                assert_eq!(found, forecast(history, options));
            }
        }
        let local = forecast_all(&requests(&large, &Models::Local), 1, &InTurn);
        assert_eq!(member(local[0].as_ref().unwrap()), None);
    }

    #[test]
    fn the_seed_decides_and_failures_stay_in_their_place() {
        let mut large = panel(LARGE + 1);
        large[3] = vec![None];
        let all = |seed| forecast_all(&requests(&large, &Models::Auto), seed, &InTurn);
        let (once, twice, other) = (all(1), all(1), all(2));
        assert_eq!(once, twice);
        assert_ne!(once, other);
        assert_eq!(once[3], Err(ForecastError::AllMissing { buckets: 1 }));
    }
}
