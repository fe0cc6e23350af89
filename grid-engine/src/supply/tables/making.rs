//! Resources, routes, bills of material and contracts.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Reading, enter};
use crate::supply::lint::{Blank, RowView};
use crate::supply::network::{
    Component, Contract, Lot, NodeId, Resource, ResourceId, Route, Supplier, SupplierId, Workforce,
};

impl Reading<'_> {
    pub(super) fn read_resources(&mut self) {
        let periods = self.network.periods.len();
        if let Some(table) = self.optional("resources", &["resource", "loc", "ot_cost_per_hour"]) {
            for row in table.rows() {
                let Some(name) = enter(&row, "resource", &mut self.names.resources) else { continue };
                self.names.resource_locations.push(row.reference("loc", &self.names.locations, "location"));
                self.network.resources.push(Resource {
                    name,
                    ot_cost_per_hour: row.number("ot_cost_per_hour", Blank::Refused).unwrap_or_default(),
                    regular_hours: vec![0.0; periods],
                    max_overtime_hours: vec![0.0; periods],
                    workforce: None,
                });
            }
        }
        self.read_workforce();
        self.read_capacity();
    }

    fn read_workforce(&mut self) {
        let columns =
            ["resource", "initial", "hours_per_worker", "ot_hours_per_worker", "wage", "hire_cost", "fire_cost"];
        let Some(table) = self.optional("workforce", &columns) else { return };
        for row in table.rows() {
            let Some(resource) = row.reference("resource", &self.names.resources, "resource") else { continue };
            if self.network.resources[resource].workforce.is_some() {
                row.report(Some("resource"), "appears twice");
            }
            let number = |column: &str| row.number(column, Blank::Refused).unwrap_or_default();
            self.network.resources[resource].workforce = Some(Workforce {
                initial: number("initial"),
                hours_per_worker: number("hours_per_worker"),
                ot_hours_per_worker: number("ot_hours_per_worker"),
                wage: number("wage"),
                hire_cost: number("hire_cost"),
                fire_cost: number("fire_cost"),
                integer: row.flag("integer", false).unwrap_or_default(),
            });
        }
    }

    fn read_capacity(&mut self) {
        let table = self.optional("capacity", &["resource", "kind"]);
        let mut seen: HashSet<(usize, bool)> = HashSet::new();
        if let Some(table) = table.filter(|table| table.has_periods(&self.network.periods)) {
            for row in table.rows() {
                let resource = row.reference("resource", &self.names.resources, "resource");
                let overtime = match &*row.text("kind") {
                    "regular_hours" => false,
                    "max_overtime_hours" => true,
                    other => {
                        let reason = format!("{other:?} is neither regular_hours nor max_overtime_hours");
                        row.report(Some("kind"), reason);
                        continue;
                    }
                };
                let hours = row.series(&self.network.periods, Blank::Refused);
                let Some(resource) = resource else { continue };
                if !seen.insert((resource, overtime)) {
                    row.report(None, "this resource and kind appear twice");
                }
                let Some(hours) = hours else { continue };
                let resource = &mut self.network.resources[resource];
                *(if overtime { &mut resource.max_overtime_hours } else { &mut resource.regular_hours }) = hours;
            }
            if !table.is_whole() {
                return;
            }
        } else {
            let needs = self.network.resources.iter().filter(|resource| resource.workforce.is_none()).count();
            if needs > 0 && !self.tables.contains_key("capacity") {
                let reason =
                    format!("the table is missing: add it with the regular_hours of each of {needs} resources");
                self.lint.report(&"capacity".into(), None, None, reason);
            }
            return;
        }
        for (index, resource) in self.network.resources.iter().enumerate() {
            if !seen.contains(&(index, false)) && resource.workforce.is_none() {
                let reason = format!("resource {} has no row of kind regular_hours", resource.name);
                self.lint.report(&"capacity".into(), None, None, reason);
            }
        }
    }

    pub(super) fn read_routes(&mut self) {
        let periods = self.network.periods.len();
        if let Some(table) = self.optional("routings", &["route", "item", "loc", "lead_time", "unit_cost"]) {
            for row in table.rows() {
                let Some(name) = row.key("route") else { continue };
                if self.names.routes.contains_key(&name) {
                    row.report(Some("route"), format!("{name:?} appears twice"));
                    continue;
                }
                let node = self.node_at(&row, "item", "loc");
                let lead_time = row.periods("lead_time");
                let cost = row.number("unit_cost", Blank::Refused);
                // An unreadable route is entered all the same, so that what refers to it is not reported too.
                if node.is_none() {
                    self.names.unplaced_routes.insert(self.network.routes.len());
                }
                self.names.routes.insert(name.clone(), self.network.routes.len());
                self.network.routes.push(Route {
                    name,
                    node: node.unwrap_or(NodeId(0)),
                    lead_time: lead_time.unwrap_or_default(),
                    unit_cost: vec![cost.unwrap_or_default(); periods],
                    hours: Vec::new(),
                    components: Vec::new(),
                    lot: None,
                });
            }
        }
        self.read_route_hours();
        self.read_bom();
        self.read_lots();
        self.read_route_costs();
    }

    fn read_route_hours(&mut self) {
        let Some(table) = self.optional("routing_resources", &["route", "resource", "hours_per_unit"]) else { return };
        for row in table.rows() {
            let route = row.reference("route", &self.names.routes, "route");
            let resource = row.reference("resource", &self.names.resources, "resource");
            let hours = row.number("hours_per_unit", Blank::Refused);
            let (Some(route), Some(resource), Some(hours)) = (route, resource, hours) else { continue };
            self.check_is_at_its_route(&row, route, resource);
            let known = &mut self.network.routes[route].hours;
            if known.iter().any(|(other, _)| other.0 == resource) {
                row.report(None, "this route and resource appear twice");
                continue;
            }
            known.push((ResourceId(resource), hours));
        }
    }

    /// Reports hours of a resource at another location than the route's.
    fn check_is_at_its_route(&self, row: &RowView<'_>, route: usize, resource: usize) {
        if self.names.unplaced_routes.contains(&route) {
            return;
        }
        let made_at = self.network.nodes[self.network.routes[route].node.0].location.0;
        if let Some(stands_at) = self.names.resource_locations[resource].filter(|at| *at != made_at) {
            let name = |location: usize| &self.network.locations[location].name;
            let (there, here) = (name(stands_at), name(made_at));
            row.report(Some("resource"), format!("the resource is at {there}, and the route makes its item at {here}"));
        }
    }

    fn read_bom(&mut self) {
        let Some(table) = self.optional("bom", &["route", "component", "qty_per"]) else { return };
        for row in table.rows() {
            let route = row.reference("route", &self.names.routes, "route");
            let item = row.reference("component", &self.names.items, "item");
            let qty_per = row.number("qty_per", Blank::Refused);
            let (Some(route), Some(item), Some(qty_per)) = (route, item, qty_per) else { continue };
            if self.names.unplaced_routes.contains(&route) {
                continue;
            }
            let location = self.network.nodes[self.network.routes[route].node.0].location;
            let Some(node) = self.node_of(&row, "component", item, location.0) else { continue };
            let known = &mut self.network.routes[route].components;
            if known.iter().any(|other| other.node == node) {
                row.report(None, "this route and component appear twice");
                continue;
            }
            known.push(Component { node, qty_per });
        }
    }

    fn read_lots(&mut self) {
        let periods = self.network.periods.clone();
        let mut lots: HashMap<usize, Lot> = HashMap::new();
        let columns = ["route", "fixed_cost", "min_run", "max_run", "setup_hours"];
        if let Some(table) = self.optional("routing_lot", &columns) {
            for row in table.rows() {
                let Some(route) = row.reference("route", &self.names.routes, "route") else { continue };
                let number = |column: &str, blank| vec![row.number(column, blank).unwrap_or_default(); periods.len()];
                let lot = Lot {
                    fixed_cost: number("fixed_cost", Blank::Zero),
                    min_run: number("min_run", Blank::Zero),
                    max_run: number("max_run", Blank::Unlimited),
                    setup_hours: number("setup_hours", Blank::Zero),
                };
                check_runs(&row, "min_run", lot.min_run[0], lot.max_run[0]);
                if lots.insert(route, lot).is_some() {
                    row.report(Some("route"), "appears twice");
                }
            }
        }
        let wide = self.optional("routing_lot_wide", &["route", "kind"]);
        if let Some(table) = wide.filter(|table| table.has_periods(&periods)) {
            for row in table.rows() {
                let Some(route) = row.reference("route", &self.names.routes, "route") else { continue };
                let lot = lots.entry(route).or_insert_with(|| Lot::none(periods.len()));
                let (series, blank) = match &*row.text("kind") {
                    "fixed_cost" => (&mut lot.fixed_cost, Blank::Zero),
                    "min_run" => (&mut lot.min_run, Blank::Zero),
                    "max_run" => (&mut lot.max_run, Blank::Unlimited),
                    "setup_hours" => (&mut lot.setup_hours, Blank::Zero),
                    other => {
                        let reason = format!("{other:?} is none of fixed_cost, min_run, max_run, setup_hours");
                        row.report(Some("kind"), reason);
                        continue;
                    }
                };
                if let Some(values) = row.series(&periods, blank) {
                    *series = values;
                }
            }
            for row in table.rows().filter(|row| &*row.text("kind") == "min_run") {
                let lot = self.names.routes.get(&row.text("route")).and_then(|route| lots.get(route));
                for (at, period) in periods.iter().enumerate() {
                    lot.into_iter().for_each(|lot| check_runs(&row, period, lot.min_run[at], lot.max_run[at]));
                }
            }
        }
        for (route, lot) in lots {
            self.network.routes[route].lot = Some(lot);
        }
    }

    fn read_route_costs(&mut self) {
        let Some(table) = self.optional("routing_cost_wide", &["route"]) else { return };
        if !table.has_periods(&self.network.periods) {
            return;
        }
        for row in table.rows() {
            let route = row.reference("route", &self.names.routes, "route");
            let costs = row.series(&self.network.periods, Blank::Refused);
            if let (Some(route), Some(costs)) = (route, costs) {
                self.network.routes[route].unit_cost = costs;
            }
        }
    }

    pub(super) fn read_contracts(&mut self) {
        let mut suppliers: HashMap<(Arc<str>, Arc<str>), usize> = HashMap::new();
        // Those of contracts that cannot be read are known too, so that their limits are not reported as well.
        let mut named: HashSet<Arc<str>> = HashSet::new();
        let columns = ["contract", "item", "loc", "supplier", "mode", "lead_time", "unit_cost"];
        if let Some(table) = self.optional("contracts", &columns) {
            for row in table.rows() {
                let name = row.key("contract");
                let node = self.node_at(&row, "item", "loc");
                let supplier = row.key("supplier");
                let mode = delivery_mode(&row);
                named.extend(supplier.clone());
                let lead_time = row.periods("lead_time");
                let unit_cost = row.number("unit_cost", Blank::Refused);
                let named = name.zip(node).zip(supplier);
                let Some((((name, node), supplier), ((mode, lead_time), unit_cost))) =
                    named.zip(mode.zip(lead_time).zip(unit_cost))
                else {
                    self.lint.leave_unread("contract");
                    continue;
                };
                if self.names.contracts.insert(name.clone(), self.network.contracts.len()).is_some() {
                    row.report(Some("contract"), format!("{name:?} appears twice"));
                }
                let supplier = self.supplier(&mut suppliers, supplier, mode);
                self.network.contracts.push(Contract { name, node, supplier, lead_time, unit_cost });
            }
        }
        let Some(table) = self.optional("supplier_capacity", &["supplier", "mode"]) else { return };
        if !table.has_periods(&self.network.periods) {
            return;
        }
        let mut seen = HashSet::new();
        for row in table.rows() {
            let (name, mode) = (row.key("supplier"), delivery_mode(&row));
            let (Some(name), Some(mode)) = (name, mode) else { continue };
            if !named.is_empty() && !named.contains(&name) {
                row.report(Some("supplier"), format!("{name:?} is not a known supplier: no contract names it"));
            }
            let capacity = row.series(&self.network.periods, Blank::Unlimited);
            if !seen.insert((name.clone(), mode.clone())) {
                row.report(None, "this supplier and mode appear twice");
            }
            // A limit in a mode without contracts limits nothing: modes may well be listed before they are used.
            let known = suppliers.get(&(name, mode)).copied();
            if let (Some(known), Some(capacity)) = (known, capacity) {
                self.network.suppliers[known].capacity = capacity;
            }
        }
    }

    fn supplier(
        &mut self,
        known: &mut HashMap<(Arc<str>, Arc<str>), usize>,
        name: Arc<str>,
        mode: Arc<str>,
    ) -> SupplierId {
        let index = *known.entry((name.clone(), mode.clone())).or_insert_with(|| {
            let capacity = vec![f64::INFINITY; self.network.periods.len()];
            self.network.suppliers.push(Supplier { name, mode, capacity });
            self.network.suppliers.len() - 1
        });
        SupplierId(index)
    }
}

/// Reports a least run above the largest, by which the route could never run. Whoever means it to stand still writes a largest run of 0.
fn check_runs(row: &RowView<'_>, column: &str, least: f64, largest: f64) {
    if least > largest && largest > 0.0 {
        let reason = format!("the least run, {least}, is above the largest, {largest}: the route could never run");
        row.report(Some(column), reason);
    }
}

/// How goods are delivered: limits of a supplier are given by mode, and one that is written otherwise would limit nothing.
fn delivery_mode(row: &RowView<'_>) -> Option<Arc<str>> {
    let mode = row.text("mode");
    let known = matches!(&*mode, "regular" | "expedite");
    if !known {
        row.report(Some("mode"), format!("{mode:?} is neither regular nor expedite"));
    }
    known.then_some(mode)
}
