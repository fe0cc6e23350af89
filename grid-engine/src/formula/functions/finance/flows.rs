//! Payments that differ, at equal times or on dates: present values and rates of return.

use super::super::args::{collect_numbers, out_of_range, strict_number};
use super::super::dates::day;
use super::super::{Args, Body, Declared, declare};
use super::root;
use crate::value::{CellError, ErrorKind, Value};

pub(in super::super) const FUNCTIONS: &[Declared] = &[
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
];

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

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn payments_that_differ() {
        check(&[
            ("NPV(0.1,{-10000,3000,4200,6800})", "1188.44341233522"),
            ("IRR({-70000,12000,15000,18000,21000,26000})", "0.0866309480365315"),
            ("IRR({1,2})", "#NUM!"),
            ("XNPV(0.09,{-10000,2750,4250,3250,2750},{39448,39508,39751,39859,39904})", "2086.64760203153"),
            ("XIRR({-10000,2750,4250,3250,2750},{39448,39508,39751,39859,39904},0.1)", "0.373362533518831"),
            ("MIRR({-120000,39000,30000,21000,37000,46000},0.1,0.12)", "0.126094130365905"),
        ]);
    }
}
