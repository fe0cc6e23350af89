//! Which intervals of a column cover places.

use crate::value::order;

/// Closed intervals of places, each with what it stands for, searchable by the places they cover.
///
/// Sorted by first place, with the largest last place of every subtree of the implicit balanced tree over the
/// sorted list (Cormen et al., "Introduction to Algorithms", interval trees). A search for one place costs O(log n + hits);
/// one for many goes down the tree once with all of them, so that what thousands of changed cells have in common, as the
/// ranges of running totals do, is found once and not once for each of them.
#[derive(Clone, Debug)]
pub(super) struct Intervals<T> {
    entries: Vec<(u32, u32, T)>,
    reach: Vec<u32>,
}

impl<T: Copy> Intervals<T> {
    /// From (first, last, what) in any order.
    pub(super) fn new(mut entries: Vec<(u32, u32, T)>) -> Self {
        order::sort_by_key(&mut entries, |&(first, last, _)| (first, last));
        let mut reach = vec![0; entries.len()];
        fill_reach(&entries, &mut reach);
        Self { entries, reach }
    }

    /// Calls `visit` once for every interval that covers one of these places, which are in ascending order.
    pub(super) fn covering(&self, places: &[u32], visit: &mut dyn FnMut(T)) {
        let mut open = vec![(0, self.entries.len(), 0, places.len())];
        while let Some((low, high, from, to)) = open.pop() {
            if low >= high {
                continue;
            }
            let middle = low + (high - low) / 2;
            let near = &places[from..to];
            // No interval of this stretch goes further than its reach.
            let near = &near[..near.partition_point(|&place| place <= self.reach[middle])];
            if near.is_empty() {
                continue;
            }
            let to = from + near.len();
            let (first, last, what) = self.entries[middle];
            open.push((low, middle, from, to));
            // Those behind the middle one begin no sooner than it does.
            let from = from + near.partition_point(|&place| place < first);
            if from < to {
                if places[from] <= last {
                    visit(what);
                }
                open.push((middle + 1, high, from, to));
            }
        }
    }
}

/// `reach[middle of a stretch]` is the largest last place within that stretch.
fn fill_reach<T>(entries: &[(u32, u32, T)], reach: &mut [u32]) -> u32 {
    let Some(middle) = entries.len().checked_sub(1).map(|_| entries.len() / 2) else { return 0 };
    let (left, rest) = reach.split_at_mut(middle);
    let most = fill_reach(&entries[..middle], left)
        .max(fill_reach(&entries[middle + 1..], &mut rest[1..]))
        .max(entries[middle].1);
    rest[0] = most;
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_find_every_interval_that_covers_one_of_them_once(
            ends in prop::collection::vec((0_u32..50, 0_u32..20), 0..40),
            places in prop::collection::btree_set(0_u32..75, 0..9),
        ) {
            let places: Vec<u32> = places.into_iter().collect();
            let entries: Vec<_> = ends.iter().enumerate().map(|(n, &(first, more))| (first, first + more, n)).collect();
            let mut found = Vec::new();
            Intervals::new(entries.clone()).covering(&places, &mut |n| found.push(n));
            found.sort_unstable();
            let covers = |&&(first, last, _): &&(u32, u32, usize)| places.iter().any(|place| (first..=last).contains(place));
            let expected: Vec<_> = entries.iter().filter(covers).map(|e| e.2).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
