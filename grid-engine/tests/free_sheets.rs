//! Free sheets: cells, ranges, spills, circles, and what inserts and deletes do to them.
#![allow(clippy::unwrap_used)]

mod table;

use grid_engine::doc::{Edit, Guard, Input, Op};
use grid_engine::refs::{CellRef, ColId, MeasureId, RowId, SheetId};
use grid_engine::value::Value;
use grid_engine::workbook::{Source, Workbook};
use table::{Table, person, sheet};

fn notes(rows: usize, cols: usize) -> Table {
    let mut table = Table::server();
    table.free("notes", "Notes", rows, cols);
    table
}

#[test]
fn a_change_reaches_what_follows_from_it() {
    let mut table = notes(9, 5);
    table.set("notes", "A1", "2");
    table.set("notes", "A2", "=A1*10");
    table.set("notes", "A3", "=SUM(A1:A2)");
    table.set("notes", "B1", "=A3&\" pieces\"");
    assert_eq!(table.shown("notes", "A1 A2 A3 B1"), "A1=2 A2=20 A3=22 B1=\"22 pieces\"");
    table.set("notes", "A1", "3");
    assert_eq!(table.recalculate().changed.len(), 4);
    assert_eq!(table.shown("notes", "A3 B1"), "A3=33 B1=\"33 pieces\"");
    table.set("notes", "A2", "");
    assert_eq!(table.shown("notes", "A2 A3"), "A2=_ A3=3");
    assert!(table.recalculate().changed.is_empty());
}

#[test]
fn c1_a_chain_of_ten_thousand_cells_calculates_from_either_end() {
    let mut table = notes(10_000, 2);
    let last = 10_000;
    let mut down = Vec::new();
    for row in 1..=last {
        let up = if row == 1 { "1".to_owned() } else { format!("=A{}+1", row - 1) };
        let back = if row == last { "1".to_owned() } else { format!("=B{}+1", row + 1) };
        for (col, text) in [("A", up), ("B", back)] {
            let cell = table.a1("notes", &format!("{col}{row}"));
            let input = table.book.read_entry(cell, table::person("ada"), &text).unwrap();
            down.push(Op::SetCell { cell, input, guard: Default::default() });
        }
    }
    table.edit("ada", down);
    assert_eq!(table.shown("notes", "A10000 B1"), "A10000=10000 B1=10000");
    table.set("notes", "B10000", "=A10000");
    assert_eq!(table.shown("notes", "B1"), "B1=19999");
}

#[test]
fn c1_huge_ranges_and_growing_texts_end_with_an_error() {
    let mut table = notes(60, 4);
    table.set("notes", "A1", "=SEQUENCE(1048576,16384)");
    table.set("notes", "B1", "=SUM(C:C)+ROWS(C1:C60)");
    table.set("notes", "D1", "ab");
    for row in 2..=60 {
        table.set("notes", &format!("D{row}"), &format!("=D{}&D{}", row - 1, row - 1));
    }
    assert_eq!(table.shown("notes", "A1 B1"), "A1=#LIMIT! B1=60");
    let (whole, grown) = (table.shown("notes", "D5"), table.shown("notes", "D60"));
    assert_eq!(whole, format!("D5=\"{}\"", "ab".repeat(16)));
    assert!(grown.starts_with("D60=#"), "{}", &grown[..40.min(grown.len())]);
    table.set("notes", "A2", "=INDEX(SEQUENCE(100000)&REPT(\"x\",32000),100000)");
    assert_eq!(table.shown("notes", "A2"), "A2=#LIMIT!");
}

#[test]
fn c1_a_circle_shows_on_every_member_and_heals() {
    let mut table = notes(9, 5);
    table.set("notes", "A1", "=B1+1");
    table.set("notes", "B1", "=C1+1");
    table.set("notes", "C1", "=A1+1");
    table.set("notes", "D1", "=IFERROR(B1,\"out\")");
    table.set("notes", "E1", "=E1");
    assert_eq!(table.shown("notes", "A1 B1 C1 D1 E1"), "A1=#CIRC! B1=#CIRC! C1=#CIRC! D1=\"out\" E1=#CIRC!");
    table.set("notes", "C1", "5");
    assert_eq!(table.shown("notes", "A1 B1 C1 D1"), "A1=7 B1=6 C1=5 D1=6");
    table.set("notes", "A2", "=SUM(A1:A3)");
    assert_eq!(table.shown("notes", "A2"), "A2=#CIRC!");
    table.set("notes", "A2", "=SUM(A1,A3)");
    assert_eq!(table.shown("notes", "A2"), "A2=7");
}

