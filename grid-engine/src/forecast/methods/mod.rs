//! The forecasting methods. Each sees a [`Sample`] and gives one value per step ahead.

mod arima;
mod autoregression;
mod ces;
mod ets;
mod intermittent;
mod naive;
mod regression;
mod theta;

use serde::{Deserialize, Serialize};

use super::season::{self, Indices, Kind};

pub(super) use naive::naive2;

/// A forecasting method, by its name in the literature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The last value.
    Naive,
    /// The value one season ago.
    SeasonalNaive,
    /// The last value moved by the mean change.
    Drift,
    /// The mean of the recent two seasons.
    Mean,
    /// Simple exponential smoothing of the seasonally adjusted series.
    Ses,
    /// Holt's linear trend on the seasonally adjusted series.
    Holt,
    /// Damped trend on the seasonally adjusted series (Gardner & McKenzie 1985).
    Damped,
    /// Exponential smoothing with evolving seasons, averaged over models by AICc (Hyndman et al. 2008).
    Ets,
    /// The classic theta method (Assimakopoulos & Nikolopoulos 2000).
    Theta,
    /// The dynamic optimised theta model (Fiorucci et al. 2016).
    Dotm,
    /// Complex exponential smoothing (Svetunkov, Kourentzes & Ord 2022).
    Ces,
    /// Autoregression of differences, order by AICc.
    Ar,
    /// Seasonal ARIMA by conditional sum of squares over a few orders (Box & Jenkins).
    Arima,
    /// A straight line and a fixed season with errors that carry over.
    Regression,
    /// Croston's method for intermittent demand (1972).
    Croston,
    /// Croston's method without its bias (Syntetos & Boylan 2005).
    Sba,
    /// Probability and size of demand smoothed apart (Teunter, Syntetos & Babai 2011).
    Tsb,
    /// Smoothing of sums over the mean demand interval (Nikolopoulos et al. 2011).
    Adida,
    /// ADIDA averaged over aggregation levels (Petropoulos & Kourentzes 2015).
    Imapa,
    /// No demand any more.
    Zero,
    /// Gradient-boosted trees learned from all series that are forecast together.
    Global,
}

