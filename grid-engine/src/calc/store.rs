//! Values in columns, and which of them are out of date.

use std::sync::Arc;

use super::ids::IdMap;
use super::layout::{Content, Layout};
use super::program::Program;
use super::rowset::RowSet;
use crate::calendar::{Bucket, Horizon};
use crate::refs::{CellRef, ColId, MeasureId, RowId, SheetId};
use crate::value::Value;

/// A cell by its place in the store. It holds until the sheet is laid out anew; ids are for longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Spot {
    pub sheet: u32,
    pub col: u32,
    pub slot: u32,
}

/// All values.
#[derive(Default)]
pub(super) struct Store {
    pub sheets: Vec<Sheet>,
    by_id: IdMap<SheetId, u32>,
    /// Columns with rows in `fresh`.
    pub queue: Vec<(u32, u32)>,
    /// Columns that got rows into `dirty`.
    pub dirty_cols: Vec<(u32, u32)>,
    /// Columns with rows in `changed`.
    pub changed_cols: Vec<(u32, u32)>,
    /// Counts value changes: what was read at a tick is still true while no column it came from has a later one.
    pub tick: u64,
}

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
    pub program: Option<Arc<Program>>,
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

/// A column of cells.
pub(super) struct Column {
    pub id: ColId,
    /// Index of its measure; `NONE` on a free sheet.
    pub measure: u32,
    /// Place of its bucket in the horizon; 0 for an untimed one.
    pub offset: usize,
    values: Vec<Value>,
    /// Cells in which a person entered a value.
    pub entered: RowSet,
    /// Cells that are calculated here: by the measure's formula or by their own.
    pub calculated: RowSet,
    /// Formulas of single cells.
    pub own: IdMap<u32, Arc<Program>>,
    /// Values that came from a formula, which a waiting cell may go on showing.
    pub held: RowSet,
    /// Cells for which a job is computing a newer value.
    pub pending: RowSet,
    /// Values a running job may change: those of waiting cells and what was calculated from them.
    pub tentative: RowSet,
    /// Cells covered by an array, and the cell it spilled from.
    pub spilled: IdMap<u32, Spot>,
    pub dirty: RowSet,
    /// It is among the columns still to be worked on.
    pub listed: bool,
    /// Cells whose readers have not been told.
    pub fresh: RowSet,
    pub changed: RowSet,
    pub tick: u64,
}

/// No such index.
pub(super) const NONE: u32 = u32::MAX;

static BLANK: Value = Value::Blank;

impl Store {
    pub(super) fn sheet_index(&self, id: SheetId) -> Option<u32> {
        self.by_id.get(&id).copied()
    }

    pub(super) fn sheet(&self, index: u32) -> &Sheet {
        &self.sheets[index as usize]
    }

    pub(super) fn col(&self, spot: Spot) -> &Column {
        &self.sheets[spot.sheet as usize].cols[spot.col as usize]
    }

    pub(super) fn col_mut(&mut self, sheet: u32, col: u32) -> &mut Column {
        &mut self.sheets[sheet as usize].cols[col as usize]
    }

    /// Puts a sheet in, in the place of an earlier one with its id.
    pub(super) fn put_sheet(&mut self, sheet: Sheet) -> u32 {
        match self.by_id.get(&sheet.id) {
            Some(&index) => {
                self.sheets[index as usize] = sheet;
                let gone = |&(s, _): &(u32, u32)| s != index;
                self.queue.retain(gone);
                self.dirty_cols.retain(gone);
                self.changed_cols.retain(gone);
                index
            }
            None => {
                let index = self.sheets.len() as u32;
                self.by_id.insert(sheet.id, index);
                self.sheets.push(sheet);
                index
            }
        }
    }

    /// Where a cell is, if it is.
    pub(super) fn locate(&self, cell: CellRef) -> Option<Spot> {
        let index = self.sheet_index(cell.sheet)?;
        let sheet = self.sheet(index);
        Some(Spot { sheet: index, col: sheet.col_index(cell.col)?, slot: sheet.rows.slot(cell.row)? })
    }

    /// The id of a cell in the store; `None` for a row that is gone.
    pub(super) fn name(&self, spot: Spot) -> Option<CellRef> {
        let sheet = self.sheet(spot.sheet);
        Some(CellRef { sheet: sheet.id, row: sheet.rows.id(spot.slot)?, col: sheet.cols.get(spot.col as usize)?.id })
    }

    pub(super) fn value(&self, spot: Spot) -> &Value {
        self.col(spot).value(spot.slot)
    }

    pub(super) fn is_dirty(&self, spot: Spot) -> bool {
        self.col(spot).dirty.contains(spot.slot)
    }

