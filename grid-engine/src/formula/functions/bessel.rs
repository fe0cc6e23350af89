//! Bessel functions of whole order.

use std::f64::consts::{FRAC_2_PI, FRAC_PI_4};

use super::args::{out_of_range, strict_number};
use super::special::ln_gamma;
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "BESSELI(x, order)",
        "The modified Bessel function of the first kind.",
        "=BESSELI(1.5,1)",
        Body::Each(|args| finish(signed(args, bessel_i)?)),
    ),
    declare(
        "BESSELJ(x, order)",
        "The Bessel function of the first kind.",
        "=BESSELJ(1.9,2)",
        Body::Each(|args| finish(signed(args, bessel_j)?)),
    ),
    declare(
        "BESSELK(x, order)",
        "The modified Bessel function of the second kind.",
        "=BESSELK(1.5,1)",
        Body::Each(|args| finish(bessel_k(positive(args)?, order(args)?))),
    ),
    declare(
        "BESSELY(x, order)",
        "The Bessel function of the second kind.",
        "=BESSELY(2.5,1)",
        Body::Each(|args| finish(bessel_y(positive(args)?, order(args)?))),
    ),
];

/// Highest order: recurrences take as many steps, and far below it every result is 0 or too large.
const MAX_ORDER: f64 = 100_000.0;

/// From here on the asymptotic expansions have full precision.
const FAR: f64 = 30.0;

const EULER: f64 = 0.577_215_664_901_532_9;

fn order(args: &Args<'_>) -> Result<usize, CellError> {
    let order = strict_number(args.value(1))?.trunc();
    if (0.0..=MAX_ORDER).contains(&order) {
        Ok(order as usize)
    } else {
        Err(out_of_range("the order goes from 0 to 100000"))
    }
}

fn positive(args: &Args<'_>) -> Result<f64, CellError> {
    let x = strict_number(args.value(0))?;
    if x > 0.0 { Ok(x) } else { Err(out_of_range("x must be above 0")) }
}

/// Functions of even order are even, of odd order odd.
fn signed(args: &Args<'_>, of: fn(f64, usize) -> f64) -> Result<f64, CellError> {
    let (x, order) = (strict_number(args.value(0))?, order(args)?);
    let sign = if x < 0.0 && order % 2 == 1 { -1.0 } else { 1.0 };
    Ok(sign * of(x.abs(), order))
}

fn finish(value: f64) -> Outcome {
    if value.is_finite() { Ok(Value::number(value)) } else { Err(out_of_range("the result is too large")) }
}

/// Power series: all terms have one sign. Source: Abramowitz & Stegun 9.6.10.
fn bessel_i(x: f64, order: usize) -> f64 {
    if x == 0.0 {
        return f64::from(u8::from(order == 0));
    }
    let n = order as f64;
    let mut term = (n * (x / 2.0).ln() - ln_gamma(n + 1.0)).exp();
    let (mut sum, mut k) = (term, 1.0);
    while term > sum * 1e-17 && sum.is_finite() {
        term *= x * x / (4.0 * k * (n + k));
        sum += term;
        k += 1.0;
    }
    sum
}

/// J of orders 0 up to at least `order`, by Miller's backward recurrence. Source: Abramowitz & Stegun 9.12.
fn sequence_j(x: f64, order: usize) -> Vec<f64> {
    // So far above order and x that the start, where J is taken for 0, no longer shows.
    let top = (order as f64).max(x);
    let start = (top + 30.0 + (60.0 * top).sqrt()) as usize;
    let mut values = vec![0.0; start + 2];
    values[start] = 1e-300;
    for k in (1..=start).rev() {
        values[k - 1] = 2.0 * k as f64 / x * values[k] - values[k + 1];
        if values[k - 1].abs() > 1e250 {
            values[k - 1..].iter_mut().for_each(|value| *value *= 1e-250);
        }
    }
    // J₀ + 2 (J₂ + J₄ + …) = 1.
    let sum = values[0] + 2.0 * values.iter().skip(2).step_by(2).sum::<f64>();
    values.iter_mut().for_each(|value| *value /= sum);
    values
}

/// J and Y of order 0 or 1 far from 0. Source: Abramowitz & Stegun 9.2.5 to 9.2.10.
fn far(x: f64, order: f64) -> (f64, f64) {
    let (mut p, mut q, mut term) = (1.0, 0.0, 1.0_f64);
    for k in 1..=60 {
        let odd = 2.0 * f64::from(k) - 1.0;
        let next = term * (4.0 * order * order - odd * odd) / (8.0 * x * f64::from(k));
        if next.abs() >= term.abs() || next == 0.0 {
            break;
        }
        term = next;
        match k % 4 {
            1 => q += term,
            2 => p -= term,
            3 => q -= term,
            _ => p += term,
        }
    }
    let (sin, cos) = (x - order * 2.0 * FRAC_PI_4 - FRAC_PI_4).sin_cos();
    let scale = (FRAC_2_PI / x).sqrt();
    (scale * (p * cos - q * sin), scale * (p * sin + q * cos))
}

/// From orders 0 and 1 to a higher one.
fn upwards(x: f64, order: usize, first: f64, second: f64) -> f64 {
    let (mut before, mut now) = (first, second);
    if order == 0 {
        return first;
    }
    for k in 1..order {
        (before, now) = (now, 2.0 * k as f64 / x * now - before);
        if !now.is_finite() {
            break;
        }
    }
    now
}

