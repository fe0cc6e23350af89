//! A workbook of cells and formulas only: what a file holds, without documents and people.

mod names;
mod sheet;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Clock;
use crate::calc::{Calculation, Entries, Entry};
use crate::formula::{Formula, FormulaError, Hidden, Names as _, RangeRef};
use crate::refs::{CellRef, ColId, Id, RowId, SheetId};
use crate::value::Value;
use sheet::{Order, PlainSheet, col_id, row_id};

/// Excel's last row and column, and ours.
const MAX_ROWS: u32 = 1_048_576;
const MAX_COLS: u32 = 16_384;
/// Blank rows and columns kept around what a sheet holds, for arrays to spill into and OFFSET to reach. Sheets grow where
/// that is not enough.
const MARGIN: (u32, u32) = (250, 50);
/// So often sheets grow in one calculation: what spills may make other arrays larger.
const MAX_GROWTHS: usize = 8;

/// Sheets of cells known by zero-based position, and their values.
///
/// ```
/// # use grid_engine::workbook::{Clock, PlainBook};
/// # fn main() -> Result<(), grid_engine::formula::FormulaError> {
/// let mut book = PlainBook::default();
/// let sheet = book.add_sheet("Sheet1");
/// book.put(sheet, 0, 0, 2.0.into());
/// let formula = book.read(sheet, 1, 0, "=A1*21")?;
/// book.put_formula(sheet, 1, 0, &formula);
/// book.calculate(Clock { now: 46_000.0, seed: 1 });
/// assert_eq!(book.value(sheet, 1, 0).as_number(), Some(42.0));
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
pub struct PlainBook {
    sheets: Vec<PlainSheet>,
    /// Stored formulas of defined names by name in lower case; one that a single sheet has as `sheet!name`.
    names: BTreeMap<String, Arc<str>>,
    calculation: Calculation,
    /// Some sheet has names of its own.
    has_local_names: bool,
    /// Names the calculation has not been told.
    has_new_names: bool,
}

fn number_of(id: Id, most: u32) -> Option<u32> {
    id.number().and_then(|number| u32::try_from(number).ok()).filter(|&number| number < most)
}

/// Cells are put in one by one.
struct NoEntries;

impl Entries for NoEntries {
    fn entry(&self, _: RowId, _: ColId) -> Option<Entry> {
        None
    }

    fn each(&self, _: &mut dyn FnMut(RowId, ColId, Entry)) {}
}

impl PlainBook {
    /// Adds a sheet behind the others; its number.
    pub fn add_sheet(&mut self, title: &str) -> usize {
        let sheet = PlainSheet {
            id: SheetId(Id::from_number(self.sheets.len() as u64)),
            title: title.into(),
            rows: Order::default(),
            cols: Order::default(),
            ends: BTreeSet::new(),
        };
        self.calculation.put_sheet(&sheet.layout(), &NoEntries);
        self.sheets.push(sheet);
        self.sheets.len() - 1
    }

    /// Defines a name for the workbook, or for one sheet only. The text is a formula without its `=`, seen from A1: relative
    /// references count from the cell that uses the name. Of several areas only commas stand between them.
    pub fn define(&mut self, name: &str, sheet: Option<usize>, text: &str) -> Result<(), FormulaError> {
        let read = |text: String| self.read(sheet.unwrap_or(0), 0, 0, &text);
        let formula = read(format!("={text}")).or_else(|error| read(format!("=({text})")).map_err(|_| error))?;
        let formula = formula.counting_from_user(self);
        let key = match sheet.and_then(|sheet| self.sheets.get(sheet)) {
            Some(sheet) => {
                self.has_local_names = true;
                local_key(&sheet.title, name)
            }
            None => name.to_lowercase(),
        };
        self.reach(&formula);
        self.names.insert(key, formula.to_stored().into());
        self.has_new_names = true;
        Ok(())
    }

