//! Values in columns, and which of them are out of date.

use super::ids::IdMap;
use super::program::Reader;
use super::rowset::RowSet;
use super::sheet::Sheet;
use crate::refs::{CellRef, ColId, SheetId};
use crate::value::{ErrorKind, Value};

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
    /// Cells whose readers have not been told.
    pub touched: Vec<Spot>,
    /// Columns with rows in `fresh`.
    pub queue: Vec<(u32, u32)>,
    /// Columns that got rows into `dirty`.
    pub dirty_cols: Vec<(u32, u32)>,
    /// Columns with rows in `changed`.
    pub changed_cols: Vec<(u32, u32)>,
    /// Counts value changes: what was read at a tick is still true while no column it came from has a later one.
    pub tick: u64,
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
    /// Formulas of single cells by row, as far as there are any.
    own: Vec<u32>,
    /// The first edge that leads to each cell.
    readers: Vec<u32>,
    /// Values that came from a formula, which a waiting cell may go on showing.
    pub held: RowSet,
    /// Calculated cells whose values the server keeps from this side.
    pub hidden: RowSet,
    /// Cells for which a job is computing a newer value.
    pub pending: RowSet,
    /// Values a running job may change: those of waiting cells and what was calculated from them.
    pub tentative: RowSet,
    /// Cells covered by an array, and the cell it spilled from.
    pub spilled: IdMap<u32, Spot>,
    pub dirty: RowSet,
    /// It is among the columns still to be worked on.
    pub listed: bool,
    /// Cells of which those have not been told who read rectangles, measures and tables.
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

    // Every cell of every recalculation comes through the next three. Slices are indexed where they are: compiled for
    // size, as browsers get it, indexing a `Vec` is a call.
    pub(super) fn sheet(&self, index: u32) -> &Sheet {
        &self.sheets.as_slice()[index as usize]
    }

    pub(super) fn col(&self, spot: Spot) -> &Column {
        &self.sheets.as_slice()[spot.sheet as usize].cols.as_slice()[spot.col as usize]
    }

    pub(super) fn col_mut(&mut self, sheet: u32, col: u32) -> &mut Column {
        &mut self.sheets.as_mut_slice()[sheet as usize].cols.as_mut_slice()[col as usize]
    }

    /// Puts a sheet in, in the place of an earlier one with its id.
    pub(super) fn put_sheet(&mut self, sheet: Sheet) -> u32 {
        match self.by_id.get(&sheet.id) {
            Some(&index) => {
                self.sheets[index as usize] = sheet;
                self.touched.retain(|spot| spot.sheet != index);
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
        let value = if col.hidden.contains(spot.slot) { Value::error(ErrorKind::Hidden) } else { value };
        let place = spot.slot as usize;
        if place >= col.values.len() {
            if value.is_blank() {
                return false;
            }
            // A column of formulas gets its room at once, not by doubling.
            let likely = col.calculated.len() + col.entered.len();
            if likely / 2 > col.values.capacity() {
                col.values.reserve_exact(likely - col.values.len());
            }
            col.values.resize(place + 1, Value::Blank);
        }
        let cell = &mut col.values.as_mut_slice()[place];
        let changed = *cell != value;
        // An equal error may have another origin or detail.
        *cell = value;
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
        let is_first = col.changed.is_empty();
        col.changed.insert(spot.slot);
        if is_first {
            self.changed_cols.push((spot.sheet, spot.col));
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
        let (was_told, is_read) = (col.fresh.is_empty(), col.reader(spot.slot) != NONE);
        col.fresh.insert(spot.slot);
        if was_told {
            self.queue.push((spot.sheet, spot.col));
        }
        if is_read {
            self.touched.push(spot);
        }
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
        let column = &mut self.sheets[sheet as usize].cols[col as usize];
        if column.is_read() {
            let is_news = |slot: &u32| column.calculated.contains(*slot) && !column.dirty.contains(*slot);
            let read = rows.iter().filter(is_news).filter(|&slot| column.reader(slot) != NONE);
            self.touched.extend(read.map(|slot| Spot { sheet, col, slot }));
        }
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

impl Column {
    pub(super) fn new(id: ColId, measure: u32, offset: usize) -> Self {
        Self {
            id,
            measure,
            offset,
            values: Vec::new(),
            entered: RowSet::default(),
            calculated: RowSet::default(),
            own: Vec::new(),
            readers: Vec::new(),
            held: RowSet::default(),
            hidden: RowSet::default(),
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

    /// The cell's own formula.
    pub(super) fn own(&self, slot: u32) -> Option<Reader> {
        self.own.get(slot as usize).copied().filter(|&own| own != NONE).map(Reader)
    }

    /// Whether the cell has a formula of its own.
    pub(super) fn has_own(&self, slot: u32) -> bool {
        self.own(slot).is_some()
    }

    /// All formulas of single cells, by row.
    pub(super) fn owns(&self) -> impl Iterator<Item = (u32, Reader)> + '_ {
        (0..self.own.len() as u32).filter_map(|slot| Some((slot, self.own(slot)?)))
    }

    pub(super) fn set_own(&mut self, slot: u32, own: Option<Reader>) {
        // Another formula may follow from other cells: the server says so again if it does not.
        self.hidden.remove(slot);
        let place = slot as usize;
        if place >= self.own.len() {
            if own.is_none() {
                return;
            }
            self.own.resize(place + 1, NONE);
        }
        self.own[place] = own.map_or(NONE, |Reader(index)| index);
    }

    /// The first edge that leads to a cell.
    pub(super) fn reader(&self, slot: u32) -> u32 {
        self.readers.get(slot as usize).copied().unwrap_or(NONE)
    }

    pub(super) fn reader_mut(&mut self, slot: u32) -> &mut u32 {
        let place = slot as usize;
        if place >= self.readers.len() {
            self.readers.resize(place + 1, NONE);
        }
        &mut self.readers[place]
    }

    /// Whether formulas refer to single cells of it.
    pub(super) fn is_read(&self) -> bool {
        !self.readers.is_empty()
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
            &mut self.hidden,
            &mut self.pending,
            &mut self.tentative,
            &mut self.dirty,
            &mut self.fresh,
            &mut self.changed,
        ] {
            set.remove(slot);
        }
        self.set_own(slot, None);
        self.spilled.remove(&slot);
    }
}
