//! Key figures of the dictionary, as functions.

use super::args::wrong;
use super::planning::known_number;
use super::scorecard::{self, Part};
use super::{Arg, Args, Body, Declared, Function, Nature, Passing, declare};
use crate::calendar::Date;
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Outcome, passing};
use crate::kpi::{self, Better, Definition};
use crate::value::format::grouped;
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "KPI(name, [version_or_input1], [slice_or_input2], [input3], …)",
        "A key figure of the scorecard, live or of a frozen version, of the whole plan, of the rows with a text among their keys and attributes, or of one bucket; or from inputs of its own. Blank where it is not defined or an input is missing.",
        "=KPI(\"unit_fill_rate\",Profit[Served],Profit[Demand])",
        Body::Lazy(key_figure),
    ),
    declare(
        "KPI.DEFINITION(name)",
        "What a key figure means, in words.",
        "=KPI.DEFINITION(\"unit_fill_rate\")",
        Body::Each(|args| told(args, |definition| definition.words.clone(), |_| String::new())),
    ),
    declare(
        "KPI.NAME(name)",
        "What a key figure is called.",
        "=KPI.NAME(\"unit_fill_rate\")",
        Body::Each(|args| told(args, |definition| definition.name.clone(), kpi::name_of)),
    ),
    declare(
        "KPI.UNIT(name)",
        "What a key figure counts.",
        "=KPI.UNIT(\"unit_fill_rate\")",
        Body::Each(|args| told(args, |definition| definition.unit.in_words().to_owned(), |_| String::new())),
    ),
    declare(
        "KPI.BETTER(name)",
        "Which values of a key figure are better: higher, lower, or near zero.",
        "=KPI.BETTER(\"unit_fill_rate\")",
        Body::Each(|args| {
            told(args, |definition| definition.better.in_words().to_owned(), |_| Better::Higher.in_words().to_owned())
        }),
    ),
    declare(
        "KPI.RULE(rule)",
        "A key figure of your own, from others of the scorecard by their ids, e.g. gross_profit / revenue * 100. Blank where one of them is, or where it divides by zero.",
        "=KPI.RULE(\"gross_profit / revenue * 100\")",
        Body::Lazy(scorecard::by_rule),
    )
    .nature(Nature::Pending),
    declare(
        "KPI.TEXT(name, value, [unit])",
        "A key figure's value as people read it, with its unit or the one given.",
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

/// What is told of a key figure; `own` of one that a planner has made, where its row on the scorecard asks.
fn told(args: &Args<'_>, known: fn(&Definition) -> String, own: fn(&str) -> String) -> Outcome {
    let name = args.text(0)?;
    match definition(args) {
        Ok(definition) => Ok(Value::text(known(definition))),
        Err(_) if scorecard::is_own(args.evaluation, name.trim()) => Ok(Value::text(own(name.trim()))),
        Err(unknown) => Err(unknown),
    }
}

/// What KPI reads of the scorecard, as far as its arguments tell before they are evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::formula) enum Scorecard {
    Live,
    Version,
}

/// Whether a call may ask for figures of the scorecard: by rule, or instead of giving inputs with a name alone, or with a
/// text, a name or a cell in a version's place.
pub(in crate::formula) fn asks_scorecard(function: &Function, arguments: &[Expr]) -> Option<Scorecard> {
    match (function.info.name, arguments.get(1)) {
        ("KPI.RULE", _) => Some(Scorecard::Live),
        ("KPI", _) if arguments.len() > 3 => None,
        ("KPI", None | Some(Expr::Missing)) => Some(Scorecard::Live),
        ("KPI", Some(Expr::Text(_) | Expr::Cell(_) | Expr::Name(_))) => Some(Scorecard::Version),
        _ => None,
    }
}

fn key_figure(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    // What its inputs are blank for is the figure's reason, too; what another figure was blank for is not.
    evaluation.take_reason();
    let list: Vec<Arg> =
        arguments.iter().map(|expr| Arg { value: evaluation.value(expr), passing: passing(expr), beyond: 0 }).collect();
    let args = Args::new(evaluation, &list);
    let Some((version, part)) = of_scorecard(&args) else { return from_inputs(&args) };
    let name = args.text(0)?;
    let id = definition(&args).map_or_else(|_| name.trim(), |definition| &definition.id);
    scorecard::figure(evaluation, id, version, part)
}

/// The version and the part of it that a figure of the scorecard is asked of; `None` where inputs are given.
fn of_scorecard<'a>(args: &Args<'a>) -> Option<(&'a str, Part<'a>)> {
    let list = args.list();
    let given = list.get(1..).unwrap_or_default();
    let names_something = given.iter().any(|arg| matches!(arg.value, Value::Text(_)));
    // A blank cell may be a version nobody has chosen; where the figure can be made of what is given, an input is missing.
    if given.len() > 2 || !names_something && takes(args, given) {
        return None;
    }
    let version = match &args.value(1) {
        Value::Blank => "",
        Value::Text(text) => text.trim(),
        _ => return None,
    };
    let part = match &args.value(2) {
        Value::Blank => Part::Whole,
        Value::Text(text) if text.trim().is_empty() => Part::Whole,
        Value::Text(text) => Part::Named(text.trim()),
        Value::Number(serial) => Part::Day(Date::from_serial(*serial)?),
        _ => return None,
    };
    Some((version, part))
}

