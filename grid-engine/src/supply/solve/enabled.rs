//! good_lp builds the program, HiGHS solves it.
//!
//! good_lp's own `solve` hides iteration counts, the bound of a mixed-integer search and the model's exact status;
//! its `try_into_inner` hands over the HiGHS model, which tells them.

use good_lp::{Expression, SolverModel, Variable, constraint, highs, variable};
use highs::{HighsModelStatus, HighsSolutionStatus, Model, SolvedModel};

use super::near;
use super::soft::Hardened;
use super::{Limits, NoSolution, Solved};
use crate::supply::plan::Status;
use crate::supply::program::{Program, RowBound};

/// The solver's name.
pub(in crate::supply) const SOLVER: &str = "HiGHS";

/// HiGHS's code for the dual simplex, serial.
pub(super) const DUAL_SIMPLEX: i32 = 1;

/// Linear programs of more columns than this are solved by the interior point method. Seconds of processor time, dual simplex and
/// interior point with crossover: 8 and 18 for 160,000 columns, 108 and 47 for 189,000; 180 by the latter for 364,000.
const MOST_SIMPLEX_COLUMNS: usize = 180_000;

/// How a program is solved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// Dual simplex: the fastest for small linear programs.
    Simplex,
    /// Interior point, then crossover to a corner, whose prices are as sharp as those of the simplex method: halfway between
    /// several equally good corners, rents would be shared among limits of which one alone binds.
    InteriorPoint,
    /// HiGHS's own choice: the others ignore that columns are whole.
    Search,
}

impl Method {
    /// The method for a program, by its size alone, so that equal programs take equal steps.
    pub fn of(program: &Program) -> Self {
        match program.columns.len() {
            _ if program.has_integers() => Self::Search,
            columns if columns > MOST_SIMPLEX_COLUMNS => Self::InteriorPoint,
            _ => Self::Simplex,
        }
    }

    /// HiGHS's name of it.
    fn key(self) -> &'static str {
        match self {
            Self::Simplex => "simplex",
            Self::InteriorPoint => "ipx",
            Self::Search => "choose",
        }
    }
}

/// Solves a program, with one thread and a fixed seed, so that equal inputs give equal plans.
pub(in crate::supply) fn solve_program(program: &Program, limits: Limits) -> Result<Solved, NoSolution> {
    if program.has_integers() {
        return near::search(program, limits);
    }
    let hardened = Hardened::of(program);
    let solved = solve_by(Method::of(&hardened.program), &hardened.program, limits)?;
    Ok(hardened.restore(program, solved))
}

pub(super) fn solve_by(method: Method, program: &Program, limits: Limits) -> Result<Solved, NoSolution> {
    if program.columns.is_empty() {
        return Ok(nothing_to_solve(program));
    }
    let mut model = build(program).try_into_inner().map_err(failed)?;
    set_options(&mut model, method, limits)?;
    let solved = model.try_solve().map_err(failed)?;
    read(program, &solved)
}

/// Searches a program from a solution to it, where one is known, over at most so many nodes.
pub(super) fn solve_from(
    program: &Program,
    limits: Limits,
    start: Option<&[f64]>,
    most_nodes: Option<i32>,
) -> Result<Solved, NoSolution> {
    let mut model = build(program).try_into_inner().map_err(failed)?;
    set_options(&mut model, Method::Search, limits)?;
    if let Some(nodes) = most_nodes {
        model.try_set_option("mip_max_nodes", nodes).map_err(failed)?;
    }
    if start.is_some() {
        model.try_set_solution(start, None, None, None).map_err(failed)?;
    }
    read(program, &model.try_solve().map_err(failed)?)
}

pub(super) fn failed(error: impl std::fmt::Debug) -> NoSolution {
    NoSolution::Failed(format!("{error:?}"))
}

/// The answer to a program without unknowns.
pub(super) fn nothing_to_solve(program: &Program) -> Solved {
    Solved {
        status: Status::Optimal,
        values: Vec::new(),
        row_prices: vec![0.0; program.rows.len()],
        column_prices: Vec::new(),
        bound: 0.0,
        iterations: 0,
    }
}

