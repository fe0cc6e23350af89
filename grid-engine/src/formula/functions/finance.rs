//! Money over time: annuities, present values, rates of return, depreciation.

use super::args::{collect_numbers, out_of_range, strict_number};
use super::dates::day;
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "PMT(rate, periods, present, [future], [start])",
        "The payment of an annuity per period.",
        "=PMT(0.05/12,360,200000)",
        Body::Each(|args| {
            let (rate, periods) = (args.number(0)?, args.number(1)?);
            payment(rate, periods, args.number(2)?, args.number_or(3, 0.0)?, due(args, 4)?).map(Value::number)
        }),
    ),
    declare(
        "PV(rate, periods, payment, [future], [start])",
        "The present value of an annuity.",
        "=PV(0.05/12,360,-1000)",
        Body::Each(|args| {
            let (rate, n, payment) = (args.number(0)?, args.number(1)?, args.number(2)?);
            let future = args.number_or(3, 0.0)?;
            let growth = (1.0 + rate).powf(n);
            Ok(Value::number(-(future + payment * annuity(rate, n) * (1.0 + rate * due(args, 4)?)) / growth))
        }),
    ),
    declare(
        "FV(rate, periods, payment, [present], [start])",
        "The future value of an annuity.",
        "=FV(0.05/12,360,-500)",
        Body::Each(|args| {
            let (rate, n, payment, present) =
                (args.number(0)?, args.number(1)?, args.number(2)?, args.number_or(3, 0.0)?);
            if rate == -1.0 && n < 0.0 {
                return Err(CellError::new(ErrorKind::Div0));
            }
            Ok(Value::number(future(rate, n, payment, present, due(args, 4)?)))
        }),
    ),
    declare(
        "NPER(rate, payment, present, [future], [start])",
        "The periods of an annuity.",
        "=NPER(0.05/12,-500,20000)",
        Body::Each(|args| {
            let (rate, payment, present, future) =
                (args.number(0)?, args.number(1)?, args.number(2)?, args.number_or(3, 0.0)?);
            if rate == 0.0 {
                return if payment == 0.0 {
                    Err(CellError::new(ErrorKind::Num))
                } else {
                    Ok(Value::number(-(present + future) / payment))
                };
            }
            let due = payment * (1.0 + rate * due(args, 4)?);
            Ok(Value::number(((due - future * rate) / (present * rate + due)).ln() / (1.0 + rate).ln()))
        }),
    ),
    declare(
        "RATE(periods, payment, present, [future], [start], [guess])",
        "The rate of an annuity per period.",
        "=RATE(360,-1073,200000)",
        Body::Each(rate),
    ),
    declare(
        "IPMT(rate, period, periods, present, [future], [start])",
        "The interest part of a payment.",
        "=IPMT(0.05/12,1,360,200000)",
        Body::Each(|args| Ok(Value::number(parts(args)?.0))),
    ),
    declare(
        "PPMT(rate, period, periods, present, [future], [start])",
        "The principal part of a payment.",
        "=PPMT(0.05/12,1,360,200000)",
        Body::Each(|args| Ok(Value::number(parts(args)?.1))),
    ),
    declare(
        "CUMIPMT(rate, periods, present, first, last, start)",
        "The interest paid over some periods.",
        "=CUMIPMT(0.05/12,360,200000,1,12,0)",
        Body::Each(|args| cumulative(args, true)),
    ),
    declare(
        "CUMPRINC(rate, periods, present, first, last, start)",
        "The principal paid over some periods.",
        "=CUMPRINC(0.05/12,360,200000,1,12,0)",
        Body::Each(|args| cumulative(args, false)),
    ),
    declare(
        "ISPMT(rate, period, periods, present)",
        "The interest of a loan repaid in equal parts.",
        "=ISPMT(0.1/12,6,36,8000)",
        Body::Each(|args| {
            let (rate, period, periods, present) = (args.number(0)?, args.number(1)?, args.number(2)?, args.number(3)?);
            if periods == 0.0 {
                return Err(CellError::new(ErrorKind::Div0));
            }
            Ok(Value::number(present * rate * (period / periods - 1.0)))
        }),
    ),
    declare(
        "NPV(rate, value1, [value2], …)",
        "The present value of payments at the end of each period.",
        "=NPV(0.1,B2:B9)",
        Body::Lifted(
            |index| index == 0,
            |args| {
                let rate = args.number(0)?;
                if rate == -1.0 {
                    return Err(CellError::new(ErrorKind::Div0));
                }
                Ok(Value::number(present_value(rate, &args.numbers(1)?) / (1.0 + rate)))
            },
        ),
    ),
    declare(
        "XNPV(rate, values, dates)",
        "The present value of payments on dates.",
        "=XNPV(0.1,B2:B9,A2:A9)",
        Body::Lifted(
            |index| index == 0,
            |args| {
                let rate = args.number(0)?;
                if rate <= 0.0 {
                    return Err(out_of_range("the rate must be above 0"));
                }
                Ok(Value::number(dated_value(rate, &dated(args, 1, 2, numbers_only)?)))
            },
        ),
    ),
    declare(
        "IRR(values, [guess])",
        "The rate at which payments have no present value.",
        "=IRR({-1000,400,400,400})",
        Body::Whole(|args| {
            let mut values = Vec::new();
            args.list().first().map_or(Ok(()), |arg| collect_numbers(arg, &mut values))?;
            mixed_signs(values.iter())?;
            root(args.number_or(1, 0.1)?, |rate| present_value(rate, &values)).map(Value::number)
        }),
    ),
    declare(
        "XIRR(values, dates, [guess])",
        "The yearly rate at which payments on dates have no present value.",
        "=XIRR(B2:B9,A2:A9)",
        Body::Whole(|args| {
            let payments = dated(args, 0, 1, every_value)?;
            mixed_signs(payments.iter().map(|(value, _)| value))?;
            root(args.number_or(2, 0.1)?, |rate| dated_value(rate, &payments)).map(Value::number)
        }),
    ),
    declare(
        "MIRR(values, finance_rate, reinvest_rate)",
        "The rate of return with financing and reinvestment.",
        "=MIRR(B2:B9,0.1,0.12)",
        Body::Lifted(
            |index| index > 0,
            |args| {
                let mut values = Vec::new();
                args.list().first().map_or(Ok(()), |arg| collect_numbers(arg, &mut values))?;
                let (finance, reinvest, n) = (args.number(1)?, args.number(2)?, values.len() as f64);
                // Each receipt grows to the end, each payment is discounted to the start.
                let (mut gains, mut costs) = (0.0, 0.0);
                for (place, &value) in values.iter().enumerate() {
                    if value > 0.0 {
                        gains += value * (1.0 + reinvest).powf(n - 1.0 - place as f64);
                    } else if value < 0.0 {
                        costs += value / (1.0 + finance).powf(place as f64);
                    }
                }
                if costs == 0.0 || !costs.is_finite() {
                    return Err(CellError::new(ErrorKind::Div0));
                }
                Ok(Value::number((gains / -costs).powf(1.0 / (n - 1.0)) - 1.0))
            },
        ),
    ),
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

