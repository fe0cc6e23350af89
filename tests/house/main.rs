//! The rules of the house: who may import whom, which library has which home, what nothing is called.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The rooms of the engine, and what each may import besides itself.
const ROOMS: [(&str, &[&str]); 15] = [
    ("value", &["refs", "calendar"]),
    ("refs", &["calendar"]),
    ("calendar", &[]),
    ("boosting", &[]),
    ("forecast", &["value", "refs", "calendar", "boosting"]),
    ("inventory", &["value", "refs", "calendar", "forecast"]),
    ("supply", &["value", "refs", "calendar", "forecast", "inventory", "finance"]),
    ("finance", &["value", "refs", "calendar"]),
    ("kpi", &["value", "refs", "calendar", "forecast", "finance"]),
    ("formula", &["value", "refs", "calendar", "forecast", "inventory", "supply", "finance", "kpi"]),
    ("calc", &["value", "refs", "calendar", "supply", "formula"]),
    ("doc", &["value", "refs", "calendar"]),
    ("workbook", &["value", "refs", "calendar", "formula", "calc", "doc"]),
    ("wire", &["value", "refs", "calendar", "doc", "plan", "workbook"]),
    ("plan", &["value", "refs", "calendar", "doc", "kpi", "finance", "supply", "formula", "workbook", "wire"]),
];

/// A library, and the only places that may name it.
const HOMES: [(&str, &[&str]); 10] = [
    ("yrs", &["grid-engine/src/doc/", "server/src/sync/", "web/src/sync/", "tests/"]),
    ("arcstr", &["grid-engine/src/value/"]),
    ("rust_xlsxwriter", &["server/src/exchange/plan_file/"]),
    ("evalexpr", &["grid-engine/src/formula/rule.rs"]),
    ("good_lp", &["grid-engine/src/supply/solve/"]),
    ("polars", &["server/src/frames/"]),
    ("rusqlite", &["server/src/store/", "tests/it/outage.rs"]),
    ("argon2", &["server/src/store/", "server/src/auth/"]),
    ("openidconnect", &["server/src/auth/", "tests/"]),
    ("tokio_tungstenite", &["server/src/bench/", "tests/"]),
];

/// Names that say nothing.
const EMPTY_NAMES: [&str; 7] = ["utils", "util", "common", "helper", "helpers", "manager", "misc"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Every Rust file of the workspace: its path from the root, and its text without comments.
fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                if !["target", "node_modules", "dist"].iter().any(|name| path.ends_with(name)) {
                    walk(&path, files);
                }
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    for folder in ["grid-engine", "server", "web", "tests"] {
        walk(&root().join(folder), &mut files);
    }
    files.sort();
    let without_comments = |text: &str| -> String {
        text.lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .fold(String::new(), |all, line| all + line + "\n")
    };
    files
        .iter()
        .map(|file| {
            let path = file.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            (path, without_comments(&std::fs::read_to_string(file).unwrap()))
        })
        .collect()
}

/// The crate's rooms a text names: `crate::room` and `crate::{room, other::…}`.
fn rooms_named(text: &str) -> BTreeSet<&str> {
    let name = |text: &'_ str| text.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(text.len());
    let mut rooms = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(list) => rooms.extend(list.split('}').next().unwrap().split(',').map(|item| {
                let item = item.trim();
                &item[..name(item)]
            })),
            None => {
                rooms.insert(&rest[..name(rest)]);
            }
        }
    }
    rooms
}

#[test]
fn imports_point_left() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let Some(inside) = path.strip_prefix("grid-engine/src/") else { continue };
        let room = inside.split(['/', '.']).next().unwrap();
        let Some((_, allowed)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            assert_eq!(inside, "lib.rs", "{path} is in no known room");
            continue;
        };
        for named in rooms_named(&text) {
            if named != room && ROOMS.iter().any(|(name, _)| *name == named) && !allowed.contains(&named) {
                wrong.push(format!("{path} imports {named}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_library_stays_at_home() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (library, homes) in HOMES {
            let named = text.contains(&format!("{library}::")) || text.contains(&format!("use {library}"));
            if named && path != "tests/house/main.rs" && !homes.iter().any(|home| path.starts_with(home)) {
                wrong.push(format!("{path} names {library}, which lives in {}", homes.join(", ")));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn names_come_from_the_field() {
    let empty: Vec<String> = sources()
        .into_iter()
        .map(|(path, _)| path)
        .filter(|path| path.split(['/', '.']).any(|part| EMPTY_NAMES.contains(&part)))
        .collect();
    assert_eq!(empty, Vec::<String>::new());
}

/// Where the modules lie that a file declares for tests only: `folder/name.` and `folder/name/`.
fn test_modules(path: &str, text: &str) -> Vec<String> {
    let stem = path.trim_end_matches(".rs");
    let folder = stem.strip_suffix("/mod").or(stem.strip_suffix("/lib")).unwrap_or(stem);
    let after_marker = text.split("#[cfg(test)]").skip(1);
    let names = after_marker.filter_map(|rest| rest.trim_start().strip_prefix("mod ")?.split_once(';'));
    let plain = names.filter(|(name, _)| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
    plain.flat_map(|(name, _)| [format!("{folder}/{name}."), format!("{folder}/{name}/")]).collect()
}

#[test]
fn the_engine_is_pure() {
    let impure = ["std::fs", "std::net", "std::thread", "std::time", "std::process", "std::env::"];
    let sources = sources();
    let test_modules: Vec<String> = sources.iter().flat_map(|(path, text)| test_modules(path, text)).collect();
    let is_test = |path: &str| test_modules.iter().any(|module| path.starts_with(module.as_str()));
    let wrong: Vec<String> = sources
        .iter()
        .filter(|(path, _)| path.starts_with("grid-engine/src/") && !is_test(path))
        .filter_map(|(path, text)| {
            // What stands behind the test marker may look at files.
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let used = impure.iter().find(|used| code.contains(**used))?;
            Some(format!("{path} uses {used}"))
        })
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
}

/// A route that is not in the list is not described.
#[test]
fn routes_are_made_of_one_list() {
    let elsewhere: Vec<String> = sources()
        .into_iter()
        .filter(|(path, text)| {
            path.starts_with("server/src/http/") && path != "server/src/http/api.rs" && text.contains(".route(")
        })
        .map(|(path, _)| path)
        .collect();
    assert_eq!(elsewhere, Vec::<String>::new(), "server/src/http/api.rs");
}
