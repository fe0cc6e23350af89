//! Orders in which what feeds comes before what it feeds.

use super::network::{Network, NodeId};

/// What each node feeds within a period: another node, and the lane where it is one that does.
pub(super) fn feeds(network: &Network) -> Vec<Vec<(usize, Option<usize>)>> {
    let mut feeds: Vec<Vec<(usize, Option<usize>)>> = vec![Vec::new(); network.nodes.len()];
    for route in &network.routes {
        for component in &route.components {
            feeds[component.node.0].push((route.node.0, None));
        }
    }
    for flow in network.flows.iter().filter(|flow| network.lanes[flow.lane.0].lead_time == 0) {
        feeds[flow.from.0].push((flow.to.0, Some(flow.lane.0)));
    }
    feeds
}

/// The order of [`Network::order`], or the nodes on loops.
pub(super) fn node_order(network: &Network) -> Result<Vec<NodeId>, Vec<usize>> {
    let targets: Vec<Vec<usize>> =
        feeds(network).iter().map(|edges| edges.iter().map(|edge| edge.0).collect()).collect();
    sorted(&targets).map(|order| order.into_iter().map(NodeId).collect())
}

/// Vertices in topological order (Kahn 1962), or those on loops.
pub(super) fn sorted(targets: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let peel = |targets: &[Vec<usize>]| {
        let mut sources = vec![0_usize; targets.len()];
        for &target in targets.iter().flatten() {
            sources[target] += 1;
        }
        let mut order: Vec<usize> = (0..targets.len()).filter(|&vertex| sources[vertex] == 0).collect();
        let mut next = 0;
        while let Some(&vertex) = order.get(next) {
            next += 1;
            for &target in &targets[vertex] {
                sources[target] -= 1;
                if sources[target] == 0 {
                    order.push(target);
                }
            }
        }
        order
    };
    let order = peel(targets);
    if order.len() == targets.len() {
        return Ok(order);
    }
    // What remains lies on a loop, before one or after one; peeling backwards leaves the loops themselves and the
    // ways between them.
    let mut reversed = vec![Vec::new(); targets.len()];
    for (vertex, edges) in targets.iter().enumerate() {
        for &target in edges {
            reversed[target].push(vertex);
        }
    }
    let mut settled = vec![false; targets.len()];
    order.into_iter().chain(peel(&reversed)).for_each(|vertex| settled[vertex] = true);
    Err((0..targets.len()).filter(|&vertex| !settled[vertex]).collect())
}
