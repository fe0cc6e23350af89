//! One regression tree, grown leaf by leaf where it gains most.

use super::Settings;
use super::bins::{Bins, MOST_BINS};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tree {
    nodes: Vec<Node>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Node {
    Leaf(f64),
    /// At or below the bound (and missing) to the left.
    Split {
        column: u32,
        bin: u8,
        bound: f32,
        left: u32,
        right: u32,
    },
}

/// Weight that pulls a leaf's value towards zero.
const SHRINK: f64 = 1.0;

/// Sum of weighted residuals and of weights.
#[derive(Clone, Copy, Default)]
struct Sums {
    residual: f64,
    weight: f64,
    rows: u32,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.residual += other.residual;
        self.weight += other.weight;
        self.rows += other.rows;
    }

    fn without(self, other: Self) -> Self {
        Self {
            residual: self.residual - other.residual,
            weight: self.weight - other.weight,
            rows: self.rows - other.rows,
        }
    }

    fn worth(self) -> f64 {
        self.residual * self.residual / (self.weight + SHRINK)
    }
}

/// A leaf that may be split further.
struct Open {
    node: usize,
    /// Its part of the row numbers.
    from: usize,
    to: usize,
    total: Sums,
    histogram: Vec<Sums>,
    best: Option<Cut>,
}

#[derive(Clone, Copy)]
struct Cut {
    gain: f64,
    column: usize,
    bin: usize,
    left: Sums,
}

/// What trees are grown from.
struct Ground<'a> {
    bins: &'a Bins,
    residuals: &'a [f32],
    weights: &'a [f32],
    columns: &'a [u32],
    least: u32,
}

impl Tree {
    pub fn grow(
        bins: &Bins,
        residuals: &[f32],
        weights: &[f32],
        mut rows: Vec<u32>,
        columns: &[u32],
        settings: &Settings,
    ) -> Self {
        let ground = Ground { bins, residuals, weights, columns, least: settings.rows_per_leaf.max(1) as u32 };
        let histogram = ground.histogram(&rows);
        let total = ground.total(&rows);
        let best = ground.best(&histogram, total);
        let mut open = vec![Open { node: 0, from: 0, to: rows.len(), total, histogram, best }];
        let mut nodes = vec![Node::Leaf(0.0)];
        let mut set_aside = Vec::new();
        for _ in 1..settings.leaves {
            let gain = |leaf: &Open| leaf.best.map_or(0.0, |cut| cut.gain);
            let Some(at) = (0..open.len()).max_by(|a, b| gain(&open[*a]).total_cmp(&gain(&open[*b]))) else { break };
            let Some(cut) = open[at].best else { break };
            let leaf = open.swap_remove(at);
            let (column, bin) = (cut.column, cut.bin);
            // Rows to the left stay in order in front, the others follow.
            let part = &mut rows[leaf.from..leaf.to];
            set_aside.clear();
            let mut kept = 0;
            for at in 0..part.len() {
                let row = part[at];
                if usize::from(bins.row(row as usize)[column]) <= bin {
                    part[kept] = row;
                    kept += 1;
                } else {
                    set_aside.push(row);
                }
            }
            part[kept..].copy_from_slice(&set_aside);
            let middle = leaf.from + kept;
            let (left, right) = (nodes.len(), nodes.len() + 1);
            nodes[leaf.node] = Node::Split {
                column: column as u32,
                bin: bin as u8,
                bound: bins.bound(column, bin),
                left: left as u32,
                right: right as u32,
            };
            nodes.extend([Node::Leaf(0.0); 2]);
            let small_is_left = middle - leaf.from <= leaf.to - middle;
            let small = if small_is_left { &rows[leaf.from..middle] } else { &rows[middle..leaf.to] };
            let small = ground.histogram(small);
            let large: Vec<Sums> = leaf.histogram.iter().zip(&small).map(|(all, part)| all.without(*part)).collect();
            let (left_histogram, right_histogram) = if small_is_left { (small, large) } else { (large, small) };
            for (node, from, to, total, histogram) in [
                (left, leaf.from, middle, cut.left, left_histogram),
                (right, middle, leaf.to, leaf.total.without(cut.left), right_histogram),
            ] {
                let best = ground.best(&histogram, total);
                open.push(Open { node, from, to, total, histogram, best });
            }
        }
        for leaf in open {
            nodes[leaf.node] = Node::Leaf(settings.rate * leaf.total.residual / (leaf.total.weight + SHRINK));
        }
        Self { nodes }
    }

