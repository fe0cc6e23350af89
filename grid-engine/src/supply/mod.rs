//! The supply plan: what plants and materials allow, at what cost, and why not more.
//!
//! ```text
//! tables ──► network ──► model ──► program ──► solve ──► plan ──► reasons, cost to serve
//! (RawTable)  (checked)   (meaning)  (numbers)  (HiGHS)
//! ```
//!
//! Everything but `solve` is ordinary code that also runs in a browser; the solver is there only with the feature
//! `solve`.

mod but_for;
mod conflict;
pub mod cost_to_serve;
mod extremes;
mod lifting;
mod lint;
mod model;
pub mod network;
mod ordering;
pub mod plan;
mod program;
mod raw;
pub mod reasons;
mod resolver;
mod solve;
mod solving;
pub mod study;
mod tables;
#[cfg(test)]
mod tests;
pub mod verify;

pub use but_for::{ButFor, LimitClass, Verdict, but_for, verdicts};
pub use lint::Problem;
pub use model::{Constraint, Objective};
pub use plan::Plan;
pub use raw::{RawCell, RawTable, column_named};
pub use resolver::Resolver;
pub use solve::SolveClock;
#[cfg(feature = "solve")]
pub use solve::solve_alone;
pub use solving::{Phase, SolveError, SolveOptions, solve_network, solve_tables};
pub use tables::{TABLE_NAMES, read_network};
