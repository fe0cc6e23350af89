//! Measurements on known data and under known load, set beside what others reach.

pub mod branch;
pub mod forecast;
pub mod hostile;
pub mod kill;
mod peer;
mod plan;
mod server;
pub mod solve;
pub mod sync;
pub mod versions;
mod wire;
