//! The one place that knows a solver: a program goes in, values and prices come out.
//!
//! Twin modules behind the feature `solve` have the same signatures, so that callers carry no `cfg`.

#[cfg(feature = "solve")]
mod alone;
#[cfg(not(feature = "solve"))]
mod disabled;
#[cfg(feature = "solve")]
mod enabled;
#[cfg(feature = "solve")]
mod kept;
#[cfg(feature = "solve")]
mod near;
#[cfg(feature = "solve")]
mod soft;

#[cfg(feature = "solve")]
pub use alone::solve_alone;
#[cfg(not(feature = "solve"))]
pub(super) use disabled::{KeptSolver, SOLVER, solve_program};
#[cfg(feature = "solve")]
pub(super) use enabled::{SOLVER, solve_program};
#[cfg(feature = "solve")]
pub(super) use kept::KeptSolver;

use super::plan::Status;

/// Tells the time in milliseconds since some moment, where a time limit is shared by several solves; without it such a limit is each one's.
#[derive(Clone, Copy, Debug, Default)]
pub struct SolveClock(pub Option<fn() -> i64>);

impl SolveClock {
    /// The time; always the same where nothing tells it.
    #[cfg_attr(not(feature = "solve"), allow(dead_code))]
    fn milliseconds(self) -> i64 {
        self.0.map_or(0, |now| now())
    }
}

impl PartialEq for SolveClock {
    /// How the time is told makes no other plan.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// When a solver may stop, and what it tells until then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    /// Seconds of solving; none for as long as it takes.
    pub seconds: Option<f64>,
    /// Relative distance to the bound at which a mixed-integer plan is good enough.
    pub mip_gap: f64,
    /// Whether the solver writes its steps to standard output.
    pub log: bool,
    /// Whether the solver may make the program smaller first. Slower without, and by another way.
    pub presolve: bool,
    #[cfg_attr(not(feature = "solve"), allow(dead_code))]
    pub clock: SolveClock,
}

/// Values and prices of a program.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Solved {
    /// Whether the limits allowed to prove the optimum (within the gap).
    pub status: Status,
    pub values: Vec<f64>,
    /// Change of the objective for one more unit of a row's bound; zero for mixed-integer programs.
    pub row_prices: Vec<f64>,
    /// Change of the objective for one more unit of a column held at its bound; zero for mixed-integer programs.
    pub column_prices: Vec<f64>,
    /// No solution is better than this.
    pub bound: f64,
    pub iterations: u64,
}

/// Why there are no values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "solve"), allow(dead_code))]
pub(super) enum NoSolution {
    Infeasible,
    /// Time ran out before any plan was found, after so many steps.
    TimeLimit {
        iterations: u64,
    },
    /// This build has no solver.
    #[cfg_attr(feature = "solve", allow(dead_code))]
    NoSolver,
    /// The solver gave up; its words.
    Failed(String),
}
