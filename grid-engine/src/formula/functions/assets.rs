//! Depreciation, bills and simple securities.

use super::args::out_of_range;
use super::dates::{day, year_fraction};
use super::{Args, Body, Declared, declare};
use crate::calendar::Date;
use crate::formula::eval::Outcome;
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "SLN(cost, salvage, life)",
        "Straight-line depreciation per period.",
        "=SLN(10000,1000,5)",
        Body::Each(|args| {
            let life = args.number(2)?;
            if life == 0.0 {
                Err(CellError::new(ErrorKind::Div0))
            } else {
                Ok(Value::number((args.number(0)? - args.number(1)?) / life))
            }
        }),
    ),
    declare(
        "SYD(cost, salvage, life, period)",
        "Sum-of-years depreciation of a period.",
        "=SYD(10000,1000,5,1)",
        Body::Each(|args| {
            let (cost, salvage, life, period) = (args.number(0)?, args.number(1)?, args.number(2)?, args.number(3)?);
            if life <= 0.0 || period < 1.0 || period > life {
                return Err(out_of_range("the period lies within the life"));
            }
            Ok(Value::number((cost - salvage) * (life - period + 1.0) * 2.0 / (life * (life + 1.0))))
        }),
    ),
    declare(
        "DB(cost, salvage, life, period, [months])",
        "Fixed declining-balance depreciation of a period.",
        "=DB(10000,1000,5,1)",
        Body::Each(declining),
    ),
    declare(
        "DDB(cost, salvage, life, period, [factor])",
        "Double-declining depreciation of a period.",
        "=DDB(10000,1000,5,1)",
        Body::Each(|args| {
            let (cost, salvage, life, period) = (args.number(0)?, args.number(1)?, args.number(2)?, args.number(3)?);
            let factor = args.number_or(4, 2.0)?;
            if cost < 0.0 || salvage < 0.0 || life <= 0.0 || period <= 0.0 || period > life || factor <= 0.0 {
                return Err(out_of_range("amounts must not be negative, the period lies within the life"));
            }
            Ok(Value::number(double_declining(cost, salvage, life, period, factor)))
        }),
    ),
    declare(
        "TBILLPRICE(settlement, maturity, discount)",
        "The price of a treasury bill per 100.",
        "=TBILLPRICE(DATE(2026,3,31),DATE(2026,6,1),0.09)",
        Body::Each(|args| {
            let (days, discount) = (bill_days(args)?, args.number(2)?);
            let price = 100.0 * (1.0 - discount * days / 360.0);
            if discount <= 0.0 || price < 0.0 {
                Err(out_of_range("the discount must be above 0"))
            } else {
                Ok(Value::number(price))
            }
        }),
    ),
    declare(
        "TBILLYIELD(settlement, maturity, price)",
        "The yield of a treasury bill.",
        "=TBILLYIELD(DATE(2026,3,31),DATE(2026,6,1),98.45)",
        Body::Each(|args| {
            let (days, price) = (bill_days(args)?, args.number(2)?);
            if price <= 0.0 {
                Err(out_of_range("the price must be above 0"))
            } else {
                Ok(Value::number((100.0 - price) / price * 360.0 / days))
            }
        }),
    ),
    declare(
        "TBILLEQ(settlement, maturity, discount)",
        "The bond-equivalent yield of a treasury bill.",
        "=TBILLEQ(DATE(2026,3,31),DATE(2026,6,1),0.09)",
        Body::Each(|args| {
            let (days, discount) = (bill_days(args)?, args.number(2)?);
            if discount <= 0.0 {
                return Err(out_of_range("the discount must be above 0"));
            }
            if days <= 182.0 {
                return Ok(Value::number(365.0 * discount / (360.0 - discount * days)));
            }
            // Beyond half a year interest compounds once: the larger root of the quadratic.
            let price = (100.0 - discount * 100.0 * days / 360.0) / 100.0;
            let year = if days == 366.0 { 366.0 } else { 365.0 };
            let share = days / year;
            let root = (share * share - (2.0 * share - 1.0) * (1.0 - 1.0 / price)).sqrt();
            Ok(Value::number((-2.0 * share + 2.0 * root) / (2.0 * share - 1.0)))
        }),
    ),
    declare(
        "ACCRINTM(issue, settlement, rate, [par], [basis])",
        "The interest of a security paid at maturity.",
        "=ACCRINTM(DATE(2026,4,1),DATE(2026,6,15),0.1)",
        Body::Each(|args| {
            let (issue, settlement) = (day(args.number(0)?)?, day(args.number(1)?)?);
            let (rate, par) = (args.number(2)?, args.number_or(3, 1000.0)?);
            if rate <= 0.0 || par <= 0.0 || issue >= settlement {
                return Err(out_of_range("rate and par are above 0, the issue lies before the settlement"));
            }
            Ok(Value::number(par * rate * year_fraction(issue, settlement, args.integer_or(4, 0)?)?))
        }),
    ),
    declare(
        "VDB(cost, salvage, life, start, end, [factor], [no_switch])",
        "Declining depreciation over any part of the life, straight-line from where that is more.",
        "=VDB(2400,300,10,0,0.875,1.5)",
        Body::Each(variable_declining),
    ),
    declare(
        "AMORLINC(cost, purchased, first_period, salvage, period, rate, [basis])",
        "Straight-line depreciation by the French rule, in proportion in the first period.",
        "=AMORLINC(2400,39679,39813,300,1,0.15,1)",
        Body::Each(|args| french(args, false)),
    ),
    declare(
        "AMORDEGRC(cost, purchased, first_period, salvage, period, rate, [basis])",
        "Declining depreciation by the French rule, in proportion in the first period.",
        "=AMORDEGRC(2400,39679,39813,300,1,0.15,1)",
        Body::Each(|args| french(args, true)),
    ),
    declare(
        "DISC(settlement, maturity, price, redemption, [basis])",
        "The discount rate of a security.",
        "=DISC(DATE(2026,7,1),DATE(2048,1,1),97.975,100,1)",
        Body::Each(|args| {
            let (years, price, redemption) = security(args)?;
            Ok(Value::number((redemption - price) / redemption / years))
        }),
    ),
    declare(
        "INTRATE(settlement, maturity, investment, redemption, [basis])",
        "The interest rate of a security held to maturity.",
        "=INTRATE(DATE(2026,2,15),DATE(2026,5,15),1000000,1014420,2)",
        Body::Each(|args| {
            let (years, investment, redemption) = security(args)?;
            Ok(Value::number((redemption - investment) / investment / years))
        }),
    ),
    declare(
        "RECEIVED(settlement, maturity, investment, discount, [basis])",
        "What a security pays at maturity.",
        "=RECEIVED(DATE(2026,2,15),DATE(2026,5,15),1000000,0.0575,2)",
        Body::Each(|args| {
            let (years, investment, discount) = security(args)?;
            let left = 1.0 - discount * years;
            if left <= 0.0 {
                Err(out_of_range("the discount is too large"))
            } else {
                Ok(Value::number(investment / left))
            }
        }),
    ),
    declare(
        "DOLLARDE(price, fraction)",
        "A price in fractions as a decimal.",
        "=DOLLARDE(1.02,16)",
        Body::Each(|args| {
            let (price, fraction) = (args.number(0)?, fraction(args)?);
            let digits = 10_f64.powi(fraction.log10().ceil() as i32);
            Ok(Value::number(price.trunc() + price.fract() * digits / fraction))
        }),
    ),
    declare(
        "DOLLARFR(price, fraction)",
        "A decimal price in fractions.",
        "=DOLLARFR(1.125,16)",
        Body::Each(|args| {
            let (price, fraction) = (args.number(0)?, fraction(args)?);
            let digits = 10_f64.powi(fraction.log10().ceil() as i32);
            Ok(Value::number(price.trunc() + price.fract() * fraction / digits))
        }),
    ),
];

