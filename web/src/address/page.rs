//! The address of the page that is open.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::with;

/// What the page's address asks for by a name: `version` in `/w/demo/consensus?version=…`.
pub fn asked(name: &str) -> Option<String> {
    asked_in(&window().location().search().ok()?, name)
}

/// The same of a query that was read before.
pub fn asked_in(query: &str, name: &str) -> Option<String> {
    let pairs = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
    let value = pairs.into_iter().find_map(|(key, value)| (key == name).then_some(value))?;
    js_sys::decode_uri_component(value).ok().map(String::from)
}

/// Has the address of this page say what is chosen, in place of what it said by these names; what is empty is left out.
/// Nothing is loaded anew, and the way back leads to the page before.
pub fn keep<const N: usize>(values: [(&str, String); N]) {
    let location = window().location();
    let (Ok(path), Ok(query)) = (location.pathname(), location.search()) else { return };
    let values = values.map(|(name, value)| (name, String::from(js_sys::encode_uri_component(&value))));
    let next = with(&query, &values);
    if next != query
        && let Ok(history) = window().history()
    {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("{path}{next}")));
    }
}
