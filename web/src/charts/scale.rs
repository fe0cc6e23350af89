//! From values to pixels, with round numbers on the axis.

/// A linear scale: `domain` in values lies on `range` in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Linear {
    domain: (f64, f64),
    range: (f64, f64),
}

impl Linear {
    /// A scale; a domain without extent is widened so that it maps to the middle.
    pub fn new(domain: (f64, f64), range: (f64, f64)) -> Self {
        let (low, high) = domain;
        let domain = if high > low { domain } else { (low - 0.5, low + 0.5) };
        Self { domain, range }
    }

    /// The pixel of a value.
    pub fn at(&self, value: f64) -> f64 {
        let share = (value - self.domain.0) / (self.domain.1 - self.domain.0);
        self.range.0 + share * (self.range.1 - self.range.0)
    }
}

/// Equal places along an axis, one for each bucket or category.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Places {
    count: usize,
    start: f64,
    step: f64,
}

impl Places {
    /// `count` places from pixel `start` to `end`.
    pub fn new(count: usize, start: f64, end: f64) -> Self {
        Self { count, start, step: (end - start) / count.max(1) as f64 }
    }

    /// The pixel where a place begins.
    pub fn left(&self, index: usize) -> f64 {
        self.start + index as f64 * self.step
    }

    /// The middle of a place.
    pub fn middle(&self, index: usize) -> f64 {
        self.left(index) + self.step / 2.0
    }

    /// The width of a place.
    pub fn step(&self) -> f64 {
        self.step
    }

    /// The place a pixel lies in.
    pub fn index_at(&self, pixel: f64) -> Option<usize> {
        let index = ((pixel - self.start) / self.step).floor();
        (index >= 0.0 && index < self.count as f64).then_some(index as usize)
    }
}

/// Round values that cover `low..=high`, about `count` of them, the first ≤ `low`, the last ≥ `high`.
///
/// Steps are 1, 2 or 5 times a power of ten. Source: P. Heckbert, "Nice numbers for graph labels" (1990).
pub fn nice_ticks(low: f64, high: f64, count: usize) -> Vec<f64> {
    let (low, high) = if low.is_finite() && high.is_finite() && high > low { (low, high) } else { (0.0, 1.0) };
    let raw = (high - low) / count.max(1) as f64;
    let power = 10_f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|step| *step >= raw * 0.999).unwrap_or(raw);
    let (first, last) = ((low / step).floor() as i64, (high / step).ceil() as i64);
    // By whole multiples: adding up steps would drift.
    (first..=last).map(|multiple| multiple as f64 * step).collect()
}

/// Smallest and largest finite value.
pub fn extent(values: impl IntoIterator<Item = f64>) -> Option<(f64, f64)> {
    values.into_iter().filter(|value| value.is_finite()).fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((value.min(low), value.max(high))),
    })
}

/// Every how many places a label fits, `label` pixels wide: 1, 2, 3, 6, 12 …
pub fn label_every(step: f64, label: f64) -> usize {
    [1, 2, 3, 6, 12, 24].into_iter().find(|every| *every as f64 * step >= label).unwrap_or(48)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_cover_the_range() {
        for (low, high, count, ticks) in [
            (0.0, 97.0, 4, vec![0.0, 50.0, 100.0]),
            (0.0, 1.0, 5, vec![0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
            (-30.0, 45.0, 4, vec![-40.0, -20.0, 0.0, 20.0, 40.0, 60.0]),
            (12_300.0, 12_900.0, 3, vec![12_200.0, 12_400.0, 12_600.0, 12_800.0, 13_000.0]),
        ] {
            let found = nice_ticks(low, high, count);
            assert_eq!(found.len(), ticks.len(), "{found:?}");
            assert!(found.iter().zip(&ticks).all(|(a, b)| (a - b).abs() < 1e-9), "{found:?}");
        }
        // Nothing to show is still an axis.
        assert_eq!(nice_ticks(5.0, 5.0, 4).first(), Some(&0.0));
        assert!(nice_ticks(f64::NAN, 1.0, 4).len() > 1);
    }

    #[test]
    fn places_find_back_their_index() {
        let places = Places::new(36, 40.0, 700.0);
        assert!((0..36).all(|index| places.index_at(places.middle(index)) == Some(index)));
        assert_eq!(places.index_at(39.0), None);
        assert_eq!(places.index_at(700.5), None);
    }

    #[test]
    fn a_flat_domain_lies_in_the_middle() {
        assert_eq!(Linear::new((3.0, 3.0), (0.0, 10.0)).at(3.0), 5.0);
        assert_eq!(Linear::new((0.0, 10.0), (100.0, 0.0)).at(2.5), 75.0);
        assert_eq!(extent([f64::NAN, 2.0, -1.0]), Some((-1.0, 2.0)));
        assert_eq!(label_every(20.0, 34.0), 2);
    }
}
