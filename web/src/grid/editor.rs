//! The editor over a cell: opened with what stands there, and left by taking its text or not.

use grid_engine::doc::SheetKind;
use leptos::prelude::*;

use super::handle::Grid;
use super::pointing::Pointed;
use super::references::reference_to;
use super::selection::{Area, Spot, Way};
use super::writing::MOST_CELLS;
use crate::locale;

/// An edit in progress.
#[derive(Clone, Debug, PartialEq)]
pub struct Editing {
    pub at: Spot,
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
        self.reveal(at);
        self.editing.set(Some(Editing { at, text, typed, in_bar, problem: None, pointed: None }));
        self.share_place();
        self.mark_mentions();
    }

    /// Begins a sum of the numbers above the active cell, or else to its left.
    pub(super) fn begin_sum(&self) {
        let reference = self.with(|state| {
            let (layout, at) = (state.layout.as_ref()?, state.selection.active);
            let number = |at: Spot| layout.cell(at).is_some_and(|cell| state.source.value(cell).as_number().is_some());
            let above = (0..at.line).rev().take_while(|&line| number(Spot { line, ..at })).last();
            let left = (0..at.col).rev().take_while(|&col| number(Spot { col, ..at })).last();
            let area = match (above, left) {
                (Some(top), _) => Area { top, left: at.col, bottom: at.line - 1, right: at.col },
                (None, Some(left)) => Area { top: at.line, left, bottom: at.line, right: at.col - 1 },
                (None, None) => return None,
            };
            (layout.kind == SheetKind::Free).then(|| reference_to(layout, "", at, area)).flatten()
        });
        self.begin(Some(format!("=SUM({})", reference.flatten().unwrap_or_default())), false, false);
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
        self.editing.update(|editing| {
            if let Some(editing) = editing {
                editing.text = text;
                editing.problem = None;
                editing.pointed = None;
            }
        });
        self.mark_mentions();
    }

    /// Leaves the editor without taking its text.
    pub fn discard(&self) {
        self.editing.set(None);
        self.mark_mentions();
        self.share_place();
        self.focus();
    }

    /// Takes the text of the editor, into the whole selection for `all`, and moves on. Returns whether it was taken.
    pub fn commit(&self, way: Option<Way>, all: bool) -> bool {
        let Some(editing) = self.editing.get_untracked() else { return true };
        let Some(source) = self.source() else { return false };
        let spots: Vec<Spot> = if all {
            self.with(|state| state.selection.spots().take(MOST_CELLS).collect()).unwrap_or_default()
        } else {
            vec![editing.at]
        };
        let unchanged = !all && self.cell_at(editing.at).is_some_and(|cell| source.entry(cell) == editing.text);
        if !unchanged {
            let entries: Vec<(Spot, String)> = spots.into_iter().map(|at| (at, editing.text.clone())).collect();
            if let Err(problem) = self.write(&entries, None) {
                self.editing.update(|editing| {
                    if let Some(editing) = editing {
                        editing.problem = Some(problem);
                    }
                });
                return false;
            }
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
