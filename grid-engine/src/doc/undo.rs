//! What each person can undo and redo: the inverse of every edit made here.
//!
//! An inverse restores a cell only while it still holds what the person left ([`super::Guard::Holds`]),
//! so undoing never takes away what somebody else has entered since.

use std::collections::{BTreeMap, VecDeque};

use super::edit::{Edit, Op};
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
    undo: VecDeque<Vec<Op>>,
    redo: Vec<Vec<Op>>,
}

impl UndoStacks {
    /// Remembers the inverse of a new edit; what was undone before can no longer be redone.
    pub(super) fn remember(&mut self, inverse: &Edit) {
        if inverse.ops.is_empty() {
            return;
        }
        self.push_undo(inverse);
        if let Some(stacks) = self.people.get_mut(&inverse.by) {
            stacks.redo.clear();
        }
    }

    pub(super) fn push_undo(&mut self, inverse: &Edit) {
        let stacks = self.people.entry(inverse.by).or_default();
        if inverse.ops.len() > MAX_STEP_OPS {
            // What came before would be undone out of order.
            stacks.undo.clear();
            return;
        }
        stacks.undo.push_back(inverse.ops.clone());
        if stacks.undo.len() > MAX_STEPS {
            stacks.undo.pop_front();
        }
    }

    pub(super) fn push_redo(&mut self, inverse: &Edit) {
        self.people.entry(inverse.by).or_default().redo.push(inverse.ops.clone());
    }

    pub(super) fn take_undo(&mut self, by: PersonId) -> Option<Vec<Op>> {
        self.people.get_mut(&by)?.undo.pop_back()
    }

    pub(super) fn take_redo(&mut self, by: PersonId) -> Option<Vec<Op>> {
        self.people.get_mut(&by)?.redo.pop()
    }
}
