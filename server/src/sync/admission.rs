//! Whether an update is taken: each stage refuses with a code of its own, and nothing has changed until all agree.
//!
//! bytes (screened, decoded) → writer id bound to the person → what it touches, deletions included → staged. The turn
//! then stores what is staged, applies it, and acknowledges.

use std::collections::HashMap;

use grid_engine::doc::{Entered, Input, Target};
use grid_engine::refs::{CellRef, PersonId, RoomId};
use grid_engine::wire::Scalar;

use super::peer::PeerNumber;
use super::replica::Replica;
use super::rules::check;
use super::writers::Claim;
use crate::store::{CellChange, EditRecord, NewUpdate};

/// Cells a refusal names.
pub(super) const NAMED: usize = 10;
/// Updates one person may send to a workbook at once, and per second in the long run. A large one counts for several:
/// a pasted block of ten thousand cells for some thirty.
const UPDATES: Pace = Pace { burst: 1000.0, per_second: 200.0 };
/// Bytes that count for one more update.
const BYTES_OF_ONE: f64 = 16.0 * 1024.0;

/// How much at once, and how much in the long run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    pub burst: f64,
    pub per_second: f64,
}

/// Why an update is not taken.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Refused {
    /// Stable and dotted, e.g. `acl.write`.
    pub code: &'static str,
    pub message: String,
    /// The cells concerned, [`NAMED`] at most.
    pub cells: Vec<CellRef>,
    /// The changes concerned: the writer id, its first clock and the one after the last.
    pub clocks: Option<(u64, u64, u64)>,
}

impl Refused {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), cells: Vec::new(), clocks: None }
    }

    pub fn at(code: &'static str, message: impl Into<String>, cells: impl IntoIterator<Item = CellRef>) -> Self {
        Self { cells: cells.into_iter().take(NAMED).collect(), ..Self::new(code, message) }
    }
}

/// What a person may still send: a bucket of tokens that fills steadily.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    pace: Pace,
    tokens: f64,
    at: i64,
}

impl Bucket {
    pub fn new(pace: Pace, now: i64) -> Self {
        Self { pace, tokens: pace.burst, at: now }
    }

    /// Takes tokens; where there are too few, how many milliseconds until there are enough.
    pub fn take(&mut self, tokens: f64, now: i64) -> Result<(), u64> {
        let Pace { burst, per_second } = self.pace;
        // A clock that was set back neither gives nor takes.
        let elapsed = (now - self.at).max(0) as f64 / 1000.0;
        (self.tokens, self.at) = ((self.tokens + elapsed * per_second).min(burst), now);
        if self.tokens >= tokens {
            self.tokens -= tokens;
            return Ok(());
        }
        Err(((tokens - self.tokens) / per_second * 1000.0).ceil() as u64)
    }
}

