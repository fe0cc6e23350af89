//! Edits of cells: inputs, styles, notes.

use std::sync::Arc;

use yrs::Any;

use super::EditError;
use super::draft::{Draft, room_of};
use super::edit::{Guard, Op};
use super::fitness::check_note;
use super::root::{Root, contribution_key, note_key};
use super::schema::{Input, MeasureKind, Merge, Note, SheetKind};
use super::screen::MAX_TEXT;
use super::stored::{store_input, store_record};
use crate::refs::{CellRef, PartId};

/// Longest name of a style or number format.
const MAX_STYLE: usize = 100;

impl Draft<'_> {
    pub(super) fn set_cell(
        &mut self,
        cell: CellRef,
        input: Option<&Input>,
        guard: &Guard,
    ) -> Result<Vec<Op>, EditError> {
        let part = match self.find(cell, *guard != Guard::Always) {
            Ok(part) => part,
            // Undoing leaves alone what is not there any more.
            Err(EditError::NoCell(_)) if *guard != Guard::Always => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let sheet = self.sheet(cell.sheet)?;
        let measure = (sheet.meta().kind == SheetKind::Planning).then(|| sheet.measure(cell.col.measure)).flatten();
        let additive = measure.is_some_and(|measure| measure.merge == Merge::Additive);
        let mirror = sheet.part(part).ok_or(EditError::NoRoom(room_of(cell.sheet, part)))?;
        let before = if additive {
            mirror.contribution(cell.row, cell.col, self.edit.by).map(Input::Number)
        } else {
            mirror.base(cell.row, cell.col).cloned()
        };
        if let Guard::Holds(expected) = guard
            && *expected != before
        {
            return Ok(Vec::new());
        }
        if before.as_ref() == input {
            return Ok(Vec::new());
        }
        let read_only = |reason: &str| Err(EditError::ReadOnly { cell, reason: reason.to_owned() });
        let is_key = match measure.map(|measure| &measure.kind) {
            Some(MeasureKind::Layer) => return read_only("its values come from outside and are not entered"),
            Some(MeasureKind::Key) => {
                if before.is_some() && !self.fresh.contains(&(cell.sheet, cell.row)) {
                    return read_only("it is part of the row's key: insert a row with the new key instead");
                }
                true
            }
            Some(MeasureKind::Input | MeasureKind::Formula(_)) | None => false,
        };
        if measure.is_some_and(|measure| !measure.span.covers(cell.col, sheet.meta())) {
            return read_only("its measure has no cells in this bucket");
        }
        check_input(input, additive, is_key)?;
        if measure.is_some_and(|measure| measure.merge.is_allocation()) {
            check_weight(input)?;
        }
        // What an undo brings back was accepted once.
        if let (Some(rule), Some(input), Guard::Always) = (sheet.validation(cell.col.measure), input, guard)
            && let (true, Some(objection)) = (rule.strict, rule.objection(input))
        {
            return Err(EditError::Invalid(objection));
        }
        if let (Some(label), Some(Input::Text(text))) = (part.and_then(|part| sheet.meta().parts.get(&part)), input)
            && sheet.meta().partition == Some(cell.col.measure)
            && **text != **label
        {
            let reason = format!("rows of this part are those of “{label}”, not of “{text}”");
            return Err(EditError::Invalid(reason));
        }
        let key = if additive { contribution_key(cell.row, self.edit.by) } else { cell.row.to_string() };
        self.put(room_of(cell.sheet, part), Root::Cells(cell.col), &key, input.map(store_input))?;
        if is_key {
            // Undoing the row's insertion takes its key away with it.
            return Ok(Vec::new());
        }
        Ok(vec![Op::SetCell { cell, input: before, guard: Guard::Holds(input.cloned()) }])
    }

    pub(super) fn set_style(&mut self, cell: CellRef, style: Option<&Arc<str>>) -> Result<Vec<Op>, EditError> {
        let part = self.find(cell, false)?;
        check_text(style, MAX_STYLE)?;
        let before = self.sheet(cell.sheet)?.part(part).and_then(|part| part.style(cell.row, cell.col)).cloned();
        if before.as_ref() == style {
            return Ok(Vec::new());
        }
        let stored = style.map(|style| Any::String(style.clone()));
        self.put(room_of(cell.sheet, part), Root::Format(cell.col), &cell.row.to_string(), stored)?;
        Ok(vec![Op::SetStyle { cell, style: before }])
    }

    pub(super) fn set_note(&mut self, cell: CellRef, text: Option<&Arc<str>>) -> Result<Vec<Op>, EditError> {
        let part = self.find(cell, false)?;
        if let Some(text) = text {
            check_note(text)?;
        }
        let before = self.sheet(cell.sheet)?.part(part).and_then(|part| part.note(cell.row, cell.col));
        let before: Option<Arc<str>> = before.map(|note| note.text.as_str().into());
        if before.as_ref() == text {
            return Ok(Vec::new());
        }
        let note = text.map(|text| Note { text: text.to_string(), by: self.edit.by, at: self.edit.at });
        let stored = note.map(|note| store_record(&note)).transpose().map_err(EditError::Invalid)?;
        self.put(room_of(cell.sheet, part), Root::Notes, &note_key(cell.row, cell.col), stored)?;
        Ok(vec![Op::SetNote { cell, text: before }])
    }

    /// The part a cell lies in. Cells of deleted rows count only where an undo reaches them.
    fn find(&mut self, cell: CellRef, deleted_too: bool) -> Result<Option<PartId>, EditError> {
        let sheet = self.sheet_with_cols(cell.sheet)?;
        if !sheet.has_col(cell.col) {
            return Err(EditError::NoCell(cell));
        }
        let (part, mirror) = sheet.part_with(cell.row).ok_or(EditError::NoCell(cell))?;
        if !deleted_too && mirror.row(cell.row).is_some_and(|slot| slot.deleted) {
            return Err(EditError::NoCell(cell));
        }
        Ok(part)
    }
}

fn check_input(input: Option<&Input>, additive: bool, is_key: bool) -> Result<(), EditError> {
    let invalid = |reason: &str| Err(EditError::Invalid(reason.to_owned()));
    match input {
        Some(Input::Number(number)) if !number.is_finite() => invalid("a cell holds finite numbers only"),
        Some(Input::Number(_)) | None => Ok(()),
        Some(_) if additive => invalid("contributions to an additive measure are numbers"),
        Some(Input::Formula(_)) if is_key => invalid("a key is a text or a number, not a formula"),
        Some(Input::Formula(text)) if !text.starts_with('=') => invalid("a formula starts with ="),
        Some(Input::Text(text) | Input::Formula(text)) if text.len() >= MAX_TEXT => {
            Err(EditError::Invalid(format!("a text has less than {MAX_TEXT} bytes, this one {}", text.len())))
        }
        Some(_) => Ok(()),
    }
}

fn check_weight(input: Option<&Input>) -> Result<(), EditError> {
    match input {
        None => Ok(()),
        Some(Input::Number(weight)) if *weight >= 0.0 => Ok(()),
        Some(_) => Err(EditError::Invalid("a share is a number, and not a negative one".to_owned())),
    }
}

fn check_text(text: Option<&Arc<str>>, max: usize) -> Result<(), EditError> {
    match text {
        Some(text) if text.len() > max => {
            Err(EditError::Invalid(format!("a text has at most {max} bytes here, this one {}", text.len())))
        }
        _ => Ok(()),
    }
}
