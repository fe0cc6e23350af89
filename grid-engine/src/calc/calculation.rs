//! The calculation of a workbook from outside: what goes in, what comes out.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::cache::ArrayCache;
use super::edges::Edges;
use super::facts::{Facts, RowFacts};
use super::grow::Beyond;
use super::ids::{IdMap, IdSet};
use super::job_key::JobKey;
use super::jobs::{Answers, AskedPlan, Asker, JobRequest};
use super::layout::{Content, Entry};
use super::matching::Matches;
use super::program::{Home, Program, Reader};
use super::rowset::RowSet;
use super::running_totals::RunningTotals;
use super::spill::Spills;
use super::store::{Spot, Store};
use super::version_facts::VersionFacts;
use crate::formula::{Formula, Hidden};
use crate::refs::{CellRef, MeasureId, RowId, SheetId};
use crate::value::Value;
use crate::value::order::sort;

/// Times values may set off further calculation by spilling elsewhere before that counts as a circle.
const MAX_ROUNDS: usize = 100;

/// Values and how they follow from each other.
///
/// Put sheets, entries, facts and answers in, then [`recalculate`](Self::recalculate): only what follows from
/// changes is computed, with the same result as computing everything.
#[derive(Default)]
pub struct Calculation {
    /// Heavy calls are answered elsewhere and their cells hold what was given.
    pub(super) given_only: bool,
    pub(super) store: Store,
    pub(super) edges: Edges,
    pub(super) matches: Matches,
    pub(super) stale_matches: IdSet<u32>,
    /// Sheets whose rows formulas match and that have not been matched yet; the other one may still be to come.
    pub(super) new_pairs: BTreeSet<(SheetId, SheetId)>,
    /// Which measures are the same in all buckets must be found out anew.
    pub(super) stale_measures: bool,
    pub(super) ranks: Option<super::order::Ranks>,
    pub(super) answers: Answers,
    pub(super) names: IdMap<String, Formula>,
    /// Rows that are not shown.
    pub(super) hidden: IdMap<(SheetId, RowId), Hidden>,
    pub(super) facts: IdMap<(SheetId, MeasureId), RowFacts>,
    pub(super) versions: VersionFacts,
    pub(super) given: IdMap<CellRef, (Value, bool)>,
    pub(super) spills: Spills,
    pub(super) cache: RefCell<ArrayCache>,
    pub(super) totals: RefCell<RunningTotals>,
    pub(super) beyond: RefCell<Beyond>,
    /// Rounds of a recalculation that was left before its end; 0 while there is none.
    pub(super) rounds: usize,
    pub(super) requests: Vec<JobRequest>,
    pub(super) restructured: BTreeSet<SheetId>,
    /// Sheets that rows or columns were added to, and how many they had before.
    pub(super) grown: std::collections::BTreeMap<u32, (u32, u32)>,
    pub(super) uncovered: BTreeSet<CellRef>,
    /// Cells of a circle that ran through the room arrays take: no edge tells when it is broken.
    pub(super) given_up: BTreeSet<CellRef>,
}

/// What a recalculation brought about.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Cells whose value or pending state is another than before.
    pub changed: Vec<CellRef>,
    /// Those among them that only the server can calculate.
    pub official: Vec<CellRef>,
    /// Sheets whose rows, columns, measures or settings changed.
    pub restructured: BTreeSet<SheetId>,
    /// Heavy calls without an answer.
    pub requests: Vec<JobRequest>,
}

impl Calculation {
    /// A calculation that asks for heavy calls, or with `given_only` takes their cells' values from
    /// [`give`](Self::give).
    pub fn new(given_only: bool) -> Self {
        Self { given_only, ..Self::default() }
    }

    /// A cell's value; `None` for a cell there is not.
    pub fn value(&self, cell: CellRef) -> Option<&Value> {
        self.open_spot(cell).map(|spot| self.store.value(spot))
    }

    /// Whether a job is computing a newer value.
    pub fn is_pending(&self, cell: CellRef) -> bool {
        self.open_spot(cell).is_some_and(|spot| self.store.col(spot).pending.contains(spot.slot))
    }

    /// Whether a cell is covered by an array that spilled from another.
    pub fn is_spilled(&self, cell: CellRef) -> bool {
        self.open_spot(cell).is_some_and(|spot| {
            let col = self.store.col(spot);
            let given = !self.store.sheet(spot.sheet).planning && self.given.contains_key(&cell);
            col.spilled.contains_key(&spot.slot) || given && !col.has_own(spot.slot) && !col.entered.contains(spot.slot)
        })
    }

    /// The cells an array covers that spilled from a cell, row by row, without the cell itself.
    pub fn spilled_from(&self, cell: CellRef) -> Vec<CellRef> {
        let covered = self.open_spot(cell).map(|spot| self.spills.covered(spot)).unwrap_or_default();
        covered.iter().filter_map(|&spot| self.store.name(spot)).collect()
    }

