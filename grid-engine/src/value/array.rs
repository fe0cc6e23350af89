//! Rectangles of values.

use serde::{Deserialize, Serialize};

use super::Value;
use super::places::{Candidates, KnownPlaces};

/// A rectangle of values, stored row by row. Never empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Array {
    rows: usize,
    cols: usize,
    cells: Vec<Value>,
    #[serde(skip)]
    places: KnownPlaces,
}

impl Array {
    /// A rectangle of `cells` in row order; `None` when empty or not `rows × cols` of them.
    pub fn new(rows: usize, cols: usize, cells: Vec<Value>) -> Option<Self> {
        (rows > 0 && cols > 0 && cells.len() == rows.checked_mul(cols)?).then(|| Self {
            rows,
            cols,
            cells,
            places: KnownPlaces::default(),
        })
    }

    /// A single value as a rectangle of one.
    pub fn single(value: Value) -> Self {
        Self { rows: 1, cols: 1, cells: vec![value], places: KnownPlaces::default() }
    }

    /// One row; `None` when empty.
    pub fn row(cells: Vec<Value>) -> Option<Self> {
        Self::new(1, cells.len(), cells)
    }

    /// One column; `None` when empty.
    pub fn column(cells: Vec<Value>) -> Option<Self> {
        Self::new(cells.len(), 1, cells)
    }

    /// Number of rows, at least 1.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns, at least 1.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// All cells, row by row.
    pub fn cells(&self) -> &[Value] {
        &self.cells
    }

    /// The cell at a zero-based position.
    pub fn get(&self, row: usize, col: usize) -> Option<&Value> {
        if col < self.cols { self.cells.get(row * self.cols + col) } else { None }
    }

    /// Places along the first column, or along a single row, in ascending order, among which are all that equal a value;
    /// `None` where reading them all is as quick, as it is until a list has been asked a few times.
    pub(crate) fn candidates(&self, value: &Value) -> Option<Candidates<'_>> {
        let (count, step) = if self.rows == 1 { (self.cols, 1) } else { (self.rows, self.cols) };
        self.places.of(value, count, |place| &self.cells[place * step])
    }
}
