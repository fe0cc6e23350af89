//! Calculating a workbook until no heavy call is open: one that is being made, before anyone looks, or one nobody has open.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use grid_engine::calc::JobKey;
use grid_engine::formula::{ForecastCall, PendingCall, SolveCall};
use grid_engine::supply::study::Study;
use grid_engine::value::Value;
use grid_engine::workbook::{Clock, JobRequest, Workbook};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use super::child::forecast_all;
use super::in_flight::InFlight;
use super::kept_process::base_of;
use super::layers::layers_of;
use super::message::{KeptAnswer, Report, SolvedTable, Task};
use super::process::run_task;
use super::solve::PlanSolver;
use crate::store::{Store, WorkbookId};
use crate::version_facts;

/// Rounds at most: forecasts, then the solve that reads them, then what reads the solve. A workbook whose heavy calls
/// feed each other for ever is left as far as it came.
const ROUNDS: usize = 8;

/// Where answers to heavy calls come from.
trait Answering {
    /// Hands in what else the workbook waits for; whether there was anything.
    fn give_more(&mut self, workbook: &mut Workbook) -> Result<bool, String>;
    /// The answer of a call that was answered before.
    fn known(&mut self, key: JobKey) -> Result<Option<KeptAnswer>, String>;
    /// Works out forecasts, an answer for each.
    fn forecast(&mut self, calls: Vec<ForecastCall>) -> Result<Vec<Value>, String>;
    /// Works out a plan, or the answer to a question about one, and keeps it.
    fn solve(&mut self, key: JobKey, call: &Arc<SolveCall>) -> Result<KeptAnswer, String>;
    /// Keeps an answer for later.
    fn keep(&mut self, key: JobKey, answer: &KeptAnswer) -> Result<(), String>;
}

fn settle_by(workbook: &mut Workbook, clock: Clock, answering: &mut impl Answering) -> Result<(), String> {
    let mut plans = Plans::default();
    for _ in 0..ROUNDS {
        let requests = workbook.recalculate(clock).requests;
        let has_more = answering.give_more(workbook)?;
        if !plans.show(workbook) && !has_more && requests.is_empty() {
            return Ok(());
        }
        let (mut forecasts, mut calls, mut solves): (Vec<JobKey>, Vec<ForecastCall>, Vec<JobRequest>) =
            Default::default();
        for request in requests {
            if let Some(answer) = answering.known(request.key)? {
                plans.give(workbook, request.key, answer);
                continue;
            }
            match request.call {
                PendingCall::Forecast(call) => {
                    forecasts.push(request.key);
                    calls.push(*call);
                }
                PendingCall::Solve(_) => solves.push(request),
            }
        }
        if !calls.is_empty() {
            for (key, value) in forecasts.into_iter().zip(answering.forecast(calls)?) {
                let answer = KeptAnswer::from(value);
                answering.keep(key, &answer)?;
                plans.give(workbook, key, answer);
            }
        }
        for request in &solves {
            let PendingCall::Solve(call) = &request.call else { continue };
            let answer = answering.solve(request.key, call)?;
            plans.give(workbook, request.key, answer);
        }
    }
    Ok(())
}

/// The plans solved meanwhile, of which sheets show one.
#[derive(Default)]
struct Plans {
    solved: BTreeMap<JobKey, Vec<SolvedTable>>,
    shown: Option<JobKey>,
}

impl Plans {
    fn give(&mut self, workbook: &mut Workbook, key: JobKey, answer: KeptAnswer) {
        if !answer.tables.is_empty() {
            self.solved.insert(key, answer.tables);
        }
        workbook.complete(key, answer.value);
        self.show(workbook);
    }

    /// Has the sheets show the plan that is the workbook's now; whether they showed another.
    fn show(&mut self, workbook: &mut Workbook) -> bool {
        let Some(key) = workbook.supply_plan().map(|plan| plan.key) else { return false };
        let Some(tables) = self.solved.get(&key).filter(|_| self.shown != Some(key)) else { return false };
        self.shown = Some(key);
        for (sheet, measure, facts) in layers_of(workbook, tables) {
            workbook.set_facts(sheet, measure, facts);
        }
        true
    }
}

/// Calculates the workbook here and now, and returns the answers as the store keeps them.
///
/// # Errors
/// When an answer cannot be written down.
pub fn settle(workbook: &mut Workbook, clock: Clock) -> Result<Vec<(JobKey, Vec<u8>)>, String> {
    let mut here = Here::default();
    settle_by(workbook, clock, &mut here)?;
    Ok(here.kept)
}

/// Answers are worked out in this process.
#[derive(Default)]
struct Here {
    kept: Vec<(JobKey, Vec<u8>)>,
    solver: PlanSolver,
    /// The plan that the solver holds.
    solved: Option<JobKey>,
}

