//! What the pages share of the talk about cells: the thread somebody asked for, and that there is news.

use grid_engine::refs::SheetId;
use leptos::prelude::*;

/// The talk of this application.
#[derive(Clone, Copy)]
pub struct Talk {
    /// The thread asked for, in the workbook it is about; the workbook's page takes it.
    pub asked: RwSignal<Option<(SheetId, i64)>>,
    /// Counts up when something was said.
    pub news: RwSignal<u64>,
}

impl Talk {
    /// Nobody has asked for anything.
    pub fn new() -> Self {
        Self { asked: RwSignal::new(None), news: RwSignal::new(0) }
    }

    /// The talk of this application.
    pub fn current() -> Self {
        use_context().unwrap_or_else(Self::new)
    }
}
