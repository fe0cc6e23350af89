//! Values that do not fit their neighbourhood. They are proposed, never replaced.

use super::combine::median;
use super::methods::Sample;

/// Half the width of the running median.
const REACH: usize = 3;
/// Residuals beyond this many (normal-consistent) median absolute deviations stand out.
const LIMIT: f64 = 3.0;

/// Positions of outliers with the value expected there, by residuals of the seasonally adjusted series from its
/// running median.
pub(super) fn outliers(sample: &Sample) -> Vec<(usize, f64)> {
    let series = &sample.adjusted;
    if series.len() < 2 * REACH + 6 {
        return Vec::new();
    }
    let mut window = Vec::with_capacity(2 * REACH + 1);
    let smooth: Vec<f64> = (0..series.len())
        .map(|at| {
            let (from, to) = (at.saturating_sub(REACH), (at + REACH + 1).min(series.len()));
            window.clear();
            window.extend_from_slice(&series[from..to]);
            median(&mut window)
        })
        .collect();
    let residuals: Vec<f64> = series.iter().zip(&smooth).map(|(value, middle)| value - middle).collect();
    let mut sizes: Vec<f64> = residuals.iter().map(|residual| residual.abs()).collect();
    let deviation = 1.4826 * median(&mut sizes);
    if deviation <= 0.0 {
        return Vec::new();
    }
    let mut expected = smooth;
    sample.indices.restore(&mut expected, 0);
    residuals
        .iter()
        .zip(expected)
        .enumerate()
        .filter(|(_, (residual, _))| residual.abs() > LIMIT * deviation)
        .map(|(at, (_, expected))| (at, expected))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spike_is_proposed() {
        let mut series: Vec<f64> = (0..40).map(|t| 100.0 + f64::from((t * 7) % 5)).collect();
        series[20] = 300.0;
        let found = outliers(&Sample::new(&series, 1));
        assert_eq!(found.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [20]);
        assert!((found[0].1 - 102.0).abs() < 3.0);
    }
}
