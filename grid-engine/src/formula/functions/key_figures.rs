//! Key figures of the dictionary, as functions.

use std::sync::Arc;

use super::args::wrong;
use super::planning::known_number;
use super::{Arg, Args, Body, Declared, Function, declare};
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Outcome, passing};
use crate::formula::{MeasureRef, Slice, When};
use crate::kpi::{self, Definition, Unit};
use crate::refs::{CellRef, ColId, MeasureId};
use crate::value::format::grouped;
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "KPI(name, [version_or_input1], [slice_or_input2], [input3], …)",
        "A key figure of the scorecard, live or of a frozen version, of the whole plan or of the rows with a text among their keys and attributes; or from inputs of its own. Blank where it is not defined.",
        "=KPI(\"unit_fill_rate\",Profit[Served],Profit[Demand])",
        Body::Lazy(key_figure),
    ),
    declare(
        "KPI.DEFINITION(name)",
        "What a key figure means, in words.",
        "=KPI.DEFINITION(\"unit_fill_rate\")",
        Body::Each(|args| Ok(Value::text(&definition(args)?.words))),
    ),
    declare(
        "KPI.NAME(name)",
        "What a key figure is called.",
        "=KPI.NAME(\"unit_fill_rate\")",
        Body::Each(|args| Ok(Value::text(&definition(args)?.name))),
    ),
    declare(
        "KPI.UNIT(name)",
        "What a key figure counts.",
        "=KPI.UNIT(\"unit_fill_rate\")",
        Body::Each(|args| Ok(unit(definition(args)?.unit).into())),
    ),
    declare(
        "KPI.TEXT(name, value)",
        "A key figure's value as people read it, with its unit.",
        "=KPI.TEXT(\"unit_fill_rate\",0.954)",
        Body::Each(reading),
    ),
    declare(
        "KPI.INPUTS(name)",
        "Which inputs a key figure needs, in order.",
        "=KPI.INPUTS(\"unit_fill_rate\")",
        Body::Each(|args| {
            let names: Vec<&str> = definition(args)?.inputs.iter().map(|input| input.name.as_str()).collect();
            Ok(Value::text(names.join(", ")))
        }),
    ),
];

fn definition(args: &Args<'_>) -> Result<&'static Definition, CellError> {
    let name = args.text(0)?;
    kpi::find(&name.trim().to_lowercase())
        .or_else(|| kpi::all().iter().find(|definition| definition.name.eq_ignore_ascii_case(name.trim())))
        .ok_or_else(|| CellError::because(ErrorKind::Name, format!("there is no key figure ‘{name}’")))
}

/// The role of the sheet of key figures, and the measures it is read by.
const SCORECARD: &str = "kpis";
const KEYS: [&str; 2] = ["kpi", "of"];
const VALUE: &str = "value";

/// What KPI reads of the scorecard, as far as its arguments tell before they are evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formula) enum Scorecard {
    Live,
    Version,
}

/// Whether a call may ask for a figure of the scorecard instead of giving inputs: with a name alone, or with a text, a
/// name or a cell in a version's place.
pub(in crate::formula) fn asks_scorecard(function: &Function, arguments: &[Expr]) -> Option<Scorecard> {
    if function.info.name != "KPI" || arguments.len() > 3 {
        return None;
    }
    match arguments.get(1) {
        None | Some(Expr::Missing) => Some(Scorecard::Live),
        Some(Expr::Text(_) | Expr::Cell(_) | Expr::Name(_)) => Some(Scorecard::Version),
        Some(_) => None,
    }
}

fn key_figure(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let list: Vec<Arg> =
        arguments.iter().map(|expr| Arg { value: evaluation.value(expr), passing: passing(expr), beyond: 0 }).collect();
    let args = Args::new(evaluation, &list);
    let named = |index: usize| match list.get(index).map(|arg| &arg.value) {
        None | Some(Value::Blank) => Some(String::new()),
        Some(Value::Text(text)) => Some(text.trim().to_owned()),
        Some(_) => None,
    };
    match (list.len() <= 3, named(1), named(2)) {
        (true, Some(version), Some(slice)) => of_scorecard(&args, &version, &slice),
        _ => from_inputs(&args),
    }
}

