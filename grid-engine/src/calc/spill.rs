//! Array results that fill the cells around their formula.
//!
//! A cell that holds an entry is never covered. Where two arrays want a cell, the one whose formula stands further
//! up, and then further left, gets it: so all peers see the same whatever came first.

use super::calculation::Calculation;
use super::ids::{IdMap, IdSet};
use super::reading::Certainty;
use super::rectangle::Rectangle;
use super::settle::size;
use super::store::{NONE, Spot};
use crate::refs::a1::column_letters;
use crate::value::order::sort;
use crate::value::{Array, CellError, ErrorKind, Value};

/// Which cells are covered from where.
#[derive(Default)]
pub(super) struct Spills {
    covered: IdMap<Spot, Vec<Spot>>,
    /// Formulas whose array had no room, and the rectangle it wanted.
    blocked: IdMap<Spot, Rectangle>,
}

impl Spills {
    /// The cells an array covers besides the one of its formula.
    pub(super) fn covered(&self, anchor: Spot) -> &[Spot] {
        self.covered.get(&anchor).map_or(&[], Vec::as_slice)
    }

    /// Whether any array spills at all.
    pub(super) fn any(&self) -> bool {
        !self.covered.is_empty()
    }

    /// Formulas of a sheet whose arrays spill or would like to.
    pub(super) fn anchors(&self, sheet: u32) -> Vec<Spot> {
        let mut anchors: Vec<Spot> =
            self.covered.keys().chain(self.blocked.keys()).filter(|spot| spot.sheet == sheet).copied().collect();
        sort(&mut anchors);
        anchors.dedup();
        anchors
    }

    /// Formulas whose array had no room, and the rectangle it wanted.
    pub(super) fn blocked(&self) -> impl Iterator<Item = (Spot, &Rectangle)> {
        self.blocked.iter().map(|(spot, wanted)| (*spot, wanted))
    }

    /// The rectangle that a formula's array has no room in.
    pub(super) fn wanted(&self, anchor: Spot) -> Option<&Rectangle> {
        self.blocked.get(&anchor)
    }

    /// A sheet is taken down or built anew.
    pub(super) fn forget_sheet(&mut self, sheet: u32) {
        self.covered.retain(|anchor, _| anchor.sheet != sheet);
        self.blocked.retain(|anchor, _| anchor.sheet != sheet);
    }
}

impl Calculation {
    /// Shows the result of a free sheet's formula: a value in its cell, an array in the cells around it.
    pub(super) fn finish_free(&mut self, anchor: Spot, value: Value, certainty: Certainty) {
        if certainty == Certainty::Waiting && self.store.col(anchor).held.contains(anchor.slot) {
            for spot in self.spills.covered(anchor).to_vec() {
                self.store.col_mut(spot.sheet, spot.col).dirty.remove(spot.slot);
                self.store.put_pending(spot, true);
            }
            return self.show(anchor, value, certainty);
        }
        let Value::Array(array) = value else {
            self.free_spill(anchor);
            return self.show(anchor, value, certainty);
        };
        self.spills.blocked.remove(&anchor);
        if array.cells().len() == 1 {
            self.free_spill(anchor);
            return self.show(anchor, array.get(0, 0).cloned().unwrap_or_default(), certainty);
        }
        match self.room_for(anchor, &array) {
            Ok(wanted) => self.spill(anchor, &array, &wanted, certainty),
            Err((error, wanted)) => {
                self.free_spill(anchor);
                if let Some(wanted) = wanted {
                    self.spills.blocked.insert(anchor, wanted);
                }
                self.show(anchor, Value::Error(error), certainty);
            }
        }
    }

    /// The cells an array needs, if it can have them.
    fn room_for(&self, anchor: Spot, array: &Array) -> Result<Rectangle, (CellError, Option<Rectangle>)> {
        let of = self.store.sheet(anchor.sheet);
        let (row, col) = (of.rows.place(anchor.slot), of.col_place[anchor.col as usize]);
        if row == NONE || col == NONE {
            return Err((CellError::new(ErrorKind::Ref), None));
        }
        let (rows, cols) = (row..row + array.rows() as u32, col..col + array.cols() as u32);
        let refuse = |detail: String| CellError::because(ErrorKind::Spill, detail);
        if rows.end as usize > of.rows.order.len() || cols.end as usize > of.col_order.len() {
            let detail = format!("the result has {} and does not fit on the sheet: add rows or columns", size(array));
            return Err((refuse(detail), Some(Rectangle { rows, cols })));
        }
        let wanted = Rectangle { rows, cols };
        for spot in self.spots(anchor.sheet, &wanted) {
            if spot == anchor {
                continue;
            }
            let column = self.store.col(spot);
            let other = column.spilled.get(&spot.slot).filter(|&&other| other != anchor);
            let taken = column.entered.contains(spot.slot)
                || column.has_own(spot.slot)
                || other.is_some_and(|&other| self.stands_before(other, anchor));
            if taken {
                let letters = column_letters(of.col_place[spot.col as usize]);
                let place = of.rows.place(spot.slot) + 1;
                let detail = format!("the result has {}, and {letters}{place} is not empty", size(array));
                return Err((refuse(detail), Some(wanted)));
            }
        }
        Ok(wanted)
    }

