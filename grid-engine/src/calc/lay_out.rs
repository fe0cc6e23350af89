//! Sheets come, change shape and go.

use std::sync::Arc;

use super::calculation::Calculation;
use super::edges::Reader;
use super::ids::IdSet;
use super::layout::{Content, Entries, Entry, Layout};
use super::program::Program;
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
        self.soil_readers_of(id, true);
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

    fn unlink_sheet(&mut self, index: u32) {
        let id = self.store.sheet(index).id;
        let readers: Vec<Reader> =
            self.edges.readers().map(|(reader, _)| reader).filter(|reader| reader.sheet() == id).collect();
        readers.into_iter().for_each(|reader| self.edges.unlink(reader));
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
        let slots: Vec<u32> = self.store.sheet(index).rows.live.iter().collect();
        slots.iter().for_each(|&slot| self.prepare_row(index, slot));
        entries.each(&mut |row, col, entry| self.load(index, row, col, entry));
        for measure in &layout.measures {
            self.fill_layer(index, measure.id);
        }
        self.show_given(index);
        self.mark_laid_out(index);
        self.soil_readers_of(layout.id, true);
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
        anchors.into_iter().for_each(|anchor| self.free_spill(anchor));
        self.remove_cells(index, layout);
        let new_cols = self.put_free_cols(index, layout);
        let of = &mut self.store.sheets[index as usize];
        let new_rows: Vec<RowId> = layout.rows.iter().copied().filter(|&row| of.rows.slot(row).is_none()).collect();
        let new_slots: Vec<u32> = new_rows.iter().map(|&row| of.rows.add(row)).collect();
        of.rows.put_order(layout);
        of.order_cols(layout);
        self.mark_laid_out(index);
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
        self.edges.forget_places(layout.id);
        self.soil_readers_of(layout.id, false);
        if !layout.planning {
            self.soil_own_formulas(index);
        }
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
        let rows: IdSet<RowId> = layout.rows.iter().copied().collect();
        let gone: Vec<(RowId, u32)> = of
            .rows
            .live
            .iter()
            .filter_map(|slot| Some((of.rows.id(slot)?, slot)))
            .filter(|(row, _)| !rows.contains(row))
            .collect();
        let cols: IdSet<ColId> = layout.cols.iter().copied().collect();
        let dead: Vec<u32> = match layout.planning {
            true => Vec::new(),
            false => of.col_of.iter().filter(|(id, _)| !cols.contains(id)).map(|(_, &col)| col).collect(),
        };
        let width = of.cols.len() as u32;
        let live: Vec<u32> = of.rows.live.iter().collect();
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
        if let Some(cell) = self.store.name(spot) {
            let readers = self.edges.cells.get(&(cell.sheet, cell.col)).and_then(|column| column.get(&cell.row));
            let readers = readers.cloned().unwrap_or_default();
            readers.into_iter().for_each(|reader| self.soil_reader(reader));
        }
        let col = self.store.col_mut(spot.sheet, spot.col);
        col.forget(spot.slot);
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

    fn mark_laid_out(&mut self, index: u32) {
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
            if !col.entered.contains(spot.slot) && !col.own.contains_key(&spot.slot) {
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
            Entry::Formula(stored) => {
                let cell = CellRef { sheet: self.store.sheet(index).id, row, col };
                self.enter_formula(spot, cell, &stored);
            }
        }
    }

    /// Replaces the formula of a formula measure.
    pub(super) fn set_measure_formula(&mut self, sheet: SheetId, measure: MeasureId, stored: &Arc<str>) {
        let Some(index) = self.store.sheet_index(sheet) else { return };
        let of = self.store.sheet(index);
        let Some(place) = of.measure_index(measure) else { return };
        let is = &of.measures[place as usize];
        let same_text = is.program.as_ref().is_some_and(|program| program.stored == *stored);
        if same_text && !is.program.as_ref().is_some_and(|program| program.reads.named) {
            return;
        }
        self.put_program(index, measure, stored);
        let of = self.store.sheet(index);
        let is = &of.measures[place as usize];
        let (cols, rows, given) = (of.cols_of(is), of.rows.live.clone(), is.given);
        for col in cols {
            for slot in rows.iter() {
                let column = self.store.col_mut(index, col);
                if column.entered.contains(slot) || column.own.contains_key(&slot) {
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

    fn put_program(&mut self, index: u32, measure: MeasureId, stored: &Arc<str>) {
        let program = Arc::new(Program::compile(stored, &self.names));
        let sheet = self.store.sheet(index).id;
        self.link(Reader::Measure(sheet, measure), &program);
        let given = self.given_only && program.pending;
        let of = &mut self.store.sheets[index as usize];
        if let Some(place) = of.measure_index(measure) {
            let is = &mut of.measures[place as usize];
            is.content = Content::Formula(stored.clone());
            is.program = Some(program);
            is.given = given;
        }
        self.stale_measures = true;
        self.ranks = None;
    }

    /// Whoever reads places of a sheet must read again: everyone, or where only rows have changed, all but those
    /// who read their own row of it.
    fn soil_readers_of(&mut self, id: SheetId, everyone: bool) {
        let mut readers = self.edges.range_readers(id);
        readers.extend(self.edges.measure_readers(id, !everyone));
        readers.extend(self.edges.tables.iter().copied());
        if everyone || self.store.sheet_index(id).is_some_and(|index| !self.store.sheet(index).planning) {
            readers.extend(self.edges.cell_readers(id));
        }
        readers.into_iter().for_each(|reader| self.soil_reader(reader));
    }

    fn soil_own_formulas(&mut self, index: u32) {
        let of = self.store.sheet(index);
        let spots: Vec<Spot> = (0..of.cols.len() as u32)
            .flat_map(|col| of.cols[col as usize].own.keys().map(move |&slot| Spot { sheet: index, col, slot }))
            .collect();
        spots.into_iter().for_each(|spot| self.store.soil(spot));
    }
}
