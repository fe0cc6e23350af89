//! A workbook described whole, before it exists: what the demo company and every import make.
//!
//! A blueprint becomes documents through the same edits people make, so nothing in it can be what
//! a person could not have entered.

use std::sync::Arc;

use grid_engine::calendar::{Bucket, Horizon};
use grid_engine::doc::{
    Aggregate, DocError, Edit, EditError, Guard, Input, MAKER, Measure, MeasureKind, Merge, NumberFormat, Op,
    SheetInfo, SheetKind, SheetMeta, Span,
};
use grid_engine::formula::FormulaError;
use grid_engine::refs::{CellRef, ColId, Id, MeasureId, PartId, PersonId, RoomId, RowId, SheetId};
use grid_engine::workbook::{Facts, Side, Workbook};

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
    /// Columns of a free sheet with the number format of their first rows, and how many these are.
    formats: Vec<(u32, &'static str, u32)>,
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
            formats: Vec::new(),
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
        self.formats.push((col, format, rows));
        self
    }

    /// How many rows a free sheet begins with, where what it shows may be longer than usual.
    pub fn long(self, rows: u32) -> Self {
        Self { free_rows: rows, ..self }
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

impl Blueprint {
    /// Makes the workbook, as edits by `by` at `at` (milliseconds since 1970).
    pub fn build(&self, by: PersonId, at: i64) -> Result<Workbook, BlueprintError> {
        let mut workbook = Workbook::new(Side::Server, MAKER);
        workbook.open_room(RoomId::Book, &[])?;
        for (place, sheet) in self.sheets.iter().enumerate() {
            workbook.open_room(RoomId::Sheet(sheet.id), &[])?;
            let edit = |ops| Edit { by, at, why: None, ops };
            workbook.apply(&edit(sheet.structure(place)))?;
            for part in sheet.parts().keys() {
                workbook.open_room(RoomId::Part(sheet.id, *part), &[])?;
            }
            workbook.apply(&edit(sheet.content()))?;
            for (measure, facts) in &sheet.facts {
                workbook.set_facts(sheet.id, *measure, facts.clone());
            }
        }
        // Formulas last: they may name any sheet.
        for sheet in &self.sheets {
            let ops = sheet.formulas(&workbook)?;
            if !ops.is_empty() {
                workbook.apply(&Edit { by, at, why: None, ops })?;
            }
        }
        Ok(workbook)
    }
}

impl SheetBlueprint {
    fn parts(&self) -> std::collections::BTreeMap<PartId, String> {
        self.rows
            .iter()
            .filter_map(|row| self.partition_value(row))
            .map(|value| (part_id(value), value.clone()))
            .collect()
    }

    fn structure(&self, place: usize) -> Vec<Op> {
        let info = SheetInfo {
            id: self.id,
            title: self.title.clone(),
            kind: self.kind,
            position: format!("{place:04}i"),
            role: self.role.clone(),
            group: self.group.clone(),
            hidden: false,
            published: false,
            colour: None,
        };
        let meta = SheetMeta {
            kind: self.kind,
            title: self.title.clone(),
            epoch: 0,
            horizon: self.horizon,
            partition: self.partition,
            parts: self.parts(),
        };
        let mut ops = vec![Op::PutSheet { info, meta }];
        for (order, measure) in self.measures.iter().enumerate() {
            let kind = match &measure.kind {
                Kind::Key => MeasureKind::Key,
                // A formula is put in place once all it may name exists.
                Kind::Input | Kind::Formula(_) => MeasureKind::Input,
                Kind::Layer => MeasureKind::Layer,
            };
            ops.push(Op::PutMeasure { sheet: self.id, measure: measure.with_kind(kind, order) });
        }
        ops
    }

    fn content(&self) -> Vec<Op> {
        let sheet = self.id;
        let mut ops = Vec::new();
        if self.kind == SheetKind::Free {
            let rows: Vec<RowId> = (0..self.free_rows).map(|row| free_row(sheet, row)).collect();
            let cols: Vec<ColId> = (0..FREE_COLS).map(|col| free_col(sheet, col)).collect();
            ops.push(Op::InsertRows { sheet, part: None, after: None, rows });
            ops.push(Op::InsertCols { sheet, after: None, cols });
            ops.extend((0..).zip(&self.widths).map(|(col, width)| Op::SetColWidth {
                sheet,
                col: free_col(sheet, col),
                width: Some(*width),
            }));
            for &(col, format, rows) in &self.formats {
                let cell = |row| CellRef { sheet, row: free_row(sheet, row), col: free_col(sheet, col) };
                let style: Option<Arc<str>> = Some(format.into());
                ops.extend(
                    (0..rows.min(self.free_rows)).map(|row| Op::SetStyle { cell: cell(row), style: style.clone() }),
                );
            }
        }
        let mut by_part: std::collections::BTreeMap<Option<PartId>, Vec<RowId>> = std::collections::BTreeMap::new();
        for row in &self.rows {
            by_part.entry(self.partition_value(row).map(|value| part_id(value))).or_default().push(row_id(&row.key));
        }
        ops.extend(by_part.into_iter().map(|(part, rows)| Op::InsertRows { sheet, part, after: None, rows }));
        for row in &self.rows {
            let id = row_id(&row.key);
            for (measure, value) in self.key_measures().zip(&row.key) {
                let cell = CellRef { sheet, row: id, col: ColId::fixed(measure.id) };
                ops.push(set(cell, Input::Text(value.as_str().into())));
            }
            for (col, entry) in &row.cells {
                if let Some(input) = entry.plain() {
                    ops.push(set(CellRef { sheet, row: id, col: *col }, input));
                }
            }
        }
        for (row, col, entry) in &self.free_cells {
            if let Some(input) = entry.plain() {
                ops.push(set(CellRef { sheet, row: free_row(sheet, *row), col: free_col(sheet, *col) }, input));
            }
        }
        ops
    }

    fn formulas(&self, workbook: &Workbook) -> Result<Vec<Op>, BlueprintError> {
        let sheet = self.id;
        let stored = |cell: CellRef, place: String, formula: &str| {
            workbook.formula_stored(cell, formula).map_err(|error| BlueprintError::Formula {
                place,
                formula: formula.to_owned(),
                error,
            })
        };
        let anywhere = RowId::of_key(&[]);
        let mut ops = Vec::new();
        for (order, measure) in self.measures.iter().enumerate() {
            if let Kind::Formula(formula) = &measure.kind {
                let cell = CellRef { sheet, row: anywhere, col: ColId::fixed(measure.id) };
                let formula = stored(cell, format!("{}, measure {}", self.title, measure.name), formula)?;
                ops.push(Op::PutMeasure { sheet, measure: measure.with_kind(MeasureKind::Formula(formula), order) });
            }
        }
        let keyed =
            self.rows.iter().flat_map(|row| row.cells.iter().map(|(col, entry)| (row_id(&row.key), *col, entry)));
        let free =
            self.free_cells.iter().map(|(row, col, entry)| (free_row(sheet, *row), free_col(sheet, *col), entry));
        for (row, col, entry) in keyed.chain(free) {
            if let Entry::Formula(formula) = entry {
                let cell = CellRef { sheet, row, col };
                let formula = stored(cell, format!("{}, {col}", self.title), formula)?;
                ops.push(set(cell, Input::Formula(formula.into())));
            }
        }
        Ok(ops)
    }
}

/// A new free sheet's size; more rows and columns are inserted as anywhere.
const FREE_ROWS: u32 = 100;
const FREE_COLS: u32 = 26;

fn free_row(sheet: SheetId, row: u32) -> RowId {
    RowId::of_key(&[&sheet.to_string(), "row", &row.to_string()])
}

fn free_col(sheet: SheetId, col: u32) -> ColId {
    ColId::fixed(MeasureId::of_key(&[&sheet.to_string(), "col", &col.to_string()]))
}

fn set(cell: CellRef, input: Input) -> Op {
    Op::SetCell { cell, input: Some(input), guard: Guard::Always }
}

impl Entry {
    fn plain(&self) -> Option<Input> {
        match self {
            Self::Number(number) => Some(Input::Number(*number)),
            Self::Text(text) => Some(Input::Text(text.as_str().into())),
            Self::Formula(_) => None,
        }
    }
}

impl MeasureBlueprint {
    fn with_kind(&self, kind: MeasureKind, order: usize) -> Measure {
        Measure {
            id: self.id,
            name: self.name.clone(),
            kind,
            timed: self.timed,
            span: self.span,
            merge: self.merge,
            aggregate: self.aggregate,
            format: self.format,
            unit: self.unit.clone(),
            order: order as u32,
            help: self.help.clone(),
        }
    }
}
