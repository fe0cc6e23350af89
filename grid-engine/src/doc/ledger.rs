//! Which key every change of a document went to, and what is deleted already.
//!
//! An update names its keys only in part: a block may say "after that one", a deletion names clocks alone. Ten bytes
//! can so delete everything a person ever wrote. Whoever must judge an update before it is applied looks up here what
//! it would touch, at the price of the update's size and not of the document's.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::causality::Id;
use super::epoch::Weight;
use super::root::Root;
use super::screen::{MAX_STATE_BYTES, Place, Said, read_update};
use crate::refs::RoomId;

/// A key of a root map, by its number here.
pub(super) type KeyNumber = u32;

/// The bit of a tick that is deleted.
const DELETED: u32 = 1 << 31;
/// A tick that was swept away: it belongs to no key any more.
const NO_KEY: u32 = DELETED - 1;
/// A tick whose key is that of an earlier block not looked at yet.
const OPEN: u32 = DELETED - 2;

/// The keys of a room's document by writer and clock.
pub(super) struct Ledger {
    keys: Vec<(Root, Arc<str>)>,
    numbers: HashMap<Root, HashMap<Arc<str>, KeyNumber>>,
    ticks: HashMap<u64, Vec<u32>>,
    /// By key: the tick that stood for it last.
    stands: Vec<Option<Tick>>,
    /// Ticks that are staged, by key: which of them stands is decided when they are applied.
    staged: HashMap<KeyNumber, Vec<Tick>>,
    weight: Weight,
}

/// A writer and clock, small.
type Tick = (std::num::NonZeroU64, u32);

fn tick_of((writer, clock): Id) -> Option<Tick> {
    Some((writer.try_into().ok()?, u32::try_from(clock).ok()?))
}

fn id_of((writer, clock): Tick) -> Id {
    (writer.get(), u64::from(clock))
}

/// What to take back: how many ticks a writer had, and which were not deleted.
#[derive(Default)]
pub(super) struct Journal {
    lengths: Vec<(u64, usize)>,
    deleted: Vec<Id>,
}

impl Ledger {
    /// The ledger of a document from its whole state.
    pub fn of_state(room: RoomId, state: &[u8]) -> Result<Self, String> {
        if state.len() > MAX_STATE_BYTES {
            return Err(format!("a state of {} bytes is too large", state.len()));
        }
        let mut ledger = Self {
            keys: Vec::new(),
            numbers: HashMap::new(),
            ticks: HashMap::new(),
            stands: Vec::new(),
            staged: HashMap::new(),
            weight: Weight::default(),
        };
        let mut open = Vec::new();
        let mut deletions = Vec::new();
        let heard = read_update(room, state, &mut |said| match said {
            Said::Block { id, length, place, .. } => match place {
                Place::Key(root, key) => {
                    let number = ledger.number(root, key);
                    ledger.append(id.0, number, length);
                }
                Place::After(earlier) => {
                    open.push((id, length, earlier));
                    ledger.append(id.0, OPEN, length);
                }
                Place::Nowhere => ledger.append(id.0, NO_KEY | DELETED, length),
            },
            Said::Deletion { writer, clocks } => deletions.push((writer, clocks)),
        });
        heard.map_err(|flaw| format!("{} (byte {})", flaw.reason, flaw.at))?;
        ledger.close(&open);
        for (writer, clocks) in deletions {
            ledger.mark(writer, clocks);
        }
        ledger.weigh_all();
        ledger.find_standing();
        Ok(ledger)
    }

    /// Of the ticks of a key one at most is not deleted.
    fn find_standing(&mut self) {
        for (writer, ticks) in &self.ticks {
            for (clock, raw) in ticks.iter().enumerate().filter(|(_, raw)| **raw < OPEN) {
                self.stands[*raw as usize] = tick_of((*writer, clock as u64));
            }
        }
    }

    /// The tick that stands for a key, by what is here and staged; `None` where it holds nothing.
    pub fn standing(&self, key: KeyNumber) -> Option<Id> {
        let staged = self.staged.get(&key).and_then(|ticks| ticks.last()).copied();
        let tick = staged.or_else(|| self.stands.get(key as usize).copied().flatten());
        tick.map(id_of).filter(|id| self.is_alive(*id))
    }

