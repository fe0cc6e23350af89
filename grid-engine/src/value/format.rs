//! How values are displayed.

use serde::{Deserialize, Serialize};

use super::Value;
use crate::calendar::Date;

/// How numbers of a measure are displayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NumberFormat {
    /// As many digits as needed.
    #[default]
    General,
    /// Grouped, no decimals: `12,400`.
    Whole,
    /// Grouped, two decimals.
    Decimal,
    /// `12.3 %` of a stored 0.123.
    Percent,
    /// Whole currency units.
    Money,
    /// Currency with cents.
    Price,
    Date,
    Text,
}

/// A value as the grid shows it.
///
/// ```
/// # use grid_engine::value::{NumberFormat, Value, format::display};
/// assert_eq!(display(&Value::from(12400.4), NumberFormat::Whole), "12,400");
/// assert_eq!(display(&Value::from(0.1234), NumberFormat::Percent), "12.3 %");
/// ```
pub fn display(value: &Value, format: NumberFormat) -> String {
    match value {
        Value::Blank => String::new(),
        Value::Number(number) => display_number(*number, format),
        Value::Bool(truth) => if *truth { "TRUE" } else { "FALSE" }.to_owned(),
        Value::Text(text) => text.to_string(),
        Value::Error(error) => error.to_string(),
        Value::Array(array) => display(array.first(), format),
    }
}

/// A number as the grid shows it.
pub fn display_number(number: f64, format: NumberFormat) -> String {
    match format {
        NumberFormat::General => general(number),
        NumberFormat::Text => general_text(number),
        NumberFormat::Whole | NumberFormat::Money => grouped(number, 0),
        NumberFormat::Decimal | NumberFormat::Price => grouped(number, 2),
        NumberFormat::Percent => format!("{} %", grouped(number * 100.0, 1)),
        NumberFormat::Date => match Date::from_serial(number) {
            Some(date) if number >= 1.0 => date.to_string(),
            _ => general(number),
        },
    }
}

/// Thousands separated by commas, a fixed number of decimals, halves away from zero.
pub fn grouped(number: f64, decimals: usize) -> String {
    let plain = fixed(number, decimals);
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, ""), |(whole, fraction)| (whole, fraction));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if decimals > 0 {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// A fixed number of decimals, halves away from zero as seen in 15 digits; zeros beyond those; never `-0`.
pub fn fixed(number: f64, decimals: usize) -> String {
    let rounded = round_decimal(number, decimals as i32);
    let (digits, exponent) = fifteen_digits(rounded);
    let text = if exponent + decimals as i32 > 14 {
        let sign = if rounded < 0.0 { "-" } else { "" };
        let whole = (exponent + 1).max(0) as usize;
        let padded = format!("{}{digits}{}", "0".repeat((-exponent - 1).max(0) as usize), "0".repeat(whole));
        let fraction: String = padded.chars().skip(whole).chain(std::iter::repeat('0')).take(decimals).collect();
        let whole = if whole == 0 { "0" } else { &padded[..whole] };
        if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    } else {
        format!("{rounded:.decimals$}")
    };
    if text.starts_with('-') && text.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.')) {
        return text[1..].to_owned();
    }
    text
}

