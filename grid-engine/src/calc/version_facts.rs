//! What formulas read of frozen versions and of scenarios put together from them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::calculation::Calculation;
use super::facts::{Facts, RowFacts};
use super::program::Reader;
use super::sheet::Sheet;
use crate::calendar::Bucket;
use crate::formula::{MeasureRef, ScenarioTable, When};
use crate::refs::{CellRef, ColId, MeasureId, RowId, SheetId};
use crate::value::{Array, CellError, ErrorKind, Value};

/// A measure of a frozen version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionMeasure {
    /// The version's name.
    pub version: Arc<str>,
    pub sheet: SheetId,
    pub measure: MeasureId,
}

/// What a measure of a frozen version holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VersionValues {
    pub numbers: Facts,
    /// What is no number, by the place its number would have: texts, truth values and errors. Measures of numbers, which
    /// are the large ones, have none.
    pub others: BTreeMap<usize, Value>,
}

impl From<Facts> for VersionValues {
    fn from(numbers: Facts) -> Self {
        Self { numbers, others: BTreeMap::new() }
    }
}

/// Values with their rows found by id.
struct Frozen {
    numbers: RowFacts,
    others: BTreeMap<usize, Value>,
}

impl Frozen {
    fn value(&self, row: RowId, col: ColId) -> Value {
        let other = self.numbers.place(row, col).and_then(|place| self.others.get(&place));
        other.cloned().unwrap_or_else(|| self.numbers.value(row, col))
    }
}

/// Measures of frozen versions that formulas compare with, and the scenario matrix: read when a formula first asks.
#[derive(Default)]
pub(super) struct VersionFacts {
    facts: HashMap<VersionMeasure, Frozen>,
    /// What was looked for in vain, and why.
    absent: HashMap<VersionMeasure, Arc<str>>,
    /// What formulas have asked for since that was last told, and what was told.
    wanted: RefCell<BTreeSet<VersionMeasure>>,
    told: BTreeSet<VersionMeasure>,
    scenarios: Option<Arc<ScenarioTable>>,
    /// Whether formulas have asked for scenarios since that was last told, and whether it was told.
    scenarios_wanted: Cell<bool>,
    scenarios_told: bool,
}

impl VersionFacts {
    pub(super) fn put(&mut self, of: VersionMeasure, found: Result<VersionValues, Arc<str>>) {
        self.told.remove(&of);
        self.absent.remove(&of);
        match found {
            Ok(VersionValues { numbers, others }) => {
                self.facts.insert(of, Frozen { numbers: RowFacts::new(numbers), others });
            }
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
    pub(super) fn known(&self) -> impl Iterator<Item = (&VersionMeasure, VersionValues)> {
        let values =
            |frozen: &Frozen| VersionValues { numbers: frozen.numbers.facts.clone(), others: frozen.others.clone() };
        self.facts.iter().map(move |(of, frozen)| (of, values(frozen)))
    }

    /// The scenario matrix; `None`: it is still to be read.
    pub(super) fn scenarios(&self) -> Option<&Arc<ScenarioTable>> {
        if self.scenarios.is_none() {
            self.scenarios_wanted.set(true);
        }
        self.scenarios.as_ref()
    }

    /// Takes the matrix as it stands now; whether it is another than before.
    pub(super) fn put_scenarios(&mut self, table: Arc<ScenarioTable>) -> bool {
        let is_other = self.scenarios.as_ref().is_none_or(|known| **known != *table);
        self.scenarios = Some(table);
        is_other
    }

    /// Whether the matrix is asked for and not on its way yet. Whoever has told it once is told of every change.
    pub(super) fn take_wanted_scenarios(&mut self) -> bool {
        self.scenarios_wanted.take() && self.scenarios.is_none() && !std::mem::replace(&mut self.scenarios_told, true)
    }

    /// The matrix, where a formula has read it.
    pub(super) fn known_scenarios(&self) -> Option<&Arc<ScenarioTable>> {
        self.scenarios.as_ref()
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
        let first = facts.numbers.facts.first;
        let buckets = match (first, sheet.horizon) {
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
        let cols: Vec<ColId> = match first {
            None => vec![ColId::fixed(reference.measure)],
            Some(_) => buckets.into_iter().map(|bucket| ColId::timed(reference.measure, bucket)).collect(),
        };
        let single = matches!(reference.when, When::Here(_) | When::At(_)) || first.is_none();
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

impl Calculation {
    /// Loads a measure of a frozen version, for formulas that compare with it; or says why there is none.
    pub fn set_version_facts(&mut self, of: VersionMeasure, found: Result<VersionValues, Arc<str>>) {
        self.versions.put(of, found);
        self.read_versions_again();
    }

    /// Measures of versions that formulas ask for and that are not here, each told once.
    pub fn take_wanted_versions(&mut self) -> Vec<VersionMeasure> {
        self.versions.take_wanted()
    }

    /// Looks again for versions that there were not: one may have been frozen since. Whether any was missed.
    pub fn look_for_versions_again(&mut self) -> bool {
        let any = self.versions.forget_absent();
        if any {
            self.read_versions_again();
        }
        any
    }

    /// Measures of versions that formulas have read.
    pub fn version_facts(&self) -> impl Iterator<Item = (&VersionMeasure, VersionValues)> {
        self.versions.known()
    }

    /// Takes the scenario matrix as it stands now; whether that changes anything.
    pub fn set_scenarios(&mut self, table: Arc<ScenarioTable>) -> bool {
        let is_other = self.versions.put_scenarios(table);
        if is_other {
            self.read_versions_again();
        }
        is_other
    }

    /// Whether formulas ask for the scenario matrix, which is not here; told once.
    pub fn take_wanted_scenarios(&mut self) -> bool {
        self.versions.take_wanted_scenarios()
    }

    /// The scenario matrix, where formulas have read it.
    pub fn scenarios(&self) -> Option<&Arc<ScenarioTable>> {
        self.versions.known_scenarios()
    }

    fn read_versions_again(&mut self) {
        let readers: Vec<Reader> = self.edges.versions.iter().copied().collect();
        readers.into_iter().for_each(|reader| self.soil_reader(reader));
    }
}
