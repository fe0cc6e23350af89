//! SVG path texts.

use std::fmt::Write as _;

/// A line through the points, broken where one is missing. A point alone becomes a dot.
pub fn line(points: &[Option<(f64, f64)>]) -> String {
    let mut text = String::new();
    for (index, point) in points.iter().enumerate() {
        let Some((x, y)) = point else { continue };
        let follows = index > 0 && points[index - 1].is_some();
        let goes_on = points.get(index + 1).is_some_and(Option::is_some);
        let _ = write!(text, "{}{x:.1} {y:.1}", if follows { "L" } else { "M" });
        if !follows && !goes_on {
            text.push_str("h0");
        }
    }
    text
}

/// The ground between an upper and a lower line, one closed shape for each unbroken run.
pub fn area(upper: &[Option<(f64, f64)>], lower: &[Option<(f64, f64)>]) -> String {
    let pairs: Vec<_> = upper.iter().zip(lower).map(|(upper, lower)| upper.zip(*lower)).collect();
    let mut text = String::new();
    for run in pairs.split(Option::is_none).filter(|run| run.len() > 1) {
        let forth = run.iter().flatten().map(|(upper, _)| *upper);
        let back = run.iter().rev().flatten().map(|(_, lower)| *lower);
        for (index, (x, y)) in forth.chain(back).enumerate() {
            let _ = write!(text, "{}{x:.1} {y:.1}", if index == 0 { "M" } else { "L" });
        }
        text.push('Z');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_at_gaps() {
        let points = [Some((0.0, 1.0)), Some((1.0, 2.0)), None, Some((3.0, 4.0))];
        assert_eq!(line(&points), "M0.0 1.0L1.0 2.0M3.0 4.0h0");
    }

    #[test]
    fn areas_close_each_run() {
        let upper = [Some((0.0, 1.0)), Some((1.0, 1.0)), None, Some((3.0, 1.0))];
        let lower = [Some((0.0, 5.0)), Some((1.0, 6.0)), Some((2.0, 6.0)), Some((3.0, 6.0))];
        assert_eq!(area(&upper, &lower), "M0.0 1.0L1.0 1.0L1.0 6.0L0.0 5.0Z");
    }
}
