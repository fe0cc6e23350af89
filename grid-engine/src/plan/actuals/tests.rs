#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::calendar::Horizon;
use crate::refs::RowId;

/// A demand sheet of months from 2026-01 to 2026-06, planned from `current` on: by row its region and plan.
fn demand(current: &str, rows: &[(&str, &str, [f64; 6])]) -> SheetFrame {
    let months = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"];
    let horizon = Horizon {
        first: months[0].parse().unwrap(),
        current: current.parse().unwrap(),
        last: months[5].parse().unwrap(),
    };
    let mut columns = vec![
        json!({"col": "item", "values": rows.iter().map(|row| row.0).collect::<Vec<_>>()}),
        json!({"col": "region", "values": rows.iter().map(|row| row.1).collect::<Vec<_>>()}),
    ];
    for (place, month) in months.iter().enumerate() {
        let values: Vec<f64> = rows.iter().map(|row| row.2[place]).collect();
        columns.push(json!({"col": format!("consensus@{month}"), "values": values}));
    }
    let measure = |id: &str, kind: &str, order: u32| json!({"id": id, "name": id, "kind": kind, "timed": kind != "key", "order": order});
    serde_json::from_value(json!({
        "info": {"id": "demand", "title": "Demand", "kind": "planning", "position": "a", "role": "demand"},
        "meta": {"kind": "planning", "title": "Demand", "epoch": 0, "horizon": horizon},
        "measures": [measure("item", "key", 0), measure("region", "key", 1), measure("consensus", "input", 2)],
        "columns": columns,
        "rows": rows.iter().map(|row| RowId::of_key(&[row.0, row.1])).collect::<Vec<_>>(),
    }))
    .unwrap()
}

fn actuals(news: &[(&str, &str, &str, f64)]) -> Facts {
    let news: Vec<_> = news
        .iter()
        .map(|(item, region, month, value)| (RowId::of_key(&[*item, *region]), month.parse().unwrap(), *value))
        .collect();
    with_actuals(None, &news).unwrap()
}

#[test]
fn actuals_stand_beside_the_plan_and_the_quarter_goes_on_at_the_rate_so_far() {
    let plan = demand(
        "2026-04",
        &[("tea", "N", [0.0, 0.0, 0.0, 100.0, 100.0, 100.0]), ("tea", "S", [0.0, 0.0, 0.0, 50.0, 50.0, 50.0])],
    );
    let older = demand("2026-03", &[("tea", "N", [0.0, 0.0, 80.0, 90.0, 70.0, 70.0])]);
    let facts = actuals(&[("tea", "N", "2026-03", 99.0), ("tea", "N", "2026-04", 80.0)]);
    let found = plan_vs_actual(&plan, &plan, std::slice::from_ref(&older), &facts, "Region", 1).unwrap();
    assert_eq!(found.buckets, ["2026-04".parse().unwrap()], "March was not planned by this version");
    assert_eq!(found.period, "2026-04 to 2026-06");
    assert_eq!((found.total.actual[0], found.total.plan[0]), (80.0, 150.0));
    let north = found.lines.iter().find(|line| line.name == "N").unwrap();
    assert_eq!((north.period_plan, north.projected), (300.0, 80.0 + 200.0 * 0.8));
    // The South has no fact in a month that is known: it sold nothing.
    let south = &found.lines[0];
    assert_eq!((south.name.as_str(), south.actual[0], south.projected), ("S", 0.0, 0.0));
    assert_eq!(found.total.wape, Some((20.0 + 50.0) / 80.0));
    assert_eq!(found.total.bias, Some(70.0 / 80.0));
    // At lag 1 April was planned by this version, at lag 2 by the one before.
    assert_eq!(north.lagged, [Some(100.0)]);
    let lag2 = plan_vs_actual(&plan, &plan, &[older], &facts, "Region", 2).unwrap();
    assert_eq!(lag2.lines.iter().find(|line| line.name == "N").unwrap().lagged, [Some(90.0)]);
    assert_eq!(plan_vs_actual(&plan, &plan, &[], &facts, "Planet", 1), Err(ActualsError::NoKey("Planet".into())));
    assert_eq!(comparable_by(&plan), ["item", "region"]);
}

#[test]
fn without_actuals_of_planned_buckets_there_is_nothing_to_compare() {
    let plan = demand("2026-04", &[("tea", "N", [1.0; 6])]);
    let found = plan_vs_actual(&plan, &plan, &[], &actuals(&[("tea", "N", "2026-03", 1.0)]), "", 1).unwrap();
    assert!(found.buckets.is_empty() && found.lines.is_empty());
}

