//! Money: what a plan earns, what it costs, and why two plans differ.
//!
//! Definitions follow C. Horngren, S. Datar, M. Rajan: *Cost Accounting*, 15th ed., ch. 7 and 14.

mod profit;
mod variance;

pub use profit::{Profit, revenue};
pub use variance::{Line, Variance, changes_by_kind, variance};
