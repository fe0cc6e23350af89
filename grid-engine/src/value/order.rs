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
    let places = ordered(items.len(), &mut |a, b| compare(&items[a], &items[b]));
    arrange(items, places);
}

/// Puts the item from each place where it belongs.
fn arrange<T>(items: &mut [T], mut places: Vec<usize>) {
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

/// Numbers closer than this, relative to the larger, are the same: sums run in another order, and a solver stops within
/// tolerances. Below 1 it is the distance itself.
const SAME: f64 = 1e-7;

/// Whether two numbers differ by rounding alone.
pub fn alike(a: f64, b: f64) -> bool {
    (a - b).abs() <= SAME * a.abs().max(b.abs()).max(1.0)
}

/// The first of the largest: those [`alike`] the largest are as large. The last bits of a number never decide.
///
/// ```
/// let used = [("Jan", 0.4), ("Feb", 0.9999999999999998), ("Mar", 1.0000000000000002)];
/// assert_eq!(grid_engine::value::order::first_largest(used).map(|(month, _)| month), Some("Feb"));
/// ```
pub fn first_largest<T>(items: impl IntoIterator<Item = (T, f64)>) -> Option<(T, f64)> {
    let items: Vec<(T, f64)> = items.into_iter().collect();
    let most = items.iter().map(|(_, value)| *value).reduce(f64::max)?;
    items.into_iter().find(|(_, value)| alike(*value, most))
}

/// Sorts by value, the largest first; those [`alike`] stay in the order they come in.
pub fn sort_largest_first<T>(items: &mut [T], value: impl Fn(&T) -> f64) {
    let values: Vec<f64> = items.iter().map(value).collect();
    let mut places = ordered(items.len(), &mut |a, b| values[b].total_cmp(&values[a]));
    for group in places.chunk_by_mut(|&a, &b| alike(values[a], values[b])) {
        group.sort_unstable();
    }
    arrange(items, places);
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

    #[test]
    fn the_last_bits_decide_nothing() {
        let (less, more) = (1.0 - f64::EPSILON, 1.0 + f64::EPSILON);
        for shares in [[0.2, less, more, 1.0], [0.2, more, 1.0, less], [0.2, 1.0, less, more]] {
            let named = shares.into_iter().enumerate();
            assert_eq!(super::first_largest(named.clone()).map(|(place, _)| place), Some(1), "{shares:?}");
            let mut sorted: Vec<(usize, f64)> = named.collect();
            super::sort_largest_first(&mut sorted, |one| one.1);
            assert_eq!(sorted.iter().map(|one| one.0).collect::<Vec<_>>(), [1, 2, 3, 0], "{shares:?}");
        }
        assert_eq!(super::first_largest([(); 0].map(|()| ((), 0.0))), None);
    }

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
