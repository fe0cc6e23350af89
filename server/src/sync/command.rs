//! What the task of a workbook is asked to do.

use std::sync::Arc;
use std::time::Instant;

use grid_engine::calc::JobKey;
use grid_engine::formula::SolveCall;
use grid_engine::refs::{CellRef, MeasureId, RoomId, SheetId};
use grid_engine::value::Value;
use grid_engine::wire::{FromPeer, Lock, Me};
use grid_engine::workbook::{Facts, ScenarioTable};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};

use super::host::Load;
use super::peer::{Outbox, PeerNumber, Sending};
use super::pieces::Budget;
use super::protocol::PeerMessage;
use super::races::Race;
use super::replica::Replica;
use crate::jobs::KeptAnswer;
use crate::version_facts::Found;

/// Commands that may wait; beyond it sockets stop reading, which their peers' networks feel.
pub(super) const QUEUE: usize = 1024;

/// What a command takes up until the turn it was taken in has ended: a question its connection may ask, memory for a
/// large frame.
pub type Held = Vec<OwnedSemaphorePermit>;

/// A step for the workbook's task.
pub enum Command {
    JoinRoom {
        peer: PeerNumber,
        me: Arc<Me>,
        room: RoomId,
        /// Ids it has written under before and asks for.
        writers: Vec<u64>,
        outbox: Outbox,
    },
    JoinLive {
        peer: PeerNumber,
        me: Arc<Me>,
        outbox: Outbox,
    },
    Sync {
        peer: PeerNumber,
        message: PeerMessage,
        /// When it had been read.
        arrived: Instant,
        held: Held,
    },
    /// The peer's next update brings edits made so many milliseconds ago.
    Remade {
        peer: PeerNumber,
        age: u64,
    },
    /// Hands in whom edits made anew have met.
    Raced(Vec<Race>),
    Live {
        peer: PeerNumber,
        message: FromPeer,
        held: Held,
    },
    /// A frame could not be read.
    Malformed {
        peer: PeerNumber,
        reason: String,
    },
    Leave {
        peer: PeerNumber,
    },
    Job {
        id: u64,
        event: JobEvent,
    },
    CancelJob {
        id: u64,
        found: oneshot::Sender<bool>,
    },
    /// What jobs gave up is to be tried again.
    TryAgain,
    /// A question to a supply plan that no cell asks.
    AskPlan {
        call: Arc<SolveCall>,
        told: oneshot::Sender<KeptAnswer>,
    },
    /// Tells how much is going on.
    Load(oneshot::Sender<Load>),
    /// Reads the state between two turns, its values up to date with its inputs.
    Ask(Question),
    /// Tells everyone that the list of versions has changed.
    VersionsChanged,
    /// Tells those who see the cell that something is said about it.
    Commented(CellRef),
    /// Puts a lock on that is stored: what is taken after it is judged with it.
    Lock(Lock),
    /// Takes one off.
    Unlock(i64),
    /// Hands in what formulas asked for of frozen versions.
    VersionFacts(Vec<Found>),
    /// Hands in the scenario matrix that formulas read, as it stands now.
    Scenarios(Arc<ScenarioTable>),
    /// Shows layers that were imported and are stored.
    Imported(Vec<(SheetId, MeasureId, Facts)>),
    /// Has the logs of all rooms become checkpoints: a branch is about to share them.
    Fold,
    /// Finishes what has arrived and closes every connection.
    Stop,
}

/// What somebody wants to know of a workbook's state.
pub type Question = Box<dyn FnOnce(&Replica) + Send>;

/// What a job reports.
pub enum JobEvent {
    Progress {
        done: u64,
        total: u64,
        message: String,
    },
    Forecasts(Vec<(JobKey, Value)>),
    /// A plan solved from the one before, to show until it has been solved afresh.
    Early {
        key: JobKey,
        answer: Box<KeptAnswer>,
    },
    Solved {
        key: JobKey,
        answer: Box<KeptAnswer>,
    },
    Failed {
        message: String,
    },
}

/// The address of a workbook's task.
#[derive(Clone)]
pub struct LiveWorkbook {
    pub(super) commands: mpsc::Sender<Command>,
    /// Memory for frames that come in pieces, of all workbooks together.
    pub(super) budget: Budget,
    /// What waits for the networks of its peers.
    pub(super) sending: Arc<Sending>,
}

/// The workbook's task has ended; open the workbook again.
#[derive(Debug, thiserror::Error)]
#[error("the workbook is being opened afresh")]
pub struct Gone;

impl LiveWorkbook {
    /// Queues a command, waiting while the queue is full.
    pub async fn send(&self, command: Command) -> Result<(), Gone> {
        self.commands.send(command).await.map_err(|_| Gone)
    }

    /// How much is going on.
    pub async fn load(&self) -> Result<Load, Gone> {
        let (sender, receiver) = oneshot::channel();
        self.send(Command::Load(sender)).await?;
        receiver.await.map_err(|_| Gone)
    }

    /// Asks for something of the state.
    pub async fn ask<T: Send + 'static>(&self, read: impl FnOnce(&Replica) -> T + Send + 'static) -> Result<T, Gone> {
        let (sender, receiver) = oneshot::channel();
        let question: Question = Box::new(move |replica: &Replica| {
            // Whoever asked may have given up.
            let _ = sender.send(read(replica));
        });
        self.send(Command::Ask(question)).await?;
        receiver.await.map_err(|_| Gone)
    }
}
