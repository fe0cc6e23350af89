//! Who demands what, and whether anything could ever serve it.

use std::collections::{HashMap, HashSet};

use super::{Reading, enter};
use crate::supply::lint::{Blank, SERVICE_COST, TableView};
use crate::supply::network::{Component, Demand, ItemId, LocationId, Node, NodeId, Stream, StreamId};

/// Money a unit late and lost, by item and channel.
type ServiceCosts = HashMap<(usize, std::sync::Arc<str>), (f64, f64)>;

impl Reading<'_> {
    pub(super) fn read_demand(&mut self, version: &str) {
        if let Some(table) = self.required("streams", &["stream", "region", "channel", "loc", "allow_backlog"]) {
            if !table.is_whole() {
                // What a unit late costs is known by its stream's channel.
                self.lint.leave_unread(SERVICE_COST);
            }
            for row in table.rows() {
                let Some(name) = enter(&row, "stream", &mut self.names.streams) else { continue };
                let location = row.reference("loc", &self.names.locations, "location");
                if location.is_none() {
                    self.names.unplaced_streams.insert(self.network.streams.len());
                }
                self.network.streams.push(Stream {
                    name,
                    region: row.text("region"),
                    channel: row.text("channel"),
                    location: LocationId(location.unwrap_or_default()),
                    allow_backlog: row.flag("allow_backlog", false).unwrap_or_default(),
                    allow_lost: row.flag("allow_lost", true).unwrap_or_default(),
                });
            }
        }
        let costs = self.read_service_costs();
        let Some(table) = self.required(&format!("demand_{version}"), &["item", "stream"]) else { return };
        if table.has_periods(&self.network.periods) {
            self.read_demand_rows(&table, &costs);
        }
    }

    fn read_service_costs(&self) -> ServiceCosts {
        let mut costs = ServiceCosts::new();
        let Some(table) = self.required("service_cost", &["item", "channel", "late_cost", "lost_cost"]) else {
            return costs;
        };
        for row in table.rows() {
            let item = row.reference("item", &self.names.items, "item");
            let late = row.number("late_cost", Blank::Refused);
            let lost = row.number("lost_cost", Blank::Refused);
            let Some(item) = item else { continue };
            let cost = (late.unwrap_or_default(), lost.unwrap_or_default());
            if costs.insert((item, row.text("channel")), cost).is_some() && table.is_whole() {
                row.report(None, "this item and channel appear twice");
            }
        }
        costs
    }

    fn read_demand_rows(&mut self, table: &TableView<'_>, costs: &ServiceCosts) {
        let mut seen = HashSet::new();
        for row in table.rows() {
            let item = row.reference("item", &self.names.items, "item");
            let stream = row.reference("stream", &self.names.streams, "stream");
            let quantity = row.series(&self.network.periods, Blank::Zero);
            let (Some(item), Some(stream)) = (item, stream) else { continue };
            if !seen.insert((item, stream)) {
                row.report(None, "this item and stream appear twice");
                continue;
            }
            if self.names.unplaced_streams.contains(&stream) {
                continue;
            }
            let (location, channel) = (self.network.streams[stream].location.0, &self.network.streams[stream].channel);
            let node = self.node_of(&row, "item", item, location);
            let cost = costs.get(&(item, channel.clone()));
            if cost.is_none() && !self.lint.is_unread(SERVICE_COST) {
                let reason = format!("service_cost has no row for this item in channel {channel:?}");
                row.report(Some("item"), reason);
            }
            let (Some(quantity), Some(node), Some(&(late_cost, lost_cost))) = (quantity, node, cost) else { continue };
            let (item, stream) = (ItemId(item), StreamId(stream));
            self.network.demands.push(Demand { item, stream, node, quantity, late_cost, lost_cost });
        }
        if table.rows().next().is_none() {
            table.report(None, "there are no demand rows");
        }
    }

    /// Reports demand and components for which the network has no source at all: a hole in the tables, not a shortage.
    pub(super) fn check_sources(&self, version: &str) {
        let network = &self.network;
        let is_there = |node: &Node| node.initial > 0.0 || node.receipts.iter().any(|&units| units > 0.0);
        let sourced = self.reached_from(network.nodes.iter().map(is_there).collect());
        self.check_components(&sourced);
        let lasting = self.reached_from(vec![false; network.nodes.len()]);
        let stock = self.units_there();
        let Some(table) = self.required(&format!("demand_{version}"), &["item", "stream"]) else { return };
        for (row, demand) in table.rows().zip(&network.demands) {
            let units: f64 = demand.quantity.iter().sum();
            let name = || network.node_name(demand.node);
            if units <= 0.0 || lasting[demand.node.0] {
                continue;
            }
            let there = stock[demand.item.0];
            if !sourced[demand.node.0] {
                let reason = "demanded, but no stock, receipt, contract, route or lane can ever bring it there";
                row.report(Some("item"), format!("{} {reason}", name()));
            } else if units > there {
                let reason = "can only be served from stock: no contract, route or lane ever brings more than the";
                row.warn(
                    "item",
                    format!("{} {reason} {there} units there are and on order, of {units} demanded", name()),
                );
            }
        }
    }

    /// Units of each item on hand and on order.
    fn units_there(&self) -> Vec<f64> {
        let mut units = vec![0.0; self.network.items.len()];
        for node in &self.network.nodes {
            units[node.item.0] += node.initial + node.receipts.iter().sum::<f64>();
        }
        units
    }

    /// Which nodes contracts, routes and lanes can bring something to, where there is something at some already.
    fn reached_from(&self, mut sourced: Vec<bool>) -> Vec<bool> {
        let network = &self.network;
        for contract in &network.contracts {
            sourced[contract.node.0] = true;
        }
        let mut routes: Vec<Vec<usize>> = vec![Vec::new(); sourced.len()];
        for (index, route) in network.routes.iter().enumerate() {
            routes[route.node.0].push(index);
        }
        let mut inbound: Vec<Vec<NodeId>> = vec![Vec::new(); sourced.len()];
        for flow in &network.flows {
            inbound[flow.to.0].push(flow.from);
        }
        // Sources precede what they feed in `order`; lanes with a lead time may point back, hence the repetition.
        loop {
            let mut grew = false;
            for node in network.order.iter().filter(|node| !sourced[node.0]).copied().collect::<Vec<_>>() {
                let makes =
                    |route: &usize| network.routes[*route].components.iter().all(|component| sourced[component.node.0]);
                if routes[node.0].iter().any(makes) || inbound[node.0].iter().any(|from| sourced[from.0]) {
                    sourced[node.0] = true;
                    grew = true;
                }
            }
            if !grew {
                return sourced;
            }
        }
    }

    /// Reports components for want of which nothing can ever be made of an item at a location.
    fn check_components(&self, sourced: &[bool]) {
        let network = &self.network;
        let is_missing = |component: &&Component| component.qty_per > 0.0 && !sourced[component.node.0];
        let can_run: HashSet<NodeId> = (network.routes.iter())
            .filter(|route| !route.components.iter().any(|component| is_missing(&component)))
            .map(|route| route.node)
            .collect();
        let Some(table) = self.optional("bom", &["route", "component", "qty_per"]) else { return };
        for row in table.rows() {
            let (route, component) = (row.text("route"), row.text("component"));
            let Some(route) = self.names.routes.get(&route).map(|route| &network.routes[*route]) else { continue };
            // Demand for what can never be there at all is told in its own row.
            let is_told = |made: NodeId| sourced[made.0] && !can_run.contains(&made);
            let is_it = |one: &&Component| network.item_of(one.node).name == component && is_missing(one);
            if let Some(missing) = route.components.iter().find(is_it).filter(|_| is_told(route.node)) {
                let (missing, made) = (network.node_name(missing.node), network.node_name(route.node));
                let reason =
                    "needed, but no stock, receipt, contract, route or lane can ever bring it there, and nothing makes";
                row.report(Some("component"), format!("{missing} {reason} {made} without it"));
            }
        }
    }
}
