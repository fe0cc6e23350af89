//! References computed from others, from numbers and from texts.

use super::args::wrong;
use super::position::{Grid, corner, no_reference, number, range_at, rectangle};
use super::{Body, Declared, Nature, declare};
use crate::formula::RangeRef;
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Meaning, Outcome};
use crate::refs::a1;
use crate::value::{CellError, ErrorKind, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "OFFSET(reference, rows, columns, [height], [width])",
        "The range some rows and columns away.",
        "=OFFSET(B2,1,0,3,1)",
        Body::Means(offset),
    )
    .nature(Nature::Volatile),
    declare(
        "INDIRECT(text, [a1])",
        "The cell or range of this sheet that a text names.",
        "=INDIRECT(\"B\"&ROW())",
        Body::Means(indirect),
    )
    .nature(Nature::Volatile),
    declare(
        "ADDRESS(row, column, [kind], [a1], [sheet])",
        "The text of a reference: kind 1 $A$1, 2 A$1, 3 $A1, 4 A1.",
        "=ADDRESS(2,3)",
        Body::Each(address),
    ),
];

fn offset(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<Meaning, CellError> {
    let base = match evaluation.meaning(arguments.first().ok_or_else(no_reference)?)? {
        base @ (Meaning::Cells(_) | Meaning::Each(_)) => base,
        _ => return Err(no_reference()),
    };
    let steps: Vec<Value> =
        (1..5).map(|index| arguments.get(index).map_or(Value::Blank, |expr| evaluation.value(expr))).collect();
    let is_given = |index: usize| arguments.get(index).is_some_and(|expr| *expr != Expr::Missing);
    evaluation.references(&base, &steps, |base, steps| {
        let base = base.ok_or_else(no_reference)?;
        let (row, col) = corner(evaluation, base)?;
        let whole = |index: usize| steps[index - 1].to_number().map(|number| number.trunc() as i64);
        let (down, across) = (whole(1)?, whole(2)?);
        let size = evaluation.cells.range(base)?;
        let height = if is_given(3) { length(&steps[2])? } else { size.rows() as i64 };
        let width = if is_given(4) { length(&steps[3])? } else { size.cols() as i64 };
        if height == 0 || width == 0 {
            return Err(CellError::because(ErrorKind::Ref, "a range has at least one row and one column"));
        }
        let (top, left) = (row.saturating_add(down), col.saturating_add(across));
        // Negative sizes reach up and to the left.
        let end = |start: i64, length: i64| start.saturating_add(if length > 0 { length - 1 } else { length + 1 });
        let (bottom, right) = (end(top, height), end(left, width));
        let (first, last) = ((top.min(bottom), left.min(right)), (top.max(bottom), left.max(right)));
        rectangle(evaluation.cells, base.sheet, first, last)
    })
}

/// A number of rows or columns: a part of one counts as one.
fn length(value: &Value) -> Result<i64, CellError> {
    let exact = value.to_number()?;
    let whole = exact.trunc() as i64;
    Ok(if whole != 0 || exact == 0.0 { whole } else { exact.signum() as i64 })
}

/// The cells of INDEX.
pub(super) fn index(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<Option<Meaning>, CellError> {
    let area = number(evaluation, arguments, 3)?.unwrap_or(1);
    let base = match evaluation.meaning(arguments.first().ok_or_else(no_reference)?)? {
        Meaning::Cells(range) if area == 1 => range,
        Meaning::Areas(areas) => {
            let meant = usize::try_from(area).ok().and_then(|area| areas.get(area.checked_sub(1)?));
            meant.ok_or_else(|| CellError::because(ErrorKind::Ref, "the reference has not so many areas"))?.clone()
        }
        _ => return Ok(None),
    };
    let grid = Grid::of(evaluation, &base)?;
    let place = |index: usize| match arguments.get(index) {
        None | Some(Expr::Missing) => Ok(Some(0)),
        Some(expr) => match evaluation.value(expr) {
            Value::Array(array) if array.cells().len() > 1 => Ok(None),
            value => value.to_number().map(|number| Some(number.trunc() as i64)),
        },
    };
    let (Some(mut row), Some(mut col)) = (place(1)?, place(2)?) else { return Ok(None) };
    if arguments.len() < 3 && grid.rows == 1 && grid.cols > 1 {
        (row, col) = (1, row);
    }
    let span = |index: i64, count: usize| match usize::try_from(index) {
        Ok(0) => Ok(0..count),
        Ok(index) if index <= count => Ok(index - 1..index),
        Ok(_) => Err(CellError::because(ErrorKind::Ref, "the index lies outside the array")),
        Err(_) => Err(wrong("an index must not be negative")),
    };
    grid.part(span(row, grid.rows)?, span(col, grid.cols)?).map(|cells| Some(Meaning::Cells(cells)))
}

fn indirect(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Result<Meaning, CellError> {
    let text = evaluation.value(arguments.first().unwrap_or(&Expr::Missing));
    let a1_style = match arguments.get(1) {
        None | Some(Expr::Missing) => true.into(),
        Some(expr) => evaluation.value(expr),
    };
    evaluation.references(&Meaning::Omitted, &[text, a1_style], |_, values| {
        let text = values[0].to_text()?;
        located(evaluation, &text, values[1].to_bool()?).or_else(|error| match evaluation.defined(&text) {
            Some(Ok(Meaning::Cells(range))) => Ok(range),
            Some(meaning) => meaning.and(Err(no_reference())),
            None => Err(error),
        })
    })
}

/// Reads `B2` or `B2:C9`, with or without `$`.
fn located(evaluation: &Evaluation<'_>, text: &str, a1_style: bool) -> Result<RangeRef, CellError> {
    let gone = || CellError::because(ErrorKind::Ref, format!("‘{text}’ is no reference"));
    let (sheet, cells) = match text.rsplit_once('!') {
        Some((title, cells)) => {
            let title = title.trim_matches('\'').replace("''", "'");
            (evaluation.cells.sheet_by_title(&title).ok_or_else(gone)?, cells)
        }
        None => (evaluation.at.sheet, text),
    };
    let own = || evaluation.cells.position(evaluation.at).unwrap_or_default();
    let (first, last) = cells.split_once(':').unwrap_or((cells, cells));
    if !a1_style {
        let (Some(first), Some(last)) = (r1c1(first, own()), r1c1(last, own())) else { return Err(gone()) };
        let is_alike = (first.0.is_some(), first.1.is_some()) == (last.0.is_some(), last.1.is_some());
        let around = |a: Option<i64>, b: Option<i64>| Some((a?.min(b?), a?.max(b?)));
        let (rows, cols) = (around(first.0, last.0), around(first.1, last.1));
        return if is_alike { range_at(evaluation, sheet, rows, cols) } else { Err(gone()) };
    }
    if cells.contains(':')
        && let (Some(first), Some(last)) = (line(first), line(last))
        && first.0 == last.0
    {
        let ends = Some((first.1.min(last.1), first.1.max(last.1)));
        return if first.0 { range_at(evaluation, sheet, ends, None) } else { range_at(evaluation, sheet, None, ends) };
    }
    let corner = |text: &str| {
        let plain = text.replace('$', "");
        let split = plain.find(|c: char| c.is_ascii_digit())?;
        let (letters, digits) = plain.split_at(split);
        let row: i64 = digits.parse().ok()?;
        Some((row - 1, i64::from(a1::column_index(letters)?)))
    };
    match (corner(first), corner(last)) {
        (Some(a), Some(b)) => {
            rectangle(evaluation.cells, sheet, (a.0.min(b.0), a.1.min(b.1)), (a.0.max(b.0), a.1.max(b.1)))
        }
        _ => Err(gone()),
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

/// `R2C3`, `R[1]C[-1]`, `RC`, and `R2` or `C[1]` for a whole row or column: the zero-based row and column.
fn r1c1(text: &str, own: (u32, u32)) -> Option<(Option<i64>, Option<i64>)> {
    let upper = text.trim().to_ascii_uppercase();
    let (row, col) = match (upper.strip_prefix('R'), upper.strip_prefix('C')) {
        (Some(rest), _) => rest.split_once('C').map_or((Some(rest), None), |(row, col)| (Some(row), Some(col))),
        (None, Some(col)) => (None, Some(col)),
        (None, None) => return None,
    };
    let read = |text: &str, own: u32| match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some(step) => Some(i64::from(own) + step.parse::<i64>().ok()?),
        None if text.is_empty() => Some(i64::from(own)),
        None => Some(text.parse::<i64>().ok()? - 1),
    };
    let row = row.map(|row| read(row, own.0).ok_or(())).transpose().ok()?;
    Some((row, col.map(|col| read(col, own.1).ok_or(())).transpose().ok()?))
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

    fn figures() -> Mock {
        let mut mock = Mock::with_rows(&[
            ["x".into(), 1.0.into(), 10.0.into()],
            ["y".into(), 2.0.into(), 20.0.into()],
            ["x".into(), 3.0.into(), 30.0.into()],
            ["z".into(), 4.0.into(), 40.0.into()],
        ]);
        mock.names.insert("multi".into(), "=([r:sheet1:r1:r2:c2:c2:$$$$],[r:sheet1:r1:r2:c3:c3:$$$$])".into());
        mock.names.insert("round".into(), "=[n:round]:[c:sheet1:r1:c1:$$]".into());
        mock
    }

    #[test]
    fn arrays_of_references_are_taken_one_by_one() {
        figures().check(&[
            ("SUMPRODUCT(N(INDIRECT(\"B\"&ROW(1:3))))", "6"),
            ("SUM(SUBTOTAL(9,OFFSET(B1,0,0,{1;2;3;4})))", "20"),
            ("SUMPRODUCT(SUMIF(OFFSET(B1,{0,1,2},0),\">1\"))", "5"),
            ("N(OFFSET(B1,{0;2},0))", "{1;3}"),
            ("T(OFFSET(A1,{0,3},0))", "{\"x\",\"z\"}"),
            ("N(OFFSET(B1,{0;2},{0,1}))", "{1,10;3,30}"),
            ("SUMPRODUCT(SUBTOTAL(103,OFFSET(A1,ROW(A1:A4)-ROW(A1),0)),B1:B4)", "10"),
            ("SUMIF(INDIRECT({\"A1:A2\",\"A3:A4\"}),\"x\",INDIRECT({\"B1:B2\",\"B3:B4\"}))", "{1,3}"),
            ("SUMIF(INDIRECT({\"A1:A2\",\"A3:A4\"}),{\"x\";\"y\"},INDIRECT({\"B1:B2\",\"B3:B4\"}))", "{1,3;2,0}"),
            ("SUMIFS(OFFSET(B1:B2,{0;2},0),OFFSET(A1:A2,{0;2},0),\"x\")", "{1;3}"),
            ("COUNTIF(OFFSET(A1,0,0,{2;4}),\"x\")", "{1;2}"),
            ("COUNTBLANK(OFFSET(A4,0,0,{1,3}))", "{0,2}"),
            ("LET(r,OFFSET(B1,{0;1},0),SUBTOTAL(9,r))", "{1;2}"),
            ("N(OFFSET(INDIRECT({\"B1\",\"C1\"}),1,0))", "{2,20}"),
            ("N(OFFSET(B1,{-1;0},0))", "{#REF!;1}"),
            ("OFFSET(B1,{0;1},0)", "{#VALUE!;#VALUE!}"),
            ("OFFSET(B1,{1},0)", "2"),
            ("SUBTOTAL(9,(B1:B2,C1))", "13"),
            ("@OFFSET(B1,{1;2},0)", "2"),
        ]);
    }

    #[test]
    fn areas_are_chosen_and_counted() {
        figures().check(&[
            ("INDEX((B1:B4,C1:C4),2,1,2)", "20"),
            ("INDEX((B1:B4,C1:C4),2)", "2"),
            ("SUM(INDEX((B1:B4,C1:C4),0,1,2))", "100"),
            ("INDEX((B1:B4,C1:C4),2,1,3)", "#REF!"),
            ("INDEX(B1:B4,2,1,2)", "#REF!"),
            ("INDEX(multi,2,1,2)", "20"),
            ("SUM(multi)", "33"),
            ("AREAS(multi)", "2"),
            ("AREAS(B1)", "1"),
            ("AREAS(1)", "#VALUE!"),
            ("ROW(round)", "#LIMIT!"),
        ]);
    }

    #[test]
    fn lookups_and_choices_give_references() {
        let lookup = |key: &str| format!("XLOOKUP(\"{key}\",A1:A4,B1:B4)");
        let (y, z) = (lookup("y"), lookup("z"));
        figures().check(&[
            (&*format!("SUM({y}:{z})"), "9"),
            (&*format!("ROW({y})"), "2"),
            (&*format!("OFFSET({y},1,0)"), "3"),
            (&*format!("ISREF({y})"), "TRUE"),
            (&*format!("CELL(\"address\",{y})"), "\"$B$2\""),
            (&*format!("ISREF({})", lookup("q")), "FALSE"),
            ("SUM(XLOOKUP(\"q\",A1:A4,B1:B4,B2):B4)", "9"),
            ("SUM(XLOOKUP(\"y\",A1:A4,B1:C4):C4)", "99"),
            ("XLOOKUP({\"x\";\"y\"},A1:A4,B1:B4)", "{1;2}"),
            ("ISREF(XLOOKUP(\"y\",A1:A4,B1:B4*2))", "FALSE"),
            ("SUM(IFS(FALSE,B1,TRUE,B2):B3)", "5"),
            ("SUM(SWITCH(2,1,B1,2,B2):B3)", "5"),
            ("SUM(SWITCH(3,1,B1,B2):B3)", "5"),
            ("SUM(TAKE(B1:B4,2):B3)", "6"),
            ("ROW(TAKE(B1:B4,-1))", "4"),
            ("ROW(DROP(B1:C4,1))", "{2;3;4}"),
            ("SUM(DROP(B1:C4,2,1):B4)", "77"),
            ("ROW(TRIMRANGE(A:C))", "{1;2;3;4}"),
            ("SUM(IFS(A1=\"x\",\"5\"))", "5"),
            ("SUM(SWITCH(A1,\"x\",\"5\"))", "5"),
            ("SUM(IF(A1=\"x\",\"5\",1))", "5"),
        ]);
    }

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
            ("SUM(INDIRECT(\"area\"):B2)", "10"),
            ("SUM(INDIRECT(\"C1\",FALSE))", "4"),
            ("SUM(INDIRECT(\"R2\",FALSE))", "7"),
            ("SUM(INDIRECT(\"R1C1:R[-58]C2\",FALSE))", "10"),
            ("INDIRECT(\"R1C1:C2\",FALSE)", "#REF!"),
            ("ADDRESS(2,3)", "\"$C$2\""),
            ("ADDRESS(2,3,4)", "\"C2\""),
            ("ADDRESS(2,3,2,FALSE)", "\"R2C[3]\""),
            ("ADDRESS(2,3,1,TRUE,\"My sheet\")", "\"'My sheet'!$C$2\""),
        ]);
    }
}
