//! What must be known before marking and evaluating: which rows meet, which measures are the same in all buckets.

use std::collections::BTreeSet;

use super::calculation::Calculation;
use super::program::{Home, Program};
use super::rowset::RowSet;
use crate::formula::{MeasureRef, When};
use crate::refs::SheetId;

impl Calculation {
    /// Gets ready to mark and evaluate: matches rows across sheets, finds measures that are the same in all buckets.
    pub(super) fn prepare(&mut self) {
        if std::mem::take(&mut self.stale_measures) {
            self.find_bucket_free();
        }
        for (sheet, (rows, cols)) in std::mem::take(&mut self.grown) {
            self.soil_readers_to_the_end(sheet, rows, cols);
        }
        let mut pairs = BTreeSet::new();
        let (store, matches) = (&self.store, &self.matches);
        self.new_pairs.retain(|&(own, other)| match (store.sheet_index(own), store.sheet_index(other)) {
            (Some(own), Some(other)) => {
                if matches.get(own, other).is_none() {
                    pairs.insert((own, other));
                }
                false
            }
            _ => true,
        });
        for sheet in std::mem::take(&mut self.stale_matches) {
            pairs.extend(self.matches.pairs_of(sheet));
        }
        for (own, other) in pairs {
            let moved = self.matches.refresh(&self.store, own, other);
            if !moved.is_empty() {
                self.soil_matched(own, other, &moved);
            }
        }
    }

    /// Rows of one sheet meet other rows of another: formulas that look over must look again.
    fn soil_matched(&mut self, own: u32, other: u32, moved: &RowSet) {
        let other_id = self.store.sheet(other).id;
        let over = |program: &Program| {
            program.measures().any(|reference| reference.own_row && reference.sheet == Some(other_id))
        };
        let homes: Vec<Home> = self
            .edges
            .readers()
            .filter(|(_, program)| program.home.sheet() == own && over(program))
            .map(|(_, program)| program.home)
            .collect();
        for home in homes {
            match home {
                Home::Cell(spot) => {
                    if moved.contains(spot.slot) {
                        self.store.soil(spot);
                    }
                }
                Home::Measure(_, measure) => {
                    let of = self.store.sheet(own);
                    of.cols_of(&of.measures[measure as usize]).for_each(|col| self.store.soil_rows(own, col, moved));
                }
            }
        }
    }

    /// A timed measure's formula that refers to no bucket by its own, and neither to chance nor to its column, is
    /// the same in all buckets.
    fn find_bucket_free(&mut self) {
        for index in 0..self.store.sheets.len() {
            for place in 0..self.store.sheets[index].measures.len() {
                let of = &self.store.sheets[index];
                let measure = &of.measures[place];
                let free = measure.timed
                    && measure.program.and_then(|reader| self.edges.program(reader)).is_some_and(|program| {
                        !program.is_volatile()
                            && !program.shape.knows_column
                            && program.measures().all(|reference| {
                                !matches!(reference.when, When::Here(_)) || !self.is_timed(of.id, reference)
                            })
                    });
                self.store.sheets[index].measures[place].same_in_all_buckets = free;
            }
        }
    }

    /// Whether a reference names a measure with buckets; one that is not known may have some.
    fn is_timed(&self, own: SheetId, reference: &MeasureRef) -> bool {
        let index = self.store.sheet_index(reference.sheet.unwrap_or(own));
        let sheet = index.map(|index| self.store.sheet(index));
        sheet
            .and_then(|sheet| Some(sheet.measures[sheet.measure_index(reference.measure)? as usize].timed))
            .unwrap_or(true)
    }
}
