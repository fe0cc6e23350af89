//! Locks in a workbook's memory: every update is judged with those that stand when it is taken.

use grid_engine::doc::Mirror;
use grid_engine::refs::{CellRef, RoomId};
use grid_engine::wire::{Lock, LockedRows, Me, ToPeer};

use super::publish::frame;
use super::replica::{PeerKind, Replica};
use super::sight::{may_read, nowhere, sees_row};

impl Replica {
    /// The locks whose cells a person sees; of the others not even the reason is told.
    pub fn locks_for(&self, me: &Me) -> Vec<Lock> {
        let mirror = self.workbook.mirror();
        self.locks.all().iter().filter_map(|lock| seen(me, mirror, lock)).collect()
    }

    pub(super) fn put_lock(&mut self, lock: Lock) {
        self.locks.put(lock);
        self.tell_locks();
    }

    pub(super) fn take_lock_off(&mut self, id: i64) {
        self.locks.remove(id);
        self.tell_locks();
    }

    fn tell_locks(&mut self) {
        let mirror = self.workbook.mirror();
        for (number, peer) in &self.peers {
            if matches!(peer.kind, PeerKind::Live { .. }) && peer.me.may_read_live {
                let locks = self.locks.all().iter().filter_map(|lock| seen(&peer.me, mirror, lock)).collect();
                if let Some(frame) = frame(&ToPeer::Locks { locks }) {
                    self.outputs.send(*number, frame);
                }
            }
        }
    }
}

/// A lock as a person may know of it.
fn seen(me: &Me, mirror: &Mirror, lock: &Lock) -> Option<Lock> {
    if !me.is_confined() {
        return me.may_read_live.then(|| lock.clone());
    }
    let mut lock = lock.clone();
    match &mut lock.of.rows {
        LockedRows::All => {}
        LockedRows::Part(part) => {
            if !may_read(me, mirror, RoomId::Part(lock.of.sheet, *part)) {
                return None;
            }
        }
        LockedRows::These(rows) => {
            let sheet = lock.of.sheet;
            rows.retain(|&row| sees_row(me, mirror, CellRef { sheet, row, col: nowhere() }));
            if rows.is_empty() {
                return None;
            }
        }
    }
    Some(lock)
}
