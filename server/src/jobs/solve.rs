//! Solving a supply plan: from the tables to the answer and to the rows of the sheets that show it.

use std::collections::BTreeMap;

use grid_engine::supply::plan::SummaryFigure;
use grid_engine::supply::{Objective, Phase, Plan, RawTable, SolveOptions, solve_tables};
use grid_engine::value::{Array, ErrorKind, Value};

use super::child::failed;
use super::message::{Report, SolvedRow, SolvedTable};

/// Seconds the solver may search; then the best plan found is taken.
const TIME_LIMIT_SECONDS: f64 = 300.0;
/// With lots or whole workers, a plan this near the bound is good enough.
const MIP_GAP: f64 = 1e-3;

/// Solves; a plan that cannot be is an answer too, with its reason.
pub(super) fn solve(tables: &BTreeMap<String, RawTable>, objective: &str, progress: &mut dyn FnMut(String)) -> Report {
    let objective = match objective {
        "cost" => Objective::Cost,
        "profit" => Objective::Profit,
        "service" => Objective::Service,
        _ => {
            let reason = format!("the objective is {objective:?} and must be cost, profit or service");
            return Report::Solved { value: failed(&reason), tables: Vec::new() };
        }
    };
    let options = SolveOptions {
        objective,
        time_limit_seconds: Some(TIME_LIMIT_SECONDS),
        mip_gap: MIP_GAP,
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
        Ok(plan) => Report::Solved { value: summary(&plan), tables: tables_of(&plan) },
        Err(reason) => Report::Solved { value: failed(&reason.to_string()), tables: Vec::new() },
    }
}

/// Two columns: label and value.
fn summary(plan: &Plan) -> Value {
    let lines = plan.summary();
    let cells = lines.iter().flat_map(|(label, figure)| {
        let value = match figure {
            SummaryFigure::Number(number) | SummaryFigure::Share(number) => Value::number(*number),
            SummaryFigure::Text(text) => Value::text(text),
        };
        [Value::text(label), value]
    });
    Array::new(lines.len(), 2, cells.collect())
        .map_or(Value::error(ErrorKind::Calc), |array| Value::Array(array.into()))
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
