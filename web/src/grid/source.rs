//! What the grid shows: a sheet of the live workbook, or of a frozen version.

use grid_engine::calendar::Horizon;
use grid_engine::doc::{Measure, SheetInfo, SheetKind};
use grid_engine::refs::{CellRef, ColId, MeasureId, RowId, SheetId};
use grid_engine::value::{ErrorKind, Value};
use grid_engine::workbook::{Area, Source};

use super::cell_style::CellStyle;
use super::highlight::{Highlight, Shade};
use super::trace::Trace;

/// Rows, columns and measures of a sheet, as they stand now.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    pub sheet: SheetId,
    pub kind: SheetKind,
    pub title: String,
    pub horizon: Option<Horizon>,
    pub measures: Vec<Measure>,
    pub rows: Vec<RowId>,
    /// Columns of a free sheet; a planning sheet's follow from measures and horizon.
    pub cols: Vec<ColId>,
    /// Widths people gave to columns and measures, in CSS pixels.
    pub widths: Vec<(ColId, u32)>,
}

/// A cell as it is painted and read out.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    pub text: String,
    pub source: Source,
    /// Numbers and dates stand right, the rest left.
    pub right: bool,
    pub error: bool,
    /// Its value is kept from this person.
    pub hidden: bool,
    pub negative: bool,
    /// A newer value is being computed.
    pub pending: bool,
    pub note: bool,
    /// People speak of it.
    pub commented: bool,
    /// Nobody may change it at present.
    pub locked: bool,
    /// What was entered is not what the cell accepts.
    pub wrong: bool,
    /// How a person had it written.
    pub style: CellStyle,
    /// How its value stands out among the others of its column or measure.
    pub shade: Option<Shade>,
}

impl Face {
    /// An empty cell.
    pub fn blank() -> Self {
        Self {
            text: String::new(),
            source: Source::Empty,
            right: false,
            error: false,
            hidden: false,
            negative: false,
            pending: false,
            note: false,
            commented: false,
            locked: false,
            wrong: false,
            style: CellStyle::default(),
            shade: None,
        }
    }
}

/// Where the grid reads from.
pub trait SheetSource {
    /// Sheets in tab order, hidden ones left out.
    fn sheets(&self) -> Vec<SheetInfo>;
    /// A sheet's rows and columns; `None` while it is not here.
    fn shape(&self, sheet: SheetId) -> Option<Shape>;
    /// A cell as it is shown.
    fn face(&self, cell: CellRef) -> Face;
    /// A cell's value.
    fn value(&self, cell: CellRef) -> Value;
    /// What the editor of a cell starts with.
    fn entry(&self, cell: CellRef) -> String;
    /// A cell's value as it would be typed, with all its digits.
    fn typed(&self, cell: CellRef) -> String;
    /// The style a cell has of its own: words, see [`super::cell_style`].
    fn style(&self, cell: CellRef) -> Option<String>;
    /// A formula, value or text in a person's words: what the formula bar shows of a cell that is not entered.
    fn explain(&self, cell: CellRef) -> String;
    /// Why a cell takes no input; `None` where it does.
    fn locked(&self, cell: CellRef) -> Option<String>;
    /// How a number of a measure is written.
    fn written(&self, sheet: SheetId, measure: MeasureId, number: f64) -> String;
    /// A cell's name for people: `Demand!Override 2026-03 · SKU-014 / DE / Retail`, `Summary!B7`.
    fn address(&self, cell: CellRef) -> String;
    /// The note on a cell, with its author where known.
    fn note(&self, cell: CellRef) -> Option<String>;
    /// Why what was entered into a cell is not what it accepts; `None` where it is.
    fn objection(&self, cell: CellRef) -> Option<String>;
    /// Why a cell with a key figure is blank; `None` where it is not.
    fn why_blank(&self, cell: CellRef) -> Option<String>;
    /// How the values of a column or measure stand out.
    fn highlight(&self, _sheet: SheetId, _measure: MeasureId) -> Option<Highlight> {
        None
    }
    /// The entries a cell offers, where it accepts only those of a list.
    fn choices(&self, cell: CellRef) -> Vec<String>;
    /// What a cell's formula reads, or whose formulas read the cell.
    fn trace(&self, cell: CellRef, way: Trace) -> Vec<Area>;
}

/// The address of a planning cell from its parts.
pub fn planning_address(title: &str, measure: &str, col: ColId, keys: &[String]) -> String {
    let bucket = col.bucket.map(|bucket| format!(" {bucket}")).unwrap_or_default();
    let row = if keys.is_empty() { String::new() } else { format!(" · {}", keys.join(" / ")) };
    format!("{title}!{measure}{bucket}{row}")
}

/// A value as the face of a cell.
pub fn face(value: &Value, text: String, source: Source, pending: bool, note: bool) -> Face {
    let first = match value {
        Value::Array(array) => array.get(0, 0).cloned().unwrap_or_default(),
        other => other.clone(),
    };
    Face {
        text,
        source,
        right: matches!(first, Value::Number(_)),
        error: matches!(&first, Value::Error(error) if error.kind != ErrorKind::Hidden),
        hidden: matches!(&first, Value::Error(error) if error.kind == ErrorKind::Hidden),
        negative: matches!(first, Value::Number(number) if number < 0.0),
        pending,
        note,
        commented: false,
        locked: false,
        wrong: false,
        style: CellStyle::default(),
        shade: None,
    }
}
