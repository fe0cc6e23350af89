//! Whether a plan keeps every rule, checked from the network and the quantities alone.
//!
//! Independent of the program that was solved: a mistake in the model shows here.

use super::network::{Decided, DemandId, Network, NodeId};
use super::plan::{Plan, Quantities, StockSeries};

/// A rule that a plan breaks.
#[derive(Clone, Debug, PartialEq)]
pub struct Violation {
    /// The rule and the object, in words.
    pub rule: String,
    /// Index of the period.
    pub period: usize,
    /// By how much, in the rule's unit.
    pub amount: f64,
}

/// Violations up to this share of the quantities involved are rounding of the solver.
const TOLERANCE: f64 = 1e-6;

/// Every rule the plan breaks; empty for a plan that can be carried out.
pub fn verify(plan: &Plan) -> Vec<Violation> {
    let mut check = Check { network: &plan.network, plan: &plan.quantities, found: Vec::new() };
    let stock = plan.stock_series();
    check.quantities();
    check.balances(&stock);
    check.demands();
    check.hours(plan);
    check.stocks();
    check.places(&stock);
    check.lanes();
    check.suppliers();
    check.crews();
    check.lots();
    check.decisions();
    check.found
}

struct Check<'a> {
    network: &'a Network,
    plan: &'a Quantities,
    found: Vec<Violation>,
}

