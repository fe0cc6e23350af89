//! How demand rows find the streams that serve them.

use std::collections::HashMap;
use std::sync::Arc;

use super::args::wrong;
use crate::supply::{RawCell, RawTable};
use crate::value::CellError;

/// A demand table by item, region and channel as one by item and stream; rows of one item and stream add up.
///
/// A table that names streams already is taken as it is. Rows without any demand need no stream.
pub(super) fn with_streams(demand: &RawTable, streams: Option<&RawTable>) -> Result<RawTable, CellError> {
    let place =
        |table: &RawTable, name: &str| table.columns.iter().position(|column| column.eq_ignore_ascii_case(name));
    if place(demand, "stream").is_some() {
        return Ok(demand.clone());
    }
    let item = place(demand, "item").ok_or_else(|| wrong("the demand sheet needs a key ‘Item’"))?;
    let streams = streams.ok_or_else(|| wrong("a sheet with the role supply.streams is missing"))?;
    let stream = place(streams, "stream").ok_or_else(|| wrong("the streams need a column ‘stream’"))?;
    // Demand and streams meet on whichever of these both have.
    let joins: Vec<(usize, usize)> = ["region", "channel", "loc"]
        .iter()
        .filter_map(|name| Some((place(demand, name)?, place(streams, name)?)))
        .collect();
    let is_period = |name: &str| name.parse::<crate::calendar::Bucket>().is_ok();
    let periods: Vec<usize> = (0..demand.columns.len()).filter(|&index| is_period(&demand.columns[index])).collect();

    let key = |row: &[RawCell], of: &dyn Fn(&(usize, usize)) -> usize| -> Vec<String> {
        joins.iter().map(|join| text(row.get(of(join)))).collect()
    };
    let mut by_key: HashMap<Vec<String>, RawCell> = HashMap::new();
    for row in &streams.rows {
        let name = row.get(stream).cloned().unwrap_or_default();
        by_key.entry(key(row, &|join| join.1)).or_insert(name);
    }

    let mut rows: Vec<Vec<RawCell>> = Vec::new();
    let mut seen: HashMap<(String, String), usize> = HashMap::new();
    for row in &demand.rows {
        let amounts = periods.iter().map(|&period| row.get(period).cloned().unwrap_or_default());
        let key = key(row, &|join| join.0);
        let Some(stream) = by_key.get(&key) else {
            if amounts.clone().all(|amount| matches!(amount, RawCell::Blank | RawCell::Number(0.0))) {
                continue;
            }
            return Err(wrong(&format!("no stream serves {}: add one to the streams sheet", key.join(", "))));
        };
        let item = row.get(item).cloned().unwrap_or_default();
        match seen.get(&(text(Some(&item)), text(Some(stream)))) {
            Some(&index) => rows[index].iter_mut().skip(2).zip(amounts).for_each(|(sum, amount)| add(sum, amount)),
            None => {
                seen.insert((text(Some(&item)), text(Some(stream))), rows.len());
                let amounts =
                    amounts.map(|amount| if amount == RawCell::Blank { RawCell::Number(0.0) } else { amount });
                rows.push([item, stream.clone()].into_iter().chain(amounts).collect());
            }
        }
    }
    let mut columns: Vec<Arc<str>> = vec!["item".into(), "stream".into()];
    columns.extend(periods.iter().map(|&index| demand.columns[index].clone()));
    Ok(RawTable { columns, rows })
}

/// A key as it is compared: texts whatever their case.
fn text(cell: Option<&RawCell>) -> String {
    match cell {
        None | Some(RawCell::Blank) => String::new(),
        Some(RawCell::Number(number)) => number.to_string(),
        Some(RawCell::Text(text)) => text.trim().to_lowercase(),
    }
}

fn add(sum: &mut RawCell, amount: RawCell) {
    match (sum, amount) {
        (RawCell::Number(sum), RawCell::Number(amount)) => *sum += amount,
        (sum, amount @ RawCell::Text(_)) => *sum = amount,
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn table(columns: &[&str], rows: &[&[&str]]) -> RawTable {
        let cell = |text: &&str| match text.parse() {
            Ok(number) => RawCell::Number(number),
            Err(_) if text.is_empty() => RawCell::Blank,
            Err(_) => RawCell::Text((*text).into()),
        };
        RawTable {
            columns: columns.iter().map(|name| Arc::from(*name)).collect(),
            rows: rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
        }
    }

    #[test]
    fn rows_of_one_stream_add_up_and_empty_rows_need_none() {
        let streams = table(&["stream", "region", "loc"], &[&["S1", "DE", "D1"], &["S2", "FR", "D2"]]);
        let demand = table(
            &["item", "region", "channel", "2026-01", "2026-02"],
            &[
                &["A", "DE", "x", "1", ""],
                &["A", "DE", "y", "2", "5"],
                &["A", "FR", "x", "", "7"],
                &["B", "ES", "x", "", "0"],
            ],
        );
        let wanted =
            table(&["item", "stream", "2026-01", "2026-02"], &[&["A", "S1", "3", "5"], &["A", "S2", "0", "7"]]);
        assert_eq!(with_streams(&demand, Some(&streams)).unwrap(), wanted);
    }

    #[test]
    fn demand_without_a_stream_is_named() {
        let streams = table(&["stream", "region"], &[&["S1", "DE"]]);
        let demand = table(&["item", "region", "2026-01"], &[&["A", "ES", "1"]]);
        let error = with_streams(&demand, Some(&streams)).unwrap_err();
        assert!(error.detail().unwrap().contains("es"));
    }
}