impl Method {
    /// Every method, in the order of the enum.
    pub const ALL: [Self; 21] = [
        Self::Naive,
        Self::SeasonalNaive,
        Self::Drift,
        Self::Mean,
        Self::Ses,
        Self::Holt,
        Self::Damped,
        Self::Ets,
        Self::Theta,
        Self::Dotm,
        Self::Ces,
        Self::Ar,
        Self::Arima,
        Self::Regression,
        Self::Croston,
        Self::Sba,
        Self::Tsb,
        Self::Adida,
        Self::Imapa,
        Self::Zero,
        Self::Global,
    ];

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Naive => "Naive",
            Self::SeasonalNaive => "Seasonal naive",
            Self::Drift => "Drift",
            Self::Mean => "Mean",
            Self::Ses => "Simple exponential smoothing",
            Self::Holt => "Holt's linear trend",
            Self::Damped => "Damped trend",
            Self::Ets => "Exponential smoothing (ETS)",
            Self::Theta => "Theta",
            Self::Dotm => "Dynamic optimised theta",
            Self::Ces => "Complex exponential smoothing",
            Self::Ar => "Autoregression",
            Self::Arima => "Seasonal ARIMA",
            Self::Regression => "Regression",
            Self::Croston => "Croston",
            Self::Sba => "Syntetos-Boylan",
            Self::Tsb => "Teunter-Syntetos-Babai",
            Self::Adida => "ADIDA",
            Self::Imapa => "IMAPA",
            Self::Zero => "No demand",
            Self::Global => "Learned from all series",
        }
    }

    /// The name people type: lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Naive => "naive",
            Self::SeasonalNaive => "seasonal_naive",
            Self::Drift => "drift",
            Self::Mean => "mean",
            Self::Ses => "ses",
            Self::Holt => "holt",
            Self::Damped => "damped",
            Self::Ets => "ets",
            Self::Theta => "theta",
            Self::Dotm => "dotm",
            Self::Ces => "ces",
            Self::Ar => "ar",
            Self::Arima => "arima",
            Self::Regression => "regression",
            Self::Croston => "croston",
            Self::Sba => "sba",
            Self::Tsb => "tsb",
            Self::Adida => "adida",
            Self::Imapa => "imapa",
            Self::Zero => "zero",
            Self::Global => "global",
        }
    }

    /// The method of that name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name().eq_ignore_ascii_case(name.trim()))
    }

    /// Forecasts `horizon` steps; `None` where the history does not allow the method.
    pub(super) fn run(self, sample: &Sample, horizon: usize) -> Option<Vec<f64>> {
        let forecast = match self {
            Self::Naive => naive::naive(sample, horizon),
            Self::SeasonalNaive => naive::seasonal_naive(sample, horizon),
            Self::Drift => naive::drift(sample, horizon),
            Self::Mean => naive::mean(sample, horizon),
            Self::Ses => ets::ses(sample, horizon),
            Self::Holt => ets::holt(sample, horizon),
            Self::Damped => ets::damped(sample, horizon),
            Self::Ets => ets::averaged(sample, horizon),
            Self::Theta => theta::classic(sample, horizon),
            Self::Dotm => theta::dynamic(sample, horizon),
            Self::Ces => ces::ces(sample, horizon),
            Self::Ar => autoregression::ar(sample, horizon),
            Self::Arima => arima::arima(sample, horizon),
            Self::Regression => regression::line_and_season(sample, horizon),
            Self::Croston => intermittent::croston(sample.series, horizon),
            Self::Sba => intermittent::sba(sample.series, horizon),
            Self::Tsb => intermittent::tsb(sample.series, horizon),
            Self::Adida => intermittent::adida(sample.series, horizon),
            Self::Imapa => intermittent::imapa(sample.series, horizon),
            Self::Zero => intermittent::zero(horizon),
            // Learned from a panel; one series is none.
            Self::Global => None,
        }?;
        forecast.iter().all(|value| value.is_finite()).then_some(forecast)
    }
}

/// Autocorrelation at the seasonal lag, in standard errors, from which on a season is modelled. Lower than a test
/// would ask for, because shrinking the indices already takes away what is chance.
const SOME_EVIDENCE: f64 = 1.0;

/// What every method starts from: the series up to an origin, and its decomposition, made once.
pub(super) struct Sample<'a> {
    pub series: &'a [f64],
    /// Points per season as asked for; 1 for none.
    pub season: usize,
    /// Whether there is some evidence of a season.
    pub seasonal: bool,
    /// How much: the autocorrelation at the seasonal lag in its standard errors.
    pub evidence: f64,
    /// Whether every value is above zero, so that ratios and logarithms mean something.
    pub positive: bool,
    /// The season's indices, or none.
    pub indices: Indices,
    /// The series without season.
    pub adjusted: Vec<f64>,
}

impl<'a> Sample<'a> {
    /// Tests and removes the season.
    pub fn new(series: &'a [f64], season: usize) -> Self {
        let smallest = series.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = series.iter().copied().fold(0.0, f64::max);
        let positive = smallest > 0.0 && smallest > 1e-6 * largest;
        let evidence = season::evidence(series, season);
        let seasonal = evidence > SOME_EVIDENCE;
        let indices = seasonal.then(|| {
            let kind = if positive { Kind::Multiplicative } else { Kind::Additive };
            season::shrunken(series, season, kind).or_else(|| season::shrunken(series, season, Kind::Additive))
        });
        let indices = indices.flatten().unwrap_or_else(Indices::none);
        let adjusted = indices.remove(series);
        Self { series, season: season.max(1), seasonal, evidence, positive, indices, adjusted }
    }

    /// Forecasts of the adjusted series with the season put back.
    fn with_season(&self, mut forecast: Vec<f64>) -> Vec<f64> {
        self.indices.restore(&mut forecast, self.series.len());
        forecast
    }
}
