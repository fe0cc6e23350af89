//! A sheet in the store: rows, columns, measures and their order.

use std::sync::Arc;

use super::ids::IdMap;
use super::layout::{Content, Layout};
use super::program::Reader;
use super::rowset::RowSet;
use super::store::{Column, NONE};
use crate::calendar::{Bucket, Horizon};
use crate::refs::{ColId, MeasureId, RowId, SheetId};

/// A sheet: its rows, its columns and what they mean.
pub(super) struct Sheet {
    pub id: SheetId,
    pub title: Arc<str>,
    pub role: Arc<str>,
    pub planning: bool,
    pub open: bool,
    pub horizon: Option<Horizon>,
    pub measures: Vec<Measure>,
    measure_of: IdMap<MeasureId, u32>,
    pub rows: Rows,
    pub cols: Vec<Column>,
    /// Columns of a free sheet by id.
    pub col_of: IdMap<ColId, u32>,
    /// Columns in the order in which A1 counts them.
    pub col_order: Vec<u32>,
    pub col_place: Vec<u32>,
    pub deleted_cols: IdMap<ColId, u32>,
    /// The tick of the last change of rows or columns.
    pub laid_out: u64,
}

/// A measure and its run of columns.
pub(super) struct Measure {
    pub id: MeasureId,
    pub name: Arc<str>,
    pub content: Content,
    pub timed: bool,
    pub span: (usize, usize),
    pub first_col: u32,
    pub program: Option<Reader>,
    /// The formula yields the same in every bucket, so a row is calculated once for all of them.
    pub same_in_all_buckets: bool,
    /// The server computes it; here its cells hold what was given.
    pub given: bool,
}

/// The rows of a sheet: a slot each in every column, and their order.
#[derive(Default)]
pub(super) struct Rows {
    slot_of: IdMap<RowId, u32>,
    ids: Vec<Option<RowId>>,
    free: Vec<u32>,
    pub order: Vec<u32>,
    place: Vec<u32>,
    pub live: RowSet,
    pub deleted: IdMap<RowId, u32>,
}

impl Sheet {
    /// An empty sheet with this layout's measures and, on a planning sheet, their columns.
    pub(super) fn new(layout: &Layout) -> Self {
        let mut sheet = Self {
            id: layout.id,
            title: layout.title.clone(),
            role: layout.role.clone(),
            planning: layout.planning,
            open: true,
            horizon: layout.horizon,
            measures: Vec::new(),
            measure_of: IdMap::default(),
            rows: Rows::default(),
            cols: Vec::new(),
            col_of: IdMap::default(),
            col_order: Vec::new(),
            col_place: Vec::new(),
            deleted_cols: IdMap::default(),
            laid_out: 0,
        };
        for measure in &layout.measures {
            let index = sheet.measures.len() as u32;
            let first_col = sheet.cols.len() as u32;
            if measure.timed {
                let buckets = layout.horizon.iter().flat_map(Horizon::buckets);
                sheet.cols.extend(
                    buckets
                        .enumerate()
                        .map(|(offset, bucket)| Column::new(ColId::timed(measure.id, bucket), index, offset)),
                );
            } else {
                sheet.cols.push(Column::new(ColId::fixed(measure.id), index, 0));
            }
            sheet.measure_of.insert(measure.id, index);
            sheet.measures.push(Measure {
                id: measure.id,
                name: measure.name.clone(),
                content: measure.content.clone(),
                timed: measure.timed,
                span: measure.span,
                first_col,
                program: None,
                same_in_all_buckets: false,
                given: false,
            });
        }
        sheet
    }

    pub(super) fn measure_index(&self, id: MeasureId) -> Option<u32> {
        self.measure_of.get(&id).copied()
    }

    /// The column of an id; `None` where the sheet has no such column.
    pub(super) fn col_index(&self, id: ColId) -> Option<u32> {
        if !self.planning {
            return self.col_of.get(&id).copied();
        }
        let measure = &self.measures[self.measure_index(id.measure)? as usize];
        match id.bucket {
            Some(bucket) if measure.timed => Some(measure.first_col + self.offset_of(bucket)? as u32),
            None if !measure.timed => Some(measure.first_col),
            _ => None,
        }
    }

