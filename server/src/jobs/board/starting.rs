//! Starting jobs: what each runs, and what it reports to the workbook's task.

use std::sync::Arc;

use grid_engine::calc::JobKey;
use grid_engine::formula::{PendingCall, SolveCall};
use grid_engine::supply::study::Study;
use grid_engine::wire::{JobInfo, JobState};
use grid_engine::workbook::JobRequest;
use tokio::time::Instant;

use super::{Board, Running, Work};
use crate::jobs::message::{Report, Task};
use crate::jobs::process::run_task;
use crate::sync::{Command, JobEvent};

/// What hears how far a job is: done, of how many, and in words.
type Progress = Box<dyn FnMut(u64, u64, String) + Send>;

impl Board {
    pub(super) fn start_forecasts(&mut self, requests: &[JobRequest]) -> JobInfo {
        let keys: Vec<JobKey> = requests.iter().map(|request| request.key).collect();
        let calls = requests.iter().filter_map(|request| match &request.call {
            PendingCall::Forecast(call) => Some((**call).clone()),
            PendingCall::Solve(_) => None,
        });
        let task = Task::Forecast { calls: calls.collect() };
        let title = format!("Forecasting {} series", keys.len());
        let (answered, program) = (keys.clone(), self.program.clone());
        self.start(title, keys, Work::Forecasts, |progress| async move {
            match run_task(&program, &task, progress).await {
                Ok(Report::Forecasts { answers }) => JobEvent::Forecasts(answered.into_iter().zip(answers).collect()),
                Ok(_) => JobEvent::Failed { message: "it answered something else".into() },
                Err(message) => JobEvent::Failed { message },
            }
        })
    }

    pub(super) fn start_solve(&mut self, work: Work, key: JobKey, call: Arc<SolveCall>) -> JobInfo {
        let title = match &call.study {
            Study::Plan => "Solving supply",
            Study::WhatIf { .. } => "Trying what if",
            Study::Quantities => "Reading the plan's quantities",
            Study::Relief => "Finding what would free supply",
            Study::ButFor => "Confirming causes of shortages",
            Study::Margins => "Trying one more and one less",
            Study::TradeOff { .. } => "Weighing stock against service",
        };
        let (program, kept) = (self.program.clone(), self.kept_process.clone());
        let id = self.next_id;
        let commands = self.commands.clone();
        self.start(title.to_owned(), vec![key], work, |progress| async move {
            let early = move |answer| {
                // Like progress, it may be left out: the answer itself comes later.
                if let Some(commands) = commands.upgrade() {
                    let event = JobEvent::Early { key, answer: Box::new(answer) };
                    let _ = commands.try_send(Command::Job { id, event });
                }
            };
            match kept.solve(&program, &call, progress, early).await {
                Ok(Report::Solved(answer)) => JobEvent::Solved { key, answer: Box::new(answer) },
                Ok(_) => JobEvent::Failed { message: "it answered something else".into() },
                Err(message) => JobEvent::Failed { message },
            }
        })
    }

    /// Starts a job that `run` makes of what hears of its progress.
    fn start<F>(&mut self, title: String, keys: Vec<JobKey>, work: Work, run: impl FnOnce(Progress) -> F) -> JobInfo
    where
        F: Future<Output = JobEvent> + Send + 'static,
    {
        let id = self.next_id;
        self.next_id += 1;
        let commands = self.commands.clone();
        let heard = commands.clone();
        let progress = Box::new(move |done, total, message| {
            // Progress may be left out when the workbook is busy; the answer may not.
            let event = JobEvent::Progress { done, total, message };
            if let Some(commands) = heard.upgrade() {
                let _ = commands.try_send(Command::Job { id, event });
            }
        });
        let running = run(progress);
        let task = tokio::spawn(async move {
            let event = running.await;
            if let Some(commands) = commands.upgrade() {
                let _ = commands.send(Command::Job { id, event }).await;
            }
        });
        let total = if work == Work::Forecasts { keys.len() as u64 } else { 0 };
        tracing::info!(workbook = %self.workbook, job = id, title, "job started");
        let info = JobInfo { id, title, state: JobState::Running, done: 0, total, message: String::new() };
        let started = Instant::now();
        self.running.insert(id, Running { info: info.clone(), keys, work, started, task });
        info
    }
}
