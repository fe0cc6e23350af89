//! What a person does to cells: typing, clearing, pasting, filling. Each gesture is one edit.

use grid_engine::doc::{Op, SheetKind};
use grid_engine::refs::CellRef;
use leptos::prelude::*;

use super::clipboard::{Copied, from_html, from_tsv, to_html, to_tsv};
use super::fill::{series, shift_formula};
use super::handle::{Editing, Grid};
use super::references::reference_to;
use super::selection::{Area, Spot, Way};
use super::state::GridState;
use crate::locale;
use crate::state::Tone;

/// How many cells one gesture may write; the server takes no larger update.
pub(super) const MOST_CELLS: usize = 20_000;

/// Larger pastes bring numbers without the formats their spelling asks for: an update has room for one or the other.
const MOST_STYLED: usize = 5_000;

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
            self.with(|state| state.selection.areas().flat_map(Area::spots).take(MOST_CELLS).collect())
                .unwrap_or_default()
        } else {
            vec![editing.at]
        };
        let unchanged = !all
            && self
                .with(|state| state.layout.as_ref().and_then(|layout| layout.cell(editing.at)))
                .flatten()
                .is_some_and(|cell| source.entry(cell) == editing.text);
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

    /// Writes texts as if they had been typed, as one edit. Cells that take no input are left as they are and counted;
    /// when none takes any, or a text cannot be read, nothing is written and the reason is returned.
    pub(super) fn write(&self, entries: &[(Spot, String)], why: Option<&str>) -> Result<(), String> {
        let Some((session, source)) = self.session.zip(self.source()) else {
            let reason = self.active.with_untracked(|active| active.as_ref().and_then(|active| active.locked.clone()));
            return Err(reason.unwrap_or_else(|| "Nothing can be changed here.".to_owned()));
        };
        let mut cells: Vec<(CellRef, String)> = Vec::with_capacity(entries.len());
        let mut left_out = 0;
        for (at, text) in entries {
            match self.with(|state| state.layout.as_ref().and_then(|layout| layout.cell(*at))).flatten() {
                Some(cell) => cells.push((cell, text.clone())),
                // A total alone spreads over its rows; among other cells it follows from them.
                None if entries.len() == 1 => cells = self.shares(*at, text)?,
                None => left_out += 1,
            }
        }
        let Some(me) = session.me.get_untracked().map(|me| me.person) else {
            return Err("The workbook is not open yet.".to_owned());
        };
        let styled = cells.len() <= MOST_STYLED;
        let mut ops = Vec::with_capacity(cells.len());
        let mut refused: Option<String> = None;
        for (cell, text) in cells {
            if let Some(reason) = source.locked(cell) {
                left_out += 1;
                refused.get_or_insert(reason);
                continue;
            }
            match session.read(|book| book.read_entry(cell, me, &text)) {
                Some(Ok(input)) => {
                    ops.push(Op::SetCell { cell, input, guard: Default::default() });
                    let style = session.read(|book| book.entry_style(cell, &text)).flatten().filter(|_| styled);
                    ops.extend(style.map(|style| Op::SetStyle { cell, style: Some(style.into()) }));
                }
                Some(Err(error)) => return Err(error.to_string()),
                None => return Err("The workbook is busy. Try again.".to_owned()),
            }
        }
        if ops.is_empty() {
            return Err(refused.unwrap_or_else(|| "There is no cell to write here.".to_owned()));
        }
        session.edit(ops, why).map_err(|error| error.to_string())?;
        self.with(GridState::forget_copied);
        if left_out > 0 {
            let reason = refused.unwrap_or_else(|| "Totals and places outside the sheet take no input.".to_owned());
            let cells = if left_out == 1 { "1 cell was".to_owned() } else { format!("{left_out} cells were") };
            self.notices.say(Tone::Info, format!("{cells} left as they are"), reason);
        }
        Ok(())
    }

    /// Gives the selected cells a number format by its name in documents; `None`: their measure's.
    pub fn set_format(&self, name: Option<&str>) {
        let (Some(session), Some(source)) = (self.session, self.source()) else { return };
        let cells: Vec<CellRef> = self
            .with(|state| {
                let layout = state.layout.as_ref()?;
                let spots = state.selection.areas().flat_map(Area::spots).take(MOST_CELLS);
                Some(spots.filter_map(|at| layout.cell(at)).collect())
            })
            .flatten()
            .unwrap_or_default();
        let locked = cells.iter().find_map(|cell| source.locked(*cell));
        let writable = cells.into_iter().filter(|cell| source.locked(*cell).is_none());
        let ops: Vec<Op> = writable.map(|cell| Op::SetStyle { cell, style: name.map(Into::into) }).collect();
        let done = if ops.is_empty() {
            Err(locked.unwrap_or_else(|| "There is no cell to format here.".to_owned()))
        } else {
            session.edit(ops, None).map_err(|error| error.to_string())
        };
        if let Err(reason) = done {
            self.refuse(&reason);
        }
        self.focus();
    }

    /// Says why a cell takes no input.
    pub(super) fn refuse(&self, reason: &str) {
        self.notices.say(Tone::Info, "This cell is read-only", reason);
    }

    /// Clears what people entered in the selection.
    pub(super) fn clear(&self) {
        let Some(source) = self.source() else { return };
        let entries: Vec<(Spot, String)> = self
            .with(|state| {
                let spots = state.selection.areas().flat_map(Area::spots).take(MOST_CELLS);
                let layout = state.layout.as_ref()?;
                // Cells without an input are not worth an edit; a single one gets its explanation.
                let wide = state.selection.is_wide();
                let worth = |at: &Spot| {
                    !wide
                        || layout
                            .cell(*at)
                            .is_some_and(|cell| source.locked(cell).is_none() && !source.entry(cell).is_empty())
                };
                Some(spots.filter(worth).map(|at| (at, String::new())).collect())
            })
            .flatten()
            .unwrap_or_default();
        if entries.is_empty() {
            return;
        }
        if let Err(reason) = self.write(&entries, None) {
            self.refuse(&reason);
        }
    }

    /// The selection for the clipboard: plain text, HTML, and our own form with formulas.
    pub(super) fn copied_text(&self) -> Option<(String, String, String)> {
        let copied = self.with(|state| {
            let area = state.selection.area();
            let (lines, cols) = area.size();
            if lines * cols > MOST_CELLS * 5 {
                return None;
            }
            state.copied = Some(area);
            state.cut = None;
            let layout = state.layout.take()?;
            let mut shown = Vec::with_capacity(lines);
            let mut entered = Vec::with_capacity(lines);
            for line in area.top..=area.bottom {
                let mut texts = Vec::with_capacity(cols);
                let mut entries = Vec::with_capacity(cols);
                for col in area.left..=area.right {
                    let at = Spot { line, col };
                    match layout.cell(at) {
                        Some(cell) => {
                            // Other programs want the number, not its rounding for display.
                            let number = state.source.value(cell).as_number();
                            texts.push(number.map_or_else(|| state.source.face(cell).text, locale::typed));
                            entries.push(state.source.entry(cell));
                        }
                        None => {
                            let total = state.total(&layout, at).map(locale::typed).unwrap_or_default();
                            texts.push(total.clone());
                            entries.push(total);
                        }
                    }
                }
                shown.push(texts);
                entered.push(entries);
            }
            state.layout = Some(layout);
            Some((shown, Copied { origin: (area.top as u32, area.left as u32), cells: entered }))
        });
        let (shown, own) = copied.flatten()?;
        self.redraw();
        let (text, own) = (to_tsv(&shown), serde_json::to_string(&own).ok()?);
        self.last_copied.set_value(Some((text.clone(), own.clone())));
        Some((text, to_html(&shown), own))
    }

    /// Pastes over the selection. A selection several times as large as what is pasted is filled with it.
    pub(super) fn paste(&self, own: Option<String>, html: Option<String>, text: &str, values_only: bool) {
        if !values_only && own.as_deref().is_some_and(|own| self.paste_cut(own)) {
            return;
        }
        let own = own.filter(|_| !values_only).and_then(|own| serde_json::from_str::<Copied>(&own).ok());
        let from_table = html.and_then(|html| from_html(&html));
        let (cells, origin) = match own {
            Some(own) => (own.cells, Some(own.origin)),
            None => (from_table.unwrap_or_else(|| from_tsv(text)), None),
        };
        let (lines, cols) = (cells.len(), cells.iter().map(Vec::len).max().unwrap_or(0));
        if lines == 0 || cols == 0 {
            return;
        }
        let Some((area, extent)) = self.with(|state| (state.selection.area(), state.extent())) else { return };
        let (wide, tall) = (area.size().1, area.size().0);
        let (tall, wide) = if tall % lines == 0 && wide % cols == 0 { (tall, wide) } else { (lines, cols) };
        if tall * wide > MOST_CELLS {
            let text =
                format!("One paste may write {MOST_CELLS} cells; this would write {}. Paste it in parts.", tall * wide);
            self.notices.say(Tone::Warn, "Too much to paste at once", text);
            return;
        }
        let mut entries = Vec::with_capacity(tall * wide);
        for line in 0..tall {
            for col in 0..wide {
                let at = Spot { line: area.top + line, col: area.left + col };
                let Some(text) = cells.get(line % lines).and_then(|texts| texts.get(col % cols)) else { continue };
                let text = match origin {
                    Some((top, left)) if text.starts_with('=') => {
                        let shift = |to: usize, within: usize, from: u32| (to - within) as i32 - from as i32;
                        let down = shift(at.line, line % lines, top);
                        shift_formula(text, down, shift(at.col, col % cols, left))
                    }
                    _ => text.clone(),
                };
                entries.push((at, text));
            }
        }
        let inside = |at: Spot| at.line < extent.lines && at.col < extent.cols;
        match self.write(&entries, None) {
            Ok(()) => {
                self.with(|state| {
                    let last = Spot { line: area.top + tall - 1, col: area.left + wide - 1 };
                    let last = if inside(last) { last } else { extent.clamp(last) };
                    state.selection.cover(Area { top: area.top, left: area.left, bottom: last.line, right: last.col });
                });
                self.selection_changed();
            }
            Err(reason) => self.notices.say(Tone::Warn, "Nothing was pasted", reason),
        }
    }

    /// Fills the selection from its first line (or column, to the right).
    pub(super) fn fill_selection(&self, way: Way) {
        let Some(area) = self.with(|state| state.selection.area()) else { return };
        let from = match way {
            Way::Down if area.bottom > area.top => Area { bottom: area.top, ..area },
            Way::Right if area.right > area.left => Area { right: area.left, ..area },
            _ => return,
        };
        self.fill_from(from, area, true);
    }

    /// Fills `into` from its part `from`: as copies, or going on with series.
    pub(super) fn fill_from(&self, from: Area, into: Area, copies: bool) {
        let down = into.top != from.top || into.bottom != from.bottom;
        let backwards = into.top < from.top || into.left < from.left;
        let Some(source) = self.source() else { return };
        let entry = |at: Spot| {
            self.with(|state| state.layout.as_ref().and_then(|layout| layout.cell(at)))
                .flatten()
                .map(|cell| source.entry(cell))
                .unwrap_or_default()
        };
        let mut entries = Vec::new();
        let across = if down { from.left..=from.right } else { from.top..=from.bottom };
        for lane in across {
            let at =
                |index: usize| if down { Spot { line: index, col: lane } } else { Spot { line: lane, col: index } };
            let (start, end) = if down { (from.top, from.bottom) } else { (from.left, from.right) };
            let (first, last) = if down { (into.top, into.bottom) } else { (into.left, into.right) };
            let known: Vec<String> = (start..=end).map(|index| entry(at(index))).collect();
            let shift = |formula: &str, by: i32| {
                if down { shift_formula(formula, by, 0) } else { shift_formula(formula, 0, by) }
            };
            let targets: Vec<usize> =
                if backwards { (first..start).rev().collect() } else { (end + 1..=last).collect() };
            let texts = if copies {
                let text = known.first().cloned().unwrap_or_default();
                let step =
                    |distance: usize| if text.starts_with('=') { shift(&text, distance as i32) } else { text.clone() };
                (1..=targets.len()).map(step).collect()
            } else {
                series(&known, targets.len(), backwards, shift)
            };
            entries.extend(targets.into_iter().map(at).zip(texts));
        }
        entries.truncate(MOST_CELLS);
        if entries.is_empty() {
            return;
        }
        match self.write(&entries, None) {
            Ok(()) => {
                self.with(|state| state.selection.cover(into));
                self.selection_changed();
            }
            Err(reason) => self.refuse(&reason),
        }
    }

    /// Undoes or redoes this person's latest edit.
    pub fn step_back(&self, redo: bool) {
        let Some(session) = self.session else { return };
        let done = if redo { session.redo() } else { session.undo() };
        if !done {
            let what = if redo { "Nothing to redo" } else { "Nothing to undo" };
            self.notices.say(Tone::Info, what, "Only your own edits of this session can be undone.");
        }
    }
}
