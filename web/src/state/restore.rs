//! Keeping unsent edits through reloads and restarts, and making them again.

use std::time::Duration;

use grid_engine::doc::Edit;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Tone;
use super::session::{Opening, Session};
use super::unsent::{self, Place, SILENCE_MS};
use super::windows;

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
        if self.with(|core| core.edits.unsaved() > 0) == Some(true) {
            self.keep_unsent();
        }
    }

    /// The window's page goes: whoever opens next may have its unsent edits.
    pub(super) fn leave_unsent(&self) {
        if self.with(|core| core.edits.unsaved() > 0) == Some(true) {
            self.keep_now();
            self.place_of_unsent().iter().for_each(Place::close);
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
        let edits = self.with(|core| core.edits.to_replay());
        if let (Some(edits), Some(place)) = (edits, self.place_of_unsent()) {
            place.keep(&edits);
        }
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
        let edits = if left.is_empty() { Ok(Vec::new()) } else { unsent::read(left.texts()).await };
        // Closed meanwhile, or refused.
        if matches!(self.opening.try_get_untracked(), None | Some(Opening::Failed(_))) {
            return;
        }
        let Ok(edits) = edits else {
            // They stay where they are: a later visit finds them.
            if opens {
                let words = "Edits kept in this browser could not be read, as the server could not be reached. They are \
                             still kept: load the page again.";
                self.opening.set(Opening::Failed(words.to_owned()));
            }
            return;
        };
        // What this window has not sent yet stays kept beside what it takes over.
        let mut all = edits.clone();
        all.extend(self.with(|core| core.edits.to_replay()).unwrap_or_default());
        let is_ours = left.is_empty() || place.take_over(&left, &all).await;
        if opens {
            self.opening.set(Opening::Open);
            self.show_met();
        }
        if is_ours {
            self.make_again(edits);
        }
    }

    fn make_again(self, edits: Vec<Edit>) {
        let count = edits.len();
        for edit in edits {
            if let Err(error) = self.make(edit.clone()) {
                self.decline(edit, &error.to_string());
            }
        }
        if count > 0 {
            let text = match count {
                1 => "An edit that had not reached the server was made again.".to_owned(),
                count => format!("{count} edits that had not reached the server were made again."),
            };
            self.notices.say(Tone::Info, "Unsent edits restored", text);
        }
    }
}
