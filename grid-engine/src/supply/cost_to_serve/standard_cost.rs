//! What a unit costs when nothing is scarce: the value of opening stock.

use crate::supply::network::{Network, NodeId};

/// Money a unit at each node by the cheapest way through routes, contracts and lanes, ignoring limits and time; 0
/// where no way leads.
pub(in crate::supply) fn standard_costs(network: &Network) -> Vec<f64> {
    let mut costs = vec![f64::INFINITY; network.nodes.len()];
    for contract in &network.contracts {
        let cost = &mut costs[contract.node.0];
        *cost = cost.min(contract.unit_cost);
    }
    // Lanes with a lead time may lead back to an earlier node, so one pass in order may not be the last.
    for _ in 0..=network.nodes.len() {
        let mut improved = false;
        let mut offer = |costs: &mut Vec<f64>, node: NodeId, cost: f64| {
            if cost < costs[node.0] {
                costs[node.0] = cost;
                improved = true;
            }
        };
        for route in &network.routes {
            let materials = route.components.iter().map(|one| one.qty_per * costs[one.node.0]).sum::<f64>();
            let conversion = route.unit_cost.first().copied().unwrap_or_default();
            offer(&mut costs, route.node, conversion + materials);
        }
        for flow in &network.flows {
            let cost = costs[flow.from.0] + flow.unit_cost;
            offer(&mut costs, flow.to, cost);
        }
        if !improved {
            break;
        }
    }
    costs.into_iter().map(|cost| if cost.is_finite() { cost } else { 0.0 }).collect()
}
