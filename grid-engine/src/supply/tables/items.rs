//! Items, locations and the stock that joins them.

use super::{Reading, enter};
use crate::supply::lint::{Blank, NODE, RowView};
use crate::supply::network::{Item, ItemId, ItemKind, Location, LocationId, Node, NodeId};

impl Reading<'_> {
    pub(super) fn read_items(&mut self) {
        if let Some(table) = self.required("products", &["item", "family", "volume", "price"]) {
            for row in table.rows() {
                let Some(name) = enter(&row, "item", &mut self.names.items) else { continue };
                let volume = row.number("volume", Blank::Zero).unwrap_or_default();
                let price = row.number("price", Blank::Zero).unwrap_or_default();
                let family = row.text("family");
                self.network.items.push(Item { name, kind: ItemKind::Product, family, volume, price });
            }
        }
        let Some(table) = self.optional("materials", &["item", "kind", "volume"]) else { return };
        for row in table.rows() {
            let Some(name) = enter(&row, "item", &mut self.names.items) else { continue };
            let kind = match &*row.text("kind") {
                "semi" => ItemKind::Semi,
                "raw" | "" => ItemKind::Raw,
                other => {
                    row.report(Some("kind"), format!("{other:?} is neither raw nor semi"));
                    ItemKind::Raw
                }
            };
            let volume = row.number("volume", Blank::Zero).unwrap_or_default();
            self.network.items.push(Item { name, kind, family: "".into(), volume, price: 0.0 });
        }
    }

    pub(super) fn read_locations(&mut self) {
        let Some(table) = self.required("locations", &["loc", "type", "storage_m3"]) else { return };
        for row in table.rows() {
            let Some(name) = enter(&row, "loc", &mut self.names.locations) else { continue };
            let storage_m3 = row.number("storage_m3", Blank::Unlimited).unwrap_or(f64::INFINITY);
            let throughput = row.number("throughput", Blank::Unlimited).unwrap_or(f64::INFINITY);
            self.network.locations.push(Location { name, storage_m3, throughput });
        }
    }

    pub(super) fn read_nodes(&mut self) {
        let columns = ["item", "loc", "initial", "safety", "max", "hold_cost", "ss_penalty"];
        let Some(table) = self.required("stock_policy", &columns) else { return };
        for row in table.rows() {
            let item = row.reference("item", &self.names.items, "item");
            let location = row.reference("loc", &self.names.locations, "location");
            let (Some(item), Some(location)) = (item, location) else { continue };
            let id = NodeId(self.network.nodes.len());
            if self.names.nodes.contains_key(&(item, location)) {
                row.report(None, "this item and location appear twice");
                continue;
            }
            self.names.nodes.insert((item, location), id);
            let max = row.number("max", Blank::Unlimited).unwrap_or(f64::INFINITY);
            let terminal_min = row.number("terminal_min", Blank::Zero).unwrap_or_default();
            if terminal_min > max {
                row.report(Some("terminal_min"), format!("{terminal_min} is more than max {max}"));
            }
            let safety = row.number("safety", Blank::Zero).unwrap_or_default();
            if safety > max {
                let reason =
                    format!("{safety} is more than max {max} of the same row: it can never be kept, and is missed");
                row.warn("safety", format!("{reason} in every period; lower the one or raise the other"));
            }
            self.network.nodes.push(Node {
                item: ItemId(item),
                location: LocationId(location),
                initial: row.number("initial", Blank::Zero).unwrap_or_default(),
                safety,
                max,
                hold_cost: row.number("hold_cost", Blank::Refused).unwrap_or_default(),
                ss_penalty: row.number("ss_penalty", Blank::Refused).unwrap_or_default(),
                terminal_min,
                receipts: vec![0.0; self.network.periods.len()],
            });
        }
        self.read_receipts();
    }

    fn read_receipts(&mut self) {
        let Some(table) = self.optional("scheduled_receipts", &["item", "loc"]) else { return };
        if !table.has_periods(&self.network.periods) {
            return;
        }
        let mut seen = std::collections::HashSet::new();
        for row in table.rows() {
            let Some(node) = self.node_at(&row, "item", "loc") else { continue };
            if !seen.insert(node) {
                row.report(None, "this item and location appear twice");
            }
            if let Some(receipts) = row.series(&self.network.periods, Blank::Zero) {
                self.network.nodes[node.0].receipts = receipts;
            }
        }
    }

    /// The node named by two columns of a row.
    pub(super) fn node_at(&self, row: &RowView<'_>, item: &str, location: &str) -> Option<NodeId> {
        let item_id = row.reference(item, &self.names.items, "item");
        let location_id = row.reference(location, &self.names.locations, "location");
        self.node_of(row, item, item_id?, location_id?)
    }

    /// The node of an item at a location; reported at `column` where `stock_policy` has no such row.
    pub(super) fn node_of(&self, row: &RowView<'_>, column: &str, item: usize, location: usize) -> Option<NodeId> {
        let node = self.names.nodes.get(&(item, location)).copied();
        if node.is_none() && !self.lint.is_unread(NODE) {
            let (item, location) = (&self.network.items[item].name, &self.network.locations[location].name);
            row.report(Some(column), format!("stock_policy has no row for {item} at {location}"));
        }
        node
    }
}
