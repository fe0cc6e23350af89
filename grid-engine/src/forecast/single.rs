//! One series by its own history: methods, their backtest and combination, before anything is learned from others.

use super::backtest::{self, Record, Score};
use super::combine::{self, Criterion};
use super::counts::Demand;
use super::coverage::Coverage;
use super::methods::{Method, Sample};
use super::series::{self, Prepared};
use super::treatment::{self, Findings};
use super::{
    Backtest, Class, Explanation, Forecast, ForecastError, GlobalPart, Interval, Member, Models, Note, Options,
    accuracy, ending, growth, interval, learned,
};

/// What a series' own history says.
pub(super) enum Fitted {
    /// Nothing to learn and nothing to combine.
    Constant(Box<Forecast>),
    Regular(Box<Combined>),
}

/// A combination of methods, in the scaled unit of [`Prepared`].
pub(super) struct Combined {
    options: Options,
    prepared: Prepared,
    pub class: Class,
    seasonal: bool,
    season: usize,
    records: Vec<Record>,
    /// The seasonal naive forecast's.
    bar: Option<Record>,
    criterion: Criterion,
    paths: Vec<Vec<f64>>,
    weights: Vec<f64>,
    pub mean: Vec<f64>,
    pub trials: Vec<Trial>,
    findings: Findings,
    not_negative: bool,
    /// The power with which errors grow.
    growth: f64,
}

/// A combination with one more method.
pub(super) struct Joined {
    weights: Vec<f64>,
    learned: Option<Vec<f64>>,
    pub trials: Vec<Vec<f64>>,
}

/// The combination's forecast from one origin of the backtest.
pub(super) struct Trial {
    /// How many values were known.
    pub known: usize,
    pub path: Vec<f64>,
    /// Error of the seasonal naive forecast up to there.
    pub scale: f64,
}

impl Trial {
    /// How far a path from this origin was off.
    pub fn score(&self, values: &[f64], path: &[f64]) -> Score {
        backtest::score(&values[self.known..], path, self.scale)
    }
}

pub(super) fn fit(history: &[Option<f64>], options: &Options) -> Result<Fitted, ForecastError> {
    options.check()?;
    let mut prepared = series::prepare(history, options.season)?;
    let class = series::classify(&prepared.values);
    if class == Class::Constant {
        return constant(&prepared, options).map(|forecast| Fitted::Constant(Box::new(forecast)));
    }
    if let Some(silent) = ending::silent_end(&prepared.values, options.season)
        && !matches!(options.models, Models::Only(_))
    {
        return ended(&prepared, class, silent, options).map(|forecast| Fitted::Constant(Box::new(forecast)));
    }
    let findings = if class.has_many_zeros() {
        Findings::default()
    } else {
        treatment::examine(&mut prepared, options.season, options.treatment)
    };
    let values = &prepared.values;
    let steps = options.horizon + prepared.gap;
    let sample = Sample::new(values, options.season);
    let not_negative = values.iter().all(|value| *value >= 0.0);
    let adjust = |path: &mut [f64]| {
        if not_negative {
            path.iter_mut().for_each(|value| *value = value.max(0.0));
        }
    };
    let origins = backtest::origins(values, options.season);
    let mut records: Vec<Record> = Vec::new();
    let mut paths: Vec<Vec<f64>> = Vec::new();
    let attempt = |method: Method| {
        let record = backtest::backtest(method, &origins, adjust)?;
        let mut path = method.run(&sample, steps)?;
        adjust(&mut path);
        Some((record, path))
    };
    for (record, path) in options.models.candidates(class, values, options.season).into_iter().filter_map(attempt) {
        records.push(record);
        paths.push(path);
    }
    if records.is_empty() {
        return Err(ForecastError::TooShort { points: values.len(), models: options.models.to_string() });
    }
    let criterion = if class.has_many_zeros() { Criterion::Squared } else { Criterion::Symmetric };
    let mut bar = records.iter().find(|record| record.method == Method::SeasonalNaive).cloned();
    if bar.is_none() && !matches!(options.models, Models::Only(_)) {
        // Where it takes no part, it still decides who may.
        let (naive, path) = attempt(Method::SeasonalNaive).ok_or(ForecastError::Numeric)?;
        if combine::weights(&records, Some(&naive), criterion).iter().all(|weight| *weight == 0.0) {
            records.push(naive.clone());
            paths.push(path);
        }
        bar = Some(naive);
    }
    let weights = combine::weights(&records, bar.as_ref(), criterion);
    let learned = learned_weights(values, options, &records);
    let mean = combined(paths.iter(), &weights, learned.as_deref());
    let trials = origins.iter().enumerate().map(|(number, origin)| Trial {
        known: origin.known(),
        path: combined(records.iter().map(|record| &record.paths[number]), &weights, learned.as_deref()),
        scale: origin.scale(),
    });
    let trials = trials.collect();
    let (seasonal, season, growth) = (sample.seasonal, sample.season, growth::power(&sample.adjusted));
    drop(origins);
    Ok(Fitted::Regular(Box::new(Combined {
        options: options.clone(),
        class,
        seasonal,
        season,
        records,
        bar,
        criterion,
        paths,
        weights,
        mean,
        trials,
        findings,
        not_negative,
        growth,
        prepared,
    })))
}

