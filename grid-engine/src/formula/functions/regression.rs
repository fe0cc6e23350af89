//! Two samples together: correlation and regression; and the shape of one.

use super::aggregate::{column, mean, population_deviation, sample_deviation, sorted};
use super::args::{collect_numbers, out_of_range, wrong};
use super::arithmetic::{number_pairs, total};
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

fn frequency(args: &Args<'_>) -> Outcome {
    let numbers = sorted(column(args)?);
    let mut limits = Vec::new();
    args.list().get(1).map_or_else(|| Err(wrong("limits are needed")), |arg| collect_numbers(arg, &mut limits))?;
    let up_to = |limit: f64| numbers.partition_point(|number| *number <= limit);
    // Each limit counts what lies above the next lower one; one given twice counts once, where it stands first.
    let mut order: Vec<usize> = (0..limits.len()).collect();
    order.sort_by(|&a, &b| limits[a].total_cmp(&limits[b]).then(a.cmp(&b)));
    let mut counts = vec![0; limits.len()];
    let mut counted = 0;
    for place in order {
        let below = up_to(limits[place]);
        counts[place] = below - counted;
        counted = below;
    }
    let above = numbers.len() - counted;
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
            ("SKEW(3,4,5,2,3,4,5,6,4,7)", "0.359543071406797"),
            ("KURT(3,4,5,2,3,4,5,6,4,7)", "-0.151799637208416"),
            ("STANDARDIZE(42,40,1.5)", "4/3"),
            ("FREQUENCY({79,85,78,85,50,81,95,88,97},{70;79;89})", "{1;2;4;2}"),
            ("FREQUENCY({1,2,3,4},{3;1;3})", "{2;1;0;1}"),
        ]);
    }
}
