//! A workbook: the documents people share and the values that follow from them.
//!
//! Documents change by edits and updates; [`Workbook::recalculate`] then brings the values up to date. Until it
//! does, values are those of the last recalculation.

mod agreement;
mod entry;
mod epochs;
mod file_formulas;
mod moving;
mod names;
mod plain_book;
mod room_ahead;
mod spread;
mod take_over;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

pub use crate::calc::{Area, Facts, JobKey, JobRequest, Reach, Seed, VersionMeasure, VersionValues};
use crate::calc::{AskedPlan, Calculation};
pub use crate::doc::Applied;
use crate::doc::{Change, DocError, Documents, Edit, EditError, Examined, Mirror, SheetMirror, Unfit};
use crate::formula::ForecastDetails;
pub use crate::formula::{ScenarioLine, ScenarioTable};
use crate::refs::{CellRef, MeasureId, PersonId, RoomId, RowId, SheetId};
use crate::value::{Locale, Value};
pub use entry::{HEADING_STYLE, format_of};
pub use file_formulas::{FileFormula, FileFormulas, file_titles};
pub use plain_book::PlainBook;
pub use room_ahead::make_room;
pub use spread::{Leaf, SpreadError, Standing, spread};
pub use view::{CellView, Source};

/// Where this workbook lives, which decides who answers heavy functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Heavy functions become [`JobRequest`]s; their answers come through [`Workbook::complete`].
    Server,
    /// Cells with heavy functions show what the server sent through [`Workbook::set_official`].
    Browser,
}

/// What time and chance are during one recalculation.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Now, as a spreadsheet serial.
    pub now: f64,
    /// Seed of `RAND` and its kin.
    pub seed: u64,
}

/// What changed since the last recalculation.
#[derive(Clone, Debug, Default)]
pub struct Recalculated {
    /// Cells whose value or pending state is another than before.
    pub changed: Vec<CellRef>,
    /// Those among them that a browser cannot calculate: send them as official values (server only). A cell that an
    /// array has left is among them, once.
    pub official: Vec<CellRef>,
    /// Sheets whose rows, columns, measures or settings changed: redraw them whole.
    pub restructured: BTreeSet<SheetId>,
    /// Sheets whose columns got another width: they only look different.
    pub widened: BTreeSet<SheetId>,
    /// Heavy calls without an answer yet (server only).
    pub requests: Vec<JobRequest>,
}

/// A workbook in memory.
pub struct Workbook {
    documents: Documents,
    calculation: Calculation,
    /// What the calculation has not been told yet.
    news: BTreeSet<Change>,
    /// How the person at this side types and sees numbers and dates.
    locale: Locale,
}

impl Workbook {
    /// An empty workbook; `client` is the writer id of the edits made here.
    pub fn new(side: Side, client: u64) -> Self {
        let mut documents = Documents::new(client);
        if side == Side::Browser {
            documents.keep_unsent();
        }
        Self {
            documents,
            calculation: Calculation::new(side == Side::Browser),
            news: BTreeSet::new(),
            locale: Locale::default(),
        }
    }

    /// Opens a room from its stored state (empty for a new one).
    pub fn open_room(&mut self, room: RoomId, state: &[u8]) -> Result<(), DocError> {
        self.news.extend(self.documents.open_room(room, state)?);
        Ok(())
    }

    /// Forgets a room and everything in it, e.g. when the right to read it ends.
    pub fn close_room(&mut self, room: RoomId) {
        self.news.extend(self.documents.close_room(room));
    }

    /// Rooms the documents mention: the book, its sheets and their parts, open or not.
    pub fn known_rooms(&self) -> Vec<RoomId> {
        self.documents.known_rooms()
    }

    /// Whether a room is open here.
    pub fn has_room(&self, room: RoomId) -> bool {
        self.documents.has_room(room)
    }

