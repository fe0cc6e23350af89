//! Carrying out what was decided on differences: the operations of one edit.

use std::collections::{BTreeMap, BTreeSet};

use super::differences::Difference;
use super::inputs::{Held, Place};
use crate::doc::{Guard, Input, Merge, Mirror, Op, SheetKind};
use crate::refs::{CellRef, ColId, PersonId, RowId, SheetId};

/// The operations that take these differences over, in an order in which each finds what it needs. `mirror` is that of
/// the side they go to, `by` the person who makes the edit: what is added to an additive measure is that person's
/// contribution.
pub fn merge_ops(taken: &[Difference], mirror: &Mirror, by: PersonId) -> Vec<Op> {
    let mut ops = Vec::new();
    structure(taken, mirror, &mut ops);
    rows(taken, mirror, &mut ops);
    let comes: BTreeSet<&Place> =
        taken.iter().filter(|taken| taken.theirs.is_some()).map(|taken| &taken.place).collect();
    // What stands in a row or measure that is not taken over has no place to go to.
    let has_row = |place: &Place| {
        if let Place::Width(sheet, col) = place {
            let is_there = mirror
                .sheet(*sheet)
                .is_some_and(|sheet| sheet.col_index(*col).is_some() || sheet.measure(col.measure).is_some());
            return is_there
                || comes.contains(&Place::Column(*sheet, *col))
                || comes.contains(&Place::Measure(*sheet, col.measure));
        }
        let Some(cell) = place.cell() else { return true };
        let sheet = mirror.sheet(cell.sheet);
        let measure = cell.col.measure;
        let has_measure = sheet
            .is_none_or(|sheet| sheet.meta().kind == SheetKind::Free || sheet.measure(measure).is_some())
            || comes.contains(&Place::Measure(cell.sheet, measure));
        let has_row = sheet.is_some_and(|sheet| sheet.position(cell.row).is_some())
            || comes.contains(&Place::Row(cell.sheet, cell.row));
        has_measure && has_row
    };
    let placed = taken.iter().filter(|taken| has_row(&taken.place));
    contents(placed, mirror, by, &mut ops);
    deletions(taken, &mut ops);
    ops
}

fn structure(taken: &[Difference], mirror: &Mirror, ops: &mut Vec<Op>) {
    for Difference { place, theirs, .. } in taken {
        match (place, theirs) {
            (Place::Sheet(sheet), Some(Held::Sheet(held))) => {
                let (info, theirs) = held.as_ref();
                let meta = mirror.sheet(*sheet).map_or_else(|| theirs.clone(), |sheet| sheet.meta().clone());
                ops.push(Op::PutSheet { info: info.clone(), meta });
            }
            (Place::Name(name), theirs) => {
                let formula = if let Some(Held::Text(formula)) = theirs { Some(formula.clone()) } else { None };
                ops.push(Op::SetName { name: name.clone(), formula });
            }
            (Place::Measure(sheet, _), Some(Held::Measure(measure))) => {
                ops.push(Op::PutMeasure { sheet: *sheet, measure: measure.as_ref().clone() });
            }
            (Place::Column(sheet, col), Some(Held::Column { after })) => {
                let is_there = |col: &ColId| mirror.sheet(*sheet).is_some_and(|sheet| sheet.col_index(*col).is_some());
                let inserted = |col: &ColId| {
                    ops.iter().any(
                        |op| matches!(op, Op::InsertCols { sheet: of, cols, .. } if of == sheet && cols.contains(col)),
                    )
                };
                let after = after.filter(|col| is_there(col) || inserted(col));
                ops.push(Op::InsertCols { sheet: *sheet, after, cols: vec![*col] });
            }
            _ => {}
        }
    }
}

