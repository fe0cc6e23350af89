//! Cutting cells and pasting them elsewhere. They stay where they are until they are pasted, as in every spreadsheet,
//! and what refers to them follows.

use grid_engine::refs::CellRef;

use super::handle::Grid;
use super::selection::{Area, Spot};
use super::state::Cut;
use super::writing::MOST_CELLS;
use crate::state::Tone;

impl Grid {
    /// The selection for the clipboard, to be moved where it is pasted. A selection with totals, contributions or
    /// cells that may not be changed cannot be moved: it is copied, and what can be cleared is.
    pub(super) fn cut_text(&self) -> Option<(String, String, String)> {
        if self.with(|state| state.selection.areas().count() > 1) == Some(true) {
            self.notices.say(Tone::Info, "Only one area can be cut at a time", "Cut them one after the other.");
            return None;
        }
        let copied = self.copied_text()?;
        if self.session.is_none() {
            return Some(copied);
        }
        match self.with(|state| state.selection.area()).and_then(|area| self.movable(area)) {
            Some(cells) => {
                self.with(|state| state.cut = Some(Cut { own: copied.2.clone(), cells }));
            }
            None => self.clear(),
        }
        Some(copied)
    }

    /// Moves what was cut to the selection, when that is what lies on the clipboard. `false`: it is something else.
    pub(super) fn paste_cut(&self, own: &str) -> bool {
        let cut = self.with(|state| state.cut.take_if(|cut| cut.own == own)).flatten();
        let Some(cut) = cut else { return false };
        if let Err(reason) = self.move_cut(&cut) {
            self.notices.say(Tone::Warn, "Nothing was moved", reason);
        }
        true
    }

    /// Moves cells that were dragged, or copies them, as cutting or copying and pasting does.
    pub(super) fn drop_cells(&self, from: Area, into: Area, copies: bool) {
        let cut = if copies { None } else { self.movable(from) };
        let copied = self.copied_text();
        if cut.is_none() && !copies {
            let text =
                "Totals, contributions and cells you may not change stay where they are. With Ctrl they are copied.";
            return self.notices.say(Tone::Info, "These cells cannot be moved", text);
        }
        self.with(|state| state.selection.cover(into));
        match (cut, copied) {
            (Some(cells), _) => {
                if let Err(reason) = self.move_cut(&Cut { own: String::new(), cells }) {
                    self.with(|state| state.selection.cover(from));
                    self.notices.say(Tone::Warn, "Nothing was moved", reason);
                }
            }
            (None, Some((text, _, own))) => self.paste(Some(own), None, &text, false),
            (None, None) => {}
        }
        self.with(|state| state.forget_copied());
        self.selection_changed();
    }

    /// The cells of an area, line by line, where each may be moved.
    fn movable(&self, area: Area) -> Option<Vec<Vec<CellRef>>> {
        let (source, session) = (self.source()?, self.session?);
        let is_movable = |cell: &CellRef| {
            source.locked(*cell).is_none() && session.read(|book| book.is_movable(*cell)).unwrap_or_default()
        };
        let cells = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let cell = |line, col| layout.cell(Spot { line, col }).filter(is_movable);
            let line = |line| (area.left..=area.right).map(|col| cell(line, col)).collect::<Option<Vec<_>>>();
            (area.top..=area.bottom).map(line).collect::<Option<Vec<_>>>()
        });
        cells.flatten().filter(|cells| cells.len() * cells[0].len() <= MOST_CELLS / 2)
    }

    fn move_cut(&self, cut: &Cut) -> Result<(), String> {
        let (Some(session), Some(source)) = (self.session, self.source()) else {
            return Err("Nothing can be changed here.".to_owned());
        };
        let active = self.with(|state| state.selection.area()).ok_or("There is no cell to move to.")?;
        let mut pairs = Vec::new();
        for (down, line) in cut.cells.iter().enumerate() {
            for (across, &from) in line.iter().enumerate() {
                let at = Spot { line: active.top + down, col: active.left + across };
                let to = self.cell_at(at);
                let to = to.ok_or("What was cut does not fit here: a total or the end of the sheet is in the way.")?;
                if let Some(reason) = source.locked(to).or_else(|| source.locked(from)) {
                    return Err(reason);
                }
                if session.read(|book| book.is_movable(to)) != Some(true) {
                    return Err("Contributions and shares are added up here: enter or copy them.".to_owned());
                }
                pairs.push((from, to));
            }
        }
        let ops = session.read(|book| book.move_cells(&pairs, |cell| source.locked(cell).is_none()));
        let ops = ops.ok_or("The workbook is busy. Try again.")?;
        if !ops.is_empty() {
            session.edit(ops, None).map_err(|error| error.to_string())?;
        }
        let (bottom, right) = (active.top + cut.cells.len() - 1, active.left + cut.cells[0].len() - 1);
        self.with(|state| {
            state.forget_copied();
            state.selection.cover(Area { top: active.top, left: active.left, bottom, right });
        });
        self.selection_changed();
        Ok(())
    }
}
