//! How long documents take to open, to paste into and to rebase, and what they weigh.
//!
//! `cargo run --release` in this folder prints all figures. Each is taken in a process of its own, so that the memory of
//! one is not that of another.

#[path = "../../../grid-engine/tests/table/mod.rs"]
mod table;

use std::path::PathBuf;
use std::process::Command;

use grid_engine::doc::{Guard, Input, Op};
use grid_engine::refs::{CellRef, RoomId};
use grid_engine::workbook::Side;
use table::{Table, person, sheet};

const ROWS: usize = 10_000;
const COLS: usize = 20;
/// Of a room that is written over and over.
const LIVE: usize = 20_000;
const OVERWRITES: usize = 200_000;
const WRITERS: u64 = 20;
const PASTES: usize = 21;

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("open") => open(),
        Some("paste") => paste(),
        Some("import") => import(),
        Some("overwrite") => overwrite(),
        Some("weigh") => weigh(),
        _ => ["open", "paste", "import", "overwrite"].iter().for_each(|what| _ = again(&[what])),
    }
}

/// Runs this program again for one figure.
fn again(arguments: &[&str]) -> bool {
    let program = std::env::current_exe().unwrap();
    Command::new(program).args(arguments).status().unwrap().success()
}

fn report(what: &str, figure: f64, unit: &str) {
    println!("{what:65} {figure:10.1} {unit}");
}

/// Processor time of this program's one thread, in milliseconds: other programs do not count.
fn now() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds: Option<f64> = text.split(' ').next().and_then(|time| time.parse().ok());
    nanoseconds.unwrap_or(0.0) / 1e6
}

fn ms(since: f64) -> f64 {
    now() - since
}

fn number(value: f64) -> Option<Input> {
    Some(Input::Number(value))
}

/// The cells of the free sheet, row by row.
fn cells(table: &Table, rows: std::ops::Range<usize>, cols: std::ops::Range<usize>) -> Vec<CellRef> {
    let of = table.book.sheet(sheet("notes")).unwrap();
    let cell = |row: usize, col: usize| CellRef { sheet: of.id(), row: of.rows()[row], col: of.cols()[col] };
    rows.flat_map(|row| cols.clone().map(move |col| (row, col))).map(|(row, col)| cell(row, col)).collect()
}

fn set(cell: CellRef, input: Option<Input>) -> Op {
    Op::SetCell { cell, input, guard: Guard::Always }
}

/// 180,000 numbers, and two columns of formulas beside them.
fn live_sheet() -> Table {
    let mut table = Table::server();
    table.free("notes", "Notes", ROWS, COLS);
    let numbers = cells(&table, 0..ROWS, 0..COLS - 2);
    table.edit("ada", numbers.into_iter().enumerate().map(|(at, cell)| set(cell, number(at as f64 / 8.0))).collect());
    let mut formulas = Vec::new();
    for (at, pair) in cells(&table, 0..ROWS, COLS - 2..COLS).chunks(2).enumerate() {
        let texts = [format!("=SUM(A{0}:R{0})", at + 1), format!("=S{0}*2-A{0}", at + 1)];
        for (cell, text) in pair.iter().zip(texts) {
            formulas.push(set(*cell, table.book.read_entry(*cell, person("ada"), &text).unwrap()));
        }
    }
    table.edit("ada", formulas);
    table
}

fn states(table: &Table) -> Vec<(RoomId, Vec<u8>)> {
    let rooms = table.book.known_rooms().into_iter();
    rooms.map(|room| (room, table.book.encode_state(room, None).unwrap())).collect()
}

fn open() {
    let states = states(&live_sheet());
    let mut other = Table::new(Side::Browser, 5);
    let since = now();
    states.iter().for_each(|(room, state)| other.book.open_room(*room, state).unwrap());
    report("opening 200,000 live cells: document to mirror", ms(since), "ms");
    other.recalculate();
    report("opening 200,000 live cells: document to calculated mirror", ms(since), "ms");
}

