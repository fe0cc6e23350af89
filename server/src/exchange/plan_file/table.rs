//! A table out of a CSV or Excel file, whatever program wrote it.

use grid_engine::value::Value;

use crate::exchange::workbook_file;

/// Most cells of a table.
const MAX_CELLS: usize = 5_000_000;

/// Rows of values.
#[derive(Debug)]
pub struct Table {
    /// What problems call it.
    pub name: String,
    pub lines: Vec<Line>,
    /// Its numbers are texts, written by the rules of some locale.
    pub is_text: bool,
}

/// A row of a table.
#[derive(Debug)]
pub struct Line {
    /// Counted from 1, as a spreadsheet counts rows.
    pub number: u64,
    pub cells: Vec<Value>,
}

static BLANK: Value = Value::Blank;

impl Line {
    /// A value; blank beyond the line's end.
    pub fn cell(&self, at: usize) -> &Value {
        self.cells.get(at).unwrap_or(&BLANK)
    }
}

impl Table {
    /// Reads an Excel workbook's sheet called `title`, its only or first one otherwise, or CSV text: UTF-8, separated by
    /// commas, semicolons or tabs.
    ///
    /// Errors: what is wrong with the file, and where.
    pub fn read(bytes: &[u8], title: &str) -> Result<Self, String> {
        if bytes.starts_with(b"PK") { of_workbook(bytes, title) } else { of_text(bytes) }
    }
}

fn too_many() -> String {
    format!("The file has more than {MAX_CELLS} cells: cut it into several.")
}

fn of_workbook(bytes: &[u8], title: &str) -> Result<Table, String> {
    let file = workbook_file::read_bytes(bytes)?;
    let wanted = title.to_lowercase();
    let sheets = &file.sheets;
    let sheet = sheets.iter().find(|sheet| sheet.title.to_lowercase() == wanted).or(sheets.first());
    let Some(sheet) = sheet else { return Err("The workbook has no sheet.".to_owned()) };
    if sheet.cells.len() > MAX_CELLS {
        return Err(too_many());
    }
    let mut lines: Vec<Line> = Vec::new();
    for cell in &sheet.cells {
        let number = u64::from(cell.row) + 1;
        if lines.last().is_none_or(|line| line.number != number) {
            lines.push(Line { number, cells: Vec::new() });
        }
        if let Some(line) = lines.last_mut() {
            line.cells.resize((cell.col as usize).max(line.cells.len()), Value::Blank);
            line.cells.push(cell.value.clone());
        }
        if lines.len() * lines.last().map_or(0, |line| line.cells.len()) > 4 * MAX_CELLS {
            return Err(format!("Sheet {} is too wide and long: delete what is beyond its table.", sheet.title));
        }
    }
    Ok(Table { name: sheet.title.clone(), lines, is_text: false })
}

fn of_text(bytes: &[u8]) -> Result<Table, String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("The file is neither an Excel workbook (.xlsx) nor UTF-8 text (line {line}): save it as one of them.")
    })?;
    if let Some(at) = text.find('\0') {
        return Err(format!("The file is no table: byte {at} is zero. Save it as .xlsx or CSV."));
    }
    let first = text.lines().next().unwrap_or_default();
    let count = |separator: char| first.matches(separator).count();
    let separator = [',', ';', '\t'].into_iter().max_by_key(|&separator| count(separator)).unwrap_or(',');
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(separator as u8)
        .from_reader(text.as_bytes());
    let mut lines = Vec::new();
    let mut cells = 0;
    for record in reader.records() {
        let record = record.map_err(|error| format!("The file is no table: {error}."))?;
        cells += record.len();
        if cells > MAX_CELLS {
            return Err(too_many());
        }
        let number = record.position().map_or(lines.len() as u64 + 1, csv::Position::line);
        let value = |field: &str| match field {
            "" => Value::Blank,
            // As exported: what a spreadsheet would take for a formula.
            _ => match field.strip_prefix('\'') {
                Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => Value::text(rest),
                _ => Value::text(field),
            },
        };
        lines.push(Line { number, cells: record.iter().map(value).collect() });
    }
    Ok(Table { name: "CSV".to_owned(), lines, is_text: true })
}
