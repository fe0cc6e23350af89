//! Edits of structure: a free sheet's columns, sheets, measures, names.

use std::sync::Arc;

use yrs::Any;

use super::EditError;
use super::draft::Draft;
use super::draft_rows::{all_different, runs};
use super::edit::Op;
use super::fitness::{SCHEMA_VERSION, check_definition, check_measure, check_rule, check_sheet, name_key};
use super::position::n_between;
use super::root::{Root, width_key};
use super::schema::{Measure, MeasureKind, SheetInfo, SheetKind, SheetMeta};
use super::stored::{store_number, store_record};
use super::validation::Validation;
use crate::refs::{ColId, MeasureId, RoomId, SheetId};

/// Narrowest and widest column, in CSS pixels.
const WIDTHS: std::ops::RangeInclusive<u32> = 8..=2000;

impl Draft<'_> {
    pub(super) fn insert_cols(
        &mut self,
        sheet: SheetId,
        after: Option<ColId>,
        cols: &[ColId],
    ) -> Result<Vec<Op>, EditError> {
        all_different(cols)?;
        self.check_free(sheet, after)?;
        if cols.iter().any(|col| col.bucket.is_some()) {
            return Err(EditError::Invalid("a free sheet's columns have no time bucket".to_owned()));
        }
        let mirror = self.sheet(sheet)?;
        let (below, above) = mirror.room_after_col(after);
        let (known, new): (Vec<ColId>, Vec<ColId>) = cols.iter().partition(|&&col| mirror.col_place(col).is_some());
        let mut inserted = self.restore_columns(sheet, &known)?;
        self.place_cols(sheet, &new, below, above)?;
        inserted.extend(new);
        Ok(if inserted.is_empty() { Vec::new() } else { vec![Op::DeleteCols { sheet, cols: inserted }] })
    }

    pub(super) fn delete_cols(&mut self, sheet: SheetId, cols: &[ColId]) -> Result<Vec<Op>, EditError> {
        let tombstone = self.tombstone()?;
        let mut deleted = Vec::new();
        for &col in cols {
            if !self.is_col_deleted(sheet, col)? {
                self.put(RoomId::Sheet(sheet), Root::ColDel, &col.to_string(), Some(tombstone.clone()))?;
                deleted.push(col);
            }
        }
        Ok(if deleted.is_empty() { Vec::new() } else { vec![Op::RestoreCols { sheet, cols: deleted }] })
    }

    pub(super) fn restore_cols(&mut self, sheet: SheetId, cols: &[ColId]) -> Result<Vec<Op>, EditError> {
        let restored = self.restore_columns(sheet, cols)?;
        Ok(if restored.is_empty() { Vec::new() } else { vec![Op::DeleteCols { sheet, cols: restored }] })
    }

    pub(super) fn move_cols(
        &mut self,
        sheet: SheetId,
        after: Option<ColId>,
        cols: &[ColId],
    ) -> Result<Vec<Op>, EditError> {
        all_different(cols)?;
        self.check_free(sheet, after)?;
        if after.is_some_and(|after| cols.contains(&after)) {
            return Err(EditError::Invalid("columns cannot be moved after one of themselves".to_owned()));
        }
        for &col in cols {
            self.is_col_deleted(sheet, col)?;
        }
        let mirror = self.sheet(sheet)?;
        let inverse = runs(&mirror.placed_cols(), cols);
        let (below, above) = mirror.room_after_col(after);
        self.place_cols(sheet, cols, below, above)?;
        Ok(inverse.into_iter().map(|(after, cols)| Op::MoveCols { sheet, after, cols }).collect())
    }

    fn place_cols(
        &mut self,
        sheet: SheetId,
        cols: &[ColId],
        below: Option<Arc<str>>,
        above: Option<Arc<str>>,
    ) -> Result<(), EditError> {
        let positions = n_between(below.as_deref(), above.as_deref(), cols.len(), self.client);
        for (col, position) in cols.iter().zip(positions) {
            self.put(RoomId::Sheet(sheet), Root::ColPos, &col.to_string(), Some(Any::String(position.into())))?;
        }
        Ok(())
    }

    fn restore_columns(&mut self, sheet: SheetId, cols: &[ColId]) -> Result<Vec<ColId>, EditError> {
        let mut restored = Vec::new();
        for &col in cols {
            if self.is_col_deleted(sheet, col)? {
                self.put(RoomId::Sheet(sheet), Root::ColDel, &col.to_string(), None)?;
                restored.push(col);
            }
        }
        Ok(restored)
    }

    fn check_free(&self, sheet: SheetId, after: Option<ColId>) -> Result<(), EditError> {
        let mirror = self.sheet(sheet)?;
        if mirror.meta().kind != SheetKind::Free {
            return Err(EditError::Invalid("the columns of a planning sheet are its measures and buckets".to_owned()));
        }
        match after {
            Some(col) if mirror.col_place(col).is_none() => {
                Err(EditError::Invalid(format!("there is no column {col} to stand after")))
            }
            _ => Ok(()),
        }
    }

    fn is_col_deleted(&self, sheet: SheetId, col: ColId) -> Result<bool, EditError> {
        let place = self.sheet(sheet)?.col_place(col);
        place.map(|place| place.deleted).ok_or_else(|| EditError::Invalid(format!("sheet {sheet} has no column {col}")))
    }

    pub(super) fn set_col_width(
        &mut self,
        sheet: SheetId,
        col: ColId,
        width: Option<u32>,
    ) -> Result<Vec<Op>, EditError> {
        let mirror = self.sheet_with_cols(sheet)?;
        let is_measure = col.bucket.is_none() && mirror.measure(col.measure).is_some();
        if !is_measure && !mirror.has_col(col) {
            return Err(EditError::Invalid(format!("sheet {sheet} has no column {col}")));
        }
        if width.is_some_and(|width| !WIDTHS.contains(&width)) {
            return Err(EditError::Invalid(format!("a column is {} to {} pixels wide", WIDTHS.start(), WIDTHS.end())));
        }
        let before = mirror.width(col);
        if before == width {
            return Ok(Vec::new());
        }
        let stored = width.map(|width| store_number(f64::from(width)));
        self.put(RoomId::Sheet(sheet), Root::ColMeta, &width_key(col), stored)?;
        Ok(vec![Op::SetColWidth { sheet, col, width: before }])
    }

    pub(super) fn set_validation(
        &mut self,
        sheet: SheetId,
        measure: MeasureId,
        rule: Option<&Validation>,
    ) -> Result<Vec<Op>, EditError> {
        let mirror = self.sheet_with_cols(sheet)?;
        if mirror.measure(measure).is_none() && !mirror.has_col(ColId::fixed(measure)) {
            return Err(EditError::Invalid(format!("sheet {sheet} has no column {measure}")));
        }
        let before = mirror.validation(measure).cloned();
        if let Some(rule) = rule {
            check_rule(rule)?;
        }
        if before.as_ref() == rule {
            return Ok(Vec::new());
        }
        let record = rule.map(store_record).transpose().map_err(EditError::Invalid)?;
        self.put(RoomId::Sheet(sheet), Root::Rules, &measure.to_string(), record)?;
        Ok(vec![Op::SetValidation { sheet, measure, rule: before }])
    }

    /// Sheets come into being with their rooms; making one is not undone.
    pub(super) fn put_sheet(&mut self, info: &SheetInfo, meta: &SheetMeta) -> Result<Vec<Op>, EditError> {
        if info.kind != meta.kind {
            return Err(EditError::Invalid("a sheet's entry and its settings name different kinds".to_owned()));
        }
        let titled = |other: &SheetInfo| other.id != info.id && same_name(&other.title, &info.title);
        let listed = self.mirror().sheets().iter().find(|other| other.id == info.id);
        check_sheet(info, listed, self.mirror().sheets().iter().any(titled))?;
        // A sheet that was not there is hidden by undoing: what others have entered in it meanwhile is kept.
        let is_new = listed.is_none();
        let before_info = listed.cloned().unwrap_or_else(|| SheetInfo { hidden: true, ..info.clone() });
        if listed != Some(info) {
            let record = store_record(info).map_err(EditError::Invalid)?;
            self.put(RoomId::Book, Root::Sheets, &info.id.to_string(), Some(record))?;
        }
        let room = RoomId::Sheet(info.id);
        if is_new {
            self.open_new(room);
        }
        let before = self.mirror().sheet(info.id).map(|mirror| mirror.meta().clone());
        let before_meta = before.clone().unwrap_or_else(|| meta.clone());
        if before.is_none() {
            self.put(room, Root::Meta, "schema", Some(store_number(SCHEMA_VERSION)))?;
        }
        let before = before.as_ref();
        let text = |text: String| Some(Any::String(text.into()));
        if before.is_none_or(|before| before.kind != meta.kind) {
            let kind = store_record(&meta.kind).map_err(EditError::Invalid)?;
            self.put(room, Root::Meta, "kind", Some(kind))?;
        }
        if before.is_none_or(|before| before.title != meta.title) {
            self.put(room, Root::Meta, "title", text(meta.title.clone()))?;
        }
        if before.and_then(|before| before.horizon) != meta.horizon {
            let horizon = meta.horizon.map(|horizon| store_record(&horizon)).transpose();
            self.put(room, Root::Meta, "horizon", horizon.map_err(EditError::Invalid)?)?;
        }
        if before.and_then(|before| before.partition) != meta.partition {
            self.put(room, Root::Meta, "partition", meta.partition.and_then(|measure| text(measure.to_string())))?;
        }
        for (&part, label) in &meta.parts {
            match before.and_then(|before| before.parts.get(&part)) {
                Some(known) if known == label => continue,
                Some(_) => {}
                None => self.open_new(RoomId::Part(info.id, part)),
            }
            self.put(room, Root::Parts, &part.to_string(), text(label.clone()))?;
        }
        let is_other = before_info != *info || before_meta != *meta;
        Ok(if is_other { vec![Op::PutSheet { info: before_info, meta: before_meta }] } else { Vec::new() })
    }

    pub(super) fn put_measure(&mut self, sheet: SheetId, measure: &Measure) -> Result<Vec<Op>, EditError> {
        let mirror = self.sheet(sheet)?;
        if mirror.meta().kind != SheetKind::Planning {
            return Err(EditError::Invalid(format!("{}: only planning sheets have measures", measure.name)));
        }
        let named = |other: &Measure| other.id != measure.id && same_name(&other.name, &measure.name);
        let is_key = |id| mirror.measure(id).is_some_and(|key| key.kind == MeasureKind::Key);
        check_measure(measure, mirror.measure(measure.id), mirror.measures().iter().any(named), &is_key)?;
        let before = mirror.measure(measure.id).cloned();
        if before.as_ref() == Some(measure) {
            return Ok(Vec::new());
        }
        let record = store_record(measure).map_err(EditError::Invalid)?;
        self.put(RoomId::Sheet(sheet), Root::Measures, &measure.id.to_string(), Some(record))?;
        Ok(match before {
            Some(measure) => vec![Op::PutMeasure { sheet, measure }],
            None if may_go(measure) => vec![Op::DeleteMeasure { sheet, measure: measure.id }],
            None => Vec::new(),
        })
    }

    pub(super) fn delete_measure(&mut self, sheet: SheetId, id: MeasureId) -> Result<Vec<Op>, EditError> {
        let Some(measure) = self.sheet(sheet)?.measure(id).cloned() else { return Ok(Vec::new()) };
        if !may_go(&measure) {
            return Err(EditError::Invalid(format!(
                "{}: only entered and calculated measures can be deleted",
                measure.name
            )));
        }
        self.put(RoomId::Sheet(sheet), Root::Measures, &id.to_string(), None)?;
        Ok(vec![Op::PutMeasure { sheet, measure }])
    }

    pub(super) fn set_name(&mut self, name: &Arc<str>, formula: Option<&Arc<str>>) -> Result<Vec<Op>, EditError> {
        check_definition(name, formula.map(|formula| &**formula))?;
        let before = self.mirror().names().get(name).cloned();
        if before.as_ref() == formula {
            return Ok(Vec::new());
        }
        self.put(RoomId::Book, Root::Names, name, formula.map(|formula| Any::String(formula.clone())))?;
        Ok(vec![Op::SetName { name: name.clone(), formula: before }])
    }
}

/// Rows are known by their keys, and layers come from outside.
fn may_go(measure: &Measure) -> bool {
    matches!(measure.kind, MeasureKind::Input | MeasureKind::Formula(_))
}

/// Names meet in formulas, where case does not count.
fn same_name(a: &str, b: &str) -> bool {
    name_key(a) == name_key(b)
}
