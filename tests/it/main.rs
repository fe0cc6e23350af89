//! Real servers in processes of their own, and peers on real sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod admission;
mod crash;
mod editing;
mod epochs;
mod help;
mod malformed;
mod peer;
mod plan;
mod replay;
mod rights;
mod server;
mod shared_socket;
mod stock_client;
mod versions;
mod watched;
