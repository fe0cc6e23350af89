//! Cases computed by other spreadsheet programs, where they are at hand.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use serde_json::Value as Json;

use super::mock::Mock;
use crate::value::Value;

/// So many cases of each file pass; the few others contradict Excel's own documentation or results.
const FLOORS: [(&str, usize); 9] = [
    ("date_intl", 34),
    ("financial", 26),
    ("financial_parity", 23),
    ("info_functions", 27),
    ("logical_functions", 40),
    ("lookup", 43),
    ("math_basic", 10),
    ("statistical", 25),
    ("statistical_parity", 35),
];

fn agrees(got: &Value, want: &Json) -> bool {
    match (got, want) {
        (Value::Number(got), Json::Number(want)) => {
            let want = want.as_f64().unwrap();
            (got - want).abs() <= 5e-8 * want.abs().max(1e-6) || (got - want).abs() < 1e-9
        }
        (Value::Bool(got), Json::Bool(want)) => got == want,
        (Value::Text(got), Json::String(want)) => &**got == want,
        (Value::Error(got), Json::String(want)) => got.kind.code() == want,
        (Value::Blank, Json::Null) => true,
        _ => false,
    }
}

#[test]
fn other_programs_agree() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/formulas/json");
    if !Path::new(folder).exists() {
        println!("skipped: {folder} is not here");
        return;
    }
    let mut below = Vec::new();
    for (name, floor) in FLOORS {
        let text = std::fs::read_to_string(format!("{folder}/{name}.json")).unwrap();
        let file: Json = serde_json::from_str(&text).unwrap();
        let (mut passed, mut total) = (0, 0);
        for case in file["tests"].as_array().unwrap() {
            let formula = case["formula"].as_str().unwrap();
            let mut mock = Mock::default();
            for (cell, value) in case["context"].as_object().into_iter().flatten() {
                mock.put(cell, value);
            }
            let got = mock.eval(formula);
            total += 1;
            if agrees(&got, &case["result"]) {
                passed += 1;
            } else {
                println!("{name}: {formula} gives {got:?}, not {}", case["result"]);
            }
        }
        println!("{name}: {passed} of {total}");
        if passed < floor {
            below.push(name);
        }
    }
    assert!(below.is_empty(), "fewer cases pass than before: {below:?}");
}
