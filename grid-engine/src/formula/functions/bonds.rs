//! Securities that pay interest in coupons: dates of coupons, prices, yields, durations, accrued interest.
//!
//! Source of the formulas: the standard methods of the Securities Industry Association (Mayle 1993), as Excel's help
//! states them.

use super::args::out_of_range;
use super::dates::{day, days_360, year_fraction};
use super::finance::root;
use super::{Args, Body, Declared, declare};
use crate::calendar::Date;
use crate::formula::eval::Outcome;
use crate::value::{CellError, Value};

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

/// `months` before a coupon date; coupons at the end of a month stay there.
fn months_before(anchor: Date, months: i32) -> Result<Date, CellError> {
    let (year, month, day) = anchor.ymd();
    let total = year * 12 + month as i32 - 1 - months;
    let (to_year, to_month) = (total.div_euclid(12), total.rem_euclid(12) as u32 + 1);
    let last = Date::days_in_month(to_year, to_month);
    let at_end = day == Date::days_in_month(year, month);
    Date::from_ymd(to_year, to_month, if at_end { last } else { day.min(last) })
        .ok_or_else(|| out_of_range("a coupon date lies before 1900"))
}

/// Days between two dates by basis, negative backwards.
fn days(from: Date, to: Date, basis: i64) -> f64 {
    match basis {
        0 => f64::from(days_360(from, to, false)),
        4 => f64::from(days_360(from, to, true)),
        _ => f64::from(to.days() - from.days()),
    }
}

/// Days of a coupon period by basis.
fn period_days(from: Date, to: Date, frequency: i32, basis: i64) -> f64 {
    match basis {
        1 => f64::from(to.days() - from.days()),
        3 => 365.0 / f64::from(frequency),
        _ => 360.0 / f64::from(frequency),
    }
}

/// Coupons a year (1, 2 or 4) and the day-count basis (0 to 4).
fn terms(args: &Args<'_>, frequency: usize) -> Result<(i32, i64), CellError> {
    let (per_year, basis) = (args.integer(frequency)?, args.integer_or(frequency + 1, 0)?);
    if ![1, 2, 4].contains(&per_year) || !(0..=4).contains(&basis) {
        return Err(out_of_range("the frequency is 1, 2 or 4, the basis 0 to 4"));
    }
    Ok((per_year as i32, basis))
}

fn amounts(args: &Args<'_>) -> Result<[f64; 3], CellError> {
    Ok([args.number(2)?, args.number(3)?, args.number(4)?])
}

/// The coupons of a security from its settlement on, counted back from its maturity.
struct Coupons {
    settlement: Date,
    maturity: Date,
    frequency: i32,
    basis: i64,
    count: i32,
}

impl Coupons {
    fn of(args: &Args<'_>, frequency: usize) -> Result<Self, CellError> {
        let (settlement, maturity) = (day(args.number(0)?)?, day(args.number(1)?)?);
        let (frequency, basis) = terms(args, frequency)?;
        Self::between(settlement, maturity, frequency, basis)
    }

    fn between(settlement: Date, maturity: Date, frequency: i32, basis: i64) -> Result<Self, CellError> {
        if settlement >= maturity {
            return Err(out_of_range("the maturity lies after the settlement"));
        }
        let months = 12 / frequency;
        let ((y1, m1, _), (y2, m2, _)) = (settlement.ymd(), maturity.ymd());
        let mut count = (((y2 - y1) * 12 + m2 as i32 - m1 as i32) / months).max(1);
        while months_before(maturity, count * months)? > settlement {
            count += 1;
        }
        while count > 1 && months_before(maturity, (count - 1) * months)? <= settlement {
            count -= 1;
        }
        Ok(Self { settlement, maturity, frequency, basis, count })
    }

    fn before(&self) -> Result<Date, CellError> {
        months_before(self.maturity, self.count * (12 / self.frequency))
    }

    fn after(&self) -> Result<Date, CellError> {
        months_before(self.maturity, (self.count - 1) * (12 / self.frequency))
    }

    fn length(&self) -> Result<f64, CellError> {
        Ok(period_days(self.before()?, self.after()?, self.frequency, self.basis))
    }

    fn elapsed(&self) -> Result<f64, CellError> {
        Ok(days(self.before()?, self.settlement, self.basis))
    }

    fn remaining(&self) -> Result<f64, CellError> {
        match self.basis {
            0 | 4 => Ok(self.length()? - self.elapsed()?),
            basis => Ok(days(self.settlement, self.after()?, basis)),
        }
    }

    /// Shares of a period elapsed and remaining.
    fn shares(&self) -> Result<(f64, f64), CellError> {
        let length = self.length()?;
        Ok((self.elapsed()? / length, self.remaining()? / length))
    }