impl Check<'_> {
    /// Notes `left > right` beyond rounding.
    fn at_most(&mut self, rule: impl Fn() -> String, period: usize, left: f64, right: f64, scale: f64) {
        let over = left - right;
        if over > TOLERANCE * (1.0 + scale.abs()) || over.is_nan() {
            self.found.push(Violation { rule: rule(), period, amount: over });
        }
    }

    fn equal(&mut self, rule: impl Fn() -> String, period: usize, left: f64, right: f64, scale: f64) {
        self.at_most(&rule, period, left, right, scale);
        self.at_most(&rule, period, right, left, scale);
    }

    fn quantities(&mut self) {
        let plan = self.plan;
        let grids = [
            ("production", &plan.made),
            ("shipments", &plan.shipped),
            ("purchases", &plan.bought),
            ("overtime", &plan.overtime),
            ("stock", &plan.stock),
            ("shortfall", &plan.shortfall),
            ("disposal", &plan.disposal),
            ("served", &plan.served),
            ("backlog", &plan.backlog),
            ("lost", &plan.lost),
        ];
        for (name, grid) in grids {
            if grid.iter().any(|quantity| !(quantity >= 0.0 && quantity.is_finite())) {
                self.found.push(Violation { rule: format!("{name} is a quantity"), period: 0, amount: f64::NAN });
            }
        }
    }

    fn balances(&mut self, series: &[StockSeries]) {
        let network = self.network;
        for (index, node) in series.iter().enumerate() {
            let mut before = network.nodes[index].initial;
            for period in 0..network.periods.len() {
                let at = |series: &[f64]| series[period];
                let arrivals = at(&node.production) + at(&node.purchases) + at(&node.receipts) + at(&node.inbound);
                let withdrawals = at(&node.outbound) + at(&node.consumed) + at(&node.served) + at(&node.disposal);
                let rule = || format!("balance of {}", network.node_name(NodeId(index)));
                self.equal(rule, period, before + arrivals, withdrawals + at(&node.stock), before + arrivals);
                before = at(&node.stock);
            }
        }
    }

    fn demands(&mut self) {
        let (network, plan) = (self.network, self.plan);
        let last = network.periods.len().saturating_sub(1);
        for (index, demand) in network.demands.iter().enumerate() {
            let stream = &network.streams[demand.stream.0];
            let rule = || format!("demand {}", network.demand_name(DemandId(index)));
            let mut late_before = 0.0;
            for (period, &units) in demand.quantity.iter().enumerate() {
                let at = |grid: &super::plan::Grid| grid.of(index)[period];
                let (late, lost) = (at(&plan.backlog), at(&plan.lost));
                let asked = units + late_before;
                self.equal(rule, period, at(&plan.served) + late + lost, asked, asked);
                if !stream.allow_lost {
                    self.at_most(rule, period, lost, 0.0, units);
                }
                if !stream.allow_backlog || !stream.allow_lost && period == last {
                    self.at_most(rule, period, late, 0.0, units);
                }
                late_before = late;
            }
        }
    }

    fn hours(&mut self, plan: &Plan) {
        let network = self.network;
        for (index, used) in plan.utilisation_series().iter().enumerate() {
            let resource = &network.resources[index];
            let rule = || format!("hours of {}", resource.name);
            for period in 0..network.periods.len() {
                let (hours, overtime) = (used.hours[period], used.overtime[period]);
                self.at_most(rule, period, hours, used.available[period] + overtime, hours);
                if resource.workforce.is_none() {
                    self.at_most(rule, period, overtime, resource.max_overtime_hours[period], overtime);
                }
            }
        }
    }

    fn stocks(&mut self) {
        let (network, plan) = (self.network, self.plan);
        for (index, node) in network.nodes.iter().enumerate() {
            let stock = plan.stock.of(index);
            let rule = |what: &'static str| move || format!("{what} of {}", network.node_name(NodeId(index)));
            for (period, &units) in stock.iter().enumerate() {
                self.at_most(rule("maximum stock"), period, units, node.max, units);
                let covered = units + plan.shortfall.of(index)[period];
                self.at_most(rule("safety stock"), period, node.safety, covered, node.safety);
            }
            let last = stock.last().copied().unwrap_or(node.terminal_min);
            let period = stock.len().saturating_sub(1);
            self.at_most(rule("terminal stock"), period, node.terminal_min, last, node.terminal_min);
        }
    }

    fn places(&mut self, series: &[StockSeries]) {
        let network = self.network;
        for (index, location) in network.locations.iter().enumerate() {
            let here: Vec<usize> =
                (0..network.nodes.len()).filter(|&node| network.nodes[node].location.0 == index).collect();
            for period in 0..network.periods.len() {
                let volume = |node: &usize| series[*node].stock[period] * network.item_of(NodeId(*node)).volume;
                let stored: f64 = here.iter().map(volume).sum();
                let received: f64 = here.iter().map(|node| series[*node].inbound[period]).sum();
                self.at_most(|| format!("storage in {}", location.name), period, stored, location.storage_m3, stored);
                let rule = || format!("throughput of {}", location.name);
                self.at_most(rule, period, received, location.throughput, received);
            }
        }
    }

    fn lanes(&mut self) {
        let network = self.network;
        let mut loads = vec![vec![0.0; network.periods.len()]; network.lanes.len()];
        for (index, flow) in network.flows.iter().enumerate() {
            let volume = network.item_of(flow.from).volume;
            let shipped = self.plan.shipped.of(index);
            loads[flow.lane.0].iter_mut().zip(shipped).for_each(|(load, units)| *load += units * volume);
        }
        for (lane, load) in network.lanes.iter().zip(loads) {
            for (period, load) in load.into_iter().enumerate() {
                self.at_most(|| format!("lane {}", lane.name), period, load, lane.capacity_m3[period], load);
            }
        }
    }

    fn suppliers(&mut self) {
        let network = self.network;
        let mut loads = vec![vec![0.0; network.periods.len()]; network.suppliers.len()];
        for (index, contract) in network.contracts.iter().enumerate() {
            for (period, &units) in self.plan.bought.of(index).iter().enumerate() {
                loads[contract.supplier.0][period] += units;
                if period < contract.lead_time {
                    self.at_most(|| format!("lead time of contract {}", contract.name), period, units, 0.0, 0.0);
                }
            }
        }
        for (index, load) in loads.into_iter().enumerate() {
            let rule = || format!("supplier {}", network.supplier_name(super::network::SupplierId(index)));
            for (period, load) in load.into_iter().enumerate() {
                self.at_most(rule, period, load, network.suppliers[index].capacity[period], load);
            }
        }
    }

    fn crews(&mut self) {
        let (network, plan) = (self.network, self.plan);
        for (index, resource) in network.resources.iter().enumerate() {
            let Some(crew) = &resource.workforce else { continue };
            let rule = || format!("workers of {}", resource.name);
            let mut before = crew.initial;
            for period in 0..network.periods.len() {
                let at = |grid: &super::plan::Grid| grid.of(index)[period];
                let workers = at(&plan.workers);
                self.equal(rule, period, workers, before + at(&plan.hired) - at(&plan.fired), workers);
                self.at_most(rule, period, at(&plan.overtime), crew.ot_hours_per_worker * workers, workers);
                if crew.integer {
                    self.equal(rule, period, workers, workers.round(), workers);
                }
                before = workers;
            }
        }
    }

    fn decisions(&mut self) {
        let (network, plan) = (self.network, self.plan);
        for decision in &network.decisions {
            let planned = match decision.of {
                Decided::Production(route) => plan.made.of(route.0),
                Decided::Purchase(contract) => plan.bought.of(contract.0),
                Decided::Shipment(flow) => plan.shipped.of(flow.0),
            };
            let rule = || format!("decision on {} {}", decision.of.kind(), decision.of.object(network));
            for (period, (units, planned)) in decision.quantity.iter().zip(planned).enumerate() {
                if let Some(units) = *units {
                    self.equal(rule, period, *planned, units, units);
                }
            }
        }
    }

    fn lots(&mut self) {
        let (network, plan) = (self.network, self.plan);
        for (index, route) in network.routes.iter().enumerate() {
            let Some(lot) = &route.lot else { continue };
            let rule = || format!("lots of {}", route.name);
            for (period, &units) in plan.made.of(index).iter().enumerate() {
                let running = plan.running.of(index)[period];
                self.at_most(rule, period, units, lot.max_run[period], units);
                if lot.needs_switch() {
                    self.equal(rule, period, running, running.round(), 1.0);
                    self.at_most(rule, period, lot.min_run[period] * running, units, units);
                    if running < 0.5 {
                        self.at_most(rule, period, units, 0.0, 0.0);
                    }
                }
            }
        }
    }
}
