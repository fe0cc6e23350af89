//! An order of the stock nodes, and the loops that would make one impossible.

use super::Reading;
use crate::supply::network::{ItemId, NodeId};

impl Reading<'_> {
    /// Orders nodes so that within a period whatever feeds a node comes before it; reports loops.
    ///
    /// Bills of material must not loop at all. Lanes may, as long as a round trip takes time.
    pub(super) fn order_nodes(&mut self) {
        self.order_items();
        let network = &self.network;
        let mut feeds: Vec<Vec<(usize, Option<usize>)>> = vec![Vec::new(); network.nodes.len()];
        for route in &network.routes {
            for component in &route.components {
                feeds[component.node.0].push((route.node.0, None));
            }
        }
        for flow in network.flows.iter().filter(|flow| network.lanes[flow.lane.0].lead_time == 0) {
            feeds[flow.from.0].push((flow.to.0, Some(flow.lane.0)));
        }
        let targets: Vec<Vec<usize>> = feeds.iter().map(|edges| edges.iter().map(|edge| edge.0).collect()).collect();
        match sorted(&targets) {
            Ok(order) => self.network.order = order.into_iter().map(NodeId).collect(),
            Err(on_loop) => self.report_lane_loop(&feeds, &on_loop),
        }
    }

    fn order_items(&mut self) {
        let network = &self.network;
        let mut feeds = vec![Vec::new(); network.items.len()];
        for route in network.routes.iter().filter(|route| !route.components.is_empty()) {
            let made = network.nodes[route.node.0].item.0;
            for component in &route.components {
                feeds[network.nodes[component.node.0].item.0].push(made);
            }
        }
        let on_loop = match sorted(&feeds) {
            Ok(order) => {
                self.network.item_order = order.into_iter().map(ItemId).collect();
                return;
            }
            Err(on_loop) => on_loop,
        };
        let Some(table) = self.optional("bom", &["route", "component", "qty_per"]) else { return };
        for row in table.rows() {
            let route = self.names.routes.get(&row.text("route")).map(|&route| &network.routes[route]);
            let made = route.and_then(|route| network.nodes.get(route.node.0)).map(|node| node.item.0);
            let used = self.names.items.get(&row.text("component")).copied();
            let (Some(made), Some(used)) = (made, used) else { continue };
            if on_loop.contains(&made) && on_loop.contains(&used) {
                let (made, used) = (&network.items[made].name, &network.items[used].name);
                row.report(Some("component"), format!("a loop: {used} goes into {made}, which goes into {used} again"));
            }
        }
    }

    fn report_lane_loop(&self, feeds: &[Vec<(usize, Option<usize>)>], on_loop: &[usize]) {
        let mut lanes: Vec<usize> = Vec::new();
        for &node in on_loop {
            let inside = feeds[node].iter().filter(|(target, _)| on_loop.contains(target));
            lanes.extend(inside.filter_map(|(_, lane)| *lane));
        }
        lanes.sort_unstable();
        lanes.dedup();
        let Some(table) = self.optional("lanes", &["lane"]) else { return };
        for row in table.rows() {
            if self.names.lanes.get(&row.text("lane")).is_some_and(|lane| lanes.contains(lane)) {
                row.report(
                    Some("lead_time"),
                    "a loop of lanes without lead time: goods would go round within a period",
                );
            }
        }
    }
}

/// Vertices in topological order (Kahn 1962), or those on loops.
fn sorted(targets: &[Vec<usize>]) -> Result<Vec<usize>, Vec<usize>> {
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
