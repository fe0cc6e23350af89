//! Workbooks made from files and descriptions, and files made from workbooks.

pub mod blueprint;
pub mod frepple;
pub mod plan_sheets;
mod table_file;
