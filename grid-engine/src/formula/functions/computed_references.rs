//! References computed from others, from numbers and from texts.

use super::args::wrong;
use super::position::{areas, corner, no_reference, number, range_at, range_of, read, rectangle};
use super::{Body, Declared, Nature, declare};
use crate::formula::RangeRef;
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Outcome};
use crate::refs::a1;
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "OFFSET(reference, rows, columns, [height], [width])",
        "The range some rows and columns away.",
        "=OFFSET(B2,1,0,3,1)",
        Body::Lazy(|evaluation, arguments| read(evaluation, &offset(evaluation, arguments)?)),
    )
    .nature(Nature::Volatile)
    .reference(offset),
    declare(
        "INDIRECT(text, [a1])",
        "The cell or range of this sheet that a text names.",
        "=INDIRECT(\"B\"&ROW())",
        Body::Lazy(indirect_value),
    )
    .nature(Nature::Volatile)
    .reference(indirect),
    declare(
        "ADDRESS(row, column, [kind], [a1], [sheet])",
        "The text of a reference: kind 1 $A$1, 2 A$1, 3 $A1, 4 A1.",
        "=ADDRESS(2,3)",
        Body::Each(address),
    ),
];

fn offset(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<RangeRef, CellError> {
    let base = range_of(evaluation, arguments.first().ok_or_else(no_reference)?)?;
    let (row, col) = corner(evaluation, &base)?;
    let size = evaluation.cells.range(&base)?;
    let down = number(evaluation, arguments, 1)?.unwrap_or(0);
    let across = number(evaluation, arguments, 2)?.unwrap_or(0);
    let height = length(evaluation, arguments, 3)?.unwrap_or(size.rows() as i64);
    let width = length(evaluation, arguments, 4)?.unwrap_or(size.cols() as i64);
    if height == 0 || width == 0 {
        return Err(CellError::because(ErrorKind::Ref, "a range has at least one row and one column"));
    }
    let (top, left) = (row.saturating_add(down), col.saturating_add(across));
    // Negative sizes reach up and to the left.
    let end = |start: i64, length: i64| start.saturating_add(if length > 0 { length - 1 } else { length + 1 });
    let (bottom, right) = (end(top, height), end(left, width));
    let (first, last) = ((top.min(bottom), left.min(right)), (top.max(bottom), left.max(right)));
    rectangle(evaluation.cells, base.sheet, first, last)
}

/// A number of rows or columns: a part of one counts as one.
fn length(evaluation: &Evaluation<'_>, arguments: &[Expr], index: usize) -> Result<Option<i64>, CellError> {
    let whole = number(evaluation, arguments, index)?;
    match arguments.get(index) {
        Some(expr) if whole == Some(0) => {
            let exact = evaluation.value(expr).to_number()?;
            Ok(Some(if exact == 0.0 { 0 } else { exact.signum() as i64 }))
        }
        _ => Ok(whole),
    }
}

/// The cells of INDEX.
pub(super) fn index(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<RangeRef, CellError> {
    let area = number(evaluation, arguments, 3)?.unwrap_or(1);
    let parts = areas(arguments.first().ok_or_else(no_reference)?);
    let part = usize::try_from(area).ok().and_then(|area| parts.get(area.checked_sub(1)?));
    let base = range_of(evaluation, part.ok_or_else(|| CellError::new(ErrorKind::Ref))?)?;
    let (top, left) = corner(evaluation, &base)?;
    let size = evaluation.cells.range(&base)?;
    let (rows, cols) = (size.rows() as i64, size.cols() as i64);
    let mut row = number(evaluation, arguments, 1)?.unwrap_or(0);
    let mut col = number(evaluation, arguments, 2)?.unwrap_or(0);
    if arguments.len() < 3 && rows == 1 && cols > 1 {
        (row, col) = (1, row);
    }
    if !(0..=rows).contains(&row) || !(0..=cols).contains(&col) {
        return Err(CellError::because(ErrorKind::Ref, "the index lies outside the array"));
    }
    let span = |start: i64, index: i64, count: i64| {
        if index == 0 { (start, start + count - 1) } else { (start + index - 1, start + index - 1) }
    };
    let ((r1, r2), (c1, c2)) = (span(top, row, rows), span(left, col, cols));
    rectangle(evaluation.cells, base.sheet, (r1, c1), (r2, c2))
}

/// The cells of CHOOSE.
pub(super) fn choose(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<RangeRef, CellError> {
    let place = number(evaluation, arguments, 0)?.and_then(|place| usize::try_from(place).ok());
    let chosen = place.filter(|place| *place > 0).and_then(|place| arguments.get(place));
    range_of(evaluation, chosen.ok_or_else(no_reference)?)
}

/// Reads `B2` or `B2:C9`, with or without `$`.
fn indirect(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<RangeRef, CellError> {
    let text = evaluation.value(arguments.first().unwrap_or(&Expr::Missing)).to_text()?;
    let gone = || CellError::because(ErrorKind::Ref, format!("‘{text}’ is no reference"));
    let a1_style = match arguments.get(1) {
        None | Some(Expr::Missing) => true,
        Some(expr) => evaluation.value(expr).to_bool()?,
    };
    let (sheet, cells) = match text.rsplit_once('!') {
        Some((title, cells)) => {
            let title = title.trim_matches('\'').replace("''", "'");
            (evaluation.cells.sheet_by_title(&title).ok_or_else(gone)?, cells)
        }
        None => (evaluation.at.sheet, &*text),
    };
    let own = evaluation.cells.position(evaluation.at).unwrap_or_default();
    if let Some((first, last)) = cells.split_once(':').filter(|_| a1_style)
        && let (Some(first), Some(last)) = (line(first), line(last))
        && first.0 == last.0
    {
        let ends = Some((first.1.min(last.1), first.1.max(last.1)));
        return if first.0 { range_at(evaluation, sheet, ends, None) } else { range_at(evaluation, sheet, None, ends) };
    }
    let corner = |text: &str| {
        let plain = text.replace('$', "");
        if !a1_style {
            return r1c1(&plain, own);
        }
        let split = plain.find(|c: char| c.is_ascii_digit())?;
        let (letters, digits) = plain.split_at(split);
        let row: i64 = digits.parse().ok()?;
        Some((row - 1, i64::from(a1::column_index(letters)?)))
    };
    let (first, last) = cells.split_once(':').unwrap_or((cells, cells));
    match (corner(first), corner(last)) {
        (Some(a), Some(b)) => {
            rectangle(evaluation.cells, sheet, (a.0.min(b.0), a.1.min(b.1)), (a.0.max(b.0), a.1.max(b.1)))
        }
        _ => Err(gone()),
    }
}

fn indirect_value(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    match indirect(evaluation, arguments) {
        Ok(range) => read(evaluation, &range),
        Err(error) => {
            let text = evaluation.value(arguments.first().unwrap_or(&Expr::Missing)).to_text()?;
            match evaluation.cells.defined_name(&text) {
                Some(formula) => range_of(evaluation, formula.root()).and_then(|range| read(evaluation, &range)),
                None => Err(error),
            }
        }
    }
}

/// `5` or `$D`: whether it is a row, and its zero-based place.
fn line(text: &str) -> Option<(bool, i64)> {
    let plain = text.trim().replace('$', "");
    match plain.parse::<i64>() {
        Ok(row) => Some((true, row - 1)),
        Err(_) => a1::column_index(&plain).map(|col| (false, i64::from(col))),
    }
}

/// `R2C3`, `R[1]C[-1]`, `RC`, zero-based.
fn r1c1(text: &str, own: (u32, u32)) -> Option<(i64, i64)> {
    let upper = text.to_ascii_uppercase();
    let (row, col) = upper.strip_prefix('R')?.split_once('C')?;
    let read = |text: &str, own: u32| match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some(step) => Some(i64::from(own) + step.parse::<i64>().ok()?),
        None if text.is_empty() => Some(i64::from(own)),
        None => Some(text.parse::<i64>().ok()? - 1),
    };
    Some((read(row, own.0)?, read(col, own.1)?))
}

fn address(args: &super::Args<'_>) -> Outcome {
    let (row, col) = (args.number(0)?.trunc(), args.number(1)?.trunc());
    let (kind, a1_style) = (args.integer_or(2, 1)?, args.bool_or(3, true)?);
    if !(1.0..=1_048_576.0).contains(&row) || !(1.0..=16_384.0).contains(&col) || !(1..=4).contains(&kind) {
        return Err(wrong("rows go to 1048576, columns to 16384, kinds from 1 to 4"));
    }
    let (row_fixed, col_fixed) = (kind <= 2, kind == 1 || kind == 3);
    let text = if a1_style {
        let mark = |fixed| if fixed { "$" } else { "" };
        format!("{}{}{}{row}", mark(col_fixed), a1::column_letters(col as u32 - 1), mark(row_fixed))
    } else {
        let part = |letter: char, number: f64, fixed| {
            if fixed { format!("{letter}{number}") } else { format!("{letter}[{number}]") }
        };
        part('R', row, row_fixed) + &part('C', col, col_fixed)
    };
    if args.count() < 5 {
        return Ok(Value::text(text));
    }
    Ok(Value::text(on_sheet(Some(&args.text(4)?), &text)))
}

/// The text of a reference with the sheet before it.
pub(super) fn on_sheet(title: Option<&str>, text: &str) -> String {
    let Some(title) = title else { return text.to_owned() };
    let plain =
        title.chars().all(|c| c.is_alphanumeric() || c == '_') && !title.starts_with(|c: char| c.is_ascii_digit());
    if plain { format!("{title}!{text}") } else { format!("'{}'!{text}", title.replace('\'', "''")) }
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::Mock;

    #[test]
    fn references_are_computed() {
        let mut mock =
            Mock::with_rows(&[[1.0.into(), 2.0.into()], [3.0.into(), 4.0.into()], ["B1".into(), 6.0.into()]]);
        mock.names.insert("area".into(), "=[r:sheet1:r1:r2:c1:c2:----]".into());
        mock.check(&[
            ("OFFSET(A1,1,1)", "4"),
            ("SUM(OFFSET(A1,0,0,2,2))", "10"),
            ("SUM(OFFSET(B2,0,0,-2,-2))", "10"),
            ("SUM(OFFSET(area,0,1))", "6"),
            ("OFFSET(A1,-1,0)", "#REF!"),
            ("SUM(OFFSET(A1,0,0,2,0.9))", "SUM(OFFSET(A1,0,0,2,1))"),
            ("SUM(OFFSET(B2,0,0,-0.5,1.9))", "4"),
            ("OFFSET(A1,0,0,0,1)", "#REF!"),
            ("INDIRECT(\"B\"&2)", "4"),
            ("INDIRECT(A3)", "2"),
            ("SUM(INDIRECT(\"$A$1:B2\"))", "10"),
            ("SUM(INDIRECT(\"area\"))", "10"),
            ("INDIRECT(\"R1C2\",FALSE)", "2"),
            ("INDIRECT(\"what\")", "#REF!"),
            ("ROW(INDEX(A1:B3,2,0))", "2"),
            ("SUM(A1:INDEX(A:B,2,2))", "10"),
            ("SUM(A1:OFFSET(A1,1,0))", "4"),
            ("SUM(A1:CHOOSE(2,B1,B2))", "10"),
            ("SUM(INDEX(A:A,1):INDEX(A:A,2))", "4"),
            ("SUM(INDIRECT(\"A1\"):B2)", "10"),
            ("SUM(IF(TRUE,\"5\",1))", "5"),
            ("SUM(IF(TRUE,A3,1))", "0"),
            ("ADDRESS(2,3)", "\"$C$2\""),
            ("ADDRESS(2,3,4)", "\"C2\""),
            ("ADDRESS(2,3,2,FALSE)", "\"R2C[3]\""),
            ("ADDRESS(2,3,1,TRUE,\"My sheet\")", "\"'My sheet'!$C$2\""),
        ]);
    }
}
