//! The names formulas may use: offering them while one is typed, going to what they stand for, giving one to the selection.

use grid_engine::doc::Op;
use grid_engine::refs::a1::is_name;
use grid_engine::refs::{CellRef, ColId, MeasureId, RoomId, RowId, SheetId};
use leptos::prelude::*;

use super::goto::{place_in, unquoted};
use super::handle::Grid;
use super::layout::{Across, Layout};
use super::references::range;
use super::selection::Area;
use crate::state::Tone;

/// A cell of a sheet that reads what names stand for: references in a name do not follow the cell that uses it, so any does.
pub fn reader_of_names(sheet: SheetId) -> CellRef {
    CellRef { sheet, row: RowId::of_key(&[]), col: ColId::fixed(MeasureId::of_key(&[])) }
}

impl Grid {
    /// The names of the workbook, each with what it stands for as formulas of the sheet on show write it.
    pub(super) fn names(&self) -> Vec<(String, String)> {
        let Some((session, sheet)) = self.session.zip(self.sheet.get_untracked()) else { return Vec::new() };
        let at = reader_of_names(sheet);
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
            let Some(sheet) = self.sheet_called(&title) else { return false };
            self.show(sheet);
        }
        self.select_area(area);
        true
    }

    fn sheet_called(&self, title: &str) -> Option<SheetId> {
        let sheets = self.source().map(|source| source.sheets()).unwrap_or_default();
        sheets.into_iter().find(|sheet| sheet.title.to_lowercase() == title.to_lowercase()).map(|sheet| sheet.id)
    }

    /// The sheet a place is said to be on, and what is said of it besides: `'Bob''s prices'!B2`, or `Bob's prices!B2` as
    /// the name box shows it.
    pub(super) fn in_sheet<'a>(&self, name: &'a str) -> (Option<SheetId>, &'a str) {
        let named = name.rsplit_once('!').and_then(|(title, rest)| Some((self.sheet_called(&unquoted(title))?, rest)));
        named.map_or((None, name), |(sheet, rest)| (Some(sheet), rest))
    }

    /// Selects the cells of a range such as `B2:C9` on a free sheet. Returns whether it is one.
    pub(super) fn go_to_cells(&self, text: &str) -> bool {
        let Some(area) = range(text.trim()) else { return false };
        let is_here = |layout: &Layout| {
            let is_free = layout.columns.get(area.right).is_some_and(|it| matches!(it.across, Across::Free(_)));
            // Behind the last row is the last one; one that is filtered out is not on show.
            is_free && (layout.lines_of(area).is_some() || area.top >= layout.rows().len())
        };
        let here = self.with(|state| state.layout.as_ref().is_some_and(is_here)) == Some(true);
        if here {
            self.select_area(area);
        }
        here
    }

    /// Gives the selection a name, where it is one of a free sheet and this person may. Returns whether it has it.
    pub(super) fn name_selection(&self, name: &str) -> bool {
        let Some(session) = self.session.filter(|session| is_name(name) && session.may_write(RoomId::Book)) else {
            return false;
        };
        let Some(sheet) = self.sheet.get_untracked() else { return false };
        let at = reader_of_names(sheet);
        let title = session.read(|book| book.sheet(sheet).map(|sheet| sheet.meta().title.clone())).flatten();
        let Some(refers) = self.selected_reference(&title.unwrap_or_default()) else { return false };
        let Some(Ok(stored)) = session.read(|book| book.formula_stored(at, &refers)) else { return false };
        match session.edit(vec![Op::SetName { name: name.into(), formula: Some(stored.into()) }], None) {
            Ok(()) => {
                self.notices.say(Tone::Good, format!("“{name}” is {}", &refers[1..]), "Formulas may use the name now.");
                self.restructured();
                self.focus();
            }
            Err(error) => self.notices.say(Tone::Warn, "No name was given", error.to_string()),
        }
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
