//! How much longer recalculation takes in wasm than natively: the same sheets, one machine, one run.
//!
//! `wasm-bench [PROFILE]` builds this package for wasm32 and runs it under Node: with the profile of the web interface
//! (`web`), or another one to compare with.

use std::process::Command;
use std::time::Instant;

use wasm_bench::{EDITS, SHEETS, Work};

const FIGURES: [&str; 3] = ["build", "first calculation", "one edit (median of 21)"];
const MANIFEST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/run.mjs");

fn main() {
    let profile = std::env::args().nth(1).unwrap_or_else(|| "web".to_owned());
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| format!("{}/target", env!("CARGO_MANIFEST_DIR")));
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--quiet", "--lib", "--target", "wasm32-unknown-unknown", "--manifest-path", MANIFEST]);
    let built = cargo.args(["--profile", &profile, "--target-dir", &target]).status().expect("cargo");
    assert!(built.success(), "the wasm build failed");
    let program = format!("{target}/wasm32-unknown-unknown/{profile}/wasm_bench.wasm");
    println!("{:30}{:>12}{:>12}{:>9}", "milliseconds", "native", "wasm", "ratio");
    for (place, sheet) in SHEETS.iter().enumerate() {
        let native = measure(sheet);
        let output = Command::new("node").args([SCRIPT, &program, &place.to_string(), &EDITS.to_string()]).output();
        let output = output.expect("node");
        let text = String::from_utf8_lossy(&output.stdout);
        let wasm: Vec<f64> = text.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
        assert!(wasm.len() == FIGURES.len(), "{text}{}", String::from_utf8_lossy(&output.stderr));
        for (figure, meaning) in FIGURES.iter().enumerate() {
            let (native, wasm) = (native[figure], wasm[figure]);
            println!("{:30}{native:>12.2}{wasm:>12.2}{:>8.2}×", format!("{sheet} {meaning}"), wasm / native);
        }
    }
}

fn measure(sheet: &str) -> [f64; 3] {
    let since = Instant::now();
    let mut work = Work::build(sheet);
    let build = milliseconds(since);
    let since = Instant::now();
    work.calculate();
    let first = milliseconds(since);
    let mut edits: Vec<f64> = (0..EDITS)
        .map(|edit| {
            let since = Instant::now();
            work.edit(7.0 + f64::from(edit));
            work.calculate();
            milliseconds(since)
        })
        .collect();
    edits.sort_by(f64::total_cmp);
    [build, first, edits[edits.len() / 2]]
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}
