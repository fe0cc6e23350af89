//! Without a solver: browsers ask the server.

use super::{Limits, NoSolution, Solved};
use crate::supply::program::Program;

/// The solver's name.
pub(in crate::supply) const SOLVER: &str = "none";

/// Says that there is no solver here.
pub(in crate::supply) fn solve_program(_: &Program, _: Limits) -> Result<Solved, NoSolution> {
    Err(NoSolution::NoSolver)
}

/// Keeps nothing.
#[derive(Debug, Default)]
pub(in crate::supply) struct KeptSolver(());

impl KeptSolver {
    /// Says that there is no solver here.
    pub(in crate::supply) fn solve(&mut self, _: &Program, _: Limits) -> Result<Solved, NoSolution> {
        Err(NoSolution::NoSolver)
    }

    /// Never.
    pub(in crate::supply) fn can_begin(&self, _: &Program) -> bool {
        false
    }

    /// Never.
    pub(in crate::supply) fn was_warm(&self) -> bool {
        false
    }
}
