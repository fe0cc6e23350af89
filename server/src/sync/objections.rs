//! What a person may take over from a branch: each difference as the update it would become, judged by the same rules.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use grid_engine::doc::{Entered, Input, Merge, Mirror, Note, Op, Record, Target, Touch, position::n_between};
use grid_engine::plan::{Difference, Place, merge_ops};
use grid_engine::refs::{CellRef, PartId, RoomId, RowId, SheetId};
use grid_engine::wire::Me;

use super::replica::Replica;
use super::rules;

/// For each difference, why this person may not take it over; `None` where they may.
pub fn objections(me: &Me, replica: &Replica, differences: &[Difference]) -> Vec<Option<String>> {
    let mirror = replica.workbook.mirror();
    let rows: HashMap<(SheetId, RowId), &Difference> = differences
        .iter()
        .filter_map(|difference| match difference.place {
            Place::Row(sheet, row) if difference.theirs.is_some() => Some(((sheet, row), difference)),
            _ => None,
        })
        .collect();
    let comes = |difference: &&Difference| {
        let is_new = |sheet| mirror.sheet(sheet).is_none();
        matches!(difference.place, Place::Sheet(sheet) if is_new(sheet)) && difference.theirs.is_some()
    };
    let sheets: HashMap<SheetId, &Difference> =
        differences.iter().filter(comes).filter_map(|sheet| Some((sheet.place.sheet()?, sheet))).collect();
    let of = |difference: &Difference| {
        // A sheet that is not there yet comes with all that is on it, for whoever may add sheets.
        if let Some(sheet) = difference.place.sheet().and_then(|sheet| sheets.get(&sheet)) {
            return objection(me, replica, &merge_ops(std::slice::from_ref(*sheet), mirror, me.person));
        }
        // What stands in a new row comes with it.
        let row = difference.place.cell().and_then(|cell| rows.get(&(cell.sheet, cell.row)));
        let taken: Vec<Difference> = row.into_iter().copied().chain([difference]).cloned().collect();
        objection(me, replica, &merge_ops(&taken, mirror, me.person))
    };
    differences.iter().map(of).collect()
}

/// Why a person may not make these steps, each with what it touches checked as if they came over the wire.
pub fn objection(me: &Me, replica: &Replica, ops: &[Op]) -> Option<String> {
    let mirror = replica.workbook.mirror();
    let touches = touches(me, mirror, ops);
    let refused =
        touches.iter().find_map(|(room, touches)| rules::check(me, mirror, &replica.locks, *room, touches).err());
    refused.map(|refused| refused.message)
}

fn touches(me: &Me, mirror: &Mirror, ops: &[Op]) -> BTreeMap<RoomId, Vec<Touch>> {
    let mut touches: BTreeMap<RoomId, Vec<Touch>> = BTreeMap::new();
    let mut fresh: HashMap<(SheetId, RowId), Option<PartId>> = HashMap::new();
    for op in ops {
        if let Op::InsertRows { sheet, part, rows, .. } = op {
            fresh.extend(rows.iter().map(|&row| ((*sheet, row), *part)));
        }
    }
    let room = |sheet: SheetId, row: RowId| {
        let known = fresh.get(&(sheet, row)).copied();
        let part = known.unwrap_or_else(|| mirror.sheet(sheet).and_then(|sheet| sheet.part_of(row)));
        part.map_or(RoomId::Sheet(sheet), |part| RoomId::Part(sheet, part))
    };
    let mut touch =
        |room: RoomId, target: Target, to: Entered| touches.entry(room).or_default().push(Touch { target, to });
    let record = |record: Record| Entered::Record(Box::new(record));
    let own = || record(Record::Deletion(me.person));
    // Any: where a row or column comes to stand is found when it does.
    let any = n_between(None, None, 1, 0).pop().unwrap_or_default();
    let position = || Entered::Input(Input::Text(any.as_str().into()));
    let entered = |input: Option<&Input>| input.map_or(Entered::Nothing, |input| Entered::Input(input.clone()));
    for op in ops {
        match op {
            Op::SetCell { cell, input, .. } => {
                let person = is_additive(mirror, *cell).then_some(me.person);
                touch(room(cell.sheet, cell.row), Target::Cell(*cell, person), entered(input.as_ref()));
            }
            Op::SetStyle { cell, style } => {
                let style = style.clone().map(Input::Text);
                touch(room(cell.sheet, cell.row), Target::Style(*cell), entered(style.as_ref()));
            }
            Op::SetNote { cell, text } => {
                let note = |text: &Arc<str>| Record::Note(Note { text: text.to_string(), by: me.person, at: 0 });
                let to = text.as_ref().map_or(Entered::Nothing, |text| record(note(text)));
                touch(room(cell.sheet, cell.row), Target::Note(*cell), to);
            }
            Op::InsertRows { sheet, rows, .. } | Op::MoveRows { sheet, rows, .. } => {
                rows.iter().for_each(|&row| touch(room(*sheet, row), Target::Row(row), position()));
            }
            Op::DeleteRows { sheet, rows } => {
                rows.iter().for_each(|&row| touch(room(*sheet, row), Target::RowDeletion(row), own()));
            }
            Op::RestoreRows { sheet, rows } => {
                rows.iter().for_each(|&row| touch(room(*sheet, row), Target::RowDeletion(row), Entered::Nothing));
            }
            Op::InsertCols { sheet, cols, .. } | Op::MoveCols { sheet, cols, .. } => {
                cols.iter().for_each(|&col| touch(RoomId::Sheet(*sheet), Target::Column(col), position()));
            }
            Op::DeleteCols { sheet, cols } => {
                cols.iter().for_each(|&col| touch(RoomId::Sheet(*sheet), Target::ColumnDeletion(col), own()));
            }
            Op::RestoreCols { sheet, cols } => {
                cols.iter()
                    .for_each(|&col| touch(RoomId::Sheet(*sheet), Target::ColumnDeletion(col), Entered::Nothing));
            }
            Op::SetColWidth { sheet, col, .. } => {
                touch(RoomId::Sheet(*sheet), Target::Width(*col), Entered::Input(Input::Number(0.0)));
            }
            Op::SetValidation { sheet, measure, rule } => {
                let to = rule.clone().map_or(Entered::Nothing, |rule| record(Record::Validation(rule)));
                touch(RoomId::Sheet(*sheet), Target::Validation(*measure), to);
            }
            Op::SetName { name, formula } => {
                let defined =
                    |formula: &Arc<str>| record(Record::Name { name: name.to_string(), formula: formula.to_string() });
                touch(RoomId::Book, Target::Name, formula.as_ref().map_or(Entered::Nothing, defined));
            }
            Op::PutSheet { info, .. } => {
                touch(RoomId::Book, Target::Sheet(info.id), record(Record::Sheet(info.clone())));
            }
            Op::PutMeasure { sheet, .. } | Op::DeleteMeasure { sheet, .. } => {
                touch(RoomId::Sheet(*sheet), Target::Structure, Entered::Other);
            }
        }
    }
    touches
}

fn is_additive(mirror: &Mirror, cell: CellRef) -> bool {
    let measure = mirror.sheet(cell.sheet).and_then(|sheet| sheet.measure(cell.col.measure));
    measure.is_some_and(|measure| measure.merge == Merge::Additive)
}
