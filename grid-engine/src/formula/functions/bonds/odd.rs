//! Securities whose first or last coupon period is shorter or longer than the others.

use super::super::Args;
use super::super::args::out_of_range;
use super::super::dates::{day, year_fraction};
use super::coupons::{Coupons, days, months_before, period_days, terms};
use crate::value::CellError;

/// Years from last coupon to maturity, settlement to maturity, last coupon to settlement; three amounts.
pub(super) fn odd_last(args: &Args<'_>) -> Result<([f64; 3], f64, f64, f64), CellError> {
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
pub(super) struct OddFirst {
    pub(super) rate: f64,
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
    pub(super) fn of(args: &Args<'_>) -> Result<Self, CellError> {
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

    pub(super) fn price(&self, y: f64) -> Result<f64, CellError> {
        if y < 0.0 {
            return Err(out_of_range("the yield must not be negative"));
        }
        let (coupon, growth) = (100.0 * self.rate / self.frequency, 1.0 + y / self.frequency);
        let at = |periods: f64| growth.powf(-(self.to_first + periods));
        let coupons: f64 = (1..=self.later).map(|k| coupon * at(f64::from(k))).sum();
        Ok(self.redemption * at(f64::from(self.later)) + coupon * self.first * at(0.0) + coupons - coupon * self.gone)
    }
}
