//! The numbers of a list in their order, sorted once: what makes ranks and percentiles down a column as quick as one of them.

use super::Value;
use super::known::Known;
use super::order::sort_by;

/// Lists that are shorter are sorted each time.
const FEW: usize = 64;
/// So often a list is sorted anew before its order is kept.
const READS: u8 = 2;

/// The order of a list that is asked for it again and again; `None` inside where the list has an error.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct KnownOrder(Known<Option<Box<[f64]>>>);

impl KnownOrder {
    /// The numbers among cells, the least first; `None` where there is an error, or where sorting them is as quick.
    pub fn of(&self, cells: &[Value]) -> Option<&[f64]> {
        if cells.len() < FEW {
            return None;
        }
        let sorted = || {
            if cells.iter().any(|cell| matches!(cell, Value::Error(_))) {
                return None;
            }
            let mut numbers: Box<[f64]> = cells.iter().filter_map(Value::as_number).collect();
            sort_by(&mut numbers, f64::total_cmp);
            Some(numbers)
        };
        self.0.get(READS, sorted)?.as_deref()
    }
}