    /// Applies a peer's update (encoding v1). What builds on changes that have not arrived waits for them. Nothing
    /// changes on an error.
    pub fn apply_update(&mut self, room: RoomId, update: &[u8]) -> Result<(), DocError> {
        self.news.extend(self.documents.apply_update(room, update)?);
        Ok(())
    }

    /// Judges a peer's update by what is here and staged: what it would touch. Nothing changes.
    pub fn examine(&mut self, room: RoomId, update: &[u8]) -> Result<Examined, Unfit> {
        self.documents.examine(room, update)
    }

    /// Takes an examined update as one that will be applied: later ones are judged as if it were.
    pub fn stage(&mut self, room: RoomId, examined: Examined) {
        self.documents.stage(room, examined);
    }

    /// Applies what is staged for a room at once; one update (encoding v1) that says all of it.
    pub fn apply_staged(&mut self, room: RoomId) -> Result<Vec<u8>, DocError> {
        let (changes, merged) = self.documents.apply_staged(room)?;
        self.news.extend(changes);
        Ok(merged)
    }

    /// Whether everything a peer's update builds on is here, so that applying it leaves nothing waiting.
    pub fn is_ready(&self, room: RoomId, update: &[u8]) -> bool {
        self.documents.is_ready(room, update)
    }

    /// Who deleted a row of a room; `None` where it is not deleted.
    pub fn deleted_by(&self, room: RoomId, row: RowId) -> Option<PersonId> {
        self.documents.deleted_by(room, row)
    }

    /// Forgets what is staged for a room, e.g. because it could not be stored.
    pub fn drop_staged(&mut self, room: RoomId) {
        self.documents.drop_staged(room);
    }

    /// The writer id of edits in rooms opened from now on: one that the server has given out.
    pub fn set_client(&mut self, client: u64) {
        self.documents.set_client(client);
    }

    /// The encoded state vector of a room: what it has seen.
    pub fn state_vector(&self, room: RoomId) -> Option<Vec<u8>> {
        self.documents.state_vector(room)
    }

    /// What a peer with this encoded state vector lacks; the whole state for `None`.
    pub fn encode_state(&self, room: RoomId, since: Option<&[u8]>) -> Result<Vec<u8>, DocError> {
        self.documents.encode_state(room, since)
    }

    /// Applies a person's edit, all of it or nothing, and remembers how to undo it.
    pub fn apply(&mut self, edit: &Edit) -> Result<Applied, EditError> {
        let applied = self.documents.apply(edit)?;
        self.news.extend(applied.changes.iter().copied());
        Ok(applied)
    }

    /// Looks at the documents as they would be after an edit, which is not made: what is typed can be read for cells that
    /// are yet to come, and written in one edit with what makes room for it. Values are as they were.
    ///
    /// Errors: those of [`apply`](Self::apply).
    pub fn suppose<T>(&mut self, edit: &Edit, look: impl FnOnce(&Self) -> T) -> Result<T, EditError> {
        let supposed = self.documents.suppose(edit)?;
        let seen = look(self);
        self.documents.forget(supposed);
        Ok(seen)
    }

    /// Undoes the person's latest edit made here, where its cells still hold what they left. `None`: nothing to undo.
    pub fn undo(&mut self, by: PersonId, at: i64) -> Option<Applied> {
        let applied = self.documents.undo(by, at)?;
        self.news.extend(applied.changes.iter().copied());
        Some(applied)
    }

    /// Does again what was undone last.
    pub fn redo(&mut self, by: PersonId, at: i64) -> Option<Applied> {
        let applied = self.documents.redo(by, at)?;
        self.news.extend(applied.changes.iter().copied());
        Some(applied)
    }

    /// Replaces the facts of a layer measure. The sheet may come later.
    pub fn set_facts(&mut self, sheet: SheetId, measure: MeasureId, facts: Facts) {
        self.calculation.set_facts(sheet, measure, facts);
    }

