//! The values of a file's cells, by calamine.

use std::io::Cursor;

use calamine::{DataRef, Reader, Xlsx, XlsxError};
use grid_engine::value::Value;
use grid_engine::value::entry::{Entry, read_entry};

use super::sheet_xml::Marks;
use super::{Extent, FileCell};

/// Most cells of one sheet.
const MAX_CELLS: usize = 20_000_000;

/// A file open for its values.
pub struct Values<'a> {
    workbook: Xlsx<Cursor<&'a [u8]>>,
}

impl<'a> Values<'a> {
    /// Opens a file.
    pub fn open(bytes: &'a [u8]) -> Result<Self, String> {
        match Xlsx::new(Cursor::new(bytes)) {
            Ok(workbook) => Ok(Self { workbook }),
            Err(XlsxError::Password) => Err("the file is encrypted: save it without a password".into()),
            Err(error) => Err(format!("the file is damaged ({error}): save it again")),
        }
    }

    /// Whether dates count from 1904.
    pub fn counts_from_1904(&self) -> bool {
        self.workbook.has_1904_epoch()
    }

    /// The cells of a sheet with its formulas.
    pub fn cells(&mut self, title: &str, mut marks: Marks) -> Result<Vec<FileCell>, String> {
        let damaged = |error: XlsxError| format!("it is damaged ({error}): save the file again");
        let mut reader = self.workbook.worksheet_cells_reader(title).map_err(damaged)?;
        let mut cells: Vec<FileCell> = Vec::new();
        loop {
            let cell = match reader.next_cell() {
                Ok(Some(cell)) => cell,
                Ok(None) => break,
                // An error it has no name for: the sheet's XML has told already.
                Err(XlsxError::CellError(_)) => continue,
                Err(error) => return Err(damaged(error)),
            };
            let (row, col) = cell.get_position();
            let formula = marks.formulas.remove(&(row, col));
            let (value, is_date) = match marks.errors.remove(&(row, col)) {
                Some(error) => (error, false),
                None => value_of(cell.get_value()),
            };
            if formula.is_some() || !value.is_blank() {
                cells.push(FileCell { row, col, value, is_date, formula });
            }
            if cells.len() > MAX_CELLS {
                return Err(format!("more than {MAX_CELLS} cells: split the sheet"));
            }
        }
        // Cells with errors calamine passed over.
        for ((row, col), value) in marks.errors {
            cells.push(FileCell { row, col, value, is_date: false, formula: marks.formulas.remove(&(row, col)) });
        }
        cells.sort_by_key(|cell| (cell.row, cell.col));
        Ok(without_results(cells))
    }
}

/// The cells without those that hold nothing but a part of an array formula's result.
fn without_results(mut cells: Vec<FileCell>) -> Vec<FileCell> {
    let area = |cell: &FileCell| match cell.formula.as_ref()?.extent {
        Extent::Fixed { rows, cols } | Extent::Spilling { rows, cols } if rows > 1 || cols > 1 => {
            Some((cell.row..cell.row.saturating_add(rows), cell.col..cell.col.saturating_add(cols)))
        }
        _ => None,
    };
    let areas: Vec<_> = cells.iter().filter_map(area).collect();
    let covered =
        |cell: &FileCell| areas.iter().any(|(rows, cols)| rows.contains(&cell.row) && cols.contains(&cell.col));
    if !areas.is_empty() {
        cells.retain(|cell| cell.formula.is_some() || !covered(cell));
    }
    cells
}

/// The value of a cell, and whether it is shown as a date.
fn value_of(data: &DataRef<'_>) -> (Value, bool) {
    let value = match data {
        DataRef::Int(number) => Value::number(*number as f64),
        DataRef::Float(number) => Value::number(*number),
        DataRef::String(text) => Value::text(text),
        DataRef::SharedString(text) => Value::text(text),
        DataRef::Bool(truth) => Value::Bool(*truth),
        DataRef::DateTime(date) => return (Value::number(date.as_f64()), true),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => match read_entry(&text.replace('T', " ")) {
            Entry::Value(value, _) => return (value, true),
            _ => Value::text(text),
        },
        DataRef::Error(error) => super::error_named(&error.to_string()).unwrap_or_default(),
        DataRef::Empty => Value::Blank,
    };
    (value, false)
}
