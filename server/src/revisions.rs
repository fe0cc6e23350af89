//! How often the versions, actuals, alerts, scenarios or decisions of plans have changed: pages ask for the number every
//! few seconds, and read again only where it is another.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::clock::now_ms;
use crate::store::WorkbookId;

/// Counted in memory, from the time of the start on: a number from before a restart is never met again.
pub struct Revisions {
    start: i64,
    changes: Mutex<BTreeMap<WorkbookId, i64>>,
}

impl Default for Revisions {
    fn default() -> Self {
        Self { start: now_ms(), changes: Mutex::default() }
    }
}

impl Revisions {
    /// Counts a change of a plan, once it can be read.
    pub fn changed(&self, home: WorkbookId) {
        *self.changes.lock().unwrap_or_else(PoisonError::into_inner).entry(home).or_default() += 1;
    }

    /// The number of a plan.
    pub fn of(&self, home: WorkbookId) -> i64 {
        let changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
        self.start + changes.get(&home).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use grid_engine::refs::{Id, SheetId};

    use super::*;

    #[test]
    fn a_change_of_one_plan_is_none_of_another() {
        let revisions = Revisions::default();
        let [ours, theirs] = ["ours", "theirs"].map(|name| SheetId(Id::of_name(name)));
        let before = (revisions.of(ours), revisions.of(theirs));
        revisions.changed(ours);
        assert_eq!((revisions.of(ours), revisions.of(theirs)), (before.0 + 1, before.1));
    }
}
