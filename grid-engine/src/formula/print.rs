//! From the typed tree back to text: as people read it, and as it is stored.

use std::fmt::Write;

use super::Names;
use super::ast::{Expr, Lambda, Parameter};
use super::lex::is_word;
use super::reference;
use crate::refs::{CellRef, SheetId};
use crate::value::{Array, Value};

/// How references and texts are written.
#[derive(Clone, Copy)]
pub enum Style<'a> {
    /// Ids, ASCII only.
    Stored,
    /// As people read it at a cell.
    Read { names: &'a dyn Names, at: CellRef },
}

/// The text of a formula, with its `=`.
pub fn print(expr: &Expr, style: Style<'_>) -> String {
    // Room for a formula of a few references.
    let mut out = String::with_capacity(96);
    out.push('=');
    push(&mut out, expr, style);
    out
}

fn push(out: &mut String, expr: &Expr, style: Style<'_>) {
    match expr {
        Expr::Number(number) => push_number(out, *number),
        Expr::Text(text) => push_text(out, text, style),
        Expr::Bool(truth) => out.push_str(if *truth { "TRUE" } else { "FALSE" }),
        Expr::Error(kind) => out.push_str(kind.code()),
        Expr::Missing => {}
        Expr::Cell(_) | Expr::Range(_) | Expr::Measure(_) | Expr::Name(_) => push_reference(out, expr, style),
        Expr::Array(array) => push_array(out, array, style),
        Expr::Prefix(prefixes, inner) => {
            out.extend(prefixes.iter().map(|prefix| prefix.symbol()));
            push(out, inner, style);
        }
        Expr::Percent(count, inner) => {
            push(out, inner, style);
            out.extend(std::iter::repeat_n('%', *count));
        }
        Expr::Chain(first, rest) => {
            push(out, first, style);
            for (operator, operand) in rest {
                out.push_str(operator.symbol());
                push(out, operand, style);
            }
        }
        Expr::Span(first, last) => {
            push(out, first, style);
            out.push(':');
            push(out, last, style);
        }
        Expr::Spilled(anchor) => {
            push(out, anchor, style);
            out.push('#');
        }
        Expr::Meet(parts) => push_list(out, parts, ' ', style),
        Expr::Union(parts) => push_list(out, parts, ',', style),
        Expr::Group(inner) => {
            out.push('(');
            push(out, inner, style);
            out.push(')');
        }
        Expr::Call(function, arguments) => {
            out.push_str(function.info.name);
            push_arguments(out, arguments, style);
        }
        Expr::Unknown(name, arguments) => {
            push(out, &Expr::Name(name.clone()), style);
            push_arguments(out, arguments, style);
        }
        Expr::Lambda(lambda) => push_lambda(out, lambda, style),
        Expr::Invoke(callee, arguments) => {
            push(out, callee, style);
            push_arguments(out, arguments, style);
        }
    }
}

fn push_arguments(out: &mut String, arguments: &[Expr], style: Style<'_>) {
    out.push('(');
    push_list(out, arguments, ',', style);
    out.push(')');
}

fn push_list(out: &mut String, parts: &[Expr], between: char, style: Style<'_>) {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.push(between);
        }
        push(out, part, style);
    }
}

fn push_lambda(out: &mut String, lambda: &Lambda, style: Style<'_>) {
    out.push_str("LAMBDA(");
    for Parameter { name, optional } in &lambda.parameters {
        match (optional, style) {
            (false, _) => push(out, &Expr::Name(name.clone()), style),
            (true, Style::Stored) => reference::write_optional(out, name),
            (true, Style::Read { .. }) => out.extend(["[", name, "]"]),
        }
        out.push(',');
    }
    push(out, &lambda.body, style);
    out.push(')');
}

fn push_reference(out: &mut String, expr: &Expr, style: Style<'_>) {
    let Style::Read { names, at } = style else { return reference::write_stored(out, expr) };
    let (sheet, text) = match expr {
        Expr::Cell(cell) => (cell.cell.sheet, reference::cell_text(names, cell)),
        Expr::Range(range) => (range.range.sheet, reference::range_text(names, range)),
        Expr::Measure(measure) => return reference::write_structured(out, names, at.sheet, measure),
        Expr::Name(name) => return out.push_str(name),
        _ => return,
    };
    match text.filter(|_| push_sheet(out, names, at.sheet, sheet)) {
        Some(text) => out.push_str(&text),
        None => out.push_str("#REF!"),
    }
}

/// `Sheet!` where it is another sheet; `false` when that sheet is gone.
fn push_sheet(out: &mut String, names: &dyn Names, home: SheetId, sheet: SheetId) -> bool {
    if sheet == home {
        return true;
    }
    let Some(title) = names.sheet_title(sheet) else { return false };
    push_title(out, title);
    out.push('!');
    true
}

/// A sheet title or version name, in quotes where it needs them.
pub fn push_title(out: &mut String, title: &str) {
    let plain = title.chars().all(|c| is_word(c) && c != '$')
        && title.chars().next().is_some_and(char::is_alphabetic)
        && !reference::looks_like_position(title);
    if plain {
        out.push_str(title);
    } else {
        out.push('\'');
        out.push_str(&title.replace('\'', "''"));
        out.push('\'');
    }
}

/// A number in the fewest digits that read back as the same.
pub fn push_number(out: &mut String, number: f64) {
    let size = number.abs();
    let _ =
        if size != 0.0 && !(1e-9..1e21).contains(&size) { write!(out, "{number:E}") } else { write!(out, "{number}") };
}

fn push_text(out: &mut String, text: &str, style: Style<'_>) {
    out.push('"');
    for c in text.chars() {
        match (c, style) {
            ('"', _) => out.push_str("\"\""),
            ('\\', Style::Stored) => out.push_str("\\\\"),
            (c, Style::Stored) if !(' '..='~').contains(&c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            (c, _) => out.push(c),
        }
    }
    out.push('"');
}

fn push_array(out: &mut String, array: &Array, style: Style<'_>) {
    out.push('{');
    for (index, value) in array.cells().iter().enumerate() {
        if index > 0 {
            out.push(if index % array.cols() == 0 { ';' } else { ',' });
        }
        match value {
            Value::Number(number) => push_number(out, *number),
            Value::Text(text) => push_text(out, text, style),
            Value::Bool(truth) => out.push_str(if *truth { "TRUE" } else { "FALSE" }),
            Value::Error(error) => out.push_str(error.kind.code()),
            Value::Blank | Value::Array(_) => {}
        }
    }
    out.push('}');
}
