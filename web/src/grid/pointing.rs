//! Pointing at cells while a formula is written.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use super::editor::Editing;
use super::handle::Grid;
use super::references::{area_of, mentions, reference_to, takes_reference};
use super::selection::{Area, Spot, Way};

/// The reference being pointed at: where it stands in the text, and the corners of its area.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pointed {
    start: usize,
    end: usize,
    anchor: Spot,
    focus: Spot,
}

impl Grid {
    /// Whether a press on a cell puts its reference into the formula being written.
    pub(super) fn is_pointing(&self) -> bool {
        let Some(editing) = self.editing.get_untracked() else { return false };
        let caret = self.caret(&editing);
        editing.pointed.is_some_and(|pointed| pointed.end == caret) || takes_reference(&editing.text, caret)
    }

    /// Writes the reference to an area into the formula, in place of the one pointed at before.
    pub(super) fn point(&self, anchor: Spot, focus: Spot) {
        let Some(editing) = self.editing.get_untracked() else { return };
        let caret = self.caret(&editing);
        let (start, end) = match editing.pointed.filter(|pointed| pointed.end == caret) {
            Some(pointed) => (pointed.start, pointed.end),
            None => (caret, caret),
        };
        let reference = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let title = state.source.shape(layout.sheet)?.title;
            reference_to(layout, &title, editing.at, Area::between(anchor, focus))
        });
        let Some(reference) = reference.flatten() else { return };
        let characters: Vec<char> = editing.text.chars().collect();
        let head: String = characters.iter().take(start).collect();
        let tail: String = characters.iter().skip(end).collect();
        let end = start + reference.chars().count();
        let text = format!("{head}{reference}{tail}");
        self.put_in_field(&editing, &text, end);
        self.retype(text);
        self.editing.update(|editing| {
            if let Some(editing) = editing {
                editing.pointed = Some(Pointed { start, end, anchor, focus });
            }
        });
        self.reveal(focus);
    }

    /// Points at the next cell with an arrow key. Returns whether the key was one for pointing.
    pub(super) fn point_on(&self, way: Way, extend: bool) -> bool {
        let Some(editing) = self.editing.get_untracked().filter(|_| self.is_pointing()) else { return false };
        let (anchor, focus) =
            editing.pointed.map_or((editing.at, editing.at), |pointed| (pointed.anchor, pointed.focus));
        let Some(next) = self.with(|state| state.extent().step(focus, way, 1)) else { return false };
        self.point(if extend { anchor } else { next }, next);
        true
    }

    /// Marks the cells the formula being written refers to.
    pub(super) fn mark_mentions(&self) {
        let editing = self.editing.get_untracked();
        self.with(|state| {
            state.mentioned = match (&editing, &state.layout) {
                (Some(editing), Some(layout)) => mentions(&editing.text)
                    .iter()
                    .filter_map(|mention| area_of(layout, editing.at, &mention.text))
                    .collect(),
                _ => Vec::new(),
            };
        });
        self.redraw();
    }

    fn bar(&self) -> Option<HtmlInputElement> {
        document().active_element().and_then(|element| element.dyn_into::<HtmlInputElement>().ok())
    }

    fn caret(&self, editing: &Editing) -> usize {
        let caret = if editing.in_bar {
            self.bar().and_then(|field| field.selection_start().ok().flatten())
        } else {
            self.input.get_untracked().and_then(|field| field.selection_start().ok().flatten())
        };
        caret.map_or_else(|| editing.text.chars().count(), |at| at as usize)
    }

    fn put_in_field(&self, editing: &Editing, text: &str, caret: usize) {
        let caret = caret as u32;
        if editing.in_bar {
            if let Some(field) = self.bar() {
                field.set_value(text);
                let _ = field.set_selection_range(caret, caret);
            }
        } else if let Some(field) = self.input.get_untracked() {
            field.set_value(text);
            let _ = field.set_selection_range(caret, caret);
        }
    }
}
