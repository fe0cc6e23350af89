//! Lines and exponential curves through points, with several regressors: LINEST and its kin.

use super::aggregate::mean;
use super::args::out_of_range;
use super::arithmetic::total;
use super::matrix::numbers;
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "TREND(known_y, [known_x], [new_x], [constant])",
        "The straight line through points, at other places.",
        "=TREND(B2:B9,A2:A9,A10:A12)",
        Body::Whole(|args| extrapolate(args, false)),
    ),
    declare(
        "GROWTH(known_y, [known_x], [new_x], [constant])",
        "The exponential curve through points, at other places.",
        "=GROWTH(B2:B9,A2:A9,A10:A12)",
        Body::Whole(|args| extrapolate(args, true)),
    ),
    declare(
        "LINEST(known_y, [known_x], [constant], [statistics])",
        "Coefficients of the linear fit, last regressor first.",
        "=LINEST(B2:B9,A2:A9)",
        Body::Whole(|args| fit_table(args, false)),
    ),
    declare(
        "LOGEST(known_y, [known_x], [constant], [statistics])",
        "Coefficients of the exponential fit, last regressor first.",
        "=LOGEST(B2:B9,A2:A9)",
        Body::Whole(|args| fit_table(args, true)),
    ),
];

/// A multiple linear fit with what LINEST tells of it.
struct Fit {
    /// Coefficients in the order of regressors, the constant last.
    coefficients: Vec<f64>,
    errors: Vec<f64>,
    r_squared: f64,
    standard_error: f64,
    f: f64,
    freedom: f64,
    regression: f64,
    residual: f64,
}

/// The regressors by observation; 1, 2, 3 … where none are given.
fn regressors(args: &Args<'_>, index: usize, observations: usize, down: bool) -> Result<Vec<Vec<f64>>, CellError> {
    if !args.given(index) {
        return Ok((1..=observations).map(|place| vec![place as f64]).collect());
    }
    let array = args.array(index)?;
    let values = numbers(&array)?;
    let cols = array.cols();
    let single = array.cells().len() == observations;
    if single {
        return Ok(values.into_iter().map(|x| vec![x]).collect());
    }
    let (count, depth) = if down { (array.rows(), array.cols()) } else { (array.cols(), array.rows()) };
    if count != observations {
        return Err(CellError::because(ErrorKind::Ref, "the known values must be equally many"));
    }
    Ok((0..count)
        .map(|i| (0..depth).map(|j| if down { values[i * cols + j] } else { values[j * cols + i] }).collect())
        .collect())
}

/// Fits by least squares: orthogonal columns one by one (Gram–Schmidt, each twice), around their means where there is
/// a constant, so that regressors such as dates lose no digits. A regressor that others determine gets 0, as in Excel.
/// Source: Å. Björck, "Numerical Methods for Least Squares Problems" (1996), 2.4.
fn least_squares(xs: &[Vec<f64>], ys: &[f64], constant: bool) -> Fit {
    let (width, n) = (xs.first().map_or(0, Vec::len), ys.len() as f64);
    let centre = |of: &[f64]| if constant { mean(of).unwrap_or(0.0) } else { 0.0 };
    let columns: Vec<Vec<f64>> = (0..width).map(|col| xs.iter().map(|row| row[col]).collect()).collect();
    let means: Vec<f64> = columns.iter().map(|column| centre(column)).collect();
    let middle = centre(ys);
    let mut basis = Basis::default();
    for (place, (column, mean)) in columns.iter().zip(&means).enumerate() {
        basis.take(place, column.iter().map(|x| x - mean).collect(), dot(column, column).sqrt());
    }
    let mut rest: Vec<f64> = ys.iter().map(|y| y - middle).collect();
    let spread = dot(&rest, &rest);
    let shares = basis.project(&mut rest);
    let residual = dot(&rest, &rest);
    let regression = total(shares.iter().map(|share| share * share));
    let kept = basis.places.len();
    let freedom = n - kept as f64 - f64::from(u8::from(constant));
    let variance = if freedom > 0.0 { residual / freedom } else { 0.0 };
    let (mut coefficients, mut errors) = (vec![0.0; width], vec![0.0; width]);
    for (place, value) in basis.places.iter().zip(basis.solve(&shares)) {
        coefficients[*place] = value;
    }
    for (index, place) in basis.places.iter().enumerate() {
        // A row of the inverse of R: its squares are the coefficient's variance.
        let row = (0..kept).map(|col| {
            let unit: Vec<f64> = (0..kept).map(|at| f64::from(u8::from(at == col))).collect();
            basis.solve(&unit)[index]
        });
        errors[*place] = (variance * total(row.map(|x| x * x))).sqrt();
    }
    if constant {
        let kept_means: Vec<f64> = basis.places.iter().map(|place| means[*place]).collect();
        let weights = basis.solve_transposed(&kept_means);
        coefficients.push(middle - total(coefficients.iter().zip(&means).map(|(a, b)| a * b)));
        errors.push((variance * (1.0 / n + dot(&weights, &weights))).sqrt());
    }
    Fit {
        coefficients,
        errors,
        r_squared: if spread == 0.0 { 1.0 } else { regression / spread },
        standard_error: variance.sqrt(),
        f: if kept == 0 { 0.0 } else { regression / kept as f64 / variance },
        freedom,
        regression,
        residual,
    }
}

