//! The job process: reads one task from its input, reports progress and the answer on its output.

use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use grid_engine::formula::ForecastCall;
use grid_engine::supply::study::Study;
use grid_engine::value::{CellError, ErrorKind, Value};
use rayon::prelude::*;

use super::forecast::answer;
use super::message::{Report, Task};
use super::prove;
use super::solve::PlanSolver;

/// Forecasts between two reports of progress.
const STEP: u64 = 20;

/// Runs the process: a task a line, until there are no more.
///
/// # Errors
/// When the input is no task or the output is closed.
pub fn run_child() -> Result<(), String> {
    let mut solver = PlanSolver::default();
    for line in std::io::stdin().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let task = serde_json::from_str(&line).map_err(|error| format!("the task cannot be read: {error}"))?;
        drop(line);
        do_task(task, &mut solver)?;
    }
    Ok(())
}

fn do_task(task: Task, solver: &mut PlanSolver) -> Result<(), String> {
    let mut tell = |message| {
        // A closed output is noticed when the answer is written.
        let _ = write(&Report::Progress { done: 0, total: 0, message });
    };
    match task {
        Task::Forecast { calls } => {
            let total = calls.len() as u64;
            write(&forecast_all(&calls, &|done| {
                let _ = write(&Report::Progress { done, total, message: String::new() });
            }))
        }
        Task::Solve { tables, objective, study, keep } => {
            let tables = tables.into_iter().map(|(name, table)| (name, table.into())).collect();
            let mut answer = solver.solve(&tables, &objective, true, &mut tell);
            if study != Study::Plan && answer.report.is_some() {
                answer = solver.study(&study, &mut tell);
            }
            write(&Report::Solved(answer))?;
            if keep {
                solver.restore();
            }
            Ok(())
        }
        Task::Again { tables, objective } => {
            let tables = tables.into_iter().map(|(name, table)| (name, table.into())).collect();
            write(&solver.solve_again(&tables, &objective, &mut tell).map_or(Report::Afresh, Report::Solved))
        }
        Task::Study { study } => {
            write(&Report::Solved(solver.study(&study, &mut tell)))?;
            // While whoever asked reads the answer.
            solver.restore();
            Ok(())
        }
        Task::Prove { bundle } => write(&prove::report(&bundle)),
    }
}

fn write(report: &Report) -> Result<(), String> {
    let line = serde_json::to_string(report).map_err(|error| error.to_string())?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).map_err(|error| error.to_string())
}

/// Forecasts on all cores; `progress` hears how many are done, now and then.
pub(super) fn forecast_all(calls: &[ForecastCall], progress: &(dyn Fn(u64) + Sync)) -> Report {
    let done = AtomicU64::new(0);
    let reporting = Mutex::new(());
    let answers = calls
        .par_iter()
        .map(|call| {
            let answer = answer(call);
            let count = done.fetch_add(1, Ordering::Relaxed) + 1;
            if count.is_multiple_of(STEP)
                && let Ok(_one_at_a_time) = reporting.try_lock()
            {
                progress(count);
            }
            answer
        })
        .collect();
    Report::Forecasts { answers }
}

/// `#N/A` with the reason.
pub(super) fn failed(reason: &str) -> Value {
    Value::Error(CellError::because(ErrorKind::Na, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(history: Vec<Option<f64>>) -> ForecastCall {
        ForecastCall { history, horizon: 3, season: 12, models: "auto".into(), ..ForecastCall::default() }
    }

    #[test]
    fn every_series_has_an_answer_in_its_place() {
        let good = (0..36).map(|n| Some(100.0 + f64::from(n))).collect();
        let Report::Forecasts { answers } = forecast_all(&[call(vec![]), call(good)], &|_| ()) else { unreachable!() };
        assert!(answers[0].as_error().is_some_and(|error| error.detail().is_some()), "{answers:?}");
        assert!(matches!(&answers[1], Value::Array(row) if row.cols() == 4), "{answers:?}");
    }
}