fn paste() {
    let mut table = live_sheet();
    table.recalculate();
    let block = cells(&table, 100..1100, 2..12);
    let mut times = Vec::new();
    for turn in 0..PASTES {
        let ops = block.iter().enumerate().map(|(at, cell)| set(*cell, number((at + turn) as f64))).collect();
        let since = now();
        table.edit("ada", ops);
        table.recalculate();
        times.push(ms(since));
    }
    times.sort_by(f64::total_cmp);
    report("10,000 cells pasted among 200,000, and recalculated (median)", times[PASTES / 2], "ms");
}

fn import() {
    let mut table = Table::server();
    table.free("notes", "Notes", ROWS, COLS);
    let block = cells(&table, 0..ROWS, 0..COLS);
    let ops = block.into_iter().enumerate().map(|(at, cell)| set(cell, number(at as f64))).collect();
    let since = now();
    let applied = table.edit("ada", ops);
    report("200,000 cells entered as one edit", ms(since), "ms");
    report("  its update", applied.updates[0].1.len() as f64 / 1e6, "MB");
}

/// A room in which many people have overwritten everything ten times, before and after its rebase.
fn overwrite() {
    let room = RoomId::Sheet(sheet("notes"));
    let mut hub = Table::server();
    hub.free("notes", "Notes", LIVE / COLS, COLS);
    let places = cells(&hub, 0..LIVE / COLS, 0..COLS);
    let fill = places.iter().map(|cell| set(*cell, number(0.0))).collect();
    hub.edit("ada", fill);
    // Every window writes a hundred cells, here and there, and hears of the others.
    let mut windows: Vec<Table> = (0..WRITERS).map(|number| hub.copy(Side::Server, 100 + number)).collect();
    let mut at = 0;
    for turn in 0..OVERWRITES / 100 {
        let window = &mut windows[turn % WRITERS as usize];
        let news = hub.book.encode_state(room, window.book.state_vector(room).as_deref()).unwrap();
        window.book.apply_update(room, &news).unwrap();
        for _ in 0..100 {
            at = (at + 7919) % LIVE;
            let applied = window.edit("ada", vec![set(places[at], number(turn as f64 + 0.5))]);
            hub.book.apply_update(room, &applied.updates[0].1).unwrap();
        }
    }
    let since = now();
    let next = hub.book.next_epoch(room).unwrap();
    report("rebasing a room of 20,000 cells after 200,000 overwrites", ms(since), "ms");
    let book = hub.book.encode_state(RoomId::Book, None).unwrap();
    for (what, state) in [("before", hub.book.encode_state(room, None).unwrap()), ("after", next)] {
        let folder = std::env::temp_dir();
        let path: PathBuf = folder.join(format!("equipoise-{what}-{}.room", std::process::id()));
        std::fs::write(&path, &state).unwrap();
        let book_path = path.with_extension("book");
        std::fs::write(&book_path, &book).unwrap();
        report(&format!("  {what}: encoded"), state.len() as f64 / 1e6, "MB");
        assert!(again(&["weigh", path.to_str().unwrap(), what]));
        let _ = (std::fs::remove_file(&path), std::fs::remove_file(&book_path));
    }
}

/// What a room that was written to a file takes in memory.
fn weigh() {
    let path: PathBuf = std::env::args().nth(2).unwrap().into();
    let what = std::env::args().nth(3).unwrap();
    let (state, book) = (std::fs::read(&path).unwrap(), std::fs::read(path.with_extension("book")).unwrap());
    let before = resident();
    let mut table = Table::new(Side::Server, 9);
    let since = now();
    table.book.open_room(RoomId::Book, &book).unwrap();
    table.book.open_room(RoomId::Sheet(sheet("notes")), &state).unwrap();
    report(&format!("  {what}: opened"), ms(since), "ms");
    report(&format!("  {what}: in memory"), (resident() - before) as f64 / 1e6, "MB");
}

/// Bytes of this process in memory; 0 where the system does not say.
fn resident() -> i64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: Option<i64> = text.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.unwrap_or(0) * 4096
}
