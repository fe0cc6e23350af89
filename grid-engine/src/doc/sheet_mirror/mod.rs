//! One sheet in columnar form, its rooms merged.

mod absorbing;
mod settling;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::hash::IdMap;
use super::part_mirror::PartMirror;
use super::schema::{Input, Measure, Note, SheetKind, SheetMeta};
use super::validation::Validation;
use crate::refs::{CellRef, ColId, MeasureId, PartId, PersonId, RowId, SheetId};
use crate::value::order;

/// One sheet, all its open parts as one.
pub struct SheetMirror {
    id: SheetId,
    meta: SheetMeta,
    /// Whether its structure is known, not only some part of it.
    described: bool,
    measures: Vec<Measure>,
    measure_places: IdMap<MeasureId, usize>,
    /// A free sheet's columns: position, and whether deleted.
    col_places: BTreeMap<ColId, ColPlace>,
    widths: IdMap<ColId, u32>,
    rules: IdMap<MeasureId, Validation>,
    /// What cells of allocation measures show, by column; what was entered into them are weights.
    shares: IdMap<ColId, IdMap<RowId, Input>>,
    /// Columns whose shares are to be worked out anew.
    stale_shares: Vec<ColId>,
    /// The sheet's own room (`None`) and its parts, in the order of their rows.
    parts: Vec<(Option<PartId>, PartMirror)>,
    rows: Vec<RowId>,
    row_places: IdMap<RowId, RowPlace>,
    cols: Vec<ColId>,
    col_indices: IdMap<ColId, u32>,
    stale_rows: bool,
    stale_cols: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct ColPlace {
    pub position: Option<Arc<str>>,
    pub deleted: bool,
}

#[derive(Clone, Copy, Debug)]
struct RowPlace {
    part: u32,
    slot: u32,
    /// Among the live rows; for a deleted one that of the next live row.
    index: u32,
    live: bool,
}

impl SheetMirror {
    /// A free sheet that nothing is known of yet.
    pub fn new(id: SheetId) -> Self {
        let meta = SheetMeta {
            kind: SheetKind::Free,
            title: String::new(),
            epoch: 0,
            horizon: None,
            partition: None,
            parts: BTreeMap::new(),
        };
        Self {
            id,
            meta,
            described: false,
            measures: Vec::new(),
            measure_places: IdMap::default(),
            col_places: BTreeMap::new(),
            widths: IdMap::default(),
            rules: IdMap::default(),
            shares: IdMap::default(),
            stale_shares: Vec::new(),
            parts: Vec::new(),
            rows: Vec::new(),
            row_places: IdMap::default(),
            cols: Vec::new(),
            col_indices: IdMap::default(),
            stale_rows: true,
            stale_cols: true,
        }
    }

    pub fn id(&self) -> SheetId {
        self.id
    }

    pub fn meta(&self) -> &SheetMeta {
        &self.meta
    }

    /// Measures in order; empty for a free sheet.
    pub fn measures(&self) -> &[Measure] {
        &self.measures
    }

    pub fn measure(&self, measure: MeasureId) -> Option<&Measure> {
        self.measure_places.get(&measure).map(|&place| &self.measures[place])
    }

    /// Live rows in order; those of a partitioned sheet part by part, by the parts' key values.
    pub fn rows(&self) -> &[RowId] {
        &self.rows
    }

    /// Zero-based place of a live row.
    pub fn row_index(&self, row: RowId) -> Option<usize> {
        self.row_places.get(&row).filter(|place| place.live).map(|place| place.index as usize)
    }

    /// Deleted rows, each with the place of the next live row: range corners resolve inward over them.
    pub fn deleted_rows(&self) -> Vec<(RowId, usize)> {
        let deleted = self.row_places.iter().filter(|(_, place)| !place.live);
        let mut deleted: Vec<_> = deleted.map(|(&row, place)| (row, place.index as usize)).collect();
        order::sort_by_key(&mut deleted, |&(row, next)| (next, row));
        deleted
    }

    /// The place of the live row before which a deleted one stands.
    pub fn row_gap(&self, row: RowId) -> Option<usize> {
        self.row_places.get(&row).filter(|place| !place.live).map(|place| place.index as usize)
    }

    /// Whether a row was deleted and can be restored.
    pub fn is_deleted(&self, row: RowId) -> bool {
        self.row_places.get(&row).is_some_and(|place| !place.live)
    }

    /// The same as [`SheetMirror::deleted_rows`] for a free sheet's columns.
    pub fn deleted_cols(&self) -> Vec<(ColId, usize)> {
        let mut deleted = Vec::new();
        let mut next = 0;
        for col in self.placed_cols() {
            if self.col_indices.contains_key(&col) {
                next += 1;
            } else {
                deleted.push((col, next));
            }
        }
        deleted
    }

    /// Live columns in order. A free sheet's own; a planning sheet's measures: first the keys, then the
    /// other static ones, then the timed ones, each with all its buckets.
    pub fn cols(&self) -> &[ColId] {
        &self.cols
    }

    pub fn col_index(&self, col: ColId) -> Option<usize> {
        self.col_indices.get(&col).map(|&index| index as usize)
    }

    /// The part a row lies in.
    pub fn part_of(&self, row: RowId) -> Option<PartId> {
        self.row_places.get(&row).and_then(|place| self.parts[place.part as usize].0)
    }

