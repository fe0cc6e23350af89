//! The demo company: a consumer-goods maker made up from a seed, with a story worth opening.
//!
//! Sixty items in eight families, five regions × three channels, three years of orders, three plants. The can line
//! in Lyon is short around its maintenance in spring and in summer, citrus concentrate is scarce after a failed
//! harvest, Iberia over-forecasts by a fifth, and a summer promotion comes on top.

mod catalogue;
mod chance;
mod company;
mod network;
mod orders;
pub mod people;

pub use company::{Company, found};
