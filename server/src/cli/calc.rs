//! `equipoise calc`.

use std::path::{Path, PathBuf};

use grid_engine::refs::a1::column_letters;
use grid_engine::value::Value;
use grid_engine::workbook::Clock;

use super::{Refused, write_whole};
use crate::exchange::workbook_file;

/// Calculates the formulas of an Excel workbook afresh.
#[derive(clap::Args)]
pub struct Args {
    /// The workbook, an .xlsx file. Values it holds for formulas are not looked at.
    file: PathBuf,
    /// CSV to write: sheet, cell, formula, value, type (number, text, boolean, error, blank) of every cell that holds
    /// something; the formula of a cell that has none is empty.
    #[arg(long)]
    output: PathBuf,
    /// What TODAY and NOW are, as a spreadsheet serial (46000 is 2025-12-09); else the time of the calculation.
    #[arg(long)]
    now: Option<f64>,
    /// What RAND and its kin follow from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    let refused = |reason: String| vec![reason];
    let file = workbook_file::read(&args.file).map_err(refused)?;
    let now = args.now.unwrap_or_else(|| crate::clock::recalculation_clock().now);
    let calculated = file.calculate(Clock { now, seed: args.seed });
    let (mut cells, mut formulas, mut differing) = (0_usize, 0_usize, 0_usize);
    write_whole(&args.output, |out| {
        out.write_record(["sheet", "cell", "formula", "value", "type"])?;
        calculated.each_cell(|sheet, (row, col), formula, value| {
            let cell = format!("{}{}", column_letters(col), row + 1);
            let (text, kind) = shown(&value);
            cells += 1;
            out.write_record([&file.sheets[sheet].title, &cell, formula.unwrap_or_default(), &text, kind])
        })
    })?;
    for ((sheet, row, col), formula) in calculated.formulas() {
        formulas += 1;
        differing += usize::from(!workbook_file::agree(&calculated.value(sheet, row, col), formula.cached));
    }
    for problem in &calculated.problems {
        eprintln!("equipoise: {}: {problem}", name_of(&args.file));
    }
    println!("{cells} cells, {formulas} formulas, {differing} with another value than the file has");
    Ok(())
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A value as text and the name of its type.
pub fn shown(value: &Value) -> (String, &'static str) {
    match value {
        Value::Blank => (String::new(), "blank"),
        Value::Number(number) => (number_text(*number), "number"),
        Value::Bool(truth) => (if *truth { "TRUE" } else { "FALSE" }.into(), "boolean"),
        Value::Text(text) => (text.to_string(), "text"),
        Value::Error(error) => (error.kind.code().into(), "error"),
        Value::Array(array) => shown(array.first()),
    }
}

/// The fewest digits that read back as the same number.
fn number_text(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-5..1e17).contains(&size) { format!("{number:E}") } else { format!("{number}") }
}
