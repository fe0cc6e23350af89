//! The names formulas may use: offering them while one is typed, and going to what they stand for.

use grid_engine::refs::{CellRef, ColId, MeasureId, RowId};
use leptos::prelude::*;

use super::goto::place_in;
use super::handle::Grid;
use super::selection::Area;

impl Grid {
    /// The names of the workbook, each with what it stands for as formulas of the sheet on show write it.
    pub(super) fn names(&self) -> Vec<(String, String)> {
        let Some((session, sheet)) = self.session.zip(self.sheet.get_untracked()) else { return Vec::new() };
        // References in a name do not follow the cell that uses it, so any cell of the sheet reads them alike.
        let at = CellRef { sheet, row: RowId::of_key(&[]), col: ColId::fixed(MeasureId::of_key(&[])) };
        session
            .read(|book| {
                let names = book.mirror().names().iter();
                names.map(|(name, stored)| (name.to_string(), book.formula_text(at, stored))).collect()
            })
            .unwrap_or_default()
    }

    /// Goes to what a name stands for, and selects it. Returns whether it is the name of a place.
    pub(super) fn go_to_named(&self, name: &str) -> bool {
        let wanted = name.trim().to_lowercase();
        let Some((_, text)) = self.names().into_iter().find(|(name, _)| name.to_lowercase() == wanted) else {
            return false;
        };
        let Some((title, area)) = place_in(&text) else { return false };
        if let Some(title) = title {
            let sheets = self.source().map(|source| source.sheets()).unwrap_or_default();
            let Some(sheet) = sheets.into_iter().find(|sheet| sheet.title == title) else { return false };
            self.show(sheet.id);
        }
        self.select_area(area);
        true
    }

    fn select_area(&self, area: Area) {
        self.with(|state| {
            let extent = state.extent();
            let area = state.layout.as_ref().and_then(|layout| layout.lines_of(area)).unwrap_or(area);
            state.selection.cover(area);
            state.selection.fit(extent);
        });
        let active = self.with(|state| state.selection.active).unwrap_or_default();
        self.reveal(active);
        self.selection_changed();
        self.focus();
    }
}