fn bessel_j(x: f64, order: usize) -> f64 {
    if x == 0.0 {
        return f64::from(u8::from(order == 0));
    }
    if x > FAR && (order as f64) < x {
        return upwards(x, order, far(x, 0.0).0, far(x, 1.0).0);
    }
    sequence_j(x, order).get(order).copied().unwrap_or(0.0)
}

/// Neumann's series in J for orders 0 and 1. Source: Abramowitz & Stegun 9.1.88.
fn bessel_y(x: f64, order: usize) -> f64 {
    if x > FAR {
        return upwards(x, order, far(x, 0.0).1, far(x, 1.0).1);
    }
    let j = sequence_j(x, 1);
    let logarithm = (x / 2.0).ln() + EULER;
    let (mut even, mut odd, mut sign) = (0.0, 0.0, -1.0);
    for k in 1..j.len() / 2 - 1 {
        let n = k as f64;
        even += sign * 2.0 * j[2 * k] / n;
        odd += sign * (2.0 * n + 1.0) * j[2 * k + 1] / (n * (n + 1.0));
        sign = -sign;
    }
    let first = FRAC_2_PI * (logarithm * j[0] - even);
    let second = FRAC_2_PI * ((logarithm - 1.0) * j[1] - odd - j[0] / x);
    upwards(x, order, first, second)
}

/// ∫ exp(−x cosh t) cosh(nt) dt from 0 on, by the trapezoidal rule, which converges exponentially here.
/// Source: Abramowitz & Stegun 9.6.24; Trefethen & Weideman, SIAM Review 56 (2014).
fn bessel_k(x: f64, order: usize) -> f64 {
    const STEP: f64 = 1.0 / 32.0;
    let n = order as f64;
    let exponent = |t: f64| n * t - x * t.cosh();
    // The integrand is largest where its exponent stands still.
    let peak = exponent((n / x).asinh());
    let (mut sum, mut t) = (0.5 * (exponent(0.0) - peak).exp(), STEP);
    loop {
        let above = exponent(t) - peak;
        sum += 0.5 * (above.exp() + (above - 2.0 * n * t).exp());
        if above < -45.0 && t > (n / x).asinh() {
            return STEP * sum * peak.exp();
        }
        t += STEP;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::mock::check;

    /// Abramowitz & Stegun, tables 9.1, 9.2, 9.4, 9.8 and 9.11, and values of higher precision.
    #[test]
    fn known_values() {
        for (name, got, want) in [
            ("j0(1)", bessel_j(1.0, 0), 0.765_197_686_557_966_6),
            ("j1(1)", bessel_j(1.0, 1), 0.440_050_585_744_933_5),
            ("j2(1.9)", bessel_j(1.9, 2), 0.329_925_727_692_387_2),
            ("j10(1)", bessel_j(1.0, 10), 2.630_615_123_687_453e-10),
            ("j0(50)", bessel_j(50.0, 0), 0.055_812_327_669_251_82),
            ("j3(50)", bessel_j(50.0, 3), 0.092_734_804_061_634_35),
            ("y0(1)", bessel_y(1.0, 0), 0.088_256_964_215_676_96),
            ("y1(1)", bessel_y(1.0, 1), -0.781_212_821_300_288_7),
            ("y1(2.5)", bessel_y(2.5, 1), 0.145_918_137_966_786_1),
            ("y0(50)", bessel_y(50.0, 0), -0.098_064_995_470_077_1),
            ("i1(1.5)", bessel_i(1.5, 1), 0.981_666_428_577_907_6),
            ("i0(10)", bessel_i(10.0, 0), 2_815.716_628_466_254_5),
            ("k1(1.5)", bessel_k(1.5, 1), 0.277_387_800_456_843_8),
            ("k0(0.1)", bessel_k(0.1, 0), 2.427_069_024_702_017),
            ("k0(50)", bessel_k(50.0, 0), 3.410_167_749_789_495e-23),
        ] {
            assert!((got - want).abs() <= 1e-11 * want.abs(), "{name}: {got} {want}");
        }
    }

    /// J_{n+1} Y_n − J_n Y_{n+1} = 2/(πx), and I_n K_{n+1} + I_{n+1} K_n = 1/x.
    #[test]
    fn wronskians_hold() {
        for x in [0.05, 0.7, 3.0, 12.5, 29.9, 30.1, 80.0] {
            for n in [0, 1, 4, 9] {
                let j = bessel_j(x, n + 1) * bessel_y(x, n) - bessel_j(x, n) * bessel_y(x, n + 1);
                assert!((j * std::f64::consts::PI * x / 2.0 - 1.0).abs() < 1e-10, "J, Y {x} {n}: {j}");
                let i = bessel_i(x, n) * bessel_k(x, n + 1) + bessel_i(x, n + 1) * bessel_k(x, n);
                assert!((i * x - 1.0).abs() < 1e-10, "I, K {x} {n}: {i}");
            }
        }
    }

    #[test]
    fn arguments_are_checked() {
        check(&[
            ("BESSELJ(-1.9,1.9)", "-BESSELJ(1.9,1)"),
            ("BESSELI(-1.5,2)", "BESSELI(1.5,2)"),
            ("BESSELJ(0,0)", "1"),
            ("BESSELJ(1,-1)", "#NUM!"),
            ("BESSELK(0,1)", "#NUM!"),
            ("BESSELY(-1,1)", "#NUM!"),
            ("BESSELI(1000,1)", "#NUM!"),
            ("BESSELJ(\"x\",1)", "#VALUE!"),
            ("BESSELJ(TRUE,1)", "#VALUE!"),
            ("BESSELK(700,0)", "4.6697764152E-306"),
        ]);
    }
}
