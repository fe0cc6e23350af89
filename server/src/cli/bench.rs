//! `equipoise bench`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::Refused;
use crate::bench::forecast::{self, RIVAL_FILES, RIVALS, Scores};
use crate::bench::{branch, hostile, kill, solve, sync, versions};

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

/// What comparable servers reach on such a machine without storing before they acknowledge and without checking
/// rights, as p99 in milliseconds at 50, 200 and 500 people; `None`: it collapsed.
const SYNC_RIVALS: [(&str, [Option<f64>; 3]); 3] = [
    ("y-websocket", [Some(4.4), Some(17.6), None]),
    ("Hocuspocus", [Some(4.5), Some(6.0), Some(15.0)]),
    ("y-sweet", [Some(38.9), None, None]),
];

/// Measurements of recalculation, seen from the repository's root: packages that are no part of the product.
const CALC_BENCH: &str = "benches/calc/Cargo.toml";
const WASM_BENCH: &str = "benches/wasm/Cargo.toml";

/// Objectives nearer to the reference than this share are the optimum.
const OPTIMAL: f64 = 1e-6;

/// Where the development data lies, seen from the repository's root.
const DEVELOPMENT_DATA: &str = "../shared/data/forecast";
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

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())
}

fn branch(cells: usize) -> Result<(), String> {
    let found = runtime()?.block_on(branch::run(cells))?;
    println!("branches of a plan with {cells} entered cells");
    println!("  made in          {:>8.1} ms, longest {:.1} ms", found.median_ms, found.longest_ms);
    println!("  each adds        {:>8} bytes to a store of {}", found.bytes_each, found.store_bytes);
    println!("  compared in      {:>8.1} ms, {:.1} ms the first time", found.compare_ms, found.first_compare_ms);
    Ok(())
}

fn be_hostile() -> Result<(), String> {
    let (results, grown) = runtime()?.block_on(hostile::run())?;
    println!("{:<34} {:>8}  {:<16} {:>9} {:>9}", "update", "bytes", "refused with", "median ms", "max ms");
    for found in results {
        let hostile::HostileResult { name, bytes, code, median_ms, longest_ms } = found;
        println!("{name:<34} {bytes:>8}  {code:<16} {median_ms:>9.2} {longest_ms:>9.2}");
    }
    if let Some(grown) = grown {
        println!("the server's memory after all of them: {grown:+.1} MB");
    }
    Ok(())
}

fn freeze_all(cells: usize, versions: usize, edits: usize) -> Result<(), String> {
    let found = runtime()?.block_on(versions::run(cells, versions, edits))?;
    let each = found.later_bytes as f64 / found.changed as f64;
    println!("{versions} versions of a plan with {cells} cells, {edits} entered before each");
    println!("  the first takes  {:>8} bytes", found.first_bytes);
    println!(
        "  the others       {:>8} bytes, {each:.1} for each of {} changed values",
        found.later_bytes, found.changed
    );
    println!("  frozen in        {:>8.1} ms", found.freeze_ms);
    println!("  a sheet opened   {:>8.1} ms", found.open_ms);
    println!("  two compared     {:>8.1} ms", found.compare_ms);
    println!("  two bridged      {:>8.1} ms", found.bridge_ms);
    Ok(())
}

