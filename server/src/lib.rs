//! The Equipoise server: rooms over WebSockets, the store, identity, jobs, and the command line.

pub mod cli;
pub mod clock;
pub mod demo;
pub mod exchange;
pub mod store;
