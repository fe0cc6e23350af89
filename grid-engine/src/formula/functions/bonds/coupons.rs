//! When coupons are paid, what is gone and left of their period, and the price and yield that follow.

use super::super::Args;
use super::super::args::out_of_range;
use super::super::dates::{day, days_360};
use super::super::finance::root;
use crate::calendar::Date;
use crate::value::CellError;

/// `months` before a coupon date; coupons at the end of a month stay there.
pub(super) fn months_before(anchor: Date, months: i32) -> Result<Date, CellError> {
    let (year, month, day) = anchor.ymd();
    let total = year * 12 + month as i32 - 1 - months;
    let (to_year, to_month) = (total.div_euclid(12), total.rem_euclid(12) as u32 + 1);
    let last = Date::days_in_month(to_year, to_month);
    let at_end = day == Date::days_in_month(year, month);
    Date::from_ymd(to_year, to_month, if at_end { last } else { day.min(last) })
        .ok_or_else(|| out_of_range("a coupon date lies before 1900"))
}

/// Days between two dates by basis, negative backwards.
pub(super) fn days(from: Date, to: Date, basis: i64) -> f64 {
    match basis {
        0 => f64::from(days_360(from, to, false)),
        4 => f64::from(days_360(from, to, true)),
        _ => f64::from(to.days() - from.days()),
    }
}

/// Days of a coupon period by basis.
pub(super) fn period_days(from: Date, to: Date, frequency: i32, basis: i64) -> f64 {
    match basis {
        1 => f64::from(to.days() - from.days()),
        3 => 365.0 / f64::from(frequency),
        _ => 360.0 / f64::from(frequency),
    }
}

/// Coupons a year (1, 2 or 4) and the day-count basis (0 to 4).
pub(super) fn terms(args: &Args<'_>, frequency: usize) -> Result<(i32, i64), CellError> {
    let (per_year, basis) = (args.integer(frequency)?, args.integer_or(frequency + 1, 0)?);
    if ![1, 2, 4].contains(&per_year) || !(0..=4).contains(&basis) {
        return Err(out_of_range("the frequency is 1, 2 or 4, the basis 0 to 4"));
    }
    Ok((per_year as i32, basis))
}

/// The coupons of a security from its settlement on, counted back from its maturity.
pub(super) struct Coupons {
    settlement: Date,
    maturity: Date,
    pub(super) frequency: i32,
    basis: i64,
    pub(super) count: i32,
}

impl Coupons {
    pub(super) fn of(args: &Args<'_>, frequency: usize) -> Result<Self, CellError> {
        let (settlement, maturity) = (day(args.number(0)?)?, day(args.number(1)?)?);
        let (frequency, basis) = terms(args, frequency)?;
        Self::between(settlement, maturity, frequency, basis)
    }

    pub(super) fn between(settlement: Date, maturity: Date, frequency: i32, basis: i64) -> Result<Self, CellError> {
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

    pub(super) fn before(&self) -> Result<Date, CellError> {
        months_before(self.maturity, self.count * (12 / self.frequency))
    }

    pub(super) fn after(&self) -> Result<Date, CellError> {
        months_before(self.maturity, (self.count - 1) * (12 / self.frequency))
    }

    pub(super) fn length(&self) -> Result<f64, CellError> {
        Ok(period_days(self.before()?, self.after()?, self.frequency, self.basis))
    }

    pub(super) fn elapsed(&self) -> Result<f64, CellError> {
        Ok(days(self.before()?, self.settlement, self.basis))
    }

    pub(super) fn remaining(&self) -> Result<f64, CellError> {
        match self.basis {
            0 | 4 => Ok(self.length()? - self.elapsed()?),
            basis => Ok(days(self.settlement, self.after()?, basis)),
        }
    }

    /// Shares of a period elapsed and remaining.
    pub(super) fn shares(&self) -> Result<(f64, f64), CellError> {
        let length = self.length()?;
        Ok((self.elapsed()? / length, self.remaining()? / length))
    }

    pub(super) fn price(&self, rate: f64, y: f64, redemption: f64) -> Result<f64, CellError> {
        let (elapsed, remaining) = self.shares()?;
        let (coupon, per_period) = (100.0 * rate / f64::from(self.frequency), y / f64::from(self.frequency));
        if self.count == 1 {
            return Ok((redemption + coupon) / (1.0 + remaining * per_period) - coupon * elapsed);
        }
        let growth = 1.0 + per_period;
        let coupons: f64 = (0..self.count).map(|k| coupon / growth.powf(f64::from(k) + remaining)).sum();
        Ok(redemption / growth.powf(f64::from(self.count - 1) + remaining) + coupons - coupon * elapsed)
    }

    pub(super) fn yield_at(&self, rate: f64, price: f64, redemption: f64) -> Result<f64, CellError> {
        if self.count > 1 {
            return root(rate.max(0.01), |y| self.price(rate, y, redemption).map_or(f64::NAN, |at| at - price));
        }
        let (elapsed, remaining) = self.shares()?;
        let frequency = f64::from(self.frequency);
        let paid = price / 100.0 + elapsed * rate / frequency;
        Ok((redemption / 100.0 + rate / frequency - paid) / paid * frequency / remaining)
    }
}
