//! Supply plans solved beside the optima of an independent implementation, and beside the solver alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use grid_engine::supply::{Phase, SolveOptions, read_network, solve_alone, solve_tables};

use crate::exchange::supply_csv::SupplyTables;
use crate::exchange::table_file::{Problems, TableFile};

/// The file in the folder of instances that knows their optima: `reference.csv`.
const REFERENCE: &str = "reference";

/// An instance and what is known of it.
pub struct Instance {
    pub name: String,
    /// The demand version.
    pub version: String,
    pub optimum: f64,
}

/// How one was solved.
pub struct Solved {
    pub objective: f64,
    /// Size of the program.
    pub rows: usize,
    pub columns: usize,
    /// Reading files, checking tables, building, solving, explaining.
    pub read: Duration,
    pub check: Duration,
    pub build: Duration,
    pub solve: Duration,
    pub explain: Duration,
    /// HiGHS alone with the same program: handing it over and solving it.
    pub alone: Option<Duration>,
}

/// The instances of a folder.
///
/// # Errors
/// A missing or unreadable `reference.csv`, by name and line.
pub fn instances(folder: &Path) -> Result<Vec<Instance>, Vec<String>> {
    let mut problems = Problems::default();
    let table = TableFile::read(folder, REFERENCE, true, &["instance", "version", "optimum"], &mut problems);
    let mut found = Vec::new();
    for row in table.rows() {
        if let Some(optimum) = row.number("optimum", f64::NAN, &mut problems) {
            let text = |column: &str| row.text(column).to_owned();
            found.push(Instance { name: text("instance"), version: text("version"), optimum });
        }
    }
    problems.into_result().map(|()| found)
}

/// Solves one, with every plan explained as for a planner.
///
/// # Errors
/// What its tables or the solver say.
pub fn solve(folder: &Path, instance: &Instance) -> Result<Solved, Vec<String>> {
    let begun = Instant::now();
    let read = SupplyTables::read(&folder.join(&instance.name), &instance.version)?;
    let read_in = begun.elapsed();
    let options = SolveOptions { demand: instance.version.clone(), ..SolveOptions::default() };
    let mut phases: BTreeMap<&str, Duration> = BTreeMap::new();
    let (mut now, mut since, mut size) = ("check", Instant::now(), (0, 0));
    let mut progress = |phase: Phase| {
        *phases.entry(now).or_default() += since.elapsed();
        since = Instant::now();
        now = match phase {
            Phase::Check => "check",
            Phase::Build => "build",
            Phase::Solve { rows, columns } => {
                size = (rows, columns);
                "solve"
            }
            Phase::Explain | Phase::Diagnose => "explain",
        };
    };
    let plan = solve_tables(&read.tables, &options, &mut progress).map_err(|error| vec![error.to_string()])?;
    *phases.entry(now).or_default() += since.elapsed();
    let network = read_network(&read.tables, &instance.version).ok();
    let mut begun = Instant::now();
    let alone = network.and_then(|network| solve_alone(&network, options.mip_gap, &mut || begun = Instant::now()));
    let alone = alone.map(|_| begun.elapsed());
    let took = |phase: &str| phases.get(phase).copied().unwrap_or_default();
    Ok(Solved {
        objective: plan.objective,
        rows: size.0,
        columns: size.1,
        read: read_in,
        check: took("check"),
        build: took("build"),
        solve: took("solve"),
        explain: took("explain"),
        alone,
    })
}