    pub fn predict(&self, row: &[f32]) -> f64 {
        self.walk(|column, _, bound| {
            let value = row.get(column).copied().unwrap_or(f32::NAN);
            value.is_nan() || value <= bound
        })
    }

    pub fn predict_binned(&self, row: &[u8]) -> f64 {
        self.walk(|column, bin, _| row[column] <= bin)
    }

    fn walk(&self, goes_left: impl Fn(usize, u8, f32) -> bool) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes[at] {
                Node::Leaf(value) => return value,
                Node::Split { column, bin, bound, left, right } => {
                    at = if goes_left(column as usize, bin, bound) { left } else { right } as usize;
                }
            }
        }
    }
}

impl Ground<'_> {
    fn of_row(&self, row: u32) -> Sums {
        let weight = f64::from(self.weights[row as usize]);
        Sums { residual: weight * f64::from(self.residuals[row as usize]), weight, rows: 1 }
    }

    fn total(&self, rows: &[u32]) -> Sums {
        let mut total = Sums::default();
        rows.iter().for_each(|row| total.add(self.of_row(*row)));
        total
    }

    /// Sums by chosen column and bin.
    fn histogram(&self, rows: &[u32]) -> Vec<Sums> {
        let mut histogram = vec![Sums::default(); self.columns.len() * MOST_BINS];
        for row in rows {
            let (sums, bins) = (self.of_row(*row), self.bins.row(*row as usize));
            for (column, part) in self.columns.iter().zip(histogram.chunks_exact_mut(MOST_BINS)) {
                part[usize::from(bins[*column as usize]) % MOST_BINS].add(sums);
            }
        }
        histogram
    }

    /// The cut that lowers the squared error most, of those that leave enough rows on both sides.
    fn best(&self, histogram: &[Sums], total: Sums) -> Option<Cut> {
        if total.rows < 2 * self.least {
            return None;
        }
        let mut best: Option<Cut> = None;
        for (column, part) in self.columns.iter().zip(histogram.chunks_exact(MOST_BINS)) {
            let mut left = Sums::default();
            for (bin, sums) in part[..MOST_BINS - 1].iter().enumerate() {
                left.add(*sums);
                if left.rows < self.least || sums.rows == 0 {
                    continue;
                }
                let right = total.without(left);
                if right.rows < self.least {
                    break;
                }
                let gain = left.worth() + right.worth() - total.worth();
                if gain > best.map_or(1e-9, |cut| cut.gain) {
                    best = Some(Cut { gain, column: *column as usize, bin, left });
                }
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::boosting::Table;

    /// Targets 0 up to 4 and 10 beyond: one cut, and leaves of half the residual at a rate of 0.5, less the shrinkage.
    #[test]
    fn one_cut_by_hand() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
        let targets = [0.0, 0.0, 0.0, 0.0, 10.0, 10.0, 10.0, 10.0];
        let weights = [1.0; 8];
        let bins = Bins::new(&Table { columns: 1, values: &values, targets: &targets, weights: &weights });
        let settings = Settings { leaves: 2, rows_per_leaf: 1, rate: 0.5, ..Settings::default() };
        let tree = Tree::grow(&bins, &targets, &weights, (0..8).collect(), &[0], &settings);
        assert_eq!(tree.predict(&[4.0]), 0.0);
        assert_eq!(tree.predict(&[5.0]), 0.5 * 40.0 / 5.0);
        assert_eq!(tree.predict(&[f32::NAN]), tree.predict_binned(&[0]));
        assert!(matches!(tree.nodes[0], Node::Split { bound: 4.0, .. }), "{:?}", tree.nodes[0]);
    }
}
