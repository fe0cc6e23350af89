//! What follows from a change.

use std::ops::Range;

use super::calculation::Calculation;
use super::edges::MeasureEdge;
use super::jobs::Asker;
use super::program::{Home, Reader};
use super::rowset::RowSet;
use super::sheet::{Measure, Sheet};
use super::store::Spot;
use crate::calendar::Bucket;
use crate::formula::When;

impl Calculation {
    /// Marks everything that follows from what was touched as out of date.
    pub(super) fn propagate(&mut self) {
        loop {
            while let Some(spot) = self.store.touched.pop() {
                let mut link = self.store.col(spot).reader(spot.slot);
                while let Some((reader, after)) = self.edges.step(link) {
                    self.soil_reader(reader);
                    link = after;
                }
            }
            let Some((sheet, col)) = self.store.queue.pop() else { break };
            let rows = std::mem::take(&mut self.store.col_mut(sheet, col).fresh);
            if !rows.is_empty() {
                self.soil_wide_readers(sheet, col, &rows);
            }
        }
    }

    /// Marks what reads cells of a column as part of more than single cells.
    fn soil_wide_readers(&mut self, sheet: u32, col: u32, rows: &RowSet) {
        let of = self.store.sheet(sheet);
        let sheet_id = of.id;
        let mut readers: Vec<Reader> = Vec::new();
        self.edges.around(&self.store, sheet, col, &mut rows.iter(), &mut |reader| readers.push(reader));
        if of.planning && !of.role.is_empty() {
            let read = |reader: &&Reader| self.edges.program(**reader).is_some_and(|p| p.reads_table(&of.role));
            readers.extend(self.edges.tables.iter().filter(read));
        }
        let edges = match of.measure_of_col(col) {
            Some(measure) => self.edges.measures.get(&(sheet_id, measure.id)).cloned().unwrap_or_default(),
            None => Vec::new(),
        };
        if self.spills.any() {
            let covered: Vec<Spot> =
                rows.iter().flat_map(|slot| self.spills.covered(Spot { sheet, col, slot })).copied().collect();
            covered.into_iter().for_each(|spot| self.store.soil_always(spot));
        }
        readers.sort_unstable();
        readers.dedup();
        readers.into_iter().for_each(|reader| self.soil_reader(reader));
        edges.iter().for_each(|edge| self.soil_edge(edge, sheet, col, rows));
    }

    /// Everything a formula gives is out of date.
    pub(super) fn soil_reader(&mut self, reader: Reader) {
        match self.edges.program(reader).map(|program| program.home) {
            Some(Home::Cell(spot)) => self.store.soil(spot),
            Some(Home::Measure(sheet, measure)) => {
                let of = self.store.sheet(sheet);
                let cols = of.cols_of(&of.measures[measure as usize]);
                let rows = of.rows.live.clone();
                cols.for_each(|col| self.store.soil_rows(sheet, col, &rows));
            }
            None => {}
        }
    }

    /// Cells that used an answer are out of date.
    pub(super) fn soil_askers(&mut self, askers: Vec<Asker>) {
        for asker in askers {
            let Some(spot) = self.store.locate(asker.cell) else { continue };
            if !asker.whole_row {
                self.store.soil(spot);
                continue;
            }
            let of = self.store.sheet(spot.sheet);
            let Some(measure) = of.measure_of_col(spot.col) else { continue };
            for col in of.cols_of(measure) {
                self.store.soil(Spot { col, ..spot });
            }
        }
    }

    /// Rows of a column are out of date: so is what the edge's formula makes of them.
    fn soil_edge(&mut self, edge: &MeasureEdge, sheet: u32, col: u32, rows: &RowSet) {
        if let Some((target, cols, rows)) = self.follows(edge, sheet, col, rows) {
            cols.for_each(|col| self.store.soil_rows(target, col, &rows));
        }
    }

    /// The cells that follow, by an edge, from rows of a column: their sheet, columns and rows.
    pub(super) fn follows(
        &self,
        edge: &MeasureEdge,
        sheet: u32,
        col: u32,
        rows: &RowSet,
    ) -> Option<(u32, Range<u32>, RowSet)> {
        let of = self.store.sheet(sheet);
        let bucket = of.cols[col as usize].id.bucket;
        let current = of.horizon.map(|horizon| horizon.current);
        match self.edges.program(edge.reader)?.home {
            Home::Cell(spot) => {
                let own_bucket = self.store.col(spot).id.bucket;
                let in_time = match (edge.when, bucket) {
                    (When::Here(steps), Some(bucket)) => own_bucket.is_some_and(|own| own.plus(steps) == bucket),
                    (when, Some(bucket)) => is_meant(when, bucket, current),
                    (_, None) => true,
                };
                let in_row = !edge.own_row
                    || match spot.sheet == sheet {
                        true => rows.contains(spot.slot),
                        false => match self.matches.get(spot.sheet, sheet) {
                            Some(met) => met.row(spot.slot).is_some_and(|slot| rows.contains(slot)),
                            None => true,
                        },
                    };
                (in_time && in_row).then(|| (spot.sheet, spot.col..spot.col + 1, [spot.slot].into_iter().collect()))
            }
            Home::Measure(target, measure) => {
                let to = self.store.sheet(target);
                let cols = following(to, &to.measures[measure as usize], edge.when, bucket, current);
                if cols.is_empty() {
                    return None;
                }
                let rows = if !edge.own_row {
                    to.rows.live.clone()
                } else if target == sheet {
                    rows.clone()
                } else {
                    match self.matches.get(target, sheet) {
                        Some(matched) => matched.back(rows),
                        None => to.rows.live.clone(),
                    }
                };
                Some((target, cols, rows))
            }
        }
    }
}

/// Whether a reference that does not move with its cell means this bucket.
fn is_meant(when: When, bucket: Bucket, current: Option<Bucket>) -> bool {
    match when {
        When::Here(_) | When::All => true,
        When::At(named) => named == bucket,
        When::History => current.is_some_and(|current| bucket < current),
        When::Plan => current.is_some_and(|current| bucket >= current),
    }
}

/// The columns of a measure's formula in which it reads a bucket.
fn following(to: &Sheet, measure: &Measure, when: When, bucket: Option<Bucket>, current: Option<Bucket>) -> Range<u32> {
    let all = to.cols_of(measure);
    let Some(bucket) = bucket else { return all };
    if !is_meant(when, bucket, current) {
        return 0..0;
    }
    match when {
        When::Here(steps) if measure.timed => match to.offset_of(bucket.plus(-steps)) {
            Some(offset) => {
                let col = measure.first_col + offset as u32;
                if all.contains(&col) { col..col + 1 } else { 0..0 }
            }
            None => 0..0,
        },
        _ => all,
    }
}
