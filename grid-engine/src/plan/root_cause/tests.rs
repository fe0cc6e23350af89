#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::calendar::Horizon;
use crate::doc::Measure;
use crate::kpi;
use crate::refs::{ColId, RowId};
use crate::wire::Scalar;

type Row = (u8, u8, [f64; 2], [f64; 2], [f64; 2], [f64; 2]);

/// A timed measure: name, first month, values by row.
type Timed<'a> = (&'a str, usize, fn(&Row) -> [f64; 2]);

/// A plan of two months of history and two planned ones: by row family, region, history, lag forecast, demand, served.
fn plan(rows: &[Row], scores: &[(&str, f64, Option<f64>)]) -> Vec<SheetFrame> {
    let months = ["2026-01", "2026-02", "2026-03", "2026-04"];
    let horizon = Horizon {
        first: months[0].parse().unwrap(),
        current: months[2].parse().unwrap(),
        last: months[3].parse().unwrap(),
    };
    let sheet = |role: &str, keys: &[(&str, Vec<String>)], timed: &[Timed]| {
        let mut columns: Vec<Value> = keys.iter().map(|(name, texts)| json!({"col": name, "values": texts})).collect();
        let mut measures: Vec<Value> = keys
            .iter()
            .enumerate()
            .map(|(order, (name, _))| json!({"id": name, "name": name, "kind": "key", "timed": false, "order": order}))
            .collect();
        for (name, from, values) in timed {
            measures.push(json!({"id": name, "name": name, "kind": "input", "timed": true, "order": 9}));
            for place in 0..2 {
                let values: Vec<f64> = rows.iter().map(|row| values(row)[place]).collect();
                columns.push(json!({"col": format!("{name}@{}", months[from + place]), "values": values}));
            }
        }
        serde_json::from_value(json!({
            "info": {"id": role, "title": role, "kind": "planning", "position": "a", "role": role},
            "meta": {"kind": "planning", "title": role, "epoch": 0, "horizon": horizon},
            "measures": measures, "columns": columns,
            "rows": (0..rows.len()).map(|at| RowId::of_key(&[&at.to_string()])).collect::<Vec<_>>(),
        }))
        .unwrap()
    };
    let texts = |of: &dyn Fn(usize, &Row) -> String| rows.iter().enumerate().map(|(at, row)| of(at, row)).collect();
    let keys: Vec<(&str, Vec<String>)> = vec![
        ("item", texts(&|at, _| format!("i{at}"))),
        ("region", texts(&|_, row| format!("r{}", row.1))),
        ("family", texts(&|_, row| format!("f{}", row.0))),
    ];
    let demand = sheet("demand", &keys, &[("history", 0, |row| row.2), ("lag1", 0, |row| row.3)]);
    let profit = sheet(
        "profit",
        &keys,
        &[
            ("demand", 2, |row| row.4),
            ("served", 2, |row| row.5),
            ("revenue", 2, |row| row.5.map(|units| units * 3.0)),
            ("supplycost", 2, |row| row.4),
            ("lostsales", 2, |row| [0, 1].map(|at| 4.0 * (row.4[at] - row.5[at]))),
        ],
    );
    let number = |id: &str| json!({"id": id, "name": id, "kind": "input", "timed": false, "order": 1});
    let kpis: SheetFrame = serde_json::from_value(json!({
        "info": {"id": "kpis", "title": "KPIs", "kind": "planning", "position": "b", "role": "kpis"},
        "meta": {"kind": "planning", "title": "KPIs", "epoch": 0},
        "measures": [{"id": "kpi", "name": "KPI", "kind": "key", "timed": false, "order": 0}, number("value"), number("target")],
        "columns": [
            {"col": "kpi", "values": scores.iter().map(|score| score.0).collect::<Vec<_>>()},
            {"col": "value", "values": scores.iter().map(|score| score.1).collect::<Vec<_>>()},
            {"col": "target", "values": scores.iter().map(|score| score.2).collect::<Vec<_>>()},
        ],
        "rows": scores.iter().map(|score| RowId::of_key(&[score.0])).collect::<Vec<_>>(),
    }))
    .unwrap();
    let told = |at: usize| -> Value {
        match at {
            0 => json!(["Short: i0 / r0, 2026-03"]),
            1 => json!([5.0]),
            _ => json!(["capacity of L1 in 2026-03"]),
        }
    };
    let summary: SheetFrame = serde_json::from_value(json!({
        "info": {"id": "summary", "title": "Summary", "kind": "free", "position": "c", "role": "summary"},
        "meta": {"kind": "free", "title": "Summary", "epoch": 0},
        "measures": [],
        "columns": (0..3).map(|at| json!({"col": format!("c{at}"), "values": told(at)})).collect::<Vec<_>>(),
        "rows": [RowId::of_key(&["x"])],
    }))
    .unwrap();
    vec![demand, profit, kpis, summary]
}

