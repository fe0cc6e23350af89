//! Learns the weights from series of which it is known how they went on.

use super::{FEATURES, METHODS, Table, features, logarithms, place, softplus};
use crate::forecast::accuracy::Outcome;
use crate::forecast::{Forecast, accuracy, naive2};

/// Rounds of descent, and how far each goes (Adam, Kingma & Ba 2015).
const ROUNDS: i32 = 300;
const RATE: f64 = 0.03;
/// Pull towards equal weights.
const PULL: f64 = 1e-3;

/// One series up to an origin, what each method said, and what came.
#[derive(Clone, Debug)]
pub struct Case {
    features: [f64; FEATURES],
    places: Vec<usize>,
    errors: Vec<f64>,
    paths: Vec<Vec<f64>>,
    actual: Vec<f64>,
    /// What a unit of error costs, by step; before the set's benchmark is known, for sMAPE and MASE apart.
    costs: Vec<(f64, f64)>,
    benchmark: (f64, f64),
}

impl Case {
    /// From a history, its forecast and what came after; `None` for series without learned weights.
    pub fn new(history: &[f64], season: usize, forecast: &Forecast, actual: &[f64]) -> Option<Self> {
        let known = |member: &crate::forecast::Member| Some((member.backtest_smape?, member.backtest_mase?));
        let members = &forecast.explanation.members;
        let errors: Vec<(f64, f64)> = members.iter().map(known).collect::<Option<_>>()?;
        let places: Vec<usize> = members.iter().map(|member| place(member.method)).collect::<Option<_>>()?;
        let noise = accuracy::seasonal_naive_error(history, season).filter(|noise| *noise > 0.0)?;
        let size = history.iter().map(|value| value.abs()).sum::<f64>() / history.len() as f64;
        let outcomes: Vec<Outcome> = actual
            .iter()
            .zip(naive2(history, season, actual.len()))
            .map(|(actual, forecast)| Outcome { actual: *actual, forecast })
            .collect();
        let steps = actual.len() as f64;
        Some(Self {
            features: features(history, season, &errors)?,
            errors: logarithms(&errors),
            places,
            paths: members.iter().map(|member| member.mean.clone()).collect(),
            costs: actual.iter().map(|y| (1.0 / y.abs().max(0.3 * size) / steps, 1.0 / noise / steps)).collect(),
            benchmark: (accuracy::smape(&outcomes)?, accuracy::mase(&outcomes, history, season)?),
            actual: actual.to_vec(),
        })
    }
}

/// Learns from sets of cases. Every set counts by the root of its size, and within it as OWA counts.
pub fn learn(sets: &[Vec<Case>]) -> Table {
    let mut table = Table { methods: [[0.0; FEATURES]; METHODS.len()], power: [0.0; FEATURES] };
    table.power[0] = 0.5;
    let mut momentum = [[(0.0, 0.0); FEATURES]; METHODS.len() + 1];
    let weights: Vec<f64> = sets.iter().map(|set| 1.0 / (set.len().max(1) as f64).sqrt()).collect();
    let whole: f64 = sets.iter().zip(&weights).map(|(set, weight)| weight * set.len() as f64).sum();
    for round in 1..=ROUNDS {
        let mut slope = [[0.0; FEATURES]; METHODS.len() + 1];
        for (set, weight) in sets.iter().zip(&weights) {
            let count = set.len().max(1) as f64;
            let benchmark = set
                .iter()
                .fold((0.0, 0.0), |sum, case| (sum.0 + case.benchmark.0 / count, sum.1 + case.benchmark.1 / count));
            set.iter().for_each(|case| case.descend(&table, benchmark, weight / whole, &mut slope));
        }
        for (row, momentum) in momentum.iter_mut().enumerate() {
            let numbers = if row < METHODS.len() { &mut table.methods[row] } else { &mut table.power };
            let pull = if row < METHODS.len() { PULL } else { 0.0 };
            for (column, number) in numbers.iter_mut().enumerate() {
                let slope = slope[row][column] + pull * *number;
                let (mean, square) = &mut momentum[column];
                *mean = 0.9 * *mean + 0.1 * slope;
                *square = 0.999 * *square + 0.001 * slope * slope;
                let (mean, square) = (*mean / (1.0 - 0.9_f64.powi(round)), *square / (1.0 - 0.999_f64.powi(round)));
                *number -= RATE * mean / (square.sqrt() + 1e-9);
            }
        }
    }
    table
}

impl Case {
    /// Adds the slope of this case's cost in every number of the table.
    fn descend(
        &self,
        table: &Table,
        benchmark: (f64, f64),
        weight: f64,
        slope: &mut [[f64; FEATURES]; METHODS.len() + 1],
    ) {
        let weights = table.weights(&self.features, &self.places, &self.errors);
        let mut pulls = vec![0.0; weights.len()];
        for (step, (actual, cost)) in self.actual.iter().zip(&self.costs).enumerate() {
            let forecast: f64 = self.paths.iter().zip(&weights).map(|(path, weight)| path[step] * weight).sum();
            let cost = 0.5 * (cost.0 / benchmark.0 + cost.1 / benchmark.1) * (forecast - actual).signum();
            pulls.iter_mut().zip(&self.paths).for_each(|(pull, path)| *pull += cost * path[step]);
        }
        let middle: f64 = pulls.iter().zip(&weights).map(|(pull, weight)| pull * weight).sum();
        let line: f64 = table.power.iter().zip(&self.features).map(|(w, x)| w * x).sum();
        // Softplus rises by the logistic function.
        let rise = (line - softplus(line)).exp();
        for (number, place) in self.places.iter().enumerate() {
            let score = weight * weights[number] * (pulls[number] - middle);
            for (column, feature) in self.features.iter().enumerate() {
                slope[*place][column] += score * feature;
                slope[METHODS.len()][column] -= score * self.errors[number] * rise * feature;
            }
        }
    }
}

impl std::fmt::Display for Table {
    /// As the source that holds it.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let row = |numbers: &[f64]| numbers.iter().map(|n| format!("{n:.3}")).collect::<Vec<_>>().join(", ");
        writeln!(out, "//! Learned by `equipoise bench forecast --learn`; not to be changed by hand.\n")?;
        writeln!(out, "#![allow(clippy::approx_constant)] // A number may lie near to a famous one.\n")?;
        writeln!(out, "use super::Table;\n\npub(super) const TABLE: Table = Table {{\n    methods: [")?;
        for numbers in &self.methods {
            writeln!(out, "        [{}],", row(numbers))?;
        }
        writeln!(out, "    ],\n    power: [{}],\n}};", row(&self.power))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(season: f64, right: usize) -> Case {
        let mut features = [0.0; FEATURES];
        (features[0], features[1]) = (1.0, season);
        let path = |at: usize| if at == right { vec![1.0; 3] } else { vec![2.0; 3] };
        Case {
            features,
            places: vec![0, 4],
            errors: vec![0.0, 0.0],
            paths: vec![path(0), path(1)],
            actual: vec![1.0; 3],
            costs: vec![(1.0, 1.0); 3],
            benchmark: (1.0, 1.0),
        }
    }

    #[test]
    fn a_feature_that_decides_is_learned() {
        let set: Vec<Case> = (0..40).map(|n| case([-1.0, 1.0][n % 2], n % 2)).collect();
        let table = learn(&[set]);
        for (season, right) in [(-1.0, 0), (1.0, 1)] {
            let case = case(season, right);
            let weights = table.weights(&case.features, &case.places, &case.errors);
            assert!(weights[right] > 0.9, "{weights:?}");
        }
    }
}