/// Whether these are all inputs that a figure of the dictionary needs.
fn takes(args: &Args<'_>, given: &[Arg]) -> bool {
    let is_given = |index: usize| given.get(index).is_some_and(|arg| arg.passing != Passing::Omitted);
    definition(args).is_ok_and(|definition| {
        definition.inputs.iter().enumerate().all(|(index, input)| is_given(index) || input.default.is_some())
    })
}

fn from_inputs(args: &Args<'_>) -> Outcome {
    let definition = definition(args)?;
    let mut inputs: Vec<Vec<Option<f64>>> = Vec::new();
    for (index, arg) in args.list().iter().skip(1).enumerate() {
        let input = definition.inputs.get(index);
        let values = match &arg.value {
            // Left out between commas, not missing: what stands for it counts.
            _ if arg.passing == Passing::Omitted && input.is_some_and(|input| input.default.is_some()) => {
                vec![input.and_then(|input| input.default)]
            }
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
    let figure = definition.evaluate(&inputs);
    let blank = || {
        let inner = args.evaluation.take_reason().map_or_else(String::new, |reason| format!(": {reason}"));
        args.evaluation.blank_because(figure.reason.unwrap_or_default() + &inner)
    };
    Ok(figure.value.map_or_else(blank, Value::number))
}

/// `95.4 %`, `12.3 days`, `1,234,567`; blank where there is no value.
fn reading(args: &Args<'_>) -> Outcome {
    let known = told(args, |definition| definition.unit.in_words().to_owned(), |_| String::new())?.to_text()?;
    let entered = args.text_or(2, "")?;
    let unit = if entered.trim().is_empty() { known } else { entered };
    let value = match args.list().get(1).map(|arg| &arg.value) {
        None | Some(Value::Blank) => return Ok(Value::text("")),
        Some(value) => value.to_number()?,
    };
    Ok(Value::text(match unit.trim() {
        unit @ ("%" | "pp") => format!("{} {unit}", grouped(value * 100.0, 1)),
        "money" | "count" => grouped(value, 0),
        "money per share" | "" => grouped(value, 2),
        unit @ ("days" | "×") => format!("{} {unit}", grouped(value, 1)),
        unit => format!("{} {unit}", grouped(value, 2)),
    }))
}

#[cfg(test)]
mod tests {
    use crate::formula::Formula;
    use crate::formula::mock::{Mock, home};
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

    /// A1, B1 and the third row are blank; C1 is 5.
    #[test]
    fn a_missing_input_is_blank_and_not_nought() {
        let rows = [[Value::Blank, Value::Blank, 5.0.into()], [1.0.into(), Value::Blank, 2.0.into()]];
        let mock = Mock::with_rows(&rows);
        for formula in [
            "=KPI(\"gross_profit\",100,A1)",
            "=KPI(\"gross_profit\",A1,B1)",
            "=KPI(\"gross_margin\",100,A1)",
            "=KPI(\"cash_to_cash\",60,A1,30)",
            "=KPI(\"cash_flow\",100,A1,5)",
            "=KPI(\"revenue\",{10,20},A1)",
            "=KPI(\"lost_sales\",{100,50},A1,0,2)",
            "=KPI(\"lost_sales\",{100,50},1,0,A1)",
            "=KPI(\"eps_diluted\",100,10,0,A1,5)",
            "=KPI(\"unit_fill_rate\",B1:B2,A1:A2)",
            "=KPI(\"order_fill_rate\",A1,10)",
            "=KPI(\"return_on_assets\",A1,10)",
        ] {
            assert_eq!(mock.eval(formula), Value::Blank, "{formula}");
        }
        mock.check(&[
            ("KPI(\"lost_sales\",{100,50},{80,60},,2)", "40"),
            ("KPI(\"unit_fill_rate\",A1:A2,C1:C2)", "1/7"),
            ("KPI(\"gross_profit\",C1,A2)", "4"),
        ]);
    }

    #[test]
    fn a_missing_input_is_named() {
        let rows = [[Value::Blank, 5.0.into()]];
        let mock = Mock::with_rows(&rows);
        let why = |typed: &str| Formula::parse(typed, &mock, home()).ok().and_then(|it| it.why_blank(&mock, home()));
        assert_eq!(why("=KPI(\"gross_profit\",100,A1)").as_deref(), Some("cogs is empty"));
        assert_eq!(why("=KPI(\"gross_profit\",A1,A1)").as_deref(), Some("revenue is empty"));
        assert_eq!(why("=KPI(\"gross_margin\",0,B1)").as_deref(), Some("revenue is zero"));
        assert_eq!(why("=KPI(\"gross_margin\",B1,B1)"), None);
    }
}
