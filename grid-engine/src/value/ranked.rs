//! The numbers of a list in their order, sorted once: what makes ranks and percentiles down a column as quick as one of them.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use super::Value;
use super::order::sort_by;

/// Lists that are shorter are sorted each time.
const FEW: usize = 64;
/// So often a list is sorted anew before its order is kept.
const READS: u8 = 2;

/// The order of a list that is asked for it again and again. As with places, two are equal and a copy begins anew.
#[derive(Debug, Default)]
pub(super) struct KnownOrder {
    reads: AtomicU8,
    /// `None` inside where the list has an error.
    numbers: OnceLock<Option<Box<[f64]>>>,
}

impl Clone for KnownOrder {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for KnownOrder {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl KnownOrder {
    /// The numbers among cells, the least first; `None` where there is an error, or where sorting them is as quick.
    pub fn of(&self, cells: &[Value]) -> Option<&[f64]> {
        if cells.len() < FEW || (self.numbers.get().is_none() && self.reads.fetch_add(1, Relaxed) < READS) {
            return None;
        }
        let numbers = self.numbers.get_or_init(|| {
            if cells.iter().any(|cell| matches!(cell, Value::Error(_))) {
                return None;
            }
            let mut numbers: Box<[f64]> = cells.iter().filter_map(Value::as_number).collect();
            sort_by(&mut numbers, f64::total_cmp);
            Some(numbers)
        });
        numbers.as_deref()
    }
}
