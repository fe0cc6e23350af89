//! Going to a cell: by its reference, by what people call it, and scrolling until it is in view.

use grid_engine::refs::{CellRef, ColId};
use leptos::prelude::*;

use super::goto::find_place;
use super::handle::Grid;
use super::selection::Spot;
use crate::state::Tone;

impl Grid {
    /// Goes to a cell, on its sheet.
    pub fn go_to(&self, cell: CellRef) {
        if self.sheet.get_untracked() != Some(cell.sheet) {
            self.show(cell.sheet);
        }
        let at = self.with(|state| {
            let at = state.layout.as_ref()?.spot(cell)?;
            state.selection.put(at);
            Some(at)
        });
        if let Some(at) = at.flatten() {
            self.reveal(at);
            self.selection_changed();
        }
    }

    /// Goes to the cell or the cells people call so, on this sheet or another (`Prices!B2:B9`), or to what a name of the
    /// workbook stands for. A name nothing has is given to the selection where that may have one; else it is said that there
    /// is none. Returns whether there is one now.
    pub(super) fn go_to_name(&self, name: &str) -> bool {
        if self.go_to_named(name) {
            return true;
        }
        let before = self.sheet.get_untracked();
        let (sheet, rest) = self.in_sheet(name);
        if sheet.is_some() && sheet != before {
            sheet.into_iter().for_each(|sheet| self.show(sheet));
        }
        if self.go_to_cells(rest) || self.go_to_words(rest) {
            return true;
        }
        if self.sheet.get_untracked() != before {
            before.into_iter().for_each(|sheet| self.show(sheet));
        }
        if self.name_selection(name.trim()) {
            return true;
        }
        let text = "Type an address such as B7 or Prices!B2:B9, the name of cells, or words of a row's keys with a month: SKU-014 DE 2026-03.";
        self.notices.say(Tone::Info, format!("Nothing here is called “{name}”"), text);
        false
    }

    /// Goes to the row whose keys have these words.
    fn go_to_words(&self, name: &str) -> bool {
        let found = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let text = |line: usize, measure| {
                let cell = layout.row(line).map(|row| CellRef { sheet: layout.sheet, row, col: ColId::fixed(measure) });
                cell.map(|cell| state.source.face(cell).text).unwrap_or_default()
            };
            let at = find_place(layout, name, &text)?;
            state.selection.put(at);
            Some(at)
        });
        let Some(at) = found.flatten() else { return false };
        self.reveal(at);
        self.selection_changed();
        self.focus();
        true
    }

    /// Brings a place into view.
    pub(super) fn reveal(&self, at: Spot) {
        let scroll = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let scroll = state.port.reveal(layout, at);
            let moved = scroll != (state.port.scroll_x, state.port.scroll_y);
            (state.port.scroll_x, state.port.scroll_y) = scroll;
            moved.then_some(scroll)
        });
        if let Some(scroll) = scroll.flatten() {
            self.scroll_to(scroll);
        }
    }

    pub(super) fn scroll_to(&self, (x, y): (f64, f64)) {
        if let Some(scroller) = self.scroller.get_untracked() {
            scroller.set_scroll_left(x.round() as i32);
            scroller.set_scroll_top(y.round() as i32);
        }
        self.redraw();
    }
}
