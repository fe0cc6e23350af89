//! The pages.

mod bridge;
mod compare;
mod consensus;
mod inbox;
mod keys;
mod login;
mod notices;
mod people;
mod plan;
mod settings;
mod tokens;
mod top_bar;
mod workbook;

pub use compare::Compare;
pub use consensus::Consensus;
pub use login::Login;
pub use notices::Notices;
pub use people::People;
pub use plan::{ActualsTable, Capacity, KpiCards, Shortages, SupplyNetwork};
pub use settings::SettingsPage;
pub use tokens::Tokens;
pub use top_bar::{Place, TopBar, workbook_title};
pub use workbook::WorkbookPage;
