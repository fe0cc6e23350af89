//! The solver by itself, to measure what everything around it costs.

use highs::{HighsModelStatus, RowProblem, Sense};

use super::enabled::range;
use crate::supply::model::{self, Objective};
use crate::supply::network::Network;
use crate::supply::program::Program;

/// Solves a network for least cost with HiGHS's own choices, one thread: the objective, or `None` where it finds no
/// optimum. `begin` is told when the program is assembled and handing it over begins.
pub fn solve_alone(network: &Network, mip_gap: f64, begin: &mut dyn FnMut()) -> Option<f64> {
    let program = model::assemble(network, Objective::Cost, None).program;
    begin();
    let mut model = load(&program).try_optimise(Sense::Minimise).ok()?;
    model.try_set_option("threads", 1).ok()?;
    model.try_set_option("parallel", "off").ok()?;
    model.try_set_option("mip_rel_gap", mip_gap).ok()?;
    let solved = model.try_solve().ok()?;
    let objective = program.objective_at(solved.get_solution().columns());
    (solved.status() == HighsModelStatus::Optimal).then_some(objective)
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
        let (least, most) = range(*bound);
        let entries: Vec<_> = program.row(row).map(|(column, coefficient)| (columns[column], coefficient)).collect();
        problem.add_row(least..=most, &entries);
    }
    problem
}
