//! The Equipoise server: rooms over WebSockets, the store, identity, jobs, and the command line.

pub mod actuals;
pub mod app;
mod at_rest;
pub mod auth;
pub mod bench;
pub mod branch;
pub mod bundles;
pub mod cli;
pub mod clock;
pub mod config;
mod cores;
pub mod demo;
pub mod exchange;
pub mod frames;
pub mod functions;
pub mod http;
pub mod jobs;
pub mod lineage;
pub mod metrics;
pub mod revisions;
pub mod scenario_news;
pub mod scenarios;
mod scorecard_upgrade;
mod shortfall;
pub mod store;
pub mod sync;
pub mod version_facts;
