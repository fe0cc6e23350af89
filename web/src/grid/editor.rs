//! The editor over a cell: opened with what stands there, and left by taking its text or not.

use grid_engine::refs::{CellRef, SheetId};
use leptos::prelude::*;
use web_sys::HtmlTextAreaElement;

use super::entry::closed;
use super::handle::Grid;
use super::pointing::Pointed;
use super::selection::{Spot, Way};
use super::state::GridState;
use super::writing::MOST_CELLS;
use crate::locale;
use crate::state::Tone;

/// An edit in progress.
#[derive(Clone, Debug, PartialEq)]
pub struct Editing {
    /// The sheet of the cell; another is on show while one points at its cells.
    pub sheet: SheetId,
    /// Where it stands now.
    pub at: Spot,
    /// The cell, which stays the same one wherever others move it; `None` for a total.
    pub cell: Option<CellRef>,
    /// The total in words, where it is one.
    pub total: String,
    pub text: String,
    /// It began by typing over the cell.
    pub typed: bool,
    /// It is made in the formula bar.
    pub in_bar: bool,
    /// What is wrong with the text.
    pub problem: Option<String>,
    /// The reference one points at with mouse or arrows.
    pub pointed: Option<Pointed>,
}

impl Grid {
    /// Opens the editor on the active cell with a text.
    pub fn begin(&self, text: Option<String>, typed: bool, in_bar: bool) {
        if self.editing.with_untracked(Option::is_some) {
            return;
        }
        let Some(sheet) = self.sheet.get_untracked() else { return };
        let Some((at, cell)) = self.with(|state| (state.selection.active, state.active_cell())) else { return };
        let locked = match cell {
            Some(cell) => self.source().and_then(|source| source.locked(cell)),
            None => self.total_lock(at),
        };
        if let Some(reason) = locked {
            self.refuse(&reason);
            return;
        }
        let stands = || match cell {
            Some(cell) => self.source().map(|source| source.entry(cell)).unwrap_or_default(),
            None => {
                let total = self.with(|state| {
                    let layout = state.layout.take()?;
                    let total = state.total(&layout, at);
                    state.layout = Some(layout);
                    total
                });
                total.flatten().map(locale::typed).unwrap_or_default()
            }
        };
        let text = text.unwrap_or_else(stands);
        let total = |state: &mut GridState| Some(state.layout.as_ref()?.total_in_words(at));
        let total = self.with(total).flatten().filter(|_| cell.is_none()).unwrap_or_default();
        self.reveal(at);
        self.editing.set(Some(Editing { sheet, at, cell, total, text, typed, in_bar, problem: None, pointed: None }));
        self.share_place();
        self.mark_mentions();
    }

    /// Goes on with the edit in the formula bar, or begins it there.
    pub(super) fn edit_in_bar(&self) {
        self.begin(None, false, true);
        if self.editing.with_untracked(|editing| editing.as_ref().is_some_and(|editing| !editing.in_bar)) {
            self.editing.update(|editing| {
                if let Some(editing) = editing {
                    (editing.in_bar, editing.typed) = (true, false);
                }
            });
        }
    }

    /// The field being typed in: that of the formula bar while the edit is made there, else the one over the cell.
    pub(super) fn field(&self) -> Option<HtmlTextAreaElement> {
        let in_bar = self.editing.with_untracked(|editing| editing.as_ref().is_some_and(|editing| editing.in_bar));
        if in_bar { self.bar.get_untracked() } else { self.input.get_untracked() }
    }

    /// Opens the editor of a cell that accepts only the entries of a list, with the list under it.
    pub(super) fn choose(&self) {
        let Some((cell, source)) = self.subject().and_then(|subject| subject.cell).zip(self.source()) else { return };
        if !source.choices(cell).is_empty() {
            self.begin(None, false, false);
        }
    }

    /// The text being edited has changed.
    pub fn retype(&self, text: String) {
        self.revise(text, None);
    }