    /// Reads a formula with its `=` as it stands in a cell.
    pub fn read(&self, sheet: usize, row: u32, col: u32, text: &str) -> Result<Formula, FormulaError> {
        Formula::parse(text, self, self.cell(sheet, row, col))
    }

    /// Reads what a formula of one cell says in another: relative references shift.
    pub fn shifted(&self, formula: &Formula, sheet: usize, from: (u32, u32), to: (u32, u32)) -> Formula {
        formula.moved(self, self.cell(sheet, from.0, from.1), self.cell(sheet, to.0, to.1))
    }

    /// The formula as people read it in a cell.
    pub fn text(&self, formula: &Formula, sheet: usize, row: u32, col: u32) -> String {
        formula.print(self, self.cell(sheet, row, col))
    }

    /// Puts a value into a cell; blank clears it.
    pub fn put(&mut self, sheet: usize, row: u32, col: u32, value: Value) {
        self.enter(sheet, row, col, (!value.is_blank()).then_some(Entry::Value(value)));
    }

    /// Says that a row is not shown: some totals leave it out.
    pub fn hide_row(&mut self, sheet: usize, row: u32, hidden: Hidden) {
        let cell = self.cell(sheet, row, 0);
        self.calculation.hide_row(cell.sheet, cell.row, hidden);
    }

    /// Puts a formula into a cell.
    pub fn put_formula(&mut self, sheet: usize, row: u32, col: u32, formula: &Formula) {
        self.reach(formula);
        self.enter(sheet, row, col, Some(Entry::Formula(formula.to_stored().into())));
    }

    fn enter(&mut self, sheet: usize, row: u32, col: u32, entry: Option<Entry>) {
        let Some(of) = self.sheets.get_mut(sheet) else { return };
        of.rows.reach = of.rows.reach.max(row + 1);
        of.cols.reach = of.cols.reach.max(col + 1);
        self.make_room(sheet);
        self.calculation.set_entry(self.cell(sheet, row, col), entry);
    }

    /// Makes room for what a formula refers to.
    fn reach(&mut self, formula: &Formula) {
        formula.each_reference(&mut |reference| match reference {
            Ok(cell) => self.reach_cell(cell),
            Err(range) => self.reach_ends(range),
        });
    }

    fn reach_cell(&mut self, cell: CellRef) {
        let Some(of) = sheet_mut(&mut self.sheets, cell.sheet) else { return };
        let (row, col) = (number_of(cell.row.0, MAX_ROWS), number_of(cell.col.measure.0, MAX_COLS));
        of.rows.reach = of.rows.reach.max(row.map_or(0, |row| row + 1));
        of.cols.reach = of.cols.reach.max(col.map_or(0, |col| col + 1));
        if let Some(sheet) = cell.sheet.0.number() {
            self.make_room(sheet as usize);
        }
    }

    fn reach_ends(&mut self, RangeRef { sheet, rows, cols }: &RangeRef) {
        let Some(of) = sheet_mut(&mut self.sheets, *sheet) else { return };
        let rows = rows.map_or([0, 0], |(a, b)| [a, b].map(|id| number_of(id.0, MAX_ROWS).unwrap_or(0)));
        let cols = cols.map_or([0, 0], |(a, b)| [a, b].map(|id| number_of(id.measure.0, MAX_COLS).unwrap_or(0)));
        of.ends.extend([(rows[0], cols[0]), (rows[1], cols[1])]);
        // A range that begins below everything has at least its first row: something is left of it.
        of.rows.reach = of.rows.reach.max(rows[0].min(rows[1]) + 1);
    }

    /// Inserts blank rows, as a person does: ranges around them grow.
    pub fn insert_rows(&mut self, sheet: usize, at: u32, count: u32) {
        let Some(of) = self.sheets.get_mut(sheet) else { return };
        of.rows.insert(at, count);
        of.rows.reach += count;
        let layout = of.layout();
        self.calculation.put_sheet(&layout, &NoEntries);
    }

