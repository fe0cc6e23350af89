//! What the same driver does to the series of a run, so that each estimate is held near to the others.

use std::collections::BTreeMap;

use super::{EffectKind, Study};

/// The fewest series whose effects are compared with each other.
const POOL: usize = 3;

/// What drivers do to the series of a run, by kind of effect and name.
#[derive(Default)]
pub(in crate::forecast) struct Pool {
    drivers: BTreeMap<(u8, String), Common>,
}

/// What one driver does to several series.
struct Common {
    series: usize,
    /// Mean and variance; `None` of too few.
    expected: Option<(f64, f64)>,
}

impl Pool {
    /// Means and variances over series, each weighted by how well it is known (DerSimonian & Laird 1986).
    pub fn new<'s>(studies: impl Iterator<Item = &'s Study<'s>>) -> Self {
        let mut found: BTreeMap<(u8, String), Vec<(f64, f64)>> = BTreeMap::new();
        for study in studies {
            let Some(fit) = &study.own else { continue };
            for (at, driver) in study.drivers.iter().enumerate() {
                if study.signals[at].spread > 0.0 {
                    let key = (study.kind(at) as u8, driver.name.clone());
                    found.entry(key).or_default().push(study.size(fit, at));
                }
            }
        }
        let pooled =
            found.into_iter().map(|(key, sizes)| (key, Common { series: sizes.len(), expected: expected(&sizes) }));
        Self { drivers: pooled.collect() }
    }

    pub(super) fn expected(&self, kind: EffectKind, name: &str) -> Option<(f64, f64)> {
        self.drivers.get(&(kind as u8, name.to_owned()))?.expected
    }

    pub(super) fn count(&self, kind: EffectKind, name: &str) -> usize {
        self.drivers.get(&(kind as u8, name.to_owned())).map_or(0, |common| common.series)
    }
}

/// Mean and variance of true effects behind estimates with variances; `None` of too few.
fn expected(sizes: &[(f64, f64)]) -> Option<(f64, f64)> {
    if sizes.len() < POOL {
        return None;
    }
    let least = sizes.iter().map(|size| size.1).fold(0.0, f64::max).max(1e-12) * 1e-6;
    let weighted = |extra: f64| {
        let weights = sizes.iter().map(|(_, variance)| 1.0 / (variance + extra).max(least));
        let (mut total, mut squares, mut sum) = (0.0, 0.0, 0.0);
        for (weight, (size, _)) in weights.zip(sizes) {
            total += weight;
            squares += weight * weight;
            sum += weight * size;
        }
        (sum / total, total, squares)
    };
    let (mean, total, squares) = weighted(0.0);
    let scatter: f64 = sizes.iter().map(|(size, variance)| (size - mean).powi(2) / variance.max(least)).sum();
    let freedom = sizes.len() as f64 - 1.0;
    let between = ((scatter - freedom) / (total - squares / total)).max(0.0);
    let (mean, total, _) = weighted(between);
    let variance = between + 1.0 / total;
    (mean.is_finite() && variance.is_finite()).then_some((mean, variance))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Three alike and exact: the mean, hardly any variance. Equal variances of 1 around 0, 3, 6: the method of moments
    /// gives a variance between series of 9 − 1 = 8, and (8 + 1) ÷ 3 of the mean's own.
    #[test]
    fn effects_of_others_by_hand() {
        let (mean, variance) = expected(&[(0.0, 1.0), (3.0, 1.0), (6.0, 1.0)]).unwrap();
        assert!((mean - 3.0).abs() < 1e-12 && (variance - 11.0).abs() < 1e-9, "{mean} {variance}");
        let (mean, variance) = expected(&[(2.0, 0.1); 3]).unwrap();
        assert!((mean - 2.0).abs() < 1e-12 && variance < 0.04);
        assert!(expected(&[(2.0, 0.1); 2]).is_none());
    }
}
