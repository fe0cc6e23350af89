//! Quantities of a plan become decisions: the right rows, each once, in one edit that undo takes back.

use grid_engine::doc::{Input, Merge, Op};
use grid_engine::plan::{KeepError, Meant, PlannedQuantities, keep_as_decisions, new_decisions_sheet};
use grid_engine::refs::RowId;
use grid_engine::value::Value;

use crate::table::{Table, bucket, measure, months, person, sheet};

/// Two rows: one for a route, whose item is blank, and one for a contract.
fn decisions() -> Table {
    let mut table = Table::server();
    let horizon = months("2026-01", 1, 3);
    table.planning(
        "decide",
        "Decisions",
        "supply.decisions",
        horizon,
        &["Kind", "Object", "Item"],
        &[measure("Units", true)],
    );
    table.row("decide", &["production", "MAKE", ""]);
    table.row("decide", &["purchase", "BUY", "WOOD"]);
    table
}

/// What the study of quantities answers: two months of three lines.
fn planned() -> PlannedQuantities {
    let text = |text: &str| Value::text(text);
    let row = |names: [&str; 3], units: [f64; 2]| {
        names.map(text).into_iter().chain(units.map(Value::number)).collect::<Vec<_>>()
    };
    let header = ["Kind", "Object", "Item", "2026-02", "2026-03"].map(Value::text).into();
    PlannedQuantities::read(&[
        header,
        row(["production", "MAKE", "CHAIR"], [14.0, 4.0]),
        row(["purchase", "BUY", "WOOD"], [56.0, 0.0]),
        row(["shipment", "TRUCK", "CHAIR"], [0.0, 9.5]),
    ])
    .unwrap()
}

fn all() -> Meant {
    Meant { kind: None, item: None, buckets: 0..=1, nothing: true }
}

/// Keeps what is meant; the counts of what was written, stood already, and was added.
fn keep(table: &mut Table, meant: &Meant) -> (usize, usize, usize) {
    let planned = planned();
    let steps = keep_as_decisions(table.book.mirror(), &planned.meant(meant)).unwrap();
    table.edit("ada", steps.ops);
    table.recalculate();
    (steps.written, steps.same, steps.added)
}

fn line(table: &Table, keys: &[&str]) -> String {
    table.line("decide", keys, "Units")
}

fn rows(table: &Table) -> usize {
    table.book.sheet(sheet("decide")).unwrap().rows().len()
}

#[test]
fn rows_that_are_there_are_written_and_others_are_added_in_one_edit() {
    let mut table = decisions();
    table.enter(table.at("decide", &["production", "MAKE", ""], "Units", "2026-04"), "3");
    assert_eq!(keep(&mut table, &all()), (6, 0, 1));
    assert_eq!(line(&table, &["production", "MAKE", ""]), "_ 14 4 3", "what is decided for another month stays");
    assert_eq!(line(&table, &["purchase", "BUY", "WOOD"]), "_ 56 0 _");
    assert_eq!(line(&table, &["shipment", "TRUCK", "CHAIR"]), "_ 0 9.5 _");
    assert_eq!(rows(&table), 3);
    // The same again changes nothing.
    assert_eq!(keep(&mut table, &all()), (0, 6, 0));
    assert_eq!(rows(&table), 3);
    table.book.undo(person("ada"), 1).unwrap();
    table.recalculate();
    assert_eq!(rows(&table), 2);
    assert_eq!(line(&table, &["production", "MAKE", ""]), "_ _ _ 3");
    assert_eq!(line(&table, &["purchase", "BUY", "WOOD"]), "_ _ _ _");
}