/// Shares of a column's length below which others determine it.
const REDUNDANT: f64 = 1e-11;

/// Orthogonal columns of length 1, and the triangle that makes the given ones of them.
#[derive(Default)]
struct Basis {
    columns: Vec<Vec<f64>>,
    /// For each column its shares of those before it and its own.
    triangle: Vec<Vec<f64>>,
    /// Which of the given columns they came from.
    places: Vec<usize>,
}

impl Basis {
    /// Adds a column, unless the others determine it; `scale` is its length before its mean was taken away.
    fn take(&mut self, place: usize, mut column: Vec<f64>, scale: f64) {
        let before = dot(&column, &column).sqrt();
        let mut shares = self.project(&mut column);
        let length = dot(&column, &column).sqrt();
        if length <= REDUNDANT * before || length <= 1e-14 * scale || length == 0.0 {
            return;
        }
        column.iter_mut().for_each(|x| *x /= length);
        shares.push(length);
        self.columns.push(column);
        self.triangle.push(shares);
        self.places.push(place);
    }

    /// Takes away from a column its shares of the basis, and gives them.
    fn project(&self, column: &mut [f64]) -> Vec<f64> {
        let mut shares = vec![0.0; self.columns.len()];
        for _ in 0..2 {
            for (share, base) in shares.iter_mut().zip(&self.columns) {
                let part = dot(base, column);
                *share += part;
                column.iter_mut().zip(base).for_each(|(x, b)| *x -= part * b);
            }
        }
        shares
    }

    /// Solves R x = right.
    fn solve(&self, right: &[f64]) -> Vec<f64> {
        let mut x = right.to_vec();
        for at in (0..x.len()).rev() {
            x[at] /= self.triangle[at][at];
            for above in 0..at {
                x[above] -= self.triangle[at][above] * x[at];
            }
        }
        x
    }