fn combined<'p>(paths: impl Iterator<Item = &'p Vec<f64>>, weights: &[f64], learned: Option<&[f64]>) -> Vec<f64> {
    let paths: Vec<&[f64]> = paths.map(Vec::as_slice).collect();
    combine::combine(&paths, weights, learned)
}

/// What other series taught; nothing where methods were asked for by name, or were not tested.
fn learned_weights(values: &[f64], options: &Options, records: &[Record]) -> Option<Vec<f64>> {
    let tested = records.first().is_some_and(|record| !record.paths.is_empty());
    let own_choice = matches!(options.models, Models::Only(_));
    if tested && !own_choice { learned::weights(values, options.season, records) } else { None }
}

impl Fitted {
    /// The forecast, with what a model of the whole panel says mixed in, and intervals as wide as rare demand of the panel
    /// asked for.
    pub fn finish(self, global: Option<GlobalPart>, coverage: Option<&Coverage>) -> Result<Forecast, ForecastError> {
        match self {
            Self::Constant(forecast) => Ok(*forecast),
            Self::Regular(combined) => combined.finish(global, coverage),
        }
    }
}

impl Combined {
    /// The known values, scaled.
    pub fn values(&self) -> &[f64] {
        &self.prepared.values
    }

    /// Steps to forecast, those across the gap at the history's end included.
    pub fn steps(&self) -> usize {
        self.mean.len()
    }

    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Weights and trials as they are with one more method among the others.
    pub fn joined_by(&self, record: &Record) -> Joined {
        let records: Vec<Record> = self.records.iter().chain([record]).cloned().collect();
        let weights = combine::weights(&records, self.bar.as_ref(), self.criterion);
        let learned = learned_weights(self.values(), &self.options, &records);
        let trial =
            |number: usize| combined(records.iter().map(|record| &record.paths[number]), &weights, learned.as_deref());
        let trials = (0..self.trials.len()).map(trial).collect();
        Joined { weights, learned, trials }
    }

    fn join(&mut self, global: GlobalPart) {
        let GlobalPart { record, path, joins, extra, .. } = global;
        let Joined { weights, learned, trials } = self.joined_by(&record);
        self.paths.push(path);
        if joins {
            self.mean = combined(self.paths.iter(), &weights, learned.as_deref());
            self.trials.iter_mut().zip(trials).for_each(|(trial, path)| trial.path = path);
            self.weights = weights;
        } else {
            self.weights.push(0.0);
        }
        if let Some(path) = self.paths.last() {
            combine::blend(&mut self.mean, path, extra);
        }
        self.trials
            .iter_mut()
            .zip(&record.paths)
            .for_each(|(trial, path)| combine::blend(&mut trial.path, path, extra));
        self.weights.iter_mut().for_each(|weight| *weight *= 1.0 - extra);
        if let Some(weight) = self.weights.last_mut() {
            *weight += extra;
        }
        self.records.push(record);
        self.prepared.notes.push(Note::Global { series: global.series, gain_permille: global.gain_permille });
    }

    fn finish(mut self, global: Option<GlobalPart>, coverage: Option<&Coverage>) -> Result<Forecast, ForecastError> {
        let scale = self.prepared.scale;
        if let Some(global) = global {
            self.join(global);
        }
        let tested = !self.trials.is_empty();
        if !tested {
            self.prepared.notes.push(Note::NoBacktest { points: self.prepared.values.len() });
        }
        let (gap, misses, backtest) = (self.prepared.gap, self.misses(), self.backtest());
        let members = self.records.iter().zip(&self.weights).zip(&self.paths).map(|((record, weight), path)| Member {
            method: record.method,
            weight: *weight,
            backtest_smape: tested.then_some(record.smape),
            backtest_mase: tested.then_some(record.mase),
            mean: path[gap..].iter().map(|value| value * scale).collect(),
        });
        let members = members.collect();
        let intervals = if self.is_rare() { self.demand_intervals(coverage) } else { self.error_intervals() };
        let explanation = Explanation {
            class: self.class,
            seasonal: self.seasonal,
            season: self.season,
            members,
            outliers: self.findings.outliers,
            notes: self.prepared.notes.clone(),
            misses,
            backtest,
            effects: Vec::new(),
            shifts: self.findings.shifts,
            changes: self.findings.changes,
        };
        in_original_unit(self.mean, intervals, explanation, &self.prepared)
    }

    fn backtest(&self) -> Option<Backtest> {
        let count = self.trials.len() as f64;
        let scores = self.trials.iter().map(|trial| trial.score(self.values(), &trial.path));
        let (smape, mase) = scores.fold((0.0, 0.0), |sum, score| (sum.0 + score.smape, sum.1 + score.mase));
        (count > 0.0).then(|| Backtest { smape: smape / count, mase: mase / count })
    }