/// A number's fifteen significant digits, all a spreadsheet shows, and the power of ten of the first.
fn fifteen_digits(number: f64) -> (String, i32) {
    let text = format!("{:.14e}", number.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    (mantissa.chars().filter(char::is_ascii_digit).collect(), exponent.parse().unwrap_or(0))
}

/// Rounds half away from zero in decimal: 2.675 is 2.68 in two digits although its binary form lies below.
/// Negative `decimals` round to tens, hundreds …
pub fn round_decimal(number: f64, decimals: i32) -> f64 {
    if number == 0.0 || !number.is_finite() || decimals > 300 {
        return number;
    }
    let exponent = number.abs().log10().floor() as i32;
    // Beyond a double's own digits there is nothing to round.
    if exponent + decimals > 15 {
        return number;
    }
    if exponent + decimals < -1 {
        return 0.0;
    }
    let scaled = if decimals >= 0 { number * 10_f64.powi(decimals) } else { number / 10_f64.powi(-decimals) };
    // The noise of binary: what is a half to 15 digits counts as a half. Where the fifteenth is a unit, none is.
    let nudge = (scaled.abs() * 4.0 * f64::EPSILON).min(0.01);
    let rounded = (scaled.abs() + 0.5 + nudge).floor().copysign(scaled);
    let result = if decimals >= 0 { rounded / 10_f64.powi(decimals) } else { rounded * 10_f64.powi(-decimals) };
    if result.is_finite() { result } else { number }
}

/// Excel's General format in a cell: eleven characters besides the sign, the point among them.
pub fn general(number: f64) -> String {
    let (_, exponent) = fifteen_digits(number);
    if number == 0.0 {
        return "0".into();
    }
    let fits = |text: &str| text.trim_start_matches('-').len() <= 11;
    let written_out = match exponent {
        -4..=-1 => trim_zeros(fixed(number, 9)),
        // Small numbers stand as they are if that has room, whole ones too.
        -9..=-5 => trim_zeros(fixed(number, 12)),
        0..=9 => trim_zeros(fixed(number, 9 - exponent as usize)),
        10 => trim_zeros(fixed(number, 0)),
        _ => return scientific(number, 5),
    };
    if fits(&written_out) && written_out != "0" { written_out } else { scientific(number, 5) }
}

/// A number as text functions and `&` see it: up to 15 significant digits.
pub fn general_text(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 {
        return "0".into();
    }
    let (digits, exponent) = fifteen_digits(number);
    // Numbers are written out as long as that takes at most twenty characters.
    let places = digits.trim_end_matches('0').len() as i32 - exponent - 1;
    if exponent > 19 || (exponent < 0 && places > 18) {
        return scientific(number, 14);
    }
    let sign = if number < 0.0 { "-" } else { "" };
    let text = if exponent < 0 {
        format!("{sign}0.{}{digits}", "0".repeat((-exponent - 1) as usize))
    } else {
        let whole = exponent as usize + 1;
        if whole >= digits.len() {
            format!("{sign}{digits}{}", "0".repeat(whole - digits.len()))
        } else {
            format!("{sign}{}.{}", &digits[..whole], &digits[whole..])
        }
    };
    trim_zeros(text)
}

/// `1.23457E+11`, with at most so many decimals.
fn scientific(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{}E{}{:02}", trim_zeros(mantissa.to_owned()), if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

fn trim_zeros(text: String) -> String {
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_read_as_planners_write() {
        for (number, format, text) in [
            (12400.4, NumberFormat::Whole, "12,400"),
            (-1_234_567.891, NumberFormat::Decimal, "-1,234,567.89"),
            (0.1234, NumberFormat::Percent, "12.3 %"),
            (999.5, NumberFormat::Money, "1,000"),
            (2.675, NumberFormat::Price, "2.68"),
            (-0.4, NumberFormat::Whole, "0"),
            (46_348.0, NumberFormat::Date, "2026-11-22"),
        ] {
            assert_eq!(display_number(number, format), text);
        }
    }

    #[test]
    fn general_is_excels() {
        for (number, text) in [
            (0.1 + 0.2, "0.3"),
            (1.0 / 3.0, "0.333333333"),
            (1_234_567.891, "1234567.891"),
            (123_456_789_012.0, "1.23457E+11"),
            (100.0, "100"),
            (0.000_012_345, "0.000012345"),
            (0.000_012_345_6, "1.23456E-05"),
            (-0.000_000_01, "-0.00000001"),
            (-2.5e-9, "-2.5E-09"),
            (1e-9, "0.000000001"),
            (1e-10, "1E-10"),
            (0.001_234_567_891, "0.001234568"),
            (99_999_999_999.4, "99999999999"),
            (99_999_999_999.5, "1E+11"),
            (12_345.678_912_3, "12345.67891"),
            (1_234_567_890.5, "1234567891"),
            (-2.5, "-2.5"),
            (1e100, "1E+100"),
        ] {
            assert_eq!(general(number), text);
        }
        for (number, text) in [
            (1.0 / 3.0, "0.333333333333333"),
            (123_456_789_012.0, "123456789012"),
            (0.1 + 0.2, "0.3"),
            (-1.5, "-1.5"),
            (1e19, "10000000000000000000"),
            (1e20, "1E+20"),
            (1.234_567_890_123_456_8e20, "1.23456789012346E+20"),
            (0.001, "0.001"),
        ] {
            assert_eq!(general_text(number), text);
        }
    }

    #[test]
    fn fifteen_digits_are_shown_and_no_more() {
        for (number, decimals, text) in [
            (12_345_678_901_200.0, 2, "12345678901200.00"),
            (999_999_999_999.9, 3, "999999999999.900"),
            (1_234_567_890_123_456.0, 0, "1234567890123460"),
            (1.234_56e19, 1, "12345600000000000000.0"),
            (1.0 / 3.0, 18, "0.333333333333333000"),
            (0.1, 20, "0.10000000000000000000"),
            (-0.001_234_567_890_123_456, 20, "-0.00123456789012346000"),
            (1e-7, 3, "0.000"),
            (0.0, 16, "0.0000000000000000"),
        ] {
            assert_eq!(fixed(number, decimals), text);
        }
    }

    #[test]
    fn halves_round_away_from_zero() {
        for (number, decimals, rounded) in [
            (2.5, 0, 3.0),
            (-2.5, 0, -3.0),
            (1.005, 2, 1.01),
            (1234.5, -2, 1200.0),
            (55.0, -2, 100.0),
            (49.0, -2, 0.0),
            (1e300, 2, 1e300),
            (0.5, 0, 1.0),
            (0.049_999, 1, 0.0),
        ] {
            assert_eq!(round_decimal(number, decimals), rounded, "{number} {decimals}");
        }
    }
}
