//! Figures of the scorecard, the sheet of key figures: as they stand there, of a slice, of a bucket, and by rule.

use std::sync::Arc;

use crate::calendar::{Bucket, Date, Grain};
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Outcome};
use crate::formula::{MeasureRef, Slice, When};
use crate::kpi;
use crate::refs::{CellRef, ColId, MeasureId};
use crate::value::{CellError, ErrorKind, Value};

/// The role of the sheet of key figures, and the measures it is read by.
const ROLE: &str = "kpis";
const KEYS: [&str; 2] = ["kpi", "of"];
const VALUE: &str = "value";

/// What a figure is wanted of: the whole plan, the rows with a text, or one bucket.
pub(super) enum Part<'a> {
    Whole,
    /// A text that rows have; or a bucket as people write it, where no row has it.
    Named(&'a str),
    /// The bucket with this day.
    Day(Date),
}

/// Whether the formula stands on the scorecard, in a row of which this is the key: a figure that a planner has made.
pub(super) fn is_own(evaluation: &Evaluation<'_>, name: &str) -> bool {
    let row = evaluation.cells.keyed_row(ROLE, &KEYS, &|keys| is_called(keys[0], name));
    row.is_some_and(|row| row.sheet == evaluation.at.sheet)
}

/// Whether a key of the scorecard is meant: `Profit per unit` is `profit_per_unit` in rules.
fn is_called(key: &str, name: &str) -> bool {
    key.eq_ignore_ascii_case(name) || kpi::figure_id(key, "") == kpi::figure_id(name, "")
}

fn row_of(evaluation: &Evaluation<'_>, id: &str, of: &str) -> Option<CellRef> {
    let is_meant = |keys: &[&str]| is_called(keys[0], id) && keys[1].eq_ignore_ascii_case(of);
    evaluation.cells.keyed_row(ROLE, &KEYS, &is_meant)
}

/// The scorecard's figure, as it is calculated there. Blank, with the reason, where it is blank there.
pub(super) fn figure(evaluation: &Evaluation<'_>, id: &str, version: &str, part: Part<'_>) -> Outcome {
    // A figure that another one of a slice is made of is of that slice, too.
    let outer = evaluation.slice().filter(|_| matches!(part, Part::Whole));
    let version: Option<Arc<str>> = (!version.is_empty()).then(|| version.into());
    let version = version.or_else(|| outer.and_then(|outer| outer.version.clone()));
    let (text, buckets): (Arc<str>, Vec<Bucket>) = match part {
        Part::Whole => outer.map_or_else(Default::default, |it| (it.text.clone(), it.bucket.into_iter().collect())),
        Part::Named(text) => (text.into(), text.parse().into_iter().collect()),
        Part::Day(day) => ("".into(), [Grain::Month, Grain::Week].map(|it| Bucket::containing(day, it)).to_vec()),
    };
    let is_whole = text.is_empty() && buckets.is_empty();
    if let Some(row) = row_of(evaluation, id, &text).filter(|_| is_whole || !text.is_empty()) {
        return standing(evaluation, row, version);
    }
    let row = row_of(evaluation, id, "").filter(|_| !is_whole).ok_or_else(|| missing(id, &text))?;
    worked_out(evaluation, row, Slice { text, bucket: None, version }, &buckets)
}

/// The figure that stands in a row.
fn standing(evaluation: &Evaluation<'_>, row: CellRef, version: Option<Arc<str>>) -> Outcome {
    let measure = value_measure()?;
    let cell = CellRef { col: ColId::fixed(measure), ..row };
    let is_live = version.is_none();
    let reference = MeasureRef { sheet: Some(row.sheet), version, measure, own_row: true, when: When::Here(0) };
    match evaluation.cells.measure(&reference, cell) {
        Value::Error(error) => Err(error),
        Value::Blank if is_live => Ok(evaluation.blank_as(cell)),
        value => Ok(value),
    }
}

