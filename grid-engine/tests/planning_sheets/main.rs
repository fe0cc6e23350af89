//! Planning sheets: measures with formulas over rows and buckets, overrides, contributions, facts, rows that meet.
#![allow(clippy::unwrap_used)]

mod assumptions;
mod keeping;
#[path = "../table/mod.rs"]
mod table;
mod totals;
mod versions;

use grid_engine::doc::{Edit, Measure, NumberFormat, Op, Span};
use grid_engine::refs::{CellRef, RoomId};
use grid_engine::value::{ErrorKind, Value};
use grid_engine::workbook::{Facts, Source};
use table::{Table, additive, bucket, layer, measure, measure_id, months, person, sheet};

/// Two months of history, four of plan.
fn demand() -> Table {
    let mut table = Table::server();
    let others = [
        layer("History", true),
        measure("Baseline", true),
        Measure { span: Span::Plan, ..measure("Override", true) },
        Measure { span: Span::Plan, ..additive("Uplift") },
    ];
    table.planning("demand", "Demand", "demand", months("2026-01", 2, 4), &["Item", "Region"], &others);
    table.formula("demand", "Consensus", true, "=IF(ISBLANK([@Override]),[@Baseline],[@Override])+[@Uplift]");
    for keys in [["A", "DE"], ["B", "DE"], ["A", "FR"]] {
        table.row("demand", &keys);
    }
    table
}

#[test]
fn a_measure_formula_fills_its_rows_and_buckets() {
    let mut table = demand();
    table.enter(table.at("demand", &["A", "DE"], "Baseline", "2026-03"), "10");
    table.enter(table.at("demand", &["A", "DE"], "Override", "2026-04"), "7");
    table.recalculate();
    assert_eq!(table.line("demand", &["A", "DE"], "Consensus"), "0 0 10 7 0 0");
    table.enter(table.at("demand", &["A", "DE"], "Override", "2026-03"), "12");
    let changed = table.recalculate().changed;
    assert_eq!(changed.len(), 2, "the override and the one cell that follows: {changed:?}");
    assert_eq!(table.line("demand", &["A", "DE"], "Consensus"), "0 0 12 7 0 0");
}

#[test]
fn an_entry_wins_over_the_measures_formula_and_can_be_taken_back() {
    let mut table = demand();
    let cell = table.at("demand", &["A", "DE"], "Consensus", "2026-03");
    table.enter(table.at("demand", &["A", "DE"], "Baseline", "2026-03"), "10");
    table.formula("demand", "Twice", true, "=2*[@Consensus]");
    let twice = table.at("demand", &["A", "DE"], "Twice", "2026-03");
    table.recalculate();
    assert_eq!((table.number(cell), table.number(twice)), (10.0, 20.0));
    assert_eq!(table.book.entry_text(cell), "=IF(ISBLANK([@Override]),[@Baseline],[@Override])+[@Uplift]");
    table.enter(cell, "99");
    table.recalculate();
    assert_eq!((table.number(cell), table.number(twice)), (99.0, 198.0));
    assert_eq!(table.book.cell(cell).source, Source::OverriddenFormula);
    table.enter(cell, "=[@Baseline]*3");
    table.recalculate();
    assert_eq!((table.number(cell), table.number(twice)), (30.0, 60.0));
    assert_eq!(table.book.cell(cell).source, Source::OverriddenFormula);
    table.enter(table.at("demand", &["A", "DE"], "Baseline", "2026-03"), "11");
    table.recalculate();
    assert_eq!(table.number(twice), 66.0);
    table.enter(cell, "");
    table.recalculate();
    assert_eq!((table.number(cell), table.number(twice)), (11.0, 22.0));
    assert_eq!(table.book.cell(cell).source, Source::Formula);
}

#[test]
fn a_deleted_measure_comes_back_with_its_entries() {
    let mut table = demand();
    let (entry, consensus) = ("Override", table.at("demand", &["A", "DE"], "Consensus", "2026-03"));
    table.enter(table.at("demand", &["A", "DE"], entry, "2026-03"), "12");
    table.recalculate();
    assert_eq!(table.number(consensus), 12.0);
    let delete = |name| vec![Op::DeleteMeasure { sheet: sheet("demand"), measure: measure_id(name) }];
    table.edit("ada", delete(entry));
    table.recalculate();
    assert!(table.book.sheet(sheet("demand")).unwrap().measure(measure_id(entry)).is_none());
    assert!(matches!(table.book.value(consensus), Value::Error(error) if error.kind == ErrorKind::Ref));
    table.book.undo(person("ada"), 2).unwrap();
    table.recalculate();
    assert_eq!(table.number(consensus), 12.0);
    for (name, why) in [("Item", "rows are known by it"), ("History", "it comes from outside")] {
        let edit = Edit { by: person("ada"), at: 3, why: None, ops: delete(name) };
        assert!(table.book.apply(&edit).is_err(), "{name}: {why}");
    }
}

