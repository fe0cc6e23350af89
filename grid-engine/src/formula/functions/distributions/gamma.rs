//! The gamma and beta distributions and their kin: times until something happens, and shares.

use super::super::args::out_of_range;
use super::super::special::{beta_i, binomial_mass, gamma, gamma_p, gamma_q, invert, ln_gamma, poisson_mass};
use super::super::{Args, Body, Declared, declare};
use super::{half_open_probability, not_negative, positive, probability};
use crate::formula::eval::Outcome;
use crate::value::Value;

pub(in super::super) const FUNCTIONS: &[Declared] = &[
    declare(
        "GAMMA(x)",
        "The gamma function.",
        "=GAMMA(5)",
        Body::Each(|args| Ok(Value::number(gamma(args.number(0)?)))),
    ),
    declare(
        "GAMMALN(x)",
        "The logarithm of the gamma function.",
        "=GAMMALN(4)",
        Body::Each(|args| Ok(Value::number(ln_gamma(positive(args, 0)?)))),
    ),
    declare(
        "GAMMALN.PRECISE(x)",
        "The logarithm of the gamma function.",
        "=GAMMALN.PRECISE(4)",
        Body::Each(|args| Ok(Value::number(ln_gamma(positive(args, 0)?)))),
    ),
    declare(
        "GAMMA.DIST(x, shape, scale, cumulative)",
        "The gamma distribution.",
        "=GAMMA.DIST(2,3,1,TRUE)",
        Body::Each(gamma_distribution),
    ),
    declare(
        "GAMMADIST(x, shape, scale, cumulative)",
        "The gamma distribution.",
        "=GAMMADIST(2,3,1,TRUE)",
        Body::Each(gamma_distribution),
    ),
    declare(
        "GAMMA.INV(probability, shape, scale)",
        "The inverse of the gamma distribution.",
        "=GAMMA.INV(0.5,3,1)",
        Body::Each(gamma_quantile),
    ),
    declare(
        "GAMMAINV(probability, shape, scale)",
        "The inverse of the gamma distribution.",
        "=GAMMAINV(0.5,3,1)",
        Body::Each(gamma_quantile),
    ),
    declare(
        "BETA.DIST(x, alpha, beta, cumulative, [least], [greatest])",
        "The beta distribution.",
        "=BETA.DIST(0.4,2,3,TRUE)",
        Body::Each(|args| {
            let (low, high) = (args.number_or(4, 0.0)?, args.number_or(5, 1.0)?);
            beta_distribution(args.number(0)?, positive(args, 1)?, positive(args, 2)?, args.bool(3)?, low, high)
        }),
    ),
    declare(
        "BETADIST(x, alpha, beta, [least], [greatest])",
        "The beta distribution function.",
        "=BETADIST(0.4,2,3)",
        Body::Each(|args| {
            let (low, high) = (args.number_or(3, 0.0)?, args.number_or(4, 1.0)?);
            beta_distribution(args.number(0)?, positive(args, 1)?, positive(args, 2)?, true, low, high)
        }),
    ),
    declare(
        "BETA.INV(probability, alpha, beta, [least], [greatest])",
        "The inverse of the beta distribution.",
        "=BETA.INV(0.5,2,3)",
        Body::Each(beta_quantile),
    ),
    declare(
        "BETAINV(probability, alpha, beta, [least], [greatest])",
        "The inverse of the beta distribution.",
        "=BETAINV(0.5,2,3)",
        Body::Each(beta_quantile),
    ),
    declare(
        "EXPON.DIST(x, rate, cumulative)",
        "The exponential distribution.",
        "=EXPON.DIST(0.2,10,TRUE)",
        Body::Each(exponential),
    ),
    declare(
        "EXPONDIST(x, rate, cumulative)",
        "The exponential distribution.",
        "=EXPONDIST(0.2,10,TRUE)",
        Body::Each(exponential),
    ),
    declare(
        "WEIBULL.DIST(x, shape, scale, cumulative)",
        "The Weibull distribution.",
        "=WEIBULL.DIST(105,20,100,TRUE)",
        Body::Each(|args| {
            let (x, shape, scale) = (not_negative(args, 0)?, positive(args, 1)?, positive(args, 2)?);
            let power = (x / scale).powf(shape);
            Ok(Value::number(if args.bool(3)? {
                1.0 - (-power).exp()
            } else {
                shape / scale * (x / scale).powf(shape - 1.0) * (-power).exp()
            }))
        }),
    ),
];

