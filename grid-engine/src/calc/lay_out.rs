//! Sheets come, change shape and go.

use super::calculation::Calculation;
use super::ids::IdSet;
use super::layout::{Content, Entries, Entry, Layout};
use super::moves::Moves;
use super::program::{Home, Program, Reader};
use super::rowset::RowSet;
use super::sheet::Sheet;
use super::store::{Column, Spot};
use crate::refs::{CellRef, ColId, MeasureId, RowId, SheetId};

impl Calculation {
    /// Puts a sheet in, or brings it into another shape. Entries are asked for where cells come into being.
    pub fn put_sheet(&mut self, layout: &Layout, entries: &dyn Entries) {
        self.restructured.insert(layout.id);
        match self.store.sheet_index(layout.id) {
            Some(index) if self.has_same_columns(index, layout) => self.rearrange(index, layout, entries),
            _ => self.build(layout, entries),
        }
    }

    /// Takes a sheet out; what refers to it gives `#REF!`.
    pub fn close_sheet(&mut self, id: SheetId) {
        let Some(index) = self.store.sheet_index(id) else { return };
        self.restructured.insert(id);
        self.unlink_sheet(index);
        self.store.sheets[index as usize].open = false;
        self.soil_readers_of(id);
    }

    /// Whether a layout differs from the sheet in nothing but rows, texts and a free sheet's columns.
    fn has_same_columns(&self, index: u32, layout: &Layout) -> bool {
        let of = self.store.sheet(index);
        of.open
            && of.planning == layout.planning
            && of.horizon == layout.horizon
            && of.measures.len() == layout.measures.len()
            && of.measures.iter().zip(&layout.measures).all(|(is, new)| {
                is.id == new.id
                    && is.timed == new.timed
                    && is.span == new.span
                    && std::mem::discriminant(&is.content) == std::mem::discriminant(&new.content)
            })
    }

    /// Takes a sheet's formulas out; whoever refers to its cells refers to what is not there.
    fn unlink_sheet(&mut self, index: u32) {
        let of = self.store.sheet(index);
        let id = of.id;
        let read: Vec<Spot> = (0..of.cols.len() as u32)
            .filter(|&col| of.cols[col as usize].is_read())
            .flat_map(|col| of.rows.live.iter().map(move |slot| Spot { sheet: index, col, slot }))
            .collect();
        for spot in read {
            let readers = self.edges.lose(&mut self.store, spot);
            readers.into_iter().for_each(|reader| self.soil_reader(reader));
        }
        let readers: Vec<Reader> = self
            .edges
            .readers()
            .filter(|(_, program)| program.home.sheet() == index)
            .map(|(reader, _)| reader)
            .collect();
        readers.into_iter().for_each(|reader| self.edges.unlink(&mut self.store, reader));
        self.spills.forget_sheet(index);
        self.edges.forget_places(id);
        self.stale_measures = true;
        self.ranks = None;
    }

    fn build(&mut self, layout: &Layout, entries: &dyn Entries) {
        if let Some(index) = self.store.sheet_index(layout.id) {
            self.unlink_sheet(index);
        }
        let index = self.store.put_sheet(Sheet::new(layout));
        self.stale_measures = true;
        self.stale_matches.insert(index);
        self.cache.borrow_mut().clear();
        self.totals.borrow_mut().clear();
        let of = &mut self.store.sheets[index as usize];
        layout.rows.iter().for_each(|&row| {
            of.rows.add(row);
        });
        of.rows.put_order(layout);
        self.put_free_cols(index, layout);
        self.store.sheets[index as usize].order_cols(layout);
        for measure in &layout.measures {
            if let Content::Formula(stored) = &measure.content {
                self.put_program(index, measure.id, stored);
            }
        }
        self.find_cells(layout.id, None);
        let slots: Vec<u32> = self.store.sheet(index).rows.live.iter().collect();
        slots.iter().for_each(|&slot| self.prepare_row(index, slot));
        entries.each(&mut |row, col, entry| self.load(index, row, col, entry));
        for measure in &layout.measures {
            self.fill_layer(index, measure.id);
        }
        self.show_given(index);
        self.mark_laid_out(index);
        self.soil_readers_of(layout.id);
    }

