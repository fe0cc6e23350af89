//! Unsent edits, kept in the browser so that closing the window while offline loses nothing.

use grid_engine::doc::Edit;
use grid_engine::refs::{PersonId, SheetId};
use leptos::prelude::window;
use leptos::wasm_split::SplitLoaderError;

use crate::parts::wasm_split;

/// Keeps the edits of a person in a workbook; none clears them.
pub fn keep(workbook: SheetId, person: PersonId, edits: &[Edit]) {
    let Some(storage) = storage() else { return };
    let key = key(workbook, person);
    // A full or forbidden storage means that edits live only as long as the window, as the badge says.
    let _ = match serde_json::to_string(edits) {
        Ok(text) if !edits.is_empty() => storage.set_item(&key, &text),
        _ => storage.remove_item(&key),
    };
}

/// The edits kept for a person, to be [`read`].
pub fn kept(workbook: SheetId, person: PersonId) -> Option<String> {
    storage()?.get_item(&key(workbook, person)).ok().flatten()
}

/// Reads edits that were kept. Few visits find any, so what it takes is a part of its own.
#[wasm_split(unsent, fallible, wasm_split_path = leptos::wasm_split)]
pub fn read(kept: String) -> Result<Vec<Edit>, SplitLoaderError> {
    Ok(serde_json::from_str(&kept).unwrap_or_default())
}

fn key(workbook: SheetId, person: PersonId) -> String {
    format!("equipoise.unsent.{workbook}.{person}")
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
