//! How errors of the places in a hierarchy go together, and what moves least by them.

use super::Base;
use crate::forecast::linear::Cholesky;

/// Covariance of errors as D·λ + E·Eᵀ·(1 − λ)/T: never written out, because only products with it are needed.
pub(super) struct Covariance {
    /// λ times the variances.
    pub variances: Vec<f64>,
    /// Errors by time, one list per bucket.
    pub shared: Vec<Vec<f64>>,
    /// (1 − λ) ÷ T.
    pub share: f64,
}

impl Covariance {
    /// Shrunk towards its diagonal by Schäfer & Strimmer (2005).
    pub fn of(base: &[Base]) -> Self {
        let buckets = base.iter().map(|one| one.errors.len()).max().unwrap_or(0);
        let error = |one: &Base, bucket: usize| {
            // Aligned at the end: the latest bucket is everyone's last.
            (bucket + one.errors.len()).checked_sub(buckets).map_or(0.0, |at| one.errors[at])
        };
        let shared: Vec<Vec<f64>> =
            (0..buckets).map(|bucket| base.iter().map(|one| error(one, bucket)).collect()).collect();
        let raw = |at: usize| shared.iter().map(|errors| errors[at] * errors[at]).sum::<f64>() / buckets.max(1) as f64;
        let mut variances: Vec<f64> = (0..base.len()).map(raw).collect();
        // A node that never erred, or of which nothing is known, counts as certain as its size allows.
        for (variance, one) in variances.iter_mut().zip(base) {
            let size = one.mean.iter().map(|value| value.abs()).sum::<f64>() / one.mean.len().max(1) as f64;
            *variance = variance.max((1e-3 * size).powi(2)).max(1e-12);
        }
        let lambda = shrinkage(&shared, &variances);
        variances.iter_mut().for_each(|variance| *variance *= lambda);
        Self { variances, shared, share: (1.0 - lambda) / buckets.max(1) as f64 }
    }

    /// The nearest values to `own` in this covariance that keep every row's sum.
    pub fn project(&self, own: &[f64], rows: &[(Vec<(usize, f64)>, f64)]) -> Option<Vec<f64>> {
        if rows.is_empty() {
            return Some(own.to_vec());
        }
        let count = rows.len();
        let along: Vec<Vec<f64>> = rows
            .iter()
            .map(|(row, _)| self.shared.iter().map(|errors| row.iter().map(|(at, c)| c * errors[*at]).sum()).collect())
            .collect();
        let mut dense = vec![0.0; own.len()];
        let mut matrix = vec![0.0; count * count];
        for (first, (row, _)) in rows.iter().enumerate() {
            row.iter().for_each(|(at, c)| dense[*at] = c * self.variances[*at]);
            for (second, (other, _)) in rows.iter().enumerate().take(first + 1) {
                let apart: f64 = other.iter().map(|(at, c)| c * dense[*at]).sum();
                let together: f64 = along[first].iter().zip(&along[second]).map(|(a, b)| a * b).sum();
                matrix[first * count + second] = apart + self.share * together;
                matrix[second * count + first] = matrix[first * count + second];
            }
            row.iter().for_each(|(at, _)| dense[*at] = 0.0);
        }
        let factor = Cholesky::new(&matrix, count)?;
        let mut values = own.to_vec();
        // Once more for the rounding of the first time.
        for _ in 0..2 {
            let gaps: Vec<f64> = rows
                .iter()
                .map(|(row, target)| row.iter().map(|(at, c)| c * values[*at]).sum::<f64>() - target)
                .collect();
            let pulls = factor.solve(&gaps);
            let common: Vec<f64> = (0..self.shared.len())
                .map(|bucket| self.share * along.iter().zip(&pulls).map(|(row, pull)| row[bucket] * pull).sum::<f64>())
                .collect();
            for (at, value) in values.iter_mut().enumerate() {
                *value -= self.shared.iter().zip(&common).map(|(errors, pull)| errors[at] * pull).sum::<f64>();
            }
            for ((row, _), pull) in rows.iter().zip(&pulls) {
                row.iter().for_each(|(at, c)| values[*at] -= self.variances[*at] * c * pull);
            }
        }
        Some(values)
    }
}

/// How much of the correlations is chance: Σ Var(r) ÷ Σ r² over pairs, between 0.05 and 1.
fn shrinkage(shared: &[Vec<f64>], variances: &[f64]) -> f64 {
    let buckets = shared.len() as f64;
    if buckets < 3.0 {
        return 1.0;
    }
    let scaled: Vec<Vec<f64>> = shared
        .iter()
        .map(|errors| errors.iter().zip(variances).map(|(error, variance)| error / variance.sqrt()).collect())
        .collect();
    // Σ over pairs of (Σ products)² and of Σ products², from products of buckets instead of pairs of nodes.
    let (mut squares, mut fourth) = (0.0, 0.0);
    for (number, first) in scaled.iter().enumerate() {
        for second in &scaled[..=number] {
            let product: f64 = first.iter().zip(second).map(|(a, b)| a * b).sum();
            let own: f64 = first.iter().zip(second).map(|(a, b)| a * a * b * b).sum();
            let twice = if std::ptr::eq(first, second) { 1.0 } else { 2.0 };
            squares += twice * (product * product - own);
        }
        let size: f64 = first.iter().map(|value| value * value).sum();
        fourth += size * size - first.iter().map(|value| value.powi(4)).sum::<f64>();
    }
    let correlations = squares / (buckets * buckets);
    let chance = (fourth - squares / buckets) * buckets / (buckets - 1.0).powi(3);
    if correlations <= 0.0 { 1.0 } else { (chance / correlations).clamp(0.05, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the sums written out pair by pair.
    #[test]
    fn shrinkage_equals_its_definition() {
        let shared: Vec<Vec<f64>> = (0..9_u32)
            .map(|t| {
                (0..4_u32).map(|n| f64::from((t * t * 7 + n * 5 + t * n) % 11) / 5.0 - 1.0 + f64::from(t % 3)).collect()
            })
            .collect();
        let buckets = 9.0;
        let variances: Vec<f64> = (0..4).map(|n| shared.iter().map(|e| e[n] * e[n]).sum::<f64>() / buckets).collect();
        let (mut chance, mut squares) = (0.0, 0.0);
        for i in 0..4 {
            for j in (0..4).filter(|j| *j != i) {
                let products: Vec<f64> =
                    shared.iter().map(|e| e[i] * e[j] / (variances[i] * variances[j]).sqrt()).collect();
                let mean = products.iter().sum::<f64>() / buckets;
                squares += mean * mean;
                chance += products.iter().map(|p| (p - mean).powi(2)).sum::<f64>() * buckets / (buckets - 1.0).powi(3);
            }
        }
        let expected = (chance / squares).clamp(0.05, 1.0);
        assert!((shrinkage(&shared, &variances) - expected).abs() < 1e-9);
    }
}
