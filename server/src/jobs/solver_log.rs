//! What HiGHS writes while it solves, as a word of progress.
//!
//! Its callbacks would need unsafe code; its log says the same, a line every few seconds.

use grid_engine::value::format::grouped;

/// The progress a line of the log tells; `None` for headings, options and sums at the end.
pub(super) fn step(line: &str) -> Option<String> {
    simplex_step(line).or_else(|| interior_step(line)).or_else(|| search_step(line))
}

/// `Iteration  Objective  Infeasibilities num(sum)  time`, such as `4211  -2.17e+07 Pr: 2417(1.6e+07); Du: 0(1e-9) 5.3s`.
/// Before the first step there is nothing to tell. How many limits are not kept is not told: it goes up and down until
/// the end, so that it says nothing of how far the solver is.
fn simplex_step(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let steps: u32 = words.next()?.parse().ok()?;
    let _objective: f64 = words.next()?.parse().ok()?;
    let is_step = steps > 0 && line.contains("Pr:");
    is_step.then(|| format!("Solving: {} steps", whole(steps)))
}

/// `Iter  primal obj  dual obj  pinf  dinf  gap  time`, such as `33  1.16895e+08  9.05772e+07  1.16e-07  3.77e-16  2.54e-01  42.8`, where a
/// star after the first marks steps near the end.
fn interior_step(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [steps, _, _, _, _, gap, _] = words[..] else {
        return line
            .starts_with("Running crossover")
            .then(|| "The best plan is found; moving to its nearest corner".to_owned());
    };
    let steps: u32 = steps.trim_end_matches('*').parse().ok()?;
    // A gap that large is that of a plan which is none yet.
    let gap = Some(gap.parse::<f64>().ok()?).filter(|gap| *gap < 10.0);
    let gap = gap.map(|gap| format!(", {} % from the best", grouped(gap * 100.0, 2))).unwrap_or_default();
    (steps > 0).then(|| format!("Solving: {} steps{gap}", whole(steps)))
}

/// `Src Proc. InQueue | Leaves Expl. | BestBound BestSol Gap | Cuts InLp Confl. | LpIters Time`, where the first word may be
/// missing.
fn search_step(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let first = words.len().checked_sub(12)?;
    let [_, _, _, explored, bound, best, gap, _, _, _, _, time] = words[first..] else { return None };
    if first > 1 || !explored.ends_with('%') || !time.ends_with('s') {
        return None;
    }
    let bound: f64 = bound.parse().ok()?;
    let best: f64 = best.trim_end_matches('*').parse().ok()?;
    if best.is_infinite() {
        return Some("Solving: looking for a first plan".to_owned());
    }
    let gap = gap.strip_suffix('%').map_or("large".to_owned(), |gap| format!("{gap} %"));
    let bound = if bound.is_finite() { format!(", none better than {}", grouped(bound, 0)) } else { String::new() };
    Some(format!("Best plan {}{bound}; gap {gap}", grouped(best, 0)))
}

fn whole(number: u32) -> String {
    grouped(f64::from(number), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, said: Option<&str>) {
        assert_eq!(step(line).as_deref(), said, "{line}");
    }

    #[test]
    fn steps_of_the_simplex_method_are_told() {
        check(
            "       4211    -2.1748912345e+07 Pr: 2417(1.60412e+07); Du: 0(1.2e-09) 5.3s",
            Some("Solving: 4,211 steps"),
        );
        check("          0     0.0000000000e+00 Pr: 18(1950) 0.0s", None);
        check("  Iteration        Objective     Infeasibilities num(sum)", None);
    }

    #[test]
    fn steps_of_the_interior_point_method_are_told() {
        check(
            "  33    1.16895389e+08   9.05772438e+07   1.16e-07   3.77e-16  2.54e-01      42.8",
            Some("Solving: 33 steps, 25.40 % from the best"),
        );
        check(
            "  68*   9.71264097e+07   9.71264095e+07   2.06e-15   1.88e-16  2.26e-09     117.0",
            Some("Solving: 68 steps, 0.00 % from the best"),
        );
        check(
            "   3    4.46364334e+09  -4.26484682e+09   1.10e-02   1.01e-01  8.78e+01       1.4",
            Some("Solving: 3 steps"),
        );
        check("Running crossover as requested", Some("The best plan is found; moving to its nearest corner"));
        check(" Iter       primal obj         dual obj       pinf       dinf       gap      time", None);
    }

    #[test]
    fn bounds_of_the_search_are_told() {
        check(
            " L       0       0         0   0.00%   421004.5        423500            0.59%     1037     79     37      2284     1.2s",
            Some("Best plan 423,500, none better than 421,005; gap 0.59 %"),
        );
        check(
            "        12       3         4  10.00%   421004.5        423500            0.59%     1037     79     37      2284     5.0s",
            Some("Best plan 423,500, none better than 421,005; gap 0.59 %"),
        );
        check(
            " S       0       0         0   0.00%   -inf            8375.8             Large        0      0      0         0     0.0s",
            Some("Best plan 8,376; gap large"),
        );
        check(
            "         0       0         0   0.00%   120             inf                  inf        0      0      0         0     0.0s",
            Some("Solving: looking for a first plan"),
        );
        check(
            "Src  Proc. InQueue |  Leaves   Expl. | BestBound       BestSol              Gap |   Cuts   InLp Confl. | LpIters     Time",
            None,
        );
    }

    #[test]
    fn other_lines_tell_nothing() {
        for line in ["", "Presolving model", "LP has 2784 rows; 6072 cols; 20190 nonzeros", "Objective value : 1.5e+06"]
        {
            check(line, None);
        }
    }
}
