//! `equipoise solve`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use grid_engine::supply::study::{Change, PRESENT_LEVEL, Study, check, study};
use grid_engine::supply::verify::verify;
use grid_engine::supply::{
    Objective, Phase, Plan, Problem, Resolver, SolveClock, SolveError, SolveOptions, read_network, solve_network,
};

use super::Refused;
use crate::clock::now_ms;
use crate::exchange::plan_csv::{write_plan, write_study, write_summary};
use crate::exchange::supply_csv::SupplyTables;

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
    /// Ask what if: `capacity,LINE-1,+10%`, with the first and last bucket after it where it is for some only. What can be changed: see
    /// SUPPLY.WHATIF. Several are made together. Written to what_if.csv.
    #[arg(long, value_name = "WHAT,OF,CHANGE[,FROM[,UNTIL]]", value_parser = change)]
    what_if: Vec<Change>,
    /// Try a step of every limit that binds and write what it saves and costs to relief.csv.
    #[arg(long)]
    relief: bool,
    /// Solve again without each class of limits that shortages are put down to, and write to but_for.csv which of them that confirms.
    #[arg(long)]
    but_for: bool,
    /// Solve for each of these service levels and write stock, service and cost to trade_off.csv.
    #[arg(long, value_name = "LEVELS", value_delimiter = ',', value_parser = level)]
    trade_off: Vec<f64>,
    /// The service level that the safety stocks in the tables stand for.
    #[arg(long, default_value_t = PRESENT_LEVEL, value_parser = level)]
    present_level: f64,
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

fn level(text: &str) -> Result<f64, String> {
    let level: f64 = text.trim().parse().map_err(|_| "not a number".to_owned())?;
    if (0.5..1.0).contains(&level) { Ok(level) } else { Err("must lie within 0.5 to below 1".to_owned()) }
}

fn change(text: &str) -> Result<Change, String> {
    let mut fields = text.splitn(5, ',');
    let mut field = || fields.next().unwrap_or_default();
    let (what, of, change, from, until) = (field(), field(), field(), field(), field());
    Change::read(what, of, change, from, until).map_err(|error| error.to_string())
}

impl Args {
    /// What is asked of the plan, each with the file for its answer.
    fn studies(&self) -> Vec<(Study, &'static str)> {
        let mut studies = Vec::new();
        if !self.what_if.is_empty() {
            studies.push((Study::WhatIf { changes: self.what_if.clone() }, "what_if.csv"));
        }
        if self.relief {
            studies.push((Study::Relief, "relief.csv"));
        }
        if self.but_for {
            studies.push((Study::ButFor, "but_for.csv"));
        }
        if !self.trade_off.is_empty() {
            let study = Study::TradeOff { levels: self.trade_off.clone(), present: self.present_level };
            studies.push((study, "trade_off.csv"));
        }
        studies
    }
}

/// Answers questions to a plan, each from the same start.
fn answer(plan: &Plan, options: &SolveOptions, args: &Args) -> Result<(), Refused> {
    let cannot_write = |error: std::io::Error| vec![format!("{} cannot be written: {error}", args.output.display())];
    for (question, file) in args.studies() {
        let said = |error: &dyn std::fmt::Display| vec![error.to_string()];
        let mut resolver = Resolver::new(options.clone());
        resolver.solve_unexplained(plan.network.clone(), &mut |_| ()).map_err(|error| said(&error))?;
        let table = study(plan, &question, &mut resolver, &mut |_, _| ()).map_err(|error| said(&error))?;
        write_study(&table, &args.output, file).map_err(cannot_write)?;
    }
    Ok(())
}

/// Runs the command.
pub fn run(args: &Args) -> Result<(), Refused> {
    if args.output.exists() && !args.output.is_dir() {
        return Err(vec![format!("{} is a file: name a folder for the plan", args.output.display())]);
    }
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
        clock: SolveClock(Some(now_ms)),
    };
    let mut progress = |phase: Phase| {
        times.turn_to(match phase {
            Phase::Check => "lint",
            Phase::Build => "build",
            Phase::Solve { .. } => "solve",
            Phase::Explain | Phase::Diagnose => "explain",
        });
    };
    progress(Phase::Check);
    let network = read_network(&read.tables, &options.demand).map_err(SolveError::Refused);
    if let Ok(network) = &network {
        let warn = |warning: &Problem| eprintln!("equipoise: warning: {}", read.describe(warning));
        network.warnings.iter().for_each(warn);
        // Before anything is solved: that may take minutes.
        for (question, _) in args.studies() {
            check(network, &question).map_err(|error| vec![error.to_string()])?;
        }
    }
    let plan =
        network.and_then(|network| solve_network(network, &options, &mut progress)).map_err(|error| match error {
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
    answer(&plan, &options, args)?;
    println!(
        "{}: cost {:.2}, lost {:.2} units{}",
        plan.status.word(),
        plan.costs.total(),
        plan.lost_units(),
        proof(&plan)
    );
    Ok(())
}

/// How far a plan that is not proven to be the best may be from it.
fn proof(plan: &Plan) -> String {
    match plan.gap() {
        _ if plan.status.is_proven() => String::new(),
        gap if gap.is_finite() => {
            format!("; not proven to be the best, which is better by at most {:.2} %", gap * 100.0)
        }
        _ => "; not proven to be the best: how far it may be from that is not known".to_owned(),
    }
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