#[test]
fn contributions_add_up() {
    let mut table = demand();
    let cell = table.at("demand", &["A", "DE"], "Uplift", "2026-03");
    let total = table.at("demand", &["A", "DE"], "Consensus", "2026-03");
    table.type_as("ada", cell, "+10");
    table.type_as("bob", cell, "+10");
    table.recalculate();
    assert_eq!((table.number(cell), table.number(total)), (20.0, 20.0));
    table.type_as("bob", cell, "-4");
    table.recalculate();
    assert_eq!(table.number(total), 16.0);
    table.type_as("ada", cell, "30");
    table.recalculate();
    assert_eq!(table.number(total), 30.0);
    let contributions = table.book.cell(cell).contributions.to_vec();
    assert_eq!(contributions, [(table::person("ada"), 24.0), (table::person("bob"), 6.0)]);
    table.type_as("ada", cell, "");
    table.recalculate();
    assert_eq!(table.number(total), 6.0);
    assert!(table.book.read_entry(cell, table::person("ada"), "much").is_err());
    table.type_as("bob", cell, "=-3");
    table.recalculate();
    assert_eq!(table.number(total), -3.0);
}

#[test]
fn stock_runs_on_from_bucket_to_bucket() {
    let mut table = demand();
    let others = [measure("In", true), measure("Out", true)];
    table.planning("stock", "Stock", "", months("2026-01", 0, 5), &["Item"], &others);
    table.formula("stock", "Stock", true, "=[@Stock:-1]+[@In]-[@Out]");
    table.row("stock", &["A"]);
    for (when, number) in [("2026-01", "100"), ("2026-03", "5")] {
        table.enter(table.at("stock", &["A"], "In", when), number);
    }
    table.enter(table.at("stock", &["A"], "Out", "2026-02"), "30");
    table.recalculate();
    assert_eq!(table.line("stock", &["A"], "Stock"), "100 70 75 75 75");
    // A stock count overrides what would follow, and what follows starts from it.
    table.enter(table.at("stock", &["A"], "Stock", "2026-03"), "60");
    assert_eq!(table.recalculate().changed.len(), 3);
    assert_eq!(table.line("stock", &["A"], "Stock"), "100 70 60 60 60");
    // Through another measure, and looking ahead.
    table.formula("stock", "Order", true, "=MAX(0,100-[@Stock:-1])");
    table.formula("stock", "Stock", true, "=[@Stock:-1]+[@Order]-[@Out]");
    table.formula("stock", "Rest", true, "=[@Out]+[@Rest:+1]");
    table.enter(table.at("stock", &["A"], "Stock", "2026-03"), "");
    table.enter(table.at("stock", &["A"], "Out", "2026-05"), "50");
    table.recalculate();
    assert_eq!(table.line("stock", &["A"], "Stock"), "100 70 100 100 50");
    assert_eq!(table.line("stock", &["A"], "Rest"), "80 80 50 50 50");
}

#[test]
fn c1_a_circle_of_measures_shows_and_heals() {
    let mut table = demand();
    table.formula("demand", "One", true, "=[@Baseline]");
    table.formula("demand", "Two", true, "=[@One]+1");
    table.formula("demand", "One", true, "=[@Two]+1");
    table.recalculate();
    let (one, two) =
        (table.at("demand", &["A", "DE"], "One", "2026-03"), table.at("demand", &["A", "DE"], "Two", "2026-03"));
    assert_eq!((table.text(one), table.text(two)), ("#CIRC!".into(), "#CIRC!".into()));
    // Overriding one cell breaks the circle of that bucket only.
    table.enter(one, "5");
    table.recalculate();
    assert_eq!((table.text(one), table.text(two)), ("5".into(), "6".into()));
    assert_eq!(table.line("demand", &["A", "DE"], "Two"), "#CIRC! #CIRC! 6 #CIRC! #CIRC! #CIRC!");
    table.formula("demand", "One", true, "=[@Baseline]");
    table.recalculate();
    assert_eq!(table.line("demand", &["A", "DE"], "Two"), "1 1 6 1 1 1");
}

