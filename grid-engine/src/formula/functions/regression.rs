//! Two samples together: correlation and regression; and the shape of one.

use super::aggregate::{column, mean, population_deviation, sample_deviation, sorted};
use super::args::{collect_numbers, out_of_range, wrong};
use super::arithmetic::{number_pairs, total};
use super::matrix::{eliminate, numbers};
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "CORREL(x, y)",
        "How closely two samples move together, -1 to 1.",
        "=CORREL(B2:B9,C2:C9)",
        Body::Whole(correlation),
    ),
    declare(
        "PEARSON(x, y)",
        "How closely two samples move together, -1 to 1.",
        "=PEARSON(B2:B9,C2:C9)",
        Body::Whole(correlation),
    ),
    declare(
        "RSQ(y, x)",
        "The share of variance a straight line explains.",
        "=RSQ(B2:B9,C2:C9)",
        Body::Whole(|args| {
            let correlation = correlation(args)?.to_number()?;
            Ok(Value::number(correlation * correlation))
        }),
    ),
    declare(
        "COVARIANCE.P(x, y)",
        "The covariance of a population.",
        "=COVARIANCE.P(B2:B9,C2:C9)",
        Body::Whole(|args| covariance(args, 0.0)),
    ),
    declare(
        "COVAR(x, y)",
        "The covariance of a population.",
        "=COVAR(B2:B9,C2:C9)",
        Body::Whole(|args| covariance(args, 0.0)),
    ),
    declare(
        "COVARIANCE.S(x, y)",
        "The covariance of a sample.",
        "=COVARIANCE.S(B2:B9,C2:C9)",
        Body::Whole(|args| covariance(args, 1.0)),
    ),
    declare(
        "SLOPE(y, x)",
        "The slope of the straight line through points.",
        "=SLOPE(B2:B9,C2:C9)",
        Body::Whole(|args| Ok(Value::number(line(args, 0)?.slope))),
    ),
    declare(
        "INTERCEPT(y, x)",
        "Where the straight line through points meets the axis.",
        "=INTERCEPT(B2:B9,C2:C9)",
        Body::Whole(|args| Ok(Value::number(line(args, 0)?.intercept))),
    ),
    declare(
        "STEYX(y, x)",
        "The standard error of the straight line through points.",
        "=STEYX(B2:B9,C2:C9)",
        Body::Whole(|args| {
            let fit = line(args, 0)?;
            if fit.count < 3.0 {
                return Err(CellError::new(ErrorKind::Div0));
            }
            Ok(Value::number(((fit.syy - fit.sxy * fit.sxy / fit.sxx).max(0.0) / (fit.count - 2.0)).sqrt()))
        }),
    ),
    declare(
        "FORECAST.LINEAR(x, known_y, known_x)",
        "The straight line through points, at another place.",
        "=FORECAST.LINEAR(13,B2:B9,A2:A9)",
        Body::Lifted(
            |index| index == 0,
            |args| {
                let fit = line(args, 1)?;
                Ok(Value::number(fit.intercept + fit.slope * args.number(0)?))
            },
        ),
    ),
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
    declare(
        "SKEW(number1, [number2], …)",
        "The skewness of a sample.",
        "=SKEW(B2:B9)",
        Body::Whole(|args| {
            let numbers = args.numbers(0)?;
            let n = numbers.len() as f64;
            let cubes = standardised(&numbers, sample_deviation(&numbers), 3)?;
            if n < 3.0 {
                Err(CellError::new(ErrorKind::Div0))
            } else {
                Ok(Value::number(n / ((n - 1.0) * (n - 2.0)) * cubes))
            }
        }),
    ),
    declare(
        "SKEW.P(number1, [number2], …)",
        "The skewness of a population.",
        "=SKEW.P(B2:B9)",
        Body::Whole(|args| {
            let numbers = args.numbers(0)?;
            let cubes = standardised(&numbers, population_deviation(&numbers), 3)?;
            if numbers.len() < 3 {
                Err(CellError::new(ErrorKind::Div0))
            } else {
                Ok(Value::number(cubes / numbers.len() as f64))
            }
        }),
    ),
    declare(
        "KURT(number1, [number2], …)",
        "The excess kurtosis of a sample.",
        "=KURT(B2:B9)",
        Body::Whole(|args| {
            let numbers = args.numbers(0)?;
            let n = numbers.len() as f64;
            if n < 4.0 {
                return Err(CellError::new(ErrorKind::Div0));
            }
            let fourth = standardised(&numbers, sample_deviation(&numbers), 4)?;
            let factor = n * (n + 1.0) / ((n - 1.0) * (n - 2.0) * (n - 3.0));
            Ok(Value::number(factor * fourth - 3.0 * (n - 1.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0))))
        }),
    ),
    declare(
        "STANDARDIZE(x, mean, deviation)",
        "How many deviations a value lies from the mean.",
        "=STANDARDIZE(42,40,1.5)",
        Body::Each(|args| {
            let deviation = args.number(2)?;
            if deviation <= 0.0 {
                return Err(out_of_range("the deviation must be above 0"));
            }
            Ok(Value::number((args.number(0)? - args.number(1)?) / deviation))
        }),
    ),
    declare(
        "FISHER(x)",
        "Fisher's transformation of a correlation.",
        "=FISHER(0.75)",
        Body::Each(|args| {
            let x = args.number(0)?;
            if x.abs() >= 1.0 { Err(out_of_range("x lies between -1 and 1")) } else { Ok(Value::number(x.atanh())) }
        }),
    ),
    declare(
        "FISHERINV(y)",
        "The inverse of Fisher's transformation.",
        "=FISHERINV(0.97)",
        Body::Each(|args| Ok(Value::number(args.number(0)?.tanh()))),
    ),
    declare(
        "FREQUENCY(numbers, limits)",
        "How many numbers lie up to each limit, and above the last.",
        "=FREQUENCY(B2:B9,{10;20})",
        Body::Whole(frequency),
    ),
    declare(
        "PROB(values, probabilities, from, [to])",
        "The probability of a range of values.",
        "=PROB({1,2,3},{0.2,0.3,0.5},2,3)",
        Body::Whole(|args| {
            let pairs = number_pairs(&*args.array(0)?, &*args.array(1)?)?;
            let from = args.number(2)?;
            let to = args.number_or(3, from)?;
            if (total(pairs.iter().map(|pair| pair.1)) - 1.0).abs() > 1e-9 {
                return Err(out_of_range("the probabilities must add up to 1"));
            }
            Ok(Value::number(total(pairs.iter().filter(|pair| (from..=to).contains(&pair.0)).map(|pair| pair.1))))
        }),
    ),
];

