//! Names and functions made inside formulas.

use std::sync::Arc;

use super::args::wrong;
use super::{Body, Declared, declare};
use crate::formula::ast::{Expr, Lambda};
use crate::formula::eval::{Bound, Evaluation, Outcome};
use crate::value::{Array, CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    // The parser makes it; it stands here for lists and help.
    declare(
        "LAMBDA([parameter1], …, calculation)",
        "A function made inside a formula: names of its values, then what to compute from them.",
        "=LAMBDA(x,x^2+1)(3)",
        Body::Lazy(|_, _| Err(wrong("LAMBDA takes names and then what to compute from them"))),
    ),
    declare(
        "LET(name1, value1, result, …)",
        "Names values and computes with them.",
        "=LET(x,B2*2,x+x^2)",
        Body::Lazy(let_),
    ),
    declare(
        "MAP(array1, [array2], lambda, …)",
        "A function of each value.",
        "=MAP(B2:B9,LAMBDA(x,x*2))",
        Body::Lazy(map),
    ),
    declare(
        "REDUCE(start, array, lambda)",
        "One value gathered from all.",
        "=REDUCE(0,B2:B9,LAMBDA(sum,x,sum+x))",
        Body::Lazy(|evaluation, arguments| gather(evaluation, arguments, false)),
    ),
    declare(
        "SCAN(start, array, lambda)",
        "The same with every step shown.",
        "=SCAN(0,B2:B9,LAMBDA(sum,x,sum+x))",
        Body::Lazy(|evaluation, arguments| gather(evaluation, arguments, true)),
    ),
    declare(
        "BYROW(array, lambda)",
        "A function of each row.",
        "=BYROW(B2:D9,LAMBDA(row,SUM(row)))",
        Body::Lazy(|evaluation, arguments| by_line(evaluation, arguments, true)),
    ),
    declare(
        "BYCOL(array, lambda)",
        "A function of each column.",
        "=BYCOL(B2:D9,LAMBDA(col,SUM(col)))",
        Body::Lazy(|evaluation, arguments| by_line(evaluation, arguments, false)),
    ),
    declare(
        "MAKEARRAY(rows, columns, lambda)",
        "An array from a function of row and column.",
        "=MAKEARRAY(3,3,LAMBDA(r,c,r*c))",
        Body::Lazy(make_array),
    ),
];

fn let_(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    match arguments {
        [result] => unpack(evaluation.value(result)),
        [Expr::Name(name), value, rest @ ..] if !rest.is_empty() => {
            let bound = match evaluation.lambda_of(value) {
                Some(lambda) => Bound::Lambda(lambda),
                None => Bound::Value(evaluation.value(value)),
            };
            evaluation.with_name(name.clone(), bound, || let_(evaluation, rest))
        }
        _ => Err(wrong("LET takes names, each with its value, and then the result")),
    }
}

fn unpack(value: Value) -> Outcome {
    match value {
        Value::Error(error) => Err(error),
        value => Ok(value),
    }
}

/// The function given as an argument: a LAMBDA, a name of one, or a built-in function's name such as `SUM`, which
/// then takes as many values as it is given.
pub(super) fn function_given(
    evaluation: &Evaluation<'_>,
    expr: Option<&Expr>,
    values: usize,
) -> Result<Arc<Lambda>, CellError> {
    let expr = expr.ok_or_else(|| wrong("a LAMBDA is missing"))?;
    if let Some(lambda) = evaluation.lambda_of(expr) {
        return Ok(lambda);
    }
    if let Expr::Name(name) = expr
        && let Some(function) = super::find(&name.to_uppercase())
    {
        let parameters: Vec<Arc<str>> = (1..=values).map(|place| format!("value{place}").into()).collect();
        let body = Expr::Call(function, parameters.iter().cloned().map(Expr::Name).collect());
        return Ok(Arc::new(Lambda { parameters, body }));
    }
    Err(wrong("a LAMBDA or the name of a function is needed"))
}

pub(super) fn array(evaluation: &Evaluation<'_>, expr: &Expr) -> Result<Arc<Array>, CellError> {
    match evaluation.value(expr) {
        Value::Array(array) => Ok(array),
        Value::Error(error) => Err(error),
        single => Ok(Arc::new(Array::single(single))),
    }
}

/// One value of a function; an array is no single value.
pub(super) fn single(outcome: Outcome) -> Value {
    match outcome {
        Ok(Value::Array(array)) if array.cells().len() == 1 => array.first().clone(),
        Ok(Value::Array(_)) => Value::Error(CellError::because(ErrorKind::Calc, "the LAMBDA must give single values")),
        Ok(value) => value,
        Err(error) => Value::Error(error),
    }
}

fn map(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let Some((last, arrays)) = arguments.split_last() else { return Err(wrong("MAP needs an array and a LAMBDA")) };
    let lambda = function_given(evaluation, Some(last), arrays.len())?;
    let arrays = arrays.iter().map(|expr| array(evaluation, expr)).collect::<Result<Vec<_>, _>>()?;
    let rows = arrays.iter().map(|array| array.rows()).max().unwrap_or(0);
    let cols = arrays.iter().map(|array| array.cols()).max().unwrap_or(0);
    evaluation.array(rows, cols, |row, col| {
        let values = arrays.iter().map(|array| array.get(row, col).cloned().unwrap_or_else(|| ErrorKind::Na.into()));
        single(evaluation.invoke(&lambda, values.collect()))
    })
}

