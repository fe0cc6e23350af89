//! Level shifts: demand that from one bucket to the next goes on at another level, for good.
//!
//! A step is looked for by its likelihood in a regression on level and line whose errors carry over from bucket to
//! bucket (the level-shift statistic of Chen & Liu 1993, with first-order errors). A drifting level makes errors carry
//! over, and then a step must stand out from the drift; a steady growth is the line's; a season is taken out before.

use super::methods::Sample;
use super::outlier;

/// Carry-overs tried.
const CARRIED: [f64; 6] = [0.0, 0.3, 0.6, 0.8, 0.9, 0.97];
/// Buckets that a level must have held before and after; fewer may be a promotion, or a hole.
const HELD: usize = 6;
/// Twice the gain in log likelihood from which on a step is believed. The largest of a few hundred chance steps reaches 10
/// to 14; growth that is no line, and rare large errors, reach further.
const BELIEVED: f64 = 30.0;
/// Most shifts of one series; more is a drift.
const MOST: usize = 3;

/// How often the season is taken out anew.
const PASSES: usize = 2;

/// A shift: the first bucket of the new level, and how much higher that is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub at: usize,
    /// As a factor's logarithm where `relative`, else as an amount.
    pub size: f64,
    pub relative: bool,
}

impl Step {
    /// A value of the old level as it would be at the new one.
    pub fn lift(&self, value: f64) -> f64 {
        if self.relative { value * self.size.exp() } else { value + self.size }
    }
}

/// The shifts of a series, in the order of time.
pub(super) fn steps(sample: &Sample) -> Vec<Step> {
    let mut plain = sample.series.to_vec();
    for (at, expected) in outlier::outliers(sample) {
        plain[at] = expected;
    }
    let relative = sample.positive && plain.iter().all(|value| *value > 0.0);
    let without = |season: &Sample, found: &[Step]| {
        let mut values = season.indices.remove(&plain);
        if relative {
            // An index is positive where values are.
            values.iter_mut().for_each(|value| *value = value.max(1e-9).ln());
        }
        for step in found {
            values[step.at..].iter_mut().for_each(|value| *value -= step.size);
        }
        values
    };
    let mut found: Vec<Step> = Vec::new();
    let mut values = without(sample, &found);
    while found.len() < MOST {
        let Some(guess) = strongest(&values, &found) else { break };
        let step = |guess: Guess| Step { at: guess.at, size: guess.size, relative };
        // A shift distorts the season that was taken out before it was known: again, with what is known by now.
        let mut guess = guess;
        for _ in 0..PASSES {
            let lift = |mut values: Vec<f64>, step: &Step| {
                values[..step.at].iter_mut().for_each(|value| *value = step.lift(*value));
                values
            };
            let lifted = found.iter().chain([&step(guess)]).fold(plain.clone(), lift);
            values = without(&Sample::new(&lifted, sample.season), &found);
            let Some(better) = strongest(&values, &found) else { break };
            guess = better;
        }
        if guess.evidence <= BELIEVED {
            break;
        }
        let step = step(guess);
        values[step.at..].iter_mut().for_each(|value| *value -= step.size);
        found.push(step);
    }
    found.sort_by_key(|step| step.at);
    found
}

/// A step that may be one.
#[derive(Clone, Copy, Debug)]
struct Guess {
    at: usize,
    size: f64,
    /// Twice the gain in log likelihood.
    evidence: f64,
}

/// The step that explains most; those found are kept away from.
fn strongest(values: &[f64], found: &[Step]) -> Option<Guess> {
    let mut without = f64::NEG_INFINITY;
    let mut best = (f64::NEG_INFINITY, 0, 0.0);
    for carried in CARRIED {
        let (none, with) = scan(values, carried, found)?;
        without = without.max(none);
        if with.0 > best.0 {
            best = with;
        }
    }
    best.0.is_finite().then_some(Guess { at: best.1, size: best.2, evidence: 2.0 * (best.0 - without) })
}

