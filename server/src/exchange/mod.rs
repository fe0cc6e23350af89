//! Workbooks made from files and descriptions, and files made from workbooks.

pub mod actuals_csv;
pub mod blueprint;
pub mod bundle_file;
mod csv_line;
pub mod frepple;
pub mod order_tables;
pub mod plan_csv;
pub mod plan_file;
pub mod plan_sheets;
pub mod policy_sheets;
pub mod series_csv;
pub mod statement_sheets;
pub mod supply_csv;
pub(crate) mod table_file;
pub mod workbook_file;