impl Here {
    fn work_out(&mut self, call: &Arc<SolveCall>) -> KeptAnswer {
        let base = base_of(call);
        if self.solved != Some(base) || call.study == Study::Plan {
            let plan = self.solver.solve(&call.tables, &call.objective, false, &mut |_| ());
            self.solved = plan.report.is_some().then_some(base);
            if call.study == Study::Plan || self.solved.is_none() {
                return plan;
            }
        }
        self.solver.study(&call.study, &mut |_| ())
    }
}

impl Answering for Here {
    /// Frozen with the plan is what its formulas read; of a matrix that nobody had calculated nothing is.
    fn give_more(&mut self, workbook: &mut Workbook) -> Result<bool, String> {
        Ok(workbook.take_wanted_scenarios() && workbook.set_scenarios(Arc::default()))
    }

    fn known(&mut self, _: JobKey) -> Result<Option<KeptAnswer>, String> {
        Ok(None)
    }

    fn forecast(&mut self, calls: Vec<ForecastCall>) -> Result<Vec<Value>, String> {
        match forecast_all(&calls, &|_| ()) {
            Report::Forecasts { answers } => Ok(answers),
            _ => Err("forecasts have no answer".into()),
        }
    }

    fn solve(&mut self, key: JobKey, call: &Arc<SolveCall>) -> Result<KeptAnswer, String> {
        let answer = self.work_out(call);
        self.keep(key, &answer)?;
        Ok(answer)
    }

    fn keep(&mut self, key: JobKey, answer: &KeptAnswer) -> Result<(), String> {
        self.kept.push((key, serde_json::to_vec(answer).map_err(|error| error.to_string())?));
        Ok(())
    }
}

/// How a workbook that nobody has open is calculated.
pub struct Apart<'a> {
    pub store: &'a Store,
    /// Whose answers are looked up and kept.
    pub workbook: WorkbookId,
    pub program: &'a Path,
    /// What others are working out meanwhile.
    pub in_flight: &'a InFlight,
    /// Turns true when nobody waits any more.
    pub stop: watch::Receiver<bool>,
}

/// Why a calculation that was stopped has no result.
pub const STOPPED: &str = "Stopped.";

/// Calculates the workbook; its heavy calls are answered from what the store keeps, and what is missing is worked out in
/// processes of their own, as for open workbooks. `tell` hears what is being worked out. It blocks: not for a thread that
/// serves requests.
///
/// # Errors
/// In words, where a job or the store fails, and [`STOPPED`].
pub fn settle_apart(
    workbook: &mut Workbook,
    clock: Clock,
    apart: Apart<'_>,
    tell: impl FnMut(String),
) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    settle_by(workbook, clock, &mut InProcesses { apart, runtime, tell })
}

struct InProcesses<'a, T> {
    apart: Apart<'a>,
    runtime: Runtime,
    tell: T,
}

impl<T: FnMut(String)> InProcesses<'_, T> {
    fn run(&mut self, task: &Task) -> Result<Report, String> {
        let Self { apart, runtime, tell } = self;
        let (program, mut stop) = (apart.program, apart.stop.clone());
        runtime.block_on(async {
            tokio::select! {
                report = run_task(program, task, |_, _, message| tell(message)) => report,
                // Dropping the other branch ends its process.
                Ok(_) = stop.wait_for(|stop| *stop) => Err(STOPPED.to_owned()),
            }
        })
    }
}

