//! Sums, counts and averages of what meets criteria.
//!
//! Criteria that are arrays give an array of results. Where the values have more columns than a criterion's
//! range (or more rows), the range repeats, so that a planner may sum a whole measure by a static one.

use std::sync::Arc;

use super::args::wrong;
use super::arithmetic::total;
use super::criteria::Criterion;
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::{Array, CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "SUMIF(range, criterion, [sum_range])",
        "Adds what lies beside the cells that meet a criterion.",
        "=SUMIF(A:A,\"Bikes\",C:C)",
        Body::Lifted(|index| index == 1, |args| one(args, sum)),
    )
    .growing(),
    declare(
        "SUMIFS(sum_range, range1, criterion1, [range2], [criterion2], …)",
        "Adds the values whose rows meet all criteria.",
        "=SUMIFS(Demand[Revenue, @],Demand[Family],[@Family])",
        Body::Lifted(criterion_after_values, |args| several(args, sum)),
    ),
    declare(
        "COUNTIF(range, criterion)",
        "Counts the cells that meet a criterion.",
        "=COUNTIF(B2:B9,\">0\")",
        Body::Lifted(
            |index| index == 1,
            |args| {
                let criterion = Criterion::read(args.value(1));
                let met = count(args, &operand(args, 0), &criterion)? as u64;
                let beyond = if criterion.holds(&Value::Blank) { args.beyond(0) } else { 0 };
                Ok(Value::number((met + beyond) as f64))
            },
        ),
    ),
    declare(
        "COUNTIFS(range1, criterion1, [range2], [criterion2], …)",
        "Counts the rows that meet all criteria.",
        "=COUNTIFS(A:A,\"Bikes\",C:C,\">0\")",
        Body::Lifted(
            |index| index % 2 == 1,
            |args| {
                let met = match args.count() {
                    2 => count(args, &operand(args, 0), &Criterion::read(args.value(1)))?,
                    _ => chosen(args, 0, None)?.len(),
                } as u64;
                let blanks_meet = |index: usize| Criterion::read(args.value(index + 1)).holds(&Value::Blank);
                let beyond = if (0..args.count()).step_by(2).all(blanks_meet) { args.beyond(0) } else { 0 };
                Ok(Value::number((met + beyond) as f64))
            },
        ),
    ),
    declare(
        "AVERAGEIF(range, criterion, [average_range])",
        "The mean of what lies beside the cells that meet a criterion.",
        "=AVERAGEIF(A:A,\"Bikes\",C:C)",
        Body::Lifted(|index| index == 1, |args| one(args, average)),
    )
    .growing(),
    declare(
        "AVERAGEIFS(average_range, range1, criterion1, [range2], [criterion2], …)",
        "The mean of the values whose rows meet all criteria.",
        "=AVERAGEIFS(C:C,A:A,\"Bikes\")",
        Body::Lifted(criterion_after_values, |args| several(args, average)),
    ),
    declare(
        "MINIFS(min_range, range1, criterion1, [range2], [criterion2], …)",
        "The least value whose row meets all criteria.",
        "=MINIFS(C:C,A:A,\"Bikes\")",
        Body::Lifted(criterion_after_values, |args| {
            several(args, |numbers| Ok(numbers.into_iter().reduce(f64::min).unwrap_or(0.0)))
        }),
    ),
    declare(
        "MAXIFS(max_range, range1, criterion1, [range2], [criterion2], …)",
        "The greatest value whose row meets all criteria.",
        "=MAXIFS(C:C,A:A,\"Bikes\")",
        Body::Lifted(criterion_after_values, |args| {
            several(args, |numbers| Ok(numbers.into_iter().reduce(f64::max).unwrap_or(0.0)))
        }),
    ),
];

type Fold = fn(Vec<f64>) -> Result<f64, CellError>;

fn criterion_after_values(index: usize) -> bool {
    index > 0 && index.is_multiple_of(2)
}

fn sum(numbers: Vec<f64>) -> Result<f64, CellError> {
    Ok(total(numbers))
}

fn average(numbers: Vec<f64>) -> Result<f64, CellError> {
    if numbers.is_empty() {
        return Err(CellError::because(ErrorKind::Div0, "nothing meets the criteria"));
    }
    Ok(total(numbers.iter().copied()) / numbers.len() as f64)
}

/// An argument as a rectangle; errors among its values are no error of the whole.
fn operand(args: &Args<'_>, index: usize) -> Arc<Array> {
    match args.value(index) {
        Value::Array(array) => array.clone(),
        single => Arc::new(Array::single(single.clone())),
    }
}

