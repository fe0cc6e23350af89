//! An order of the stock nodes, and the loops that would make one impossible.

use super::Reading;
use crate::supply::network::ItemId;
use crate::supply::ordering::{feeds, node_order, sorted};

impl Reading<'_> {
    /// Orders nodes so that within a period whatever feeds a node comes before it; reports loops.
    ///
    /// Bills of material must not loop at all. Lanes may, as long as a round trip takes time.
    pub(super) fn order_nodes(&mut self) {
        self.order_items();
        match node_order(&self.network) {
            Ok(order) => self.network.order = order,
            Err(on_loop) => self.report_lane_loop(&on_loop),
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
                let reason = match made == used {
                    true => format!("a loop: {used} goes into itself"),
                    false => format!("a loop: {used} goes into {made}, which goes into {used} again"),
                };
                row.report(Some("component"), reason);
            }
        }
    }

    fn report_lane_loop(&self, on_loop: &[usize]) {
        let feeds = feeds(&self.network);
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
