//! The unknowns: bounds and costs.

use super::{Layout, Objective};
use crate::supply::network::{DemandId, Network, NodeId, ResourceId, RouteId};
use crate::supply::program::Program;

/// Adds every column, in the order of [`Layout`].
pub(super) fn add(program: &mut Program, network: &Network, layout: &Layout, objective: Objective) {
    let periods = layout.periods;
    let none = f64::INFINITY;
    for route in &network.routes {
        for period in 0..periods {
            // A limit without a switch is a mere bound; with one it is a row.
            let limit = route.lot.as_ref().filter(|lot| !lot.needs_switch()).map_or(none, |lot| lot.max_run[period]);
            program.add_column(route.unit_cost[period], 0.0, limit);
        }
    }
    for flow in &network.flows {
        program.add_columns(periods, flow.unit_cost, 0.0, none);
    }
    for contract in &network.contracts {
        for period in 0..periods {
            let upper = if period < contract.lead_time { 0.0 } else { none };
            program.add_column(contract.unit_cost, 0.0, upper);
        }
    }
    for resource in &network.resources {
        for &limit in &resource.max_overtime_hours {
            // Workers limit their own overtime, by a row.
            let upper = if resource.workforce.is_some() { none } else { limit };
            program.add_column(resource.ot_cost_per_hour, 0.0, upper);
        }
    }
    for node in &network.nodes {
        for period in 0..periods {
            let lower = if period + 1 == periods { node.terminal_min } else { 0.0 };
            program.add_column(node.hold_cost, lower, node.max);
        }
    }
    add_service(program, network, periods, objective);
    let disposal_cost = prohibitive_cost(network);
    for node in (0..network.nodes.len()).map(NodeId) {
        if layout.shortfall(node, 0).is_some() {
            let penalty = network.nodes[node.0].ss_penalty;
            program.add_columns(periods, penalty, 0.0, none);
        }
    }
    for node in (0..network.nodes.len()).map(NodeId) {
        if layout.disposal(node, 0).is_some() {
            program.add_columns(periods, disposal_cost, 0.0, none);
        }
    }
    add_switches(program, network, layout);
    add_crews(program, network, layout);
    hold_decisions(program, network, layout);
}

/// What is decided is the only value of its column.
fn hold_decisions(program: &mut Program, network: &Network, layout: &Layout) {
    for decision in &network.decisions {
        for (period, units) in decision.quantity.iter().enumerate() {
            if let Some(units) = *units {
                let column = &mut program.columns[layout.decided(decision.of, period)];
                (column.lower, column.upper) = (units, units);
            }
        }
    }
}

fn add_service(program: &mut Program, network: &Network, periods: usize, objective: Objective) {
    for demand in &network.demands {
        let price = if objective == Objective::Profit { network.items[demand.item.0].price } else { 0.0 };
        program.add_columns(periods, -price, 0.0, f64::INFINITY);
    }
    for demand in (0..network.demands.len()).map(DemandId) {
        for period in 0..periods {
            let (cost, upper) = backlog_terms(network, demand, period, periods);
            program.add_column(cost, 0.0, upper);
        }
    }
    for demand in &network.demands {
        let upper = if network.streams[demand.stream.0].allow_lost { f64::INFINITY } else { 0.0 };
        program.add_columns(periods, demand.lost_cost, 0.0, upper);
    }
}

/// Cost and limit of a unit late at the end of a period. Late after the last period counts as lost as well, and is
/// therefore possible only where units may be lost.
fn backlog_terms(network: &Network, demand: DemandId, period: usize, periods: usize) -> (f64, f64) {
    let demand = &network.demands[demand.0];
    let stream = &network.streams[demand.stream.0];
    let last = period + 1 == periods;
    let cost = demand.late_cost + if last { demand.lost_cost } else { 0.0 };
    let allowed = stream.allow_backlog && (!last || stream.allow_lost);
    (cost, if allowed { f64::INFINITY } else { 0.0 })
}

fn add_switches(program: &mut Program, network: &Network, layout: &Layout) {
    for (index, route) in network.routes.iter().enumerate() {
        let Some(lot) = route.lot.as_ref().filter(|_| layout.running(RouteId(index), 0).is_some()) else { continue };
        for &fixed_cost in &lot.fixed_cost {
            let column = program.add_column(fixed_cost, 0.0, 1.0);
            program.columns[column].integer = true;
        }
    }
}

fn add_crews(program: &mut Program, network: &Network, layout: &Layout) {
    for (index, resource) in network.resources.iter().enumerate() {
        let (Some(crew), Some(_)) = (&resource.workforce, layout.crews[ResourceId(index).0]) else { continue };
        for cost in [crew.wage, crew.hire_cost, crew.fire_cost] {
            for _ in 0..layout.periods {
                let column = program.add_column(cost, 0.0, f64::INFINITY);
                program.columns[column].integer = crew.integer;
            }
        }
    }
}

/// A cost a unit that no plan would pay by choice: disposal is for goods that arrive unasked and find no room.
pub(in crate::supply) fn prohibitive_cost(network: &Network) -> f64 {
    let periods = network.periods.len() as f64;
    let lost = network.demands.iter().map(|demand| demand.lost_cost + demand.late_cost * periods);
    let held = network.nodes.iter().map(|node| (node.hold_cost + node.ss_penalty) * periods);
    let moved = network.flows.iter().map(|flow| flow.unit_cost);
    10.0 * (1.0 + lost.chain(held).chain(moved).fold(0.0, f64::max))
}
