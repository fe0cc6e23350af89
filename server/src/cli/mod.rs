//! The command line. Exit code 0: done; 1: refused input, the reason on stderr; 2: wrong usage.

mod bench;
mod demo;
mod forecast;
mod import;
mod keep;
mod person;
mod serve;
mod solve;

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
    Serve(serve::Args),
    Demo(demo::Args),
    Import(import::Args),
    Person(person::Args),
    Backup(keep::Backup),
    Restore(keep::Restore),
    Audit(keep::Audit),
    Forecast(forecast::Args),
    Solve(solve::Args),
    /// Computes one job for a server that asks on standard input.
    #[command(hide = true)]
    Job,
}

/// What a command refuses: one line per problem, each saying what, where and what to do.
pub type Refused = Vec<String>;

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Bench(args) => bench::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Demo(args) => demo::run(&args),
        Command::Import(args) => import::run(&args),
        Command::Person(args) => person::run(&args),
        Command::Backup(args) => keep::back_up(&args),
        Command::Restore(args) => keep::restore(&args),
        Command::Audit(args) => keep::audit(&args),
        Command::Forecast(args) => forecast::run(&args),
        Command::Solve(args) => solve::run(&args),
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
