//! The normal distribution and those of samples from it: Student's t, chi-squared and F.

use super::super::args::out_of_range;
use super::super::special::{
    beta_i, binomial_mass, deviance, gamma_p, gamma_q, invert, normal_cdf, normal_inverse, normal_pdf, stirling_error,
};
use super::super::{Args, Body, Declared, declare};
use super::gamma::{gamma_inverse, gamma_pdf, gamma_tail_inverse};
use super::{half_open_probability, not_negative, open_probability, positive, probability};
use crate::formula::eval::Outcome;
use crate::value::{CellError, Value};

pub(in super::super) const FUNCTIONS: &[Declared] = &[
    declare(
        "NORM.DIST(x, mean, deviation, cumulative)",
        "The normal distribution.",
        "=NORM.DIST(42,40,1.5,TRUE)",
        Body::Each(normal),
    ),
    declare(
        "NORMDIST(x, mean, deviation, cumulative)",
        "The normal distribution.",
        "=NORMDIST(42,40,1.5,TRUE)",
        Body::Each(normal),
    ),
    declare(
        "NORM.INV(probability, mean, deviation)",
        "The value a normal variable stays below with a probability.",
        "=NORM.INV(0.95,40,1.5)",
        Body::Each(normal_quantile),
    ),
    declare(
        "NORMINV(probability, mean, deviation)",
        "The value a normal variable stays below with a probability.",
        "=NORMINV(0.95,40,1.5)",
        Body::Each(normal_quantile),
    ),
    declare(
        "NORM.S.DIST(z, cumulative)",
        "The standard normal distribution.",
        "=NORM.S.DIST(1.96,TRUE)",
        Body::Each(|args| {
            let z = args.number(0)?;
            Ok(Value::number(if args.bool(1)? { normal_cdf(z) } else { normal_pdf(z) }))
        }),
    ),
    declare(
        "NORMSDIST(z)",
        "The standard normal distribution function.",
        "=NORMSDIST(1.96)",
        Body::Each(|args| Ok(Value::number(normal_cdf(args.number(0)?)))),
    ),
    declare(
        "NORM.S.INV(probability)",
        "The safety factor of a service level.",
        "=NORM.S.INV(0.95)",
        Body::Each(|args| Ok(Value::number(normal_inverse(open_probability(args, 0)?)))),
    ),
    declare(
        "NORMSINV(probability)",
        "The safety factor of a service level.",
        "=NORMSINV(0.95)",
        Body::Each(|args| Ok(Value::number(normal_inverse(open_probability(args, 0)?)))),
    ),
    declare(
        "PHI(z)",
        "The standard normal density.",
        "=PHI(0)",
        Body::Each(|args| Ok(Value::number(normal_pdf(args.number(0)?)))),
    ),
    declare(
        "GAUSS(z)",
        "The probability between the mean and z deviations.",
        "=GAUSS(2)",
        Body::Each(|args| Ok(Value::number(normal_cdf(args.number(0)?) - 0.5))),
    ),
    declare(
        "LOGNORM.DIST(x, mean, deviation, cumulative)",
        "The log-normal distribution.",
        "=LOGNORM.DIST(4,3.5,1.2,TRUE)",
        Body::Each(|args| {
            let (x, mean, deviation) = (positive(args, 0)?, args.number(1)?, positive(args, 2)?);
            let z = (x.ln() - mean) / deviation;
            Ok(Value::number(if args.bool(3)? { normal_cdf(z) } else { normal_pdf(z) / (deviation * x) }))
        }),
    ),
    declare(
        "LOGNORM.INV(probability, mean, deviation)",
        "The inverse of the log-normal distribution.",
        "=LOGNORM.INV(0.5,3.5,1.2)",
        Body::Each(|args| {
            let z = normal_inverse(open_probability(args, 0)?);
            Ok(Value::number((args.number(1)? + positive(args, 2)? * z).exp()))
        }),
    ),
    declare(
        "T.DIST(x, freedom, cumulative)",
        "Student's t distribution.",
        "=T.DIST(1,10,TRUE)",
        Body::Each(|args| {
            let (x, freedom) = (args.number(0)?, freedom(args, 1)?);
            Ok(Value::number(if args.bool(2)? { t_cdf(x, freedom) } else { t_pdf(x, freedom) }))
        }),
    ),
    declare(
        "T.DIST.RT(x, freedom)",
        "The right tail of the t distribution.",
        "=T.DIST.RT(1,10)",
        Body::Each(|args| Ok(Value::number(t_cdf(-args.number(0)?, freedom(args, 1)?)))),
    ),
    declare(
        "T.DIST.2T(x, freedom)",
        "Both tails of the t distribution.",
        "=T.DIST.2T(1,10)",
        Body::Each(|args| {
            let x = args.number(0)?;
            if x < 0.0 {
                Err(out_of_range("x must not be negative"))
            } else {
                Ok(Value::number(2.0 * t_cdf(-x, freedom(args, 1)?)))
            }
        }),
    ),
    declare(
        "TDIST(x, freedom, tails)",
        "One or two tails of the t distribution.",
        "=TDIST(1,10,2)",
        Body::Each(|args| {
            let (x, tails) = (args.number(0)?, args.number(2)?.trunc());
            if x < 0.0 || !(1.0..=2.0).contains(&tails) {
                return Err(out_of_range("x must not be negative, tails are 1 or 2"));
            }
            Ok(Value::number(tails * t_cdf(-x, freedom(args, 1)?)))
        }),
    ),
    declare(
        "T.INV(probability, freedom)",
        "The inverse of the t distribution.",
        "=T.INV(0.95,10)",
        Body::Each(|args| Ok(Value::number(t_inverse(open_probability(args, 0)?, freedom(args, 1)?)))),
    ),
    declare(
        "T.INV.2T(probability, freedom)",
        "The inverse of both tails of the t distribution.",
        "=T.INV.2T(0.05,10)",
        Body::Each(t_two_tails),
    ),
    declare(
        "TINV(probability, freedom)",
        "The inverse of both tails of the t distribution.",
        "=TINV(0.05,10)",
        Body::Each(t_two_tails),
    ),
    declare(
        "CHISQ.DIST(x, freedom, cumulative)",
        "The chi-squared distribution.",
        "=CHISQ.DIST(2,3,TRUE)",
        Body::Each(|args| {
            let (x, freedom) = (not_negative(args, 0)?, freedom(args, 1)?);
            Ok(Value::number(if args.bool(2)? {
                gamma_p(freedom / 2.0, x / 2.0)
            } else {
                gamma_pdf(x, freedom / 2.0, 2.0)
            }))
        }),
    ),
    declare(
        "CHISQ.DIST.RT(x, freedom)",
        "The right tail of the chi-squared distribution.",
        "=CHISQ.DIST.RT(2,3)",
        Body::Each(chi_tail),
    ),
    declare(
        "CHIDIST(x, freedom)",
        "The right tail of the chi-squared distribution.",
        "=CHIDIST(2,3)",
        Body::Each(chi_tail),
    ),
    declare(
        "CHISQ.INV(probability, freedom)",
        "The inverse of the chi-squared distribution.",
        "=CHISQ.INV(0.95,3)",
        Body::Each(|args| {
            let (p, k) = (half_open_probability(args, 0)?, freedom(args, 1)?);
            Ok(Value::number(gamma_inverse(p, k / 2.0, 2.0)))
        }),
    ),
    declare(
        "CHISQ.INV.RT(probability, freedom)",
        "The inverse of the right tail of the chi-squared distribution.",
        "=CHISQ.INV.RT(0.05,3)",
        Body::Each(chi_tail_inverse),
    ),
    declare(
        "CHIINV(probability, freedom)",
        "The inverse of the right tail of the chi-squared distribution.",
        "=CHIINV(0.05,3)",
        Body::Each(chi_tail_inverse),
    ),
    declare(
        "F.DIST(x, freedom1, freedom2, cumulative)",
        "The F distribution.",
        "=F.DIST(2,5,10,TRUE)",
        Body::Each(|args| {
            let (x, a, b) = (not_negative(args, 0)?, freedom(args, 1)?, freedom(args, 2)?);
            Ok(Value::number(if args.bool(3)? { f_cdf(x, a, b) } else { f_pdf(x, a, b) }))
        }),
    ),
    declare(
        "F.DIST.RT(x, freedom1, freedom2)",
        "The right tail of the F distribution.",
        "=F.DIST.RT(2,5,10)",
        Body::Each(f_tail),
    ),
    declare(
        "FDIST(x, freedom1, freedom2)",
        "The right tail of the F distribution.",
        "=FDIST(2,5,10)",
        Body::Each(f_tail),
    ),
    declare(
        "F.INV(probability, freedom1, freedom2)",
        "The inverse of the F distribution.",
        "=F.INV(0.95,5,10)",
        Body::Each(|args| {
            let (p, a, b) = (half_open_probability(args, 0)?, freedom(args, 1)?, freedom(args, 2)?);
            Ok(Value::number(f_inverse(p, a, b)))
        }),
    ),
    declare(
        "F.INV.RT(probability, freedom1, freedom2)",
        "The inverse of the right tail of the F distribution.",
        "=F.INV.RT(0.05,5,10)",
        Body::Each(f_tail_inverse),
    ),
    declare(
        "FINV(probability, freedom1, freedom2)",
        "The inverse of the right tail of the F distribution.",
        "=FINV(0.05,5,10)",
        Body::Each(f_tail_inverse),
    ),
];

