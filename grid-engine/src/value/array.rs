//! Rectangles of values.

use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Value;
use super::places::{Candidates, KnownPlaces};
use super::ranked::KnownOrder;

/// A rectangle of values, stored row by row. Never empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Array {
    rows: usize,
    cols: usize,
    cells: Cells,
    #[serde(skip)]
    places: KnownPlaces,
    #[serde(skip)]
    order: KnownOrder,
}

/// The cells of an array: its own, or some that lie together among those of a column, which many arrays share.
#[derive(Clone, Debug)]
enum Cells {
    Own(Vec<Value>),
    Part { of: Arc<Array>, from: usize, to: usize },
}

impl Cells {
    // In a browser's program once, not at every place that reads an array.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    fn list(&self) -> &[Value] {
        match self {
            Self::Own(cells) => cells,
            Self::Part { of, from, to } => &of.cells()[*from..*to],
        }
    }
}

impl PartialEq for Cells {
    fn eq(&self, other: &Self) -> bool {
        self.list() == other.list()
    }
}

impl Serialize for Cells {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.list().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Cells {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::Own)
    }
}

impl Array {
    /// A rectangle of `cells` in row order; `None` when empty or not `rows × cols` of them.
    pub fn new(rows: usize, cols: usize, cells: Vec<Value>) -> Option<Self> {
        (rows > 0 && cols > 0 && cells.len() == rows.checked_mul(cols)?)
            .then(|| Self::of(rows, cols, Cells::Own(cells)))
    }

    fn of(rows: usize, cols: usize, cells: Cells) -> Self {
        Self { rows, cols, cells, places: KnownPlaces::default(), order: KnownOrder::default() }
    }

    /// So many cells of a column from one on, without copying them; `None` when it is no column or has not so many, or
    /// when none are wanted.
    pub(crate) fn part(of: &Arc<Self>, from: usize, count: usize) -> Option<Self> {
        let to = from.checked_add(count)?;
        let is_there = of.cols == 1 && count > 0 && to <= of.rows;
        is_there.then(|| Self::of(count, 1, Cells::Part { of: of.clone(), from, to }))
    }

    /// A single value as a rectangle of one.
    pub fn single(value: Value) -> Self {
        Self::of(1, 1, Cells::Own(vec![value]))
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
        self.cells.list()
    }

    /// The cell at a zero-based position.
    pub fn get(&self, row: usize, col: usize) -> Option<&Value> {
        if col < self.cols { self.cells().get(row * self.cols + col) } else { None }
    }

    /// Places along the first column, or along a single row, in ascending order, among which are all that equal a value;
    /// `None` where reading them all is as quick, as it is until a list has been asked a few times.
    pub(crate) fn candidates(&self, value: &Value) -> Option<Candidates<'_>> {
        if let Cells::Part { of, from, to } = &self.cells {
            return of.candidates(value).map(|whole| whole.between(*from, *to));
        }
        let (count, step) = if self.rows == 1 { (self.cols, 1) } else { (self.rows, self.cols) };
        self.places.of(value, count, |place| &self.cells()[place * step])
    }

    /// The numbers among the cells, the least first; `None` where there is an error, and where sorting them is as quick, as
    /// it is until an array has been asked a few times.
    pub(crate) fn sorted_numbers(&self) -> Option<&[f64]> {
        self.order.of(self.cells())
    }
}
