//! Two sides that calculate the same documents, and what happens where their values differ.

use super::Workbook;
use crate::refs::CellRef;
use crate::value::Value;

/// Numbers closer than this, relative to the larger, are the same: two machines round some functions differently in
/// the last digits.
const SAME: f64 = 1e-9;

impl Workbook {
    /// Whether this side shows the value another side calculated for a cell. Errors agree by their kind.
    pub fn agrees(&self, cell: CellRef, theirs: &Value) -> bool {
        match (self.value(cell), theirs) {
            (Value::Number(ours), Value::Number(theirs)) => {
                (ours - theirs).abs() <= SAME * ours.abs().max(theirs.abs())
            }
            (Value::Error(ours), Value::Error(theirs)) => ours.kind == theirs.kind,
            (ours, theirs) => ours == theirs,
        }
    }

    /// Takes another side's value for a calculated cell. It stands, and what follows from it is calculated from it,
    /// until something the cell itself reads changes. Entered cells keep what was entered.
    pub fn correct(&mut self, cell: CellRef, theirs: Value) {
        self.calculation.correct(cell, theirs);
    }

    /// Whether a cell's own formula reads the clock or chance, so that two sides differ without either being wrong.
    pub fn is_volatile(&self, cell: CellRef) -> bool {
        self.calculation.is_volatile(cell)
    }
}