    fn is_alive(&self, (writer, clock): Id) -> bool {
        self.ticks.get(&writer).and_then(|ticks| ticks.get(clock as usize)).is_some_and(|raw| raw & DELETED == 0)
    }

    /// What was staged is applied, and what it overwrote or lost to is marked: notes which ticks stand.
    pub fn settle(&mut self) {
        for (key, ticks) in std::mem::take(&mut self.staged) {
            if let Some(tick) = ticks.into_iter().rfind(|tick| self.is_alive(id_of(*tick))) {
                self.stands[key as usize] = Some(tick);
            }
        }
    }

    /// How much of the document is of use.
    pub fn weight(&self) -> Weight {
        self.weight
    }

    fn weigh_all(&mut self) {
        self.weight = Weight::default();
        for ticks in self.ticks.values() {
            let kept = ticks.iter().filter(|raw| is_kept(**raw)).count();
            let dead = ticks.iter().filter(|raw| is_kept(**raw) && *raw & DELETED != 0).count();
            self.weight.live += kept - dead;
            self.weight.dead += dead;
            self.weight.writers += usize::from(kept > 0);
        }
    }

    /// Gives blocks the keys of those before them. Chains go from writer to writer, so they are walked with a stack.
    fn close(&mut self, open: &[(Id, u64, Id)]) {
        let blocks: HashMap<Id, usize> = open.iter().enumerate().map(|(at, (id, ..))| (*id, at)).collect();
        // The block a tick lies in starts at or before it.
        let mut starts: HashMap<u64, Vec<u64>> = HashMap::new();
        open.iter().for_each(|(id, ..)| starts.entry(id.0).or_default().push(id.1));
        for first in 0..open.len() {
            let mut chain = vec![first];
            let mut found = NO_KEY;
            while let Some(&at) = chain.last() {
                let (_, _, earlier) = open[at];
                let raw = self.raw(earlier).unwrap_or(NO_KEY);
                if raw != OPEN {
                    found = raw;
                    break;
                }
                let of_writer = starts.get(&earlier.0).map_or(&[][..], Vec::as_slice);
                let place = of_writer.partition_point(|start| *start <= earlier.1);
                let block = place.checked_sub(1).and_then(|place| blocks.get(&(earlier.0, of_writer[place])));
                match block {
                    // The byte screen lets no circles through; a length beyond all blocks would be one.
                    Some(block) if chain.len() <= open.len() => chain.push(*block),
                    _ => break,
                }
            }
            for at in chain {
                let (id, length, _) = open[at];
                if let Some(ticks) = self.ticks.get_mut(&id.0) {
                    let start = id.1 as usize;
                    ticks.iter_mut().skip(start).take(length as usize).for_each(|tick| *tick = found);
                }
            }
        }
    }

    fn append(&mut self, writer: u64, raw: u32, length: u64) {
        let ticks = self.ticks.entry(writer).or_default();
        ticks.resize(ticks.len() + length as usize, raw);
    }

    fn raw(&self, (writer, clock): Id) -> Option<u32> {
        self.ticks.get(&writer)?.get(clock as usize).map(|raw| raw & !DELETED)
    }

    /// How many ticks of a writer are known.
    pub fn known(&self, writer: u64) -> u64 {
        self.ticks.get(&writer).map_or(0, |ticks| ticks.len() as u64)
    }

    /// The number of a key, given on its first use.
    pub fn number(&mut self, root: Root, key: &str) -> KeyNumber {
        let of_root = self.numbers.entry(root).or_default();
        if let Some(number) = of_root.get(key) {
            return *number;
        }
        let key: Arc<str> = key.into();
        let number = self.keys.len() as u32;
        of_root.insert(key.clone(), number);
        self.keys.push((root, key));
        self.stands.push(None);
        number
    }

