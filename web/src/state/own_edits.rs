//! This person's latest edits: which are on the server's disk, and which met another person's.

use grid_engine::doc::{Edit, Input, Op};
use grid_engine::refs::{CellRef, RoomId};

/// An edit made here.
#[derive(Clone, Debug)]
pub struct OwnEdit {
    pub edit: Edit,
    /// Rooms that must have received our changes up to a clock, before the edit counts as saved.
    waits: Vec<(RoomId, u32)>,
    /// When it was saved, in milliseconds.
    saved_at: Option<f64>,
    undone: bool,
}

/// An edit that another person writes over this soon after it was saved was made at the same time, as people see it.
const MEETING_MS: f64 = 3_000.0;

/// The latest edits, oldest first.
#[derive(Default)]
pub struct OwnEdits {
    list: Vec<OwnEdit>,
}

impl OwnEdits {
    /// Remembers an edit until the rooms have it.
    pub fn push(&mut self, edit: Edit, waits: Vec<(RoomId, u32)>) {
        self.list.push(OwnEdit { edit, waits, saved_at: None, undone: false });
    }

    /// Marks the latest edit as undone: it is not replayed.
    pub fn undo(&mut self) {
        if let Some(own) = self.list.iter_mut().rev().find(|own| !own.undone && !own.edit.ops.is_empty()) {
            own.undone = true;
        }
    }

    /// Marks the edit undone last as done again.
    pub fn redo(&mut self) {
        if let Some(own) = self.list.iter_mut().find(|own| own.undone) {
            own.undone = false;
        }
    }

    /// A room's changes up to `clock` are on disk.
    pub fn saved(&mut self, room: RoomId, clock: u32, now: f64) {
        for own in &mut self.list {
            own.waits.retain(|(waiting, wanted)| *waiting != room || *wanted > clock);
            if own.waits.is_empty() && own.saved_at.is_none() {
                own.saved_at = Some(now);
            }
        }
        self.list.retain(|own| own.saved_at.is_none_or(|at| now - at < MEETING_MS));
    }

    /// A room goes on in another document. Edits that wait for it were sent again up to this clock; with `None` the
    /// server had them all.
    pub fn rebased(&mut self, room: RoomId, again: Option<u32>, now: f64) {
        let Some(clock) = again else { return self.saved(room, u32::MAX, now) };
        let waits = self.list.iter_mut().flat_map(|own| &mut own.waits);
        waits.filter(|(waiting, _)| *waiting == room).for_each(|(_, wanted)| *wanted = clock);
    }

    /// Edits not yet known to be on disk.
    pub fn unsaved(&self) -> usize {
        self.list.iter().filter(|own| own.saved_at.is_none()).count()
    }

    /// Unsaved edits in the form that can be made again.
    pub fn to_replay(&self) -> Vec<Edit> {
        self.list
            .iter()
            .filter(|own| own.saved_at.is_none() && !own.undone && !own.edit.ops.is_empty())
            .map(|own| own.edit.clone())
            .collect()
    }

    /// Takes out the edits a room still waits for: it is joined afresh.
    pub fn take_waiting(&mut self, room: RoomId) -> Vec<Edit> {
        let waits = |own: &OwnEdit| own.waits.iter().any(|(waiting, _)| *waiting == room);
        let taken = self.list.iter().filter(|own| waits(own) && !own.undone).map(|own| own.edit.clone()).collect();
        self.list.retain(|own| !waits(own));
        taken
    }

    /// The cells of a room's sheet that edits of a moment ago wrote, and what each was given; the latest edit counts.
    pub fn written(&self, room: RoomId) -> Vec<(CellRef, Option<Input>)> {
        let mut cells: Vec<(CellRef, Option<Input>)> = Vec::new();
        for own in self.list.iter().filter(|own| !own.undone) {
            for op in &own.edit.ops {
                if let Op::SetCell { cell, input, .. } = op
                    && Some(cell.sheet) == room.sheet()
                {
                    cells.retain(|(known, _)| known != cell);
                    cells.push((*cell, input.clone()));
                }
            }
        }
        cells
    }

    /// Another person's value stands in this cell now: it is told once.
    pub fn forget_cell(&mut self, cell: CellRef) {
        for own in &mut self.list {
            if own.saved_at.is_some() {
                own.edit.ops.retain(|op| !matches!(op, Op::SetCell { cell: known, .. } if *known == cell));
            }
        }
    }
}