fn freedom(args: &Args<'_>, index: usize) -> Result<f64, CellError> {
    let number = args.number(index)?.trunc();
    if (1.0..=1e10).contains(&number) {
        Ok(number)
    } else {
        Err(out_of_range("there is at least one degree of freedom"))
    }
}

fn normal(args: &Args<'_>) -> Outcome {
    let deviation = positive(args, 2)?;
    let z = (args.number(0)? - args.number(1)?) / deviation;
    Ok(Value::number(if args.bool(3)? { normal_cdf(z) } else { normal_pdf(z) / deviation }))
}

fn normal_quantile(args: &Args<'_>) -> Outcome {
    let z = normal_inverse(open_probability(args, 0)?);
    Ok(Value::number(args.number(1)? + positive(args, 2)? * z))
}

pub(in super::super) fn t_cdf(x: f64, freedom: f64) -> f64 {
    let whole = freedom + x * x;
    if x * x < freedom {
        // Near the middle the tail is close to a half: what lies between keeps its digits.
        let half = 0.5 * beta_i(0.5, freedom / 2.0, x * x / whole, freedom / whole);
        return if x > 0.0 { 0.5 + half } else { 0.5 - half };
    }
    let tail = 0.5 * beta_i(freedom / 2.0, 0.5, freedom / whole, x * x / whole);
    if x > 0.0 { 1.0 - tail } else { tail }
}