#[test]
fn rows_meet_on_the_keys_they_share() {
    let mut table = demand();
    table.planning("prices", "Prices", "prices", months("2026-01", 0, 6), &["Item"], &[measure("Net price", true)]);
    table.planning("items", "Items", "", months("2026-01", 0, 6), &["Item"], &[measure("Family", false)]);
    table.formula("demand", "Revenue", true, "=[@Consensus]*Prices[@Net price]");
    table.formula("demand", "Family", false, "=Items[@Family]");
    table.row("items", &["A"]);
    table.enter(table.at("items", &["A"], "Family", ""), "Tea");
    table.row("prices", &["A"]);
    for keys in [["A", "DE"], ["A", "FR"], ["B", "DE"]] {
        table.enter(table.at("demand", &keys, "Baseline", "2026-03"), "10");
    }
    table.enter(table.at("prices", &["A"], "Net price", "2026-03"), "2.5");
    table.recalculate();
    let revenue = |table: &Table, keys: &[&str]| table.text(table.at("demand", keys, "Revenue", "2026-03"));
    assert_eq!(revenue(&table, &["A", "DE"]), "25");
    assert_eq!(revenue(&table, &["A", "FR"]), "25");
    assert_eq!(revenue(&table, &["B", "DE"]), "#N/A");
    assert_eq!(table.text(table.at("demand", &["A", "FR"], "Family", "")), "\"Tea\"");
    table.enter(table.at("prices", &["A"], "Net price", "2026-03"), "3");
    let changed = table.recalculate().changed;
    assert_eq!(changed.len(), 3, "the price and two revenues: {changed:?}");
    // A price that comes later is found, and one that goes is missed.
    table.row("prices", &["B"]);
    table.enter(table.at("prices", &["B"], "Net price", "2026-03"), "1");
    table.recalculate();
    assert_eq!(revenue(&table, &["B", "DE"]), "10");
    let gone = table.at("prices", &["A"], "Net price", "2026-03").row;
    table.edit("ada", vec![Op::DeleteRows { sheet: sheet("prices"), rows: vec![gone] }]);
    table.recalculate();
    assert_eq!(revenue(&table, &["A", "DE"]), "#N/A");
    table.row("demand", &["B", "FR"]);
    table.enter(table.at("demand", &["B", "FR"], "Baseline", "2026-03"), "4");
    table.recalculate();
    assert_eq!(revenue(&table, &["B", "FR"]), "4");
    // The other way round there is no one row.
    table.formula("prices", "Sold", true, "=Demand[@Consensus]");
    table.recalculate();
    let error = table.book.value(table.at("prices", &["B"], "Sold", "2026-03")).as_error().unwrap().clone();
    assert_eq!(error.kind, ErrorKind::Ref);
    assert_eq!(
        error.detail().map(AsRef::as_ref),
        Some("rows of Prices have no Region, which tells the rows of Demand apart")
    );
}

#[test]
fn whole_measures_are_read_as_blocks() {
    let mut table = demand();
    table.free("sums", "Sums", 9, 3);
    table.set("sums", "A1", "=SUM(Demand[Consensus])");
    table.set("sums", "A2", "=SUM(Demand[Consensus, 2026-03])");
    table.set("sums", "A3", "=ROWS(Demand[Consensus])*100+COLUMNS(Demand[Consensus])");
    table.set("sums", "A4", "=COLUMNS(Demand[Consensus, plan])*10+COLUMNS(Demand[Consensus, history])");
    table.enter(table.at("demand", &["A", "DE"], "Baseline", "2026-03"), "10");
    table.enter(table.at("demand", &["B", "DE"], "Baseline", "2026-05"), "5");
    assert_eq!(table.shown("sums", "A1 A2 A3 A4"), "A1=15 A2=10 A3=306 A4=42");
    table.row("demand", &["C", "DE"]);
    table.enter(table.at("demand", &["C", "DE"], "Override", "2026-03"), "1");
    assert_eq!(table.shown("sums", "A1 A2 A3"), "A1=16 A2=11 A3=406");
    let row = table.at("demand", &["A", "DE"], "Item", "").row;
    table.edit("ada", vec![Op::DeleteRows { sheet: sheet("demand"), rows: vec![row] }]);
    assert_eq!(table.shown("sums", "A1 A2 A3"), "A1=6 A2=1 A3=306");
    table.edit("ada", vec![Op::RestoreRows { sheet: sheet("demand"), rows: vec![row] }]);
    assert_eq!(table.shown("sums", "A1 A2 A3"), "A1=16 A2=11 A3=406");
}

