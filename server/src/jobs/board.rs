//! The jobs of one workbook: what is asked for, what runs, what is out of date.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use grid_engine::calc::JobKey;
use grid_engine::formula::{PendingCall, SolveCall};
use grid_engine::refs::CellRef;
use grid_engine::supply::study::Study;
use grid_engine::wire::{JobInfo, JobState};
use grid_engine::workbook::JobRequest;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::child::failed;
use super::kept_process::KeptProcess;
use super::message::{Answer, KeptAnswer, SolvedPlan};
use crate::store::{Pending, Store, StoreError, WorkbookId};
use crate::sync::{Command, JobEvent};

mod starting;
#[cfg(test)]
mod tests;

/// A solve starts when inputs have rested this long, so that typing does not start fifty.
const REST: Duration = Duration::from_millis(800);
/// The same where each may begin from the last plan, which takes few steps.
const SHORT_REST: Duration = Duration::from_millis(300);
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
    /// Questions to plans, oldest first: each waits for its plan, and then its turn at the process that holds it.
    studies: Vec<(JobKey, Arc<SolveCall>)>,
    /// Who waits for an answer outside the cells.
    listeners: BTreeMap<JobKey, Vec<oneshot::Sender<KeptAnswer>>>,
    kept_process: KeptProcess,
    /// When the first of the waiting solves was asked for, and when an input moved last.
    waiting_since: Option<(Instant, Instant)>,
    running: BTreeMap<u64, Running>,
    ended: Vec<JobInfo>,
}

struct Running {
    info: JobInfo,
    keys: Vec<JobKey>,
    work: Work,
    started: Instant,
    task: JoinHandle<()>,
}

