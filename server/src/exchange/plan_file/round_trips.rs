//! Out into a file and back: formulas that leave give the same values elsewhere, and what comes back is what people changed.
#![allow(clippy::unwrap_used)]

use grid_engine::calendar::{Bucket, Horizon};
use grid_engine::doc::{Edit, Input, Op, Span};
use grid_engine::refs::{CellRef, ColId, PersonId, SheetId};
use grid_engine::value::{Locale, NumberFormat};
use grid_engine::wire::FileReading;
use grid_engine::workbook::{Clock, Workbook};

use super::reading::Reader;
use super::table::Table;
use super::{Pages, csv_out, xlsx_out};
use crate::exchange::blueprint::{Blueprint, MeasureBlueprint, RowBlueprint, SheetBlueprint, measure_id, row_id};
use crate::exchange::workbook_file;
use crate::store::person_id;

const CLOCK: Clock = Clock { now: 46_000.0, seed: 1 };

fn bucket(text: &str) -> Bucket {
    text.parse().unwrap()
}

fn sheet(name: &str) -> SheetId {
    SheetId::named(name).unwrap()
}

/// A plan with formulas of every kind, two parts, and a notebook.
fn plan() -> Workbook {
    let horizon = Horizon { first: bucket("2026-01"), current: bucket("2026-03"), last: bucket("2026-06") };
    let formula = |id: &str, name: &str, text: &str| MeasureBlueprint::formula(id, name, text).timed(Span::Plan);
    let timed = |measure: &str, month: &str| ColId::timed(measure_id(measure), bucket(month));
    let keys = [["Tea", "North"], ["Soap", "North"], ["Tea", "South"]];
    let rows = keys.iter().zip(1..).map(|(key, number)| RowBlueprint {
        key: key.map(str::to_owned).to_vec(),
        cells: vec![
            (timed("override", "2026-03"), f64::from(10 * number).into()),
            (timed("override", "2026-04"), "=ROUND([@Override:-1]*1.5,0)".into()),
            (timed("share", "2026-03"), 0.25.into()),
        ],
    });
    let demand = SheetBlueprint::planning("demand", "Demand: all", &["Item", "Region"])
        .horizon(horizon)
        .partitioned_by("Region")
        .measure(MeasureBlueprint::layer("history", "History").timed(Span::History))
        .measure(MeasureBlueprint::input("override", "Override").timed(Span::Plan).shown(NumberFormat::Whole, "pcs"))
        .measure(MeasureBlueprint::input("share", "Share").timed(Span::Plan).shown(NumberFormat::Percent, ""))
        .measure(MeasureBlueprint::input("uplift", "Uplift").timed(Span::Plan).additive())
        .measure(MeasureBlueprint::input("remark", "Remark").shown(NumberFormat::Text, ""))
        .measure(formula("consensus", "Consensus", "=[@Override]+N([@Uplift])"))
        .measure(formula("revenue", "Revenue", "=[@Consensus]*Prices[@Net price]"))
        .measure(formula(
            "total",
            "Total",
            "=SUM([@Consensus:all])+SUM(Demand[Consensus, @])".replace("Demand[", "'Demand: all'[").as_str(),
        ))
        .measure(formula("trend", "Trend", "=FORECAST.LINEAR(4,[@History:all],{1,2})"))
        .measure(formula("baseline", "Baseline", "=INVENTORY.COVER([@Consensus],[@Consensus:all])"))
        .rows(rows)
        .facts("history", Some(horizon.first), keys.iter().map(|key| (row_id(key), vec![100.0, 110.0])).collect());
    let prices = SheetBlueprint::planning("prices", "Prices", &["Item"])
        .measure(MeasureBlueprint::input("netprice", "Net price").shown(NumberFormat::Price, "EUR"))
        .rows([("Tea", 2.5), ("Soap", 4.0)].map(|(item, price)| RowBlueprint {
            key: vec![item.to_owned()],
            cells: vec![(ColId::fixed(measure_id("netprice")), price.into())],
        }));
    let mut notes = SheetBlueprint::free("notes", "Notes");
    for (place, entry) in [
        "=SUM('Demand: all'[Consensus, 2026-03])",
        "=A1*2",
        "=SUM(A1:A2)*$A$1",
        "=Prices[Net price]*2",
        "=IFERROR(1/0,\"none\")",
        "=1/0",
        "=SUMPRODUCT(Prices[Net price],{1;2})",
        "=SUM(IF(A1:A3>0,1,0))",
        "=TEXTJOIN(\"-\",TRUE,\"a\",A1)",
        "=LET(x,A1,x+1)",
        "={1,2}",
        "=IF(A1>0,\"\",1)",
        "=Rate*2",
        "plain",
    ]
    .into_iter()
    .enumerate()
    {
        // Room for what spills.
        notes = notes.cell(place as u32 * 3, 0, entry.replace("A2", "A4").replace("A3", "A7").as_str());
    }
    let blueprint = Blueprint { title: "Plan".into(), currency: "EUR".into(), sheets: vec![demand, prices, notes] };
    let mut workbook = blueprint.build(person_id("ada"), 1).unwrap();
    let at = CellRef { sheet: sheet("notes"), row: row_id(&["nowhere"]), col: ColId::fixed(measure_id("nowhere")) };
    let formula = Some(workbook.formula_stored(at, "=Prices!B2").unwrap().into());
    let ops = vec![Op::SetName { name: "Rate".into(), formula }];
    workbook.apply(&Edit { by: person_id("ada"), at: 2, why: None, ops }).unwrap();
    workbook.recalculate(CLOCK);
    workbook
}

