//! Arrays that many formulas read, made once.

use std::ops::Range;
use std::sync::Arc;

use super::ids::IdMap;
use super::recent::Recent;
use super::sheet::Sheet;
use crate::formula::RangeRef;
use crate::value::{Array, CellError};

/// Most values kept: some 25 MB. Beyond it everything is dropped and made again when it is read.
const MAX_VALUES: usize = 1_000_000;
/// An array of so few values is made again sooner than it is found.
const FEW: usize = 64;
/// So many values at least are made before arrays are looked through.
const TURN: usize = 16_384;
/// Most arrays remembered.
const MAX_ARRAYS: usize = 50_000;

/// What an array shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Range(RangeRef),
    /// All rows of a run of columns of a sheet.
    Columns(u32, Range<u32>),
}

/// Arrays and the ticks at which they were read.
///
/// Within a recalculation an array is kept as long as it goes on being read. After it only those stay that were made of
/// the same values in two of them: what stands still while others change, as the keys of a lookup do. The rest would be
/// a copy of the workbook.
#[derive(Default)]
pub(super) struct ArrayCache {
    arrays: IdMap<Key, Kept>,
    values: usize,
    /// Values made since arrays were last looked through.
    made: usize,
    /// Counts how often they were.
    turn: u32,
    /// Counts recalculations.
    run: u32,
    /// The tick of a sheet's column, and how many of its values runs of its rows were asked for since.
    asked: Recent<(u64, usize)>,
}

/// When the last of these columns, or the layout of their sheet, changed.
fn tick_of(of: &Sheet, cols: &mut dyn Iterator<Item = u32>) -> u64 {
    cols.map(|col| of.cols[col as usize].tick).max().unwrap_or(0).max(of.laid_out)
}

struct Kept {
    tick: u64,
    array: Option<Arc<Array>>,
    stands_still: bool,
    run: u32,
    /// The turn in which it was last read.
    read: u32,
}

impl ArrayCache {
    /// The array, made anew if one of its columns or the sheet's layout has changed since.
    pub(super) fn get(
        &mut self,
        of: &Sheet,
        key: Key,
        cols: &mut dyn Iterator<Item = u32>,
        make: impl FnOnce() -> Result<Array, CellError>,
    ) -> Result<Arc<Array>, CellError> {
        let tick = tick_of(of, cols);
        let (turn, run) = (self.turn, self.run);
        let mut kept = self.arrays.get_mut(&key).filter(|kept| kept.tick == tick);
        if let Some(kept) = &mut kept
            && let Some(array) = &kept.array
        {
            kept.read = turn;
            return Ok(array.clone());
        }
        let stands_still = kept.is_some_and(|kept| kept.stands_still || kept.run != run);
        let array = Arc::new(make()?);
        let count = array.cells().len();
        if count <= FEW {
            return Ok(array);
        }
        if self.values > MAX_VALUES || self.arrays.len() > MAX_ARRAYS {
            self.clear();
        } else if self.made > TURN.max(self.values / 2) {
            // As many as half of what is kept: arrays that formula after formula reads, however large, find each other there.
            self.look_through();
        }
        self.made += count;
        self.values += count;
        let kept = Kept { tick, array: Some(array.clone()), stands_still, run, read: self.turn };
        let before = self.arrays.insert(key, kept);
        self.values -= before.and_then(|before| before.array).map_or(0, |array| array.cells().len());
        Ok(array)
    }

    /// A run of a column's rows as a part of the array of all of them, which `make` makes; `None` while that costs more than
    /// what was made of the column so far, since it last changed: running totals and counts read another run in every row.
    pub(super) fn part(
        &mut self,
        of: &Sheet,
        (sheet, col): (u32, u32),
        rows: &Range<u32>,
        make: impl FnOnce() -> Result<Array, CellError>,
    ) -> Option<Arc<Array>> {
        let (whole, count) = (of.rows.order.len(), rows.len());
        if count <= FEW || count == whole {
            return None;
        }
        let tick = tick_of(of, &mut std::iter::once(col));
        let asked = self.asked.of((sheet, col));
        if asked.0 != tick {
            *asked = (tick, 0);
        }
        asked.1 += count;
        if asked.1 < 2 * whole {
            return None;
        }
        let array = self.get(of, Key::Columns(sheet, col..col + 1), &mut std::iter::once(col), make).ok()?;
        Array::part(&array, rows.start as usize, count).map(Arc::new)
    }