impl Replica {
    /// Takes an update into the turn. `is_step`: it is what the peer has just done, not all that was missing here.
    pub(super) fn admit(
        &mut self,
        number: PeerNumber,
        room: RoomId,
        update: Vec<u8>,
        is_step: bool,
    ) -> Result<(), Refused> {
        let Some(peer) = self.peers.get_mut(&number) else { return Ok(()) };
        let (me, is_current) = (peer.me.clone(), peer.is_current);
        let made_at = peer.made_at.take();
        let now = self.now;
        let bucket = self.buckets.entry(me.person).or_insert_with(|| Bucket::new(UPDATES, now));
        if let Err(wait) = bucket.take(1.0 + (update.len() as f64 / BYTES_OF_ONE).floor(), now) {
            return Err(Refused::new("rate", format!("rate({}, {wait})", UPDATES.per_second)));
        }
        let epoch = self.logs.get(&room).map_or(0, |log| log.epoch);
        if epoch > 0 && !is_current {
            return Err(Refused::new("room.epoch", "say first what you hold of the room"));
        }
        let examined = self.workbook.examine(room, &update).map_err(|unfit| Refused::new(unfit.code, unfit.reason))?;
        if examined.is_empty() {
            self.turn.unchanged.push((me.person, room));
            return Ok(());
        }
        let clocks = examined.writers.first().copied();
        let refused = |refused: Refused| Refused { clocks, ..refused };
        if examined.writers.len() > 1 {
            let message = "it brings changes of several writers; send each as its own update";
            return Err(refused(Refused::new("update.writer", message)));
        }
        check(&me, self.workbook.mirror(), &self.locks, room, &examined.touches).map_err(refused)?;
        let first_use = match clocks {
            None => false,
            Some((writer, from, _)) => match self.writers.claim(writer, me.person, from > 0) {
                Claim::Own { first_use } => first_use,
                Claim::Foreign => {
                    let message = format!("the writer id {writer} is somebody else's; join with a new one");
                    return Err(refused(Refused::new("update.writer", message)));
                }
            },
        };
        let races = self.races(me.person, room, &examined, is_step);
        if let Some(since) = made_at {
            self.doubt(me.person, since, &examined, &races);
        }
        self.turn.races.extend(races);
        let mut cells = Vec::new();
        let mut others = 0;
        for touch in &examined.touches {
            match touch.target {
                Target::Cell(cell, person) => {
                    let new = scalar_of(&touch.to);
                    let old = self.turn.written.insert((cell, person), new.clone());
                    let old = old.unwrap_or_else(|| self.entered(cell, person));
                    cells.push(CellChange { cell, old, new });
                }
                Target::Row(_) | Target::RowDeletion(_) | Target::Column(_) | Target::ColumnDeletion(_) => {
                    // What comes next may lie in a row or column that is not in the mirror yet.
                    self.turn.is_structural = true;
                    others += 1;
                }
                Target::Sheet(_) | Target::Measure(_) | Target::Setting(_) => {
                    // No other may be called the same, and what comes next is judged by what this makes of it.
                    self.turn.is_structural = true;
                    others += 1;
                }
                _ => others += 1,
            }
        }
        let (writer, from, to) = clocks.unwrap_or_default();
        let record = EditRecord { writer, from, to, cells, others };
        self.workbook.stage(room, examined);
        let update = NewUpdate { room, by: me.person, at: now, body: update, record, first_use };
        self.turn.updates.push((number, update));
        Ok(())
    }

    /// What a cell holds by itself, or a person's contribution to it.
    pub(super) fn entered(&self, cell: CellRef, person: Option<PersonId>) -> Scalar {
        let Some(sheet) = self.workbook.sheet(cell.sheet) else { return Scalar::Blank(()) };
        match person {
            None => sheet.input(cell.row, cell.col).map_or(Scalar::Blank(()), scalar_of_input),
            Some(person) => sheet
                .contributions(cell.row, cell.col)
                .iter()
                .find(|(by, _)| *by == person)
                .map_or(Scalar::Blank(()), |(_, number)| Scalar::Number(*number)),
        }
    }
}

pub(super) fn scalar_of(to: &Entered) -> Scalar {
    match to {
        Entered::Input(input) => scalar_of_input(input),
        Entered::Nothing | Entered::Record(_) | Entered::Other => Scalar::Blank(()),
    }
}

/// An entry as it is told.
pub fn scalar_of_input(input: &Input) -> Scalar {
    match input {
        Input::Number(number) => Scalar::Number(*number),
        Input::Bool(truth) => Scalar::Bool(*truth),
        Input::Text(text) | Input::Formula(text) => Scalar::Text(text.as_ref().into()),
    }
}

/// The buckets of everyone who has written lately.
pub(super) type Buckets = HashMap<PersonId, Bucket>;

#[cfg(test)]
mod tests {
    use super::*;

    /// Row B7.
    #[test]
    fn b7_a_flood_is_slowed_and_told_how_long_to_wait() {
        let mut bucket = Bucket::new(UPDATES, 0);
        let taken = (0..2000).filter(|_| bucket.take(1.0, 0).is_ok()).count();
        assert_eq!(taken, UPDATES.burst as usize);
        assert_eq!(bucket.take(1.0, 0), Err(5));
        assert_eq!(bucket.take(1.0, 5), Ok(()));
        assert!(bucket.take(1.0, 5).is_err());
        assert!(bucket.take(1.0, -10_000).is_err(), "a clock set back gives nothing");
        let later = (0..2000).filter(|_| bucket.take(1.0, 60_000).is_ok()).count();
        assert_eq!(later, UPDATES.burst as usize);
    }
}
