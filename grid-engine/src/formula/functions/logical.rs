//! Conditions and choices. Only what is needed is evaluated.

use super::args::{out_of_range, wrong};
use super::{Args, Body, Declared, declare};
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Meaning, Outcome, broadcast};
use crate::formula::functions::{Arg, Passing};
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "IF(condition, then, [else])",
        "One value where the condition holds, another where it does not.",
        "=IF(B2>0,\"ok\",\"short\")",
        Body::Means(if_),
    ),
    declare(
        "IFERROR(value, fallback)",
        "The value, or the fallback where it is an error.",
        "=IFERROR(B2/C2,0)",
        Body::Lazy(if_error),
    ),
    declare(
        "IFNA(value, fallback)",
        "The value, or the fallback where it is #N/A.",
        "=IFNA(XLOOKUP(B2,A:A,C:C),0)",
        Body::Lazy(if_na),
    ),
    declare("AND(condition1, [condition2], …)", "Whether all conditions hold.", "=AND(B2>0,C2>0)", Body::Whole(and)),
    declare("OR(condition1, [condition2], …)", "Whether any condition holds.", "=OR(B2>0,C2>0)", Body::Whole(or)),
    declare("NOT(condition)", "The opposite of a condition.", "=NOT(B2>0)", Body::Each(not)),
    declare("TRUE()", "The truth value TRUE.", "=TRUE()", Body::Whole(|_| Ok(true.into()))),
    declare("FALSE()", "The truth value FALSE.", "=FALSE()", Body::Whole(|_| Ok(false.into()))),
];

/// Those fewer workbooks use.
pub(super) const FURTHER: &[Declared] = &[
    declare(
        "IFS(condition1, value1, [condition2], [value2], …)",
        "The value of the first condition that holds.",
        "=IFS(B2>100,\"A\",B2>10,\"B\",TRUE,\"C\")",
        Body::Means(ifs),
    ),
    declare(
        "SWITCH(value, match1, result1, [match2], [result2], …)",
        "The result beside the first match; a last single argument is the default.",
        "=SWITCH(B2,1,\"low\",2,\"high\",\"other\")",
        Body::Means(switch),
    ),
    declare(
        "XOR(condition1, [condition2], …)",
        "Whether an odd number of conditions hold.",
        "=XOR(B2>0,C2>0)",
        Body::Whole(xor),
    ),
];

/// A choice among expressions gives what the chosen one stands for: a reference or a function too.
type Chosen = Result<Meaning, CellError>;

