//! The scenario matrix: demand versions × supply versions × cost versions, each cell calculated once and kept; and
//! versions with drivers changed, to see what their profit hangs on.
//!
//! Frozen versions never change, so a cell is named by the hashes of its three versions and by what is changed in them,
//! and what was worked out for one is good for ever. Cells that are asked for wait in line for one thread: solvers use all cores they may.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use grid_engine::calc::JobKey;
use grid_engine::doc::Edit;
use grid_engine::plan::{self, Bundle, CellState, Changes, PlanSummary, ScenarioId, VersionInfo};
use grid_engine::refs::PersonId;
use grid_engine::workbook::Workbook;
use sha2::{Digest, Sha256};

use crate::clock::clock_at;
use crate::jobs::settle_apart;
use crate::store::{Store, StoreError, WorkbookId};

/// Formulas may nest and chain deeply, as for open workbooks.
const STACK: usize = 64 << 20;
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
}

/// What waits, what is being worked out, and what failed.
#[derive(Default)]
struct Line {
    waiting: VecDeque<Asked>,
    /// The cell being worked out, and what is being done for it.
    current: Option<(JobKey, String)>,
    failed: BTreeMap<JobKey, String>,
    works: bool,
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
    /// No cells yet; `program job` works out heavy calls.
    pub fn new(store: Store, program: PathBuf) -> Self {
        Self { store, program, line: Arc::default() }
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
        if let Some(kept) = self.store.answer(workbook, key)?
            && let Ok(summary) = serde_json::from_slice(&kept)
        {
            return Ok((CellState::Done, Some(summary)));
        }
        let line = lock(&self.line);
        let state = match &line.current {
            Some((current, message)) if *current == key => CellState::Running { message: message.clone() },
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
        let (store, program) = (self.store.clone(), self.program.clone());
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let run = move || {
            let frozen = calculate(&store, &program, &asked, |_| ()).and_then(|workbook| {
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

    /// Forgets the cells of a workbook that are still waiting.
    pub fn cancel(&self, workbook: WorkbookId) {
        lock(&self.line).waiting.retain(|asked| asked.workbook != workbook);
    }

    fn work(&self) {
        let mut guard = lock(&self.line);
        if guard.waiting.is_empty() || std::mem::replace(&mut guard.works, true) {
            return;
        }
        drop(guard);
        let (store, program, line) = (self.store.clone(), self.program.clone(), self.line.clone());
        let run = move || {
            loop {
                let asked = {
                    let mut line = lock(&line);
                    line.current = None;
                    let Some(asked) = line.waiting.pop_front() else {
                        line.works = false;
                        return;
                    };
                    line.current = Some((asked.key, "Putting the versions together".into()));
                    asked
                };
                let tell = |message: String| lock(&line).current = Some((asked.key, message));
                if let Err(message) = work_out(&store, &program, &asked, tell) {
                    tracing::warn!(workbook = %asked.workbook, message, "a scenario was not calculated");
                    lock(&line).failed.insert(asked.key, message);
                }
            }
        };
        if let Err(error) = std::thread::Builder::new().name("scenarios".into()).stack_size(STACK).spawn(run) {
            tracing::error!(%error, "no thread for scenarios");
            lock(&self.line).works = false;
        }
    }
}

fn work_out(store: &Store, program: &Path, asked: &Asked, mut tell: impl FnMut(String)) -> Result<(), String> {
    let workbook = calculate(store, program, asked, &mut tell)?;
    tell("Summing up".into());
    let summary = plan::summarise(&plan::frames(&workbook), &asked.title, &asked.currency);
    let bytes = serde_json::to_vec(&summary).map_err(|error| error.to_string())?;
    store.put_answers(asked.workbook, vec![(asked.key, bytes)]).wait().map_err(|error| error.to_string())
}

/// The scenario as a workbook, calculated.
fn calculate(store: &Store, program: &Path, asked: &Asked, tell: impl FnMut(String)) -> Result<Workbook, String> {
    let parts = |id| {
        let found = store.version(asked.workbook, id).map_err(|error| error.to_string())?;
        found.map(|(version, _)| version.parts).ok_or_else(|| "One of its versions is gone.".to_owned())
    };
    let ScenarioId { demand, supply, cost } = asked.scenario.versions;
    let (demand, supply, cost) = (parts(demand)?, parts(supply)?, parts(cost)?);
    let composed = plan::compose(&demand, &supply, &cost).map_err(|error| error.to_string())?;
    let mut workbook = plan::reopen(&composed).map_err(|error| error.to_string())?;
    change(&mut workbook, &composed, asked)?;
    settle_apart(&mut workbook, clock_at(asked.at), store, asked.workbook, program, tell)?;
    Ok(workbook)
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

/// What a cell is kept under: its versions by their hashes, what is changed in them, and the engine that calculates.
fn key_of(scenario: &Scenario, versions: &[VersionInfo]) -> Option<JobKey> {
    let mut hash = Sha256::new();
    hash.update(b"scenario");
    hash.update(env!("CARGO_PKG_VERSION"));
    for id in [scenario.versions.demand, scenario.versions.supply, scenario.versions.cost] {
        hash.update(&versions.iter().find(|version| version.id == id)?.hash);
    }
    hash.update(scenario.changes.to_string());
    let mut key = [0; 16];
    key.copy_from_slice(&hash.finalize()[..16]);
    Some(JobKey(key))
}

fn lock(line: &Mutex<Line>) -> MutexGuard<'_, Line> {
    // Each change is made at once: what is there is whole after any panic.
    line.lock().unwrap_or_else(PoisonError::into_inner)
}