/// SUMIF and AVERAGEIF: values default to the range itself and start at its corner. What is given of them says where
/// they start; they are as many as the range has (`functions/growing.rs`).
fn one(args: &Args<'_>, fold: Fold) -> Outcome {
    let (range, criterion) = (operand(args, 0), Criterion::read(args.value(1)));
    let values = if args.given(2) { operand(args, 2) } else { range.clone() };
    let beside = |place: usize| values.get(place / range.cols(), place % range.cols());
    fold_numbers(meeting(args, &range, &criterion)?.filter_map(beside), fold)
}

/// How many cells of a range meet a criterion.
fn count(args: &Args<'_>, range: &Array, criterion: &Criterion) -> Result<usize, CellError> {
    // The first part of a browser's program has no room for it; the cells are read there.
    let known = if cfg!(target_arch = "wasm32") || !criterion.compares() {
        None
    } else {
        range.sorted_numbers().and_then(|sorted| criterion.count_of(sorted))
    };
    known.map_or_else(|| Ok(meeting(args, range, criterion)?.count()), Ok)
}

/// Places of a range, row by row, that meet a criterion. Where all cells are read for it, that counts as work: one formula can
/// ask for it as often as there are cells.
fn meeting<'a>(
    args: &Args<'_>,
    range: &'a Array,
    criterion: &'a Criterion,
) -> Result<impl Iterator<Item = usize> + 'a, CellError> {
    /// So many cells are compared in the time one value is computed in.
    const COMPARED: usize = 2;
    let is_one_line = range.rows() == 1 || range.cols() == 1;
    let sought = criterion.sought().filter(|_| is_one_line);
    let places: Box<dyn Iterator<Item = usize>> = match sought.and_then(|sought| range.candidates(&sought)) {
        Some(candidates) => Box::new(candidates),
        None => {
            args.evaluation.spend(range.cells().len() / COMPARED)?;
            Box::new(0..range.cells().len())
        }
    };
    Ok(places.filter(|place| criterion.holds(&range.cells()[*place])))
}

/// What becomes of the numbers among values; the first error is the result.
fn fold_numbers<'a>(values: impl Iterator<Item = &'a Value>, fold: Fold) -> Outcome {
    let mut numbers = Vec::new();
    for value in values {
        match value {
            Value::Number(number) => numbers.push(*number),
            Value::Error(error) => return Err(error.clone()),
            _ => {}
        }
    }
    Ok(Value::number(fold(numbers)?))
}

fn several(args: &Args<'_>, fold: Fold) -> Outcome {
    let values = operand(args, 0);
    let chosen = chosen(args, 1, Some(&values))?;
    fold_numbers(chosen.into_iter().map(|place| &values.cells()[place]), fold)
}