    fn price(&self, rate: f64, y: f64, redemption: f64) -> Result<f64, CellError> {
        let (elapsed, remaining) = self.shares()?;
        let (coupon, per_period) = (100.0 * rate / f64::from(self.frequency), y / f64::from(self.frequency));
        if self.count == 1 {
            return Ok((redemption + coupon) / (1.0 + remaining * per_period) - coupon * elapsed);
        }
        let growth = 1.0 + per_period;
        let coupons: f64 = (0..self.count).map(|k| coupon / growth.powf(f64::from(k) + remaining)).sum();
        Ok(redemption / growth.powf(f64::from(self.count - 1) + remaining) + coupons - coupon * elapsed)
    }

    fn yield_at(&self, rate: f64, price: f64, redemption: f64) -> Result<f64, CellError> {
        if self.count > 1 {
            return root(rate.max(0.01), |y| self.price(rate, y, redemption).map_or(f64::NAN, |at| at - price));
        }
        let (elapsed, remaining) = self.shares()?;
        let frequency = f64::from(self.frequency);
        let paid = price / 100.0 + elapsed * rate / frequency;
        Ok((redemption / 100.0 + rate / frequency - paid) / paid * frequency / remaining)
    }
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

/// Years from last coupon to maturity, settlement to maturity, last coupon to settlement; three amounts.
fn odd_last(args: &Args<'_>) -> Result<([f64; 3], f64, f64, f64), CellError> {
    let (settlement, maturity, last) = (day(args.number(0)?)?, day(args.number(1)?)?, day(args.number(2)?)?);
    let (rate, other, redemption) = (args.number(3)?, args.number(4)?, args.number(5)?);
    let (_, basis) = terms(args, 6)?;
    if rate < 0.0 || other < 0.0 || redemption <= 0.0 || settlement >= maturity || last >= settlement {
        return Err(out_of_range("amounts must not be negative, the dates are in order"));
    }
    let years = |a, b| year_fraction(a, b, basis);
    Ok(([years(last, maturity)?, years(settlement, maturity)?, years(last, settlement)?], rate, other, redemption))
}

/// A security whose first coupon is not a whole period after its issue.
struct OddFirst {
    rate: f64,
    redemption: f64,
    frequency: f64,
    /// Periods of the first coupon, and those of it gone at the settlement.
    first: f64,
    gone: f64,
    /// Periods from the settlement to the first coupon, and coupons after it.
    to_first: f64,
    later: i32,
}

impl OddFirst {
    fn of(args: &Args<'_>) -> Result<Self, CellError> {
        let (settlement, maturity) = (day(args.number(0)?)?, day(args.number(1)?)?);
        let (issue, first) = (day(args.number(2)?)?, day(args.number(3)?)?);
        let (rate, redemption) = (args.number(4)?, args.number(6)?);
        let (frequency, basis) = terms(args, 7)?;
        if rate < 0.0 || redemption <= 0.0 || !(issue < settlement && settlement < first && first < maturity) {
            return Err(out_of_range("amounts must not be negative, the dates are in order"));
        }
        let later = Coupons::between(first, maturity, frequency, basis)?.count;
        // Whole periods back from the first coupon, each cut at the issue and at the settlement.
        let (mut all, mut gone, mut to_first) = (0.0, 0.0, 0.0);
        let months = 12 / frequency;
        let mut end = first;
        for period in 1.. {
            let start = months_before(first, period * months)?;
            let length = period_days(start, end, frequency, basis);
            all += days(start.max(issue), end, basis) / length;
            if settlement > start {
                gone += (days(start.max(issue), settlement.min(end), basis)).max(0.0) / length;
            }
            if settlement < end {
                let rest = match basis {
                    0 | 4 if settlement > start => length - days(start, settlement, basis),
                    _ => days(settlement.max(start), end, basis),
                };
                to_first += rest / length;
            }
            if start <= issue {
                break;
            }
            end = start;
        }
        Ok(Self { rate, redemption, frequency: f64::from(frequency), first: all, gone, to_first, later })
    }

    fn price(&self, y: f64) -> Result<f64, CellError> {
        if y < 0.0 {
            return Err(out_of_range("the yield must not be negative"));
        }
        let (coupon, growth) = (100.0 * self.rate / self.frequency, 1.0 + y / self.frequency);
        let at = |periods: f64| growth.powf(-(self.to_first + periods));
        let coupons: f64 = (1..=self.later).map(|k| coupon * at(f64::from(k))).sum();
        Ok(self.redemption * at(f64::from(self.later)) + coupon * self.first * at(0.0) + coupons - coupon * self.gone)
    }
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
