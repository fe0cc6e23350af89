//! A CSV table with its problems: every bad value is reported by file, line, column and reason.

use std::collections::HashMap;
use std::path::Path;

use grid_engine::calendar::Date;

use super::csv_line::line_of;

/// Larger files are refused before they are read: an import is held in memory whole.
const MAX_BYTES: u64 = 512 << 20;
/// Problems listed at most; the rest are counted.
const MAX_PROBLEMS: usize = 100;

/// What was wrong with the files of an import, in the order found.
#[derive(Debug, Default)]
pub struct Problems {
    lines: Vec<String>,
    more: usize,
}

impl Problems {
    /// Notes a problem with a file as a whole.
    pub fn file(&mut self, file: &str, reason: &str) {
        self.push(format!("{file}: {reason}"));
    }

    /// Notes a problem with one value.
    pub fn cell(&mut self, file: &str, line: u64, column: &str, reason: &str) {
        self.push(format!("{file} line {line}, column {column}: {reason}"));
    }

    fn push(&mut self, problem: String) {
        if self.lines.len() < MAX_PROBLEMS { self.lines.push(problem) } else { self.more += 1 }
    }

    /// Nothing found, or all that was.
    pub fn into_result(mut self) -> Result<(), Vec<String>> {
        if self.more > 0 {
            self.lines.push(format!("and {} more problems", self.more));
        }
        if self.lines.is_empty() { Ok(()) } else { Err(self.lines) }
    }
}

/// A table read from a file; empty where the file is missing.
pub struct TableFile {
    /// Its name for messages, e.g. `demand.csv`.
    pub name: String,
    columns: HashMap<String, usize>,
    header: Vec<String>,
    rows: Vec<(u64, Vec<String>)>,
}

/// One row, to read values from.
#[derive(Clone, Copy)]
pub struct TableRow<'a> {
    table: &'a TableFile,
    line: u64,
    cells: &'a [String],
}

impl TableFile {
    /// Reads `<folder>/<name>.csv`. A missing file is a problem when `required`; otherwise it is an empty table.
    pub fn read(folder: &Path, name: &str, required: bool, columns: &[&str], problems: &mut Problems) -> Self {
        let mut table =
            Self { name: format!("{name}.csv"), columns: HashMap::new(), header: Vec::new(), rows: Vec::new() };
        let path = folder.join(&table.name);
        match std::fs::metadata(&path) {
            Err(_) if !required => return table,
            Err(error) => {
                problems.file(&table.name, &format!("cannot be read ({error}); it is needed in {}", folder.display()))
            }
            Ok(data) if data.len() > MAX_BYTES => {
                problems.file(&table.name, &format!("is larger than {} MB: split it", MAX_BYTES >> 20));
            }
            Ok(_) => match std::fs::read(&path) {
                Err(error) => problems.file(&table.name, &format!("cannot be read: {error}")),
                Ok(bytes) => table.parse(&bytes, columns, problems),
            },
        }
        table
    }

    /// Reads a table that came as bytes; `name` is what problems call it.
    pub fn of_bytes(name: &str, bytes: &[u8], columns: &[&str], problems: &mut Problems) -> Self {
        let mut table = Self { name: name.to_owned(), columns: HashMap::new(), header: Vec::new(), rows: Vec::new() };
        table.parse(bytes, columns, problems);
        table
    }

    fn parse(&mut self, bytes: &[u8], wanted: &[&str], problems: &mut Problems) {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let line = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
                return problems.file(&self.name, &format!("line {line} is not UTF-8: save the file as UTF-8 CSV"));
            }
        };
        let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = match reader.headers() {
            Ok(header) => header.clone(),
            Err(error) => return problems.file(&self.name, &format!("has no header row: {error}")),
        };
        self.header = header.iter().map(str::to_owned).collect();
        self.columns = header.iter().enumerate().map(|(place, name)| (name.to_lowercase(), place)).collect();
        let missing: Vec<&str> = wanted.iter().filter(|name| !self.columns.contains_key(**name)).copied().collect();
        if !missing.is_empty() {
            return problems.file(&self.name, &format!("has no column {} in its header row", missing.join(", ")));
        }
        for record in reader.records() {
            match record {
                Ok(record) => {
                    let line = line_of(text, &record);
                    if record.len() != header.len() {
                        let reason =
                            format!("line {line} has {} values, the header has {}", record.len(), header.len());
                        problems.file(&self.name, &reason);
                    } else if record.iter().any(|cell| !cell.is_empty()) {
                        self.rows.push((line, record.iter().map(str::to_owned).collect()));
                    }
                }
                Err(error) => problems.file(&self.name, &error.to_string()),
            }
        }
    }

    /// The names of its columns as written, in order.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// The rows, in order.
    pub fn rows(&self) -> impl Iterator<Item = TableRow<'_>> {
        self.rows.iter().map(|(line, cells)| TableRow { table: self, line: *line, cells })
    }
}

