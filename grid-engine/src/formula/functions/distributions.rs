//! Probability distributions and their inverses.

use super::args::out_of_range;
use super::arithmetic::choose;
use super::special::{beta_i, gamma, gamma_p, gamma_q, invert, ln_gamma, normal_cdf, normal_inverse, normal_pdf};
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
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
    declare(
        "POISSON.DIST(count, mean, cumulative)",
        "The Poisson distribution.",
        "=POISSON.DIST(2,5,TRUE)",
        Body::Each(poisson),
    ),
    declare("POISSON(count, mean, cumulative)", "The Poisson distribution.", "=POISSON(2,5,TRUE)", Body::Each(poisson)),
    declare(
        "BINOM.DIST(successes, trials, probability, cumulative)",
        "The binomial distribution.",
        "=BINOM.DIST(6,10,0.5,FALSE)",
        Body::Each(binomial),
    ),
    declare(
        "BINOMDIST(successes, trials, probability, cumulative)",
        "The binomial distribution.",
        "=BINOMDIST(6,10,0.5,FALSE)",
        Body::Each(binomial),
    ),
    declare(
        "BINOM.DIST.RANGE(trials, probability, from, [to])",
        "The probability of a range of successes.",
        "=BINOM.DIST.RANGE(10,0.5,3,7)",
        Body::Each(|args| {
            let (trials, p, from) = (args.number(0)?.trunc(), probability(args, 1)?, args.number(2)?.trunc());
            let to = args.number_or(3, from)?.trunc();
            if from < 0.0 || to < from || to > trials {
                return Err(out_of_range("successes lie between 0 and the trials"));
            }
            Ok(Value::number(
                binomial_cdf(to, trials, p) - if from > 0.0 { binomial_cdf(from - 1.0, trials, p) } else { 0.0 },
            ))
        }),
    ),
    declare(
        "BINOM.INV(trials, probability, level)",
        "The least successes whose probability reaches a level.",
        "=BINOM.INV(10,0.5,0.95)",
        Body::Each(binomial_quantile),
    ),
    declare(
        "CRITBINOM(trials, probability, level)",
        "The least successes whose probability reaches a level.",
        "=CRITBINOM(10,0.5,0.95)",
        Body::Each(binomial_quantile),
    ),
    declare(
        "NEGBINOM.DIST(failures, successes, probability, cumulative)",
        "The negative binomial distribution.",
        "=NEGBINOM.DIST(10,5,0.25,FALSE)",
        Body::Each(|args| {
            let (f, s, p) = (args.number(0)?.trunc(), args.number(1)?.trunc(), probability(args, 2)?);
            if f < 0.0 || s < 1.0 {
                return Err(out_of_range("failures are 0 or more, successes 1 or more"));
            }
            Ok(Value::number(if args.bool(3)? {
                beta_i(s, f + 1.0, p)
            } else {
                choose(f + s - 1.0, s - 1.0) * p.powf(s) * (1.0 - p).powf(f)
            }))
        }),
    ),
    declare(
        "HYPGEOM.DIST(successes, sample, population_successes, population, cumulative)",
        "The hypergeometric distribution.",
        "=HYPGEOM.DIST(1,4,8,20,TRUE)",
        Body::Each(|args| {
            let part = |index| args.number(index).map(f64::trunc);
            let (x, n, k, m) = (part(0)?, part(1)?, part(2)?, part(3)?);
            if x < 0.0 || n <= 0.0 || n > m || k <= 0.0 || k > m || x > n.min(k) || x < n + k - m {
                return Err(out_of_range("the counts do not fit each other"));
            }
            let mass = |x: f64| choose(k, x) * choose(m - k, n - x) / choose(m, n);
            let first = (n + k - m).max(0.0) as u64;
            Ok(Value::number(if args.bool(4)? { (first..=x as u64).map(|x| mass(x as f64)).sum() } else { mass(x) }))
        }),
    ),
];

fn positive(args: &Args<'_>, index: usize) -> Result<f64, CellError> {
    let number = args.number(index)?;
    if number > 0.0 { Ok(number) } else { Err(out_of_range("the number must be above 0")) }
}

fn not_negative(args: &Args<'_>, index: usize) -> Result<f64, CellError> {
    let number = args.number(index)?;
    if number >= 0.0 { Ok(number) } else { Err(out_of_range("the number must not be negative")) }
}

