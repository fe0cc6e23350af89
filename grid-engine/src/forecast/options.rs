//! What to forecast, and with which methods.

use std::fmt;
use std::str::FromStr;

use super::{Class, ForecastError, Method, Treatment};

/// The longest horizon and the longest season: more has no meaning for a plan, and memory has an end.
const MOST_BUCKETS: usize = 1_000;

/// How to forecast a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Buckets to forecast, after the history's last bucket.
    pub horizon: usize,
    /// Buckets per season: 12 for months, 1 for none.
    pub season: usize,
    /// Levels of prediction intervals, in per cent.
    pub levels: Vec<f64>,
    pub models: Models,
    pub treatment: Treatment,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            horizon: 12,
            season: 12,
            levels: vec![80.0, 95.0],
            models: Models::Auto,
            treatment: Treatment::default(),
        }
    }
}

impl Options {
    pub(super) fn check(&self) -> Result<(), ForecastError> {
        if !(1..=MOST_BUCKETS).contains(&self.horizon) {
            return Err(ForecastError::Horizon { horizon: self.horizon, most: MOST_BUCKETS });
        }
        if !(1..=MOST_BUCKETS).contains(&self.season) {
            return Err(ForecastError::Season { season: self.season, most: MOST_BUCKETS });
        }
        match self.levels.iter().find(|level| !(**level > 0.0 && **level < 100.0)) {
            Some(level) => Err(ForecastError::Level { level: *level }),
            None => Ok(()),
        }
    }
}

/// Which methods take part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Models {
    /// Those that suit the series; with enough series at once, also a model learned from all of them.
    #[default]
    Auto,
    /// Those that suit the series, each series by its own history alone.
    Local,
    /// These, combined by their backtests. [`Method::Global`] needs several series at once
    /// ([`super::forecast_all`]); alone, it is set beside the seasonal naive forecast.
    Only(Vec<Method>),
}

/// Demand in most buckets. Learned weights are in this order: a method more or less asks for learning them again.
pub(super) const REGULAR: [Method; 8] = [
    Method::SeasonalNaive,
    Method::Mean,
    Method::Theta,
    Method::Dotm,
    Method::Ets,
    Method::Ces,
    Method::Ar,
    Method::Arima,
];
/// Rare demand without a season.
const RARE: [Method; 5] = [Method::SeasonalNaive, Method::Ses, Method::Tsb, Method::Adida, Method::Imapa];
/// Rare demand with a season in which it may fall: one bucket a season ago says little about it, and neither does the
/// last one.
const SEASONAL_RARE: [Method; 4] = [Method::Tsb, Method::Adida, Method::Imapa, Method::Zero];
/// Buckets from demand to demand from which on [`Method::Zero`] takes part.
const VERY_RARE: f64 = 2.0;
/// Hardly any history.
const SHORT: [Method; 4] = [Method::SeasonalNaive, Method::Naive, Method::Mean, Method::Ses];

impl Models {
    pub(super) fn candidates(&self, class: Class, values: &[f64], season: usize) -> Vec<Method> {
        let demands = values.iter().filter(|value| **value != 0.0).count() as f64;
        let fading = values.len() as f64 >= VERY_RARE * demands;
        match self {
            Self::Only(methods) if methods[..] == [Method::Global] => vec![Method::SeasonalNaive],
            Self::Only(methods) => methods.iter().copied().filter(|method| *method != Method::Global).collect(),
            Self::Auto | Self::Local if class.has_many_zeros() && season > 1 => {
                SEASONAL_RARE[..if fading { 4 } else { 3 }].to_vec()
            }
            Self::Auto | Self::Local if class.has_many_zeros() => RARE.to_vec(),
            Self::Auto | Self::Local if values.len() < 8 => SHORT.to_vec(),
            Self::Auto | Self::Local => REGULAR.to_vec(),
        }
    }
}

impl Models {
    /// Whether a model learned from many series may take part.
    pub(super) fn global(&self) -> bool {
        match self {
            Self::Auto => true,
            Self::Local => false,
            Self::Only(methods) => methods.contains(&Method::Global),
        }
    }
}

impl fmt::Display for Models {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => out.write_str("auto"),
            Self::Local => out.write_str("local"),
            Self::Only(methods) => {
                let names: Vec<&str> = methods.iter().map(|method| method.name()).collect();
                out.write_str(&names.join(","))
            }
        }
    }
}

impl FromStr for Models {
    type Err = ForecastError;

    /// `auto` (or nothing), `local`, or names separated by commas.
    ///
    /// ```
    /// use grid_engine::forecast::{Method, Models};
    /// assert_eq!("auto".parse(), Ok(Models::Auto));
    /// assert_eq!("theta, ETS".parse(), Ok(Models::Only(vec![Method::Theta, Method::Ets])));
    /// assert!("prophet".parse::<Models>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.trim().is_empty() || text.trim().eq_ignore_ascii_case("auto") {
            return Ok(Self::Auto);
        }
        if text.trim().eq_ignore_ascii_case("local") {
            return Ok(Self::Local);
        }
        let mut methods = Vec::new();
        for name in text.split(',') {
            let method = Method::from_name(name).ok_or_else(|| ForecastError::UnknownModel {
                name: name.trim().to_owned(),
                known: Method::ALL.map(Method::name).join(", "),
            })?;
            if !methods.contains(&method) {
                methods.push(method);
            }
        }
        Ok(Self::Only(methods))
    }
}
