//! Forecasts scored against what happened, as the M4 and M5 competitions score them.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use grid_engine::forecast::accuracy::{self, Outcome};
use grid_engine::forecast::learned::{self, Case};
use grid_engine::forecast::{self, Executor, Forecast, Method, Options, Request};

use crate::cores::Cores;
use crate::exchange::series_csv::{self, Further, SeriesRow};

/// How a file's series were forecast.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    pub series: usize,
    /// Series without a forecast.
    pub failures: usize,
    /// Mean over series, 0 to 200.
    pub smape: f64,
    /// Mean over series whose scale is not zero.
    pub mase: f64,
    /// Against Naive2 on the same series; `None` where Naive2 makes no error.
    pub owa: Option<f64>,
    /// Mean over series whose scale is not zero.
    pub rmsse: f64,
    /// Share of test values inside the 80 % and the 95 % interval.
    pub coverage: [f64; 2],
    /// Σ(forecast − actual) ÷ Σ actual over all series.
    pub bias: f64,
    /// Weight of the model learned from all series; 0 where it did not help.
    pub global: f64,
    /// Processor time per series, learning included.
    pub milliseconds: f64,
}

/// One series' errors.
struct Measured {
    ours: Errors,
    naive2: Errors,
    inside: [usize; 2],
    points: usize,
    forecast: f64,
    actual: f64,
    global: f64,
}

struct Errors {
    smape: f64,
    mase: Option<f64>,
    rmsse: Option<f64>,
}

/// Scores the series of a file that has both `train` and `test` rows.
///
/// With `back` above 0 the test rows are not looked at: the last horizons but `back` − 1 of the `train` rows take their
/// place, and what came after is forgotten. So methods can be chosen without what they will be judged by.
///
/// # Errors
/// Problems of the file; a file without test rows.
pub fn score(path: &Path, back: usize) -> Result<Scores, Vec<String>> {
    let file = series_csv::read(path, Further::default())?;
    let with_test = file.series.into_iter().filter(|series| !series.test.is_empty());
    let with_test: Vec<SeriesRow> = with_test.filter_map(|series| earlier(series, back)).collect();
    if with_test.is_empty() {
        return Err(vec![format!("{}: no rows marked test in a column split, nothing to score", path.display())]);
    }
    let requests: Vec<Request> = with_test.iter().map(|series| request(series, file.step.season())).collect();
    let clock = Clock::default();
    let forecasts = forecast::forecast_all(&requests, 1, &clock);
    let spent = clock.spent.load(Ordering::Relaxed) as f64 / 1e6 / with_test.len() as f64;
    let measured: Vec<Option<Measured>> = with_test
        .iter()
        .zip(&requests)
        .zip(forecasts)
        .map(|((series, request), forecast)| Some(measure(series, &request.options, &forecast.ok()?)))
        .collect();
    Ok(total(&measured, spent))
}

/// Horizons before the end of the known histories from which weights are learned.
const WINDOWS: usize = 3;

/// Learns the weights of methods from windows inside the `train` rows of these files; the table as source.
///
/// # Errors
/// Problems of the files.
pub fn learn(paths: &[PathBuf]) -> Result<String, Vec<String>> {
    let mut sets: Vec<Vec<Case>> = Vec::new();
    for path in paths {
        let file = series_csv::read(path, Further::default())?;
        let mut set = Vec::new();
        for back in 1..=WINDOWS {
            let known = file.series.iter().filter(|series| !series.test.is_empty());
            let series: Vec<SeriesRow> = known.filter_map(|series| earlier(series.clone(), back)).collect();
            let requests: Vec<Request> = series.iter().map(|series| request(series, file.step.season())).collect();
            let forecasts = forecast::forecast_all(&requests, 1, &Cores);
            set.extend(series.iter().zip(&requests).zip(forecasts).filter_map(|((series, request), forecast)| {
                let known: Vec<f64> = series.history.iter().copied().collect::<Option<_>>()?;
                let actual: Vec<f64> = series.test.iter().copied().collect::<Option<_>>()?;
                Case::new(&known, request.options.season, &forecast.ok()?, &actual)
            }));
        }
        if !set.is_empty() {
            sets.push(set);
        }
    }
    Ok(learned::learn(&sets).to_string())
}