#[test]
fn a_branch_not_taken_is_no_circle() {
    let mut table = notes(9, 5);
    table.set("notes", "A1", "=IF(C1,B1,1)");
    table.set("notes", "B1", "=A1+1");
    table.set("notes", "C1", "FALSE");
    assert_eq!(table.shown("notes", "A1 B1"), "A1=1 B1=2");
    table.set("notes", "C1", "TRUE");
    assert_eq!(table.shown("notes", "A1 B1"), "A1=#CIRC! B1=#CIRC!");
}

#[test]
fn ranges_grow_with_inserts_and_shrink_with_deletes() {
    let mut table = notes(9, 5);
    for row in 1..=4 {
        table.set("notes", &format!("A{row}"), &row.to_string());
    }
    table.set("notes", "C1", "=SUM(A1:A4)");
    table.set("notes", "C2", "=A2");
    assert_eq!(table.shown("notes", "C1 C2"), "C1=10 C2=2");
    let of = |table: &Table, row: usize| table.book.sheet(sheet("notes")).unwrap().rows()[row];
    let after = Some(of(&table, 1));
    let rows = vec![RowId::named("new").unwrap()];
    table.edit("ada", vec![Op::InsertRows { sheet: sheet("notes"), part: None, after, rows }]);
    table.set("notes", "A3", "100");
    assert_eq!(table.shown("notes", "C1"), "C1=110");
    let last = of(&table, 4);
    table.edit("ada", vec![Op::DeleteRows { sheet: sheet("notes"), rows: vec![last] }]);
    assert_eq!(table.shown("notes", "C1"), "C1=106");
    let second = of(&table, 1);
    table.set("notes", "D1", "=C2*2");
    let (c2, d1) = (table.a1("notes", "C2"), table.a1("notes", "D1"));
    assert_eq!(c2.row, second);
    table.set("notes", "E1", "=A2");
    table.edit("ada", vec![Op::DeleteRows { sheet: sheet("notes"), rows: vec![second] }]);
    assert_eq!(table.shown("notes", "C1 D1 E1"), "C1=104 D1=#REF! E1=#REF!");
    assert_eq!(table.text(d1), "#REF!");
    table.edit("ada", vec![Op::RestoreRows { sheet: sheet("notes"), rows: vec![second] }]);
    assert_eq!(table.shown("notes", "C1 D1 E1"), "C1=106 D1=4 E1=2");
}

#[test]
fn arrays_spill_and_say_what_is_in_their_way() {
    let mut table = notes(9, 5);
    table.set("notes", "A1", "1");
    table.set("notes", "A2", "2");
    table.set("notes", "B1", "=A1:A2*10");
    table.set("notes", "C1", "=SUM(B1:B3)");
    assert_eq!(table.shown("notes", "B1 B2 C1"), "B1=10 B2=20 C1=30");
    let source = |table: &Table, a1: &str| table.book.cell(table.a1("notes", a1)).source;
    assert_eq!(source(&table, "B1"), Source::Formula);
    assert_eq!(source(&table, "B2"), Source::Spill);
    table.set("notes", "A2", "5");
    assert_eq!(table.shown("notes", "B2 C1"), "B2=50 C1=60");
    table.set("notes", "B2", "x");
    assert_eq!(table.shown("notes", "B1 B2 C1"), "B1=#SPILL! B2=\"x\" C1=#SPILL!");
    let error = table.book.value(table.a1("notes", "C1")).as_error().unwrap().clone();
    assert_eq!(error.origin(), Some(table.a1("notes", "B1")));
    assert_eq!(error.detail().map(AsRef::as_ref), Some("the result has 2 × 1 values, and B2 is not empty"));
    table.set("notes", "B2", "");
    assert_eq!(table.shown("notes", "B1 B2 C1"), "B1=10 B2=50 C1=60");
    table.set("notes", "B1", "");
    assert_eq!(table.shown("notes", "B1 B2 C1"), "B1=_ B2=_ C1=0");
    assert_eq!(source(&table, "B2"), Source::Empty);
    table.set("notes", "A9", "=A1:A2");
    assert_eq!(table.shown("notes", "A9"), "A9=#SPILL!");
}

