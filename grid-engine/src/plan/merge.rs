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
    columns(taken, mirror, &mut ops);
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
            _ => {}
        }
    }
}

/// What comes or is moved, by the one it then follows: each after that one, where it comes or moves itself.
fn in_turn<T: Copy + Ord>(follows: &BTreeMap<T, Option<T>>) -> Vec<T> {
    let mut turn = Vec::with_capacity(follows.len());
    let mut placed: BTreeSet<T> = BTreeSet::new();
    for &one in follows.keys() {
        let mut chain = Vec::new();
        let mut next = Some(one);
        while let Some(one) = next.filter(|one| !placed.contains(one)) {
            let Some(after) = follows.get(&one) else { break };
            placed.insert(one);
            chain.push(one);
            next = *after;
        }
        turn.extend(chain.into_iter().rev());
    }
    turn
}

/// Rows that come, come back or are moved.
fn rows(taken: &[Difference], mirror: &Mirror, ops: &mut Vec<Op>) {
    let mut held: BTreeMap<(SheetId, RowId), &Held> = BTreeMap::new();
    let mut follows: BTreeMap<(SheetId, RowId), Option<(SheetId, RowId)>> = BTreeMap::new();
    let mut restored: BTreeMap<SheetId, BTreeSet<RowId>> = BTreeMap::new();
    for Difference { place, theirs, .. } in taken {
        match (place, theirs) {
            (
                Place::Row(sheet, row) | Place::Order(sheet, row),
                Some(there @ (Held::Row { after, .. } | Held::After { row: after, .. })),
            ) => {
                held.insert((*sheet, *row), there);
                follows.insert((*sheet, *row), after.map(|after| (*sheet, after)));
            }
            // Taking an edit in a deleted row takes the row back.
            (Place::Cell(cell) | Place::Note(cell) | Place::Style(cell), _)
                if mirror.sheet(cell.sheet).is_some_and(|sheet| sheet.is_deleted(cell.row)) =>
            {
                restored.entry(cell.sheet).or_default().insert(cell.row);
            }
            _ => {}
        }
    }
    let is_fresh = |place: &(SheetId, RowId)| matches!(held.get(place), Some(Held::Row { .. }));
    let mut placed: BTreeSet<(SheetId, RowId)> = BTreeSet::new();
    for (sheet, rows) in restored {
        let rows: Vec<RowId> = rows.into_iter().filter(|row| !is_fresh(&(sheet, *row))).collect();
        placed.extend(rows.iter().map(|row| (sheet, *row)));
        ops.push(Op::RestoreRows { sheet, rows });
    }
    for place in in_turn(&follows) {
        let (sheet, row) = place;
        let stands = |place: &(SheetId, RowId)| {
            placed.contains(place) || mirror.sheet(sheet).is_some_and(|sheet| sheet.position(place.1).is_some())
        };
        // Deleted rows keep their places.
        let was_there = |place: &(SheetId, RowId)| mirror.sheet(sheet).is_some_and(|sheet| sheet.is_deleted(place.1));
        let after = follows.get(&place).copied().flatten().filter(|after| stands(after) || was_there(after));
        let after = after.map(|(_, row)| row);
        if let Some(Held::Row { part, keys, .. }) = held.get(&place) {
            ops.push(Op::InsertRows { sheet, part: *part, after, rows: vec![row] });
            let key = |(col, input): &(ColId, Input)| set(CellRef { sheet, row, col: *col }, Some(input.clone()));
            ops.extend(keys.iter().map(key));
        } else if stands(&place) {
            ops.push(Op::MoveRows { sheet, after, rows: vec![row] });
        }
        placed.insert(place);
    }
}

/// Columns of free sheets that come or are moved.
fn columns(taken: &[Difference], mirror: &Mirror, ops: &mut Vec<Op>) {
    let mut comes: BTreeSet<(SheetId, ColId)> = BTreeSet::new();
    let mut follows: BTreeMap<(SheetId, ColId), Option<(SheetId, ColId)>> = BTreeMap::new();
    for Difference { place, theirs, .. } in taken {
        if let (
            Place::Column(sheet, col) | Place::ColumnOrder(sheet, col),
            Some(Held::Column { after } | Held::Behind { col: after, .. }),
        ) = (place, theirs)
        {
            follows.insert((*sheet, *col), after.map(|after| (*sheet, after)));
            if matches!(place, Place::Column(..)) {
                comes.insert((*sheet, *col));
            }
        }
    }
    let mut placed: BTreeSet<(SheetId, ColId)> = BTreeSet::new();
    for place in in_turn(&follows) {
        let (sheet, col) = place;
        let stands = |after: &(SheetId, ColId)| {
            placed.contains(after) || mirror.sheet(sheet).is_some_and(|sheet| sheet.col_index(after.1).is_some())
        };
        let after = follows.get(&place).copied().flatten().filter(stands).map(|(_, col)| col);
        ops.push(if comes.contains(&place) {
            Op::InsertCols { sheet, after, cols: vec![col] }
        } else {
            Op::MoveCols { sheet, after, cols: vec![col] }
        });
        placed.insert(place);
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
