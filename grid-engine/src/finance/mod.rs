//! Money: what a plan earns, what it costs, and why two plans differ.
//!
//! Definitions follow C. Horngren, S. Datar, M. Rajan: *Cost Accounting*, 15th ed., ch. 7 and 14.

mod lines;
mod profit;
mod statements;
mod terms;
mod variance;

pub use lines::{LineKind, STATEMENT_INPUTS, StatementInput, StatementLine, statement_lines, statement_names};
pub use profit::{Profit, revenue};
pub use statements::{Balance, Income, PlannedMoney, Position, Statements, diluted_earnings, statements};
pub use terms::outstanding;
pub use variance::{Line, Variance, changes_by_kind, variance};
