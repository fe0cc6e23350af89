//! Formulas of workbook files, which know more ways to stand in a cell than people have to.

use std::cell::Cell;
use std::sync::Arc;

use super::ast::{CellAt, Expr, Prefix, RangeAt};
use super::functions::{self, Category, Taking};
use super::reference::MAX_ROWS;
use super::{MeasureRef, Names, RangeRef, read};
use crate::refs::{CellRef, SheetId};

/// Excel's last column.
const MAX_COLS: u32 = 16_384;

/// What a call stands for by which files write an operator: `@A1:A9`, `A1#`, and `A1:.C9` without blank edges.
pub fn operator(name: &str, arguments: &mut Vec<Expr>) -> Option<Expr> {
    let edges = match name {
        "SINGLE" | "ANCHORARRAY" => 0.0,
        "_TRO_LEADING" => 1.0,
        "_TRO_TRAILING" => 2.0,
        "_TRO_ALL" => 3.0,
        _ => return None,
    };
    let inner = if arguments.len() == 1 { arguments.pop()? } else { return None };
    Some(match name {
        "SINGLE" => single(&inner),
        "ANCHORARRAY" => Expr::Spilled(Box::new(inner)),
        _ => Expr::Call(functions::find("TRIMRANGE")?, vec![inner, Expr::Number(edges), Expr::Number(edges)]),
    })
}

/// The tree with `@` wherever one value is needed and a range stands.
///
/// Source: ECMA-376 part 1, 18.17.2.5 (implicit intersection); which functions take ranges, computed arrays or single
/// values follows the operand classes of [MS-XLS] 2.2.2.
pub fn one_valued(root: &Expr) -> Expr {
    let tree = rewrite(root, Taking::One);
    // Array constants are kept whole inside; of what comes out of the formula the cell shows the first value.
    if gives_constants(root) { single(&tree) } else { tree }
}

/// Whether what an expression makes of array constants is an array again.
fn gives_constants(expr: &Expr) -> bool {
    match expr {
        Expr::Array(_) => true,
        Expr::Group(inner) | Expr::Percent(_, inner) | Expr::Prefix(_, inner) => gives_constants(inner),
        Expr::Chain(first, rest) => gives_constants(first) || rest.iter().any(|(_, operand)| gives_constants(operand)),
        Expr::Call(function, arguments) => {
            let takes_one =
                |(index, argument): (usize, &Expr)| function.taking(index) == Taking::One && gives_constants(argument);
            arguments.iter().enumerate().any(takes_one)
        }
        _ => false,
    }
}

fn rewrite(expr: &Expr, taking: Taking) -> Expr {
    let one = |inner: &Expr| Box::new(rewrite(inner, Taking::One));
    match (expr, taking) {
        (_, Taking::All) => expr.clone(),
        (Expr::Range(_) | Expr::Name(_) | Expr::Span(..) | Expr::Spilled(_) | Expr::Meet(_), Taking::One) => {
            single(expr)
        }
        (Expr::Group(inner), _) => Expr::Group(Box::new(rewrite(inner, taking))),
        (Expr::Prefix(prefixes, _), _) if prefixes.contains(&Prefix::Single) => expr.clone(),
        (Expr::Prefix(prefixes, inner), _) => Expr::Prefix(prefixes.clone(), one(inner)),
        (Expr::Percent(count, inner), _) => Expr::Percent(*count, one(inner)),
        (Expr::Chain(first, rest), _) => {
            Expr::Chain(one(first), rest.iter().map(|(op, operand)| (*op, *one(operand))).collect())
        }
        (Expr::Call(function, arguments), _) => {
            let take = |(index, argument): (usize, &Expr)| rewrite(argument, function.taking(index));
            let call = Expr::Call(function, arguments.iter().enumerate().map(take).collect());
            let many = function.gives_references()
                || function.info.category == Category::Array
                || GIVE_ARRAYS.contains(&function.info.name);
            if taking == Taking::One && many { single(&call) } else { call }
        }
        _ => expr.clone(),
    }
}

/// Functions outside the family of arrays whose result may be one.
const GIVE_ARRAYS: [&str; 9] =
    ["COLUMN", "FREQUENCY", "GROWTH", "LINEST", "LOGEST", "MODE.MULT", "ROW", "TEXTSPLIT", "TREND"];

fn single(expr: &Expr) -> Expr {
    Expr::Prefix(vec![Prefix::Single], Box::new(expr.clone()))
}

