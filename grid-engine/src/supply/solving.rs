//! From tables to a plan, in phases.

use std::collections::BTreeMap;

use super::lint::Problem;
use super::model::{self, Layout, Model, Objective};
use super::network::Network;
use super::plan::{Detail, Plan, Status};
use super::program::{Program, RowBound};
use super::raw::RawTable;
use super::resolver::Resolver;
use super::solve::{Limits, NoSolution, SolveClock, Solved};
use super::{conflict, cost_to_serve, lifting, reasons, tables};

/// Programs beyond this many columns are refused: they would take hours.
const MAX_COLUMNS: usize = 3_000_000;

/// How to solve.
#[derive(Clone, Debug, PartialEq)]
pub struct SolveOptions {
    /// The demand version: `base` reads the table `demand_base`.
    pub demand: String,
    pub objective: Objective,
    /// Seconds the solver may take; none for as long as it needs.
    pub time_limit_seconds: Option<f64>,
    /// Relative distance to the bound at which a plan with lots or whole workers is good enough.
    pub mip_gap: f64,
    /// How far apart the fill rates of regions may lie where the objective is [`Objective::FairShare`], 0 to 1.
    pub fair_band: f64,
    /// Whether the solver writes its log to standard output: for a process of which that is read.
    pub solver_log: bool,
    /// What the time limit is measured by where a plan takes several solves.
    pub clock: SolveClock,
}

impl Default for SolveOptions {
    fn default() -> Self {
        Self {
            demand: "base".to_owned(),
            objective: Objective::Cost,
            time_limit_seconds: None,
            mip_gap: 1e-6,
            fair_band: 0.05,
            solver_log: false,
            clock: SolveClock::default(),
        }
    }
}

/// What is being done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading and checking the tables.
    Check,
    /// Assembling the program.
    Build,
    /// Solving a program of this size.
    Solve { rows: usize, columns: usize },
    /// Pegging costs and causes.
    Explain,
    /// Finding out why there is no plan.
    Diagnose,
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SolveError {
    /// The tables are wrong: every problem found, or the numbers that the solver gave up on.
    #[error("{}", refused_words(.0))]
    Refused(Vec<Problem>),
    /// No plan keeps every limit; what conflicts, in words.
    #[error("no plan is possible: {}", .0.join("; "))]
    Infeasible(Vec<String>),
    /// The time limit passed before any plan was found that keeps every limit.
    #[error(
        "no plan that keeps every limit was found within {seconds} s ({iterations} steps on {columns} quantities): allow more \
         time, or plan by family or by month"
    )]
    TimeLimit { seconds: u64, iterations: u64, columns: usize },
    /// Too big to solve in useful time.
    #[error("the plan would have {columns} unknowns, and at most {MAX_COLUMNS} are solved: plan by family or by month")]
    TooLarge { columns: usize },
    /// This build has no solver.
    #[error("there is no solver here; the server has one")]
    NoSolver,
    /// The solver gave up; its words.
    #[error("the solver failed: {0}")]
    Failed(String),
}

fn refused_words(problems: &[Problem]) -> String {
    let first = problems.first().map(ToString::to_string).unwrap_or_default();
    match problems.len() {
        1 => format!("the tables have a problem: {first}"),
        count => format!("the tables have {count} problems, first {first}"),
    }
}

/// Solves the plan of a set of tables, named as in `supply-model` (`periods`, `products`, … `demand_base`).
///
/// Equal tables and options give equal plans, unless the time limit ends the search. `progress` is told when a
/// phase begins.
///
/// # Errors
///
/// See [`SolveError`]; wrong tables are refused before anything is solved.
pub fn solve_tables(
    tables: &BTreeMap<String, RawTable>,
    options: &SolveOptions,
    progress: &mut dyn FnMut(Phase),
) -> Result<Plan, SolveError> {
    progress(Phase::Check);
    let network = tables::read_network(tables, &options.demand).map_err(SolveError::Refused)?;
    solve_network(network, options, progress)
}

