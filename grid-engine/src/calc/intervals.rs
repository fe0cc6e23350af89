//! Which intervals of a column cover a place.

use crate::value::order;

/// Closed intervals of places, each with what it stands for, searchable by a place they cover.
///
/// Sorted by first place, with the largest last place of every subtree of the implicit balanced tree over the
/// sorted list (Cormen et al., "Introduction to Algorithms", interval trees): a search costs O(log n + hits).
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

    /// Calls `visit` for every interval that covers `place`.
    pub(super) fn covering(&self, place: u32, visit: &mut dyn FnMut(T)) {
        let mut open = vec![(0, self.entries.len())];
        while let Some((low, high)) = open.pop() {
            if low >= high {
                continue;
            }
            let middle = low + (high - low) / 2;
            if self.reach[middle] < place {
                continue;
            }
            let (first, last, what) = self.entries[middle];
            open.push((low, middle));
            if first <= place {
                if place <= last {
                    visit(what);
                }
                open.push((middle + 1, high));
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
        fn a_place_finds_every_interval_that_covers_it(
            ends in prop::collection::vec((0_u32..50, 0_u32..20), 0..40),
            place in 0_u32..75,
        ) {
            let entries: Vec<_> = ends.iter().enumerate().map(|(n, &(first, more))| (first, first + more, n)).collect();
            let mut found = Vec::new();
            Intervals::new(entries.clone()).covering(place, &mut |n| found.push(n));
            found.sort_unstable();
            let expected: Vec<_> =
                entries.iter().filter(|(first, last, _)| (*first..=*last).contains(&place)).map(|e| e.2).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
