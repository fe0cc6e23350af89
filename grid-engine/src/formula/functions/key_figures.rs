//! Key figures of the dictionary, as functions.

use super::args::wrong;
use super::planning::known_number;
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::kpi::{self, Definition, Unit};
use crate::value::format::grouped;
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "KPI(name, input1, [input2], …)",
        "A key figure of the dictionary from its inputs; blank where it is not defined.",
        "=KPI(\"unit_fill_rate\",Profit[Served],Profit[Demand])",
        Body::Whole(key_figure),
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

fn key_figure(args: &Args<'_>) -> Outcome {
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
            ("KPI(\"unit_fill_rate\",1/0,1)", "#DIV/0!"),
            ("KPI.DEFINITION(\"otif\")=\"\"", "FALSE"),
            ("KPI.UNIT(\"otif\")", "\"%\""),
            ("KPI.TEXT(\"otif\",0.954)", "\"95.4 %\""),
            ("KPI.TEXT(\"revenue\",1234567.8)", "\"1,234,568\""),
        ]);
        assert_eq!(Mock::default().eval("=KPI(\"unit_fill_rate\",0,0)"), Value::Blank);
    }
}
