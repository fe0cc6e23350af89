//! What a new order of rows or columns means for rectangles: which of them cover other cells than before.

use super::edges::Edges;
use super::rectangle::Rectangle;
use super::sheet::Sheet;
use super::store::{NONE, Store};

/// How a sheet was laid out before it is laid out anew.
pub(super) struct Moves {
    rows: Vec<u32>,
    cols: Vec<u32>,
    /// What each rectangle covered.
    ranges: Vec<(u32, Option<Rectangle>)>,
}

impl Moves {
    /// Remembers how a sheet is laid out.
    pub(super) fn before(store: &Store, sheet: u32, edges: &Edges) -> Self {
        let of = store.sheet(sheet);
        Self {
            rows: of.rows.places().to_vec(),
            cols: of.col_place.clone(),
            ranges: edges.ranges_of(of.id).map(|(id, range)| (id, of.rectangle(range))).collect(),
        }
    }

    /// Rows that are new stood nowhere, even where they took the place of others.
    pub(super) fn forget(&mut self, new: &[u32]) {
        for &slot in new {
            if let Some(place) = self.rows.get_mut(slot as usize) {
                *place = NONE;
            }
        }
    }

    /// The rectangles that cover other cells now, or the same in another order.
    pub(super) fn changed_ranges(&self, store: &Store, sheet: u32, edges: &Edges) -> Vec<u32> {
        let of: &Sheet = store.sheet(sheet);
        let rows = Breaks::new(&of.rows.order, &self.rows);
        let cols = Breaks::new(&of.col_order, &self.cols);
        let changed = |(id, before): &(u32, Option<Rectangle>)| {
            let now = edges.range(*id).and_then(|range| of.rectangle(range));
            match (before, &now) {
                (None, None) => false,
                (Some(before), Some(now)) => {
                    !rows.is_same(&before.rows, &now.rows) || !cols.is_same(&before.cols, &now.cols)
                }
                _ => true,
            }
        };
        self.ranges.iter().filter(|range| changed(range)).map(|(id, _)| *id).collect()
    }
}

/// Where a new order tears apart what stood side by side.
struct Breaks<'a> {
    order: &'a [u32],
    before: &'a [u32],
    /// How many tears lie before each place.
    count: Vec<u32>,
}

impl<'a> Breaks<'a> {
    fn new(order: &'a [u32], before: &'a [u32]) -> Self {
        let place = |index: u32| before.get(index as usize).copied().unwrap_or(NONE);
        let mut count = Vec::with_capacity(order.len());
        let mut sum = 0;
        for (index, &at) in order.iter().enumerate() {
            if index > 0 {
                let (left, right) = (place(order[index - 1]), place(at));
                sum += u32::from(left == NONE || right == NONE || left + 1 != right);
            }
            count.push(sum);
        }
        Self { order, before, count }
    }

    fn is_same(&self, before: &std::ops::Range<u32>, now: &std::ops::Range<u32>) -> bool {
        let (first, last) = (now.start as usize, now.end as usize - 1);
        let stood = self.before.get(self.order[first] as usize).copied().unwrap_or(NONE);
        before.len() == now.len() && stood == before.start && self.count[first] == self.count[last]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_torn_apart_or_shifted_against_its_ends_has_changed() {
        // Slots 0 to 5 stood in this order; a new one, 6, came between 1 and 2, and 4 and 5 changed places.
        let (before, order) = ([0, 1, 2, 3, 4, 5, NONE], [0, 1, 6, 2, 3, 5, 4]);
        let breaks = Breaks::new(&order, &before);
        for (then, now, same) in [
            (0..2, 0..2, true),
            (2..4, 3..5, true),
            (0..3, 0..4, false),
            (1..3, 1..4, false),
            (3..5, 4..6, false),
            (4..6, 5..7, false),
            (5..6, 5..6, true),
            (0..1, 2..3, false),
        ] {
            assert_eq!(breaks.is_same(&then, &now), same, "{then:?} {now:?}");
        }
    }
}
