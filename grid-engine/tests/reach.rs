//! Whatever people do to some rows, no value outside what was said to follow from them changes.
#![allow(clippy::unwrap_used)]

mod table;

use std::collections::BTreeSet;

use grid_engine::doc::{Guard, Measure, Op, Span};
use grid_engine::refs::CellRef;
use grid_engine::value::{CellError, ErrorKind, Value};
use grid_engine::workbook::{Seed, Side};
use proptest::prelude::*;
use table::{Table, additive, measure, months, sheet};

const MONTHS: [&str; 3] = ["2026-02", "2026-03", "2026-04"];

/// Formulas of a free sheet, of which each plan takes some.
const NOTES: [&str; 15] = [
    "=SUM(Demand[Consensus])",
    "=SUM(Demand[Consensus, 2026-03])",
    "=A1*2",
    "=B1&\"x\"",
    "=SUM(A1:C3)",
    "=A:A",
    "={1;2}*A1",
    "=IF(A2>5,B2,C2)",
    "=OFFSET(A1,1,0)",
    "=INDIRECT(\"A\"&2)",
    "=ROWS(Demand[Consensus])",
    "=SUMIF(A1:A4,5,B1)",
    "=SUMIFS(Demand[Consensus],Demand[Region],\"DE\")",
    "5",
    "x",
];

fn plan(notes: &[(u8, u8, u8)]) -> Table {
    let mut table = Table::server();
    let others = [Measure { span: Span::Plan, ..measure("Override", true) }, additive("Uplift")];
    table.planning("demand", "Demand", "demand", months("2026-01", 1, 3), &["Item", "Region"], &others);
    table.planning("prices", "Prices", "prices", months("2026-01", 1, 3), &["Item"], &[measure("Net price", true)]);
    table.free("notes", "Notes", 6, 4);
    table.formula("demand", "Consensus", true, "=[@Override]+[@Uplift]");
    table.formula("demand", "Stock", true, "=N([@Stock:-1])+10-[@Consensus]");
    table.formula("demand", "Revenue", true, "=[@Consensus]*IFERROR(Prices[@Net price],1)");
    for keys in [["A", "DE"], ["B", "DE"], ["A", "FR"], ["B", "FR"]] {
        table.row("demand", &keys);
        table.enter(table.at("demand", &keys, "Override", "2026-03"), "4");
    }
    table.row("prices", &["A"]);
    table.enter(table.at("prices", &["A"], "Net price", "2026-03"), "=SUM(Demand[Override, 2026-02])");
    for &(row, col, which) in notes {
        let place = format!("{}{}", ["A", "B", "C", "D"][col as usize % 4], row % 6 + 1);
        let (cell, text) = (table.a1("notes", &place), NOTES[which as usize % NOTES.len()]);
        if let Ok(input) = table.book.read_entry(cell, table::person("ada"), text) {
            table.edit("ada", vec![Op::SetCell { cell, input, guard: Guard::Always }]);
        }
    }
    table.recalculate();
    table
}

fn values(table: &Table) -> Vec<(CellRef, String)> {
    let mut cells = Vec::new();
    for id in ["demand", "prices", "notes"] {
        let of = table.book.sheet(sheet(id)).unwrap();
        let cols: Vec<_> = of.cols().to_vec();
        for &row in of.rows() {
            cells.extend(cols.iter().map(|&col| CellRef { sheet: sheet(id), row, col }));
        }
    }
    cells.into_iter().map(|cell| (cell, table.text(cell))).collect()
}

