//! Pointing at cells while a formula is written.

use grid_engine::refs::SheetId;
use leptos::prelude::*;

use super::editor::Editing;
use super::handle::Grid;
use super::keys::Press;
use super::references::{Reach, area_of, mentions, reference_to, takes_reference};
use super::selection::{Area, Spot, Way};
use crate::locale;

/// The reference being pointed at: where it stands in the text, and the corners of its area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointed {
    sheet: SheetId,
    start: usize,
    end: usize,
    anchor: Spot,
    focus: Spot,
    reach: Reach,
}

impl Grid {
    /// Whether a press on a cell puts its reference into the formula being written.
    pub(super) fn is_pointing(&self) -> bool {
        let Some(editing) = self.editing.get_untracked() else { return false };
        let caret = self.caret(&editing);
        editing.pointed.is_some_and(|pointed| pointed.end == caret) || takes_reference(&editing.text, caret)
    }

    /// The corner from which what is pointed at on this sheet grows.
    pub(super) fn pointed_from(&self) -> Option<Spot> {
        let pointed = self.editing.with_untracked(|editing| editing.as_ref()?.pointed)?;
        (self.sheet.get_untracked() == Some(pointed.sheet)).then_some(pointed.anchor)
    }

    /// Writes the reference to the cells between two corners, or to the columns or rows these stand in, into the formula, in
    /// place of the one pointed at before.
    pub(super) fn point(&self, anchor: Spot, focus: Spot, reach: Reach) {
        let Some(editing) = self.editing.get_untracked() else { return };
        let caret = self.caret(&editing);
        let (start, end) = match editing.pointed.filter(|pointed| pointed.end == caret) {
            Some(pointed) => (pointed.start, pointed.end),
            None => (caret, caret),
        };
        let reference = self.with(|state| {
            let area = reach.of(Area::between(anchor, focus), state.extent());
            let layout = state.layout.as_ref()?;
            let title = state.source.shape(layout.sheet)?.title;
            let from = (layout.sheet == editing.sheet).then_some(editing.at);
            let text = |cell| state.source.face(cell).text;
            let reference = reference_to(layout, &title, from, area, reach, &text)?;
            Some((layout.sheet, locale::in_formula(&reference)))
        });
        let Some((sheet, reference)) = reference.flatten() else { return };
        let characters: Vec<char> = editing.text.chars().collect();
        let head: String = characters.iter().take(start).collect();
        let tail: String = characters.iter().skip(end).collect();
        let end = start + reference.chars().count();
        let text = format!("{head}{reference}{tail}");
        self.put_in_field(&text, end);
        self.revise(text, Some(Pointed { sheet, start, end, anchor, focus, reach }));
        if reach == Reach::Cells {
            self.reveal(focus);
        }
    }

    /// Points at the next cell with an arrow key, with Ctrl at the edge of the data. Returns whether the key was one for pointing.
    pub(super) fn point_on(&self, way: Way, press: Press) -> bool {
        let Some(editing) = self.editing.get_untracked().filter(|_| self.is_pointing()) else { return false };
        let Some((anchor, next)) = self.with(|state| {
            let (anchor, focus) = match editing.pointed {
                Some(pointed) if state.sheet == Some(pointed.sheet) => (pointed.anchor, pointed.focus),
                _ if state.sheet == Some(editing.sheet) => (editing.at, editing.at),
                _ => (state.selection.active, state.selection.active),
            };
            (
                anchor,
                if press.ctrl { state.edge_of_data(anchor, focus, way) } else { state.extent().step(focus, way, 1) },
            )
        }) else {
            return false;
        };
        self.point(if press.shift { anchor } else { next }, next, Reach::Cells);
        true
    }

    /// Marks the cells the formula being written refers to; on another sheet those one points at.
    pub(super) fn mark_mentions(&self) {
        let editing = self.editing.get_untracked();
        self.with(|state| {
            state.mentioned = match (&editing, &state.layout) {
                (Some(editing), Some(layout)) if layout.sheet != editing.sheet => {
                    let here = editing.pointed.filter(|pointed| pointed.sheet == layout.sheet);
                    let area = |at: &Pointed| at.reach.of(Area::between(at.anchor, at.focus), state.extent());
                    here.iter().map(area).collect()
                }
                (Some(editing), Some(layout)) => mentions(&editing.text)
                    .iter()
                    .filter_map(|mention| area_of(layout, editing.at, &mention.text))
                    .collect(),
                _ => Vec::new(),
            };
        });
        self.redraw();
    }

    fn caret(&self, editing: &Editing) -> usize {
        let caret = self.field().and_then(|field| field.selection_start().ok().flatten());
        caret.map_or_else(|| editing.text.chars().count(), |at| at as usize)
    }

    /// Puts a text into the field being typed in, with the caret where it goes on.
    pub(super) fn put_in_field(&self, text: &str, caret: usize) {
        if let Some(field) = self.field() {
            field.set_value(text);
            let _ = field.set_selection_range(caret as u32, caret as u32);
        }
    }
}
