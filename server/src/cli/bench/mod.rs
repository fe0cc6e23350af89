//! `equipoise bench`.

mod forecast;
mod server;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::Refused;
use crate::bench::solve;
use forecast::{forecast, learn};
use server::{be_hostile, branch, freeze_all, kill, sync};

/// Measures a part of the product on known data.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// Scores forecasts of files with rows marked train and test, beside what others reach.
    Forecast {
        /// CSV or .csv.gz files; without any, those of the development data beside the repository.
        files: Vec<PathBuf>,
        /// Scores this many horizons before the end of the train rows instead, without looking at the test rows: what
        /// methods are chosen by.
        #[arg(long, default_value_t = 0, hide = true)]
        within: usize,
        /// Prints the table of learned weights (`forecast/learned/table.rs`) instead, from windows inside the train rows.
        #[arg(long, hide = true)]
        learn: bool,
    },
    /// Solves supply plans beside the optima of an independent implementation, and beside HiGHS alone with the same
    /// programs.
    Solve {
        /// A folder with `reference.csv` and the tables of its instances; by default the development data beside the
        /// repository.
        folder: Option<PathBuf>,
        /// Leaves out instances whose name does not begin so.
        #[arg(long, default_value = "")]
        only: String,
    },
    /// Many people in one sheet, two edits a second each: how long an edit takes to everyone else. The server runs in
    /// a process and on a core of its own, stores durably and checks every right.
    Sync {
        /// How many people; one run each.
        #[arg(long, value_delimiter = ',', default_value = "50,200,500")]
        peers: Vec<usize>,
        /// How long each run lasts.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// Entered cells of the sheet that newcomers join.
        #[arg(long, default_value_t = 100_000)]
        join_cells: usize,
    },
    /// Kills the server at random moments under load and looks whether an acknowledged edit was lost.
    Kill {
        /// How often.
        #[arg(long, default_value_t = 200)]
        times: usize,
        /// The same seed picks the same moments.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Branches of a large plan: how long making one takes, what it adds to the store, how long comparing takes.
    Branch {
        /// Entered cells of the plan.
        #[arg(long, default_value_t = 200_000)]
        cells: usize,
    },
    /// Updates that mean ill: how long each takes to be refused, and what is left of them in the server's memory.
    Hostile,
    /// Versions of a large plan: what each takes in the store, how long freezing, opening, comparing and bridging take.
    Versions {
        /// Cells of the plan.
        #[arg(long, default_value_t = 200_000)]
        cells: usize,
        #[arg(long, default_value_t = 50)]
        versions: usize,
        /// Cells entered before each version.
        #[arg(long, default_value_t = 1000)]
        edits: usize,
    },
    /// Measures recalculation beside formualizer, IronCalc and, where `npm install` was run in benches/calc,
    /// HyperFormula. It builds them, so it needs the repository and a Rust toolchain.
    Calc {
        /// A planning workbook with its documents instead, without rivals.
        #[arg(long)]
        planning: bool,
    },
    /// Measures recalculation in wasm, as browsers run it, beside native. It needs the repository, a Rust toolchain with
    /// the wasm32 target, and Node.
    Wasm,
}

/// Measurements of recalculation, seen from the repository's root: packages that are no part of the product.
const CALC_BENCH: &str = "benches/calc/Cargo.toml";
const WASM_BENCH: &str = "benches/wasm/Cargo.toml";

/// Objectives nearer to the reference than this share are the optimum.
const OPTIMAL: f64 = 1e-6;

/// Where the development data lies, seen from the repository's root.
const SUPPLY_DATA: &str = "../shared/data/supply";

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    match &args.what {
        What::Forecast { files, learn: true, .. } => learn(files),
        What::Forecast { files, within, .. } => forecast(files, *within),
        What::Solve { folder, only } => solve_all(folder.as_deref().unwrap_or(Path::new(SUPPLY_DATA)), only),
        What::Sync { peers, seconds, join_cells } => {
            sync(peers, *seconds, *join_cells).map_err(|problem| vec![problem])
        }
        What::Branch { cells } => branch(*cells).map_err(|problem| vec![problem]),
        What::Hostile => be_hostile().map_err(|problem| vec![problem]),
        What::Versions { cells, versions, edits } => {
            freeze_all(*cells, *versions, *edits).map_err(|problem| vec![problem])
        }
        What::Kill { times, seed } => kill(*times, *seed),
        What::Calc { planning } => calculate(CALC_BENCH, planning.then_some("planning")),
        What::Wasm => calculate(WASM_BENCH, None),
    }
}

