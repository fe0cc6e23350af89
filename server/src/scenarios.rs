//! The scenario matrix: demand versions × supply versions × cost versions, each cell calculated once and kept; and
//! versions with drivers changed, to see what their profit hangs on.
//!
//! Frozen versions never change, so a cell is named by the hashes of its three versions and by what is changed in
//! them, and what was worked out for one is good for ever. Cells that are asked for wait in line for a few threads, each with one job process at a time, which uses
//! one core.
//!
//! Each solve begins afresh, though many differ in prices only: from another cell's basis another of several equally good
//! plans might come, and a proposed scenario has to be what `equipoise verify` finds from its inputs alone.

use std::collections::{BTreeMap, VecDeque};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use grid_engine::calc::JobKey;
use grid_engine::doc::Edit;
use grid_engine::plan::{self, Bundle, CellState, Changes, PlanSummary, ScenarioId, VersionInfo};
use grid_engine::refs::PersonId;
use grid_engine::workbook::{ScenarioTable, Workbook};
use tokio::sync::watch;

use crate::clock::clock_at;
use crate::jobs::{Apart, InFlight, STOPPED, settle_apart};
use crate::scenario_news::{Heard, News};
use crate::store::{Store, StoreError, WorkbookId};
use key::key_of;

mod earlier;
mod key;

/// Formulas may nest and chain deeply, as for open workbooks.
const STACK: usize = 64 << 20;
/// Cells worked out at once, at most: each takes a core and the memory of a workbook and of a solve.
const MOST_AT_ONCE: usize = 4;
/// Cells that wait at most: a matrix nobody could read is refused.
pub const MAX_CELLS: usize = 60;

/// Steps of one edit: what documents take at once is limited.
const STEPS: usize = 5_000;

/// Versions put together, and what is changed in them.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    pub versions: ScenarioId,
    pub changes: Changes,
}

impl From<ScenarioId> for Scenario {
    fn from(versions: ScenarioId) -> Self {
        Self { versions, changes: Changes::default() }
    }
}

/// All matrices of this process.
pub struct Scenarios {
    store: Store,
    program: PathBuf,
    line: Arc<Mutex<Line>>,
    in_flight: Arc<InFlight>,
    news: News,
}

/// What waits, what is being worked out, and what failed.
#[derive(Default)]
struct Line {
    waiting: VecDeque<Asked>,
    /// The cells being worked out.
    running: BTreeMap<JobKey, Running>,
    failed: BTreeMap<JobKey, String>,
    threads: usize,
}

/// A cell being worked out.
struct Running {
    workbook: WorkbookId,
    /// What is being done for it.
    message: String,
    /// Turns true when it is to end.
    stop: watch::Sender<bool>,
}

struct Asked {
    workbook: WorkbookId,
    key: JobKey,
    scenario: Scenario,
    title: String,
    currency: String,
    /// When the newest of its versions was frozen: what time it is in the scenario.
    at: i64,
}

impl Asked {
    /// `None` where one of the versions is gone.
    fn new(
        workbook: WorkbookId,
        (title, currency): (&str, &str),
        scenario: &Scenario,
        versions: &[VersionInfo],
    ) -> Option<Self> {
        let key = key_of(scenario, versions)?;
        let at = versions.iter().filter(|version| scenario.versions.has(version.id)).map(|version| version.at).max()?;
        Some(Self {
            workbook,
            key,
            scenario: scenario.clone(),
            title: title.to_owned(),
            currency: currency.to_owned(),
            at,
        })
    }
}

impl Scenarios {
    /// No cells yet; `program job` works out heavy calls, `news` hears of every change.
    pub fn new(store: Store, program: PathBuf, news: News) -> Self {
        Self { store, program, line: Arc::default(), in_flight: Arc::default(), news }
    }

    /// How a cell stands, and what is known of it.
    ///
    /// # Errors
    /// When what was kept cannot be read.
    pub fn cell(
        &self,
        workbook: WorkbookId,
        scenario: &Scenario,
        versions: &[VersionInfo],
    ) -> Result<(CellState, Option<PlanSummary>), StoreError> {
        let Some(key) = key_of(scenario, versions) else {
            return Ok((CellState::Failed { message: "One of its versions is gone.".into() }, None));
        };
        if let Some(summary) = kept(&self.store, workbook, scenario, versions)? {
            return Ok((CellState::Done, Some(summary)));
        }
        let line = lock(&self.line);
        let state = match line.running.get(&key) {
            Some(running) => CellState::Running { message: running.message.clone() },
            _ if line.waiting.iter().any(|asked| asked.key == key) => CellState::Waiting,
            _ => match line.failed.get(&key) {
                Some(message) => CellState::Failed { message: message.clone() },
                None => CellState::Open,
            },
        };
        Ok((state, None))
    }