    /// Place of a bucket in the horizon.
    pub(super) fn offset_of(&self, bucket: Bucket) -> Option<usize> {
        self.horizon?.index_of(bucket)
    }

    /// The measure a column belongs to.
    pub(super) fn measure_of_col(&self, col: u32) -> Option<&Measure> {
        self.measures.get(self.cols.as_slice()[col as usize].measure as usize)
    }

    /// The columns of a measure that can have values.
    pub(super) fn cols_of(&self, measure: &Measure) -> std::ops::Range<u32> {
        if measure.timed {
            measure.first_col + measure.span.0 as u32..measure.first_col + measure.span.1 as u32
        } else {
            measure.first_col..measure.first_col + 1
        }
    }

    /// Whether the measure's formula fills this column here.
    pub(super) fn is_formula_col(&self, col: u32) -> bool {
        self.measure_of_col(col)
            .is_some_and(|measure| measure.program.is_some() && !measure.given && self.cols_of(measure).contains(&col))
    }

    /// The formula that gives a cell its value.
    pub(super) fn program_at(&self, col: u32, slot: u32) -> Option<Reader> {
        if let Some(own) = self.cols.as_slice()[col as usize].own(slot) {
            return Some(own);
        }
        let measure = self.measure_of_col(col)?;
        self.cols_of(measure).contains(&col).then_some(measure.program).flatten()
    }

    /// Adds a new column of a free sheet behind all others.
    pub(super) fn append_col(&mut self, id: ColId) {
        let col = self.cols.len() as u32;
        self.cols.push(Column::new(id, NONE, 0));
        self.col_of.insert(id, col);
        self.col_place.push(self.col_order.len() as u32);
        self.col_order.push(col);
        self.deleted_cols.remove(&id);
    }

    /// Reads the order of columns.
    pub(super) fn order_cols(&mut self, layout: &Layout) {
        self.col_order = layout.cols.iter().filter_map(|&col| self.col_index(col)).collect();
        self.col_place = vec![NONE; self.cols.len()];
        for (place, &col) in self.col_order.iter().enumerate() {
            self.col_place[col as usize] = place as u32;
        }
        self.deleted_cols = layout.deleted_cols.iter().map(|&(col, place)| (col, place as u32)).collect();
    }
}

impl Rows {
    pub(super) fn slot(&self, row: RowId) -> Option<u32> {
        self.slot_of.get(&row).copied()
    }

    pub(super) fn id(&self, slot: u32) -> Option<RowId> {
        self.ids.get(slot as usize).copied().flatten()
    }

    /// Place of a live row in the order.
    pub(super) fn place(&self, slot: u32) -> u32 {
        self.place.get(slot as usize).copied().unwrap_or(NONE)
    }

    /// Places of all rows by slot.
    pub(super) fn places(&self) -> &[u32] {
        &self.place
    }

    /// A slot for a new row.
    pub(super) fn add(&mut self, row: RowId) -> u32 {
        if let Some(slot) = self.slot(row) {
            return slot;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.ids.push(None);
            self.ids.len() as u32 - 1
        });
        self.ids[slot as usize] = Some(row);
        self.slot_of.insert(row, slot);
        self.live.insert(slot);
        slot
    }

    /// Adds a new row behind all others.
    pub(super) fn append(&mut self, row: RowId) {
        let slot = self.add(row);
        if slot as usize >= self.place.len() {
            self.place.resize(slot as usize + 1, NONE);
        }
        self.place[slot as usize] = self.order.len() as u32;
        self.order.push(slot);
        self.deleted.remove(&row);
    }

    /// Gives a row's slot free; its cells must be empty by then.
    pub(super) fn remove(&mut self, row: RowId) {
        if let Some(slot) = self.slot_of.remove(&row) {
            self.ids[slot as usize] = None;
            self.live.remove(slot);
            self.free.push(slot);
        }
    }

    /// Reads the order; all rows have slots by then.
    pub(super) fn put_order(&mut self, layout: &Layout) {
        self.order = layout.rows.iter().filter_map(|&row| self.slot(row)).collect();
        self.place = vec![NONE; self.ids.len()];
        for (place, &slot) in self.order.iter().enumerate() {
            self.place[slot as usize] = place as u32;
        }
        self.deleted = layout.deleted_rows.iter().map(|&(row, place)| (row, place as u32)).collect();
    }
}
