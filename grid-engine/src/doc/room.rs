//! One synchronised document: bytes in, bytes out, and which keys changed.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use yrs::types::EntryChange;
use yrs::updates::decoder::Decode;
use yrs::updates::encoder::Encode;
use yrs::{
    Any, ClientID, Doc, Map, MapRef, Observable, Options, Out, ReadTxn, StateVector, Transact, TransactionMut, Update,
    WriteTxn,
};

use super::root::Root;
use super::screen::{MAX_BYTES, MAX_STATE_BYTES, Screened, screen_state_vector, screen_update};
use crate::refs::RoomId;

const EARLY: &str = "it builds on changes that have not arrived";

/// A key of a root map and what it holds now; `None` where it was removed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub root: Root,
    pub key: Arc<str>,
    pub value: Option<Any>,
}

/// Updates that wait for their predecessors, at most: a peer that lost more must synchronise anew.
const MAX_WAITING: usize = 256;
const MAX_WAITING_BYTES: usize = 4 << 20;

/// What becomes of an update that builds on what has not arrived yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gaps {
    /// Keep it until the rest arrives.
    Wait,
    /// Refuse the update: an authority stores nothing it cannot read.
    Refuse,
}

/// A document of the workbook.
pub(super) struct Room {
    id: RoomId,
    doc: Doc,
    roots: HashMap<Root, MapRef>,
    changed: Arc<Mutex<Vec<Entry>>>,
    /// Updates whose predecessors have not arrived. The document library could keep them itself, but
    /// what it keeps is not part of what it encodes, and overlapping leftovers make it panic.
    waiting: Vec<(Vec<u8>, Screened)>,
}

impl Room {
    /// An empty document whose edits are written as `client` (its low 53 bits).
    pub(super) fn new(id: RoomId, client: u64) -> Self {
        let client = ClientID::new(client & ((1 << 53) - 1));
        let options = Options::with_guid_and_client_id(id.to_string().into(), client);
        Self {
            id,
            doc: Doc::with_options(options),
            roots: HashMap::new(),
            changed: Arc::default(),
            waiting: Vec::new(),
        }
    }

    /// A document from its stored state (empty for a new one).
    pub(super) fn open(id: RoomId, client: u64, state: &[u8]) -> Result<Self, String> {
        let mut room = Self::new(id, client);
        if !state.is_empty() {
            let screened = screen_update(id, state, MAX_STATE_BYTES)?;
            if !room.is_ready(&screened) {
                return Err(EARLY.to_owned());
            }
            room.integrate(state, &screened.roots, false)?;
        }
        Ok(room)
    }

    /// Applies a peer's update; what it changed. Nothing changes on an error.
    pub(super) fn apply_update(&mut self, update: &[u8], gaps: Gaps) -> Result<Vec<Entry>, String> {
        let screened = screen_update(self.id, update, MAX_BYTES)?;
        if !self.is_ready(&screened) {
            let waiting: usize = self.waiting.iter().map(|(bytes, _)| bytes.len()).sum();
            let full = self.waiting.len() >= MAX_WAITING || waiting + update.len() > MAX_WAITING_BYTES;
            if gaps == Gaps::Refuse || full {
                return Err(EARLY.to_owned());
            }
            self.waiting.push((update.to_vec(), screened));
            return Ok(Vec::new());
        }
        self.integrate(update, &screened.roots, true)?;
        while let Some(at) = self.waiting.iter().position(|(_, screened)| self.is_ready(screened)) {
            let (bytes, screened) = self.waiting.swap_remove(at);
            self.integrate(&bytes, &screened.roots, true)?;
        }
        Ok(self.take_changed())
    }

    /// Whether everything an update builds on is here.
    fn is_ready(&self, screened: &Screened) -> bool {
        let known = self.doc.transact().state_vector();
        let clock = |client: u64| u64::from(known.get(&ClientID::new(client)));
        let contiguous = screened.writers.iter().all(|(&client, &(first, _))| first <= clock(client));
        contiguous
            && screened.needs.iter().all(|(&client, &need)| {
                let brought = screened.writers.get(&client).map_or(0, |&(_, next)| next);
                need <= clock(client).max(brought)
            })
    }

