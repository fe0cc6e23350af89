//! The jobs of one workbook: what is asked for, what runs, what is out of date.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use grid_engine::calc::JobKey;
use grid_engine::formula::{PendingCall, SolveCall};
use grid_engine::refs::CellRef;
use grid_engine::value::Value;
use grid_engine::wire::{JobInfo, JobState};
use grid_engine::workbook::JobRequest;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::child::failed;
use super::message::{Answer, KeptAnswer, Report, SolvedTable, Task};
use super::process::run_task;
use crate::store::{Pending, Store, StoreError, WorkbookId};
use crate::sync::{Command, JobEvent};

/// A solve starts when inputs have rested this long, so that typing does not start fifty.
const REST: Duration = Duration::from_millis(800);
/// Where inputs never rest, a solve starts after this long all the same.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// Ended jobs that newcomers are told of.
const REMEMBERED: usize = 5;

/// Jobs waiting, running and ended.
pub struct Board {
    store: Store,
    workbook: WorkbookId,
    program: PathBuf,
    /// Weak, or a workbook would never be seen to have no users.
    commands: mpsc::WeakSender<Command>,
    next_id: u64,
    forecasts: Vec<JobRequest>,
    /// The newest solve each cell asks for.
    solves: BTreeMap<CellRef, (JobKey, Arc<SolveCall>)>,
    /// When the first of the waiting solves was asked for, and when an input moved last.
    waiting_since: Option<(Instant, Instant)>,
    running: BTreeMap<u64, Running>,
    ended: Vec<JobInfo>,
}

struct Running {
    info: JobInfo,
    keys: Vec<JobKey>,
    /// The cell of a solve.
    cell: Option<CellRef>,
    started: Instant,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Dropping the conversation with the process ends the process.
        self.task.abort();
    }
}

/// What came of a job that has ended.
#[derive(Default)]
pub struct Outcome {
    pub info: Option<JobInfo>,
    /// Answers to hand in.
    pub answers: Vec<Answer>,
    /// The plan's rows, where it is the newest one asked for.
    pub tables: Vec<SolvedTable>,
    /// Keeping the answers.
    pub kept: Option<Pending<()>>,
}

impl Board {
    /// An empty board; `program job` computes, and its reports go to `commands`.
    pub fn new(store: Store, workbook: WorkbookId, program: PathBuf, commands: mpsc::WeakSender<Command>) -> Self {
        Self {
            store,
            workbook,
            program,
            commands,
            next_id: 1,
            forecasts: Vec::new(),
            solves: BTreeMap::new(),
            waiting_since: None,
            running: BTreeMap::new(),
            ended: Vec::new(),
        }
    }

    /// Takes calls that need an answer. Answers the store still has come back at once.
    ///
    /// # Errors
    /// When the store cannot be read; the calls are computed then.
    pub fn request(&mut self, requests: Vec<JobRequest>) -> Outcome {
        let mut outcome = Outcome::default();
        for request in requests {
            match self.kept(request.key) {
                Some(kept) => {
                    if let PendingCall::Solve(_) = request.call {
                        self.solves.remove(&request.cell);
                        outcome.tables = kept.tables;
                    }
                    outcome.answers.push((request.key, kept.value));
                }
                None => self.queue(request),
            }
        }
        outcome
    }

    fn kept(&self, key: JobKey) -> Option<KeptAnswer> {
        let bytes = self.store.answer(self.workbook, key).unwrap_or_else(|error| {
            tracing::warn!(%error, "a kept answer cannot be read; it is computed again");
            None
        });
        serde_json::from_slice(&bytes?).ok()
    }

    fn queue(&mut self, request: JobRequest) {
        if self.running.values().any(|running| running.keys.contains(&request.key)) {
            return;
        }
        match request.call {
            PendingCall::Forecast(_) => self.forecasts.push(request),
            PendingCall::Solve(call) => {
                let now = Instant::now();
                let first = self.waiting_since.map_or(now, |(first, _)| first);
                self.waiting_since = Some((first, now));
                self.solves.insert(request.cell, (request.key, call));
            }
        }
    }

    /// How long the oldest running job has been running.
    pub fn oldest(&self) -> Duration {
        self.running.values().map(|running| running.started.elapsed()).max().unwrap_or_default()
    }

    /// An input has changed: waiting solves wait for it to rest.
    pub fn inputs_moved(&mut self) {
        if let Some((_, last)) = &mut self.waiting_since {
            *last = Instant::now();
        }
    }

    /// When [`start_due`](Self::start_due) has something to do.
    pub fn next_due(&self) -> Option<Instant> {
        if !self.forecasts.is_empty() && !self.is_running_forecasts() {
            return Some(Instant::now());
        }
        self.waiting_since.map(|(first, last)| (last + REST).min(first + LONGEST_WAIT))
    }

