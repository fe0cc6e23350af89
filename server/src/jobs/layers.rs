//! From a solved plan to the layers of the sheets that show it.

use std::collections::HashMap;
use std::sync::Arc;

use grid_engine::calendar::Bucket;
use grid_engine::doc::{Input, MeasureKind, SheetMirror};
use grid_engine::refs::{ColId, MeasureId, RowId, SheetId};
use grid_engine::workbook::{Facts, Workbook};

use super::message::SolvedTable;

/// The layers that show a solved plan: of every sheet with the table's role, the measures that are layers. Rows of
/// the plan without a row on the sheet are left out; rows of the sheet without one in the plan have no values.
pub fn layers_of(workbook: &Workbook, tables: &[SolvedTable]) -> Vec<(SheetId, MeasureId, Facts)> {
    let mut layers = Vec::new();
    for table in tables {
        let sheets = workbook.mirror().sheets().iter().filter(|info| info.role == table.role);
        for sheet in sheets.filter_map(|info| workbook.sheet(info.id)) {
            layers.extend(layers_of_sheet(sheet, table));
        }
    }
    layers
}

fn layers_of_sheet(sheet: &SheetMirror, table: &SolvedTable) -> Vec<(SheetId, MeasureId, Facts)> {
    let Some(horizon) = sheet.meta().horizon else { return Vec::new() };
    let rows = rows_by_key(sheet);
    let placed: Vec<(RowId, &[Vec<f64>])> =
        table.rows.iter().filter_map(|row| Some((*rows.get(&row.key)?, row.values.as_slice()))).collect();
    let is_layer =
        |id: MeasureId| sheet.measure(id).is_some_and(|measure| measure.timed && measure.kind == MeasureKind::Layer);
    let planned = horizon.len() - horizon.current_index();
    table
        .measures
        .iter()
        .enumerate()
        .filter_map(|(place, name)| Some((place, MeasureId::named(name).ok().filter(|id| is_layer(*id))?)))
        .map(|(place, measure)| (sheet.id(), measure, facts(&placed, place, horizon.current, planned)))
        .collect()
}

fn facts(rows: &[(RowId, &[Vec<f64>])], place: usize, first: Bucket, width: usize) -> Facts {
    let series = |values: &[Vec<f64>]| {
        let found = values.get(place).cloned().unwrap_or_default();
        found.into_iter().chain(std::iter::repeat(f64::NAN)).take(width).collect::<Vec<_>>()
    };
    Facts {
        rows: rows.iter().map(|(row, _)| *row).collect(),
        first: Some(first),
        width,
        values: rows.iter().flat_map(|(_, values)| series(values)).collect(),
    }
}

fn rows_by_key(sheet: &SheetMirror) -> HashMap<Vec<Arc<str>>, RowId> {
    let keys: Vec<ColId> =
        sheet.measures().iter().filter(|m| m.kind == MeasureKind::Key).map(|m| ColId::fixed(m.id)).collect();
    let key_of = |row: RowId| {
        keys.iter()
            .map(|&col| match sheet.input(row, col) {
                Some(Input::Text(text)) => Some(text.clone()),
                Some(Input::Number(number)) => Some(number.to_string().into()),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
    };
    sheet.rows().iter().filter_map(|&row| Some((key_of(row)?, row))).collect()
}