#[test]
fn formulas_that_leave_give_the_same_values() {
    let workbook = plan();
    let ids = ["demand", "prices", "notes"].map(sheet);
    let pages = Pages::of_workbook(&workbook, &ids);
    let bytes = xlsx_out::write(&pages).unwrap();
    let file = workbook_file::read_bytes(&bytes).unwrap();
    assert_eq!(file.sheets.iter().map(|sheet| &*sheet.title).collect::<Vec<_>>(), ["Demand_ all", "Prices", "Notes"]);
    let again = file.calculate(CLOCK);
    assert_eq!(again.problems, [] as [String; 0]);
    let mut formulas = 0;
    for ((sheet, row, col), formula) in again.formulas() {
        let value = again.value(sheet, row, col);
        assert!(workbook_file::agree(&value, formula.cached), "{}: {value:?}, not {:?}", formula.text, formula.cached);
        formulas += 1;
    }
    // Every value of every page is in the file, where it stands on the page.
    for (number, page) in pages.sheets.iter().enumerate() {
        let above = u32::from(!page.headings.is_empty());
        for (row, cells) in (above..).zip(&page.rows) {
            for (col, cell) in (0..).zip(cells) {
                let value = again.value(number, row, col);
                assert!(
                    workbook_file::agree(&value, &cell.value),
                    "{number} {row} {col}: {value:?}, not {:?}",
                    cell.value
                );
            }
        }
    }
    // Per row: the entered formula, and four months of four measures. The cover is known to a plan only, LET to newer
    // files in other words.
    assert_eq!(formulas, 3 * (1 + 4 * 4) + 12);
    let text = |row: u32, heading: &str| {
        let col = pages.sheets[0].headings.iter().position(|it| it == heading).unwrap() as u32;
        again.formulas().find(|(at, _)| *at == (0, row, col)).map(|(_, formula)| formula.text.clone()).unwrap()
    };
    assert_eq!(text(1, "Override 2026-04"), "=ROUND(L2*1.5,0)");
    assert!(text(2, "Revenue 2026-03").ends_with("*Prices!B$3") || text(2, "Revenue 2026-03").ends_with("*Prices!B3"));
}

fn read(
    workbook: &Workbook,
    sheet_id: &str,
    bytes: &[u8],
    how: (&str, bool, bool),
) -> Result<FileReading, Vec<String>> {
    let table = Table::read(bytes, "Demand_ all").map_err(|reason| vec![reason])?;
    let (locale, clears, adds_rows) = how;
    let by: PersonId = person_id("ada");
    let reader = Reader { by, objection: &|_| None, locale: Locale::of(locale), clears, adds_rows };
    reader.read(workbook, sheet(sheet_id), &table)
}

#[test]
fn what_leaves_and_comes_back_unchanged_changes_nothing() {
    let workbook = plan();
    for id in ["demand", "prices"] {
        let pages = Pages::of_workbook(&workbook, &[sheet(id)]);
        for bytes in [xlsx_out::write(&pages).unwrap(), csv_out::write(&pages.sheets[0]).unwrap()] {
            let reading = read(&workbook, id, &bytes, ("en-US", true, false)).unwrap();
            assert_eq!((reading.ops.len(), reading.set, reading.cleared, reading.added), (0, 0, 0, 0));
            assert!(reading.same > 0);
        }
    }
}

fn entered(reading: &FileReading) -> Vec<(String, Option<Input>)> {
    let cell = |op: &Op| match op {
        Op::SetCell { cell, input, .. } => Some((cell.col.to_string(), input.clone())),
        _ => None,
    };
    reading.ops.iter().filter_map(cell).collect()
}

#[test]
fn changes_are_found_by_key_and_heading() {
    let workbook = plan();
    // As a German Excel writes it; columns and rows in another order, one column unknown, one calculated.
    let text = "region;Override 2026-03;item;Share 2026-03;Colour;Consensus 2026-03;Remark;Uplift 2026-03\r\n\
        South;1.234,5;Tea;30 %;red;99;=new;-2\r\nNorth;10;Tea;;red;98;;\r\n;;;;;;;\r\n";
    let reading = read(&workbook, "demand", text.as_bytes(), ("de-DE", false, false)).unwrap();
    let number = |number: f64| Some(Input::Number(number));
    assert_eq!(
        entered(&reading),
        [
            ("override@2026-03".to_owned(), number(1234.5)),
            ("share@2026-03".to_owned(), number(0.3)),
            ("remark".to_owned(), Some(Input::Text("=new".into()))),
            ("uplift@2026-03".to_owned(), number(-2.0)),
        ]
    );
    assert_eq!((reading.set, reading.same), (4, 1));
    assert_eq!(reading.left_out, ["Colour: the sheet has no such column", "Consensus: calculated in the sheet"]);
    let clearing = read(&workbook, "demand", text.as_bytes(), ("de-DE", true, false)).unwrap();
    assert_eq!((clearing.set, clearing.cleared), (4, 1));
}