    fn is_running_forecasts(&self) -> bool {
        self.running.values().any(|running| running.cell.is_none())
    }

    /// Starts what is due; the jobs that started, and those that ended because their inputs have changed.
    /// `is_wanted` says whether a call's answer is still asked for.
    pub fn start_due(&mut self, is_wanted: impl Fn(JobKey) -> bool) -> Vec<JobInfo> {
        let mut news = Vec::new();
        self.forecasts.retain(|request| is_wanted(request.key));
        if !self.forecasts.is_empty() && !self.is_running_forecasts() {
            let requests = std::mem::take(&mut self.forecasts);
            news.push(self.start_forecasts(&requests));
        }
        let now = Instant::now();
        if self.waiting_since.is_some_and(|(first, last)| now >= (last + REST).min(first + LONGEST_WAIT)) {
            self.waiting_since = None;
            for (cell, (key, call)) in std::mem::take(&mut self.solves) {
                if !is_wanted(key) {
                    continue;
                }
                // Several cells may show one solve, and another of them may be the first to ask anew.
                let is_stale = |job: &Running| {
                    job.cell.is_some_and(|asker| asker == cell || !job.keys.iter().any(|key| is_wanted(*key)))
                };
                let stale: Vec<u64> = self.running.iter().filter(|(_, job)| is_stale(job)).map(|(id, _)| *id).collect();
                for id in stale {
                    news.extend(self.end(id, JobState::Cancelled, "The inputs have changed."));
                }
                news.push(self.start_solve(cell, key, &call));
            }
        }
        news
    }

    fn start_forecasts(&mut self, requests: &[JobRequest]) -> JobInfo {
        let keys: Vec<JobKey> = requests.iter().map(|request| request.key).collect();
        let calls = requests.iter().filter_map(|request| match &request.call {
            PendingCall::Forecast(call) => Some((**call).clone()),
            PendingCall::Solve(_) => None,
        });
        let task = Task::Forecast { calls: calls.collect() };
        let title = format!("Forecasting {} series", keys.len());
        let answered = keys.clone();
        self.start(title, keys, None, task, move |report| match report {
            Report::Forecasts { answers } => JobEvent::Forecasts(answered.into_iter().zip(answers).collect()),
            _ => JobEvent::Failed { message: "it answered something else".into() },
        })
    }

    fn start_solve(&mut self, cell: CellRef, key: JobKey, call: &SolveCall) -> JobInfo {
        let task = Task::solve(call);
        self.start("Solving supply".to_owned(), vec![key], Some(cell), task, move |report| match report {
            Report::Solved { value, tables } => JobEvent::Solved { key, value, tables },
            _ => JobEvent::Failed { message: "it answered something else".into() },
        })
    }

    fn start(
        &mut self,
        title: String,
        keys: Vec<JobKey>,
        cell: Option<CellRef>,
        task: Task,
        read: impl FnOnce(Report) -> JobEvent + Send + 'static,
    ) -> JobInfo {
        let id = self.next_id;
        self.next_id += 1;
        let (program, commands) = (self.program.clone(), self.commands.clone());
        let task = tokio::spawn(async move {
            let progress = |done, total, message| {
                // Progress may be left out when the workbook is busy; the answer may not.
                let event = JobEvent::Progress { done, total, message };
                if let Some(commands) = commands.upgrade() {
                    let _ = commands.try_send(Command::Job { id, event });
                }
            };
            let event = match run_task(&program, &task, progress).await {
                Ok(report) => read(report),
                Err(message) => JobEvent::Failed { message },
            };
            if let Some(commands) = commands.upgrade() {
                let _ = commands.send(Command::Job { id, event }).await;
            }
        });
        let total = if cell.is_none() { keys.len() as u64 } else { 0 };
        tracing::info!(workbook = %self.workbook, job = id, title, "job started");
        let info = JobInfo { id, title, state: JobState::Running, done: 0, total, message: String::new() };
        let started = Instant::now();
        self.running.insert(id, Running { info: info.clone(), keys, cell, started, task });
        info
    }