#[test]
fn of_two_arrays_the_upper_one_gets_the_cell() {
    for order in [["A3", "B1"], ["B1", "A3"]] {
        let mut table = notes(9, 5);
        table.set("notes", "E1", "1");
        for a1 in order {
            table.set("notes", a1, if a1 == "A3" { "={7,8}" } else { "=IF(E1,{1;2;3},0)" });
            table.recalculate();
        }
        assert_eq!(table.shown("notes", "A3 B1 B3"), "A3=#SPILL! B1=1 B3=3");
        table.set("notes", "E1", "0");
        assert_eq!(table.shown("notes", "A3 B1 B3"), "A3=7 B1=0 B3=8");
        table.set("notes", "E1", "1");
        assert_eq!(table.shown("notes", "A3 B1 B3"), "A3=#SPILL! B1=1 B3=3");
    }
}

#[test]
fn what_is_gone_is_an_error_and_no_panic() {
    let mut table = notes(3, 3);
    table.free("other", "Other", 3, 3);
    table.set("notes", "A1", "=Other!A1+1");
    table.set("other", "A1", "4");
    assert_eq!(table.shown("notes", "A1"), "A1=5");
    table.book.close_room(grid_engine::refs::RoomId::Sheet(sheet("other")));
    assert_eq!(table.shown("notes", "A1"), "A1=#REF!");
    let nowhere = grid_engine::refs::CellRef { sheet: SheetId::named("none").unwrap(), ..table.a1("notes", "A1") };
    assert!(table.book.value(nowhere).is_blank());
    assert_eq!(table.book.cell(nowhere).source, Source::Empty);
}

#[test]
fn defined_names_are_followed() {
    let mut table = notes(3, 3);
    table.set("notes", "A1", "4");
    let at = table.a1("notes", "B1");
    let stored = table.book.formula_stored(at, "=Notes!A1*2").unwrap();
    let name = |formula: Option<&str>| Op::SetName { name: "twice".into(), formula: formula.map(Into::into) };
    table.set("notes", "B1", "=twice+1");
    assert_eq!(table.shown("notes", "B1"), "B1=#NAME?");
    table.edit("ada", vec![name(Some(&stored))]);
    assert_eq!(table.shown("notes", "B1"), "B1=9");
    table.set("notes", "A1", "5");
    assert_eq!(table.shown("notes", "B1"), "B1=11");
    table.edit("ada", vec![name(None)]);
    assert_eq!(table.shown("notes", "B1"), "B1=#NAME?");
}

#[test]
fn copying_shifts_relative_references() {
    let mut table = notes(9, 5);
    table.set("notes", "B1", "=A1*$A$1");
    let moved = table.book.entry_moved(table.a1("notes", "B1"), table.a1("notes", "B3")).unwrap();
    let grid_engine::doc::Input::Formula(stored) = moved else { unreachable!("a formula stays one") };
    assert_eq!(table.book.formula_text(table.a1("notes", "B3"), &stored), "=A3*$A$1");
    assert_eq!(table.book.entry_moved(table.a1("notes", "C1"), table.a1("notes", "C2")), None);
}

#[test]
fn another_sides_value_stands_until_what_the_cell_reads_changes() {
    let mut table = notes(9, 5);
    table.set("notes", "A1", "2");
    table.set("notes", "A2", "=A1/3");
    table.set("notes", "A3", "=A2*3");
    table.set("notes", "B1", "=RAND()");
    let (a1, a2, b1) = (table.a1("notes", "A1"), table.a1("notes", "A2"), table.a1("notes", "B1"));
    table.recalculate();
    assert!(table.book.agrees(a2, &Value::Number(2.0 / 3.0 + 1e-12)));
    assert!(!table.book.agrees(a2, &Value::Number(0.6667)));
    assert!(!table.book.agrees(a2, &Value::Blank));
    table.book.correct(a2, Value::Number(0.7));
    table.book.correct(a1, Value::Number(9.0));
    table.recalculate();
    assert_eq!(table.shown("notes", "A1 A2 A3"), "A1=2 A2=0.7 A3=2.1");
    table.set("notes", "A1", "3");
    assert_eq!(table.shown("notes", "A2 A3"), "A2=1 A3=3");
    assert!(table.book.is_volatile(b1) && !table.book.is_volatile(a2));
}

