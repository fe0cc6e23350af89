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

    /// Goes to the cell people call so, or to what a name of the workbook stands for; says so where there is neither.
    /// Returns whether there is one.
    pub(super) fn go_to_name(&self, name: &str) -> bool {
        if self.go_to_named(name) {
            return true;
        }
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
        let Some(at) = found.flatten() else {
            let text = "Type an address such as B7, the name of cells, or words of a row's keys with a month: SKU-014 DE 2026-03.";
            self.notices.say(Tone::Info, format!("Nothing here is called “{name}”"), text);
            return false;
        };
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