fn t_pdf(x: f64, freedom: f64) -> f64 {
    let half = freedom / 2.0;
    // Γ(half + ½) / Γ(half), without the difference of two large logarithms.
    let scale = stirling_error(half + 0.5) - stirling_error(half) - deviance(half, half + 0.5);
    (scale - (half + 0.5) * (x * x / freedom).ln_1p()).exp() / std::f64::consts::TAU.sqrt()
}

pub(in super::super) fn t_inverse(p: f64, freedom: f64) -> f64 {
    if p == 0.5 {
        return 0.0;
    }
    let tail = p.min(1.0 - p);
    let x = invert(-tail, 0.0, f64::INFINITY, |x| -t_cdf(-x, freedom));
    if p < 0.5 { -x } else { x }
}

fn t_two_tails(args: &Args<'_>) -> Outcome {
    let p = probability(args, 0)?;
    if p == 0.0 {
        return Err(out_of_range("the probability must be above 0"));
    }
    Ok(Value::number(-t_inverse(p / 2.0, freedom(args, 1)?)))
}

fn chi_tail(args: &Args<'_>) -> Outcome {
    Ok(Value::number(gamma_q(freedom(args, 1)? / 2.0, not_negative(args, 0)? / 2.0)))
}

fn chi_tail_inverse(args: &Args<'_>) -> Outcome {
    let (p, k) = (probability(args, 0)?, freedom(args, 1)?);
    if p == 0.0 {
        return Err(out_of_range("the probability must be above 0"));
    }
    if p == 1.0 {
        return Ok(Value::Number(0.0));
    }
    Ok(Value::number(2.0 * gamma_tail_inverse(p, k / 2.0)))
}

