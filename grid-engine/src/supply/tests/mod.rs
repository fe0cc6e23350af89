//! The rules of the supply plan, shown on published and generated instances.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod data;
#[cfg(feature = "solve")]
mod reference;
mod refusals;
#[cfg(feature = "solve")]
mod resolving;
#[cfg(feature = "solve")]
mod rules;
#[cfg(feature = "solve")]
mod studies;
