//! Heavy calls, computed off the calculation path: each job in a process of its own, so that cancelling is
//! ending it and a crash or a runaway takes nothing else down.

mod board;
mod child;
mod forecast;
mod layers;
mod message;
mod plan_tables;
mod process;
mod settle;
mod settle_apart;
mod solve;
mod solver_log;
mod supply_links;

pub use board::{Board, Outcome, log_kept};
pub use child::run_child;
pub use layers::layers_of;
pub use message::{SolvedRow, SolvedTable};
pub use settle::settle;
pub use settle_apart::settle_apart;
