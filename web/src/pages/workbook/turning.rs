//! Which sheet is on show: the first when a workbook opens, then the next or the one before.

use grid_engine::doc::SheetInfo;
use leptos::prelude::*;

use crate::address::asked;
use crate::grid::Grid;

pub(super) fn open_first(grid: Grid, sheets: RwSignal<Vec<SheetInfo>>) {
    let shown = grid.sheet.get_untracked();
    let first = sheets.with_untracked(|sheets| {
        let still_there = sheets.iter().any(|sheet| Some(sheet.id) == shown);
        let demand = sheets.iter().find(|sheet| sheet.role == "demand");
        if still_there { None } else { demand.or_else(|| sheets.first()).map(|sheet| sheet.id) }
    });
    if let Some(first) = first {
        grid.show(first);
        // Rows by words of their texts, as in the filter.
        if let Some(rows) = asked("rows") {
            grid.change_view(|view| view.filter = rows);
        }
        grid.follow_link();
    }
}

/// Turns to the next or previous sheet, round at the ends.
pub(super) fn turn(grid: Grid, sheets: RwSignal<Vec<SheetInfo>>) -> Callback<bool> {
    Callback::new(move |forward: bool| {
        let next = sheets.with_untracked(|sheets| {
            let at = sheets.iter().position(|sheet| Some(sheet.id) == grid.sheet.get_untracked())?;
            let step = if forward { 1 } else { sheets.len() - 1 };
            sheets.get((at + step) % sheets.len()).map(|sheet| sheet.id)
        });
        if let Some(next) = next {
            grid.show(next);
        }
    })
}

pub(super) fn sheet_label(grid: Grid, sheets: RwSignal<Vec<SheetInfo>>) -> Signal<String> {
    Signal::derive(move || {
        let shown = grid.sheet.get();
        sheets.with(|sheets| {
            sheets.iter().find(|sheet| Some(sheet.id) == shown).map(|sheet| sheet.title.clone()).unwrap_or_default()
        })
    })
}
