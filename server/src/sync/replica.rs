//! A workbook in the server's memory: its documents, calculation and connections, without IO, clock or chance of its
//! own. What happens goes in, what is to be done comes out ([`super::steps`]); one task (`host`) does it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use grid_engine::calc::JobKey;
use grid_engine::doc::DocError;
use grid_engine::plan::SupplyReport;
use grid_engine::refs::{MeasureId, PersonId, RoomId, SheetId};
use grid_engine::wire::{FactsInfo, Lock, Locks, Me, RoomGrant};
use grid_engine::workbook::{Clock, JobRequest, Side, Workbook};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::admission::Buckets;
use super::closing::Closing;
use super::peer::PeerNumber;
use super::presence::Presence;
use super::races::Lately;
use super::sight::{Sight, sees_layers};
use super::steps::{Output, Outputs};
use super::swept::Swept;
use super::turn::{Turn, Waiting};
use super::untold::Untold;
use super::writers::Writers;
use crate::metrics::Metrics;
use crate::store::{NewNotice, StoreError, StoredFacts, StoredRoom, WorkbookId};

/// A room's log is folded into a checkpoint when it outgrows this and the checkpoint before it.
const LOG_BYTES: usize = 256 << 10;

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

/// What the store keeps of a workbook.
pub struct Kept {
    pub title: String,
    pub currency: String,
    pub rooms: Vec<StoredRoom>,
    pub facts: Vec<StoredFacts>,
    /// Whose changes bear which writer id.
    pub writers: Vec<(u64, PersonId)>,
    /// Writers that rooms have forgotten, with the clock after their last change.
    pub swept: Vec<(RoomId, u64, u64)>,
    /// What nobody may change.
    pub locks: Vec<Lock>,
    /// What people are to be told, oldest first.
    pub notices: Vec<NewNotice>,
    /// What people are called.
    pub names: HashMap<PersonId, String>,
    pub incarnation: String,
}

/// The supply plan that layers show.
#[derive(Clone)]
pub struct ShownPlan {
    pub key: JobKey,
    pub objective: String,
    /// What its page shows.
    pub report: Option<Arc<SupplyReport>>,
}

