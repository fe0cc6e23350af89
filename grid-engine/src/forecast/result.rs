//! What a forecast gives, and why it cannot.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::{Change, Effect, Method, Shift};

/// A forecast: one value per bucket asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    pub mean: Vec<f64>,
    /// In the order of [`super::Options::levels`].
    pub intervals: Vec<Interval>,
    pub explanation: Explanation,
}

/// Bounds within which the truth lies with a probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// In percent.
    pub level: f64,
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
}

/// Why a forecast is what it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    pub class: Class,
    /// Whether a season was found.
    pub seasonal: bool,
    /// Buckets per season, 1 for none.
    pub season: usize,
    /// The methods tried; weight 0 for those that lost to the seasonal naive forecast.
    pub members: Vec<Member>,
    pub outliers: Vec<Outlier>,
    /// What was done to the history, or could not be done for lack of it.
    pub notes: Vec<Note>,
    /// What the forecast would have missed by in the last buckets of the history, known only as far as the buckets before
    /// them: actual − forecast, oldest first. Empty without a backtest.
    #[serde(default)]
    pub misses: Vec<f64>,
    /// How far the combination was off in its backtest; `None` without one.
    #[serde(default)]
    pub backtest: Option<Backtest>,
    /// What drivers were found to do, in the order they were given.
    #[serde(default)]
    pub effects: Vec<Effect>,
    /// Lasting changes of the level; treated only where asked for.
    #[serde(default)]
    pub shifts: Vec<Shift>,
    /// The values that were read as others, where that was asked for, in the order of time.
    #[serde(default)]
    pub changes: Vec<Change>,
}

/// Mean errors over the origins of a backtest. Weights were chosen on the same buckets, so later ones go a little worse.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backtest {
    /// As a fraction, 0 to 2.
    pub smape: f64,
    /// In errors of the seasonal naive forecast.
    pub mase: f64,
}

impl Explanation {
    /// Why the forecast is what it is, for people.
    pub fn sentences(&self) -> Vec<String> {
        let mut all = vec![format!("demand is {}", self.class.name())];
        if self.season > 1 {
            let found = if self.seasonal { "repeats" } else { "does not clearly repeat" };
            all.push(format!("it {found} every {} buckets", self.season));
        }
        let best = self.members.iter().filter(|member| member.backtest_mase.is_some());
        if let Some(best) = best.min_by(|a, b| a.backtest_mase.partial_cmp(&b.backtest_mase).unwrap_or(Ordering::Equal))
        {
            let lost = self.members.iter().filter(|member| member.weight == 0.0).count();
            all.push(format!(
                "{} forecast the known past best; {lost} of {} methods lost to the seasonal naive forecast",
                best.method.title(),
                self.members.len()
            ));
        }
        if let Some(backtest) = self.backtest {
            all.push(format!("off by {:.0} % on average there (MASE {:.2})", 100.0 * backtest.smape, backtest.mase));
        }
        let count = |number: usize, one: &str, more: &str| match number {
            0 => None,
            1 => Some(format!("1 {one}")),
            number => Some(format!("{number} {more}")),
        };
        all.extend(count(self.outliers.len(), "outlier was found", "outliers were found"));
        all.extend(count(
            self.shifts.len(),
            "lasting change of level was found",
            "lasting changes of level were found",
        ));
        all.extend(count(self.changes.len(), "value was read as another", "values were read as others"));
        all.extend(self.effects.iter().map(ToString::to_string));
        all.extend(self.notes.iter().map(ToString::to_string));
        all
    }
}

/// One method's part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    pub method: Method,
    /// Between 0 and 1; all weights sum to 1. It is the weight in the part of the combination that the series' own backtest
    /// decides; the middle of all methods and the weights learned from other series are beside it.
    pub weight: f64,
    /// Backtest error as a fraction, 0 to 2; `None` where the history is too short for a backtest.
    pub backtest_smape: Option<f64>,
    /// Backtest error in errors of the seasonal naive forecast.
    pub backtest_mase: Option<f64>,
    /// What this method alone would forecast.
    pub mean: Vec<f64>,
}

