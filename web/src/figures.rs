//! Numbers and names as people read them: grouped, rounded to what matters, missing apart from zero.

use grid_engine::calendar::Date;

/// Stands where a figure is not known.
pub const MISSING: &str = "–";

/// Ticks of an axis that differ in later decimals only are as good as one.
const MOST_DECIMALS: usize = 6;

/// The months as they are cut short under axes and in dates.
pub const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Grouped by thousands with a fixed number of decimals: `12,400`, `-3.50`.
///
/// A real minus sign, so that columns of figures line up. A value that rounds to zero has no sign.
pub fn grouped(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let text = format!("{:.*}", decimals, value.abs());
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut result = String::with_capacity(text.len() + text.len() / 3 + 1);
    if value < 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
        result.push('\u{2212}');
    }
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            result.push(',');
        }
        result.push(digit);
    }
    if let Some(fraction) = fraction {
        result.push('.');
        result.push_str(fraction);
    }
    crate::locale::current().shown(&result)
}

/// Three significant figures with K, M or B from ten thousand on: `12.4 M`, `9,870`, `41.2 K`.
pub fn compact(value: f64) -> String {
    let size = value.abs();
    let (unit, suffix) = scale_of(size);
    let scaled = value / unit;
    let decimals = match scaled.abs() {
        scaled if scaled >= 99.95 => 0,
        scaled if scaled >= 9.995 => 1,
        _ if suffix.is_empty() && value.fract() == 0.0 => 0,
        _ => 2,
    };
    let decimals = if suffix.is_empty() && size >= 100.0 { 0 } else { decimals };
    format!("{}{suffix}", grouped(scaled, decimals))
}

/// What a figure of a size is counted in, and what stands behind it then.
fn scale_of(size: f64) -> (f64, &'static str) {
    // From 999.5 of a unit on, rounding would show 1000 of it: take the next.
    match size {
        size if size >= 999_500_000.0 => (1e9, "\u{202f}B"),
        size if size >= 999_500.0 => (1e6, "\u{202f}M"),
        size if size >= 10_000.0 => (1e3, "\u{202f}K"),
        _ => (1.0, ""),
    }
}

/// What stands at the ticks of an axis: all counted in the same, with as many decimals as it takes to be exact, so that no
/// two of them are labelled alike. `unit` is `%` or none.
pub fn ticks(values: &[f64], unit: &str) -> Vec<String> {
    let (size, suffix) = match unit {
        "%" => (0.01, "\u{202f}%"),
        _ => scale_of(values.iter().fold(0.0, |most, value| f64::max(most, value.abs()))),
    };
    let is_exact = |decimals: &usize| {
        let power = 10_f64.powi(*decimals as i32);
        values.iter().map(|value| value / size * power).all(|scaled| (scaled - scaled.round()).abs() < 1e-3)
    };
    let decimals = (0..MOST_DECIMALS).find(is_exact).unwrap_or(MOST_DECIMALS);
    let text = |value: &f64| match *value {
        0.0 => "0".to_owned(),
        value => format!("{}{suffix}", grouped(value / size, decimals)),
    };
    values.iter().map(text).collect()
}

/// A figure as `shown` shows it, or that it is not known.
pub fn known(value: Option<f64>, shown: fn(f64) -> String) -> String {
    value.map_or_else(|| MISSING.to_owned(), shown)
}

/// A share as a percentage: 0.123 is `12.3 %`.
pub fn percent(share: f64) -> String {
    if share.is_finite() { format!("{}\u{202f}%", grouped(share * 100.0, 1)) } else { MISSING.to_owned() }
}

/// With a plus sign where it is more than nothing.
pub fn signed(text: String, value: f64) -> String {
    if value > 0.0 && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) { format!("+{text}") } else { text }
}

/// The change from `a` to `b` as a share of `a`; `None` where there was nothing to change from.
pub fn change(a: f64, b: f64) -> Option<f64> {
    (a != 0.0 && a.is_finite() && b.is_finite()).then(|| (b - a) / a.abs())
}

/// A figure in its unit (`%`, `pp`, `money`, `days`, `×` or none), money without its currency.
pub fn in_unit(value: f64, unit: &str) -> String {
    match unit {
        "%" => percent(value),
        "pp" => format!("{}\u{202f}pp", grouped(value * 100.0, 1)),
        "money" => compact(value),
        "" => compact(value),
        "×" => format!("{}\u{202f}×", grouped(value, 1)),
        "days" => format!("{}\u{202f}days", grouped(value, 1)),
        unit => format!("{}\u{202f}{unit}", compact(value)),
    }
}