fn solve_all(folder: &Path, only: &str) -> Result<(), Refused> {
    let instances = solve::instances(folder)?;
    let header = format!(
        "{:<28} {:>8} {:>8} {:>16} {:>9} {:>7} {:>7} {:>7} {:>7} {:>8} {:>7} {:>8} {:>6} {:>8} {:>8} {:>6}",
        "instance",
        "rows",
        "columns",
        "objective",
        "off by",
        "read",
        "check",
        "build",
        "solve",
        "explain",
        "all",
        "HiGHS",
        "ratio",
        "again",
        "longest",
        "times"
    );
    println!(
        "milliseconds; all: read, check, build and solve; HiGHS: the same program handed over and solved directly\n\
         again: built, solved and explained once more after one changed number, median and longest of six numbers;\n\
         times: how many times longer that takes from scratch\n"
    );
    if !say(&header)? {
        return Ok(());
    }
    let mut failures = Vec::new();
    for instance in instances.iter().filter(|instance| instance.name.starts_with(only)) {
        let name = format!("{} {}", instance.name, instance.version);
        let solved = match solve::solve(folder, instance) {
            Ok(solved) => solved,
            Err(problems) => {
                failures.extend(problems.into_iter().map(|problem| format!("{name}: {problem}")));
                continue;
            }
        };
        let off = (solved.objective - instance.optimum) / instance.optimum.abs().max(1.0);
        let ms = |taken: Duration| format!("{:.1}", taken.as_secs_f64() * 1e3);
        let all = solved.read + solved.check + solved.build + solved.solve;
        let afresh = solved.build + solved.solve + solved.explain;
        let again = solved.again.as_ref().map_or_else(
            || format!("{:>8} {:>8} {:>6}", "-", "-", "-"),
            |again| {
                let times = afresh.as_secs_f64() / again.median.as_secs_f64();
                format!("{:>8} {:>8} {times:>6.1}", ms(again.median), ms(again.longest))
            },
        );
        let ratio = solved.alone.map(|alone| format!("{:.2}", all.as_secs_f64() / alone.as_secs_f64()));
        let line = format!(
            "{name:<28} {:>8} {:>8} {:>16.2} {off:>9.0e} {:>7} {:>7} {:>7} {:>7} {:>8} {:>7} {:>8} {:>6} {again}",
            solved.rows,
            solved.columns,
            solved.objective,
            ms(solved.read),
            ms(solved.check),
            ms(solved.build),
            ms(solved.solve),
            ms(solved.explain),
            ms(all),
            solved.alone.map_or_else(|| "-".to_owned(), ms),
            ratio.unwrap_or_else(|| "-".to_owned())
        );
        if !say(&line)? {
            return Ok(());
        }
        if off.abs() > OPTIMAL {
            failures.push(format!("{name}: {} is not the optimum {}", solved.objective, instance.optimum));
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures) }
}

fn calculate(bench: &str, what: Option<&str>) -> Result<(), Refused> {
    if !Path::new(bench).exists() {
        return Err(vec![format!("there is no {bench} here: run this in the root of the repository")]);
    }
    let mut cargo = Command::new("cargo");
    let status = cargo.args(["run", "--quiet", "--release", "--manifest-path", bench, "--"]).args(what).status();
    match status.map_err(|error| vec![format!("cargo could not be started: {error}")])? {
        status if status.success() => Ok(()),
        status => Err(vec![format!("the measurement ended with {status}")]),
    }
}

/// Prints; `false` where nobody reads any more, as after `| head`, which is no failure.
fn say(text: &str) -> Result<bool, Refused> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
        Err(error) => Err(vec![format!("standard output: {error}")]),
    }
}