#[test]
fn only_what_is_meant_is_kept() {
    let planned = planned();
    let kept = |meant: Meant| {
        let lines = planned.meant(&meant);
        lines.iter().map(|kept| (kept.line.object.clone(), kept.units.len())).collect::<Vec<_>>()
    };
    let named = |objects: &[(&str, usize)]| {
        objects.iter().map(|(name, units)| ((*name).to_owned(), *units)).collect::<Vec<_>>()
    };
    assert_eq!(kept(Meant { kind: Some("purchase".into()), ..all() }), named(&[("BUY", 2)]));
    assert_eq!(kept(Meant { item: Some("CHAIR".into()), ..all() }), named(&[("MAKE", 2), ("TRUCK", 2)]));
    assert_eq!(kept(Meant { buckets: 0..=0, ..all() }), named(&[("MAKE", 1), ("BUY", 1), ("TRUCK", 1)]));
    assert_eq!(kept(Meant { nothing: false, ..all() }), named(&[("MAKE", 2), ("BUY", 1), ("TRUCK", 1)]));
    assert_eq!(kept(Meant { buckets: 0..=0, nothing: false, ..all() }), named(&[("MAKE", 1), ("BUY", 1)]));
    assert_eq!(PlannedQuantities::read(&[vec![Value::text("Limit")]]), None, "another table");
}

#[test]
fn a_row_that_was_deleted_comes_back_without_what_was_decided_then() {
    let mut table = decisions();
    let keys = ["shipment", "TRUCK", "CHAIR"];
    table.row("decide", &keys);
    table.enter(table.at("decide", &keys, "Units", "2026-04"), "7");
    table.edit("ada", vec![Op::DeleteRows { sheet: sheet("decide"), rows: vec![RowId::of_key(&keys)] }]);
    assert_eq!(keep(&mut table, &all()), (6, 0, 1));
    assert_eq!(line(&table, &keys), "_ 0 9.5 _");
}

#[test]
fn a_formula_of_a_decision_gives_way_to_the_quantity() {
    let mut table = decisions();
    let cell = table.at("decide", &["production", "MAKE", ""], "Units", "2026-02");
    table.enter(cell, "=7*2");
    assert_eq!(keep(&mut table, &Meant { kind: Some("production".into()), ..all() }), (2, 0, 0));
    assert_eq!(table.book.sheet(sheet("decide")).unwrap().input(cell.row, cell.col), Some(&Input::Number(14.0)));
}

#[test]
fn sheets_that_cannot_hold_decisions_are_named() {
    let planned = planned();
    let refused = |table: &Table| keep_as_decisions(table.book.mirror(), &planned.meant(&all())).unwrap_err();
    assert_eq!(refused(&Table::server()), KeepError::NoSheet);
    let with = |keys: &[&str], units, last| {
        let mut table = Table::server();
        table.planning("decide", "Frozen", "supply.decisions", months("2026-01", 1, last), keys, &[units]);
        refused(&table)
    };
    let (keys, units) = (["Kind", "Object", "Item"], measure("Units", true));
    let unfit = KeepError::Unfit("Frozen".into());
    assert_eq!(with(&["Kind", "Object"], units.clone(), 3), unfit);
    assert_eq!(with(&["Kind", "Object", "Item", "Plant"], units.clone(), 3), unfit);
    assert_eq!(with(&keys, measure("Units", false), 3), unfit);
    assert_eq!(with(&keys, grid_engine::doc::Measure { merge: Merge::Additive, ..units.clone() }, 3), unfit);
    assert_eq!(with(&keys, units, 1), KeepError::NoBucket { sheet: "Frozen".into(), bucket: bucket("2026-03") });
}

#[test]
fn a_workbook_without_the_sheet_gets_one_that_takes_the_quantities() {
    let mut table = Table::server();
    assert_eq!(new_decisions_sheet(table.book.mirror(), sheet("decide")), None, "there is no horizon yet");
    table.planning("demand", "Demand", "demand", months("2026-01", 1, 3), &["Item"], &[measure("Units", true)]);
    table.edit("ada", new_decisions_sheet(table.book.mirror(), sheet("decide")).unwrap());
    assert_eq!(keep(&mut table, &all()), (6, 0, 3));
    assert_eq!(line(&table, &["production", "MAKE", "CHAIR"]), "_ 14 4 _");
}
