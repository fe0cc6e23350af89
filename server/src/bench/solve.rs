//! Supply plans solved beside the optima of an independent implementation, and beside the solver alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use grid_engine::supply::network::Network;
use grid_engine::supply::{Phase, Resolver, SolveOptions, read_network, solve_alone, solve_tables};

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
    /// The plan solved again after one changed number.
    pub again: Option<Again>,
}

/// Plans built, solved and explained again, each after one changed number, from the last solution.
pub struct Again {
    /// Over [`CHANGES`].
    pub median: Duration,
    pub longest: Duration,
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
    let alone =
        network.as_ref().and_then(|network| solve_alone(network, options.mip_gap, &mut || begun = Instant::now()));
    let alone = alone.map(|_| begun.elapsed());
    let took = |phase: &str| phases.get(phase).copied().unwrap_or_default();
    let again = network.map(|network| again(&network, &options)).transpose()?.flatten();
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
        again,
    })
}

/// One number changed.
type Change = fn(&mut Network) -> Option<()>;

/// Changes of one number, as people try them: hours, supply, demand and room in one period, a price, a safety stock. Each
/// is of something in the middle of its list, in the middle of the plan; `None` where there is nothing such.
const CHANGES: [Change; 6] = [
    |network| middle(&mut network.resources).and_then(|one| middle(&mut one.regular_hours)).map(|hours| *hours *= 0.9),
    |network| middle(&mut network.suppliers).and_then(|one| middle(&mut one.capacity)).map(|units| *units *= 0.9),
    |network| middle(&mut network.demands).and_then(|one| middle(&mut one.quantity)).map(|units| *units *= 1.2),
    |network| middle(&mut network.lanes).and_then(|one| middle(&mut one.capacity_m3)).map(|room| *room *= 0.9),
    |network| middle(&mut network.contracts).map(|one| one.unit_cost *= 1.1),
    |network| middle(&mut network.nodes).map(|one| one.safety *= 1.5),
];

fn middle<T>(list: &mut [T]) -> Option<&mut T> {
    let at = list.len() / 2;
    list.get_mut(at)
}

/// How long plans take after one changed number; `None` where every plan is solved afresh, for lots or whole workers.
fn again(network: &Network, options: &SolveOptions) -> Result<Option<Again>, Vec<String>> {
    let mut resolver = Resolver::new(options.clone());
    let mut solve = |network: Network| {
        let begun = Instant::now();
        resolver.solve(network, &mut |_| ()).map_err(|error| vec![error.to_string()])?;
        Ok::<_, Vec<String>>((begun.elapsed(), resolver.was_warm()))
    };
    solve(network.clone())?;
    let mut taken = Vec::new();
    for change in CHANGES {
        let mut changed = network.clone();
        if change(&mut changed).is_none() || changed == *network {
            continue;
        }
        let (took, warm) = solve(changed)?;
        if !warm {
            return Ok(None);
        }
        taken.push(took);
    }
    taken.sort();
    Ok(taken.last().map(|longest| Again { median: median(&taken), longest: *longest }))
}

/// The middle of sorted times, or the mean of the middle two.
fn median(sorted: &[Duration]) -> Duration {
    let at = |place: usize| sorted.get(place).copied().unwrap_or_default();
    let half = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) { (at(half.saturating_sub(1)) + at(half)) / 2 } else { at(half) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_even_number_the_median_lies_between_the_middle_two() {
        let times = |list: &[u64]| list.iter().map(|ms| Duration::from_millis(*ms)).collect::<Vec<_>>();
        for (list, middle) in [(&[][..], 0), (&[4], 4), (&[2, 8], 5), (&[1, 2, 9], 2), (&[1, 2, 4, 90], 3)] {
            assert_eq!(median(&times(list)), Duration::from_millis(middle), "{list:?}");
        }
    }
}
