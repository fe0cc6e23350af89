//! What a page's address says of what was chosen on it, so that a link leads others to the same.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

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

/// A query with these values, written for an address, in place of those it has by their names.
fn with(query: &str, values: &[(&str, String)]) -> String {
    let name_of = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let is_told = |pair: &str| values.iter().any(|(name, _)| *name == name_of(pair));
    let kept = query.trim_start_matches('?').split('&').filter(|pair| !pair.is_empty() && !is_told(pair));
    let told = values.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name}={value}"));
    let pairs: Vec<String> = kept.map(str::to_owned).chain(told).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_takes_the_place_of_what_was() {
        let cases: [(&str, &[(&str, &str)], &str); 5] = [
            ("", &[], ""),
            ("", &[("kpi", "otif"), ("by", "")], "?kpi=otif"),
            ("?kpi=otif&rows=tea", &[("kpi", "fill")], "?rows=tea&kpi=fill"),
            ("?kpi=otif", &[("kpi", "")], ""),
            // Another name that begins the same is another one.
            ("?kpis=1&kpi=2", &[("kpi", "3")], "?kpis=1&kpi=3"),
        ];
        for (query, values, expected) in cases {
            let values: Vec<_> = values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
            assert_eq!(with(query, &values), expected, "{query}");
        }
    }
}