    /// What was entered; on an additive measure the sum of contributions, on an allocation measure the share. `None`
    /// in rows that are deleted.
    pub fn input(&self, row: RowId, col: ColId) -> Option<&Input> {
        if let Some(shares) = self.shares.get(&col) {
            return shares.get(&row);
        }
        let (part, slot) = self.live(row)?;
        part.input(slot, col)
    }

    /// The weight that was entered into a cell of an allocation measure.
    pub(super) fn weight(&self, row: RowId, col: ColId) -> Option<f64> {
        let (part, slot) = self.live(row)?;
        match part.input(slot, col)? {
            Input::Number(weight) => Some(weight.max(0.0)),
            _ => None,
        }
    }

    /// Each person's contribution to an additive cell, by person.
    pub fn contributions(&self, row: RowId, col: ColId) -> &[(PersonId, f64)] {
        self.live(row).map_or(&[], |(part, slot)| part.contributions(slot, col))
    }

    pub fn note(&self, row: RowId, col: ColId) -> Option<&Note> {
        self.live(row)?.0.note(row, col)
    }

    pub fn style(&self, row: RowId, col: ColId) -> Option<&str> {
        self.live(row)?.0.style(row, col).map(|style| &**style)
    }

    /// Width in CSS pixels a person gave a column or measure.
    pub fn width(&self, col: ColId) -> Option<u32> {
        self.widths.get(&col).copied()
    }

    /// Where a free sheet's column stands among the others.
    pub fn col_position(&self, col: ColId) -> Option<&Arc<str>> {
        self.col_places.get(&col)?.position.as_ref()
    }

    /// What the cells of a free sheet's column or a measure accept.
    pub fn validation(&self, measure: MeasureId) -> Option<&Validation> {
        self.rules.get(&measure)
    }

    /// Why what stands in a cell is not what its column accepts.
    pub fn objection(&self, row: RowId, col: ColId) -> Option<String> {
        self.validation(col.measure)?.objection(self.input(row, col)?)
    }

    /// All entered cells of live rows, column by column in the order of [`SheetMirror::cols`].
    pub fn inputs(&self) -> impl Iterator<Item = (CellRef, &Input)> {
        self.cols.iter().flat_map(move |&col| self.column(col).map(move |(row, input)| (self.cell(row, col), input)))
    }

    /// The entered cells of one column, row by row.
    pub fn column(&self, col: ColId) -> impl Iterator<Item = (RowId, &Input)> {
        self.rows.iter().filter_map(move |&row| self.input(row, col).map(|input| (row, input)))
    }

    fn cell(&self, row: RowId, col: ColId) -> CellRef {
        CellRef { sheet: self.id, row, col }
    }

    fn live(&self, row: RowId) -> Option<(&PartMirror, u32)> {
        let place = self.row_places.get(&row).filter(|place| place.live)?;
        Some((&self.parts[place.part as usize].1, place.slot))
    }
}

/// What edits read.
impl SheetMirror {
    pub(super) fn is_described(&self) -> bool {
        self.described
    }

    /// Whether a column is, or with a timed measure can be, one of this sheet's.
    pub(super) fn has_col(&self, col: ColId) -> bool {
        self.col_indices.contains_key(&col)
    }

    /// A free sheet's column, deleted or not.
    pub(super) fn col_place(&self, col: ColId) -> Option<&ColPlace> {
        self.col_places.get(&col).filter(|place| place.position.is_some())
    }

    /// A free sheet's columns in order, deleted ones included.
    pub(super) fn placed_cols(&self) -> Vec<ColId> {
        if self.meta.kind != SheetKind::Free {
            return Vec::new();
        }
        let placed = self.col_places.iter().filter_map(|(&col, place)| Some((place.position.as_ref()?, col)));
        let mut placed: Vec<_> = placed.collect();
        order::sort(&mut placed);
        placed.into_iter().map(|(_, col)| col).collect()
    }

    /// Positions between which a column inserted after `after` must stand.
    pub(super) fn room_after_col(&self, after: Option<ColId>) -> (Option<Arc<str>>, Option<Arc<str>>) {
        let below = after.and_then(|col| self.col_place(col)?.position.clone());
        let above = self.col_places.values().filter_map(|place| place.position.as_ref());
        let above = above.filter(|position| Some(*position) > below.as_ref()).min().cloned();
        (below, above)
    }

    /// The room a row lies in (`None`: the sheet's own), deleted or not.
    pub(super) fn part_with(&self, row: RowId) -> Option<(Option<PartId>, &PartMirror)> {
        let holds = |part: &&(Option<PartId>, PartMirror)| part.1.row(row).is_some_and(|slot| slot.position.is_some());
        self.parts.iter().find(holds).map(|(id, part)| (*id, part))
    }

    /// The sheet's own room and its open parts.
    pub(super) fn parts(&self) -> impl Iterator<Item = (Option<PartId>, &PartMirror)> {
        self.parts.iter().map(|(id, part)| (*id, part))
    }

    /// Rules with the measures or columns they are about.
    pub(super) fn all_rules(&self) -> impl Iterator<Item = (MeasureId, &Validation)> {
        self.rules.iter().map(|(&measure, rule)| (measure, rule))
    }

    pub(super) fn part(&self, part: Option<PartId>) -> Option<&PartMirror> {
        self.parts.iter().find(|(id, _)| *id == part).map(|(_, part)| part)
    }
}