#[test]
fn facts_fill_layers_before_or_after_their_rows() {
    let mut table = demand();
    let row = |keys: &[&str]| grid_engine::refs::RowId::of_key(keys);
    let facts = Facts {
        rows: vec![row(&["A", "DE"]), row(&["D", "DE"])],
        first: Some(bucket("2025-12")),
        width: 3,
        values: vec![9.0, 1.0, f64::NAN, 9.0, 4.0, 5.0],
    };
    table.formula("demand", "Total", false, "=SUM([@History:all])");
    table.book.set_facts(sheet("demand"), measure_id("History"), facts);
    table.recalculate();
    assert_eq!(table.line("demand", &["A", "DE"], "History"), "1 _ _ _ _ _");
    assert_eq!(table.text(table.at("demand", &["A", "DE"], "Total", "")), "1");
    table.row("demand", &["D", "DE"]);
    table.recalculate();
    assert_eq!(table.line("demand", &["D", "DE"], "History"), "4 5 _ _ _ _");
    assert_eq!(table.text(table.at("demand", &["D", "DE"], "Total", "")), "9");
    assert_eq!(table.book.cell(table.at("demand", &["D", "DE"], "History", "2026-01")).source, Source::Layer);
}

#[test]
fn a_row_of_values_fills_the_plan_or_the_whole_horizon() {
    let mut table = demand();
    table.formula("demand", "Plan", true, "=INDEX([@Baseline:all],1)+{1,2,3}");
    table.formula("demand", "All", true, "=[@Baseline:all]*2");
    table.formula("demand", "Block", true, "={1,2;3,4}");
    table.enter(table.at("demand", &["A", "DE"], "Baseline", "2026-01"), "10");
    table.enter(table.at("demand", &["A", "DE"], "Baseline", "2026-06"), "1");
    table.recalculate();
    assert_eq!(table.line("demand", &["A", "DE"], "Plan"), "_ _ 11 12 13 _");
    assert_eq!(table.line("demand", &["A", "DE"], "All"), "20 0 0 0 0 2");
    assert_eq!(table.line("demand", &["A", "DE"], "Block").split(' ').next(), Some("#SPILL!"));
    table.enter(table.at("demand", &["A", "DE"], "Plan", "2026-04"), "50");
    table.recalculate();
    assert_eq!(table.line("demand", &["A", "DE"], "Plan"), "_ _ 11 50 13 _");
}

#[test]
fn outside_its_span_a_measure_is_blank_and_takes_nothing() {
    let mut table = demand();
    let cell = table.at("demand", &["A", "DE"], "Override", "2026-01");
    let edit = grid_engine::doc::Edit {
        by: table::person("ada"),
        at: 0,
        why: None,
        ops: vec![Op::SetCell { cell, input: Some(grid_engine::doc::Input::Number(5.0)), guard: Default::default() }],
    };
    let _ = table.book.apply(&edit);
    table.recalculate();
    assert!(table.book.value(cell).is_blank());
    assert_eq!(table.line("demand", &["A", "DE"], "Consensus"), "0 0 0 0 0 0");
}

#[test]
fn entries_are_read_by_their_measure() {
    let mut table = demand();
    let share = Measure { format: NumberFormat::Percent, ..measure("Share", true) };
    table.edit("ada", vec![Op::PutMeasure { sheet: sheet("demand"), measure: share }]);
    let cell = table.at("demand", &["A", "DE"], "Share", "2026-03");
    for (typed, shown) in [("12", "12.0 %"), ("12 %", "12.0 %"), ("0.5", "50.0 %"), ("150%", "150.0 %")] {
        table.enter(cell, typed);
        table.recalculate();
        assert_eq!(table.book.display(cell), shown, "{typed}");
    }
    let key = table.at("demand", &["A", "DE"], "Item", "");
    let read = table.book.read_entry(key, table::person("ada"), "007").unwrap();
    assert_eq!(read, Some(grid_engine::doc::Input::Text("007".into())));
}

#[test]
fn errors_keep_the_cell_they_arose_in() {
    let mut table = demand();
    table.formula("demand", "Ratio", true, "=1/[@Baseline]");
    table.formula("demand", "More", true, "=[@Ratio]+1");
    table.recalculate();
    let ratio: CellRef = table.at("demand", &["A", "DE"], "Ratio", "2026-03");
    let more = table.book.value(table.at("demand", &["A", "DE"], "More", "2026-03")).clone();
    assert_eq!(more, Value::from(ErrorKind::Div0));
    assert_eq!(more.as_error().unwrap().origin(), Some(ratio));
}

