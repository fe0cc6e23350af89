//! What the course of a series says about which methods suit it: weights learned once, on other series.
//!
//! A method's weight is the softmax of a line in a few features of the series, less its backtest error with a power that
//! is a line in them as well (after Montero-Manso, Athanasopoulos, Hyndman & Talagala 2020, with lines for trees: eighty
//! numbers instead of megabytes). `equipoise bench forecast --learn` learns them from windows inside the known
//! histories; what came after those histories is never seen.

mod table;
mod training;

use super::Method;
use super::accuracy;
use super::backtest::Record;
use super::combine;
use super::options::REGULAR;
use super::season;

pub use training::{Case, learn};

/// The methods that have learned weights: those for demand in most buckets, and the model learned from all series.
const METHODS: [Method; REGULAR.len() + 1] = {
    let mut all = [Method::Global; REGULAR.len() + 1];
    let mut at = 0;
    while at < REGULAR.len() {
        all[at] = REGULAR[at];
        at += 1;
    }
    all
};
const FEATURES: usize = 8;
/// Relative errors count no further than this.
const WORST: f64 = 8.0;
/// An error, in those of the seasonal naive forecast, that only rounding leaves.
const EXACT: f64 = 1e-9;

/// Learned numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// By method, a line in the features.
    methods: [[f64; FEATURES]; METHODS.len()],
    /// The power of backtest errors, as softplus of a line.
    power: [f64; FEATURES],
}

/// Weights that sum to 1, one per record; `None` where a record's method has none, as rarer methods do, and where a method
/// made no error at all: nobody's advice is needed then.
pub(super) fn weights(values: &[f64], season: usize, records: &[Record]) -> Option<Vec<f64>> {
    let errors: Vec<(f64, f64)> = records.iter().map(|record| (record.smape, record.mase)).collect();
    if errors.iter().any(|error| error.1 < EXACT) {
        return None;
    }
    let places: Vec<usize> = records.iter().map(|record| place(record.method)).collect::<Option<_>>()?;
    let features = features(values, season, &errors)?;
    Some(table::TABLE.weights(&features, &places, &logarithms(&errors)))
}

fn place(method: Method) -> Option<usize> {
    METHODS.iter().position(|known| *known == method)
}

/// Logarithms of errors relative to the best.
fn logarithms(errors: &[(f64, f64)]) -> Vec<f64> {
    combine::relative(errors).into_iter().map(|error| error.min(WORST).ln()).collect()
}

impl Table {
    fn weights(&self, features: &[f64; FEATURES], places: &[usize], errors: &[f64]) -> Vec<f64> {
        let line = |weights: &[f64; FEATURES]| weights.iter().zip(features).map(|(w, x)| w * x).sum::<f64>();
        let power = softplus(line(&self.power));
        let scores: Vec<f64> =
            places.iter().zip(errors).map(|(place, error)| line(&self.methods[*place]) - power * error).collect();
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut weights: Vec<f64> = scores.iter().map(|score| (score - largest).exp()).collect();
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= total);
        weights
    }
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// What is seen of a series: a constant, season, length, trends, roughness, noise, and how well it could be forecast.
/// Another unit changes none of it.
fn features(values: &[f64], season: usize, errors: &[(f64, f64)]) -> Option<[f64; FEATURES]> {
    let n = values.len();
    let steps = accuracy::seasonal_naive_error(values, 1)?;
    let noise = accuracy::seasonal_naive_error(values, season).unwrap_or(steps);
    let size = values.iter().map(|value| value.abs()).sum::<f64>() / n as f64;
    let best = errors.iter().map(|error| error.1).fold(f64::INFINITY, f64::min);
    let features = [
        1.0,
        season::seasonal_z(values, season).unwrap_or(0.0).clamp(-2.0, 8.0) / 4.0 - 0.5,
        (n as f64 / 100.0).ln(),
        trend(values) - 0.5,
        trend(&values[n.saturating_sub(36)..]) - 0.5,
        (steps / noise.max(1e-12)).ln().clamp(-3.0, 2.0),
        ((noise / size.max(1e-300) + 1e-3).ln() + 2.0).clamp(-2.0, 2.0),
        (best + 0.05).ln().clamp(-2.0, 2.0),
    ];
    features.iter().all(|feature| feature.is_finite()).then_some(features)
}

/// How much a series goes along with a straight line, from 0 to 1.
fn trend(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let (mean, centre) = (values.iter().sum::<f64>() / n, (n - 1.0) / 2.0);
    let (mut products, mut squares, mut times) = (0.0, 0.0, 0.0);
    for (at, value) in values.iter().enumerate() {
        let (distance, difference) = (at as f64 - centre, value - mean);
        products += distance * difference;
        squares += difference * difference;
        times += distance * distance;
    }
    if squares > 0.0 && times > 0.0 { (products / (squares * times).sqrt()).abs() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Two methods, one of them 1 higher in its line and with an error of e² relative to the other: with power 1,
    /// weights as e¹⁻² to e⁰.
    #[test]
    fn softmax_by_hand() {
        let mut table = Table { methods: [[0.0; FEATURES]; 9], power: [0.0; FEATURES] };
        table.methods[4][0] = 1.0;
        // softplus(ln(e − 1)) is 1.
        table.power[0] = (std::f64::consts::E - 1.0).ln();
        let mut features = [0.0; FEATURES];
        features[0] = 1.0;
        let weights = table.weights(&features, &[4, 0], &[2.0, 0.0]);
        assert!((weights[0] / weights[1] - (-1.0_f64).exp()).abs() < 1e-12);
        assert!((weights[0] + weights[1] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn another_unit_shows_the_same_features() {
        let values: Vec<f64> = (0..60).map(|t| 50.0 + f64::from((t * 7) % 12) + f64::from(t)).collect();
        let scaled: Vec<f64> = values.iter().map(|value| value * 1024.0).collect();
        let errors = [(0.1, 0.8), (0.2, 0.9)];
        assert_eq!(features(&values, 12, &errors), features(&scaled, 12, &errors));
        assert_eq!(features(&[1.0], 12, &errors), None);
        assert!((trend(&[1.0, 2.0, 3.0]) - 1.0).abs() < 1e-12);
    }
}