pub(super) fn gamma_pdf(x: f64, shape: f64, scale: f64) -> f64 {
    if x == 0.0 {
        return if shape == 1.0 {
            1.0 / scale
        } else if shape > 1.0 {
            0.0
        } else {
            f64::INFINITY
        };
    }
    if shape < 1.0 { poisson_mass(shape, x / scale) * shape / x } else { poisson_mass(shape - 1.0, x / scale) / scale }
}

pub(super) fn gamma_inverse(p: f64, shape: f64, scale: f64) -> f64 {
    match p {
        0.0 => 0.0,
        // By the smaller tail, which keeps its digits.
        _ if p > 0.5 => scale * gamma_tail_inverse(1.0 - p, shape),
        _ => scale * invert(p, 0.0, f64::INFINITY, |x| gamma_p(shape, x)),
    }
}

/// Where the upper tail of the gamma distribution of scale 1 holds a probability.
pub(super) fn gamma_tail_inverse(tail: f64, shape: f64) -> f64 {
    invert(-tail, 0.0, f64::INFINITY, |x| -gamma_q(shape, x))
}

fn gamma_distribution(args: &Args<'_>) -> Outcome {
    let (x, shape, scale) = (not_negative(args, 0)?, positive(args, 1)?, positive(args, 2)?);
    Ok(Value::number(if args.bool(3)? { gamma_p(shape, x / scale) } else { gamma_pdf(x, shape, scale) }))
}

fn gamma_quantile(args: &Args<'_>) -> Outcome {
    Ok(Value::number(gamma_inverse(half_open_probability(args, 0)?, positive(args, 1)?, positive(args, 2)?)))
}

fn beta_distribution(x: f64, a: f64, b: f64, cumulative: bool, low: f64, high: f64) -> Outcome {
    if !(low..=high).contains(&x) || low == high {
        return Err(out_of_range("x lies between the limits"));
    }
    let share = (x - low) / (high - low);
    if cumulative {
        return Ok(Value::number(beta_i(a, b, share, (high - x) / (high - low))));
    }
    let rest = (high - x) / (high - low);
    let density = if share > 0.0 && rest > 0.0 {
        binomial_mass(a, a + b, share, rest) * (a / (a + b) * b) / (share * rest)
    } else {
        (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b)).exp() * share.powf(a - 1.0) * rest.powf(b - 1.0)
    };
    Ok(Value::number(density / (high - low)))
}

fn beta_quantile(args: &Args<'_>) -> Outcome {
    let (p, a, b) = (probability(args, 0)?, positive(args, 1)?, positive(args, 2)?);
    let (low, high) = (args.number_or(3, 0.0)?, args.number_or(4, 1.0)?);
    if low >= high {
        return Err(out_of_range("the limits are out of order"));
    }
    if p == 0.0 || p == 1.0 {
        return Err(out_of_range("the probability lies between 0 and 1"));
    }
    let share = invert(p, 0.0, 1.0, |x| beta_i(a, b, x, 1.0 - x));
    Ok(Value::number(low + share * (high - low)))
}

fn exponential(args: &Args<'_>) -> Outcome {
    let (x, rate) = (not_negative(args, 0)?, positive(args, 1)?);
    Ok(Value::number(if args.bool(2)? { -(-rate * x).exp_m1() } else { rate * (-rate * x).exp() }))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn published_values() {
        check(&[
            ("ROUND(GAMMA.DIST(10.00001131,9,2,TRUE),9)", "0.068094004"),
            ("BETA.DIST(2,8,10,TRUE,1,3)", "0.685470581054688"),
            ("BETA.INV(0.685470581,8,10,1,3)", "2"),
            ("EXPON.DIST(0.2,10,TRUE)", "0.8646647167633873"),
            ("WEIBULL.DIST(105,20,100,TRUE)", "0.929581390069277"),
        ]);
    }
}
