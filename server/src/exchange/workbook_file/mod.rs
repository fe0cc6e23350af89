//! Workbook files (`.xlsx`): what they hold, and what comes out when it is calculated afresh.
//!
//! Values are read with calamine, everything about formulas from the sheets' XML: shared formulas, the cells an array
//! formula fills, names that one sheet has, and errors calamine does not know.

mod agreement;
mod calculated;
mod container;
#[cfg(test)]
mod hostile;
mod references;
#[cfg(test)]
mod sample;
mod sheet_xml;
mod tables;
mod values;

use std::collections::BTreeMap;
use std::path::Path;

use grid_engine::formula::Hidden;
use grid_engine::value::Value;

use container::Unpacked;

pub use agreement::{agree, error_named};
pub use calculated::{Calculated, FormulaCell};
pub use tables::FileTable;

/// A file's sheets, names and calendar.
#[derive(Debug, Default)]
pub struct WorkbookFile {
    pub sheets: Vec<FileSheet>,
    pub names: Vec<DefinedName>,
    pub tables: Vec<FileTable>,
    /// Its dates count from 1904-01-01, as on early Macintosh computers.
    pub counts_from_1904: bool,
}

/// A worksheet as it is in a file.
#[derive(Debug, Default)]
pub struct FileSheet {
    pub title: String,
    /// Cells with a value or a formula, in the order of the file.
    pub cells: Vec<FileCell>,
    /// Rows that are not shown, by their zero-based numbers.
    pub hidden: BTreeMap<u32, Hidden>,
    /// The cells that what-if tables fill: they hold what the writing program had calculated.
    pub data_tables: Vec<String>,
}

/// A cell as it is in a file, by zero-based row and column.
#[derive(Debug)]
pub struct FileCell {
    pub row: u32,
    pub col: u32,
    /// What was entered; for a formula what the writing program had calculated.
    pub value: Value,
    /// Its number format shows a date.
    pub is_date: bool,
    pub formula: Option<FileFormula>,
}

/// A formula as it is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFormula {
    /// Without its `=`; empty where another cell of the group holds it.
    pub text: String,
    /// Cells that share one formula have the same number.
    pub group: Option<u32>,
    pub extent: Extent,
}

/// How many cells a formula gives values to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// One; a range where one value is needed stands for the one in the own row or column.
    One,
    /// So many rows and columns, whatever the result.
    Fixed { rows: u32, cols: u32 },
    /// As many as the result has; so many when the file was written.
    Spilling { rows: u32, cols: u32 },
}

/// A name and what it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinedName {
    pub name: String,
    /// The number of the only sheet that knows it.
    pub sheet: Option<usize>,
    /// A formula without its `=`.
    pub text: String,
}

/// Reads a file.
///
/// Errors: why it cannot be read and what to do.
pub fn read(path: &Path) -> Result<WorkbookFile, String> {
    let refused = |reason: String| format!("{}: {reason}", path.display());
    let bytes = container::load(path).map_err(refused)?;
    read_within(&bytes, Unpacked::ALONE).map_err(refused)
}

/// Reads the bytes of a file that somebody sent.
pub fn read_bytes(bytes: &[u8]) -> Result<WorkbookFile, String> {
    read_within(bytes, Unpacked::SERVING)
}

fn read_within(bytes: &[u8], most: Unpacked) -> Result<WorkbookFile, String> {
    let mut contents = container::Container::open(bytes, most)?;
    let index = contents.index()?;
    let mut values = values::Values::open(bytes)?;
    let mut file =
        WorkbookFile { names: index.names, counts_from_1904: values.counts_from_1904(), ..WorkbookFile::default() };
    for (place, sheet) in index.sheets.into_iter().enumerate() {
        file.tables.extend(tables::read(&mut contents, &sheet.path, place)?);
        let mut marks =
            sheet_xml::read(contents.part(&sheet.path)?).map_err(|error| format!("sheet {}: {error}", sheet.title))?;
        let (hidden, data_tables) = (std::mem::take(&mut marks.hidden), std::mem::take(&mut marks.data_tables));
        let cells = values.cells(&sheet.title, marks).map_err(|error| format!("sheet {}: {error}", sheet.title))?;
        file.sheets.push(FileSheet { title: sheet.title, cells, hidden, data_tables });
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use grid_engine::workbook::Clock;

    use super::sample::{parts_of, zipped};
    use super::*;

    #[test]
    fn tables_and_several_sheets_are_referred_to() {
        let text = |at: &str, text: &str| format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#);
        let number = |at: &str, number: f64| format!(r#"<c r="{at}"><v>{number}</v></c>"#);
        let formula = |at: &str, formula: &str| format!(r#"<c r="{at}"><f>{formula}</f><v>0</v></c>"#);
        let first = [
            format!("<row r=\"1\">{}{}</row>", text("A1", "Item"), text("B1", "Qty")),
            format!(
                "<row r=\"2\">{}{}{}</row>",
                text("A2", "Tea"),
                number("B2", 3.0),
                formula("D2", "Sales[[#This Row],[Qty]]*2")
            ),
            format!(
                "<row r=\"3\">{}{}{}</row>",
                text("A3", "Milk"),
                number("B3", 4.0),
                formula("D3", "SUM(Sales[Qty])")
            ),
            format!("<row r=\"4\">{}{}</row>", formula("D4", "ROWS(Sales)"), formula("E4", "COUNTA(Sales[#Headers])")),
        ];
        let second = format!(
            "<row r=\"1\">{}{}</row><row r=\"2\">{}</row>",
            formula("A1", "SUM(Jan:Feb!B2)"),
            formula("C1", "AVERAGE(Jan!B2:B3)"),
            number("B2", 10.0)
        );
        let file = read_bytes(&zipped(&parts_of(&first.concat(), &second))).unwrap();
        let calculated = file.calculate(Clock { now: 46_000.0, seed: 1 });
        assert_eq!(calculated.problems, Vec::<String>::new());
        for (sheet, row, col, expected) in
            [(0, 1, 3, 6.0), (0, 2, 3, 7.0), (0, 3, 3, 2.0), (0, 3, 4, 2.0), (1, 0, 0, 13.0), (1, 0, 2, 3.5)]
        {
            assert_eq!(calculated.value(sheet, row, col).as_number(), Some(expected), "{sheet} {row} {col}");
        }
    }
}
