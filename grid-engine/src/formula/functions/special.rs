//! Special functions behind the distributions: gamma, beta, error function and their inverses.

use crate::forecast::normal_quantile;

/// Natural logarithm of Γ(x), x > 0. Lanczos approximation (g = 607/128, n = 15), about 15 digits.
/// Source: P. Godfrey, "A note on the computation of the convergent Lanczos complex Gamma approximation".
pub(super) fn ln_gamma(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 15] = [
        0.999_999_999_999_997_1,
        57.156_235_665_862_92,
        -59.597_960_355_475_49,
        14.136_097_974_741_746,
        -0.491_913_816_097_620_2,
        3.399_464_998_481_189e-5,
        4.652_362_892_704_858e-5,
        -9.837_447_530_487_956e-5,
        1.580_887_032_249_125e-4,
        -2.102_644_417_241_049e-4,
        2.174_396_181_152_126_4e-4,
        -1.643_181_065_367_639e-4,
        8.441_822_398_385_275e-5,
        -2.619_083_840_158_141e-5,
        3.689_918_265_953_162_5e-6,
    ];
    if x == 1.0 || x == 2.0 {
        return 0.0;
    }
    if x < 0.5 {
        let pi = std::f64::consts::PI;
        return (pi / (pi * x).sin().abs()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let t = x + 607.0 / 128.0 + 0.5;
    let series = COEFFICIENTS
        .iter()
        .enumerate()
        .skip(1)
        .fold(COEFFICIENTS[0], |sum, (index, coefficient)| sum + coefficient / (x + index as f64));
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * t.ln() - t + series.ln()
}

/// Γ(x); NaN at 0 and negative whole numbers.
pub(super) fn gamma(x: f64) -> f64 {
    if x <= 0.0 && x.fract() == 0.0 {
        return f64::NAN;
    }
    if x.fract() == 0.0 && x <= 171.0 {
        return (1..x as u32).map(f64::from).product();
    }
    if x < 0.5 {
        let pi = std::f64::consts::PI;
        return pi / ((pi * x).sin() * gamma(1.0 - x));
    }
    ln_gamma(x).exp()
}

/// What Stirling's formula leaves of ln n!: ln(n!) − ((n + ½) ln n − n + ½ ln 2π), n > 0.
pub(super) fn stirling_error(n: f64) -> f64 {
    if n < 16.0 {
        return ln_gamma(n + 1.0) - (n + 0.5) * n.ln() + n - 0.5 * std::f64::consts::TAU.ln();
    }
    let square = n * n;
    let series = [1.0 / 1188.0, 1.0 / 1680.0, 1.0 / 1260.0, 1.0 / 360.0, 1.0 / 12.0];
    series.into_iter().reduce(|inner, next| next - inner / square).unwrap_or_default() / n
}

/// The deviance x ln(x / mean) + mean − x, without cancellation where x lies near the mean.
pub(super) fn deviance(x: f64, mean: f64) -> f64 {
    if (x - mean).abs() >= 0.1 * (x + mean) {
        return x * (x / mean).ln() + mean - x;
    }
    let v = (x - mean) / (x + mean);
    let (mut sum, mut power) = ((x - mean) * v, 2.0 * x * v);
    for term in 1..1000 {
        power *= v * v;
        let next = sum + power / f64::from(2 * term + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// mean^x e^−mean / Γ(x + 1), x ≥ 0, exact to the last digits however large both are.
/// Source: C. Loader, "Fast and accurate computation of binomial probabilities", 2000.
pub(super) fn poisson_mass(x: f64, mean: f64) -> f64 {
    if mean == 0.0 {
        return f64::from(u8::from(x == 0.0));
    }
    if x == 0.0 {
        return (-mean).exp();
    }
    (-stirling_error(x) - deviance(x, mean)).exp() / (std::f64::consts::TAU * x).sqrt()
}

/// Γ(n + 1) / (Γ(x + 1) Γ(n − x + 1)) p^x q^(n − x) for p + q = 1, 0 ≤ x ≤ n. Source: Loader, as above.
pub(super) fn binomial_mass(x: f64, n: f64, p: f64, q: f64) -> f64 {
    let rest = n - x;
    if p == 0.0 || q == 0.0 {
        return f64::from(u8::from(if p == 0.0 { x == 0.0 } else { rest == 0.0 }));
    }
    if x == 0.0 || rest == 0.0 {
        // The smaller of both shares tells the logarithm of the other to its last digits.
        let (one, other) = if x == 0.0 { (q, p) } else { (p, q) };
        return (n * if other < 0.5 { (-other).ln_1p() } else { one.ln() }).exp();
    }
    let log = stirling_error(n) - stirling_error(x) - stirling_error(rest) - deviance(x, n * p) - deviance(rest, n * q);
    log.exp() * (n / (std::f64::consts::TAU * x * rest)).sqrt()
}

/// How many terms a series or continued fraction may take: what is large converges in about the root of it.
fn most_terms(size: f64) -> u32 {
    10_000 + (20.0 * size.sqrt()).min(4e6) as u32
}

/// Regularised lower incomplete gamma P(a, x): series below a + 1, continued fraction above.
/// Source: Press et al., Numerical Recipes, 6.2.
pub(super) fn gamma_p(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x < a + 1.0 { gamma_series(a, x) } else { 1.0 - gamma_fraction(a, x) }
}

/// The upper tail 1 − P(a, x), without cancellation.
pub(super) fn gamma_q(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 1.0;
    }
    if x < a + 1.0 { 1.0 - gamma_series(a, x) } else { gamma_fraction(a, x) }
}

fn gamma_series(a: f64, x: f64) -> f64 {
    let (mut n, mut term) = (a, 1.0 / a);
    let mut sum = term;
    for _ in 0..most_terms(a) {
        n += 1.0;
        term *= x / n;
        sum += term;
        if term.abs() < sum.abs() * 1e-17 {
            break;
        }
    }
    sum * a * poisson_mass(a, x)
}

fn gamma_fraction(a: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let mut b = x + 1.0 - a;
    let mut c = 1.0 / TINY;
    let mut d = 1.0 / b;
    let mut h = d;
    for i in 1..most_terms(a) {
        let an = -f64::from(i) * (f64::from(i) - a);
        b += 2.0;
        d = an * d + b;
        if d.abs() < TINY {
            d = TINY;
        }
        c = b + an / c;
        if c.abs() < TINY {
            c = TINY;
        }
        d = 1.0 / d;
        let delta = d * c;
        h *= delta;
        if (delta - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h * a * poisson_mass(a, x)
}

/// Regularised incomplete beta I_x(a, b), by its continued fraction, for x and y = 1 − x: told both, neither loses its
/// digits where the other is close to 1. Source: Numerical Recipes, 6.4.
pub(super) fn beta_i(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    let front = binomial_mass(a, a + b, x, y) * (a / (a + b) * b);
    if x < (a + 1.0) / (a + b + 2.0) {
        front * beta_fraction(a, b, x) / a
    } else {
        1.0 - front * beta_fraction(b, a, y) / b
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let guard = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut c = 1.0;
    let mut d = 1.0 / guard(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..most_terms(a.max(b)) {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / guard(1.0 + even * d);
        c = guard(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / guard(1.0 + odd * d);
        c = guard(1.0 + odd / c);
        let delta = d * c;
        h *= delta;
        if (delta - 1.0).abs() < 1e-16 {
            break;
        }
    }
    h
}

/// The error function.
pub(super) fn erf(x: f64) -> f64 {
    gamma_p(0.5, x * x).copysign(x)
}

/// 1 − erf(x), exact in the far tail.
pub(super) fn erfc(x: f64) -> f64 {
    if x < 0.0 { 2.0 - erfc(-x) } else { gamma_q(0.5, x * x) }
}

/// Standard normal distribution function.
pub(super) fn normal_cdf(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}

/// Standard normal density.
pub(super) fn normal_pdf(z: f64) -> f64 {
    (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt()
}

/// Inverse of the standard normal distribution: the forecasts' approximation and two Halley steps to full precision.
pub(super) fn normal_inverse(p: f64) -> f64 {
    let mut z = normal_quantile(p);
    for _ in 0..2 {
        let error = normal_cdf(z) - p;
        let step = error / normal_pdf(z);
        z -= step / (1.0 + z * step / 2.0);
    }
    z
}

/// The place where an increasing function reaches `target`, by bracketing and bisection with secant steps.
pub(super) fn invert(target: f64, low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut low, mut high) = (low, high);
    // Open to the right: double until the target lies inside.
    if high.is_infinite() {
        high = low.abs().max(1.0);
        while f(high) < target && high < 1e300 {
            low = high;
            high *= 2.0;
        }
    }
    for _ in 0..400 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if f(middle) < target {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-12 * b.abs().max(1e-3)
    }

    #[test]
    fn known_values() {
        for (got, want) in [
            (gamma(5.0), 24.0),
            (gamma(0.5), std::f64::consts::PI.sqrt()),
            (gamma(-1.5), 2.363_271_801_207_355),
            (ln_gamma(100.0), 359.134_205_369_575_4),
            (erf(1.0), 0.842_700_792_949_715),
            (erfc(3.0), 2.209_049_699_858_544e-5),
            (normal_cdf(1.96), 0.975_002_104_851_779_5),
            (normal_inverse(0.975), 1.959_963_984_540_054),
            (normal_inverse(1e-10), -6.361_340_902_404_056),
            (gamma_p(2.0, 3.0), 0.800_851_726_528_544_2),
            (beta_i(2.0, 3.0, 0.4, 0.6), 0.5248),
            (poisson_mass(3.0, 2.5), 0.213_763_017_249_736_3),
            (binomial_mass(6.0, 10.0, 0.5, 0.5), 0.205_078_125),
            (binomial_mass(0.0, 3.0, 0.25, 0.75), 0.421_875),
        ] {
            assert!(close(got, want), "{got} {want}");
        }
    }
}
