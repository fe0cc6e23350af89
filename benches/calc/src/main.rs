//! How long recalculation takes beside other engines: the same sheets, one machine, one run.
//!
//! Every engine runs every sheet in a process of its own, so that memory can be told apart. `node hyperformula.mjs`
//! joins where `npm install` has been run in this folder.

mod engines;
mod planning;
mod sheets;

use std::process::Command;
use std::time::Instant;

use engines::Engine;
use sheets::Sheet;

/// What is measured; milliseconds, and bytes per cell.
const FIGURES: [&str; 5] = ["build", "full", "edit", "insert", "bytes"];
const MEANINGS: [&str; 5] = [
    "build: cells put in",
    "first calculation of everything",
    "recalculation after one edit (median of 21)",
    "a row inserted at the top, and recalculation",
    "bytes of memory per cell",
];
const SHEETS: [&str; 4] = ["W1", "W2", "W3", "W4"];
const ENGINES: [&str; 4] = ["equipoise", "formualizer", "ironcalc", "hyperformula"];
const EDITS: usize = 21;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [engine, sheet] => {
            let figures = measure(engine, &sheets::named(sheet));
            println!("{}", figures.map(|figure| figure.to_string()).join("\t"));
        }
        [what] if what == "planning" => planning::run(),
        _ => print_table(),
    }
}

fn measure(engine: &str, sheet: &Sheet) -> [f64; 5] {
    match engine {
        "equipoise" => run(engines::Equipoise::default(), sheet),
        "formualizer" => run(engines::Formualizer::new(), sheet),
        "ironcalc" => run(engines::IronCalc::new(), sheet),
        other => panic!("there is no engine {other}"),
    }
}

fn run(mut engine: impl Engine, sheet: &Sheet) -> [f64; 5] {
    let before = resident_bytes();
    let since = Instant::now();
    engine.build(&sheet.cells);
    let build = milliseconds(since);
    let since = Instant::now();
    engine.calculate();
    let full = milliseconds(since);
    let bytes = (resident_bytes() - before) / sheet.cells.len() as f64;
    let mut edits = Vec::new();
    let mut last = f64::NAN;
    for edit in 0..EDITS {
        let since = Instant::now();
        engine.set(sheet.edit.0, sheet.edit.1, 7.0 + edit as f64);
        engine.calculate();
        let now = engine.value(sheet.watch.0, sheet.watch.1);
        edits.push(milliseconds(since));
        assert!(now != last, "the edit did not arrive");
        last = now;
    }
    edits.sort_by(f64::total_cmp);
    let since = Instant::now();
    engine.insert_row_at_top();
    engine.calculate();
    let insert = milliseconds(since);
    let moved = engine.value(sheet.watch.0 + 1, sheet.watch.1);
    assert!((moved - last).abs() <= 1e-9 * last.abs(), "{moved} is not {last} after the insertion");
    [build, full, edits[EDITS / 2], insert, bytes]
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// Memory this process holds.
fn resident_bytes() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split_whitespace().nth(1).and_then(|pages| pages.parse::<f64>().ok()).unwrap_or(0.0) * 4096.0
}

fn print_table() {
    println!("W1: a chain of 100,000 cells, its head edited; W2: 100,000 × =A*2 and their SUM, one edited;");
    println!("W3: 2,000 rows × 24 months, 52,000 formulas, 480 SUMIFS among them, one input edited;");
    println!("W4: 5,000 orders whose prices are looked up among 20,000 items, one price edited. Milliseconds.\n");
    for (sheet, figures) in SHEETS.map(|sheet| (sheet, ENGINES.map(|engine| child(engine, sheet)))) {
        println!("{sheet}  {:48}{}", "", ENGINES.map(|engine| format!("{engine:>22}")).concat());
        for (place, meaning) in MEANINGS.iter().enumerate() {
            let own = figures[0].map(|figures| figures[place]);
            let cells = figures.iter().enumerate().map(|(engine, figures)| match (figures, own) {
                (Some(figures), Some(own)) if engine > 0 => {
                    format!("{:13.2} ({:5.1}×)", figures[place], figures[place] / own)
                }
                (Some(figures), _) => format!("{:22.2}", figures[place]),
                (None, _) => format!("{:>22}", "-"),
            });
            println!("    {meaning:48}{}", cells.collect::<String>());
        }
        println!();
    }
    println!("({}; ratios are to equipoise, above 1 it is ahead)", FIGURES.join(", "));
}

/// The figures of one engine with one sheet; nothing where it cannot run here.
fn child(engine: &str, sheet: &str) -> Option<[f64; 5]> {
    let output = if engine == "hyperformula" {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/hyperformula.mjs");
        Command::new("node").args(["--max-old-space-size=4096", script, sheet]).output().ok()?
    } else {
        Command::new(std::env::current_exe().ok()?).args([engine, sheet]).output().ok()?
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let figures: Vec<f64> = text.trim().split('\t').filter_map(|figure| figure.parse().ok()).collect();
    if figures.len() != FIGURES.len() {
        eprintln!(
            "{engine} did not finish {sheet}: {}",
            String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default()
        );
    }
    figures.try_into().ok()
}
