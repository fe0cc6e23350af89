//! Frozen versions in formulas: read like the live sheet, once they are asked for and handed in.

use grid_engine::doc::Op;
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
    table.book.set_version_facts(of, Ok(VersionValues { numbers, others, history: Some(0) }));
    table.recalculate();
    assert_eq!(table.book.value(cell), &Value::text("late"));
    assert_eq!(table.book.value(here(&table, "2026-04")), &Value::Bool(true));
    assert_eq!(table.book.value(here(&table, "2026-05")).as_error().unwrap().kind, ErrorKind::Div0);
    let sum = table.at("demand", &["A", "DE"], "Sum", "");
    assert_eq!(table.book.value(sum).as_error().unwrap().kind, ErrorKind::Div0, "an error is not passed over");
}

/// Two rows of a version whose plan begins a month before the live one's, of which the live sheet has only the first.
fn with_october() -> Table {
    let mut table = demand();
    table.formula("demand", "Whole", false, "=SUM(Demand@'October'[Baseline, plan])");
    table.formula("demand", "All", false, "=SUM(Demand@'October'[Baseline, all])");
    table.formula(
        "demand",
        "Cells",
        false,
        "=ROWS(Demand@'October'[Baseline, plan])*100+COLUMNS(Demand@'October'[Baseline, plan])",
    );
    table.formula("demand", "Less", false, "=SUM(VERSION.DIFF(Demand[Baseline, plan],\"October\"))");
    table.formula("demand", "Own", true, "=Demand@'October'[@Baseline]");
    table.enter(table.at("demand", &["A", "DE"], "Baseline", "2026-03"), "50");
    table.recalculate();
    let of = table.book.take_wanted_versions().remove(0);
    let rows = ["A", "B"].map(|item| table.at("demand", &[item, "DE"], "Baseline", "2026-03").row);
    // January is history, February to May are planned.
    let values = vec![1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0];
    let numbers = Facts { rows: rows.to_vec(), first: Some(bucket("2026-01")), width: 5, values };
    table.book.set_version_facts(of, Ok(VersionValues { history: Some(1), ..numbers.into() }));
    table.recalculate();
    table
}

#[test]
fn a_frozen_versions_figures_stay_when_live_rows_go() {
    let mut table = with_october();
    let number = |table: &Table, name: &str| table.number(table.at("demand", &["A", "DE"], name, ""));
    let figures = |table: &Table| ["Whole", "All", "Cells", "Less"].map(|name| number(table, name));
    // Its own plan, from February on; in the sheet's order, what the version has not being blank.
    assert_eq!(figures(&table), [154.0, 165.0, 304.0, 50.0 - 154.0]);
    let here = |table: &Table, when: &str| table.at("demand", &["A", "DE"], "Own", when);
    assert_eq!([table.number(here(&table, "2026-04")), table.number(here(&table, "2026-01"))], [4.0, 1.0]);
    let gone = table.at("demand", &["B", "DE"], "Baseline", "2026-03").row;
    table.edit("dana", vec![Op::DeleteRows { sheet: sheet("demand"), rows: vec![gone] }]);
    table.recalculate();
    assert_eq!(figures(&table), [154.0, 165.0, 304.0, 50.0 - 154.0]);
    // A row more of its own changes only the shape, by a blank.
    table.row("demand", &["C", "FR"]);
    table.recalculate();
    assert_eq!(figures(&table), [154.0, 165.0, 404.0, 50.0 - 154.0]);
    let mut fresh = table.afresh(&[]);
    for (of, values) in table.book.version_facts() {
        fresh.book.set_version_facts(of.clone(), Ok(values));
    }
    fresh.recalculate();
    assert_eq!(table.difference(&fresh), None);
}

#[test]
fn bundles_that_do_not_tell_a_versions_plan_are_read_as_they_were_frozen() {
    let mut table = with_october();
    let of = VersionMeasure { version: "October".into(), sheet: sheet("demand"), measure: measure_id("Baseline") };
    let rows = ["A", "X"].map(|item| grid_engine::refs::RowId::of_key(&[item, "DE"]));
    let values = vec![1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0];
    let numbers = Facts { rows: rows.to_vec(), first: Some(bucket("2026-01")), width: 5, values };
    table.book.set_version_facts(of, Ok(VersionValues { numbers, others: [].into(), history: None }));
    table.recalculate();
    let number = |name: &str| table.number(table.at("demand", &["A", "DE"], name, ""));
    assert_eq!([number("Whole"), number("All"), number("Cells")], [12.0, 15.0, 304.0]);
}
