//! Lanes and what may flow over them.

use super::{Reading, enter};
use crate::supply::lint::Blank;
use crate::supply::network::{Flow, ItemId, Lane, LaneId, LocationId};

impl Reading<'_> {
    pub(super) fn read_lanes(&mut self) {
        let columns = ["lane", "from", "to", "mode", "lead_time", "cost_per_m3"];
        let Some(table) = self.optional("lanes", &columns) else { return };
        let unlimited = vec![f64::INFINITY; self.network.periods.len()];
        for row in table.rows() {
            let Some(name) = enter(&row, "lane", &mut self.names.lanes) else { continue };
            let from = row.reference("from", &self.names.locations, "location");
            let to = row.reference("to", &self.names.locations, "location");
            if from.is_some() && from == to {
                row.report(Some("to"), "the lane ends where it begins");
            }
            // A lane without both ends is entered as one that leads nowhere.
            let (from, to) = from.zip(to).unwrap_or_default();
            self.network.lanes.push(Lane {
                name,
                from: LocationId(from),
                to: LocationId(to),
                mode: row.text("mode"),
                lead_time: row.periods("lead_time").unwrap_or_default(),
                cost_per_m3: row.number("cost_per_m3", Blank::Refused).unwrap_or_default(),
                cost_per_unit: row.number("cost_per_unit", Blank::Zero).unwrap_or_default(),
                capacity_m3: unlimited.clone(),
            });
        }
        self.read_lane_capacity();
        self.find_flows();
    }

    fn read_lane_capacity(&mut self) {
        let Some(table) = self.optional("lane_capacity", &["lane"]) else { return };
        if !table.has_periods(&self.network.periods) {
            return;
        }
        let mut seen = std::collections::HashSet::new();
        for row in table.rows() {
            let lane = row.reference("lane", &self.names.lanes, "lane");
            let capacity = row.series(&self.network.periods, Blank::Unlimited);
            let Some(lane) = lane else { continue };
            if !seen.insert(lane) {
                row.report(Some("lane"), "appears twice");
            }
            if let Some(capacity) = capacity {
                self.network.lanes[lane].capacity_m3 = capacity;
            }
        }
    }

    /// Any item with a node at both ends of a lane may flow over it.
    fn find_flows(&mut self) {
        let network = &mut self.network;
        for (lane_index, lane) in network.lanes.iter().enumerate().filter(|(_, lane)| lane.from != lane.to) {
            for (item_index, item) in network.items.iter().enumerate() {
                let at = |place: LocationId| self.names.nodes.get(&(ItemId(item_index).0, place.0)).copied();
                let (Some(from), Some(to)) = (at(lane.from), at(lane.to)) else { continue };
                let unit_cost = lane.cost_per_m3 * item.volume + lane.cost_per_unit;
                network.flows.push(Flow { lane: LaneId(lane_index), from, to, unit_cost });
            }
        }
    }
}
