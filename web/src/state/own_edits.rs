//! This person's latest edits, until they are on the server's disk.

use grid_engine::doc::Edit;
use grid_engine::refs::RoomId;

/// An edit made here.
#[derive(Clone, Debug)]
pub struct OwnEdit {
    pub edit: Edit,
    /// Rooms that must have received our changes up to a clock, before the edit counts as saved.
    waits: Vec<(RoomId, u32)>,
    undone: bool,
}

/// The latest edits, oldest first.
#[derive(Default)]
pub struct OwnEdits {
    list: Vec<OwnEdit>,
}

impl OwnEdits {
    /// Remembers an edit until the rooms have it.
    pub fn push(&mut self, edit: Edit, waits: Vec<(RoomId, u32)>) {
        self.list.push(OwnEdit { edit, waits, undone: false });
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
    pub fn saved(&mut self, room: RoomId, clock: u32) {
        for own in &mut self.list {
            own.waits.retain(|(waiting, wanted)| *waiting != room || *wanted > clock);
        }
        self.list.retain(|own| !own.waits.is_empty());
    }

    /// A room goes on in another document. Edits that wait for it were sent again up to this clock; with `None` the
    /// server had them all.
    pub fn rebased(&mut self, room: RoomId, again: Option<u32>) {
        let Some(clock) = again else { return self.saved(room, u32::MAX) };
        let waits = self.list.iter_mut().flat_map(|own| &mut own.waits);
        waits.filter(|(waiting, _)| *waiting == room).for_each(|(_, wanted)| *wanted = clock);
    }

    /// Edits not yet known to be on disk.
    pub fn unsaved(&self) -> usize {
        self.list.len()
    }

    /// Unsaved edits in the form that can be made again.
    pub fn to_replay(&self) -> Vec<Edit> {
        self.list.iter().filter(|own| !own.undone && !own.edit.ops.is_empty()).map(|own| own.edit.clone()).collect()
    }

    /// Takes out the edits a room still waits for: it is joined afresh.
    pub fn take_waiting(&mut self, room: RoomId) -> Vec<Edit> {
        let waits = |own: &OwnEdit| own.waits.iter().any(|(waiting, _)| *waiting == room);
        let taken = self.list.iter().filter(|own| waits(own) && !own.undone).map(|own| own.edit.clone()).collect();
        self.list.retain(|own| !waits(own));
        taken
    }
}
