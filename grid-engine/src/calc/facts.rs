//! Facts of layers and of frozen versions.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::ids::IdMap;
use super::sheet::Sheet;
use crate::calendar::Bucket;
use crate::formula::{MeasureRef, When};
use crate::refs::{CellRef, ColId, MeasureId, RowId, SheetId};
use crate::value::{Array, CellError, ErrorKind, Value};

/// Facts of a layer: rows × buckets of numbers, `NaN` where nothing is known.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub rows: Vec<RowId>,
    /// First bucket of the values; `None` for an untimed layer (one value a row).
    pub first: Option<Bucket>,
    /// Buckets per row (1 for an untimed layer).
    pub width: usize,
    /// Row after row.
    pub values: Vec<f64>,
}

/// Facts with their rows found by id.
#[derive(Default)]
pub(super) struct RowFacts {
    pub facts: Facts,
    row_of: IdMap<RowId, u32>,
}

impl RowFacts {
    pub(super) fn new(facts: Facts) -> Self {
        let row_of = facts.rows.iter().enumerate().map(|(place, &row)| (row, place as u32)).collect();
        Self { facts, row_of }
    }

    /// The value of a cell, blank where nothing is known.
    pub(super) fn value(&self, row: RowId, col: ColId) -> Value {
        let step = match (self.facts.first, col.bucket) {
            (None, None) => Some(0),
            (Some(first), Some(bucket)) => bucket.since(first).and_then(|step| usize::try_from(step).ok()),
            _ => None,
        };
        let place = self.row_of.get(&row).zip(step.filter(|&step| step < self.facts.width));
        let number = place.and_then(|(&row, step)| self.facts.values.get(row as usize * self.facts.width + step));
        number.filter(|number| number.is_finite()).map_or(Value::Blank, |&number| Value::Number(number))
    }
}

/// A measure of a frozen version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionMeasure {
    /// The version's name.
    pub version: Arc<str>,
    pub sheet: SheetId,
    pub measure: MeasureId,
}

/// Measures of frozen versions that formulas compare with: read when a formula first asks.
#[derive(Default)]
pub(super) struct VersionFacts {
    facts: HashMap<VersionMeasure, RowFacts>,
    /// What was looked for in vain, and why.
    absent: HashMap<VersionMeasure, Arc<str>>,
    /// What formulas have asked for since that was last told, and what was told.
    wanted: RefCell<BTreeSet<VersionMeasure>>,
    told: BTreeSet<VersionMeasure>,
}

impl VersionFacts {
    pub(super) fn put(&mut self, of: VersionMeasure, found: Result<Facts, Arc<str>>) {
        self.told.remove(&of);
        self.absent.remove(&of);
        match found {
            Ok(facts) => drop(self.facts.insert(of, RowFacts::new(facts))),
            Err(reason) => drop(self.absent.insert(of, reason)),
        }
    }

    /// Measures that are asked for and not on their way yet.
    pub(super) fn take_wanted(&mut self) -> Vec<VersionMeasure> {
        let wanted = std::mem::take(self.wanted.get_mut());
        let new = wanted.into_iter().filter(|of| !self.facts.contains_key(of) && self.told.insert(of.clone()));
        new.collect()
    }

    /// Forgets what was looked for in vain; whether there was any.
    pub(super) fn forget_absent(&mut self) -> bool {
        let any = !self.absent.is_empty();
        self.absent.clear();
        any
    }

    /// What has been read.
    pub(super) fn known(&self) -> impl Iterator<Item = (&VersionMeasure, &Facts)> {
        self.facts.iter().map(|(of, facts)| (of, &facts.facts))
    }

    /// A reference into a version, shaped like the live one: rows and buckets are those of the live sheet. `None`: it is
    /// still to be read.
    pub(super) fn read(
        &self,
        version: &Arc<str>,
        sheet: &Sheet,
        reference: &MeasureRef,
        own_row: Option<RowId>,
        at: CellRef,
    ) -> Result<Option<Value>, CellError> {
        let of = VersionMeasure { version: version.clone(), sheet: sheet.id, measure: reference.measure };
        let Some(facts) = self.facts.get(&of) else {
            if let Some(reason) = self.absent.get(&of) {
                return Err(CellError::because(ErrorKind::Ref, reason));
            }
            self.wanted.borrow_mut().insert(of);
            return Ok(None);
        };
        let buckets = match (facts.facts.first, sheet.horizon) {
            (Some(_), Some(horizon)) => {
                let current = horizon.current_index();
                let all: Vec<Bucket> = horizon.buckets().collect();
                match reference.when {
                    When::Here(steps) => at.col.bucket.map(|bucket| bucket.plus(steps)).into_iter().collect(),
                    When::At(bucket) => vec![bucket],
                    When::All => all,
                    When::History => all[..current].to_vec(),
                    When::Plan => all[current..].to_vec(),
                }
            }
            _ => Vec::new(),
        };
        let cols: Vec<ColId> = match facts.facts.first {
            None => vec![ColId::fixed(reference.measure)],
            Some(_) => buckets.into_iter().map(|bucket| ColId::timed(reference.measure, bucket)).collect(),
        };
        let single = matches!(reference.when, When::Here(_) | When::At(_)) || facts.facts.first.is_none();
        let rows: Vec<RowId> = match own_row {
            Some(row) => vec![row],
            None => sheet.rows.order.iter().filter_map(|&slot| sheet.rows.id(slot)).collect(),
        };
        if let (Some(row), true) = (own_row, single) {
            return Ok(Some(cols.first().map_or(Value::Blank, |&col| facts.value(row, col))));
        }
        let cells = rows.iter().flat_map(|&row| cols.iter().map(move |&col| facts.value(row, col))).collect();
        Ok(Some(Array::new(rows.len(), cols.len(), cells).map_or(Value::Blank, |array| Value::Array(Arc::new(array)))))
    }
}
