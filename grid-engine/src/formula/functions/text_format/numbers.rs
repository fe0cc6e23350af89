//! A number in the digits a section has places for.

use super::fractions::fraction_text;
use super::parts::Part;
use crate::value::format;

pub(super) fn number_text(parts: &[Part], number: f64, signed: bool) -> String {
    let percents = parts.iter().filter(|part| **part == Part::Percent).count();
    // Scaling by 100 must not show digits the number does not have.
    let mut shown = significant(number.abs() * 100_f64.powi(percents as i32));
    let slash = parts.contains(&Part::Slash);
    let exponent_at = parts.iter().position(|part| matches!(part, Part::Exponent(_)));
    let digits_end = exponent_at.unwrap_or(parts.len());
    let point = parts[..digits_end].iter().position(|part| *part == Part::Point);
    let is_digit = |part: &Part| matches!(part, Part::Digit(_));
    let whole_end = point.unwrap_or(digits_end);
    let decimals = point.map_or(0, |point| parts[point..digits_end].iter().filter(|part| is_digit(part)).count());
    let last_digit = parts[..whole_end].iter().rposition(is_digit);
    let first_digit = parts[..whole_end].iter().position(is_digit);
    // Commas after the last digit divide by thousands, between digits they group.
    let very_last = parts[..digits_end].iter().rposition(is_digit);
    let trailing =
        very_last.map_or(0, |last| parts[last..digits_end].iter().filter(|part| **part == Part::Comma).count());
    let grouping = match (first_digit, last_digit) {
        (Some(first), Some(last)) => parts[first..last].contains(&Part::Comma),
        _ => false,
    };
    shown /= 1000_f64.powi(trailing as i32);
    if slash {
        return fraction_text(parts, number, signed);
    }
    let mut exponent = 0;
    if exponent_at.is_some() && shown != 0.0 {
        let whole = parts[..whole_end].iter().filter(|part| is_digit(part)).count().max(1) as i32;
        let size = shown.log10().floor() as i32;
        exponent = if whole > 1 { size.div_euclid(whole) * whole } else { size };
        shown /= 10_f64.powi(exponent);
        if format::round_decimal(shown, decimals as i32) >= 10_f64.powi(whole) {
            shown /= 10_f64.powi(whole);
            exponent += whole;
        }
    }
    let text = format::fixed(shown, decimals);
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), ""), |(whole, fraction)| (whole, fraction));
    let whole = if whole == "0" { "" } else { whole };
    let is_zero = text.bytes().all(|byte| matches!(byte, b'0' | b'.'));

    let mut out = String::new();
    if signed && number < 0.0 && !is_zero {
        out.push('-');
    }
    let slots = parts[..whole_end].iter().filter(|part| is_digit(part)).count();
    let mut slot = 0;
    let mut fraction_digits = fraction.chars();
    let mut rest_of_fraction = fraction;
    let whole_chars: Vec<char> = whole.chars().collect();
    let push_whole = |out: &mut String, place_from_right: usize, digit: char| {
        out.push(digit);
        if grouping && place_from_right > 0 && place_from_right.is_multiple_of(3) {
            out.push(',');
        }
    };
    for (index, part) in parts.iter().enumerate() {
        match part {
            Part::Literal(text) => out.push_str(text),
            Part::Percent => out.push('%'),
            Part::Digit(kind) if index < whole_end => {
                // The first slot takes all digits there is no slot for.
                let from_right = slots - 1 - slot;
                if slot == 0 {
                    for place in (slots..whole_chars.len()).rev() {
                        push_whole(&mut out, place, whole_chars[whole_chars.len() - 1 - place]);
                    }
                }
                let digit = whole_chars.len().checked_sub(from_right + 1).map(|at| whole_chars[at]);
                match (digit, kind) {
                    (Some(digit), _) => push_whole(&mut out, from_right, digit),
                    (None, '0') => push_whole(&mut out, from_right, '0'),
                    (None, '?') => out.push(' '),
                    (None, _) => {}
                }
                slot += 1;
            }
            Part::Digit(kind) if index < digits_end => {
                let digit = fraction_digits.next();
                let rest_is_zero = rest_of_fraction.bytes().all(|byte| byte == b'0');
                rest_of_fraction = rest_of_fraction.get(1..).unwrap_or("");
                match (digit, kind) {
                    (Some(digit), '0') => out.push(digit),
                    (Some(_), '?') if rest_is_zero => out.push(' '),
                    (Some(_), '#') if rest_is_zero => {}
                    (Some(digit), _) => out.push(digit),
                    (None, _) => {}
                }
            }
            Part::Point if Some(index) == point => {
                if slots == 0 {
                    out.push_str(whole);
                }
                out.push('.');
            }
            Part::Exponent(plus) => {
                let width = parts[index..].iter().filter(|part| is_digit(part)).count();
                let sign = if exponent < 0 {
                    "-"
                } else if *plus {
                    "+"
                } else {
                    ""
                };
                out.push_str(&format!("E{sign}{:0width$}", exponent.abs()));
            }
            _ => {}
        }
    }
    out
}

/// A number in the fifteen digits a spreadsheet knows of it.
fn significant(number: f64) -> f64 {
    format!("{number:.14e}").parse().unwrap_or(number)
}
