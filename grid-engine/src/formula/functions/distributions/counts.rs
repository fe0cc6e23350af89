//! Distributions of counts.

use super::super::args::out_of_range;
use super::super::special::{beta_i, binomial_mass, gamma_q, poisson_mass};
use super::super::{Args, Body, Declared, declare};
use super::{not_negative, probability};
use crate::formula::eval::Outcome;
use crate::value::Value;

pub(in super::super) const FUNCTIONS: &[Declared] = &[
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
                beta_i(s, f + 1.0, p, 1.0 - p)
            } else {
                s / (s + f) * binomial_mass(s, s + f, p, 1.0 - p)
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
            let cumulative = args.bool(4)?;
            Ok(Value::number(hypergeometric(x, n, k, m, cumulative)))
        }),
    ),
];

fn poisson(args: &Args<'_>) -> Outcome {
    let (count, mean) = (not_negative(args, 0)?.trunc(), not_negative(args, 1)?);
    if mean == 0.0 {
        return Ok(Value::number(f64::from(u8::from(args.bool(2)? || count == 0.0))));
    }
    Ok(Value::number(if args.bool(2)? { gamma_q(count + 1.0, mean) } else { poisson_mass(count, mean) }))
}

fn binomial_cdf(successes: f64, trials: f64, p: f64) -> f64 {
    if successes >= trials { 1.0 } else { beta_i(trials - successes, successes + 1.0, 1.0 - p, p) }
}

fn binomial(args: &Args<'_>) -> Outcome {
    let (successes, trials, p) = (args.number(0)?.trunc(), args.number(1)?.trunc(), probability(args, 2)?);
    if successes < 0.0 || successes > trials {
        return Err(out_of_range("successes lie between 0 and the trials"));
    }
    if args.bool(3)? {
        return Ok(Value::number(binomial_cdf(successes, trials, p)));
    }
    Ok(Value::number(binomial_mass(successes, trials, p, 1.0 - p)))
}

/// The probability of `x` successes, or of at most that many, in a sample of `n` from `m` with `k` successes among them,
/// as three binomial probabilities (Loader, as `binomial_mass`); tails term by term from the largest.
fn hypergeometric(x: f64, n: f64, k: f64, m: f64, cumulative: bool) -> f64 {
    let p = n / m;
    let q = (m - n) / m;
    let mass = |x: f64| binomial_mass(x, k, p, q) * binomial_mass(n - x, m - k, p, q) / binomial_mass(n, m, p, q);
    if !cumulative {
        return mass(x);
    }
    // Of two tails the one that does not hold the mean: it falls from its first term on.
    let upper = x * m > n * k;
    let (mut at, mut sum) = if upper { (x + 1.0, 0.0) } else { (x, 0.0) };
    let mut term = if upper && at > n.min(k) { 0.0 } else { mass(at) };
    while term > 0.0 && sum + term != sum {
        sum += term;
        let (step, odds) = if upper {
            (1.0, (k - at) * (n - at) / ((at + 1.0) * (m - k - n + at + 1.0)))
        } else {
            (-1.0, at * (m - k - n + at) / ((k - at + 1.0) * (n - at + 1.0)))
        };
        at += step;
        term *= odds;
    }
    if upper { 1.0 - sum } else { sum }
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
            ("POISSON.DIST(2,5,TRUE)", "0.12465201948308108"),
            ("BINOM.DIST(6,10,0.5,FALSE)", "0.205078125"),
            ("BINOM.INV(6,0.5,0.75)", "4"),
            ("NEGBINOM.DIST(10,5,0.25,TRUE)", "0.3135140584781766"),
            ("HYPGEOM.DIST(1,4,8,20,TRUE)", "0.4654282765737874"),
            // Independently computed, where factorials overflow.
            ("ROUND(HYPGEOM.DIST(314,1388,425,1847,TRUE),12)", "0.264969137560"),
            ("ROUND(HYPGEOM.DIST(280,371,827,1116,TRUE),12)", "0.790216682157"),
            ("ROUND(HYPGEOM.DIST(400,837,708,1324,TRUE)*1E8,6)", "3.292109"),
        ]);
    }
}
