//! What must be known before marking and evaluating: which rows meet, which measures are the same in all buckets.

use std::collections::BTreeSet;

use super::calculation::Calculation;
use super::edges::Reader;
use super::program::Program;
use super::rowset::RowSet;
use crate::formula::{MeasureRef, When};
use crate::refs::SheetId;

impl Calculation {
    /// Gets ready to mark and evaluate: matches rows across sheets, finds measures that are the same in all buckets.
    pub(super) fn prepare(&mut self) {
        if std::mem::take(&mut self.stale_measures) {
            self.find_bucket_free();
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
        let (own_id, other_id) = (self.store.sheet(own).id, self.store.sheet(other).id);
        let over = |program: &Program| {
            program.reads.measures.iter().any(|reference| reference.own_row && reference.sheet == Some(other_id))
        };
        let readers: Vec<Reader> = self
            .edges
            .readers()
            .filter(|(reader, program)| reader.sheet() == own_id && over(program))
            .map(|(reader, _)| reader)
            .collect();
        for reader in readers {
            match reader {
                Reader::Cell(cell) => {
                    if let Some(spot) = self.store.locate(cell).filter(|spot| moved.contains(spot.slot)) {
                        self.store.soil(spot);
                    }
                }
                Reader::Measure(_, measure) => {
                    let of = self.store.sheet(own);
                    let Some(place) = of.measure_index(measure) else { continue };
                    of.cols_of(&of.measures[place as usize]).for_each(|col| self.store.soil_rows(own, col, moved));
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
                    && measure.program.as_ref().is_some_and(|program| {
                        !program.reads.volatile
                            && !program.knows_column
                            && program.reads.measures.iter().all(|reference| {
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
