//! Everything that follows from some cells, however far: what must not be shown to those who may not see these.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use super::calculation::Calculation;
use super::program::{Home, Reader};
use super::rowset::RowSet;
use super::store::Spot;
use crate::refs::{CellRef, MeasureId, RowId, SheetId};

/// Cells to begin with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seed {
    /// All cells of these rows.
    Rows(SheetId, Vec<RowId>),
    /// All cells of a measure.
    Measure(SheetId, MeasureId),
}

/// The seeds and all cells whose values follow from them. It holds until rows, columns or formulas change.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    cells: HashMap<(u32, u32), RowSet>,
}

impl Calculation {
    /// Follows values from the seeds on, but not out of the sheets `ends` names. Formulas whose references are computed
    /// (OFFSET, INDIRECT, SUMIF with values beyond those given) or that read the clock count as reached: what they read is known only once they have. So do those
    /// that read a frozen version, which holds every row.
    pub fn reach(&mut self, seeds: &[Seed], ends: &dyn Fn(SheetId) -> bool) -> Reach {
        let mut reach = Reach::default();
        let mut queue: Vec<(u32, u32, RowSet)> = Vec::new();
        for seed in seeds {
            let (Seed::Rows(id, _) | Seed::Measure(id, _)) = seed;
            let Some(sheet) = self.store.sheet_index(*id) else { continue };
            let of = self.store.sheet(sheet);
            match seed {
                Seed::Rows(_, rows) => {
                    let slots: RowSet = rows.iter().filter_map(|row| of.rows.slot(*row)).collect();
                    queue.extend((0..of.cols.len() as u32).map(|col| (sheet, col, slots.clone())));
                }
                Seed::Measure(_, measure) => {
                    let cols = of.measure_index(*measure).map(|index| of.cols_of(&of.measures[index as usize]));
                    queue.extend(cols.into_iter().flatten().map(|col| (sheet, col, of.rows.live.clone())));
                }
            }
        }
        let computed: Vec<Reader> = self.edges.volatile.iter().chain(&self.edges.versions).copied().collect();
        for reader in computed {
            self.cells_of(reader, &mut |sheet, cols, rows| queue.extend(cols.map(|col| (sheet, col, rows.clone()))));
        }
        while let Some((sheet, col, rows)) = queue.pop() {
            let mut fresh = RowSet::default();
            reach.cells.entry((sheet, col)).or_default().absorb(&rows, &rows, &mut fresh);
            if !fresh.is_empty() && !ends(self.store.sheet(sheet).id) {
                self.followers(sheet, col, &fresh, &mut |sheet, cols, rows| {
                    queue.extend(cols.map(|col| (sheet, col, rows.clone())));
                });
            }
        }
        reach
    }

    /// Whether a cell is among those reached.
    pub fn is_reached(&self, reach: &Reach, cell: CellRef) -> bool {
        let spot = self.store.locate(cell);
        spot.is_some_and(|spot| reach.cells.get(&(spot.sheet, spot.col)).is_some_and(|rows| rows.contains(spot.slot)))
    }

    /// The cells of a sheet that were reached and are calculated.
    pub fn reached_formulas(&self, reach: &Reach, sheet: SheetId) -> Vec<CellRef> {
        let Some(index) = self.store.sheet_index(sheet) else { return Vec::new() };
        let of = self.store.sheet(index);
        let mut cells = Vec::new();
        for (&(_, col), rows) in reach.cells.iter().filter(|((of, _), _)| *of == index) {
            for slot in rows.iter() {
                let column = &of.cols[col as usize];
                let entered = column.entered.contains(slot) && !column.spilled.contains_key(&slot);
                if !entered && (of.program_at(col, slot).is_some() || column.spilled.contains_key(&slot)) {
                    cells.extend(self.store.name(Spot { sheet: index, col, slot }));
                }
            }
        }
        cells
    }

    /// The cells whose formulas read rows of a column, and those their arrays cover: sheet, columns and rows.
    pub(super) fn followers(
        &mut self,
        sheet: u32,
        col: u32,
        rows: &RowSet,
        found: &mut dyn FnMut(u32, Range<u32>, &RowSet),
    ) {
        let mut readers: BTreeSet<Reader> = BTreeSet::new();
        let of = self.store.sheet(sheet);
        for slot in rows.iter() {
            let mut link = of.cols[col as usize].reader(slot);
            while let Some((reader, after)) = self.edges.step(link) {
                readers.insert(reader);
                link = after;
            }
        }
        self.edges.around(&self.store, sheet, col, &mut rows.iter(), &mut |reader| {
            readers.insert(reader);
        });
        if of.planning && !of.role.is_empty() {
            let reads = |reader: &&Reader| self.edges.program(**reader).is_some_and(|p| p.reads_table(&of.role));
            readers.extend(self.edges.tables.iter().filter(reads));
        }
        readers.into_iter().for_each(|reader| self.cells_of(reader, found));
        let measure = of.measure_of_col(col).map(|measure| (of.id, measure.id));
        for edge in measure.and_then(|measure| self.edges.measures.get(&measure)).into_iter().flatten() {
            if let Some((sheet, cols, rows)) = self.follows(edge, sheet, col, rows) {
                found(sheet, cols, &rows);
            }
        }
        if self.spills.any() {
            for covered in rows.iter().flat_map(|slot| self.spills.covered(Spot { sheet, col, slot })) {
                found(covered.sheet, covered.col..covered.col + 1, &[covered.slot].into_iter().collect());
            }
        }
    }

    /// The cells a formula gives values to.
    fn cells_of(&self, reader: Reader, found: &mut dyn FnMut(u32, Range<u32>, &RowSet)) {
        match self.edges.program(reader).map(|program| program.home) {
            Some(Home::Cell(at)) => found(at.sheet, at.col..at.col + 1, &[at.slot].into_iter().collect()),
            Some(Home::Measure(sheet, measure)) => {
                let to = self.store.sheet(sheet);
                found(sheet, to.cols_of(&to.measures[measure as usize]), &to.rows.live);
            }
            None => {}
        }
    }
}
