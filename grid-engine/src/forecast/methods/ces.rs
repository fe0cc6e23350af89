//! Complex exponential smoothing (Svetunkov, Kourentzes & Ord 2022): the level carries a second, unobserved part, which
//! lets one model be flat, trended or damped without choosing among them.

use super::Sample;
use crate::forecast::season::{self, Kind};
use crate::forecast::simplex::{Axis, Point, minimise};

/// How the season enters.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    /// The seasonally adjusted series.
    Plain,
    /// A real seasonal component.
    Partial,
    /// A complex seasonal component.
    Full,
}

/// The shape with the lowest AICc.
pub(super) fn ces(sample: &Sample, horizon: usize) -> Option<Vec<f64>> {
    let n = sample.series.len();
    if n < 6 {
        return None;
    }
    let initial = season::shrunken(sample.series, sample.season, Kind::Additive).filter(|_| sample.seasonal);
    let Some(initial) = initial else {
        return Some(sample.with_season(fit(&sample.adjusted, &[0.0], Shape::Plain)?.forecast(horizon, n)));
    };
    let best = [Shape::Partial, Shape::Full]
        .into_iter()
        .filter_map(|shape| fit(sample.series, &initial.values, shape))
        .min_by(|a, b| a.aicc.total_cmp(&b.aicc))?;
    Some(best.forecast(horizon, n))
}

struct Fit {
    aicc: f64,
    point: Point,
    states: States,
    shape: Shape,
}

#[derive(Clone)]
struct States {
    level: f64,
    potential: f64,
    /// Seasonal value and its potential, by place in the season.
    seasons: Vec<(f64, f64)>,
}

fn fit(series: &[f64], initial: &[f64], shape: Shape) -> Option<Fit> {
    let period = initial.len();
    let count = series.len().min(period.max(6));
    let level = series[..count].iter().sum::<f64>() / count as f64;
    let seasons = initial.iter().map(|index| (*index, index / 1.1)).collect();
    let start = States { level, potential: level / 1.1, seasons };
    let mut axes = vec![Axis::new(1.3, 0.3, 0.01, 2.5), Axis::new(1.0, 0.1, 0.5, 1.5)];
    match shape {
        Shape::Plain => {}
        Shape::Partial => axes.push(Axis::new(0.1, 0.15, 0.0, 1.0)),
        Shape::Full => axes.extend([Axis::new(1.3, 0.3, 0.01, 2.5), Axis::new(1.0, 0.1, 0.5, 1.5)]),
    }
    let mut states = start.clone();
    let (point, _) = minimise(&axes, 60 * axes.len(), |point| {
        restart(&mut states, &start);
        run(series, point, shape, &mut states)
    });
    restart(&mut states, &start);
    let squares = run(series, &point, shape, &mut states);
    let n = series.len() as f64;
    let seasonal_states = if shape == Shape::Plain { 0 } else { period };
    let parameters = (axes.len() + 3 + if shape == Shape::Full { 2 * seasonal_states } else { seasonal_states }) as f64;
    let correction = n - parameters - 1.0;
    if !squares.is_finite() || correction < 1.0 {
        return None;
    }
    let aicc = n * squares.max(1e-18).ln() + 2.0 * parameters + 2.0 * parameters * (parameters + 1.0) / correction;
    Some(Fit { aicc, point, states, shape })
}

fn restart(states: &mut States, start: &States) {
    states.level = start.level;
    states.potential = start.potential;
    states.seasons.copy_from_slice(&start.seasons);
}

/// The sum of squared errors; the states move on.
fn run(series: &[f64], point: &Point, shape: Shape, states: &mut States) -> f64 {
    let mut squares = 0.0;
    let mut place = 0;
    for value in series {
        let error = value - states.level - states.seasons[place].0;
        squares += error * error;
        step(states, place, point, shape, error);
        place += 1;
        if place == states.seasons.len() {
            place = 0;
        }
        if squares > 1e12 {
            return f64::INFINITY;
        }
    }
    squares
}

#[inline]
fn step(states: &mut States, place: usize, point: &Point, shape: Shape, error: f64) {
    let (real, imaginary) = (point[0], point[1]);
    let (level, potential) = (states.level, states.potential);
    states.level = level - (1.0 - imaginary) * potential + (real - imaginary) * error;
    states.potential = level + (1.0 - real) * potential + (real + imaginary) * error;
    match shape {
        Shape::Plain => {}
        Shape::Partial => states.seasons[place].0 += point[2] * error,
        Shape::Full => {
            let (real, imaginary) = (point[2], point[3]);
            let (index, potential) = states.seasons[place];
            states.seasons[place] = (
                index - (1.0 - imaginary) * potential + (real - imaginary) * error,
                index + (1.0 - real) * potential + (real + imaginary) * error,
            );
        }
    }
}

impl Fit {
    fn forecast(&self, horizon: usize, n: usize) -> Vec<f64> {
        let mut states = self.states.clone();
        let period = states.seasons.len();
        (0..horizon)
            .map(|ahead| {
                let place = (n + ahead) % period;
                let value = states.level + states.seasons[place].0;
                step(&mut states, place, &self.point, self.shape, 0.0);
                value
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// One step of equation (9) of the source by hand: α = 1.3 + 1.0i, level 10, potential 8, error 2.
    #[test]
    fn one_step_by_hand() {
        let mut states = States { level: 10.0, potential: 8.0, seasons: vec![(0.0, 0.0)] };
        let mut point = [0.0; crate::forecast::simplex::MOST];
        (point[0], point[1]) = (1.3, 1.0);
        step(&mut states, 0, &point, Shape::Plain, 2.0);
        assert!((states.level - 10.6).abs() < 1e-12, "10 − (1 − 1)·8 + (1.3 − 1)·2");
        assert!((states.potential - 12.2).abs() < 1e-12, "10 + (1 − 1.3)·8 + (1.3 + 1)·2");
    }

    #[test]
    fn a_season_goes_on() {
        let series: Vec<f64> =
            (0..60).map(|t| 1.0 + [0.3, -0.2, 0.1, -0.2][t % 4] + 0.01 * ((t * 7) % 3) as f64).collect();
        let forecast = ces(&Sample::new(&series, 4), 4).unwrap();
        assert!(forecast[0] > forecast[2] && forecast[2] > forecast[1], "{forecast:?}");
    }
}
