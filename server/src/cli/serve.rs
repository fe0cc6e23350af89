//! `equipoise serve`.

use std::path::PathBuf;

use super::Refused;

/// Serves the workbooks of a data folder.
#[derive(clap::Args)]
pub struct Args {
    /// The data folder; made when missing.
    #[arg(long)]
    data: PathBuf,
    /// Address and port to listen on, e.g. 127.0.0.1:8080; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: std::net::SocketAddr,
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    let _ = args;
    Err(vec!["not built yet".to_owned()])
}