    /// The number of a key that has one.
    pub fn number_of(&self, root: Root, key: &str) -> Option<KeyNumber> {
        self.numbers.get(&root)?.get(key).copied()
    }

    /// The key of a tick; `None` for one that is not known or was swept away.
    pub fn key_of(&self, id: Id) -> Option<KeyNumber> {
        self.raw(id).filter(|raw| *raw < OPEN)
    }

    /// A key by its number.
    pub fn key(&self, number: KeyNumber) -> Option<&(Root, Arc<str>)> {
        self.keys.get(number as usize)
    }

    /// The known ticks among these that are not deleted yet.
    pub fn alive(&self, writer: u64, clocks: Range<u64>) -> impl Iterator<Item = Id> {
        let ticks = self.ticks.get(&writer).map_or(&[][..], Vec::as_slice);
        let end = (clocks.end as usize).min(ticks.len());
        let start = (clocks.start as usize).min(end);
        let alive = ticks[start..end].iter().enumerate().filter(|(_, raw)| *raw & DELETED == 0);
        alive.map(move |(at, _)| (writer, (start + at) as u64))
    }

    /// The known ticks among these that are deleted already.
    pub fn dead(&self, writer: u64, clocks: Range<u64>) -> impl Iterator<Item = Id> {
        let ticks = self.ticks.get(&writer).map_or(&[][..], Vec::as_slice);
        let end = (clocks.end as usize).min(ticks.len());
        let start = (clocks.start as usize).min(end);
        let dead = ticks[start..end].iter().enumerate().filter(|(_, raw)| *raw & DELETED != 0);
        dead.map(move |(at, _)| (writer, (start + at) as u64))
    }

    /// Notes the next ticks of a writer; `None` belongs to no key.
    pub fn enter(&mut self, writer: u64, key: Option<KeyNumber>, length: u64, journal: &mut Journal) {
        let known = self.known(writer);
        journal.lengths.push((writer, known as usize));
        if let (Some(key), Some(last)) = (key, tick_of((writer, known + length.saturating_sub(1)))) {
            self.staged.entry(key).or_default().push(last);
        }
        if key.is_some() {
            let before = self.ticks.get(&writer).and_then(|ticks| ticks.last());
            self.weight.writers += usize::from(!before.is_some_and(|raw| is_kept(*raw)));
            self.weight.live += length as usize;
        }
        self.append(writer, key.unwrap_or(NO_KEY), length);
    }

    /// Notes a deletion that is not final yet.
    pub fn delete(&mut self, id: Id, journal: &mut Journal) {
        journal.deleted.push(id);
        self.mark_deleted(id.0, id.1..id.1 + 1);
    }

    /// Notes what is deleted for good.
    pub fn mark_deleted(&mut self, writer: u64, clocks: Range<u64>) {
        let died = self.mark(writer, clocks);
        self.weight.live -= died;
        self.weight.dead += died;
    }

    /// How many of these had stood for a key until now.
    fn mark(&mut self, writer: u64, clocks: Range<u64>) -> usize {
        let Some(ticks) = self.ticks.get_mut(&writer) else { return 0 };
        let end = (clocks.end as usize).min(ticks.len());
        let start = (clocks.start as usize).min(end);
        let died = ticks[start..end].iter().filter(|raw| is_kept(**raw) && *raw & DELETED == 0).count();
        ticks[start..end].iter_mut().for_each(|raw| *raw |= DELETED);
        died
    }

    /// Takes back what a journal holds.
    pub fn take_back(&mut self, journal: Journal) {
        self.staged.clear();
        for (writer, clock) in journal.deleted {
            if let Some(raw) = self.ticks.get_mut(&writer).and_then(|ticks| ticks.get_mut(clock as usize)) {
                *raw &= !DELETED;
            }
        }
        for (writer, length) in journal.lengths.into_iter().rev() {
            if let Some(ticks) = self.ticks.get_mut(&writer) {
                ticks.truncate(length);
            }
        }
        self.weigh_all();
    }
}

/// Whether a tick belongs to a key.
fn is_kept(raw: u32) -> bool {
    raw & !DELETED != NO_KEY
}
