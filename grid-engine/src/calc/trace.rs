//! What a cell's value follows from, and what follows from it: one step each, for people who trace a figure.

use super::calculation::Calculation;
use super::reading::{Reading, Surroundings};
use super::rectangle::Rectangle;
use super::rowset::RowSet;
use super::store::{NONE, Spot};
use crate::formula::{Cells, MeasureRef};
use crate::refs::{CellRef, ColId, RowId, SheetId};
use crate::value::{Value, order};

/// Most areas listed: more than anybody follows on a screen.
const MAX_AREAS: usize = 1000;

/// A rectangle of cells between two corners, both included, in current order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Area {
    pub sheet: SheetId,
    pub rows: (RowId, RowId),
    pub cols: (ColId, ColId),
}

impl Calculation {
    /// The cells a cell's formula reads, or the one whose array covers it; nothing for an entered value. At most a
    /// thousand areas; deleted cells are left out, and so is what only a computed reference (OFFSET) reaches.
    pub fn precedents(&self, cell: CellRef) -> Vec<Area> {
        let Some(spot) = self.open_spot(cell) else { return Vec::new() };
        let mut areas = Vec::new();
        let column = self.store.col(spot);
        if let Some(&anchor) = column.spilled.get(&spot.slot) {
            self.push_cells(&mut areas, anchor.sheet, &[anchor.col], &[anchor.slot].into_iter().collect());
            return areas;
        }
        if column.entered.contains(spot.slot) {
            return areas;
        }
        let program = self.store.sheet(spot.sheet).program_at(spot.col, spot.slot);
        let Some(program) = program.and_then(|reader| self.edges.program(reader)) else { return areas };
        for read in self.edges.reads_of(program) {
            match read {
                Ok(spot) => self.push_cells(&mut areas, spot.sheet, &[spot.col], &[spot.slot].into_iter().collect()),
                Err(range) => {
                    let Some(index) = self.store.sheet_index(range.sheet) else { continue };
                    let of = self.store.sheet(index);
                    if let Some(rectangle) = of.rectangle(range).filter(|_| of.open) {
                        areas.extend(self.area(index, &rectangle));
                    }
                }
            }
        }
        let around = Surroundings::of(self, 0.0, 0);
        let reading = Reading::new(&around, cell, spot);
        for reference in program.measures().filter(|reference| reference.version.is_none()) {
            if let Some((sheet, cols, rows)) = reading.reached(reference, cell) {
                self.push_cells(&mut areas, sheet, &cols.collect::<Vec<_>>(), &rows);
            }
        }
        areas.truncate(MAX_AREAS);
        areas
    }

    /// Why a cell with a key figure is blank; `None` where it is not, or nobody says.
    pub fn why_blank(&self, cell: CellRef) -> Option<String> {
        let spot = self.open_spot(cell).filter(|&spot| matches!(self.store.value(spot), Value::Blank))?;
        let reader = self.store.sheet(spot.sheet).program_at(spot.col, spot.slot)?;
        if !self.edges.program(reader)?.shape.keeps_blank() || self.store.col(spot).entered.contains(spot.slot) {
            return None;
        }
        let around = Surroundings::of(self, 0.0, 0);
        let reading = Reading::new(&around, cell, spot);
        reading.formula(cell)?.why_blank(&reading, cell)
    }

    /// The cells whose formulas read a cell, and those its array covers. At most a thousand areas.
    pub fn dependents(&mut self, cell: CellRef) -> Vec<Area> {
        let Some(spot) = self.open_spot(cell) else { return Vec::new() };
        let mut followers = Vec::new();
        self.followers(spot.sheet, spot.col, &[spot.slot].into_iter().collect(), &mut |sheet, cols, rows| {
            followers.push((sheet, cols.collect::<Vec<_>>(), rows.clone()));
        });
        let mut areas = Vec::new();
        for (sheet, cols, rows) in followers {
            self.push_cells(&mut areas, sheet, &cols, &rows);
        }
        order::sort(&mut areas);
        areas.dedup();
        areas.truncate(MAX_AREAS);
        areas
    }

    /// The cells a structured reference means in a formula at a cell; `None` where there are none, or where they are not
    /// one rectangle in current order.
    pub fn meant(&self, reference: &MeasureRef, at: CellRef) -> Option<Area> {
        let spot = self.open_spot(at)?;
        let around = Surroundings::of(self, 0.0, 0);
        let (sheet, cols, rows) = Reading::new(&around, at, spot).reached(reference, at)?;
        let mut areas = Vec::new();
        self.push_cells(&mut areas, sheet, &cols.collect::<Vec<_>>(), &rows);
        if areas.len() == 1 { areas.pop() } else { None }
    }

    /// Adds the rectangles that columns and rows make up, each as large as it can be.
    fn push_cells(&self, areas: &mut Vec<Area>, sheet: u32, cols: &[u32], rows: &RowSet) {
        let of = self.store.sheet(sheet);
        if !of.open {
            return;
        }
        let row_places = rows.iter().map(|slot| of.rows.place(slot)).filter(|&place| place != NONE).collect();
        let col_places = cols.iter().map(|&col| of.col_place[col as usize]).filter(|&place| place != NONE).collect();
        let row_runs = runs(row_places);
        for cols in runs(col_places) {
            for rows in &row_runs {
                if areas.len() < MAX_AREAS {
                    areas.extend(self.area(sheet, &Rectangle { rows: rows.clone(), cols: cols.clone() }));
                }
            }
        }
    }

    fn area(&self, sheet: u32, Rectangle { rows, cols }: &Rectangle) -> Option<Area> {
        let of = self.store.sheet(sheet);
        let name = |row: u32, col: u32| {
            let (&slot, &col) = (of.rows.order.get(row as usize)?, of.col_order.get(col as usize)?);
            self.store.name(Spot { sheet, col, slot })
        };
        let (first, last) = (name(rows.start, cols.start)?, name(rows.end.checked_sub(1)?, cols.end.checked_sub(1)?)?);
        Some(Area { sheet: of.id, rows: (first.row, last.row), cols: (first.col, last.col) })
    }
}

/// Stretches of places that follow each other.
fn runs(mut places: Vec<u32>) -> Vec<std::ops::Range<u32>> {
    order::sort(&mut places);
    let mut runs: Vec<std::ops::Range<u32>> = Vec::new();
    for place in places {
        match runs.last_mut() {
            Some(run) if run.end == place => run.end += 1,
            _ => runs.push(place..place + 1),
        }
    }
    runs
}