/// The scorecard's figure, as it is calculated there.
fn of_scorecard(args: &Args<'_>, version: &str, slice: &str) -> Outcome {
    let name = args.text(0)?;
    let id = definition(args).map_or_else(|_| name.trim().to_lowercase(), |definition| definition.id.clone());
    let evaluation = args.evaluation;
    let measure = MeasureId::named(VALUE).map_err(|_| CellError::new(ErrorKind::Ref))?;
    let version: Option<Arc<str>> = (!version.is_empty()).then(|| version.into());
    let row_of = |of: &str| evaluation.cells.keyed_row(SCORECARD, &[(KEYS[0], &id), (KEYS[1], of)]);
    let missing = |of: &str| {
        let of = if of.is_empty() { String::new() } else { format!(" of ‘{of}’") };
        let detail = format!("the scorecard has no row for ‘{id}’{of}; add one to the sheet of key figures");
        CellError::because(ErrorKind::Na, detail)
    };
    // A figure that another one of a slice is made of is of that slice, too.
    let slice = match evaluation.slice().filter(|_| slice.is_empty()) {
        None => Slice { text: slice.into(), version },
        Some(outer) => Slice { version: version.or_else(|| outer.version.clone()), ..outer.clone() },
    };
    let Some(row) = row_of(&slice.text) else {
        let whole = row_of("").filter(|_| !slice.text.is_empty()).ok_or_else(|| missing(&slice.text))?;
        let cell = CellRef { col: ColId::fixed(measure), ..whole };
        let formula = evaluation.cells.formula(cell).ok_or_else(|| missing(&slice.text))?;
        return sliced(evaluation, formula.root(), cell, slice);
    };
    let version = slice.version;
    let reference = MeasureRef { sheet: Some(row.sheet), version, measure, own_row: true, when: When::Here(0) };
    match evaluation.cells.measure(&reference, CellRef { col: ColId::fixed(measure), ..row }) {
        Value::Error(error) => Err(error),
        value => Ok(value),
    }
}

/// The figure of the whole plan, worked out for the rows of a slice alone.
fn sliced(evaluation: &Evaluation<'_>, formula: &Expr, at: CellRef, slice: Slice) -> Outcome {
    let mut refers_to_cells = false;
    formula.walk(&mut |expr| refers_to_cells |= matches!(expr, Expr::Cell(_) | Expr::Range(_) | Expr::Name(_)));
    if refers_to_cells {
        let words = format!(
            "the scorecard's formula refers to cells or names, which are of the whole plan: add a row of ‘{}’ to it",
            slice.text
        );
        return Err(CellError::because(ErrorKind::Na, words));
    }
    evaluation.of_slice(formula, at, slice)
}

fn from_inputs(args: &Args<'_>) -> Outcome {
    let definition = definition(args)?;
    let mut inputs: Vec<Vec<Option<f64>>> = Vec::new();
    for arg in args.list().iter().skip(1) {
        let values = match &arg.value {
            Value::Array(array) => array.cells().iter().map(known_number).collect::<Result<_, _>>()?,
            single => vec![known_number(single)?],
        };
        inputs.push(values);
    }
    if let Some(missing) = definition.inputs.iter().skip(inputs.len()).find(|input| input.default.is_none()) {
        return Err(wrong(&format!("{} also needs {}", definition.id, missing.name)));
    }
    if inputs.len() > definition.inputs.len() {
        return Err(wrong(&format!("{} has only {} inputs", definition.id, definition.inputs.len())));
    }
    let inputs: Vec<&[Option<f64>]> = inputs.iter().map(Vec::as_slice).collect();
    Ok(definition.evaluate(&inputs).value.map_or(Value::Blank, Value::number))
}

/// `95.4 %`, `12.3 days`, `1,234,567`; blank where there is no value.
fn reading(args: &Args<'_>) -> Outcome {
    let unit = definition(args)?.unit;
    let value = match args.list().get(1).map(|arg| &arg.value) {
        None | Some(Value::Blank) => return Ok(Value::text("")),
        Some(value) => value.to_number()?,
    };
    Ok(Value::text(match unit {
        Unit::Percent => format!("{} %", grouped(value * 100.0, 1)),
        Unit::Points => format!("{} pp", grouped(value * 100.0, 1)),
        Unit::Money | Unit::Count => grouped(value, 0),
        Unit::MoneyPerShare | Unit::Number => grouped(value, 2),
        Unit::Days => format!("{} days", grouped(value, 1)),
        Unit::Times => format!("{} ×", grouped(value, 1)),
    }))
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Percent => "%",
        Unit::Points => "pp",
        Unit::Money => "money",
        Unit::MoneyPerShare => "money per share",
        Unit::Days => "days",
        Unit::Times => "×",
        Unit::Count => "count",
        Unit::Number => "",
    }
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::Mock;
    use crate::value::Value;

    #[test]
    fn key_figures_come_from_the_dictionary() {
        Mock::default().check(&[
            ("KPI(\"unit_fill_rate\",{90,120},{100,100})", "0.95"),
            ("KPI(\"no_such\",1)", "#NAME?"),
            ("KPI(\"unit_fill_rate\",1)", "#VALUE!"),
            ("KPI(\"unit_fill_rate\")", "#N/A"),
            ("KPI(\"unit_fill_rate\",\"October\",\"Tea\")", "#N/A"),
            ("KPI(\"unit_fill_rate\",1/0,1)", "#DIV/0!"),
            ("KPI.DEFINITION(\"otif\")=\"\"", "FALSE"),
            ("KPI.UNIT(\"otif\")", "\"%\""),
            ("KPI.TEXT(\"otif\",0.954)", "\"95.4 %\""),
            ("KPI.TEXT(\"revenue\",1234567.8)", "\"1,234,568\""),
        ]);
        assert_eq!(Mock::default().eval("=KPI(\"unit_fill_rate\",0,0)"), Value::Blank);
    }
}
