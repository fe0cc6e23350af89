//! Cells in eight bytes instead of twelve: formulas and edges keep one number for sheet and column.

use super::ids::IdMap;
use super::store::Spot;

/// A cell by the number of its column among all columns that anything refers to or calculates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub column: u32,
    pub slot: u32,
}

/// Columns, or measures, of sheets by number. A pair keeps its number, whatever happens to the sheet.
#[derive(Default)]
pub(super) struct Places {
    pairs: Vec<(u32, u32)>,
    numbers: IdMap<(u32, u32), u32>,
}

impl Places {
    pub(super) fn pack(&mut self, spot: Spot) -> Place {
        let pair = (spot.sheet, spot.col);
        let column = *self.numbers.entry(pair).or_insert_with(|| {
            self.pairs.push(pair);
            self.pairs.len() as u32 - 1
        });
        Place { column, slot: spot.slot }
    }

    pub(super) fn unpack(&self, place: Place) -> Spot {
        let (sheet, col) = self.pairs[place.column as usize];
        Spot { sheet, col, slot: place.slot }
    }
}