fn if_(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Chosen {
    let [condition, branches @ ..] = arguments else { return Err(wrong("IF needs a condition")) };
    let branch = |truth: bool| match branches.get(usize::from(!truth)) {
        // An empty branch gives 0, a missing one the truth value itself.
        Some(Expr::Missing) => Ok(Meaning::Value(Value::Number(0.0))),
        Some(expr) => evaluation.meaning(expr),
        None => Ok(Meaning::Value(Value::Bool(truth))),
    };
    let condition = evaluation.value(condition);
    let Value::Array(tests) = &condition else { return branch(condition.to_bool()?) };
    let needed = |truth: bool| tests.cells().iter().any(|test| test.to_bool() == Ok(truth));
    let value = |truth: bool| branch(truth).and_then(|meaning| evaluation.value_of(meaning));
    let lazily =
        |truth: bool| direct(if needed(truth) { value(truth).unwrap_or_else(Value::Error) } else { Value::Blank });
    let all = choose(evaluation, [direct(condition.clone()), lazily(true), lazily(false)], |[test, then, other]| {
        Ok(if test.value.to_bool()? { then } else { other }.value.clone())
    });
    all.map(Meaning::Value)
}

fn direct(value: Value) -> Arg {
    Arg { value, passing: Passing::Direct, beyond: 0 }
}

fn choose<const N: usize>(evaluation: &Evaluation<'_>, list: [Arg; N], body: impl Fn(&[Arg; N]) -> Outcome) -> Outcome {
    broadcast(evaluation, &list, |_| true, &|place| match place.try_into() {
        Ok(place) => body(place),
        Err(_) => Err(CellError::new(ErrorKind::Value)),
    })
}

fn ifs(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Chosen {
    let pairs = arguments.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return Err(wrong("IFS takes pairs: a condition and its value"));
    }
    let arrays = arguments.iter().step_by(2).any(|test| matches!(evaluation.value(test), Value::Array(_)));
    if arrays {
        let list: Vec<Arg> = arguments.iter().map(|expr| direct(evaluation.value(expr))).collect();
        let all = broadcast(evaluation, &list, |_| true, &|place| {
            for pair in place.chunks_exact(2) {
                if pair[0].value.to_bool()? {
                    return Ok(pair[1].value.clone());
                }
            }
            Err(CellError::because(ErrorKind::Na, "no condition of IFS holds"))
        });
        return all.map(Meaning::Value);
    }
    for pair in pairs {
        if evaluation.value(&pair[0]).to_bool()? {
            return evaluation.meaning(&pair[1]);
        }
    }
    Err(CellError::because(ErrorKind::Na, "no condition of IFS holds"))
}

fn switch(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Chosen {
    let [value, cases @ ..] = arguments else { return Err(wrong("SWITCH needs a value")) };
    let none = || CellError::because(ErrorKind::Na, "SWITCH has no match and no default");
    let value = evaluation.value(value);
    if let Value::Array(_) = value {
        let list: Vec<Arg> =
            std::iter::once(direct(value)).chain(cases.iter().map(|expr| direct(evaluation.value(expr)))).collect();
        let all = broadcast(evaluation, &list, |_| true, &|place| {
            let [value, cases @ ..] = place else { return Err(none()) };
            let pairs = cases.chunks_exact(2);
            let default = pairs.remainder().first().map(|arg| arg.value.clone());
            let hit = pairs.into_iter().find(|pair| same(&value.value, &pair[0].value));
            hit.map(|pair| pair[1].value.clone()).or(default).ok_or_else(none)
        });
        return all.map(Meaning::Value);
    }
    if let Value::Error(error) = value {
        return Err(error);
    }
    let pairs = cases.chunks_exact(2);
    let default = pairs.remainder().first();
    for pair in pairs {
        if same(&value, &evaluation.value(&pair[0])) {
            return evaluation.meaning(&pair[1]);
        }
    }
    evaluation.meaning(default.ok_or_else(none)?)
}

/// Equal and of one type, as SWITCH and exact matches want it.
fn same(a: &Value, b: &Value) -> bool {
    a.compare(b).is_eq() && a.as_error().is_none() && b.as_error().is_none()
}

fn if_error(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    replace_errors(evaluation, arguments, |_| true)
}

fn if_na(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    replace_errors(evaluation, arguments, |error| error.kind == ErrorKind::Na)
}

fn replace_errors(evaluation: &Evaluation<'_>, arguments: &[Expr], caught: fn(&CellError) -> bool) -> Outcome {
    let [value, fallback] = arguments else { return Err(wrong("two arguments are needed")) };
    let catches = |value: &Value| value.as_error().is_some_and(caught);
    // A first argument left out is blank, which shows as 0.
    let value = evaluation.value(value);
    match &value {
        Value::Array(array) if array.cells().iter().any(catches) => {
            let list = [direct(value.clone()), direct(evaluation.value(fallback))];
            choose(evaluation, list, |[value, fallback]| {
                Ok(if catches(&value.value) { fallback } else { value }.value.clone())
            })
        }
        scalar if catches(scalar) => Ok(evaluation.value(fallback)),
        _ => Ok(value),
    }
}

/// The truth values of all arguments: texts and blanks in references do not count; `#VALUE!` when none is left.
fn truths(args: &Args<'_>) -> Result<Vec<bool>, CellError> {
    let mut truths = Vec::new();
    for arg in args.list() {
        let values = match &arg.value {
            Value::Array(array) => array.cells(),
            single => std::slice::from_ref(single),
        };
        let loose = arg.passing == Passing::Reference || matches!(arg.value, Value::Array(_));
        for value in values {
            match value {
                Value::Text(_) | Value::Blank if loose => {}
                value => truths.push(value.to_bool()?),
            }
        }
    }
    if truths.is_empty() {
        return Err(wrong("there is no truth value among the arguments"));
    }
    Ok(truths)
}

fn and(args: &Args<'_>) -> Outcome {
    Ok(truths(args)?.into_iter().all(|truth| truth).into())
}

fn or(args: &Args<'_>) -> Outcome {
    Ok(truths(args)?.into_iter().any(|truth| truth).into())
}

fn xor(args: &Args<'_>) -> Outcome {
    Ok((truths(args)?.into_iter().filter(|truth| *truth).count() % 2 == 1).into())
}

fn not(args: &Args<'_>) -> Outcome {
    Ok((!args.bool(0)?).into())
}

/// `CHOOSE(index, …)` shares the laziness of IF; it is listed with the lookups.
pub(super) fn choose_argument(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Chosen {
    let [index, options @ ..] = arguments else { return Err(wrong("CHOOSE needs an index")) };
    let place = |index: &Value| {
        let index = index.to_number()?.trunc();
        if index >= 1.0 && index <= options.len() as f64 {
            Ok(index as usize - 1)
        } else {
            Err(CellError::because(ErrorKind::Value, format!("CHOOSE has no option {index}")))
        }
    };
    let index = evaluation.value(index);
    if !matches!(index, Value::Array(_)) {
        return match options.get(place(&index)?) {
            Some(option) => evaluation.meaning(option),
            None => Err(out_of_range("CHOOSE has no such option")),
        };
    }
    let list: Vec<Arg> =
        std::iter::once(direct(index)).chain(options.iter().map(|expr| direct(evaluation.value(expr)))).collect();
    let all = broadcast(evaluation, &list, |_| true, &|list| {
        let option = place(&list[0].value)? + 1;
        Ok(list.get(option).map_or(Value::Blank, |arg| arg.value.clone()))
    });
    all.map(Meaning::Value)
}