fn gather(evaluation: &Evaluation<'_>, arguments: &[Expr], steps: bool) -> Outcome {
    let [start, source, last] = arguments else { return Err(wrong("a start, an array and a LAMBDA are needed")) };
    let lambda = function_given(evaluation, Some(last), 2)?;
    let source = array(evaluation, source)?;
    let mut values = source.cells().iter();
    // Without a start, the first value is it.
    let mut so_far = match start {
        Expr::Missing => values.next().cloned().unwrap_or_default(),
        start => evaluation.value(start),
    };
    let mut shown = if *start == Expr::Missing { vec![so_far.clone()] } else { Vec::new() };
    for value in values {
        so_far = evaluation.invoke(&lambda, vec![so_far, value.clone()]).unwrap_or_else(Value::Error);
        if steps {
            shown.push(single(Ok(so_far.clone())));
        }
    }
    if !steps {
        return unpack(so_far);
    }
    let mut shown = shown.into_iter();
    evaluation.array(source.rows(), source.cols(), |_, _| shown.next().unwrap_or_default())
}

fn by_line(evaluation: &Evaluation<'_>, arguments: &[Expr], rows: bool) -> Outcome {
    let [source, last] = arguments else { return Err(wrong("an array and a LAMBDA are needed")) };
    let lambda = function_given(evaluation, Some(last), 1)?;
    let source = array(evaluation, source)?;
    let line = |index: usize| {
        let line = if rows {
            evaluation.array(1, source.cols(), |_, col| source.get(index, col).cloned().unwrap_or_default())
        } else {
            evaluation.array(source.rows(), 1, |row, _| source.get(row, index).cloned().unwrap_or_default())
        };
        single(line.and_then(|line| evaluation.invoke(&lambda, vec![line])))
    };
    if rows {
        evaluation.array(source.rows(), 1, |row, _| line(row))
    } else {
        evaluation.array(1, source.cols(), |_, col| line(col))
    }
}

fn make_array(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let [rows, cols, last] = arguments else { return Err(wrong("rows, columns and a LAMBDA are needed")) };
    let size = |expr: &Expr| match evaluation.value(expr).to_number()?.trunc() {
        size if size >= 1.0 => Ok(size.min(1e12) as usize),
        _ => Err(wrong("sizes are at least 1")),
    };
    let (rows, cols) = (size(rows)?, size(cols)?);
    let lambda = function_given(evaluation, Some(last), 2)?;
    evaluation.array(rows, cols, |row, col| {
        let place = vec![Value::Number(row as f64 + 1.0), Value::Number(col as f64 + 1.0)];
        single(evaluation.invoke(&lambda, place))
    })
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::{Mock, check};

    #[test]
    fn names_and_functions() {
        check(&[
            ("LET(x,2,y,x*3,x+y)", "8"),
            ("LET(x,2,LET(x,5,x)+x)", "7"),
            ("LET(f,LAMBDA(a,a*a),f(3))", "9"),
            ("LET(x,2,y,3)", "#VALUE!"),
            ("LAMBDA(a,b,a+b)(1,2)", "3"),
            ("LAMBDA(a,a)(1,2)", "#VALUE!"),
            ("LAMBDA(a,a)", "#CALC!"),
            ("MAP({1,2;3,4},LAMBDA(x,x*10))", "{10,20;30,40}"),
            ("MAP({1,2},{3,4},LAMBDA(x,y,x*y))", "{3,8}"),
            ("REDUCE(1,{2,3,4},LAMBDA(a,x,a*x))", "24"),
            ("REDUCE(,{2,3,4},LAMBDA(a,x,a*x))", "24"),
            ("SCAN(0,{1,2;3,4},LAMBDA(a,x,a+x))", "{1,3;6,10}"),
            ("BYROW({1,2;3,4},LAMBDA(r,SUM(r)))", "{3;7}"),
            ("BYCOL({1,2;3,4},SUM)", "{4,6}"),
            ("REDUCE(0,{1,2;3,4},SUM)", "10"),
            ("MAP({1,2},{5,6},POWER)", "{1,64}"),
            ("MAKEARRAY(2,2,LAMBDA(r,c,r*10+c))", "{11,12;21,22}"),
            ("SUM(LET(a,SEQUENCE(10),FILTER(a,MOD(a,2)=0)))", "30"),
        ]);
    }

    #[test]
    fn c1_recursion_ends_with_a_limit() {
        let mut mock = Mock::default();
        mock.names.insert("fact".into(), "=LAMBDA([n:n],IF([n:n]<2,1,[n:n]*[n:fact]([n:n]-1)))".into());
        mock.names.insert("ever".into(), "=LAMBDA([n:n],[n:ever]([n:n]+1))".into());
        mock.names.insert("x".into(), "=[n:y]".into());
        mock.check(&[("fact(10)", "3628800"), ("ever(1)", "#LIMIT!"), ("LET(y,1,x)", "#NAME?")]);
    }
}