    /// Has cells worked out that are not yet.
    ///
    /// # Errors
    /// When what was kept cannot be read.
    pub fn ask(
        &self,
        workbook: WorkbookId,
        (title, currency): (&str, &str),
        cells: &[Scenario],
        versions: &[VersionInfo],
    ) -> Result<(), StoreError> {
        for scenario in cells {
            let (state, _) = self.cell(workbook, scenario, versions)?;
            let (CellState::Open | CellState::Failed { .. }) = state else { continue };
            let Some(asked) = Asked::new(workbook, (title, currency), scenario, versions) else { continue };
            let mut line = lock(&self.line);
            line.failed.remove(&asked.key);
            line.waiting.push_back(asked);
        }
        self.work();
        changed(&self.news, workbook);
        Ok(())
    }

    /// Freezes a scenario as it was calculated, or as it is calculated now; with the time it is in it.
    ///
    /// # Errors
    /// In words.
    pub async fn freeze(
        &self,
        workbook: WorkbookId,
        (title, currency): (String, String),
        scenario: ScenarioId,
        versions: &[VersionInfo],
    ) -> Result<(Bundle, i64), String> {
        let asked = Asked::new(workbook, (&title, &currency), &scenario.into(), versions);
        let asked = asked.ok_or("One of its versions is gone.")?;
        let (store, program, in_flight) = (self.store.clone(), self.program.clone(), self.in_flight.clone());
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let run = move || {
            let (_never, stop) = watch::channel(false);
            let worker = Worker { store: &store, program: &program, in_flight: &in_flight };
            let frozen = worker.calculate(&asked, stop, |_| ()).and_then(|workbook| {
                let bundle = plan::freeze(&workbook, &title, &currency).map_err(|error| error.to_string())?;
                Ok((bundle, asked.at))
            });
            // Whoever asked may have given up.
            let _ = sender.send(frozen);
        };
        let thread = std::thread::Builder::new().name("scenario".into()).stack_size(STACK).spawn(run);
        thread.map_err(|error| error.to_string())?;
        receiver.await.unwrap_or_else(|_| Err("it ended early".into()))
    }

    /// Forgets the cells of a workbook that are still waiting, and ends those being worked out.
    pub fn cancel(&self, workbook: WorkbookId) {
        let mut line = lock(&self.line);
        line.waiting.retain(|asked| asked.workbook != workbook);
        for running in line.running.values_mut().filter(|running| running.workbook == workbook) {
            running.message = "Stopping".into();
            running.stop.send_replace(true);
        }
        drop(line);
        changed(&self.news, workbook);
    }

    /// The matrix of a plan as formulas read it: everything that was ever asked for, and how it stands. It blocks.
    ///
    /// # Errors
    /// When what was kept cannot be read.
    pub fn table(&self, home: WorkbookId) -> Result<ScenarioTable, StoreError> {
        table(&self.store, home, |scenario, versions| self.cell(home, scenario, versions))
    }

    /// Has enough threads at work for the cells that wait.
    fn work(&self) {
        let at_once = std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST_AT_ONCE);
        let mut line = lock(&self.line);
        while line.threads < at_once.min(line.running.len() + line.waiting.len()) {
            let (store, program) = (self.store.clone(), self.program.clone());
            let (shared, in_flight, news) = (self.line.clone(), self.in_flight.clone(), self.news.clone());
            let run = move || {
                let worker = Worker { store: &store, program: &program, in_flight: &in_flight };
                worker.work(&shared, &news);
            };
            if let Err(error) = std::thread::Builder::new().name("scenarios".into()).stack_size(STACK).spawn(run) {
                tracing::error!(%error, "no thread for scenarios");
                return;
            }
            line.threads += 1;
        }
    }
}

/// What works cells out.
struct Worker<'a> {
    store: &'a Store,
    program: &'a Path,
    in_flight: &'a InFlight,
}

