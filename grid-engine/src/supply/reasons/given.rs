//! What decisions take that others would have: a quantity decided for too much uses hours, goods, and room on lanes
//! and in stores, of which others are then short.
//!
//! Prices do not tell it apart from any other use. So the plan is solved once more with every decision free to be less, and
//! what it would be less by is what it takes.

use std::collections::BTreeMap;

use super::path::{Piece, note};
use super::{DUST, Limit, short_of};
use crate::supply::network::{Decided, DecisionId, Network, NodeId};
use crate::supply::plan::{Plan, Prices, Quantities};

/// What decisions and others share, by its index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shared {
    /// Hours of a resource.
    Hours(usize),
    /// Units of a supplier.
    Supply(usize),
    /// m³ on a lane.
    Lane(usize),
    /// Units a location receives.
    Received(usize),
    /// Units at a node.
    Goods(usize),
    /// m³ of stock in a location at the close of a bucket.
    Room(usize, usize),
}

/// What one decision would leave to others in one bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Share {
    pub decision: DecisionId,
    pub period: usize,
    pub amount: f64,
}

/// What decisions would give were they free to be less, and whom that would serve.
#[derive(Clone, Debug, Default)]
pub(in crate::supply) struct Given {
    shares: BTreeMap<Shared, Vec<Share>>,
    /// Units short that would come, by demand row.
    units: Vec<f64>,
    /// What each decision takes, at the plan's prices.
    worth: BTreeMap<(DecisionId, usize), f64>,
}

impl Given {
    /// Compares a plan with the one in which its decisions were free to be less.
    pub fn of(plan: &Plan, freed: &Quantities) -> Self {
        let (network, planned) = (&plan.network, &plan.quantities);
        let short = |quantities: &Quantities, demand: usize| short_of(network, quantities, demand);
        let units = (0..network.demands.len()).map(|at| (short(planned, at) - short(freed, at)).max(0.0)).collect();
        let mut given = Self { shares: BTreeMap::new(), units, worth: BTreeMap::new() };
        let mut brought = Vec::new();
        for (index, decision) in network.decisions.iter().enumerate() {
            for (period, decided) in decision.quantity.iter().enumerate() {
                let left = decided.map_or(0.0, |decided| decided - quantity(freed, decision.of, period));
                if left > DUST {
                    given.note(network, decision.of, DecisionId(index), period, left);
                    let (node, arrival) = arrival_of(network, decision.of, period);
                    brought.push(Brought { node, arrival, decision: DecisionId(index), period, units: left });
                }
            }
        }
        brought.sort_by_key(|one| (one.node, std::cmp::Reverse(one.arrival)));
        brought.chunk_by(|a, b| a.node == b.node).for_each(|brought| given.note_room(network, brought, planned, freed));
        for (shared, shares) in &given.shares {
            for share in shares {
                let worth = share.amount * price(&plan.prices, *shared, share.period).max(0.0);
                *given.worth.entry((share.decision, share.period)).or_default() += worth;
            }
        }
        given
    }

    /// Whether any decision takes what others would have.
    pub fn is_some(&self) -> bool {
        !self.shares.is_empty() && self.units.iter().any(|units| *units > DUST)
    }

    fn note(&mut self, network: &Network, of: Decided, decision: DecisionId, period: usize, units: f64) {
        let mut add = |shared: Shared, period: usize, amount: f64| {
            self.shares.entry(shared).or_default().push(Share { decision, period, amount });
        };
        match of {
            Decided::Production(route) => {
                let route = &network.routes[route.0];
                route.hours.iter().for_each(|(resource, hours)| add(Shared::Hours(resource.0), period, hours * units));
                let parts = route.components.iter();
                parts.for_each(|part| add(Shared::Goods(part.node.0), period, part.qty_per * units));
            }
            Decided::Purchase(contract) => {
                add(Shared::Supply(network.contracts[contract.0].supplier.0), period, units);
            }
            Decided::Shipment(flow) => {
                let flow = network.flows[flow.0];
                let lane = &network.lanes[flow.lane.0];
                add(Shared::Lane(flow.lane.0), period, network.item_of(flow.from).volume * units);
                add(Shared::Received(lane.to.0), period + lane.lead_time, units);
                add(Shared::Goods(flow.from.0), period, units);
            }
        }
    }

