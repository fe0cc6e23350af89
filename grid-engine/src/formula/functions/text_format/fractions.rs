//! Numbers as fractions: `# ?/?`.

use super::parts::Part;

/// `# ?/?`, `# ??/16`: the nearest fraction by continued fractions (Stern–Brocot bounded search).
pub(super) fn fraction_text(parts: &[Part], number: f64, signed: bool) -> String {
    let slash = parts.iter().position(|part| *part == Part::Slash).unwrap_or(0);
    let is_digit = |part: &&Part| matches!(part, Part::Digit(_));
    let literal: String = parts[slash..]
        .iter()
        .filter_map(|part| match part {
            Part::Literal(text) => Some(text.trim().to_owned()),
            _ => None,
        })
        .collect();
    let given: Option<u64> = literal.parse().ok();
    let digits = parts[slash..].iter().filter(is_digit).count().clamp(1, 5);
    let before = parts[..slash].iter().filter(is_digit).count();
    let numerator_slots = parts[..slash].iter().rev().take_while(|part| matches!(part, Part::Digit(_))).count();
    let mixed = before > numerator_slots;
    let size = number.abs();
    let whole = if mixed { size.floor() } else { 0.0 };
    let rest = size - whole;
    let (numerator, denominator) = match given {
        Some(given) if given > 0 => ((rest * given as f64).round(), given as f64),
        _ => {
            let limit = 10_u32.pow(digits as u32) - 1;
            let best = (1..=limit)
                .map(|d| (f64::from(d), (rest * f64::from(d)).round()))
                .min_by(|a, b| (a.1 / a.0 - rest).abs().total_cmp(&(b.1 / b.0 - rest).abs()));
            best.map_or((0.0, 1.0), |(d, n)| (n, d))
        }
    };
    let (whole, numerator) = if mixed && numerator == denominator { (whole + 1.0, 0.0) } else { (whole, numerator) };
    let sign = if signed && number < 0.0 { "-" } else { "" };
    // Numerators stand to the right of their places, denominators to the left, so that fractions line up.
    let fraction = if given.is_some() {
        format!("{numerator:>numerator_slots$}/{denominator}")
    } else {
        format!("{numerator:>numerator_slots$}/{denominator:<digits$}")
    };
    match (mixed, numerator == 0.0) {
        (true, true) => format!("{sign}{whole}{}", " ".repeat(2 + 2 * digits)),
        (true, false) if whole == 0.0 => format!("{sign} {fraction}"),
        (true, false) => format!("{sign}{whole} {fraction}"),
        (false, _) => format!("{sign}{fraction}"),
    }
}
