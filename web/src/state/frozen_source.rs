//! A frozen version as the grid reads it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use grid_engine::doc::{MeasureKind, SheetInfo, SheetKind};
use grid_engine::refs::a1::column_letters;
use grid_engine::refs::{CellRef, ColId, MeasureId, RowId, SheetId};
use grid_engine::value::entry::entry_text_in;
use grid_engine::value::format::display_number;
use grid_engine::value::order::sort_by;
use grid_engine::value::{NumberFormat, Value};
use grid_engine::wire::{FrameColumn, SheetFrame};
use grid_engine::workbook::{Area, Source, format_of};

use crate::grid::cell_style::CellStyle;
use crate::grid::highlight::Highlight;
use crate::grid::source::{Face, Shape, SheetSource, face, planning_address};
use crate::grid::trace::Trace;
use crate::locale;

/// The sheets of one frozen version, filled as they are looked at.
#[derive(Clone)]
pub struct FrozenSource {
    inner: Rc<RefCell<Frozen>>,
}

struct Frozen {
    /// The version's name, for explanations.
    version: String,
    sheets: Vec<SheetInfo>,
    frames: HashMap<SheetId, Frame>,
}

struct Frame {
    frame: SheetFrame,
    rows: HashMap<RowId, usize>,
    cols: HashMap<ColId, usize>,
    values: Vec<Vec<Value>>,
    /// By row and column.
    entered: HashMap<(usize, usize), String>,
    styles: HashMap<(usize, usize), String>,
    notes: HashMap<(usize, usize), String>,
}

impl FrozenSource {
    /// A version by its name, with no sheets yet.
    pub fn new(version: &str) -> Self {
        Self {
            inner: Rc::new(RefCell::new(Frozen {
                version: version.to_owned(),
                sheets: Vec::new(),
                frames: HashMap::new(),
            })),
        }
    }

    /// The version's name, once it is known.
    pub fn set_name(&self, version: &str) {
        self.inner.borrow_mut().version = version.to_owned();
    }

    /// The version's sheets.
    pub fn set_sheets(&self, mut sheets: Vec<SheetInfo>) {
        sheets.retain(|sheet| !sheet.hidden);
        sort_by(&mut sheets, |a, b| a.position.cmp(&b.position));
        self.inner.borrow_mut().sheets = sheets;
    }

    /// Whether a sheet has been loaded.
    pub fn has(&self, sheet: SheetId) -> bool {
        self.inner.borrow().frames.contains_key(&sheet)
    }

    /// Takes a loaded sheet.
    pub fn put(&self, mut frame: SheetFrame) {
        let values = frame
            .columns
            .iter_mut()
            .map(|column| std::mem::take(&mut column.values).into_iter().map(Value::from).collect())
            .collect();
        let mut by_cell = |of: fn(&mut FrameColumn) -> &mut Vec<(usize, String)>| {
            let mut found = HashMap::new();
            for (col, column) in frame.columns.iter_mut().enumerate() {
                found.extend(std::mem::take(of(column)).into_iter().map(|(row, text)| ((row, col), text)));
            }
            found
        };
        let (entered, styles) = (by_cell(|column| &mut column.entered), by_cell(|column| &mut column.styles));
        let notes = by_cell(|column| &mut column.notes);
        let rows = frame.rows.iter().enumerate().map(|(index, &row)| (row, index)).collect();
        let cols = frame.columns.iter().enumerate().map(|(index, column)| (column.col, index)).collect();
        let sheet = frame.info.id;
        self.inner.borrow_mut().frames.insert(sheet, Frame { frame, rows, cols, values, entered, styles, notes });
    }

    fn with<T>(&self, sheet: SheetId, read: impl FnOnce(&Frame) -> Option<T>) -> Option<T> {
        self.inner.borrow().frames.get(&sheet).and_then(read)
    }
}

impl Frame {
    fn place(&self, cell: CellRef) -> Option<(usize, usize)> {
        Some((*self.rows.get(&cell.row)?, *self.cols.get(&cell.col)?))
    }

    fn value(&self, cell: CellRef) -> Option<&Value> {
        let (row, col) = self.place(cell)?;
        self.values.get(col)?.get(row)
    }

    fn kind(&self, measure: MeasureId) -> Option<&MeasureKind> {
        self.frame.measures.iter().find(|known| known.id == measure).map(|known| &known.kind)
    }

    fn typed(&self, cell: CellRef, value: &Value) -> String {
        entry_text_in(value, self.format_at(cell), locale::current())
    }

    fn style(&self, cell: CellRef) -> Option<&str> {
        self.styles.get(&self.place(cell)?).map(String::as_str)
    }

    /// The cell's own number format, or its measure's.
    fn format_at(&self, cell: CellRef) -> NumberFormat {
        self.style(cell).and_then(format_of).unwrap_or_else(|| self.format(cell.col.measure))
    }

    fn format(&self, measure: MeasureId) -> NumberFormat {
        self.frame.measures.iter().find(|known| known.id == measure).map_or(NumberFormat::General, |known| known.format)
    }
}

impl SheetSource for FrozenSource {
    fn sheets(&self) -> Vec<SheetInfo> {
        self.inner.borrow().sheets.clone()
    }