fn request(series: &SeriesRow, season: usize) -> Request<'_> {
    let season = series.season.unwrap_or(season);
    let options = Options { horizon: series.test.len(), season, ..Options::default() };
    Request::new(&series.history, options)
}

/// The series as it was `back` horizons ago; `None` where less than three seasons, or 20 values, are left.
fn earlier(mut series: SeriesRow, back: usize) -> Option<SeriesRow> {
    if back == 0 {
        return Some(series);
    }
    let horizon = series.test.len();
    let known = series.history.len().checked_sub(back * horizon)?;
    if known < (3 * series.season.unwrap_or(1)).max(20) {
        return None;
    }
    series.test = series.history[known..known + horizon].to_vec();
    series.history.truncate(known);
    Some(series)
}

/// Runs tasks on all cores and adds up their processor time.
#[derive(Default)]
struct Clock {
    /// Nanoseconds.
    spent: AtomicU64,
}

impl Executor for Clock {
    fn map<T: Send>(&self, count: usize, task: &(dyn Fn(usize) -> T + Sync)) -> Vec<T> {
        Cores.map(count, &|at| {
            let (begin, begin_wall) = (processor_time(), Instant::now());
            let answer = task(at);
            let spent = match (begin, processor_time()) {
                (Some(begin), Some(end)) => end.saturating_sub(begin),
                _ => begin_wall.elapsed(),
            };
            self.spent.fetch_add(spent.as_nanos() as u64, Ordering::Relaxed);
            answer
        })
    }
}

fn measure(series: &SeriesRow, options: &Options, forecast: &Forecast) -> Measured {
    let season = options.season;
    let history: Vec<f64> = series.history.iter().copied().flatten().collect();
    let ours = outcomes(&series.test, &forecast.mean);
    let naive2 = outcomes(&series.test, &forecast::naive2(&history, season, options.horizon));
    let inside = |level: usize| {
        let interval = &forecast.intervals[level];
        let bounds = interval.lower.iter().zip(&interval.upper);
        let within = |(actual, (lower, upper)): (&Option<f64>, (&f64, &f64))| {
            actual.is_some_and(|actual| (*lower..=*upper).contains(&actual))
        };
        series.test.iter().zip(bounds).filter(|pair| within(*pair)).count()
    };
    let global = forecast.explanation.members.iter().filter(|member| member.method == Method::Global);
    Measured {
        global: global.map(|member| member.weight).fold(0.0, f64::max),
        inside: [inside(0), inside(1)],
        points: ours.len(),
        forecast: ours.iter().map(|outcome| outcome.forecast).sum(),
        actual: ours.iter().map(|outcome| outcome.actual).sum(),
        ours: errors(&ours, &history, season),
        naive2: errors(&naive2, &history, season),
    }
}

/// The periods whose actual value is known.
fn outcomes(actual: &[Option<f64>], forecast: &[f64]) -> Vec<Outcome> {
    let known = |(actual, forecast): (&Option<f64>, &f64)| actual.map(|actual| Outcome { actual, forecast: *forecast });
    actual.iter().zip(forecast).filter_map(known).collect()
}

fn errors(outcomes: &[Outcome], history: &[f64], season: usize) -> Errors {
    Errors {
        smape: 100.0 * accuracy::smape(outcomes).unwrap_or(0.0),
        mase: accuracy::mase(outcomes, history, season),
        rmsse: accuracy::rmsse(outcomes, history),
    }
}

fn total(measured: &[Option<Measured>], milliseconds: f64) -> Scores {
    let done: Vec<&Measured> = measured.iter().flatten().collect();
    let mean = |figure: &dyn Fn(&Measured) -> Option<f64>| {
        let values: Vec<f64> = done.iter().filter_map(|one| figure(one)).collect();
        if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
    };
    let (smape, mase) = (mean(&|one| Some(one.ours.smape)), mean(&|one| one.ours.mase));
    let points = done.iter().map(|one| one.points).sum::<usize>().max(1) as f64;
    let inside = |level: usize| done.iter().map(|one| one.inside[level]).sum::<usize>() as f64 / points;
    let actual: f64 = done.iter().map(|one| one.actual).sum();
    let error: f64 = done.iter().map(|one| one.forecast - one.actual).sum();
    Scores {
        series: measured.len(),
        failures: measured.len() - done.len(),
        smape,
        mase,
        owa: accuracy::owa(smape, mase, mean(&|one| Some(one.naive2.smape)), mean(&|one| one.naive2.mase)),
        rmsse: mean(&|one| one.ours.rmsse),
        coverage: [inside(0), inside(1)],
        bias: if actual == 0.0 { 0.0 } else { error / actual },
        global: mean(&|one| Some(one.global)),
        milliseconds,
    }
}

