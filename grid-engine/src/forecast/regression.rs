//! Linear regression with errors that carry over from bucket to bucket: generalised least squares with first-order
//! autoregressive errors (Prais & Winsten 1954), the carry-over chosen by likelihood.
//!
//! Ordinary least squares would take a slow drift of the level for an effect of whatever drifted along; comparing each
//! bucket with what the one before lets expect does not.

use super::linear::Cholesky;

/// Carry-overs tried.
const CARRIED: [f64; 7] = [0.0, 0.3, 0.6, 0.8, 0.9, 0.95, 0.98];

/// What some coefficients are held near to: (mean, variance) per column; `None` leaves a column free.
pub(super) type Priors = [Option<(f64, f64)>];

/// A fitted regression.
#[derive(Clone, Debug)]
pub(super) struct Regression {
    pub coefficients: Vec<f64>,
    /// Covariance of the coefficients, row by row.
    pub covariance: Vec<f64>,
    /// Share of an error that is left one bucket later.
    pub carried: f64,
    /// The error of the last observation.
    pub last_error: f64,
}

/// Fits y on rows of `columns` numbers. Rows follow each other in time; `None` in `y` is a bucket that is not known.
///
/// `None` where there are too few values, or columns that say the same and no prior to tell them apart.
pub(super) fn fit(y: &[Option<f64>], rows: &[f64], columns: usize, priors: &Priors) -> Option<Regression> {
    let count = y.iter().flatten().count();
    let free = priors.iter().filter(|prior| prior.is_none()).count();
    if count < free + 3 {
        return None;
    }
    let fits = CARRIED.iter().filter_map(|carried| weighted(y, rows, columns, priors, *carried));
    fits.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(fit, _)| fit)
}

/// The fit for one carry-over, and its log likelihood without constants.
fn weighted(
    y: &[Option<f64>],
    rows: &[f64],
    columns: usize,
    priors: &Priors,
    carried: f64,
) -> Option<(Regression, f64)> {
    let mut products = vec![0.0; columns * columns];
    let mut right = vec![0.0; columns];
    let first = (1.0 - carried * carried).sqrt();
    let (mut count, mut starts) = (0.0, 0.0);
    let mut row = vec![0.0; columns];
    let transformed = |at: usize, row: &mut [f64]| -> Option<(f64, bool)> {
        let value = y[at]?;
        let before = at.checked_sub(1).and_then(|before| Some((before, y[before]?)));
        for (column, out) in row.iter_mut().enumerate() {
            let now = rows[at * columns + column];
            *out = before.map_or(first * now, |(before, _)| now - carried * rows[before * columns + column]);
        }
        Some(before.map_or((first * value, true), |(_, last)| (value - carried * last, false)))
    };
    for at in 0..y.len() {
        let Some((value, start)) = transformed(at, &mut row) else { continue };
        count += 1.0;
        starts += f64::from(u8::from(start));
        for (column, number) in row.iter().enumerate() {
            right[column] += number * value;
            for (other, sum) in row.iter().zip(&mut products[column * columns..]) {
                *sum += number * other;
            }
        }
    }
    let squares = |coefficients: &[f64], row: &mut [f64]| -> f64 {
        let error = |at| {
            let (value, _) = transformed(at, row)?;
            Some(value - row.iter().zip(coefficients).map(|(x, b)| x * b).sum::<f64>())
        };
        (0..y.len()).filter_map(error).map(|error| error * error).sum()
    };
    // How firmly priors hold depends on the noise, and the noise on the fit: twice is enough.
    let mut noise = 0.0;
    let mut solution = None;
    for _ in 0..3 {
        let (mut matrix, mut target) = (products.clone(), right.clone());
        for (column, prior) in priors.iter().enumerate() {
            if let Some((mean, variance)) = prior {
                let hold = (noise / variance.max(1e-12)).max(1e-9 * products[column * columns + column]).max(1e-12);
                matrix[column * columns + column] += hold;
                target[column] += hold * mean;
            }
        }
        let factor = Cholesky::new(&matrix, columns)?;
        let coefficients = factor.solve(&target);
        let freedom = (count - priors.iter().filter(|prior| prior.is_none()).count() as f64).max(1.0);
        noise = squares(&coefficients, &mut row) / freedom;
        solution = Some((factor, coefficients));
    }
    let (factor, coefficients) = solution?;
    let mut covariance = Vec::with_capacity(columns * columns);
    for column in 0..columns {
        let mut unit = vec![0.0; columns];
        unit[column] = noise;
        covariance.extend(factor.solve(&unit));
    }
    let last = y.iter().rposition(Option::is_some)?;
    let fitted: f64 = (0..columns).map(|column| rows[last * columns + column] * coefficients[column]).sum();
    let likelihood = starts * first.ln() - count / 2.0 * noise.max(1e-18).ln();
    let fit = Regression { coefficients, covariance, carried, last_error: y[last]? - fitted };
    fit.coefficients.iter().all(|value| value.is_finite()).then_some((fit, likelihood))
}