/// Solves the plan of a checked network.
///
/// # Errors
///
/// As [`solve_tables`]; what is refused are numbers so far apart that the solver gives up.
pub fn solve_network(
    network: Network,
    options: &SolveOptions,
    progress: &mut dyn FnMut(Phase),
) -> Result<Plan, SolveError> {
    Resolver::new(options.clone()).solve(network, progress)
}

/// A program to solve, and what for.
pub(super) enum Solve<'a> {
    /// The fewest units late and lost that can be.
    Service(&'a Program, Limits),
    /// The plan itself.
    Plan(&'a Program, Limits),
    /// The plan with limits lifted, to explain it.
    Aside(&'a Program, Limits),
}

/// What solves programs.
pub(super) type Solver<'a> = dyn FnMut(Solve<'_>) -> Result<Solved, NoSolution> + 'a;

/// Solves the plan of a network with a solver; the program takes the shape of `layout`, and leaves its own there.
pub(super) fn solve_with(
    network: Network,
    options: &SolveOptions,
    detail: Detail,
    layout: &mut Option<Layout>,
    solver: &mut Solver<'_>,
    progress: &mut dyn FnMut(Phase),
) -> Result<Plan, SolveError> {
    let columns = model::column_count(&network);
    if columns > MAX_COLUMNS {
        return Err(SolveError::TooLarge { columns });
    }
    let limits = Limits {
        seconds: options.time_limit_seconds,
        mip_gap: options.mip_gap,
        log: options.solver_log,
        clock: options.clock,
        presolve: true,
    };
    progress(Phase::Build);
    let mut model = model::assemble(&network, options.objective, layout.as_ref());
    *layout = Some(model.layout.clone());
    if options.objective == Objective::FairShare {
        model::share_fairly(&mut model, &network, options.fair_band);
    }
    progress(Phase::Solve { rows: model.program.rows.len(), columns: model.program.columns.len() });
    let solved = if options.objective == Objective::Service {
        serve_first(&mut model, &network, limits, solver)
    } else {
        solve_priced(&model, limits, solver)
    };
    match solved {
        Ok(solved) => {
            progress(Phase::Explain);
            let mut plan = Plan::of(network, &model, &solved, detail);
            if detail == Detail::Explained
                && let Some(lifted) = lifting::lift(&plan, &model, &solved, limits, solver)
            {
                plan.reasons = reasons::explain_shortages(&plan, lifted);
                // Lost units are charged to the material that they lack.
                plan.cost_to_serve = cost_to_serve::trace(&plan);
            }
            Ok(plan)
        }
        Err(NoSolution::Infeasible) => {
            progress(Phase::Diagnose);
            Err(SolveError::Infeasible(conflict::describe(&network, limits)))
        }
        Err(NoSolution::TimeLimit { iterations }) => Err(SolveError::TimeLimit {
            seconds: limits.seconds.unwrap_or_default().ceil() as u64,
            iterations,
            columns: model.program.columns.len(),
        }),
        Err(NoSolution::NoSolver) => Err(SolveError::NoSolver),
        Err(NoSolution::Failed(words)) => Err(match network.extremes.problems() {
            Some(problems) => SolveError::Refused(problems.into()),
            None => SolveError::Failed(words),
        }),
    }
}

/// Solves; a mixed-integer program once more with its whole columns held, since only linear programs have prices.
///
/// Where the plan priced is better than the search says any can be, its reductions went wrong: it is made again without them,
/// and what still contradicts itself is called unproven.
fn solve_priced(model: &Model, limits: Limits, solver: &mut Solver<'_>) -> Result<Solved, NoSolution> {
    let found = search_and_price(model, limits, solver)?;
    if agrees_with_its_bound(&model.program, &found) {
        return Ok(found);
    }
    let again = search_and_price(model, Limits { presolve: false, ..limits }, solver);
    if let Ok(again) = &again
        && agrees_with_its_bound(&model.program, again)
    {
        return Ok(again.clone());
    }
    let cost = |solved: &Solved| model.program.objective_at(&solved.values);
    let best = match again {
        Ok(again) if cost(&again) < cost(&found) => again,
        _ => found,
    };
    Ok(Solved { status: Status::Unproven, bound: best.bound.min(cost(&best)), ..best })
}

fn search_and_price(model: &Model, limits: Limits, solver: &mut Solver<'_>) -> Result<Solved, NoSolution> {
    let found = solver(Solve::Plan(&model.program, limits))?;
    if !model.program.has_integers() {
        return Ok(found);
    }
    let fixed = model.program.with_integers_fixed(&found.values);
    let iterations = found.iterations;
    match solver(Solve::Plan(&fixed, Limits { seconds: None, ..limits })) {
        Ok(priced) => Ok(Solved {
            status: found.status,
            bound: found.bound,
            iterations: iterations + priced.iterations,
            ..priced
        }),
        // Rounding a whole column may break a tight row by a hair; the plan found is good all the same.
        Err(NoSolution::Infeasible) => Ok(found),
        Err(other) => Err(other),
    }
}

/// Whether a solution is no better than the bound that says no solution is, but for rounding.
fn agrees_with_its_bound(program: &Program, solved: &Solved) -> bool {
    const ROUNDING: f64 = 1e-6;
    let amounts = program.columns.iter().zip(&solved.values).map(|(column, value)| (column.cost * value).abs());
    solved.bound - program.objective_at(&solved.values) <= ROUNDING * (1.0 + amounts.sum::<f64>())
}

/// Solves for the fewest units late and lost, and then for least cost among the plans that keep to that: by a row of its own.
///
/// The row has no slack but what a solver calls kept. Units late and lost are counted over the whole plan, so that a share of them would
/// be given away for cost; only where rounding leaves no plan at all it is loosened, ten times as much each time.
fn serve_first(
    model: &mut Model,
    network: &Network,
    limits: Limits,
    solver: &mut Solver<'_>,
) -> Result<Solved, NoSolution> {
    const SLACKS: [f64; 4] = [0.0, 1e-9, 1e-8, 1e-7];
    let mut first = model.clone();
    model::aim_at_service(&mut first, network);
    let best = solver(Solve::Service(&first.program, limits))?;
    let least = first.program.objective_at(&best.values);
    let row = model.program.add_row(RowBound::AtMost(least), model::service_weights(network, &model.layout));
    let mut solved = Err(NoSolution::Infeasible);
    for slack in SLACKS {
        model.program.rows[row] = RowBound::AtMost(least + slack * (1.0 + least));
        solved = solve_priced(model, limits, solver);
        if solved != Err(NoSolution::Infeasible) {
            break;
        }
    }
    solved
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Solves a program of one whole worker at a cost of 5, by a search that claims a bound with and one without reductions.
    fn solved(bounds: [f64; 2]) -> Solved {
        let mut program = Program::default();
        let workers = program.add_column(5.0, 0.0, 9.0);
        program.columns[workers].integer = true;
        let model = Model { program, layout: Layout::default() };
        let limits = Limits { seconds: None, mip_gap: 1e-6, log: false, presolve: true, clock: SolveClock(None) };
        let mut solver = |solve: Solve<'_>| {
            let (Solve::Service(_, limits) | Solve::Plan(_, limits) | Solve::Aside(_, limits)) = solve;
            Ok(Solved {
                status: Status::Optimal,
                values: vec![1.0],
                row_prices: Vec::new(),
                column_prices: vec![0.0],
                bound: bounds[usize::from(!limits.presolve)],
                iterations: 1,
            })
        };
        solve_priced(&model, limits, &mut solver).unwrap()
    }

    #[test]
    fn a_bound_above_the_objective_is_never_called_proof() {
        let of = |bounds| {
            let solved = solved(bounds);
            (solved.status, solved.bound)
        };
        assert_eq!(of([5.0, 9.0]), (Status::Optimal, 5.0));
        assert_eq!(of([6.0, 4.999_999]), (Status::Optimal, 4.999_999), "solved again without reductions");
        assert_eq!(of([6.0, 7.0]), (Status::Unproven, 5.0));
    }
}