fn probability(args: &Args<'_>, index: usize) -> Result<f64, CellError> {
    let number = args.number(index)?;
    if (0.0..=1.0).contains(&number) { Ok(number) } else { Err(out_of_range("a probability lies between 0 and 1")) }
}

fn half_open_probability(args: &Args<'_>, index: usize) -> Result<f64, CellError> {
    probability(args, index)
        .and_then(|p| if p < 1.0 { Ok(p) } else { Err(out_of_range("the probability must be below 1")) })
}

fn open_probability(args: &Args<'_>, index: usize) -> Result<f64, CellError> {
    half_open_probability(args, index)
        .and_then(|p| if p > 0.0 { Ok(p) } else { Err(out_of_range("the probability must be above 0")) })
}

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

pub(super) fn t_cdf(x: f64, freedom: f64) -> f64 {
    if x * x < freedom {
        // Near the middle the tail is close to a half: what lies between keeps its digits.
        let half = 0.5 * beta_i(0.5, freedom / 2.0, x * x / (freedom + x * x));
        return if x > 0.0 { 0.5 + half } else { 0.5 - half };
    }
    let tail = 0.5 * beta_i(freedom / 2.0, 0.5, freedom / (freedom + x * x));
    if x > 0.0 { 1.0 - tail } else { tail }
}

fn t_pdf(x: f64, freedom: f64) -> f64 {
    let log = ln_gamma((freedom + 1.0) / 2.0) - ln_gamma(freedom / 2.0) - 0.5 * (freedom * std::f64::consts::PI).ln();
    (log - (freedom + 1.0) / 2.0 * (x * x / freedom).ln_1p()).exp()
}

pub(super) fn t_inverse(p: f64, freedom: f64) -> f64 {
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
    Ok(Value::number(2.0 * invert(-p, 0.0, f64::INFINITY, |x| -gamma_q(k / 2.0, x))))
}

fn gamma_pdf(x: f64, shape: f64, scale: f64) -> f64 {
    if x == 0.0 {
        return if shape == 1.0 {
            1.0 / scale
        } else if shape > 1.0 {
            0.0
        } else {
            f64::INFINITY
        };
    }
    ((shape - 1.0) * x.ln() - x / scale - ln_gamma(shape) - shape * scale.ln()).exp()
}

fn gamma_inverse(p: f64, shape: f64, scale: f64) -> f64 {
    if p == 0.0 { 0.0 } else { scale * invert(p, 0.0, f64::INFINITY, |x| gamma_p(shape, x)) }
}

fn gamma_distribution(args: &Args<'_>) -> Outcome {
    let (x, shape, scale) = (not_negative(args, 0)?, positive(args, 1)?, positive(args, 2)?);
    Ok(Value::number(if args.bool(3)? { gamma_p(shape, x / scale) } else { gamma_pdf(x, shape, scale) }))
}

fn gamma_quantile(args: &Args<'_>) -> Outcome {
    Ok(Value::number(gamma_inverse(half_open_probability(args, 0)?, positive(args, 1)?, positive(args, 2)?)))
}

fn f_cdf(x: f64, a: f64, b: f64) -> f64 {
    beta_i(a / 2.0, b / 2.0, a * x / (a * x + b))
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
    let log = 0.5 * (a * (a * x).ln() + b * b.ln() - (a + b) * (a * x + b).ln()) - x.ln();
    (log - ln_gamma(a / 2.0) - ln_gamma(b / 2.0) + ln_gamma((a + b) / 2.0)).exp()
}

fn f_tail(args: &Args<'_>) -> Outcome {
    let (x, a, b) = (not_negative(args, 0)?, freedom(args, 1)?, freedom(args, 2)?);
    Ok(Value::number(beta_i(b / 2.0, a / 2.0, b / (a * x + b))))
}

fn f_inverse(p: f64, a: f64, b: f64) -> f64 {
    if p == 0.0 { 0.0 } else { invert(p, 0.0, f64::INFINITY, |x| f_cdf(x, a, b)) }
}

fn f_tail_inverse(args: &Args<'_>) -> Outcome {
    let (p, a, b) = (probability(args, 0)?, freedom(args, 1)?, freedom(args, 2)?);
    if p == 0.0 {
        return Err(out_of_range("the probability must be above 0"));
    }
    if p == 1.0 {
        return Ok(Value::Number(0.0));
    }
    Ok(Value::number(invert(-p, 0.0, f64::INFINITY, |x| -beta_i(b / 2.0, a / 2.0, b / (a * x + b)))))
}

