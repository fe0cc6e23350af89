//! Real servers in processes of their own, and peers on real sockets.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod actuals;
mod admission;
mod api;
mod branches;
mod bulk;
mod bundles;
mod causes;
mod changes;
mod comments;
mod compare;
mod crash;
mod crowds;
mod cycle;
mod editing;
mod epochs;
mod files;
mod forecast_details;
mod forecasts;
mod help;
mod identity;
mod jobs;
mod locks;
mod malformed;
mod oidc;
mod orders;
mod outage;
mod peer;
mod plan;
mod races;
mod records;
mod replay;
mod rights;
mod scenarios;
mod server;
mod shared_socket;
mod sight;
mod stock_client;
mod supply;
mod versions;
mod watched;
