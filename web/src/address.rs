//! What a page's address says of what was chosen on it, so that a link leads others to the same.

#[cfg(target_arch = "wasm32")]
mod page;

#[cfg(target_arch = "wasm32")]
pub use page::{asked, asked_in, keep};

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
