//! One folder per planning rule: a story, its tables, and the rows the solver must answer with. See `README.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use equipoise_tests::program;
use tempfile::TempDir;

/// A file's header and rows.
fn read(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut lines = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    (lines.next().unwrap(), lines.collect())
}

/// The rows of an answer, by the texts in some of its columns, with the sums of others.
fn sums(answer: &Path, keys: &[String], figures: &[String]) -> BTreeMap<Vec<String>, Vec<f64>> {
    let (header, rows) = read(answer);
    let place = |name: &String| {
        let found = header.iter().position(|column| column == name);
        found.unwrap_or_else(|| panic!("{} has no column {name}", answer.display()))
    };
    let mut sums: BTreeMap<Vec<String>, Vec<f64>> = BTreeMap::new();
    for row in rows {
        let key = keys.iter().map(|name| row[place(name)].clone()).collect();
        let sum = sums.entry(key).or_insert_with(|| vec![0.0; figures.len()]);
        for (sum, name) in sum.iter_mut().zip(figures) {
            *sum += row[place(name)].parse::<f64>().unwrap();
        }
    }
    sums
}

/// What is wrong with an answer.
fn differences(expected: &Path, answer: &Path) -> Vec<String> {
    const PLAN: [&str; 7] = ["quantity", "served", "backlog", "lost", "overtime", "hours", "safety_shortfall"];
    const STUDIES: [&str; 9] =
        ["base", "what_if", "units_freed", "costs", "step", "safety_stock", "units", "units_that_come", "lost_without"];
    let (header, rows) = read(expected);
    let (figures, keys): (Vec<String>, Vec<String>) =
        header.iter().cloned().partition(|column| PLAN.iter().chain(&STUDIES).any(|figure| figure == column));
    let found = sums(answer, &keys, &figures);
    let mut wrong = Vec::new();
    for row in rows {
        let of = |names: &[String]| -> Vec<String> {
            names.iter().map(|name| row[header.iter().position(|column| column == name).unwrap()].clone()).collect()
        };
        let (key, wanted) = (of(&keys), of(&figures));
        let nothing = vec![0.0; figures.len()];
        let is = found.get(&key).unwrap_or(&nothing);
        for ((name, wanted), is) in figures.iter().zip(wanted).zip(is) {
            let wanted: f64 = wanted.parse().unwrap();
            if (wanted - is).abs() > 1e-6 * (1.0 + wanted.abs()) {
                wrong.push(format!("{name} of {} is {is}, not {wanted}", key.join(" ")));
            }
        }
    }
    wrong
}

fn folders() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let entries = std::fs::read_dir(here).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.join("story.md").exists()).collect();
    folders.sort();
    folders
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn every_rule_holds() {
    let folders = folders();
    assert!(folders.len() >= 15, "{folders:?}");
    let mut wrong = Vec::new();
    for folder in &folders {
        let (tables, answer) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        copy(&folder.join("../base"), tables.path());
        copy(&folder.join("tables"), tables.path());
        let options = std::fs::read_to_string(folder.join("options.txt")).unwrap_or_default();
        let run = Command::new(program())
            .arg("solve")
            .args(["--tables".as_ref(), tables.path().as_os_str(), "--output".as_ref(), answer.path().as_os_str()])
            .args(options.split_whitespace())
            .output()
            .unwrap();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        if !run.status.success() {
            wrong.push(format!("{name}: {}", String::from_utf8_lossy(&run.stderr)));
            continue;
        }
        let expected = std::fs::read_dir(folder.join("expected")).unwrap().map(|entry| entry.unwrap().path());
        for file in expected {
            let answer = answer.path().join(file.file_name().unwrap());
            wrong.extend(differences(&file, &answer).into_iter().map(|what| format!("{name}: {what}")));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}