/// The places that meet all pairs of range and criterion from argument `from` on, row by row.
fn chosen(args: &Args<'_>, from: usize, values: Option<&Array>) -> Result<Vec<usize>, CellError> {
    if !(args.count() - from).is_multiple_of(2) {
        return Err(wrong("every range needs its criterion"));
    }
    let ranges: Vec<Arc<Array>> = (from..args.count()).step_by(2).map(|index| operand(args, index)).collect();
    let shapes = || ranges.iter().map(Arc::as_ref).chain(values);
    let rows = shapes().map(Array::rows).max().unwrap_or(1);
    let cols = shapes().map(Array::cols).max().unwrap_or(1);
    let size = values.map_or((rows, cols), |values| (values.rows(), values.cols()));
    if size != (rows, cols) {
        return Err(wrong("the ranges must be as large as the values"));
    }
    let mut chosen: Option<Vec<usize>> = None;
    for (range, index) in ranges.iter().zip((from..).step_by(2)) {
        let criterion = Criterion::read(args.value(index + 1));
        let repeats = (range.rows() == 1 && rows > 1, range.cols() == 1 && cols > 1);
        if (range.rows() != rows && !repeats.0) || (range.cols() != cols && !repeats.1) || repeats == (true, true) {
            return Err(wrong("the ranges must be of one size"));
        }
        let in_range = |place: &usize| {
            let row = if repeats.0 { 0 } else { place / cols };
            let col = if repeats.1 { 0 } else { place % cols };
            row * range.cols() + col
        };
        chosen = Some(match chosen {
            // What met the criteria before is asked alone.
            Some(mut chosen) => {
                chosen.retain(|place| criterion.holds(&range.cells()[in_range(place)]));
                chosen
            }
            None => {
                let met = meeting(args, range, &criterion)?;
                match repeats {
                    (true, _) => {
                        let met: Vec<usize> = met.collect();
                        (0..rows).flat_map(|row| met.iter().map(move |col| row * cols + col)).collect()
                    }
                    (_, true) => met.flat_map(|row| row * cols..(row + 1) * cols).collect(),
                    _ => met.collect(),
                }
            }
        });
    }
    Ok(chosen.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::{Mock, measure, sheet};
    use crate::value::Value;

    #[test]
    fn what_meets_criteria() {
        let mock = Mock::with_rows(&[
            ["a".into(), 1.0.into(), true.into()],
            ["b".into(), 2.0.into(), "x".into()],
            ["A".into(), 3.0.into(), Value::Blank],
            ["ab".into(), "n".into(), 0.0.into()],
        ]);
        mock.check(&[
            ("SUMIF(A1:A4,\"a\",B1:B4)", "4"),
            ("SUMIF(B1:B4,\">1\")", "5"),
            ("SUMIF(A1:A4,{\"a\",\"b\"},B1:B4)", "{4,2}"),
            ("SUMIFS(B1:B4,A1:A4,\"a*\",B1:B4,\">1\")", "3"),
            ("SUMIFS(B1:B4,A1:A3,\"a\")", "#VALUE!"),
            ("COUNTIF(A1:A4,\"?b\")", "1"),
            ("COUNTIF(A:A,\"<>\")", "4"),
            ("COUNTIFS(A1:A4,\"a\",B1:B4,\">=3\")", "1"),
            ("AVERAGEIF(A1:A4,\"a\",B1:B4)", "2"),
            ("AVERAGEIF(A1:A4,\"z\",B1:B4)", "#DIV/0!"),
            ("AVERAGEIFS(B1:B4,A1:A4,\"a\")", "2"),
            ("MINIFS(B1:B4,A1:A4,\"a\")", "1"),
            ("MAXIFS(B1:B4,A1:A4,\"z\")", "0"),
        ]);
    }

    #[test]
    fn comparing_all_cells_with_all_is_work() {
        crate::formula::mock::check(&[
            ("SUM(COUNTIF(SEQUENCE(100,2),SEQUENCE(100,2)))", "200"),
            ("SUM(COUNTIF(SEQUENCE(9000,2),SEQUENCE(9000,2)))", "#LIMIT!"),
        ]);
    }

    #[test]
    fn values_are_as_many_as_the_range_has() {
        let mut mock = Mock::with_rows(&[
            ["a".into(), 1.0.into(), 10.0.into()],
            ["b".into(), 2.0.into(), 20.0.into()],
            ["a".into(), 4.0.into(), 40.0.into()],
        ]);
        mock.names.insert("values".into(), "=[c:sheet1:r1:c2:--]".into());
        mock.check(&[
            ("SUMIF(A1:A3,\"a\",B1)", "5"),
            ("SUMIF(A1:A3,\"a\",values)", "5"),
            ("SUMIF(A1:A3,\"a\",B1:C1)", "5"),
            ("SUMIF(A1:A3,\"a\",B1:C9)", "5"),
            ("SUMIF(A1:A2,\"b\",B2)", "4"),
            ("SUMIF(A:A,\"a\",B1)", "5"),
            ("SUMIF(A1:A3,\"a\",B:B)", "5"),
            ("SUMIF(B1:C2,\">1\",B2)", "64"),
            ("SUMIF(B1:C3,\">3\",A1)", "7"),
            ("AVERAGEIF(A1:A3,\"a\",B1)", "2.5"),
            ("SUMIF(A1:A3,{\"a\",\"b\"},OFFSET(B1,0,0))", "{5,2}"),
            ("SUMIF(A1:A3,\"a\",B59)", "0"),
        ]);
    }

    #[test]
    fn a_static_measure_selects_rows_of_a_timed_one() {
        let mut mock = Mock::default();
        let demand = sheet("demand");
        mock.measures.insert((demand, measure("family")), vec![vec!["x".into()], vec!["y".into()], vec!["x".into()]]);
        let row = |start: u32| (start..start + 6).map(|n| f64::from(n).into()).collect::<Vec<Value>>();
        mock.measures.insert((demand, measure("consensus")), vec![row(1), row(10), row(100)]);
        mock.check(&[
            ("SUMIFS(Demand[Consensus],Demand[Family],\"x\")", "21+615"),
            ("SUMIFS(Demand[Consensus, @],Demand[Family],\"x\")", "4+103"),
            ("COUNTIFS(Demand[Consensus, plan],\">5\",Demand[Family],\"x\")", "4"),
        ]);
    }
}
