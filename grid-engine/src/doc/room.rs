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

use super::epoch::{self, Weight};
use super::examine::{self, Examined, Unfit};
use super::ledger::{Journal, Ledger};
use super::root::{CLEARED, Root};
use super::screen::{MAX_BYTES, MAX_STATE_BYTES, Screened, screen_state_vector, screen_update};
use super::unsent::Unsent;
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

/// A document of the workbook.
pub(super) struct Room {
    id: RoomId,
    doc: Doc,
    roots: HashMap<Root, MapRef>,
    changed: Arc<Mutex<Vec<Entry>>>,
    /// Updates whose predecessors have not arrived. The document library could keep them itself, but
    /// what it keeps is not part of what it encodes, and overlapping leftovers make it panic.
    waiting: Vec<(Vec<u8>, Screened)>,
    /// Kept from the first examination on, by who must judge updates.
    ledger: Option<Ledger>,
    /// Updates that were judged and wait to be applied.
    staged: Vec<Examined>,
    journal: Journal,
    /// Kept by who must be able to make its edits again.
    unsent: Option<Unsent>,
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
            ledger: None,
            staged: Vec::new(),
            journal: Journal::default(),
            unsent: None,
        }
    }

    /// Remembers from now on what is written here, until it is acknowledged.
    pub(super) fn keep_unsent(&mut self) {
        self.unsent.get_or_insert_default();
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

    /// Applies a peer's update; what it changed. What builds on changes that have not arrived waits for them.
    /// Nothing changes on an error.
    pub(super) fn apply_update(&mut self, update: &[u8]) -> Result<Vec<Entry>, String> {
        let screened = screen_update(self.id, update, MAX_BYTES)?;
        if !self.is_ready(&screened) {
            let waiting: usize = self.waiting.iter().map(|(bytes, _)| bytes.len()).sum();
            let full = self.waiting.len() >= MAX_WAITING || waiting + update.len() > MAX_WAITING_BYTES;
            if full {
                return Err(EARLY.to_owned());
            }
            self.waiting.push((update.to_vec(), screened));
            return Ok(Vec::new());
        }
        // What comes past the judgement is not in the ledger: it is made anew when next needed.
        self.ledger = None;
        self.integrate(update, &screened.roots, true)?;
        while let Some(at) = self.waiting.iter().position(|(_, screened)| self.is_ready(screened)) {
            let (bytes, screened) = self.waiting.swap_remove(at);
            self.integrate(&bytes, &screened.roots, true)?;
        }
        Ok(self.take_changed())
    }

    /// Whether everything an update builds on is here.
    pub(super) fn has_basis_of(&self, update: &[u8]) -> bool {
        screen_update(self.id, update, MAX_BYTES).is_ok_and(|screened| self.is_ready(&screened))
    }

    /// Judges a peer's update by what is here and staged; nothing changes.
    pub(super) fn examine(&mut self, update: &[u8]) -> Result<Examined, Unfit> {
        if update.len() > MAX_BYTES {
            let reason = format!("{} bytes are more than the {MAX_BYTES} it may have", update.len());
            return Err(Unfit { code: "update.malformed", reason });
        }
        let ledger = match self.ledger.take() {
            Some(ledger) => ledger,
            None => {
                let unfit = |reason| Unfit { code: "update.malformed", reason };
                let state = self.encode_state(None).map_err(unfit)?;
                Ledger::of_state(self.id, &state).map_err(unfit)?
            }
        };
        let examined = examine::examine(self.id, update, &ledger);
        self.ledger = Some(ledger);
        examined
    }

    /// Takes an examined update as one that will be applied, unless [`Room::drop_staged`] comes first.
    pub(super) fn stage(&mut self, examined: Examined) {
        if let Some(ledger) = &mut self.ledger {
            examined.enter(ledger, &mut self.journal);
        }
        self.staged.push(examined);
    }

    /// Applies what is staged in one transaction: what it changed, and the one update that says all of it.
    pub(super) fn apply_staged(&mut self) -> Result<(Vec<Entry>, Vec<u8>), String> {
        let staged = std::mem::take(&mut self.staged);
        self.journal = Journal::default();
        let merged = {
            let mut txn = self.doc.transact_mut();
            for &root in staged.iter().flat_map(|examined| &examined.roots) {
                watch(&mut txn, &mut self.roots, &self.changed, root);
            }
            for examined in staged {
                catch_unwind(AssertUnwindSafe(|| txn.apply_update(examined.update)))
                    .map_err(|_| "it cannot be applied".to_owned())?
                    .map_err(|error| error.to_string())?;
            }
            txn.commit();
            if let Some(ledger) = &mut self.ledger {
                for (writer, ranges) in txn.delete_set().iter() {
                    for range in ranges.iter() {
                        ledger.mark_deleted(writer.get(), u64::from(range.start)..u64::from(range.end));
                    }
                }
                ledger.settle();
            }
            txn.encode_update_v1()
        };
        Ok((self.take_changed(), merged))
    }

    #[cfg(test)]
    pub(super) fn ledger(&self) -> Option<&Ledger> {
        self.ledger.as_ref()
    }

    /// Forgets what is staged.
    pub(super) fn drop_staged(&mut self) {
        self.staged.clear();
        let journal = std::mem::take(&mut self.journal);
        if let Some(ledger) = &mut self.ledger {
            ledger.take_back(journal);
        }
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
        self.ledger = None;
        let (update, clocks, before) = {
            let mut txn = self.doc.transact_mut();
            let own = self.doc.client_id();
            let clock = |txn: &TransactionMut<'_>| u64::from(txn.state_vector().get(&own));
            let first = clock(&txn);
            let (mut before, mut cleared) = (Vec::new(), false);
            for entry in entries {
                let map = watch(&mut txn, &mut self.roots, &self.changed, entry.root);
                if self.unsent.is_some() {
                    before.push((entry.clone(), held(&map, &txn, &entry.key)));
                }
                match &entry.value {
                    Some(value) => _ = map.insert(&mut txn, entry.key.clone(), value.clone()),
                    None => cleared |= map.remove(&mut txn, &entry.key).is_some(),
                }
            }
            // Taking keys away moves no clock, and what is saved is told by clocks.
            if cleared && clock(&txn) == first {
                let marks = watch(&mut txn, &mut self.roots, &self.changed, Root::Marks);
                marks.insert(&mut txn, CLEARED, true);
                marks.remove(&mut txn, CLEARED);
            }
            txn.commit();
            (txn.encode_update_v1(), (first, clock(&txn)), before)
        };
        if let Some(unsent) = self.unsent.as_mut().filter(|_| clocks.1 > clocks.0) {
            unsent.note(clocks.1, before);
        }
        // The writer knows what it wrote.
        self.take_changed();
        update
    }

    /// Forgets what a server with this encoded state vector has on disk.
    pub(super) fn acknowledge(&mut self, vector: &[u8]) {
        let Some(unsent) = &mut self.unsent else { return };
        if let (Ok(()), Ok(vector)) = (screen_state_vector(vector), StateVector::decode_v1(vector)) {
            unsent.acknowledge(u64::from(vector.get(&self.doc.client_id())));
        }
    }

    /// Whether a peer with this encoded state vector holds nothing of another epoch.
    pub(super) fn is_of_epoch(&self, peer: &[u8], is_known: &dyn Fn(u64) -> bool) -> Result<bool, String> {
        epoch::is_of_epoch(&self.doc.transact().state_vector(), peer, is_known)
    }

    /// Under which id this side writes.
    pub(super) fn client(&self) -> u64 {
        self.doc.client_id().get()
    }

    /// How often the room was rebased.
    pub(super) fn epoch(&self) -> u32 {
        epoch::epoch_of(&self.doc.transact().state_vector())
    }

    /// How much of the document is of use; `None` while nothing was examined.
    pub(super) fn weight(&self) -> Option<Weight> {
        self.ledger.as_ref().map(Ledger::weight)
    }

    /// The state of this room's next epoch.
    pub(super) fn next_epoch(&mut self) -> Result<Vec<u8>, String> {
        let state = self.encode_state(None)?;
        epoch::next_epoch(self.id, &state, self.all_entries())
    }

    /// Writers that the state of a next epoch says nothing of, and how far they had come.
    pub(super) fn forgotten(&self, next: &[u8]) -> Result<Vec<(u64, u64)>, String> {
        epoch::forgotten(&self.doc.transact().state_vector(), next)
    }

    /// How many changes of a writer are here.
    pub(super) fn clock_of(&self, writer: u64) -> u64 {
        u64::from(self.doc.transact().state_vector().get(&ClientID::new(writer)))
    }

    /// Replaces the document by one of another epoch. Returns what became another by that, and what must be written
    /// for nothing written here to be lost.
    pub(super) fn rebase(&mut self, state: &[u8]) -> Result<(Vec<Entry>, Vec<Entry>), String> {
        let mut next = Self::open(self.id, self.doc.client_id().get(), state)?;
        let mut before: HashMap<(Root, Arc<str>), Option<Any>> =
            self.all_entries().into_iter().map(|entry| ((entry.root, entry.key), entry.value)).collect();
        let mut changed = next.all_entries();
        changed.retain(|entry| before.remove(&(entry.root, entry.key.clone())) != Some(entry.value.clone()));
        let gone = before.into_keys().map(|(root, key)| Entry { root, key, value: None });
        changed.extend(gone);
        let mut repeated = Vec::new();
        if let Some(unsent) = &self.unsent {
            let known = next.clock_of(self.doc.client_id().get());
            repeated = unsent.to_repeat(known, |root, key| next.get(root, key));
            next.keep_unsent();
        }
        *self = next;
        Ok((changed, repeated))
    }

    fn all_entries(&mut self) -> Vec<Entry> {
        let mut entries = Vec::new();
        self.entries(|root, key, value| entries.push(Entry { root, key: key.into(), value: Some(value.clone()) }));
        entries
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
        held(self.roots.get(&root)?, &self.doc.transact(), key)
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

fn held(map: &MapRef, txn: &impl ReadTxn, key: &str) -> Option<Any> {
    match map.get(txn, key)? {
        Out::Any(value) => Some(value),
        _ => None,
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
