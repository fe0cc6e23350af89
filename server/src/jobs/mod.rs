//! Heavy calls, computed off the calculation path: each job in a process of its own, so that cancelling is
//! ending it and a crash or a runaway takes nothing else down.

mod board;
mod child;
mod forecast;
mod in_flight;
mod kept_process;
mod layers;
mod message;
mod plan_rows;
mod plan_tables;
mod process;
mod prove;
mod settle;
mod solve;
mod solver_log;
mod summary;
mod supply_links;
mod supply_report;

pub use board::{Board, Outcome, log_kept};
pub use child::run_child;
pub use in_flight::InFlight;
pub use layers::layers_of;
pub use message::{KeptAnswer, SolvedPlan, SolvedRow};
pub use prove::prove;
pub use settle::{Apart, STOPPED, settle, settle_apart};
