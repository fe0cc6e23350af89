//! The columnar mirror of the documents: what calculation and views read.

use std::sync::Arc;

use super::schema::{Input, Measure, Note, SheetInfo, SheetMeta};
use crate::refs::{CellRef, ColId, MeasureId, PartId, PersonId, RowId, SheetId};

/// All open documents in columnar form.
#[derive(Default)]
pub struct Mirror {
    _private: (),
}

#[allow(unused_variables)]
impl Mirror {
    /// The workbook's sheets in tab order.
    pub fn sheets(&self) -> &[SheetInfo] {
        todo!()
    }

    /// One sheet, all its open parts as one.
    pub fn sheet(&self, sheet: SheetId) -> Option<&SheetMirror> {
        todo!()
    }

    /// Defined names and their stored formulas.
    pub fn names(&self) -> &std::collections::BTreeMap<Arc<str>, Arc<str>> {
        todo!()
    }
}

/// One sheet.
pub struct SheetMirror {
    _private: (),
}

#[allow(unused_variables)]
impl SheetMirror {
    pub fn id(&self) -> SheetId {
        todo!()
    }

    pub fn meta(&self) -> &SheetMeta {
        todo!()
    }

    /// Measures in order; empty for a free sheet.
    pub fn measures(&self) -> &[Measure] {
        todo!()
    }

    pub fn measure(&self, measure: MeasureId) -> Option<&Measure> {
        todo!()
    }

    /// Live rows in order; those of a partitioned sheet part by part.
    pub fn rows(&self) -> &[RowId] {
        todo!()
    }

    /// Zero-based place of a live row.
    pub fn row_index(&self, row: RowId) -> Option<usize> {
        todo!()
    }

    /// Live columns in order: a free sheet's own; a planning sheet's measures × buckets (static ones first).
    pub fn cols(&self) -> &[ColId] {
        todo!()
    }

    pub fn col_index(&self, col: ColId) -> Option<usize> {
        todo!()
    }

    /// Deleted rows, each with the place of the next live row: range corners resolve inward over them.
    pub fn deleted_rows(&self) -> Vec<(RowId, usize)> {
        todo!()
    }

    /// The same for a free sheet's columns.
    pub fn deleted_cols(&self) -> Vec<(ColId, usize)> {
        todo!()
    }

    /// The part a row lies in.
    pub fn part_of(&self, row: RowId) -> Option<PartId> {
        todo!()
    }

    /// What was entered; on an additive measure the sum of contributions.
    pub fn input(&self, row: RowId, col: ColId) -> Option<&Input> {
        todo!()
    }

    /// Each person's contribution to an additive cell, by person.
    pub fn contributions(&self, row: RowId, col: ColId) -> &[(PersonId, f64)] {
        todo!()
    }

    pub fn note(&self, row: RowId, col: ColId) -> Option<&Note> {
        todo!()
    }

    pub fn style(&self, row: RowId, col: ColId) -> Option<&str> {
        todo!()
    }

    /// Width in CSS pixels a person gave a column or measure.
    pub fn width(&self, col: ColId) -> Option<u32> {
        todo!()
    }

    /// All entered cells.
    pub fn inputs(&self) -> impl Iterator<Item = (CellRef, &Input)> {
        std::iter::empty()
    }
}