fn standardised(numbers: &[f64], deviation: Option<f64>, power: i32) -> Result<f64, CellError> {
    match (mean(numbers), deviation) {
        (Some(mean), Some(deviation)) if deviation > 0.0 => {
            Ok(total(numbers.iter().map(|x| ((x - mean) / deviation).powi(power))))
        }
        _ => Err(CellError::new(ErrorKind::Div0)),
    }
}

/// The least-squares line of y (argument `first`) on x (the next).
struct Line {
    slope: f64,
    intercept: f64,
    count: f64,
    sxx: f64,
    sxy: f64,
    syy: f64,
}

fn line(args: &Args<'_>, first: usize) -> Result<Line, CellError> {
    let pairs = number_pairs(&*args.array(first)?, &*args.array(first + 1)?)?;
    let (ys, xs): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    let (Some(y), Some(x)) = (mean(&ys), mean(&xs)) else { return Err(CellError::new(ErrorKind::Div0)) };
    let sxx = total(xs.iter().map(|a| (a - x) * (a - x)));
    let syy = total(ys.iter().map(|b| (b - y) * (b - y)));
    let sxy = total(xs.iter().zip(&ys).map(|(a, b)| (a - x) * (b - y)));
    if sxx == 0.0 {
        return Err(CellError::new(ErrorKind::Div0));
    }
    let slope = sxy / sxx;
    Ok(Line { slope, intercept: y - slope * x, count: xs.len() as f64, sxx, sxy, syy })
}

fn correlation(args: &Args<'_>) -> Outcome {
    let fit = line(args, 0)?;
    if fit.syy == 0.0 {
        return Err(CellError::new(ErrorKind::Div0));
    }
    Ok(Value::number(fit.sxy / (fit.sxx * fit.syy).sqrt()))
}

fn covariance(args: &Args<'_>, lost: f64) -> Outcome {
    let pairs = number_pairs(&*args.array(0)?, &*args.array(1)?)?;
    let (xs, ys): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
    let (Some(x), Some(y)) = (mean(&xs), mean(&ys)) else { return Err(CellError::new(ErrorKind::Div0)) };
    if xs.len() as f64 <= lost {
        return Err(CellError::new(ErrorKind::Div0));
    }
    Ok(Value::number(total(xs.iter().zip(&ys).map(|(a, b)| (a - x) * (b - y))) / (xs.len() as f64 - lost)))
}

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