    /// Takes a job's report.
    pub fn report(&mut self, id: u64, event: JobEvent, is_wanted: impl Fn(JobKey) -> bool) -> Outcome {
        match event {
            JobEvent::Progress { done, total, message } => Outcome {
                info: self.running.get_mut(&id).map(|job| {
                    let total = if total == 0 { job.info.total } else { total };
                    job.info = JobInfo { done, total, message, ..job.info.clone() };
                    job.info.clone()
                }),
                ..Outcome::default()
            },
            JobEvent::Forecasts(answers) => {
                let Some(info) = self.end(id, JobState::Done, "") else { return Outcome::default() };
                let kept = answers.iter().map(|(key, value)| (*key, value, Vec::new())).collect();
                Outcome { info: Some(info), kept: self.keep(kept), answers, tables: Vec::new() }
            }
            JobEvent::Solved { key, value, tables } => {
                let Some(info) = self.end(id, JobState::Done, "") else { return Outcome::default() };
                let kept = self.keep(vec![(key, &value, tables.clone())]);
                let tables = if is_wanted(key) { tables } else { Vec::new() };
                Outcome { info: Some(info), kept, answers: vec![(key, value)], tables }
            }
            JobEvent::Failed { message } => self.give_up(id, JobState::Failed, &message),
        }
    }

    fn keep(&self, answers: Vec<(JobKey, &Value, Vec<SolvedTable>)>) -> Option<Pending<()>> {
        let encoded: Result<Vec<_>, _> = answers
            .into_iter()
            .map(|(key, value, tables)| {
                serde_json::to_vec(&KeptAnswer { value: value.clone(), tables }).map(|bytes| (key, bytes))
            })
            .collect();
        encoded.ok().map(|encoded| self.store.put_answers(self.workbook, encoded))
    }

    /// Ends a running job on someone's wish; `None` when it does not run.
    pub fn cancel(&mut self, id: u64) -> Option<Outcome> {
        self.running.contains_key(&id).then(|| self.give_up(id, JobState::Cancelled, "Cancelled."))
    }

    /// Its cells show the reason instead of waiting for ever; changed inputs ask anew.
    fn give_up(&mut self, id: u64, state: JobState, message: &str) -> Outcome {
        let keys = self.running.get(&id).map(|job| job.keys.clone()).unwrap_or_default();
        let answers = keys.into_iter().map(|key| (key, failed(message))).collect();
        Outcome { info: self.end(id, state, message), answers, ..Outcome::default() }
    }

    fn end(&mut self, id: u64, state: JobState, message: &str) -> Option<JobInfo> {
        let job = self.running.remove(&id)?;
        let took = job.started.elapsed();
        tracing::info!(workbook = %self.workbook, job = id, ?state, ?took, message, "job ended");
        let done = if state == JobState::Done { job.info.total } else { job.info.done };
        let info = JobInfo { state, done, message: message.to_owned(), ..job.info.clone() };
        if self.ended.len() == REMEMBERED {
            self.ended.remove(0);
        }
        self.ended.push(info.clone());
        Some(info)
    }

    /// Whether nothing is running or waiting to.
    pub fn is_idle(&self) -> bool {
        self.running.is_empty() && self.forecasts.is_empty() && self.solves.is_empty()
    }

    /// Jobs to show a newcomer.
    pub fn infos(&self) -> Vec<JobInfo> {
        self.ended.iter().chain(self.running.values().map(|job| &job.info)).cloned().collect()
    }
}

