//! Amounts in the currencies that became the euro: EUROCONVERT.

use super::args::wrong;
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::format::round_decimal;
use crate::value::{CellError, Value};

pub(super) const FUNCTIONS: &[Declared] = &[declare(
    "EUROCONVERT(number, source, target, [full_precision], [triangulation_precision])",
    "An amount in euro or a currency that became the euro, in another of these, at the fixed rates.",
    "=EUROCONVERT(1.2,\"DEM\",\"EUR\")",
    Body::Each(euro_convert),
)];

/// How much of a currency one euro is, and the decimals its amounts have as Excel rounds them. The rates are fixed for good by
/// Council Regulations 2866/98, 1478/2000 (GRD), 1086/2006 (SIT), 1134/2007 (MTL), 1135/2007 (CYP), 694/2008 (SKK),
/// 671/2010 (EEK), 870/2013 (LVL), 851/2014 (LTL), 2022/1208 (HRK) and the one of 8 July 2025 (BGN).
const CURRENCIES: [(&str, f64, i32); 22] = [
    ("EUR", 1.0, 2),
    ("BEF", 40.3399, 0),
    ("DEM", 1.95583, 2),
    ("ESP", 166.386, 0),
    ("FRF", 6.55957, 2),
    ("IEP", 0.787564, 2),
    ("ITL", 1936.27, 0),
    ("LUF", 40.3399, 0),
    ("NLG", 2.20371, 2),
    ("ATS", 13.7603, 2),
    ("PTE", 200.482, 0),
    ("FIM", 5.94573, 2),
    ("GRD", 340.75, 0),
    ("SIT", 239.64, 2),
    ("MTL", 0.4293, 2),
    ("CYP", 0.585274, 2),
    ("SKK", 30.126, 2),
    ("EEK", 15.6466, 2),
    ("LVL", 0.702804, 2),
    ("LTL", 3.4528, 2),
    ("HRK", 7.5345, 2),
    ("BGN", 1.95583, 2),
];

/// Fewest significant digits the amount in euro may be rounded to on the way.
const FEWEST_DIGITS: i64 = 3;

fn currency(code: &str) -> Result<(f64, i32), CellError> {
    let code = code.trim().to_uppercase();
    let found = CURRENCIES.iter().find(|(known, ..)| *known == code);
    found
        .map(|&(_, rate, decimals)| (rate, decimals))
        .ok_or_else(|| wrong(&format!("‘{code}’ is neither EUR nor a currency that became the euro")))
}

fn euro_convert(args: &Args<'_>) -> Outcome {
    let (number, source, target) = (args.number(0)?, args.text(1)?, args.text(2)?);
    let ((from, _), (to, decimals)) = (currency(&source)?, currency(&target)?);
    if source.trim().eq_ignore_ascii_case(target.trim()) {
        return Ok(Value::number(number));
    }
    let mut euro = number / from;
    if args.given(4) && from != 1.0 && to != 1.0 {
        let digits = args.integer(4)?;
        if digits < FEWEST_DIGITS {
            return Err(wrong("the amount in euro keeps at least 3 digits on the way"));
        }
        if euro != 0.0 {
            let first = euro.abs().log10().floor() as i64;
            euro = round_decimal(euro, (digits - 1 - first).clamp(-300, 300) as i32);
        }
    }
    let exact = euro * to;
    Ok(Value::number(if args.bool_or(3, false)? { exact } else { round_decimal(exact, decimals) }))
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn amounts_in_the_currencies_that_became_the_euro() {
        check(&[
            // The examples of Excel's own page.
            ("EUROCONVERT(1.2,\"DEM\",\"EUR\")", "0.61"),
            ("ROUND(EUROCONVERT(1,\"FRF\",\"EUR\",TRUE,3),9)", "0.152449017"),
            ("EUROCONVERT(1,\"FRF\",\"EUR\",FALSE,3)", "0.15"),
            ("ROUND(EUROCONVERT(1,\"FRF\",\"DEM\",TRUE,3),8)", "0.29728616"),
            ("EUROCONVERT(1,\"FRF\",\"DEM\",FALSE,3)", "0.3"),
            ("EUROCONVERT(100,\"eur\",\"ITL\")", "193627"),
            ("EUROCONVERT(7.5345,\"HRK\",\"EUR\")", "1"),
            ("EUROCONVERT(1.234,\"DEM\",\"DEM\")", "1.234"),
            ("EUROCONVERT(0,\"DEM\",\"FRF\",TRUE,3)", "0"),
            ("EUROCONVERT(1,\"DEM\",\"FRF\",TRUE,2)", "#VALUE!"),
            ("EUROCONVERT(1,\"USD\",\"EUR\")", "#VALUE!"),
        ]);
    }
}
