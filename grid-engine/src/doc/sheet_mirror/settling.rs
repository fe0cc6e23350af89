//! Brings a mirror up to date after its rooms have written: the orders of rows and columns, and shares.

use super::super::allocation;
use super::super::change::Change;
use super::super::schema::{Measure, MeasureKind, Merge, SheetKind};
use super::{RowPlace, SheetMirror};
use crate::refs::{ColId, PartId};
use crate::value::order;

impl SheetMirror {
    /// Brings the orders of rows and columns up to date, and the shares; which cells changed by that.
    pub(in crate::doc) fn settle(&mut self) -> Vec<Change> {
        if self.stale_rows || self.stale_cols {
            self.stale_shares.clone_from(&self.shares.keys().copied().collect());
        }
        self.settle_rows();
        let is_laid_out = self.stale_cols;
        self.settle_cols();
        if is_laid_out {
            let is_share =
                |col: &&ColId| self.measure(col.measure).is_some_and(|measure| measure.merge.is_allocation());
            let cols: Vec<ColId> = self.cols.iter().filter(is_share).copied().collect();
            self.stale_shares.extend(cols);
        }
        if self.stale_shares.is_empty() { Vec::new() } else { self.settle_shares() }
    }

    /// A weight or a key has changed, which moves shares.
    pub(super) fn note_weight(&mut self, col: ColId) {
        if self.shares.contains_key(&col) {
            self.stale_shares.push(col);
        } else if !self.shares.is_empty() && self.measure(col.measure).is_some_and(|m| m.kind == MeasureKind::Key) {
            self.stale_shares.extend(self.shares.keys().copied());
        }
    }

    fn settle_shares(&mut self) -> Vec<Change> {
        let mut stale = std::mem::take(&mut self.stale_shares);
        order::sort(&mut stale);
        stale.dedup();
        let mut changes = Vec::new();
        for col in stale {
            let merge = self.col_indices.get(&col).and_then(|_| self.measure(col.measure)).map(|measure| measure.merge);
            let old = self.shares.remove(&col).unwrap_or_default();
            let new = match merge {
                Some(Merge::Allocation { within }) => allocation::shares(self, col, within),
                _ => continue,
            };
            let moved = new.iter().filter(|(row, share)| old.get(row) != Some(share)).map(|(row, _)| *row);
            let gone = old.keys().filter(|row| !new.contains_key(row)).copied();
            changes.extend(moved.chain(gone).map(|row| Change::Cell(self.cell(row, col))));
            self.shares.insert(col, new);
        }
        changes
    }

    pub(in crate::doc) fn settle_part(&mut self, part: Option<PartId>) {
        if let Some((_, part)) = self.parts.iter_mut().find(|(id, _)| *id == part) {
            part.settle();
        }
    }

    fn settle_rows(&mut self) {
        if !std::mem::take(&mut self.stale_rows) {
            return;
        }
        let labels = &self.meta.parts;
        order::sort_by(&mut self.parts, |(a, _), (b, _)| {
            let label = |part: &Option<PartId>| part.and_then(|part| labels.get(&part));
            label(a).cmp(&label(b)).then(a.cmp(b))
        });
        self.rows.clear();
        self.row_places.clear();
        for (at, (_, part)) in self.parts.iter_mut().enumerate() {
            part.settle();
            for (slot, row) in part.ordered() {
                // A row that two parts hold counts in the first: every peer decides alike.
                if self.row_places.contains_key(&row.row) {
                    continue;
                }
                let place = RowPlace { part: at as u32, slot, index: self.rows.len() as u32, live: !row.deleted };
                self.row_places.insert(row.row, place);
                if !row.deleted {
                    self.rows.push(row.row);
                }
            }
        }
    }

    pub(in crate::doc) fn settle_cols(&mut self) {
        if !std::mem::take(&mut self.stale_cols) {
            return;
        }
        self.cols.clear();
        match self.meta.kind {
            SheetKind::Free => {
                self.cols = self.placed_cols();
                self.cols.retain(|col| self.col_places.get(col).is_some_and(|place| !place.deleted));
            }
            SheetKind::Planning => {
                let is_key = |measure: &&Measure| measure.kind == MeasureKind::Key;
                let fixed = self.measures.iter().filter(|measure| !measure.timed);
                let (keys, others): (Vec<_>, Vec<_>) = fixed.partition(is_key);
                self.cols.extend(keys.into_iter().chain(others).map(|measure| ColId::fixed(measure.id)));
                for measure in self.measures.iter().filter(|measure| measure.timed) {
                    let buckets = self.meta.horizon.iter().flat_map(|horizon| horizon.buckets());
                    self.cols.extend(buckets.map(|bucket| ColId::timed(measure.id, bucket)));
                }
            }
        }
        self.col_indices = self.cols.iter().enumerate().map(|(at, &col)| (col, at as u32)).collect();
    }
}
