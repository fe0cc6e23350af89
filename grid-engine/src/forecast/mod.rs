//! Forecasts of single series: methods, backtests, combination, intervals, and their explanation.
//!
//! Every method forecasts the known past first; the forecast is for one half the middle of all methods and the mean of
//! those that beat the seasonal naive forecast there, for the other their mean by weights learned from other series.
//! Combining beats selecting, and the middle is not moved by one method gone wrong. Many series at once
//! ([`forecast_all`]) also teach each other, through a model learned from all of them and through what drives them.

pub mod accuracy;
mod additive;
mod backtest;
mod calendar_effects;
mod combine;
mod counts;
mod coverage;
mod drivers;
mod ending;
mod global;
mod growth;
pub mod hierarchy;
mod interval;
pub mod learned;
mod linear;
mod methods;
mod newcomer;
mod normal;
mod options;
mod outlier;
mod panel;
#[cfg(test)]
pub(crate) mod planted;
#[cfg(test)]
mod properties;
mod regression;
mod result;
mod rolling;
mod season;
mod sensing;
mod series;
mod shift;
mod simplex;
mod single;
mod stock_out;
pub mod streams;
mod treatment;

pub use additive::{AdditiveEts, season_length};
pub use calendar_effects::{DateStep, Dates};
pub use counts::rare_demand_within;
pub use drivers::{Driver, Effect, EffectKind};
pub use methods::Method;
pub use newcomer::{Newcomer, age, forecast_newcomer, shows_the_way};
pub use normal::{normal_quantile, normal_share};
pub use options::{Models, Options};
pub use panel::{Executor, InTurn, Request, forecast_all};
pub use result::{Backtest, Class, Explanation, Forecast, ForecastError, Interval, Member, Note, Outlier};
pub use rolling::rolling_errors;
pub use sensing::{Known, sense, usual_share};
pub use series::classify;
pub use stock_out::unconstrain;
pub use treatment::{Cause, Change, Shift, Treatment};

use panel::GlobalPart;

/// The competitions' benchmark: the last value, with classical seasonal indices where the season passes the test.
pub fn naive2(history: &[f64], season: usize, horizon: usize) -> Vec<f64> {
    methods::naive2(history, season, horizon)
}

/// Forecasts a series, oldest value first, `None` where a bucket's value is not known.
///
/// Deterministic; no bad number comes out of finite ones; asking for more buckets never changes the mean of the first ones; demand
/// that was never negative is not forecast below zero.
///
/// ```
/// use grid_engine::forecast::{Options, forecast};
/// let months: Vec<Option<f64>> =
///     (0..48).map(|t| Some((100.0 + f64::from(t)) * [0.8, 1.0, 1.3, 0.9][t as usize % 4])).collect();
/// let result = forecast(&months, &Options { horizon: 4, season: 4, ..Options::default() })?;
/// assert_eq!(result.mean.len(), 4);
/// assert!(result.mean[2] > result.mean[0], "the season is carried on");
/// assert!(result.explanation.seasonal);
/// # Ok::<(), grid_engine::forecast::ForecastError>(())
/// ```
///
/// # Errors
/// See [`ForecastError`]; its text says what to do.
pub fn forecast(history: &[Option<f64>], options: &Options) -> Result<Forecast, ForecastError> {
    single::fit(history, options)?.finish(None, None)
}
