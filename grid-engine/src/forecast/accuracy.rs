//! How far forecasts were from what happened.
//!
//! Shares are fractions (0.2 is 20 %). `None` means that the measure has no value, because its
//! denominator is zero or there is nothing to measure: it is shown blank, never as 0 %.

/// One bucket's forecast, as it was known at the lag under study, beside what happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    pub actual: f64,
    pub forecast: f64,
}

/// Absolute error as a share of total demand (WAPE).
///
/// Zero-demand buckets count through their error, never as a divisor, so intermittent
/// items stay comparable. `None` when nothing was demanded.
///
/// ```
/// # use grid_engine::forecast::accuracy::{Outcome, wape};
/// let weeks = [Outcome { actual: 100.0, forecast: 90.0 }, Outcome { actual: 0.0, forecast: 10.0 }];
/// assert_eq!(wape(&weeks), Some(0.2));
/// ```
pub fn wape(outcomes: &[Outcome]) -> Option<f64> {
    let demanded: f64 = outcomes.iter().map(|o| o.actual).sum();
    ratio(outcomes.iter().map(absolute_error).sum(), demanded)
}

/// Mean absolute percentage error over the buckets with demand. `None` when there is none.
///
/// ```
/// # use grid_engine::forecast::accuracy::{Outcome, mape};
/// let weeks = [Outcome { actual: 100.0, forecast: 90.0 }, Outcome { actual: 50.0, forecast: 60.0 }];
/// assert_eq!(mape(&weeks).map(|share| (share * 1e6).round()), Some(150_000.0));
/// ```
pub fn mape(outcomes: &[Outcome]) -> Option<f64> {
    mean(outcomes.iter().filter(|o| o.actual != 0.0).map(|o| absolute_error(o) / o.actual.abs()))
}

/// Symmetric absolute percentage error as the M competitions define it: mean of 2·|A−F| ÷ (|A|+|F|).
///
/// A bucket where both are zero has no error and counts as such. Between 0 and 2.
///
/// ```
/// # use grid_engine::forecast::accuracy::{Outcome, smape};
/// assert_eq!(smape(&[Outcome { actual: 100.0, forecast: 300.0 }]), Some(1.0));
/// ```
pub fn smape(outcomes: &[Outcome]) -> Option<f64> {
    mean(outcomes.iter().map(|o| {
        let size = o.actual.abs() + o.forecast.abs();
        if size == 0.0 { 0.0 } else { 2.0 * absolute_error(o) / size }
    }))
}

/// Mean absolute error measured in errors of the in-sample seasonal naive forecast (Hyndman & Koehler 2006).
///
/// `None` for a history without change from season to season, or shorter than two seasons.
///
/// ```
/// # use grid_engine::forecast::accuracy::{Outcome, mase};
/// let history = [10.0, 12.0, 11.0, 13.0]; // mean absolute step: 5/3
/// assert_eq!(mase(&[Outcome { actual: 15.0, forecast: 10.0 }], &history, 1), Some(3.0));
/// ```
pub fn mase(outcomes: &[Outcome], history: &[f64], season: usize) -> Option<f64> {
    ratio(mean(outcomes.iter().map(absolute_error))?, seasonal_naive_error(history, season)?)
}

/// Root mean squared error measured in in-sample one-step naive errors, from the first demand on, as the
/// M5 competition scores it.
///
/// ```
/// # use grid_engine::forecast::accuracy::{Outcome, rmsse};
/// assert_eq!(rmsse(&[Outcome { actual: 5.0, forecast: 1.0 }], &[0.0, 2.0, 4.0]), Some(2.0));
/// ```
pub fn rmsse(outcomes: &[Outcome], history: &[f64]) -> Option<f64> {
    let first = history.iter().position(|value| *value != 0.0)?;
    let scale = mean(history[first..].windows(2).map(|pair| (pair[1] - pair[0]).powi(2)))?;
    let squared = mean(outcomes.iter().map(|o| absolute_error(o).powi(2)))?;
    ratio(squared, scale).map(f64::sqrt)
}

