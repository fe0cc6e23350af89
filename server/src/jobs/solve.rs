//! Solving a supply plan, and answering questions to it.

use std::collections::BTreeMap;

use grid_engine::formula::PlanTable;
use grid_engine::supply::study::{Study, StudyCell, StudyTable, study};
use grid_engine::supply::{Objective, Phase, Plan, RawTable, Resolver, SolveClock, SolveOptions, read_network};
use grid_engine::value::Value;

use super::child::failed;
use super::message::KeptAnswer;
use super::plan_rows::tables_of;
use super::plan_tables::{plan_table, rectangle};
use super::summary::summary;
use super::supply_report::report_of;
use crate::clock::now_ms;

/// Seconds the solver may search; then the best plan found is taken.
const TIME_LIMIT_SECONDS: f64 = 900.0;
/// With lots or whole workers, a plan this near the bound is good enough.
const MIP_GAP: f64 = 1e-3;

/// Solves plans, and holds the last one for questions to it.
///
/// The same question to the same plan has the same answer, whatever was asked before: a plan is solved afresh before it is
/// asked again. Otherwise the next answer would begin elsewhere, and of equally good plans another might come.
#[derive(Default)]
pub(super) struct PlanSolver {
    held: Option<Held>,
}

struct Held {
    plan: Plan,
    options: SolveOptions,
    /// Where the plan was solved, or whatever was solved since.
    resolver: Resolver,
    state: State,
}

/// How far what is held is from a plan solved afresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The plan was solved afresh, and nothing since.
    Fresh,
    /// A question has moved the resolver on.
    Asked,
    /// The plan was solved from the one before: afresh, another one that is as good may come.
    Again,
}

impl PlanSolver {
    /// Solves a plan; one that cannot be is an answer too, with its reason. `solver_log`: whether standard output is read, and
    /// the solver may write its steps there.
    pub fn solve(
        &mut self,
        tables: &BTreeMap<String, RawTable>,
        objective: &str,
        solver_log: bool,
        progress: &mut dyn FnMut(String),
    ) -> KeptAnswer {
        self.held = None;
        match solve(tables, objective, solver_log, progress) {
            Ok(held) => {
                let answer = answer_of(&held.plan);
                self.held = Some(held);
                answer
            }
            Err(reason) => failed(&reason).into(),
        }
    }

    /// Solves a plan from the one solved last; `None` where that cannot be: there is none, it had another aim, more than numbers have
    /// changed, or there is no such plan. Whoever has seen the answer has the plan solved afresh all the same: of several plans that are
    /// equally good another one may come.
    pub fn solve_again(
        &mut self,
        tables: &BTreeMap<String, RawTable>,
        objective: &str,
        progress: &mut dyn FnMut(String),
    ) -> Option<KeptAnswer> {
        let held = self.held.as_mut()?;
        if aim(objective).ok()? != held.options.objective {
            return None;
        }
        let mut tell = |phase: Phase| progress(phase_words(phase));
        tell(Phase::Check);
        let network = read_network(tables, &held.options.demand).ok()?;
        let solved = held.resolver.solve_again(network, &mut tell).ok().flatten();
        // Where there was no such plan the resolver has moved on all the same.
        held.state = if solved.is_some() { State::Again } else { held.state.moved() };
        held.plan = solved?;
        Some(answer_of(&held.plan))
    }

    /// Answers a question to the plan that was solved last.
    pub fn study(&mut self, question: &Study, progress: &mut dyn FnMut(String)) -> KeptAnswer {
        let Some(held) = &mut self.held else { return failed("there is no plan to ask").into() };
        held.restore();
        if held.state != State::Fresh {
            return failed("the plan could not be solved again").into();
        }
        held.state = State::Asked;
        let mut tell = |done: usize, all: usize| progress(format!("Solving again: {} of {all}", done + 1));
        match study(&held.plan, question, &mut held.resolver, &mut tell) {
            Ok(table) => value_of(&table).into(),
            Err(reason) => failed(&reason.to_string()).into(),
        }
    }

    /// Makes ready for the next question.
    pub fn restore(&mut self) {
        self.held.iter_mut().for_each(Held::restore);
    }
}

impl Held {
    fn restore(&mut self) {
        let (network, mut resolver) = (self.plan.network.clone(), Resolver::new(self.options.clone()));
        let solved = match self.state {
            State::Fresh => return,
            State::Asked => resolver.solve_unexplained(network, &mut |_| ()).map(|_| ()),
            State::Again => resolver.solve(network, &mut |_| ()).map(|plan| self.plan = plan),
        };
        if solved.is_ok() {
            (self.resolver, self.state) = (resolver, State::Fresh);
        }
    }
}

impl State {
    /// After a solve that came to nothing.
    fn moved(self) -> Self {
        if self == Self::Fresh { Self::Asked } else { self }
    }
}

fn aim(objective: &str) -> Result<Objective, String> {
    match objective {
        "cost" => Ok(Objective::Cost),
        "profit" => Ok(Objective::Profit),
        "service" => Ok(Objective::Service),
        "fair" => Ok(Objective::FairShare),
        _ => Err(format!("the objective is {objective:?} and must be cost, profit, service or fair")),
    }
}

fn phase_words(phase: Phase) -> String {
    match phase {
        Phase::Check => "Reading the tables".to_owned(),
        Phase::Build => "Building the plan’s equations".to_owned(),
        Phase::Solve { rows, columns } => format!("Solving: {rows} limits on {columns} quantities"),
        Phase::Explain => "Explaining costs and shortages".to_owned(),
        Phase::Diagnose => "Finding out why no plan is possible".to_owned(),
    }
}

