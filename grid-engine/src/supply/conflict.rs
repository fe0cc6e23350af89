//! Why no plan is possible, in words.
//!
//! The elastic form of the program lets the two things give way that can make a plan impossible, demand that must be
//! met and stock that must be there at the end, and seeks the least violation (phase one of the simplex method; Chinneck,
//! *Feasibility and Infeasibility in Optimization*, 2008). What is violated is the demand that cannot be met; the rows with a
//! price are the limits that conflict with it.

use std::collections::BTreeMap;

use super::model::{self, Constraint, Layout, Objective};
use super::network::{DemandId, Network, NodeId};
use super::solve::{Limits, solve_program};

/// Lines of each sort that are written out.
const SHOWN: usize = 20;

/// Violations below this are rounding.
const DUST: f64 = 1e-6;

/// Says what cannot be met and which limits stand against it.
pub(super) fn describe(network: &Network, limits: Limits) -> Vec<String> {
    let mut relaxed = network.clone();
    relaxed.streams.iter_mut().for_each(|stream| stream.allow_lost = true);
    let terminals: Vec<f64> = network.nodes.iter().map(|node| node.terminal_min).collect();
    relaxed.nodes.iter_mut().for_each(|node| node.terminal_min = 0.0);
    let mut model = model::assemble(&relaxed, Objective::Cost, None);
    for column in &mut model.program.columns {
        (column.cost, column.integer) = (0.0, false);
    }
    let last = network.periods.len().saturating_sub(1);
    let mut missing: Vec<(usize, String)> = Vec::new();
    for (index, demand) in network.demands.iter().enumerate() {
        if network.streams[demand.stream.0].allow_lost {
            continue;
        }
        for (period, name) in network.periods.iter().enumerate() {
            let column = model.layout.lost(DemandId(index), period);
            model.program.columns[column].cost = 1.0;
            missing.push((column, format!("demand {} in {name}", network.demand_name(DemandId(index)))));
        }
        let column = model.layout.backlog(DemandId(index), last);
        model.program.columns[column].cost = 1.0;
        missing.push((column, format!("backlog of {} after the last period", network.demand_name(DemandId(index)))));
    }
    for (index, terminal) in terminals.iter().enumerate().filter(|(_, terminal)| **terminal > 0.0) {
        let give = model.program.add_column(1.0, 0.0, f64::INFINITY);
        let stock = model.layout.stock(NodeId(index), last);
        model.program.add_row(super::program::RowBound::AtLeast(*terminal), [(stock, 1.0), (give, 1.0)]);
        missing.push((give, format!("stock of {} after the last period", network.node_name(NodeId(index)))));
    }
    match solve_program(&model.program, limits) {
        Ok(solved) => {
            let short = missing.into_iter().filter_map(|(column, what)| {
                let units = solved.values[column];
                (units > DUST).then(|| format!("{what} cannot be met: {} units short", rounded(units)))
            });
            let mut words = first(short.collect(), "shortages");
            words.extend(first(binding(network, &model.layout, &solved.row_prices), "limits"));
            if words.is_empty() {
                words.push("lot sizes or whole workers leave no plan, though fractions of them would".to_owned());
            }
            words
        }
        Err(_) => vec!["limits contradict each other even where demand may be lost".to_owned()],
    }
}

/// Limits with a price, by object, with the periods in which they bind.
fn binding(network: &Network, layout: &Layout, row_prices: &[f64]) -> Vec<String> {
    let mut periods: BTreeMap<(&'static str, String), Vec<&str>> = BTreeMap::new();
    for (row, price) in row_prices.iter().enumerate().filter(|(_, price)| price.abs() > DUST) {
        let _ = price;
        let Some((constraint, period)) = layout.meaning(row) else { continue };
        let words = match constraint {
            Constraint::Capacity(_) => "hours of",
            Constraint::Lane(_) => "room on lane",
            Constraint::Storage(_) => "storage in",
            Constraint::Throughput(_) => "goods received in",
            Constraint::Supplier(_) => "what can be bought from",
            Constraint::WorkerOvertime(_) => "overtime of the workers of",
            Constraint::LargestRun(_) => "largest run of",
            Constraint::LeastRun(_) => "least run of",
            Constraint::Balance(_) | Constraint::Demand(_) | Constraint::Safety(_) | Constraint::Headcount(_) => {
                continue;
            }
        };
        periods.entry((words, constraint.object(network))).or_default().push(&network.periods[period]);
    }
    periods
        .into_iter()
        .map(|((words, object), at)| format!("in conflict: {words} {object} in {}", at.join(", ")))
        .collect()
}

fn first(mut lines: Vec<String>, what: &str) -> Vec<String> {
    if lines.len() > SHOWN {
        let more = lines.len() - SHOWN;
        lines.truncate(SHOWN);
        lines.push(format!("and {more} more {what}"));
    }
    lines
}

fn rounded(units: f64) -> f64 {
    (units * 1e6).round() / 1e6
}
