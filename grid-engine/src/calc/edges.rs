//! Which formulas read what.
//!
//! An edge stands for a cell, a rectangle or a measure, never for each cell of one: a change looks up the
//! readers of its cell, of the rectangles around it and of its measure.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ids::{IdMap, IdSet};
use super::intervals::Intervals;
use super::program::Program;
use super::sheet::Sheet;
use crate::formula::{MeasureRef, RangeRef, When};
use crate::refs::{CellRef, ColId, MeasureId, RowId, SheetId};

/// Whose formula it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Reader {
    Measure(SheetId, MeasureId),
    Cell(CellRef),
}

impl Reader {
    pub(super) fn sheet(self) -> SheetId {
        match self {
            Self::Measure(sheet, _) => sheet,
            Self::Cell(cell) => cell.sheet,
        }
    }
}

/// One formula's interest in a measure.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MeasureEdge {
    pub reader: Reader,
    pub own_row: bool,
    pub when: When,
}

/// All edges, by what is read.
#[derive(Default)]
pub(super) struct Edges {
    programs: IdMap<Reader, Arc<Program>>,
    pub cells: IdMap<(SheetId, ColId), IdMap<RowId, Vec<Reader>>>,
    ranges: IdMap<SheetId, SheetRanges>,
    pub measures: IdMap<(SheetId, MeasureId), Vec<MeasureEdge>>,
    /// Formulas that read tables of the supply model.
    pub tables: IdSet<Reader>,
    /// Formulas to calculate afresh every time.
    pub volatile: BTreeSet<Reader>,
    /// Formulas that read a frozen version.
    pub versions: IdSet<Reader>,
    /// Formulas in which a defined name occurs.
    pub named: IdSet<Reader>,
}

/// Rectangles of one sheet that are read.
#[derive(Default)]
struct SheetRanges {
    readers: IdMap<RangeRef, Vec<Reader>>,
    /// By column, built when it is first needed after a change.
    by_col: Option<Vec<Intervals<u32>>>,
    list: Vec<RangeRef>,
}

impl Edges {
    /// The formula of a reader.
    pub(super) fn program(&self, reader: Reader) -> Option<&Arc<Program>> {
        self.programs.get(&reader)
    }

    /// All formulas.
    pub(super) fn readers(&self) -> impl Iterator<Item = (Reader, &Arc<Program>)> {
        self.programs.iter().map(|(&reader, program)| (reader, program))
    }

    /// Enters a formula's reads, in place of an earlier formula's.
    pub(super) fn link(&mut self, reader: Reader, program: &Arc<Program>) {
        self.unlink(reader);
        self.programs.insert(reader, program.clone());
        let reads = &program.reads;
        for cell in &reads.cells {
            let column = self.cells.entry((cell.sheet, cell.col)).or_default();
            column.entry(cell.row).or_default().push(reader);
        }
        for range in &reads.ranges {
            let sheet = self.ranges.entry(range.sheet).or_default();
            let readers = sheet.readers.entry(range.clone()).or_default();
            if readers.is_empty() {
                sheet.by_col = None;
            }
            readers.push(reader);
        }
        for reference in &reads.measures {
            let edge = MeasureEdge { reader, own_row: reference.own_row, when: reference.when };
            self.measures.entry(target(reader, reference)).or_default().push(edge);
        }
        let put = |set: &mut IdSet<Reader>, wanted: bool| {
            if wanted {
                set.insert(reader);
            }
        };
        put(&mut self.tables, !reads.tables.is_empty());
        put(&mut self.versions, reads.measures.iter().any(|reference| reference.version.is_some()));
        put(&mut self.named, reads.named);
        if reads.volatile {
            self.volatile.insert(reader);
        }
    }

