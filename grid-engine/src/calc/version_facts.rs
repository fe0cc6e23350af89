//! What formulas read of frozen versions and of scenarios put together from them.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::calculation::Calculation;
use super::facts::{Facts, RowFacts};
use super::ids::{IdMap, IdSet};
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
    /// How many of its buckets lie before its plan. `None` in bundles that were frozen before versions told: their formulas
    /// read the rows and buckets that the live sheet had.
    pub history: Option<usize>,
}

impl From<Facts> for VersionValues {
    /// All of it planned.
    fn from(numbers: Facts) -> Self {
        Self { numbers, others: BTreeMap::new(), history: Some(0) }
    }
}

/// The rows and buckets of a block of cells; a measure without buckets has one column.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Extent {
    pub rows: Vec<RowId>,
    pub cols: Vec<Option<Bucket>>,
}

impl Extent {
    /// Two blocks with the same rows and buckets: those of the first, then what only the second has, buckets in their order.
    /// Blank where one has no such cell. What is no block stays as it is.
    pub fn aligned(sides: [(Self, Value); 2]) -> [Value; 2] {
        let [(one, a), (other, b)] = &sides;
        let is_timed = |extent: &Self| extent.cols.iter().any(Option::is_some);
        let are_blocks = matches!((a, b), (Value::Array(_), Value::Array(_)));
        if !are_blocks || one == other || is_timed(one) != is_timed(other) {
            return sides.map(|(_, value)| value);
        }
        let cols: BTreeSet<Option<Bucket>> = one.cols.iter().chain(&other.cols).copied().collect();
        let all = Self { rows: with(&one.rows, &other.rows), cols: cols.into_iter().collect() };
        sides.map(|(extent, value)| match value {
            Value::Array(array) => all.filled(&extent, &array),
            single => single,
        })
    }

    /// These cells, from a block of others.
    fn filled(&self, extent: &Self, array: &Array) -> Value {
        let places: IdMap<RowId, usize> = extent.rows.iter().enumerate().map(|(place, &row)| (row, place)).collect();
        let cols: Vec<Option<usize>> =
            self.cols.iter().map(|col| extent.cols.iter().position(|other| other == col)).collect();
        let cells = self.rows.iter().flat_map(|row| {
            let row = places.get(row).copied();
            cols.iter().map(move |&col| array.get(row?, col?).cloned())
        });
        self.block(cells.map(Option::unwrap_or_default).collect())
    }

    fn block(&self, cells: Vec<Value>) -> Value {
        let array = Array::new(self.rows.len(), self.cols.len(), cells);
        array.map_or(Value::Blank, |array| Value::Array(Arc::new(array)))
    }
}

/// Rows, and after them those only the others have.
fn with(rows: &[RowId], others: &[RowId]) -> Vec<RowId> {
    let known: IdSet<RowId> = rows.iter().copied().collect();
    rows.iter().chain(others.iter().filter(|row| !known.contains(row))).copied().collect()
}

/// Values with their rows found by id.
struct Frozen {
    numbers: RowFacts,
    others: BTreeMap<usize, Value>,
    history: Option<usize>,
}

impl Frozen {
    /// The cells a reference means: the version's own rows and buckets, whatever became of the live sheet. Rows that this
    /// still has come first, in its order, so that they stand beside their live values.
    fn extent(&self, live: &Sheet, reference: &MeasureRef, own_row: Option<RowId>, at: CellRef) -> Extent {
        let Facts { rows, first, width, .. } = &self.numbers.facts;
        let cols = match (first, self.history, live.horizon) {
            (None, ..) => vec![None],
            (Some(_), None, None) => Vec::new(),
            (Some(_), None, Some(horizon)) => {
                let (all, current) = (horizon.buckets().collect::<Vec<_>>(), horizon.current_index());
                columns(reference.when, at, &all, current)
            }
            (Some(first), Some(history), _) => {
                let all: Vec<Bucket> = (0..*width as i32).map(|step| first.plus(step)).collect();
                columns(reference.when, at, &all, history.min(*width))
            }
        };
        let shown = || live.rows.order.iter().filter_map(|&slot| live.rows.id(slot)).collect::<Vec<_>>();
        let rows = match (own_row, self.history) {
            (Some(row), _) => vec![row],
            (None, Some(_)) => with(&shown(), rows),
            (None, None) => shown(),
        };
        Extent { rows, cols }
    }

    fn value(&self, row: RowId, col: ColId) -> Value {
        let other = self.numbers.place(row, col).and_then(|place| self.others.get(&place));
        other.cloned().unwrap_or_else(|| self.numbers.value(row, col))
    }
}

/// The buckets a reference means among `all`, of which `history` lie before the plan.
fn columns(when: When, at: CellRef, all: &[Bucket], history: usize) -> Vec<Option<Bucket>> {
    let some = |buckets: &[Bucket]| buckets.iter().copied().map(Some).collect();
    match when {
        When::Here(steps) => at.col.bucket.map(|bucket| Some(bucket.plus(steps))).into_iter().collect(),
        When::At(bucket) => vec![Some(bucket)],
        When::All => some(all),
        When::History => some(&all[..history]),
        When::Plan => some(&all[history..]),
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
            Ok(VersionValues { numbers, others, history }) => {
                self.facts.insert(of, Frozen { numbers: RowFacts::new(numbers), others, history });
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
        let values = |frozen: &Frozen| {
            let Frozen { numbers, others, history } = frozen;
            VersionValues { numbers: numbers.facts.clone(), others: others.clone(), history: *history }
        };
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

    /// Whether a measure of a version is read with the version's own rows, as all are but those of old bundles.
    pub(super) fn has_own_rows(&self, version: &Arc<str>, sheet: SheetId, measure: MeasureId) -> bool {
        let of = VersionMeasure { version: version.clone(), sheet, measure };
        self.facts.get(&of).is_some_and(|frozen| frozen.history.is_some())
    }

    /// A reference into a version, with the rows and buckets of its cells. `None`: it is still to be read.
    pub(super) fn read(
        &self,
        version: &Arc<str>,
        live: &Sheet,
        reference: &MeasureRef,
        own_row: Option<RowId>,
        at: CellRef,
    ) -> Result<Option<(Extent, Value)>, CellError> {
        let of = VersionMeasure { version: version.clone(), sheet: live.id, measure: reference.measure };
        let Some(facts) = self.facts.get(&of) else {
            if let Some(reason) = self.absent.get(&of) {
                return Err(CellError::because(ErrorKind::Ref, reason));
            }
            self.wanted.borrow_mut().insert(of);
            return Ok(None);
        };
        let extent = facts.extent(live, reference, own_row, at);
        let col = |bucket: Option<Bucket>| ColId { measure: reference.measure, bucket };
        let is_one_bucket = matches!(reference.when, When::Here(_) | When::At(_)) || extent.cols == [None];
        if let (Some(row), true) = (own_row, is_one_bucket) {
            let value = extent.cols.first().map_or(Value::Blank, |&bucket| facts.value(row, col(bucket)));
            return Ok(Some((extent, value)));
        }
        let cells = extent.rows.iter().flat_map(|&row| extent.cols.iter().map(move |&it| facts.value(row, col(it))));
        let value = extent.block(cells.collect());
        Ok(Some((extent, value)))
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
