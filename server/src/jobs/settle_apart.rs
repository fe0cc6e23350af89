//! Calculating a workbook nobody has open: its heavy calls are answered from what the store keeps, and what is missing
//! is worked out in processes of their own, as for open workbooks.

use std::path::Path;

use grid_engine::calc::JobKey;
use grid_engine::formula::PendingCall;
use grid_engine::value::Value;
use grid_engine::workbook::{Clock, JobRequest, Workbook};

use super::layers::layers_of;
use super::message::{KeptAnswer, Report, SolvedTable, Task};
use super::process::run_task;
use super::settle::ROUNDS;
use crate::store::{Store, WorkbookId};
use crate::version_facts;

/// Calculates the workbook until no call is open. Answers are looked up and kept among those of `id`; `tell` hears what
/// is being worked out. It blocks: not for a thread that serves requests.
///
/// # Errors
/// In words, where a job or the store fails.
pub fn settle_apart(
    workbook: &mut Workbook,
    clock: Clock,
    store: &Store,
    id: WorkbookId,
    program: &Path,
    mut tell: impl FnMut(String),
) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    for _ in 0..ROUNDS {
        let requests = workbook.recalculate(clock).requests;
        let reads = version_facts::give(store, id, workbook).map_err(|error| error.to_string())?;
        if requests.is_empty() && !reads {
            return Ok(());
        }
        let mut missing = Vec::new();
        for request in requests {
            match kept(store, id, request.key)? {
                Some(answer) => give(workbook, request.key, answer.value, &answer.tables),
                None => missing.push(request),
            }
        }
        let (forecasts, solves): (Vec<JobRequest>, Vec<JobRequest>) =
            missing.into_iter().partition(|request| matches!(request.call, PendingCall::Forecast(_)));
        let calls: Vec<_> = forecasts
            .iter()
            .filter_map(|request| match &request.call {
                PendingCall::Forecast(call) => Some((**call).clone()),
                PendingCall::Solve(_) => None,
            })
            .collect();
        if !calls.is_empty() {
            tell(format!("Forecasting {} series", calls.len()));
            let task = Task::Forecast { calls };
            let report = runtime.block_on(run_task(program, &task, |_, _, _| ()))?;
            let Report::Forecasts { answers } = report else { return Err("a job answered something else".into()) };
            for (request, value) in forecasts.iter().zip(answers) {
                keep(store, id, request.key, KeptAnswer { value: value.clone(), tables: Vec::new() })?;
                give(workbook, request.key, value, &[]);
            }
        }
        for request in &solves {
            let PendingCall::Solve(call) = &request.call else { continue };
            tell("Solving supply".to_owned());
            let report = runtime.block_on(run_task(program, &Task::solve(call), |_, _, message| tell(message)))?;
            let Report::Solved { value, tables } = report else { return Err("a job answered something else".into()) };
            keep(store, id, request.key, KeptAnswer { value: value.clone(), tables: tables.clone() })?;
            give(workbook, request.key, value, &tables);
        }
    }
    Ok(())
}

fn give(workbook: &mut Workbook, key: JobKey, value: Value, tables: &[SolvedTable]) {
    for (sheet, measure, facts) in layers_of(workbook, tables) {
        workbook.set_facts(sheet, measure, facts);
    }
    workbook.complete(key, value);
}

fn kept(store: &Store, id: WorkbookId, key: JobKey) -> Result<Option<KeptAnswer>, String> {
    let bytes = store.answer(id, key).map_err(|error| error.to_string())?;
    // What cannot be read any more is worked out again.
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

fn keep(store: &Store, id: WorkbookId, key: JobKey, answer: KeptAnswer) -> Result<(), String> {
    let bytes = serde_json::to_vec(&answer).map_err(|error| error.to_string())?;
    store.put_answers(id, vec![(key, bytes)]).wait().map_err(|error| error.to_string())
}
