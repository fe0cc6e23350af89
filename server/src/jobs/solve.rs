//! Solving a supply plan: from the tables to the answer and to the rows of the sheets that show it.

use std::collections::BTreeMap;

use grid_engine::formula::PlanTable;
use grid_engine::plan::SHORT;
use grid_engine::supply::plan::SummaryFigure;
use grid_engine::supply::reasons::{Limit, Reason};
use grid_engine::supply::{Objective, Phase, Plan, RawTable, SolveOptions, solve_tables};
use grid_engine::value::{Array, ErrorKind, Value};

use super::child::failed;
use super::message::{Report, SolvedRow, SolvedTable};
use super::plan_tables::plan_table;

/// Seconds the solver may search; then the best plan found is taken.
const TIME_LIMIT_SECONDS: f64 = 300.0;
/// With lots or whole workers, a plan this near the bound is good enough.
const MIP_GAP: f64 = 1e-3;

/// Solves; a plan that cannot be is an answer too, with its reason. `solver_log`: whether standard output is read, and the
/// solver may write its steps there.
pub(super) fn solve(
    tables: &BTreeMap<String, RawTable>,
    objective: &str,
    solver_log: bool,
    progress: &mut dyn FnMut(String),
) -> Report {
    let objective = match objective {
        "cost" => Objective::Cost,
        "profit" => Objective::Profit,
        "service" => Objective::Service,
        "fair" => Objective::FairShare,
        _ => {
            let reason = format!("the objective is {objective:?} and must be cost, profit, service or fair");
            return Report::Solved { value: failed(&reason), tables: Vec::new() };
        }
    };
    let options = SolveOptions {
        objective,
        time_limit_seconds: Some(TIME_LIMIT_SECONDS),
        mip_gap: MIP_GAP,
        solver_log,
        ..SolveOptions::default()
    };
    let mut tell = |phase: Phase| {
        progress(match phase {
            Phase::Check => "Checking the tables".to_owned(),
            Phase::Build => "Building the program".to_owned(),
            Phase::Solve { rows, columns } => format!("Solving {rows} limits on {columns} quantities"),
            Phase::Explain => "Explaining costs and shortages".to_owned(),
            Phase::Diagnose => "Finding out why no plan is possible".to_owned(),
        });
    };
    match solve_tables(tables, &options, &mut tell) {
        Ok(plan) => Report::Solved { value: answer(&plan), tables: tables_of(&plan) },
        Err(reason) => Report::Solved { value: failed(&reason.to_string()), tables: Vec::new() },
    }
}

/// Every table that formulas show of the plan.
fn answer(plan: &Plan) -> Value {
    PlanTable::answer(|table| match table {
        PlanTable::Summary => summary(plan),
        table => plan_table(plan, table),
    })
}

/// Shortages named in the summary, the largest first.
const SHORTAGES: usize = 12;

/// Three columns: label, value, and for a shortage its cause.
fn summary(plan: &Plan) -> Value {
    let figures = plan.summary().into_iter().map(|(label, figure)| {
        let value = match figure {
            SummaryFigure::Number(number) | SummaryFigure::Share(number) => Value::number(number),
            SummaryFigure::Text(text) => Value::text(text),
        };
        [Value::text(label), value, Value::text("")]
    });
    let shortages = shortages(plan).into_iter().take(SHORTAGES).map(|(what, quantity, cause)| {
        [Value::text(format!("{SHORT}{what}")), Value::number(quantity), Value::text(cause)]
    });
    let lines: Vec<[Value; 3]> = figures.chain(shortages).collect();
    Array::new(lines.len(), 3, lines.concat()).map_or(Value::error(ErrorKind::Calc), |array| Value::Array(array.into()))
}

/// What is late or lost over all channels: `item / region, period`, units, and the limit that causes it; most units first.
fn shortages(plan: &Plan) -> Vec<(String, f64, String)> {
    let network = &plan.network;
    let mut units: BTreeMap<(String, String), f64> = BTreeMap::new();
    for reason in &plan.reasons {
        let demand = &network.demands[reason.demand.0];
        let (item, region) = (&network.items[demand.item.0].name, &network.streams[demand.stream.0].region);
        let what = format!("{item} / {region}, {}", network.periods[reason.period]);
        *units.entry((what, cause(plan, reason))).or_default() += reason.quantity;
    }
    let mut lines: Vec<_> = units.into_iter().map(|((what, cause), units)| (what, units, cause)).collect();
    lines.sort_by(|a, b| b.1.total_cmp(&a.1));
    lines
}

/// A limit in words.
pub(super) fn cause(plan: &Plan, reason: &Reason) -> String {
    let object = reason.cause.object(&plan.network);
    let period = &plan.network.periods[reason.cause_period];
    match reason.cause {
        Limit::Capacity(_) => format!("capacity of {object} in {period}"),
        Limit::Supplier { item, .. } => {
            format!("{} from {object} in {period}", plan.network.items[item.0].name)
        }
        Limit::NoSource { .. } => format!("nothing makes or brings {object}"),
        Limit::LeadTime { .. } => format!("lead time of {object}"),
        Limit::Lane(_) => format!("room on {object} in {period}"),
        Limit::Throughput(_) => format!("goods received at {object} in {period}"),
        Limit::SafetyStock(_) => format!("safety stock of {object} in {period}"),
        Limit::Lot(_) => format!("run size of {object} in {period}"),
        Limit::Economic => "not worth serving at these costs".to_owned(),
    }
}

fn tables_of(plan: &Plan) -> Vec<SolvedTable> {
    let supply = plan.stock_series().into_iter().map(|series| SolvedRow {
        key: vec![series.item, series.location],
        values: vec![
            series.production,
            series.purchases,
            series.inbound,
            series.outbound,
            series.consumed,
            series.stock,
            series.shortfall,
        ],
    });
    let profit = plan.customer_series().into_iter().map(|series| SolvedRow {
        key: vec![series.item, series.region, series.channel],
        values: vec![series.served, series.backlog, series.lost, series.supply_cost],
    });
    let utilisation = plan.utilisation_series().into_iter().map(|series| SolvedRow {
        key: vec![series.resource],
        values: vec![series.hours, series.overtime, series.available],
    });
    vec![
        table("supply", &["production", "purchases", "inbound", "outbound", "consumed", "stock", "shortfall"], supply),
        table("profit", &["served", "backlog", "lost", "supplycost"], profit),
        table("utilisation", &["hours", "overtime", "available"], utilisation),
    ]
}

fn table(role: &str, measures: &[&str], rows: impl Iterator<Item = SolvedRow>) -> SolvedTable {
    SolvedTable {
        role: role.to_owned(),
        measures: measures.iter().map(|&measure| measure.to_owned()).collect(),
        rows: rows.collect(),
    }
}
