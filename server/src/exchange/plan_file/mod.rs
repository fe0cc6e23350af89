//! Sheets as files for people who go on in a spreadsheet, Excel workbooks with live formulas and CSV; and back.
//!
//! A planning sheet is a table below one row of headings: a row each, its keys first, then its measures, timed ones bucket
//! by bucket (`Consensus 2026-03`). A free sheet lies as it is.

pub mod csv_out;
mod headings;
pub mod reading;
pub mod reports;
#[cfg(test)]
mod round_trips;
pub mod table;
pub mod xlsx_out;

use std::collections::HashMap;
use std::sync::Arc;

use grid_engine::doc::{Measure, SheetKind, SheetMeta};
use grid_engine::refs::{CellRef, ColId, SheetId};
use grid_engine::value::{NumberFormat, Value};
use grid_engine::wire::{Scalar, SheetFrame};
use grid_engine::workbook::{FileFormula, FileFormulas, Source, Workbook, file_titles, format_of};

/// A sheet, ready to be written.
pub struct Page {
    pub title: String,
    /// A heading for each column; none on a free sheet.
    pub headings: Vec<String>,
    /// Columns at the left that say what a row is.
    pub keys: usize,
    pub formats: Vec<NumberFormat>,
    pub rows: Vec<Vec<PageCell>>,
}

/// A cell, ready to be written.
pub struct PageCell {
    pub value: Value,
    pub formula: Option<FileFormula>,
    /// Another number format than its column's.
    pub format: Option<NumberFormat>,
    /// The words of its style, see `web/src/grid/cell_style.rs`.
    pub style: Option<String>,
    /// It is part of what a formula elsewhere fills.
    pub is_spilled: bool,
}

/// What a file holds of a workbook.
pub struct Pages {
    pub sheets: Vec<Page>,
    /// Defined names and their formulas.
    pub names: Vec<(Arc<str>, String)>,
}

impl Pages {
    /// Sheets of a live workbook, in the order given; those that are not there are left out.
    pub fn of_workbook(workbook: &Workbook, sheets: &[SheetId]) -> Self {
        let mut formulas = FileFormulas::new(workbook);
        let sheets = sheets.iter().filter_map(|&sheet| page(workbook, sheet, &mut formulas)).collect();
        Self { sheets, names: formulas.names().to_vec() }
    }

    /// These pages, then others, which keep their titles: Excel tells no two of one title apart.
    pub fn before(mut self, others: Self) -> Self {
        for page in &mut self.sheets {
            let title = page.title.clone();
            let taken =
                |title: &str| others.sheets.iter().any(|other| other.title.to_lowercase() == title.to_lowercase());
            let mut numbered = (2..).map(|number| format!("{title} ({number})"));
            while taken(&page.title) {
                page.title = numbered.next().unwrap_or_default();
            }
        }
        self.sheets.extend(others.sheets);
        self.names.extend(others.names);
        self
    }

    /// Frozen sheets: what they hold are values.
    pub fn of_frames(frames: Vec<SheetFrame>) -> Self {
        let mut titles = file_titles(frames.iter().map(|frame| &frame.info));
        let mut page = |frame: SheetFrame| frozen_page(titles.remove(&frame.info.id).unwrap_or_default(), frame);
        Self { sheets: frames.into_iter().map(&mut page).collect(), names: Vec::new() }
    }
}

fn page(workbook: &Workbook, id: SheetId, formulas: &mut FileFormulas<'_>) -> Option<Page> {
    let sheet = workbook.sheet(id)?;
    let mut rows = Vec::with_capacity(sheet.rows().len());
    for &row in sheet.rows() {
        let cell = |&col: &ColId| {
            let cell = CellRef { sheet: id, row, col };
            let view = workbook.cell(cell);
            let formula = match view.source {
                Source::Formula | Source::OverriddenFormula => formulas.of(cell),
                _ => None,
            };
            let format = view.style.map(|_| workbook.format_at(cell));
            let is_spilled = view.source == Source::Spill;
            let style = view.style.map(str::to_owned);
            PageCell { value: view.value.clone(), formula, format, style, is_spilled }
        };
        rows.push(sheet.cols().iter().map(cell).collect());
    }
    let title = formulas.title(id).to_owned();
    Some(Page { rows, ..frame_of(title, sheet.meta(), sheet.measures(), sheet.cols()) })
}

fn frozen_page(title: String, frame: SheetFrame) -> Page {
    let cols: Vec<ColId> = frame.columns.iter().map(|column| column.col).collect();
    let mut columns: Vec<_> = frame
        .columns
        .into_iter()
        .map(|column| (column.values.into_iter(), column.styles.into_iter().collect::<HashMap<usize, String>>()))
        .collect();
    let mut row = |place: usize| {
        let cell = |(values, styles): &mut (std::vec::IntoIter<Scalar>, HashMap<usize, String>)| {
            let value = values.next().map_or(Value::Blank, Value::from);
            let style = styles.remove(&place);
            PageCell { value, formula: None, format: style.as_deref().and_then(format_of), style, is_spilled: false }
        };
        columns.iter_mut().map(cell).collect()
    };
    let rows = (0..frame.rows.len()).map(&mut row).collect();
    Page { rows, ..frame_of(title, &frame.meta, &frame.measures, &cols) }
}

/// A page without its rows.
fn frame_of(title: String, meta: &SheetMeta, measures: &[Measure], cols: &[ColId]) -> Page {
    let of = |col: &ColId| measures.iter().find(|measure| measure.id == col.measure);
    let heading = |col: &ColId| {
        let name = of(col).map_or("", |measure| measure.name.as_str());
        col.bucket.map_or_else(|| name.to_owned(), |bucket| format!("{name} {bucket}"))
    };
    let is_planning = meta.kind == SheetKind::Planning;
    let is_key = |col: &&ColId| of(col).is_some_and(|measure| measure.kind == grid_engine::doc::MeasureKind::Key);
    Page {
        title,
        headings: if is_planning { cols.iter().map(heading).collect() } else { Vec::new() },
        keys: cols.iter().take_while(is_key).count(),
        formats: cols.iter().map(|col| of(col).map(|measure| measure.format).unwrap_or_default()).collect(),
        rows: Vec::new(),
    }
}