/// Processor time of this thread, where the system tells it: waiting for a busy machine is no cost of a method.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// What others reach on the same files: overall weighted average (RMSSE on the intermittent ones) and processor
/// milliseconds per series.
pub const RIVALS: [Rival; 11] = [
    Rival::new("median of ETS, DOT, CES, ARIMA", &[0.870, 0.805, 0.712, 0.813], "> 500"),
    Rival::new("mean of ETS, Theta, CES, ARIMA", &[0.882, 0.800, 0.720, 0.816], "> 500"),
    Rival::new("median of ETS, Theta, CES, ARIMA", &[0.878, 0.808, 0.710, 0.821], "> 500"),
    Rival::new("mean of ETS, Theta, CES", &[0.885, 0.804, 0.741, f64::NAN], "60-160"),
    Rival::new("AutoETS", &[0.886, 0.833, 0.783, f64::NAN], "55-145"),
    Rival::new("AutoTheta", &[0.937, f64::NAN, 0.818, f64::NAN], "9-46"),
    Rival::new("dynamic optimised theta", &[0.908, 0.822, 0.825, 0.820], "3-16"),
    Rival::new("AutoCES", &[0.941, f64::NAN, 0.785, f64::NAN], "4-6"),
    Rival::new("AutoARIMA", &[0.976, f64::NAN, 0.769, f64::NAN], "370-3700"),
    Rival::new("LightGBM, global", &[0.957, 0.790, f64::NAN, f64::NAN], "100-600"),
    Rival::new("Naive2", &[1.0, 1.0, 1.0, 1.0], "-"),
];

/// The files that [`Rival::owa`] speaks of, in its order.
pub const RIVAL_FILES: [&str; 4] = ["m4m_tail", "m3m", "tourism_m", "hospital"];

/// A method measured elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Rival {
    pub name: &'static str,
    /// By file; NaN where it was not measured.
    pub owa: &'static [f64; 4],
    pub milliseconds: &'static str,
}

impl Rival {
    const fn new(name: &'static str, owa: &'static [f64; 4], milliseconds: &'static str) -> Self {
        Self { name, owa, milliseconds }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn series(history: &[f64], test: &[f64]) -> SeriesRow {
        let known = |values: &[f64]| values.iter().map(|value| Some(*value)).collect();
        SeriesRow { history: known(history), test: known(test), ..SeriesRow::default() }
    }

    #[test]
    fn a_perfect_forecast_scores_zero_and_is_covered() {
        let history: Vec<f64> = (0..48).map(|t| [10.0, 20.0, 40.0, 20.0][t % 4]).collect();
        let options = Options { horizon: 3, season: 4, ..Options::default() };
        let series = series(&history, &[10.0, 20.0, 40.0]);
        let forecast = forecast::forecast(&series.history, &options).unwrap();
        let scores = total(&[Some(measure(&series, &options, &forecast))], 1.0);
        assert!(scores.smape < 0.5, "{scores:?}");
        assert_eq!((scores.series, scores.failures, scores.coverage), (1, 0, [1.0, 1.0]));
    }

    #[test]
    fn a_series_without_history_is_a_failure_not_a_score() {
        let scores = total(&[None], 1.0);
        assert_eq!((scores.series, scores.failures), (1, 1));
    }

    #[test]
    fn earlier_windows_know_nothing_of_what_came_later() {
        let values: Vec<f64> = (0..30).map(f64::from).collect();
        let found = earlier(series(&values, &[99.0, 99.0]), 2).unwrap();
        assert_eq!((found.history.len(), found.test), (26, vec![Some(26.0), Some(27.0)]));
        assert!(earlier(series(&values, &[99.0; 6]), 2).is_none());
    }
}
