//! Who else is on the sheet: telling them where one is, and showing where they are.

use std::time::Duration;

use leptos::prelude::*;

use super::handle::Grid;
use super::state::Cursor;

/// How long a person's name stands at a cell they have come to.
const NAME_STAYS: Duration = Duration::from_millis(2_500);

impl Grid {
    /// Others have moved.
    pub fn set_cursors(&self, mut cursors: Vec<Cursor>) {
        let fresh = self.with(|state| {
            for cursor in &mut cursors {
                let stood = state.cursors.iter().any(|known| known.cell == cursor.cell && known.name == cursor.name);
                cursor.named = cursor.editing || !stood;
            }
            let fresh = cursors.iter().any(|cursor| cursor.named && !cursor.editing);
            state.cursors = cursors;
            fresh
        });
        self.redraw();
        if fresh == Some(true) {
            // A name that stayed would cover the cell above.
            let grid = *self;
            set_timeout(
                move || {
                    grid.with(|state| state.cursors.iter_mut().for_each(|cursor| cursor.named = cursor.editing));
                    grid.redraw();
                },
                NAME_STAYS,
            );
        }
    }

    /// Tells the others where this person is.
    pub(super) fn share_place(&self) {
        let Some(session) = self.session else { return };
        let cell = self.with(|state| state.active_cell()).flatten();
        session.show_place(cell, self.sheet.get_untracked(), self.editing.with_untracked(Option::is_some));
    }
}
