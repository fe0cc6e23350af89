//! Frozen versions in formulas: read like the live sheet, once they are asked for and handed in.

use grid_engine::value::{ErrorKind, Value};
use grid_engine::workbook::{Facts, VersionMeasure, VersionValues};

use super::demand;
use super::table::{Table, bucket, measure_id, sheet};

#[test]
fn a_frozen_version_is_read_like_the_live_sheet() {
    let mut table = demand();
    table.formula("demand", "Change", true, "=[@Baseline]-Demand@'Consensus 2025-12'[@Baseline]");
    table.enter(table.at("demand", &["A", "DE"], "Baseline", "2026-03"), "10");
    table.recalculate();
    let cell = table.at("demand", &["A", "DE"], "Change", "2026-03");
    assert_eq!(table.book.value(cell), &Value::from(ErrorKind::Busy));
    let of =
        VersionMeasure { version: "Consensus 2025-12".into(), sheet: sheet("demand"), measure: measure_id("Baseline") };
    assert_eq!(table.book.take_wanted_versions(), std::slice::from_ref(&of), "it is asked for");
    table.recalculate();
    assert_eq!(table.book.take_wanted_versions(), [], "once");
    table.book.set_version_facts(of.clone(), Err("there is no version ‘Consensus 2025-12’".into()));
    table.recalculate();
    let error = table.book.value(cell).as_error().unwrap().clone();
    assert_eq!(error.kind, ErrorKind::Ref);
    assert_eq!(error.detail().map(AsRef::as_ref), Some("there is no version ‘Consensus 2025-12’"));
    // One of that name is frozen.
    assert!(table.book.look_for_versions_again());
    table.recalculate();
    assert_eq!(table.book.take_wanted_versions(), std::slice::from_ref(&of));
    let facts = Facts { rows: vec![cell.row], first: Some(bucket("2026-03")), width: 1, values: vec![7.0] };
    table.book.set_version_facts(of, Ok(facts.into()));
    table.recalculate();
    assert_eq!(table.number(cell), 3.0);
    // The same, and over all rows and buckets, as a function; what the version did not have counts as 0.
    table.formula("demand", "Difference", true, "=VERSION.DIFF([@Baseline],\"Consensus 2025-12\")");
    table.formula("demand", "All", false, "=SUM(VERSION.DIFF(Demand[Baseline],\"Consensus 2025-12\"))");
    table.formula("demand", "Wrong", false, "=VERSION.DIFF(1,\"Consensus 2025-12\")");
    table.enter(table.at("demand", &["A", "DE"], "Baseline", "2026-04"), "5");
    table.recalculate();
    let here = |name: &str, when: &str| table.at("demand", &["A", "DE"], name, when);
    assert_eq!(table.number(here("Difference", "2026-03")), 3.0);
    assert_eq!(table.number(here("All", "")), 8.0);
    assert_eq!(table.book.value(here("Wrong", "")), &Value::from(ErrorKind::Value));
}

#[test]
fn a_frozen_version_gives_texts_truth_values_and_errors_too() {
    let mut table = demand();
    table.formula("demand", "Said", true, "=Demand@'October'[@Baseline]");
    table.formula("demand", "Sum", false, "=SUM(Demand@'October'[Baseline])");
    table.recalculate();
    let here = |table: &Table, when: &str| table.at("demand", &["A", "DE"], "Said", when);
    let cell = here(&table, "2026-03");
    let of = table.book.take_wanted_versions().remove(0);
    let numbers = Facts { rows: vec![cell.row], first: Some(bucket("2026-03")), width: 3, values: vec![f64::NAN; 3] };
    let others = [(0, Value::text("late")), (1, Value::Bool(true)), (2, Value::from(ErrorKind::Div0))].into();
    table.book.set_version_facts(of, Ok(VersionValues { numbers, others }));
    table.recalculate();
    assert_eq!(table.book.value(cell), &Value::text("late"));
    assert_eq!(table.book.value(here(&table, "2026-04")), &Value::Bool(true));
    assert_eq!(table.book.value(here(&table, "2026-05")).as_error().unwrap().kind, ErrorKind::Div0);
    let sum = table.at("demand", &["A", "DE"], "Sum", "");
    assert_eq!(table.book.value(sum).as_error().unwrap().kind, ErrorKind::Div0, "an error is not passed over");
}
