//! The stored form of references: ids only, readable without names.

use std::fmt::Write;
use std::str::FromStr;

use super::super::ast::{CellAt, Expr, RangeAt};
use super::super::lex::Token;
use super::super::parse::Parser;
use super::super::shape::References;
use super::super::{FormulaError, MeasureRef, RangeRef};
use super::structured::read_when;
use crate::formula::When;
use crate::refs::CellRef;

/// Reads a stored reference if the next token is one.
pub fn parse(parser: &mut Parser<'_>) -> Result<Option<Expr>, FormulaError> {
    let Some(Token::Bracket(inside)) = parser.peek() else { return Ok(None) };
    let expr = read(inside).ok_or_else(|| parser.error(format!("[{inside}] is not a stored reference")))?;
    parser.advance(1);
    Ok(Some(expr))
}

/// Most fields a stored reference has.
const MOST_FIELDS: usize = 6;

fn read(inside: &str) -> Option<Expr> {
    // Fields are so short that looking at every byte is quicker than searching.
    let colon = |text: &str| text.as_bytes().iter().position(|&byte| byte == b':');
    let (kind, mut rest) = colon(inside).map(|end| (&inside[..end], &inside[end + 1..]))?;
    let (mut fields, mut count) = ([""; MOST_FIELDS], 0);
    while let Some(end) = colon(rest) {
        *fields.get_mut(count)? = &rest[..end];
        (rest, count) = (&rest[end + 1..], count + 1);
    }
    *fields.get_mut(count)? = rest;
    count += 1;
    match (kind, &fields[..count]) {
        ("c", [sheet, row, col, flags]) => {
            let [row_fixed, col_fixed] = read_flags(flags)?;
            let cell = CellRef { sheet: sheet.parse().ok()?, row: row.parse().ok()?, col: col.parse().ok()? };
            Some(Expr::Cell(CellAt { cell, row_fixed, col_fixed }))
        }
        ("r", [sheet, row, row_2, col, col_2, flags]) => {
            let [r1, r2, c1, c2] = read_flags(flags)?;
            let (rows, cols) = (read_axis(row, row_2)?, read_axis(col, col_2)?);
            if rows.is_none() && cols.is_none() {
                return None;
            }
            let range = RangeRef { sheet: sheet.parse().ok()?, rows, cols };
            Some(Expr::Range(RangeAt { range, rows_fixed: (r1, r2), cols_fixed: (c1, c2) }))
        }
        ("m", [sheet, version, measure, row, when]) => Some(Expr::Measure(MeasureRef {
            sheet: optional(sheet, |text| text.parse().ok())?,
            version: optional(version, |text| decode(text).map(Into::into))?,
            measure: measure.parse().ok()?,
            own_row: match *row {
                "@" => true,
                "*" => false,
                _ => return None,
            },
            when: read_when(when)?,
        })),
        ("n", [name]) => Some(Expr::Name(decode(name)?.into())),
        _ => None,
    }
}

/// Takes a reference to a cell or a rectangle out: its place in `skeleton` keeps its flags, and which axes are whole.
/// `false`, and nothing done, for anything else.
pub fn take_out(inside: &str, skeleton: &mut String, references: &mut References) -> bool {
    let (kind, marks) = match inside.as_bytes() {
        [b'c', b':', ..] => match read(inside) {
            Some(Expr::Cell(at)) => {
                references.cells.push(at.cell);
                ("[c", [at.row_fixed, at.col_fixed, false, false])
            }
            _ => return false,
        },
        [b'r', b':', ..] => match read(inside) {
            Some(Expr::Range(RangeAt { range, rows_fixed, cols_fixed })) => {
                let kind = match (range.rows, range.cols) {
                    (None, _) => "[cols",
                    (_, None) => "[rows",
                    _ => "[range",
                };
                references.ranges.push(range);
                (kind, [rows_fixed.0, rows_fixed.1, cols_fixed.0, cols_fixed.1])
            }
            _ => return false,
        },
        _ => return false,
    };
    skeleton.push_str(kind);
    push_marks(skeleton, &marks);
    true
}