    fn rearrange(&mut self, index: u32, layout: &Layout, entries: &dyn Entries) {
        let of = &mut self.store.sheets[index as usize];
        let keys_renamed = of.measures.iter().zip(&layout.measures).any(|(is, new)| is.name != new.name);
        of.title = layout.title.clone();
        of.role = layout.role.clone();
        for (measure, new) in of.measures.iter_mut().zip(&layout.measures) {
            measure.name = new.name.clone();
        }
        for measure in &layout.measures {
            if let Content::Formula(stored) = &measure.content {
                self.set_measure_formula(layout.id, measure.id, stored);
            }
        }
        if keys_renamed {
            self.stale_matches.insert(index);
        }
        if self.stands_alike(index, layout) {
            return;
        }
        let anchors = self.spills.anchors(index);
        anchors.iter().for_each(|&anchor| self.free_spill(anchor));
        let mut moves = Moves::before(&self.store, index, &self.edges);
        self.remove_cells(index, layout);
        let new_cols = self.put_free_cols(index, layout);
        let of = &mut self.store.sheets[index as usize];
        let new_rows: Vec<RowId> = layout.rows.iter().copied().filter(|&row| of.rows.slot(row).is_none()).collect();
        let new_slots: Vec<u32> = new_rows.iter().map(|&row| of.rows.add(row)).collect();
        of.rows.put_order(layout);
        of.order_cols(layout);
        moves.forget(&new_slots);
        self.mark_laid_out(index);
        self.edges.forget_places(layout.id);
        if new_cols.is_empty() {
            new_rows.iter().for_each(|&row| self.find_cells(layout.id, Some(row)));
        } else {
            self.find_cells(layout.id, None);
        }
        for &slot in &new_slots {
            self.load_row(index, slot, entries);
        }
        let new: RowSet = new_slots.into_iter().collect();
        let old: Vec<u32> = self.store.sheet(index).rows.live.iter().filter(|&slot| !new.contains(slot)).collect();
        for col in new_cols {
            for &slot in &old {
                self.load_cell(Spot { sheet: index, col, slot }, entries);
            }
        }
        self.stale_matches.insert(index);
        let ranges = moves.changed_ranges(&self.store, index, &self.edges);
        let mut readers: Vec<Reader> = ranges.into_iter().flat_map(|id| self.edges.range_readers(id)).collect();
        readers.extend(self.edges.measure_readers(layout.id, true));
        readers.extend(&self.edges.tables);
        readers.extend(&self.edges.positional);
        readers.into_iter().for_each(|reader| self.soil_reader(reader));
        anchors.into_iter().for_each(|anchor| self.store.soil(anchor));
    }

    /// Cells have come that somebody may refer to.
    pub(super) fn find_cells(&mut self, sheet: SheetId, row: Option<RowId>) {
        let readers = self.edges.find(&mut self.store, sheet, row);
        readers.into_iter().for_each(|reader| self.soil_reader(reader));
    }

    /// Whether rows and columns are those of the layout, in its order.
    fn stands_alike(&self, index: u32, layout: &Layout) -> bool {
        let of = self.store.sheet(index);
        let rows = of.rows.order.iter().map(|&slot| of.rows.id(slot));
        let cols = of.col_order.iter().map(|&col| Some(of.cols[col as usize].id));
        rows.eq(layout.rows.iter().copied().map(Some))
            && cols.eq(layout.cols.iter().copied().map(Some))
            && of.rows.deleted.len() == layout.deleted_rows.len()
            && layout.deleted_rows.iter().all(|(row, place)| of.rows.deleted.get(row) == Some(&(*place as u32)))
            && of.deleted_cols.len() == layout.deleted_cols.len()
            && layout.deleted_cols.iter().all(|(col, place)| of.deleted_cols.get(col) == Some(&(*place as u32)))
    }

