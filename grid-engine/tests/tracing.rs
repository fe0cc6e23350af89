//! Following a figure one step back or on, as areas of cells.
#![allow(clippy::unwrap_used)]

mod table;

use grid_engine::doc::Op;
use grid_engine::refs::CellRef;
use grid_engine::workbook::Area;
use table::{Table, layer, measure, months, sheet};

/// `notes!A1:B2, …` as people read areas; rows of planning sheets by their keys.
fn shown(table: &Table, areas: &[Area]) -> String {
    let one = |area: &Area| {
        let of = table.book.sheet(area.sheet).unwrap();
        let place = |cell: CellRef| {
            let row = of.rows().iter().position(|&row| row == cell.row).unwrap() + 1;
            format!("{}{row}", cell.col)
        };
        let corner = |row, col| place(CellRef { sheet: area.sheet, row, col });
        let (first, last) = (corner(area.rows.0, area.cols.0), corner(area.rows.1, area.cols.1));
        let cells = if first == last { first } else { format!("{first}:{last}") };
        format!("{}!{cells}", area.sheet)
    };
    areas.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn plan() -> Table {
    let mut table = Table::server();
    let horizon = months("2026-01", 2, 2);
    table.planning("demand", "Demand", "demand", horizon, &["Item"], &[layer("History", true)]);
    table.planning("prices", "Prices", "prices", horizon, &["Item"], &[measure("Price", false)]);
    table.formula("demand", "Base", true, "=SUM([@History:all])");
    table.formula("demand", "Revenue", true, "=[@Base]*Prices[@Price]");
    for item in ["A", "B", "C"] {
        table.row("demand", &[item]);
    }
    table.row("prices", &["B"]);
    table.free("notes", "Notes", 6, 4);
    table
}

#[test]
fn references_lead_back_and_on() {
    let mut table = plan();
    for (a1, text) in [("A1", "1"), ("A2", "=A1+B1"), ("A3", "=SUM(A1:B2)"), ("A4", "=A3*A3"), ("C1", "={1;2}")] {
        table.set("notes", a1, text);
    }
    table.recalculate();
    let at = |a1: &str| table.a1("notes", a1);
    let cells = ["A1", "A2", "A3", "A4", "C1", "C2"].map(at);
    let col = |cell: CellRef| cell.col.to_string();
    let (a, b, c) = (col(cells[0]), col(table.a1("notes", "B1")), col(cells[4]));
    let back = |table: &Table, cell| shown(table, &table.book.precedents(cell));
    assert_eq!(back(&table, cells[0]), "");
    assert_eq!(back(&table, cells[1]), format!("notes!{a}1, notes!{b}1"));
    assert_eq!(back(&table, cells[2]), format!("notes!{a}1:{b}2"));
    assert_eq!(back(&table, cells[3]), format!("notes!{a}3, notes!{a}3"));
    assert_eq!(back(&table, cells[5]), format!("notes!{c}1"), "a covered cell follows from where its array stands");
    let on = |table: &mut Table, cell| {
        let areas = table.book.dependents(cell);
        let mut names: Vec<String> = areas.iter().map(|area| shown(table, &[*area])).collect();
        names.sort();
        names.join(", ")
    };
    assert_eq!(on(&mut table, cells[0]), format!("notes!{a}2, notes!{a}3"));
    assert_eq!(on(&mut table, cells[2]), format!("notes!{a}4"));
    assert_eq!(on(&mut table, cells[3]), "");
    assert_eq!(on(&mut table, cells[4]), format!("notes!{c}2"));
    let row = cells[1].row;
    table.edit("ada", vec![Op::DeleteRows { sheet: sheet("notes"), rows: vec![row] }]);
    table.recalculate();
    assert_eq!(back(&table, cells[2]), format!("notes!{a}1:{b}1"), "a range keeps to what is left of it");
}

#[test]
fn measures_lead_across_rows_buckets_and_sheets() {
    let mut table = plan();
    table.set("notes", "A1", "=SUM(Demand[Revenue, plan])");
    table.recalculate();
    let base = table.at("demand", &["B"], "Base", "2026-03");
    let revenue = table.at("demand", &["B"], "Revenue", "2026-03");
    let total = table.a1("notes", "A1");
    let back = |cell| shown(&table, &table.book.precedents(cell));
    assert_eq!(back(base), "demand!history@2026-012:history@2026-042");
    assert_eq!(back(revenue), "demand!base@2026-032, prices!price1");
    assert_eq!(back(total), "demand!revenue@2026-031:revenue@2026-043");
    let history = table.at("demand", &["B"], "History", "2026-01");
    let price = table.book.precedents(revenue)[1];
    let price = CellRef { sheet: price.sheet, row: price.rows.0, col: price.cols.0 };
    let on = |table: &mut Table, cell| {
        let areas = table.book.dependents(cell);
        shown(table, &areas)
    };
    assert_eq!(on(&mut table, history), "demand!base@2026-012:base@2026-042");
    assert_eq!(on(&mut table, price), "demand!revenue@2026-012:revenue@2026-042");
    assert_eq!(on(&mut table, revenue), format!("notes!{}1", total.col));
}
