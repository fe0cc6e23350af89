//! The server's confirmation of values calculated here.
//!
//! Both sides calculate the same documents. The server sends its values of cells that changed; those the browser shows
//! too are confirmed. Where the two still differ when nothing is on the way any more, the server's stand.

use std::collections::HashMap;
use std::time::Duration;

use grid_engine::formula::functions;
use grid_engine::refs::CellRef;
use grid_engine::value::{ErrorKind, Value};
use grid_engine::wire::{CellValue, Me};
use leptos::prelude::*;

use super::session::Session;
use super::{LiveSource, SheetSource, Tone, clock};
use grid_engine::refs::SheetId;

/// Values are compared this long after they came: the updates they follow from come by other connections.
const SOON: Duration = Duration::from_millis(300);
/// Quiet for this long, what differs differs for good.
const QUIET_MS: f64 = 2_000.0;

/// Values of the server that this side has still to agree with.
#[derive(Default)]
pub struct Unconfirmed {
    said: HashMap<CellRef, Value>,
    since: f64,
    due: bool,
}

impl Unconfirmed {
    /// Something the values follow from has changed here: what was said before may be out of date.
    pub fn forget(&mut self) {
        self.said.clear();
    }

    fn hear(&mut self, sheet: SheetId, cells: Vec<CellValue>, now: f64) {
        let known = cells.into_iter().filter(|cell| !cell.pending);
        self.said.extend(known.map(|cell| (CellRef { sheet, row: cell.row, col: cell.col }, cell.value.into())));
        self.since = now;
    }
}

impl Session {
    /// Takes the server's values of cells that changed.
    pub(super) fn hear_values(self, sheet: SheetId, cells: Vec<CellValue>) {
        // What this person may not see is not a difference to wait for.
        let is_hidden = |value: &Value| matches!(value, Value::Error(error) if error.kind == ErrorKind::Hidden);
        let (hidden, cells): (Vec<_>, Vec<_>) =
            cells.into_iter().partition(|cell| is_hidden(&cell.value.clone().into()));
        self.with(|core| core.unconfirmed.hear(sheet, cells, clock::now()));
        if !hidden.is_empty() {
            self.with(|core| {
                for cell in hidden {
                    core.book.correct(CellRef { sheet, row: cell.row, col: cell.col }, cell.value.into());
                }
            });
            self.recalculate_soon();
        }
        self.confirm_soon();
    }

    fn confirm_soon(self) {
        let first = self.with(|core| !std::mem::replace(&mut core.unconfirmed.due, true)).unwrap_or(false);
        if first {
            set_timeout(move || self.confirm(), SOON);
        }
    }

    fn confirm(self) {
        let differing = self.with(|core| {
            core.unconfirmed.due = false;
            let book = &core.book;
            core.unconfirmed.said.retain(|cell, theirs| !book.agrees(*cell, theirs));
            let settled = core.connected() && !core.due && core.unsent().next().is_none() && !functions::wanted();
            let quiet = clock::now() - core.unconfirmed.since > QUIET_MS;
            (settled && quiet).then(|| std::mem::take(&mut core.unconfirmed.said))
        });
        match differing {
            Some(Some(differing)) => self.correct(differing),
            Some(None) if self.with(|core| core.unconfirmed.said.is_empty()) == Some(false) => self.confirm_soon(),
            _ => {}
        }
    }

    /// Shows the server's values in place of those calculated here, and says so: it should not happen.
    fn correct(self, differing: HashMap<CellRef, Value>) {
        if differing.is_empty() {
            return;
        }
        let wrong = self.with(|core| {
            let wrong: Vec<CellRef> = differing.keys().copied().filter(|cell| !core.book.is_volatile(*cell)).collect();
            differing.into_iter().for_each(|(cell, theirs)| core.book.correct(cell, theirs));
            wrong
        });
        self.recalculate_soon();
        // Of a person confined to some rows nothing else is to be expected: this side has only those.
        let is_confined = self.me.with_untracked(|me| me.as_ref().is_some_and(Me::is_confined));
        let Some(first) = wrong.as_ref().and_then(|wrong| wrong.first()).filter(|_| !is_confined) else { return };
        let address = LiveSource::new(self).address(*first);
        let text = match wrong.as_ref().map_or(0, Vec::len) {
            1 => format!("The server calculated another value for {address}; it is shown now."),
            count => format!(
                "The server calculated other values for {count} cells, {address} among them; they are shown now."
            ),
        };
        self.notices.say(Tone::Warn, "Values corrected", text);
    }
}
