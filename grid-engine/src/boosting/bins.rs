//! Numbers as one of a few bins, so that a split is found by looking at each bin once.

use super::Table;

/// Bins of a column: one for missing values, and up to 63 of about as many rows each.
pub(super) const MOST_BINS: usize = 64;

/// Rows looked at to find the bounds.
const MOST_ROWS: usize = 20_000;

/// A table in bins, row after row.
pub(super) struct Bins {
    columns: usize,
    bins: Vec<u8>,
    /// By column: a value is in the bin after the last bound below it.
    bounds: Vec<Vec<f32>>,
}

impl Bins {
    pub fn new(table: &Table) -> Self {
        let bounds: Vec<Vec<f32>> = (0..table.columns).map(|column| bounds(table, column)).collect();
        let bin = |(at, value): (usize, &f32)| {
            if value.is_nan() { 0 } else { 1 + bounds[at % table.columns].partition_point(|bound| bound < value) as u8 }
        };
        let bins = table.values.iter().enumerate().map(bin).collect();
        Self { columns: table.columns, bins, bounds }
    }

    pub fn row(&self, row: usize) -> &[u8] {
        &self.bins[row * self.columns..(row + 1) * self.columns]
    }

    /// The largest value in a bin; nothing but missing values is at or below the first one's.
    pub fn bound(&self, column: usize, bin: usize) -> f32 {
        if bin == 0 { f32::NEG_INFINITY } else { self.bounds[column].get(bin - 1).copied().unwrap_or(f32::INFINITY) }
    }
}

fn bounds(table: &Table, column: usize) -> Vec<f32> {
    let rows = table.targets.len();
    let step = rows.div_ceil(MOST_ROWS).max(1);
    let mut values: Vec<f32> =
        (0..rows).step_by(step).map(|row| table.values[row * table.columns + column]).filter(|v| !v.is_nan()).collect();
    values.sort_unstable_by(f32::total_cmp);
    let wanted = MOST_BINS - 2;
    let mut bounds: Vec<f32> =
        (1..=wanted).filter_map(|part| values.get(part * values.len() / (wanted + 1)).copied()).collect();
    bounds.dedup();
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_follow_the_order_of_values() {
        let values: Vec<f32> = (0..1_000).map(|n| if n == 0 { f32::NAN } else { n as f32 }).collect();
        let bins = Bins::new(&Table { columns: 1, values: &values, targets: &[0.0; 1_000], weights: &[1.0; 1_000] });
        assert_eq!(bins.row(0), [0]);
        assert!((2..1_000).all(|row| bins.row(row) >= bins.row(row - 1)));
        for (row, value) in values.iter().enumerate().skip(1) {
            let bin = usize::from(bins.row(row)[0]);
            assert!(bin < MOST_BINS && *value <= bins.bound(0, bin) && *value > bins.bound(0, bin - 1));
        }
    }
}
