//! Links to cells: an address that leads whoever may see the cell to it.

use grid_engine::refs::{CellRef, SheetId};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::handle::Grid;
use crate::address::asked;
use crate::state::Tone;

/// The clipboard, where the browser lets a page have it: not on pages that came over plain HTTP from another machine.
pub(super) fn clipboard() -> Option<web_sys::Clipboard> {
    let navigator = window().navigator();
    let there = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| clipboard.is_object());
    there.then(|| navigator.clipboard())
}

impl Grid {
    /// The address of the active cell, or of the sheet where a total is active.
    fn link(&self) -> Option<String> {
        let sheet = self.sheet.get_untracked()?;
        let location = window().location();
        let page = format!("{}{}?sheet={sheet}", location.origin().ok()?, location.pathname().ok()?);
        Some(match self.with(|state| state.active_cell()).flatten() {
            Some(cell) => format!("{page}&row={}&col={}", cell.row, cell.col),
            None => page,
        })
    }

    /// Puts the address of the active cell on the clipboard, or shows it where there is none.
    pub fn copy_link(&self) {
        let Some(link) = self.link() else { return };
        let address = self.active.with_untracked(|active| active.as_ref().map(|active| active.address.clone()));
        let notices = self.notices;
        spawn_local(async move {
            let written = match clipboard() {
                Some(clipboard) => JsFuture::from(clipboard.write_text(&link)).await.is_ok(),
                None => false,
            };
            match written {
                true => {
                    let to = address.unwrap_or_default();
                    notices.say(Tone::Good, "Link copied", format!("It leads to {to} whoever may see it."));
                }
                false => notices.say(Tone::Info, "The browser keeps the clipboard from pages. The link is:", link),
            }
        });
    }

    /// Goes to the cell that the page's address leads to, where it does.
    pub fn follow_link(&self) {
        let Some(sheet) = asked("sheet").and_then(|sheet| sheet.parse::<SheetId>().ok()) else { return };
        let cell = asked("row")
            .zip(asked("col"))
            .and_then(|(row, col)| Some(CellRef { sheet, row: row.parse().ok()?, col: col.parse().ok()? }));
        if !self.source().is_some_and(|source| source.sheets().iter().any(|known| known.id == sheet)) {
            let text = "The sheet it leads to was deleted, or is kept from you.";
            return self.notices.say(Tone::Info, "The link leads nowhere", text);
        }
        match cell {
            Some(cell) => self.go_to(cell),
            None => self.show(sheet),
        }
    }
}
