//! What is wrong with a table, and exactly where.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::extremes::Extremes;
use super::{RawCell, RawTable};

/// Problems beyond this many are not collected: a wrong file, not a wrong cell.
const MAX_PROBLEMS: usize = 1_000;

/// Largest number accepted. Solvers read 1e20 as infinite and lose digits long before.
pub const LARGEST_NUMBER: f64 = 1e15;

/// The longest lead time: longer than any plan.
const MOST_PERIODS: f64 = 10_000.0;

/// One thing that is wrong with the tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The table's name, e.g. `demand_base`.
    pub table: Arc<str>,
    /// Zero-based row of the table, the header not counted; `None` where the table as a whole is meant.
    pub row: Option<usize>,
    /// The column's name; `None` where the whole row is meant.
    pub column: Option<Arc<str>>,
    /// What is wrong and what is expected, in words.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.table)?;
        if let Some(row) = self.row {
            write!(f, ", row {}", row + 1)?;
        }
        if let Some(column) = &self.column {
            write!(f, ", column {column}")?;
        }
        write!(f, ": {}", self.reason)
    }
}

/// What a blank cell of a number column means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blank {
    /// A value is needed.
    Refused,
    Zero,
    /// Infinity: no limit.
    Unlimited,
}

/// Collects problems while tables are read.
#[derive(Debug, Default)]
pub(super) struct Lint {
    problems: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Problem>>,
    extremes: RefCell<Extremes>,
    /// Kinds of things whose names are not all known: what is wrong with their table is told there, and not wherever one is named.
    unread: RefCell<HashSet<&'static str>>,
    /// Kinds of things whose table is not there, and need not be.
    absent: RefCell<HashMap<&'static str, Arc<str>>>,
}

/// What the rows of a table are, as references call it, and the columns without which they cannot be known; none for all.
fn rows_of(table: &str) -> Option<(&'static str, &'static [&'static str])> {
    Some(match table {
        "products" | "materials" => ("item", &["item"]),
        "locations" => ("location", &["loc"]),
        "stock_policy" => (NODE, &["item", "loc"]),
        "resources" => ("resource", &["resource"]),
        "routings" => ("route", &["route"]),
        "contracts" => ("contract", &[]),
        "lanes" => ("lane", &["lane"]),
        "streams" => ("stream", &["stream"]),
        "service_cost" => (SERVICE_COST, &[]),
        _ => return None,
    })
}

/// Stock of an item at a location: a row of `stock_policy`.
pub(super) const NODE: &str = "node";
/// What late and lost units cost: a row of `service_cost`.
pub(super) const SERVICE_COST: &str = "service cost";

impl Lint {
    pub fn report(&self, table: &Arc<str>, row: Option<usize>, column: Option<&str>, reason: impl Into<String>) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < MAX_PROBLEMS {
            let column = column.map(Arc::from);
            problems.push(Problem { table: table.clone(), row, column, reason: reason.into() });
        }
    }

    /// Tells of something that is not wrong but may not be meant.
    pub fn warn(&self, table: &Arc<str>, row: usize, column: &str, reason: String) {
        let mut warnings = self.warnings.borrow_mut();
        if warnings.len() < MAX_PROBLEMS {
            warnings.push(Problem { table: table.clone(), row: Some(row), column: Some(column.into()), reason });
        }
    }

    pub fn warnings(&self) -> Vec<Problem> {
        self.warnings.borrow().clone()
    }

    /// Whether what is missing of a kind of things follows from what is wrong with their table.
    pub fn is_unread(&self, kind: &str) -> bool {
        self.unread.borrow().contains(kind)
    }

    /// Notes that some row of a kind of things cannot be read, which is told there.
    pub fn leave_unread(&self, kind: &'static str) {
        self.unread.borrow_mut().insert(kind);
    }

    fn note_unread(&self, table: &str, column: Option<&str>) {
        let Some((kind, keys)) = rows_of(table) else { return };
        if keys.is_empty() || column.is_none_or(|column| keys.contains(&column)) {
            self.unread.borrow_mut().insert(kind);
        }
    }

    /// The table of a kind of things where it is not there though one is named; told once.
    fn take_absent(&self, kind: &str) -> Option<Arc<str>> {
        let (kind, table) = self.absent.borrow_mut().remove_entry(kind)?;
        self.unread.borrow_mut().insert(kind);
        Some(table)
    }

    pub fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner()
    }

    /// The numbers read so far that lie furthest apart.
    pub fn extremes(&self) -> Extremes {
        self.extremes.borrow().clone()
    }

    pub fn is_clean(&self) -> bool {
        self.problems.borrow().is_empty()
    }
}

