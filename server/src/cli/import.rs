//! `equipoise import`.

use std::path::PathBuf;

use super::Refused;

/// Imports a folder of order and master data tables as a workbook.
#[derive(clap::Args)]
pub struct Args {
    /// The data folder; made when missing.
    #[arg(long)]
    data: PathBuf,
    /// Name of the workbook.
    #[arg(long)]
    workbook: String,
    /// Folder with the tables as CSV files.
    folder: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    let _ = args;
    Err(vec!["not built yet".to_owned()])
}
