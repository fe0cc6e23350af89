//! How references are typed, stored and read: cells, rectangles, structured references, names.
//!
//! | typed | stored |
//! | --- | --- |
//! | `B2`, `$B$2`, `'My sheet'!B2` | `[c:sheet:row:col:flags]` |
//! | `B2:C9`, `A:A`, `3:3` | `[r:sheet:row:row:col:col:flags]`, `*` for a whole axis |
//! | `Demand[Consensus, plan]`, `[@Stock:-1]` | `[m:sheet:version:measure:row:when]`, `.` for none |
//! | `my_name` | `[n:my_name]`, other bytes as `%xx` |
//! | `[y]`, an optional parameter of LAMBDA | `[o:y]` |
//!
//! Flags are `$` per fixed coordinate and `-` per free one, row first.

pub(super) mod stored;
mod structured;

use super::ast::{CellAt, Expr, RangeAt};
use super::lex::Token;
use super::parse::Parser;
use super::{FormulaError, Names, RangeRef};
use crate::refs::{CellRef, ColId, RowId, SheetId, a1};
pub use stored::{parameter, write as write_stored, write_optional};
pub use structured::write as write_structured;

/// Most rows and columns an A1 reference may name: Excel's.
pub const MAX_ROWS: u32 = 1_048_576;

/// Where a typed formula stands and what is called how there.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub names: &'a dyn Names,
    pub at: CellRef,
}

/// Reads a reference if the next tokens are one.
pub fn parse(parser: &mut Parser<'_>) -> Result<Option<Expr>, FormulaError> {
    let Some(place) = parser.place else { return stored::parse(parser) };
    let title = match (parser.peek(), parser.peek_at(1)) {
        (Some(Token::Bracket(inside)), _) => {
            let inside = inside.clone();
            parser.advance(1);
            return structured::parse(parser, place, None, None, &inside).map(Some);
        }
        (Some(Token::Word(title) | Token::Quoted(title) | Token::Number(_, title)), Some(follows)) => match follows {
            Token::Bracket(_) | Token::At | Token::Bang => Some(title.clone()),
            _ => None,
        },
        _ => None,
    };
    let Some(title) = title else { return positions(parser, place, place.at.sheet) };
    match (parser.peek_at(1).cloned(), parser.peek_at(2).cloned(), parser.peek_at(3).cloned()) {
        (Some(Token::Bracket(inside)), ..) => {
            let sheet = sheet_named(parser, place, &title)?;
            parser.advance(2);
            structured::parse(parser, place, Some(sheet), None, &inside).map(Some)
        }
        (Some(Token::At), Some(Token::Word(version) | Token::Quoted(version)), Some(Token::Bracket(inside))) => {
            let sheet = sheet_named(parser, place, &title)?;
            parser.advance(4);
            structured::parse(parser, place, Some(sheet), Some(&version), &inside).map(Some)
        }
        (Some(Token::Bang), ..) => {
            let sheet = sheet_named(parser, place, &title)?;
            parser.advance(2);
            match positions(parser, place, sheet)? {
                Some(reference) => Ok(Some(reference)),
                None if matches!(parser.peek(), Some(Token::Error(_))) => Ok(None),
                None if matches!(parser.peek(), Some(Token::Word(_))) => {
                    let Some(Token::Word(word)) = parser.peek().cloned() else { return Ok(None) };
                    let global = place.names.defined_name(&word).map(|_| word.as_str().into());
                    let name = place.names.name_of_sheet(sheet, &word).or(global);
                    let name = name.ok_or_else(|| parser.error(format!("{title} has no cell or name ‘{word}’")))?;
                    parser.advance(1);
                    Ok(Some(Expr::Name(name)))
                }
                None => Err(parser.error("a cell such as B2 should follow the !")),
            }
        }
        _ => Ok(None),
    }
}

