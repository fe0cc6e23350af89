//! Edits of rows: insert, delete, restore, move.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use yrs::Any;

use super::EditError;
use super::draft::{Draft, room_of};
use super::edit::Op;
use super::part_mirror::PartMirror;
use super::position::n_between;
use super::root::Root;
use super::stored::store_record;
use crate::refs::{PartId, PersonId, RowId, SheetId};

/// Who deleted a row or column, and when.
#[derive(Serialize, Deserialize)]
pub(super) struct Tombstone {
    pub by: PersonId,
    at: i64,
}

impl Draft<'_> {
    pub(super) fn tombstone(&self) -> Result<Any, EditError> {
        store_record(&Tombstone { by: self.edit.by, at: self.edit.at }).map_err(EditError::Invalid)
    }

    pub(super) fn insert_rows(
        &mut self,
        sheet: SheetId,
        part: Option<PartId>,
        after: Option<RowId>,
        rows: &[RowId],
    ) -> Result<Vec<Op>, EditError> {
        let meta = self.sheet(sheet)?.meta();
        match part {
            Some(part) if !meta.parts.contains_key(&part) => {
                return Err(EditError::Invalid(format!("{part} is not a part of sheet {sheet}")));
            }
            None if meta.partition.is_some() => {
                return Err(EditError::Invalid(format!("sheet {sheet} has parts: say into which the rows go")));
            }
            _ => {}
        }
        all_different(rows)?;
        let mirror = self.sheet_with_rows(sheet, part)?;
        let target = mirror.part(part).ok_or(EditError::NoRoom(room_of(sheet, part)))?;
        check_after(target, after)?;
        let (below, above) = target.room_after(after);
        let (known, new): (Vec<RowId>, Vec<RowId>) = rows.iter().partition(|&&row| mirror.part_with(row).is_some());
        let mut inserted = self.restore(sheet, &known)?;
        let positions = n_between(below.as_deref(), above.as_deref(), new.len(), self.client);
        for (&row, position) in new.iter().zip(positions) {
            let key = row.to_string();
            self.put(room_of(sheet, part), Root::RowPos, &key, Some(Any::String(position.into())))?;
        }
        inserted.extend(new);
        self.fresh.extend(inserted.iter().map(|&row| (sheet, row)));
        Ok(if inserted.is_empty() { Vec::new() } else { vec![Op::DeleteRows { sheet, rows: inserted }] })
    }

    pub(super) fn delete_rows(&mut self, sheet: SheetId, rows: &[RowId]) -> Result<Vec<Op>, EditError> {
        let tombstone = self.tombstone()?;
        let mut deleted = Vec::new();
        for &row in rows {
            let (part, is_deleted) = self.find_row(sheet, row)?;
            if !is_deleted {
                self.put(room_of(sheet, part), Root::RowDel, &row.to_string(), Some(tombstone.clone()))?;
                deleted.push(row);
            }
        }
        Ok(if deleted.is_empty() { Vec::new() } else { vec![Op::RestoreRows { sheet, rows: deleted }] })
    }

    pub(super) fn restore_rows(&mut self, sheet: SheetId, rows: &[RowId]) -> Result<Vec<Op>, EditError> {
        let restored = self.restore(sheet, rows)?;
        Ok(if restored.is_empty() { Vec::new() } else { vec![Op::DeleteRows { sheet, rows: restored }] })
    }

    /// Restores the deleted ones among rows.
    fn restore(&mut self, sheet: SheetId, rows: &[RowId]) -> Result<Vec<RowId>, EditError> {
        let mut restored = Vec::new();
        for &row in rows {
            let (part, is_deleted) = self.find_row(sheet, row)?;
            if is_deleted {
                self.put(room_of(sheet, part), Root::RowDel, &row.to_string(), None)?;
                restored.push(row);
            }
        }
        Ok(restored)
    }

    pub(super) fn move_rows(
        &mut self,
        sheet: SheetId,
        after: Option<RowId>,
        rows: &[RowId],
    ) -> Result<Vec<Op>, EditError> {
        all_different(rows)?;
        let Some(&first) = rows.first() else { return Ok(Vec::new()) };
        let (part, _) = self.find_row(sheet, first)?;
        for &row in rows {
            if self.find_row(sheet, row)?.0 != part {
                return Err(EditError::Invalid("rows of different parts cannot be moved together".to_owned()));
            }
        }
        if after.is_some_and(|after| rows.contains(&after)) {
            return Err(EditError::Invalid("rows cannot be moved after one of themselves".to_owned()));
        }
        let target = self.sheet_with_rows(sheet, part)?.part(part).ok_or(EditError::NoRoom(room_of(sheet, part)))?;
        check_after(target, after)?;
        let (below, above) = target.room_after(after);
        let before: Vec<RowId> = target.ordered().map(|(_, slot)| slot.row).collect();
        let inverse =
            runs(&before, rows).into_iter().map(|(after, rows)| Op::MoveRows { sheet, after, rows }).collect();
        let positions = n_between(below.as_deref(), above.as_deref(), rows.len(), self.client);
        for (&row, position) in rows.iter().zip(positions) {
            let key = row.to_string();
            self.put(room_of(sheet, part), Root::RowPos, &key, Some(Any::String(position.into())))?;
        }
        Ok(inverse)
    }

    fn find_row(&self, sheet: SheetId, row: RowId) -> Result<(Option<PartId>, bool), EditError> {
        let found = self.sheet(sheet)?.part_with(row);
        let (part, mirror) = found.ok_or_else(|| EditError::Invalid(format!("sheet {sheet} has no row {row}")))?;
        Ok((part, mirror.row(row).is_some_and(|slot| slot.deleted)))
    }
}

fn check_after(part: &PartMirror, after: Option<RowId>) -> Result<(), EditError> {
    match after {
        Some(row) if part.row(row).is_none_or(|slot| slot.position.is_none()) => {
            Err(EditError::Invalid(format!("there is no row {row} to stand after")))
        }
        _ => Ok(()),
    }
}

pub(super) fn all_different<T: Copy + Eq + std::hash::Hash>(ids: &[T]) -> Result<(), EditError> {
    let mut seen = HashSet::with_capacity(ids.len());
    if ids.iter().all(|&id| seen.insert(id)) {
        Ok(())
    } else {
        Err(EditError::Invalid("a row or column is named twice".to_owned()))
    }
}

/// Where moved things stood: each run of neighbours among them, in order, with what it stood after.
pub(super) fn runs<T: Copy + Eq + std::hash::Hash>(order: &[T], moved: &[T]) -> Vec<(Option<T>, Vec<T>)> {
    let moved: HashSet<T> = moved.iter().copied().collect();
    let mut runs: Vec<(Option<T>, Vec<T>)> = Vec::new();
    let mut last = None;
    let mut in_run = false;
    for &id in order {
        let is_moved = moved.contains(&id);
        match runs.last_mut() {
            Some((_, run)) if is_moved && in_run => run.push(id),
            _ if is_moved => runs.push((last, vec![id])),
            _ => {}
        }
        in_run = is_moved;
        last = Some(id);
    }
    runs
}
