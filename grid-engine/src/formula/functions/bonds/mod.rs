//! Securities that pay interest in coupons: dates of coupons, prices, yields, durations, accrued interest.
//!
//! Source of the formulas: the standard methods of the Securities Industry Association (Mayle 1993), as Excel's help
//! states them.

mod coupons;
mod odd;

use super::args::out_of_range;
use super::dates::{day, year_fraction};
use super::finance::root;
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{CellError, Value};
use coupons::{Coupons, days, months_before, period_days, terms};
use odd::{OddFirst, odd_last};

/// A function of the coupon period a settlement lies in.
macro_rules! of_coupon {
    ($signature:literal, $help:literal, $example:literal, $f:expr) => {
        declare(
            $signature,
            $help,
            $example,
            Body::Each(|args| {
                let f: fn(&Coupons) -> Result<f64, CellError> = $f;
                f(&Coupons::of(args, 2)?).map(Value::number)
            }),
        )
    };
}

pub(super) const FUNCTIONS: &[Declared] = &[
    of_coupon!(
        "COUPPCD(settlement, maturity, frequency, [basis])",
        "The last coupon date before the settlement.",
        "=COUPPCD(DATE(2026,1,25),DATE(2027,11,15),2,1)",
        |c| Ok(c.before()?.serial())
    ),
    of_coupon!(
        "COUPNCD(settlement, maturity, frequency, [basis])",
        "The next coupon date after the settlement.",
        "=COUPNCD(DATE(2026,1,25),DATE(2027,11,15),2,1)",
        |c| Ok(c.after()?.serial())
    ),
    of_coupon!(
        "COUPNUM(settlement, maturity, frequency, [basis])",
        "The number of coupons between settlement and maturity.",
        "=COUPNUM(DATE(2026,1,25),DATE(2027,11,15),2,1)",
        |c| Ok(f64::from(c.count))
    ),
    of_coupon!(
        "COUPDAYBS(settlement, maturity, frequency, [basis])",
        "The days from the last coupon to the settlement.",
        "=COUPDAYBS(DATE(2026,1,25),DATE(2027,11,15),2,1)",
        Coupons::elapsed
    ),
    of_coupon!(
        "COUPDAYS(settlement, maturity, frequency, [basis])",
        "The days of the coupon period the settlement lies in.",
        "=COUPDAYS(DATE(2026,1,25),DATE(2027,11,15),2,1)",
        Coupons::length
    ),
    of_coupon!(
        "COUPDAYSNC(settlement, maturity, frequency, [basis])",
        "The days from the settlement to the next coupon.",
        "=COUPDAYSNC(DATE(2026,1,25),DATE(2027,11,15),2,1)",
        Coupons::remaining
    ),
    declare(
        "PRICE(settlement, maturity, rate, yield, redemption, frequency, [basis])",
        "The price per 100 of a security that pays interest in coupons.",
        "=PRICE(DATE(2008,2,15),DATE(2017,11,15),0.0575,0.065,100,2,0)",
        Body::Each(|args| {
            let (coupons, [rate, y, redemption]) = (Coupons::of(args, 5)?, amounts(args)?);
            if rate < 0.0 || y < 0.0 || redemption <= 0.0 {
                return Err(out_of_range("rate and yield must not be negative, the redemption is above 0"));
            }
            coupons.price(rate, y, redemption).map(Value::number)
        }),
    ),
    declare(
        "YIELD(settlement, maturity, rate, price, redemption, frequency, [basis])",
        "The yield of a security that pays interest in coupons.",
        "=YIELD(DATE(2008,2,15),DATE(2016,11,15),0.0575,95.04287,100,2,0)",
        Body::Each(|args| {
            let (coupons, [rate, price, redemption]) = (Coupons::of(args, 5)?, amounts(args)?);
            if rate < 0.0 || price <= 0.0 || redemption <= 0.0 {
                return Err(out_of_range("the rate must not be negative, price and redemption are above 0"));
            }
            coupons.yield_at(rate, price, redemption).map(Value::number)
        }),
    ),
    declare(
        "DURATION(settlement, maturity, rate, yield, frequency, [basis])",
        "The Macaulay duration of a security, in years.",
        "=DURATION(DATE(2018,7,1),DATE(2048,1,1),0.08,0.09,2,1)",
        Body::Each(|args| duration(args).map(|(years, _)| Value::number(years))),
    ),
    declare(
        "MDURATION(settlement, maturity, rate, yield, frequency, [basis])",
        "The modified duration of a security: the share its price falls by when the yield rises by 1.",
        "=MDURATION(DATE(2008,1,1),DATE(2016,1,1),0.08,0.09,2,1)",
        Body::Each(|args| duration(args).map(|(years, growth)| Value::number(years / growth))),
    ),
    declare(
        "ACCRINT(issue, first_interest, settlement, rate, par, frequency, [basis], [from_issue])",
        "The interest of a security paid periodically.",
        "=ACCRINT(DATE(2026,3,1),DATE(2026,8,31),DATE(2026,5,1),0.1,1000,2)",
        Body::Each(accrued),
    ),
    declare(
        "PRICEDISC(settlement, maturity, discount, redemption, [basis])",
        "The price per 100 of a discounted security.",
        "=PRICEDISC(DATE(2008,2,16),DATE(2008,3,1),0.0525,100,2)",
        Body::Each(|args| {
            let (years, discount, redemption) = held(args, 4)?;
            Ok(Value::number(redemption - discount * redemption * years))
        }),
    ),
    declare(
        "YIELDDISC(settlement, maturity, price, redemption, [basis])",
        "The yearly yield of a discounted security.",
        "=YIELDDISC(DATE(2008,2,16),DATE(2008,3,1),99.795,100,2)",
        Body::Each(|args| {
            let (years, price, redemption) = held(args, 4)?;
            Ok(Value::number((redemption / price - 1.0) / years))
        }),
    ),
    declare(
        "PRICEMAT(settlement, maturity, issue, rate, yield, [basis])",
        "The price per 100 of a security that pays interest at maturity.",
        "=PRICEMAT(DATE(2008,2,15),DATE(2008,4,13),DATE(2007,11,11),0.061,0.061,0)",
        Body::Each(|args| {
            let ([life, left, gone], rate, y) = at_maturity(args)?;
            Ok(Value::number(100.0 * ((1.0 + life * rate) / (1.0 + left * y) - gone * rate)))
        }),
    ),
    declare(
        "YIELDMAT(settlement, maturity, issue, rate, price, [basis])",
        "The yearly yield of a security that pays interest at maturity.",
        "=YIELDMAT(DATE(2008,3,15),DATE(2008,11,3),DATE(2007,11,8),0.0625,100.0123,0)",
        Body::Each(|args| {
            let ([life, left, gone], rate, price) = at_maturity(args)?;
            if price <= 0.0 {
                return Err(out_of_range("the price must be above 0"));
            }
            Ok(Value::number(((1.0 + life * rate) / (price / 100.0 + gone * rate) - 1.0) / left))
        }),
    ),
    declare(
        "ODDFPRICE(settlement, maturity, issue, first_coupon, rate, yield, redemption, frequency, [basis])",
        "The price per 100 of a security whose first coupon period is shorter or longer than the others.",
        "=ODDFPRICE(DATE(2008,11,11),DATE(2021,3,1),DATE(2008,10,15),DATE(2009,3,1),0.0785,0.0625,100,2,1)",
        Body::Each(|args| OddFirst::of(args)?.price(args.number(5)?).map(Value::number)),
    ),
    declare(
        "ODDFYIELD(settlement, maturity, issue, first_coupon, rate, price, redemption, frequency, [basis])",
        "The yield of a security whose first coupon period is shorter or longer than the others.",
        "=ODDFYIELD(DATE(2008,11,11),DATE(2021,3,1),DATE(2008,10,15),DATE(2009,3,1),0.0575,84.5,100,2,0)",
        Body::Each(|args| {
            let (bond, price) = (OddFirst::of(args)?, args.number(5)?);
            if price <= 0.0 {
                return Err(out_of_range("the price must be above 0"));
            }
            root(bond.rate.max(0.01), |y| bond.price(y).map_or(f64::NAN, |at| at - price)).map(Value::number)
        }),
    ),
    declare(
        "ODDLPRICE(settlement, maturity, last_coupon, rate, yield, redemption, frequency, [basis])",
        "The price per 100 of a security whose last coupon period is shorter or longer than the others.",
        "=ODDLPRICE(DATE(2008,2,7),DATE(2008,6,15),DATE(2007,10,15),0.0375,0.0405,100,2,0)",
        Body::Each(|args| {
            let ([all, left, gone], rate, y, redemption) = odd_last(args)?;
            Ok(Value::number((redemption + 100.0 * rate * all) / (1.0 + left * y) - 100.0 * rate * gone))
        }),
    ),
    declare(
        "ODDLYIELD(settlement, maturity, last_coupon, rate, price, redemption, frequency, [basis])",
        "The yield of a security whose last coupon period is shorter or longer than the others.",
        "=ODDLYIELD(DATE(2008,4,20),DATE(2008,6,15),DATE(2007,12,24),0.0375,99.875,100,2,0)",
        Body::Each(|args| {
            let ([all, left, gone], rate, price, redemption) = odd_last(args)?;
            let paid = price + 100.0 * rate * gone;
            Ok(Value::number(((redemption + 100.0 * rate * all) / paid - 1.0) / left))
        }),
    ),
];