    /// Writes a value; `true` when it is another than before.
    pub(super) fn put(&mut self, spot: Spot, value: Value) -> bool {
        let tick = self.tick + 1;
        let col = self.col_mut(spot.sheet, spot.col);
        let place = spot.slot as usize;
        if place >= col.values.len() {
            if value.is_blank() {
                return false;
            }
            col.values.resize(place + 1, Value::Blank);
        }
        let changed = col.values[place] != value;
        // An equal error may have another origin or detail.
        col.values[place] = value;
        if changed {
            col.tick = tick;
            self.tick = tick;
            self.note_change(spot);
        }
        changed
    }

    /// Reports a cell as changed.
    pub(super) fn note_change(&mut self, spot: Spot) {
        let col = self.col_mut(spot.sheet, spot.col);
        if col.changed.is_empty() {
            col.changed.insert(spot.slot);
            self.changed_cols.push((spot.sheet, spot.col));
        } else {
            col.changed.insert(spot.slot);
        }
    }

    /// Sets or clears the mark of a running job.
    pub(super) fn put_pending(&mut self, spot: Spot, pending: bool) {
        let col = self.col_mut(spot.sheet, spot.col);
        let changed = if pending { col.pending.insert(spot.slot) } else { col.pending.remove(spot.slot) };
        if changed {
            self.note_change(spot);
        }
    }

    /// The readers of a cell must learn of it.
    pub(super) fn touch(&mut self, spot: Spot) {
        let col = self.col_mut(spot.sheet, spot.col);
        if col.fresh.is_empty() {
            self.queue.push((spot.sheet, spot.col));
        }
        self.col_mut(spot.sheet, spot.col).fresh.insert(spot.slot);
    }

    /// A calculated cell is out of date, and so is what follows from it.
    pub(super) fn soil(&mut self, spot: Spot) {
        let col = self.col_mut(spot.sheet, spot.col);
        if col.calculated.contains(spot.slot) {
            self.soil_always(spot);
        }
    }

    /// The same for a cell that an array covers.
    pub(super) fn soil_always(&mut self, spot: Spot) {
        let col = self.col_mut(spot.sheet, spot.col);
        if col.dirty.insert(spot.slot) {
            if !std::mem::replace(&mut col.listed, true) {
                self.dirty_cols.push((spot.sheet, spot.col));
            }
            self.touch(spot);
        }
    }

    /// The same for many rows of a column.
    pub(super) fn soil_rows(&mut self, sheet: u32, col: u32, rows: &RowSet) {
        let column = self.col_mut(sheet, col);
        let was_told = column.fresh.is_empty();
        column.dirty.absorb(rows, &column.calculated, &mut column.fresh);
        let is_told = column.fresh.is_empty();
        if !column.dirty.is_empty() && !std::mem::replace(&mut column.listed, true) {
            self.dirty_cols.push((sheet, col));
        }
        if was_told && !is_told {
            self.queue.push((sheet, col));
        }
    }
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
        self.measures.get(self.cols[col as usize].measure as usize)
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
    pub(super) fn program_at(&self, col: u32, slot: u32) -> Option<&Arc<Program>> {
        let column = &self.cols[col as usize];
        if let Some(own) = column.own.get(&slot) {
            return Some(own);
        }
        let measure = self.measure_of_col(col)?;
        self.cols_of(measure).contains(&col).then_some(measure.program.as_ref()).flatten()
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

impl Column {
    pub(super) fn new(id: ColId, measure: u32, offset: usize) -> Self {
        Self {
            id,
            measure,
            offset,
            values: Vec::new(),
            entered: RowSet::default(),
            calculated: RowSet::default(),
            own: IdMap::default(),
            held: RowSet::default(),
            pending: RowSet::default(),
            tentative: RowSet::default(),
            spilled: IdMap::default(),
            dirty: RowSet::default(),
            listed: false,
            fresh: RowSet::default(),
            changed: RowSet::default(),
            tick: 0,
        }
    }

    /// The value in a row.
    pub(super) fn value(&self, slot: u32) -> &Value {
        self.values.get(slot as usize).unwrap_or(&BLANK)
    }

    /// Forgets everything about a row, for another to take its slot.
    pub(super) fn forget(&mut self, slot: u32) {
        if let Some(value) = self.values.get_mut(slot as usize) {
            *value = Value::Blank;
        }
        for set in [
            &mut self.entered,
            &mut self.calculated,
            &mut self.held,
            &mut self.pending,
            &mut self.tentative,
            &mut self.dirty,
            &mut self.fresh,
            &mut self.changed,
        ] {
            set.remove(slot);
        }
        self.own.remove(&slot);
        self.spilled.remove(&slot);
    }
}