/// Writes the next reference into a place where one was taken out; `false`, and nothing done, for anything else.
pub fn put_in(
    inside: &str,
    out: &mut String,
    cells: &mut dyn Iterator<Item = CellRef>,
    ranges: &mut dyn Iterator<Item = &RangeRef>,
) -> bool {
    let Some((kind, [r1, r2, c1, c2])) =
        inside.len().checked_sub(4).and_then(|at| Some((inside.get(..at)?, read_flags(inside.get(at..)?)?)))
    else {
        return false;
    };
    let expr = match kind {
        "c" => cells.next().map(|cell| Expr::Cell(CellAt { cell, row_fixed: r1, col_fixed: r2 })),
        "cols" | "rows" | "range" => ranges
            .next()
            .map(|range| Expr::Range(RangeAt { range: range.clone(), rows_fixed: (r1, r2), cols_fixed: (c1, c2) })),
        _ => None,
    };
    expr.inspect(|expr| write(out, expr)).is_some()
}

/// `.` stands for none.
fn optional<T>(text: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    if text == "." { Some(None) } else { read(text).map(Some) }
}

/// `*` twice stands for the whole axis.
fn read_axis<T: FromStr>(first: &str, last: &str) -> Option<Option<(T, T)>> {
    match (first, last) {
        ("*", "*") => Some(None),
        _ => Some(Some((first.parse().ok()?, last.parse().ok()?))),
    }
}

fn read_flags<const N: usize>(text: &str) -> Option<[bool; N]> {
    let mut flags = [false; N];
    let bytes = text.as_bytes();
    if bytes.len() != N {
        return None;
    }
    for (flag, byte) in flags.iter_mut().zip(bytes) {
        *flag = match byte {
            b'$' => true,
            b'-' => false,
            _ => return None,
        };
    }
    Some(flags)
}

/// The name of a parameter of LAMBDA, and whether it may be left out.
pub fn parameter(inside: &str) -> Option<(String, bool)> {
    let optional = inside.strip_prefix("o:");
    Some((decode(optional.or_else(|| inside.strip_prefix("n:"))?)?, optional.is_some()))
}

/// Appends the stored form of such a parameter.
pub fn write_optional(out: &mut String, name: &str) {
    out.extend(["[o:", &encode(name), "]"]);
}

/// Appends the stored form of a reference; nothing for any other expression.
pub fn write(out: &mut String, expr: &Expr) {
    match expr {
        Expr::Cell(CellAt { cell, row_fixed, col_fixed }) => {
            out.push_str("[c:");
            cell.sheet.0.push_to(out);
            out.push(':');
            cell.row.0.push_to(out);
            out.push(':');
            cell.col.push_to(out);
            push_flags(out, &[*row_fixed, *col_fixed]);
        }
        Expr::Range(RangeAt { range, rows_fixed, cols_fixed }) => {
            out.push_str("[r:");
            range.sheet.0.push_to(out);
            push_axis(out, range.rows, |out, row| row.0.push_to(out));
            push_axis(out, range.cols, |out, col| col.push_to(out));
            push_flags(out, &[rows_fixed.0, rows_fixed.1, cols_fixed.0, cols_fixed.1]);
        }
        Expr::Measure(reference) => {
            // Writing to a text cannot fail.
            let _ = write!(
                out,
                "[m:{}:{}:{}:{}:{}]",
                reference.sheet.map_or_else(|| ".".to_owned(), |sheet| sheet.to_string()),
                reference.version.as_deref().map_or_else(|| ".".to_owned(), encode),
                reference.measure,
                if reference.own_row { "@" } else { "*" },
                when(reference.when)
            );
        }
        Expr::Name(name) => {
            out.push_str("[n:");
            out.push_str(&encode(name));
            out.push(']');
        }
        _ => {}
    }
}

fn when(when: When) -> String {
    match when {
        When::Here(step) => format!("@{step:+}"),
        When::At(bucket) => bucket.to_string(),
        When::All => "all".into(),
        When::History => "history".into(),
        When::Plan => "plan".into(),
    }
}

fn push_axis<T>(out: &mut String, corners: Option<(T, T)>, push: impl Fn(&mut String, T)) {
    out.push(':');
    match corners {
        Some((first, last)) => {
            push(out, first);
            out.push(':');
            push(out, last);
        }
        None => out.push_str("*:*"),
    }
}

/// The last field, and the closing bracket.
fn push_flags(out: &mut String, flags: &[bool]) {
    out.push(':');
    push_marks(out, flags);
}

/// Which of the axes are fixed, and the closing bracket.
fn push_marks(out: &mut String, fixed: &[bool]) {
    fixed.iter().for_each(|&fixed| out.push_str(if fixed { "$" } else { "-" }));
    out.push(']');
}

/// Letters, digits and `_` as they are, every other byte as `%xx`; so no text is `.`.
fn encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02x}");
        }
    }
    out
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let (digits, tail) = tail.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}
