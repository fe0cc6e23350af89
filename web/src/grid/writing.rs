//! Texts written into cells. Each gesture of a person is one edit.

use grid_engine::doc::{MeasureKind, Op};
use grid_engine::refs::{CellRef, PersonId};
use grid_engine::workbook::Workbook;
use leptos::prelude::*;

use super::handle::Grid;
use super::selection::Spot;
use super::state::GridState;
use super::structure::Growth;
use crate::state::Tone;

/// How many cells one gesture may write; the server takes no larger update.
pub(super) const MOST_CELLS: usize = 20_000;
/// Larger pastes bring numbers without the formats their spelling asks for: an update has room for one or the other.
const MOST_STYLED: usize = 5_000;

impl Grid {
    /// Writes texts as if they had been typed, as one edit. Cells that take no input are left as they are and counted;
    /// when none takes any, or a text cannot be read, nothing is written and the reason is returned.
    pub(super) fn write(&self, entries: &[(Spot, String)], why: Option<&str>) -> Result<(), String> {
        self.write_into(None, entries, why)
    }

    /// The same into a sheet that becomes larger by it: one edit, so that one step undoes both.
    pub(super) fn write_into(
        &self,
        growth: Option<&Growth>,
        entries: &[(Spot, String)],
        why: Option<&str>,
    ) -> Result<(), String> {
        self.write_styled(growth, entries, &[], why)
    }

    /// The same with number formats that cells bring with them, by their names in documents.
    pub(super) fn write_styled(
        &self,
        growth: Option<&Growth>,
        entries: &[(Spot, String)],
        styles: &[(Spot, String)],
        why: Option<&str>,
    ) -> Result<(), String> {
        let Some((session, source)) = self.session.zip(self.source()) else {
            let reason = self.active.with_untracked(|active| active.as_ref().and_then(|active| active.locked.clone()));
            return Err(reason.unwrap_or_else(|| "Nothing can be changed here.".to_owned()));
        };
        let mut cells: Vec<(CellRef, String)> = Vec::with_capacity(entries.len());
        let mut left_out = 0;
        for (at, text) in entries {
            match self.cell_at(*at).or_else(|| growth?.cell(*at)) {
                Some(cell) => cells.push((cell, text.clone())),
                // A total alone spreads over its rows; among other cells it follows from them.
                None if entries.len() == 1 => return self.write_total(*at, text, why),
                None => left_out += 1,
            }
        }
        let Some(me) = session.me.get_untracked().map(|me| me.person) else {
            return Err("The workbook is not open yet.".to_owned());
        };
        let styled = cells.len() <= MOST_STYLED;
        let mut refused: Option<String> = None;
        // What runs over inputs and calculated lines of a stack is meant for the inputs; calculated cells alone may be overridden.
        let is_calculated = |cell: &CellRef| {
            let kind = |state: &mut GridState| {
                let measures = &state.layout.as_ref()?.measures;
                let measure = measures.iter().find(|measure| measure.id == cell.col.measure)?;
                Some(matches!(measure.kind, MeasureKind::Formula(_)))
            };
            self.with(kind).flatten().unwrap_or(false)
        };
        let calculated = cells.iter().filter(|(cell, _)| is_calculated(cell)).count();
        let are_mixed = calculated > 0 && calculated < cells.len();
        cells.retain(|(cell, _)| {
            let reason = source.locked(*cell).or_else(|| {
                let words =
                    || "Calculated cells among inputs keep their formulas; enter into them alone to override them.";
                (are_mixed && is_calculated(cell)).then(|| words().to_owned())
            });
            left_out += usize::from(reason.is_some());
            let is_free = reason.is_none();
            refused = refused.take().or(reason);
            is_free
        });
        if cells.is_empty() {
            return Err(refused.unwrap_or_else(|| "There is no cell to write here.".to_owned()));
        }
        let mut ops = growth.map(|growth| growth.ops.clone()).unwrap_or_default();
        let read = |book: &Workbook| read_entries(book, me, &cells, styled);
        let written = match growth {
            Some(_) => session.suppose(ops.clone(), read),
            None => session.read(read),
        };
        ops.extend(written.ok_or("The workbook is busy. Try again.")??);
        if styled {
            let cells = styles.iter().filter_map(|(at, style)| {
                Some((self.cell_at(*at).or_else(|| growth?.cell(*at))?, style))
                    .filter(|(cell, _)| source.locked(*cell).is_none())
            });
            ops.extend(cells.map(|(cell, style)| Op::SetStyle { cell, style: Some(style.as_str().into()) }));
        }
        session.edit(ops, why).map_err(|error| error.to_string())?;
        if growth.is_some() {
            self.restructured();
        }
        self.with(GridState::forget_copied);
        if left_out > 0 {
            let reason = refused.unwrap_or_else(|| "Totals and places outside the sheet take no input.".to_owned());
            let cells = if left_out == 1 { "1 cell was".to_owned() } else { format!("{left_out} cells were") };
            self.notices.say(Tone::Info, format!("{cells} left as they are"), reason);
        }
        Ok(())
    }

    /// Spreads what was typed over a total.
    fn write_total(&self, at: Spot, text: &str, why: Option<&str>) -> Result<(), String> {
        let session = self.session.ok_or("Nothing can be changed here.")?;
        let me = session.me.get_untracked().ok_or("The workbook is not open yet.")?;
        let ops = self.spread_steps(at, text, me.person)?;
        session.edit(ops, why).map_err(|error| error.to_string())?;
        self.with(GridState::forget_copied);
        Ok(())
    }

    /// Clears what people entered in the selection.
    pub(super) fn clear(&self) {
        let Some(source) = self.source() else { return };
        let entries: Vec<(Spot, String)> = self
            .with(|state| {
                let spots = state.selection.spots().take(MOST_CELLS);
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

    /// Says why a cell takes no input.
    pub(super) fn refuse(&self, reason: &str) {
        self.notices.say(Tone::Info, "This cell is read-only", reason);
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

/// The steps that enter texts, with the formats their spelling asks for where these are wanted.
fn read_entries(book: &Workbook, me: PersonId, cells: &[(CellRef, String)], styled: bool) -> Result<Vec<Op>, String> {
    let mut ops = Vec::with_capacity(cells.len());
    for (cell, text) in cells {
        let input = book.read_entry(*cell, me, text).map_err(|error| error.to_string())?;
        ops.push(Op::SetCell { cell: *cell, input, guard: Default::default() });
        let style = book.entry_style(*cell, text).filter(|_| styled);
        ops.extend(style.map(|style| Op::SetStyle { cell: *cell, style: Some(style.into()) }));
    }
    Ok(ops)
}
