//! Telling the calculation what has changed in the documents.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Workbook;
use crate::calc::{Content, Entries, Entry, Layout, MeasureLayout};
use crate::doc::{Change, Input, Measure, MeasureKind, SheetInfo, SheetKind, SheetMirror, Span};
use crate::refs::{ColId, RowId, SheetId};
use crate::value::Value;

/// A sheet's entries as the calculation takes them.
struct SheetEntries<'a>(&'a SheetMirror);

impl Entries for SheetEntries<'_> {
    fn entry(&self, row: RowId, col: ColId) -> Option<Entry> {
        self.0.input(row, col).map(entry_of)
    }

    fn each(&self, visit: &mut dyn FnMut(RowId, ColId, Entry)) {
        for (cell, input) in self.0.inputs() {
            visit(cell.row, cell.col, entry_of(input));
        }
    }
}

impl Workbook {
    /// Structure first, then cells: a cell's row and column must be there. Returned are sheets whose columns got another
    /// width.
    pub(super) fn take_over(&mut self) -> BTreeSet<SheetId> {
        let news = std::mem::take(&mut self.news);
        let width = |change: &Change| if let Change::Width(sheet, _) = *change { Some(sheet) } else { None };
        let widened = news.iter().filter_map(width).collect();
        if news.is_empty() {
            return widened;
        }
        let mirror = self.documents.mirror();
        if news.contains(&Change::Names) {
            let names = mirror.names().iter().map(|(name, stored)| (&**name, &**stored));
            self.calculation.set_names(names);
        }
        let mut sheets: BTreeSet<SheetId> = BTreeSet::new();
        for change in &news {
            match *change {
                Change::Rows(sheet) | Change::Cols(sheet) | Change::Measures(sheet) | Change::Meta(sheet) => {
                    sheets.insert(sheet);
                }
                Change::Sheets => sheets.extend(mirror.sheets().iter().map(|info| info.id)),
                _ => {}
            }
        }
        // What has come in the place of a forgotten room, before this was told, looks like what was there: built afresh.
        for change in &news {
            if let Change::Forgotten(sheet) = *change {
                self.calculation.close_sheet(sheet);
            }
        }
        for &id in &sheets {
            match mirror.sheet(id) {
                Some(sheet) => {
                    let info = mirror.sheets().iter().find(|info| info.id == id);
                    self.calculation.put_sheet(&layout_of(sheet, info), &SheetEntries(sheet));
                }
                None => self.calculation.close_sheet(id),
            }
        }
        for change in news {
            if let Change::Cell(cell) = change
                && let Some(sheet) = mirror.sheet(cell.sheet)
            {
                self.calculation.set_entry(cell, sheet.input(cell.row, cell.col).map(entry_of));
            }
        }
        widened
    }
}

fn entry_of(input: &Input) -> Entry {
    match input {
        Input::Number(number) => Entry::Value(Value::number(*number)),
        Input::Bool(truth) => Entry::Value(Value::Bool(*truth)),
        Input::Text(text) => Entry::Value(Value::text(text)),
        Input::Formula(stored) => Entry::Formula(stored.clone()),
    }
}

fn layout_of(sheet: &SheetMirror, info: Option<&SheetInfo>) -> Layout {
    let meta = sheet.meta();
    let planning = meta.kind == SheetKind::Planning;
    let (len, current) = meta.horizon.map_or((0, 0), |horizon| (horizon.len(), horizon.current_index()));
    let measure = |measure: &Measure| MeasureLayout {
        id: measure.id,
        name: Arc::from(measure.name.as_str()),
        content: match &measure.kind {
            MeasureKind::Key => Content::Key,
            MeasureKind::Input => Content::Entered,
            MeasureKind::Layer => Content::Layer,
            MeasureKind::Formula(stored) => Content::Formula(Arc::from(stored.as_str())),
        },
        timed: measure.timed,
        span: match measure.span {
            Span::All => (0, len),
            Span::History => (0, current),
            Span::Plan => (current, len),
        },
    };
    Layout {
        id: sheet.id(),
        title: Arc::from(info.map_or(meta.title.as_str(), |info| info.title.as_str())),
        role: Arc::from(info.map_or("", |info| info.role.as_str())),
        planning,
        horizon: meta.horizon,
        measures: if planning { sheet.measures().iter().map(measure).collect() } else { Vec::new() },
        rows: sheet.rows().to_vec(),
        cols: sheet.cols().to_vec(),
        deleted_rows: sheet.deleted_rows(),
        deleted_cols: sheet.deleted_cols(),
    }
}
