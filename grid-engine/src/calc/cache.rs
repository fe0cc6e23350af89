//! Arrays that many formulas read, made once.

use std::ops::Range;
use std::sync::Arc;

use super::ids::IdMap;
use super::sheet::Sheet;
use crate::formula::RangeRef;
use crate::value::{Array, CellError};

/// Most values kept: some 25 MB. Beyond it everything is dropped and made again when it is read.
const MAX_VALUES: usize = 1_000_000;
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
/// Within a recalculation every array is kept; after it only those that were made a second time of the same values:
/// what stands still while others change, as the keys of a lookup do. The rest would be a copy of the workbook.
#[derive(Default)]
pub(super) struct ArrayCache {
    arrays: IdMap<Key, Kept>,
    values: usize,
}

struct Kept {
    tick: u64,
    array: Option<Arc<Array>>,
    stands_still: bool,
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
        let tick = cols.map(|col| of.cols[col as usize].tick).max().unwrap_or(0).max(of.laid_out);
        let kept = self.arrays.get(&key).filter(|kept| kept.tick == tick);
        if let Some(array) = kept.and_then(|kept| kept.array.clone()) {
            return Ok(array);
        }
        let stands_still = kept.is_some();
        let array = Arc::new(make()?);
        if self.values > MAX_VALUES || self.arrays.len() > MAX_ARRAYS {
            self.clear();
        }
        self.values += array.cells().len();
        let before = self.arrays.insert(key, Kept { tick, array: Some(array.clone()), stands_still });
        self.values -= before.and_then(|before| before.array).map_or(0, |array| array.cells().len());
        Ok(array)
    }

    /// A recalculation is over.
    pub(super) fn rest(&mut self) {
        for kept in self.arrays.values_mut().filter(|kept| !kept.stands_still) {
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
    use std::cell::Cell;

    use super::super::layout::Layout;
    use super::*;
    use crate::refs::{Id, SheetId};
    use crate::value::Value;

    #[test]
    fn only_what_stands_still_is_kept_between_recalculations() {
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
        let (mut cache, made) = (ArrayCache::default(), Cell::new(0));
        let make = || {
            made.set(made.get() + 1);
            Ok(Array::single(Value::Blank))
        };
        let read = |cache: &mut ArrayCache| {
            cache.get(&sheet, Key::Columns(0, 0..1), &mut std::iter::empty(), make).unwrap();
            made.get()
        };
        assert_eq!([read(&mut cache), read(&mut cache)], [1, 1], "once within a recalculation");
        cache.rest();
        assert_eq!((cache.values, read(&mut cache)), (0, 2), "let go after the first");
        cache.rest();
        assert_eq!((cache.values, read(&mut cache)), (1, 2), "kept from the second on");
    }
}
