//! Key figures read from the scorecard: live, of a frozen version, of a slice.
#![allow(clippy::unwrap_used)]

mod table;

use grid_engine::value::{ErrorKind, Value};
use grid_engine::workbook::{Facts, VersionMeasure};
use table::{Table, measure, measure_id, months, sheet};

/// Sales of two items, and a scorecard with the revenue of both and of one.
fn plan() -> Table {
    let mut table = Table::server();
    table.planning("sales", "Sales", "", months("2026-01", 0, 2), &["Item"], &[measure("Units", true)]);
    table.planning("kpis", "KPIs", "kpis", months("2026-01", 0, 2), &["KPI", "Of"], &[measure("Value", false)]);
    for item in ["Tea", "Soap"] {
        table.row("sales", &[item]);
    }
    for (of, formula) in [
        ("", "=KPI(\"revenue\",Sales[Units, all],2)"),
        ("Tea", "=KPI(\"revenue\",FILTER(Sales[Units, all],Sales[Item]=[@Of]),2)"),
    ] {
        table.row("kpis", &["revenue", of]);
        table.enter(table.at("kpis", &["revenue", of], "Value", ""), formula);
    }
    table.enter(table.at("sales", &["Tea"], "Units", "2026-01"), "10");
    table.enter(table.at("sales", &["Soap"], "Units", "2026-02"), "5");
    table.free("own", "Own", 6, 1);
    table
}

#[test]
fn a_figure_is_read_where_it_is_calculated() {
    let mut table = plan();
    for (cell, formula) in [
        ("A1", "=KPI(\"revenue\")"),
        ("A2", "=KPI(\"Revenue\",,\"tea\")"),
        ("A3", "=KPI(\"revenue\",,\"Salt\")"),
        ("A4", "=KPI(\"otif\")"),
    ] {
        table.set("own", cell, formula);
    }
    assert_eq!(table.shown("own", "A1 A2"), "A1=30 A2=20");
    for (cell, of) in [("A3", "‘revenue’ of ‘Salt’"), ("A4", "‘otif’")] {
        let error = table.book.value(table.a1("own", cell)).as_error().unwrap().clone();
        assert_eq!(error.kind, ErrorKind::Na);
        assert!(error.detail().unwrap().contains(of), "{error:?}");
    }
    // It follows what the figure follows from, though the total stays what it was.
    table.enter(table.at("sales", &["Tea"], "Units", "2026-01"), "4");
    table.enter(table.at("sales", &["Soap"], "Units", "2026-02"), "11");
    assert_eq!(table.shown("own", "A1 A2"), "A1=30 A2=8");
    // A figure that asks for itself is a circle, and what gives inputs is none.
    let of_tea = table.at("kpis", &["revenue", "Tea"], "Value", "");
    table.enter(of_tea, "=KPI(\"revenue\",,\"Tea\")");
    table.recalculate();
    assert_eq!(table.book.value(of_tea), &Value::from(ErrorKind::Circ));
}

#[test]
fn a_frozen_versions_figure_is_asked_for_by_name() {
    let mut table = plan();
    table.set("own", "A1", "Consensus 2025-12");
    table.set("own", "A2", "=KPI(\"revenue\",A1)");
    table.set("own", "A3", "=KPI(\"revenue\",\"Consensus 2025-12\",\"Tea\")");
    table.recalculate();
    let of = VersionMeasure { version: "Consensus 2025-12".into(), sheet: sheet("kpis"), measure: measure_id("Value") };
    assert_eq!(table.book.take_wanted_versions(), std::slice::from_ref(&of));
    let rows = ["", "Tea"].map(|of| table.at("kpis", &["revenue", of], "Value", "").row).to_vec();
    table.book.set_version_facts(of, Ok(Facts { rows, first: None, width: 1, values: vec![26.0, f64::NAN] }.into()));
    assert_eq!(table.shown("own", "A2 A3"), "A2=26 A3=_");
    // What stands in a version's place may turn out to be an input.
    table.set("own", "A4", "7");
    table.set("own", "A5", "=KPI(\"revenue\",A4,3)");
    assert_eq!(table.shown("own", "A5"), "A5=21");
}
