//! What bridges of such figures say, and that their parts sum.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::plan::bridge_kpi;
use crate::refs::RowId;

/// A sheet of one measure by item; the values of each row month by month.
fn sheet(role: &str, measure: &str, first: &str, rows: &[(u8, Vec<f64>)]) -> SheetFrame {
    let months = rows.first().map_or(1, |row| row.1.len());
    let first: Bucket = first.parse().unwrap();
    let buckets: Vec<Bucket> = (0..months).map(|month| first.plus(month as i32)).collect();
    let items: Vec<String> = rows.iter().map(|row| format!("i{}", row.0)).collect();
    let mut columns = vec![json!({"col": "item", "values": items})];
    for (month, bucket) in buckets.iter().enumerate() {
        let values: Vec<f64> = rows.iter().map(|row| row.1[month]).collect();
        columns.push(json!({"col": format!("{measure}@{bucket}"), "values": values}));
    }
    serde_json::from_value(json!({
        "info": {"id": role, "title": role, "kind": "planning", "position": "a", "role": role},
        "meta": {"kind": "planning", "title": role, "epoch": 0,
            "horizon": {"first": buckets[0], "current": buckets[0], "last": buckets[months - 1]}},
        "measures": [
            {"id": "item", "name": "Item", "kind": "key", "timed": false, "order": 0},
            {"id": measure, "name": measure, "kind": "layer", "timed": true, "order": 1},
        ],
        "columns": columns,
        "rows": rows.iter().map(|row| RowId::of_key(&[&row.0.to_string()])).collect::<Vec<_>>(),
    }))
    .unwrap()
}

fn plan(first: &str, stock: &[(u8, Vec<f64>)], cost: &[(u8, Vec<f64>)]) -> Vec<SheetFrame> {
    vec![sheet("supply", "stockvalue", first, stock), sheet("profit", "supplycost", first, cost)]
}

#[test]
fn days_of_stock_move_with_stock_and_with_what_is_used_up() {
    let before = plan("2026-04", &[(1, vec![50.0]), (2, vec![50.0])], &[(1, vec![40.0]), (2, vec![60.0])]);
    let told = |after: &[SheetFrame], kpi: &str| {
        let found = bridge_kpi(&before, after, kpi, "Item").unwrap();
        let parts = found.parts.iter().map(|part| (part.cause, part.value, part.lines[0].name.clone()));
        (found.from, found.to, found.unit.clone(), parts.collect::<Vec<_>>())
    };
    let more = plan("2026-04", &[(1, vec![50.0]), (2, vec![75.0])], &[(1, vec![40.0]), (2, vec![60.0])]);
    let (from, to, unit, parts) = told(&more, "stock_days");
    assert_eq!((from, to, &*unit), (30.4, 38.0, "days"));
    assert!(matches!(&parts[..], [(Cause::Amount, days, item)] if (days - 7.6).abs() < 1e-9 && item == "i2"));
    // Twice as much is used up of the first.
    let used = plan("2026-04", &[(1, vec![50.0]), (2, vec![50.0])], &[(1, vec![140.0]), (2, vec![60.0])]);
    let (_, to, _, parts) = told(&used, "stock_days");
    assert!((to - 15.2).abs() < 1e-9);
    assert!(matches!(&parts[..], [(Cause::Usage, days, item)] if (days + 15.2).abs() < 1e-9 && item == "i1"));
    let (from, to, unit, parts) = told(&used, "inventory_turnover");
    assert_eq!((from, to, &*unit), (12.0, 24.0, "×"));
    assert!(matches!(&parts[..], [(Cause::Usage, times, _)] if (times - 12.0).abs() < 1e-9));
    let none = plan("2026-04", &[(1, vec![50.0])], &[(1, vec![0.0])]);
    assert!(matches!(bridge_kpi(&before, &none, "stock_days", "Item"), Err(BridgeError::NoCommon { .. })));
}

