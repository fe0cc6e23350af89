//! `equipoise backup`, `equipoise restore`, `equipoise audit`.

use std::path::PathBuf;

use super::Refused;
use crate::store::{self, StoreError};

/// Copies the data into one file, with the edit log's key beside it; the server may go on meanwhile.
#[derive(clap::Args)]
pub struct Backup {
    /// The data folder.
    #[arg(long)]
    data: PathBuf,
    /// The file to write; `FILE.key` is written beside it. Keep both.
    #[arg(long)]
    output: PathBuf,
}

/// Makes a data folder from a backup. Browsers that still hold newer data join afresh.
#[derive(clap::Args)]
pub struct Restore {
    /// The folder to make; it must not hold data yet.
    #[arg(long)]
    data: PathBuf,
    /// The backup; `FILE.key` is read from beside it.
    backup: PathBuf,
}

/// Verifies the edit log; names the first entry that is not as it was written.
#[derive(clap::Args)]
pub struct Audit {
    /// The data folder; the server may be running.
    #[arg(long)]
    data: PathBuf,
}

/// Runs `equipoise backup`.
pub fn back_up(args: &Backup) -> Result<(), Refused> {
    store::back_up(&args.data, &args.output).map_err(one)?;
    println!("backed up to {}", args.output.display());
    Ok(())
}

/// Runs `equipoise restore`.
pub fn restore(args: &Restore) -> Result<(), Refused> {
    store::restore(&args.backup, &args.data).map_err(one)?;
    println!("restored into {}", args.data.display());
    Ok(())
}

/// Runs `equipoise audit`.
pub fn audit(args: &Audit) -> Result<(), Refused> {
    let report = store::verify_audit(&args.data).map_err(one)?;
    println!("the edit log is whole: {} entries, head {}", report.entries, report.head);
    Ok(())
}

fn one(error: StoreError) -> Refused {
    vec![error.to_string()]
}