fn least_squares(xs: &[Vec<f64>], ys: &[f64], constant: bool) -> Result<Fit, CellError> {
    let width = xs.first().map_or(0, Vec::len);
    let size = width + usize::from(constant);
    let n = ys.len() as f64;
    let row = |x: &Vec<f64>| x.iter().copied().chain(constant.then_some(1.0)).collect::<Vec<f64>>();
    let rows: Vec<Vec<f64>> = xs.iter().map(row).collect();
    let mut normal = vec![0.0; size * size];
    // The unit matrix and X'y side by side, so that one elimination gives inverse and solution.
    let mut right = vec![0.0; size * (size + 1)];
    for (x, y) in rows.iter().zip(ys) {
        for i in 0..size {
            (0..size).for_each(|j| normal[i * size + j] += x[i] * x[j]);
            right[i * (size + 1) + size] += x[i] * y;
        }
    }
    (0..size).for_each(|i| right[i * (size + 1) + i] = 1.0);
    if eliminate(&mut normal, size, &mut right, size + 1) == 0.0 {
        return Err(out_of_range("the known values determine no line"));
    }
    let coefficients: Vec<f64> = (0..size).map(|i| right[i * (size + 1) + size]).collect();
    let fitted = |x: &Vec<f64>| x.iter().zip(&coefficients).map(|(a, b)| a * b).sum::<f64>();
    let residual = total(rows.iter().zip(ys).map(|(x, y)| (y - fitted(x)).powi(2)));
    let centre = if constant { mean(ys).unwrap_or(0.0) } else { 0.0 };
    let spread = total(ys.iter().map(|y| (y - centre).powi(2)));
    let freedom = n - size as f64;
    let regression = spread - residual;
    let variance = if freedom > 0.0 { residual / freedom } else { 0.0 };
    let errors = (0..size).map(|i| (variance * right[i * (size + 1) + i]).max(0.0).sqrt()).collect();
    Ok(Fit {
        coefficients,
        errors,
        r_squared: if spread == 0.0 { 1.0 } else { regression / spread },
        standard_error: variance.sqrt(),
        f: if width == 0 { 0.0 } else { regression / width as f64 / variance },
        freedom,
        regression,
        residual,
    })
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
    let fit = least_squares(&xs, &ys, constant)?;
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
    let fit = least_squares(&xs, &ys, constant)?;
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

fn frequency(args: &Args<'_>) -> Outcome {
    let numbers = sorted(column(args)?);
    let mut limits = Vec::new();
    args.list().get(1).map_or_else(|| Err(wrong("limits are needed")), |arg| collect_numbers(arg, &mut limits))?;
    let up_to = |limit: f64| numbers.partition_point(|number| *number <= limit);
    // Each limit counts what lies above the next lower one; a limit given twice counts once.
    let counts: Vec<usize> = limits
        .iter()
        .enumerate()
        .map(|(place, limit)| {
            if limits[..place].contains(limit) {
                return 0;
            }
            let below = limits.iter().filter(|other| *other < limit).copied().reduce(f64::max);
            up_to(*limit) - below.map_or(0, up_to)
        })
        .collect();
    let above = numbers.len() - limits.iter().copied().reduce(f64::max).map_or(0, up_to);
    args.evaluation.array(counts.len() + 1, 1, |row, _| Value::number(counts.get(row).copied().unwrap_or(above) as f64))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn two_samples() {
        check(&[
            ("CORREL({3,2,4,5,6},{9,7,12,15,17})", "0.997054485501581"),
            ("SLOPE({2,3,9,1,8,7,5},{6,5,11,7,5,4,4})", "0.305555555555556"),
            ("INTERCEPT({2,3,9,1,8},{6,5,11,7,5})", "0.0483870967741935"),
            ("FORECAST.LINEAR(30,{6,7,9,15,21},{20,28,31,38,40})", "10.6072530864198"),
            ("RSQ({2,3,9,1,8,7,5},{6,5,11,7,5,4,4})", "0.0579501915708812"),
            ("STEYX({2,3,9,1,8,7,5},{6,5,11,7,5,4,4})", "3.3057189509047"),
            ("COVARIANCE.S({2,4,8},{5,11,12})", "9.66666666666667"),
            ("LINEST({1,9,5,7},{0,4,2,3})", "{2,1}"),
            ("TREND({1,9,5,7},{0,4,2,3},5)", "11"),
            ("GROWTH({1,2,4,8})", "{1,2,4,8}"),
            ("LOGEST({1,2,4,8})", "{2,0.5}"),
            ("SKEW(3,4,5,2,3,4,5,6,4,7)", "0.359543071406797"),
            ("KURT(3,4,5,2,3,4,5,6,4,7)", "-0.151799637208416"),
            ("STANDARDIZE(42,40,1.5)", "4/3"),
            ("FREQUENCY({79,85,78,85,50,81,95,88,97},{70;79;89})", "{1;2;4;2}"),
        ]);
    }
}