fn f_cdf(x: f64, a: f64, b: f64) -> f64 {
    let whole = a * x + b;
    beta_i(a / 2.0, b / 2.0, a * x / whole, b / whole)
}

fn f_upper(x: f64, a: f64, b: f64) -> f64 {
    let whole = a * x + b;
    beta_i(b / 2.0, a / 2.0, b / whole, a * x / whole)
}

fn f_pdf(x: f64, a: f64, b: f64) -> f64 {
    if x == 0.0 {
        return if a == 2.0 {
            1.0
        } else if a > 2.0 {
            0.0
        } else {
            f64::INFINITY
        };
    }
    // The density of a x as a share of a x + b, which is a beta distribution, by its Jacobian.
    let whole = a * x + b;
    binomial_mass(a / 2.0, (a + b) / 2.0, a * x / whole, b / whole) * (a / (a + b) * b / 2.0) / x
}

fn f_tail(args: &Args<'_>) -> Outcome {
    let (x, a, b) = (not_negative(args, 0)?, freedom(args, 1)?, freedom(args, 2)?);
    Ok(Value::number(f_upper(x, a, b)))
}

fn f_inverse(p: f64, a: f64, b: f64) -> f64 {
    match p {
        0.0 => 0.0,
        // By the smaller tail, which keeps its digits.
        _ if p > 0.5 => f_upper_inverse(1.0 - p, a, b),
        _ => invert(p, 0.0, f64::INFINITY, |x| f_cdf(x, a, b)),
    }
}

fn f_upper_inverse(tail: f64, a: f64, b: f64) -> f64 {
    invert(-tail, 0.0, f64::INFINITY, |x| -f_upper(x, a, b))
}

fn f_tail_inverse(args: &Args<'_>) -> Outcome {
    let (p, a, b) = (probability(args, 0)?, freedom(args, 1)?, freedom(args, 2)?);
    if p == 0.0 {
        return Err(out_of_range("the probability must be above 0"));
    }
    if p == 1.0 {
        return Ok(Value::Number(0.0));
    }
    Ok(Value::number(f_upper_inverse(p, a, b)))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn published_values() {
        check(&[
            ("NORM.DIST(42,40,1.5,TRUE)", "0.9087887802741321"),
            ("NORM.S.INV(0.95)", "1.6448536269514722"),
            ("NORM.S.INV(1)", "#NUM!"),
            ("NORM.INV(0.908789,40,1.5)", "42.00000200956616"),
            ("LOGNORM.DIST(4,3.5,1.2,TRUE)", "0.0390835557068005"),
            ("T.DIST(60,1,TRUE)", "0.9946953263673741"),
            ("T.INV.2T(0.546449,60)", "0.606533075825759"),
            ("CHISQ.DIST.RT(18.307,10)", "0.0500005890913981"),
            ("CHISQ.INV(0.93,1)", "3.283020286759536"),
            ("ROUND(F.DIST(15.2069,6,4,TRUE),6)", "0.99"),
            ("F.INV(0.01,6,4)", "0.10930991412457851"),
            // Independently computed, where logarithms of factorials lose their digits.
            ("ROUND(F.INV(0.999995,10000,1)/1E6,4)", "25463.5177"),
            ("ROUND(T.INV(0.826296,647821842),12)", "0.939628797144"),
            ("ROUND(T.DIST(1.53714,647821842,FALSE),12)", "0.122415017669"),
            ("ROUND(CHISQ.INV.RT(0.826296,647821842),3)", "647788019.936"),
        ]);
    }
}