fn sync(peers: &[usize], seconds: u64, join_cells: usize) -> Result<(), String> {
    let runtime = runtime()?;
    println!(
        "{:>6} {:>8} {:>9} {:>9} {:>9} {:>11} {:>9} {:>8} {:>8}",
        "peers", "edits", "p50 ms", "p99 ms", "max ms", "converged", "frames", "RSS MB", "peak MB"
    );
    for &peers in peers {
        let found = runtime.block_on(sync::run(peers, Duration::from_secs(seconds)))?;
        println!(
            "{:>6} {:>8} {:>9.2} {:>9.2} {:>9.2} {:>5}/{:<5} {:>9} {:>8.0} {:>8.0}",
            found.peers,
            found.edits,
            found.p50,
            found.p99,
            found.longest,
            found.converged,
            found.peers,
            found.frames,
            found.rss_mb,
            found.peak_mb
        );
    }
    if join_cells > 0 {
        let (milliseconds, bytes) = runtime.block_on(sync::join_time(join_cells))?;
        println!("joining {join_cells} cells: {milliseconds:.0} ms, {:.1} MB", bytes as f64 / 1e6);
    }
    println!("\np99 of others at 50, 200 and 500 people, acknowledged before stored, no rights checked:");
    for (name, figures) in SYNC_RIVALS {
        let text = figures.map(|p99| p99.map_or_else(|| "collapsed".to_owned(), |p99| format!("{p99:.1}")));
        println!("  {name:<12} {}", text.map(|text| format!("{text:>10}")).concat());
    }
    Ok(())
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

fn kill(times: usize, seed: u64) -> Result<(), Refused> {
    let one = |problem: String| vec![problem];
    let found = runtime().map_err(one)?.block_on(kill::run(times, seed)).map_err(one)?;
    println!(
        "{} kills (seed {seed}): {} edits acknowledged, {} lost; the edit log is whole with {} entries",
        found.kills, found.acknowledged, found.lost, found.audit_entries
    );
    if found.lost == 0 { Ok(()) } else { Err(vec![format!("{} acknowledged edits were lost", found.lost)]) }
}

fn learn(files: &[PathBuf]) -> Result<(), Refused> {
    let files = if files.is_empty() { development_files()? } else { files.to_vec() };
    say(forecast::learn(&files)?.trim_end()).map(|_| ())
}

fn forecast(files: &[PathBuf], within: usize) -> Result<(), Refused> {
    let files = if files.is_empty() { development_files()? } else { files.to_vec() };
    let header = format!(
        "{:<14} {:>6} {:>7} {:>6} {:>6} {:>6} {:>6} {:>6} {:>7} {:>6} {:>8}",
        "file", "series", "sMAPE", "MASE", "OWA", "RMSSE", "in 80", "in 95", "bias", "global", "ms CPU"
    );
    if !say(&header)? {
        return Ok(());
    }
    let mut all: Vec<(String, Scores)> = Vec::new();
    for path in &files {
        let scores = forecast::score(path, within)?;
        let name = name_of(path);
        if !say(&line(&name, &scores))? {
            return Ok(());
        }
        all.push((name, scores));
    }
    if within == 0 && all.iter().any(|(name, _)| RIVAL_FILES.contains(&name.as_str())) {
        say(&rivals(&all))?;
    }
    let failures: Vec<String> = all
        .iter()
        .filter(|(_, scores)| scores.failures > 0)
        .map(|(name, scores)| format!("{name}: {} series could not be forecast", scores.failures))
        .collect();
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

fn development_files() -> Result<Vec<PathBuf>, Refused> {
    let refused = |error: std::io::Error| vec![format!("name the files to score ({DEVELOPMENT_DATA}: {error})")];
    let entries = std::fs::read_dir(DEVELOPMENT_DATA).map_err(refused)?;
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    let mut files: Vec<PathBuf> = paths.filter(|path| path.to_string_lossy().ends_with(".csv.gz")).collect();
    files.sort();
    if files.is_empty() { Err(vec![format!("{DEVELOPMENT_DATA} holds no .csv.gz file")]) } else { Ok(files) }
}

/// The file's name up to its first dot.
fn name_of(path: &Path) -> String {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    name.split('.').next().unwrap_or_default().to_owned()
}

fn line(name: &str, scores: &Scores) -> String {
    format!(
        "{name:<14} {:>6} {:>7.3} {:>6.3} {:>6} {:>6.3} {:>5.1}% {:>5.1}% {:>6.1}% {:>6.2} {:>8.2}",
        scores.series,
        scores.smape,
        scores.mase,
        scores.owa.map_or_else(|| "-".to_owned(), |owa| format!("{owa:.3}")),
        scores.rmsse,
        100.0 * scores.coverage[0],
        100.0 * scores.coverage[1],
        100.0 * scores.bias,
        scores.global,
        scores.milliseconds
    )
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

fn rivals(all: &[(String, Scores)]) -> String {
    let names = RIVAL_FILES.map(|name| format!("{name:>12}")).concat();
    let mut lines = vec![format!("\nOWA, lower is better{}{names}", " ".repeat(14))];
    let cells = |values: [Option<f64>; 4], time: &str| {
        let text =
            values.map(|value| format!("{:>12}", value.map_or_else(|| "-".to_owned(), |owa| format!("{owa:.3}"))));
        format!("{} {time:>12} ms", text.concat())
    };
    let ours = RIVAL_FILES.map(|file| all.iter().find(|(name, _)| name == file));
    let times: Vec<f64> = ours.iter().flatten().map(|(_, scores)| scores.milliseconds).collect();
    let mean = times.iter().sum::<f64>() / times.len().max(1) as f64;
    let own = ours.map(|found| found.and_then(|(_, scores)| scores.owa));
    lines.push(format!("{:<34}{}", "equipoise", cells(own, &format!("{mean:.1}"))));
    for rival in &RIVALS {
        let values = rival.owa.map(|owa| (!owa.is_nan()).then_some(owa));
        lines.push(format!("{:<34}{}", rival.name, cells(values, rival.milliseconds)));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_name() {
        assert_eq!(name_of(Path::new("/some/where/m3m.csv.gz")), "m3m");
        assert_eq!(name_of(Path::new("plain")), "plain");
    }
}