    /// The facts of a layer measure.
    pub fn facts(&self, sheet: SheetId, measure: MeasureId) -> Option<&Facts> {
        self.calculation.facts(sheet, measure)
    }

    /// Loads a measure of a frozen version, so that formulas can compare with it: `Demand@'name'[Consensus]`.
    /// An error says why there is none.
    pub fn set_version_facts(&mut self, of: VersionMeasure, found: Result<VersionValues, Arc<str>>) {
        self.calculation.set_version_facts(of, found);
    }

    /// Measures of frozen versions that formulas ask for and that are not here, each told once: they are to be given with
    /// [`set_version_facts`](Self::set_version_facts).
    pub fn take_wanted_versions(&mut self) -> Vec<VersionMeasure> {
        self.calculation.take_wanted_versions()
    }

    /// Looks again for versions that there were not; whether any was missed.
    pub fn look_for_versions_again(&mut self) -> bool {
        self.calculation.look_for_versions_again()
    }

    /// Measures of frozen versions that formulas have read, in order.
    pub fn version_facts(&self) -> BTreeMap<&VersionMeasure, VersionValues> {
        self.calculation.version_facts().collect()
    }

    /// These sheets, and all that their values follow from, however far.
    pub fn sheets_needed(&self, of: &BTreeSet<SheetId>) -> BTreeSet<SheetId> {
        self.calculation.sheets_needed(of)
    }

    /// Takes the scenario matrix as it stands now, for `SCENARIO`; whether that changes anything.
    pub fn set_scenarios(&mut self, table: Arc<ScenarioTable>) -> bool {
        self.calculation.set_scenarios(table)
    }

    /// Whether formulas ask for the scenario matrix, which is not here: told once, to be given with
    /// [`set_scenarios`](Self::set_scenarios) then and whenever it changes.
    pub fn take_wanted_scenarios(&mut self) -> bool {
        self.calculation.take_wanted_scenarios()
    }

    /// The scenario matrix, where formulas have read it.
    pub fn scenarios(&self) -> Option<&Arc<ScenarioTable>> {
        self.calculation.scenarios()
    }

    /// Takes the server's values for cells with heavy functions, and whether a newer one is being computed.
    pub fn set_official(&mut self, values: &[(CellRef, Value, bool)]) {
        self.calculation.give(values);
    }

    /// Cells with heavy functions and their values, for a browser that has just joined.
    pub fn official(&self, sheet: SheetId) -> Vec<(CellRef, Value, bool)> {
        self.calculation.official(sheet)
    }

    /// Reads formulas anew that name what nobody knew, e.g. functions of families that have come since
    /// ([`crate::formula::functions::provide`]).
    pub fn read_again(&mut self) {
        self.news.insert(Change::Names);
    }

    /// Brings all values up to date with documents, facts and answers.
    pub fn recalculate(&mut self, clock: Clock) -> Recalculated {
        self.recalculate_while(clock, &mut || true).0
    }

    /// The same as long as it may go on, which is asked before each formula. Returns what changed so far and whether all
    /// values are up to date; the next call goes on with those that are not.
    pub fn recalculate_while(&mut self, clock: Clock, may_go_on: &mut dyn FnMut() -> bool) -> (Recalculated, bool) {
        let widened = self.take_over();
        let (outcome, is_done) = self.calculation.recalculate_while(clock.now, clock.seed, may_go_on);
        let done = Recalculated {
            changed: outcome.changed,
            official: outcome.official,
            restructured: outcome.restructured,
            widened,
            requests: outcome.requests,
        };
        (done, is_done)
    }

    /// Hands in a job's answer; the next recalculation uses it where the inputs are still the same.
    pub fn complete(&mut self, key: JobKey, answer: Value) {
        self.calculation.complete(key, answer);
    }

    /// Hands in why there is no answer, where a job was cancelled or failed: whoever asks anew gets a job again.
    pub fn give_up(&mut self, key: JobKey, reason: Value) {
        self.calculation.give_up_call(key, reason);
    }

