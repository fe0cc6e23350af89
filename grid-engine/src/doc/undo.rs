//! What each person can undo and redo: the inverse of every edit made here.
//!
//! Undoing never takes away what somebody else has entered since. A cell is restored only while it still
//! holds what the person left ([`super::Guard::Holds`] in the inverse itself); notes, styles, widths, names,
//! measures, sheets and moved rows are compared here with what they were when the edit was made.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::edit::{Edit, Op};
use super::mirror::Mirror;
use super::position::writer_of;
use super::schema::{Measure, Note, SheetInfo, SheetMeta};
use super::validation::Validation;
use crate::refs::PersonId;

/// Steps a person can go back; beyond it the oldest is forgotten.
const MAX_STEPS: usize = 200;
/// Steps larger than this (a bulk import) are not kept: they would fill the memory.
const MAX_STEP_OPS: usize = 50_000;

/// The steps of everybody who edits here.
#[derive(Default)]
pub(super) struct UndoStacks {
    people: BTreeMap<PersonId, Stacks>,
}

#[derive(Default)]
struct Stacks {
    undo: VecDeque<Step>,
    redo: Vec<Step>,
}

/// The operations that take a gesture back, each with what its target held when the gesture was done.
type Step = Vec<(Op, Left)>;

/// What an operation's target holds.
#[derive(Clone, Debug, PartialEq)]
enum Left {
    Note(Option<Note>),
    Text(Option<Arc<str>>),
    Width(Option<u32>),
    Measure(Option<Measure>),
    Validation(Option<Validation>),
    /// What the list says of the sheet, and its settings.
    Sheet(Option<SheetInfo>, Option<SheetMeta>),
    /// Who placed the rows or columns to move, in the operation's order: moving back makes new positions,
    /// so that positions themselves cannot be compared.
    Placers(Vec<Option<i64>>),
    /// The operation looks for itself, or applies in any case.
    Unasked,
}

impl UndoStacks {
    /// Remembers the inverse of a new edit; what was undone before can no longer be redone.
    pub(super) fn remember(&mut self, inverse: &Edit, mirror: &Mirror) {
        if inverse.ops.is_empty() {
            return;
        }
        self.push_undo(inverse, mirror);
        if let Some(stacks) = self.people.get_mut(&inverse.by) {
            stacks.redo.clear();
        }
    }

    pub(super) fn push_undo(&mut self, inverse: &Edit, mirror: &Mirror) {
        let stacks = self.people.entry(inverse.by).or_default();
        if inverse.ops.len() > MAX_STEP_OPS {
            // What came before would be undone out of order.
            stacks.undo.clear();
            return;
        }
        stacks.undo.push_back(step(inverse, mirror));
        if stacks.undo.len() > MAX_STEPS {
            stacks.undo.pop_front();
        }
    }

    pub(super) fn push_redo(&mut self, inverse: &Edit, mirror: &Mirror) {
        self.people.entry(inverse.by).or_default().redo.push(step(inverse, mirror));
    }

    /// The person's latest step, without what others have changed since.
    pub(super) fn take_undo(&mut self, by: PersonId, mirror: &Mirror) -> Option<Vec<Op>> {
        self.people.get_mut(&by)?.undo.pop_back().map(|step| still_own(step, mirror))
    }

    pub(super) fn take_redo(&mut self, by: PersonId, mirror: &Mirror) -> Option<Vec<Op>> {
        self.people.get_mut(&by)?.redo.pop().map(|step| still_own(step, mirror))
    }
}

fn step(inverse: &Edit, mirror: &Mirror) -> Step {
    inverse.ops.iter().map(|op| (op.clone(), left(mirror, op))).collect()
}

fn still_own(step: Step, mirror: &Mirror) -> Vec<Op> {
    let mut ops = Vec::with_capacity(step.len());
    for (mut op, then) in step {
        let now = left(mirror, &op);
        if let (Left::Placers(then), Left::Placers(now)) = (&then, &now) {
            let mut own = then.iter().zip(now).map(|(then, now)| then == now);
            let mut keep = || own.next().unwrap_or(false);
            match &mut op {
                Op::MoveRows { rows, .. } => rows.retain(|_| keep()),
                Op::MoveCols { cols, .. } => cols.retain(|_| keep()),
                _ => {}
            }
            ops.push(op);
        } else if then == now {
            ops.push(op);
        }
    }
    ops
}

fn left(mirror: &Mirror, op: &Op) -> Left {
    let sheet = |sheet| mirror.sheet(sheet);
    match op {
        Op::SetNote { cell, .. } => Left::Note(sheet(cell.sheet).and_then(|s| s.note(cell.row, cell.col)).cloned()),
        Op::SetStyle { cell, .. } => {
            Left::Text(sheet(cell.sheet).and_then(|s| s.style(cell.row, cell.col)).map(Arc::from))
        }
        Op::SetColWidth { sheet: id, col, .. } => Left::Width(sheet(*id).and_then(|s| s.width(*col))),
        Op::PutMeasure { sheet: id, measure } => Left::Measure(sheet(*id).and_then(|s| s.measure(measure.id)).cloned()),
        Op::DeleteMeasure { sheet: id, measure } => {
            Left::Measure(sheet(*id).and_then(|s| s.measure(*measure)).cloned())
        }
        Op::SetValidation { sheet: id, measure, .. } => {
            Left::Validation(sheet(*id).and_then(|s| s.validation(*measure)).cloned())
        }
        Op::PutSheet { info, .. } => Left::Sheet(
            mirror.sheets().iter().find(|listed| listed.id == info.id).cloned(),
            sheet(info.id).map(|s| s.meta().clone()),
        ),
        Op::SetName { name, .. } => Left::Text(mirror.names().get(name).cloned()),
        Op::MoveRows { sheet: id, rows, .. } => Left::Placers(
            rows.iter().map(|&row| writer_of(sheet(*id)?.part_with(row)?.1.row(row)?.position.as_ref()?)).collect(),
        ),
        Op::MoveCols { sheet: id, cols, .. } => {
            Left::Placers(cols.iter().map(|&col| writer_of(sheet(*id)?.col_place(col)?.position.as_ref()?)).collect())
        }
        _ => Left::Unasked,
    }
}
