//! Complex exponential smoothing (Svetunkov, Kourentzes & Ord 2022): the level carries a second, unobserved part, which
//! lets one model be flat, trended or damped without choosing among them.
//!
//! A series with a season is smoothed twice: after its season was taken out, and with a level of its own for every
//! place in the season (the source's simple seasonal model). The forecast is the mean of both by the inverse of their
//! squared errors. Neither alone suits all: on earlier windows of tourism, whose seasons grow with the level, the second
//! was ahead by 4 %, on those of M3 and M4 the first by a sixth, and their mean was ahead of the better on all six.

use super::Sample;
use crate::forecast::simplex::{Axis, Point, minimise};

/// Evaluations for each parameter. More did not forecast better.
const BUDGET: usize = 25;
/// The parameters to begin with, real and imaginary: a slightly trended level.
const BEGIN: (f64, f64) = (1.3, 1.0);
/// Squared errors are not told apart below this, in units of a series scaled to 1.
const NO_ERROR: f64 = 1e-18;

/// The mean of the smoothed adjusted series and of its places in the season smoothed each for itself.
pub(super) fn ces(sample: &Sample, horizon: usize) -> Option<Vec<f64>> {
    if sample.series.len() < 6 {
        return None;
    }
    let level = Fit::new(&sample.adjusted, 1)?;
    let mut forecast = sample.with_season(level.forecast(horizon));
    let long_enough = sample.series.len() >= 2 * sample.season;
    if let Some(places) = (sample.seasonal && long_enough).then(|| Fit::new(sample.series, sample.season)).flatten() {
        let share = level.squares / (level.squares + places.squares);
        for (mean, other) in forecast.iter_mut().zip(places.forecast(horizon)) {
            *mean += share * (other - *mean);
        }
    }
    Some(forecast)
}

/// A value and its potential, the unobserved part.
#[derive(Clone, Copy)]
struct State {
    value: f64,
    potential: f64,
}

impl State {
    /// Equation (9) of the source: the state after an error.
    fn after(self, point: &Point, error: f64) -> Self {
        let (real, imaginary) = (point[0], point[1]);
        let State { value, potential } = self;
        Self {
            value: value - (1.0 - imaginary) * potential + (real - imaginary) * error,
            potential: value + (1.0 - real) * potential + (real + imaginary) * error,
        }
    }
}

/// The model with the least squared errors.
struct Fit {
    squares: f64,
    point: Point,
    /// By place in the season, after the last value.
    states: Vec<State>,
    /// The place of the next value.
    next: usize,
}

impl Fit {
    /// Smooths every place of the season for itself; a season of 1 has one level.
    fn new(series: &[f64], season: usize) -> Option<Self> {
        let axes = [Axis::new(BEGIN.0, 0.3, 0.01, 2.5), Axis::new(BEGIN.1, 0.1, 0.5, 1.5)];
        let mut begin = Point::default();
        (begin[0], begin[1]) = BEGIN;
        let mut start: Vec<State> = if season == 1 {
            let count = series.len().min(12);
            vec![series[..count].iter().sum::<f64>() / count as f64]
        } else {
            series[..season].to_vec()
        }
        .into_iter()
        .map(|value| State { value, potential: value / 1.1 })
        .collect();
        // What comes before the first value is found by going through the series and back.
        run(series.iter().copied().enumerate(), &begin, &mut start);
        run(series.iter().copied().enumerate().rev(), &begin, &mut start);
        let mut states = start.clone();
        let mut squares_of = |point: &Point| {
            states.copy_from_slice(&start);
            run(series.iter().copied().enumerate(), point, &mut states)
        };
        let (point, _) = minimise(&axes, BUDGET * axes.len(), &mut squares_of);
        let squares = squares_of(&point).max(NO_ERROR);
        squares.is_finite().then_some(Self { squares, point, states, next: series.len() })
    }

    fn forecast(&self, horizon: usize) -> Vec<f64> {
        let mut states = self.states.clone();
        let ahead = |at: usize| {
            let state = &mut states[at % self.states.len()];
            let value = state.value;
            *state = state.after(&self.point, 0.0);
            value
        };
        (self.next..self.next + horizon).map(ahead).collect()
    }
}

/// The sum of squared errors over values with their places; the states move on.
fn run(series: impl Iterator<Item = (usize, f64)>, point: &Point, states: &mut [State]) -> f64 {
    let mut squares = 0.0;
    for (at, value) in series {
        let state = &mut states[at % states.len()];
        let error = value - state.value;
        squares += error * error;
        *state = state.after(point, error);
        if squares > 1e12 {
            return f64::INFINITY;
        }
    }
    squares
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// One step of equation (9) of the source by hand: α = 1.3 + 1.0i, level 10, potential 8, error 2.
    #[test]
    fn one_step_by_hand() {
        let mut point = Point::default();
        (point[0], point[1]) = (1.3, 1.0);
        let state = State { value: 10.0, potential: 8.0 }.after(&point, 2.0);
        assert!((state.value - 10.6).abs() < 1e-12, "10 − (1 − 1)·8 + (1.3 − 1)·2");
        assert!((state.potential - 12.2).abs() < 1e-12, "10 + (1 − 1.3)·8 + (1.3 + 1)·2");
    }

    #[test]
    fn a_season_goes_on() {
        let series: Vec<f64> =
            (0..60).map(|t| 1.0 + [0.3, -0.2, 0.1, -0.2][t % 4] + 0.01 * ((t * 7) % 3) as f64).collect();
        let forecast = ces(&Sample::new(&series, 4), 4).unwrap();
        assert!(forecast[0] > forecast[2] && forecast[2] > forecast[1], "{forecast:?}");
    }

    /// A swing that grows with the level grows on: indices that are the same every year would not show it.
    #[test]
    fn a_season_that_grows_goes_on_growing() {
        let swing = |t: usize| 1.0 + 0.01 * t as f64 * if t.is_multiple_of(4) { 1.0 } else { -1.0 / 3.0 };
        let series: Vec<f64> = (0..48).map(swing).collect();
        let forecast = Fit::new(&series, 4).unwrap().forecast(8);
        let last = swing(44) - swing(45);
        assert!(forecast[4] - forecast[5] > last, "{forecast:?}");
    }

    #[test]
    fn short_histories_have_one_level() {
        assert!(ces(&Sample::new(&[1.0, 2.0, 1.5, 1.2, 1.9, 1.4, 1.6], 12), 3).is_some());
        assert!(ces(&Sample::new(&[1.0; 5], 1), 3).is_none());
    }
}
