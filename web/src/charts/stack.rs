//! Values on top of each other.

use grid_engine::value::order::sort_by;

use super::scale::{extent, nice_ticks};

/// Stacks series bucket by bucket: what is above zero grows up, what is below grows down.
/// Returns for each series and bucket where its part begins and ends.
pub fn stack(series: &[&[Option<f64>]]) -> Vec<Vec<(f64, f64)>> {
    let count = series.iter().map(|values| values.len()).max().unwrap_or(0);
    let mut up = vec![0.0; count];
    let mut down = vec![0.0; count];
    series
        .iter()
        .map(|values| {
            (0..count)
                .map(|index| {
                    let value = values.get(index).copied().flatten().unwrap_or(0.0);
                    let end = if value < 0.0 { &mut down[index] } else { &mut up[index] };
                    let from = *end;
                    *end += value;
                    (from, *end)
                })
                .collect()
        })
        .collect()
}

/// A step of a waterfall.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub name: String,
    pub value: f64,
    /// A level (start, subtotal, end) that stands on zero, rather than a change.
    pub total: bool,
}

/// At most `most` steps: the smallest changes become one, called `Others`, after the larger ones.
pub fn fold(steps: &[Step], most: usize) -> Vec<Step> {
    let most = most.max(3);
    if steps.len() <= most {
        return steps.to_vec();
    }
    let mut changes: Vec<usize> = (0..steps.len()).filter(|index| !steps[*index].total).collect();
    sort_by(&mut changes, |a, b| steps[*a].value.abs().total_cmp(&steps[*b].value.abs()));
    // One place is for the others themselves.
    changes.truncate(steps.len() - most + 1);
    let others = changes.iter().map(|index| steps[*index].value).sum();
    let place = (0..steps.len()).rev().find(|index| !steps[*index].total).unwrap_or(0);
    let mut folded = Vec::with_capacity(most);
    for (index, step) in steps.iter().enumerate() {
        if !changes.contains(&index) {
            folded.push(step.clone());
        }
        if index == place {
            folded.push(Step { name: "Others".to_owned(), value: others, total: false });
        }
    }
    folded
}

/// Where each step's bar begins and ends.
pub fn waterfall(steps: &[Step]) -> Vec<(f64, f64)> {
    let mut level = 0.0;
    steps
        .iter()
        .map(|step| {
            let from = if step.total { 0.0 } else { level };
            level = if step.total { step.value } else { level + step.value };
            (from, level)
        })
        .collect()
}

/// The range of values to show. Between two high levels changes would be too small to see from zero: then it begins
/// below the lowest of them.
fn shown(bars: &[(f64, f64)]) -> (f64, f64) {
    let ends = || bars.iter().flat_map(|(from, to)| [*from, *to]);
    let levels = || bars.iter().map(|(_, to)| *to);
    let (Some((low, high)), Some((_, top))) = (extent(levels()), extent(ends())) else { return (0.0, 1.0) };
    let between_levels = bars.iter().filter(|(from, _)| *from == 0.0).count() > 1;
    if between_levels && low > 0.6 * high { (low - (high - low), top) } else { (low.min(0.0), top.max(0.0)) }
}

/// Where the axis of these bars ends on both sides, in round figures. One that begins above zero is cut: its bars are
/// longer than they are drawn.
pub fn axis(bars: &[(f64, f64)]) -> (f64, f64) {
    let (low, high) = shown(bars);
    let ticks = nice_ticks(low, high, 4);
    (ticks.first().copied().unwrap_or(0.0), ticks.last().copied().unwrap_or(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_stack_apart() {
        let (a, b, c) = ([Some(2.0), Some(-1.0)], [Some(3.0), None], [Some(-4.0), Some(-2.0)]);
        let stacked = stack(&[&a, &b, &c]);
        assert_eq!(stacked[0], [(0.0, 2.0), (0.0, -1.0)]);
        assert_eq!(stacked[1], [(2.0, 5.0), (0.0, 0.0)]);
        assert_eq!(stacked[2], [(0.0, -4.0), (-1.0, -3.0)]);
    }

    #[test]
    fn folding_keeps_the_large_steps_and_the_sum() {
        let step = |value, total| Step { name: format!("{value}"), value, total };
        let steps = [step(50.0, false), step(3.0, false), step(-20.0, false), step(2.0, false), step(35.0, true)];
        let folded = fold(&steps, 4);
        assert_eq!(folded.iter().map(|step| step.value).collect::<Vec<_>>(), [50.0, -20.0, 5.0, 35.0]);
        assert_eq!(fold(&steps, 5), steps);
    }

    #[test]
    fn small_changes_between_high_levels_are_seen() {
        assert_eq!(shown(&[(0.0, 100.0), (100.0, 70.0), (70.0, 80.0), (0.0, 80.0)]), (40.0, 100.0));
        assert_eq!(shown(&[(0.0, 100.0), (100.0, 30.0), (0.0, 30.0)]), (0.0, 100.0));
        assert_eq!(shown(&[(0.0, 50.0), (50.0, 45.0), (0.0, 45.0)]), (40.0, 50.0));
        assert_eq!(shown(&[(0.0, -20.0), (-20.0, 5.0)]), (-20.0, 5.0));
        assert_eq!(shown(&[]), (0.0, 1.0));
    }

    #[test]
    fn an_axis_is_cut_only_between_high_levels() {
        assert_eq!(axis(&[(0.0, 100.0), (100.0, 70.0), (70.0, 80.0), (0.0, 80.0)]), (40.0, 100.0));
        assert_eq!(axis(&[(0.0, 100.0), (100.0, 30.0), (0.0, 30.0)]), (0.0, 100.0));
        assert_eq!(axis(&[(0.0, -20.0), (-20.0, 5.0)]), (-20.0, 10.0));
    }

    #[test]
    fn a_waterfall_ends_where_its_total_stands() {
        let step = |value, total| Step { name: String::new(), value, total };
        let bars = waterfall(&[step(100.0, true), step(-30.0, false), step(10.0, false), step(80.0, true)]);
        assert_eq!(bars, [(0.0, 100.0), (100.0, 70.0), (70.0, 80.0), (0.0, 80.0)]);
    }
}