    /// Hands in an answer of a heavy call to show until the final one comes.
    pub fn complete_early(&mut self, key: JobKey, answer: Value) {
        self.calculation.complete_early(key, answer);
    }

    /// How many heavy calls have an answer that another one is to follow.
    pub fn early_answers(&self) -> usize {
        self.calculation.early_answers()
    }

    /// Has every call whose job was cancelled or failed tried again; whether there was one.
    pub fn try_given_up(&mut self) -> bool {
        self.calculation.try_given_up()
    }

    /// The supply plan that sheets and pages show, where some cell asks for it. Of a workbook whose demand sheet has a measure Consensus it is a plan for that
    /// demand; of several that for least cost, then service, profit and fair shares, then that of the first cell.
    pub fn supply_plan(&self) -> Option<AskedPlan> {
        let demand = self.mirror().sheets().iter().filter(|info| info.role == "demand");
        let mut measures = demand.filter_map(|info| self.sheet(info.id)).flat_map(SheetMirror::measures);
        self.calculation.supply_plan(measures.any(|measure| measure.id.is_plan_demand()))
    }

    /// Why the supply plan that sheets and pages show is not that of the workbook as it is: there is none, and in words why. Sheets go on
    /// showing the plan before.
    pub fn unsolved(&self) -> Option<String> {
        match self.supply_plan()?.answer? {
            Value::Error(error) => Some(
                error.detail().map_or_else(|| "it failed".to_owned(), |detail| detail.trim_end_matches('.').to_owned()),
            ),
            _ => None,
        }
    }

    /// How the forecast that a cell shows was made; `None` where it shows none, or it is not there yet.
    pub fn forecast_of(&self, cell: CellRef) -> Option<ForecastDetails> {
        self.calculation.answers_at(cell).into_iter().find_map(ForecastDetails::of)
    }

    /// Whether any cell still waits for this answer; a job nobody waits for may be ended.
    pub fn is_wanted(&self, key: JobKey) -> bool {
        self.calculation.is_wanted(key)
    }

    /// Whether any cell asks for this answer, known or not.
    pub fn is_asked(&self, key: JobKey) -> bool {
        self.calculation.is_asked(key)
    }

    /// Forgets an answer, e.g. the error of a job that failed: cells that use it ask again.
    pub fn ask_again(&mut self, key: JobKey) {
        self.calculation.ask_again(key);
    }

    /// The cells a cell's formula reads, as rectangles, one step back: for tracing a figure, or an error from a cell
    /// that shows it to its [origin](crate::value::CellError::origin).
    pub fn precedents(&self, cell: CellRef) -> Vec<Area> {
        self.calculation.precedents(cell)
    }

    /// The cells whose formulas read a cell, as rectangles, one step on.
    pub fn dependents(&mut self, cell: CellRef) -> Vec<Area> {
        self.calculation.dependents(cell)
    }

    /// The cells that follow from the seeds, however far, but not out of the sheets `ends` names.
    pub fn reach(&mut self, seeds: &[Seed], ends: &dyn Fn(SheetId) -> bool) -> Reach {
        self.calculation.reach(seeds, ends)
    }

    /// Whether a cell is among those reached.
    pub fn is_reached(&self, reach: &Reach, cell: CellRef) -> bool {
        self.calculation.is_reached(reach, cell)
    }

    /// The cells of a sheet that were reached and are calculated, not entered.
    pub fn reached_formulas(&self, reach: &Reach, sheet: SheetId) -> Vec<CellRef> {
        self.calculation.reached_formulas(reach, sheet)
    }

    /// The documents in columnar form.
    pub fn mirror(&self) -> &Mirror {
        self.documents.mirror()
    }

    /// One sheet of the mirror.
    pub fn sheet(&self, sheet: SheetId) -> Option<&SheetMirror> {
        self.mirror().sheet(sheet)
    }
}
