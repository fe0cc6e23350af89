//! Autoregression of the differences of the seasonally adjusted series, in logarithms where it is positive.

use super::Sample;

/// The most lags tried.
const MOST_LAGS: usize = 6;

pub(super) fn ar(sample: &Sample, horizon: usize) -> Option<Vec<f64>> {
    let positive = sample.positive && sample.adjusted.iter().all(|value| *value > 0.0);
    let levels: Vec<f64> =
        if positive { sample.adjusted.iter().map(|value| value.ln()).collect() } else { sample.adjusted.clone() };
    if levels.len() < 8 {
        return None;
    }
    let changes: Vec<f64> = levels.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let n = changes.len() as f64;
    // A mean change is believed only as far as it stands out from the noise.
    let mean = changes.iter().sum::<f64>() / n;
    let variance = changes.iter().map(|change| (change - mean).powi(2)).sum::<f64>() / n;
    let signal = mean * mean / (mean * mean + variance / n).max(1e-300);
    let drift = mean * signal;
    let weights = burg(&changes, mean);
    let mut past: Vec<f64> = changes.iter().rev().take(weights.len()).map(|change| change - mean).collect();
    let mut level = *levels.last()?;
    let limit = if positive { 3.0 } else { f64::INFINITY };
    let start = level;
    let ahead = (0..horizon).map(|_| {
        let next: f64 = weights.iter().zip(&past).map(|(weight, change)| weight * change).sum();
        if !past.is_empty() {
            past.rotate_right(1);
            past[0] = next;
        }
        level += next + drift;
        if positive { level.clamp(start - limit, start + limit).exp() } else { level }
    });
    Some(sample.with_season(ahead.collect()))
}

/// Burg's recursion, stopped at the order with the lowest AICc. It always gives a stationary model.
fn burg(changes: &[f64], mean: f64) -> Vec<f64> {
    let n = changes.len();
    let mut forward: Vec<f64> = changes.iter().map(|change| change - mean).collect();
    let mut backward = forward.clone();
    let mut power = forward.iter().map(|value| value * value).sum::<f64>() / n as f64;
    let aicc = |power: f64, order: usize| {
        let parameters = order as f64 + 2.0;
        n as f64 * power.max(1e-18).ln() + 2.0 * parameters * n as f64 / (n as f64 - parameters - 1.0).max(1.0)
    };
    let mut weights: Vec<f64> = Vec::with_capacity(MOST_LAGS);
    let (mut best, mut best_aicc) = (Vec::new(), aicc(power, 0));
    for order in 1..=MOST_LAGS.min(n / 4) {
        let (mut products, mut squares) = (0.0, 0.0);
        for at in order..n {
            products += forward[at] * backward[at - 1];
            squares += forward[at].powi(2) + backward[at - 1].powi(2);
        }
        if squares <= 1e-18 {
            break;
        }
        let reflection = 2.0 * products / squares;
        for at in (order..n).rev() {
            let (ahead, behind) = (forward[at], backward[at - 1]);
            forward[at] = ahead - reflection * behind;
            backward[at] = behind - reflection * ahead;
        }
        let before = weights.clone();
        for (lag, weight) in weights.iter_mut().enumerate() {
            *weight -= reflection * before[before.len() - 1 - lag];
        }
        weights.push(reflection);
        power *= 1.0 - reflection * reflection;
        let value = aicc(power, order);
        if value < best_aicc {
            (best, best_aicc) = (weights.clone(), value);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_weight_of_a_first_order_process() {
        // x_t = 0.7 x_{t−1} + e_t with a fixed pseudo-random e.
        let mut state = 1_u64;
        let mut value = 0.0;
        let series: Vec<f64> = (0..2_000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                value = 0.7 * value + (state >> 33) as f64 / f64::from(1u32 << 31) - 0.5;
                value
            })
            .collect();
        let weights = burg(&series, 0.0);
        assert!((weights[0] - 0.7).abs() < 0.05, "{weights:?}");
    }
}
