//! Money over time: rates of growth, and in their own files annuities and payments that differ.

pub(super) mod annuities;
pub(super) mod flows;

use super::args::{collect_numbers, out_of_range};
use super::{Body, Declared, declare};
use crate::value::{CellError, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "EFFECT(rate, periods)",
        "The effective yearly rate of a nominal one.",
        "=EFFECT(0.05,12)",
        Body::Each(|args| {
            let (rate, periods) = (args.number(0)?, args.number(1)?.trunc());
            if rate <= 0.0 || periods < 1.0 {
                return Err(out_of_range("the rate is above 0, the periods are at least 1"));
            }
            Ok(Value::number((1.0 + rate / periods).powf(periods) - 1.0))
        }),
    ),
    declare(
        "NOMINAL(rate, periods)",
        "The nominal yearly rate of an effective one.",
        "=NOMINAL(0.05,12)",
        Body::Each(|args| {
            let (rate, periods) = (args.number(0)?, args.number(1)?.trunc());
            if rate <= 0.0 || periods < 1.0 {
                return Err(out_of_range("the rate is above 0, the periods are at least 1"));
            }
            Ok(Value::number(((1.0 + rate).powf(1.0 / periods) - 1.0) * periods))
        }),
    ),
    declare(
        "FVSCHEDULE(principal, rates)",
        "What a sum grows to at changing rates.",
        "=FVSCHEDULE(1000,{0.09,0.11,0.1})",
        Body::Whole(|args| {
            let mut rates = Vec::new();
            args.list().get(1).map_or(Ok(()), |arg| collect_numbers(arg, &mut rates))?;
            Ok(Value::number(rates.iter().fold(args.number(0)?, |sum, rate| sum * (1.0 + rate))))
        }),
    ),
    declare(
        "RRI(periods, present, future)",
        "The rate of growth per period.",
        "=RRI(96,10000,11000)",
        Body::Each(|args| {
            let (periods, present, future) = (args.number(0)?, args.number(1)?, args.number(2)?);
            if periods <= 0.0 || present == 0.0 {
                return Err(out_of_range("periods and present value must be above 0"));
            }
            Ok(Value::number((future / present).powf(1.0 / periods) - 1.0))
        }),
    ),
    declare(
        "PDURATION(rate, present, future)",
        "The periods of growth to a value.",
        "=PDURATION(0.025,2000,2200)",
        Body::Each(|args| {
            let (rate, present, future) = (args.number(0)?, args.number(1)?, args.number(2)?);
            if rate <= 0.0 || present <= 0.0 || future <= 0.0 {
                return Err(out_of_range("rate and values must be above 0"));
            }
            Ok(Value::number((future.ln() - present.ln()) / rate.ln_1p()))
        }),
    ),
];

/// A root near a guess: Newton's method, then a search for a change of sign with bisection.
pub(super) fn root(guess: f64, f: impl Fn(f64) -> f64) -> Result<f64, CellError> {
    let mut x = guess;
    for _ in 0..60 {
        let y = f(x);
        let step = 1e-6 * x.abs().max(1e-3);
        let slope = (f(x + step) - f(x - step)) / (2.0 * step);
        let next = x - y / slope;
        if !next.is_finite() || next <= -1.0 {
            break;
        }
        if (next - x).abs() <= 1e-13 * next.abs().max(1e-3) {
            return Ok(next);
        }
        x = next;
    }
    let grid = (0..400)
        .map(|place| -0.999 + 0.005 * f64::from(place))
        .chain((1..200).map(|place| 1.0 + 0.5 * f64::from(place)));
    let mut nearest: Option<(f64, f64)> = None;
    let mut before: Option<(f64, f64)> = None;
    for x in grid {
        let y = f(x);
        if let Some((a, ya)) = before {
            let closer = nearest.is_none_or(|(low, _)| (a - guess).abs() < (low - guess).abs());
            if ya.is_finite() && y.is_finite() && ya * y <= 0.0 && closer {
                nearest = Some((a, x));
            }
        }
        before = Some((x, y));
    }
    let (mut low, mut high) = nearest.ok_or_else(|| out_of_range("no rate was found: try another guess"))?;
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if f(low) * f(middle) <= 0.0 { high = middle } else { low = middle }
    }
    Ok(0.5 * (low + high))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn growth() {
        check(&[
            ("EFFECT(0.0525,4)", "0.0535426673707584"),
            ("NOMINAL(0.053543,4)", "0.0525003198685557"),
            ("RRI(96,10000,11000)", "0.00099330737629133"),
            ("PDURATION(0.025,2000,2200)", "3.85986616262266"),
        ]);
    }
}
