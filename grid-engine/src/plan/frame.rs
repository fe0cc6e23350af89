//! A sheet at rest: its structure and values without its documents. Frozen versions are made of
//! frames, and the summary of a plan is computed from them alone, live or frozen.

use std::collections::HashMap;

use crate::calendar::Bucket;
use crate::doc::{Input, Measure, MeasureKind};
use crate::refs::{CellRef, ColId, MeasureId, RowId, SheetId};
use crate::value::{ErrorKind, Value};
use crate::wire::{FrameColumn, Scalar, SheetFrame};
use crate::workbook::Workbook;

/// A sheet of a workbook as it is now; `None` for a sheet that is not open.
pub fn frame(workbook: &Workbook, sheet: SheetId) -> Option<SheetFrame> {
    frame_of(workbook, sheet, |_| true)
}

fn frame_of(workbook: &Workbook, sheet: SheetId, holds: impl Fn(ColId) -> bool) -> Option<SheetFrame> {
    let info = workbook.mirror().sheets().iter().find(|info| info.id == sheet)?;
    let mirror = workbook.sheet(sheet)?;
    let rows = mirror.rows().to_vec();
    let columns =
        mirror.cols().iter().filter(|col| holds(**col)).map(|&col| column(workbook, sheet, &rows, col)).collect();
    Some(SheetFrame {
        info: info.clone(),
        meta: mirror.meta().clone(),
        measures: mirror.measures().to_vec(),
        rows,
        columns,
    })
}

/// What a sheet's rows are called now: its keys and its other untimed columns, without a bucket. `None` for a sheet that is
/// not open.
pub fn row_texts(workbook: &Workbook, sheet: SheetId) -> Option<SheetFrame> {
    frame_of(workbook, sheet, |col| col.bucket.is_none())
}

/// All sheets of a workbook, in tab order.
pub fn frames(workbook: &Workbook) -> Vec<SheetFrame> {
    let sheets: Vec<SheetId> = workbook.mirror().sheets().iter().map(|info| info.id).collect();
    sheets.into_iter().filter_map(|sheet| frame(workbook, sheet)).collect()
}

fn column(workbook: &Workbook, sheet: SheetId, rows: &[RowId], col: ColId) -> FrameColumn {
    let mut values = Vec::with_capacity(rows.len());
    let (mut entered, mut blanks) = (Vec::new(), Vec::new());
    let (mut styles, mut notes) = (Vec::new(), Vec::new());
    let mirror = workbook.sheet(sheet);
    for (place, &row) in rows.iter().enumerate() {
        let cell = CellRef { sheet, row, col };
        let value = workbook.value(cell);
        values.push(Scalar::from(value));
        if matches!(value, Value::Blank) {
            blanks.extend(workbook.why_blank(cell).map(|reason| (place, reason)));
        }
        let Some(mirror) = mirror else { continue };
        if let Some(Input::Formula(stored)) = mirror.input(row, col) {
            entered.push((place, workbook.formula_text(cell, stored)));
        }
        styles.extend(mirror.style(row, col).map(|style| (place, style.to_owned())));
        notes.extend(mirror.note(row, col).map(|note| (place, note.text.clone())));
    }
    let rule = mirror.and_then(|mirror| mirror.validation(col.measure));
    let highlight = rule.map(|rule| rule.highlight.clone()).unwrap_or_default();
    let width = mirror.and_then(|mirror| mirror.width(col));
    FrameColumn { col, values, entered, blanks, styles, notes, width, highlight }
}

/// A frame with its rows and columns at hand.
pub struct FrameReader<'a> {
    frame: &'a SheetFrame,
    columns: HashMap<ColId, &'a FrameColumn>,
}

impl<'a> FrameReader<'a> {
    /// Indexes a frame.
    pub fn new(frame: &'a SheetFrame) -> Self {
        Self { frame, columns: frame.columns.iter().map(|column| (column.col, column)).collect() }
    }

    /// The sheet with this role among frames.
    pub fn of_role(frames: &'a [SheetFrame], role: &str) -> Option<Self> {
        frames.iter().find(|frame| frame.info.role == role).map(Self::new)
    }

    /// The sheet itself.
    pub fn frame(&self) -> &'a SheetFrame {
        self.frame
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.frame.rows.len()
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.frame.rows.is_empty()
    }

    /// A measure by its id.
    pub fn measure(&self, id: &str) -> Option<&'a Measure> {
        let id = MeasureId::named(id).ok()?;
        self.frame.measures.iter().find(|measure| measure.id == id)
    }

    /// An untimed measure's text in a row, `""` where there is none.
    pub fn text(&self, measure: MeasureId, row: usize) -> &'a str {
        match self.columns.get(&ColId::fixed(measure)).and_then(|column| column.values.get(row)) {
            Some(Scalar::Text(text)) => text,
            _ => "",
        }
    }

    /// An untimed measure's number in a row.
    pub fn number(&self, measure: MeasureId, row: usize) -> Option<f64> {
        number(self.columns.get(&ColId::fixed(measure))?.values.get(row)?)
    }

    /// Why an untimed measure has no number in a row.
    pub fn reason(&self, measure: MeasureId, row: usize) -> Option<String> {
        let column = self.columns.get(&ColId::fixed(measure))?;
        match column.values.get(row)? {
            Scalar::Error { detail: Some(detail), .. } => Some(detail.to_string()),
            Scalar::Error { error, .. } => {
                let kind = ErrorKind::ALL.into_iter().find(|kind| kind.code() == &**error);
                Some(kind.map_or_else(|| error.to_string(), |kind| kind.meaning().to_owned()))
            }
            _ => column.blanks.iter().find(|(place, _)| *place == row).map(|(_, reason)| reason.clone()),
        }
    }

    /// The formula entered in an untimed measure's cell, as people read it.
    pub fn entered(&self, measure: MeasureId, row: usize) -> Option<&'a str> {
        let column = self.columns.get(&ColId::fixed(measure))?;
        column.entered.iter().find(|(place, _)| *place == row).map(|(_, text)| text.as_str())
    }

    /// A timed measure's number in a row and bucket.
    pub fn at(&self, measure: MeasureId, row: usize, bucket: Bucket) -> Option<f64> {
        number(self.columns.get(&ColId::timed(measure, bucket))?.values.get(row)?)
    }

    /// All buckets of the horizon, and the place of the first one planned.
    pub fn buckets(&self) -> (Vec<Bucket>, usize) {
        self.frame
            .meta
            .horizon
            .map_or((Vec::new(), 0), |horizon| (horizon.buckets().collect(), horizon.current_index()))
    }

    /// The row's key as people read it, e.g. `Still 1 L / DACH / Retail`.
    pub fn key_text(&self, row: usize) -> String {
        let keys = self.frame.measures.iter().filter(|measure| measure.kind == MeasureKind::Key);
        let text = |measure: &Measure| {
            let cell = self.columns.get(&ColId::fixed(measure.id)).and_then(|column| column.values.get(row))?;
            Some(Value::from(cell.clone()).to_text().ok()?.to_string())
        };
        keys.map(|measure| text(measure).unwrap_or_default()).collect::<Vec<_>>().join(" / ")
    }
}

fn number(scalar: &Scalar) -> Option<f64> {
    match scalar {
        Scalar::Number(number) => Some(*number),
        _ => None,
    }
}
