//! Everything a workbook waits for, computed here and now: for a workbook that is being made, before anyone looks.

use grid_engine::calc::JobKey;
use grid_engine::formula::PendingCall;
use grid_engine::workbook::{Clock, JobRequest, Workbook};

use super::child::forecast_all;
use super::layers::layers_of;
use super::message::{KeptAnswer, Report, SolvedTable};
use super::solve::solve;

/// Rounds at most: forecasts, then the solve that reads them, then what reads the solve. A workbook whose heavy calls
/// feed each other for ever is left as far as it came.
pub(super) const ROUNDS: usize = 8;

/// Calculates the workbook until no call is open, and returns the answers as the store keeps them.
///
/// # Errors
/// When an answer cannot be written down.
pub fn settle(workbook: &mut Workbook, clock: Clock) -> Result<Vec<(JobKey, Vec<u8>)>, String> {
    let mut kept = Vec::new();
    for _ in 0..ROUNDS {
        let requests = workbook.recalculate(clock).requests;
        if requests.is_empty() {
            break;
        }
        let (forecasts, solves): (Vec<JobRequest>, Vec<JobRequest>) =
            requests.into_iter().partition(|request| matches!(request.call, PendingCall::Forecast(_)));
        let calls: Vec<_> = forecasts
            .iter()
            .filter_map(|request| match &request.call {
                PendingCall::Forecast(call) => Some((**call).clone()),
                PendingCall::Solve(_) => None,
            })
            .collect();
        if let Report::Forecasts { answers } = forecast_all(&calls, &|_| ()) {
            for (request, value) in forecasts.iter().zip(answers) {
                keep(&mut kept, workbook, request.key, KeptAnswer { value, tables: Vec::new() })?;
            }
        }
        for request in &solves {
            let PendingCall::Solve(call) = &request.call else { continue };
            if let Report::Solved { value, tables } = solve(&call.tables, &call.objective, false, &mut |_| ()) {
                show(workbook, &tables);
                keep(&mut kept, workbook, request.key, KeptAnswer { value, tables })?;
            }
        }
    }
    Ok(kept)
}

fn show(workbook: &mut Workbook, tables: &[SolvedTable]) {
    for (sheet, measure, facts) in layers_of(workbook, tables) {
        workbook.set_facts(sheet, measure, facts);
    }
}

fn keep(
    kept: &mut Vec<(JobKey, Vec<u8>)>,
    workbook: &mut Workbook,
    key: JobKey,
    answer: KeptAnswer,
) -> Result<(), String> {
    kept.push((key, serde_json::to_vec(&answer).map_err(|error| error.to_string())?));
    workbook.complete(key, answer.value);
    Ok(())
}
