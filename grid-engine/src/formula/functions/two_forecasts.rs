//! `FORECAST` is two functions: that of the plan, `FORECAST(history, [horizon], [season], …)`, and the older name of
//! FORECAST.LINEAR, `FORECAST(x, known_y, known_x)`.
//!
//! A horizon and a season are single numbers, so three arguments of which the second and the third have several values
//! are those of FORECAST.LINEAR. Where a formula shows that as it is written, it is read as FORECAST.LINEAR and asks no job.

use super::find;
use crate::formula::When;
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Outcome};
use crate::value::{CellError, ErrorKind, Value};

/// The function that a name means with these arguments.
pub(in crate::formula) fn meant<'a>(name: &'a str, arguments: &[Expr]) -> &'a str {
    match arguments {
        [_, y, x] if name == "FORECAST" && is_many(y) && is_many(x) => "FORECAST.LINEAR",
        _ => name,
    }
}

/// Whether an expression surely has several values.
fn is_many(expr: &Expr) -> bool {
    match expr {
        Expr::Range(at) => {
            let one = at.range.rows.is_some_and(|(first, last)| first == last)
                && at.range.cols.is_some_and(|(first, last)| first == last);
            !one
        }
        Expr::Array(array) => array.cells().len() > 1,
        Expr::Measure(reference) => matches!(reference.when, When::All | When::History | When::Plan),
        Expr::Group(inner) => is_many(inner),
        Expr::Chain(first, rest) => is_many(first) || rest.iter().any(|(_, operand)| is_many(operand)),
        _ => false,
    }
}

/// What FORECAST gives where its arguments turn out to be those of FORECAST.LINEAR, by a name or a computed reference.
pub(super) fn linear(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Option<Outcome> {
    let [_, y, x] = arguments else { return None };
    let several = |expr| matches!(evaluation.value(expr), Value::Array(array) if array.cells().len() > 1);
    (several(y) && several(x)).then(|| match find("FORECAST.LINEAR") {
        Some(function) => Ok(evaluation.value(&Expr::Call(function, arguments.to_vec()))),
        None => Err(CellError::new(ErrorKind::Busy)),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::formula::Formula;
    use crate::formula::mock::{Mock, home};

    #[test]
    fn three_arguments_with_two_series_are_those_of_forecast_linear() {
        let mut mock = Mock::with_rows(&std::array::from_fn::<_, 4, _>(|row| {
            [row as f64, 10.0 * row as f64 + 1.0, 2.0].map(crate::value::Value::from)
        }));
        mock.names.insert("x".into(), "=[r:sheet1:r1:r4:c1:c1:----]".into());
        mock.names.insert("y".into(), "=[r:sheet1:r1:r4:c2:c2:----]".into());
        mock.check(&[
            ("FORECAST(9,B1:B4,A1:A4)", "91"),
            ("FORECAST(A4,{1,11,21},{0,1,2})", "31"),
            ("FORECAST(9,B1:B4*2,(A1:A4))", "182"),
            ("FORECAST({5,6},B1:B4,A1:A4)", "{51,61}"),
            ("FORECAST(9,B1:B4,A1:A3)", "#N/A"),
            ("FORECAST(9,y,x)", "91"),
            ("FORECAST(9,OFFSET(B1,0,0,4),A1:A4)", "91"),
        ]);
        assert!(mock.calls.borrow().is_empty());
        for (typed, heavy) in [
            ("=FORECAST(9,B1:B4,A1:A4)", false),
            ("=FORECAST(B1:B4,3,4)", true),
            ("=FORECAST(B1:B4,C1,C2)", true),
            ("=FORECAST(B1:B4)", true),
        ] {
            let formula = Formula::parse(typed, &mock, home()).unwrap();
            let text = formula.print(&mock, home());
            assert_eq!(text.starts_with("=FORECAST("), heavy, "{text}");
            let calls = mock.calls.borrow().len();
            formula.evaluate(&mock, home());
            assert_eq!(mock.calls.borrow().len() > calls, heavy, "{typed}");
        }
    }
}
