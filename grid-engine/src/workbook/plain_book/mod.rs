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
/// Blank rows and columns kept around what a sheet holds, for arrays to spill into and OFFSET to reach.
const MARGIN: (u32, u32) = (250, 50);

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
        self.calculation.recalculate_silently(clock.now, clock.seed);
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
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const CLOCK: Clock = Clock { now: 46_000.0, seed: 1 };

    fn book(cells: &[(&str, &str)]) -> PlainBook {
        let mut book = PlainBook::default();
        let sheet = book.add_sheet("Sheet1");
        for (at, text) in cells {
            let (row, col) = place(at);
            match text.strip_prefix('=') {
                Some(_) => {
                    let formula = book.read(sheet, row, col, text).unwrap();
                    book.put_formula(sheet, row, col, &formula);
                }
                None => book.put(sheet, row, col, text.parse::<f64>().map_or((*text).into(), Value::number)),
            }
        }
        book.calculate(CLOCK);
        book
    }

    fn place(at: &str) -> (u32, u32) {
        let split = at.find(|c: char| c.is_ascii_digit()).unwrap();
        (at[split..].parse::<u32>().unwrap() - 1, crate::refs::a1::column_index(&at[..split]).unwrap())
    }

    #[track_caller]
    fn check(book: &PlainBook, at: &str, expected: impl Into<Value>) {
        let (row, col) = place(at);
        assert_eq!(*book.value(0, row, col), expected.into(), "{at}");
    }

    #[test]
    fn ranges_below_everything_end_with_the_sheet() {
        let book = book(&[("A1", "1"), ("A2", "2"), ("B1", "=SUM(A1:A1048576)"), ("B2", "=SUM(A:A)"), ("B3", "=C900")]);
        check(&book, "B1", 3.0);
        check(&book, "B2", 3.0);
        check(&book, "B3", 0.0);
    }

    #[test]
    fn inserted_rows_push_the_others_down() {
        let mut book = book(&[("A1", "1"), ("A2", "2"), ("B2", "=SUM(A1:A2)"), ("B3", "=ROW(A2)")]);
        book.insert_rows(0, 1, 2);
        book.put(0, 1, 0, 10.0.into());
        book.calculate(CLOCK);
        check(&book, "B4", 13.0);
        check(&book, "B5", 4.0);
        let formula = book.read(0, 3, 1, "=A1+A4").unwrap();
        assert_eq!(book.text(&formula, 0, 3, 1), "=A1+A4");
    }

    #[test]
    fn sheets_grow_with_what_is_put_in() {
        let mut book = book(&[("A1", "1"), ("B1", "=SUM(A:A)")]);
        book.put(0, 5000, 0, 4.0.into());
        book.calculate(CLOCK);
        check(&book, "B1", 5.0);
    }

    #[test]
    fn names_of_a_sheet_hide_those_of_the_workbook() {
        let mut book = PlainBook::default();
        let (first, second) = (book.add_sheet("First"), book.add_sheet("Second one"));
        book.define("rate", None, "5").unwrap();
        book.define("rate", Some(second), "7").unwrap();
        for (sheet, row, text) in [(first, 0, "=rate"), (second, 0, "=Rate*1"), (first, 1, "='Second one'!rate")] {
            let formula = book.read(sheet, row, 0, text).unwrap();
            book.put_formula(sheet, row, 0, &formula);
        }
        book.calculate(CLOCK);
        assert_eq!(book.value(first, 0, 0).as_number(), Some(5.0));
        assert_eq!(book.value(second, 0, 0).as_number(), Some(7.0));
        assert_eq!(book.value(first, 1, 0).as_number(), Some(7.0));
    }

    #[test]
    fn relative_names_count_from_the_cell_that_uses_them() {
        let mut book = PlainBook::default();
        let sheets = [book.add_sheet("It's S"), book.add_sheet("T")];
        for (row, col) in (0..9).flat_map(|row| (0..9).map(move |col| (row, col))) {
            book.put(sheets[0], row, col, f64::from((row + 1) * 100 + col + 1).into());
        }
        for (name, text) in [
            ("ColA", "'It''s S'!$A1"),
            ("TopRow", "'It''s S'!A$1"),
            ("Same", "'It''s S'!A1"),
            ("Left1", "'It''s S'!XFD1"),
            ("Above1", "'It''s S'!A1048576"),
            ("Two", "'It''s S'!$A1:$B1"),
            ("Col", "'It''s S'!A:A"),
            ("Calc", "'It''s S'!$A1*2"),
            ("Fixed", "'It''s S'!$B$2"),
            ("Multi", "'It''s S'!$A$1:$A$2,'It''s S'!$C$1"),
        ] {
            book.define(name, None, text).unwrap();
        }
        let cases = [
            (0, "J3", "=ColA", 301.0),
            (0, "J4", "=SUM(ColA)", 401.0),
            (0, "J7", "=Calc", 1402.0),
            (0, "J2", "=Left1", 209.0),
            (0, "A10", "=Above1", 901.0),
            (0, "C11", "=TopRow", 103.0),
            (0, "J6", "=SUM(Two)", 1203.0),
            (0, "J8", "=Fixed", 202.0),
            (1, "B3", "=Same", 302.0),
            (1, "C5", "=Same+ColA", 1004.0),
            (1, "A1", "=INDEX(Col,4)", 401.0),
            (1, "A2", "=ROWS(Col)", 1_048_576.0),
            (1, "A3", "=SUM(Multi)", 405.0),
            (1, "A4", "=COUNTA(Multi)+AREAS(Multi)", 5.0),
            (1, "A5", "=INDEX(Multi,1,1,2)", 103.0),
            (1, "A6", "=SUM(Left1:Same)", 1.0),
        ];
        for (sheet, at, text, _) in cases {
            let (row, col) = place(at);
            let formula = book.read(sheets[sheet], row, col, text).unwrap().one_valued();
            book.put_formula(sheets[sheet], row, col, &formula);
        }
        book.calculate(CLOCK);
        for (sheet, at, text, expected) in cases {
            let (row, col) = place(at);
            let expected = if text.contains(':') { crate::value::ErrorKind::Ref.into() } else { expected.into() };
            assert_eq!(*book.value(sheets[sheet], row, col), expected, "{at} {text}");
        }
        assert!(book.define("Nothing", None, "1,2").is_err());
    }

    #[test]
    fn formulas_of_old_files_mean_one_value() {
        let mut book = book(&[("A1", "1"), ("A2", "2"), ("A3", "3"), ("C5", "50")]);
        for (row, col, text, expected) in [
            (1, 1, "=A1:A3", "2"),
            (2, 1, "=A1:A3*10", "30"),
            (0, 1, "=ABS(A:A)", "1"),
            (0, 3, "=SUM(A1:A3*2)", "2"),
            (1, 3, "=SUMPRODUCT(A1:A3*2)", "12"),
            (2, 3, "=SUM(A1:A3)", "6"),
            (5, 1, "=A1:A3", "#VALUE!"),
            (4, 3, "=INDEX(A1:A3,2)", "2"),
            (6, 1, "=AGGREGATE(15,6,ROW(A1:A3)/(A1:A3>1),2)", "3"),
            (6, 2, "=AGGREGATE(9,6,A1:A3,A1:A3)", "12"),
            (6, 3, "=COVARIANCE.P(A1:A3*1,A1:A3*3)", "2"),
            (7, 1, "=MODE.SNGL(A1:A3*0)", "0"),
            (7, 2, "=TTEST(A1:A3*2,A1:A3*2,2,1+1)", "1"),
            (2, 2, "=FORECAST(A1:A3,A1:A3*10,A1:A3*1)", "30"),
            (7, 3, "=LOOKUP(2,1/(A1:A3<3),A1:A3)", "2"),
        ] {
            let formula = book.read(0, row, col, text).unwrap().one_valued();
            book.put_formula(0, row, col, &formula);
            book.calculate(CLOCK);
            let value = book.value(0, row, col);
            let shown = value.as_error().map_or_else(|| value.to_text().unwrap().to_string(), ToString::to_string);
            assert_eq!(shown, expected, "{text}");
        }
    }

    #[test]
    fn criteria_are_formulas_about_the_first_record() {
        let mut book = book(&[
            ("A1", "Item"),
            ("B1", "Qty"),
            ("A2", "tea"),
            ("B2", "1"),
            ("A3", "milk"),
            ("B3", "3"),
            ("A4", "tea"),
            ("B4", "5"),
            ("D1", "Large"),
            ("D2", "=B2>$F$1"),
            ("E1", "Item"),
            ("E2", "tea"),
            ("D4", "Above"),
            ("D5", "=B2>AVERAGE(B$2:B$4)"),
            ("F1", "2"),
            ("G1", "=DSUM(A1:B4,\"Qty\",D1:D2)"),
            ("G2", "=DCOUNT(A1:B4,\"Qty\",D1:E2)"),
            ("G3", "=DGET(A1:B4,\"Item\",D4:D5)"),
        ]);
        check(&book, "G1", 8.0);
        check(&book, "G2", 1.0);
        check(&book, "G3", "tea");
        book.put(0, 0, 5, 4.0.into());
        book.calculate(CLOCK);
        check(&book, "G1", 5.0);
    }

    #[test]
    fn cells_tell_their_sheet() {
        let mut book = PlainBook::default();
        let (first, second) = (book.add_sheet("First"), book.add_sheet("The second"));
        for (row, text, expected) in [
            (0, "=MID(CELL(\"filename\",A1),FIND(\"]\",CELL(\"filename\",A1))+1,31)", "First"),
            (1, "=CELL(\"address\",'The second'!B1)", "'The second'!$B$1"),
            (2, "=CELL(\"address\",B1)", "$B$1"),
            (3, "=CELL(\"filename\",'The second'!B1)", "[workbook]The second"),
        ] {
            let formula = book.read(first, row, 2, text).unwrap();
            book.put_formula(first, row, 2, &formula);
            book.calculate(CLOCK);
            assert_eq!(book.value(first, row, 2).as_text(), Some(expected), "{text}");
        }
        assert!(book.value(second, 0, 0).is_blank());
    }

    #[test]
    fn totals_leave_out_rows_that_are_not_shown() {
        let mut book = book(&[("A1", "1"), ("A2", "2"), ("A3", "4"), ("A4", "8")]);
        book.hide_row(0, 1, Hidden::ByHand);
        book.hide_row(0, 2, Hidden::ByFilter);
        for (text, expected) in [
            ("=SUBTOTAL(9,A1:A4)", 11.0),
            ("=SUBTOTAL(109,A1:A4)", 9.0),
            ("=SUBTOTAL(102,A:A)", 2.0),
            ("=AGGREGATE(9,5,A1:A4)", 9.0),
            ("=AGGREGATE(9,7,A1:A4)", 9.0),
            ("=AGGREGATE(9,3,A1:A4)", 9.0),
            ("=AGGREGATE(9,6,A1:A4)", 15.0),
            ("=AGGREGATE(14,5,A1:A4,2)", 1.0),
            ("=SUM(A1:A4)", 15.0),
        ] {
            let formula = book.read(0, 0, 2, text).unwrap();
            book.put_formula(0, 0, 2, &formula);
            book.calculate(CLOCK);
            assert_eq!(book.value(0, 0, 2).as_number(), Some(expected), "{text}");
        }
    }

    #[test]
    fn arrays_fill_the_cells_they_were_entered_into() {
        let mut book = book(&[("A1", "1"), ("A2", "2")]);
        for (row, col, text, rows, cols) in [(0, 2, "=A1:A2*10", 3, 2), (5, 2, "=7", 2, 1), (0, 6, "={1,2,3}", 1, 2)] {
            let formula = book.read(0, row, col, text).unwrap().filling(rows, cols);
            book.put_formula(0, row, col, &formula);
        }
        book.calculate(CLOCK);
        for (at, expected) in [("C1", 10.0), ("D1", 10.0), ("D2", 20.0), ("C6", 7.0), ("C7", 7.0), ("H1", 2.0)] {
            check(&book, at, expected);
        }
        check(&book, "C3", crate::value::ErrorKind::Na);
        check(&book, "I1", Value::Blank);
    }

    #[test]
    fn what_spilled_is_one_reference() {
        let mut book =
            book(&[("A1", "3"), ("B1", "=SEQUENCE(A1)"), ("D1", "=SUM(B1#)"), ("D2", "=ROWS(B1#)"), ("D3", "=A1#")]);
        check(&book, "D1", 6.0);
        check(&book, "D2", 3.0);
        check(&book, "D3", crate::value::ErrorKind::Ref);
        book.put(0, 0, 0, 4.0.into());
        book.calculate(CLOCK);
        check(&book, "D1", 10.0);
        check(&book, "D2", 4.0);
    }
}
