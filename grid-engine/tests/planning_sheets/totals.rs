//! Typing over a total: what its rows hold afterwards.

use grid_engine::refs::{CellRef, ColId, RowId};
use grid_engine::workbook::SpreadError;

use super::demand;
use super::table::{Table, bucket, measure_id, person, sheet};

const ROWS: [[&str; 2]; 3] = [["A", "DE"], ["B", "DE"], ["A", "FR"]];

fn type_over(
    table: &mut Table,
    by: &str,
    name: &str,
    number: Option<f64>,
    locked: &[usize],
) -> Result<(), SpreadError> {
    let rows = ROWS.map(|keys| RowId::of_key(&keys));
    let col = ColId::timed(measure_id(name), bucket("2026-03"));
    let may_write = |cell: CellRef| !locked.iter().any(|&at| rows[at] == cell.row);
    let ops = table.book.spread_total((sheet("demand"), &rows, col), number, person(by), may_write)?;
    table.edit(by, ops);
    table.recalculate();
    Ok(())
}

fn shown(table: &Table, name: &str) -> String {
    ROWS.map(|keys| table.text(table.at("demand", &keys, name, "2026-03"))).join(" ")
}

fn with_baselines() -> Table {
    let mut table = demand();
    for (keys, baseline) in ROWS.iter().zip(["10", "30", "60"]) {
        table.enter(table.at("demand", keys, "Baseline", "2026-03"), baseline);
    }
    table.recalculate();
    table
}

#[test]
fn an_entered_measure_follows_the_baseline_and_is_cleared_as_a_whole() {
    let mut table = with_baselines();
    type_over(&mut table, "ada", "Override", Some(200.0), &[]).unwrap();
    assert_eq!(shown(&table, "Override"), "20 60 120");
    assert_eq!(shown(&table, "Consensus"), "20 60 120");
    type_over(&mut table, "ada", "Override", None, &[1]).unwrap();
    assert_eq!(shown(&table, "Override"), "_ 60 _", "what is locked stays");
    table.book.undo(person("ada"), 1).unwrap();
    table.recalculate();
    assert_eq!(shown(&table, "Override"), "20 60 120", "one step back");
}

#[test]
fn rows_of_a_formula_that_were_decided_on_keep_their_figure() {
    let mut table = with_baselines();
    table.enter(table.at("demand", &ROWS[0], "Consensus", "2026-03"), "40");
    table.recalculate();
    type_over(&mut table, "ada", "Consensus", Some(220.0), &[]).unwrap();
    assert_eq!(shown(&table, "Consensus"), "40 60 120");
    type_over(&mut table, "ada", "Consensus", Some(110.0), &[2]).unwrap_err();
    type_over(&mut table, "ada", "Consensus", Some(130.0), &[2]).unwrap();
    assert_eq!(shown(&table, "Consensus"), "4 6 120", "all were decided on, one is locked");
}

#[test]
fn contributions_of_one_person_make_up_the_total_negative_ones_too() {
    let mut table = with_baselines();
    table.type_as("bob", table.at("demand", &ROWS[0], "Uplift", "2026-03"), "+6");
    table.recalculate();
    type_over(&mut table, "ada", "Uplift", Some(100.0), &[]).unwrap();
    assert_eq!(shown(&table, "Uplift"), "10 30 60");
    type_over(&mut table, "ada", "Uplift", Some(-10.0), &[]).unwrap();
    assert_eq!(shown(&table, "Uplift"), "-1 -3 -6");
    let of_bob = table.book.cell(table.at("demand", &ROWS[0], "Uplift", "2026-03")).contributions.to_vec();
    assert!(of_bob.contains(&(person("bob"), 6.0)), "{of_bob:?}");
}

#[test]
fn what_cannot_be_spread_says_why() {
    let mut table = with_baselines();
    let refused = |table: &mut Table, name, locked: &[usize]| {
        type_over(table, "ada", name, Some(7.0), locked).unwrap_err().to_string()
    };
    assert_eq!(
        refused(&mut table, "History", &[]),
        "History is read-only: it comes from imported facts or the solver."
    );
    assert_eq!(refused(&mut table, "Override", &[0, 1, 2]), "None of these rows is yours to change.");
    assert_eq!(
        refused(&mut table, "Baseline", &[2]),
        "Rows you may not change hold 60 already: the others cannot make up this total."
    );
}