/// Log likelihoods for one carry-over: without a step, and with the best one (its place, its size).
fn scan(values: &[f64], carried: f64, found: &[Step]) -> Option<(f64, (f64, usize, f64))> {
    let n = values.len();
    if n < 2 * HELD + 2 {
        return None;
    }
    let first = (1.0 - carried * carried).sqrt();
    let onward = 1.0 - carried;
    let transformed = |at: usize, value: &dyn Fn(usize) -> f64| {
        if at == 0 { first * value(0) } else { value(at) - carried * value(at - 1) }
    };
    let ones: Vec<f64> = (0..n).map(|at| transformed(at, &|_| 1.0)).collect();
    let line: Vec<f64> = (0..n).map(|at| transformed(at, &|at| at as f64 / n as f64)).collect();
    let target: Vec<f64> = (0..n).map(|at| transformed(at, &|at| values[at])).collect();
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (aa, ab, bb) = (dot(&ones, &ones), dot(&ones, &line), dot(&line, &line));
    let determinant = aa * bb - ab * ab;
    if determinant <= 1e-12 * aa * bb {
        return None;
    }
    let solve = |a: f64, b: f64| ((bb * a - ab * b) / determinant, (aa * b - ab * a) / determinant);
    let (level, slope) = solve(dot(&ones, &target), dot(&line, &target));
    let left: Vec<f64> = (0..n).map(|at| target[at] - level * ones[at] - slope * line[at]).collect();
    let squares = dot(&left, &left);
    let floor = 1e-12 * dot(&target, &target).max(1e-300);
    let likelihood = |squares: f64| first.ln() - n as f64 / 2.0 * squares.max(floor).ln();
    let mut best = (f64::NEG_INFINITY, 0, 0.0);
    // Sums over what comes after the step.
    let (mut after, mut after_ones, mut after_line, mut count) = (0.0, 0.0, 0.0, 0.0);
    for at in (HELD..n).rev() {
        let (error, one, time) =
            (left[at] + onward * after, ones[at] + onward * after_ones, line[at] + onward * after_line);
        let (a, b) = solve(one, time);
        let own = 1.0 + onward * onward * count - one * a - time * b;
        let near = found.iter().any(|step| step.at.abs_diff(at) < HELD);
        if at + HELD <= n && own > 1e-9 && !near {
            let gained = likelihood(squares - error * error / own);
            if gained > best.0 {
                best = (gained, at, error / own);
            }
        }
        after += left[at];
        after_ones += ones[at];
        after_line += line[at];
        count += 1.0;
    }
    Some((likelihood(squares), best))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::planted::Noise;

    fn found(values: &[f64], season: usize) -> Vec<Step> {
        steps(&Sample::new(values, season))
    }

    #[test]
    fn a_planted_shift_is_found_where_it_is() {
        let mut near = 0;
        for seed in 0..40 {
            let mut noise = Noise::new(seed);
            let size = if seed % 2 == 0 { 1.5 } else { 0.6 };
            let value = |at: usize, noise: &mut Noise| {
                let season = [0.9, 1.0, 1.2, 0.9][at % 4];
                season * 100.0 * (1.0 + 0.06 * noise.normal()) * if at >= 40 { size } else { 1.0 }
            };
            let values: Vec<f64> = (0..72).map(|at| value(at, &mut noise)).collect();
            let steps = found(&values, 4);
            near += usize::from(steps.len() == 1 && steps[0].at.abs_diff(40) <= 1);
            if let [step] = &steps[..] {
                assert!((step.size - f64::ln(size)).abs() < 0.15, "{seed}: {step:?}");
            }
        }
        assert!(near >= 38, "found in {near} of 40");
    }

    /// Noise, drift, growth, curves, seasons, holes and spikes are no shifts.
    #[test]
    fn what_is_no_shift_is_left_alone() {
        type Course = (&'static str, fn(usize, &mut Noise, &mut f64) -> f64);
        let courses: [Course; 7] = [
            ("noise", |_, noise, _| 100.0 + 10.0 * noise.normal()),
            ("drift", |_, noise, state| {
                *state += 4.0 * noise.normal();
                200.0 + *state
            }),
            ("growth", |at, noise, _| 100.0 * (0.01 * at as f64 + 0.05 * noise.normal()).exp()),
            ("saturation", |at, noise, _| 200.0 * (1.0 - (-(at as f64) / 20.0).exp()) + 30.0 + 8.0 * noise.normal()),
            ("season", |at, noise, _| {
                100.0 * (1.0 + 0.4 * (at as f64 * std::f64::consts::TAU / 12.0).sin()) + 6.0 * noise.normal()
            }),
            ("spikes", |at, noise, _| 100.0 + 5.0 * noise.normal() + if at % 29 == 13 { 150.0 } else { 0.0 }),
            ("hole", |at, noise, _| if (30..33).contains(&at) { 20.0 } else { 100.0 } + 5.0 * noise.normal()),
        ];
        for (name, course) in courses {
            let mut alarms = 0;
            for seed in 0..60 {
                let (mut noise, mut state) = (Noise::new(1000 + seed), 0.0);
                let values: Vec<f64> = (0..84).map(|at| course(at, &mut noise, &mut state).max(1.0)).collect();
                alarms += usize::from(!found(&values, 12).is_empty());
            }
            assert!(alarms <= 1, "{name}: {alarms} of 60");
        }
    }

    #[test]
    fn two_shifts_come_in_the_order_of_time() {
        let mut noise = Noise::new(5);
        let level = |at: usize| [100.0, 180.0, 60.0][at / 30];
        let values: Vec<f64> = (0..90).map(|at| level(at) * (1.0 + 0.05 * noise.normal())).collect();
        let places: Vec<usize> = found(&values, 1).iter().map(|step| step.at).collect();
        assert_eq!(places.len(), 2, "{places:?}");
        assert!(places[0].abs_diff(30) <= 1 && places[1].abs_diff(60) <= 1, "{places:?}");
    }

    #[test]
    fn exact_and_short_series_are_no_trouble() {
        assert!(found(&[5.0; 40], 12).is_empty());
        assert!(found(&[1.0, 9.0, 1.0], 1).is_empty());
        let exact: Vec<f64> = (0..40).map(|at| if at < 20 { 3.0 } else { 7.0 }).collect();
        assert_eq!(found(&exact, 1).len(), 1);
    }
}