impl Worker<'_> {
    /// Works on what waits until nothing does.
    fn work(&self, line: &Mutex<Line>, news: &News) {
        loop {
            let (asked, stop) = {
                let mut line = lock(line);
                let Some(asked) = line.waiting.pop_front() else {
                    line.threads -= 1;
                    return;
                };
                let (sender, stop) = watch::channel(false);
                let message = "Putting the versions together".into();
                line.running.insert(asked.key, Running { workbook: asked.workbook, message, stop: sender });
                (asked, stop)
            };
            changed(news, asked.workbook);
            let tell = |message: String| {
                let mut line = lock(line);
                if let Some(running) = line.running.get_mut(&asked.key).filter(|running| !*running.stop.borrow()) {
                    running.message = message;
                }
            };
            let outcome = self.work_out(&asked, stop, tell);
            let mut line = lock(line);
            line.running.remove(&asked.key);
            if let Err(message) = outcome
                && message != STOPPED
            {
                tracing::warn!(workbook = %asked.workbook, message, "a scenario was not calculated");
                line.failed.insert(asked.key, message);
            }
            drop(line);
            changed(news, asked.workbook);
        }
    }

    fn work_out(&self, asked: &Asked, stop: watch::Receiver<bool>, mut tell: impl FnMut(String)) -> Result<(), String> {
        let workbook = self.calculate(asked, stop, &mut tell)?;
        tell("Summing up".into());
        let summary = plan::summarise(&plan::frames(&workbook), &asked.title, &asked.currency);
        let bytes = serde_json::to_vec(&summary).map_err(|error| error.to_string())?;
        self.store.put_answers(asked.workbook, vec![(asked.key, bytes)]).wait().map_err(|error| error.to_string())
    }

    /// The scenario as a workbook, calculated.
    fn calculate(
        &self,
        asked: &Asked,
        stop: watch::Receiver<bool>,
        tell: impl FnMut(String),
    ) -> Result<Workbook, String> {
        let parts = |id| {
            let found = self.store.version(asked.workbook, id).map_err(|error| error.to_string())?;
            found.map(|(version, _)| version.parts).ok_or_else(|| "One of its versions is gone.".to_owned())
        };
        let ScenarioId { demand, supply, cost } = asked.scenario.versions;
        let (demand, supply, cost) = (parts(demand)?, parts(supply)?, parts(cost)?);
        let composed = plan::compose(&demand, &supply, &cost).map_err(|error| error.to_string())?;
        let mut workbook = plan::reopen(&composed).map_err(|error| error.to_string())?;
        // A cell of the matrix is kept for good: it must not hang on how far others are.
        workbook.set_scenarios(Arc::default());
        change(&mut workbook, &composed, asked)?;
        let Self { store, program, in_flight } = *self;
        let apart = Apart { store, workbook: asked.workbook, program, in_flight, stop };
        settle_apart(&mut workbook, clock_at(asked.at), apart, tell)?;
        match workbook.unsolved() {
            // What its sheets show is of the plan its supply version was frozen with.
            Some(reason) => Err(format!("Its supply plan cannot be solved: {reason}.")),
            None => Ok(workbook),
        }
    }
}

/// Makes the scenario's changes to its plan, from the figures it was frozen with.
fn change(workbook: &mut Workbook, composed: &[(String, Vec<u8>)], asked: &Asked) -> Result<(), String> {
    if asked.scenario.changes.is_empty() {
        return Ok(());
    }
    let frames = plan::frozen_frames(composed).map_err(|error| error.to_string())?;
    let steps = asked.scenario.changes.steps(&frames).map_err(|error| format!("{error}."))?;
    let by = PersonId::named("scenario").map_err(|error| error.to_string())?;
    for ops in steps.chunks(STEPS) {
        let edit = Edit { by, at: asked.at, why: None, ops: ops.to_vec() };
        workbook.apply(&edit).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The matrix as far as it is kept, for formulas of workbooks that nobody has open. It blocks.
///
/// # Errors
/// When what was kept cannot be read.
pub fn kept_table(store: &Store, home: WorkbookId) -> Result<ScenarioTable, StoreError> {
    table(store, home, |scenario, versions| {
        let kept = kept(store, home, scenario, versions)?;
        Ok((if kept.is_some() { CellState::Done } else { CellState::Open }, kept))
    })
}

fn table(
    store: &Store,
    home: WorkbookId,
    cell: impl Fn(&Scenario, &[VersionInfo]) -> Result<(CellState, Option<PlanSummary>), StoreError>,
) -> Result<ScenarioTable, StoreError> {
    let versions = store.versions(home)?;
    earlier::remember(store, home, &versions)?;
    let mut lines = Vec::new();
    for scenario in store.scenarios(home)? {
        let (state, summary) = cell(&scenario.into(), &versions)?;
        lines.push((scenario, state, summary.as_ref().map(plan::ranked_figures)));
    }
    Ok(plan::scenario_table(&versions, lines))
}

/// What was worked out for a cell.
fn kept(
    store: &Store,
    workbook: WorkbookId,
    scenario: &Scenario,
    versions: &[VersionInfo],
) -> Result<Option<PlanSummary>, StoreError> {
    let Some(key) = key_of(scenario, versions) else { return Ok(None) };
    Ok(store.answer(workbook, key)?.and_then(|kept| serde_json::from_slice(&kept).ok()))
}

fn changed(news: &News, workbook: WorkbookId) {
    // Nobody listens any more when the server stops.
    let _ = news.send(Heard::Changed(workbook));
}

fn lock(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    // Each change is made at once: what is there is whole after any panic.
    line.lock().unwrap_or_else(PoisonError::into_inner)
}
