//! `equipoise forecast`.

use std::path::PathBuf;

use super::Refused;

/// Forecasts the series of a CSV file.
#[derive(clap::Args)]
pub struct Args {
    /// CSV (or .csv.gz) in long form: series_id, period_index or date, value.
    #[arg(long)]
    input: PathBuf,
    /// CSV to write.
    #[arg(long)]
    output: PathBuf,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    let _ = args;
    Err(vec!["not built yet".to_owned()])
}
