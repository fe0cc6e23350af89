//! Questions about cells and sheets themselves rather than their values.

use super::args::{not_found, wrong};
use super::computed_references::on_sheet;
use super::position::range_of;
use super::{Body, Declared, declare};
use crate::formula::ast::Expr;
use crate::formula::eval::{Evaluation, Meaning, Outcome};
use crate::refs::{CellRef, a1};
use crate::value::{CellError, Value};

pub(super) const FUNCTIONS: &[Declared] = &[
    declare(
        "FORMULATEXT(reference)",
        "The formula of a cell as text; #N/A where there is none.",
        "=FORMULATEXT(B2)",
        Body::Lazy(formula_text),
    ),
    declare("ISFORMULA(reference)", "Whether a cell holds a formula.", "=ISFORMULA(B2)", Body::Lazy(is_formula)),
    declare(
        "SHEET([reference])",
        "The number of a sheet, by a reference, its title, or the formula's own.",
        "=SHEET()",
        Body::Lazy(sheet),
    ),
    declare(
        "SHEETS([reference])",
        "The number of sheets of a reference, or of the workbook.",
        "=SHEETS()",
        Body::Lazy(|evaluation, arguments| match arguments.first() {
            None => place(evaluation, evaluation.at.sheet).map(|(_, count)| Value::number(count as f64)),
            Some(expr) => range_of(evaluation, expr).map(|_| Value::Number(1.0)),
        }),
    ),
    declare(
        "CELL(kind, [reference])",
        "What is asked of a cell: address, row, col, contents, type or filename (its sheet, behind a workbook in \
         brackets); format, width, color, protect, prefix and parentheses are those of a cell without a format.",
        "=CELL(\"address\",B2)",
        Body::Lazy(cell),
    ),
    declare(
        "INFO(kind)",
        "What is asked of the workbook: numfile, the number of its sheets, or recalc, how it calculates.",
        "=INFO(\"recalc\")",
        Body::Lazy(info),
    ),
    declare(
        "HYPERLINK(address, [text])",
        "The text of a link, or its address where it has none.",
        "=HYPERLINK(\"https://example.com\",\"more\")",
        Body::Each(|args| Ok(args.value(if args.given(1) { 1 } else { 0 }).clone())),
    ),
    declare(
        "ISOMITTED(argument)",
        "Whether an argument of a LAMBDA was left out.",
        "=LAMBDA(x,[y],IF(ISOMITTED(y),x,x+y))(5)",
        Body::Lazy(|evaluation, arguments| {
            Ok(matches!(arguments.first().map(|expr| evaluation.meaning_or_error(expr)), Some(Meaning::Omitted)).into())
        }),
    ),
];

/// The first cell of a reference; the own one without.
fn first_cell(evaluation: &Evaluation<'_>, expr: Option<&Expr>) -> Result<CellRef, CellError> {
    let Some(expr) = expr else { return Ok(evaluation.at) };
    let range = range_of(evaluation, expr)?;
    let gone = || wrong("the reference names no cell");
    let (row, col) = evaluation.corner(&range).ok_or_else(gone)?;
    evaluation.cells.cell_at(range.sheet, row, col).ok_or_else(gone)
}

fn formula_text(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let cell = first_cell(evaluation, arguments.first())?;
    evaluation.cells.formula_text(cell).map(Value::text).ok_or_else(|| not_found("the cell holds no formula"))
}

fn is_formula(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let Some(expr) = arguments.first() else { return Err(wrong("a reference is needed")) };
    let range = range_of(evaluation, expr)?;
    let corner = first_cell(evaluation, Some(expr))?;
    let is_formula = |cell: CellRef| Value::Bool(evaluation.cells.has_formula(cell));
    let (Some((r1, r2)), Some((c1, c2))) = (range.rows, range.cols) else { return Ok(is_formula(corner)) };
    if r1 == r2 && c1 == c2 {
        return Ok(is_formula(corner));
    }
    let size = evaluation.cells.range(&range)?;
    let (row, col) = evaluation.cells.position(corner).ok_or_else(|| wrong("the reference names no cell"))?;
    evaluation.array(size.rows(), size.cols(), |r, c| {
        evaluation.cells.cell_at(range.sheet, row + r as u32, col + c as u32).map_or(Value::Bool(false), is_formula)
    })
}

