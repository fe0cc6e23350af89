//! This person's latest edits, until they are on the server's disk.

use std::collections::BTreeSet;

use grid_engine::doc::{Edit, Op};
use grid_engine::refs::{CellRef, RoomId};
use grid_engine::workbook::Workbook;
use serde::{Deserialize, Serialize};

/// An edit made here, with all that tells whether it has arrived, in the form it is kept in.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OwnEdit {
    pub edit: Edit,
    /// The writer id it was made under.
    pub writer: u64,
    /// Of the data it was made in.
    pub incarnation: String,
    /// What must be on the server's disk before it counts as saved.
    pub waits: Vec<Wait>,
}

/// What an edit wrote into one room.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Wait {
    pub room: RoomId,
    /// The writer's clock after it.
    pub clock: u32,
    /// The room's epoch at that time.
    pub epoch: u32,
    /// The update that says it, in base64.
    pub update: String,
}

impl OwnEdit {
    /// Leaves out what rooms it does not wait for have received.
    pub fn forget_arrived(&mut self, book: &Workbook) {
        let Self { edit, waits, .. } = self;
        let waits_for = |room: RoomId| waits.iter().any(|wait| wait.room == room);
        edit.ops.retain(|op| room_of(book, op).is_none_or(waits_for));
    }

    fn waits_for(&self, room: RoomId) -> bool {
        self.waits.iter().any(|wait| wait.room == room)
    }
}

/// The cells that edits write.
fn cells_of<'a>(edits: impl Iterator<Item = &'a Edit>) -> BTreeSet<CellRef> {
    edits.flat_map(|edit| &edit.ops).filter_map(cell_of).collect()
}

fn cell_of(op: &Op) -> Option<CellRef> {
    if let Op::SetCell { cell, .. } = op { Some(*cell) } else { None }
}

/// Leaves out of edits what writes no cell, or one of these.
fn leave_out(edits: &mut Vec<Edit>, cells: &BTreeSet<CellRef>) {
    edits.iter_mut().for_each(|edit| edit.ops.retain(|op| cell_of(op).is_some_and(|cell| !cells.contains(&cell))));
    edits.retain(|edit| !edit.ops.is_empty());
}

/// The room a cell's op goes to; `None` where it may touch others, or its row is not there.
fn room_of(book: &Workbook, op: &Op) -> Option<RoomId> {
    let (Op::SetCell { cell, .. } | Op::SetStyle { cell, .. } | Op::SetNote { cell, .. }) = op else { return None };
    let sheet = book.sheet(cell.sheet)?;
    match sheet.part_of(cell.row) {
        Some(part) => Some(RoomId::Part(cell.sheet, part)),
        None => sheet.meta().partition.is_none().then_some(RoomId::Sheet(cell.sheet)),
    }
}

/// The latest edits, oldest first.
#[derive(Default)]
pub struct OwnEdits {
    list: Vec<OwnEdit>,
    /// What this page had saved last in each cell: the server's data may be restored from a backup that is older.
    arrived: Vec<Edit>,
}

/// Cells whose edits are remembered after they were saved: as many as are pasted at once.
const MOST_ARRIVED: usize = 10_000;

impl OwnEdits {
    /// Remembers an edit until the rooms have it. One that wrote nothing waits for nothing.
    pub fn push(&mut self, own: OwnEdit) {
        if !own.waits.is_empty() {
            self.list.push(own);
        }
    }

    /// A room's changes are on disk, of each writer up to a clock.
    pub fn saved(&mut self, room: RoomId, clock: impl Fn(u64) -> u32) {
        for OwnEdit { writer, waits, .. } in &mut self.list {
            waits.retain(|wait| wait.room != room || wait.clock > clock(*writer));
        }
        let (waiting, saved) = std::mem::take(&mut self.list).into_iter().partition(|own| !own.waits.is_empty());
        self.list = waiting;
        saved.into_iter().for_each(|own: OwnEdit| self.remember(own.edit));
    }

    fn remember(&mut self, edit: Edit) {
        leave_out(&mut self.arrived, &cells_of([&edit].into_iter()));
        self.arrived.push(edit);
        while self.arrived.iter().map(|edit| edit.ops.len()).sum::<usize>() > MOST_ARRIVED {
            self.arrived.remove(0);
        }
    }

    /// What this page had saved last in each cell, but for cells it has written again since: oldest first.
    pub fn arrived(&self) -> Vec<Edit> {
        let mut arrived = self.arrived.clone();
        leave_out(&mut arrived, &cells_of(self.list.iter().map(|own| &own.edit)));
        arrived
    }

    /// A room goes on in another document. Of what `client` wrote the server had all up to the first of these clocks, and the
    /// rest was sent again as what ends at the second; with `None` it had it all. Edits of earlier pages are to be made
    /// again: they are taken out.
    pub fn rebased(&mut self, room: RoomId, client: u64, again: Option<(u32, u32)>) -> Vec<OwnEdit> {
        let others = self.take(|own| own.writer != client && own.waits_for(room));
        match again {
            None => self.saved(room, |_| u32::MAX),
            Some((had, clock)) => {
                // Another page must not make these again for not having heard of what was sent.
                self.saved(room, |_| had);
                let waits = self.list.iter_mut().flat_map(|own| &mut own.waits);
                waits.filter(|wait| wait.room == room).for_each(|wait| wait.clock = clock);
            }
        }
        others
    }

    /// Edits not yet known to be on disk.
    pub fn unsaved(&self) -> &[OwnEdit] {
        &self.list
    }

    /// What was written into a room, with the edit it is of.
    pub fn written_in(&self, room: RoomId) -> impl Iterator<Item = (&OwnEdit, &Wait)> {
        let waits = self.list.iter().flat_map(|own| own.waits.iter().map(move |wait| (own, wait)));
        waits.filter(move |(_, wait)| wait.room == room)
    }

    /// When the oldest edit was made that a room waits for.
    pub fn oldest(&self, room: RoomId) -> Option<i64> {
        self.list.iter().find(|own| own.waits_for(room)).map(|own| own.edit.at)
    }

    /// Whether edits wait that were made under a writer id.
    pub fn has_writer(&self, writer: u64) -> bool {
        self.list.iter().any(|own| own.writer == writer)
    }

    /// Takes out the edits a room still waits for: it is joined afresh.
    pub fn take_waiting(&mut self, room: RoomId) -> Vec<OwnEdit> {
        self.take(|own| own.waits_for(room))
    }

    fn take(&mut self, which: impl Fn(&OwnEdit) -> bool) -> Vec<OwnEdit> {
        let (taken, left) = std::mem::take(&mut self.list).into_iter().partition(which);
        self.list = left;
        taken
    }
}
