//! Many series at once: each by its own history, and all by a model learned from all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::backtest::{Record, Score};
use super::calendar_effects::{self, Dates};
use super::coverage::Coverage;
use super::drivers::{Driver, Pool, Stripped, Study};
use super::global::{Global, Lesson};
use super::single::{self, Combined, Fitted};
use super::{Change, Forecast, ForecastError, Method, Models, Options, combine, stock_out};

/// A series to forecast.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// Oldest value first, `None` where a bucket's value is not known.
    pub history: &'a [Option<f64>],
    /// What drives demand beside its past; none for most.
    pub drivers: &'a [Driver],
    pub options: Options,
    /// Share of each bucket's time with stock; see [`super::unconstrain`]. Empty where there always was.
    pub in_stock: &'a [f64],
    /// When the buckets are, where that is known: what the calendar does is looked for then.
    pub dates: Option<Dates>,
}

impl<'a> Request<'a> {
    /// A series by its history alone.
    pub fn new(history: &'a [Option<f64>], options: Options) -> Self {
        Self { history, drivers: &[], options, in_stock: &[], dates: None }
    }
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
    /// Its backtest of this series.
    pub record: Record,
    pub path: Vec<f64>,
    /// Whether it takes its place among the series' own methods.
    pub joins: bool,
    /// What it counts beyond that.
    pub extra: f64,
    /// How many series the model learned from.
    pub series: usize,
    /// By how much all this changed the panel's backtest error, in thousandths.
    pub gain_permille: i32,
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
/// let requests = [Request::new(&months, options.clone())];
/// assert_eq!(forecast_all(&requests, 1, &InTurn)[0], forecast(&months, &options), "one series is no panel");
/// ```
///
/// With drivers, their effects are taken out before and put back after; series of one run share what they tell about a
/// driver of the same name.
///
/// ```
/// use grid_engine::forecast::{Driver, InTurn, Options, Request, forecast_all};
/// let promoted = |t: usize| if t % 5 == 2 || t == 48 { 1.0 } else { 0.0 };
/// let sold: Vec<Option<f64>> = (0..48).map(|t| Some(100.0 + 50.0 * promoted(t) + (t * 7 % 3) as f64)).collect();
/// let drivers = [Driver { name: "promo".into(), values: (0..52).map(|t| Some(promoted(t))).collect() }];
/// let options = Options { horizon: 4, season: 1, ..Options::default() };
/// let found = forecast_all(&[Request { drivers: &drivers, ..Request::new(&sold, options) }], 1, &InTurn).remove(0)?;
/// assert!(found.mean[0] > 140.0 && found.mean[1] < 110.0, "{:?}", found.mean);
/// # Ok::<(), grid_engine::forecast::ForecastError>(())
/// ```
pub fn forecast_all(requests: &[Request], seed: u64, executor: &impl Executor) -> Vec<Result<Forecast, ForecastError>> {
    let made = executor.map(requests.len(), &|at| make_good(&requests[at]));
    let mut stripped = strip(requests, &made, executor);
    let fits = executor.map(requests.len(), &|at| {
        let history = match &stripped[at] {
            None => made[at].history(&requests[at]),
            Some(stripped) => &stripped.as_ref().map_err(Clone::clone)?.history,
        };
        single::fit(history, &requests[at].options)
    });
    let mut parts: BTreeMap<usize, GlobalPart> = BTreeMap::new();
    let seasons: BTreeSet<usize> = requests.iter().map(|request| request.options.season).collect();
    for season in seasons {
        let suited = fits.iter().enumerate().filter_map(|(at, fit)| Some((at, suited(fit.as_ref().ok()?, season)?)));
        let (places, panel): (Vec<usize>, Vec<&Combined>) = suited.unzip();
        parts.extend(places.into_iter().zip(learn(&panel, season, seed, executor)));
    }
    let rare: Vec<&Combined> = fits.iter().filter_map(|fit| rare(fit.as_ref().ok()?)).collect();
    let coverage = if rare.len() >= LARGE { Coverage::learn(&rare, executor) } else { None };
    let finish = |((at, fit), made): ((usize, Result<Fitted, ForecastError>), Made)| {
        let forecast = fit?.finish(parts.remove(&at), coverage.as_ref())?;
        let never_negative = requests[at].history.iter().flatten().all(|value| *value >= 0.0);
        let mut forecast = match stripped[at].take() {
            Some(Ok(stripped)) => stripped.put_back(forecast, never_negative),
            _ => forecast,
        };
        forecast.explanation.changes.extend(made.changes);
        forecast.explanation.changes.sort_by_key(|change| change.at);
        Ok(forecast)
    };
    fits.into_iter().enumerate().zip(made).map(finish).collect()
}

/// A history with what stock-outs hid, and all that drives it.
struct Made {
    /// `None` where it is as it was recorded.
    history: Option<Vec<Option<f64>>>,
    changes: Vec<Change>,
    drivers: Result<Vec<Driver>, ForecastError>,
}

impl Made {
    fn history<'h>(&'h self, request: &Request<'h>) -> &'h [Option<f64>] {
        self.history.as_deref().unwrap_or(request.history)
    }
}

fn make_good(request: &Request) -> Made {
    let changes = stock_out::unconstrain(request.history, request.in_stock, request.options.season);
    let history = (!changes.is_empty()).then(|| {
        let mut history = request.history.to_vec();
        changes.iter().for_each(|change| history[change.at] = Some(change.used));
        history
    });
    let mut drivers = request.options.check().map(|()| request.drivers.to_vec());
    if let (Some(dates), Ok(all)) = (request.dates, &mut drivers) {
        let known = history.as_deref().unwrap_or(request.history);
        match calendar_effects::calendar_drivers(known, all, dates, &request.options) {
            Ok(found) => all.extend(found),
            Err(reason) => drivers = Err(reason),
        }
    }
    Made { history, changes, drivers }
}

/// Histories without the effects of their drivers; `None` for series without drivers.
fn strip(
    requests: &[Request],
    made: &[Made],
    executor: &impl Executor,
) -> Vec<Option<Result<Stripped, ForecastError>>> {
    let study = |at: usize| match &made[at].drivers {
        Ok(drivers) if drivers.is_empty() => None,
        Ok(drivers) => Some(Study::new(made[at].history(&requests[at]), drivers, &requests[at].options)),
        Err(reason) => Some(Err(reason.clone())),
    };
    let studies = executor.map(requests.len(), &study);
    let pool = Pool::new(studies.iter().flatten().flatten());
    let conclude = |at: usize| {
        studies[at].as_ref().map(|study| study.as_ref().map(|study| study.conclude(&pool)).map_err(Clone::clone))
    };
    executor.map(requests.len(), &conclude)
}

/// Series whose intervals are those of rare demand.
fn rare(fit: &Fitted) -> Option<&Combined> {
    let Fitted::Regular(combined) = fit else { return None };
    combined.is_rare().then_some(combined)
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

/// The global model's part for every series of the panel, in order; none where it does not help.
fn learn(panel: &[&Combined], season: usize, seed: u64, executor: &impl Executor) -> Vec<GlobalPart> {
    let asked = panel.iter().any(|one| matches!(one.options().models, Models::Only(_)));
    if panel.len() < if asked { LEAST } else { LARGE } {
        return Vec::new();
    }
    let window = panel.iter().flat_map(|one| &one.trials).map(|trial| trial.path.len()).max().unwrap_or(1);
    let steps = panel.iter().map(|one| one.steps()).max().unwrap_or(1).max(window);
    let lessons = |hide: bool| -> Vec<Lesson> {
        let hidden = |one: &Combined| if hide { one.values().len() - one.trials[0].known } else { 0 };
        panel.iter().map(|one| Lesson { values: one.values(), hidden: hidden(one) }).collect()
    };
    // A first model sees nothing of what the backtest asks for.
    let Some(tested) = Global::learn(&lessons(true), season, steps, seed) else { return Vec::new() };
    let found = executor.map(panel.len(), &|at| {
        let (one, values) = (panel[at], panel[at].values());
        let trials = one.trials.iter().map(|trial| tested.run(&values[..trial.known], trial.path.len()));
        let trials: Vec<Vec<f64>> = trials.collect::<Option<_>>()?;
        let scores: Vec<Score> =
            one.trials.iter().zip(&trials).map(|(trial, path)| trial.score(values, path)).collect();
        let record = Record::new(Method::Global, trials, scores.into_iter());
        let joined = one.joined_by(&record).trials;
        Some((record, joined))
    });
    let Some(found) = found.into_iter().collect::<Option<Vec<_>>>() else { return Vec::new() };
    let own: Vec<Vec<&[f64]>> =
        panel.iter().map(|one| one.trials.iter().map(|trial| &trial.path[..]).collect()).collect();
    let joined: Vec<Vec<&[f64]>> =
        found.iter().map(|(_, joined)| joined.iter().map(|path| &path[..]).collect()).collect();
    let alone: Vec<Vec<&[f64]>> =
        found.iter().map(|(record, _)| record.paths.iter().map(|path| &path[..]).collect()).collect();
    let (own_errors, joined_errors) = (errors(panel, &own), errors(panel, &joined));
    // One more opinion in the middle helps almost always, so it takes part unless the backtest speaks against it.
    let (change, doubt) = gain(&own_errors, &joined_errors);
    let joins = change > -doubt;
    let (base, base_errors) = if joins { (&joined, &joined_errors) } else { (&own, &own_errors) };
    let (extra, more) = best_weight(panel, base, base_errors, &alone);
    if !joins && extra == 0.0 {
        return Vec::new();
    }
    // It helped, so a second one learns from everything.
    let Some(whole) = Global::learn(&lessons(false), season, steps, seed) else { return Vec::new() };
    let paths = executor.map(panel.len(), &|at| whole.run(panel[at].values(), panel[at].steps()));
    let Some(paths) = paths.into_iter().collect::<Option<Vec<_>>>() else { return Vec::new() };
    let gain_permille = (((if joins { change } else { 0.0 }) + more) * 1000.0).round() as i32;
    let part = |((record, _), path)| GlobalPart { record, path, joins, extra, series: panel.len(), gain_permille };
    found.into_iter().zip(paths).map(part).collect()
}

/// The weight with the lowest error in the backtest, and by which share it lowers it; 0 where that may be chance.
fn best_weight(
    panel: &[&Combined],
    base: &[Vec<&[f64]>],
    base_errors: &[(f64, f64)],
    other: &[Vec<&[f64]>],
) -> (f64, f64) {
    let mut best = (0.0, 0.0);
    for weight in WEIGHTS {
        let blend = |(base, other): (&&[f64], &&[f64])| {
            let mut path = base.to_vec();
            combine::blend(&mut path, other, weight);
            path
        };
        let blended: Vec<Vec<Vec<f64>>> =
            base.iter().zip(other).map(|(base, other)| base.iter().zip(other).map(blend).collect()).collect();
        let blended: Vec<Vec<&[f64]>> =
            blended.iter().map(|paths| paths.iter().map(|path| &path[..]).collect()).collect();
        let (gain, doubt) = gain(base_errors, &errors(panel, &blended));
        if gain > best.1 && gain > doubt {
            best = (weight, gain);
        }
    }
    best
}

/// By which share errors fell, and the standard error of that share.
fn gain(before: &[(f64, f64)], after: &[(f64, f64)]) -> (f64, f64) {
    let total = |pick: fn(&(f64, f64)) -> f64| before.iter().map(pick).sum::<f64>().max(1e-12);
    let (smape, mase) = (total(|e| e.0), total(|e| e.1));
    let gains: Vec<f64> =
        before.iter().zip(after).map(|(b, a)| ((b.0 - a.0) / smape + (b.1 - a.1) / mase) / 2.0).collect();
    let gain: f64 = gains.iter().sum();
    let count = gains.len() as f64;
    (gain, gains.iter().map(|one| (one - gain / count).powi(2)).sum::<f64>().sqrt())
}

/// Mean sMAPE and MASE over the trials of every series.
fn errors(panel: &[&Combined], paths: &[Vec<&[f64]>]) -> Vec<(f64, f64)> {
    let of_series = |(one, paths): (&&Combined, &Vec<&[f64]>)| {
        let scores = one.trials.iter().zip(paths).map(|(trial, path)| trial.score(one.values(), path));
        let (smape, mase) = scores.fold((0.0, 0.0), |sum, score| (sum.0 + score.smape, sum.1 + score.mase));
        let count = one.trials.len().max(1) as f64;
        (smape / count, mase / count)
    };
    panel.iter().zip(paths).map(of_series).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::forecast::forecast;

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
        panel.iter().map(|history| Request::new(history, options.clone())).collect()
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
