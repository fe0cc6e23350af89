//! From recorded history to a series that methods can read.

use super::{Class, ForecastError, Note};

/// The most recent points a fit looks at: 83 years of months. Older ones say nothing about the coming year.
pub(super) const MOST_POINTS: usize = 1_000;

/// A series without gaps, scaled to a mean size of about 1 so that thresholds mean the same for every item.
#[derive(Debug)]
pub(super) struct Prepared {
    pub values: Vec<f64>,
    /// A power of two: scaling loses no digit.
    pub scale: f64,
    /// Position in the history of the first value.
    pub first: usize,
    /// Buckets after the last known value.
    pub gap: usize,
    pub notes: Vec<Note>,
}

/// Drops what precedes the first known value, fills gaps, counts the buckets after the last known one.
///
/// A missing value is not a zero: a gap is filled from its neighbours one season away, else by a line between its
/// ends. Missing buckets at the end are left to be forecast.
pub(super) fn prepare(history: &[Option<f64>], season: usize) -> Result<Prepared, ForecastError> {
    if history.is_empty() {
        return Err(ForecastError::Empty);
    }
    if let Some(at) = history.iter().position(|value| value.is_some_and(|value| !value.is_finite())) {
        return Err(ForecastError::NotFinite { at });
    }
    let (Some(first), Some(last)) =
        (history.iter().position(Option::is_some), history.iter().rposition(Option::is_some))
    else {
        return Err(ForecastError::AllMissing { buckets: history.len() });
    };
    let mut notes = Vec::new();
    let gap = history.len() - 1 - last;
    if gap > 0 {
        notes.push(Note::TrailingGap { buckets: gap });
    }
    let recent = (last + 1).saturating_sub(MOST_POINTS);
    // The bucket where the recent ones begin may be a gap, and gaps are filled between known values only.
    let start = history.iter().skip(recent).position(Option::is_some).map_or(last, |gap| recent + gap);
    if start > first {
        notes.push(Note::Truncated { used: last + 1 - start });
    }
    let span = &history[start..=last];
    let missing = span.iter().filter(|value| value.is_none()).count();
    if missing > 0 {
        notes.push(Note::Filled { buckets: missing });
    }
    let scale = scale_of(span);
    let mut values: Vec<f64> = span.iter().map(|value| value.map_or(f64::NAN, |value| value / scale)).collect();
    if missing > 0 {
        fill(&mut values, season);
    }
    Ok(Prepared { values, scale, first: start, gap, notes })
}

/// The power of two at or below the mean size, so that sums of squares neither overflow nor vanish.
fn scale_of(span: &[Option<f64>]) -> f64 {
    let largest = span.iter().flatten().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    if largest == 0.0 {
        return 1.0;
    }
    let known = span.iter().flatten().count() as f64;
    let mean = span.iter().flatten().map(|value| value.abs() / largest).sum::<f64>() / known * largest;
    // Far larger values than the mean would still overflow when squared.
    mean.max(largest / 1e6).max(f64::MIN_POSITIVE).log2().floor().exp2()
}

/// Fills missing values (NaN). The first and the last value are known.
fn fill(values: &mut [f64], season: usize) {
    let known = values.to_vec();
    if season > 1 {
        for at in 0..known.len() {
            if known[at].is_nan() {
                let before = at.checked_sub(season).map(|at| known[at]).filter(|value| !value.is_nan());
                let after = known.get(at + season).copied().filter(|value| !value.is_nan());
                if let (Some(before), Some(after)) = (before, after) {
                    values[at] = before.midpoint(after);
                }
            }
        }
    }
    let mut left = 0;
    for right in 1..values.len() {
        if values[right].is_nan() {
            continue;
        }
        let (from, to) = (values[left], values[right]);
        let width = (right - left) as f64;
        for (steps, value) in values[left..right].iter_mut().enumerate().skip(1) {
            *value = from + (to - from) * steps as f64 / width;
        }
        left = right;
    }
}