fn sheet_named(parser: &Parser<'_>, place: Place<'_>, title: &str) -> Result<SheetId, FormulaError> {
    place.names.sheet_by_title(title).ok_or_else(|| parser.error(format!("there is no sheet ‘{title}’")))
}

/// One side of an A1 reference, zero-based, with its `$` marks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Corner {
    Cell { row: u32, row_fixed: bool, col: u32, col_fixed: bool },
    Row(u32, bool),
    Col(u32, bool),
}

fn positions(parser: &mut Parser<'_>, place: Place<'_>, sheet: SheetId) -> Result<Option<Expr>, FormulaError> {
    let corner = |token: Option<&Token>| match token {
        Some(Token::Word(text) | Token::Number(_, text)) => read_corner(text),
        _ => None,
    };
    let first = corner(parser.peek());
    // `Sheet!A1:Sheet!B2` is how some programs write `Sheet!A1:B2`.
    let repeated = matches!(parser.peek_at(3), Some(Token::Bang))
        && matches!(parser.peek_at(2), Some(Token::Word(title) | Token::Quoted(title))
            if place.names.sheet_by_title(title) == Some(sheet));
    let skip = if repeated { 4 } else { 2 };
    let second = match parser.peek_at(1) {
        Some(Token::Colon) => corner(parser.peek_at(skip)),
        _ => None,
    };
    let names = place.names;
    let row = |parser: &Parser<'_>, index: u32| {
        names.row_at(sheet, index).ok_or_else(|| parser.error(format!("row {} is not on the sheet", index + 1)))
    };
    let col = |parser: &Parser<'_>, index: u32| {
        names
            .col_at(sheet, index)
            .ok_or_else(|| parser.error(format!("column {} is not on the sheet", a1::column_letters(index))))
    };
    let range = |rows: Option<(RowId, RowId)>, rows_fixed, cols: Option<(ColId, ColId)>, cols_fixed| {
        Expr::Range(RangeAt { range: RangeRef { sheet, rows, cols }, rows_fixed, cols_fixed })
    };
    let expr = match (first, second) {
        (
            Some(Corner::Cell { row: r1, row_fixed: rf1, col: c1, col_fixed: cf1 }),
            Some(Corner::Cell { row: r2, row_fixed: rf2, col: c2, col_fixed: cf2 }),
        ) => range(
            Some((row(parser, r1)?, row(parser, r2)?)),
            (rf1, rf2),
            Some((col(parser, c1)?, col(parser, c2)?)),
            (cf1, cf2),
        ),
        (Some(Corner::Row(r1, f1)), Some(Corner::Row(r2, f2))) => {
            range(Some((row(parser, r1)?, row(parser, r2)?)), (f1, f2), None, (false, false))
        }
        (Some(Corner::Col(c1, f1)), Some(Corner::Col(c2, f2))) => {
            range(None, (false, false), Some((col(parser, c1)?, col(parser, c2)?)), (f1, f2))
        }
        (Some(Corner::Cell { row: r, row_fixed, col: c, col_fixed }), _) if parser.peek_at(1) != Some(&Token::Open) => {
            let cell = CellRef { sheet, row: row(parser, r)?, col: col(parser, c)? };
            parser.advance(1);
            return Ok(Some(Expr::Cell(CellAt { cell, row_fixed, col_fixed })));
        }
        _ => return Ok(None),
    };
    parser.advance(skip + 1);
    Ok(Some(expr))
}

/// Reads `B2`, `$B$2`, `B`, `$B`, `2` or `$2`.
fn read_corner(text: &str) -> Option<Corner> {
    let (col_mark, rest) = strip_mark(text);
    let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let (letters, rest) = rest.split_at(letters);
    if letters.is_empty() {
        return Some(Corner::Row(row_number(rest)?, col_mark));
    }
    let col = a1::column_index(letters)?;
    if rest.is_empty() {
        return Some(Corner::Col(col, col_mark));
    }
    let (row_mark, digits) = strip_mark(rest);
    Some(Corner::Cell { row: row_number(digits)?, row_fixed: row_mark, col, col_fixed: col_mark })
}