fn place(evaluation: &Evaluation<'_>, sheet: crate::refs::SheetId) -> Result<(usize, usize), CellError> {
    evaluation.cells.sheet_place(sheet).ok_or_else(|| not_found("there is no such sheet"))
}

fn sheet(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let sheet = match arguments.first() {
        None => evaluation.at.sheet,
        Some(expr) => match range_of(evaluation, expr) {
            Ok(range) => range.sheet,
            Err(_) => {
                let title = evaluation.value(expr).to_text()?;
                evaluation.cells.sheet_by_title(&title).ok_or_else(|| not_found("there is no such sheet"))?
            }
        },
    };
    place(evaluation, sheet).map(|(number, _)| Value::number(number as f64))
}

fn cell(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let kind = evaluation.value(arguments.first().unwrap_or(&Expr::Missing)).to_text()?.to_lowercase();
    let cell = first_cell(evaluation, arguments.get(1))?;
    let (row, col) = evaluation.cells.position(cell).ok_or_else(|| wrong("the reference names no cell"))?;
    match kind.as_str() {
        "address" => {
            let sheet = if cell.sheet == evaluation.at.sheet { None } else { evaluation.cells.title_of(cell.sheet) };
            Ok(Value::text(on_sheet(sheet.as_deref(), &format!("${}${}", a1::column_letters(col), row + 1))))
        }
        "filename" => {
            Ok(Value::text(format!("[workbook]{}", evaluation.cells.title_of(cell.sheet).unwrap_or_default())))
        }
        "format" => Ok(Value::text("G")),
        "width" => Ok(Value::Number(8.0)),
        "protect" => Ok(Value::Number(1.0)),
        "color" | "parentheses" => Ok(Value::Number(0.0)),
        "prefix" => Ok(Value::text("")),
        "row" => Ok(Value::number(f64::from(row) + 1.0)),
        "col" => Ok(Value::number(f64::from(col) + 1.0)),
        "contents" => Ok(evaluation.cells.value(cell)),
        "type" => Ok(Value::text(match evaluation.cells.value(cell) {
            Value::Blank => "b",
            Value::Text(_) => "l",
            _ => "v",
        })),
        _ => Err(wrong("CELL tells address, row, col, contents, type and filename")),
    }
}

/// A value is the same for everyone and for ever, so what differs from one computer to the next is told of none.
fn info(evaluation: &Evaluation<'_>, arguments: &[Expr]) -> Outcome {
    let kind = evaluation.value(arguments.first().unwrap_or(&Expr::Missing)).to_text()?.to_lowercase();
    match kind.as_str() {
        "numfile" => place(evaluation, evaluation.at.sheet).map(|(_, count)| Value::number(count as f64)),
        "recalc" => Ok(Value::text("Automatic")),
        "directory" | "origin" | "osversion" | "release" | "system" => {
            Err(not_found("it differs from one computer to the next, and the plan is the same on all"))
        }
        _ => Err(wrong("INFO tells numfile and recalc")),
    }
}

#[cfg(test)]
mod tests {
    use crate::formula::mock::check;

    #[test]
    fn cells_as_such() {
        check(&[
            ("INFO(\"Recalc\")", "\"Automatic\""),
            ("INFO(\"system\")", "#N/A"),
            ("INFO(\"weather\")", "#VALUE!"),
            ("CELL(\"address\",B2:C3)", "\"$B$2\""),
            ("CELL(\"row\",B7)", "7"),
            ("CELL(\"format\",B7)&CELL(\"width\",B7)&CELL(\"Prefix\",B7)", "\"G8\""),
            ("CELL(\"color\",B7)+CELL(\"protect\",B7)+CELL(\"parentheses\",B7)", "1"),
            ("CELL(\"colour\",B7)", "#VALUE!"),
            ("HYPERLINK(\"a\",\"b\")", "\"b\""),
            ("HYPERLINK(\"a\")", "\"a\""),
            ("FORMULATEXT(1)", "#VALUE!"),
            ("FORMULATEXT(A1)", "#N/A"),
            ("ISFORMULA(A1:A2)", "{FALSE;FALSE}"),
        ]);
    }
}
