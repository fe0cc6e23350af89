//! Arrays that many formulas read, made once.

use std::ops::Range;
use std::sync::Arc;

use super::ids::IdMap;
use super::sheet::Sheet;
use crate::formula::RangeRef;
use crate::value::{Array, CellError};

/// Most values kept: some 30 MB. Beyond it everything is dropped and made again when it is read.
const MAX_VALUES: usize = 1_000_000;

/// What an array shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Range(RangeRef),
    /// All rows of a run of columns of a sheet.
    Columns(u32, Range<u32>),
}

/// Arrays and the ticks at which they were read.
#[derive(Default)]
pub(super) struct ArrayCache {
    arrays: IdMap<Key, (u64, Arc<Array>)>,
    values: usize,
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
        let changed = cols.map(|col| of.cols[col as usize].tick).max().unwrap_or(0).max(of.laid_out);
        if let Some((tick, array)) = self.arrays.get(&key)
            && *tick == changed
        {
            return Ok(array.clone());
        }
        let array = Arc::new(make()?);
        if self.values > MAX_VALUES {
            self.clear();
        }
        self.values += array.cells().len();
        self.arrays.insert(key, (changed, array.clone()));
        Ok(array)
    }

    /// Drops everything.
    pub(super) fn clear(&mut self) {
        self.arrays.clear();
        self.values = 0;
    }
}