    /// Drops the cells of rows and columns that the layout has no more, and tells who read them.
    fn remove_cells(&mut self, index: u32, layout: &Layout) {
        let of = self.store.sheet(index);
        let kept: RowSet = layout.rows.iter().filter_map(|&row| of.rows.slot(row)).collect();
        let gone: Vec<(RowId, u32)> = of
            .rows
            .live
            .iter()
            .filter(|&slot| !kept.contains(slot))
            .filter_map(|slot| Some((of.rows.id(slot)?, slot)))
            .collect();
        let cols: IdSet<ColId> = layout.cols.iter().copied().collect();
        let dead: Vec<u32> = match layout.planning {
            true => Vec::new(),
            false => of.col_of.iter().filter(|(id, _)| !cols.contains(id)).map(|(_, &col)| col).collect(),
        };
        let width = of.cols.len() as u32;
        let live: Vec<u32> = if dead.is_empty() { Vec::new() } else { kept.iter().collect() };
        for &(row, slot) in &gone {
            for col in 0..width {
                self.drop_cell(Spot { sheet: index, col, slot });
            }
            self.store.sheets[index as usize].rows.remove(row);
        }
        for col in dead {
            for &slot in &live {
                self.drop_cell(Spot { sheet: index, col, slot });
            }
            let of = &mut self.store.sheets[index as usize];
            let id = of.cols[col as usize].id;
            of.col_of.remove(&id);
        }
    }

    fn drop_cell(&mut self, spot: Spot) {
        self.clear_formula(spot);
        let readers = self.edges.lose(&mut self.store, spot);
        readers.into_iter().for_each(|reader| self.soil_reader(reader));
        self.store.col_mut(spot.sheet, spot.col).forget(spot.slot);
    }

    /// Adds a free sheet's columns that are not there yet.
    fn put_free_cols(&mut self, index: u32, layout: &Layout) -> Vec<u32> {
        let of = &mut self.store.sheets[index as usize];
        let mut added = Vec::new();
        if !layout.planning {
            for &id in &layout.cols {
                if !of.col_of.contains_key(&id) {
                    let col = of.cols.len() as u32;
                    of.cols.push(Column::new(id, super::store::NONE, 0));
                    of.col_of.insert(id, col);
                    added.push(col);
                }
            }
        }
        added
    }

    pub(super) fn mark_laid_out(&mut self, index: u32) {
        self.store.tick += 1;
        self.store.sheets[index as usize].laid_out = self.store.tick;
    }

    /// Shows what was given for cells of a free sheet before it was there.
    fn show_given(&mut self, index: u32) {
        let of = self.store.sheet(index);
        if of.planning {
            return;
        }
        let cells: Vec<CellRef> = self.given.keys().filter(|cell| cell.sheet == of.id).copied().collect();
        for cell in cells {
            let Some(spot) = self.store.locate(cell) else { continue };
            let col = self.store.col(spot);
            if !col.entered.contains(spot.slot) && !col.has_own(spot.slot) {
                self.fill_unentered(spot, cell);
            }
        }
    }

    /// Gives a row of formula measures its cells to calculate, and one of given measures what was given.
    fn prepare_row(&mut self, index: u32, slot: u32) {
        for col in 0..self.store.sheet(index).cols.len() as u32 {
            let of = self.store.sheet(index);
            let spot = Spot { sheet: index, col, slot };
            if of.is_formula_col(col) {
                self.store.col_mut(index, col).calculated.insert(slot);
                self.store.soil(spot);
            } else if of.measure_of_col(col).is_some_and(|m| m.given && of.cols_of(m).contains(&col))
                && let Some(cell) = self.store.name(spot)
            {
                self.take_given(spot, cell);
            }
        }
    }

    fn load_row(&mut self, index: u32, slot: u32, entries: &dyn Entries) {
        self.prepare_row(index, slot);
        for col in 0..self.store.sheet(index).cols.len() as u32 {
            self.load_cell(Spot { sheet: index, col, slot }, entries);
        }
    }

