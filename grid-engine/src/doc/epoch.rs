//! Epochs: when what was overwritten outgrows what is there, a room goes on in a fresh document.
//!
//! A document forgets nothing: every overwritten value leaves a tombstone of 70–160 bytes of memory, and every
//! window that ever wrote leaves a writer. A rebase copies what every key holds into a new document of the next
//! epoch. Positions, tombstones of rows, styles and notes are keys like any other, so all of it goes along.
//!
//! Three things let old and new be told apart, and unsent edits be made again exactly once:
//!
//! - The copy is written under a writer id that belongs to its epoch ([`rebaser`]). Whoever has heard of the current
//!   one is of this epoch; who knows other writers but not this one holds a document of the past.
//! - Each writer of the epoch that ends leaves a run of swept clocks instead of its changes. So its clock goes on
//!   where it was, no clock ever means two things, and whoever holds unsent edits sees which of them had arrived.
//! - Writers that had been swept before are left out, or the document would remember everybody after all. The server
//!   keeps their clocks beside the document ([`forgotten`]), and brings one back ([`swept_runs`]) before it answers who
//!   says that they have written under it.

use std::collections::BTreeMap;

use yrs::updates::decoder::Decode;
use yrs::{ClientID, Doc, Map, Options, ReadTxn, StateVector, Transact, Update, WriteTxn};

use super::room::Entry;
use super::root::Root;
use super::screen::{GC, Place, Said, read_update, screen_state_vector};
use super::stored::store_number;
use crate::refs::RoomId;

/// The key of `meta` that counts a room's rebases.
pub(super) const EPOCH: &str = "epoch";
/// Writer ids from here on belong to epochs: the highest there are, so that even where a document of the past is
/// merged by mistake what was copied last has the last word.
const FIRST_REBASER: u64 = (1 << 53) - (1 << 32);
/// Tombstones a room may have before they count: some 3 MB, less than it costs to have everyone fetch it anew.
const MIN_DEAD: usize = 20_000;
/// Writers of one epoch. Decoding costs quadratic time in their number; with those of the epoch before, which leave
/// their swept clocks, they stay below what a document may have.
const MAX_WRITERS: usize = 4_000;

/// How much of a document is of use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Weight {
    /// Changes that still stand.
    pub live: usize,
    /// Changes that were overwritten or cleared.
    pub dead: usize,
    /// Who has written in this epoch.
    pub writers: usize,
}

impl Weight {
    /// Whether the room should go on in a fresh document.
    pub fn is_outgrown(self) -> bool {
        (self.dead >= MIN_DEAD && self.dead > self.live) || self.writers > MAX_WRITERS
    }
}

/// The writer of an epoch's copy.
fn rebaser(epoch: u32) -> u64 {
    FIRST_REBASER + u64::from(epoch)
}

/// The writer of what a workbook is made with. Nobody edits under it, so that a copy which holds nothing else is
/// known for one of the first epoch, also when later ones have long forgotten its clock.
pub const MAKER: u64 = 1;

/// Whether a writer id belongs to a workbook's making or to an epoch, not to anybody who edits.
pub fn is_reserved(writer: u64) -> bool {
    writer >= FIRST_REBASER || writer == MAKER
}

/// The epoch a document is in, by who has written it.
pub(super) fn epoch_of(vector: &StateVector) -> u32 {
    let rebasers = vector.iter().filter_map(|(writer, clock)| writer.get().checked_sub(FIRST_REBASER).zip(Some(clock)));
    rebasers.filter(|(_, clock)| **clock > 0).map(|(epoch, _)| epoch as u32).max().unwrap_or(0)
}