/// Stock of 100 and 200 at the closes of two months, after 150 to begin with, and 300 used up in each.
#[test]
fn turnover_is_counted_with_the_opening_stock_as_the_scorecard_does() {
    let with = |mut plan: Vec<SheetFrame>, opening: Option<f64>, shown: f64| {
        let sheet = |role: &str, ids: [&str; 2], columns: serde_json::Value| -> SheetFrame {
            let measure = |id: &&str| json!({"id": id, "name": id, "kind": if *id == ids[0] { "key" } else { "input" }, "timed": false, "order": 0});
            let mut measures: Vec<_> = ids.iter().map(measure).collect();
            measures.push(json!({"id": "target", "name": "target", "kind": "input", "timed": false, "order": 2}));
            serde_json::from_value(json!({
                "info": {"id": &role[..4], "title": role, "kind": "planning", "position": "a", "role": role},
                "meta": {"kind": "planning", "title": role, "epoch": 0}, "measures": measures, "columns": columns,
                "rows": [RowId::of_key(&["x"])],
            }))
            .unwrap()
        };
        let columns = json!([{"col": "kpi", "values": ["inventory_turnover"]}, {"col": "value", "values": [shown]}]);
        plan.push(sheet("kpis", ["kpi", "value"], columns));
        plan.extend(opening.map(|opening| {
            let columns = json!([{"col": "input", "values": [OPENING.1]}, {"col": "amount", "values": [opening]}]);
            sheet(OPENING.0, ["input", "amount"], columns)
        }));
        plan
    };
    let of = |second: f64| plan("2026-04", &[(1, vec![100.0, second])], &[(1, vec![300.0, 300.0])]);
    let year = 365.0 / 30.4;
    let before = with(of(200.0), Some(150.0), 300.0 * year / 150.0);
    let after = with(of(350.0), Some(150.0), 300.0 * year / 200.0);
    let found = bridge_kpi(&before, &after, "inventory_turnover", "Item").unwrap();
    let parts: Vec<(Cause, &str)> = found.parts.iter().map(|part| (part.cause, &*part.lines[0].name)).collect();
    assert_eq!(parts, [(Cause::Amount, "i1")], "{found:?}");
    assert!((found.from - 2.0 * year).abs() < 1e-9 && (found.parts[0].value + year / 2.0).abs() < 1e-9, "{found:?}");
    // More to begin with.
    let found = bridge_kpi(&before, &with(of(200.0), Some(300.0), year * 300.0 / 200.0), "inventory_turnover", "Item");
    assert_eq!(found.unwrap().parts[0].lines[0].name, "Opening stock");
    // A scorecard of before statements counts without, whatever the statements say.
    let plain = with(of(200.0), Some(150.0), 12.0 * 300.0 / 150.0);
    assert_eq!(bridge_kpi(&plain, &plain, "inventory_turnover", "Item").unwrap().from, 24.0);
    let odd = with(of(200.0), Some(150.0), 7.0);
    let refused = bridge_kpi(&odd, &before, "inventory_turnover", "Item").unwrap_err();
    assert!(matches!(refused, BridgeError::CountedOtherwise { counted, .. } if (counted - 2.0 * year).abs() < 1e-9));
}

/// An item: its number, its history month by month, and the forecast of the last of these.
type Forecast = (u8, Vec<f64>, Vec<f64>);

/// A demand sheet of items.
fn demand(first: &str, rows: &[Forecast]) -> Vec<SheetFrame> {
    let months = rows[0].1.len();
    let known = rows[0].2.len();
    let first: Bucket = first.parse().unwrap();
    let bucket = |month: usize| first.plus(month as i32);
    let mut columns =
        vec![json!({"col": "item", "values": rows.iter().map(|row| format!("i{}", row.0)).collect::<Vec<_>>()})];
    for month in 0..months {
        let came: Vec<f64> = rows.iter().map(|row| row.1[month]).collect();
        columns.push(json!({"col": format!("history@{}", bucket(month)), "values": came}));
        if month + known >= months {
            let said: Vec<f64> = rows.iter().map(|row| row.2[month + known - months]).collect();
            columns.push(json!({"col": format!("lag1@{}", bucket(month)), "values": said}));
        }
    }
    let measure = |id: &str, timed: bool| json!({"id": id, "name": id, "kind": if timed { "layer" } else { "key" }, "timed": timed, "order": 0});
    vec![
        serde_json::from_value(json!({
            "info": {"id": "demand", "title": "Demand", "kind": "planning", "position": "a", "role": "demand"},
            "meta": {"kind": "planning", "title": "Demand", "epoch": 0,
                "horizon": {"first": first, "current": bucket(months), "last": bucket(months)}},
            "measures": [measure("item", false), measure("history", true), measure("lag1", true)],
            "columns": columns,
            "rows": rows.iter().map(|row| RowId::of_key(&[&row.0.to_string()])).collect::<Vec<_>>(),
        }))
        .unwrap(),
    ]
}