    pub(super) fn open_spot(&self, cell: CellRef) -> Option<Spot> {
        self.store.locate(cell).filter(|spot| self.store.sheet(spot.sheet).open)
    }

    /// Puts or clears what a person entered into a cell. Layers take no entries.
    pub fn set_entry(&mut self, cell: CellRef, entry: Option<Entry>) {
        let Some(spot) = self.store.locate(cell) else { return };
        if !self.takes_entries(spot) {
            return;
        }
        let col = self.store.col(spot);
        let same = match &entry {
            None => !col.entered.contains(spot.slot) && !col.has_own(spot.slot),
            Some(Entry::Value(value)) => col.entered.contains(spot.slot) && col.value(spot.slot) == value,
            Some(Entry::Formula(stored)) => col.own(spot.slot).is_some_and(|own| self.reads_as(own, stored)),
        };
        if same {
            return;
        }
        self.clear_formula(spot);
        match entry {
            Some(Entry::Value(value)) => {
                self.enter(spot, value);
                self.soil_cover(spot);
            }
            Some(Entry::Formula(stored)) => {
                self.enter_formula(spot, &stored);
                self.soil_cover(spot);
            }
            None => {
                self.store.col_mut(spot.sheet, spot.col).entered.remove(spot.slot);
                self.fill_unentered(spot, cell);
                self.unblock(&[spot]);
            }
        }
        let sheet = self.store.sheet(spot.sheet);
        if sheet.measure_of_col(spot.col).is_some_and(|measure| measure.content == Content::Key) {
            self.stale_matches.insert(spot.sheet);
        }
    }

    pub(super) fn takes_entries(&self, spot: Spot) -> bool {
        let sheet = self.store.sheet(spot.sheet);
        match sheet.measure_of_col(spot.col) {
            Some(measure) => measure.content != Content::Layer && sheet.cols_of(measure).contains(&spot.col),
            None => true,
        }
    }

    /// Writes an entered value.
    pub(super) fn enter(&mut self, spot: Spot, value: Value) {
        let col = self.store.col_mut(spot.sheet, spot.col);
        col.entered.insert(spot.slot);
        col.calculated.remove(spot.slot);
        col.dirty.remove(spot.slot);
        col.held.remove(spot.slot);
        col.tentative.remove(spot.slot);
        self.store.put_pending(spot, false);
        self.store.put(spot, value);
        self.store.touch(spot);
    }

    /// Whether a formula has this stored text.
    pub(super) fn reads_as(&self, reader: Reader, stored: &str) -> bool {
        self.edges.stored(reader, &self.store).is_some_and(|text| text == stored)
    }

    /// Puts a cell's own formula in.
    pub(super) fn enter_formula(&mut self, spot: Spot, stored: &str) {
        let reader = self.link(Home::Cell(spot), stored);
        let given = self.given_only && self.edges.program(reader).is_some_and(Program::is_pending);
        let col = self.store.col_mut(spot.sheet, spot.col);
        col.entered.remove(spot.slot);
        col.set_own(spot.slot, Some(reader));
        if !given {
            col.calculated.insert(spot.slot);
            return self.store.soil(spot);
        }
        col.calculated.remove(spot.slot);
        col.dirty.remove(spot.slot);
        if let Some(cell) = self.store.name(spot) {
            self.take_given(spot, cell);
        }
    }

    /// Takes a cell's own formula out.
    pub(super) fn clear_formula(&mut self, spot: Spot) {
        let Some(own) = self.store.col(spot).own(spot.slot) else { return };
        self.free_spill(spot);
        self.store.col_mut(spot.sheet, spot.col).set_own(spot.slot, None);
        let is_heavy = self.edges.program(own).is_some_and(Program::is_pending);
        self.edges.unlink(&mut self.store, own);
        if let Some(cell) = self.store.name(spot).filter(|_| is_heavy) {
            self.answers.note(Asker { cell, whole_row: false }, Vec::new());
            // What was given is the value of a formula that is no more.
            self.given.remove(&cell);
        }
        let col = self.store.col_mut(spot.sheet, spot.col);
        col.calculated.remove(spot.slot);
        col.dirty.remove(spot.slot);
        col.tentative.remove(spot.slot);
        self.store.put_pending(spot, false);
    }