    /// The text has changed, by pointing at cells where there is something pointed at.
    pub(super) fn revise(&self, text: String, pointed: Option<Pointed>) {
        self.editing.update(|editing| {
            if let Some(editing) = editing {
                editing.text = text;
                editing.problem = None;
                editing.pointed = pointed;
            }
        });
        self.mark_mentions();
    }

    /// Makes way for another sheet: a formula in which a reference can stand stays open, for pointing at cells there;
    /// any other text is taken. Returns whether the sheet may be turned to: a text that cannot be read keeps its own.
    pub(super) fn makes_way_for(&self, sheet: SheetId) -> bool {
        let Some(editing) = self.editing.get_untracked() else { return true };
        let is_there = self.source().is_some_and(|source| source.shape(editing.sheet).is_some());
        if !is_there {
            self.editing.set(None);
            return true;
        }
        editing.sheet == sheet || self.is_pointing() || self.commit(None, false)
    }

    /// Leaves the editor without taking its text.
    pub fn discard(&self) {
        let sheet = self.editing.with_untracked(|editing| editing.as_ref().map(|editing| editing.sheet));
        self.editing.set(None);
        sheet.into_iter().for_each(|sheet| self.turn_to(sheet));
        self.mark_mentions();
        self.share_place();
        self.focus();
    }

    /// Keeps the edit on its cell where rows and columns have changed; where the cell is no more, its text is told, and goes
    /// into no other one. Returns whether the cell is there.
    pub(super) fn hold_edit(&self) -> bool {
        let Some(editing) = self.editing.get_untracked() else { return true };
        let found = self.with(|state| {
            let layout = state.layout.as_ref().filter(|layout| layout.sheet == editing.sheet)?;
            Some(match editing.cell {
                Some(cell) => layout.spot(cell),
                None => Some(editing.at).filter(|at| layout.total_in_words(*at) == editing.total),
            })
        });
        match found.flatten() {
            // Another sheet is on show, or none yet.
            None => true,
            Some(Some(at)) => {
                if at != editing.at {
                    self.editing.update(|editing| {
                        if let Some(editing) = editing {
                            (editing.at, editing.pointed) = (at, None);
                        }
                    });
                    self.mark_mentions();
                }
                true
            }
            Some(None) => {
                self.editing.set(None);
                self.mark_mentions();
                self.share_place();
                let words = format!(
                    "“{}” was not entered: its row or column was deleted or is not shown any more.",
                    editing.text
                );
                self.notices.say(Tone::Warn, "The cell you were typing in is gone", words);
                false
            }
        }
    }

    /// Takes the text of the editor, into the whole selection for `all`, and moves on. Returns whether it was taken.
    pub fn commit(&self, way: Option<Way>, all: bool) -> bool {
        let Some(editing) = self.editing.get_untracked() else { return true };
        let Some(source) = self.source() else { return false };
        self.turn_to(editing.sheet);
        if !self.hold_edit() {
            return true;
        }
        let Some(editing) = self.editing.get_untracked() else { return true };
        let text = closed(&editing.text);
        let spots: Vec<Spot> = if all {
            self.with(|state| state.selection.spots().take(MOST_CELLS).collect()).unwrap_or_default()
        } else {
            vec![editing.at]
        };
        let unchanged = !all && self.cell_at(editing.at).is_some_and(|cell| source.entry(cell) == text);
        if !unchanged {
            let entries: Vec<(Spot, String)> = spots.into_iter().map(|at| (at, text.clone())).collect();
            let growth = self.room_for(&text);
            if let Err(problem) = self.write_into(growth.as_ref(), &entries, None) {
                self.editing.update(|editing| {
                    if let Some(editing) = editing {
                        editing.problem = Some(problem);
                    }
                });
                return false;
            }
            self.grow_for_spill(editing.at);
        }
        self.editing.set(None);
        self.mark_mentions();
        if let Some(way) = way {
            self.with(|state| {
                let extent = state.extent();
                state.selection.advance(way, extent);
            });
        }
        self.focus();
        let active = self.with(|state| state.selection.active).unwrap_or_default();
        self.reveal(active);
        self.selection_changed();
        true
    }
}
