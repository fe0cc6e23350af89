//! What a blueprint has and a workbook made from an earlier one has not.

use std::collections::HashSet;

use grid_engine::doc::{Edit, Measure, MeasureKind, Op};
use grid_engine::refs::{CellRef, ColId, MeasureId, PersonId, RoomId, RowId};
use grid_engine::workbook::Workbook;

use super::{BlueprintError, Kind, SheetBlueprint};

/// A formula that measures of earlier blueprints had: of which measure, and what it was.
pub type Outdated = (MeasureId, &'static str);

impl SheetBlueprint {
    /// Whether a workbook's sheet lacks measures of this one, and all their names are free there.
    pub fn is_ahead_of(&self, workbook: &Workbook) -> bool {
        let Some(sheet) = workbook.sheet(self.id).filter(|sheet| !sheet.measures().is_empty()) else { return false };
        let names: HashSet<String> = sheet.measures().iter().map(|measure| measure.name.to_lowercase()).collect();
        let mut lacking = self.measures.iter().filter(|measure| sheet.measure(measure.id).is_none()).peekable();
        lacking.peek().is_some() && lacking.all(|measure| !names.contains(&measure.name.to_lowercase()))
    }

    /// Gives a workbook's sheet the measures it lacks, has measures calculated that people entered before, and puts formulas
    /// of earlier blueprints right; whatever people have made of them stays. The updates, room by room.
    pub fn add_to(
        &self,
        workbook: &mut Workbook,
        outdated: &[Outdated],
        by: PersonId,
        at: i64,
    ) -> Result<Vec<(RoomId, Vec<u8>)>, BlueprintError> {
        let mut updates = Vec::new();
        let existing: Vec<Measure> = workbook.sheet(self.id).map_or_else(Vec::new, |sheet| sheet.measures().to_vec());
        let is_there = |id: MeasureId| existing.iter().any(|measure| measure.id == id);
        let next = existing.iter().map(|measure| measure.order as usize + 1).max().unwrap_or(0);
        let added = self.measures.iter().filter(|measure| !is_there(measure.id));
        let added: Vec<Measure> = (next..)
            .zip(added)
            .map(|(order, measure)| {
                let kind = if matches!(measure.kind, Kind::Layer) { MeasureKind::Layer } else { MeasureKind::Input };
                measure.with_kind(kind, order)
            })
            .collect();
        // First all names that formulas may have.
        let put = |measure: &Measure| Op::PutMeasure { sheet: self.id, measure: measure.clone() };
        let mut make = |workbook: &mut Workbook, ops: Vec<Op>| -> Result<(), BlueprintError> {
            if !ops.is_empty() {
                updates.extend(workbook.apply(&Edit { by, at, why: None, ops })?.updates);
            }
            Ok(())
        };
        make(workbook, added.iter().map(put).collect())?;
        let mut formulas = Vec::new();
        for measure in &self.measures {
            let Kind::Formula(formula) = &measure.kind else { continue };
            let Some(found) = existing.iter().chain(&added).find(|found| found.id == measure.id) else { continue };
            let stored = |formula: &str| {
                let cell = CellRef { sheet: self.id, row: RowId::of_key(&[]), col: ColId::fixed(measure.id) };
                workbook.formula_stored(cell, formula).map_err(|error| BlueprintError::Formula {
                    place: format!("{}, measure {}", self.title, measure.name),
                    formula: formula.to_owned(),
                    error,
                })
            };
            let was = outdated.iter().filter(|(id, _)| *id == measure.id);
            let was = was.map(|(_, formula)| stored(formula)).collect::<Result<Vec<_>, _>>()?;
            let is_due = match &found.kind {
                MeasureKind::Input => true,
                MeasureKind::Formula(formula) => was.contains(formula),
                MeasureKind::Key | MeasureKind::Layer => false,
            };
            if is_due {
                let kind = MeasureKind::Formula(stored(formula)?);
                formulas.push(put(&Measure { kind, help: measure.help.clone(), ..found.clone() }));
            }
        }
        make(workbook, formulas)?;
        Ok(updates)
    }

    /// What formats the cells that this one formats, in a workbook where nobody has formatted any of their columns.
    pub fn formats_in(&self, workbook: &Workbook) -> Vec<Op> {
        let Some(sheet) = workbook.sheet(self.id) else { return Vec::new() };
        let is_free = |col: &ColId| sheet.rows().iter().all(|row| sheet.style(*row, *col).is_none());
        let free: HashSet<ColId> = self.styles.iter().map(|(_, col, _)| *col).filter(is_free).collect();
        let styles = self.styles.iter().filter(|(row, col, _)| free.contains(col) && sheet.row_index(*row).is_some());
        styles
            .map(|(row, col, format)| Op::SetStyle {
                cell: CellRef { sheet: self.id, row: *row, col: *col },
                style: Some((*format).into()),
            })
            .collect()
    }
}