    /// Gives a cell without an entry the value it has then.
    pub(super) fn fill_unentered(&mut self, spot: Spot, cell: CellRef) {
        let sheet = self.store.sheet(spot.sheet);
        if sheet.is_formula_col(spot.col) {
            self.store.col_mut(spot.sheet, spot.col).calculated.insert(spot.slot);
            self.store.soil(spot);
            return;
        }
        let measure = sheet.measure_of_col(spot.col);
        if measure.is_some_and(|measure| measure.given && sheet.cols_of(measure).contains(&spot.col)) {
            return self.take_given(spot, cell);
        }
        let fact = measure
            .filter(|measure| measure.content == Content::Layer)
            .and_then(|measure| self.facts.get(&(sheet.id, measure.id)).map(|facts| facts.value(cell.row, cell.col)));
        let given = || self.given.get(&cell).filter(|_| !sheet.planning).map(|(value, _)| value.clone());
        let value = fact.or_else(given).unwrap_or_default();
        self.store.put(spot, value);
        self.store.touch(spot);
    }

    /// Links a formula and notes which sheets' rows must be matched for it.
    pub(super) fn link(&mut self, home: Home, stored: &str) -> Reader {
        let reader = self.edges.link(&mut self.store, home, stored, &self.names);
        let own = self.store.sheet(home.sheet()).id;
        let program = self.edges.program(reader);
        for reference in program.iter().flat_map(|program| program.measures()).filter(|reference| reference.own_row) {
            if let Some(other) = reference.sheet.filter(|&other| other != own) {
                self.new_pairs.insert((own, other));
            }
        }
        reader
    }

    /// Says that a row is not shown, before formulas that ask for it are calculated.
    pub fn hide_row(&mut self, sheet: SheetId, row: RowId, hidden: Hidden) {
        self.hidden.insert((sheet, row), hidden);
    }

