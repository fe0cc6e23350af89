//! Facts of layers.

use super::ids::IdMap;
use crate::calendar::Bucket;
use crate::refs::{ColId, RowId};
use crate::value::Value;

/// Facts of a layer: rows × buckets of numbers, `NaN` where nothing is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub rows: Vec<RowId>,
    /// First bucket of the values; `None` for an untimed layer (one value a row).
    pub first: Option<Bucket>,
    /// Buckets per row (1 for an untimed layer).
    pub width: usize,
    /// Row after row.
    pub values: Vec<f64>,
}

/// Facts with their rows found by id.
#[derive(Default)]
pub(super) struct RowFacts {
    pub facts: Facts,
    row_of: IdMap<RowId, u32>,
}

impl RowFacts {
    pub(super) fn new(facts: Facts) -> Self {
        let row_of = facts.rows.iter().enumerate().map(|(place, &row)| (row, place as u32)).collect();
        Self { facts, row_of }
    }

    /// The value of a cell, blank where nothing is known.
    pub(super) fn value(&self, row: RowId, col: ColId) -> Value {
        let number = self.place(row, col).and_then(|place| self.facts.values.get(place));
        number.filter(|number| number.is_finite()).map_or(Value::Blank, |&number| Value::Number(number))
    }

    /// Where the value of a cell lies among the values.
    pub(super) fn place(&self, row: RowId, col: ColId) -> Option<usize> {
        let step = match (self.facts.first, col.bucket) {
            (None, None) => Some(0),
            (Some(first), Some(bucket)) => bucket.since(first).and_then(|step| usize::try_from(step).ok()),
            _ => None,
        };
        let (&row, step) = self.row_of.get(&row).zip(step.filter(|&step| step < self.facts.width))?;
        Some(row as usize * self.facts.width + step)
    }
}