/// What a name stands for in a file: there its relative references count from the cell that uses the name and are written
/// as seen from A1, so that one to the left of it lies in the last column. They become computed ones.
pub fn counting_from_user(root: &Expr, names: &dyn Names) -> Expr {
    let computed = |sheet: SheetId, corners: [String; 2]| {
        let title = names.sheet_title(sheet)?.replace('\'', "''");
        let [first, last] = corners;
        let cells = if first == last { first } else { format!("{first}:{last}") };
        let text = Expr::Text(format!("'{title}'!{cells}").into());
        Some(Expr::Call(functions::find("INDIRECT")?, vec![text, Expr::Bool(false)]))
    };
    let row = |sheet, row, fixed| Some(step('R', names.row_index(sheet, row)?, MAX_ROWS, fixed));
    let col = |sheet, col, fixed| Some(step('C', names.col_index(sheet, col)?, MAX_COLS, fixed));
    root.map_references(&|expr| match expr {
        Expr::Cell(CellAt { cell, row_fixed, col_fixed }) if !(*row_fixed && *col_fixed) => {
            let at = row(cell.sheet, cell.row, *row_fixed)? + &col(cell.sheet, cell.col, *col_fixed)?;
            computed(cell.sheet, [at.clone(), at])
        }
        Expr::Range(RangeAt { range, rows_fixed, cols_fixed }) => {
            let is_fixed = |ends: bool, fixed: (bool, bool)| !ends || (fixed.0 && fixed.1);
            if is_fixed(range.rows.is_some(), *rows_fixed) && is_fixed(range.cols.is_some(), *cols_fixed) {
                return None;
            }
            let [mut first, mut last] = [String::new(), String::new()];
            if let Some((a, b)) = range.rows {
                first += &row(range.sheet, a, rows_fixed.0)?;
                last += &row(range.sheet, b, rows_fixed.1)?;
            }
            if let Some((a, b)) = range.cols {
                first += &col(range.sheet, a, cols_fixed.0)?;
                last += &col(range.sheet, b, cols_fixed.1)?;
            }
            computed(range.sheet, [first, last])
        }
        _ => None,
    })
}

/// A row or column in the other style of references: by its number, or by steps from the own one, the shorter way round.
fn step(letter: char, index: u32, count: u32, fixed: bool) -> String {
    match (fixed, i64::from(index)) {
        (true, index) => format!("{letter}{}", index + 1),
        (false, index) if index > i64::from(count / 2) => format!("{letter}[{}]", index - i64::from(count)),
        (false, index) => format!("{letter}[{index}]"),
    }
}

/// The tree with every reference fixed: names of a plan do not follow the cell that uses them.
pub fn fixed(root: &Expr) -> Expr {
    root.map_references(&|expr| match expr {
        Expr::Cell(at) => Some(Expr::Cell(CellAt { row_fixed: true, col_fixed: true, ..*at })),
        Expr::Range(at) => {
            Some(Expr::Range(RangeAt { rows_fixed: (true, true), cols_fixed: (true, true), ..at.clone() }))
        }
        _ => None,
    })
}

/// `TAKE(IF(SEQUENCE(rows, cols), tree), rows, cols)`: the condition makes one row, column or value repeat.
pub fn filling(root: &Expr, rows: u32, cols: u32) -> Expr {
    let size = || [Expr::Number(f64::from(rows)), Expr::Number(f64::from(cols))];
    let call = |name: &str, arguments: Vec<Expr>| match functions::find(name) {
        Some(function) => Expr::Call(function, arguments),
        None => Expr::Unknown(Arc::from(name), arguments),
    };
    let repeated = call("IF", vec![call("SEQUENCE", size().into()), root.clone()]);
    let [rows, cols] = size();
    call("TAKE", vec![repeated, rows, cols])
}

/// The tree as a file can state it: structured references are the cells they mean. `None` where a file cannot: it calls
/// functions that only a plan knows, reads a frozen version, or is written in signs files have other words for.
pub fn statable(
    root: &Expr,
    cells: &dyn Fn(&MeasureRef) -> Option<RangeRef>,
    rows: &dyn Fn(&RangeRef) -> RangeRef,
    is_known: &dyn Fn(&str) -> bool,
) -> Option<Expr> {
    let is_strange = Cell::new(read::traits(root).versions);
    root.walk(&mut |expr| {
        let is_here = match expr {
            Expr::Call(function, _) => function.info.category == Category::Planning,
            Expr::Name(name) => !is_known(name),
            Expr::Prefix(prefixes, _) => prefixes.contains(&Prefix::Single),
            Expr::Unknown(..) | Expr::Lambda(_) | Expr::Invoke(..) | Expr::Spilled(_) => true,
            _ => false,
        };
        is_strange.set(is_strange.get() || is_here);
    });
    let stated = root.map_references(&|expr| match expr {
        Expr::Measure(reference) => {
            let range = cells(reference);
            is_strange.set(is_strange.get() || range.is_none());
            range.map(|range| reference_to(&range, reference.own_row))
        }
        Expr::Range(at) => Some(Expr::Range(RangeAt { range: rows(&at.range), ..at.clone() })),
        _ => None,
    });
    (!is_strange.get()).then_some(stated)
}

/// A reference to what a structured one means: copied down, one to the own row goes with it and one to all rows stays.
fn reference_to(range: &RangeRef, own_row: bool) -> Expr {
    match (range.rows, range.cols) {
        (Some(rows), Some(cols)) if rows.0 == rows.1 && cols.0 == cols.1 => Expr::Cell(CellAt {
            cell: CellRef { sheet: range.sheet, row: rows.0, col: cols.0 },
            row_fixed: !own_row,
            col_fixed: false,
        }),
        _ => {
            Expr::Range(RangeAt { range: range.clone(), rows_fixed: (!own_row, !own_row), cols_fixed: (false, false) })
        }
    }
}
