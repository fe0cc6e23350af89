//! Tests of hypotheses on samples, and intervals around their means.

use super::aggregate::{column, mean, sample_deviation, sample_variance};
use super::args::{collect_numbers, out_of_range};
use super::arithmetic::{number_pairs, total};
use super::distributions::normal::{t_cdf, t_inverse};
use super::special::{beta_i, gamma_q, normal_cdf, normal_inverse};
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "CONFIDENCE.NORM(alpha, deviation, size)",
        "Half the width of a normal confidence interval.",
        "=CONFIDENCE.NORM(0.05,2.5,50)",
        Body::Each(|args| confidence(args, false)),
    ),
    declare(
        "CONFIDENCE(alpha, deviation, size)",
        "Half the width of a normal confidence interval.",
        "=CONFIDENCE(0.05,2.5,50)",
        Body::Each(|args| confidence(args, false)),
    ),
    declare(
        "CONFIDENCE.T(alpha, deviation, size)",
        "Half the width of a t confidence interval.",
        "=CONFIDENCE.T(0.05,1,50)",
        Body::Each(|args| confidence(args, true)),
    ),
    declare(
        "Z.TEST(numbers, mean, [deviation])",
        "The probability of a greater sample mean.",
        "=Z.TEST(B2:B9,4)",
        Body::Lifted(|index| index > 0, z_test),
    ),
    declare(
        "F.TEST(x, y)",
        "The probability that two samples have one variance, both tails.",
        "=F.TEST({6,7,9,15,21},{20,28,31,38,40})",
        Body::Whole(|args| {
            let sample = |index: usize| {
                let mut numbers = Vec::new();
                args.list().get(index).map_or(Ok(()), |arg| collect_numbers(arg, &mut numbers)).map(|()| numbers)
            };
            let (x, y) = (sample(0)?, sample(1)?);
            let (Some(a), Some(b)) = (sample_variance(&x), sample_variance(&y)) else {
                return Err(CellError::new(ErrorKind::Div0));
            };
            if a == 0.0 || b == 0.0 {
                return Err(CellError::new(ErrorKind::Div0));
            }
            let (m, n) = (x.len() as f64 - 1.0, y.len() as f64 - 1.0);
            let (scaled, whole) = (m * a / b, n + m * a / b);
            let upper = beta_i(n / 2.0, m / 2.0, n / whole, scaled / whole);
            Ok(Value::number(2.0 * upper.min(1.0 - upper)))
        }),
    ),
    declare(
        "T.TEST(x, y, tails, type)",
        "The probability that two samples have one mean: type 1 paired, 2 equal, 3 unequal variances.",
        "=T.TEST(B2:B9,C2:C9,2,1)",
        Body::Whole(t_test),
    ),
    declare(
        "CHISQ.TEST(actual, expected)",
        "The probability that counts fit expectations.",
        "=CHISQ.TEST(B2:C4,E2:F4)",
        Body::Whole(chi_test),
    ),
];

fn confidence(args: &Args<'_>, student: bool) -> Outcome {
    let (alpha, deviation, size) = (args.number(0)?, args.number(1)?, args.number(2)?.trunc());
    if alpha <= 0.0 || alpha >= 1.0 || deviation <= 0.0 || size < 1.0 {
        return Err(out_of_range("alpha lies between 0 and 1, deviation above 0, size at 1 or above"));
    }
    if student && size < 2.0 {
        return Err(CellError::new(ErrorKind::Div0));
    }
    let factor = if student { -t_inverse(alpha / 2.0, size - 1.0) } else { -normal_inverse(alpha / 2.0) };
    Ok(Value::number(factor * deviation / size.sqrt()))
}

fn z_test(args: &Args<'_>) -> Outcome {
    let numbers = column(args)?;
    let Some(mean) = mean(&numbers) else { return Err(CellError::new(ErrorKind::Na)) };
    let deviation = if args.given(2) { Some(args.number(2)?) } else { sample_deviation(&numbers) };
    match deviation {
        Some(deviation) if deviation > 0.0 => {
            Ok(Value::number(1.0 - normal_cdf((mean - args.number(1)?) / (deviation / (numbers.len() as f64).sqrt()))))
        }
        Some(deviation) if deviation < 0.0 => Err(out_of_range("the deviation must be above 0")),
        _ => Err(CellError::new(ErrorKind::Div0)),
    }
}

