//! good_lp builds the program, HiGHS solves it.
//!
//! good_lp's own `solve` hides iteration counts, the bound of a mixed-integer search and the model's exact status;
//! its `try_into_inner` hands over the HiGHS model, which tells them.

use good_lp::{Expression, SolverModel, Variable, constraint, highs, variable};
use highs::{HighsModelStatus, HighsSolutionStatus, Model, SolvedModel};

use super::{Limits, NoSolution, Solved};
use crate::supply::plan::Status;
use crate::supply::program::{Program, RowBound};

/// The solver's name.
pub(in crate::supply) const SOLVER: &str = "HiGHS";

/// HiGHS's code for the dual simplex, serial.
const DUAL_SIMPLEX: i32 = 1;

/// Solves a program: dual simplex, one thread and a fixed seed for linear ones, so that equal inputs give equal plans;
/// HiGHS's own choice for mixed-integer ones, whose integrality `simplex` would ignore.
pub(in crate::supply) fn solve_program(program: &Program, limits: Limits) -> Result<Solved, NoSolution> {
    if program.columns.is_empty() {
        return Ok(nothing_to_solve(program));
    }
    let failed = |error: &dyn std::fmt::Debug| NoSolution::Failed(format!("{error:?}"));
    let mut model = build(program).try_into_inner().map_err(|error| failed(&error))?;
    let whole = program.has_integers();
    set_options(&mut model, whole, limits)?;
    let solved = model.try_solve().map_err(|error| failed(&error))?;
    read(program, &solved, whole)
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

/// One thread and a fixed seed, the method by the kind of program, and the limits.
pub(super) fn set_options(model: &mut Model, whole: bool, limits: Limits) -> Result<(), NoSolution> {
    let option = |error| NoSolution::Failed(format!("{error:?}"));
    model.try_set_option("threads", 1).map_err(option)?;
    model.try_set_option("parallel", "off").map_err(option)?;
    model.try_set_option("random_seed", 0).map_err(option)?;
    model.try_set_option("solver", if whole { "choose" } else { "simplex" }).map_err(option)?;
    model.try_set_option("simplex_strategy", DUAL_SIMPLEX).map_err(option)?;
    model.try_set_option("mip_rel_gap", limits.mip_gap).map_err(option)?;
    model.try_set_option("output_flag", limits.log).map_err(option)?;
    model.try_set_option("log_to_console", limits.log).map_err(option)?;
    model.try_set_option("presolve", if limits.presolve { "choose" } else { "off" }).map_err(option)?;
    if let Some(seconds) = limits.seconds {
        model.try_set_option("time_limit", seconds.max(0.0)).map_err(option)?;
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
pub(super) fn read(program: &Program, solved: &SolvedModel, whole: bool) -> Result<Solved, NoSolution> {
    let status = match solved.status() {
        HighsModelStatus::Optimal => Status::Optimal,
        // Costs are never negative and profits are bounded by demand, so nothing here is unbounded.
        HighsModelStatus::Infeasible | HighsModelStatus::UnboundedOrInfeasible => return Err(NoSolution::Infeasible),
        HighsModelStatus::ReachedTimeLimit => Status::TimeLimit,
        other => return Err(NoSolution::Failed(format!("{other:?}"))),
    };
    if solved.primal_solution_status() != HighsSolutionStatus::Feasible {
        return Err(NoSolution::TimeLimit);
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
        iterations: solved.simplex_iteration_count().unsigned_abs(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const NO_LIMITS: Limits = Limits { seconds: None, mip_gap: 1e-6, log: false, presolve: true };

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
