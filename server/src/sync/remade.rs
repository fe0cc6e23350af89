//! Edits that were made some time ago: without a connection, or made again now in another document, as the room went on in
//! its next epoch meanwhile.
//!
//! An update that makes them again knows of all that stands, so it tells nothing of whom they met; and no update tells of what
//! was cleared meanwhile. The edit log does, by since when their maker had seen nothing: what somebody else entered or
//! cleared in the same cell since then.

use grid_engine::doc::{Examined, Target};
use grid_engine::refs::{CellRef, PersonId};
use grid_engine::wire::Scalar;

use super::admission::{NAMED, scalar_of};
use super::peer::PeerNumber;
use super::races::Race;
use super::replica::Replica;
use super::steps::Output;
use crate::store::{Store, StoreError, WorkbookId};

/// Entries of a cell's history that are looked at.
const LATEST: u32 = 5;

/// A cell that somebody else may have edited between the two moments an edit was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    cell: CellRef,
    by: PersonId,
    new: Scalar,
    made: i64,
    remade: i64,
}

impl Replica {
    pub(super) fn note_remade(&mut self, number: PeerNumber, age: u64) {
        let now = self.now;
        if let Some(peer) = self.peers.get_mut(&number) {
            peer.made_at = Some(now.saturating_sub_unsigned(age));
        }
    }

    /// Has the cells looked up of an update whose edits were made before, but for those where it met somebody anyway.
    pub(super) fn doubt(&mut self, by: PersonId, made: i64, examined: &Examined, races: &[Race]) {
        let has_met = |cell| races.iter().any(|race| matches!(race, Race::Cell { cell: met, .. } if *met == cell));
        let doubts = examined.touches.iter().filter_map(|touch| match touch.target {
            Target::Cell(cell, None) if !has_met(cell) => {
                Some(Doubt { cell, by, new: scalar_of(&touch.to), made, remade: self.now })
            }
            _ => None,
        });
        let doubts: Vec<Doubt> = doubts.take(NAMED).collect();
        if !doubts.is_empty() {
            self.outputs.push(Output::Doubts(doubts));
        }
    }
}

/// Whom edits made anew have met.
///
/// # Errors
/// When the edit log cannot be read.
pub(super) fn met(store: &Store, workbook: WorkbookId, doubts: Vec<Doubt>) -> Result<Vec<Race>, StoreError> {
    let mut races = Vec::new();
    for Doubt { cell, by, new, made, remade } in doubts {
        let history = store.cell_history(workbook, cell, LATEST)?;
        // The edit itself may be in the log by now.
        let latest = history
            .into_iter()
            .find(|edit| (made..=remade).contains(&edit.at) && !(edit.person == by && edit.new == new));
        let other = latest.filter(|edit| edit.person != by && edit.new != new);
        races.extend(other.map(|other| Race::Cell { cell, later: (by, new), earlier: (other.person, other.new) }));
    }
    Ok(races)
}
