//! Gradient-boosted regression trees over histograms (Friedman 2001; histograms as in Ke et al. 2017).
//!
//! Small on purpose: numeric columns, squared errors bounded for outliers, missing values. The same table and seed give
//! the same model on every machine: one thread, no clock, sums in a fixed order.

mod bins;
mod draw;
mod tree;

use bins::Bins;
use draw::Draw;
use tree::Tree;

/// What to learn from: rows of numbers, NaN where one is missing, each with its target and its weight.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// Numbers per row.
    pub columns: usize,
    /// Row after row.
    pub values: &'a [f32],
    pub targets: &'a [f32],
    /// Above zero.
    pub weights: &'a [f32],
}

/// How to learn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    pub trees: usize,
    /// The most leaves of a tree.
    pub leaves: usize,
    /// The fewest rows in a leaf.
    pub rows_per_leaf: usize,
    /// How much of a tree's correction is taken.
    pub rate: f64,
    /// Share of rows each tree sees.
    pub row_share: f64,
    /// Share of columns each tree sees.
    pub column_share: f64,
    /// Decides which rows and columns those are.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { trees: 150, leaves: 24, rows_per_leaf: 40, rate: 0.06, row_share: 0.6, column_share: 0.6, seed: 1 }
    }
}

/// Residuals count no further than this many mean absolute residuals: one wild series must not bend the trees.
const OUTLIER: f64 = 3.0;

/// Learned trees.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    start: f64,
    trees: Vec<Tree>,
}

impl Model {
    /// Learns from a table; `None` where it has no rows or no columns, or their numbers disagree.
    ///
    /// ```
    /// use grid_engine::boosting::{Model, Settings, Table};
    /// let values: Vec<f32> = (0..400).map(|n| (n % 20) as f32).collect();
    /// let targets: Vec<f32> = values.iter().map(|x| if *x < 10.0 { 1.0 } else { 5.0 }).collect();
    /// let table = Table { columns: 1, values: &values, targets: &targets, weights: &[1.0; 400] };
    /// let model = Model::fit(&table, &Settings::default()).ok_or("an empty table")?;
    /// assert!((model.predict(&[3.0]) - 1.0).abs() < 0.1 && (model.predict(&[15.0]) - 5.0).abs() < 0.1);
    /// # Ok::<(), &str>(())
    /// ```
    pub fn fit(table: &Table, settings: &Settings) -> Option<Self> {
        let rows = table.targets.len();
        let fits = table.columns > 0 && table.values.len() == rows * table.columns && table.weights.len() == rows;
        if rows == 0 || !fits {
            return None;
        }
        let weight: f64 = table.weights.iter().copied().map(f64::from).sum();
        let start = sum(table.targets, table.weights) / weight;
        let bins = Bins::new(table);
        let mut draw = Draw::new(settings.seed);
        let mut residuals: Vec<f32> = table.targets.iter().map(|target| target - start as f32).collect();
        let mut bounded = vec![0.0; rows];
        let mut trees = Vec::with_capacity(settings.trees);
        for _ in 0..settings.trees {
            let sizes: f64 = residuals.iter().zip(table.weights).map(|(r, w)| f64::from(r.abs() * w)).sum();
            let limit = (OUTLIER * sizes / weight) as f32;
            bounded.iter_mut().zip(&residuals).for_each(|(bounded, r)| *bounded = r.clamp(-limit, limit));
            let chosen = draw.some(rows, settings.row_share);
            let columns = draw.some(table.columns, settings.column_share);
            let tree = Tree::grow(&bins, &bounded, table.weights, chosen, &columns, settings);
            for (row, residual) in residuals.iter_mut().enumerate() {
                *residual -= tree.predict_binned(bins.row(row)) as f32;
            }
            trees.push(tree);
        }
        Some(Self { start, trees })
    }

    /// The prediction for one row.
    pub fn predict(&self, row: &[f32]) -> f64 {
        self.start + self.trees.iter().map(|tree| tree.predict(row)).sum::<f64>()
    }
}

fn sum(values: &[f32], weights: &[f32]) -> f64 {
    values.iter().zip(weights).map(|(value, weight)| f64::from(*value) * f64::from(*weight)).sum()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Two columns of which the target needs both, one of noise, and gaps.
    fn planted(rows: usize) -> (Vec<f32>, Vec<f32>) {
        let mut draw = Draw::new(7);
        let (mut values, mut targets) = (Vec::new(), Vec::new());
        for _ in 0..rows {
            let (a, b, noise) = (draw.share() as f32, draw.share() as f32, draw.share() as f32);
            let missing = noise > 0.9;
            values.extend([if missing { f32::NAN } else { a }, b, noise]);
            targets.push(if missing { -1.0 } else { 2.0 * a * b });
        }
        (values, targets)
    }

    fn error(model: &Model, values: &[f32], targets: &[f32]) -> f64 {
        let errors = values.chunks(3).zip(targets).map(|(row, target)| (model.predict(row) - f64::from(*target)).abs());
        errors.sum::<f64>() / targets.len() as f64
    }

    #[test]
    fn learns_an_interaction_and_what_missing_means() {
        let (values, targets) = planted(4_000);
        let (fresh, truth) = planted(500);
        let weights = vec![1.0; targets.len()];
        let table = Table { columns: 3, values: &values, targets: &targets, weights: &weights };
        let model = Model::fit(&table, &Settings::default()).unwrap();
        assert!(error(&model, &fresh, &truth) < 0.05, "{}", error(&model, &fresh, &truth));
        assert!((model.predict(&[f32::NAN, 0.5, 0.95]) + 1.0).abs() < 0.1);
    }

    #[test]
    fn the_same_seed_gives_the_same_model() {
        let (values, targets) = planted(600);
        let weights = vec![1.0; targets.len()];
        let table = Table { columns: 3, values: &values, targets: &targets, weights: &weights };
        let fit = |seed| Model::fit(&table, &Settings { seed, trees: 10, ..Settings::default() }).unwrap();
        assert_eq!(fit(3), fit(3));
        assert_ne!(fit(3), fit(4));
    }

    #[test]
    fn constant_targets_are_predicted_and_bad_tables_refused() {
        let table = Table { columns: 1, values: &[1.0, 2.0, 3.0], targets: &[4.0; 3], weights: &[1.0; 3] };
        assert_eq!(Model::fit(&table, &Settings::default()).unwrap().predict(&[9.0]), 4.0);
        assert_eq!(Model::fit(&Table { values: &[1.0], ..table }, &Settings::default()), None);
        assert_eq!(Model::fit(&Table { values: &[], targets: &[], weights: &[], ..table }, &Settings::default()), None);
    }
}
