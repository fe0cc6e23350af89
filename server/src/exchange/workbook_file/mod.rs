//! Workbook files (`.xlsx`): what they hold, and what comes out when it is calculated afresh.
//!
//! Values are read with calamine, everything about formulas from the sheets' XML: shared formulas, the cells an array
//! formula fills, names that one sheet has, and errors calamine does not know.

mod agreement;
mod calculated;
mod container;
mod references;
mod sheet_xml;
mod tables;
mod values;

use std::path::Path;

use grid_engine::value::Value;

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
    read_bytes(&bytes).map_err(refused)
}

/// Reads a file's bytes.
pub fn read_bytes(bytes: &[u8]) -> Result<WorkbookFile, String> {
    let mut contents = container::Container::open(bytes)?;
    let index = contents.index()?;
    let mut values = values::Values::open(bytes)?;
    let mut file =
        WorkbookFile { names: index.names, counts_from_1904: values.counts_from_1904(), ..WorkbookFile::default() };
    for (place, sheet) in index.sheets.into_iter().enumerate() {
        file.tables.extend(tables::read(&mut contents, &sheet.path, place)?);
        let formulas =
            sheet_xml::read(contents.part(&sheet.path)?).map_err(|error| format!("sheet {}: {error}", sheet.title))?;
        let cells = values.cells(&sheet.title, formulas).map_err(|error| format!("sheet {}: {error}", sheet.title))?;
        file.sheets.push(FileSheet { title: sheet.title, cells });
    }
    Ok(file)
}
