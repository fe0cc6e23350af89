//! Arrays filtered, put in order, and each value once.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use super::args::wrong;
use super::arrays::{at, select};
use super::{Args, Body, Declared, declare};
use crate::formula::eval::Outcome;
use crate::value::order::ordered;
use crate::value::{Array, CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "FILTER(array, keep, [if_none])",
        "The rows (or columns) for which a condition holds.",
        "=FILTER(A2:C9,B2:B9>0)",
        Body::Whole(filter),
    ),
    declare(
        "SORT(array, [index], [order], [by_columns])",
        "An array in order: 1 ascending, -1 descending.",
        "=SORT(A2:C9,2,-1)",
        Body::Whole(sort),
    ),
    declare(
        "SORTBY(array, by1, [order1], [by2], [order2], …)",
        "An array in the order of others.",
        "=SORTBY(A2:A9,B2:B9,-1)",
        Body::Whole(sort_by),
    ),
    declare(
        "UNIQUE(array, [by_columns], [exactly_once])",
        "Each row (or column) once.",
        "=UNIQUE(A2:A9)",
        Body::Whole(unique),
    ),
];

fn filter(args: &Args<'_>) -> Outcome {
    let (array, keep) = (args.array(0)?, args.array(1)?);
    let rows = keep.cols() == 1 && keep.rows() == array.rows();
    if !rows && (keep.rows() != 1 || keep.cols() != array.cols()) {
        return Err(wrong("the condition must be as long as the array"));
    }
    let mut kept = Vec::new();
    for (place, value) in keep.cells().iter().enumerate() {
        if value.to_bool()? {
            kept.push(place);
        }
    }
    if kept.is_empty() && args.given(2) {
        return Ok(args.value(2).clone());
    }
    if kept.is_empty() {
        return Err(CellError::because(ErrorKind::Calc, "the filter keeps nothing"));
    }
    select(args, &array, &kept, rows)
}

/// Excel's order for sorting: errors after all else, among each other as ERROR.TYPE counts them; blanks always last.
fn sort_order(a: &Value, b: &Value, descending: bool) -> Ordering {
    let order = |a: &Value, b: &Value| match (a.as_error(), b.as_error()) {
        (Some(a), Some(b)) => (a.kind as u8).cmp(&(b.kind as u8)),
        _ => a.compare(b),
    };
    match (a.is_blank(), b.is_blank()) {
        (false, false) if descending => order(b, a),
        (false, false) => order(a, b),
        (a, b) => a.cmp(&b),
    }
}

fn descending(order: f64) -> Result<bool, CellError> {
    match order {
        1.0 => Ok(false),
        -1.0 => Ok(true),
        _ => Err(wrong("the order is 1 or -1")),
    }
}

