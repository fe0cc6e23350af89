//! A straight line and a fixed season, with what is left of the last error (Hyndman & Athanasopoulos 2021, chapter 10).

use super::Sample;
use crate::forecast::regression;

/// In logarithms where the series is positive.
pub(super) fn line_and_season(sample: &Sample, horizon: usize) -> Option<Vec<f64>> {
    let points = sample.series.len();
    let season = if sample.seasonal { sample.season } else { 1 };
    let columns = regression::time_columns(points, season);
    let row = |at: usize| {
        let mut row = vec![0.0; columns];
        regression::time_row(&mut row, at, points, season);
        row
    };
    let rows: Vec<f64> = (0..points).flat_map(row).collect();
    let scale = |value: &f64| Some(if sample.positive { value.ln() } else { *value });
    let y: Vec<Option<f64>> = sample.series.iter().map(scale).collect();
    let fit = regression::fit(&y, &rows, columns, &vec![None; columns])?;
    let mut error = fit.last_error;
    let last = y.last().copied().flatten()?;
    let ahead = (points..points + horizon).map(|at| {
        error *= fit.carried;
        let value = row(at).iter().zip(&fit.coefficients).map(|(x, weight)| x * weight).sum::<f64>() + error;
        if sample.positive { value.clamp(last - 4.0, last + 4.0).exp() } else { value }
    });
    Some(ahead.collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_exact_line_and_season_go_on() {
        let value = |t: usize| (4.0 + 0.01 * t as f64 + [0.2, -0.1, 0.3, -0.4][t % 4]).exp();
        let series: Vec<f64> = (0..40).map(value).collect();
        for (step, forecast) in line_and_season(&Sample::new(&series, 4), 9).unwrap().iter().enumerate() {
            assert!((forecast / value(40 + step) - 1.0).abs() < 1e-6, "{step}");
        }
        assert!(line_and_season(&Sample::new(&series[..3], 4), 1).is_none());
    }
}