    /// Takes a formula's reads out.
    pub(super) fn unlink(&mut self, reader: Reader) {
        let Some(program) = self.programs.remove(&reader) else { return };
        for cell in &program.reads.cells {
            let key = (cell.sheet, cell.col);
            let Some(column) = self.cells.get_mut(&key) else { continue };
            if let Some(readers) = column.get_mut(&cell.row) {
                readers.retain(|&other| other != reader);
                if readers.is_empty() {
                    column.remove(&cell.row);
                }
            }
            if column.is_empty() {
                self.cells.remove(&key);
            }
        }
        for range in &program.reads.ranges {
            let Some(sheet) = self.ranges.get_mut(&range.sheet) else { continue };
            if let Some(readers) = sheet.readers.get_mut(range) {
                readers.retain(|&other| other != reader);
                if readers.is_empty() {
                    sheet.readers.remove(range);
                    sheet.by_col = None;
                }
            }
        }
        for reference in &program.reads.measures {
            if let Some(edges) = self.measures.get_mut(&target(reader, reference)) {
                edges.retain(|edge| edge.reader != reader);
            }
        }
        self.tables.remove(&reader);
        self.versions.remove(&reader);
        self.named.remove(&reader);
        self.volatile.remove(&reader);
    }

    /// Calls `visit` for every reader of a rectangle of `sheet` around a place.
    pub(super) fn around(&mut self, sheet: &Sheet, col: u32, row_places: &[u32], visit: &mut dyn FnMut(Reader)) {
        let Some(ranges) = self.ranges.get_mut(&sheet.id) else { return };
        if ranges.readers.is_empty() {
            return;
        }
        ranges.build(sheet);
        let Some(intervals) = ranges.by_col.as_ref().and_then(|by_col| by_col.get(col as usize)) else { return };
        let mut found = BTreeSet::new();
        for &place in row_places {
            intervals.covering(place, &mut |range| {
                found.insert(range);
            });
        }
        for range in found {
            if let Some(readers) = ranges.list.get(range as usize).and_then(|range| ranges.readers.get(range)) {
                readers.iter().for_each(|&reader| visit(reader));
            }
        }
    }

    /// Rows or columns of a sheet have moved: its rectangles cover other cells.
    pub(super) fn forget_places(&mut self, sheet: SheetId) {
        if let Some(ranges) = self.ranges.get_mut(&sheet) {
            ranges.by_col = None;
        }
    }

    /// Everyone who reads a rectangle of the sheet.
    pub(super) fn range_readers(&self, sheet: SheetId) -> Vec<Reader> {
        self.ranges.get(&sheet).into_iter().flat_map(|ranges| ranges.readers.values().flatten().copied()).collect()
    }

    /// Everyone who reads single cells of the sheet.
    pub(super) fn cell_readers(&self, sheet: SheetId) -> Vec<Reader> {
        let columns = self.cells.iter().filter(|((of, _), _)| *of == sheet);
        columns.flat_map(|(_, column)| column.values().flatten().copied()).collect()
    }

    /// Everyone who reads measures of the sheet: with `whole`, only those who read all its rows.
    pub(super) fn measure_readers(&self, sheet: SheetId, whole: bool) -> Vec<Reader> {
        let measures = self.measures.iter().filter(|((of, _), _)| *of == sheet);
        measures.flat_map(|(_, edges)| edges).filter(|edge| !whole || !edge.own_row).map(|edge| edge.reader).collect()
    }
}

/// The measure a reference means when `reader` reads it.
fn target(reader: Reader, reference: &MeasureRef) -> (SheetId, MeasureId) {
    (reference.sheet.unwrap_or(reader.sheet()), reference.measure)
}

impl SheetRanges {
    fn build(&mut self, sheet: &Sheet) {
        if self.by_col.is_some() {
            return;
        }
        self.list = self.readers.keys().cloned().collect();
        let mut by_col: Vec<Vec<(u32, u32, u32)>> = vec![Vec::new(); sheet.cols.len()];
        for (index, range) in self.list.iter().enumerate() {
            let Some(rectangle) = sheet.rectangle(range) else { continue };
            for place in rectangle.cols.clone() {
                let col = sheet.col_order[place as usize];
                by_col[col as usize].push((rectangle.rows.start, rectangle.rows.end - 1, index as u32));
            }
        }
        self.by_col = Some(by_col.into_iter().map(Intervals::new).collect());
    }
}