/// One thread and a fixed seed, the method and the limits.
pub(super) fn set_options(model: &mut Model, method: Method, limits: Limits) -> Result<(), NoSolution> {
    model.try_set_option("threads", 1).map_err(failed)?;
    model.try_set_option("parallel", "off").map_err(failed)?;
    model.try_set_option("random_seed", 0).map_err(failed)?;
    model.try_set_option("solver", method.key()).map_err(failed)?;
    model.try_set_option("run_crossover", "on").map_err(failed)?;
    model.try_set_option("simplex_strategy", DUAL_SIMPLEX).map_err(failed)?;
    model.try_set_option("mip_rel_gap", limits.mip_gap).map_err(failed)?;
    model.try_set_option("output_flag", limits.log).map_err(failed)?;
    model.try_set_option("log_to_console", limits.log).map_err(failed)?;
    model.try_set_option("presolve", if limits.presolve { "choose" } else { "off" }).map_err(failed)?;
    if let Some(seconds) = limits.seconds {
        model.try_set_option("time_limit", seconds.max(0.0)).map_err(failed)?;
    }
    Ok(())
}

/// The least and the largest sum a row allows, infinite where unlimited.
pub(super) fn range(bound: RowBound) -> (f64, f64) {
    match bound {
        RowBound::Equal(value) => (value, value),
        RowBound::AtMost(value) => (f64::NEG_INFINITY, value),
        RowBound::AtLeast(value) => (value, f64::INFINITY),
    }
}

fn build(program: &Program) -> good_lp::solvers::highs::HighsProblem {
    let mut unknowns = good_lp::ProblemVariables::new();
    let columns: Vec<Variable> = program
        .columns
        .iter()
        .map(|column| {
            let definition = variable().min(column.lower).max(column.upper);
            unknowns.add(if column.integer { definition.integer() } else { definition })
        })
        .collect();
    let mut objective = Expression::with_capacity(columns.len());
    for (column, unknown) in program.columns.iter().zip(&columns).filter(|(column, _)| column.cost != 0.0) {
        objective.add_mul(column.cost, *unknown);
    }
    let mut problem = unknowns.minimise(objective).using(highs);
    for (row, bound) in program.rows.iter().enumerate() {
        let entries = program.row(row);
        let mut sum = Expression::with_capacity(entries.len());
        for (column, coefficient) in entries {
            sum.add_mul(coefficient, columns[column]);
        }
        problem.add_constraint(match *bound {
            RowBound::Equal(value) => constraint::eq(sum, value),
            RowBound::AtMost(value) => constraint::leq(sum, value),
            RowBound::AtLeast(value) => constraint::geq(sum, value),
        });
    }
    problem
}

