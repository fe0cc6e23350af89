//! `equipoise eval`.

use std::path::{Path, PathBuf};

use grid_engine::refs::a1::column_index;
use grid_engine::value::Value;
use grid_engine::workbook::{Clock, PlainBook};
use serde::Deserialize;

use super::Refused;
use super::calc::shown;
use crate::exchange::workbook_file::{agree, error_named};

/// Evaluates formulas and compares the results with what is expected.
#[derive(clap::Args)]
pub struct Args {
    /// JSON with a list `tests` of `{formula, result, result_type, description}`; `context` holds values of cells of
    /// the formula's sheet by name (`{"A1": 5}`). May be given more than once.
    #[arg(long, required = true)]
    cases: Vec<PathBuf>,
    /// What TODAY and NOW are, as a spreadsheet serial; else the time of the evaluation.
    #[arg(long)]
    now: Option<f64>,
}

/// A file of cases.
#[derive(Deserialize)]
struct Cases {
    tests: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    formula: String,
    result: serde_json::Value,
    /// Told by `result` already; read so that a misspelt one is noticed.
    #[serde(default, rename = "result_type")]
    _result_type: Option<ResultType>,
    #[serde(default)]
    description: String,
    #[serde(default)]
    context: serde_json::Map<String, serde_json::Value>,
}

/// What kind of value a case expects.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum ResultType {
    #[serde(alias = "int", alias = "integer", alias = "float", alias = "date")]
    Number,
    #[serde(alias = "boolean")]
    Bool,
    #[serde(alias = "str", alias = "string")]
    Text,
    Error,
    #[serde(alias = "list")]
    Array,
    #[serde(alias = "null", alias = "none")]
    Blank,
}

/// How the cases of a file went.
#[derive(Debug, Default)]
pub struct Tally {
    pub passed: usize,
    pub failed: Vec<Difference>,
}

/// A case that has another result than expected.
#[derive(Debug)]
pub struct Difference {
    pub formula: String,
    /// In words: what came out, what was expected.
    pub text: String,
}

/// Where formulas stand: beside and below what cases put into cells.
const HOME: (u32, u32) = (2_000, 200);

/// Runs the command. Cases that fail are reported and make the exit code 1.
pub fn run(args: &Args) -> Result<(), Refused> {
    let now = args.now.unwrap_or_else(|| crate::clock::recalculation_clock().now);
    let mut failed = 0;
    for path in &args.cases {
        let tally = evaluate(path, now).map_err(|reason| vec![reason])?;
        println!("{}: {} passed, {} failed", path.display(), tally.passed, tally.failed.len());
        tally.failed.iter().for_each(|difference| println!("  {} {}", difference.formula, difference.text));
        failed += tally.failed.len();
    }
    if failed == 0 { Ok(()) } else { Err(vec![format!("{failed} cases have another result than expected")]) }
}

/// Evaluates the cases of a file.
///
/// Errors: the file cannot be read as cases.
pub fn evaluate(path: &Path, now: f64) -> Result<Tally, String> {
    let refused = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| refused(&error))?;
    let cases: Cases = serde_json::from_str(&text).map_err(|error| refused(&error))?;
    let mut tally = Tally::default();
    for case in &cases.tests {
        match difference(case, now) {
            None => tally.passed += 1,
            Some(text) => tally.failed.push(Difference { formula: case.formula.clone(), text }),
        }
    }
    Ok(tally)
}

/// How a case's result differs from what is expected, if it does.
fn difference(case: &Case, now: f64) -> Option<String> {
    let mut book = PlainBook::default();
    let sheet = book.add_sheet("Sheet1");
    let mut put = |at: (u32, u32), text: &str| match book.read(sheet, at.0, at.1, text) {
        Ok(formula) => {
            book.put_formula(sheet, at.0, at.1, &formula);
            None
        }
        Err(error) => Some(format!("cannot be evaluated, {text} is no formula: {error}")),
    };
    let mut values = Vec::new();
    for (name, value) in &case.context {
        let Some(at) = position(name) else { return Some(format!("cannot be evaluated: {name} is no cell")) };
        match value {
            serde_json::Value::String(text) if text.starts_with('=') => {
                if let Some(problem) = put(at, text) {
                    return Some(problem);
                }
            }
            value => values.push((at, value_of(value))),
        }
    }
    if let Some(problem) = put(HOME, &case.formula) {
        return Some(problem);
    }
    values.into_iter().for_each(|((row, col), value)| book.put(sheet, row, col, value));
    book.calculate(Clock { now, seed: 1 });
    // An expected list is an array: row after row.
    let (wanted, list);
    let rows: &[serde_json::Value] = match &case.result {
        serde_json::Value::Array(rows) => rows,
        single => {
            wanted = [single.clone()];
            &wanted
        }
    };
    list = rows.iter().enumerate().flat_map(|(row, value)| match value {
        serde_json::Value::Array(cells) => cells.iter().enumerate().map(|(col, value)| (row, col, value)).collect(),
        single => vec![(row, 0, single)],
    });
    for (row, col, wanted) in list {
        let got = book.value(sheet, HOME.0 + row as u32, HOME.1 + col as u32);
        if !agree(got, &value_of(wanted)) {
            let (text, kind) = shown(got);
            let about = if case.description.is_empty() { "" } else { " — " };
            return Some(format!("gives {text} ({kind}), not {wanted}{about}{}", case.description));
        }
    }
    None
}

fn value_of(json: &serde_json::Value) -> Value {
    match json {
        serde_json::Value::Number(number) => number.as_f64().map_or(Value::Blank, Value::number),
        serde_json::Value::Bool(truth) => Value::Bool(*truth),
        serde_json::Value::String(text) => error_named(text).unwrap_or_else(|| Value::text(text)),
        _ => Value::Blank,
    }
}

/// `B3` as zero-based row and column.
fn position(name: &str) -> Option<(u32, u32)> {
    let split = name.find(|c: char| c.is_ascii_digit())?;
    let row: u32 = name[split..].parse().ok()?;
    Some((row.checked_sub(1)?, column_index(&name[..split])?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cases_are_read_and_a_misspelt_type_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("cases.json");
        let of = |kind: &str| {
            let case = format!(r#"{{"tests": [{{"formula": "=1+1", "result": 2, "result_type": "{kind}"}}]}}"#);
            std::fs::write(&file, case).unwrap();
            evaluate(&file, 46_000.0)
        };
        for kind in ["number", "int", "float"] {
            assert_eq!(of(kind).unwrap().passed, 1, "{kind}");
        }
        let refused = of("zzz").unwrap_err();
        assert!(refused.contains("cases.json") && refused.contains("zzz") && refused.contains("number"), "{refused}");
        std::fs::write(&file, r#"{"tests": [{"formula": "=1+1", "result": 2}]}"#).unwrap();
        assert_eq!(evaluate(&file, 46_000.0).unwrap().passed, 1);
    }
}