/// Σ(F−A) ÷ ΣA: positive means over-forecast. `None` when nothing was demanded.
///
/// ```
/// # use grid_engine::forecast::accuracy::{Outcome, bias};
/// assert_eq!(bias(&[Outcome { actual: 100.0, forecast: 110.0 }]), Some(0.1));
/// ```
pub fn bias(outcomes: &[Outcome]) -> Option<f64> {
    ratio(outcomes.iter().map(|o| o.forecast - o.actual).sum(), outcomes.iter().map(|o| o.actual).sum())
}

/// Σ(F−A) ÷ MAD: beyond ±4 the forecast is out of control; positive means over-forecast.
///
/// ```
/// # use grid_engine::forecast::accuracy::{Outcome, tracking_signal};
/// let always_high = [Outcome { actual: 10.0, forecast: 12.0 }; 5];
/// assert_eq!(tracking_signal(&always_high), Some(5.0));
/// ```
pub fn tracking_signal(outcomes: &[Outcome]) -> Option<f64> {
    ratio(outcomes.iter().map(|o| o.forecast - o.actual).sum(), mean(outcomes.iter().map(absolute_error))?)
}

/// The M4 competition's overall weighted average: half of sMAPE and half of MASE, each relative to Naive2's.
pub fn owa(smape: f64, mase: f64, naive2_smape: f64, naive2_mase: f64) -> Option<f64> {
    Some((ratio(smape, naive2_smape)? + ratio(mase, naive2_mase)?) / 2.0)
}

/// Mean absolute change from one season to the next: MASE's denominator.
pub fn seasonal_naive_error(history: &[f64], season: usize) -> Option<f64> {
    let season = season.max(1);
    let later = history.get(season..)?;
    mean(later.iter().zip(history).map(|(now, before)| (now - before).abs()))
}

fn absolute_error(outcome: &Outcome) -> f64 {
    (outcome.actual - outcome.forecast).abs()
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values {
        sum += value;
        count += 1.0;
    }
    ratio(sum, count)
}

fn ratio(numerator: f64, denominator: f64) -> Option<f64> {
    let quotient = numerator / denominator;
    (denominator != 0.0 && quotient.is_finite()).then_some(quotient)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn nothing_to_measure_is_blank() {
        assert_eq!(wape(&[]), None);
        assert_eq!(wape(&[Outcome { actual: 0.0, forecast: 3.0 }]), None);
        assert_eq!(mape(&[Outcome { actual: 0.0, forecast: 3.0 }]), None);
        assert_eq!(tracking_signal(&[Outcome { actual: 3.0, forecast: 3.0 }]), None);
        assert_eq!(mase(&[Outcome { actual: 3.0, forecast: 3.0 }], &[2.0; 30], 12), None);
        assert_eq!(rmsse(&[Outcome { actual: 3.0, forecast: 3.0 }], &[0.0; 30]), None);
    }

    #[test]
    fn naive2_scores_one() {
        assert_eq!(owa(13.0, 1.1, 13.0, 1.1), Some(1.0));
        assert_eq!(owa(6.5, 1.1, 13.0, 1.1), Some(0.75));
    }

    #[test]
    fn small_case_by_hand() {
        let outcomes: Vec<_> =
            [(10.0, 12.0), (20.0, 18.0), (30.0, 33.0)].map(|(actual, forecast)| Outcome { actual, forecast }).to_vec();
        assert!((wape(&outcomes).unwrap() - 7.0 / 60.0).abs() < 1e-12);
        assert!((bias(&outcomes).unwrap() - 3.0 / 60.0).abs() < 1e-12);
        assert!((mape(&outcomes).unwrap() - 0.4 / 3.0).abs() < 1e-12);
        assert!((tracking_signal(&outcomes).unwrap() - 3.0 / (7.0 / 3.0)).abs() < 1e-12);
    }
}
