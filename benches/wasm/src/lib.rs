//! The workload, as it runs on both sides: a sheet put in, calculated, and edited.

#[path = "../../calc/src/sheets.rs"]
pub mod sheets;

use std::cell::RefCell;

use grid_engine::workbook::{Clock, PlainBook, make_room};
use sheets::{Content, Sheet};

/// The sheets, by their place in this list.
pub const SHEETS: [&str; 3] = ["W1", "W2", "W3"];
/// Edits of which the median counts.
pub const EDITS: u32 = 21;

/// A sheet being measured.
pub struct Work {
    sheet: Sheet,
    book: PlainBook,
}

impl Work {
    /// Puts the cells in.
    pub fn build(name: &str) -> Self {
        let sheet = sheets::named(name);
        let mut book = PlainBook::default();
        let id = book.add_sheet("Sheet1");
        for (row, col, content) in &sheet.cells {
            match content {
                Content::Number(number) => book.put(id, *row, *col, (*number).into()),
                Content::Text(text) => book.put(id, *row, *col, text.as_str().into()),
                Content::Formula(text) => {
                    let formula = book.read(id, *row, *col, text).expect("a formula");
                    book.put_formula(id, *row, *col, &formula);
                }
            }
        }
        Self { sheet, book }
    }

    /// Calculates what is due and reads what follows from the edited cell.
    pub fn calculate(&mut self) -> f64 {
        self.book.calculate(Clock { now: 46_000.0, seed: 1 });
        let (row, col) = self.sheet.watch;
        self.book.value(0, row, col).as_number().unwrap_or(f64::NAN)
    }

    /// Writes a number into the edited cell.
    pub fn edit(&mut self, number: f64) {
        let (row, col) = self.sheet.edit;
        self.book.put(0, row, col, number.into());
    }
}

thread_local! {
    static WORK: RefCell<Option<Work>> = const { RefCell::new(None) };
}

/// For JavaScript: makes room as the web interface does, and puts a sheet of [`SHEETS`] in.
#[unsafe(no_mangle)]
pub extern "C" fn build(sheet: usize) {
    make_room();
    WORK.set(Some(Work::build(SHEETS[sheet])));
}

/// For JavaScript: see [`Work::calculate`].
#[unsafe(no_mangle)]
pub extern "C" fn calculate() -> f64 {
    WORK.with_borrow_mut(|work| work.as_mut().map_or(f64::NAN, Work::calculate))
}

/// For JavaScript: see [`Work::edit`].
#[unsafe(no_mangle)]
pub extern "C" fn edit(number: f64) {
    WORK.with_borrow_mut(|work| {
        if let Some(work) = work {
            work.edit(number);
        }
    });
}
