//! `equipoise solve`.

use std::path::PathBuf;

use super::Refused;

/// Solves the supply plan of a folder of tables.
#[derive(clap::Args)]
pub struct Args {
    /// Folder with the tables as CSV files.
    #[arg(long)]
    tables: PathBuf,
    /// Folder to write the plan to; made when missing.
    #[arg(long)]
    output: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    let _ = args;
    Err(vec!["not built yet".to_owned()])
}