/// Rows that come, come back or are moved.
fn rows(taken: &[Difference], mirror: &Mirror, ops: &mut Vec<Op>) {
    let mut fresh: BTreeMap<(SheetId, RowId), &Held> = BTreeMap::new();
    let mut restored: BTreeMap<SheetId, BTreeSet<RowId>> = BTreeMap::new();
    for Difference { place, theirs, .. } in taken {
        match (place, theirs) {
            (Place::Row(sheet, row), Some(held)) => drop(fresh.insert((*sheet, *row), held)),
            // Taking an edit in a deleted row takes the row back.
            (Place::Cell(cell) | Place::Note(cell) | Place::Style(cell), _)
                if mirror.sheet(cell.sheet).is_some_and(|sheet| sheet.is_deleted(cell.row)) =>
            {
                restored.entry(cell.sheet).or_default().insert(cell.row);
            }
            _ => {}
        }
    }
    for (sheet, rows) in restored {
        let rows = rows.into_iter().filter(|row| !fresh.contains_key(&(sheet, *row))).collect();
        ops.push(Op::RestoreRows { sheet, rows });
    }
    let mut placed: BTreeSet<(SheetId, RowId)> = BTreeSet::new();
    for &(sheet, row) in fresh.keys() {
        // Each after the one it follows, which may be new itself.
        let mut chain = Vec::new();
        let mut next = Some(row);
        while let Some(row) = next.filter(|row| !placed.contains(&(sheet, *row)) && !chain.contains(row)) {
            let Some(Held::Row { after, .. }) = fresh.get(&(sheet, row)) else { break };
            chain.push(row);
            next = *after;
        }
        for row in chain.into_iter().rev() {
            let Some(Held::Row { part, after, keys }) = fresh.get(&(sheet, row)) else { continue };
            let stands = |row: &RowId| {
                placed.contains(&(sheet, *row))
                    || mirror.sheet(sheet).is_some_and(|sheet| sheet.position(*row).is_some())
            };
            ops.push(Op::InsertRows { sheet, part: *part, after: after.filter(stands), rows: vec![row] });
            let key = |(col, input): &(ColId, Input)| set(CellRef { sheet, row, col: *col }, Some(input.clone()));
            ops.extend(keys.iter().map(key));
            placed.insert((sheet, row));
        }
    }
    for Difference { place, theirs, .. } in taken {
        if let (Place::Order(sheet, row), Some(Held::After { row: after, .. })) = (place, theirs) {
            let stands = |row: &RowId| mirror.sheet(*sheet).is_some_and(|sheet| sheet.position(*row).is_some());
            ops.push(Op::MoveRows { sheet: *sheet, after: after.filter(stands), rows: vec![*row] });
        }
        if let (Place::ColumnOrder(sheet, col), Some(Held::Behind { col: after, .. })) = (place, theirs) {
            let stands = |col: &ColId| mirror.sheet(*sheet).is_some_and(|sheet| sheet.col_index(*col).is_some());
            ops.push(Op::MoveCols { sheet: *sheet, after: after.filter(stands), cols: vec![*col] });
        }
    }
}

fn contents<'a>(taken: impl Iterator<Item = &'a Difference>, mirror: &Mirror, by: PersonId, ops: &mut Vec<Op>) {
    for difference in taken {
        let text = || if let Some(Held::Text(text)) = &difference.theirs { Some(text.clone()) } else { None };
        match (&difference.place, &difference.theirs) {
            (Place::Cell(cell), theirs) => {
                let input = match theirs {
                    _ if is_additive(mirror, *cell) => contribution(difference, mirror, *cell, by),
                    Some(Held::Input(input)) => Some(input.clone()),
                    _ => None,
                };
                ops.push(set(*cell, input));
            }
            (Place::Width(sheet, col), theirs) => {
                let width = if let Some(Held::Width(width)) = theirs { Some(*width) } else { None };
                ops.push(Op::SetColWidth { sheet: *sheet, col: *col, width });
            }
            (Place::Note(cell), _) => ops.push(Op::SetNote { cell: *cell, text: text() }),
            (Place::Style(cell), _) => ops.push(Op::SetStyle { cell: *cell, style: text() }),
            (Place::Rule(sheet, measure), theirs) => {
                let rule = if let Some(Held::Rule(rule)) = theirs { Some(rule.clone()) } else { None };
                ops.push(Op::SetValidation { sheet: *sheet, measure: *measure, rule });
            }
            _ => {}
        }
    }
}

/// What this person contributes once what they added is added: their sum less the base's, on top of one's own.
fn contribution(difference: &Difference, mirror: &Mirror, cell: CellRef, by: PersonId) -> Option<Input> {
    let added = Held::number(difference.theirs.as_ref()) - Held::number(difference.base.as_ref());
    let shares = mirror.sheet(cell.sheet).map_or(&[][..], |sheet| sheet.contributions(cell.row, cell.col));
    let own = shares.iter().find(|(person, _)| *person == by).map_or(0.0, |(_, own)| *own);
    let sum = own + added;
    (sum != 0.0).then_some(Input::Number(sum))
}

fn is_additive(mirror: &Mirror, cell: CellRef) -> bool {
    let measure = mirror.sheet(cell.sheet).and_then(|sheet| sheet.measure(cell.col.measure));
    measure.is_some_and(|measure| measure.merge == Merge::Additive)
}

fn deletions(taken: &[Difference], ops: &mut Vec<Op>) {
    for Difference { place, theirs, .. } in taken {
        match (place, theirs) {
            (Place::Row(sheet, row), None) => ops.push(Op::DeleteRows { sheet: *sheet, rows: vec![*row] }),
            (Place::Column(sheet, col), None) => ops.push(Op::DeleteCols { sheet: *sheet, cols: vec![*col] }),
            (Place::Measure(sheet, measure), None) => {
                ops.push(Op::DeleteMeasure { sheet: *sheet, measure: *measure });
            }
            _ => {}
        }
    }
}

fn set(cell: CellRef, input: Option<Input>) -> Op {
    Op::SetCell { cell, input, guard: Guard::Always }
}