#[test]
fn values_beyond_those_given_are_followed() {
    let mut table = notes(9, 5);
    for (at, text) in
        [("A1", "x"), ("A3", "x"), ("B1", "1"), ("B3", "4"), ("D1", "=SUMIF(A1:A4,\"x\",B1)"), ("D2", "=D1*2")]
    {
        table.set("notes", at, text);
    }
    assert_eq!(table.shown("notes", "D1 D2"), "D1=5 D2=10");
    table.set("notes", "B3", "40");
    assert_eq!(table.shown("notes", "D1 D2"), "D1=41 D2=82");
    table.set("notes", "B4", "=B3+1");
    table.set("notes", "A4", "x");
    table.set("notes", "B3", "10");
    assert_eq!(table.shown("notes", "D1"), "D1=22");
    let above = table.a1("notes", "A2").row;
    let rows = vec![RowId::named("new").unwrap()];
    table.edit("ada", vec![Op::InsertRows { sheet: sheet("notes"), part: None, after: Some(above), rows }]);
    table.set("notes", "A3", "x");
    table.set("notes", "B3", "100");
    assert_eq!(table.shown("notes", "D1"), "D1=122");
    table.set("notes", "B5", "=D1");
    assert_eq!(table.shown("notes", "D1"), "D1=#CIRC!");
}

/// As in Excel: what was cut keeps what it refers to, and what refers to it follows.
#[test]
fn cut_cells_take_their_readers_along() {
    let mut table = Table::server();
    table.free("notes", "Notes", 8, 5);
    for (a1, text) in [
        ("A1", "5"),
        ("A2", "=A1*2"),
        ("B1", "=A2+1"),
        ("B2", "=SUM(A1:A2)"),
        ("B3", "=SUM(A1:A3)"),
        ("D2", "=D1"),
        ("D4", "9"),
    ] {
        table.set("notes", a1, text);
    }
    table.recalculate();
    let pairs: Vec<_> = [("A1", "D3"), ("A2", "D4")]
        .map(|(from, to)| (table.a1("notes", from), table.a1("notes", to)))
        .into_iter()
        .collect();
    let ops = table.book.move_cells(&pairs, |_| true);
    table.edit("ada", ops);
    assert_eq!(table.shown("notes", "A1 A2 D3 D4 B1 B2 B3"), "A1=_ A2=_ D3=5 D4=10 B1=11 B2=15 B3=0");
    let read = |table: &Table, a1: &str| table.book.entry_text(table.a1("notes", a1));
    assert_eq!(read(&table, "D4"), "=D3*2");
    assert_eq!(read(&table, "B2"), "=SUM(D3:D4)");
    assert_eq!(read(&table, "B3"), "=SUM(A1:A3)", "a rectangle stays unless all of it moves");
    table.book.undo(table::person("ada"), 1).unwrap();
    assert_eq!(table.shown("notes", "A1 A2 D3 D4 B1 B2 B3"), "A1=5 A2=10 D3=_ D4=9 B1=11 B2=15 B3=15");
}

/// A contribution is a person's, not the cell's.
#[test]
fn contributions_do_not_move() {
    let mut table = Table::server();
    let horizon = table::months("2026-01", 1, 2);
    let others = [table::measure("Override", true), table::additive("Uplift")];
    table.planning("demand", "Demand", "demand", horizon, &["Item"], &others);
    table.row("demand", &["A"]);
    let at = |name: &str| table.at("demand", &["A"], name, "2026-02");
    assert!(table.book.is_movable(at("Override")) && !table.book.is_movable(at("Uplift")));
}

/// Cells may be moved onto places some of them have left, and formulas that may not be written stay.
#[test]
fn cut_cells_may_overlap_their_places() {
    let mut table = Table::server();
    table.free("notes", "Notes", 8, 5);
    for (a1, text) in [("A1", "1"), ("A2", "2"), ("A3", "3"), ("C1", "=A2"), ("C2", "=A2")] {
        table.set("notes", a1, text);
    }
    let at = |table: &Table, a1: &str| table.a1("notes", a1);
    let pairs = [("A1", "A2"), ("A2", "A3"), ("A3", "A4")].map(|(from, to)| (at(&table, from), at(&table, to)));
    let locked = at(&table, "C2");
    let ops = table.book.move_cells(&pairs, |cell| cell != locked);
    table.edit("ada", ops);
    assert_eq!(table.shown("notes", "A1 A2 A3 A4 C1 C2"), "A1=_ A2=1 A3=2 A4=3 C1=2 C2=1");
}