/// Logs a kept answer that could not be kept: it will be computed again.
pub async fn log_kept(kept: Pending<()>) {
    if let Err::<(), StoreError>(error) = kept.await {
        tracing::warn!(%error, "answers were not kept");
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;
    use grid_engine::formula::ForecastCall;
    use grid_engine::refs::{ColId, MeasureId, RowId, SheetId};

    const LATER: Duration = Duration::from_secs(3600);

    fn board(folder: &std::path::Path) -> (Board, mpsc::Receiver<Command>, mpsc::Sender<Command>) {
        let (commands, inbox) = mpsc::channel(16);
        let store = Store::open(folder).unwrap();
        let id = WorkbookId::named("plan").unwrap();
        (Board::new(store, id, "/nowhere/at/all".into(), commands.downgrade()), inbox, commands)
    }

    fn request(call: PendingCall) -> JobRequest {
        let cell = CellRef {
            sheet: SheetId::named("s").unwrap(),
            row: RowId::named("r").unwrap(),
            col: ColId::fixed(MeasureId::named("m").unwrap()),
        };
        JobRequest { key: JobKey::of(&call), cell, call }
    }

    fn solve(objective: &str) -> JobRequest {
        request(PendingCall::Solve(SolveCall { tables: BTreeMap::new(), objective: objective.into() }.into()))
    }

    fn forecast(value: f64) -> JobRequest {
        let call = ForecastCall {
            history: vec![Some(value)],
            horizon: 1,
            season: 1,
            models: "auto".into(),
            ..ForecastCall::default()
        };
        request(PendingCall::Forecast(Box::new(call)))
    }

    /// Makes the waiting solves due without waiting.
    fn rest(board: &mut Board) {
        let (first, last) = board.waiting_since.unwrap();
        board.waiting_since = Some((first - LATER, last - LATER));
    }

    async fn event(inbox: &mut mpsc::Receiver<Command>) -> (u64, JobEvent) {
        match inbox.recv().await.unwrap() {
            Command::Job { id, event } => (id, event),
            _ => panic!("no report"),
        }
    }

    #[tokio::test]
    async fn a_solve_waits_until_inputs_rest_and_only_the_newest_starts() {
        let folder = tempfile::tempdir().unwrap();
        let (mut board, _inbox, _commands) = board(folder.path());
        let asked = Instant::now();
        board.request(vec![solve("cost")]);
        board.request(vec![solve("profit")]);
        assert!(board.start_due(|_| true).is_empty(), "inputs do not rest yet");
        assert!(board.next_due().unwrap() >= asked + REST);
        board.waiting_since = Some((asked - LATER, asked));
        board.inputs_moved();
        assert!(board.next_due().unwrap() <= Instant::now(), "never longer than the longest wait");
        let started = board.start_due(|_| true);
        assert_eq!(started.len(), 1);
        assert_eq!(board.running[&started[0].id].keys, [solve("profit").key]);
        board.request(vec![solve("service")]);
        rest(&mut board);
        let states: Vec<_> = board.start_due(|_| true).into_iter().map(|job| (job.id, job.state)).collect();
        assert_eq!(states, [(1, JobState::Cancelled), (2, JobState::Running)], "changed inputs end the running one");
    }

    #[tokio::test]
    async fn a_solve_ends_when_no_cell_shows_it_any_more_whichever_asks_next() {
        let folder = tempfile::tempdir().unwrap();
        let (mut board, _inbox, _commands) = board(folder.path());
        board.request(vec![solve("cost")]);
        rest(&mut board);
        board.start_due(|_| true);
        let other = CellRef { row: RowId::named("other").unwrap(), ..solve("cost").cell };
        board.request(vec![JobRequest { cell: other, ..solve("profit") }]);
        rest(&mut board);
        let states: Vec<_> =
            board.start_due(|key| key == solve("profit").key).into_iter().map(|job| job.state).collect();
        assert_eq!(states, [JobState::Cancelled, JobState::Running]);
        board.request(vec![JobRequest { cell: other, ..solve("fair") }]);
        board.request(vec![solve("service")]);
        rest(&mut board);
        let states: Vec<_> = board.start_due(|_| true).into_iter().map(|job| job.state).collect();
        assert_eq!(
            states,
            [JobState::Running, JobState::Cancelled, JobState::Running],
            "a solve of another cell goes on"
        );
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_not_computed() {
        let folder = tempfile::tempdir().unwrap();
        let (mut board, _inbox, _commands) = board(folder.path());
        board.request(vec![solve("cost"), forecast(1.0)]);
        rest(&mut board);
        assert!(board.start_due(|_| false).is_empty());
        assert!(board.next_due().is_none());
    }

    #[tokio::test]
    async fn forecasts_go_together_and_a_failure_is_an_answer_with_its_reason() {
        let folder = tempfile::tempdir().unwrap();
        let (mut board, mut inbox, _commands) = board(folder.path());
        board.request(vec![forecast(1.0), forecast(2.0)]);
        let started = board.start_due(|_| true);
        assert_eq!(started[0].title, "Forecasting 2 series");
        board.request(vec![forecast(2.0)]);
        assert!(board.forecasts.is_empty(), "it runs already");
        let (id, failure) = event(&mut inbox).await;
        let outcome = board.report(id, failure, |_| true);
        assert_eq!(outcome.info.unwrap().state, JobState::Failed);
        assert_eq!(outcome.answers.len(), 2);
        let reason = outcome.answers[0].1.as_error().unwrap().detail().cloned().unwrap();
        assert!(reason.contains("did not start"), "{reason}");
        assert!(board.cancel(id).is_none(), "it has ended");
    }

    #[tokio::test]
    async fn a_kept_answer_comes_back_at_once_and_a_stale_plan_is_not_shown() {
        let folder = tempfile::tempdir().unwrap();
        let (mut board, mut inbox, _commands) = board(folder.path());
        board.request(vec![solve("cost")]);
        rest(&mut board);
        board.start_due(|_| true);
        event(&mut inbox).await;
        let table = SolvedTable { role: "supply".into(), measures: Vec::new(), rows: Vec::new() };
        let solved = || JobEvent::Solved { key: solve("cost").key, value: 5.0.into(), tables: vec![table.clone()] };
        let outcome = board.report(1, solved(), |_| false);
        assert!(outcome.tables.is_empty(), "inputs have changed meanwhile");
        outcome.kept.unwrap().await.unwrap();
        let again = board.request(vec![solve("cost")]);
        assert_eq!(again.answers, [(solve("cost").key, 5.0.into())]);
        assert_eq!(again.tables, [table]);
        assert!(board.next_due().is_none());
    }
}