fn adds_up(node: &CauseNode) -> bool {
    let sum: f64 = node.children.iter().map(|child| child.value).sum();
    node.children.is_empty() || (sum == node.value && node.children.iter().all(adds_up))
}

#[test]
fn a_fill_rate_ends_in_the_limits_the_solver_names() {
    let rows =
        [(0, 0, [1.0; 2], [1.0; 2], [10.0, 10.0], [5.0, 10.0]), (1, 0, [1.0; 2], [1.0; 2], [10.0, 10.0], [10.0, 8.0])];
    let frames = plan(&rows, &[("unit_fill_rate", 0.825, Some(0.98)), ("stock_days", 3.0, None)]);
    let found = root_cause(&frames, &[], "unit_fill_rate").unwrap();
    assert_eq!((found.root.value, found.root.points), (7.0, 0.175));
    let path = |node: &CauseNode| {
        let mut names = Vec::new();
        let mut node = node;
        while let Some(first) = node.children.first() {
            names.push(format!("{} {}", first.level, first.name));
            node = first;
        }
        names
    };
    assert_eq!(path(&found.root), ["Family f0", "Item i0", "Region r0", "Cause capacity of L1"]);
    let refused = |kpi: &str| root_cause(&frames, &[], kpi).unwrap_err();
    assert_eq!(refused("otif"), CauseError::NoFigure("otif".into()));
    assert_eq!(refused("stock_days"), CauseError::NoTarget("Stock days".into()));
}

/// A line of a plan's table of shortages.
fn short(item: &str, region: &str, bucket: &str, units: f64, cause: &str) -> ShortageLine {
    ShortageLine {
        item: item.to_owned(),
        region: region.to_owned(),
        channel: String::new(),
        bucket: bucket.to_owned(),
        kind: "late".to_owned(),
        units,
        cause: cause.to_owned(),
    }
}

#[test]
fn a_row_that_is_short_for_several_reasons_ends_in_all_of_them() {
    let rows = [(0, 0, [1.0; 2], [1.0; 2], [10.0, 10.0], [5.0, 4.0])];
    let frames = plan(&rows, &[("unit_fill_rate", 0.45, Some(0.98)), ("otif", 0.0, None)]);
    let reasons = [
        short("i0", "r0", "2026-03", 3.0, "capacity of L1 in 2026-03"),
        short("i0", "r0", "2026-03", 2.0, "material of S in 2026-02"),
        // What is late of the month may be more than its own sheet is short of, or less.
        short("i0", "r0", "2026-04", 4.0, "capacity of L1 in 2026-04"),
    ];
    let causes = |kpi: &str| {
        let root = root_cause(&frames, &reasons, kpi).unwrap().root;
        assert!(adds_up(&root));
        let region = &root.children[0].children[0].children[0];
        region.children.iter().map(|node| (node.name.clone(), node.value)).collect::<Vec<_>>()
    };
    let of = |name: &str, value: f64| (name.to_owned(), value);
    assert_eq!(
        causes("unit_fill_rate"),
        [of("capacity of L1", 7.0), of("material of S", 2.0), of("short, its limit not told", 2.0)]
    );
    assert_eq!(causes("otif"), [of("capacity of L1", 2.0)], "a line fails for what keeps most of it back");
}

