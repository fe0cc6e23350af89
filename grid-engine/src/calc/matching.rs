//! Rows of different sheets that meet on their keys.

use std::collections::HashMap;

use super::ids::IdMap;
use super::rowset::RowSet;
use super::sheet::Sheet;
use super::store::{NONE, Store};
use crate::value::Value;

/// For the rows of one sheet, the row of another whose key they contain.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Match {
    to: Vec<u32>,
    back: IdMap<u32, Vec<u32>>,
    /// Why no row can have one.
    pub refusal: Option<String>,
}

/// The matches formulas need, by (own sheet, other sheet).
#[derive(Default)]
pub(super) struct Matches {
    pairs: IdMap<(u32, u32), Match>,
}

impl Matches {
    pub(super) fn get(&self, own: u32, other: u32) -> Option<&Match> {
        self.pairs.get(&(own, other))
    }

    /// Brings a pair up to date; the own rows that now meet another row than before.
    pub(super) fn refresh(&mut self, store: &Store, own: u32, other: u32) -> RowSet {
        let fresh = Match::between(store.sheet(own), store.sheet(other));
        let last = self.pairs.insert((own, other), fresh);
        let (Some(last), Some(fresh)) = (last, self.pairs.get(&(own, other))) else {
            return store.sheet(own).rows.live.clone();
        };
        if last.refusal != fresh.refusal {
            return store.sheet(own).rows.live.clone();
        }
        store.sheet(own).rows.live.iter().filter(|&slot| last.row(slot) != fresh.row(slot)).collect()
    }

    /// Pairs in which a sheet takes part.
    pub(super) fn pairs_of(&self, sheet: u32) -> Vec<(u32, u32)> {
        self.pairs.keys().filter(|(own, other)| *own == sheet || *other == sheet).copied().collect()
    }
}

impl Match {
    /// Meets every row of `own` with the first row of `other` that has equal values in all of `other`'s keys.
    pub(super) fn between(own: &Sheet, other: &Sheet) -> Self {
        let mut found = Self::default();
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        for &key in &keys(other) {
            let name = &other.measures[key as usize].name;
            let same = keys(own).into_iter().find(|&own_key| own.measures[own_key as usize].name == *name);
            let Some(same) = same else {
                found.refusal = Some(format!(
                    "rows of {} have no {name}, which tells the rows of {} apart",
                    own.title, other.title
                ));
                return found;
            };
            mine.push(own.measures[same as usize].first_col);
            theirs.push(other.measures[key as usize].first_col);
        }
        if theirs.is_empty() {
            found.refusal = Some(format!("the rows of {} have no key", other.title));
            return found;
        }
        let mut by_key: HashMap<Vec<String>, u32> = HashMap::new();
        for &slot in &other.rows.order {
            by_key.entry(key_of(other, &theirs, slot)).or_insert(slot);
        }
        for &slot in &own.rows.order {
            if let Some(&met) = by_key.get(&key_of(own, &mine, slot)) {
                if slot as usize >= found.to.len() {
                    found.to.resize(slot as usize + 1, NONE);
                }
                found.to[slot as usize] = met;
                found.back.entry(met).or_default().push(slot);
            }
        }
        found
    }

    /// The other sheet's row that this row meets.
    pub(super) fn row(&self, own: u32) -> Option<u32> {
        self.to.get(own as usize).copied().filter(|&slot| slot != NONE)
    }

    /// Own rows that meet one of these rows of the other sheet.
    pub(super) fn back(&self, others: &RowSet) -> RowSet {
        others.iter().filter_map(|slot| self.back.get(&slot)).flatten().copied().collect()
    }
}

/// The key measures of a sheet.
pub(super) fn keys(sheet: &Sheet) -> Vec<u32> {
    let is_key = |&index: &u32| sheet.measures[index as usize].content == super::layout::Content::Key;
    (0..sheet.measures.len() as u32).filter(is_key).collect()
}

fn key_of(sheet: &Sheet, cols: &[u32], slot: u32) -> Vec<String> {
    cols.iter().map(|&col| key_text(sheet.cols[col as usize].value(slot))).collect()
}

/// A key value as text: a number and its text are one key, as people type either.
pub(super) fn key_text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string().to_uppercase(),
        Value::Error(error) => error.kind.code().to_owned(),
        Value::Blank | Value::Array(_) => String::new(),
    }
}