fn fraction(args: &Args<'_>) -> Result<f64, CellError> {
    match args.number(1)?.trunc() {
        fraction if fraction < 0.0 => Err(out_of_range("the fraction must not be negative")),
        fraction if fraction < 1.0 => Err(CellError::new(ErrorKind::Div0)),
        fraction => Ok(fraction),
    }
}

fn declining(args: &Args<'_>) -> Outcome {
    let (cost, salvage, life, period) = (args.number(0)?, args.number(1)?, args.number(2)?, args.number(3)?.trunc());
    let months = args.number_or(4, 12.0)?.trunc();
    let periods = if months < 12.0 { life + 1.0 } else { life };
    if cost < 0.0
        || salvage < 0.0
        || life <= 0.0
        || period < 1.0
        || period > periods
        || !(1.0..=12.0).contains(&months)
        || period > 1e5
    {
        return Err(out_of_range("amounts must not be negative, the period lies within the life"));
    }
    if cost == 0.0 {
        return Ok(Value::Number(0.0));
    }
    let rate = ((1.0 - (salvage / cost).powf(1.0 / life)) * 1000.0).round() / 1000.0;
    let first = cost * rate * months / 12.0;
    if period == 1.0 {
        return Ok(Value::number(first));
    }
    let mut sum = first;
    for _ in 2..period as u32 {
        sum += (cost - sum) * rate;
    }
    let last = (cost - sum) * rate;
    Ok(Value::number(if period > life { last * (12.0 - months) / 12.0 } else { last }))
}

