//! What branches began with, in memory: reading it takes longer than comparing with it, and it never changes.

use std::sync::{Arc, Mutex, PoisonError};

use grid_engine::doc::Documents;
use grid_engine::plan::{self, Inputs};

use crate::store::{Store, StoreError, WorkbookId};

/// Bases kept: some twenty megabytes each with 200,000 cells.
const KEPT: usize = 8;

/// What branches that were compared lately began with.
#[derive(Default)]
pub struct Bases(Mutex<Vec<(WorkbookId, Arc<Inputs>)>>);

impl Bases {
    /// What people had entered when a branch was made.
    ///
    /// # Errors
    /// When a document of it is damaged.
    pub fn read(&self, store: &Store, branch: WorkbookId) -> Result<Arc<Inputs>, StoreError> {
        if let Some(known) = self.kept().iter().find(|(id, _)| *id == branch) {
            return Ok(known.1.clone());
        }
        let mut rooms = store.branch_base(branch)?;
        // The book first: it names the sheets, whose rooms say what their parts mean.
        rooms.sort_by_key(|stored| stored.room);
        let mut documents = Documents::new(1);
        for stored in rooms {
            let room = stored.room;
            let damaged = |error| StoreError::Corrupt(format!("what branch {branch} began with: {error}"));
            documents.open_room(room, &stored.checkpoint).map_err(damaged)?;
            for update in &stored.updates {
                documents.apply_update(room, update).map_err(damaged)?;
            }
        }
        let inputs = Arc::new(plan::inputs(documents.mirror()));
        let mut kept = self.kept();
        kept.retain(|(id, _)| *id != branch);
        kept.insert(0, (branch, inputs.clone()));
        kept.truncate(KEPT);
        Ok(inputs)
    }

    /// Forgets a branch that was deleted.
    pub fn forget(&self, branch: WorkbookId) {
        self.kept().retain(|(id, _)| *id != branch);
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<(WorkbookId, Arc<Inputs>)>> {
        // The list is whole after any panic: entries are put in and taken out at once.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