#[test]
fn new_rows_come_only_where_they_are_wanted() {
    let workbook = plan();
    let text = b"Item\tRegion\tOverride 2026-03\nSoap\tSouth\t5\nMilk\tSouth\t6\n";
    let refused = read(&workbook, "demand", text, ("en-US", false, false)).unwrap_err();
    assert_eq!(refused.len(), 2);
    assert!(refused[0].starts_with("CSV line 2, column Item: Soap / South: the sheet has no such row"), "{refused:?}");
    let reading = read(&workbook, "demand", text, ("en-US", false, true)).unwrap();
    assert_eq!((reading.added, reading.set), (2, 2));
    let afters = reading.ops.iter().filter_map(|op| if let Op::InsertRows { after, .. } = op { *after } else { None });
    let afters: Vec<_> = afters.collect();
    // In the order of the file.
    assert_eq!(afters, [row_id(&["Tea", "South"]), row_id(&["Soap", "South"])]);
    let unknown = read(&workbook, "demand", b"Item,Region\nTea,West\n", ("en-US", false, true)).unwrap_err();
    assert!(unknown[0].contains("West has no part of the sheet; there are North, South"), "{unknown:?}");
}

#[test]
fn c3_a_bad_table_is_refused_with_every_place() {
    let workbook = plan();
    let refused = |text: &[u8]| read(&workbook, "demand", text, ("en-US", false, false)).unwrap_err().join("\n");
    let bad =
        "Item,Region,Override 2026-03,Override 2026-04\nTea,North,x,1\nTea,,2,2\nTea,North,3,3\nTea,South,1,\"1,2,\"\n";
    assert_eq!(
        refused(bad.as_bytes()),
        "CSV line 2, column Override 2026-03: “x” is not a number\n\
        CSV line 3, column Region: is empty: a row is known by all its keys\n\
        CSV line 4, column Item: Tea / North: an earlier line is of the same row\n\
        CSV line 5, column Override 2026-04: “1,2,” is not a number"
    );
    assert_eq!(
        refused(b"Item,Region,Override 2026-03\nTea,North,2026-12-01\n"),
        "CSV line 2, column Override 2026-03: \u{201c}2026-12-01\u{201d} is a date, not a number"
    );
    let large = "a,b\n".repeat(2_500_001);
    assert_eq!(refused(large.as_bytes()), "The file has more than 5000000 cells: cut it into several.");
    assert_eq!(refused(b"Item,Override 2026-03\nTea,1\n"), "CSV: has no column Region in its first row");
    assert_eq!(refused(b"Item,Region,Override 2026-03,override 2026-03\n"), "CSV: has column override 2026-03 twice");
    assert!(
        refused(b"Item,Region\nT\xe4,North\n").contains("neither an Excel workbook (.xlsx) nor UTF-8 text (line 2)")
    );
    assert!(refused(b"Item,Region\0\n").contains("byte 11 is zero"));
    assert!(refused(b"").contains("The file is empty"));
    assert!(refused(b"PK\x03\x04 no archive").len() > 10);
}

#[test]
fn what_a_person_may_not_write_is_named_by_its_place() {
    let workbook = plan();
    let table = Table::read(b"Item,Region,Override 2026-03\nTea,North,1\nTea,South,1\n", "").unwrap();
    let north = workbook.sheet(sheet("demand")).unwrap().part_of(row_id(&["Tea", "North"]));
    let objection = |ops: &[Op]| {
        let is_north = |op: &Op| matches!(op, Op::SetCell { cell, .. } if workbook.sheet(cell.sheet).unwrap().part_of(cell.row) == north);
        ops.iter().any(is_north).then(|| "North is read-only".to_owned())
    };
    let reader = Reader {
        by: person_id("sven"),
        objection: &objection,
        locale: Locale::default(),
        clears: false,
        adds_rows: false,
    };
    let refused = reader.read(&workbook, sheet("demand"), &table).unwrap_err();
    assert_eq!(refused, ["CSV line 2, column Override 2026-03: North is read-only"]);
}

#[test]
fn a_free_sheet_is_taken_from_its_first_cell_on() {
    let workbook = plan();
    let reading = read(&workbook, "notes", b"7,\nx,=A1\n", ("en-US", false, false)).unwrap();
    let inputs: Vec<Option<Input>> = entered(&reading).into_iter().map(|(_, input)| input).collect();
    // What a file says is no formula here: it calculates nothing.
    assert_eq!(inputs, [Some(Input::Number(7.0)), Some(Input::Text("x".into())), Some(Input::Text("=A1".into()))]);
    let wide = vec![b','; 20_000];
    assert!(
        read(&workbook, "notes", &wide, ("en-US", false, false)).unwrap_err()[0].contains("insert what is missing")
    );
}