/// The figure of the whole plan in a row, worked out for the rows of a slice alone, or for the first of these buckets
/// that all it reads has.
fn worked_out(evaluation: &Evaluation<'_>, row: CellRef, slice: Slice, buckets: &[Bucket]) -> Outcome {
    let cell = CellRef { col: ColId::fixed(value_measure()?), ..row };
    let of = buckets.first().map_or_else(|| slice.text.to_string(), Bucket::to_string);
    let Some(formula) = evaluation.cells.formula(cell) else {
        let words = format!("the scorecard's figure is entered, not calculated, so there is none of ‘{of}’");
        return Err(CellError::because(ErrorKind::Na, words));
    };
    let formula = formula.root();
    let mut refers_to_cells = false;
    formula.walk(&mut |expr| refers_to_cells |= matches!(expr, Expr::Cell(_) | Expr::Range(_) | Expr::Name(_)));
    if refers_to_cells {
        let words = format!(
            "the scorecard's formula refers to cells or names, which are of the whole plan: add a row of ‘{of}’ to it"
        );
        return Err(CellError::because(ErrorKind::Na, words));
    }
    let mut reasons = Vec::new();
    for bucket in buckets {
        match not_in_bucket(evaluation, formula, cell, *bucket) {
            None => {
                return evaluation.of_slice(formula, cell, Slice { text: "".into(), bucket: Some(*bucket), ..slice });
            }
            Some(reason) => reasons.push(reason),
        }
    }
    match reasons.into_iter().next() {
        Some(reason) => Ok(evaluation.blank_because(reason)),
        None => evaluation.of_slice(formula, cell, slice),
    }
}

/// Why a formula has no value of one bucket: a measure it reads has none there.
fn not_in_bucket(evaluation: &Evaluation<'_>, formula: &Expr, at: CellRef, bucket: Bucket) -> Option<String> {
    let mut told = None;
    formula.walk(&mut |expr| {
        if let (Expr::Measure(reference), None) = (expr, &told) {
            told = evaluation.cells.in_bucket(reference, at, bucket).err();
        }
    });
    told
}

/// The value of a rule over the scorecard's figures, each by its id: `gross_profit / revenue * 100`. Blank, with the
/// reason, where one of them is blank or the rule divides by zero.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn by_rule(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    use crate::formula::rule::Rule;

    let text = match arguments.first().map(|argument| evaluation.value(argument)) {
        Some(Value::Error(error)) => return Err(error),
        Some(value) => value.to_text()?,
        None => Default::default(),
    };
    if text.trim().is_empty() {
        return Ok(evaluation.blank_because("neither a formula nor a rule is entered".into()));
    }
    let unfit = |words: String| CellError::because(ErrorKind::Value, words);
    let rule = Rule::parse(text.trim()).map_err(|error| unfit(format!("the rule cannot be read: {error}")))?;
    let mut values = Vec::new();
    for name in rule.names() {
        let value = if row_of(evaluation, name, "").is_some() {
            figure(evaluation, name, "", Part::Whole)?
        } else {
            // The same figure of several things has one row for each, and an id made of both keys.
            let is_meant = |keys: &[&str]| kpi::figure_id(keys[0], keys[1]).eq_ignore_ascii_case(name);
            let row = evaluation.cells.keyed_row(ROLE, &KEYS, &is_meant).ok_or_else(|| {
                let words = format!("the scorecard has no figure ‘{name}’: add a row for it, or write another id");
                CellError::because(ErrorKind::Na, words)
            })?;
            standing(evaluation, row, evaluation.slice().and_then(|slice| slice.version.clone()))?
        };
        match value {
            Value::Number(number) => values.push((name.as_str(), number)),
            Value::Blank => {
                let reason = evaluation.reason().map_or_else(String::new, |reason| format!(": {reason}"));
                return Ok(evaluation.blank_because(format!("{name} is blank{reason}")));
            }
            _ => return Err(unfit(format!("{name} is no number on the scorecard"))),
        }
    }
    let value_of = |name: &str| values.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    match rule.evaluate(value_of) {
        Value::Bool(truth) => Ok(Value::Number(f64::from(u8::from(truth)))),
        Value::Error(error) if matches!(error.kind, ErrorKind::Num | ErrorKind::Div0) => {
            Ok(evaluation.blank_because("the rule divides by zero, or its result is too large".into()))
        }
        Value::Error(error) => Err(unfit(format!("the rule has no value: {error}"))),
        value => Ok(value),
    }
}

/// Browsers show what the server calculates: the rule language is no part of what they fetch.
#[cfg(target_arch = "wasm32")]
pub(super) fn by_rule(_: &Evaluation<'_>, _: &[Expr]) -> Outcome {
    Err(CellError::new(ErrorKind::Busy))
}

fn value_measure() -> Result<MeasureId, CellError> {
    MeasureId::named(VALUE).map_err(|_| CellError::new(ErrorKind::Ref))
}

fn missing(id: &str, of: &str) -> CellError {
    let of = if of.is_empty() { String::new() } else { format!(" of ‘{of}’") };
    let detail = format!("the scorecard has no row for ‘{id}’{of}; add one to the sheet of key figures");
    CellError::because(ErrorKind::Na, detail)
}