/// The demand pattern of Syntetos, Boylan & Croston (2005): mean interval between demands against 1.32, squared
/// variation of their sizes against 0.49. A bucket without demand is 0; constant for no bucket at all.
///
/// ```
/// use grid_engine::forecast::{Class, classify};
/// assert_eq!(classify(&[9.0, 10.0, 11.0, 10.0]), Class::Smooth);
/// assert_eq!(classify(&[0.0, 5.0, 0.0, 0.0, 5.0, 6.0]), Class::Intermittent);
/// ```
pub fn classify(values: &[f64]) -> Class {
    let Some(first) = values.first() else { return Class::Constant };
    if values.iter().all(|value| value == first) {
        return Class::Constant;
    }
    let sizes = values.iter().filter(|value| **value != 0.0);
    let count = sizes.clone().count() as f64;
    let interval = values.len() as f64 / count;
    let mean = sizes.clone().sum::<f64>() / count;
    let variance = sizes.map(|size| (size - mean).powi(2)).sum::<f64>() / count;
    match (interval >= 1.32, variance >= 0.49 * mean * mean) {
        (false, false) => Class::Smooth,
        (false, true) => Class::Erratic,
        (true, false) => Class::Intermittent,
        (true, true) => Class::Lumpy,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn missing_is_not_zero() {
        let prepared = prepare(&[None, Some(8.0), None, Some(0.0), Some(8.0), None, None], 1).unwrap();
        assert_eq!(prepared.scale, 4.0);
        assert_eq!(prepared.values, [2.0, 1.0, 0.0, 2.0]);
        assert_eq!((prepared.first, prepared.gap), (1, 2));
        assert_eq!(prepared.notes, [Note::TrailingGap { buckets: 2 }, Note::Filled { buckets: 1 }]);
    }

    /// However a history is gappy and wherever it is cut, what is left begins and ends with known values.
    #[test]
    fn what_is_cut_off_leaves_no_gap_at_the_edge() {
        let lasting = MOST_POINTS + 100;
        for gap in [98..99, 99..100, 100..101, 100..102, 90..110, 100..lasting - 1, 1..lasting - 1] {
            let known = |at: usize| (!gap.contains(&at)).then_some(100.0 + (at % 7) as f64);
            let history: Vec<Option<f64>> = (0..lasting).map(known).collect();
            let prepared = prepare(&history, 7).unwrap();
            assert!(prepared.values.iter().all(|value| value.is_finite()), "{gap:?}");
            assert!(history[prepared.first].is_some() && prepared.first >= 100, "{gap:?}");
            assert_eq!(prepared.first + prepared.values.len(), lasting, "{gap:?}");
            assert_eq!(prepared.notes[0], Note::Truncated { used: prepared.values.len() }, "{gap:?}");
        }
    }

    #[test]
    fn gaps_take_the_season_of_their_neighbours() {
        let season = [1.0, 5.0, 1.0, 5.0, 1.0, 5.0, 1.0].map(Some);
        let mut gappy = season.to_vec();
        gappy[3] = None;
        let (whole, filled) = (prepare(&season, 2).unwrap(), prepare(&gappy, 2).unwrap());
        assert_eq!(
            whole.values.iter().map(|v| v * whole.scale).collect::<Vec<_>>(),
            filled.values.iter().map(|v| v * filled.scale).collect::<Vec<_>>()
        );
    }

    #[test]
    fn refuses_with_the_reason() {
        assert_eq!(prepare(&[], 1).unwrap_err(), ForecastError::Empty);
        assert_eq!(prepare(&[None, None], 1).unwrap_err(), ForecastError::AllMissing { buckets: 2 });
        assert_eq!(prepare(&[Some(1.0), Some(f64::NAN)], 1).unwrap_err(), ForecastError::NotFinite { at: 1 });
    }

    #[test]
    fn extreme_sizes_scale_to_about_one() {
        for size in [1e308, 1e-300, f64::MAX, f64::MIN_POSITIVE, 5e-324] {
            let prepared = prepare(&[Some(size), Some(size / 2.0), Some(size)], 1).unwrap();
            assert!(prepared.values.iter().all(|value| value.is_finite() && *value <= 1e7), "{size} {prepared:?}");
        }
    }

    #[test]
    fn patterns_of_demand() {
        assert_eq!(classify(&[10.0, 11.0, 9.0, 10.0]), Class::Smooth);
        assert_eq!(classify(&[10.0, 1.0, 90.0, 10.0]), Class::Erratic);
        assert_eq!(classify(&[0.0, 5.0, 0.0, 5.0]), Class::Intermittent);
        assert_eq!(classify(&[0.0, 1.0, 0.0, 90.0, 0.0, 2.0]), Class::Lumpy);
        assert_eq!(classify(&[7.0; 5]), Class::Constant);
    }
}
