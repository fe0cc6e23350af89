//! A workbook in the server's memory: its documents, calculation, connections and jobs.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use grid_engine::doc::DocError;
use grid_engine::refs::{MeasureId, RoomId, SheetId};
use grid_engine::wire::{FactsInfo, Me, RoomGrant};
use grid_engine::workbook::{Side, Workbook};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::admission::Buckets;
use super::command::Command;
use super::peer::{Outbox, PeerNumber};
use super::presence::Presence;
use super::writers::Writers;
use crate::clock::recalculation_clock;
use crate::jobs::Board;
use crate::store::{Store, StoreError, WorkbookId};

/// Why a workbook cannot be opened. It stays closed: an empty document must never stand for one with data.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("there is no workbook {0}")]
    Missing(WorkbookId),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("room {room} of workbook {workbook} cannot be read: {error}")]
    Room { workbook: WorkbookId, room: RoomId, error: DocError },
    #[error("the workbook's thread: {0}")]
    Thread(String),
}

/// A workbook with everyone connected to it. Owned by one task; nothing else changes it.
pub struct Replica {
    pub id: WorkbookId,
    pub title: String,
    pub currency: String,
    pub workbook: Workbook,
    /// Version of every layer.
    pub layers: BTreeMap<(SheetId, MeasureId), u64>,
    pub(super) store: Store,
    pub(super) logs: BTreeMap<RoomId, RoomLog>,
    pub(super) peers: HashMap<PeerNumber, Peer>,
    pub(super) presence: Presence,
    pub(super) writers: Writers,
    pub(super) buckets: Buckets,
    pub(super) incarnation: String,
    pub(super) board: Board,
    /// The jobs that opening the workbook asked for have ended: no value is missing only because nobody worked it out.
    pub has_answers: bool,
    /// Until then updates gather.
    pub(super) resting_until: Option<Instant>,
    /// Something has changed since the last recalculation.
    pub(super) dirty: bool,
    pub(super) recalculated_at: Instant,
}

/// How much of a room's state lies in its log of updates.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RoomLog {
    pub last_seq: i64,
    pub bytes: usize,
    pub checkpoint_bytes: usize,
    /// How often the room was rebased.
    pub epoch: u32,
}

/// How much is going on in a workbook.
#[derive(Clone, Copy, Debug, Default)]
pub struct Load {
    pub rooms: usize,
    pub peers: usize,
    /// Bytes on their way to peers, of all and of the slowest.
    pub waiting_bytes: usize,
    pub longest_queue: usize,
    /// How long the oldest running job has been running.
    pub oldest_job: std::time::Duration,
}

/// A connection.
pub(super) struct Peer {
    pub me: Arc<Me>,
    pub outbox: Outbox,
    pub kind: PeerKind,
    /// It has sent bytes that were not acceptable: the next time it goes.
    pub warned: bool,
    /// It has said what it holds of its room, and that is of the room's epoch.
    pub is_current: bool,
}

pub(super) enum PeerKind {
    /// On `/sync`: one room.
    Room(RoomId),
    /// On `/live`: the sheets whose values it wants, and the rooms it was told of.
    Live {
        watching: Vec<SheetId>,
        told: Vec<RoomGrant>,
        /// The writer id given out with the greeting.
        writer: u64,
    },
}

impl Replica {
    /// Loads a workbook whole and calculates it.
    pub(super) fn load(
        store: Store,
        id: WorkbookId,
        program: PathBuf,
        commands: mpsc::Sender<Command>,
    ) -> Result<Self, LoadError> {
        let started = std::time::Instant::now();
        let (title, currency) = store.workbook(id)?.ok_or(LoadError::Missing(id))?;
        let mut workbook = Workbook::new(Side::Server, rand::random_range(1..1 << 53));
        let mut logs = BTreeMap::new();
        // The book first: it names the sheets, whose rooms say what their parts mean.
        let mut rooms = store.load_rooms(id)?;
        rooms.sort_by_key(|stored| stored.room);
        for stored in rooms {
            let room = stored.room;
            let fail = |error| LoadError::Room { workbook: id, room, error };
            workbook.open_room(room, &stored.checkpoint).map_err(fail)?;
            for update in &stored.updates {
                workbook.apply_update(room, update).map_err(fail)?;
            }
            let log = RoomLog {
                last_seq: stored.last_seq,
                bytes: stored.updates.iter().map(Vec::len).sum(),
                checkpoint_bytes: stored.checkpoint.len(),
                epoch: workbook.epoch(room),
            };
            logs.insert(room, log);
        }
        let mut layers = BTreeMap::new();
        for stored in store.load_facts(id)? {
            layers.insert((stored.sheet, stored.measure), stored.version);
            workbook.set_facts(stored.sheet, stored.measure, stored.facts);
        }
        let requests = workbook.recalculate(recalculation_clock()).requests;
        let writers = Writers::new(store.writers(id)?);
        let incarnation = store.incarnation()?;
        let mut replica = Self {
            id,
            title,
            currency,
            workbook,
            layers,
            board: Board::new(store.clone(), id, program, commands),
            store,
            logs,
            peers: HashMap::new(),
            presence: Presence::default(),
            has_answers: false,
            writers,
            buckets: Buckets::new(),
            incarnation,
            resting_until: None,
            dirty: false,
            recalculated_at: Instant::now(),
        };
        replica.request(requests);
        tracing::info!(workbook = %id, rooms = replica.logs.len(), took = ?started.elapsed(), "workbook opened");
        Ok(replica)
    }

    /// How much is going on here.
    pub fn load_of(&self) -> Load {
        let sizes = self.peers.values().map(|peer| peer.outbox.waiting());
        Load {
            rooms: self.logs.len(),
            peers: self.peers.len(),
            waiting_bytes: sizes.clone().sum(),
            longest_queue: sizes.max().unwrap_or(0),
            oldest_job: self.board.oldest(),
        }
    }

    /// The layers with their versions.
    pub fn layer_infos(&self) -> Vec<FactsInfo> {
        let info = |(&(sheet, measure), &version): (&(SheetId, MeasureId), &u64)| FactsInfo { sheet, measure, version };
        self.layers.iter().map(info).collect()
    }
}
