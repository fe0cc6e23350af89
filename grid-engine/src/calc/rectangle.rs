//! What a rectangle of ids covers in current order.

use std::ops::Range;

use super::ids::IdMap;
use super::sheet::Sheet;
use super::store::NONE;
use crate::formula::RangeRef;

/// Places of rows and columns, never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rectangle {
    pub rows: Range<u32>,
    pub cols: Range<u32>,
}

impl Sheet {
    /// The cells between a range's corners. A deleted corner resolves inward; `None` when nothing is left.
    pub(super) fn rectangle(&self, range: &RangeRef) -> Option<Rectangle> {
        let rows = stretch(range.rows, self.rows.order.len(), &self.rows.deleted, |row| {
            self.rows.slot(row).map(|slot| self.rows.place(slot))
        })?;
        let cols = stretch(range.cols, self.col_order.len(), &self.deleted_cols, |col| {
            self.col_index(col).map(|col| self.col_place[col as usize])
        })?;
        Some(Rectangle { rows, cols })
    }
}

fn stretch<T: Copy + Eq + std::hash::Hash>(
    ends: Option<(T, T)>,
    len: usize,
    deleted: &IdMap<T, u32>,
    place: impl Fn(T) -> Option<u32>,
) -> Option<Range<u32>> {
    let Some((a, b)) = ends else { return (len > 0).then_some(0..len as u32) };
    // Live places are odd; a deleted one is the even number before the next live place.
    let key = |end: T| match place(end) {
        Some(place) if place != NONE => Some(2 * place + 1),
        _ => deleted.get(&end).map(|&next| 2 * next),
    };
    let (a, b) = (key(a)?, key(b)?);
    let range = a.min(b) / 2..a.max(b).div_ceil(2);
    (!range.is_empty()).then_some(range)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn deleted_ends_resolve_inward() {
        // Live 10, 20, 30 at places 0, 1, 2; 15 stood before 20, 5 before 10, 35 after 30.
        let deleted: IdMap<u64, u32> = [(15, 1), (5, 0), (35, 3), (16, 1)].into_iter().collect();
        let place = |id: u64| [10, 20, 30].iter().position(|&live| live == id).map(|place| place as u32);
        let check = |a, b, expected: Option<Range<u32>>| {
            assert_eq!(stretch(Some((a, b)), 3, &deleted, place), expected, "{a}:{b}");
            assert_eq!(stretch(Some((b, a)), 3, &deleted, place), expected, "{b}:{a}");
        };
        check(10, 30, Some(0..3));
        check(15, 30, Some(1..3));
        check(10, 15, Some(0..1));
        check(5, 35, Some(0..3));
        check(15, 16, None);
        check(35, 35, None);
        check(20, 20, Some(1..2));
        check(20, 99, None);
        assert_eq!(stretch(None, 3, &deleted, place), Some(0..3));
        assert_eq!(stretch(None, 0, &deleted, place), None);
    }
}
