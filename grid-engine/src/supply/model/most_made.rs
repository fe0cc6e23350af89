//! How much of an item is ever worth making: what keeps the switch rows of lots tight where no other limit does.

use crate::supply::network::Network;

/// Units of each item over the whole horizon that some best plan does not exceed.
///
/// A unit is made for a reason: it is served, it stands in a stock that must be there, its run needs it to be large enough,
/// people decided it, it goes into another item, or it takes goods out of the way that are there unasked. A unit without one
/// can be left away with all that was made, bought and moved for it: costs are never negative, so the plan costs no more.
/// This adds up what each reason can ask for, exploded through the bills of material.
pub(super) fn most_made(network: &Network) -> Vec<f64> {
    let decided = decided(network);
    let forced = forced(network, &decided);
    let mut most = vec![0.0; network.items.len()];
    for demand in &network.demands {
        most[demand.item.0] += demand.quantity.iter().sum::<f64>();
    }
    for node in &network.nodes {
        most[node.item.0] += node.safety + node.terminal_min;
    }
    let relieved = relieved(network, &forced);
    for item in 0..most.len() {
        most[item] += least_runs(network, item) + decided[item] + relieved[item];
    }
    for item in network.item_order.iter().rev().map(|item| item.0) {
        for route in network.routes.iter().filter(|route| network.nodes[route.node.0].item.0 == item) {
            for component in &route.components {
                most[network.nodes[component.node.0].item.0] += component.qty_per * most[item];
            }
        }
    }
    most
}

/// Units of each item in what people decided, whatever is done with them.
fn decided(network: &Network) -> Vec<f64> {
    let mut units = vec![0.0; network.items.len()];
    for decision in &network.decisions {
        let node = decision.of.node(network);
        units[network.nodes[node.0].item.0] += decision.quantity.iter().flatten().sum::<f64>();
    }
    units
}

/// Units that are there whether a plan has a use for them or not: on hand, on order, decided, or more than needed of a run
/// that must not be smaller.
fn forced(network: &Network, decided: &[f64]) -> Vec<f64> {
    let mut units: Vec<f64> = (0..network.items.len()).map(|item| decided[item] + least_runs(network, item)).collect();
    for node in &network.nodes {
        units[node.item.0] += node.initial + node.receipts.iter().sum::<f64>();
    }
    units
}

/// Units of each item that can be made to be rid of components: holding these may cost more than what becomes of them.
fn relieved(network: &Network, forced: &[f64]) -> Vec<f64> {
    let mut relieved = vec![0.0; network.items.len()];
    for item in network.item_order.iter().map(|item| item.0) {
        for route in network.routes.iter().filter(|route| network.nodes[route.node.0].item.0 == item) {
            for component in route.components.iter().filter(|component| component.qty_per > 0.0) {
                let used = network.nodes[component.node.0].item.0;
                relieved[item] += (forced[used] + relieved[used]) / component.qty_per;
            }
        }
    }
    relieved
}

/// All least runs of an item, in every period and on every route.
fn least_runs(network: &Network, item: usize) -> f64 {
    let routes = network.routes.iter().filter(|route| network.nodes[route.node.0].item.0 == item);
    routes.flat_map(|route| &route.lot).flat_map(|lot| &lot.min_run).sum()
}
