//! Keeping unsent edits through reloads and restarts, and making them again.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;

use grid_engine::doc::{Edit, Input, Op};
use grid_engine::workbook::Workbook;

use super::Tone;
use super::own_edits::OwnEdit;
use super::session::{Declined, Opening, Session};
use super::unsent::{self, Kept, Place, SILENCE_MS};
use super::windows;

/// Why an edit that was saved is among those not accepted.
pub(super) const RESTORED: &str = "the server's data was restored from a backup made before it.";
/// Edits made together are kept together.
const TOGETHER: Duration = Duration::from_millis(50);

impl Session {
    fn place_of_unsent(&self) -> Option<Place> {
        let me = self.me.try_get_untracked().flatten()?;
        let name = self.with(|core| core.window.clone())?;
        Some(Place::of(self.workbook, me.person, &name))
    }

    /// Keeps unsent edits in the browser, once for all that happen now.
    pub(super) fn keep_unsent(&self) {
        let first = self.with(|core| !std::mem::replace(&mut core.keeping, true)).unwrap_or(false);
        if !first {
            return;
        }
        let session = *self;
        set_timeout(
            move || {
                session.with(|core| core.keeping = false);
                session.keep_now();
            },
            TOGETHER,
        );
    }

    /// A sign of life for the edits kept, so that no other window takes them.
    pub(super) fn tend_unsent(&self) {
        if self.keeps_any() {
            self.keep_unsent();
        }
    }

    /// The window's page goes: whoever opens next may have its unsent edits.
    pub(super) fn leave_unsent(&self) {
        // What the database has not got yet must not be lost with the page, nor come back that was let go.
        let is_behind = self.with(|core| core.keeping || core.being_kept > 0) == Some(true);
        if (is_behind || self.keeps_any())
            && self.opening.try_get_untracked() == Some(Opening::Open)
            && let (Some(kept), Some(place)) = (self.kept(), self.place_of_unsent())
        {
            place.close(is_behind.then_some(&kept));
        }
        if let Some(name) = self.with(|core| core.window.clone()) {
            windows::leave(&name);
        }
    }

    fn keep_now(&self) {
        // Before it is open, what an earlier visit kept has not been made again.
        if self.opening.try_get_untracked() != Some(Opening::Open) {
            return;
        }
        if let (Some(kept), Some(place)) = (self.kept(), self.place_of_unsent()) {
            let (session, done) = (*self, place.keep(&kept));
            self.with(|core| core.being_kept += 1);
            spawn_local(async move {
                done.await;
                session.with(|core| core.being_kept -= 1);
            });
        }
    }

    fn keeps_any(&self) -> bool {
        let has_declined = self.declined.try_with_untracked(|declined| !declined.is_empty()) == Some(true);
        has_declined || self.with(|core| core.unsent().next().is_some()) == Some(true)
    }

    fn kept(&self) -> Option<Kept> {
        let declined = self.declined.try_get_untracked()?;
        self.with(|core| Kept { edits: core.unsent().cloned().collect(), declined })
    }

    /// Makes edits again that were kept, and opens the workbook: opened before, it would keep others in their place.
    pub(super) fn restore(self) {
        let restoring = self.with(|core| std::mem::replace(&mut core.restoring, true)).unwrap_or(true);
        if restoring {
            return;
        }
        spawn_local(async move {
            self.take_left(true).await;
            // Without locks a window that was closed in haste is known to be closed only after a while.
            const MARGIN_MS: u64 = 2_000;
            let later = Duration::from_millis(SILENCE_MS.into());
            set_timeout(move || spawn_local(self.take_left(false)), later + Duration::from_millis(MARGIN_MS));
        });
    }

    /// Makes again what closed windows have left; `opens`: the workbook has waited for it.
    async fn take_left(self, opens: bool) {
        let Some(place) = self.place_of_unsent() else { return };
        let left = place.left(opens).await;
        let kept = if left.is_empty() { Ok(Kept::default()) } else { unsent::read(left.texts()).await };
        // Closed meanwhile, or refused.
        if matches!(self.opening.try_get_untracked(), None | Some(Opening::Failed(_))) {
            return;
        }
        let Ok(kept) = kept else {
            // They stay where they are: a later visit finds them.
            if opens {
                let words = "Edits kept in this browser could not be read, as the server could not be reached. They are \
                             still kept: load the page again.";
                self.opening.set(Opening::Failed(words.to_owned()));
            }
            return;
        };
        // What this window has not sent yet stays kept beside what it takes over.
        let mut all = kept.clone();
        all.extend(self.kept().unwrap_or_default());
        let is_ours = left.is_empty() || place.take_over(&left, &all).await;
        if opens {
            self.opening.set(Opening::Open);
            self.show_met();
        }
        if is_ours {
            self.take_back(kept.declined);
            self.say_restored(self.make_again(kept.edits));
        }
    }

    /// Shows again what was not accepted at an earlier visit.
    fn take_back(self, mut declined: Vec<Declined>) {
        // What a restored backup has is not gone.
        declined.retain(|one| one.reason != RESTORED || self.read(|book| holds(book, &one.edit)) != Some(true));
        if declined.iter().any(|one| one.reason == RESTORED) {
            let words =
                "What you had entered since then is among the edits not accepted: make it again, or discard it.";
            self.notices.say(Tone::Warn, "The server's data was restored from a backup", words);
        }
        if !declined.is_empty() {
            let declined = declined.into_iter().map(|one| Declined { id: self.next_declined(), ..one });
            self.declined.update(|all| all.extend(declined));
            self.refresh_saved();
        }
    }

    /// Makes edits again of which it is not known whether they had arrived, but for those that had; how many those are
    /// that had not.
    pub(super) fn make_again(self, edits: Vec<OwnEdit>) -> usize {
        if edits.is_empty() {
            return 0;
        }
        let ready = self.with(|core| {
            core.ask_for_forgotten(&edits);
            let mut ready = Vec::new();
            for own in edits {
                match core.awaited(&own) {
                    Some(room) => room.replay.push(own),
                    None => ready.push(own),
                }
            }
            core.not_arrived(ready)
        });
        let ready = ready.unwrap_or_default();
        let count = ready.len();
        for own in ready {
            let resumed = self.with(|core| core.resume(&own)) == Some(true);
            if !resumed && let Err(error) = self.make(own.edit.clone()) {
                self.decline(own.edit, &self.words_of_error(error));
            }
        }
        self.after_edit();
        count
    }

    fn say_restored(self, count: usize) {
        let text = match count {
            0 => return,
            1 => "An edit that had not reached the server was made again.".to_owned(),
            count => format!("{count} edits that had not reached the server were made again."),
        };
        self.notices.say(Tone::Info, "Unsent edits restored", text);
    }
}

/// Whether cells hold what an edit entered.
fn holds(book: &Workbook, edit: &Edit) -> bool {
    edit.ops.iter().all(|op| {
        let Op::SetCell { cell, input, .. } = op else { return false };
        let Some(sheet) = book.sheet(cell.sheet) else { return false };
        let shares = sheet.contributions(cell.row, cell.col);
        let share = shares.iter().find(|(by, _)| *by == edit.by).map(|(_, number)| Input::Number(*number));
        if shares.is_empty() { sheet.input(cell.row, cell.col) == input.as_ref() } else { share == *input }
    })
}
