//! A sheet as the calculation must know it.

use std::sync::Arc;

use crate::calendar::Horizon;
use crate::refs::{ColId, MeasureId, RowId, SheetId};
use crate::value::Value;

/// Rows, columns and measures of a sheet, in current order.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub id: SheetId,
    /// As people know it, for explanations.
    pub title: Arc<str>,
    /// What it is for, e.g. `supply.capacity`; empty for nothing special.
    pub role: Arc<str>,
    /// Whether it has measures; a free sheet has only columns.
    pub planning: bool,
    pub horizon: Option<Horizon>,
    /// Measures of a planning sheet in order.
    pub measures: Vec<MeasureLayout>,
    /// Live rows in order.
    pub rows: Vec<RowId>,
    /// Live columns in the order in which A1 counts them.
    pub cols: Vec<ColId>,
    /// Deleted rows, each with the place of the next live one.
    pub deleted_rows: Vec<(RowId, usize)>,
    /// Deleted columns, each with the place of the next live one.
    pub deleted_cols: Vec<(ColId, usize)>,
}

/// A measure of a planning sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct MeasureLayout {
    pub id: MeasureId,
    pub name: Arc<str>,
    pub content: Content,
    /// Whether it has a cell per bucket, or one per row.
    pub timed: bool,
    /// First place in the horizon with cells, and the one after the last; the whole horizon for most.
    pub span: (usize, usize),
}

/// Where the cells of a measure get their values.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Part of the row's key.
    Key,
    /// From people.
    Entered,
    /// From facts.
    Layer,
    /// From one formula, in stored form; an entry in a cell wins over it.
    Formula(Arc<str>),
}

/// What a person entered into a cell, as the calculation takes it.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    Value(Value),
    /// A formula in stored form.
    Formula(Arc<str>),
}

/// Where entries come from when a sheet or a row comes into being.
pub trait Entries {
    /// What was entered into a cell.
    fn entry(&self, row: RowId, col: ColId) -> Option<Entry>;
    /// Visits all entered cells of the sheet.
    fn each(&self, visit: &mut dyn FnMut(RowId, ColId, Entry));
}
