//! What people entered into a sheet, whole: for whoever compares two states of a plan.

use std::sync::Arc;

use super::schema::{Input, Note};
use super::sheet_mirror::SheetMirror;
use super::validation::Validation;
use crate::refs::{ColId, MeasureId, RowId};

impl SheetMirror {
    /// All entered cells of live rows and columns. On an allocation measure what was entered is a weight, where
    /// [`SheetMirror::inputs`] gives the share.
    pub fn entered(&self) -> impl Iterator<Item = (RowId, ColId, Input)> {
        self.cols().iter().flat_map(move |&col| {
            let is_weight = self.measure(col.measure).is_some_and(|measure| measure.merge.is_allocation());
            self.rows().iter().filter_map(move |&row| {
                let input =
                    if is_weight { self.weight(row, col).map(Input::Number) } else { self.input(row, col).cloned() };
                input.map(|input| (row, col, input))
            })
        })
    }

    /// Styles of cells in live rows, in no order.
    pub fn styles(&self) -> impl Iterator<Item = (RowId, ColId, &Arc<str>)> {
        let all = self.parts().flat_map(|(_, part)| part.styles());
        all.filter(|(row, ..)| self.row_index(*row).is_some())
    }

    /// Notes on cells of live rows, in no order.
    pub fn notes(&self) -> impl Iterator<Item = (RowId, ColId, &Note)> {
        let all = self.parts().flat_map(|(_, part)| part.notes());
        all.filter(|(row, ..)| self.row_index(*row).is_some())
    }

    /// What measures and columns accept, in no order.
    pub fn validations(&self) -> impl Iterator<Item = (MeasureId, &Validation)> {
        self.all_rules()
    }

    /// A row's fractional position: another one after it was moved, and only then.
    pub fn position(&self, row: RowId) -> Option<&Arc<str>> {
        self.part_with(row)?.1.row(row)?.position.as_ref()
    }
}