    /// Notes the room that lies filled with what decisions brought to a node, the latest first, as far as less would lie there
    /// without them.
    fn note_room(&mut self, network: &Network, brought: &[Brought], planned: &Quantities, freed: &Quantities) {
        let Some(node) = brought.first().map(|one| one.node) else { return };
        let (volume, location) = (network.item_of(node).volume, network.nodes[node.0].location.0);
        for period in 0..network.periods.len() {
            let mut lying = planned.stock.of(node.0)[period] - freed.stock.of(node.0)[period];
            for one in brought.iter().filter(|one| one.arrival <= period) {
                let amount = volume * one.units.min(lying);
                if amount <= DUST {
                    break;
                }
                lying -= one.units;
                let share = Share { decision: one.decision, period: one.period, amount };
                self.shares.entry(Shared::Room(location, period)).or_default().push(share);
            }
        }
    }

    /// Names decisions for what a piece lacks besides what they are named for: each for its part in the worth of all that they take.
    pub(super) fn name_elsewhere(&self, piece: &mut Piece) {
        let all: f64 = self.worth.values().sum();
        let others: f64 = piece.rents.values().sum::<f64>() - piece.taken;
        if all <= 0.0 || others <= 0.0 {
            return;
        }
        piece.rents.retain(|(limit, _), _| matches!(limit, Limit::Decision(_)));
        let left = piece.taken + others - piece.rents.values().sum::<f64>();
        for ((decision, period), worth) in &self.worth {
            note(&mut piece.rents, Limit::Decision(*decision), *period, left * worth / all);
        }
        piece.taken += others;
    }

    /// Units short of a demand row that decisions are still to be named for.
    pub fn units_of(&self, demand: usize) -> f64 {
        self.units.get(demand).copied().unwrap_or_default()
    }

    /// Names decisions for so many units of a demand row.
    pub fn use_up(&mut self, demand: usize, units: f64) {
        if let Some(left) = self.units.get_mut(demand) {
            *left = (*left - units).max(0.0);
        }
    }

    /// Takes as much as is wanted and there: of the bucket itself first, then of those before, from which it could have been kept,
    /// then of those after.
    pub(super) fn take(&mut self, shared: Shared, period: usize, wanted: f64) -> Vec<Share> {
        let Some(shares) = self.shares.get_mut(&shared) else { return Vec::new() };
        let mut order: Vec<&mut Share> = shares.iter_mut().filter(|share| share.amount > DUST).collect();
        order.sort_by_key(|share| (share.period > period, share.period.abs_diff(period)));
        let mut missing = wanted;
        let mut taken = Vec::new();
        for share in order {
            let amount = share.amount.min(missing);
            if amount <= DUST * wanted {
                break;
            }
            share.amount -= amount;
            missing -= amount;
            taken.push(Share { amount, ..*share });
        }
        taken
    }
}

/// What one more of what is shared would save.
fn price(prices: &Prices, shared: Shared, period: usize) -> f64 {
    let (series, period) = match shared {
        Shared::Hours(resource) => (prices.hour.of(resource), period),
        Shared::Supply(supplier) => (prices.supply.of(supplier), period),
        Shared::Lane(lane) => (prices.lane_m3.of(lane), period),
        Shared::Received(location) => (prices.throughput.of(location), period),
        Shared::Goods(node) => (prices.unit.of(node), period),
        Shared::Room(location, lying) => (prices.storage_m3.of(location), lying),
    };
    // What arrives after the plan ends takes nothing in it.
    series.get(period).copied().unwrap_or_default()
}

/// What one decision brings to a node beyond what it would if it were free to be less.
struct Brought {
    node: NodeId,
    arrival: usize,
    decision: DecisionId,
    /// The bucket of the decision.
    period: usize,
    units: f64,
}

/// Where and when what is decided for a bucket comes into stock.
fn arrival_of(network: &Network, of: Decided, period: usize) -> (NodeId, usize) {
    match of {
        Decided::Production(route) => {
            let route = &network.routes[route.0];
            (route.node, period + route.lead_time)
        }
        Decided::Purchase(contract) => (network.contracts[contract.0].node, period),
        Decided::Shipment(flow) => {
            let flow = network.flows[flow.0];
            (flow.to, period + network.lanes[flow.lane.0].lead_time)
        }
    }
}

fn quantity(quantities: &Quantities, of: Decided, period: usize) -> f64 {
    match of {
        Decided::Production(route) => quantities.made.of(route.0)[period],
        Decided::Purchase(contract) => quantities.bought.of(contract.0)[period],
        Decided::Shipment(flow) => quantities.shipped.of(flow.0)[period],
    }
}