    fn shape(&self, sheet: SheetId) -> Option<Shape> {
        self.with(sheet, |frame| {
            let free = frame.frame.meta.kind == SheetKind::Free;
            Some(Shape {
                sheet,
                kind: frame.frame.meta.kind,
                title: frame.frame.meta.title.clone(),
                horizon: frame.frame.meta.horizon,
                measures: frame.frame.measures.clone(),
                rows: frame.frame.rows.clone(),
                cols: if free { frame.frame.columns.iter().map(|column| column.col).collect() } else { Vec::new() },
                widths: frame.frame.columns.iter().filter_map(|column| Some((column.col, column.width?))).collect(),
            })
        })
    }

    fn face(&self, cell: CellRef) -> Face {
        self.with(cell.sheet, |frame| {
            let value = frame.value(cell)?;
            let entered = frame.place(cell).is_some_and(|place| frame.entered.contains_key(&place));
            let style = frame.style(cell).map(CellStyle::of).unwrap_or_default();
            let note = frame.place(cell).is_some_and(|place| frame.notes.contains_key(&place));
            let source = match frame.kind(cell.col.measure) {
                _ if value.is_blank() => return Some(Face { style, note, ..Face::blank() }),
                Some(MeasureKind::Key) => Source::Key,
                Some(MeasureKind::Layer) => Source::Layer,
                Some(MeasureKind::Formula(_)) if entered => Source::OverriddenFormula,
                Some(MeasureKind::Formula(_)) => Source::Formula,
                Some(MeasureKind::Input) => Source::Input,
                None if entered => Source::Formula,
                None => Source::Input,
            };
            let text = locale::current().display(value, frame.format_at(cell));
            Some(Face { style, ..face(value, text, source, false, note) })
        })
        .unwrap_or_else(Face::blank)
    }

    fn value(&self, cell: CellRef) -> Value {
        self.with(cell.sheet, |frame| frame.value(cell).cloned()).unwrap_or_default()
    }

    fn entry(&self, cell: CellRef) -> String {
        self.with(cell.sheet, |frame| {
            let entered = frame.place(cell).and_then(|place| frame.entered.get(&place));
            let entered = entered.map(|formula| locale::in_formula(formula));
            entered.or_else(|| frame.value(cell).map(|value| frame.typed(cell, value)))
        })
        .unwrap_or_default()
    }

    fn typed(&self, cell: CellRef) -> String {
        self.with(cell.sheet, |frame| Some(frame.typed(cell, frame.value(cell)?))).unwrap_or_default()
    }

    fn style(&self, cell: CellRef) -> Option<String> {
        self.with(cell.sheet, |frame| frame.style(cell).map(str::to_owned))
    }

    fn highlight(&self, sheet: SheetId, measure: MeasureId) -> Option<Highlight> {
        self.with(sheet, |frame| {
            let column = frame.frame.columns.iter().find(|column| column.col.measure == measure)?;
            Highlight::of(&column.highlight)
        })
    }

    fn explain(&self, cell: CellRef) -> String {
        self.entry(cell)
    }

    fn locked(&self, _cell: CellRef) -> Option<String> {
        let version = &self.inner.borrow().version;
        Some(format!("“{version}” is frozen: it is never changed, only superseded. Plan on in the live workbook."))
    }

    fn why_blank(&self, cell: CellRef) -> Option<String> {
        self.with(cell.sheet, |frame| {
            let (row, col) = frame.place(cell)?;
            frame
                .frame
                .columns
                .get(col)?
                .blanks
                .iter()
                .find(|(place, _)| *place == row)
                .map(|(_, reason)| reason.clone())
        })
    }

    fn objection(&self, _cell: CellRef) -> Option<String> {
        None
    }

    fn choices(&self, _cell: CellRef) -> Vec<String> {
        Vec::new()
    }

    fn written(&self, sheet: SheetId, measure: MeasureId, number: f64) -> String {
        let format = self.with(sheet, |frame| Some(frame.format(measure))).unwrap_or_default();
        locale::current().shown(&display_number(number, format))
    }

    // A frozen version holds values; what led to them is the live workbook's to tell.
    fn trace(&self, _cell: CellRef, _way: Trace) -> Vec<Area> {
        Vec::new()
    }

    fn address(&self, cell: CellRef) -> String {
        self.with(cell.sheet, |frame| {
            let title = &frame.frame.meta.title;
            if frame.frame.meta.kind == SheetKind::Free {
                let (row, col) = frame.place(cell)?;
                return Some(format!("{title}!{}{}", column_letters(col as u32), row + 1));
            }
            let keys: Vec<String> = frame
                .frame
                .measures
                .iter()
                .filter(|measure| measure.kind == MeasureKind::Key)
                .filter_map(|key| frame.value(CellRef { col: ColId::fixed(key.id), ..cell }))
                .map(|value| locale::current().display(value, NumberFormat::Text))
                .collect();
            let measure = frame.frame.measures.iter().find(|measure| measure.id == cell.col.measure)?;
            Some(planning_address(title, &measure.name, cell.col, &keys))
        })
        .unwrap_or_default()
    }

    fn note(&self, cell: CellRef) -> Option<String> {
        self.with(cell.sheet, |frame| frame.notes.get(&frame.place(cell)?).cloned())
    }
}
