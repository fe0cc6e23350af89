//! The pages.

mod compare;
mod consensus;
mod login;
mod notices;
mod workbook;

pub use compare::Compare;
pub use consensus::Consensus;
pub use login::Login;
pub use notices::Notices;
pub use workbook::WorkbookPage;