/// Identity is not position, but some formulas ask for positions, and some ranges cover other cells than before.
#[test]
fn formulas_that_ask_for_places_follow_rows_that_come() {
    let mut table = Table::server();
    table.free("notes", "Notes", 6, 5);
    for (a1, text) in [
        ("A1", "1"),
        ("A2", "2"),
        ("A3", "4"),
        ("C1", "=ROW(A3)"),
        ("C2", "=FORMULATEXT(C3)"),
        ("C3", "=A2"),
        ("C4", "=COUNTBLANK(A1:A3)"),
        ("C5", "=CELL(\"address\",A1)"),
    ] {
        table.set("notes", a1, text);
    }
    let cells = ["C1", "C2", "C3", "C4", "C5"].map(|a1| table.a1("notes", a1));
    let shown = |table: &mut Table| {
        table.recalculate();
        cells.map(|cell| table.text(cell)).join(" ")
    };
    assert_eq!(shown(&mut table), r#"3 "=A2" 2 0 "$A$1""#);
    let insert = |table: &mut Table, id: &str, after| {
        let rows = vec![RowId::named(id).unwrap()];
        table.edit("ada", vec![Op::InsertRows { sheet: sheet("notes"), part: None, after, rows }]);
    };
    insert(&mut table, "top", None);
    assert_eq!(shown(&mut table), r#"4 "=A3" 2 0 "$A$2""#);
    insert(&mut table, "inside", Some(cells[0].row));
    assert_eq!(shown(&mut table), r#"5 "=A4" 2 1 "$A$2""#);
}

#[test]
fn the_spelling_of_an_entry_asks_for_a_format_where_the_cell_has_none() {
    let mut table = Table::server();
    table.free("notes", "Notes", 3, 3);
    let cell = table.a1("notes", "A1");
    for (typed, style) in [
        ("2026-03-01", Some("date")),
        ("12.5 %", Some("percent")),
        ("€ 5", Some("price")),
        ("14:30", None),
        ("12.5", None),
        ("=A2", None),
        ("x", None),
    ] {
        assert_eq!(table.book.entry_style(cell, typed).as_deref(), style, "{typed}");
    }
    table.edit("ada", vec![Op::SetStyle { cell, style: Some("decimal".into()) }]);
    assert_eq!(table.book.entry_style(cell, "2026-03-01"), None, "it has one");
    // Other words of its style stay beside the format.
    table.edit("ada", vec![Op::SetStyle { cell, style: Some("bold fill-red".into()) }]);
    assert_eq!(table.book.entry_style(cell, "2026-03-01").as_deref(), Some("bold fill-red date"));
    table.edit("ada", vec![Op::SetStyle { cell, style: Some("bold percent".into()) }]);
    assert_eq!(table.book.read_entry(cell, person("ada"), "12"), Ok(Some(Input::Number(0.12))));
    table.edit("ada", vec![Op::SetStyle { cell, style: Some("bold text".into()) }]);
    assert_eq!(table.book.read_entry(cell, person("ada"), "007"), Ok(Some(Input::Text("007".into()))));
}

#[test]
fn another_width_is_told_though_nothing_is_calculated() {
    let mut table = notes(2, 2);
    table.recalculate();
    let col = table.a1("notes", "B1").col;
    table.edit("ada", vec![Op::SetColWidth { sheet: sheet("notes"), col, width: Some(120) }]);
    let told = table.recalculate();
    assert_eq!(told.widened, [sheet("notes")].into());
    assert!(told.changed.is_empty() && told.restructured.is_empty());
    assert!(table.recalculate().widened.is_empty());
}

#[test]
fn what_is_pasted_beyond_a_sheet_is_one_gesture_with_what_makes_it_larger() {
    let mut table = notes(2, 2);
    table.set("notes", "A1", "5");
    table.recalculate();
    let before = table.picture();
    let (sheet, by) = (sheet("notes"), table::person("ada"));
    let row = RowId::named("new").unwrap();
    let col = ColId::fixed(MeasureId::named("cnew").unwrap());
    let of = table.book.sheet(sheet).unwrap();
    let mut ops = vec![
        Op::InsertRows { sheet, part: None, after: of.rows().last().copied(), rows: vec![row] },
        Op::InsertCols { sheet, after: of.cols().last().copied(), cols: vec![col] },
    ];
    let grown = Edit { by, at: 1, why: None, ops: ops.clone() };
    let cell = CellRef { sheet, row, col };
    let above = CellRef { row: of.rows()[1], ..cell };
    let without = table.book.read_entry(cell, by, "=C2+A1");
    let read = |book: &Workbook| {
        [(cell, "=C2+A1"), (above, "7")].map(|(cell, text)| (cell, book.read_entry(cell, by, text).unwrap()))
    };
    let read = table.book.suppose(&grown, read).unwrap();
    assert_eq!(table.picture(), before, "nothing was made");
    assert_ne!(without.ok().as_ref(), Some(&read[0].1), "C2 is yet to come");
    ops.extend(read.map(|(cell, input)| Op::SetCell { cell, input, guard: Default::default() }));
    table.edit("ada", ops);
    assert_eq!(table.shown("notes", "C2 C3"), "C2=7 C3=12");
    table.book.undo(by, 2).unwrap();
    table.recalculate();
    let size =
        |table: &Table| (table.book.sheet(sheet).unwrap().rows().len(), table.book.sheet(sheet).unwrap().cols().len());
    assert_eq!(size(&table), (2, 2), "one step back");
    assert!(table.book.redo(by, 3).is_some());
    assert_eq!(table.shown("notes", "C2 C3"), "C2=7 C3=12");
    assert!(table.book.redo(by, 4).is_none());
}

#[test]
fn whole_columns_and_rows_shift_with_a_copy() {
    let mut table = Table::server();
    table.free("own", "Own", 5, 9);
    for (typed, right, down) in [
        ("=SUM(A:A)", "=SUM(B:B)", "=SUM(A:A)"),
        ("=SUM($A:A)", "=SUM($A:B)", "=SUM($A:A)"),
        ("=SUM($A:$A)", "=SUM($A:$A)", "=SUM($A:$A)"),
        ("=SUM(2:$3)", "=SUM(2:$3)", "=SUM(3:$3)"),
    ] {
        table.set("own", "G1", typed);
        let from = table.a1("own", "G1");
        for (to, expected) in [("H1", right), ("G2", down)] {
            let to = table.a1("own", to);
            let input = table.book.entry_moved(from, to);
            table.edit("ada", vec![Op::SetCell { cell: to, input, guard: Guard::Always }]);
            assert_eq!(table.book.entry_text(to), expected, "{typed}");
        }
    }
}

#[test]
fn formulas_that_count_on_from_a_date_are_shown_as_dates() {
    let mut table = Table::server();
    table.free("own", "Own", 4, 4);
    table.set("own", "A1", "2026-03-31");
    let dated = table.a1("own", "A1");
    table.edit("ada", vec![Op::SetStyle { cell: dated, style: Some("date".into()) }]);
    let cell = table.a1("own", "B2");
    for (typed, style) in [
        ("=TODAY()", Some("date")),
        ("=EDATE(A1,1)", Some("date")),
        ("=A1", Some("date")),
        ("=A1+7", Some("date")),
        ("=A1-C1+1", Some("date")),
        ("=A1-A1", None),
        ("=A1*2", None),
        ("=7+A1", Some("date")),
        ("=YEAR(A1)", None),
        ("=SUM(A1", None),
    ] {
        assert_eq!(table.book.entry_style(cell, typed).as_deref(), style, "{typed}");
    }
}

#[test]
fn a_sheet_at_rest_keeps_how_its_cells_are_written() {
    let mut table = notes(3, 2);
    table.set("notes", "B2", "0.25");
    let cell = table.a1("notes", "B2");
    let (sheet, col) = (cell.sheet, cell.col);
    table.edit(
        "ada",
        vec![
            Op::SetStyle { cell, style: Some("percent bold".into()) },
            Op::SetNote { cell, text: Some("as agreed".into()) },
            Op::SetColWidth { sheet, col, width: Some(140) },
        ],
    );
    let frame = grid_engine::plan::frame(&table.book, sheet).unwrap();
    let (first, second) = (&frame.columns[0], &frame.columns[1]);
    assert_eq!(second.styles, [(1, "percent bold".to_owned())]);
    assert_eq!(second.notes, [(1, "as agreed".to_owned())]);
    assert_eq!((second.width, first.width), (Some(140), None));
    // A sheet without any of it is written as before there was a place for it, so that its hash stays.
    let text = serde_json::to_string(first).unwrap();
    assert!(!["styles", "notes", "width", "highlight"].iter().any(|word| text.contains(word)), "{text}");
}
