//! Why no plan is possible, in words.
//!
//! The elastic form of the program lets the things give way that can make a plan impossible, demand that must be met, stock
//! that must be there at the end and decisions that must be kept, and seeks the least violation (phase one of the simplex method; Chinneck,
//! *Feasibility and Infeasibility in Optimization*, 2008). What is violated is what cannot be met or kept; the rows and bounds with
//! a price are the limits that conflict with it.

use std::collections::BTreeMap;

use super::model::{self, Constraint, Objective};
use super::network::{Decided, DemandId, Network, NodeId};
use super::solve::{Limits, Solved, solve_program};

/// Lines of each sort that are written out.
const SHOWN: usize = 20;

/// Decisions that are tried without.
const TRIED: usize = 12;

/// Violations below this are rounding.
const DUST: f64 = 1e-6;

/// Says what cannot be met and which limits stand against it.
pub(super) fn describe(network: &Network, limits: Limits) -> Vec<String> {
    let mut relaxed = network.clone();
    relaxed.streams.iter_mut().for_each(|stream| stream.allow_lost = true);
    // Runs are as large as decisions and stocks at the end ask for, while the columns are free of them.
    let mut model = model::assemble(&relaxed, Objective::Cost, None);
    let terminals: Vec<f64> = network.nodes.iter().map(|node| node.terminal_min).collect();
    relaxed.nodes.iter_mut().for_each(|node| node.terminal_min = 0.0);
    relaxed.decisions.clear();
    model.program.columns = model::assemble(&relaxed, Objective::Cost, None).program.columns;
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
    let held = let_decisions_give(network, &mut model);
    match solve_program(&model.program, limits) {
        Ok(solved) => {
            let short = missing.into_iter().filter_map(|(column, what)| {
                let units = solved.values[column];
                (units > DUST).then(|| format!("{what} cannot be met: {} units short", rounded(units)))
            });
            let mut words = first(short.collect(), "shortages");
            words.extend(first(broken(network, &held, &solved), "decisions"));
            let against = in_conflict(&mut model, &held, &solved, limits);
            words.extend(first(binding(network, &model, &against, &solved), "limits"));
            if words.is_empty() {
                words.push("lot sizes or whole workers leave no plan, though fractions of them would".to_owned());
            }
            words
        }
        Err(_) => vec!["limits contradict each other even where demand may be lost".to_owned()],
    }
}

/// A decision for one period in the elastic program.
struct Held {
    of: Decided,
    period: usize,
    units: f64,
    /// Columns of what is less and what is more than decided.
    less: usize,
    more: usize,
    row: usize,
}

/// Turns decisions from bounds into rows that may be broken, unit by unit.
fn let_decisions_give(network: &Network, model: &mut model::Model) -> Vec<Held> {
    let mut held = Vec::new();
    for decision in &network.decisions {
        for (period, units) in decision.quantity.iter().enumerate() {
            let Some(units) = *units else { continue };
            let planned = model.layout.decided(decision.of, period);
            let less = model.program.add_column(1.0, 0.0, f64::INFINITY);
            let more = model.program.add_column(1.0, 0.0, f64::INFINITY);
            let row = model.program.rows.len();
            let terms = [(planned, 1.0), (less, 1.0), (more, -1.0)];
            model.program.add_row(super::program::RowBound::Equal(units), terms);
            held.push(Held { of: decision.of, period, units, less, more, row });
        }
    }
    held
}

/// Decisions that cannot be kept.
fn broken(network: &Network, held: &[Held], solved: &Solved) -> Vec<String> {
    let words = |one: &Held| {
        let (less, more) = (solved.values[one.less], solved.values[one.more]);
        if less.max(more) <= DUST {
            return None;
        }
        let (kind, object, period) = (one.of.kind(), one.of.object(network), &network.periods[one.period]);
        let (decided, possible) = (rounded(one.units), rounded(one.units - less + more));
        Some(format!(
            "the decision on {kind} {object} in {period} cannot be kept: {decided} decided, {possible} possible"
        ))
    };
    held.iter().filter_map(words).collect()
}

/// Decisions that are kept and stand in the way of others: without them less would be violated. A price alone does not tell: that of
/// what is decided as nothing may be anything.
fn in_conflict<'a>(model: &mut model::Model, held: &'a [Held], solved: &Solved, limits: Limits) -> Vec<&'a Held> {
    let is_kept = |one: &&Held| solved.values[one.less].max(solved.values[one.more]) <= DUST;
    let priced = held.iter().filter(|one| solved.row_prices[one.row].abs() > DUST).filter(is_kept).take(TRIED);
    let violated = model.program.objective_at(&solved.values);
    let set_cost = |one: &Held, cost: f64, program: &mut super::program::Program| {
        [one.less, one.more].into_iter().for_each(|column| program.columns[column].cost = cost);
    };
    let mut against = Vec::new();
    for one in priced {
        set_cost(one, 0.0, &mut model.program);
        let freed = solve_program(&model.program, limits).map(|solved| model.program.objective_at(&solved.values));
        set_cost(one, 1.0, &mut model.program);
        if freed.is_ok_and(|freed| freed < violated - DUST) {
            against.push(one);
        }
    }
    against
}

/// Limits with a price, by object, with the periods in which they bind; after the decisions that stand against others.
fn binding(network: &Network, model: &model::Model, against: &[&Held], solved: &Solved) -> Vec<String> {
    let layout = &model.layout;
    let mut periods: BTreeMap<(&'static str, String), Vec<&str>> = BTreeMap::new();
    for one in against {
        let object = format!("{} {}", one.of.kind(), one.of.object(network));
        periods.entry(("the decision on", object)).or_default().push(&network.periods[one.period]);
    }
    for (index, node) in network.nodes.iter().enumerate().filter(|(_, node)| node.max.is_finite()) {
        for (period, name) in network.periods.iter().enumerate() {
            let column = layout.stock(NodeId(index), period);
            let is_full = solved.values[column] >= node.max - DUST && solved.column_prices[column] < -DUST;
            if is_full {
                periods.entry(("largest stock of", network.node_name(NodeId(index)))).or_default().push(name);
            }
        }
    }
    for (row, price) in solved.row_prices.iter().enumerate() {
        if price.abs() <= DUST {
            continue;
        }
        let Some((constraint, period)) = layout.meaning(row) else { continue };
        let words = match constraint {
            Constraint::Balance(node) if *price > DUST && !can_arrive(network, node, period) => {
                let held = rounded(network.nodes[node.0].initial);
                let object = format!("{}, {held} units at the start, as nothing more arrives", network.node_name(node));
                periods.entry(("what there is of", object)).or_default().push(&network.periods[period]);
                continue;
            }
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

/// Whether anything that is made, bought or sent can come to a node by a period.
fn can_arrive(network: &Network, node: NodeId, period: usize) -> bool {
    let bought = network.contracts.iter().any(|one| one.node == node && one.lead_time <= period);
    let made = || network.routes.iter().any(|one| one.node == node && one.lead_time <= period);
    let brought = || network.flows.iter().any(|one| one.to == node && network.lanes[one.lane.0].lead_time <= period);
    bought || made() || brought()
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