fn t_test(args: &Args<'_>) -> Outcome {
    let (tails, kind) = (args.number(2)?.trunc(), args.number(3)?.trunc());
    if !(1.0..=2.0).contains(&tails) {
        return Err(out_of_range("tails are 1 or 2"));
    }
    let sample = |index: usize| {
        let mut numbers = Vec::new();
        args.list().get(index).map_or(Ok(()), |arg| collect_numbers(arg, &mut numbers)).map(|()| numbers)
    };
    let none = || CellError::new(ErrorKind::Div0);
    let (t, freedom) = if kind == 1.0 {
        let differences: Vec<f64> =
            number_pairs(&*args.array(0)?, &*args.array(1)?)?.iter().map(|(a, b)| a - b).collect();
        let n = differences.len() as f64;
        let (mean, deviation) =
            (mean(&differences).ok_or_else(none)?, sample_deviation(&differences).ok_or_else(none)?);
        (mean / (deviation / n.sqrt()), n - 1.0)
    } else {
        let (a, b) = (sample(0)?, sample(1)?);
        let (n, m) = (a.len() as f64, b.len() as f64);
        let (va, vb) = (sample_variance(&a).ok_or_else(none)?, sample_variance(&b).ok_or_else(none)?);
        let difference = mean(&a).ok_or_else(none)? - mean(&b).ok_or_else(none)?;
        match kind {
            2.0 => {
                let pooled = ((n - 1.0) * va + (m - 1.0) * vb) / (n + m - 2.0);
                (difference / (pooled * (1.0 / n + 1.0 / m)).sqrt(), n + m - 2.0)
            }
            3.0 => {
                let (x, y) = (va / n, vb / m);
                (difference / (x + y).sqrt(), (x + y).powi(2) / (x * x / (n - 1.0) + y * y / (m - 1.0)))
            }
            _ => return Err(out_of_range("types are 1 paired, 2 equal and 3 unequal variances")),
        }
    };
    if !t.is_finite() {
        return Err(none());
    }
    Ok(Value::number(tails * t_cdf(-t.abs(), freedom)))
}

fn chi_test(args: &Args<'_>) -> Outcome {
    let (actual, expected) = (args.array(0)?, args.array(1)?);
    let (rows, cols) = (actual.rows(), actual.cols());
    if (rows, cols) != (expected.rows(), expected.cols()) || rows * cols == 1 {
        return Err(CellError::because(ErrorKind::Na, "actual and expected must be of one size"));
    }
    let pairs = number_pairs(&actual, &expected)?;
    if pairs.iter().any(|(_, expected)| *expected == 0.0) {
        return Err(CellError::new(ErrorKind::Div0));
    }
    let sum = total(pairs.iter().map(|(a, e)| (a - e) * (a - e) / e));
    let freedom = if rows > 1 && cols > 1 { (rows - 1) * (cols - 1) } else { rows * cols - 1 };
    Ok(Value::number(gamma_q(freedom as f64 / 2.0, sum / 2.0)))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn samples_are_tested() {
        check(&[
            ("CONFIDENCE.NORM(0.05,2.5,50)", "0.692951912174839"),
            ("CONFIDENCE.T(0.05,1,50)", "0.284196855458041"),
            ("Z.TEST({3,6,7,8,6,5,4,2,1,9},4)", "0.0905741968513638"),
            ("T.TEST({3,4,5,8,9,1,2,4,5},{6,19,3,2,14,4,5,17,1},2,1)", "0.196015785000139"),
            ("ROUND(CHISQ.TEST({58,35;11,25;10,23},{45.35,47.65;17.56,18.44;16.09,16.91}),9)", "0.000308192"),
            ("ROUND(F.TEST({6,7,9,15,21},{20,28,31,38,40}),6)", "0.648318"),
        ]);
    }
}
