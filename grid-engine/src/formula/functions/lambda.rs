//! Names and functions made inside formulas.

use std::sync::Arc;

use super::args::wrong;
use super::position::Grid;
use super::{Body, Declared, declare};
use crate::formula::ast::Expr;
use crate::formula::eval::{Callable, Evaluation, Meaning, Outcome};
use crate::value::{Array, CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    // The parser makes it; it stands here for lists and help.
    declare(
        "LAMBDA([parameter1], …, calculation)",
        "A function made inside a formula: names of its values, then what to compute from them; [x] may be left out.",
        "=LAMBDA(x,x^2+1)(3)",
        Body::Lazy(|_, _| Err(wrong("LAMBDA takes names and then what to compute from them"))),
    ),
    declare(
        "LET(name1, value1, result, …)",
        "Names values and computes with them.",
        "=LET(x,B2*2,x+x^2)",
        Body::Means(let_),
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
        Body::Means(|evaluation, arguments| Ok(gather(evaluation, arguments, &mut |_| {})?.0)),
    ),
    declare(
        "SCAN(start, array, lambda)",
        "The same with every step shown.",
        "=SCAN(0,B2:B9,LAMBDA(sum,x,sum+x))",
        Body::Lazy(scan),
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

fn let_(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<Meaning, CellError> {
    let Some((result, names)) = arguments.split_last() else { return Err(no_result()) };
    evaluation.keeping_names(|| {
        for pair in names.chunks(2) {
            let [Expr::Name(name), value] = pair else { return Err(no_result()) };
            evaluation.bind(name.clone(), evaluation.meaning_or_error(value));
        }
        evaluation.meaning(result)
    })
}

fn no_result() -> CellError {
    wrong("LET takes names, each with its value, and then the result")
}

/// The function given as an argument: a LAMBDA, a name of one, or a built-in function's name such as `SUM`, which
/// then takes as many values as it is given.
pub(super) fn function_given(
    evaluation: &Evaluation<'_>,
    expr: Option<&Expr>,
    values: usize,
) -> Result<Callable, CellError> {
    match evaluation.meaning(expr.ok_or_else(|| wrong("a LAMBDA is missing"))?)? {
        Meaning::Function(Callable::BuiltIn(function)) => Ok(Callable::with_parameters(function, values)),
        Meaning::Function(lambda) => Ok(lambda),
        _ => Err(wrong("a LAMBDA or the name of a function is needed")),
    }
}

/// What a LAMBDA is called with: parts of an array, which are cells where the array is a range.
struct Source<'a> {
    evaluation: &'a Evaluation<'a>,
    array: Arc<Array>,
    cells: Option<Grid<'a>>,
}

impl<'a> Source<'a> {
    fn read(evaluation: &'a Evaluation<'a>, expr: &Expr) -> Result<Self, CellError> {
        let meaning = evaluation.meaning(expr)?;
        let cells = match &meaning {
            Meaning::Cells(range) => Some(Grid::of(evaluation, range)?),
            _ => None,
        };
        let array = match evaluation.value_of(meaning)? {
            Value::Array(array) => array,
            Value::Error(error) => return Err(error),
            single => Arc::new(Array::single(single)),
        };
        Ok(Self { evaluation, array, cells })
    }

    /// One value; `#N/A` beyond the array.
    fn at(&self, row: usize, col: usize) -> Meaning {
        match (self.array.get(row, col), &self.cells) {
            (None, _) => Meaning::Value(ErrorKind::Na.into()),
            (Some(value), None) => Meaning::Value(value.clone()),
            (Some(_), Some(cells)) => cells
                .part(row..row + 1, col..col + 1)
                .map_or_else(|error| Meaning::Value(Value::Error(error)), Meaning::Cells),
        }
    }

    /// A row or a column.
    fn line(&self, index: usize, is_row: bool) -> Result<Meaning, CellError> {
        let (rows, cols) = (self.array.rows(), self.array.cols());
        let (rows, cols) = if is_row { (index..index + 1, 0..cols) } else { (0..rows, index..index + 1) };
        if let Some(cells) = &self.cells {
            return cells.part(rows, cols).map(Meaning::Cells);
        }
        let get = |row, col| self.array.get(rows.start + row, cols.start + col).cloned().unwrap_or_default();
        self.evaluation.array(rows.len(), cols.len(), get).map(Meaning::Value)
    }
}

/// The value a function gives.
fn called(evaluation: &Evaluation<'_>, function: &Callable, given: Vec<Meaning>) -> Outcome {
    evaluation.value_of(evaluation.invoke(function, given)?)
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
    let arrays = arrays.iter().map(|expr| Source::read(evaluation, expr)).collect::<Result<Vec<_>, _>>()?;
    let rows = arrays.iter().map(|source| source.array.rows()).max().unwrap_or(0);
    let cols = arrays.iter().map(|source| source.array.cols()).max().unwrap_or(0);
    evaluation.array(rows, cols, |row, col| {
        single(called(evaluation, &lambda, arrays.iter().map(|source| source.at(row, col)).collect()))
    })
}

/// What is gathered in the end, and from what; `step` sees it after each value.
fn gather(
    evaluation: &Evaluation<'_>,
    arguments: &[Expr],
    step: &mut dyn FnMut(&Meaning),
) -> Result<(Meaning, Arc<Array>), CellError> {
    let [start, source, last] = arguments else { return Err(wrong("a start, an array and a LAMBDA are needed")) };
    let lambda = function_given(evaluation, Some(last), 2)?;
    let source = Source::read(evaluation, source)?;
    let (rows, cols) = (source.array.rows(), source.array.cols());
    let mut values = (0..rows * cols).map(|place| source.at(place / cols, place % cols));
    // Without a start, the first value is it.
    let mut so_far = match start {
        Expr::Missing => values.next().inspect(|value| step(value)).unwrap_or(Meaning::Omitted),
        start => evaluation.meaning_or_error(start),
    };
    for value in values {
        let next = evaluation.invoke(&lambda, vec![so_far, value]);
        so_far = next.unwrap_or_else(|error| Meaning::Value(Value::Error(error)));
        step(&so_far);
    }
    Ok((so_far, source.array))
}

fn scan(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let mut steps = Vec::new();
    let mut step = |meaning: &Meaning| steps.push(single(evaluation.value_of(meaning.clone())));
    let (_, source) = gather(evaluation, arguments, &mut step)?;
    let mut steps = steps.into_iter();
    evaluation.array(source.rows(), source.cols(), |_, _| steps.next().unwrap_or_default())
}

fn by_line(evaluation: &Evaluation<'_>, arguments: &[Expr], rows: bool) -> Outcome {
    let [source, last] = arguments else { return Err(wrong("an array and a LAMBDA are needed")) };
    let lambda = function_given(evaluation, Some(last), 1)?;
    let source = Source::read(evaluation, source)?;
    let line = |index: usize| single(source.line(index, rows).and_then(|line| called(evaluation, &lambda, vec![line])));
    if rows {
        evaluation.array(source.array.rows(), 1, |row, _| line(row))
    } else {
        evaluation.array(1, source.array.cols(), |_, col| line(col))
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
        let place = [row, col].map(|index| Meaning::Value(Value::Number(index as f64 + 1.0)));
        single(called(evaluation, &lambda, place.into()))
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

    fn figures() -> Mock {
        let mut mock = Mock::with_rows(&[
            ["x".into(), 1.0.into(), 10.0.into()],
            ["y".into(), 2.0.into(), 20.0.into()],
            ["x".into(), 3.0.into(), 30.0.into()],
            ["z".into(), 4.0.into(), 40.0.into()],
        ]);
        for (name, formula) in [
            ("opt", "=LAMBDA([n:x],[o:y],IF(ISOMITTED([n:y]),[n:x],[n:x]+[n:y]))"),
            ("adder", "=LAMBDA([n:a],LAMBDA([n:b],[n:a]+[n:b]))"),
            ("twice", "=LET([n:k],2,LAMBDA([n:a],[n:a]*[n:k]))"),
        ] {
            mock.names.insert(name.into(), formula.into());
        }
        mock
    }

    #[test]
    fn names_and_parameters_keep_their_references() {
        figures().check(&[
            ("LET(first,B1,SUM(first:B3))", "6"),
            ("LET(r,B3,ROW(r))", "3"),
            ("LET(r,B2,OFFSET(r,1,0))", "3"),
            ("LET(r,(B1:B2,C1),AREAS(r)+SUM(r))", "15"),
            ("LET(r,B:B,ROWS(r))", "1048576"),
            ("LET(r,OFFSET(B1,1,0,2),SUM(r)+ROWS(r))", "7"),
            ("LET(r,B1:B2,s,r,SUM(s:B4))", "10"),
            ("LET(a,B2,ISREF(a))", "TRUE"),
            ("LET(a,B2+0,ISREF(a))", "FALSE"),
            ("LET(a,B1:B3,INDEX(a,2):B4)", "B2:B4"),
            ("SUM(LET(a,B2,a):B4)", "9"),
            ("MAP(B1:B4,LAMBDA(c,SUM(B1:c)))", "{1;3;6;10}"),
            ("MAP(A1:A4,LAMBDA(c,SUBTOTAL(103,c)))", "{1;1;1;1}"),
            ("MAP(B1:B2,{5;6},LAMBDA(c,x,ROW(c)*x))", "{5;12}"),
            ("MAP(B1:B3,C1:C2,LAMBDA(b,c,b+c))", "{11;22;#N/A}"),
            ("BYROW(A1:C4,LAMBDA(r,SUBTOTAL(9,r)))", "{11;22;33;44}"),
            ("BYCOL(B1:C4,LAMBDA(r,COLUMN(r)+SUM(r)))", "{12,103}"),
            ("REDUCE(0,B1:B3,LAMBDA(a,c,a+ROW(c)))", "6"),
            ("SCAN(,B1:B3,LAMBDA(a,c,a+c))", "{1;3;6}"),
            ("LAMBDA(r,SUM(r:C4))(B3)", "77"),
            ("SUM(LAMBDA(r,r)(B1):B2)", "3"),
            ("LET(r,A:A,COUNTBLANK(r))", "COUNTBLANK(A:A)"),
        ]);
    }

    #[test]
    fn parameters_may_be_left_out() {
        figures().check(&[
            ("LAMBDA(x,[y],IF(ISOMITTED(y),x,x+y))(5)", "5"),
            ("LAMBDA(x,[y],IF(ISOMITTED(y),x,x+y))(5,2)", "7"),
            ("LAMBDA(x,[y],IF(ISOMITTED(y),x,x+y))(5,)", "5"),
            ("LAMBDA(x,[y],x+y)(5)", "5"),
            ("LAMBDA(x,[y],ISOMITTED(y))(5,A9)", "FALSE"),
            ("LAMBDA(x,[y],x)()", "#VALUE!"),
            ("LAMBDA(x,[y],x)(1,2,3)", "#VALUE!"),
            ("_xlfn.LAMBDA(_xlpm.x,_xlop.y,IF(_xlfn.ISOMITTED(_xlop.y),_xlpm.x,_xlpm.x+_xlpm.y))(5)", "5"),
            ("opt(5)", "5"),
            ("opt(5,2)", "7"),
            ("LET(f,LAMBDA([a],opt(1,a)),f()+f(1))", "3"),
            ("ISOMITTED(A9)", "FALSE"),
        ]);
    }

    #[test]
    fn functions_are_values() {
        figures().check(&[
            ("LAMBDA(a,LAMBDA(b,a-b))(10)(3)", "7"),
            ("(LAMBDA(x,x+1))(2)", "3"),
            ("LET(f,LAMBDA(x,LAMBDA(y,x+y)),g,f(1),g(2))", "3"),
            ("LET(f,LAMBDA(x,LAMBDA(y,x+y)),f(1)(2))", "3"),
            ("LET(apply,LAMBDA(f,x,f(x)),apply(LAMBDA(z,z+1),2))", "3"),
            ("LET(f,IF(1,LAMBDA(x,x+1),LAMBDA(x,x-1)),f(2))", "3"),
            ("IF(0,LAMBDA(x,x+1),LAMBDA(x,x-1))(2)", "1"),
            ("CHOOSE(2,LAMBDA(x,x),LAMBDA(x,-x))(2)", "-2"),
            ("LET(f,LAMBDA(me,n,IF(n<2,1,n*me(me,n-1))),f(f,5))", "120"),
            ("LET(x,1,f,LAMBDA(a,a+x),LET(x,5,f(1)))", "2"),
            ("adder(1)(2)", "3"),
            ("twice(4)", "8"),
            ("LET(f,adder(10),MAP({1,2},f))", "{11,12}"),
            ("REDUCE(LAMBDA(x,x),{1,2},LAMBDA(f,n,LAMBDA(x,f(x)+n)))(0)", "3"),
            ("LET(f,SUM,f(1,2,3))", "6"),
            ("LET(f,_xleta.SUM,f(B1:B4))", "10"),
            ("LET(f,ROUND,f(1))", "#VALUE!"),
            ("LAMBDA(f,f({1,2,3}))(MAX)", "3"),
            ("TYPE(LAMBDA(x,x))", "128"),
            ("TYPE(LET(f,LAMBDA(x,x),f))", "128"),
            ("TYPE(B1:B2)", "64"),
            ("TYPE(B1)", "1"),
            ("LET(f,LAMBDA(x,x),f)", "#CALC!"),
            ("LET(f,LAMBDA(x,x),f+1)", "#CALC!"),
            ("IF(1,LAMBDA(x,x))", "#CALC!"),
            ("LET(x,5,x(1))", "#NAME?"),
            ("(5)(1)", "\"an operator is missing here (at character 4)\""),
            ("(B1)(1)", "\"an operator is missing here (at character 5)\""),
            ("SUM", "#NAME?"),
        ]);
    }

    #[test]
    fn c1_functions_made_of_functions_end_with_a_limit() {
        let run = || {
            figures().check(&[
                ("LET(f,LAMBDA(me,me(me)),f(f))", "#LIMIT!"),
                ("LET(w,LAMBDA(f,f(f)),w(w))", "#LIMIT!"),
                ("REDUCE(LAMBDA(x,x),SEQUENCE(350),LAMBDA(f,n,LAMBDA(x,n)))(7)", "350"),
                ("REDUCE(LAMBDA(x,x),SEQUENCE(100000),LAMBDA(f,n,LAMBDA(x,f(x)+n)))(0)", "#LIMIT!"),
                ("TYPE(REDUCE(LAMBDA(x,x),SEQUENCE(100000),LAMBDA(f,n,LAMBDA(x,f(x)+n))))", "128"),
            ]);
            let calls = format!("LET(f,LAMBDA(me,me),f(f){})", "(f)".repeat(62));
            figures().check(&[(&*format!("TYPE({calls})"), "128")]);
            let more = format!("=LET(f,LAMBDA(me,me),f(f){})", "(f)".repeat(80));
            assert!(figures().eval(&more).as_text().is_some_and(|text| text.contains("more than 64 calls")));
        };
        let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(run);
        assert!(thread.is_ok_and(|thread| thread.join().is_ok()));
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
