//! Supply tables from a folder of CSV files.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

use grid_engine::supply::{Problem, RawCell, RawTable, TABLE_NAMES};

use super::csv_line::line_of;

/// Larger files are refused before they are read: they are held in memory whole.
const MAX_BYTES: u64 = 256 << 20;

/// The tables of a folder, and where their rows stand in the files.
#[derive(Debug, Default)]
pub struct SupplyTables {
    pub tables: BTreeMap<String, RawTable>,
    lines: BTreeMap<String, Vec<u64>>,
}

impl SupplyTables {
    /// Reads the files of the supply model from a folder; files with other names are left alone.
    ///
    /// # Errors
    ///
    /// Every file that cannot be read or is not a table, with the line.
    pub fn read(folder: &Path, demand: &str) -> Result<Self, Vec<String>> {
        if !folder.is_dir() {
            return Err(vec![format!("{} is not a folder", folder.display())]);
        }
        let mut read = Self::default();
        let mut problems = Vec::new();
        let demand = format!("demand_{demand}");
        for name in TABLE_NAMES.iter().copied().chain([demand.as_str()]) {
            let path = folder.join(format!("{name}.csv"));
            if !path.exists() {
                continue;
            }
            match read_file(&path) {
                Ok((table, lines)) => {
                    read.tables.insert(name.to_owned(), table);
                    read.lines.insert(name.to_owned(), lines);
                }
                Err(found) => problems.extend(found.into_iter().map(|problem| format!("{name}.csv{problem}"))),
            }
        }
        if problems.is_empty() && !read.tables.contains_key(&demand) && !read.tables.is_empty() {
            let known = demand_versions(folder);
            if !known.is_empty() {
                return Err(vec![format!("{demand}.csv: the table is missing; there are {}", known.join(", "))]);
            }
        }
        if problems.is_empty() { Ok(read) } else { Err(problems) }
    }

    /// A problem by file, line, column and reason.
    pub fn describe(&self, problem: &Problem) -> String {
        let mut place = format!("{}.csv", problem.table);
        if let Some(row) = problem.row {
            let line = self.lines.get(&*problem.table).and_then(|lines| lines.get(row));
            place.push_str(&format!(" line {}", line.copied().unwrap_or(row as u64 + 2)));
        }
        if let Some(column) = &problem.column {
            place.push_str(&format!(", column {column}"));
        }
        format!("{place}: {}", problem.reason)
    }
}

/// The demand versions of a folder, by name.
fn demand_versions(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    let mut versions: Vec<String> = names
        .filter_map(|name| Some(name.strip_prefix("demand_")?.strip_suffix(".csv")?.to_owned()))
        .filter(|version| !version.is_empty())
        .collect();
    versions.sort();
    versions
}

/// Reads one file: its table and the line of each row. Problems begin with their place after the file's name.
fn read_file(path: &Path) -> Result<(RawTable, Vec<u64>), Vec<String>> {
    let whole = |reason: &dyn Display| vec![format!(": {reason}")];
    let size = std::fs::metadata(path).map_err(|error| whole(&format!("cannot be read: {error}")))?.len();
    if size > MAX_BYTES {
        return Err(whole(&format!("is larger than {} MB", MAX_BYTES >> 20)));
    }
    let bytes = std::fs::read(path).map_err(|error| whole(&format!("cannot be read: {error}")))?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let line = 1 + bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        vec![format!(" line {line}: is not UTF-8 text")]
    })?;
    parse(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn parse(text: &str) -> Result<(RawTable, Vec<u64>), Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| vec![format!(": {error}")])?.clone();
    if header.iter().all(str::is_empty) {
        return Err(vec![": is empty; a header row with the column names is needed".to_owned()]);
    }
    if let (1, Some(other)) =
        (header.len(), header.iter().next().and_then(|cell| cell.chars().find(|it| [';', '\t'].contains(it))))
    {
        return Err(vec![format!(" line 1: cells are separated by {other:?}; write the file with commas")]);
    }
    let columns: Vec<Arc<str>> = header.iter().map(Arc::from).collect();
    let (mut rows, mut lines, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    // The same keys stand in many rows: each is held once.
    let mut words: std::collections::HashSet<Arc<str>> = std::collections::HashSet::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.push(format!(": {error}"));
                break;
            }
        };
        let line = line_of(text, &record);
        if record.len() != columns.len() && record.iter().any(|cell| !cell.is_empty()) {
            let (cells, named) = (record.len(), columns.len());
            let cells = if cells == 1 { "1 cell".to_owned() } else { format!("{cells} cells") };
            problems.push(format!(" line {line}: has {cells}, but the header names {named} columns"));
            continue;
        }
        let mut cell = |text: &str| {
            if text.is_empty() {
                return RawCell::Blank;
            }
            let known = words.get(text).cloned().unwrap_or_else(|| {
                let word: Arc<str> = Arc::from(text);
                words.insert(word.clone());
                word
            });
            RawCell::Text(known)
        };
        rows.push(record.iter().map(&mut cell).collect());
        lines.push(line);
    }
    if problems.is_empty() { Ok((RawTable { columns, rows }, lines)) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn rows_keep_their_lines_over_blank_lines_and_quotes() {
        let (table, lines) = parse("item,price\nA,1\n\n\"B, large\",2\n").unwrap();
        assert_eq!(&*table.columns[1], "price");
        assert_eq!(table.rows[1][0], RawCell::Text("B, large".into()));
        assert_eq!(lines, [2, 4]);
    }

    #[test]
    fn ragged_rows_and_empty_files_are_refused() {
        assert_eq!(
            parse("a,b\n1\n1,2\n1,2,3\n").unwrap_err(),
            [
                " line 2: has 1 cell, but the header names 2 columns",
                " line 4: has 3 cells, but the header names 2 columns",
            ]
        );
        assert!(parse("").is_err());
        assert_eq!(
            parse("a;b\n1;2\n").unwrap_err(),
            [" line 1: cells are separated by ';'; write the file with commas"]
        );
    }

    #[test]
    fn a_demand_that_is_not_there_names_those_that_are() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["periods", "demand_base", "demand_up"] {
            std::fs::write(folder.path().join(format!("{name}.csv")), "item\nA\n").unwrap();
        }
        let refused = SupplyTables::read(folder.path(), "down").err().unwrap();
        assert_eq!(refused, ["demand_down.csv: the table is missing; there are base, up"]);
        assert!(SupplyTables::read(folder.path(), "up").is_ok());
    }
}