#[test]
fn news_go_into_a_layer_beside_what_is_known() {
    let old = actuals(&[("a", "N", "2026-02", 1.0), ("b", "N", "2026-03", 2.0)]);
    let row = |item: &str| RowId::of_key(&[item, "N"]);
    let news = [(row("b"), "2026-03".parse().unwrap(), 5.0), (row("c"), "2026-01".parse().unwrap(), 7.0)];
    let now = with_actuals(Some(&old), &news).unwrap();
    let shown: Vec<Option<f64>> = now.values.iter().map(|value| value.is_finite().then_some(*value)).collect();
    assert_eq!((now.first, now.width, now.rows.len()), ("2026-01".parse().ok(), 3, 3));
    let (none, some) = (None, Some);
    assert_eq!(shown, [none, some(1.0), none, none, none, some(5.0), some(7.0), none, none]);
    assert_eq!(with_actuals(Some(&old), &[]), None);
}

#[test]
fn rows_that_came_since_count_without_a_plan_and_are_named() {
    let months = [0.0, 0.0, 0.0, 100.0, 100.0, 100.0];
    let plan = demand("2026-04", &[("tea", "N", months), ("tea", "S", months)]);
    let now =
        demand("2026-04", &[("tea", "N", months), ("tea", "S", months), ("new", "N", months), ("mute", "S", months)]);
    let facts = actuals(&[("tea", "N", "2026-04", 90.0), ("new", "N", "2026-04", 500.0)]);
    let found = plan_vs_actual(&plan, &now, &[], &facts, "Region", 1).unwrap();
    assert_eq!((found.total.actual[0], found.total.plan[0]), (590.0, 200.0));
    assert_eq!(found.total.wape, Some((10.0 + 500.0 + 100.0) / 590.0));
    let north = &found.lines[0];
    assert_eq!((&*north.name, north.actual[0], north.plan[0]), ("N", 590.0, 100.0));
    assert_eq!(found.unplanned, [UnplannedRow { name: "new / N".to_owned(), actual: 500.0 }]);
    // By an item the plan does not have at all, the row is a line of its own.
    let by_item = plan_vs_actual(&plan, &now, &[], &facts, "Item", 1).unwrap();
    assert_eq!(
        by_item.lines.iter().map(|line| (&*line.name, line.actual[0])).collect::<Vec<_>>(),
        [("new", 500.0), ("tea", 90.0)]
    );
}

#[test]
fn a_row_that_stands_under_another_id_by_now_is_the_one_that_was_planned() {
    let months = [0.0, 0.0, 0.0, 100.0, 100.0, 100.0];
    let plan = demand("2026-04", &[("tea", "N", months)]);
    let other = RowId::of_key(&["some", "other"]);
    let now = SheetFrame { rows: vec![other], ..plan.clone() };
    let facts = with_actuals(None, &[(other, "2026-04".parse().unwrap(), 70.0)]).unwrap();
    let found = plan_vs_actual(&plan, &now, &[], &facts, "", 1).unwrap();
    assert_eq!((found.total.actual[0], found.total.plan[0], found.unplanned.len()), (70.0, 100.0, 0));
}

proptest! {
    #[test]
    fn lines_sum_to_the_total(rows in prop::collection::vec((0_u8..4, prop::array::uniform6(0_u16..500), prop::array::uniform3(0_u16..500)), 1..12)) {
        let names: Vec<(String, String)> = rows.iter().enumerate().map(|(at, row)| (format!("i{at}"), format!("R{}", row.0))).collect();
        let plan: Vec<(&str, &str, [f64; 6])> =
            names.iter().zip(&rows).map(|((item, region), row)| (&**item, &**region, row.1.map(f64::from))).collect();
        let mut news = Vec::new();
        for ((item, region), row) in names.iter().zip(&rows) {
            for (month, value) in ["2026-04", "2026-05", "2026-06"].into_iter().zip(row.2).take(2) {
                news.push((&**item, &**region, month, f64::from(value)));
            }
        }
        let found = plan_vs_actual(&demand("2026-04", &plan), &demand("2026-04", &plan), &[], &actuals(&news), "region", 1).unwrap();
        let sum = |of: fn(&ActualLine) -> f64| found.lines.iter().map(of).sum::<f64>();
        let actual: fn(&ActualLine) -> f64 = |line| line.actual.iter().sum();
        prop_assert!((sum(actual) - actual(&found.total)).abs() < 1e-6);
        let planned: fn(&ActualLine) -> f64 = |line| line.period_plan;
        prop_assert!((sum(planned) - planned(&found.total)).abs() < 1e-6);
    }
}
