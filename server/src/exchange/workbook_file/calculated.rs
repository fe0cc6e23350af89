//! A file's formulas, calculated afresh.

use std::collections::{BTreeMap, HashMap};

use grid_engine::formula::Formula;
use grid_engine::value::{ErrorKind, Value};
use grid_engine::workbook::{Clock, PlainBook};

use super::{Extent, FileCell, WorkbookFile};

/// Days from the first day of one calendar to that of the other.
const DAYS_TO_1904: f64 = 1462.0;

/// The values that follow from a file's entries and formulas.
pub struct Calculated<'a> {
    file: &'a WorkbookFile,
    book: PlainBook,
    /// Formulas by sheet, row and column.
    formulas: BTreeMap<(usize, u32, u32), FormulaCell<'a>>,
    /// What could not be read, and where.
    pub problems: Vec<String>,
}

/// A cell with a formula.
#[derive(Debug)]
pub struct FormulaCell<'a> {
    /// With its `=`.
    pub text: String,
    /// What the file says its value is.
    pub cached: &'a Value,
    shows_date: bool,
}

/// A formula others follow, and where it stands.
type Shared = ((u32, u32), Formula);

impl WorkbookFile {
    /// Calculates everything; values the file holds for formulas are not looked at.
    pub fn calculate(&self, clock: Clock) -> Calculated<'_> {
        let mut all =
            Calculated { file: self, book: PlainBook::default(), formulas: BTreeMap::new(), problems: Vec::new() };
        for sheet in &self.sheets {
            all.book.add_sheet(&sheet.title);
        }
        let tables = self.tables.iter().map(|table| (&table.name, None, format!("{}[]", table.name)));
        let names = self.names.iter().map(|name| (&name.name, name.sheet, name.text.clone()));
        for (name, sheet, text) in tables.chain(names) {
            // A name's own row is that of the cell that uses it, which only parts of a row need.
            let text = self.plain_references(&text, sheet.unwrap_or(0), 0);
            if let Err(error) = all.book.define(name, sheet, &text) {
                all.problems.push(format!("the name {name} is left out: {error}"));
            }
        }
        for (sheet, of) in self.sheets.iter().enumerate() {
            of.hidden.iter().for_each(|(&row, &hidden)| all.book.hide_row(sheet, row, hidden));
            all.problems.extend(of.data_tables.iter().map(|area| {
                format!("{}!{area}: a what-if table is not calculated, its cells keep the values of the file", of.title)
            }));
            let mut shared: HashMap<u32, Shared> = HashMap::new();
            for cell in &of.cells {
                all.put(sheet, cell, &mut shared);
            }
        }
        all.book.calculate(clock);
        all
    }
}

impl<'a> Calculated<'a> {
    fn put(&mut self, sheet: usize, cell: &'a FileCell, shared: &mut HashMap<u32, Shared>) {
        let (row, col) = (cell.row, cell.col);
        let Some(formula) = &cell.formula else {
            let value = match cell.value {
                Value::Number(serial) if cell.is_date => Value::number(serial + self.days_off()),
                ref value => value.clone(),
            };
            return self.book.put(sheet, row, col, value);
        };
        let followed = formula.group.filter(|_| formula.text.is_empty()).and_then(|group| shared.get(&group));
        let (read, text) = match followed {
            Some((from, first)) => {
                let moved = self.book.shifted(first, sheet, *from, (row, col));
                let text = self.book.text(&moved, sheet, row, col);
                (Ok(moved), text)
            }
            None => {
                let text = format!("={}", formula.text);
                (self.book.read(sheet, row, col, &self.file.plain_references(&text, sheet, row)), text)
            }
        };
        match read {
            Ok(read) => {
                if let Some(group) = formula.group.filter(|_| followed.is_none()) {
                    shared.insert(group, ((row, col), read.clone()));
                }
                let standing = match formula.extent {
                    Extent::One => read.one_valued(),
                    Extent::Fixed { rows, cols } => read.filling(rows, cols),
                    Extent::Spilling { .. } => read,
                };
                self.book.put_formula(sheet, row, col, &standing);
            }
            Err(error) => {
                let title = &self.file.sheets[sheet].title;
                self.problems.push(format!("{title}!{}: {text} is no formula: {error}", place(row, col)));
                // A reference into another file is a reference to nothing here.
                let kind = if formula.text.contains("[1]") { ErrorKind::Ref } else { ErrorKind::Name };
                self.book.put(sheet, row, col, kind.into());
            }
        }
        self.formulas.insert((sheet, row, col), FormulaCell { text, cached: &cell.value, shows_date: cell.is_date });
    }

    fn days_off(&self) -> f64 {
        if self.file.counts_from_1904 { DAYS_TO_1904 } else { 0.0 }
    }

    /// The value of a cell, dates counted as in the file.
    pub fn value(&self, sheet: usize, row: u32, col: u32) -> Value {
        let value = self.book.value(sheet, row, col);
        let is_date = self.formulas.get(&(sheet, row, col)).is_some_and(|formula| formula.shows_date);
        match value {
            Value::Number(serial) if is_date => Value::number(serial - self.days_off()),
            value => value.clone(),
        }
    }

    /// Cells with a formula, by sheet, row and column.
    pub fn formulas(&self) -> impl Iterator<Item = ((usize, u32, u32), &FormulaCell<'a>)> {
        self.formulas.iter().map(|(&place, formula)| (place, formula))
    }

    /// Every cell that was entered or calculated, sheet by sheet and row by row: where, its formula if it has one,
    /// its value.
    pub fn each_cell<E>(
        &self,
        mut visit: impl FnMut(usize, (u32, u32), Option<&str>, Value) -> Result<(), E>,
    ) -> Result<(), E> {
        for (sheet, of) in self.file.sheets.iter().enumerate() {
            let mut places: Vec<(u32, u32)> = of.cells.iter().map(|cell| (cell.row, cell.col)).collect();
            for &(_, row, col) in self.formulas.range((sheet, 0, 0)..(sheet + 1, 0, 0)).map(|(place, _)| place) {
                places.extend(self.book.spilled(sheet, row, col));
            }
            places.sort_unstable();
            places.dedup();
            for (row, col) in places {
                let formula = self.formulas.get(&(sheet, row, col)).map(|formula| formula.text.as_str());
                visit(sheet, (row, col), formula, self.value(sheet, row, col))?;
            }
        }
        Ok(())
    }
}

/// `B3` for a zero-based place.
pub(super) fn place(row: u32, col: u32) -> String {
    format!("{}{}", grid_engine::refs::a1::column_letters(col), row + 1)
}