fn strip_mark(text: &str) -> (bool, &str) {
    text.strip_prefix('$').map_or((false, text), |rest| (true, rest))
}

fn row_number(digits: &str) -> Option<u32> {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) || digits.starts_with('0') {
        return None;
    }
    digits.parse().ok().filter(|row| (1..=MAX_ROWS).contains(row)).map(|row: u32| row - 1)
}

/// Whether a word reads as a cell, row or column, so that a name spelt so needs quotes.
pub fn looks_like_position(text: &str) -> bool {
    matches!(read_corner(text), Some(Corner::Cell { .. } | Corner::Row(..)))
}

/// The A1 text of a cell, without its sheet; `None` when it is gone.
pub fn cell_text(names: &dyn Names, at: &CellAt) -> Option<String> {
    let CellRef { sheet, row, col } = at.cell;
    Some(format!(
        "{}{}",
        col_text(names.col_index(sheet, col)?, at.col_fixed),
        row_text(names.row_index(sheet, row)?, at.row_fixed)
    ))
}

/// The A1 text of a rectangle, without its sheet. A deleted corner reads as what it resolves to; `None` when nothing is
/// left.
pub fn range_text(names: &dyn Names, at: &RangeAt) -> Option<String> {
    let RangeRef { sheet, rows, cols } = at.range;
    let rows = rows.map(|rows| live_rows(names, sheet, rows));
    let cols = cols.map(|cols| live_cols(names, sheet, cols));
    let corner = |first: bool| {
        let row = rows.map(|rows| Some(row_text(pick(rows?, first), pick(at.rows_fixed, first))));
        let col = cols.map(|cols| Some(col_text(pick(cols?, first), pick(at.cols_fixed, first))));
        Some(match (row, col) {
            (Some(row), Some(col)) => col? + &row?,
            (Some(end), None) | (None, Some(end)) => end?,
            (None, None) => return None,
        })
    };
    Some(format!("{}:{}", corner(true)?, corner(false)?))
}

/// The places of the live rows at the two ends of a range: deleted ends resolve inward. `None` when nothing is left.
pub fn live_rows(names: &dyn Names, sheet: SheetId, ends: (RowId, RowId)) -> Option<(u32, u32)> {
    let key = |row| end_key(names.row_index(sheet, row), || names.row_gap(sheet, row));
    live_ends(key(ends.0)?, key(ends.1)?)
}

/// The same for columns.
pub fn live_cols(names: &dyn Names, sheet: SheetId, ends: (ColId, ColId)) -> Option<(u32, u32)> {
    let key = |col| end_key(names.col_index(sheet, col), || names.col_gap(sheet, col));
    live_ends(key(ends.0)?, key(ends.1)?)
}

/// Live places are odd; a deleted one is the even number before the next live place.
fn end_key(place: Option<u32>, gap: impl FnOnce() -> Option<u32>) -> Option<u32> {
    place.map(|place| 2 * place + 1).or_else(|| gap().map(|next| 2 * next))
}

fn live_ends(a: u32, b: u32) -> Option<(u32, u32)> {
    let (first, end) = (a.min(b) / 2, a.max(b).div_ceil(2));
    let last = end.checked_sub(1).filter(|last| *last >= first)?;
    Some(if a <= b { (first, last) } else { (last, first) })
}

fn pick<T>(pair: (T, T), first: bool) -> T {
    if first { pair.0 } else { pair.1 }
}

fn col_text(index: u32, fixed: bool) -> String {
    format!("{}{}", if fixed { "$" } else { "" }, a1::column_letters(index))
}

fn row_text(index: u32, fixed: bool) -> String {
    format!("{}{}", if fixed { "$" } else { "" }, index + 1)
}