/// Two sheets of a resource with 100 hours a month, and of an item's stock.
fn with_balances(mut frames: Vec<SheetFrame>) -> Vec<SheetFrame> {
    let sheet = |role: &str, keys: &[(&str, &str)], timed: &[(&str, [f64; 2])]| -> SheetFrame {
        let measures =
            keys.iter().map(|(id, _)| json!({"id": id, "name": id, "kind": "key", "timed": false, "order": 0}));
        let inputs =
            timed.iter().map(|(id, _)| json!({"id": id, "name": id, "kind": "input", "timed": true, "order": 1}));
        let texts = keys.iter().map(|(id, text)| json!({"col": id, "values": [text]}));
        let months = ["2026-03", "2026-04"];
        let numbers = timed.iter().flat_map(|(id, values)| {
            months
                .iter()
                .zip(values)
                .map(move |(month, value)| json!({"col": format!("{id}@{month}"), "values": [value]}))
        });
        serde_json::from_value(json!({
            "info": {"id": role, "title": role, "kind": "planning", "position": "d", "role": role},
            "meta": {"kind": "planning", "title": role, "epoch": 0,
                "horizon": {"first": "2026-03", "current": "2026-03", "last": "2026-04"}},
            "measures": measures.chain(inputs).collect::<Vec<_>>(), "columns": texts.chain(numbers).collect::<Vec<_>>(),
            "rows": [RowId::of_key(&[role])],
        }))
        .unwrap()
    };
    frames.push(sheet("utilisation", &[("resource", "L1")], &[("hours", [90.0, 60.0]), ("available", [100.0, 100.0])]));
    frames.push(sheet("supply", &[("item", "i0"), ("location", "P")], &[("stockvalue", [40.0, 80.0])]));
    frames
}

#[test]
fn hours_and_stock_are_told_against_their_targets_and_money_by_what_it_is_made_of() {
    let rows = [(0, 0, [1.0; 2], [1.0; 2], [10.0, 10.0], [5.0, 10.0])];
    let scores = [
        ("utilisation", 0.75, Some(0.85)),
        ("stock_days", 180.0, Some(30.0)),
        ("revenue", 45.0, None),
        ("gross_profit", 25.0, None),
    ];
    let frames = with_balances(plan(&rows, &scores));
    let told = |kpi: &str| {
        let found = root_cause(&frames, &[], kpi).unwrap();
        assert!(adds_up(&found.root), "{:?}", found.root);
        let children =
            |node: &CauseNode| node.children.iter().map(|node| (node.name.clone(), node.value)).collect::<Vec<_>>();
        (found.root.points, found.unit.clone(), children(&found.root), found.root)
    };
    let of = |name: &str, value: f64| (name.to_owned(), value);
    let (points, unit, resources, root) = told("utilisation");
    assert!((points - 0.10).abs() < 1e-12 && unit == "hours" && resources == [of("L1", 20.0)]);
    let months: Vec<(String, f64)> =
        root.children[0].children.iter().map(|node| (node.name.clone(), node.value)).collect();
    assert_eq!(months, [of("2026-04", 25.0), of("2026-03", -5.0)]);
    // 60 lie there in the mean, which the scorecard takes for 180 days: 10 would do.
    let (points, unit, families, root) = told("stock_days");
    assert!((points - 150.0).abs() < 1e-9 && unit == "money" && families == [of("f0", 50.0)]);
    let places: Vec<(String, f64)> =
        root.children[0].children[0].children.iter().map(|node| (node.name.clone(), node.value)).collect();
    assert_eq!(places, [of("P", 60.0), of("everywhere", -10.0)]);
    assert_eq!(told("revenue").2, [of("f0", 45.0)]);
    let (profit, _, _, root) = told("gross_profit");
    assert_eq!(profit, 25.0);
    let causes = &root.children[0].children[0].children[0].children;
    assert_eq!(causes.iter().map(|node| node.value).collect::<Vec<_>>(), [45.0, -20.0]);
    // Every figure the tower may list as off target has its tree.
    assert!(scores.iter().all(|(kpi, ..)| has_root_cause(kpi)));
    let none = with_balances(plan(&[], &[("stock_days", 180.0, Some(30.0))]));
    assert!(matches!(root_cause(&none, &[], "stock_days"), Err(CauseError::Missing("cost of goods sold"))));
}

/// In the second month the line delivers what it owes from the first: all that was asked there, and nothing by its due date.
#[test]
fn what_is_delivered_late_is_missing_by_its_due_date() {
    let rows = [(0, 0, [1.0; 2], [1.0; 2], [10.0, 10.0], [0.0, 10.0])];
    let mut frames = plan(&rows, &[("unit_fill_rate", 0.0, None), ("otif", 0.0, None)]);
    let profit = &mut frames[1];
    let ontime = MeasureId::named("ontime").unwrap();
    let served = profit.measures.iter().find(|measure| measure.id == MeasureId::named("served").unwrap()).unwrap();
    profit.measures.push(Measure { id: ontime, ..served.clone() });
    for month in ["2026-03", "2026-04"] {
        let mut column = profit.columns[0].clone();
        column.col = ColId::timed(ontime, month.parse().unwrap());
        column.values = vec![Scalar::Number(0.0)];
        profit.columns.push(column);
    }
    assert_eq!(root_cause(&frames, &[], "unit_fill_rate").unwrap().root.value, 20.0);
    assert_eq!(root_cause(&frames, &[], "otif").unwrap().root.value, 2.0);
}

