//! What forecasts of the known past missed by, over several buckets ahead: the whole procedure from one origin after
//! another.
//!
//! A forecast carries the errors of two origins at most, which are enough for its weights and too few for how they are
//! distributed over a lead time (Tashman 2000, International Journal of Forecasting 16(4), on rolling origins). Every
//! origin costs a forecast, so this is done where it is asked for only.

use super::{ForecastError, Options, forecast};

/// What an origin must know at least: a level and how it varies.
const LEAST_KNOWN: usize = 4;

/// Errors, actual − forecast, of forecasts from up to `origins` origins, each one bucket after the one before it: for
/// every origin, oldest first, the errors of the next `ahead` buckets.
///
/// An origin knows at least half of the history, since forecasts from much less say little about today's, and at least
/// four buckets; one whose next buckets are not all known is left out, as is one from which the methods asked for
/// cannot forecast. Empty where there is none. What an origin does not know has no part in its forecast, weights of the
/// methods included.
///
/// ```
/// use grid_engine::forecast::{Options, rolling_errors};
/// let months: Vec<Option<f64>> = (0..40_u32).map(|t| Some(f64::from(100 + t * 7 % 5))).collect();
/// let errors = rolling_errors(&months, &Options { season: 1, ..Options::default() }, 3, 12)?;
/// assert_eq!((errors.len(), errors[0].len()), (12, 3));
/// # Ok::<(), grid_engine::forecast::ForecastError>(())
/// ```
///
/// # Errors
/// Those of [`forecast`] that every origin has: bad options, values that are no numbers, a history without any.
pub fn rolling_errors(
    history: &[Option<f64>],
    options: &Options,
    ahead: usize,
    origins: usize,
) -> Result<Vec<Vec<f64>>, ForecastError> {
    let options = Options { horizon: ahead, levels: Vec::new(), ..options.clone() };
    options.check()?;
    if let Some(at) = history.iter().position(|value| value.is_some_and(|value| !value.is_finite())) {
        return Err(ForecastError::NotFinite { at });
    }
    let first = history.iter().position(Option::is_some).ok_or(ForecastError::AllMissing { buckets: history.len() })?;
    let history = &history[first..];
    let known = history.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    let least = LEAST_KNOWN.max(known.div_ceil(2));
    let mut found = Vec::new();
    for origin in (least..=known.saturating_sub(ahead)).rev() {
        let Some(actual) = history[origin..origin + ahead].iter().copied().collect::<Option<Vec<f64>>>() else {
            continue;
        };
        match forecast(&history[..origin], &options) {
            Ok(path) => found.push(actual.iter().zip(&path.mean).map(|(actual, mean)| actual - mean).collect()),
            Err(ForecastError::TooShort { .. } | ForecastError::Numeric) => {}
            Err(reason) => return Err(reason),
        }
        if found.len() == origins {
            break;
        }
    }
    found.reverse();
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::forecast::Models;

    fn options(models: &str) -> Options {
        Options { season: 1, models: models.parse().unwrap(), ..Options::default() }
    }

    /// The naive forecast is the last value: from 16 it misses 25 and 36 by 9 and 20.
    #[test]
    fn errors_by_hand() {
        let squares: Vec<Option<f64>> = (1..=7_u32).map(|n| Some(f64::from(n * n))).collect();
        let errors = rolling_errors(&squares, &options("naive"), 2, 10).unwrap();
        assert_eq!(errors, [[9.0, 20.0], [11.0, 24.0]]);
        assert_eq!(rolling_errors(&squares, &options("naive"), 2, 1).unwrap(), [[11.0, 24.0]], "the newest");
        assert_eq!(rolling_errors(&squares, &options("naive"), 4, 10).unwrap(), Vec::<Vec<f64>>::new());
    }

    #[test]
    fn what_is_not_known_is_no_error() {
        let gap = [Some(5.0), Some(5.0), Some(5.0), Some(6.0), None, Some(7.0), Some(9.0), None, None];
        // From the fifth bucket on, which is not known, the naive forecast is still 6.
        assert_eq!(rolling_errors(&gap, &options("naive"), 1, 10).unwrap(), [[1.0], [2.0]]);
        assert!(matches!(rolling_errors(&[None], &options("naive"), 1, 5), Err(ForecastError::AllMissing { .. })));
        assert!(matches!(rolling_errors(&gap, &options("naive"), 0, 5), Err(ForecastError::Horizon { .. })));
    }

    /// Another future leaves the errors of origins that do not reach into it as they were.
    #[test]
    fn no_origin_sees_its_future() {
        let before: Vec<Option<f64>> = (0..30_u32).map(|t| Some(f64::from(50 + t * 11 % 7))).collect();
        let mut after = before.clone();
        after[29] = Some(900.0);
        let models = Options { season: 1, models: Models::Auto, ..Options::default() };
        let [one, other] = [&before, &after].map(|history| rolling_errors(history, &models, 1, 8).unwrap());
        assert_eq!(one[..7], other[..7]);
        assert_ne!(one[7], other[7]);
    }
}
