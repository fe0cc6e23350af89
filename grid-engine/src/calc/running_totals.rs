//! Totals from a row on that go on where one before them stopped: what makes running totals down a column cost one addition
//! each, not one for every row above.

use super::recent::Recent;
use crate::formula::Lanes;
use crate::value::CellError;

/// Shorter runs are added up anew.
const FEW: usize = 64;

/// What is known of the last total of each column.
#[derive(Default)]
pub(super) struct RunningTotals {
    known: Recent<Known>,
}

#[derive(Default)]
struct Known {
    /// When the column or its sheet's layout had changed last.
    tick: u64,
    /// The place of the first row.
    first: u32,
    count: usize,
    lanes: Lanes,
}

impl RunningTotals {
    /// The total of so many rows of a column from a place on. `add` adds the rows from one on, counted from that place.
    pub(super) fn total(
        &mut self,
        column: (u32, u32),
        tick: u64,
        (first, count): (u32, usize),
        add: impl FnOnce(&mut Lanes, usize) -> Result<(), CellError>,
    ) -> Result<Lanes, CellError> {
        if count <= FEW {
            let mut lanes = Lanes::default();
            return add(&mut lanes, 0).map(|()| lanes);
        }
        let known = self.known.of(column);
        let is_same = known.tick == tick && known.first == first && known.count <= count;
        let (mut lanes, from) = if is_same { (known.lanes.clone(), known.count) } else { (Lanes::default(), 0) };
        add(&mut lanes, from)?;
        *known = Known { tick, first, count, lanes: lanes.clone() };
        Ok(lanes)
    }

    /// Forgets what is known: ticks count anew, or nobody will ask soon.
    pub(super) fn clear(&mut self) {
        self.known.clear();
    }
}