/// The book value falls by a fixed factor until salvage is reached; fractional periods fall back to whole powers.
fn double_declining(cost: f64, salvage: f64, life: f64, period: f64, factor: f64) -> f64 {
    let rate = factor / life;
    if rate >= 1.0 {
        return if period == 1.0 { (cost - salvage).max(0.0) } else { 0.0 };
    }
    let before = cost * (1.0 - rate).powf(period - 1.0);
    let after = cost * (1.0 - rate).powf(period);
    if period < 1.0 { (cost - salvage).min(cost * rate).max(0.0) } else { (before - after.max(salvage)).max(0.0) }
}

/// Days of a bill of at most a year.
fn bill_days(args: &Args<'_>) -> Result<f64, CellError> {
    let (settlement, maturity) = (day(args.number(0)?)?, day(args.number(1)?)?);
    let (year, month, day) = settlement.ymd();
    let limit = Date::from_ymd(year + 1, month, day.min(Date::days_in_month(year + 1, month)));
    if settlement >= maturity || limit.is_some_and(|limit| maturity > limit) {
        return Err(out_of_range("a bill matures after its settlement, within a year"));
    }
    Ok(f64::from(maturity.days() - settlement.days()))
}

/// Years to maturity, and two amounts above 0.
fn security(args: &Args<'_>) -> Result<(f64, f64, f64), CellError> {
    let (settlement, maturity) = (day(args.number(0)?)?, day(args.number(1)?)?);
    let (a, b) = (args.number(2)?, args.number(3)?);
    if settlement >= maturity || a <= 0.0 || b <= 0.0 {
        return Err(out_of_range("amounts are above 0, the maturity lies after the settlement"));
    }
    Ok((year_fraction(settlement, maturity, args.integer_or(4, 0)?)?, a, b))
}

/// Declining depreciation of whole periods from the first, straight-line over `left` periods from where that is more.
fn declining_total(cost: f64, salvage: f64, life: f64, left: f64, periods: f64, factor: f64) -> f64 {
    let (mut sum, mut rest, mut straight) = (0.0, cost - salvage, None);
    let last = periods.ceil() as u32;
    for period in 1..=last {
        let linear = straight.unwrap_or_else(|| rest / (left - f64::from(period - 1)));
        let declining = double_declining(cost, salvage, life, f64::from(period), factor);
        let mut part = linear;
        if straight.is_some() || linear > declining {
            straight = Some(linear);
        } else {
            part = declining;
            rest -= declining;
        }
        sum += if period == last { part * (periods + 1.0 - f64::from(last)) } else { part };
    }
    sum
}

fn variable_declining(args: &Args<'_>) -> Outcome {
    let (cost, salvage, life) = (args.number(0)?, args.number(1)?, args.number(2)?);
    let (start, end, factor) = (args.number(3)?, args.number(4)?, args.number_or(5, 2.0)?);
    if cost < 0.0
        || salvage < 0.0
        || life <= 0.0
        || start < 0.0
        || end < start
        || end > life
        || factor < 0.0
        || end > 1e5
    {
        return Err(out_of_range("amounts must not be negative, start and end lie in order within the life"));
    }
    let (first, last) = (start.floor(), end.ceil());
    if args.bool_or(6, false)? {
        let part = |period: u32| {
            let (from, to) = (f64::from(period - 1).max(start), f64::from(period).min(end));
            double_declining(cost, salvage, life, f64::from(period), factor) * (to - from).max(0.0)
        };
        return Ok(Value::number((first as u32 + 1..=last as u32).map(part).sum()));
    }
    let gone = |until: f64| declining_total(cost, salvage, life, life, until, factor);
    let after =
        |from: f64, periods: f64| declining_total(cost - gone(from), salvage, life, life - from, periods, factor);
    let mut total = after(first, last - first);
    if start > first {
        total -= (start - first) * after(first, 1.0);
    }
    if end < last {
        total -= (last - end) * after(last - 1.0, 1.0);
    }
    Ok(Value::number(total))
}

