//! The engines, each as far as it is measured.

use formualizer::{LiteralValue, Workbook};
use grid_engine::workbook::{Clock, PlainBook};
use ironcalc_base::Model;
use ironcalc_base::cell::CellValue;

use crate::sheets::Content;

/// Puts cells in, calculates, edits.
pub trait Engine {
    fn build(&mut self, cells: &[(u32, u32, Content)]);
    fn calculate(&mut self);
    fn set(&mut self, row: u32, col: u32, number: f64);
    fn insert_row_at_top(&mut self);
    fn value(&self, row: u32, col: u32) -> f64;
}

#[derive(Default)]
pub struct Equipoise(PlainBook);

impl Engine for Equipoise {
    fn build(&mut self, cells: &[(u32, u32, Content)]) {
        let sheet = self.0.add_sheet("Sheet1");
        for (row, col, content) in cells {
            match content {
                Content::Number(number) => self.0.put(sheet, *row, *col, (*number).into()),
                Content::Text(text) => self.0.put(sheet, *row, *col, text.as_str().into()),
                Content::Formula(text) => {
                    let formula = self.0.read(sheet, *row, *col, text).expect("a formula");
                    self.0.put_formula(sheet, *row, *col, &formula);
                }
            }
        }
    }

    fn calculate(&mut self) {
        self.0.calculate(Clock { now: 46_000.0, seed: 1 });
    }

    fn set(&mut self, row: u32, col: u32, number: f64) {
        self.0.put(0, row, col, number.into());
    }

    fn insert_row_at_top(&mut self) {
        self.0.insert_rows(0, 0, 1);
    }

    fn value(&self, row: u32, col: u32) -> f64 {
        self.0.value(0, row, col).as_number().unwrap_or(f64::NAN)
    }
}

pub struct Formualizer(Workbook);

impl Formualizer {
    pub fn new() -> Self {
        let mut book = Workbook::new();
        if !book.has_sheet("Sheet1") {
            book.add_sheet("Sheet1").expect("a sheet");
        }
        Self(book)
    }
}

impl Engine for Formualizer {
    fn build(&mut self, cells: &[(u32, u32, Content)]) {
        for (row, col, content) in cells {
            let (row, col) = (row + 1, col + 1);
            match content {
                Content::Number(number) => self.0.set_value("Sheet1", row, col, LiteralValue::Number(*number)),
                Content::Text(text) => self.0.set_value("Sheet1", row, col, LiteralValue::Text(text.clone())),
                Content::Formula(text) => self.0.set_formula("Sheet1", row, col, text),
            }
            .expect("a cell");
        }
    }

    fn calculate(&mut self) {
        self.0.evaluate_all().expect("values");
    }

    fn set(&mut self, row: u32, col: u32, number: f64) {
        self.0.set_value("Sheet1", row + 1, col + 1, LiteralValue::Number(number)).expect("a cell");
    }

    fn insert_row_at_top(&mut self) {
        self.0.engine_mut().insert_rows("Sheet1", 1, 1).expect("a row");
    }

    fn value(&self, row: u32, col: u32) -> f64 {
        match self.0.get_value("Sheet1", row + 1, col + 1) {
            Some(LiteralValue::Number(number)) => number,
            Some(LiteralValue::Int(number)) => number as f64,
            _ => f64::NAN,
        }
    }
}

pub struct IronCalc(Model<'static>);

impl IronCalc {
    pub fn new() -> Self {
        Self(Model::new_empty("book", "en", "UTC", "en").expect("a model"))
    }
}

impl Engine for IronCalc {
    fn build(&mut self, cells: &[(u32, u32, Content)]) {
        for (row, col, content) in cells {
            let (row, col) = (*row as i32 + 1, *col as i32 + 1);
            match content {
                Content::Number(number) => self.0.update_cell_with_number(0, row, col, *number),
                Content::Text(text) => self.0.update_cell_with_text(0, row, col, text),
                Content::Formula(text) => self.0.update_cell_with_formula(0, row, col, text.clone()),
            }
            .expect("a cell");
        }
    }

    fn calculate(&mut self) {
        self.0.evaluate();
    }

    fn set(&mut self, row: u32, col: u32, number: f64) {
        self.0.update_cell_with_number(0, row as i32 + 1, col as i32 + 1, number).expect("a cell");
    }

    fn insert_row_at_top(&mut self) {
        self.0.insert_rows(0, 1, 1).expect("a row");
    }

    fn value(&self, row: u32, col: u32) -> f64 {
        match self.0.get_cell_value_by_index(0, row as i32 + 1, col as i32 + 1) {
            Ok(CellValue::Number(number)) => number,
            _ => f64::NAN,
        }
    }
}