#[test]
fn the_parts_of_a_sheet_are_one_sheet_to_formulas() {
    use grid_engine::refs::{Id, PartId, RoomId, RowId};
    let mut table = demand();
    let mut parts = Table::server();
    let info = table.book.mirror().sheets()[0].clone();
    let mut meta = table.book.sheet(sheet("demand")).unwrap().meta().clone();
    meta.partition = Some(measure_id("Region"));
    let part = |name: &str| PartId(Id::of_name(name));
    meta.parts = [(part("de"), "DE".to_owned()), (part("fr"), "FR".to_owned())].into();
    parts.edit("ada", vec![Op::PutSheet { info, meta }]);
    let measures = table.book.sheet(sheet("demand")).unwrap().measures().to_vec();
    parts.edit("ada", measures.into_iter().map(|measure| Op::PutMeasure { sheet: sheet("demand"), measure }).collect());
    parts.free("sums", "Sums", 3, 3);
    parts.set("sums", "A1", "=SUM(Demand[Consensus])");
    for (region, number) in [("DE", 5.0), ("FR", 7.0)] {
        let (row, room) = (RowId::of_key(&["A", region]), part(&region.to_lowercase()));
        parts.book.open_room(RoomId::Part(sheet("demand"), room), &[]).unwrap();
        let set = |name: &str, when: &str, input| Op::SetCell {
            cell: parts.at("demand", &["A", region], name, when),
            input: Some(input),
            guard: Default::default(),
        };
        let ops = vec![
            Op::InsertRows { sheet: sheet("demand"), part: Some(room), after: None, rows: vec![row] },
            set("Item", "", grid_engine::doc::Input::Text("A".into())),
            set("Region", "", grid_engine::doc::Input::Text(region.into())),
            set("Baseline", "2026-03", grid_engine::doc::Input::Number(number)),
        ];
        parts.edit("ada", ops);
    }
    assert_eq!(parts.shown("sums", "A1"), "A1=12");
    let french = RoomId::Part(sheet("demand"), part("fr"));
    let state = parts.book.encode_state(french, None).unwrap();
    parts.book.close_room(french);
    assert_eq!(parts.shown("sums", "A1"), "A1=5");
    parts.book.open_room(french, &state).unwrap();
    assert_eq!(parts.shown("sums", "A1"), "A1=12");
    table.recalculate();
}

#[test]
fn the_sheets_needed_are_all_that_values_follow_from() {
    let mut table = demand();
    for (id, title) in [("a", "First"), ("b", "Second"), ("c", "Third"), ("d", "Moving"), ("e", "Counting")] {
        table.free(id, title, 3, 3);
    }
    table.set("a", "A1", "=Second!A1");
    table.set("b", "A1", "=SUM(Third!A1:B2)");
    table.set("c", "A1", "=SUM(Demand[Baseline])");
    table.set("d", "A1", "=OFFSET(B1,1,0)");
    table.set("e", "A1", "=SHEETS()");
    table.recalculate();
    let needed = |of: &str| -> Vec<String> {
        table.book.sheets_needed(&[sheet(of)].into()).iter().map(ToString::to_string).collect()
    };
    assert_eq!(needed("demand"), ["demand"]);
    assert_eq!(needed("c"), ["c", "demand"]);
    assert_eq!(needed("a"), ["a", "b", "c", "demand"], "however far");
    // A reference that is computed may mean any sheet, and their number follows from all.
    for of in ["d", "e"] {
        assert_eq!(needed(of), ["a", "b", "c", "d", "e", "demand"], "{of}");
    }
}

#[test]
fn a_room_that_is_opened_afresh_is_calculated_by_what_it_holds_now() {
    for recalculates_between in [false, true] {
        let mut table = demand();
        let keys = ["A", "DE"];
        table.enter(table.at("demand", &keys, "Baseline", "2026-03"), "10");
        table.recalculate();
        let room = RoomId::Sheet(sheet("demand"));
        let before = table.book.encode_state(room, None).unwrap();
        // An entry that the server refuses: its room is left and joined again without it.
        table.enter(table.at("demand", &keys, "Override", "2026-03"), "500");
        table.enter(table.at("demand", &["B", "DE"], "Consensus", "2026-04"), "7");
        table.recalculate();
        assert_eq!(table.line("demand", &keys, "Consensus"), "0 0 500 0 0 0");
        table.book.close_room(room);
        if recalculates_between {
            table.recalculate();
        }
        table.book.open_room(room, &[]).unwrap();
        table.book.apply_update(room, &before).unwrap();
        table.recalculate();
        assert_eq!(table.line("demand", &keys, "Override"), "_ _ _ _ _ _", "{recalculates_between}");
        assert_eq!(table.line("demand", &keys, "Consensus"), "0 0 10 0 0 0", "{recalculates_between}");
        assert_eq!(table.line("demand", &["B", "DE"], "Consensus"), "0 0 0 0 0 0", "{recalculates_between}");
        assert_eq!(table.difference(&table.afresh(&[])), None);
    }
}