    fn stands_before(&self, a: Spot, b: Spot) -> bool {
        let of = self.store.sheet(a.sheet);
        let key = |spot: Spot| (of.rows.place(spot.slot), of.col_place[spot.col as usize]);
        key(a) < key(b)
    }

    /// The cells of a rectangle, row by row.
    fn spots(&self, sheet: u32, rectangle: &Rectangle) -> Vec<Spot> {
        let of = self.store.sheet(sheet);
        let rows = &of.rows.order[rectangle.rows.start as usize..rectangle.rows.end as usize];
        let cols = &of.col_order[rectangle.cols.start as usize..rectangle.cols.end as usize];
        rows.iter().flat_map(|&slot| cols.iter().map(move |&col| Spot { sheet, col, slot })).collect()
    }

    fn spill(&mut self, anchor: Spot, array: &Array, wanted: &Rectangle, certainty: Certainty) {
        let spots = self.spots(anchor.sheet, wanted);
        for &spot in &spots {
            if let Some(&other) = self.store.col(spot).spilled.get(&spot.slot)
                && other != anchor
            {
                self.free_spill(other);
                self.store.soil(other);
            }
        }
        let before = self.spills.covered.remove(&anchor).unwrap_or_default();
        let kept: IdSet<Spot> = spots.iter().copied().collect();
        let gone: Vec<Spot> = before.into_iter().filter(|spot| !kept.contains(spot)).collect();
        self.uncover(&gone);
        for (&spot, value) in spots.iter().zip(array.cells()) {
            if spot == anchor {
                self.show(anchor, value.clone(), certainty);
                continue;
            }
            let col = self.store.col_mut(spot.sheet, spot.col);
            let is_new = col.spilled.insert(spot.slot, anchor).is_none();
            col.dirty.remove(spot.slot);
            self.store.put_pending(spot, certainty == Certainty::Waiting);
            if self.store.put(spot, value.clone()) && is_new {
                self.store.touch(spot);
            }
        }
        self.spills.covered.insert(anchor, spots.into_iter().filter(|&spot| spot != anchor).collect());
        self.unblock(&gone);
    }

    /// Takes an array back from the cells around its formula.
    pub(super) fn free_spill(&mut self, anchor: Spot) {
        if !self.spills.blocked.is_empty() {
            self.spills.blocked.remove(&anchor);
        }
        if self.spills.covered.is_empty() {
            return;
        }
        if let Some(covered) = self.spills.covered.remove(&anchor) {
            self.uncover(&covered);
            self.unblock(&covered);
        }
    }

    fn uncover(&mut self, spots: &[Spot]) {
        for &spot in spots {
            if let Some(cell) = self.store.name(spot).filter(|_| self.is_official(spot)) {
                self.uncovered.insert(cell);
            }
            let col = self.store.col_mut(spot.sheet, spot.col);
            col.spilled.remove(&spot.slot);
            col.dirty.remove(spot.slot);
            let is_empty = !col.entered.contains(spot.slot) && !col.has_own(spot.slot);
            if is_empty {
                self.store.put_pending(spot, false);
                self.store.put(spot, Value::Blank);
                // Its readers may have waited for the array.
                self.store.touch(spot);
            }
        }
    }

    /// A cell an array covers got an entry: the array must find out.
    pub(super) fn soil_cover(&mut self, spot: Spot) {
        if let Some(anchor) = self.store.col_mut(spot.sheet, spot.col).spilled.remove(&spot.slot) {
            if let Some(covered) = self.spills.covered.get_mut(&anchor) {
                covered.retain(|&other| other != spot);
            }
            self.store.soil(anchor);
        }
    }

    /// Cells became free: arrays that wanted one of them try again.
    pub(super) fn unblock(&mut self, freed: &[Spot]) {
        if self.spills.blocked.is_empty() {
            return;
        }
        let waiting: Vec<Spot> = self
            .spills
            .blocked
            .iter()
            .filter(|(anchor, wanted)| {
                let of = self.store.sheet(anchor.sheet);
                freed.iter().any(|spot| {
                    spot.sheet == anchor.sheet
                        && wanted.rows.contains(&of.rows.place(spot.slot))
                        && wanted.cols.contains(&of.col_place[spot.col as usize])
                })
            })
            .map(|(&anchor, _)| anchor)
            .collect();
        waiting.into_iter().for_each(|anchor| self.store.soil(anchor));
    }
}
