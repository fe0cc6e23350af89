//! `equipoise solve`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use grid_engine::supply::verify::verify;
use grid_engine::supply::{Objective, Phase, SolveError, SolveOptions, solve_tables};

use super::Refused;
use crate::exchange::supply_csv::{SupplyTables, write_plan, write_summary};

/// Solves the supply plan of a folder of tables.
#[derive(clap::Args)]
pub struct Args {
    /// Folder with the tables as CSV files.
    #[arg(long)]
    tables: PathBuf,
    /// Demand version: `base` reads demand_base.csv.
    #[arg(long, default_value = "base")]
    demand: String,
    /// What the plan strives for.
    #[arg(long, value_enum, default_value_t)]
    objective: Aim,
    /// Seconds the solver may take.
    #[arg(long, value_parser = seconds)]
    time_limit: Option<f64>,
    /// Relative distance to the bound at which a plan with lots or whole workers is good enough.
    #[arg(long, default_value_t = SolveOptions::default().mip_gap, value_parser = share)]
    mip_gap: f64,
    /// With `--objective fair`: how far apart the fill rates of regions may lie, as a share.
    #[arg(long, default_value_t = SolveOptions::default().fair_band, value_parser = share)]
    fair_band: f64,
    /// Folder to write the plan to; made when missing.
    #[arg(long)]
    output: PathBuf,
}

/// The objective's names on the command line.
#[derive(Clone, Copy, Default, clap::ValueEnum)]
enum Aim {
    /// Least cost.
    #[default]
    Cost,
    /// Least cost less the sales price of what is served.
    Profit,
    /// Fewest units lost and late, then least cost.
    Service,
    /// Least cost with the fill rates of all regions within a band.
    Fair,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    if seconds.is_finite() && seconds > 0.0 { Ok(seconds) } else { Err("must be more than 0 seconds".to_owned()) }
}

fn share(text: &str) -> Result<f64, String> {
    let share: f64 = text.parse().map_err(|_| "not a number".to_owned())?;
    if (0.0..=1.0).contains(&share) { Ok(share) } else { Err("must lie between 0 and 1".to_owned()) }
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    let mut times = PhaseTimes::begin("read");
    let read = SupplyTables::read(&args.tables, &args.demand)?;
    let options = SolveOptions {
        demand: args.demand.clone(),
        objective: match args.objective {
            Aim::Cost => Objective::Cost,
            Aim::Profit => Objective::Profit,
            Aim::Service => Objective::Service,
            Aim::Fair => Objective::FairShare,
        },
        time_limit_seconds: args.time_limit,
        mip_gap: args.mip_gap,
        fair_band: args.fair_band,
        solver_log: false,
    };
    let mut progress = |phase: Phase| {
        times.turn_to(match phase {
            Phase::Check => "lint",
            Phase::Build => "build",
            Phase::Solve { .. } => "solve",
            Phase::Explain | Phase::Diagnose => "explain",
        });
    };
    let plan = solve_tables(&read.tables, &options, &mut progress).map_err(|error| match error {
        SolveError::Refused(problems) => problems.iter().map(|problem| read.describe(problem)).collect(),
        SolveError::Infeasible(words) => {
            [String::from("no plan is possible")].into_iter().chain(words).collect::<Vec<_>>()
        }
        other => vec![other.to_string()],
    })?;
    for violation in verify(&plan) {
        let period = plan.network.periods.get(violation.period).map(|name| &**name).unwrap_or_default();
        eprintln!("equipoise: warning: {} in {period} is off by {:e}", violation.rule, violation.amount);
    }
    times.turn_to("write");
    let cannot_write = |error: std::io::Error| vec![format!("{} cannot be written: {error}", args.output.display())];
    write_plan(&plan, &args.output).map_err(cannot_write)?;
    write_summary(&plan, &times.end(), &args.output).map_err(cannot_write)?;
    println!("{}: cost {:.2}, lost {:.2} units", plan.status.word(), plan.costs.total(), plan.lost_units());
    Ok(())
}

/// How long each phase took.
struct PhaseTimes {
    now: &'static str,
    since: Instant,
    seconds: BTreeMap<&'static str, f64>,
}

impl PhaseTimes {
    fn begin(phase: &'static str) -> Self {
        Self { now: phase, since: Instant::now(), seconds: BTreeMap::new() }
    }

    fn turn_to(&mut self, phase: &'static str) {
        *self.seconds.entry(self.now).or_default() += self.since.elapsed().as_secs_f64();
        (self.now, self.since) = (phase, Instant::now());
    }

    fn end(mut self) -> BTreeMap<&'static str, f64> {
        self.turn_to("write");
        self.seconds
    }
}
