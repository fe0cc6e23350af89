//! What goes into a [`Replica`](super::Replica) and what comes out of it: all a workbook has to do with the world.

use std::sync::Arc;

use grid_engine::calc::JobKey;
use grid_engine::refs::{CellRef, MeasureId, PersonId, RoomId, SheetId};
use grid_engine::value::Value;
use grid_engine::wire::{FromPeer, JobInfo, Lock, Me};
use grid_engine::workbook::{Facts, JobRequest, ScenarioTable, VersionMeasure};

use super::Frame;
use super::closing::Closing;
use super::peer::{PeerNumber, Sent};
use super::protocol::PeerMessage;
use super::races::Race;
use super::remade::Doubt;
use crate::jobs::SolvedPlan;
use crate::store::{AppendedUpdate, NewNotice, NewUpdate, StoreError};
use crate::version_facts::Found;

/// Something that happens to a workbook.
pub enum Input {
    /// Somebody joins a room.
    JoinRoom {
        peer: PeerNumber,
        me: Arc<Me>,
        room: RoomId,
        /// Ids it has written under before and asks for.
        writers: Vec<u64>,
    },
    /// Somebody joins `/live`; `jobs` are those to tell a newcomer of.
    JoinLive {
        peer: PeerNumber,
        me: Arc<Me>,
        jobs: Vec<JobInfo>,
    },
    Sync {
        peer: PeerNumber,
        message: PeerMessage,
    },
    /// The peer's next update brings edits made so many milliseconds ago.
    Remade {
        peer: PeerNumber,
        age: u64,
    },
    /// Whom edits made anew have met.
    Raced(Vec<Race>),
    Live {
        peer: PeerNumber,
        message: FromPeer,
    },
    /// A frame could not be read.
    Malformed {
        peer: PeerNumber,
        reason: String,
    },
    /// A connection has ended.
    Leave {
        peer: PeerNumber,
    },
    /// What came of jobs.
    Jobs(Answers),
    /// What jobs gave up is to be tried again.
    TryAgain,
    /// The list of versions has changed.
    VersionsChanged,
    /// Something is said about a cell.
    Commented(CellRef),
    /// A lock that is stored.
    Lock(Lock),
    /// A lock that was taken off.
    Unlock(i64),
    /// What formulas asked for of frozen versions.
    VersionFacts(Vec<Found>),
    /// The scenario matrix that formulas read, as it stands now.
    Scenarios(Arc<ScenarioTable>),
    /// Layers that were imported and are stored.
    Imported(Vec<(SheetId, MeasureId, Facts)>),
    /// Has the logs of all rooms become checkpoints: a branch is about to share them.
    Fold,
    /// Goes on with a room in its next epoch, outgrown or not.
    Rebase {
        room: RoomId,
    },
}

/// What jobs have to say.
#[derive(Default)]
pub struct Answers {
    /// The job's state, to show.
    pub info: Option<JobInfo>,
    pub answers: Vec<(JobKey, Value)>,
    /// Answers that others are to follow.
    pub early: Vec<(JobKey, Value)>,
    /// Why calls have no answer.
    pub given_up: Vec<(JobKey, Value)>,
    /// Solved plans.
    pub plans: Vec<SolvedPlan>,
}

/// Something a workbook wants done. Nothing comes back of it, except of [`Output::Wanted`], [`Output::Versions`],
/// [`Output::Doubts`] and [`Output::Scenarios`].
pub enum Output {
    /// Queues a frame for a peer.
    Send { peer: PeerNumber, frame: Frame, sent: Sent },
    /// Ends a connection, or a room's place on it; the peer is forgotten already.
    Close { peer: PeerNumber, closing: Closing },
    /// Stores something in its own time. Until then, and where it fails, what is stored already stands.
    Aside(Aside),
    /// Heavy calls need answers: they come as [`Input::Jobs`].
    Wanted(Vec<JobRequest>),
    /// Formulas read frozen versions: what they ask for comes as [`Input::VersionFacts`].
    Versions(Vec<VersionMeasure>),
    /// Edits were made anew: whom they have met comes as [`Input::Raced`].
    Doubts(Vec<Doubt>),
    /// Formulas read the scenario matrix: it comes as [`Input::Scenarios`], now and whenever it changes.
    Scenarios,
    /// An input has changed: solves wait for inputs to rest.
    InputsMoved,
}

/// What is stored without being waited for.
pub enum Aside {
    /// A room's log becomes a checkpoint.
    Fold { room: RoomId, state: Vec<u8>, upto: i64 },
    /// The reason of a change, by its writer id and clock.
    Why { room: RoomId, person: PersonId, at: i64, change: (u64, u64), why: String },
    /// Somebody has seen these notices.
    Told { person: PersonId, notices: Vec<u64> },
    /// Layers that a job has worked out.
    Facts(Vec<(SheetId, MeasureId, Facts)>),
}

/// What must be on disk before a workbook goes on. It takes nothing else until it is told how this went.
pub enum StoreRequest {
    /// Appends to the logs of rooms, and keeps what people are to be told of it; all or nothing.
    Append { updates: Vec<NewUpdate>, notices: Vec<NewNotice> },
    /// Adds an empty room.
    AddRoom(RoomId),
    /// Replaces what stands for a room, up to this sequence number, by the state of its next epoch, and notes the writers
    /// that this says nothing of, with their clocks.
    Replace { room: RoomId, state: Vec<u8>, upto: i64, forgotten: Vec<(u64, u64)> },
    /// Appends to a room's log what brings writers back. Nobody has entered anything, so it is not in the edit log.
    Recall { room: RoomId, update: Vec<u8> },
}

/// How a [`StoreRequest`] went; the appended updates, for what appends.
pub type Stored = Result<Vec<AppendedUpdate>, StoreError>;

/// What a workbook has asked to be done, in order.
#[derive(Default)]
pub(super) struct Outputs(Vec<Output>);

impl Outputs {
    pub fn push(&mut self, output: Output) {
        self.0.push(output);
    }

    pub fn send(&mut self, peer: PeerNumber, frame: Frame) {
        self.push(Output::Send { peer, frame, sent: Sent::News });
    }

    /// Sends a peer what it asked for.
    pub fn answer(&mut self, peer: PeerNumber, frame: Frame) {
        self.push(Output::Send { peer, frame, sent: Sent::Answer });
    }

    pub fn take(&mut self) -> Vec<Output> {
        std::mem::take(&mut self.0)
    }
}
