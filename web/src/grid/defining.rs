//! What dialogs about a sheet's make-up are opened on, and what they need to know of the selection.

use grid_engine::doc::SheetKind;
use grid_engine::refs::a1::column_letters;
use grid_engine::refs::{CellRef, MeasureId, SheetId};
use leptos::prelude::*;

use super::handle::Grid;
use super::layout::Across;

/// A dialog about what the sheet is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defining {
    /// The names formulas may use.
    Names,
    /// What the cells of the selected column or measure accept.
    Validation,
    /// How the values of the selected column or measure stand out.
    Highlight,
    /// What the selected measure is.
    Measure,
    NewMeasure,
    /// A row with its keys.
    NewRow,
    /// What nobody may change.
    Locks,
}

/// Where the selection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subject {
    pub sheet: SheetId,
    pub kind: SheetKind,
    /// The active cell, where it is one.
    pub cell: Option<CellRef>,
    /// The column of a free sheet, or the measure.
    pub measure: Option<MeasureId>,
}

impl Grid {
    /// What a dialog about the sheet is about.
    pub fn subject(&self) -> Option<Subject> {
        self.with(|state| {
            let layout = state.layout.as_ref()?;
            let at = state.selection.active;
            let cell = layout.cell(at);
            let of_line = layout.measure(at).map(|measure| measure.id);
            let measure = cell.map(|cell| cell.col.measure).or(of_line);
            Some(Subject { sheet: layout.sheet, kind: layout.kind, cell, measure })
        })
        .flatten()
    }

    /// The selection as a name would refer to it: `=Sheet1!$B$2:$B$9`. Planning sheets have no such addresses.
    pub fn selected_reference(&self, title: &str) -> Option<String> {
        let area = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let area = state.selection.area();
            matches!(layout.columns.get(area.left)?.across, Across::Free(_)).then(|| layout.rows_of(area)).flatten()
        });
        let area = area.flatten()?;
        let corner = |line: usize, col: usize| format!("${}${}", column_letters(col as u32), line + 1);
        let first = corner(area.top, area.left);
        let last = if area.size() == (1, 1) { String::new() } else { format!(":{}", corner(area.bottom, area.right)) };
        Some(format!("='{}'!{first}{last}", title.replace('\'', "''")))
    }

    /// Opens a dialog about the sheet's make-up.
    pub fn define(&self, what: Defining) {
        self.defining.set(Some(what));
    }
}
