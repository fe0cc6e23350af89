//! How good forecasts were.

use super::super::Better::{Higher, Lower, NearZero};
use super::super::Unit::{Number, Percent, Points};
use super::super::{Definition, Formula, Native};
use super::{ASCM, TEXTBOOK, define};

pub(super) fn figures() -> Vec<Definition> {
    let native = |id, name, unit, better, inputs, formula, words| {
        define(id, name, unit, better, inputs, Formula::Native(formula), words, TEXTBOOK)
    };
    vec![
        native(
            "forecast_accuracy",
            "Forecast accuracy",
            Percent,
            Higher,
            "forecast, actual",
            Native::ForecastAccuracy,
            "1 − Σ|actual − forecast| ÷ Σ actual, not below 0",
        ),
        native(
            "wape",
            "Weighted absolute percentage error",
            Percent,
            Lower,
            "forecast, actual",
            Native::Wape,
            "Σ|actual − forecast| ÷ Σ actual",
        ),
        native(
            "mape",
            "Mean absolute percentage error",
            Percent,
            Lower,
            "forecast, actual",
            Native::Mape,
            "Mean of |actual − forecast| ÷ actual over buckets with demand",
        ),
        native(
            "smape",
            "Symmetric MAPE",
            Percent,
            Lower,
            "forecast, actual",
            Native::Smape,
            "Mean of 2·|actual − forecast| ÷ (|actual| + |forecast|)",
        ),
        native(
            "mase",
            "Mean absolute scaled error",
            Number,
            Lower,
            "forecast, actual, history, season=1",
            Native::Mase,
            "Mean |actual − forecast| ÷ mean in-sample error of the seasonal naive forecast; below 1 beats it",
        ),
        native(
            "bias",
            "Bias",
            Percent,
            NearZero,
            "forecast, actual",
            Native::Bias,
            "Σ(forecast − actual) ÷ Σ actual; positive is over-forecast, nearest to 0 is best",
        ),
        define(
            "tracking_signal",
            "Tracking signal",
            Number,
            NearZero,
            "forecast, actual",
            Formula::Native(Native::TrackingSignal),
            "Σ(forecast − actual) ÷ mean |error|; positive is over-forecast, beyond ±4 is an alarm",
            ASCM,
        ),
        native(
            "fva",
            "Forecast value added",
            Points,
            Higher,
            "previous, forecast, actual",
            Native::ForecastValueAdded,
            "WAPE of the previous step's forecast − WAPE of this step's; positive means this step helped",
        ),
    ]
}
