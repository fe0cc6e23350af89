//! Unsent edits, kept in the browser so that closing it while offline loses nothing.
//!
//! Every window keeps its own. One that opens takes over what it had kept before its page was loaded anew, and what
//! closed windows have left.

use grid_engine::doc::Edit;
use grid_engine::refs::{PersonId, SheetId};
use leptos::prelude::window;
use leptos::wasm_split::SplitLoaderError;

use serde::{Deserialize, Serialize};

use super::clock;
use super::own_edits::OwnEdit;
use super::session::Declined;
use super::shelf::Shelf;
use super::windows;
use crate::parts::wasm_split;

/// A window that has given no sign of life for so long is closed, where the browser cannot tell which windows are open;
/// browsers let one in the background do something once a minute only.
pub const SILENCE_MS: u32 = 150_000;

/// Where the edits of one window lie.
#[derive(Clone, Debug)]
pub struct Place {
    /// What the keys of all windows of this person and workbook begin with.
    all: String,
    own: String,
}

/// What a window keeps.
#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Kept {
    /// What is not known to have reached the server.
    pub edits: Vec<OwnEdit>,
    /// What was not accepted, until the person lets it go or tries again.
    pub declined: Vec<Declined>,
}

impl Kept {
    fn is_empty(&self) -> bool {
        self.edits.is_empty() && self.declined.is_empty()
    }

    /// Adds what comes after.
    pub fn extend(&mut self, later: Self) {
        self.edits.extend(later.edits);
        self.declined.extend(later.declined);
    }
}

/// What windows have left, in the form it was kept in.
pub struct Left {
    keys: Vec<String>,
    texts: Vec<String>,
}

impl Left {
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    pub fn texts(&self) -> Vec<String> {
        self.texts.clone()
    }
}

impl Place {
    /// Where the edits lie of a window by its name.
    pub fn of(workbook: SheetId, person: PersonId, window: &str) -> Self {
        let all = format!("{workbook}/{person}/");
        Self { own: format!("{all}{window}"), all }
    }

    /// Keeps edits; none clears them. What it comes to says when that is done.
    pub fn keep(&self, kept: &Kept) -> impl Future<Output = ()> + use<> {
        let (own, text, is_empty) = (self.own.clone(), text_of(kept), kept.is_empty());
        async move {
            // A full or forbidden storage means that edits live only as long as the window, as the badge says.
            if let (Ok(shelf), Ok(text)) = (Shelf::get().await, text)
                && let Ok(done) = shelf.replace(&[], &own, (!is_empty).then_some(&text))
            {
                let _ = done.await;
            }
        }
    }

    /// The page goes: whoever opens next may have what it kept. A page that goes can still write to local storage, but
    /// not to the database, so what is newer than there goes along: `last`, even where that is nothing any more.
    pub fn close(&self, last: Option<&Kept>) {
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = storage.set_item(&closed(&self.own), "");
            if let Some(Ok(text)) = last.map(text_of) {
                let _ = storage.set_item(&last_words(&self.own), &text);
            }
        }
    }

    /// What closed windows have left, the oldest first; with `own`, also what this window kept before its page was
    /// loaded anew.
    pub async fn left(&self, own: bool) -> Left {
        if own {
            // This window is open again.
            forget(&closed(&self.own));
        }
        let mut kept = match Shelf::get().await {
            Ok(shelf) => shelf.beginning_with(&self.all).await.unwrap_or_default(),
            Err(_) => Vec::new(),
        };
        let newer = all_last_words(&self.all);
        kept.retain(|(key, _)| !newer.iter().any(|(newer, _)| newer == key));
        kept.extend(newer);
        let (now, living) = (clock::now(), windows::living().await);
        let is_gone = |at: f64, key: &str| match &living {
            Some(names) => key.strip_prefix(&self.all).is_some_and(|name| !names.iter().any(|open| open == name)),
            None => now - at > f64::from(SILENCE_MS),
        };
        let mut found: Vec<(f64, String, String)> = kept
            .into_iter()
            .filter_map(|(key, text)| {
                let (at, edits) = text.split_once(' ')?;
                Some((at.parse().unwrap_or(0.0), key, edits.to_owned()))
            })
            .filter(|(at, key, _)| match *key == self.own {
                true => own,
                false => is_closed(key) || is_gone(*at, key),
            })
            .collect();
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (keys, texts) = found.into_iter().map(|(_, key, text)| (key, text)).unzip();
        Left { keys, texts }
    }

    /// Puts what was left under this window's own name, so that nobody else makes it again; `false` where it cannot.
    pub async fn take_over(&self, left: &Left, all: &Kept) -> bool {
        let (Ok(shelf), Ok(text)) = (Shelf::get().await, text_of(all)) else { return false };
        let done = match shelf.replace(&left.keys, &self.own, (!all.is_empty()).then_some(&text)) {
            Ok(done) => done.await.is_ok(),
            Err(_) => false,
        };
        if done {
            left.keys.iter().for_each(|key| forget_left(key));
        }
        done
    }
}

fn text_of(kept: &Kept) -> serde_json::Result<String> {
    serde_json::to_string(kept).map(|kept| format!("{} {kept}", clock::now()))
}

/// Reads edits that were kept. Few visits find any, so what it takes is a part of its own.
#[wasm_split(unsent, fallible, wasm_split_path = leptos::wasm_split)]
pub fn read(texts: Vec<String>) -> Result<Kept, SplitLoaderError> {
    let mut all = Kept::default();
    for text in texts {
        match serde_json::from_str(&text) {
            Ok(kept) => all.extend(kept),
            // Earlier releases kept edits alone.
            Err(_) => {
                all.edits.extend(serde_json::from_str::<Vec<Edit>>(&text).unwrap_or_default().into_iter().map(alone))
            }
        }
    }
    Ok(all)
}

/// An edit of which nothing else is known.
fn alone(edit: Edit) -> OwnEdit {
    OwnEdit { edit, writer: 0, incarnation: String::new(), waits: Vec::new() }
}

fn closed(key: &str) -> String {
    format!("equipoise.closed.{key}")
}

fn is_closed(key: &str) -> bool {
    window()
        .local_storage()
        .ok()
        .flatten()
        .is_some_and(|storage| storage.get_item(&closed(key)).ok().flatten().is_some())
}

/// Where a page that goes puts what the database has not got yet.
fn last_words(key: &str) -> String {
    format!("equipoise.last.{key}")
}

/// What pages put there as they went, of the windows whose keys begin so, by these keys.
fn all_last_words(start: &str) -> Vec<(String, String)> {
    let Ok(Some(storage)) = window().local_storage() else { return Vec::new() };
    let start = last_words(start);
    let keys = (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok().flatten());
    keys.filter(|key| key.starts_with(&start))
        .filter_map(|key| Some((key.strip_prefix(&last_words(""))?.to_owned(), storage.get_item(&key).ok().flatten()?)))
        .collect()
}

fn forget_left(key: &str) {
    forget(&closed(key));
    forget(&last_words(key));
}

fn forget(key: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.remove_item(key);
    }
}
