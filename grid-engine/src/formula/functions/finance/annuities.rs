//! Annuities: equal payments at equal times.

use super::super::args::out_of_range;
use super::super::{Args, Body, Declared, declare};
use super::root;
use crate::formula::eval::Outcome;
use crate::value::{CellError, ErrorKind, Value};

pub(in super::super) const FUNCTIONS: &[Declared] = &[
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

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn equal_payments() {
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
        ]);
    }
}