    fn load_cell(&mut self, spot: Spot, entries: &dyn Entries) {
        let Some(cell) = self.store.name(spot) else { return };
        match entries.entry(cell.row, cell.col) {
            Some(entry) if self.takes_entries(spot) => self.load(spot.sheet, cell.row, cell.col, entry),
            _ => {
                let col = self.store.col(spot);
                if !col.calculated.contains(spot.slot) {
                    self.fill_unentered(spot, cell);
                }
                // Who read the row while it was deleted sees it again.
                self.store.touch(spot);
            }
        }
    }

    fn load(&mut self, index: u32, row: RowId, col: ColId, entry: Entry) {
        let of = self.store.sheet(index);
        let (Some(slot), Some(place)) = (of.rows.slot(row), of.col_index(col)) else { return };
        let spot = Spot { sheet: index, col: place, slot };
        if !self.takes_entries(spot) {
            return;
        }
        match entry {
            Entry::Value(value) => self.enter(spot, value),
            Entry::Formula(stored) => self.enter_formula(spot, &stored),
        }
    }

    /// Replaces the formula of a formula measure.
    pub(super) fn set_measure_formula(&mut self, sheet: SheetId, measure: MeasureId, stored: &str) {
        let Some(index) = self.store.sheet_index(sheet) else { return };
        let of = self.store.sheet(index);
        let Some(place) = of.measure_index(measure) else { return };
        let own = of.measures[place as usize].program;
        if !own.is_some_and(|own| self.reads_as(own, stored)) {
            self.replace_measure_formula(index, place, stored);
        }
    }

    /// The same for one that is put in anew, whether it differs or not.
    pub(super) fn replace_measure_formula(&mut self, index: u32, place: u32, stored: &str) {
        let measure = self.store.sheet(index).measures[place as usize].id;
        self.put_program(index, measure, stored);
        let of = self.store.sheet(index);
        let is = &of.measures[place as usize];
        let (cols, rows, given) = (of.cols_of(is), of.rows.live.clone(), is.given);
        for col in cols {
            for slot in rows.iter() {
                let column = self.store.col_mut(index, col);
                if column.entered.contains(slot) || column.has_own(slot) {
                    continue;
                }
                let spot = Spot { sheet: index, col, slot };
                if given {
                    column.calculated.remove(slot);
                    column.dirty.remove(slot);
                    if let Some(cell) = self.store.name(spot) {
                        self.take_given(spot, cell);
                    }
                } else {
                    column.calculated.insert(slot);
                    self.store.soil(spot);
                }
            }
        }
    }

    fn put_program(&mut self, index: u32, measure: MeasureId, stored: &str) {
        let Some(place) = self.store.sheet(index).measure_index(measure) else { return };
        if let Some(before) = self.store.sheet(index).measures[place as usize].program {
            self.edges.unlink(&mut self.store, before);
        }
        let reader = self.link(Home::Measure(index, place), stored);
        let given = self.given_only && self.edges.program(reader).is_some_and(Program::is_pending);
        let is = &mut self.store.sheets[index as usize].measures[place as usize];
        is.content = Content::Formula(stored.into());
        is.program = Some(reader);
        is.given = given;
        self.stale_measures = true;
        self.ranks = None;
    }

    /// Everyone who reads places of a sheet must read again: it came, or it went.
    fn soil_readers_of(&mut self, id: SheetId) {
        let ranges: Vec<u32> = self.edges.ranges_of(id).map(|(range, _)| range).collect();
        let mut readers: Vec<Reader> = ranges.into_iter().flat_map(|id| self.edges.range_readers(id)).collect();
        readers.extend(self.edges.measure_readers(id, false));
        readers.extend(&self.edges.tables);
        readers.extend(&self.edges.positional);
        readers.into_iter().for_each(|reader| self.soil_reader(reader));
    }
}