    /// Replaces the defined names and their stored formulas.
    pub fn set_names<'a>(&mut self, names: impl Iterator<Item = (&'a str, &'a str)>) {
        self.names = names
            .filter_map(|(name, stored)| Some((name.to_lowercase(), Formula::from_stored(stored).ok()?)))
            .collect();
        let mut named: Vec<Reader> = self.edges.named.iter().copied().collect();
        sort(&mut named);
        for reader in named {
            let Some(home) = self.edges.program(reader).map(|program| program.home) else { continue };
            let Some(stored) = self.edges.stored(reader, &self.store) else { continue };
            match home {
                Home::Cell(spot) => {
                    // It is the same formula, read anew: what is kept from this side stays so until the server says otherwise.
                    let is_hidden = self.store.col(spot).hidden.contains(spot.slot);
                    self.edges.unlink(&mut self.store, reader);
                    self.enter_formula(spot, &stored);
                    if is_hidden {
                        self.store.col_mut(spot.sheet, spot.col).hidden.insert(spot.slot);
                    }
                }
                Home::Measure(sheet, measure) => self.replace_measure_formula(sheet, measure, &stored),
            }
        }
    }

    /// Replaces the facts of a layer.
    pub fn set_facts(&mut self, sheet: SheetId, measure: MeasureId, facts: Facts) {
        self.facts.insert((sheet, measure), RowFacts::new(facts));
        if let Some(index) = self.store.sheet_index(sheet) {
            self.fill_layer(index, measure);
        }
    }

    /// The facts of a layer.
    pub fn facts(&self, sheet: SheetId, measure: MeasureId) -> Option<&Facts> {
        self.facts.get(&(sheet, measure)).map(|facts| &facts.facts)
    }

    /// Writes a layer's facts into its cells.
    pub(super) fn fill_layer(&mut self, sheet: u32, measure: MeasureId) {
        let of = self.store.sheet(sheet);
        let Some(layer) = of.measure_index(measure).map(|index| &of.measures[index as usize]) else { return };
        if layer.content != Content::Layer {
            return;
        }
        let cols = of.cols_of(layer);
        let rows: Vec<_> = of.rows.live.iter().filter_map(|slot| Some((slot, of.rows.id(slot)?))).collect();
        let Some(facts) = self.facts.get(&(of.id, measure)) else { return };
        for col in cols {
            let id = self.store.sheet(sheet).cols[col as usize].id;
            for &(slot, row) in &rows {
                let spot = Spot { sheet, col, slot };
                if self.store.put(spot, facts.value(row, id)) {
                    self.store.touch(spot);
                }
            }
        }
    }

    /// Hands in the answer of a heavy call; cells that no longer ask for it are not affected.
    pub fn complete(&mut self, key: JobKey, answer: Value) {
        let askers = self.answers.put(key, answer);
        self.soil_askers(askers);
    }

    /// Hands in an answer of a heavy call to show until the final one comes; where no cell asks for it, it is not kept.
    pub fn complete_early(&mut self, key: JobKey, answer: Value) {
        let askers = self.answers.put_early(key, answer);
        self.soil_askers(askers);
    }

    /// How many heavy calls have an answer that another one is to follow.
    pub fn early_answers(&self) -> usize {
        self.answers.early()
    }

    /// Hands in why a heavy call has no answer; whoever asks for it anew has it tried again.
    pub fn give_up_call(&mut self, key: JobKey, reason: Value) {
        let askers = self.answers.give_up(key, reason);
        self.soil_askers(askers);
    }

    /// Forgets an answer: cells that used it ask again.
    pub fn ask_again(&mut self, key: JobKey) {
        let askers = self.answers.forget(key);
        self.soil_askers(askers);
    }

    /// Has everything that was given up tried again; whether there was anything.
    pub fn try_given_up(&mut self) -> bool {
        let keys = self.answers.given_up();
        for key in &keys {
            self.ask_again(*key);
        }
        !keys.is_empty()
    }

    /// Of the supply plans that cells ask for, the one that sheets and pages show; where `only_of_consensus`, one for that demand.
    pub fn supply_plan(&self, only_of_consensus: bool) -> Option<AskedPlan> {
        self.answers.plan(only_of_consensus)
    }

    /// What the heavy calls of a cell's formula were answered so far.
    pub fn answers_at(&self, cell: CellRef) -> Vec<&Value> {
        let asker = self.store.locate(cell).and_then(|spot| self.asker_of(spot));
        asker.map(|asker| self.answers.of(asker).collect()).unwrap_or_default()
    }

    /// Whether any cell still waits for this answer.
    pub fn is_wanted(&self, key: JobKey) -> bool {
        self.answers.is_wanted(key)
    }

    /// Whether any cell asks for this answer, known or not.
    pub fn is_asked(&self, key: JobKey) -> bool {
        self.answers.is_asked(key)
    }

    /// Brings all values up to date and tells what changed. `now` is a spreadsheet serial, `seed` what chance follows from.
    pub fn recalculate(&mut self, now: f64, seed: u64) -> Outcome {
        self.bring_up_to_date(now, seed, &mut || true);
        self.outcome()
    }

    /// The same as long as it may go on, which is asked before each formula. Returns what changed so far and whether all
    /// values are up to date; those that are not stay as they were until the next recalculation goes on with them.
    pub fn recalculate_while(&mut self, now: f64, seed: u64, may_go_on: &mut dyn FnMut() -> bool) -> (Outcome, bool) {
        let is_done = self.bring_up_to_date(now, seed, may_go_on);
        (self.outcome(), is_done)
    }

    /// The same for those who look at values and not at changes: a list of a whole workbook's cells is larger than its values.
    pub fn recalculate_silently(&mut self, now: f64, seed: u64) {
        self.bring_up_to_date(now, seed, &mut || true);
        for (sheet, col) in std::mem::take(&mut self.store.changed_cols) {
            self.store.col_mut(sheet, col).changed = RowSet::default();
        }
        self.restructured.clear();
        self.requests.clear();
        self.uncovered.clear();
    }

    fn bring_up_to_date(&mut self, now: f64, seed: u64, may_go_on: &mut dyn FnMut() -> bool) -> bool {
        self.prepare();
        if self.rounds == 0 {
            let volatile: Vec<Reader> = self.edges.volatile.iter().copied().collect();
            volatile.into_iter().for_each(|reader| self.soil_reader(reader));
        }
        if !self.store.queue.is_empty() || !self.store.dirty_cols.is_empty() {
            let again: Vec<Spot> =
                std::mem::take(&mut self.given_up).into_iter().filter_map(|cell| self.store.locate(cell)).collect();
            again.into_iter().for_each(|spot| self.store.soil(spot));
        }
        loop {
            self.propagate();
            let cols = self.take_dirty_cols();
            if cols.is_empty() {
                break;
            }
            self.rounds += 1;
            if self.rounds > MAX_ROUNDS {
                self.give_up(&cols);
            } else if !self.settle_all(&cols, now, seed, may_go_on) {
                // The round goes on where it stopped.
                self.rounds = self.rounds.max(2) - 1;
                return false;
            }
        }
        self.rounds = 0;
        self.cache.get_mut().rest();
        self.totals.get_mut().clear();
        true
    }

    fn outcome(&mut self) -> Outcome {
        let mut outcome = Outcome {
            restructured: std::mem::take(&mut self.restructured),
            requests: std::mem::take(&mut self.requests),
            ..Outcome::default()
        };
        let uncovered = std::mem::take(&mut self.uncovered);
        let mut cols = std::mem::take(&mut self.store.changed_cols);
        sort(&mut cols);
        cols.dedup();
        for (sheet, col) in cols {
            let changed = std::mem::take(&mut self.store.col_mut(sheet, col).changed);
            for slot in changed.iter() {
                let spot = Spot { sheet, col, slot };
                let Some(cell) = self.store.name(spot) else { continue };
                outcome.changed.push(cell);
                if uncovered.contains(&cell) || self.is_official(spot) {
                    outcome.official.push(cell);
                }
            }
        }
        outcome
    }
}