/// 1 where payments fall at the start of periods.
fn due(args: &Args<'_>, index: usize) -> Result<f64, CellError> {
    Ok(f64::from(u8::from(args.number_or(index, 0.0)? != 0.0)))
}

/// Σ (1 + rate)^k for k < n.
fn annuity(rate: f64, n: f64) -> f64 {
    if rate == 0.0 {
        n
    } else if rate > -1.0 {
        (n * rate.ln_1p()).exp_m1() / rate
    } else {
        ((1.0 + rate).powf(n) - 1.0) / rate
    }
}

fn payment(rate: f64, n: f64, present: f64, future: f64, due: f64) -> Result<f64, CellError> {
    let factor = annuity(rate, n) * (1.0 + rate * due);
    if n == 0.0 || factor == 0.0 {
        return Err(out_of_range("an annuity has at least one period"));
    }
    Ok(-(present * (1.0 + rate).powf(n) + future) / factor)
}

fn future(rate: f64, n: f64, payment: f64, present: f64, due: f64) -> f64 {
    -(present * (1.0 + rate).powf(n) + payment * annuity(rate, n) * (1.0 + rate * due))
}

/// Interest and principal of one payment.
fn split_payment(rate: f64, period: f64, n: f64, present: f64, last: f64, due: f64) -> Result<(f64, f64), CellError> {
    if period < 1.0 || period >= n + 1.0 {
        return Err(out_of_range("the period lies between 1 and the periods"));
    }
    let payment = payment(rate, n, present, last, due)?;
    let interest = if due == 1.0 {
        if period == 1.0 { 0.0 } else { (future(rate, period - 2.0, payment, present, 1.0) - payment) * rate }
    } else {
        future(rate, period - 1.0, payment, present, 0.0) * rate
    };
    Ok((interest, payment - interest))
}

fn parts(args: &Args<'_>) -> Result<(f64, f64), CellError> {
    let (rate, period, n, present) = (args.number(0)?, args.number(1)?, args.number(2)?, args.number(3)?);
    split_payment(rate, period, n, present, args.number_or(4, 0.0)?, due(args, 5)?)
}