fn solve(
    tables: &BTreeMap<String, RawTable>,
    objective: &str,
    solver_log: bool,
    progress: &mut dyn FnMut(String),
) -> Result<Held, String> {
    let options = SolveOptions {
        objective: aim(objective)?,
        time_limit_seconds: Some(TIME_LIMIT_SECONDS),
        mip_gap: MIP_GAP,
        solver_log,
        clock: SolveClock(Some(now_ms)),
        ..SolveOptions::default()
    };
    let mut tell = |phase: Phase| progress(phase_words(phase));
    tell(Phase::Check);
    let network = read_network(tables, &options.demand)
        .map_err(|problems| grid_engine::supply::SolveError::Refused(problems).to_string())?;
    let mut resolver = Resolver::new(options.clone());
    let plan = resolver.solve(network, &mut tell).map_err(|error| error.to_string())?;
    Ok(Held { plan, options, resolver, state: State::Fresh })
}

fn answer_of(plan: &Plan) -> KeptAnswer {
    KeptAnswer { value: answer(plan), tables: tables_of(plan), report: Some(Box::new(report_of(plan))) }
}

/// Every table that formulas show of the plan.
fn answer(plan: &Plan) -> Value {
    PlanTable::answer(|table| match table {
        PlanTable::Summary => summary(plan),
        table => plan_table(plan, table),
    })
}

/// A study's answer as a cell spills it.
fn value_of(table: &StudyTable) -> Value {
    let cell = |cell: &StudyCell| match cell {
        StudyCell::Text(text) => Value::text(text),
        StudyCell::Number(number) => Value::number(*number),
        StudyCell::Unknown => Value::text(""),
    };
    let rows = table.rows.iter().map(|row| row.iter().map(cell).collect());
    rectangle(table.header.iter().map(Value::text).collect(), rows)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::jobs::plan_tables::tests::tables;
    use grid_engine::supply::study::Change;

    fn what_if(step: &str) -> Study {
        Study::WhatIf { changes: vec![Change::read("capacity", "SAW", step, "", "").unwrap()] }
    }

    #[test]
    fn an_answer_is_the_same_whatever_was_asked_before() {
        let mut solver = PlanSolver::default();
        solver.solve(&tables("capacity_short"), "cost", false, &mut |_| ());
        let first = solver.study(&what_if("+1"), &mut |_| ()).value;
        let others = [what_if("-5"), Study::Relief, what_if("=3")].map(|other| solver.study(&other, &mut |_| ()).value);
        assert!(others.iter().all(|other| *other != first && other.as_error().is_none()), "{others:?}");
        assert_eq!(solver.study(&what_if("+1"), &mut |_| ()).value, first);
        let Value::Array(table) = first else { unreachable!("{first:?}") };
        let row = (0..table.rows()).find(|row| table.get(*row, 0) == Some(&Value::text("Lost"))).unwrap();
        assert_eq!(table.get(row, 1), Some(&Value::Number(4.0)));
        assert_eq!(table.get(row, 2), Some(&Value::Number(1.0)), "an hour more in each of three months");
    }

    /// Tables in which the saw has so many hours in the first month.
    fn with_hours(hours: f64) -> BTreeMap<String, RawTable> {
        let mut tables = tables("capacity_short");
        let capacity = tables.get_mut("capacity").unwrap();
        capacity.rows[0][2] = grid_engine::supply::RawCell::Number(hours);
        tables
    }

    #[test]
    fn a_plan_solved_again_costs_what_it_costs_solved_afresh_and_is_asked_like_that_one() {
        let summary_of = |answer: &KeptAnswer| answer.report.as_ref().unwrap().objective;
        let mut solver = PlanSolver::default();
        assert_eq!(solver.solve_again(&with_hours(9.0), "cost", &mut |_| ()), None, "there is no plan yet");
        solver.solve(&with_hours(9.0), "cost", false, &mut |_| ());
        let again = solver.solve_again(&with_hours(8.0), "cost", &mut |_| ()).unwrap();
        let mut other = PlanSolver::default();
        let fresh = other.solve(&with_hours(8.0), "cost", false, &mut |_| ());
        assert!((summary_of(&again) - summary_of(&fresh)).abs() <= 1e-6 * summary_of(&fresh));
        assert_eq!(solver.study(&what_if("+1"), &mut |_| ()), other.study(&what_if("+1"), &mut |_| ()));
        assert_eq!(solver.solve_again(&with_hours(9.0), "service", &mut |_| ()), None, "another aim");
        assert!(solver.solve_again(&with_hours(7.0), "cost", &mut |_| ()).is_some(), "after a question too");
        let mut wrong = with_hours(9.0);
        wrong.remove("streams");
        assert_eq!(solver.solve_again(&wrong, "cost", &mut |_| ()), None, "what is wrong is told by a fresh solve");
    }

    #[test]
    fn questions_without_a_plan_have_an_answer_too() {
        let mut solver = PlanSolver::default();
        assert!(solver.study(&Study::Relief, &mut |_| ()).value.as_error().is_some());
        solver.solve(&tables("capacity_short"), "luck", false, &mut |_| ());
        assert!(solver.study(&Study::Relief, &mut |_| ()).value.as_error().is_some());
        solver.solve(&tables("capacity_short"), "cost", false, &mut |_| ());
        let nothing = Study::WhatIf { changes: vec![Change::read("capacity", "AXE", "+1", "", "").unwrap()] };
        let refused = solver.study(&nothing, &mut |_| ()).value;
        assert!(refused.as_error().unwrap().detail().unwrap().contains("SAW"), "{refused:?}");
    }
}