fn beta_distribution(x: f64, a: f64, b: f64, cumulative: bool, low: f64, high: f64) -> Outcome {
    if !(low..=high).contains(&x) || low == high {
        return Err(out_of_range("x lies between the limits"));
    }
    let share = (x - low) / (high - low);
    if cumulative {
        return Ok(Value::number(beta_i(a, b, share)));
    }
    let log = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    Ok(Value::number(log.exp() * share.powf(a - 1.0) * (1.0 - share).powf(b - 1.0) / (high - low)))
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
    let share = invert(p, 0.0, 1.0, |x| beta_i(a, b, x));
    Ok(Value::number(low + share * (high - low)))
}

fn exponential(args: &Args<'_>) -> Outcome {
    let (x, rate) = (not_negative(args, 0)?, positive(args, 1)?);
    Ok(Value::number(if args.bool(2)? { -(-rate * x).exp_m1() } else { rate * (-rate * x).exp() }))
}

fn poisson(args: &Args<'_>) -> Outcome {
    let (count, mean) = (not_negative(args, 0)?.trunc(), not_negative(args, 1)?);
    if mean == 0.0 {
        return Ok(Value::number(f64::from(u8::from(args.bool(2)? || count == 0.0))));
    }
    Ok(Value::number(if args.bool(2)? {
        gamma_q(count + 1.0, mean)
    } else {
        (count * mean.ln() - mean - ln_gamma(count + 1.0)).exp()
    }))
}

fn binomial_cdf(successes: f64, trials: f64, p: f64) -> f64 {
    if successes >= trials { 1.0 } else { beta_i(trials - successes, successes + 1.0, 1.0 - p) }
}

fn binomial(args: &Args<'_>) -> Outcome {
    let (successes, trials, p) = (args.number(0)?.trunc(), args.number(1)?.trunc(), probability(args, 2)?);
    if successes < 0.0 || successes > trials {
        return Err(out_of_range("successes lie between 0 and the trials"));
    }
    if args.bool(3)? {
        return Ok(Value::number(binomial_cdf(successes, trials, p)));
    }
    let failures = trials - successes;
    let direct = choose(trials, successes) * p.powf(successes) * (1.0 - p).powf(failures);
    if trials < 500.0 || p == 0.0 || p == 1.0 {
        return Ok(Value::number(direct));
    }
    let log = ln_gamma(trials + 1.0) - ln_gamma(successes + 1.0) - ln_gamma(failures + 1.0);
    Ok(Value::number((log + successes * p.ln() + failures * (-p).ln_1p()).exp()))
}

fn binomial_quantile(args: &Args<'_>) -> Outcome {
    let (trials, p, level) = (args.number(0)?.trunc(), probability(args, 1)?, probability(args, 2)?);
    if trials < 0.0 {
        return Err(out_of_range("trials must not be negative"));
    }
    let (mut low, mut high) = (0.0, trials);
    while low < high {
        let middle = ((low + high) / 2.0_f64).floor();
        if binomial_cdf(middle, trials, p) + 1e-15 >= level { high = middle } else { low = middle + 1.0 }
    }
    Ok(Value::number(low))
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
            ("ROUND(GAMMA.DIST(10.00001131,9,2,TRUE),9)", "0.068094004"),
            ("BETA.DIST(2,8,10,TRUE,1,3)", "0.685470581054688"),
            ("BETA.INV(0.685470581,8,10,1,3)", "2"),
            ("EXPON.DIST(0.2,10,TRUE)", "0.8646647167633873"),
            ("WEIBULL.DIST(105,20,100,TRUE)", "0.929581390069277"),
            ("POISSON.DIST(2,5,TRUE)", "0.12465201948308108"),
            ("BINOM.DIST(6,10,0.5,FALSE)", "0.205078125"),
            ("BINOM.INV(6,0.5,0.75)", "4"),
            ("NEGBINOM.DIST(10,5,0.25,TRUE)", "0.3135140584781766"),
            ("HYPGEOM.DIST(1,4,8,20,TRUE)", "0.4654282765737874"),
        ]);
    }
}
