//! Copying and pasting: the selection as texts for the clipboard, and what is there written over the selection.

use std::collections::BTreeSet;

use grid_engine::doc::SheetKind;
use grid_engine::value::Value;
use leptos::prelude::*;
use web_sys::ClipboardEvent;

use super::clipboard::{Copied, Held, OWN_TYPE, from_html, from_tsv, to_html, to_tsv};
use super::fill::{shift_formula, spelled};
use super::handle::Grid;
use super::selection::{Area, Spot};
use super::writing::MOST_CELLS;
use crate::locale;
use crate::state::Tone;

impl Grid {
    /// Puts the selection on the clipboard; with `cut`, to be moved from there.
    pub(super) fn on_copy(&self, event: &ClipboardEvent, cut: bool) {
        if self.editing.with_untracked(Option::is_some) {
            return;
        }
        let Some(data) = event.clipboard_data() else { return };
        let copied = if cut { self.cut_text() } else { self.copied_text() };
        let Some((text, html, own)) = copied else { return };
        event.prevent_default();
        let _ = data.set_data("text/plain", &text);
        let _ = data.set_data("text/html", &html);
        let _ = data.set_data(OWN_TYPE, &own);
    }

    /// Takes what is on the clipboard.
    pub(super) fn on_paste(&self, event: &ClipboardEvent, values_only: bool) {
        if self.editing.with_untracked(Option::is_some) {
            return;
        }
        let Some(data) = event.clipboard_data() else { return };
        event.prevent_default();
        let part = |kind: &str| data.get_data(kind).ok().filter(|text| !text.is_empty());
        self.paste(part(OWN_TYPE), part("text/html"), &part("text/plain").unwrap_or_default(), values_only);
    }

    /// The selection for the clipboard: plain text, HTML, and our own form with formulas.
    pub(super) fn copied_text(&self) -> Option<(String, String, String)> {
        let Some((lines, cols)) = self.with(|state| state.selection.table()).flatten() else {
            let text = "Areas can be copied together where they have the same rows, or the same columns.";
            self.notices.say(Tone::Info, "These areas cannot be copied together", text);
            return None;
        };
        let copied = self.with(|state| {
            if lines.len() * cols.len() > MOST_CELLS * 5 {
                return None;
            }
            state.copied = state.selection.areas().collect();
            state.cut = None;
            let layout = state.layout.take()?;
            let mut shown = Vec::with_capacity(lines.len());
            let mut entered = Vec::with_capacity(lines.len());
            let mut styles = Vec::with_capacity(lines.len());
            let mut looks_like_number = BTreeSet::new();
            for &line in &lines {
                let mut texts = Vec::with_capacity(cols.len());
                let mut entries = Vec::with_capacity(cols.len());
                let mut formats = Vec::with_capacity(cols.len());
                for &col in &cols {
                    let at = Spot { line, col };
                    match layout.cell(at) {
                        Some(cell) => {
                            let value = state.source.value(cell);
                            if matches!(&value, Value::Text(text) if locale::read(text).is_some()) {
                                looks_like_number.insert((shown.len(), texts.len()));
                            }
                            // Other programs want the number, not its rounding for display.
                            let is_number = value.as_number().is_some();
                            let typed = is_number.then(|| state.source.typed(cell));
                            texts.push(typed.unwrap_or_else(|| state.source.face(cell).text));
                            entries.push(state.source.entry(cell));
                            formats.push(state.source.style(cell));
                        }
                        None => {
                            let total = state.total(&layout, at).map(locale::typed).unwrap_or_default();
                            texts.push(total.clone());
                            entries.push(total);
                            formats.push(None);
                        }
                    }
                }
                shown.push(texts);
                entered.push(entries);
                styles.push(formats);
            }
            if styles.iter().flatten().all(Option::is_none) {
                styles.clear();
            }
            // A total's line has no row: it stands where it is shown.
            let rows: Vec<u32> = lines.iter().map(|&line| layout.number(line).unwrap_or(line) as u32).collect();
            let cols: Vec<u32> = cols.iter().map(|&col| col as u32).collect();
            let origin = (rows.first().copied().unwrap_or_default(), cols.first().copied().unwrap_or_default());
            state.layout = Some(layout);
            let copied = Copied { origin, rows: unless_a_run(rows), cols: unless_a_run(cols), cells: entered, styles };
            Some((shown, looks_like_number, copied))
        });
        let (shown, texts, own) = copied.flatten()?;
        self.redraw();
        let (text, own) = (to_tsv(&shown), serde_json::to_string(&own).ok()?);
        self.last_copied.set_value(Some((text.clone(), own.clone())));
        Some((text, to_html(&shown, |line, col| texts.contains(&(line, col))), own))
    }

