//! The solver by itself, to measure what everything around it costs.

use std::time::{Duration, Instant};

use highs::{HighsModelStatus, RowProblem, Sense};

use crate::supply::model::{self, Objective};
use crate::supply::network::Network;
use crate::supply::program::{Program, RowBound};

/// What HiGHS took when it was handed the program of a network without anything between.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alone {
    pub objective: f64,
    /// Handing the rows over.
    pub load: Duration,
    pub solve: Duration,
}

/// Solves a network for least cost with HiGHS's own choices, one thread; `None` where it finds no optimum.
pub fn solve_alone(network: &Network, mip_gap: f64) -> Option<Alone> {
    let program = model::assemble(network, Objective::Cost).program;
    let begun = Instant::now();
    let mut model = load(&program).try_optimise(Sense::Minimise).ok()?;
    model.try_set_option("threads", 1).ok()?;
    model.try_set_option("parallel", "off").ok()?;
    model.try_set_option("mip_rel_gap", mip_gap).ok()?;
    let loaded = begun.elapsed();
    let solved = model.try_solve().ok()?;
    let taken = begun.elapsed();
    let objective = program.objective_at(solved.get_solution().columns());
    (solved.status() == HighsModelStatus::Optimal).then_some(Alone { objective, load: loaded, solve: taken - loaded })
}

fn load(program: &Program) -> RowProblem {
    let mut problem = RowProblem::default();
    let columns: Vec<_> = program
        .columns
        .iter()
        .map(|column| {
            let bounds = column.lower..=column.upper;
            match column.integer {
                true => problem.add_integer_column(column.cost, bounds),
                false => problem.add_column(column.cost, bounds),
            }
        })
        .collect();
    for (row, bound) in program.rows.iter().enumerate() {
        let (least, most) = match *bound {
            RowBound::Equal(value) => (value, value),
            RowBound::AtMost(value) => (f64::NEG_INFINITY, value),
            RowBound::AtLeast(value) => (value, f64::INFINITY),
        };
        let entries: Vec<_> = program.row(row).map(|(column, coefficient)| (columns[column], coefficient)).collect();
        problem.add_row(least..=most, &entries);
    }
    problem
}