    /// Whether an array is at hand.
    pub(super) fn has(&self, of: &Sheet, key: &Key, cols: &mut dyn Iterator<Item = u32>) -> bool {
        let tick = tick_of(of, cols);
        self.arrays.get(key).is_some_and(|kept| kept.tick == tick && kept.array.is_some())
    }

    /// Lets go of what was not read for a whole turn.
    fn look_through(&mut self) {
        self.let_go(|kept, turn| kept.stands_still || kept.read >= turn);
        self.turn += 1;
        self.made = 0;
    }

    /// A recalculation is over.
    pub(super) fn rest(&mut self) {
        self.let_go(|kept, _| kept.stands_still);
        self.asked.clear();
        self.run += 1;
        self.made = 0;
    }

    fn let_go(&mut self, stays: impl Fn(&Kept, u32) -> bool) {
        let turn = self.turn;
        for kept in self.arrays.values_mut().filter(|kept| !stays(kept, turn)) {
            self.values -= kept.array.take().map_or(0, |array| array.cells().len());
        }
    }

    /// Drops everything.
    pub(super) fn clear(&mut self) {
        self.arrays.clear();
        self.values = 0;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::layout::Layout;
    use super::*;
    use crate::refs::{Id, SheetId};
    use crate::value::Value;

    /// Counts how often arrays are made.
    struct Reader {
        sheet: Sheet,
        cache: ArrayCache,
        made: u32,
    }

    impl Reader {
        fn new() -> Self {
            let sheet = Sheet::new(&Layout {
                id: SheetId(Id::from_number(1)),
                title: "".into(),
                role: "".into(),
                planning: false,
                horizon: None,
                measures: Vec::new(),
                rows: Vec::new(),
                cols: Vec::new(),
                deleted_rows: Vec::new(),
                deleted_cols: Vec::new(),
            });
            Self { sheet, cache: ArrayCache::default(), made: 0 }
        }

        /// Reads a column of so many values; how many arrays have been made since the beginning.
        fn read(&mut self, col: u32, values: usize) -> u32 {
            let make = || {
                self.made += 1;
                Ok(Array::new(values, 1, vec![Value::Blank; values]).unwrap())
            };
            self.cache.get(&self.sheet, Key::Columns(0, col..col + 1), &mut std::iter::empty(), make).unwrap();
            self.made
        }
    }

    #[test]
    fn only_what_stands_still_is_kept_between_recalculations() {
        let mut reader = Reader::new();
        let read = |reader: &mut Reader, col| reader.read(col, FEW + 1);
        assert_eq!([read(&mut reader, 0), read(&mut reader, 0)], [1, 1], "once within a recalculation");
        reader.cache.rest();
        assert_eq!((reader.cache.values, read(&mut reader, 0)), (0, 2), "let go after the first");
        reader.cache.rest();
        assert_eq!((reader.cache.values, read(&mut reader, 0)), (FEW + 1, 2), "kept from the second on");
        let many = (TURN / FEW) as u32;
        (1..3 * many).for_each(|col| assert_eq!(read(&mut reader, col), col + 2));
        assert!(reader.cache.values < 3 * TURN, "what is read no more is let go within a recalculation");
        assert_eq!(read(&mut reader, 0), 3 * many + 1, "what stands still is not");
        assert_eq!(read(&mut reader, 1), 3 * many + 2);
        reader.cache.rest();
        assert_eq!(reader.cache.values, FEW + 1, "made twice in one recalculation is no standing still");
    }

    #[test]
    fn what_many_formulas_read_together_is_kept_however_large() {
        let mut reader = Reader::new();
        for _ in 0..9 {
            (0..8).for_each(|col| {
                reader.read(col, 2 * TURN);
            });
        }
        assert!(reader.made <= 3 * 8, "{}", reader.made);
    }
}