fn amounts(args: &Args<'_>) -> Result<[f64; 3], CellError> {
    Ok([args.number(2)?, args.number(3)?, args.number(4)?])
}

/// Macaulay duration in years, and the growth of a period.
fn duration(args: &Args<'_>) -> Result<(f64, f64), CellError> {
    let (coupons, rate, y) = (Coupons::of(args, 4)?, args.number(2)?, args.number(3)?);
    if rate < 0.0 || y < 0.0 {
        return Err(out_of_range("rate and yield must not be negative"));
    }
    let frequency = f64::from(coupons.frequency);
    let (coupon, growth, (_, remaining)) = (100.0 * rate / frequency, 1.0 + y / frequency, coupons.shares()?);
    let (mut weighted, mut sum) = (0.0, 0.0);
    for k in 0..coupons.count {
        let time = f64::from(k) + remaining;
        let paid = coupon + if k == coupons.count - 1 { 100.0 } else { 0.0 };
        let present = paid / growth.powf(time);
        (weighted, sum) = (weighted + time * present, sum + present);
    }
    Ok((weighted / sum / frequency, growth))
}

/// Years to maturity, and two amounts above 0.
fn held(args: &Args<'_>, basis: usize) -> Result<(f64, f64, f64), CellError> {
    let (settlement, maturity) = (day(args.number(0)?)?, day(args.number(1)?)?);
    let (a, b) = (args.number(2)?, args.number(3)?);
    if settlement >= maturity || a <= 0.0 || b <= 0.0 {
        return Err(out_of_range("amounts are above 0, the maturity lies after the settlement"));
    }
    Ok((year_fraction(settlement, maturity, args.integer_or(basis, 0)?)?, a, b))
}