#[test]
fn the_largest_come_first_and_a_line_nearly_served_is_in_full() {
    let row = |family: u8, asked: f64, served: f64| (family, 0, [1.0; 2], [1.0; 2], [asked, 0.0], [served, 0.0]);
    // Summed as they stand, 0.1 + 0.2 + 0.3 would be another number.
    let frames = plan(
        &[row(0, 0.1, 0.0), row(1, 0.2, 0.0), row(2, 0.3, 0.0)],
        &[("unit_fill_rate", 0.8, None), ("lost_sales", 2.4, None)],
    );
    let found = root_cause(&frames, &[], "unit_fill_rate").unwrap();
    let names: Vec<&str> = found.root.children.iter().map(|child| &*child.name).collect();
    assert_eq!(names, ["f2", "f1", "f0"]);
    assert!(adds_up(&found.root), "{:?}", found.root);
    let lost = root_cause(&frames, &[], "lost_sales").unwrap();
    assert!((lost.root.value - 2.4).abs() < 1e-9 && lost.unit == "money");
    let lines =
        root_cause(&plan(&[row(0, 1.0, 0.996), row(1, 1.0, 0.99)], &[("otif", 0.5, None)]), &[], "otif").unwrap();
    assert_eq!((lines.root.value, &*lines.root.children[0].name), (1.0, "f1"));
}

#[test]
fn a_margin_needs_a_target_to_fall_short_of() {
    let rows = [(0, 0, [1.0; 2], [1.0; 2], [10.0, 10.0], [5.0, 10.0])];
    assert!(matches!(
        root_cause(&plan(&rows, &[("gross_margin", 0.5, None)]), &[], "gross_margin"),
        Err(CauseError::NoTarget(_))
    ));
    let found = root_cause(&plan(&rows, &[("gross_margin", 25.0 / 45.0, Some(0.6))]), &[], "gross_margin").unwrap();
    // Revenue 45, cost 20: 27 was to be earned.
    assert!((found.root.value - 2.0).abs() < 1e-9 && (found.root.points - (0.6 - 25.0 / 45.0)).abs() < 1e-9);
}

proptest! {
    #[test]
    fn trees_add_up_to_the_figure(
        rows in prop::collection::vec(
            (0_u8..3, 0_u8..3, prop::array::uniform2(0_u16..90), prop::array::uniform2(0_u16..90),
             prop::array::uniform2(0_u16..90), prop::array::uniform2(0_u16..90)),
            1..40,
        ),
        told in prop::collection::vec((0_u8..40, 0_u8..3, 0_u8..2, 0_u8..3, 0.0_f64..50.0), 0..60),
    ) {
        let rows: Vec<Row> = rows
            .into_iter()
            .map(|(family, region, a, b, c, d)| (family, region, a.map(f64::from), b.map(f64::from), c.map(f64::from), d.map(f64::from)))
            .collect();
        let reasons: Vec<ShortageLine> = told
            .into_iter()
            .map(|(item, region, month, cause, units)| {
                let bucket = ["2026-03", "2026-04"][usize::from(month)];
                short(&format!("i{item}"), &format!("r{region}"), bucket, units, &format!("capacity of L{cause} in {bucket}"))
            })
            .collect();
        let flat = |of: fn(&Row) -> [f64; 2]| rows.iter().flat_map(of).map(Some).collect::<Vec<_>>();
        let (history, lag, demand, served) = (flat(|row| row.2), flat(|row| row.3), flat(|row| row.4), flat(|row| row.5));
        let one = [Some(0.0)];
        for (id, inputs) in [
            ("unit_fill_rate", vec![&served[..], &demand]),
            ("otif", vec![&demand[..], &served, &one, &[Some(0.005)]]),
            ("wape", vec![&lag[..], &history]),
            ("bias", vec![&lag[..], &history]),
        ] {
            let Some(value) = kpi::find(id).unwrap().evaluate(&inputs).value else { continue };
            let found = root_cause(&plan(&rows, &[(id, value, None)]), &reasons, id).unwrap();
            prop_assert!(adds_up(&found.root));
            let missing = if ["wape", "bias"].contains(&id) { value } else { 1.0 - value };
            prop_assert!((found.root.points - missing).abs() < 1e-9, "{} {} {}", id, found.root.points, missing);
        }
    }
}