/// AMORLINC, and AMORDEGRC with whole amounts and a coefficient by the life.
fn french(args: &Args<'_>, declines: bool) -> Outcome {
    let (mut cost, salvage, period, rate) =
        (args.number(0)?, args.number(3)?, args.number(4)?.trunc(), args.number(5)?);
    let (purchased, first) = (day(args.number(1)?)?, day(args.number(2)?)?);
    if cost <= 0.0 || salvage < 0.0 || salvage > cost || period < 0.0 || rate <= 0.0 || purchased > first {
        return Err(out_of_range("amounts must not be negative, the dates are in order"));
    }
    let share = year_fraction(purchased, first, args.integer_or(6, 0)?)?;
    if !declines {
        let (start, full) = (share * rate * cost, cost * rate);
        let whole = ((cost - salvage - start) / full).trunc();
        return Ok(Value::number(if period == 0.0 {
            start
        } else if period <= whole {
            full
        } else if period == whole + 1.0 {
            cost - salvage - full * whole - start
        } else {
            0.0
        }));
    }
    let life = 1.0 / rate;
    let coefficient = match life {
        life if life < 3.0 => 1.0,
        life if life < 5.0 => 1.5,
        life if life <= 6.0 => 2.0,
        _ => 2.5,
    };
    let rate = rate * coefficient;
    let mut part = (share * rate * cost).round();
    cost -= part;
    let mut rest = cost - salvage;
    for place in 0..period.min(1e4) as u32 {
        part = (rate * cost).round();
        rest -= part;
        if rest < 0.0 {
            let left = period as u32 - place;
            return Ok(Value::number(if left <= 2 { (cost * 0.5).round() } else { 0.0 }));
        }
        cost -= part;
    }
    Ok(Value::number(part))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn assets_and_bills() {
        check(&[
            ("SLN(30000,7500,10)", "2250"),
            ("SYD(30000,7500,10,1)", "4090.90909090909"),
            ("DB(1000000,100000,6,1,7)", "186083.333333333"),
            ("DB(1000000,100000,6,7,7)", "15845.0984738461"),
            ("DDB(2400,300,10,2,1.5)", "306"),
            ("DDB(2400,300,10,10)", "22.1225472"),
            ("TBILLPRICE(DATE(2008,3,31),DATE(2008,6,1),0.09)", "98.45"),
            ("TBILLYIELD(DATE(2008,3,31),DATE(2008,6,1),98.45)", "0.0914169629253426"),
            ("TBILLEQ(DATE(2008,3,31),DATE(2008,6,1),0.0914)", "0.094151493565943"),
            ("ACCRINTM(39539,39614,0.1,1000,3)", "20.5479452054795"),
            ("ROUND(VDB(2400,300,10,0,0.875,1.5),2)", "315"),
            ("ROUND(VDB(2400,300,10*12,6,18),2)", "396.31"),
            ("ROUND(VDB(2400,300,3650,0,1),2)", "1.32"),
            ("AMORLINC(2400,39679,39813,300,1,0.15,1)", "360"),
            ("AMORDEGRC(2400,39679,39813,300,1,0.15,1)", "776"),
            ("DISC(DATE(2018,7,1),DATE(2048,1,1),97.975,100,1)", "0.000686384169121348"),
            ("INTRATE(DATE(2008,2,15),DATE(2008,5,15),1000000,1014420,2)", "0.05768"),
            ("RECEIVED(DATE(2008,2,15),DATE(2008,5,15),1000000,0.0575,2)", "1014584.6544071"),
            ("DOLLARDE(1.02,16)", "1.125"),
            ("DOLLARFR(1.125,16)", "1.02"),
        ]);
    }
}