    /// Solves Rᵀ x = right.
    fn solve_transposed(&self, right: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::with_capacity(right.len());
        for (at, value) in right.iter().enumerate() {
            let known = total((0..at).map(|before| self.triangle[at][before] * x[before]));
            x.push((value - known) / self.triangle[at][at]);
        }
        x
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    total(a.iter().zip(b).map(|(a, b)| a * b))
}

fn known_ys(args: &Args<'_>, logarithms: bool) -> Result<(Vec<f64>, bool), CellError> {
    let array = args.array(0)?;
    let mut ys = numbers(&array)?;
    if logarithms {
        if ys.iter().any(|y| *y <= 0.0) {
            return Err(out_of_range("an exponential curve needs positive values"));
        }
        ys.iter_mut().for_each(|y| *y = y.ln());
    }
    Ok((ys, array.cols() == 1))
}

fn fit_table(args: &Args<'_>, logarithms: bool) -> Outcome {
    let (ys, down) = known_ys(args, logarithms)?;
    let xs = regressors(args, 1, ys.len(), down)?;
    let (constant, statistics) = (args.bool_or(2, true)?, args.bool_or(3, false)?);
    let fit = least_squares(&xs, &ys, constant);
    let width = xs.first().map_or(0, Vec::len);
    let shown = |value: f64| if logarithms { value.exp() } else { value };
    let unknown = || Value::from(ErrorKind::Na);
    args.evaluation.array(if statistics { 5 } else { 1 }, width + 1, |row, col| match (row, col) {
        (0, col) if col == width => Value::number(if constant { shown(fit.coefficients[width]) } else { shown(0.0) }),
        (0, col) => Value::number(shown(fit.coefficients[width - 1 - col])),
        (1, col) if col == width => {
            if constant {
                Value::number(fit.errors[width])
            } else {
                unknown()
            }
        }
        (1, col) => Value::number(fit.errors[width - 1 - col]),
        (2, 0) => Value::number(fit.r_squared),
        (2, 1) => Value::number(fit.standard_error),
        (3, 0) => Value::number(fit.f),
        (3, 1) => Value::number(fit.freedom),
        (4, 0) => Value::number(fit.regression),
        (4, 1) => Value::number(fit.residual),
        _ => unknown(),
    })
}

fn extrapolate(args: &Args<'_>, logarithms: bool) -> Outcome {
    let (ys, down) = known_ys(args, logarithms)?;
    let xs = regressors(args, 1, ys.len(), down)?;
    let constant = args.bool_or(3, true)?;
    let fit = least_squares(&xs, &ys, constant);
    let width = xs.first().map_or(0, Vec::len);
    let at = |x: &[f64]| {
        let base = if constant { fit.coefficients[width] } else { 0.0 };
        let y = base + x.iter().zip(&fit.coefficients).map(|(a, b)| a * b).sum::<f64>();
        Value::number(if logarithms { y.exp() } else { y })
    };
    let source = if args.given(2) { 2 } else { 1 };
    if !args.given(source) {
        let array = args.array(0)?;
        return args.evaluation.array(array.rows(), array.cols(), |row, col| at(&xs[row * array.cols() + col]));
    }
    let array = args.array(source)?;
    let values = numbers(&array)?;
    if width == 1 {
        return args
            .evaluation
            .array(array.rows(), array.cols(), |row, col| at(&values[row * array.cols() + col..][..1]));
    }
    let cols = array.cols();
    if down {
        args.evaluation.array(array.rows(), 1, |row, _| at(&values[row * cols..(row + 1) * cols]))
    } else {
        args.evaluation
            .array(1, cols, |_, col| at(&(0..array.rows()).map(|row| values[row * cols + col]).collect::<Vec<_>>()))
    }
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn lines_and_curves() {
        check(&[
            ("LINEST({1,9,5,7},{0,4,2,3})", "{2,1}"),
            ("TREND({1,9,5,7},{0,4,2,3},5)", "11"),
            ("GROWTH({1,2,4,8})", "{1,2,4,8}"),
            ("LOGEST({1,2,4,8})", "{2,0.5}"),
            ("LINEST({1,9,5,7},{0,4,2,3},FALSE)", "{2.31034482758621,0}"),
            ("LOGEST({2;4;8},{1,2;2,1;3,5})", "{1,2,1}"),
        ]);
    }

    #[test]
    fn dates_lose_no_digits() {
        // y = 3 (x − 46000) + 7 over days, and its square.
        check(&[
            ("ROUND(LINEST(3*SEQUENCE(12)+7,46000+SEQUENCE(12)),9)", "{3,-137993}"),
            ("ROUND(TREND(3*SEQUENCE(12)+7,46000+SEQUENCE(12),46020),8)", "67"),
            ("ROUND(LINEST(SEQUENCE(9)^2,(46000+SEQUENCE(9))^{1,2}),3)", "{1,-92000,2116000000}"),
        ]);
    }

    #[test]
    fn regressors_that_others_determine_get_nothing() {
        check(&[
            ("LINEST({1;2;3},{5;5;5})", "{0,2}"),
            ("LINEST({1;2;4;5},{1,2;2,4;3,6;4,8})", "{0,1.4,-0.5}"),
            ("INDEX(LINEST({1;2;4;5},{1,2;2,4;3,6;4,8},TRUE,TRUE),4,2)", "2"),
            ("TREND({1;2;3},{5;5;5},9)", "2"),
        ]);
    }
}
