//! Comparing with frozen versions, and scenarios put together from them.

use std::sync::Arc;

use super::args::wrong;
use super::{Args, Body, Declared, Nature, declare};
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Outcome};
use crate::formula::{ScenarioLine, ScenarioTable};
use crate::value::{Array, CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "VERSION.DIFF(measure, from, [to])",
        "How much a measure is more than in a frozen version: live, or in a second version; a blank, and a row or bucket that \
         only one of them has, counts as 0.",
        "=VERSION.DIFF([@Consensus],\"Consensus 2026-10\")",
        Body::Lazy(difference),
    )
    .nature(Nature::Version),
    declare(
        "SCENARIO([demand], [supply], [cost], [measure])",
        "The scenario matrix as it was calculated last: a line for each scenario with its versions, how far it is, its key \
         figures, profit, and its rank by profit. With a measure only that, a value for each line. Blank where it is not known.",
        "=SCENARIO(,,,\"profit\")",
        Body::Whole(scenario),
    )
    .nature(Nature::Version),
];

fn difference(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let [Expr::Measure(reference), versions @ ..] = arguments else {
        return Err(wrong("VERSION.DIFF takes a measure, such as [@Consensus], and the name of a version"));
    };
    if reference.version.is_some() {
        return Err(wrong("VERSION.DIFF takes the measure without a version, and the versions after it"));
    }
    let named = |index: usize| -> Result<Option<Arc<str>>, CellError> {
        let Some(name) = versions.get(index).filter(|name| !matches!(name, Expr::Missing)) else { return Ok(None) };
        let name = evaluation.value(name).to_text()?;
        if name.trim().is_empty() { Err(wrong("a version is named by its name")) } else { Ok(Some(name.trim().into())) }
    };
    let from = named(0)?.ok_or_else(|| wrong("VERSION.DIFF also needs the version to compare with"))?;
    let [value, from] = evaluation.cells.measures(reference, [named(1)?, Some(from)], evaluation.at);
    less(&value, &from)
}

/// One value or array less another of the same shape; a single one counts for all places.
fn less(value: &Value, from: &Value) -> Outcome {
    let one = |value: &Value, from: &Value| match (value, from) {
        (Value::Error(error), _) | (_, Value::Error(error)) => Value::Error(error.clone()),
        (Value::Blank, Value::Blank) => Value::Blank,
        (value, from) => match (value.to_number(), from.to_number()) {
            (Ok(value), Ok(from)) => Value::number(value - from),
            (Err(error), _) | (_, Err(error)) => Value::Error(error),
        },
    };
    let (rows, cols) = match (value, from) {
        (Value::Array(a), Value::Array(b)) if (a.rows(), a.cols()) != (b.rows(), b.cols()) => {
            return Err(wrong("the versions have another shape of this measure"));
        }
        (Value::Array(array), _) | (_, Value::Array(array)) => (array.rows(), array.cols()),
        _ => return Ok(one(value, from)),
    };
    let at = |value: &Value, place: usize| match value {
        Value::Array(array) => array.cells().get(place).cloned().unwrap_or_default(),
        single => single.clone(),
    };
    let cells = (0..rows * cols).map(|place| one(&at(value, place), &at(from, place))).collect();
    let array = Array::new(rows, cols, cells).ok_or_else(|| CellError::new(ErrorKind::Calc))?;
    Ok(Value::Array(array.into()))
}

/// Headings of the columns before the figures.
const HEADINGS: [&str; 4] = ["Demand", "Supply", "Costs", "Status"];
const RANK: &str = "Rank";

fn scenario(args: &Args<'_>) -> Outcome {
    let named = |index: usize, what: &str| -> Result<Option<String>, CellError> {
        match args.list().get(index).map(|arg| &arg.value) {
            None | Some(Value::Blank) => Ok(None),
            Some(Value::Text(text)) if text.trim().is_empty() => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.trim().to_lowercase())),
            Some(Value::Error(error)) => Err(error.clone()),
            Some(_) => Err(wrong(&format!("SCENARIO takes {what} by its name, a text; left out, all of them"))),
        }
    };
    let (demand, supply, cost) =
        (named(0, "the demand version")?, named(1, "the supply version")?, named(2, "the version of costs")?);
    let measure = named(3, "the measure")?;
    let table = args.evaluation.cells.scenarios().ok_or_else(|| CellError::new(ErrorKind::Busy))?;
    if table.lines.is_empty() {
        let detail = "no scenario has been calculated yet: calculate the matrix of the tower";
        return Err(CellError::because(ErrorKind::Na, detail));
    }
    let mut lines: Vec<&ScenarioLine> = table.lines.iter().collect();
    let sides = [(demand, "the demand"), (supply, "the supply settings"), (cost, "the costs")];
    for (at, (wanted, side)) in sides.into_iter().enumerate() {
        let Some(wanted) = wanted else { continue };
        let of = |line: &ScenarioLine| [&line.demand, &line.supply, &line.cost][at].clone();
        let known = told(lines.iter().map(|line| of(line)));
        lines.retain(|line| of(line).to_lowercase() == wanted);
        if lines.is_empty() {
            let detail = format!("no scenario takes {side} of ‘{wanted}’; there are: {known}");
            return Err(CellError::because(ErrorKind::Na, detail));
        }
    }
    match measure {
        Some(measure) => column(&table, &lines, &measure),
        None => whole(&table, &lines),
    }
}

/// Some names, each once.
fn told(names: impl Iterator<Item = Arc<str>>) -> String {
    let mut told: Vec<Arc<str>> = Vec::new();
    for name in names {
        if !told.contains(&name) && told.len() < 5 {
            told.push(name);
        }
    }
    told.join(", ")
}