    /// Decodes and applies screened bytes. The library has panicked on bytes before; a caught panic
    /// costs the update, not the process.
    fn integrate(&mut self, bytes: &[u8], roots: &[Root], observe: bool) -> Result<(), String> {
        let update = catch_unwind(|| Update::decode_v1(bytes))
            .map_err(|_| "it cannot be decoded".to_owned())?
            .map_err(|error| error.to_string())?;
        if observe {
            let mut txn = self.doc.transact_mut();
            for &root in roots {
                watch(&mut txn, &mut self.roots, &self.changed, root);
            }
        }
        let doc = &self.doc;
        catch_unwind(AssertUnwindSafe(|| doc.transact_mut().apply_update(update)))
            .map_err(|_| "it cannot be applied".to_owned())?
            .map_err(|error| error.to_string())
    }

    /// Writes entries in one transaction; the update that says so to peers.
    pub(super) fn write(&mut self, entries: &[Entry]) -> Vec<u8> {
        let update = {
            let mut txn = self.doc.transact_mut();
            for entry in entries {
                let map = watch(&mut txn, &mut self.roots, &self.changed, entry.root);
                match &entry.value {
                    Some(value) => _ = map.insert(&mut txn, entry.key.clone(), value.clone()),
                    None => _ = map.remove(&mut txn, &entry.key),
                }
            }
            txn.commit();
            txn.encode_update_v1()
        };
        // The writer knows what it wrote.
        self.take_changed();
        update
    }

    /// Every key of every root.
    pub(super) fn entries(&mut self, mut each: impl FnMut(Root, &str, &Any)) {
        let mut txn = self.doc.transact_mut();
        let names: Vec<Root> = txn.root_refs().filter_map(|(name, _)| Root::parse(name)).collect();
        for root in names {
            let map = watch(&mut txn, &mut self.roots, &self.changed, root);
            for (key, value) in map.iter(&txn) {
                if let Out::Any(value) = value {
                    each(root, key, &value);
                }
            }
        }
    }

    /// What a key holds.
    pub(super) fn get(&self, root: Root, key: &str) -> Option<Any> {
        match self.roots.get(&root)?.get(&self.doc.transact(), key)? {
            Out::Any(value) => Some(value),
            _ => None,
        }
    }

    /// The encoded state vector: what this document has seen.
    pub(super) fn state_vector(&self) -> Vec<u8> {
        self.doc.transact().state_vector().encode_v1()
    }

    /// What a peer with this encoded state vector lacks, without what still waits for its predecessors.
    pub(super) fn encode_state(&self, since: Option<&[u8]>) -> Result<Vec<u8>, String> {
        let since = match since {
            Some(bytes) => {
                screen_state_vector(bytes)?;
                StateVector::decode_v1(bytes).map_err(|error| error.to_string())?
            }
            None => StateVector::default(),
        };
        Ok(self.doc.transact().encode_diff_v1(&since))
    }

    fn take_changed(&self) -> Vec<Entry> {
        std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The map of a root, created and observed on its first use.
fn watch(
    txn: &mut TransactionMut<'_>,
    roots: &mut HashMap<Root, MapRef>,
    changed: &Arc<Mutex<Vec<Entry>>>,
    root: Root,
) -> MapRef {
    if let Some(map) = roots.get(&root) {
        return map.clone();
    }
    let map = txn.get_or_insert_map(root.to_string());
    let changed = Arc::clone(changed);
    map.observe("changes", move |txn, event| {
        let entries = event.keys(txn).iter().map(|(key, change)| Entry {
            root,
            key: key.clone(),
            value: match change {
                EntryChange::Inserted(Out::Any(value)) | EntryChange::Updated(_, Out::Any(value)) => {
                    Some(value.clone())
                }
                _ => None,
            },
        });
        changed.lock().unwrap_or_else(PoisonError::into_inner).extend(entries);
    });
    roots.insert(root, map.clone());
    map
}
