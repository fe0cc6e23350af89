//! What people have decided: quantities that no plan may change.

use std::collections::HashSet;

use super::Reading;
use crate::supply::lint::{Blank, RowView};
use crate::supply::network::{ContractId, Decided, Decision, FlowId, ItemId, RouteId};

impl Reading<'_> {
    /// Reads the decisions; those that can be seen to be impossible are reported here, where their row is known.
    pub(super) fn read_decisions(&mut self) {
        let periods = self.network.periods.clone();
        let Some(table) = self.optional("decisions", &["kind", "object"]) else { return };
        if !table.has_periods(&periods) {
            return;
        }
        let mut seen = HashSet::new();
        for row in table.rows() {
            let of = self.decided(&row);
            let quantity = row.series(&periods, Blank::Unlimited);
            let (Some(of), Some(quantity)) = (of, quantity) else { continue };
            if !seen.insert(of) {
                row.report(Some("object"), "the same quantity is decided twice");
                continue;
            }
            let quantity: Vec<Option<f64>> =
                quantity.into_iter().map(|units| units.is_finite().then_some(units)).collect();
            for (period, units) in quantity.iter().enumerate() {
                if let Some(reason) = units.and_then(|units| self.why_never(of, period, units)) {
                    row.report(Some(&periods[period]), reason);
                }
            }
            // Rows wait for what people may decide.
            if quantity.iter().all(Option::is_none) {
                continue;
            }
            self.network.decisions.push(Decision { of, quantity });
        }
    }

    fn decided(&self, row: &RowView<'_>) -> Option<Decided> {
        let network = &self.network;
        let item_at = |node: crate::supply::network::NodeId| network.nodes[node.0].item;
        match &*row.text("kind") {
            "production" => {
                let route = row.reference("object", &self.names.routes, "route")?;
                // A route without a place is reported where it stands.
                if self.names.unplaced_routes.contains(&route) {
                    return None;
                }
                self.is_of(row, item_at(network.routes[route].node)).then_some(Decided::Production(RouteId(route)))
            }
            "purchase" => {
                let contract = row.reference("object", &self.names.contracts, "contract")?;
                self.is_of(row, item_at(network.contracts[contract].node))
                    .then_some(Decided::Purchase(ContractId(contract)))
            }
            "shipment" => {
                let lane = row.reference("object", &self.names.lanes, "lane")?;
                let item = row.reference("item", &self.names.items, "item")?;
                let flow =
                    network.flows.iter().position(|flow| flow.lane.0 == lane && item_at(flow.from) == ItemId(item));
                if flow.is_none() {
                    let reason = "does not go over this lane: it is not stocked at both of its ends";
                    row.report(Some("item"), reason);
                }
                flow.map(|flow| Decided::Shipment(FlowId(flow)))
            }
            other => {
                row.report(Some("kind"), format!("{other:?} is none of production, purchase, shipment"));
                None
            }
        }
    }

    /// Whether the row means this item; a blank one does.
    fn is_of(&self, row: &RowView<'_>, item: ItemId) -> bool {
        let (named, known) = (row.text("item"), &self.network.items[item.0].name);
        let is_so = named.is_empty() || named == *known;
        if !is_so {
            row.report(Some("item"), format!("{named:?} is not what it is about, which is {known:?}"));
        }
        is_so
    }

    /// Why a quantity can never be, whatever the plan.
    fn why_never(&self, of: Decided, period: usize, units: f64) -> Option<String> {
        let network = &self.network;
        match of {
            Decided::Purchase(contract) if units > 0.0 && period < network.contracts[contract.0].lead_time => {
                let lead_time = network.contracts[contract.0].lead_time;
                let first = network.periods.get(lead_time);
                let when =
                    first.map_or("after the plan ends".to_owned(), |first| format!("in {first} at the earliest"));
                Some(format!("nothing can arrive so soon: what is ordered now arrives {when}"))
            }
            Decided::Production(route) => {
                let lot = network.routes[route.0].lot.as_ref()?;
                let (least, most) = (lot.min_run[period], lot.max_run[period]);
                if units > most {
                    Some(format!("{units} is more than the largest run, {most}"))
                } else if units > 0.0 && units < least {
                    Some(format!("{units} is less than the least run, {least}"))
                } else {
                    None
                }
            }
            _ => None,
        }
    }
}