    /// Brings all values up to date.
    pub fn calculate(&mut self, clock: Clock) {
        if std::mem::take(&mut self.has_new_names) {
            let names = self.names.iter().map(|(name, stored)| (name.as_str(), &**stored));
            self.calculation.set_names(names);
        }
        for sheet in 0..self.sheets.len() {
            self.lay_out(sheet);
        }
        for _ in 0..MAX_GROWTHS {
            self.calculation.recalculate_silently(clock.now, clock.seed);
            if !self.grow() {
                break;
            }
        }
    }

    /// Gives sheets the rows and columns that formulas reached for without finding them. Returns whether there are more now.
    fn grow(&mut self) -> bool {
        let mut has_grown = false;
        for (id, rows, cols) in self.calculation.wanted() {
            let Some(of) = sheet_mut(&mut self.sheets, id) else { continue };
            let (rows, cols) = (rows.min(MAX_ROWS).max(of.rows.len()), cols.min(MAX_COLS).max(of.cols.len()));
            if (rows, cols) != (of.rows.len(), of.cols.len()) {
                of.extend_to(rows, cols, &mut self.calculation);
                self.calculation.set_beyond(of.id, &of.beyond());
                has_grown = true;
            }
        }
        has_grown
    }

    /// Gives a sheet the rows and columns that are needed at least.
    fn make_room(&mut self, sheet: usize) {
        let Some(of) = self.sheets.get_mut(sheet) else { return };
        let (rows, cols) = (of.rows.reach, of.cols.reach);
        if rows > of.rows.len() || cols > of.cols.len() {
            of.extend_to(rows, cols, &mut self.calculation);
        }
    }

    /// Gives a sheet that has grown a margin around what it holds.
    fn lay_out(&mut self, sheet: usize) {
        let Some(of) = self.sheets.get_mut(sheet) else { return };
        let (rows, cols) = of.wanted();
        if of.rows.spare_from.is_none_or(|from| rows > from) || of.cols.spare_from.is_none_or(|from| cols > from) {
            let (rows, cols) = ((rows + MARGIN.0).min(MAX_ROWS), (cols + MARGIN.1).min(MAX_COLS));
            of.extend_to(rows, cols, &mut self.calculation);
            (of.rows.spare_from, of.cols.spare_from) = (Some(of.rows.len()), Some(of.cols.len()));
        }
        self.calculation.set_beyond(of.id, &of.beyond());
    }

    /// The value of a cell after the last calculation, blank where there is nothing.
    pub fn value(&self, sheet: usize, row: u32, col: u32) -> &Value {
        self.calculation.value(self.cell(sheet, row, col)).unwrap_or(&Value::Blank)
    }

    /// The cells an array spilled into from a cell, by row and column.
    pub fn spilled(&self, sheet: usize, row: u32, col: u32) -> Vec<(u32, u32)> {
        let covered = self.calculation.spilled_from(self.cell(sheet, row, col)).into_iter();
        covered
            .filter_map(|cell| Some((self.row_index(cell.sheet, cell.row)?, self.col_index(cell.sheet, cell.col)?)))
            .collect()
    }

    fn cell(&self, sheet: usize, row: u32, col: u32) -> CellRef {
        let (row, col) = match self.sheets.get(sheet) {
            Some(of) => (of.rows.number_at(row), of.cols.number_at(col)),
            None => (row, col),
        };
        CellRef { sheet: SheetId(Id::from_number(sheet as u64)), row: row_id(row), col: col_id(col) }
    }

    fn sheet(&self, id: SheetId) -> Option<&PlainSheet> {
        self.sheets.get(usize::try_from(id.0.number()?).ok()?)
    }
}

fn sheet_mut(sheets: &mut [PlainSheet], id: SheetId) -> Option<&mut PlainSheet> {
    sheets.get_mut(usize::try_from(id.0.number()?).ok()?)
}

fn local_key(title: &str, name: &str) -> String {
    format!("{title}!{name}").to_lowercase()
}

#[cfg(test)]
mod tests;
