//! Lead times a bucket shorter: what the prices of the plan say a unit would gain.

use std::collections::BTreeMap;

use super::super::Lever;
use super::super::lever::Link;
use super::DUST;
use super::binding::Binding;
use crate::supply::network::{FlowId, NodeId};
use crate::supply::plan::Plan;

/// Every lead time that is worth a bucket less where units are short: what a unit sent, made or ordered as before would
/// be worth a bucket sooner, less what it costs at the plan's prices.
pub(super) fn lead_times(plan: &Plan) -> Vec<Binding> {
    let network = &plan.network;
    let wanted = wanted(plan);
    if wanted.iter().all(|units| *units <= DUST) {
        return Vec::new();
    }
    let item = |node: NodeId| network.nodes[node.0].item.0;
    let mut found = Vec::new();
    let mut add = |link: Link, gains: Vec<(usize, f64)>, units: f64| {
        let worth: Vec<(usize, f64)> = gains.into_iter().filter(|(_, gain)| *gain > DUST).collect();
        let most = worth.iter().map(|(_, gain)| *gain).fold(0.0, f64::max);
        if most * units > DUST {
            let binding = Binding::new(Lever::LeadTime, link.object(network), worth, 1.0);
            found.push(Binding { promise: most * units, ..binding });
        }
    };
    for (index, contract) in network.contracts.iter().enumerate() {
        add(Link::Contract(index), contract_gains(plan, index), wanted[item(contract.node)]);
    }
    for (index, route) in network.routes.iter().enumerate() {
        add(Link::Route(index), route_gains(plan, index), wanted[item(route.node)]);
    }
    for index in 0..network.lanes.len() {
        // A lane carries many items: each gains what it can, the most in any bucket counts for all.
        let mut gains = vec![0.0_f64; network.periods.len()];
        let mut most_wanted = 0.0_f64;
        for (flow, ends) in network.flows.iter().enumerate().filter(|(_, ends)| ends.lane.0 == index) {
            for (bucket, gain) in flow_gains(plan, FlowId(flow)) {
                gains[bucket] = gains[bucket].max(gain);
                if gain > DUST {
                    most_wanted = most_wanted.max(wanted[item(ends.to)]);
                }
            }
        }
        add(Link::Lane(index), gains.into_iter().enumerate().collect(), most_wanted);
    }
    found
}

/// Units short of each item, and of what goes into it.
fn wanted(plan: &Plan) -> Vec<f64> {
    let network = &plan.network;
    let mut wanted = vec![0.0; network.items.len()];
    for (index, demand) in network.demands.iter().enumerate() {
        let sum = |series: &[f64]| series.iter().sum::<f64>();
        wanted[demand.item.0] += sum(plan.quantities.lost.of(index)) + sum(plan.quantities.backlog.of(index));
    }
    for item in network.item_order.iter().rev().map(|item| item.0) {
        if wanted[item] <= DUST {
            continue;
        }
        // Routes are alternates: a part counts once, as much as the hungriest of them takes.
        let mut parts: BTreeMap<usize, f64> = BTreeMap::new();
        for route in network.routes.iter().filter(|route| network.nodes[route.node.0].item.0 == item) {
            for component in &route.components {
                let part = parts.entry(network.nodes[component.node.0].item.0).or_default();
                *part = part.max(component.qty_per);
            }
        }
        for (part, qty_per) in parts {
            wanted[part] += qty_per * wanted[item];
        }
    }
    wanted
}

/// What a unit of a contract would gain by bucket of arrival: only the first bucket that opens counts.
fn contract_gains(plan: &Plan, index: usize) -> Vec<(usize, f64)> {
    let contract = &plan.network.contracts[index];
    let Some(arrival) = contract.lead_time.checked_sub(1).filter(|at| *at < plan.network.periods.len()) else {
        return Vec::new();
    };
    let paid = contract.unit_cost + plan.prices.supply.of(contract.supplier.0)[arrival];
    vec![(arrival, plan.prices.unit.of(contract.node.0)[arrival] - paid)]
}

/// What a unit made would gain by bucket of start.
fn route_gains(plan: &Plan, index: usize) -> Vec<(usize, f64)> {
    let (network, prices) = (&plan.network, &plan.prices);
    let route = &network.routes[index];
    let Some(takes) = route.lead_time.checked_sub(1) else { return Vec::new() };
    let gain = |start: usize| {
        let parts = route.components.iter().map(|one| one.qty_per * prices.unit.of(one.node.0)[start]);
        let hours = route.hours.iter().map(|(resource, hours)| hours * prices.hour.of(resource.0)[start]);
        let paid = route.unit_cost[start] + parts.sum::<f64>() + hours.sum::<f64>() + prices.run.of(index)[start];
        (start, prices.unit.of(route.node.0)[start + takes] - paid)
    };
    (0..network.periods.len().saturating_sub(takes)).map(gain).collect()
}

/// What a unit sent would gain by bucket of shipment.
fn flow_gains(plan: &Plan, flow: FlowId) -> Vec<(usize, f64)> {
    let (network, prices) = (&plan.network, &plan.prices);
    let ends = &network.flows[flow.0];
    let lane = &network.lanes[ends.lane.0];
    let Some(takes) = lane.lead_time.checked_sub(1) else { return Vec::new() };
    let volume = network.item_of(ends.from).volume;
    let gain = |sent: usize| {
        let room = volume * prices.lane_m3.of(ends.lane.0)[sent];
        let received = prices.throughput.of(lane.to.0)[sent + takes];
        let paid = ends.unit_cost + room + received + prices.unit.of(ends.from.0)[sent];
        (sent, prices.unit.of(ends.to.0)[sent + takes] - paid)
    };
    (0..network.periods.len().saturating_sub(takes)).map(gain).collect()
}
