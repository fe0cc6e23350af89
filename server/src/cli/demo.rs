//! `equipoise demo`.

use std::path::PathBuf;

use super::Refused;

/// Fills a data folder with the demo company.
#[derive(clap::Args)]
pub struct Args {
    /// The data folder; made when missing.
    #[arg(long)]
    data: PathBuf,
    /// The same seed makes the same company.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    let _ = args;
    Err(vec!["not built yet".to_owned()])
}