proptest! {
    /// Signals over time are those of all rows together, as the dictionary counts them, and fall apart by line.
    #[test]
    fn signals_of_forecasts_sum_to_the_difference(
        rows in prop::array::uniform2(prop::collection::btree_map(0_u8..5, (prop::array::uniform20(1_u16..900), prop::array::uniform5(1_u16..900)), 1..5)),
        later in 0_i32..3,
    ) {
        let first: Bucket = "2024-01".parse().unwrap();
        let frames = [0, 1].map(|at| {
            let rows = rows[at].iter().map(|(row, (came, said))| {
                (*row, came.iter().copied().map(f64::from).collect(), said.iter().copied().map(f64::from).collect())
            });
            let rows: Vec<Forecast> = rows.collect();
            (demand(&first.plus(later * at as i32).to_string(), &rows), rows)
        });
        let total = |rows: &[Forecast], of: fn(&Forecast) -> &[f64]| -> Vec<f64> {
            (0..of(&rows[0]).len()).map(|month| rows.iter().map(|row| of(row)[month]).sum()).collect()
        };
        for kpi in ["tracking_signal", "mase"] {
            let Ok(found) = bridge_kpi(&frames[0].0, &frames[1].0, kpi, "Item") else { continue };
            for (end, (_, rows)) in [found.from, found.to].into_iter().zip(&frames) {
                let (came, said) = (total(rows, |row| &row.1), total(rows, |row| &row.2));
                let some = |values: &[f64]| values.iter().copied().map(Some).collect::<Vec<_>>();
                let (said, last, came) = (some(&said), some(&came[came.len() - said.len()..]), some(&came));
                let inputs: Vec<&[Option<f64>]> =
                    if kpi == "mase" { vec![&said, &last, &came, &[Some(12.0)]] } else { vec![&said, &last] };
                let told = crate::kpi::find(kpi).unwrap().evaluate(&inputs).value.unwrap();
                prop_assert!((told - end).abs() < 1e-9 * told.abs().max(1.0), "{} {} {}", kpi, told, end);
            }
            let largest = found.from.abs().max(found.to.abs()).max(1.0);
            let sum: f64 = found.parts.iter().map(|part| part.value).sum();
            prop_assert!((sum - (found.to - found.from)).abs() < 1e-9 * largest, "{} {:?}", kpi, found);
            for part in &found.parts {
                let lines: f64 = part.lines.iter().map(|line| line.value).sum();
                prop_assert!((lines - part.value).abs() < 1e-9 * largest, "{:?}", part);
            }
        }
    }

    #[test]
    fn parts_sum_to_the_difference(
        stocks in prop::array::uniform2(prop::collection::btree_map(0_u8..6, prop::array::uniform2(1_u16..900), 1..6)),
        costs in prop::array::uniform2(prop::collection::btree_map(0_u8..6, prop::array::uniform2(1_u16..900), 1..6)),
        later in 0_i32..2,
    ) {
        let rows = |of: &BTreeMap<u8, [u16; 2]>| -> Vec<(u8, Vec<f64>)> {
            of.iter().map(|(row, of)| (*row, of.map(f64::from).to_vec())).collect()
        };
        let first: Bucket = "2026-04".parse().unwrap();
        let a = plan("2026-04", &rows(&stocks[0]), &rows(&costs[0]));
        let b = plan(&first.plus(later).to_string(), &rows(&stocks[1]), &rows(&costs[1]));
        for kpi in ["stock_days", "inventory_turnover"] {
            let found = bridge_kpi(&a, &b, kpi, "Item").unwrap();
            let sum: f64 = found.parts.iter().map(|part| part.value).sum();
            let largest = found.from.abs().max(found.to.abs()).max(1.0);
            prop_assert!((sum - (found.to - found.from)).abs() < 1e-9 * largest, "{} {:?}", kpi, found);
        }
    }
}
