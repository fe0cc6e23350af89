//! How errors grow with the steps ahead, by what the series itself shows.
//!
//! Around a level that stays, errors hardly grow; a level that wanders is off by the root of the steps. Two origins of a
//! backtest cannot tell these apart. A smoothed level of the seasonally adjusted series is cheap enough to be tried from
//! every bucket, and errors of better methods grow much as its errors do.

/// Growth where the series is too short to tell: errors of step h are (1 + h)^USUAL times those of the first.
pub(super) const USUAL: f64 = 0.4;
/// Buckets that count as much as the usual growth does.
const POOLED: f64 = 60.0;
/// Steps looked ahead at most.
const STEPS: usize = 18;
/// Gains that the level is smoothed with; the one with the smallest squared errors one step ahead is taken.
const GAINS: [f64; 12] = [0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
/// The fewest steps that show a growth.
const LEAST: usize = 3;

/// The power with which errors grow, from 0 to 1, of a series without its season.
pub(super) fn power(adjusted: &[f64]) -> f64 {
    let Some(shown) = slope(adjusted) else { return USUAL };
    let n = adjusted.len();
    let firm = n as f64 / (n as f64 + POOLED);
    (firm * shown + (1.0 - firm) * USUAL).clamp(0.0, 1.0)
}

/// Slope of the mean absolute error's logarithm over that of the steps.
fn slope(adjusted: &[f64]) -> Option<f64> {
    let n = adjusted.len();
    let steps = STEPS.min(n / 4);
    if steps < LEAST {
        return None;
    }
    let level = level(adjusted)?;
    let settled = (n / 5).min(12);
    let points: Vec<(f64, f64)> = (1..=steps)
        .filter_map(|ahead| {
            let errors =
                adjusted[settled + ahead..].iter().zip(&level[settled..]).map(|(value, level)| (value - level).abs());
            let mean = errors.sum::<f64>() / (n - settled - ahead) as f64;
            (mean > 0.0).then(|| ((ahead as f64).ln(), mean.ln()))
        })
        .collect();
    if points.len() < LEAST {
        return None;
    }
    let count = points.len() as f64;
    let centre = points.iter().fold((0.0, 0.0), |sum, point| (sum.0 + point.0 / count, sum.1 + point.1 / count));
    let (products, squares) = points.iter().fold((0.0, 0.0), |sum, point| {
        let (x, y) = (point.0 - centre.0, point.1 - centre.1);
        (sum.0 + x * y, sum.1 + x * x)
    });
    Some(products / squares)
}

/// The level after every bucket.
fn level(values: &[f64]) -> Option<Vec<f64>> {
    let first = values.get(..(values.len() / 5).clamp(1, 6))?;
    let start = first.iter().sum::<f64>() / first.len() as f64;
    let run = |gain: f64| {
        let (mut level, mut squares) = (start, 0.0);
        let levels: Vec<f64> = values
            .iter()
            .map(|value| {
                squares += (value - level) * (value - level);
                level += gain * (value - level);
                level
            })
            .collect();
        (squares, levels)
    };
    GAINS.map(run).into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, levels)| levels)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::forecast::methods::Sample;
    use crate::forecast::planted::Noise;
    use crate::forecast::{InTurn, Options, Request, forecast_all};

    #[test]
    fn a_level_that_stays_and_one_that_wanders() {
        let mean = |wanders: bool| {
            let one = |seed: u64| {
                let (mut noise, mut level) = (Noise::new(seed), 100.0);
                let values: Vec<f64> = (0..120)
                    .map(|_| {
                        let shock = noise.normal();
                        level += if wanders { shock } else { 0.0 };
                        if wanders { level } else { level + shock }
                    })
                    .collect();
                power(&values)
            };
            (0..20).map(one).sum::<f64>() / 20.0
        };
        let (stays, wanders) = (mean(false), mean(true));
        // Two thirds of 0 and of a half by the series, one third of what is usual.
        assert!((0.1..0.2).contains(&stays), "{stays}");
        assert!((0.4..0.55).contains(&wanders), "{wanders}");
    }

    #[test]
    fn short_and_exact_series_grow_as_usual() {
        assert_eq!((power(&[]), power(&[1.0, 2.0, 3.0])), (USUAL, USUAL));
        assert!((power(&[5.0; 40]) - USUAL).abs() < 1e-12);
        let scaled = |factor: f64| power(&(0..50).map(|t| factor * f64::from((t * 7) % 11)).collect::<Vec<_>>());
        assert!((scaled(1.0) - scaled(1024.0)).abs() < 1e-12);
    }

    #[test]
    fn errors_that_shrink_with_the_steps_count_as_those_that_stay() {
        let ebbing: Vec<f64> = (0..240).map(|t| (-0.96_f64).powi(t)).collect();
        assert_eq!(power(&ebbing), 0.0);
    }

    #[test]
    fn intervals_widen_by_the_growth_of_the_series_without_its_season() {
        let (mut noise, mut level) = (Noise::new(3), 200.0);
        let season = |t: usize| 40.0 * (t as f64 * std::f64::consts::TAU / 12.0).sin();
        let mut value = |t: usize| {
            level += 1.0 + noise.normal();
            level + season(t)
        };
        let values: Vec<f64> = (0..96).map(&mut value).collect();
        let own = power(&Sample::new(&values, 12).adjusted);
        assert!((own - power(&values)).abs() > 0.05 && (own - USUAL).abs() > 0.05, "else this shows nothing");
        let history: Vec<Option<f64>> = values.into_iter().map(Some).collect();
        let requests = [Request::new(&history, Options { horizon: 12, ..Options::default() })];
        let found = forecast_all(&requests, 1, &InTurn).remove(0).unwrap();
        let width = |step: usize| found.intervals[0].upper[step] - found.mean[step];
        assert!((width(11) / width(0) - 12_f64.powf(own)).abs() < 1e-6, "{} {own}", width(11) / width(0));
    }
}
