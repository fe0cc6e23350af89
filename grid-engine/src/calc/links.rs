//! The edges themselves: who reads a cell or a rectangle, threaded through what they lead to.

use std::collections::BTreeMap;
use std::ops::Range;

use super::program::Reader;
use super::store::{NONE, Spot};

/// An edge from a formula to a cell or a rectangle; those that lead to the same form a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub to: Target,
    pub reader: Reader,
    pub before: u32,
    pub after: u32,
}

/// Where an edge leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target(pub Spot);

/// Stands for the sheet of a target that is a rectangle.
pub(super) const RANGE: u32 = NONE - 1;

impl Target {
    pub(super) fn range(id: u32) -> Self {
        Self(Spot { sheet: RANGE, col: id, slot: 0 })
    }

    pub(super) fn absent() -> Self {
        Self(Spot { sheet: NONE, col: NONE, slot: NONE })
    }
}

/// All edges. Those of one formula follow each other, so that a formula keeps the number of the first only.
#[derive(Default)]
pub(super) struct Links {
    list: Vec<Link>,
    /// Stretches nobody uses, by length.
    free: BTreeMap<u32, Vec<u32>>,
}

impl Links {
    pub(super) fn get(&self, link: u32) -> Option<&Link> {
        self.list.get(link as usize)
    }

    /// Room for so many edges of a formula, leading nowhere yet; the number of the first.
    pub(super) fn take(&mut self, count: usize, reader: Reader) -> u32 {
        let blank = Link { to: Target::absent(), reader, before: NONE, after: NONE };
        if let Some(first) = self.free.get_mut(&(count as u32)).and_then(Vec::pop) {
            self.list[first as usize..][..count].fill(blank);
            return first;
        }
        let first = self.list.len();
        grow(&mut self.list, count);
        self.list.resize(first + count, blank);
        first as u32
    }

    /// Gives edges back that lead nowhere any more.
    pub(super) fn give_back(&mut self, links: Range<u32>) {
        if !links.is_empty() {
            self.free.entry(links.end - links.start).or_default().push(links.start);
        }
    }

    pub(super) fn put_to(&mut self, link: u32, to: Target) {
        self.list[link as usize].to = to;
    }

    /// Puts an edge in front of a list that begins with `after`.
    pub(super) fn thread(&mut self, link: u32, after: u32) {
        self.list[link as usize].before = NONE;
        self.list[link as usize].after = after;
        if after != NONE {
            self.list[after as usize].before = link;
        }
    }

    /// Joins the neighbours of an edge that leaves its list; whether it was the first.
    pub(super) fn unthread(&mut self, link: u32) -> bool {
        let Link { before, after, .. } = self.list[link as usize];
        if after != NONE {
            self.list[after as usize].before = before;
        }
        if before != NONE {
            self.list[before as usize].after = after;
        }
        before == NONE
    }

    /// The reader at an edge, and the next edge that leads to the same.
    pub(super) fn step(&self, link: u32) -> Option<(Reader, u32)> {
        self.get(link).map(|link| (link.reader, link.after))
    }

    /// Everyone who reads what the list is of that begins with an edge.
    pub(super) fn along(&self, mut link: u32) -> impl Iterator<Item = Reader> + '_ {
        std::iter::from_fn(move || {
            let (reader, next) = self.step(link)?;
            link = next;
            Some(reader)
        })
    }
}

/// Makes room for more in a long list by an eighth of it: doubling leaves half of the memory of a large workbook idle.
pub(super) fn grow<T>(list: &mut Vec<T>, count: usize) {
    if list.capacity() - list.len() < count {
        list.reserve_exact(count.max(list.len() / 8).max(64));
    }
}