/// Reads a program's answer off the model; columns of the model behind those of the program are left out.
pub(super) fn read(program: &Program, solved: &SolvedModel) -> Result<Solved, NoSolution> {
    let whole = program.has_integers();
    let steps = [solved.simplex_iteration_count(), solved.ipm_iteration_count(), solved.crossover_iteration_count()];
    // A count is −1 where that method was not used.
    let iterations = steps.iter().map(|steps| (*steps).max(0).unsigned_abs()).sum();
    let status = match solved.status() {
        HighsModelStatus::Optimal => Status::Optimal,
        // Costs are never negative and profits are bounded by demand, so nothing here is unbounded.
        HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => return Err(NoSolution::Infeasible),
        HighsModelStatus::ReachedTimeLimit | HighsModelStatus::ReachedSolutionLimit => Status::TimeLimit,
        other => return Err(NoSolution::Failed(format!("{other:?}"))),
    };
    if solved.primal_solution_status() != HighsSolutionStatus::Feasible {
        return Err(NoSolution::TimeLimit { iterations });
    }
    let solution = solved.get_solution();
    let count = program.columns.len();
    let (values, column_prices) = (&solution.columns()[..count], &solution.dual_columns()[..count]);
    let prices = |values: &[f64]| if whole { vec![0.0; values.len()] } else { values.to_vec() };
    let bound = match solved.double_info_value(c"mip_dual_bound") {
        Ok(bound) if whole => bound,
        _ => program.objective_at(values),
    };
    Ok(Solved {
        status,
        values: values.to_vec(),
        row_prices: prices(solution.dual_rows()),
        column_prices: prices(column_prices),
        bound,
        iterations,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::SolveClock;
    use super::*;

    const NO_LIMITS: Limits =
        Limits { seconds: None, mip_gap: 1e-6, log: false, presolve: true, clock: SolveClock(None) };

    /// A factory of two goods sharing 10 hours: values, and prices with their signs.
    #[test]
    fn values_and_prices_of_a_small_program() {
        let mut program = Program::default();
        let (a, b) = (program.add_column(-3.0, 0.0, 4.0), program.add_column(-2.0, 0.0, f64::INFINITY));
        let hours = program.add_row(RowBound::AtMost(10.0), [(a, 1.0), (b, 1.0)]);
        let least = program.add_row(RowBound::AtLeast(1.0), [(a, 1.0)]);
        let solved = solve_program(&program, NO_LIMITS).unwrap();
        assert_eq!(solved.status, Status::Optimal);
        assert_eq!((solved.values[a], solved.values[b]), (4.0, 6.0));
        assert_eq!((solved.row_prices[hours], solved.row_prices[least]), (-2.0, 0.0));
        assert_eq!(solved.column_prices[a], -1.0);
    }

    /// Crossover ends at a corner: values and prices are those of the simplex method, and not between two corners.
    #[test]
    fn the_interior_point_method_gives_the_same_values_and_prices() {
        let mut program = Program::default();
        let made: Vec<usize> = (0..40).map(|at| program.add_column(1.0 + f64::from(at), 0.0, 3.0)).collect();
        let lost = program.add_column(100.0, 0.0, f64::INFINITY);
        let hours = program.add_row(RowBound::AtMost(70.0), made.iter().map(|one| (*one, 1.0)));
        let demand = program.add_row(RowBound::Equal(80.0), made.iter().chain([&lost]).map(|one| (*one, 1.0)));
        for pair in made.windows(2) {
            program.add_row(RowBound::AtMost(5.0), [(pair[0], 1.0), (pair[1], 1.0)]);
        }
        let [simplex, interior] =
            [Method::Simplex, Method::InteriorPoint].map(|method| solve_by(method, &program, NO_LIMITS).unwrap());
        assert_eq!(interior.status, Status::Optimal);
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(near(program.objective_at(&simplex.values), program.objective_at(&interior.values)));
        for row in [hours, demand] {
            assert!(near(simplex.row_prices[row], interior.row_prices[row]), "{simplex:?} {interior:?}");
        }
        assert!(interior.iterations > 0);
    }

    #[test]
    fn the_method_is_chosen_by_size() {
        let of = |columns: usize| {
            let mut program = Program::default();
            program.add_columns(columns, 1.0, 0.0, 1.0);
            program
        };
        assert_eq!(Method::of(&of(MOST_SIMPLEX_COLUMNS)), Method::Simplex);
        let mut large = of(MOST_SIMPLEX_COLUMNS + 1);
        assert_eq!(Method::of(&large), Method::InteriorPoint);
        large.columns[0].integer = true;
        assert_eq!(Method::of(&large), Method::Search);
    }

    #[test]
    fn whole_columns_are_whole() {
        let mut program = Program::default();
        let workers = program.add_column(1.0, 0.0, f64::INFINITY);
        program.columns[workers].integer = true;
        program.add_row(RowBound::AtLeast(5.0), [(workers, 2.0)]);
        let solved = solve_program(&program, NO_LIMITS).unwrap();
        assert_eq!((solved.values[workers], solved.bound), (3.0, 3.0));
    }

    #[test]
    fn contradictions_are_infeasible() {
        let mut program = Program::default();
        let x = program.add_column(1.0, 0.0, 1.0);
        program.add_row(RowBound::AtLeast(2.0), [(x, 1.0)]);
        assert_eq!(solve_program(&program, NO_LIMITS), Err(NoSolution::Infeasible));
    }
}