/// A difference in a unit; of percentages in percentage points.
pub fn difference_in_unit(value: f64, unit: &str) -> String {
    let text = match unit {
        "%" => in_unit(value, "pp"),
        unit => in_unit(value, unit),
    };
    signed(text, value)
}

/// Whether a difference is seen at all in the digits its unit is shown with.
pub fn is_change(difference: f64, unit: &str) -> bool {
    let digits = |value: f64| difference_in_unit(value.abs(), unit).replace(|c: char| !"123456789".contains(c), "");
    digits(difference) != digits(0.0)
}

/// A day such as `2026-11-22` in words: `22 Nov 2026`. What is no day stays as it is.
pub fn day(iso: &str) -> String {
    match iso.parse::<Date>() {
        Ok(date) => {
            let (year, month, day) = date.ymd();
            format!("{day} {} {year}", MONTHS[month as usize - 1])
        }
        Err(_) => iso.to_owned(),
    }
}

/// The first letters of the first and the last name.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_as_no_difference_is_none() {
        for (difference, unit, expected) in [
            (0.0004, "%", false),
            (-0.0004, "%", false),
            (0.0006, "%", true),
            (0.0, "money", false),
            (12_000.0, "money", true),
            (0.01, "days", false),
            (0.0, "m3", false),
        ] {
            assert_eq!(is_change(difference, unit), expected, "{difference} {unit}");
        }
    }

    #[test]
    fn grouping_rounds_and_signs() {
        for (value, decimals, text) in [
            (0.0, 0, "0"),
            (-0.4, 0, "0"),
            (999.5, 0, "1,000"),
            (-12_400.0, 0, "−12,400"),
            (1_234_567.891, 2, "1,234,567.89"),
            (f64::NAN, 0, MISSING),
        ] {
            assert_eq!(grouped(value, decimals), text);
        }
    }

    #[test]
    fn figures_are_written_as_the_locale_writes_them() {
        crate::locale::take("de-DE");
        assert_eq!(grouped(-1_234_567.891, 2), "−1.234.567,89");
        assert_eq!(compact(12_345.0), "12,3\u{202f}K");
        assert_eq!(percent(0.123), "12,3\u{202f}%");
        crate::locale::take("en-US");
    }

    #[test]
    fn compact_figures_keep_three_digits() {
        for (value, text) in [
            (0.0, "0"),
            (7.0, "7"),
            (0.256, "0.26"),
            (980.0, "980"),
            (9_999.0, "9,999"),
            (12_345.0, "12.3\u{202f}K"),
            (999_499.0, "999\u{202f}K"),
            (999_600.0, "1.00\u{202f}M"),
            (-12_410_000.0, "−12.4\u{202f}M"),
            (2.5e9, "2.50\u{202f}B"),
        ] {
            assert_eq!(compact(value), text);
        }
    }

    #[test]
    fn ticks_are_told_apart() {
        let cases: [(&[f64], &str, &[&str]); 6] = [
            (&[0.0, 5e6, 10e6], "", &["0", "5\u{202f}M", "10\u{202f}M"]),
            (&[9_500.0, 10_000.0, 10_500.0], "", &["9.5\u{202f}K", "10.0\u{202f}K", "10.5\u{202f}K"]),
            // In three digits two of them would be the same.
            (&[124.05e6, 124.1e6, 124.15e6], "", &["124.05\u{202f}M", "124.10\u{202f}M", "124.15\u{202f}M"]),
            (&[0.9985, 0.999, 0.9995], "%", &["99.85\u{202f}%", "99.90\u{202f}%", "99.95\u{202f}%"]),
            (&[-0.2, 0.0, 0.2], "", &["−0.2", "0", "0.2"]),
            (&[7.0], "", &["7"]),
        ];
        for (values, unit, expected) in cases {
            assert_eq!(ticks(values, unit), expected);
        }
    }

    #[test]
    fn change_has_no_answer_from_nothing() {
        assert_eq!(change(0.0, 5.0), None);
        assert_eq!(change(-10.0, -5.0), Some(0.5));
        assert_eq!(difference_in_unit(0.021, "%"), "+2.1\u{202f}pp");
        assert_eq!(signed(grouped(0.2, 0), 0.2), "0");
    }

    #[test]
    fn initials_are_those_of_first_and_last_name() {
        for (name, letters) in
            [("Anna Nowak", "AN"), ("jo", "J"), ("Maria del Mar Ruiz", "MR"), ("", ""), ("Änne Öz", "ÄÖ")]
        {
            assert_eq!(initials(name), letters, "{name}");
        }
    }
}
