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
    // At the edge of a new level the running median is already, or still, the other one's: what stands out does so
    // from what came before and from what came after.
    let mut stands_out = |at: usize| {
        let mut from = |side: &[f64]| {
            window.clear();
            window.extend_from_slice(side);
            if side.is_empty() { residuals[at] } else { series[at] - median(&mut window) }
        };
        let (before, after) =
            (from(&series[at.saturating_sub(REACH)..at]), from(&series[at + 1..(at + 1 + REACH).min(series.len())]));
        before * after > 0.0 && before.abs().min(after.abs()) > LIMIT * deviation
    };
    let found: Vec<usize> =
        (0..series.len()).filter(|at| residuals[*at].abs() > LIMIT * deviation).filter(|at| stands_out(*at)).collect();
    let mut expected = smooth;
    sample.indices.restore(&mut expected, 0);
    found.into_iter().map(|at| (at, expected[at])).collect()
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

    #[test]
    fn the_edge_of_a_new_level_is_none() {
        let level = |t: usize| if t < 20 { 100.0 } else { 40.0 };
        let series: Vec<f64> = (0..40).map(|t| level(t) + ((t * 7) % 5) as f64).collect();
        assert!(outliers(&Sample::new(&series, 1)).is_empty());
    }
}