/// Columns for level, straight line and season: 1, time in lengths of the history, and pairs of waves, as many as the
/// season has months or, for longer seasons, six (Hyndman & Athanasopoulos 2021, section 7.4). Shorter histories get fewer.
pub(super) fn time_columns(points: usize, season: usize) -> usize {
    let waves = if season > 1 && points >= 3 * season { (season - 1).min(11) } else { 0 };
    let line = usize::from(points >= 6);
    1 + line + waves
}

/// Fills the first `columns` numbers of a row as [`time_columns`] counts them.
pub(super) fn time_row(row: &mut [f64], at: usize, points: usize, season: usize) {
    row[0] = 1.0;
    if let Some(line) = row.get_mut(1) {
        *line = at as f64 / points as f64;
    }
    for (number, wave) in row.iter_mut().skip(2).enumerate() {
        let angle = std::f64::consts::TAU * ((number / 2 + 1) * (at % season)) as f64 / season as f64;
        *wave = if number % 2 == 0 { angle.cos() } else { angle.sin() };
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Independent errors: the coefficients and standard errors of ordinary least squares.
    #[test]
    fn ordinary_least_squares_by_hand() {
        // y = 1, 3, 2, 5 on t = 0…3: slope 1.1, level 1.1; residual variance 2.7 ÷ 2, Var(slope) = 1.35 ÷ 5.
        let y = [1.0, 3.0, 2.0, 5.0].map(Some);
        let rows: Vec<f64> = (0..4).flat_map(|t| [1.0, f64::from(t)]).collect();
        let (fit, _) = weighted(&y, &rows, 2, &[None, None], 0.0).unwrap();
        assert!((fit.coefficients[0] - 1.1).abs() < 1e-9 && (fit.coefficients[1] - 1.1).abs() < 1e-9);
        assert!((fit.covariance[3] - 0.27).abs() < 1e-9, "{:?}", fit.covariance);
    }

    /// Prais and Winsten's transformation by hand: with carry-over 0.5 and y = 2, 4 on a constant, the rows are
    /// √0.75·(1; 2) and (0.5; 3), so b = (0.75·2 + 1.5) ÷ (0.75 + 0.25) = 3.
    #[test]
    fn carried_errors_by_hand() {
        let (fit, _) = weighted(&[Some(2.0), Some(4.0)], &[1.0, 1.0], 1, &[None], 0.5).unwrap();
        assert!((fit.coefficients[0] - 3.0).abs() < 1e-12);
        assert!((fit.last_error - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_prior_decides_what_the_data_do_not() {
        let y = [1.0, 1.1, 0.9, 1.0, 1.05, 0.95].map(Some);
        let rows: Vec<f64> = (0..6).flat_map(|_| [1.0, 0.0]).collect();
        let fit = fit(&y, &rows, 2, &[None, Some((0.4, 0.01))]).unwrap();
        assert!((fit.coefficients[1] - 0.4).abs() < 1e-9);
        assert!(super::fit(&y, &rows, 2, &[None, None]).is_none(), "nothing tells the second column's effect");
    }

    #[test]
    fn twelve_months_are_told_apart_by_their_waves() {
        let y: Vec<Option<f64>> =
            (0..48).map(|t| Some(f64::from([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8][t % 12]))).collect();
        let columns = time_columns(48, 12);
        let mut rows = vec![0.0; 48 * columns];
        for (at, row) in rows.chunks_mut(columns).enumerate() {
            time_row(row, at, 48, 12);
        }
        let fit = fit(&y, &rows, columns, &vec![None; columns]).unwrap();
        let errors = rows
            .chunks(columns)
            .zip(&y)
            .map(|(row, y)| row.iter().zip(&fit.coefficients).map(|(x, b)| x * b).sum::<f64>() - y.unwrap());
        assert!(errors.map(f64::abs).fold(0.0, f64::max) < 1e-6);
    }
}