/// One measure, a line below the other; a single line is a single value.
fn column(table: &ScenarioTable, lines: &[&ScenarioLine], measure: &str) -> Outcome {
    let is = |name: &str| name.to_lowercase() == measure;
    let cells: Vec<Value> = if is("status") {
        lines.iter().map(|line| Value::text(&*line.status)).collect()
    } else if is(RANK) {
        lines.iter().map(|line| rank(line)).collect()
    } else {
        let Some(at) = table.figures.iter().position(|(id, name)| is(id) || is(name)) else {
            let known: Vec<&str> = table.figures.iter().map(|(id, _)| &**id).collect();
            let detail = format!("scenarios have no ‘{measure}’; there are: status, {}, rank", known.join(", "));
            return Err(CellError::because(ErrorKind::Name, detail));
        };
        lines.iter().map(|line| figure(line, at)).collect()
    };
    spread(lines.len(), 1, cells)
}

/// Everything, under headings.
fn whole(table: &ScenarioTable, lines: &[&ScenarioLine]) -> Outcome {
    let names = table.figures.iter().map(|(_, name)| &**name);
    let mut cells: Vec<Value> = HEADINGS.into_iter().chain(names).chain([RANK]).map(Value::text).collect();
    let width = cells.len();
    for line in lines {
        cells.extend([&line.demand, &line.supply, &line.cost, &line.status].map(|text| Value::text(&**text)));
        cells.extend((0..table.figures.len()).map(|at| figure(line, at)));
        cells.push(rank(line));
    }
    spread(lines.len() + 1, width, cells)
}

fn figure(line: &ScenarioLine, at: usize) -> Value {
    line.values.get(at).copied().flatten().map_or(Value::Blank, Value::number)
}

fn rank(line: &ScenarioLine) -> Value {
    line.rank.map_or(Value::Blank, |rank| Value::Number(rank.into()))
}

fn spread(rows: usize, cols: usize, cells: Vec<Value>) -> Outcome {
    if let [only] = cells.as_slice() {
        return Ok(only.clone());
    }
    let array = Array::new(rows, cols, cells).ok_or_else(|| CellError::new(ErrorKind::Calc))?;
    Ok(Value::Array(array.into()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::formula::mock::Mock;

    fn matrix() -> Mock {
        let line = |demand: &str, cost: &str, status: &str, values: [Option<f64>; 2], rank| ScenarioLine {
            demand: demand.into(),
            supply: "October".into(),
            cost: cost.into(),
            status: status.into(),
            values: values.to_vec(),
            rank,
        };
        let table = ScenarioTable {
            figures: vec![("otif".into(), "On time in full".into()), ("profit".into(), "Profit".into())],
            lines: vec![
                line("Low", "October", "done", [Some(0.9), Some(80.0)], Some(2)),
                line("High", "October", "done", [None, Some(100.0)], Some(1)),
                line("High", "Dear", "failed", [None, None], None),
            ],
        };
        Mock { scenarios: Some(table.into()), ..Mock::default() }
    }

    #[test]
    fn the_matrix_is_shown_whole_or_picked_from() {
        matrix().check(&[
            ("COLUMNS(SCENARIO())", "7"),
            ("ROWS(SCENARIO(\"high\"))", "3"),
            (
                "TAKE(SCENARIO(),2)",
                "{\"Demand\",\"Supply\",\"Costs\",\"Status\",\"On time in full\",\"Profit\",\"Rank\";\
                \"Low\",\"October\",\"October\",\"done\",0.9,80,2}",
            ),
            ("SCENARIO(,,\"October\",\"PROFIT\")", "{80;100}"),
            ("SCENARIO(\"High\",\"October\",\"October\",\"rank\")", "1"),
            ("SCENARIO(,,\"dear\",\"status\")", "\"failed\""),
            ("SCENARIO(\"Low\",,,\"On time in full\")", "0.9"),
            ("SCENARIO(\"Low\",,\"Dear\")", "#N/A"),
            ("SCENARIO(,\"Dear\")", "#N/A"),
            ("SCENARIO(,,,\"moon\")", "#NAME?"),
            ("SCENARIO(7)", "#VALUE!"),
            ("SCENARIO(,{\"a\",\"b\"})", "#VALUE!"),
            ("SCENARIO(,,TRUE)", "#VALUE!"),
            ("SCENARIO(1/0)", "#DIV/0!"),
        ]);
        // Not known is blank, not 0.
        assert_eq!(matrix().eval("=SCENARIO(\"High\",,\"Dear\",\"profit\")"), Value::Blank);
        let said = |formula: &str, words: &str| {
            let error = matrix().eval(formula).as_error().unwrap().clone();
            assert!(error.detail().unwrap().contains(words), "{error:?}");
        };
        said("=SCENARIO(\"moon\")", "no scenario takes the demand of ‘moon’; there are: Low, High");
        said("=SCENARIO(,,,\"moon\")", "there are: status, otif, profit, rank");
        said("=SCENARIO(,TRUE)", "the supply version by its name");
    }

    #[test]
    fn a_matrix_nobody_has_calculated_says_so_and_one_unread_is_waited_for() {
        let empty = Mock { scenarios: Some(ScenarioTable::default().into()), ..Mock::default() };
        empty.check(&[("SCENARIO()", "#N/A")]);
        assert_eq!(Mock::default().eval("=SCENARIO()"), Value::from(ErrorKind::Busy));
    }
}
