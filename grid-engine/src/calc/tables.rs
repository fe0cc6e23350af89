//! Planning sheets as the tables of the supply model.

use std::sync::Arc;

use super::layout::Content;
use super::reading::Reading;
use super::sheet::{Measure, Sheet};
use super::store::Store;
use crate::calendar::Horizon;
use crate::refs::{CellRef, MeasureId};
use crate::supply::{RawCell, RawTable, column_named};
use crate::value::{CellError, ErrorKind, Value};

/// The role's prefix of sheets that are tables of the supply model.
const PREFIX: &str = "supply.";
/// The table made from the horizon.
const PERIODS: &str = "periods";

/// The sheets with a role, as one table: key and static measures by name, then the first timed measure's
/// buckets from the current one on. `None` where no sheet has the role, and while cells are being calculated.
pub(super) fn table(reading: &Reading<'_>, store: &Store, role: &str) -> Option<RawTable> {
    let short = role.strip_prefix(PREFIX).unwrap_or(role);
    let is_meant = |sheet: &Sheet| {
        sheet.open && sheet.planning && (&*sheet.role == role || sheet.role.strip_prefix(PREFIX) == Some(short))
    };
    let mut sum: Option<RawTable> = None;
    for index in 0..store.sheets.len() as u32 {
        let sheet = store.sheet(index);
        if !is_meant(sheet) {
            continue;
        }
        let fixed: Vec<&Measure> = sheet.measures.iter().filter(|measure| !measure.timed).collect();
        let timed = sheet.measures.iter().find(|measure| measure.timed);
        let part = build(reading, store, index, &fixed, timed)?;
        match &mut sum {
            Some(sum) if sum.columns == part.columns => sum.rows.extend(part.rows),
            Some(_) => {}
            None => sum = Some(part),
        }
    }
    sum.or_else(|| (short == PERIODS).then(|| periods(store)).flatten())
}

/// The first row whose texts in these untimed measures, which are entered and never calculated, are those meant. A measure
/// that a sheet does not have holds an empty text.
pub(super) fn keyed_row(
    store: &Store,
    role: &str,
    measures: &[&str],
    is_meant: &dyn Fn(&[&str]) -> bool,
) -> Option<CellRef> {
    let is_of_role = |sheet: &&Sheet| sheet.open && sheet.planning && &*sheet.role == role;
    store.sheets.iter().filter(is_of_role).find_map(|sheet| {
        let index = |id: &str| sheet.measure_index(MeasureId::named(id).ok()?);
        let keys: Vec<Option<u32>> =
            measures.iter().map(|id| index(id).map(|at| sheet.measures[at as usize].first_col)).collect();
        let text = |slot: u32, col: &Option<u32>| match col.map(|col| sheet.cols[col as usize].value(slot)) {
            Some(Value::Text(text)) => Some(text.as_str()),
            Some(Value::Blank) | None => Some(""),
            Some(_) => None,
        };
        let row = sheet.rows.order.iter().find(|&&slot| {
            keys.iter().map(|col| text(slot, col)).collect::<Option<Vec<&str>>>().is_some_and(|texts| is_meant(&texts))
        })?;
        let col = keys.iter().find_map(|col| *col)?;
        Some(CellRef { sheet: sheet.id, row: sheet.rows.id(*row)?, col: sheet.cols[col as usize].id })
    })
}

/// A measure as a table: its sheet's keys by name, then its buckets from the current one on.
pub(super) fn measure_table(
    reading: &Reading<'_>,
    store: &Store,
    sheet: u32,
    measure: &Measure,
) -> Result<RawTable, CellError> {
    let of = store.sheet(sheet);
    let mut fixed: Vec<&Measure> = of.measures.iter().filter(|measure| measure.content == Content::Key).collect();
    let timed = measure.timed.then_some(measure);
    if timed.is_none() {
        fixed.push(measure);
    }
    let table = build(reading, store, sheet, &fixed, timed).ok_or_else(|| CellError::new(ErrorKind::Busy))?;
    // A plan for demand that is itself an error, or still being forecast, would be no plan.
    match timed.map(|measure| first_error(of, measure)) {
        Some(Some(error)) => Err(error),
        _ => Ok(table),
    }
}

fn first_error(of: &Sheet, measure: &Measure) -> Option<CellError> {
    let current = of.horizon.map_or(0, |horizon| horizon.current_index()) as u32;
    let end = of.horizon.map_or(0, |horizon| horizon.len()) as u32;
    let mut columns = (measure.first_col + current..measure.first_col + end).map(|col| &of.cols[col as usize]);
    columns.find_map(|column| of.rows.order.iter().find_map(|&slot| column.value(slot).as_error().cloned()))
}

/// `None` while some of the cells are out of date or about to change: solving takes long, so it is done once.
fn build(
    reading: &Reading<'_>,
    store: &Store,
    sheet: u32,
    fixed: &[&Measure],
    timed: Option<&Measure>,
) -> Option<RawTable> {
    let of = store.sheet(sheet);
    let current = of.horizon.map_or(0, |horizon| horizon.current_index()) as u32;
    let end = of.horizon.map_or(0, |horizon| horizon.len()) as u32;
    let buckets = timed.map_or(0..0, |measure| measure.first_col + current..measure.first_col + end);
    let fixed_cols: Vec<u32> = fixed.iter().map(|measure| measure.first_col).collect();
    for &col in &fixed_cols {
        if !reading.columns_known(sheet, col..col + 1) {
            return None;
        }
    }
    if !reading.columns_known(sheet, buckets.clone()) || reading.waits_for_others() {
        return None;
    }
    let names = fixed.iter().map(|measure| column_named(&measure.name));
    let times = buckets.clone().filter_map(|col| of.cols[col as usize].id.bucket).map(|b| Arc::from(b.to_string()));
    let columns = names.chain(times).collect();
    let cols: Vec<u32> = fixed_cols.into_iter().chain(buckets).collect();
    let row = |&slot: &u32| cols.iter().map(|&col| raw(of.cols[col as usize].value(slot))).collect();
    Some(RawTable { columns, rows: of.rows.order.iter().map(row).collect() })
}

/// The buckets still open to planning, numbered by month.
fn periods(store: &Store) -> Option<RawTable> {
    let horizon_of = |wanted: &dyn Fn(&Sheet) -> bool| {
        store.sheets.iter().filter(|sheet| sheet.open && wanted(sheet)).find_map(|sheet| sheet.horizon)
    };
    let horizon: Horizon = horizon_of(&|sheet| &*sheet.role == "demand").or_else(|| horizon_of(&|_| true))?;
    let open = horizon.buckets().skip(horizon.current_index());
    let row = |(place, bucket): (usize, crate::calendar::Bucket)| {
        vec![RawCell::Text(bucket.to_string().into()), RawCell::Number(place as f64 + 1.0)]
    };
    Some(RawTable { columns: vec!["period".into(), "month_index".into()], rows: open.enumerate().map(row).collect() })
}

fn raw(value: &Value) -> RawCell {
    match value {
        Value::Blank => RawCell::Blank,
        Value::Number(number) => RawCell::Number(*number),
        Value::Bool(truth) => RawCell::Number(f64::from(u8::from(*truth))),
        Value::Text(text) => RawCell::Text(text.as_str().into()),
        Value::Error(error) => RawCell::Text(error.kind.code().into()),
        Value::Array(array) => array.get(0, 0).map_or(RawCell::Blank, raw),
    }
}
