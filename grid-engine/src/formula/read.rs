//! What a formula reads.

use std::sync::Arc;

use super::ast::Expr;
use super::functions::{Nature, Scorecard, asks_scorecard};
use super::{MeasureRef, RangeRef};
use crate::refs::CellRef;
use crate::value::{Array, Value};

/// One thing a formula's value depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Read {
    Cell(CellRef),
    Range(RangeRef),
    Measure(MeasureRef),
    /// A defined name: it reads what its formula reads.
    Name(Arc<str>),
    /// Every sheet whose role matches, e.g. `supply.*`.
    Table(&'static str),
    /// Time or chance: compute anew every time.
    Volatile,
}

/// What calculation asks of a formula again and again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    pub pending: bool,
    /// It reads frozen versions, which only the server has.
    pub versions: bool,
    pub volatile: bool,
    /// Holds a KPI or figures of scenarios, whose blank means “not defined” or “not known”, not 0.
    pub keeps_blank: bool,
}

/// Everything a tree reads, each once, in order of appearance.
pub fn reads(root: &Expr) -> Vec<Read> {
    let mut reads = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let bound = bound_names(root);
    root.walk(&mut |expr| {
        let read = match expr {
            Expr::Cell(at) => Read::Cell(at.cell),
            Expr::Range(at) => Read::Range(at.range.clone()),
            Expr::Measure(reference) => Read::Measure(reference.clone()),
            Expr::Name(name) | Expr::Unknown(name, _) if !bound.contains(&name.to_lowercase()) => {
                Read::Name(name.clone())
            }
            Expr::Call(function, _) if function.nature == Nature::Volatile => Read::Volatile,
            // What lies between the ends is known only when they are computed.
            Expr::Span(..) => Read::Volatile,
            Expr::Call(function, _) if function.reads_tables => Read::Table("supply.*"),
            Expr::Call(function, arguments) if asks_scorecard(function, arguments).is_some() => Read::Table("kpis"),
            _ => return,
        };
        if seen.insert(read.clone()) {
            reads.push(read);
        }
    });
    reads
}

/// Names LET and LAMBDA bind anywhere in the formula. A defined name hidden by one of them in one place only
/// would be missed; such a formula reads it under another spelling or not at all.
fn bound_names(root: &Expr) -> std::collections::HashSet<String> {
    let mut bound = std::collections::HashSet::new();
    let mut lets = Vec::new();
    root.walk(&mut |expr| match expr {
        Expr::Lambda(lambda) => bound.extend(lambda.parameters.iter().map(|of| of.name.to_lowercase())),
        Expr::Call(function, arguments) if function.info.name == "LET" => {
            lets.extend(arguments.iter().step_by(2).take(arguments.len() / 2));
        }
        _ => {}
    });
    bound.extend(lets.into_iter().filter_map(|expr| match expr {
        Expr::Name(name) => Some(name.to_lowercase()),
        _ => None,
    }));
    bound
}

pub fn traits(root: &Expr) -> Traits {
    let mut traits = Traits::default();
    root.walk(&mut |expr| match expr {
        Expr::Call(function, arguments) => {
            let version =
                function.nature == Nature::Version || asks_scorecard(function, arguments) == Some(Scorecard::Version);
            traits.versions |= version;
            traits.pending |= version || function.nature == Nature::Pending;
            traits.volatile |= function.nature == Nature::Volatile;
            traits.keeps_blank |= matches!(function.info.name, "KPI" | "KPI.RULE" | "SCENARIO" | "FINANCE.LINE");
        }
        Expr::Measure(reference) if reference.version.is_some() => {
            traits.versions = true;
            traits.pending = true;
        }
        Expr::Span(..) => traits.volatile = true,
        _ => {}
    });
    traits
}

/// A result as a cell shows it: a blank one is 0, except where a KPI has no value; an error that arises here has this
/// cell as its origin; a rectangle of one is its value.
pub fn finish(value: Value, traits: Traits, at: CellRef) -> Value {
    match value {
        Value::Array(array) if array.cells().len() == 1 => finish_single(array.first().clone(), traits, at),
        Value::Array(array) => finish_array(array, traits, at),
        single => finish_single(single, traits, at),
    }
}

fn finish_single(value: Value, traits: Traits, at: CellRef) -> Value {
    match value {
        Value::Blank if !traits.keeps_blank => Value::Number(0.0),
        Value::Error(error) => Value::Error(error.at(at)),
        value => value,
    }
}

fn finish_array(array: Arc<Array>, traits: Traits, at: CellRef) -> Value {
    let unfinished = |value: &Value| match value {
        Value::Blank => !traits.keeps_blank,
        Value::Error(error) => error.origin().is_none(),
        _ => false,
    };
    if !array.cells().iter().any(unfinished) {
        return Value::Array(array);
    }
    let cells = array.cells().iter().map(|value| finish_single(value.clone(), traits, at)).collect();
    Array::new(array.rows(), array.cols(), cells).map_or(Value::Array(array), |array| Value::Array(array.into()))
}
