//! The rules of the supply plan, shown on published and generated instances.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg(feature = "solve")]
mod causes;
mod data;
#[cfg(feature = "solve")]
mod decisions;
#[cfg(feature = "solve")]
mod reference;
mod refusals;
#[cfg(feature = "solve")]
mod resolving;
#[cfg(feature = "solve")]
mod rules;
#[cfg(feature = "solve")]
mod studies;
#[cfg(feature = "solve")]
mod verifier;
#[cfg(feature = "solve")]
mod ways;