fn sort(args: &Args<'_>) -> Outcome {
    let (array, by_cols) = (args.array(0)?, args.bool_or(3, false)?);
    let list = |index: usize| -> Result<Vec<f64>, CellError> {
        if !args.given(index) {
            return Ok(vec![1.0]);
        }
        args.array(index)?.cells().iter().map(Value::to_number).collect()
    };
    let (indices, orders) = (list(1)?, list(2)?);
    let depth = if by_cols { array.rows() } else { array.cols() };
    if indices.iter().any(|index| *index < 1.0 || *index >= depth as f64 + 1.0) {
        return Err(wrong("there is no such column or row to sort by"));
    }
    if orders.len() != 1 && orders.len() != indices.len() {
        return Err(wrong("each index needs its order"));
    }
    let orders = orders.into_iter().map(descending).collect::<Result<Vec<_>, _>>()?;
    let count = if by_cols { array.cols() } else { array.rows() };
    let get = |place: usize, index: usize| if by_cols { array.get(index, place) } else { array.get(place, index) };
    let blank = Value::Blank;
    let places = ordered(count, &mut |a, b| {
        let keys = indices.iter().enumerate().map(|(nth, index)| {
            let index = *index as usize - 1;
            let order = orders.get(nth).or(orders.first()).copied().unwrap_or(false);
            sort_order(get(a, index).unwrap_or(&blank), get(b, index).unwrap_or(&blank), order)
        });
        keys.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    select(args, &array, &places, !by_cols)
}

fn sort_by(args: &Args<'_>) -> Outcome {
    let array = args.array(0)?;
    let mut keys: Vec<(Arc<Array>, bool)> = Vec::new();
    let mut index = 1;
    while index < args.count() {
        let order = if index + 1 < args.count() { args.number_or(index + 1, 1.0)? } else { 1.0 };
        keys.push((args.array(index)?, descending(order)?));
        index += 2;
    }
    let rows = keys.iter().all(|(key, _)| key.cols() == 1 && key.rows() == array.rows());
    if !rows && !keys.iter().all(|(key, _)| key.rows() == 1 && key.cols() == array.cols()) {
        return Err(wrong("what to sort by must be as long as the array"));
    }
    let places = ordered(if rows { array.rows() } else { array.cols() }, &mut |a, b| {
        let orders = keys.iter().map(|(key, descending)| sort_order(&key.cells()[a], &key.cells()[b], *descending));
        orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    select(args, &array, &places, rows)
}

/// A text by which equal values meet, whatever their case.
pub(super) fn identity(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("t{}", text.to_lowercase()),
        Value::Number(number) => format!("n{}", if *number == 0.0 { 0.0 } else { *number }),
        Value::Bool(truth) => format!("b{truth}"),
        Value::Error(error) => format!("e{error}"),
        Value::Blank | Value::Array(_) => String::new(),
    }
}

fn unique(args: &Args<'_>) -> Outcome {
    let (array, by_cols, once) = (args.array(0)?, args.bool_or(1, false)?, args.bool_or(2, false)?);
    let (count, depth) = if by_cols { (array.cols(), array.rows()) } else { (array.rows(), array.cols()) };
    let mut seen: HashMap<Vec<String>, usize> = HashMap::new();
    let mut kept: Vec<(usize, usize)> = Vec::new();
    for place in 0..count {
        let key = (0..depth)
            .map(|index| identity(&if by_cols { at(&array, index, place) } else { at(&array, place, index) }))
            .collect();
        match seen.get(&key) {
            Some(&index) => kept[index].1 += 1,
            None => {
                seen.insert(key, kept.len());
                kept.push((place, 1));
            }
        }
    }
    let places: Vec<usize> =
        kept.into_iter().filter(|(_, times)| !once || *times == 1).map(|(place, _)| place).collect();
    if places.is_empty() {
        return Err(CellError::because(ErrorKind::Calc, "nothing occurs exactly once"));
    }
    select(args, &array, &places, !by_cols)
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::Mock;
    use crate::value::Value;

    #[test]
    fn sorted_and_filtered() {
        let mock = Mock::with_rows(&[
            ["b".into(), 3.0.into()],
            ["a".into(), 1.0.into()],
            ["B".into(), 2.0.into()],
            [Value::Blank, Value::Blank],
        ]);
        mock.check(&[
            ("SORT(B1:B4)", "{1;2;3;0}"),
            ("SORT(A1:B3,2,-1)", "{\"b\",3;\"B\",2;\"a\",1}"),
            ("SORT(A1:B3,{1,2},{1,1})", "{\"a\",1;\"B\",2;\"b\",3}"),
            ("SORTBY(A1:A3,B1:B3)", "{\"a\";\"B\";\"b\"}"),
            ("FILTER(A1:B3,B1:B3>1)", "{\"b\",3;\"B\",2}"),
            ("FILTER(A1:A3,B1:B3>5)", "#CALC!"),
            ("FILTER(A1:A3,B1:B3>5,\"none\")", "\"none\""),
            ("UNIQUE(A1:A3)", "{\"b\";\"a\"}"),
            ("UNIQUE({1,1,2},TRUE,TRUE)", "2"),
            ("_xlfn._TRO_ALL(A:B)", "TRIMRANGE(A:B)"),
            ("ROWS(_xlfn._TRO_TRAILING(A:A))", "3"),
            ("TRIMRANGE(A:B)", "{\"b\",3;\"a\",1;\"B\",2}"),
            ("SORT({3,1,2},1,1,TRUE)", "{1,2,3}"),
            ("SORT({#N/A;TRUE;\"a\";#DIV/0!;1;#NAME?})", "{1;\"a\";TRUE;#DIV/0!;#NAME?;#N/A}"),
            ("SORT({#N/A;1;#DIV/0!;#NUM!},1,-1)", "{#N/A;#NUM!;#DIV/0!;1}"),
        ]);
    }
}