    /// Pastes over the selection. A selection several times as large as what is pasted is filled with it.
    pub(super) fn paste(&self, own: Option<String>, html: Option<String>, text: &str, values_only: bool) {
        if !values_only && own.as_deref().is_some_and(|own| self.paste_cut(own)) {
            return;
        }
        let own = own.filter(|_| !values_only).and_then(|own| serde_json::from_str::<Copied>(&own).ok());
        // Only measures say of themselves what they hold.
        let is_free = self.with(|state| state.layout.as_ref().is_some_and(|layout| layout.kind == SheetKind::Free));
        let entry = |text: String, held: Held| match held {
            Held::Text if is_free == Some(true) && (locale::read(&text).is_some() || text.starts_with('=')) => {
                format!("'{text}")
            }
            Held::Number(number) if locale::read(&text).is_some() => spelled(number, locale::spelling(&text)),
            _ => text,
        };
        let from_table = html.and_then(|html| from_html(&html, &entry));
        let (cells, formats, origin) = match own {
            Some(own) => (own.cells, own.styles, Some((own.origin, own.rows, own.cols))),
            None => (from_table.unwrap_or_else(|| from_tsv(text)), Vec::new(), None),
        };
        let (lines, cols) = (cells.len(), cells.iter().map(Vec::len).max().unwrap_or(0));
        if lines == 0 || cols == 0 {
            return;
        }
        let Some(area) = self.with(|state| state.selection.area()) else { return };
        let (wide, tall) = (area.size().1, area.size().0);
        let (tall, wide) = if tall % lines == 0 && wide % cols == 0 { (tall, wide) } else { (lines, cols) };
        if tall * wide > MOST_CELLS {
            let text =
                format!("One paste may write {MOST_CELLS} cells; this would write {}. Paste it in parts.", tall * wide);
            self.notices.say(Tone::Warn, "Too much to paste at once", text);
            return;
        }
        let Area { top, left, .. } = area;
        let growth = self.growth(Area { top, left, bottom: top + tall - 1, right: left + wide - 1 });
        let mut entries = Vec::with_capacity(tall * wide);
        let mut styles = Vec::new();
        for line in 0..tall {
            for col in 0..wide {
                let at = Spot { line: area.top + line, col: area.left + col };
                let Some(text) = cells.get(line % lines).and_then(|texts| texts.get(col % cols)) else { continue };
                let text = match &origin {
                    Some(((top, left), of_rows, of_cols)) if text.starts_with('=') => {
                        let within =
                            |run: &[u32], at: usize, first: u32| run.get(at).copied().unwrap_or(first + at as u32);
                        let (row, column) = (within(of_rows, line % lines, *top), within(of_cols, col % cols, *left));
                        let to = self.with(|state| state.layout.as_ref()?.number(at.line)).flatten().unwrap_or(at.line);
                        shift_formula(text, to as i32 - row as i32, at.col as i32 - column as i32)
                    }
                    _ => text.clone(),
                };
                let format = formats.get(line % lines).and_then(|formats| formats.get(col % cols));
                styles.extend(format.cloned().flatten().map(|format| (at, format)));
                entries.push((at, text));
            }
        }
        match self.write_styled(growth.as_ref(), &entries, &styles, None) {
            Ok(()) => {
                self.with(|state| {
                    let last = state.extent().clamp(Spot { line: area.top + tall - 1, col: area.left + wide - 1 });
                    state.selection.cover(Area { top: area.top, left: area.left, bottom: last.line, right: last.col });
                });
                self.selection_changed();
            }
            Err(reason) => self.notices.say(Tone::Warn, "Nothing was pasted", reason),
        }
    }
}

/// The numbers, where they do not follow one on another: those that do are known by the first.
fn unless_a_run(numbers: Vec<u32>) -> Vec<u32> {
    if numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]) { Vec::new() } else { numbers }
}