fn cumulative(args: &Args<'_>, interest: bool) -> Outcome {
    let (rate, n, present) = (args.number(0)?, args.number(1)?, args.number(2)?);
    let (first, last, start) = (args.number(3)?.ceil(), args.number(4)?.floor(), args.number(5)?);
    if rate <= 0.0
        || n <= 0.0
        || present <= 0.0
        || first < 1.0
        || last < first
        || last > n
        || (start != 0.0 && start != 1.0)
        || last > 1e5
    {
        return Err(out_of_range("rate, periods and value are above 0, the periods in order, the start 0 or 1"));
    }
    let mut sum = 0.0;
    for period in first as u32..=last as u32 {
        let (i, p) = split_payment(rate, f64::from(period), n, present, 0.0, start)?;
        sum += if interest { i } else { p };
    }
    Ok(Value::number(sum))
}

fn rate(args: &Args<'_>) -> Outcome {
    let (n, payment, present) = (args.number(0)?, args.number(1)?, args.number(2)?);
    let (last, due, guess) = (args.number_or(3, 0.0)?, due(args, 4)?, args.number_or(5, 0.1)?);
    if n <= 0.0 {
        return Err(out_of_range("an annuity has at least one period"));
    }
    root(guess, |rate| last - future(rate, n, payment, present, due)).map(Value::number)
}

/// Σ value / (1 + rate)^k, the first undiscounted.
fn present_value(rate: f64, values: &[f64]) -> f64 {
    values.iter().rev().fold(0.0, |sum, value| sum / (1.0 + rate) + value)
}

/// The numbers of an argument, whatever else its cells hold.
fn numbers_only(args: &Args<'_>, index: usize) -> Result<Vec<f64>, CellError> {
    let mut numbers = Vec::new();
    args.list().get(index).map_or(Ok(()), |arg| collect_numbers(arg, &mut numbers)).map(|()| numbers)
}

/// The values of an argument, each of which must be a number.
fn every_value(args: &Args<'_>, index: usize) -> Result<Vec<f64>, CellError> {
    args.array(index)?.cells().iter().map(strict_number).collect()
}

type Reading = fn(&Args<'_>, usize) -> Result<Vec<f64>, CellError>;

/// Amounts and their years since the first date.
fn dated(args: &Args<'_>, values: usize, dates: usize, read: Reading) -> Result<Vec<(f64, f64)>, CellError> {
    let (values, dates) = (read(args, values)?, read(args, dates)?);
    if values.len() != dates.len() {
        return Err(out_of_range("each value needs its date"));
    }
    let mut payments = Vec::new();
    let mut first: Option<f64> = None;
    for (value, date) in values.into_iter().zip(dates) {
        let date = day(date)?.serial();
        let start = *first.get_or_insert(date);
        if date < start {
            return Err(out_of_range("no date may lie before the first"));
        }
        payments.push((value, (date - start) / 365.0));
    }
    Ok(payments)
}

fn dated_value(rate: f64, payments: &[(f64, f64)]) -> f64 {
    payments.iter().map(|(value, years)| value / (1.0 + rate).powf(*years)).sum()
}

fn mixed_signs<'a>(values: impl Iterator<Item = &'a f64> + Clone) -> Result<(), CellError> {
    if values.clone().any(|value| *value > 0.0) && values.clone().any(|value| *value < 0.0) {
        return Ok(());
    }
    Err(out_of_range("there must be both payments and receipts"))
}

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
    fn money_over_time() {
        check(&[
            ("PMT(0.05/12,360,200000)", "-1073.64324602428"),
            ("PMT(0,10,1000)", "-100"),
            ("PV(0.08/12,240,500,0,0)", "-59777.1458511878"),
            ("FV(0.06/12,10,-200,-500,1)", "2581.40337406012"),
            ("NPER(0.01,-100,-1000,10000,1)", "59.6738656742946"),
            ("RATE(48,-200,8000)", "0.00770147248820165"),
            ("IPMT(0.1/12,1,36,8000)", "-66.6666666666667"),
            ("PPMT(0.1/12,1,24,2000)", "-75.6231860083663"),
            ("CUMIPMT(0.09/12,360,125000,13,24,0)", "-11135.2321307508"),
            ("CUMPRINC(0.09/12,360,125000,13,24,0)", "-934.107123420897"),
            ("NPV(0.1,{-10000,3000,4200,6800})", "1188.44341233522"),
            ("IRR({-70000,12000,15000,18000,21000,26000})", "0.0866309480365315"),
            ("IRR({1,2})", "#NUM!"),
            ("XNPV(0.09,{-10000,2750,4250,3250,2750},{39448,39508,39751,39859,39904})", "2086.64760203153"),
            ("XIRR({-10000,2750,4250,3250,2750},{39448,39508,39751,39859,39904},0.1)", "0.373362533518831"),
            ("MIRR({-120000,39000,30000,21000,37000,46000},0.1,0.12)", "0.126094130365905"),
            ("EFFECT(0.0525,4)", "0.0535426673707584"),
            ("NOMINAL(0.053543,4)", "0.0525003198685557"),
            ("RRI(96,10000,11000)", "0.00099330737629133"),
            ("PDURATION(0.025,2000,2200)", "3.85986616262266"),
        ]);
    }
}
