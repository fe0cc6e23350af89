//! The command line. Exit code 0: done; 1: refused input, the reason on stderr; 2: wrong usage.

mod accuracy;
mod bench;
mod calc;
mod demo;
pub mod eval;
mod forecast;
mod functions;
mod import;
mod keep;
mod kpis;
mod person;
mod serve;
mod solve;
mod versions;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Real-time collaborative Sales & Operations Planning.
#[derive(Parser)]
#[command(name = "equipoise", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Bench(bench::Args),
    Calc(calc::Args),
    Eval(eval::Args),
    Functions(functions::Args),
    Serve(serve::Args),
    Demo(demo::Args),
    Import(import::Args),
    Kpis(kpis::Args),
    Person(person::Args),
    Backup(keep::Backup),
    Restore(keep::Restore),
    Audit(keep::Audit),
    Forecast(Box<forecast::Args>),
    Accuracy(accuracy::Args),
    Solve(solve::Args),
    Export(versions::Export),
    Verify(versions::Verify),
    /// Computes one job for a server that asks on standard input.
    #[command(hide = true)]
    Job,
}

pub use calc::shown;

/// What a command refuses: one line per problem, each saying what, where and what to do.
pub type Refused = Vec<String>;

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Bench(args) => bench::run(&args),
        Command::Calc(args) => calc::run(&args),
        Command::Eval(args) => eval::run(&args),
        Command::Functions(args) => functions::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Kpis(args) => kpis::run(&args),
        Command::Person(args) => person::run(&args),
        Command::Backup(args) => keep::back_up(&args),
        Command::Restore(args) => keep::restore(&args),
        Command::Audit(args) => keep::audit(&args),
        Command::Forecast(args) => forecast::run(&args),
        Command::Accuracy(args) => accuracy::run(&args),
        Command::Solve(args) => solve::run(&args),
        Command::Export(args) => versions::export(&args),
        Command::Verify(args) => versions::verify(&args),
        Command::Job => crate::jobs::run_child().map_err(|problem| vec![problem]),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            for problem in problems {
                eprintln!("equipoise: {problem}");
            }
            ExitCode::FAILURE
        }
    }
}

/// Reads a file whole that may have so many bytes: how large it is is looked at before any of it is read. `instead` says what
/// to do with a larger one.
fn read_whole(path: &Path, most: u64, instead: &str) -> Result<Vec<u8>, Refused> {
    let place = path.display();
    let refused = |error: &dyn std::fmt::Display| vec![format!("{place} cannot be read: {error}")];
    if std::fs::metadata(path).map_err(|error| refused(&error))?.len() > most {
        return Err(vec![format!("{place} is larger than {most} bytes{instead}")]);
    }
    std::fs::read(path).map_err(|error| refused(&error))
}

/// Writes a file beside its place and moves it there, so that a file that exists is whole.
fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut csv::Writer<BufWriter<File>>) -> csv::Result<()>,
) -> Result<(), Refused> {
    let refused = |error: &dyn std::fmt::Display| vec![format!("{}: {error}", path.display())];
    let mut name = path.file_name().ok_or_else(|| refused(&"not a file name"))?.to_owned();
    name.push(".part");
    let part = path.with_file_name(name);
    let write_part = || -> csv::Result<()> {
        let mut out = csv::Writer::from_writer(BufWriter::new(File::create(&part)?));
        write(&mut out)?;
        out.flush()?;
        out.into_inner().map_err(|error| csv::Error::from(error.into_error()))?.flush()?;
        std::fs::rename(&part, path)?;
        Ok(())
    };
    write_part().map_err(|error| {
        // What is left behind of a failed write is of no use; failing to remove it changes nothing.
        let _ = std::fs::remove_file(&part);
        refused(&error)
    })
}
