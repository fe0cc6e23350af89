//! A workbook described whole, before it exists: what the demo company and every import make.
//!
//! A blueprint becomes documents through the same edits people make, so nothing in it can be what
//! a person could not have entered.

mod adding;
mod building;

use std::ops::Range;

use grid_engine::calendar::{Bucket, Horizon};
use grid_engine::doc::{Aggregate, DocError, EditError, Merge, NumberFormat, SheetKind, Span};
use grid_engine::formula::FormulaError;
use grid_engine::refs::{ColId, Id, MeasureId, PartId, RowId, SheetId};
use grid_engine::workbook::Facts;

pub use adding::Outdated;

/// How many rows a new free sheet has; more are inserted as anywhere.
const FREE_ROWS: u32 = 100;
/// How many columns it has.
const FREE_COLS: u32 = 26;

/// A workbook to make.
pub struct Blueprint {
    pub title: String,
    pub currency: String,
    pub sheets: Vec<SheetBlueprint>,
}

/// Why a blueprint does not become a workbook.
#[derive(Debug, thiserror::Error)]
pub enum BlueprintError {
    #[error(transparent)]
    Edit(#[from] EditError),
    #[error(transparent)]
    Room(#[from] DocError),
    #[error("the formula {formula} of {place}: {error}")]
    Formula { place: String, formula: String, error: FormulaError },
}

/// A sheet to make.
pub struct SheetBlueprint {
    id: SheetId,
    title: String,
    kind: SheetKind,
    role: String,
    group: String,
    horizon: Option<Horizon>,
    partition: Option<MeasureId>,
    measures: Vec<MeasureBlueprint>,
    rows: Vec<RowBlueprint>,
    facts: Vec<(MeasureId, Facts)>,
    free_cells: Vec<(u32, u32, Entry)>,
    /// Widths in CSS pixels of a free sheet's first columns.
    widths: Vec<u32>,
    free_rows: u32,
    free_cols: u32,
    /// Number formats of a free sheet's cells: columns, rows, and what they have.
    formats: Vec<(Range<u32>, Range<u32>, &'static str)>,
    /// Number formats of cells of a planning sheet.
    styles: Vec<(RowId, ColId, &'static str)>,
}

/// A measure to make; see [`Measure`].
#[derive(Clone)]
pub struct MeasureBlueprint {
    id: MeasureId,
    name: String,
    kind: Kind,
    timed: bool,
    span: Span,
    merge: Merge,
    aggregate: Aggregate,
    format: NumberFormat,
    unit: String,
    help: String,
}

#[derive(Clone)]
enum Kind {
    Key,
    Input,
    Layer,
    Formula(String),
}

/// A row of a planning sheet: its key, in the order of the key measures, and what is entered in it.
pub struct RowBlueprint {
    pub key: Vec<String>,
    pub cells: Vec<(ColId, Entry)>,
}

/// What is entered in a cell, as a person would.
#[derive(Clone, Debug)]
pub enum Entry {
    Number(f64),
    Text(String),
    /// A formula as typed, with its `=`.
    Formula(String),
}

impl From<f64> for Entry {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Entry {
    fn from(text: &str) -> Self {
        if text.starts_with('=') { Self::Formula(text.to_owned()) } else { Self::Text(text.to_owned()) }
    }
}

/// The id of a measure or sheet called `name`.
pub fn measure_id(name: &str) -> MeasureId {
    MeasureId(Id::of_name(name))
}

/// The row with this key.
pub fn row_id<S: AsRef<str>>(key: &[S]) -> RowId {
    let parts: Vec<&str> = key.iter().map(AsRef::as_ref).collect();
    RowId::of_key(&parts)
}

/// The part of a partitioned sheet that a key value names.
pub fn part_id(value: &str) -> PartId {
    PartId(Id::of_name(value))
}

impl MeasureBlueprint {
    fn new(id: &str, name: &str, kind: Kind) -> Self {
        Self {
            id: MeasureId(Id::of_name(id)),
            name: name.to_owned(),
            kind,
            timed: false,
            span: Span::All,
            merge: Merge::Override,
            aggregate: Aggregate::Sum,
            format: NumberFormat::General,
            unit: String::new(),
            help: String::new(),
        }
    }

    /// Part of the row's key.
    pub fn key(name: &str) -> Self {
        Self { format: NumberFormat::Text, aggregate: Aggregate::None, ..Self::new(name, name, Kind::Key) }
    }

    /// Entered by people.
    pub fn input(id: &str, name: &str) -> Self {
        Self::new(id, name, Kind::Input)
    }

    /// Facts from outside the documents.
    pub fn layer(id: &str, name: &str) -> Self {
        Self::new(id, name, Kind::Layer)
    }

    /// One formula for the whole measure.
    pub fn formula(id: &str, name: &str, formula: &str) -> Self {
        Self::new(id, name, Kind::Formula(formula.to_owned()))
    }

    /// One cell per bucket of this span.
    pub fn timed(self, span: Span) -> Self {
        Self { timed: true, span, ..self }
    }

    /// Every person's contribution counts.
    pub fn additive(self) -> Self {
        Self { merge: Merge::Additive, ..self }
    }

    /// How it is shown, and its unit.
    pub fn shown(self, format: NumberFormat, unit: &str) -> Self {
        let aggregate = match format {
            NumberFormat::Percent | NumberFormat::Price | NumberFormat::Text | NumberFormat::Date => Aggregate::None,
            _ => self.aggregate,
        };
        Self { format, unit: unit.to_owned(), aggregate, ..self }
    }

    /// A stock: its total over time is the last bucket's.
    pub fn stock(self) -> Self {
        Self { aggregate: Aggregate::Last, ..self }
    }

    /// Its numbers say nothing when they are added up.
    pub fn without_total(self) -> Self {
        Self { aggregate: Aggregate::None, ..self }
    }

    /// One sentence for the people who use it.
    pub fn help(self, help: &str) -> Self {
        Self { help: help.to_owned(), ..self }
    }
}

impl SheetBlueprint {
    /// A planning sheet with these key measures.
    pub fn planning(id: &str, title: &str, keys: &[&str]) -> Self {
        Self {
            measures: keys.iter().map(|name| MeasureBlueprint::key(name)).collect(),
            ..Self::of_kind(SheetKind::Planning, id, title)
        }
    }

    /// An ordinary grid.
    pub fn free(id: &str, title: &str) -> Self {
        Self::of_kind(SheetKind::Free, id, title)
    }

    fn of_kind(kind: SheetKind, id: &str, title: &str) -> Self {
        Self {
            id: SheetId(Id::of_name(id)),
            title: title.to_owned(),
            kind,
            role: String::new(),
            group: String::new(),
            horizon: None,
            partition: None,
            measures: Vec::new(),
            rows: Vec::new(),
            facts: Vec::new(),
            free_cells: Vec::new(),
            widths: Vec::new(),
            free_rows: FREE_ROWS,
            free_cols: FREE_COLS,
            formats: Vec::new(),
            styles: Vec::new(),
        }
    }

    /// What planning functions find it by.
    pub fn role(self, role: &str) -> Self {
        Self { role: role.to_owned(), ..self }
    }

    /// The tab group it stands in.
    pub fn group(self, group: &str) -> Self {
        Self { group: group.to_owned(), ..self }
    }

    pub fn horizon(self, horizon: Horizon) -> Self {
        Self { horizon: Some(horizon), ..self }
    }

    /// Splits the sheet into rooms by the values of a key measure.
    pub fn partitioned_by(self, key: &str) -> Self {
        Self { partition: Some(measure_id(key)), ..self }
    }

    pub fn measure(mut self, measure: MeasureBlueprint) -> Self {
        self.measures.push(measure);
        self
    }

    pub fn rows(mut self, rows: impl IntoIterator<Item = RowBlueprint>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// Facts of a layer: per row key one value per bucket from `first` on.
    pub fn facts(mut self, measure: &str, first: Option<Bucket>, series: Vec<(RowId, Vec<f64>)>) -> Self {
        let width = series.iter().map(|(_, values)| values.len()).max().unwrap_or(0);
        let mut facts = Facts { rows: Vec::new(), first, width, values: Vec::new() };
        for (row, mut values) in series {
            values.resize(width, f64::NAN);
            facts.rows.push(row);
            facts.values.extend(values);
        }
        self.facts.push((MeasureId(Id::of_name(measure)), facts));
        self
    }

    /// A cell of a free sheet, by zero-based row and column.
    pub fn cell(mut self, row: u32, col: u32, entry: impl Into<Entry>) -> Self {
        self.free_cells.push((row, col, entry.into()));
        self
    }

    /// How the numbers in the first rows of a free sheet's column are shown, for a table that a formula spills there.
    pub fn format(mut self, col: u32, format: &'static str, rows: u32) -> Self {
        self.formats.push((col..col + 1, 0..rows, format));
        self
    }

    /// The same for a row of such a table.
    pub fn format_row(mut self, row: u32, cols: Range<u32>, format: &'static str) -> Self {
        self.formats.push((cols, row..row + 1, format));
        self
    }

    /// How the number in a cell of a planning sheet is shown.
    pub fn styled(mut self, row: RowId, col: ColId, format: &'static str) -> Self {
        self.styles.push((row, col, format));
        self
    }

    /// How many rows a free sheet begins with, where what it shows may be longer than usual.
    pub fn long(self, rows: u32) -> Self {
        Self { free_rows: rows, ..self }
    }

    /// How many columns a free sheet has at least.
    pub fn wide(self, cols: u32) -> Self {
        Self { free_cols: cols.max(FREE_COLS), ..self }
    }

    /// Widths in CSS pixels of a free sheet's first columns.
    pub fn widths(self, widths: &[u32]) -> Self {
        Self { widths: widths.to_vec(), ..self }
    }

    /// A table of the supply model as a sheet: key columns, static columns, and (for a wide table) one timed measure.
    pub fn table(table: &str, title: &str, keys: &[&str], columns: &[(&str, NumberFormat, &str)]) -> Self {
        let sheet = Self::planning(table, title, keys).role(&format!("supply.{table}"));
        columns.iter().fold(sheet, |sheet, (name, format, unit)| {
            sheet.measure(MeasureBlueprint::input(name, name).shown(*format, unit))
        })
    }

    fn key_measures(&self) -> impl Iterator<Item = &MeasureBlueprint> {
        self.measures.iter().filter(|measure| matches!(measure.kind, Kind::Key))
    }

    fn partition_value<'a>(&self, row: &'a RowBlueprint) -> Option<&'a String> {
        let partition = self.partition?;
        let place = self.key_measures().position(|measure| measure.id == partition)?;
        row.key.get(place)
    }
}
