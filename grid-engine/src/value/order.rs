//! Putting things in order with one compiled sort.
//!
//! The standard library compiles its sort anew for every type: some 6 kB each, which a browser has to fetch.
//! Where sorting is not the work itself, the places are sorted instead, and the items follow.

use std::cmp::Ordering;

/// Sorts like [`slice::sort_by`]: equal items keep their order.
///
/// ```
/// let mut sales = [("DE", 3.0), ("AT", 7.0), ("CH", 3.0)];
/// grid_engine::value::order::sort_by(&mut sales, |a, b| f64::total_cmp(&b.1, &a.1));
/// assert_eq!(sales.map(|(country, _)| country), ["AT", "DE", "CH"]);
/// ```
pub fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let mut places = ordered(items.len(), &mut |a, b| compare(&items[a], &items[b]));
    for start in 0..places.len() {
        // Along each cycle of the permutation every item moves once.
        let mut at = start;
        while places[at] != start {
            let from = std::mem::replace(&mut places[at], at);
            items.swap(at, from);
            at = from;
        }
        places[at] = at;
    }
}

/// Sorts by a key, as [`slice::sort_by_key`] does.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], mut key: impl FnMut(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts what has an order of its own.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// The places `0..count` in the order that `compare` gives them.
pub fn ordered(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|&a, &b| compare(a, b));
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn order_is_that_of_the_standard_library(items in prop::collection::vec((0_u8..9, any::<u16>()), 0..60)) {
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            let mut sorted = items;
            super::sort_by_key(&mut sorted, |item| item.0);
            prop_assert_eq!(sorted, expected);
        }
    }
}