    fn misses(&self) -> Vec<f64> {
        let Some(trial) = self.trials.first() else { return Vec::new() };
        let actual = &self.values()[trial.known..];
        actual.iter().zip(&trial.path).map(|(actual, path)| (actual - path) * self.prepared.scale).collect()
    }

    /// From errors of the backtest.
    fn error_intervals(&self) -> Vec<Interval> {
        let mut errors = Vec::new();
        for trial in &self.trials {
            let actual = &self.values()[trial.known..];
            errors.extend(actual.iter().zip(&trial.path).map(|(a, f)| (a - f) / trial.scale).enumerate());
        }
        let unit = accuracy::seasonal_naive_error(self.values(), self.options.season)
            .or_else(|| accuracy::seasonal_naive_error(self.values(), 1))
            .unwrap_or(1.0);
        self.options
            .levels
            .iter()
            .map(|level| {
                let widths = interval::half_widths(&errors, 1.0, self.growth, level / 100.0, self.mean.len());
                let lower = |(mean, width): (&f64, &f64)| {
                    let value = mean - width * unit;
                    if self.not_negative { value.max(0.0) } else { value }
                };
                Interval {
                    level: *level,
                    lower: self.mean.iter().zip(&widths).map(lower).collect(),
                    upper: self.mean.iter().zip(&widths).map(|(mean, width)| mean + width * unit).collect(),
                }
            })
            .collect()
    }

    /// Whether intervals are those of rare demand.
    pub fn is_rare(&self) -> bool {
        self.class.has_many_zeros() && self.not_negative
    }

    /// From the sizes of demand, where it is rare.
    fn demand_intervals(&self, coverage: Option<&Coverage>) -> Vec<Interval> {
        let rates: Vec<Demand> = self.mean.iter().map(|rate| Demand::new(self.values(), *rate)).collect();
        let interval = |level: &f64| {
            let share = coverage.map_or(level / 100.0, |coverage| coverage.share(level / 100.0));
            let bounds = rates.iter().zip(&self.mean).map(|(demand, mean)| demand.around(*mean, share));
            let (lower, upper) = bounds.unzip();
            Interval { level: *level, lower, upper }
        };
        self.options.levels.iter().map(interval).collect()
    }
}

/// A series that never changed goes on as it was.
fn constant(prepared: &Prepared, options: &Options) -> Result<Forecast, ForecastError> {
    let value = prepared.values.first().copied().unwrap_or(0.0);
    let note = if prepared.values.len() == 1 { Note::OnePoint } else { Note::Constant };
    alone(prepared, options, (Class::Constant, Method::Naive, note), value, |_, _| value)
}

/// An item that has ended; the bounds say how much may yet be asked for.
fn ended(prepared: &Prepared, class: Class, silent: usize, options: &Options) -> Result<Forecast, ForecastError> {
    let upper = |level: f64, step: usize| ending::upper_bound(&prepared.values, silent, level / 100.0, step);
    alone(prepared, options, (class, Method::Zero, Note::Ended { buckets: silent }), 0.0, upper)
}

/// The same value in every bucket, by one method that needed no test.
fn alone(
    prepared: &Prepared,
    options: &Options,
    (class, method, note): (Class, Method, Note),
    value: f64,
    upper: impl Fn(f64, usize) -> f64,
) -> Result<Forecast, ForecastError> {
    let mean = vec![value; options.horizon + prepared.gap];
    let interval = |level: &f64| Interval {
        level: *level,
        lower: mean.clone(),
        upper: (0..mean.len()).map(|step| upper(*level, step)).collect(),
    };
    let intervals = options.levels.iter().map(interval).collect();
    let explanation = Explanation {
        class,
        seasonal: false,
        season: options.season.max(1),
        members: vec![Member {
            method,
            weight: 1.0,
            backtest_smape: None,
            backtest_mase: None,
            mean: vec![value * prepared.scale; options.horizon],
        }],
        outliers: Vec::new(),
        notes: prepared.notes.iter().cloned().chain([note]).collect(),
        misses: Vec::new(),
        backtest: None,
        effects: Vec::new(),
        shifts: Vec::new(),
        changes: Vec::new(),
    };
    in_original_unit(mean, intervals, explanation, prepared)
}

/// Back to the history's unit, without the steps that only bridge the gap at its end.
fn in_original_unit(
    mean: Vec<f64>,
    mut intervals: Vec<Interval>,
    explanation: Explanation,
    prepared: &Prepared,
) -> Result<Forecast, ForecastError> {
    let original = |values: &[f64]| -> Vec<f64> {
        let scaled = values[prepared.gap..].iter().map(|value| value * prepared.scale);
        // Only values near the largest number there is can leave the range.
        scaled.map(|value| value.clamp(-f64::MAX, f64::MAX)).collect()
    };
    for interval in &mut intervals {
        interval.lower = original(&interval.lower);
        interval.upper = original(&interval.upper);
    }
    let mean = original(&mean);
    if mean.iter().any(|value| value.is_nan()) {
        return Err(ForecastError::Numeric);
    }
    Ok(Forecast { mean, intervals, explanation })
}
