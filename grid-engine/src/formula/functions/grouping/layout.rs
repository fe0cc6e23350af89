//! Where headings and results stand.

use super::lines::Line;
use super::{Table, Whole};
use crate::formula::eval::Outcome;
use crate::value::{Array, CellError, ErrorKind, Value};

fn rectangle(table: &Table<'_>, rows: Vec<Vec<Value>>) -> Outcome {
    let width = rows.first().map_or(0, Vec::len);
    let count = rows.len();
    let cells: Vec<Value> = rows.into_iter().flatten().collect();
    table.evaluation.spend(cells.len())?;
    Array::new(count, width, cells)
        .map(|array| Value::Array(array.into()))
        .ok_or_else(|| CellError::because(ErrorKind::Calc, "the result is empty"))
}

fn blanks(count: usize) -> impl Iterator<Item = Value> {
    std::iter::repeat_n(Value::text(""), count)
}

/// The titles of several functions, for each column of values.
fn titles(table: &Table<'_>) -> impl Iterator<Item = Value> {
    let width = table.gathers.len();
    (0..table.width()).map(move |index| Value::Text(table.gathers[index % width].title.clone()))
}

/// Fields to the left, results beside them.
pub fn grouped(table: &Table<'_>, fields: &Array, lines: &[Line]) -> Outcome {
    let mut rows = Vec::with_capacity(lines.len() + 2);
    if table.shows_headers {
        let fields = (0..fields.cols()).map(|col| table.header(fields, col, "Row Field"));
        let values = (0..table.width()).map(|index| table.header(&table.values, index / table.gathers.len(), "Value"));
        rows.push(fields.chain(values).collect());
    }
    if table.gathers.len() > 1 {
        rows.push(blanks(fields.cols()).chain(titles(table)).collect());
    }
    for line in lines {
        let results = (0..table.width()).map(|index| table.result(index, &line.rows, &table.kept));
        rows.push(line.keys.iter().cloned().chain(results).collect());
    }
    rectangle(table, rows)
}

/// Row fields to the left, column fields above, results where they meet.
pub fn pivoted(table: &Table<'_>, down: &Array, rows: &[Line], columns: &[Line], whole: Whole) -> Outcome {
    let (left, width) = (down.cols(), table.width());
    let mut all = Vec::with_capacity(rows.len() + 3);
    let depth = columns.first().map_or(0, |column| column.keys.len());
    for level in 0..depth {
        let keys = columns.iter().flat_map(|column| std::iter::repeat_n(column.keys[level].clone(), width));
        all.push(blanks(left).chain(keys).collect::<Vec<Value>>());
    }
    if table.shows_headers && table.values.cols() > 1 {
        let header = |index: usize| table.header(&table.values, index / table.gathers.len(), "Value");
        all.push(blanks(left).chain(columns.iter().flat_map(|_| (0..width).map(header))).collect());
    }
    if table.gathers.len() > 1 {
        all.push(blanks(left).chain(columns.iter().flat_map(|_| titles(table))).collect());
    }
    if table.shows_headers
        && let Some(last) = all.last_mut()
    {
        (0..left).for_each(|col| last[col] = table.header(down, col, "Row Field"));
    }
    for row in rows {
        let mut line = row.keys.clone();
        for column in columns {
            // Many rows by many columns are many pairs.
            table.evaluation.spend(row.rows.len() + 1)?;
            let both = meeting(&row.rows, &column.rows);
            let of = match whole {
                Whole::Column => column.rows.clone(),
                Whole::Row => row.rows.clone(),
                Whole::All => table.kept.clone(),
                Whole::ParentColumn => meeting(&row.rows, &column.parent),
                Whole::ParentRow => meeting(&row.parent, &column.rows),
            };
            let result = |index| if both.is_empty() { Value::text("") } else { table.result(index, &both, &of) };
            line.extend((0..width).map(result));
        }
        all.push(line);
    }
    rectangle(table, all)
}

/// What two ascending lists have in common.
fn meeting(a: &[usize], b: &[usize]) -> Vec<usize> {
    a.iter().copied().filter(|row| b.binary_search(row).is_ok()).collect()
}