impl<'a> TableRow<'a> {
    /// A value as written, `""` where the column is missing.
    pub fn text(&self, column: &str) -> &'a str {
        self.table.columns.get(column).and_then(|place| self.cells.get(*place)).map_or("", String::as_str)
    }

    /// Notes a problem with one of this row's values.
    pub fn problem(&self, column: &str, reason: &str, problems: &mut Problems) {
        problems.cell(&self.table.name, self.line, column, reason);
    }

    /// A text that must be there: at most 200 characters, none of them a control character.
    pub fn name(&self, column: &str, problems: &mut Problems) -> Option<&'a str> {
        let text = self.text(column);
        let reason = if text.is_empty() {
            "is empty"
        } else if text.chars().count() > 200 {
            "is longer than 200 characters"
        } else if text.chars().any(char::is_control) {
            "holds a control character"
        } else {
            return Some(text);
        };
        self.problem(column, reason, problems);
        None
    }

    /// A number of at least 0; the default where empty.
    pub fn number(&self, column: &str, default: f64, problems: &mut Problems) -> Option<f64> {
        self.number_named(column, column, default, problems)
    }

    /// The same of a column whose header is not written in small letters: `shown` is how problems name it.
    pub fn number_named(&self, column: &str, shown: &str, default: f64, problems: &mut Problems) -> Option<f64> {
        let text = self.text(column);
        if text.is_empty() {
            return Some(default);
        }
        let reason = match text.parse::<f64>() {
            Ok(number) if number.is_finite() && (0.0..=1e12).contains(&number) => return Some(number),
            Ok(_) => format!("{text} is not between 0 and 1e12"),
            Err(_) => format!("{text:?} is not a number (write it with a decimal point, without grouping)"),
        };
        self.problem(shown, &reason, problems);
        None
    }

    /// A day, `YYYY-MM-DD`, with or without a time after it.
    pub fn date(&self, column: &str, problems: &mut Problems) -> Option<Date> {
        let text = self.text(column);
        let day = text.split(['T', ' ']).next().unwrap_or_default();
        match day.parse() {
            Ok(date) => Some(date),
            Err(reason) => {
                self.problem(column, &format!("{text:?}: {reason}"), problems);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn problems_of(bytes: &[u8]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("demand.csv"), bytes).unwrap();
        let mut problems = Problems::default();
        let table = TableFile::read(folder.path(), "demand", true, &["item", "due", "quantity"], &mut problems);
        for row in table.rows() {
            row.name("item", &mut problems);
            row.date("due", &mut problems);
            row.number("quantity", 0.0, &mut problems);
        }
        problems.into_result().err().unwrap_or_default()
    }

    #[test]
    fn c3_every_bad_value_is_named_by_place_and_reason() {
        let text = "item,due,quantity\nracket,2021-02-29,1\n,2021-01-01,x\nball,2021-01-02,\"1,5\"\nball,2021-01-02\nball,2021-01-02 10:00,-1\n";
        assert_eq!(
            problems_of(text.as_bytes()),
            [
                "demand.csv: line 5 has 2 values, the header has 3",
                "demand.csv line 2, column due: \"2021-02-29\": no such day in the calendar",
                "demand.csv line 3, column item: is empty",
                "demand.csv line 3, column quantity: \"x\" is not a number (write it with a decimal point, without grouping)",
                "demand.csv line 4, column quantity: \"1,5\" is not a number (write it with a decimal point, without grouping)",
                "demand.csv line 6, column quantity: -1 is not between 0 and 1e12",
            ]
        );
    }

    #[test]
    fn c3_files_that_are_no_tables_are_refused() {
        assert_eq!(problems_of(b"\xef\xbb\xbfitem,due,quantity\nball,2021-01-02,3\n"), Vec::<String>::new());
        assert_eq!(
            problems_of(b"item,due\nball,2021-01-02\n"),
            ["demand.csv: has no column quantity in its header row"]
        );
        let latin = problems_of(b"item,due,quantity\nb\xe4ll,2021-01-02,3\n");
        assert_eq!(latin, ["demand.csv: line 2 is not UTF-8: save the file as UTF-8 CSV"]);
    }
}