/// A workbook with everyone connected to it. Owned by one task; nothing else changes it.
pub struct Replica {
    pub id: WorkbookId,
    pub title: String,
    pub currency: String,
    pub workbook: Workbook,
    /// Version of every layer.
    pub layers: BTreeMap<(SheetId, MeasureId), u64>,
    /// The plan whose rows the layers show, once one has come since the workbook was opened.
    pub shown_plan: Option<ShownPlan>,
    /// The jobs that opening the workbook asked for have ended: no value is missing only because nobody worked it out.
    pub has_answers: bool,
    /// Bytes a room's log may have before it is folded into a checkpoint.
    pub log_bytes: usize,
    pub(super) metrics: Arc<Metrics>,
    pub(super) logs: BTreeMap<RoomId, RoomLog>,
    pub(super) peers: BTreeMap<PeerNumber, Peer>,
    pub(super) presence: Presence,
    pub(super) writers: Writers,
    pub(super) swept: Swept,
    pub(super) locks: Locks,
    pub(super) buckets: Buckets,
    pub(super) names: HashMap<PersonId, String>,
    pub(super) lately: Lately,
    pub(super) untold: Untold,
    pub(super) sight: Sight,
    pub(super) incarnation: String,
    /// Milliseconds since 1970, as last told.
    pub(super) now: i64,
    /// Something has changed since the last recalculation.
    pub(super) dirty: bool,
    /// What has arrived and is not stored yet.
    pub(super) turn: Turn,
    pub(super) waiting: Option<Waiting>,
    pub(super) outputs: Outputs,
    /// Frames sent with updates since this was last asked.
    pub(super) told: usize,
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

/// A connection.
pub(super) struct Peer {
    pub me: Arc<Me>,
    pub kind: PeerKind,
    /// It has sent bytes that were not acceptable: the next time it goes.
    pub warned: bool,
    /// It has said what it holds of its room, and that is of the room's epoch.
    pub is_current: bool,
    /// When the edits of its next update were made, where that was some time ago.
    pub made_at: Option<i64>,
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
    /// Opens a workbook from what is kept of it, and calculates it. `seed` is all the chance there will be.
    ///
    /// # Errors
    /// When a room cannot be read: a workbook is never opened with less than was stored.
    pub fn open(id: WorkbookId, kept: Kept, seed: u64, clock: Clock, metrics: Arc<Metrics>) -> Result<Self, LoadError> {
        let mut chance = StdRng::seed_from_u64(seed);
        let mut workbook = Workbook::new(Side::Server, chance.random_range(1..1 << 53));
        let Kept { title, currency, mut rooms, facts, writers, swept, locks, notices, names, incarnation } = kept;
        let locks = Locks::from_iter(locks);
        let mut logs = BTreeMap::new();
        // The book first: it names the sheets, whose rooms say what their parts mean.
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
        for stored in facts {
            layers.insert((stored.sheet, stored.measure), stored.version);
            workbook.set_facts(stored.sheet, stored.measure, stored.facts);
        }
        let requests = workbook.recalculate(clock).requests;
        let mut replica = Self {
            id,
            title,
            currency,
            workbook,
            layers,
            shown_plan: None,
            has_answers: false,
            log_bytes: LOG_BYTES,
            metrics,
            logs,
            peers: BTreeMap::new(),
            presence: Presence::default(),
            writers: Writers::new(writers, chance),
            swept: Swept::new(swept),
            locks,
            buckets: Buckets::new(),
            names,
            lately: Lately::default(),
            untold: Untold::new(notices),
            sight: Sight::default(),
            incarnation,
            now: 0,
            dirty: false,
            turn: Turn::default(),
            waiting: None,
            outputs: Outputs::default(),
            told: 0,
        };
        replica.want_versions();
        replica.want(requests);
        Ok(replica)
    }

    /// Says what time it is, in milliseconds since 1970.
    pub fn tick(&mut self, now: i64) {
        self.now = now;
    }

    /// What is to be done now, in order.
    pub fn outputs(&mut self) -> Vec<Output> {
        self.outputs.take()
    }

    /// Frames sent with updates since this was last asked.
    pub fn frames_told(&mut self) -> usize {
        std::mem::take(&mut self.told)
    }

    /// Whether values are behind the inputs.
    pub fn is_behind(&self) -> bool {
        self.dirty
    }

    /// Connections to rooms and values.
    pub fn peer_count(&self) -> usize {
        self.peers.len()
    }

    /// Open rooms.
    pub fn room_count(&self) -> usize {
        self.logs.len()
    }

    /// The layers a person may see, with their versions.
    pub fn layer_infos(&self, me: &Me) -> Vec<FactsInfo> {
        let info = |(&(sheet, measure), &version): (&(SheetId, MeasureId), &u64)| FactsInfo { sheet, measure, version };
        let seen = |facts: &FactsInfo| me.may_read_live && sees_layers(me, self.workbook.mirror(), facts.sheet);
        self.layers.iter().map(info).filter(seen).collect()
    }

    /// Ends a peer's connection. It is as good as gone: nothing more of it is taken.
    pub(super) fn close(&mut self, number: PeerNumber, closing: Closing) {
        self.outputs.push(Output::Close { peer: number, closing });
        self.leave(number);
    }

    /// Ends every connection.
    pub fn close_all(&mut self, closing: &Closing) {
        for (peer, _) in std::mem::take(&mut self.peers) {
            self.outputs.push(Output::Close { peer, closing: closing.clone() });
        }
    }

    pub(super) fn want(&mut self, requests: Vec<JobRequest>) {
        if !requests.is_empty() {
            self.outputs.push(Output::Wanted(requests));
        }
    }
}
