//! What confines a person must name what is there: a misspelt name would confine nothing, or everything.

use std::collections::BTreeSet;

use grid_engine::doc::{MeasureKind, Mirror};

/// The names that workbooks have for what people can be confined to.
#[derive(Default)]
pub struct ScopeNames {
    parts: BTreeSet<String>,
    sheets: BTreeSet<String>,
    measures: BTreeSet<String>,
    /// Of key measures, by name and by id.
    keys: BTreeSet<String>,
}

impl ScopeNames {
    /// Adds those of a workbook.
    pub fn add(&mut self, mirror: &Mirror) {
        self.sheets.extend(mirror.sheets().iter().map(|info| info.id.to_string()));
        for sheet in mirror.open_sheets() {
            self.parts.extend(sheet.meta().parts.values().cloned());
            for measure in sheet.measures() {
                self.measures.insert(measure.id.to_string());
                if measure.kind == MeasureKind::Key {
                    self.keys.extend([measure.name.to_lowercase(), measure.id.to_string()]);
                }
            }
        }
    }

    /// Why an entry of somebody's scope confines nothing that is there; `None` where it does. A key may be given values that
    /// no row has yet.
    pub fn objection(&self, entry: &str) -> Option<String> {
        let missing = |what: &str, name: &str, known: &BTreeSet<String>| {
            let all =
                if known.is_empty() { "none".to_owned() } else { known.iter().cloned().collect::<Vec<_>>().join(", ") };
            Some(format!("{entry:?} confines to {what} that is not there: {name:?}. There are: {all}."))
        };
        if let Some((key, _)) = entry.split_once('=') {
            let is_known = self.keys.contains(&key.to_lowercase());
            return if is_known { None } else { missing("rows by a key", key, &self.keys) };
        }
        let (what, name, known) = match entry.split_once(':') {
            Some(("sheet", name)) => ("a sheet", name, &self.sheets),
            Some(("measure", name)) => ("a measure", name, &self.measures),
            Some(("reads", name)) => ("reading a part", name, &self.parts),
            _ => ("a part", entry, &self.parts),
        };
        if known.contains(name) { None } else { missing(what, name, known) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_not_there_are_told_with_those_that_are() {
        let names = |all: &[&str]| all.iter().map(|&name| name.to_owned()).collect();
        let known = ScopeNames {
            parts: names(&["DACH", "France"]),
            sheets: names(&["demand"]),
            measures: names(&["override"]),
            keys: names(&["channel"]),
        };
        for entry in ["DACH", "reads:France", "sheet:demand", "measure:override", "Channel=Retail", "channel=Kiosk"] {
            assert_eq!(known.objection(entry), None, "{entry}");
        }
        for (entry, said) in [
            ("Dach", "DACH, France"),
            ("reads:Nowhere", "DACH, France"),
            ("sheet:nope", "demand"),
            ("measure:Override", "override"),
            ("Chanel=Retail", "channel"),
            ("foo:bar", "DACH, France"),
        ] {
            let words = known.objection(entry).unwrap_or_default();
            assert!(words.contains(said), "{entry}: {words}");
        }
        assert!(ScopeNames::default().objection("DACH").is_some_and(|words| words.ends_with("There are: none.")));
    }
}
