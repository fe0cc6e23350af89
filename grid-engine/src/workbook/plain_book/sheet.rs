//! One sheet: which row and column stands where, and how many there must be.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::calc::{Calculation, Layout};
use crate::refs::{ColId, Id, MeasureId, RowId, SheetId};

/// A range that ends so far below everything a sheet holds does not make the sheet larger: it ends with the sheet.
const FAR: u32 = 20_000;

pub(super) struct PlainSheet {
    pub id: SheetId,
    pub title: Arc<str>,
    pub rows: Order,
    pub cols: Order,
    /// Ends of ranges, which may lie below and beside everything the sheet holds.
    pub ends: BTreeSet<(u32, u32)>,
}

/// Which row or column stands where: by number, which is its first place.
#[derive(Default)]
pub(super) struct Order {
    numbers: Vec<u32>,
    places: Vec<u32>,
    /// So many are needed.
    pub reach: u32,
    /// So many there were, with a margin, when the sheet was last calculated.
    pub spare_from: Option<u32>,
}

impl Order {
    pub(super) fn number_at(&self, place: u32) -> u32 {
        self.numbers.get(place as usize).copied().unwrap_or(place)
    }

    pub(super) fn place_of(&self, number: u32) -> u32 {
        self.places.get(number as usize).copied().unwrap_or(number)
    }

    pub(super) fn len(&self) -> u32 {
        self.numbers.len() as u32
    }

    /// Adds what is missing behind the last; the numbers that are new.
    pub(super) fn extend_to(&mut self, len: u32) -> std::ops::Range<u32> {
        let next = self.len();
        self.numbers.extend(next..len.max(next));
        self.places.extend(next..len.max(next));
        next..len.max(next)
    }

    pub(super) fn insert(&mut self, at: u32, count: u32) {
        let next = self.places.len() as u32;
        let at = (at as usize).min(self.numbers.len());
        self.numbers.splice(at..at, next..next + count);
        self.spare_from = self.spare_from.map(|from| from + count);
        self.places = vec![0; self.numbers.len()];
        for (place, &number) in self.numbers.iter().enumerate() {
            self.places[number as usize] = place as u32;
        }
    }
}

pub(super) fn row_id(number: u32) -> RowId {
    RowId(Id::from_number(u64::from(number)))
}

pub(super) fn col_id(number: u32) -> ColId {
    ColId::fixed(MeasureId(Id::from_number(u64::from(number))))
}

impl PlainSheet {
    /// Rows and columns needed for what the sheet holds and for ranges that end near it.
    pub(super) fn wanted(&self) -> (u32, u32) {
        let (mut rows, mut cols) = (self.rows.reach, self.cols.reach);
        let near = self.rows.reach.saturating_add(FAR);
        for &(row, col) in &self.ends {
            cols = cols.max(col + 1);
            if row < near {
                rows = rows.max(row + 1);
            }
        }
        (rows, cols)
    }

    pub(super) fn extend_to(&mut self, rows: u32, cols: u32, calculation: &mut Calculation) {
        let rows: Vec<RowId> = self.rows.extend_to(rows).map(row_id).collect();
        let cols: Vec<ColId> = self.cols.extend_to(cols).map(col_id).collect();
        calculation.append(self.id, &rows, &cols);
    }

    /// Rows that ranges end in and that lie below everything the sheet has.
    pub(super) fn beyond(&self) -> Vec<RowId> {
        let rows: BTreeSet<u32> = self.ends.iter().map(|(row, _)| *row).filter(|&row| row >= self.rows.len()).collect();
        rows.into_iter().map(row_id).collect()
    }

    pub(super) fn layout(&self) -> Layout {
        let rows = self.rows.numbers.len();
        Layout {
            id: self.id,
            title: self.title.clone(),
            role: "".into(),
            planning: false,
            horizon: None,
            measures: Vec::new(),
            rows: self.rows.numbers.iter().map(|&number| row_id(number)).collect(),
            cols: self.cols.numbers.iter().map(|&number| col_id(number)).collect(),
            deleted_rows: self.beyond().into_iter().map(|row| (row, rows)).collect(),
            deleted_cols: Vec::new(),
        }
    }
}
