//! Formulas calculated by Excel and other programs, calculated here.
//!
//! `known.tsv` lists every cell that differs and why: a cell that differs and is not listed fails the test, and so
//! does a listed one that agrees. The data lies beside the repository; without it the test passes with a message.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use equipoise_server::cli::{eval, shown};
use equipoise_server::exchange::workbook_file::{self, agree};
use grid_engine::refs::a1::column_letters;
use grid_engine::workbook::Clock;

const CLOCK: Clock = Clock { now: 46_348.5, seed: 1 };

/// Every family must agree in at least this share of its cells.
const LEAST_SHARE: f64 = 0.97;

/// A cell (`file`, `Sheet!A1`) or case (`file`, its description) that differs.
type Place = (String, String);

fn data() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/formulas");
    if !folder.exists() {
        println!("skipped: {} is not here", folder.display());
        return None;
    }
    Some(folder)
}

fn known() -> BTreeSet<Place> {
    let text = include_str!("known.tsv");
    let mut known = BTreeSet::new();
    for line in text.lines().skip(1) {
        let fields: Vec<&str> = line.splitn(3, '\t').collect();
        let [file, cell, reason] = fields[..] else { panic!("{line:?} has not three columns") };
        assert!(!reason.trim().is_empty(), "{line}");
        known.insert((file.to_owned(), cell.to_owned()));
    }
    known
}

fn files(folder: &Path, kind: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == kind) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Compares what differs with what is known to.
#[track_caller]
fn check(differences: &BTreeMap<Place, String>, known: BTreeSet<Place>) {
    let news: Vec<String> =
        differences.iter().filter(|(place, _)| !known.contains(place)).map(|(_, text)| text.clone()).collect();
    assert!(news.is_empty(), "{} cells differ and are not listed:\n{}", news.len(), news.join("\n"));
    let cured: Vec<_> = known.iter().filter(|place| !differences.contains_key(place)).collect();
    assert!(cured.is_empty(), "these agree now, take them off the list: {cured:?}");
}

#[test]
fn workbooks_made_with_excel_agree() {
    let Some(data) = data() else { return };
    let folder = data.join("xlsx");
    let mut families: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut differences = BTreeMap::new();
    for path in files(&folder, "xlsx") {
        let name = path.strip_prefix(&folder).unwrap().to_string_lossy().into_owned();
        let family = name.split_once('/').map_or("(others)", |(family, _)| family).to_owned();
        let file = workbook_file::read(&path).unwrap();
        let calculated = file.calculate(CLOCK);
        for ((sheet, row, col), formula) in calculated.formulas() {
            let value = calculated.value(sheet, row, col);
            let (agreed, total) = families.entry(family.clone()).or_default();
            *total += 1;
            if agree(&value, formula.cached) {
                *agreed += 1;
                continue;
            }
            let cell = format!("{}!{}{}", file.sheets[sheet].title, column_letters(col), row + 1);
            let (is, wanted) = (shown(&value).0, shown(formula.cached).0);
            let text = format!("{name}\t{cell}\t{} is {is}, not {wanted}", formula.text);
            differences.insert((name.clone(), cell), text);
        }
    }
    for (family, (agreed, total)) in &families {
        println!("{family:24} {agreed:6} of {total:6}  {:6.2} %", 100.0 * *agreed as f64 / *total as f64);
    }
    check(&differences, known().into_iter().filter(|(file, _)| !file.ends_with(".json")).collect());
    for (family, (agreed, total)) in families {
        assert!(agreed as f64 >= LEAST_SHARE * total as f64, "{family}: {agreed} of {total}");
    }
}

#[test]
fn cases_of_other_programs_agree() {
    let Some(data) = data() else { return };
    let mut differences = BTreeMap::new();
    for path in files(&data.join("json"), "json") {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let tally = eval::evaluate(&path, CLOCK.now).unwrap();
        println!("{name:28} {:4} passed {:3} failed", tally.passed, tally.failed.len());
        for difference in tally.failed {
            let place = (name.clone(), difference.formula.clone());
            differences.insert(place, format!("{name}\t{}\t{}", difference.formula, difference.text));
        }
    }
    check(&differences, known().into_iter().filter(|(file, _)| file.ends_with(".json")).collect());
}