proptest! {
    #[test]
    fn nothing_outside_the_reach_changes(
        notes in prop::collection::vec(any::<(u8, u8, u8)>(), 0..14),
        entries in prop::collection::vec(any::<(bool, u8, u8, bool)>(), 1..8),
    ) {
        let mut table = plan(&notes);
        let hidden = [["A", "FR"], ["B", "FR"]];
        let rows: Vec<_> = hidden.iter().map(|keys| table.at("demand", keys, "Override", "2026-03").row).collect();
        let reach = table.book.reach(&[Seed::Rows(sheet("demand"), rows)], &|_| false);
        let before = values(&table);
        for (which, month, number, uplift) in entries {
            let name = if uplift { "Uplift" } else { "Override" };
            let month = MONTHS[month as usize % 3];
            let cell = table.at("demand", &hidden[usize::from(which)], name, month);
            table.enter(cell, &number.to_string());
        }
        table.recalculate();
        let changed: BTreeSet<CellRef> =
            before.into_iter().zip(values(&table)).filter(|(a, b)| a != b).map(|(a, _)| a.0).collect();
        for cell in changed {
            prop_assert!(table.book.is_reached(&reach, cell), "{:?} {}", cell, table.text(cell));
        }
    }
}

#[test]
fn what_does_not_follow_is_not_reached_and_ends_are_not_passed() {
    let mut table = plan(&[]);
    table.set("notes", "A1", "=SUM(Demand[Consensus, 2026-03])");
    table.set("notes", "B1", "=A1+1");
    table.set("notes", "C1", "=7");
    table.recalculate();
    let rows = vec![table.at("demand", &["A", "FR"], "Override", "2026-03").row];
    let reached = |table: &mut Table, ends: bool, cells: &[CellRef]| {
        let reach = table.book.reach(&[Seed::Rows(sheet("demand"), rows.clone())], &|id| ends && id == sheet("notes"));
        cells.iter().map(|cell| table.book.is_reached(&reach, *cell)).collect::<Vec<_>>()
    };
    let cells = [
        table.at("demand", &["A", "FR"], "Stock", "2026-04"),
        table.at("demand", &["A", "DE"], "Consensus", "2026-03"),
        table.a1("notes", "A1"),
        table.a1("notes", "B1"),
        table.a1("notes", "C1"),
    ];
    assert_eq!(reached(&mut table, false, &cells), [true, false, true, true, false]);
    assert_eq!(reached(&mut table, true, &cells), [true, false, true, false, false]);
    let revenue = table.at("demand", &["A", "DE"], "Revenue", "2026-03");
    assert_eq!(reached(&mut table, false, &[revenue]), [true], "by way of a price that sums all regions");
}

#[test]
fn what_the_server_hides_stays_hidden_until_it_says_otherwise() {
    let mut table = Table::new(Side::Browser, 7);
    table.free("notes", "Notes", 3, 3);
    table.set("notes", "A1", "1");
    table.set("notes", "B1", "=A1+1");
    table.set("notes", "C1", "=B1*2");
    assert_eq!(table.shown("notes", "B1 C1"), "B1=2 C1=4");
    let cell = table.a1("notes", "B1");
    table.book.correct(cell, Value::Error(CellError::new(ErrorKind::Hidden)));
    assert_eq!(table.shown("notes", "B1 C1"), "B1=#HIDDEN! C1=#HIDDEN!");
    table.set("notes", "A1", "5");
    assert_eq!(
        table.shown("notes", "B1 C1"),
        "B1=#HIDDEN! C1=#HIDDEN!",
        "not the figure this side would make of its cells"
    );
    table.book.correct(cell, Value::from(6.0));
    assert_eq!(table.shown("notes", "B1 C1"), "B1=6 C1=12");
    table.set("notes", "A1", "7");
    assert_eq!(table.shown("notes", "B1 C1"), "B1=8 C1=16");
    table.book.correct(cell, Value::Error(CellError::new(ErrorKind::Hidden)));
    table.set("notes", "B1", "=3");
    assert_eq!(table.shown("notes", "B1 C1"), "B1=3 C1=6", "another formula");
    // A formula that is read anew, since what it names has come, is the same one.
    table.set("notes", "B1", "=rate*2");
    assert_eq!(table.shown("notes", "B1"), "B1=#NAME?");
    table.book.correct(cell, Value::Error(CellError::new(ErrorKind::Hidden)));
    table.edit("ada", vec![Op::SetName { name: "rate".into(), formula: Some("=4".into()) }]);
    assert_eq!(table.shown("notes", "B1 C1"), "B1=#HIDDEN! C1=#HIDDEN!");
}