impl<T: FnMut(String)> Answering for InProcesses<'_, T> {
    fn give_more(&mut self, workbook: &mut Workbook) -> Result<bool, String> {
        let Apart { store, workbook: id, .. } = self.apart;
        version_facts::give(store, id, workbook).map_err(|error| error.to_string())
    }

    fn known(&mut self, key: JobKey) -> Result<Option<KeptAnswer>, String> {
        if *self.apart.stop.borrow() {
            return Err(STOPPED.to_owned());
        }
        let bytes = self.apart.store.answer(self.apart.workbook, key).map_err(|error| error.to_string())?;
        // What cannot be read any more is worked out again.
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    fn forecast(&mut self, calls: Vec<ForecastCall>) -> Result<Vec<Value>, String> {
        (self.tell)(format!("Forecasting {} series", calls.len()));
        match self.run(&Task::Forecast { calls })? {
            Report::Forecasts { answers } => Ok(answers),
            _ => Err("a job answered something else".into()),
        }
    }

    fn solve(&mut self, key: JobKey, call: &Arc<SolveCall>) -> Result<KeptAnswer, String> {
        (self.tell)("Solving supply".to_owned());
        let in_flight = self.apart.in_flight;
        // Cells of a matrix often share a solve: the second one waits for the answer of the first.
        let _turn = in_flight.begin(key, || *self.apart.stop.borrow()).ok_or(STOPPED)?;
        if let Some(answer) = self.known(key)? {
            return Ok(answer);
        }
        match self.run(&Task::solve(call, false))? {
            Report::Solved(answer) => {
                // Before the turn ends, so that whoever waits for it finds it.
                self.keep(key, &answer)?;
                Ok(answer)
            }
            _ => Err("a job answered something else".into()),
        }
    }

    fn keep(&mut self, key: JobKey, answer: &KeptAnswer) -> Result<(), String> {
        let bytes = serde_json::to_vec(answer).map_err(|error| error.to_string())?;
        self.apart.store.put_answers(self.apart.workbook, vec![(key, bytes)]).wait().map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use grid_engine::calendar::Horizon;
    use grid_engine::doc::Span;
    use grid_engine::refs::{MeasureId, PersonId, SheetId};

    use super::*;
    use crate::exchange::blueprint::{Blueprint, MeasureBlueprint, RowBlueprint, SheetBlueprint};
    use crate::jobs::SolvedRow;

    /// Plans in which as much is in stock as the place of their objective says.
    struct Told;

    impl Answering for Told {
        fn give_more(&mut self, _: &mut Workbook) -> Result<bool, String> {
            Ok(false)
        }

        fn known(&mut self, _: JobKey) -> Result<Option<KeptAnswer>, String> {
            Ok(None)
        }

        fn forecast(&mut self, _: Vec<ForecastCall>) -> Result<Vec<Value>, String> {
            Err("nothing is forecast".into())
        }

        fn solve(&mut self, _: JobKey, call: &Arc<SolveCall>) -> Result<KeptAnswer, String> {
            let stock = if call.objective == "cost" { 1.0 } else { 2.0 };
            let row = SolvedRow { key: vec!["Tea".into(), "P1".into()], values: vec![vec![stock; 2]] };
            let table = SolvedTable { role: "supply".into(), measures: vec!["stock".into()], rows: vec![row] };
            Ok(KeptAnswer { value: stock.into(), tables: vec![table], report: None })
        }

        fn keep(&mut self, _: JobKey, _: &KeptAnswer) -> Result<(), String> {
            Ok(())
        }
    }

    /// What is in stock on the sheet of the plan, where the cells ask for these solves.
    fn shown(solves: &[&str]) -> Option<f64> {
        let bucket = |text: &str| text.parse().unwrap();
        let horizon = Horizon { first: bucket("2026-01"), current: bucket("2026-02"), last: bucket("2026-03") };
        let row = |key: &str, other: &str| RowBlueprint { key: vec![key.into(), other.into()], cells: Vec::new() };
        let demand = SheetBlueprint::planning("demand", "Demand", &["Item", "Stream"])
            .role("demand")
            .horizon(horizon)
            .measure(MeasureBlueprint::input("consensus", "Consensus").timed(Span::Plan))
            .measure(MeasureBlueprint::input("wish", "Wish").timed(Span::Plan))
            .rows([row("Tea", "S1")]);
        let supply = SheetBlueprint::planning("supply", "Supply", &["Item", "Location"])
            .role("supply")
            .horizon(horizon)
            .measure(MeasureBlueprint::layer("stock", "Stock").timed(Span::Plan))
            .rows([row("Tea", "P1")]);
        let notes = solves.iter().zip(0..).fold(SheetBlueprint::free("notes", "Notes"), |sheet, (solve, at)| {
            sheet.cell(at, 0, format!("=SUPPLY.SOLVE({solve})").as_str())
        });
        let sheets = vec![demand, supply, notes];
        let blueprint = Blueprint { title: "T".into(), currency: "EUR".into(), sheets };
        let mut workbook = blueprint.build(PersonId::of_key(&["x"]), 1).unwrap();
        settle_by(&mut workbook, Clock { now: 46_000.0, seed: 1 }, &mut Told).unwrap();
        let (sheet, stock) = (SheetId::named("supply").unwrap(), MeasureId::named("stock").unwrap());
        workbook.facts(sheet, stock).map(|facts| facts.values[0])
    }

    #[test]
    fn sheets_show_the_plan_of_the_company_whatever_else_is_solved() {
        let (cost, profit, wish) = ("Demand[Consensus]", "Demand[Consensus],\"profit\"", "Demand[Wish]");
        assert_eq!(shown(&[cost, profit]), Some(1.0));
        assert_eq!(shown(&[profit, cost]), Some(1.0));
        assert_eq!(shown(&[profit, wish]), Some(2.0));
        assert_eq!(shown(&[wish]), None, "there is no plan");
    }
}
