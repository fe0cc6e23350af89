//! What decisions take that others would have: a quantity decided for too much uses hours, room and goods of which others are
//! then short.
//!
//! Prices do not tell it apart from any other use. So the plan is solved once more with every decision free to be less, and
//! what it would be less by is what it takes.

use std::collections::BTreeMap;

use super::{DUST, short_at};
use crate::supply::network::{Decided, DecisionId, Network};
use crate::supply::plan::Quantities;

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
}

impl Given {
    /// Compares a plan with the one in which its decisions were free to be less.
    pub fn of(network: &Network, planned: &Quantities, freed: &Quantities) -> Self {
        let (periods, last) = (network.periods.len(), network.periods.len().saturating_sub(1));
        let short = |quantities: &Quantities, demand: usize| -> f64 {
            (0..periods).map(|period| short_at(quantities, demand, period, last).2).sum()
        };
        let units = (0..network.demands.len()).map(|at| (short(planned, at) - short(freed, at)).max(0.0)).collect();
        let mut given = Self { shares: BTreeMap::new(), units };
        for (index, decision) in network.decisions.iter().enumerate() {
            for (period, decided) in decision.quantity.iter().enumerate() {
                let left = decided.map_or(0.0, |decided| decided - quantity(freed, decision.of, period));
                if left > DUST {
                    given.note(network, decision.of, DecisionId(index), period, left);
                }
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

fn quantity(quantities: &Quantities, of: Decided, period: usize) -> f64 {
    match of {
        Decided::Production(route) => quantities.made.of(route.0)[period],
        Decided::Purchase(contract) => quantities.bought.of(contract.0)[period],
        Decided::Shipment(flow) => quantities.shipped.of(flow.0)[period],
    }
}