/// A value that does not fit its neighbourhood: proposed for review, used as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outlier {
    /// Position in the history.
    pub at: usize,
    pub value: f64,
    /// What its neighbours suggest.
    pub expected: f64,
}

/// The pattern of demand (Syntetos, Boylan & Croston 2005).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Demand in most buckets, of similar size.
    Smooth,
    /// Demand in most buckets, of varying size.
    Erratic,
    /// Rare demand of similar size.
    Intermittent,
    /// Rare demand of varying size.
    Lumpy,
    /// Always the same value, zero included.
    Constant,
}

impl Class {
    /// As written in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Smooth => "smooth",
            Self::Erratic => "erratic",
            Self::Intermittent => "intermittent",
            Self::Lumpy => "lumpy",
            Self::Constant => "constant",
        }
    }

    /// Whether demand is rare.
    pub fn has_many_zeros(self) -> bool {
        matches!(self, Self::Intermittent | Self::Lumpy)
    }
}

/// Something the reader of a forecast should know about its history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    #[error("the history is one value; it is repeated")]
    OnePoint,
    #[error("the history never changes; its value is repeated")]
    Constant,
    #[error("{points} values are too few to test methods on the past; all of them count alike")]
    NoBacktest { points: usize },
    #[error("{buckets} missing buckets inside the history were filled from their neighbours")]
    Filled { buckets: usize },
    #[error("the last {buckets} buckets of the history are missing; the forecast bridges them")]
    TrailingGap { buckets: usize },
    #[error(
        "nothing was demanded in the last {buckets} buckets, more than any pause before lets expect: the item has ended"
    )]
    Ended { buckets: usize },
    #[error("the season of the year was found beside that of the week")]
    YearlySeason,
    #[error("new: {own_percent} % by its own sales, the rest by {items} similar items or the planned level")]
    Newcomer { items: usize, own_percent: u8 },
    #[error(
        "what is known of the first {buckets} buckets moved the level by {:+.1} %",
        (f64::from(*level_permille) - 1000.0) / 10.0
    )]
    Sensed { buckets: usize, level_permille: u32 },
    #[error("only the most recent {used} buckets were used")]
    Truncated { used: usize },
    #[error(
        "a model learned from {series} series takes part: in the backtest the panel's error changed by {:+.1} %",
        -f64::from(*gain_permille) / 10.0
    )]
    Global { series: usize, gain_permille: i32 },
}

/// Why there is no forecast.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ForecastError {
    #[error("the history is empty; give at least one value")]
    Empty,
    #[error("all {buckets} buckets of the history are missing; give at least one value")]
    AllMissing { buckets: usize },
    #[error("value {} of the history is not a finite number", at + 1)]
    NotFinite {
        /// Zero-based.
        at: usize,
    },
    #[error("horizon is {horizon}; it must be from 1 to {most} buckets")]
    Horizon { horizon: usize, most: usize },
    #[error("season is {season}; it must be from 1 (none) to {most} buckets")]
    Season { season: usize, most: usize },
    #[error("interval level {level} is not between 0 and 100 per cent")]
    Level { level: f64 },
    #[error("no forecasting method is called {name:?}; use auto, or some of: {known}")]
    UnknownModel { name: String, known: String },
    #[error("no treatment is called {name:?}; use none, outliers, shifts, or both with a comma")]
    UnknownTreatment { name: String },
    #[error(
        "driver {driver} has {given} values; it needs {needed}, one for every bucket of the history and of the horizon"
    )]
    DriverShort { driver: String, given: usize, needed: usize },
    #[error("driver {driver} has no value for bucket {}", at + 1)]
    DriverMissing {
        driver: String,
        /// Zero-based, from the history's first bucket.
        at: usize,
    },
    #[error("{points} values are too few for {models}; use auto")]
    TooShort { points: usize, models: String },
    #[error("nothing to go by: give similar items that have sold, a planned level, or sales of its own")]
    NothingAlike,
    #[error("the calculation left the range of numbers")]
    Numeric,
}
