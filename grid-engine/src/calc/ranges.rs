//! Rectangles that formulas read.

use std::collections::{BTreeMap, BTreeSet};

use super::ids::{IdMap, IdSet};
use super::intervals::Intervals;
use super::sheet::Sheet;
use super::store::NONE;
use crate::formula::RangeRef;
use crate::refs::SheetId;
use crate::value::order::sort;

/// All rectangles, each once, with the first of the edges that lead to it.
#[derive(Default)]
pub(super) struct Ranges {
    list: Vec<Option<(RangeRef, u32)>>,
    free: Vec<u32>,
    by_ref: IdMap<RangeRef, u32>,
    by_sheet: IdMap<SheetId, OfSheet>,
}

/// The rectangles of one sheet.
#[derive(Default)]
struct OfSheet {
    ids: IdSet<u32>,
    /// Where they lie, found out when it is first needed after a change.
    index: Option<Index>,
}

/// Rectangles by the columns they span: formulas down a sheet mostly read the same columns of other rows.
struct Index {
    /// The places of first and last column of a span, and its number.
    spans: Intervals<u32>,
    /// The rows of each span's rectangles.
    rows: Vec<Intervals<u32>>,
}

impl Ranges {
    pub(super) fn get(&self, id: u32) -> Option<&RangeRef> {
        self.list.get(id as usize)?.as_ref().map(|(range, _)| range)
    }

    /// The number of a rectangle, new or known.
    pub(super) fn add(&mut self, range: &RangeRef) -> u32 {
        if let Some(&id) = self.by_ref.get(range) {
            return id;
        }
        let id = self.free.pop().unwrap_or_else(|| {
            self.list.push(None);
            self.list.len() as u32 - 1
        });
        self.list[id as usize] = Some((range.clone(), NONE));
        self.by_ref.insert(range.clone(), id);
        let of = self.by_sheet.entry(range.sheet).or_default();
        of.ids.insert(id);
        of.index = None;
        id
    }

    /// Forgets a rectangle nobody reads.
    pub(super) fn remove(&mut self, id: u32) {
        let Some((range, _)) = self.list.get_mut(id as usize).and_then(Option::take) else { return };
        self.free.push(id);
        self.by_ref.remove(&range);
        if let Some(of) = self.by_sheet.get_mut(&range.sheet) {
            of.ids.remove(&id);
            of.index = None;
        }
    }

    /// The first edge that leads to a rectangle.
    pub(super) fn head(&self, id: u32) -> u32 {
        self.list.get(id as usize).and_then(Option::as_ref).map_or(NONE, |(_, head)| *head)
    }

    pub(super) fn set_head(&mut self, id: u32, link: u32) {
        if let Some((_, head)) = self.list.get_mut(id as usize).and_then(Option::as_mut) {
            *head = link;
        }
    }

    pub(super) fn of_sheet(&self, sheet: SheetId) -> impl Iterator<Item = (u32, &RangeRef)> {
        let ids = self.by_sheet.get(&sheet).into_iter().flat_map(|of| &of.ids);
        ids.filter_map(|&id| Some((id, self.get(id)?)))
    }

    /// The rectangles around cells of a column.
    pub(super) fn around(&mut self, sheet: &Sheet, col: u32, rows: &mut dyn Iterator<Item = u32>) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        let Some(of) = self.by_sheet.get_mut(&sheet.id) else { return found };
        if of.ids.is_empty() {
            return found;
        }
        let list = &self.list;
        let index = of.index.get_or_insert_with(|| {
            let ranges = of.ids.iter().filter_map(|&id| Some((id, &list.get(id as usize)?.as_ref()?.0)));
            Index::new(sheet, ranges)
        });
        let Some(&place) = sheet.col_place.get(col as usize) else { return found };
        let mut spans = Vec::new();
        index.spans.covering(&[place], &mut |span: u32| spans.push(&index.rows[span as usize]));
        if spans.is_empty() {
            return found;
        }
        let mut places: Vec<u32> = rows.map(|slot| sheet.rows.place(slot)).collect();
        sort(&mut places);
        for span in &spans {
            span.covering(&places, &mut |id| {
                found.insert(id);
            });
        }
        found
    }

    pub(super) fn forget_places(&mut self, sheet: SheetId) {
        if let Some(of) = self.by_sheet.get_mut(&sheet) {
            of.index = None;
        }
    }
}

impl Index {
    fn new<'a>(sheet: &Sheet, ranges: impl Iterator<Item = (u32, &'a RangeRef)>) -> Self {
        let mut by_span: BTreeMap<(u32, u32), Vec<_>> = BTreeMap::new();
        for (id, range) in ranges {
            let Some(rectangle) = sheet.rectangle(range).filter(|area| !area.rows.is_empty() && !area.cols.is_empty())
            else {
                continue;
            };
            let span = by_span.entry((rectangle.cols.start, rectangle.cols.end - 1)).or_default();
            span.push((rectangle.rows.start, rectangle.rows.end - 1, id));
        }
        let spans = by_span.keys().zip(0..).map(|(&(first, last), number)| (first, last, number)).collect();
        Self { spans: Intervals::new(spans), rows: by_span.into_values().map(Intervals::new).collect() }
    }
}
