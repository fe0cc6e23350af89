//! How long a planning workbook like a real one takes: documents and calculation together.

#[path = "../../../grid-engine/tests/table/mod.rs"]
mod table;

use std::time::Instant;

use grid_engine::doc::{Guard, Input, Measure, Op, Span};
use grid_engine::refs::{CellRef, ColId, RowId};
use grid_engine::workbook::Facts;
use table::{CLOCK, Table, additive, bucket, layer, measure, measure_id, months, sheet};

/// Nine hundred rows by fifty-four buckets.
pub fn run() {
    let mut table = Table::server();
    let horizon = months("2023-07", 30, 24);
    let others = [
        layer("History", true),
        layer("Lag 1", true),
        layer("Baseline", true),
        Measure { span: Span::Plan, ..measure("Override", true) },
        Measure { span: Span::Plan, ..additive("Uplift") },
    ];
    table.planning("demand", "Demand", "demand", horizon, &["Item", "Region", "Channel"], &others);
    table.planning("prices", "Prices", "prices", horizon, &["Item"], &[measure("Net price", true)]);
    table.formula("demand", "Consensus", true, "=IF(ISBLANK([@Override]),[@Baseline],[@Override])+[@Uplift]");
    table.formula("demand", "Revenue", true, "=[@Consensus]*Prices[@Net price]");
    table.formula("demand", "Error", true, "=IF([@History]=0,0,ABS([@History]-[@Lag 1])/[@History])");
    table.free("summary", "Summary", 20, 4);
    let text = |text: &str| Some(Input::Text(text.into()));
    let (mut rows, mut cells) = (Vec::new(), Vec::new());
    let mut items = Vec::new();
    for item in 0..100 {
        let item = format!("SKU-{item:03}");
        let price_row = RowId::of_key(&[&item]);
        items.push(price_row);
        let set = |sheet_id: &str, row: RowId, name: &str, input: Option<Input>| Op::SetCell {
            cell: CellRef { sheet: sheet(sheet_id), row, col: ColId::fixed(measure_id(name)) },
            input,
            guard: Guard::Always,
        };
        cells.push(set("prices", price_row, "Item", text(&item)));
        for bucket in horizon.buckets() {
            let col = ColId::timed(measure_id("Net price"), bucket);
            let cell = CellRef { sheet: sheet("prices"), row: price_row, col };
            cells.push(Op::SetCell { cell, input: Some(Input::Number(2.5)), guard: Guard::Always });
        }
        for region in ["DE", "FR", "UK"] {
            for channel in ["Retail", "Online", "Export"] {
                let row = RowId::of_key(&[&item, region, channel]);
                rows.push(row);
                cells.push(set("demand", row, "Item", text(&item)));
                cells.push(set("demand", row, "Region", text(region)));
                cells.push(set("demand", row, "Channel", text(channel)));
            }
        }
    }
    table.edit(
        "ada",
        vec![
            Op::InsertRows { sheet: sheet("prices"), part: None, after: None, rows: items },
            Op::InsertRows { sheet: sheet("demand"), part: None, after: None, rows: rows.clone() },
        ],
    );
    table.edit("ada", cells);
    let values: Vec<f64> = (0..rows.len() * 54).map(|place| (place % 97) as f64).collect();
    for name in ["History", "Lag 1", "Baseline"] {
        let facts = Facts { rows: rows.clone(), first: Some(bucket("2023-07")), width: 54, values: values.clone() };
        table.book.set_facts(sheet("demand"), measure_id(name), facts);
    }
    let report = |what: &str, since: Instant, changed: usize| {
        println!("{what:45} {:9.3} ms {changed:7} cells changed", since.elapsed().as_secs_f64() * 1e3);
    };
    let since = Instant::now();
    let changed = table.book.recalculate(CLOCK).changed.len();
    report("first calculation", since, changed);

    let states: Vec<_> =
        table.book.known_rooms().into_iter().map(|room| (room, table.book.encode_state(room, None).unwrap())).collect();
    let mut other = Table::new(grid_engine::workbook::Side::Server, 5);
    let since = Instant::now();
    for (room, state) in &states {
        other.book.open_room(*room, state).unwrap();
    }
    report("opening documents", since, 0);
    let since = Instant::now();
    for name in ["History", "Lag 1", "Baseline"] {
        let facts = table.book.facts(sheet("demand"), measure_id(name)).unwrap().clone();
        other.book.set_facts(sheet("demand"), measure_id(name), facts);
    }
    let changed = other.book.recalculate(CLOCK).changed.len();
    report("calculating what was opened", since, changed);

    let edit = |table: &mut Table, what: &str, name: &str, sheet_id: &str, row: RowId, number: f64| {
        let cell = CellRef { sheet: sheet(sheet_id), row, col: ColId::timed(measure_id(name), bucket("2026-03")) };
        let since = Instant::now();
        table.edit("ada", vec![Op::SetCell { cell, input: Some(Input::Number(number)), guard: Guard::Always }]);
        report(&format!("{what}: document"), since, 0);
        let since = Instant::now();
        let changed = table.book.recalculate(CLOCK).changed.len();
        report(&format!("{what}: recalculation"), since, changed);
    };
    let row = rows[400];
    edit(&mut table, "one override", "Override", "demand", row, 55.0);
    edit(&mut table, "one override again", "Override", "demand", row, 56.0);
    edit(&mut table, "one price (9 rows follow)", "Net price", "prices", RowId::of_key(&["SKU-007"]), 3.0);
    for (a1, formula) in [
        ("A1", "=SUM(Demand[Revenue])"),
        ("A2", "=SUM(Demand[Consensus, plan])"),
        ("A3", "=SUM(Demand[Consensus, 2026-03])"),
        ("A4", "=A1/A2"),
    ] {
        table.set("summary", a1, formula);
    }
    let since = Instant::now();
    let changed = table.book.recalculate(CLOCK).changed.len();
    report("three sums over whole measures", since, changed);
    edit(&mut table, "one override with sums", "Override", "demand", row, 57.0);
    edit(&mut table, "one override with sums again", "Override", "demand", row, 58.0);
    table.planning("streams", "Streams", "supply.streams", horizon, &["Stream"], &[measure("Region", false)]);
    for region in ["DE", "FR", "UK"] {
        table.row("streams", &[region]);
        table.enter(table.at("streams", &[region], "Region", ""), region);
    }
    table.set("summary", "C1", "=SUPPLY.SOLVE(Demand[Consensus])");
    let since = Instant::now();
    let changed = table.book.recalculate(CLOCK);
    report(&format!("a solve asked for ({} requests)", changed.requests.len()), since, changed.changed.len());
    edit(&mut table, "one override with sums and a solve", "Override", "demand", row, 59.0);
    let added = RowId::of_key(&["SKU-001", "DE", "Other"]);
    let since = Instant::now();
    table.edit("ada", vec![Op::InsertRows { sheet: sheet("demand"), part: None, after: None, rows: vec![added] }]);
    report("one row added: document", since, 0);
    let since = Instant::now();
    let changed = table.book.recalculate(CLOCK).changed.len();
    report("one row added: recalculation", since, changed);
    let since = Instant::now();
    let reads = 1_000_000;
    let mut sum = 0.0;
    for place in 0..reads {
        let col = ColId::timed(measure_id("Revenue"), bucket("2026-03").plus((place % 20) as i32));
        let cell = CellRef { sheet: sheet("demand"), row: rows[place % rows.len()], col };
        sum += table.book.value(cell).as_number().unwrap_or_default();
    }
    report(&format!("{reads} reads of a value (sum {sum})"), since, 0);
}