/// Whether a peer with this encoded state vector holds nothing of another epoch. `is_known` tells writers of this
/// workbook.
pub(super) fn is_of_epoch(own: &StateVector, peer: &[u8], is_known: &dyn Fn(u64) -> bool) -> Result<bool, String> {
    screen_state_vector(peer)?;
    let peer = StateVector::decode_v1(peer).map_err(|error| error.to_string())?;
    if epoch_of(&peer) == epoch_of(own) {
        return Ok(true);
    }
    let mut writers = peer.iter().filter(|(_, clock)| **clock > 0).map(|(writer, _)| writer.get());
    // Who has only edits of its own is new here.
    Ok(writers.all(|writer| own.get(&ClientID::new(writer)) == 0 && !is_known(writer) && !is_reserved(writer)))
}

/// The state of a room's next epoch, from its state now and what its keys hold.
pub(super) fn next_epoch(room: RoomId, state: &[u8], mut entries: Vec<Entry>) -> Result<Vec<u8>, String> {
    let mut clocks: BTreeMap<u64, u64> = BTreeMap::new();
    let mut swept: BTreeMap<u64, bool> = BTreeMap::new();
    let screened = read_update(room, state, &mut |said| {
        if let Said::Block { id: (writer, clock), length, place, .. } = said {
            clocks.insert(writer, clock + length);
            *swept.entry(writer).or_insert(true) &= matches!(place, Place::Nowhere);
        }
    });
    screened.map_err(|flaw| format!("{} (byte {})", flaw.reason, flaw.at))?;
    let vector = clocks.iter().map(|(&writer, &clock)| (ClientID::new(writer), clock as u32)).collect();
    let epoch = epoch_of(&vector) + 1;
    let writer = rebaser(epoch);
    clocks.retain(|writer, _| swept.get(writer) == Some(&false));

    let doc = Doc::with_options(Options::with_guid_and_client_id(room.to_string().into(), ClientID::new(writer)));
    let mut txn = doc.transact_mut();
    let runs = Update::decode_v1(&swept_runs(&clocks)).map_err(|error| error.to_string())?;
    txn.apply_update(runs).map_err(|error| error.to_string())?;
    entries.retain(|entry| (entry.root, &*entry.key) != (Root::Meta, EPOCH));
    entries.push(Entry { root: Root::Meta, key: EPOCH.into(), value: Some(store_number(f64::from(epoch))) });
    // Whatever order the keys came in, the copy is the same.
    entries.sort_by(|a, b| (a.root, &a.key).cmp(&(b.root, &b.key)));
    for entry in entries {
        let Some(value) = entry.value else { continue };
        txn.get_or_insert_map(entry.root.to_string()).insert(&mut txn, entry.key, value);
    }
    txn.commit();
    Ok(txn.encode_diff_v1(&StateVector::default()))
}

/// Writers of a document that its next epoch says nothing of, each with the clock after its last change.
pub(super) fn forgotten(own: &StateVector, next: &[u8]) -> Result<Vec<(u64, u64)>, String> {
    let known = Update::decode_v1(next).map_err(|error| error.to_string())?.state_vector();
    let writers = own.iter().map(|(writer, clock)| (*writer, u64::from(*clock)));
    let gone = writers.filter(|(writer, clock)| *clock > 0 && known.get(writer) == 0 && !is_reserved(writer.get()));
    Ok(gone.map(|(writer, clock)| (writer.get(), clock)).collect())
}

/// An update in which each writer's clocks, up to the one given, are swept away, in the update encoding version 1. To a
/// document that has not heard of a writer it tells how far that one had come; nothing that can be seen changes.
pub fn swept_runs(clocks: &BTreeMap<u64, u64>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(clocks.len() * 14 + 2);
    write_number(&mut bytes, clocks.len() as u64);
    for (&writer, &clock) in clocks {
        // One block from clock 0 on: its kind, its length.
        write_number(&mut bytes, 1);
        write_number(&mut bytes, writer);
        bytes.extend([0, GC]);
        write_number(&mut bytes, clock);
    }
    // Nothing is deleted by it.
    bytes.push(0);
    bytes
}

/// Appends a number in lib0's variable-length form.
pub(super) fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number as u8 & 0x7f) | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}
