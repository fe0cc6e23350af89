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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::exchange::blueprint::{Blueprint, MeasureBlueprint, RowBlueprint, SheetBlueprint, row_id};
    use crate::jobs::SolvedRow;
    use grid_engine::calendar::Horizon;
    use grid_engine::doc::Span;
    use grid_engine::refs::PersonId;

    #[test]
    fn rows_meet_by_key_and_gaps_stay_gaps() {
        let bucket = |text: &str| text.parse().unwrap();
        let horizon = Horizon { first: bucket("2026-01"), current: bucket("2026-03"), last: bucket("2026-05") };
        let row = |item: &str| RowBlueprint { key: vec![item.into(), "P1".into()], cells: Vec::new() };
        let sheet = SheetBlueprint::planning("supply", "Supply", &["Item", "Location"])
            .role("supply")
            .horizon(horizon)
            .measure(MeasureBlueprint::layer("stock", "Stock").timed(Span::Plan))
            .measure(MeasureBlueprint::input("note", "Note").timed(Span::Plan))
            .rows([row("Tea"), row("Soap")]);
        let blueprint = Blueprint { title: "T".into(), currency: "EUR".into(), sheets: vec![sheet] };
        let workbook = blueprint.build(PersonId::of_key(&["x"]), 1).unwrap();
        let solved = |item: &str| SolvedRow {
            key: vec![item.into(), "P1".into()],
            values: vec![vec![1.0, 2.0], vec![9.0, 9.0], vec![9.0, 9.0]],
        };
        let measures = ["stock", "note", "nothing"].map(str::to_owned).to_vec();
        let table = SolvedTable { role: "supply".into(), measures, rows: vec![solved("Tea"), solved("Moon")] };
        let layers = layers_of(&workbook, &[table]);
        let [(_, measure, facts)] = layers.as_slice() else { unreachable!("only layers are written: {layers:?}") };
        assert_eq!(measure.to_string(), "stock");
        assert_eq!((&facts.rows, facts.first, facts.width), (&vec![row_id(&["Tea", "P1"])], Some(horizon.current), 3));
        assert_eq!(facts.values[..2], [1.0, 2.0]);
        assert!(facts.values[2].is_nan());
    }
}
