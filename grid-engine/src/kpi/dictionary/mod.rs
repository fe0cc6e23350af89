//! The definitions the product comes with.

mod forecast;
mod money;
mod service;
mod supply;

use std::sync::LazyLock;

use super::{Better, Definition, Formula, Input, Unit};

/// All definitions, in the order people read them: forecast, service, supply, stock, plan, money.
pub fn all() -> &'static [Definition] {
    &DEFINITIONS
}

/// A definition by id.
///
/// ```
/// use grid_engine::kpi;
/// assert_eq!(kpi::find("otif").map(|kpi| kpi.name.as_str()), Some("On time in full"));
/// assert_eq!(kpi::find("no such figure"), None);
/// ```
pub fn find(id: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.id == id)
}

const TEXTBOOK: &str = "Hyndman & Athanasopoulos; Silver, Pyke & Thomas; Gilliland";
const ASCM: &str = "ASCM/APICS dictionary";
const SCOR: &str = "SCOR";
const ACCOUNTING: &str = "Accounting";

static DEFINITIONS: LazyLock<Vec<Definition>> = LazyLock::new(|| {
    let mut all = forecast::figures();
    all.extend(service::figures());
    all.extend(supply::figures());
    all.extend(money::figures());
    all
});

#[expect(clippy::too_many_arguments, reason = "one line of the dictionary")]
fn define(
    id: &str,
    name: &str,
    unit: Unit,
    better: Better,
    inputs: &str,
    formula: Formula,
    words: &str,
    source: &str,
) -> Definition {
    Definition {
        id: id.to_owned(),
        name: name.to_owned(),
        unit,
        better,
        inputs: inputs.split(", ").map(input).collect(),
        formula,
        words: words.to_owned(),
        source: source.to_owned(),
    }
}

/// `name` or `name=default`.
fn input(text: &str) -> Input {
    match text.split_once('=') {
        Some((name, default)) => Input { name: name.to_owned(), default: default.parse().ok() },
        None => Input { name: text.to_owned(), default: None },
    }
}

/// Sums over sums, written `a - b / c`: everything before the slash over everything after it.
fn ratio(id: &str, name: &str, unit: Unit, better: Better, formula: &str, words: &str, source: &str) -> Definition {
    let (top, bottom) = formula.split_once(" / ").unwrap_or((formula, ""));
    let (numerator, denominator) = (terms(top), terms(bottom));
    let mut inputs: Vec<&str> = Vec::new();
    for (_, name) in numerator.iter().chain(&denominator) {
        if !inputs.contains(&name.as_str()) {
            inputs.push(name);
        }
    }
    let inputs = inputs.join(", ");
    define(id, name, unit, better, &inputs, Formula::Ratio { numerator, denominator }, words, source)
}

fn terms(text: &str) -> Vec<(f64, String)> {
    let mut sign = 1.0;
    let mut terms = Vec::new();
    for word in text.split_whitespace() {
        match word {
            "+" => sign = 1.0,
            "-" => sign = -1.0,
            name => terms.push((sign, name.to_owned())),
        }
    }
    terms
}