/// A table that is being read: its columns found by name.
pub(super) struct TableView<'a> {
    pub name: Arc<str>,
    lint: &'a Lint,
    rows: &'a [Vec<RawCell>],
    columns: HashMap<&'a str, usize>,
    /// Columns that are needed and not there. That is told once; what rows hold there is not missed again.
    missing: Vec<Box<str>>,
}

impl<'a> TableView<'a> {
    /// Opens a table; `None` (after reporting when `required`) where it does not exist. Columns that it lacks are reported, and read as blank.
    pub fn open(
        lint: &'a Lint,
        tables: &'a std::collections::BTreeMap<String, RawTable>,
        name: &str,
        required: bool,
        columns_needed: &[&str],
    ) -> Option<Self> {
        let arc: Arc<str> = Arc::from(name);
        let Some(table) = tables.get(name) else {
            if required {
                let columns = match columns_needed {
                    [] => String::new(),
                    columns => format!(" with the columns {}", columns.join(", ")),
                };
                lint.report(&arc, None, None, format!("the table is missing: add it{columns}"));
                lint.note_unread(name, None);
            } else if let Some((kind, _)) = rows_of(name).filter(|(kind, _)| *kind != "item") {
                lint.absent.borrow_mut().insert(kind, arc);
            }
            return None;
        };
        let mut columns = HashMap::new();
        for (index, column) in table.columns.iter().enumerate() {
            if columns.insert(&**column, index).is_some() && !column.is_empty() {
                lint.report(&arc, None, Some(column), "the column appears twice");
            }
        }
        let mut missing = Vec::new();
        for column in columns_needed.iter().filter(|column| !columns.contains_key(*column)) {
            lint.report(&arc, None, Some(column), "the column is missing: add one with this heading");
            lint.note_unread(name, Some(column));
            missing.push(Box::from(*column));
        }
        Some(Self { name: arc, lint, rows: &table.rows, columns, missing })
    }

    /// Whether the table has every column that it needs.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty()
    }

    pub fn has(&self, column: &str) -> bool {
        self.columns.contains_key(column)
    }

    /// The rows that are not wholly blank.
    pub fn rows(&self) -> impl Iterator<Item = RowView<'_>> {
        let filled = |cells: &&Vec<RawCell>| cells.iter().any(|cell| !is_blank(cell));
        let all = self.rows.iter().enumerate();
        all.filter(move |(_, cells)| filled(cells)).map(|(row, cells)| RowView { table: self, row, cells })
    }

    /// Reports on the table as a whole.
    pub fn report(&self, column: Option<&str>, reason: impl Into<String>) {
        self.lint.report(&self.name, None, column, reason);
    }

    /// Which of the period columns are missing is reported once; `true` when none is.
    pub fn has_periods(&self, periods: &[Arc<str>]) -> bool {
        let missing: Vec<&str> = periods.iter().map(|period| &**period).filter(|period| !self.has(period)).collect();
        match missing[..] {
            [] => return true,
            [period] => self.report(Some(period), "the column of this period is missing: add one with this heading"),
            [first, .., last] => {
                let reason = format!("the columns of {} periods are missing, from {first} to {last}", missing.len());
                self.report(None, format!("{reason}: add one for each of the table periods"));
            }
        }
        false
    }
}

/// One row that is being read.
pub(super) struct RowView<'a> {
    table: &'a TableView<'a>,
    pub row: usize,
    cells: &'a [RawCell],
}

