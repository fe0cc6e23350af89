//! Bounded minimisation without derivatives (Nelder & Mead 1965), for the few parameters of a smoother.

/// The most parameters any method has.
pub(super) const MOST: usize = 8;

/// A point in parameter space; coordinates past the dimension are unused.
pub(super) type Point = [f64; MOST];

/// One parameter: where to start, how far to step at first, and where it may go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub start: f64,
    pub step: f64,
    pub low: f64,
    pub high: f64,
}

impl Axis {
    pub fn new(start: f64, step: f64, low: f64, high: f64) -> Self {
        let axis = Self { start, step, low, high };
        Self { start: axis.within(start), ..axis }
    }

    /// The nearest value within the bounds. A bound that is not a number is none, unlike in `f64::clamp`, which panics.
    fn within(&self, value: f64) -> f64 {
        value.max(self.low).min(self.high)
    }
}

/// The best point found within `budget` evaluations, and its value.
///
/// Trial points outside the bounds are moved onto them. A value that is not finite counts as worst.
pub(super) fn minimise(axes: &[Axis], budget: usize, mut cost: impl FnMut(&Point) -> f64) -> (Point, f64) {
    let dims = axes.len().min(MOST);
    let mut spent = 0;
    let mut evaluate = |point: &Point| {
        spent += 1;
        let value = cost(point);
        (if value.is_finite() { value } else { f64::MAX }, spent)
    };
    let mut points = [[0.0; MOST]; MOST + 1];
    let mut values = [f64::MAX; MOST + 1];
    for (vertex, point) in points.iter_mut().enumerate().take(dims + 1) {
        for (coordinate, axis) in point.iter_mut().zip(axes) {
            *coordinate = axis.start;
        }
        if vertex > 0 {
            let axis = axes[vertex - 1];
            let forward = axis.within(axis.start + axis.step);
            let backward = axis.within(axis.start - axis.step);
            let farther_forward = (forward - axis.start).abs() >= (backward - axis.start).abs();
            point[vertex - 1] = if farther_forward { forward } else { backward };
        }
    }
    let mut spent_so_far = 0;
    for vertex in 0..=dims {
        (values[vertex], spent_so_far) = evaluate(&points[vertex]);
    }
    if dims == 0 {
        return (points[0], values[0]);
    }
    while spent_so_far < budget {
        let (best, second_worst, worst) = rank(&values[..=dims]);
        let spread = values[worst] - values[best];
        if spread <= 1e-7 * (values[best].abs() + 1e-7) {
            break;
        }
        let mut centre = [0.0; MOST];
        for (vertex, point) in points[..=dims].iter().enumerate() {
            if vertex != worst {
                for (sum, coordinate) in centre[..dims].iter_mut().zip(point) {
                    *sum += coordinate / dims as f64;
                }
            }
        }
        let towards = |factor: f64, from: &Point| {
            let mut point = [0.0; MOST];
            for (dim, axis) in axes.iter().enumerate().take(dims) {
                point[dim] = axis.within(centre[dim] + factor * (from[dim] - centre[dim]));
            }
            point
        };
        let reflected = towards(-1.0, &points[worst]);
        let (value, spent) = evaluate(&reflected);
        spent_so_far = spent;
        let (mut candidate, mut candidate_value) = (reflected, value);
        if value < values[best] {
            let expanded = towards(-2.0, &points[worst]);
            let (value, spent) = evaluate(&expanded);
            spent_so_far = spent;
            if value < candidate_value {
                (candidate, candidate_value) = (expanded, value);
            }
        } else if value >= values[second_worst] {
            let outside = value < values[worst];
            let contracted = towards(if outside { -0.5 } else { 0.5 }, &points[worst]);
            let (inner, spent) = evaluate(&contracted);
            spent_so_far = spent;
            if inner < value.min(values[worst]) {
                (candidate, candidate_value) = (contracted, inner);
            } else {
                shrink(&mut points[..=dims], best, dims);
                for vertex in 0..=dims {
                    if vertex != best {
                        (values[vertex], spent_so_far) = evaluate(&points[vertex]);
                    }
                }
                continue;
            }
        }
        points[worst] = candidate;
        values[worst] = candidate_value;
    }
    let (best, _, _) = rank(&values[..=dims]);
    (points[best], values[best])
}

/// Positions of the best, the second worst and the worst value.
fn rank(values: &[f64]) -> (usize, usize, usize) {
    let (mut best, mut worst) = (0, 0);
    for (index, value) in values.iter().enumerate() {
        if *value < values[best] {
            best = index;
        }
        if *value >= values[worst] {
            worst = index;
        }
    }
    let mut second = best;
    for (index, value) in values.iter().enumerate() {
        if index != worst && *value >= values[second] {
            second = index;
        }
    }
    (best, second, worst)
}

fn shrink(points: &mut [Point], best: usize, dims: usize) {
    let anchor = points[best];
    for point in points.iter_mut() {
        for (coordinate, target) in point.iter_mut().zip(&anchor).take(dims) {
            *coordinate = target + 0.5 * (*coordinate - target);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_bottom_of_rosenbrocks_valley() {
        let axes = [Axis::new(-1.2, 0.5, -5.0, 5.0), Axis::new(1.0, 0.5, -5.0, 5.0)];
        let (point, value) = minimise(&axes, 2_000, |p| (1.0 - p[0]).powi(2) + 100.0 * (p[1] - p[0] * p[0]).powi(2));
        assert!((point[0] - 1.0).abs() < 1e-2 && (point[1] - 1.0).abs() < 1e-2, "{point:?} {value}");
    }

    #[test]
    fn stays_within_bounds() {
        let (point, _) = minimise(&[Axis::new(0.5, 0.2, 0.0, 1.0)], 200, |p| -p[0]);
        assert_eq!(point[0], 1.0);
    }

    #[test]
    fn survives_costs_that_are_not_numbers() {
        let (point, _) = minimise(&[Axis::new(0.5, 0.2, 0.0, 1.0)], 200, |p| if p[0] > 0.4 { f64::NAN } else { 1.0 });
        assert!((0.0..=1.0).contains(&point[0]));
    }

    #[test]
    fn survives_bounds_that_are_not_numbers() {
        for (low, high) in [(f64::NAN, f64::NAN), (f64::NAN, 1.0), (0.0, f64::NAN), (1.0, 0.0)] {
            let (_, value) = minimise(&[Axis::new(0.5, 0.2, low, high)], 200, |p| (p[0] - 0.7).powi(2));
            assert!(value <= 1.0, "{low} {high} {value}");
        }
    }
}