/// What a job works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Forecasts,
    /// The plan that this cell asked for.
    Plan(CellRef),
    /// A question to a plan.
    Study,
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
    /// Answers to hand in that others are to follow.
    pub early: Vec<Answer>,
    /// Why calls have no answer: of jobs that were cancelled or failed.
    pub given_up: Vec<Answer>,
    /// The rows of plans that are still asked for.
    pub plans: Vec<SolvedPlan>,
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
            studies: Vec::new(),
            listeners: BTreeMap::new(),
            kept_process: KeptProcess::default(),
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
                    if let PendingCall::Solve(call) = &request.call
                        && call.study == Study::Plan
                    {
                        self.solves.remove(&request.cell);
                        let KeptAnswer { tables, report, .. } = kept;
                        outcome.plans.push(SolvedPlan { key: request.key, tables, report });
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
            PendingCall::Solve(call) if call.study != Study::Plan => self.queue_study(request.key, call),
            PendingCall::Solve(call) => {
                let now = Instant::now();
                let first = self.waiting_since.map_or(now, |(first, _)| first);
                self.waiting_since = Some((first, now));
                self.solves.insert(request.cell, (request.key, call));
            }
        }
    }

    fn queue_study(&mut self, key: JobKey, call: Arc<SolveCall>) {
        let is_running = self.running.values().any(|running| running.keys.contains(&key));
        if !is_running && self.studies.iter().all(|(known, _)| *known != key) {
            self.studies.push((key, call));
        }
    }

    /// Takes a question to a plan that no cell asks; `told` hears the answer, at once where it is kept.
    pub fn ask(&mut self, call: Arc<SolveCall>, told: oneshot::Sender<KeptAnswer>) {
        let key = JobKey::of(&PendingCall::Solve(call.clone()));
        match self.kept(key) {
            // Whoever asked may have given up.
            Some(kept) => drop(told.send(kept)),
            None => {
                self.listeners.entry(key).or_default().push(told);
                self.queue_study(key, call);
            }
        }
    }

    /// Whether somebody waits for an answer outside the cells.
    fn is_listened_for(&mut self, key: JobKey) -> bool {
        let Some(listeners) = self.listeners.get_mut(&key) else { return false };
        listeners.retain(|told| !told.is_closed());
        let any = !listeners.is_empty();
        if !any {
            self.listeners.remove(&key);
        }
        any
    }

    fn tell_listeners(&mut self, key: JobKey, answer: &KeptAnswer) {
        for told in self.listeners.remove(&key).unwrap_or_default() {
            // Whoever asked may have given up.
            let _ = told.send(answer.clone());
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
        if !self.studies.is_empty() && !self.has_solves() {
            return Some(Instant::now());
        }
        self.solves_due()
    }

    /// When waiting solves start.
    fn solves_due(&self) -> Option<Instant> {
        let (first, last) = self.waiting_since?;
        let are_quick = self.solves.values().all(|(_, call)| self.kept_process.holds(&call.objective));
        let rest = if are_quick { SHORT_REST } else { REST };
        Some((last + rest).min(first + LONGEST_WAIT))
    }

    fn is_running_forecasts(&self) -> bool {
        self.running.values().any(|running| running.work == Work::Forecasts)
    }

    /// Whether a plan or a question to one is being worked out, or a plan waits to be.
    fn has_solves(&self) -> bool {
        self.waiting_since.is_some() || self.running.values().any(|running| running.work != Work::Forecasts)
    }

    /// Starts what is due; the jobs that started, and those that ended because their inputs have changed.
    /// `is_asked` says whether a call's answer is still asked for.
    pub fn start_due(&mut self, is_asked: impl Fn(JobKey) -> bool) -> Vec<JobInfo> {
        let mut news = Vec::new();
        self.forecasts.retain(|request| is_asked(request.key));
        if !self.forecasts.is_empty() && !self.is_running_forecasts() {
            let requests = std::mem::take(&mut self.forecasts);
            news.push(self.start_forecasts(&requests));
        }
        if self.solves_due().is_some_and(|due| due <= Instant::now()) {
            self.waiting_since = None;
            for (cell, (key, call)) in std::mem::take(&mut self.solves) {
                if !is_asked(key) {
                    continue;
                }
                // Several cells may show one solve, and another of them may be the first to ask anew.
                let is_stale = |job: &Running| match job.work {
                    Work::Plan(asker) => asker == cell || !job.keys.iter().any(|key| is_asked(*key)),
                    Work::Forecasts | Work::Study => false,
                };
                let stale: Vec<u64> = self.running.iter().filter(|(_, job)| is_stale(job)).map(|(id, _)| *id).collect();
                for id in stale {
                    news.extend(self.end(id, JobState::Cancelled, "The inputs have changed."));
                }
                news.push(self.start_solve(Work::Plan(cell), key, call));
            }
        }
        for (key, call) in std::mem::take(&mut self.studies) {
            if is_asked(key) || self.is_listened_for(key) {
                self.studies.push((key, call));
            }
        }
        if !self.studies.is_empty() && !self.has_solves() {
            let (key, call) = self.studies.remove(0);
            news.push(self.start_solve(Work::Study, key, call));
        }
        news
    }

    /// Takes a job's report.
    pub fn report(&mut self, id: u64, event: JobEvent, is_asked: impl Fn(JobKey) -> bool) -> Outcome {
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
                let kept: Vec<_> = answers.iter().map(|(key, value)| (*key, KeptAnswer::from(value.clone()))).collect();
                let kept = self.keep(kept.iter().map(|(key, answer)| (*key, answer)).collect());
                Outcome { info: Some(info), kept, answers, ..Outcome::default() }
            }
            JobEvent::Early { key, answer } => {
                if !is_asked(key) || !self.running.contains_key(&id) {
                    return Outcome::default();
                }
                let (early, plans) = shown(key, *answer);
                Outcome { early: vec![early], plans, ..Outcome::default() }
            }
            JobEvent::Solved { key, answer } => {
                let Some(info) = self.end(id, JobState::Done, "") else { return Outcome::default() };
                let kept = self.keep(vec![(key, &answer)]);
                self.tell_listeners(key, &answer);
                let (answer, plans) = shown(key, *answer);
                let plans = if is_asked(key) { plans } else { Vec::new() };
                Outcome { info: Some(info), kept, answers: vec![answer], plans, ..Outcome::default() }
            }
            JobEvent::Failed { message } => self.give_up(id, JobState::Failed, &message),
        }
    }

    fn keep(&self, answers: Vec<(JobKey, &KeptAnswer)>) -> Option<Pending<()>> {
        let encoded: Result<Vec<_>, _> =
            answers.into_iter().map(|(key, answer)| serde_json::to_vec(answer).map(|bytes| (key, bytes))).collect();
        encoded.ok().map(|encoded| self.store.put_answers(self.workbook, encoded))
    }

    /// Ends a running job on someone's wish; `None` when it does not run.
    pub fn cancel(&mut self, id: u64) -> Option<Outcome> {
        self.running.contains_key(&id).then(|| self.give_up(id, JobState::Cancelled, "Cancelled."))
    }

    /// Its cells show the reason instead of waiting for ever; whoever asks again, or with changed inputs, gets a job again.
    fn give_up(&mut self, id: u64, state: JobState, message: &str) -> Outcome {
        let keys = self.running.get(&id).map(|job| job.keys.clone()).unwrap_or_default();
        for key in &keys {
            self.tell_listeners(*key, &failed(message).into());
        }
        let given_up = keys.into_iter().map(|key| (key, failed(message))).collect();
        Outcome { info: self.end(id, state, message), given_up, ..Outcome::default() }
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
        self.running.is_empty() && self.forecasts.is_empty() && self.solves.is_empty() && self.studies.is_empty()
    }

    /// Jobs to show a newcomer.
    pub fn infos(&self) -> Vec<JobInfo> {
        self.ended.iter().chain(self.running.values().map(|job| &job.info)).cloned().collect()
    }
}

/// What is handed in of an answer.
fn shown(key: JobKey, answer: KeptAnswer) -> (Answer, Vec<SolvedPlan>) {
    let KeptAnswer { value, tables, report } = answer;
    let plans = if tables.is_empty() { Vec::new() } else { vec![SolvedPlan { key, tables, report }] };
    ((key, value), plans)
}

/// Logs a kept answer that could not be kept: it will be computed again.
pub async fn log_kept(kept: Pending<()>) {
    if let Err::<(), StoreError>(error) = kept.await {
        tracing::warn!(%error, "answers were not kept");
    }
}