impl RowView<'_> {
    pub fn report(&self, column: Option<&str>, reason: impl Into<String>) {
        if column.is_none_or(|column| self.table.missing.iter().all(|missing| **missing != *column)) {
            self.table.lint.report(&self.table.name, Some(self.row), column, reason);
        }
    }

    /// Tells of something that is not wrong but may not be meant.
    pub fn warn(&self, column: &str, reason: String) {
        self.table.lint.warn(&self.table.name, self.row, column, reason);
    }

    fn cell(&self, column: &str) -> &RawCell {
        let index = self.table.columns.get(column);
        index.and_then(|&index| self.cells.get(index)).unwrap_or(&RawCell::Blank)
    }

    /// A text cell; empty where blank. Whole numbers read as their digits, since sheets hold ids as numbers.
    pub fn text(&self, column: &str) -> Arc<str> {
        match self.cell(column) {
            RawCell::Blank => Arc::from(""),
            RawCell::Text(text) => Arc::from(text.trim()),
            RawCell::Number(number) => Arc::from(number.to_string()),
        }
    }

    /// A key cell: a text that must not be blank.
    pub fn key(&self, column: &str) -> Option<Arc<str>> {
        let text = self.text(column);
        if text.is_empty() {
            self.report(Some(column), "blank, but this column identifies the row");
            return None;
        }
        Some(text)
    }

    /// A reference to a row of another table: the index under which `known` holds the key.
    pub fn reference(&self, column: &str, known: &HashMap<Arc<str>, usize>, what: &str) -> Option<usize> {
        let key = self.key(column)?;
        let found = known.get(&key).copied();
        let lint = self.table.lint;
        if found.is_none() && !lint.is_unread(what) {
            match lint.take_absent(what) {
                None => self.report(Some(column), format!("{key:?} is not a known {what}")),
                Some(absent) => {
                    let reason =
                        format!("the table is missing, and {} names the {what} {key:?}: add it", self.table.name);
                    lint.report(&absent, None, None, reason);
                }
            }
        }
        found
    }

    /// A number, not negative, that goes into the program.
    pub fn number(&self, column: &str, blank: Blank) -> Option<f64> {
        let number = self.count(column, blank)?;
        if number.is_finite() {
            self.table.lint.extremes.borrow_mut().note(number, &self.table.name, self.row, column);
        }
        Some(number)
    }

    /// A number, not negative, that only says which or how many.
    pub fn count(&self, column: &str, blank: Blank) -> Option<f64> {
        let number = match self.cell(column) {
            cell if is_blank(cell) => match blank {
                Blank::Zero => return Some(0.0),
                Blank::Unlimited => return Some(f64::INFINITY),
                Blank::Refused => {
                    self.report(Some(column), "blank, but a number is needed");
                    return None;
                }
            },
            RawCell::Blank => return None,
            RawCell::Number(number) => *number,
            RawCell::Text(text) => match parse_number(text) {
                Some(number) => number,
                None => {
                    let point = text.trim().replace(',', ".");
                    let hint = match parse_number(&point) {
                        Some(_) if text.contains(',') => format!(": decimals follow a point, as in {point}"),
                        _ => String::new(),
                    };
                    self.report(Some(column), format!("{:?} is not a number{hint}", shortened(text)));
                    return None;
                }
            },
        };
        let reason = if !number.is_finite() {
            "is not a finite number".to_owned()
        } else if number < 0.0 {
            "is negative".to_owned()
        } else if number > LARGEST_NUMBER {
            format!("is larger than {LARGEST_NUMBER:e}")
        } else {
            return Some(number);
        };
        let shown = if number.abs() < LARGEST_NUMBER { number.to_string() } else { format!("{number:e}") };
        self.report(Some(column), format!("{shown} {reason}"));
        None
    }

    /// A whole number of periods.
    pub fn periods(&self, column: &str) -> Option<usize> {
        let number = self.count(column, Blank::Refused)?;
        if number.fract() != 0.0 {
            self.report(Some(column), format!("{number} is not a whole number of periods"));
            return None;
        }
        if number > MOST_PERIODS {
            self.report(Some(column), format!("{number} periods are more than {MOST_PERIODS}, the most there can be"));
            return None;
        }
        Some(number as usize)
    }

    /// Yes or no, written 1 or 0 (or true or false); `default` where blank or without such a column.
    pub fn flag(&self, column: &str, default: bool) -> Option<bool> {
        let text = self.text(column);
        match text.to_ascii_lowercase().as_str() {
            "" => Some(default),
            "1" | "1.0" | "true" | "yes" => Some(true),
            "0" | "0.0" | "false" | "no" => Some(false),
            _ => {
                self.report(Some(column), format!("{:?} is neither 1 nor 0", shortened(&text)));
                None
            }
        }
    }

    /// One number a period.
    pub fn series(&self, periods: &[Arc<str>], blank: Blank) -> Option<Vec<f64>> {
        let read: Vec<Option<f64>> = periods.iter().map(|period| self.number(period, blank)).collect();
        read.into_iter().collect()
    }
}

fn is_blank(cell: &RawCell) -> bool {
    match cell {
        RawCell::Blank => true,
        RawCell::Text(text) => text.trim().is_empty(),
        RawCell::Number(_) => false,
    }
}

/// Digits with a decimal point and perhaps an exponent; never the `nan` and `inf` that Rust would read.
fn parse_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let plain = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
    if plain { text.parse().ok() } else { None }
}

/// A text as it may be repeated in a message.
fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}
