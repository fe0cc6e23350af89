//! The edges themselves: who reads a cell or a rectangle, threaded through what they lead to.

use std::collections::BTreeMap;
use std::ops::Range;

use super::paged::Paged;
use super::places::Place;
use super::program::Reader;
use super::store::NONE;

/// An edge from a formula to a cell or a rectangle; those that lead to the same form a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub to: Target,
    pub reader: Reader,
    pub before: u32,
    pub after: u32,
}

/// Where an edge leads: a cell by its column's number and its row, a rectangle, or nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    column: u32,
    place: u32,
}

/// Stands for the column of a target that is a rectangle.
const RANGE: u32 = NONE - 1;

/// What a target stands for.
pub(super) enum Lead {
    Cell(Place),
    Range(u32),
    Absent,
}

impl Target {
    pub(super) const ABSENT: Self = Self { column: NONE, place: NONE };

    pub(super) fn cell(place: Place) -> Self {
        Self { column: place.column, place: place.slot }
    }

    pub(super) fn range(id: u32) -> Self {
        Self { column: RANGE, place: id }
    }

    pub(super) fn lead(self) -> Lead {
        match self {
            Self::ABSENT => Lead::Absent,
            Self { column: RANGE, place } => Lead::Range(place),
            Self { column, place: slot } => Lead::Cell(Place { column, slot }),
        }
    }
}

/// All edges. Those of one formula follow each other, so that a formula keeps the number of the first only.
#[derive(Default)]
pub(super) struct Links {
    list: Paged<Link>,
    /// Stretches nobody uses, by length.
    free: BTreeMap<u32, Vec<u32>>,
}

impl Links {
    pub(super) fn get(&self, link: u32) -> Option<&Link> {
        self.list.get(link as usize)
    }

    /// Room for so many edges of a formula, leading nowhere yet; the number of the first.
    pub(super) fn take(&mut self, count: usize, reader: Reader) -> u32 {
        let blank = Link { to: Target::ABSENT, reader, before: NONE, after: NONE };
        if let Some(first) = self.free.get_mut(&(count as u32)).and_then(Vec::pop) {
            (first..first + count as u32).for_each(|link| self.put(link, blank));
            return first;
        }
        let first = self.list.len();
        (0..count).for_each(|_| self.list.push(blank));
        first as u32
    }

    /// Gives edges back that lead nowhere any more.
    pub(super) fn give_back(&mut self, links: Range<u32>) {
        if !links.is_empty() {
            self.free.entry(links.end - links.start).or_default().push(links.start);
        }
    }

    fn put(&mut self, link: u32, edge: Link) {
        if let Some(place) = self.list.get_mut(link as usize) {
            *place = edge;
        }
    }

    pub(super) fn put_to(&mut self, link: u32, to: Target) {
        if let Some(edge) = self.list.get_mut(link as usize) {
            edge.to = to;
        }
    }

    /// Puts an edge in front of a list that begins with `after`.
    pub(super) fn thread(&mut self, link: u32, after: u32) {
        if let Some(edge) = self.list.get_mut(link as usize) {
            (edge.before, edge.after) = (NONE, after);
        }
        if let Some(next) = self.list.get_mut(after as usize) {
            next.before = link;
        }
    }

    /// Joins the neighbours of an edge that leaves its list; whether it was the first.
    pub(super) fn unthread(&mut self, link: u32) -> bool {
        let Some(&Link { before, after, .. }) = self.list.get(link as usize) else { return false };
        if let Some(next) = self.list.get_mut(after as usize) {
            next.before = before;
        }
        if let Some(last) = self.list.get_mut(before as usize) {
            last.after = after;
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