/// Years from issue to maturity, settlement to maturity, issue to settlement; rate; yield or price.
fn at_maturity(args: &Args<'_>) -> Result<([f64; 3], f64, f64), CellError> {
    let (settlement, maturity, issue) = (day(args.number(0)?)?, day(args.number(1)?)?, day(args.number(2)?)?);
    let (rate, other, basis) = (args.number(3)?, args.number(4)?, args.integer_or(5, 0)?);
    if rate < 0.0 || other < 0.0 || settlement >= maturity || issue > settlement {
        return Err(out_of_range("amounts must not be negative, the dates are in order"));
    }
    let years = |a, b| year_fraction(a, b, basis);
    Ok(([years(issue, maturity)?, years(settlement, maturity)?, years(issue, settlement)?], rate, other))
}

/// Interest accrued since the issue, or since the last coupon before the first interest date.
///
/// Excel counts from one period before the first interest: whole periods between count as such, the period of the
/// issue by its own days, and the rest to the settlement by the days of the period before the first interest.
fn accrued(args: &Args<'_>) -> Outcome {
    let (issue, first, settlement) = (day(args.number(0)?)?, day(args.number(1)?)?, day(args.number(2)?)?);
    let (rate, par, (frequency, basis)) = (args.number(3)?, args.number_or(4, 1000.0)?, terms(args, 5)?);
    if rate <= 0.0 || par <= 0.0 || issue >= settlement {
        return Err(out_of_range("rate and par are above 0, the issue lies before the settlement"));
    }
    let from_issue = args.bool_or(7, true)?;
    let coupon = |back: i32| months_before(first, back * (12 / frequency));
    let anchor = coupon(1)?;
    let last_length = period_days(anchor, first, frequency, basis);
    let mut periods = days(anchor, settlement, basis) / last_length;
    if issue >= anchor {
        periods -= days(anchor, issue, basis) / last_length;
    } else {
        let mut back = 1;
        while coupon(back + 1)? > issue {
            back += 1;
        }
        let (start, end) = (coupon(back + 1)?, coupon(back)?);
        periods += days(issue, end, basis) / period_days(start, end, frequency, basis);
        if from_issue {
            periods += f64::from(back - 1);
        }
    }
    Ok(Value::number(par * rate / f64::from(frequency) * periods))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn coupons() {
        check(&[
            ("COUPPCD(DATE(2011,1,25),DATE(2011,11,15),2,1)", "DATE(2010,11,15)"),
            ("COUPNCD(DATE(2011,1,25),DATE(2011,11,15),2,1)", "DATE(2011,5,15)"),
            ("COUPNUM(DATE(2007,1,25),DATE(2008,11,15),2,1)", "4"),
            ("COUPDAYBS(DATE(2011,1,25),DATE(2011,11,15),2,1)", "71"),
            ("COUPDAYS(DATE(2011,1,25),DATE(2011,11,15),2,1)", "181"),
            ("COUPDAYSNC(DATE(2011,1,25),DATE(2011,11,15),2,1)", "110"),
            ("COUPDAYS(DATE(2011,1,25),DATE(2011,11,15),3,1)", "#NUM!"),
        ]);
    }

    #[test]
    fn prices_and_yields() {
        check(&[
            ("ROUND(PRICE(DATE(2008,2,15),DATE(2017,11,15),0.0575,0.065,100,2,0),5)", "94.63436"),
            ("ROUND(YIELD(DATE(2008,2,15),DATE(2016,11,15),0.0575,95.04287,100,2,0),6)", "0.065"),
            ("ROUND(DURATION(DATE(2018,7,1),DATE(2048,1,1),0.08,0.09,2,1),7)", "10.9191453"),
            ("ROUND(MDURATION(DATE(2008,1,1),DATE(2016,1,1),0.08,0.09,2,1),5)", "5.73567"),
            ("ROUND(PRICEDISC(DATE(2008,2,16),DATE(2008,3,1),0.0525,100,2),5)", "99.79583"),
            ("ROUND(YIELDDISC(DATE(2008,2,16),DATE(2008,3,1),99.795,100,2),6)", "0.052823"),
            ("ROUND(PRICEMAT(DATE(2008,2,15),DATE(2008,4,13),DATE(2007,11,11),0.061,0.061,0),5)", "99.9845"),
            ("ROUND(YIELDMAT(DATE(2008,3,15),DATE(2008,11,3),DATE(2007,11,8),0.0625,100.0123,0),6)", "0.060954"),
            (
                "ROUND(ODDFPRICE(DATE(2008,11,11),DATE(2021,3,1),DATE(2008,10,15),DATE(2009,3,1),0.0785,0.0625,100,2,1),4)",
                "113.5977",
            ),
            (
                "ROUND(ODDFYIELD(DATE(2008,11,11),DATE(2021,3,1),DATE(2008,10,15),DATE(2009,3,1),0.0575,84.5,100,2,0),4)",
                "0.0772",
            ),
            ("ROUND(ODDLPRICE(DATE(2008,2,7),DATE(2008,6,15),DATE(2007,10,15),0.0375,0.0405,100,2,0),2)", "99.88"),
            ("ROUND(ODDLYIELD(DATE(2008,4,20),DATE(2008,6,15),DATE(2007,12,24),0.0375,99.875,100,2,0),4)", "0.0452"),
            ("ACCRINT(39508,39691,39569,0.1,1000,2,0)", "16.6666666666667"),
            ("PRICE(DATE(2017,1,1),DATE(2008,1,1),0.05,0.06,100,2)", "#NUM!"),
        ]);
    }
}
