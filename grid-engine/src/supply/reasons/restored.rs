//! Limits that give less for a while than they do at their best: a machine that stands still, a supplier on strike, a lane
//! that is closed.
//!
//! A unit may have several ways, and more room on any of them would have brought it. What the cheapest of them lacks is no
//! better an account than what another lacks that it used to come by. So the plan is solved again with each limit as it is at its
//! best, and what comes then is put down to it, unless the cheapest way names a limit of which the same is true.

use std::collections::BTreeMap;

use super::path::{Piece, note};
use super::{DUST, Limit, Reason, short_at};
use crate::supply::model::Constraint;
use crate::supply::network::{ItemId, LaneId, Network, NodeId, ResourceId, SupplierId};
use crate::supply::plan::{Grid, Plan, Quantities};

/// Of the worth of the dearest dip, what another one must at least be worth to be tried.
const LEAST_SHARE: f64 = 0.05;

/// A limit that gives less in some buckets than in others, and less than is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::supply) struct Dip {
    of: Dipping,
    /// What it gives at its best.
    pub best: f64,
    /// What restoring it would save, were its prices to hold.
    worth: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dipping {
    Hours(ResourceId),
    Supply(SupplierId),
    Lane(LaneId),
}

impl Dip {
    /// Every one of a plan, those first that promise most.
    pub fn all_of(plan: &Plan) -> Vec<Self> {
        let (network, prices) = (&plan.network, &plan.prices);
        let hours = network.resources.iter().enumerate().filter(|(_, resource)| resource.workforce.is_none());
        let hours = hours.map(|(at, one)| (Dipping::Hours(ResourceId(at)), &one.regular_hours, prices.hour.of(at)));
        let supply = network.suppliers.iter().enumerate();
        let supply = supply.map(|(at, one)| (Dipping::Supply(SupplierId(at)), &one.capacity, prices.supply.of(at)));
        let lanes = network.lanes.iter().enumerate();
        let lanes = lanes.map(|(at, one)| (Dipping::Lane(LaneId(at)), &one.capacity_m3, prices.lane_m3.of(at)));
        let dip = |(of, series, prices): (Dipping, &Vec<f64>, &[f64])| {
            let best = series.iter().copied().fold(0.0, f64::max);
            let lacking = series.iter().zip(prices).filter(|(given, price)| **given < best && **price > 0.0);
            let worth = lacking.map(|(given, price)| (best - given) * price).sum();
            (best.is_finite() && worth > 0.0).then_some(Self { of, best, worth })
        };
        let mut dips: Vec<Self> = hours.chain(supply).chain(lanes).filter_map(dip).collect();
        dips.sort_by(|a, b| b.worth.total_cmp(&a.worth));
        // Prices fall as a limit gives more: what restoring it saves is at most its worth, and what it brings no more than that buys.
        let least = dips.first().map_or(0.0, |dearest| dearest.worth * LEAST_SHARE);
        dips.retain(|dip| dip.worth >= least);
        dips
    }

    /// Whether a dip may have to be named for what the reasons put down to another limit: a largest stock, or a limit of the day that is
    /// no dip itself.
    pub fn may_be_named(dips: &[Self], reasons: &[Reason]) -> bool {
        let yields = |limit: Limit| match limit {
            Limit::LargestStock(_) | Limit::Storage(_) => true,
            Limit::Capacity(_) | Limit::Supplier { .. } | Limit::Lane(_) => !dips.iter().any(|dip| dip.is(limit)),
            _ => false,
        };
        !dips.is_empty() && reasons.iter().any(|reason| yields(reason.cause))
    }

    /// The rows that limit it.
    pub fn constraint(self) -> Constraint {
        match self.of {
            Dipping::Hours(resource) => Constraint::Capacity(resource),
            Dipping::Supply(supplier) => Constraint::Supplier(supplier),
            Dipping::Lane(lane) => Constraint::Lane(lane),
        }
    }

    fn is(self, limit: Limit) -> bool {
        match (self.of, limit) {
            (Dipping::Hours(a), Limit::Capacity(b)) => a == b,
            (Dipping::Supply(a), Limit::Supplier { supplier, .. }) => a == supplier,
            (Dipping::Lane(a), Limit::Lane(b)) => a == b,
            _ => false,
        }
    }

    /// The limit as the cause of a unit short at a node.
    fn limit(self, network: &Network, node: NodeId) -> Limit {
        match self.of {
            Dipping::Hours(resource) => Limit::Capacity(resource),
            Dipping::Lane(lane) => Limit::Lane(lane),
            Dipping::Supply(supplier) => {
                Limit::Supplier { supplier, item: item_from(network, supplier, network.nodes[node.0].item) }
            }
        }
    }

    /// The bucket for which it is named: the nearest before a shortage in which it gives less than at its best and more of it would
    /// save, or else the nearest after.
    fn period(self, plan: &Plan, short: usize) -> usize {
        let (network, prices) = (&plan.network, &plan.prices);
        let (series, prices) = match self.of {
            Dipping::Hours(at) => (&network.resources[at.0].regular_hours, prices.hour.of(at.0)),
            Dipping::Supply(at) => (&network.suppliers[at.0].capacity, prices.supply.of(at.0)),
            Dipping::Lane(at) => (&network.lanes[at.0].capacity_m3, prices.lane_m3.of(at.0)),
        };
        let lacking = (0..series.len()).filter(|at| series[*at] < self.best && prices[*at] > 0.0);
        lacking.min_by_key(|at| (*at > short, at.abs_diff(short))).unwrap_or(short)
    }
}

/// What a supplier delivers that goes into an item, however far down.
fn item_from(network: &Network, supplier: SupplierId, item: ItemId) -> ItemId {
    let mut seen = vec![false; network.items.len()];
    let mut open = vec![item];
    while let Some(item) = open.pop() {
        if std::mem::replace(&mut seen[item.0], true) {
            continue;
        }
        let of_item = |node: NodeId| network.nodes[node.0].item == item;
        if network.contracts.iter().any(|one| one.supplier == supplier && of_item(one.node)) {
            return item;
        }
        let routes = network.routes.iter().filter(|route| of_item(route.node));
        let parts = routes.flat_map(|route| &route.components);
        open.extend(parts.map(|part| network.nodes[part.node.0].item));
    }
    item
}

/// A dip, and the units that come without it.
#[derive(Clone, Debug)]
struct Brought {
    dip: Dip,
    /// By demand row and bucket.
    units: Grid,
}

/// What comes where dips are restored, each alone.
#[derive(Clone, Debug, Default)]
pub(in crate::supply) struct Restored {
    brought: Vec<Brought>,
}

impl Restored {
    /// Notes what comes where a dip is restored.
    pub fn note(&mut self, network: &Network, dip: Dip, planned: &Quantities, restored: &Quantities) {
        let units = units_that_come(network, planned, restored);
        if units.total() > DUST {
            self.brought.push(Brought { dip, units });
        }
    }

    /// Whether restoring one alone brings all that a demand row is short of.
    pub(super) fn clears(&self, demand: usize, short: f64) -> bool {
        self.brought.iter().any(|one| one.units.of(demand).iter().sum::<f64>() >= short * (1.0 - DUST))
    }

    /// Puts units that a demand row is short of down to dips that another way lacks. Of a largest stock and a dip, each of which alone
    /// keeps a unit from coming, the one is named that keeps more units from coming: `largest` says how many each largest stock does.
    pub(super) fn rename(
        &self,
        pieces: Vec<Piece>,
        plan: &Plan,
        largest: &BTreeMap<NodeId, f64>,
        demand: usize,
        period: usize,
    ) -> Vec<Piece> {
        let brings = self.brought.iter().map(|one| Bringing {
            dip: one.dip,
            left: one.units.of(demand)[period],
            all: one.units.total(),
        });
        let mut brings: Vec<Bringing> = brings.filter(|one| one.left > DUST).collect();
        brings.sort_by(|a, b| b.left.total_cmp(&a.left));
        let node = plan.network.demands[demand].node;
        let mut renamed = Vec::new();
        for mut piece in pieces {
            let Some(Yielding { limits, to }) = yielding(&piece, &brings, largest) else {
                renamed.push(piece);
                continue;
            };
            for one in brings.iter_mut().filter(|one| one.all > to) {
                let units = one.left.min(piece.quantity);
                if units <= DUST {
                    continue;
                }
                one.left -= units;
                piece.quantity -= units;
                let mut other = Piece { quantity: units, ..piece.clone() };
                let rent = limits.iter().filter_map(|limit| other.rents.remove(limit)).sum();
                let named = (one.dip.limit(&plan.network, node), one.dip.period(plan, period));
                note(&mut other.rents, named.0, named.1, rent);
                renamed.push(other);
            }
            if piece.quantity > DUST {
                renamed.push(piece);
            }
        }
        renamed
    }
}

/// Limits in the way of a piece that yield their name to dips which keep more units from coming than `to`.
struct Yielding {
    limits: Vec<(Limit, usize)>,
    to: f64,
}

/// The largest stocks in a piece's way yield, and limits of the day where there are no others and none of them is a dip that
/// brings it; `None` where nothing does.
fn yielding(piece: &Piece, brings: &[Bringing], largest: &BTreeMap<NodeId, f64>) -> Option<Yielding> {
    /// Of two that keep about as many units from coming, the largest stock is named.
    const CLEARLY_MORE: f64 = 1.01;
    let is_largest = |limit: &Limit| matches!(limit, Limit::LargestStock(_));
    let is_of_the_day = |limit: &Limit| matches!(limit, Limit::Capacity(_) | Limit::Supplier { .. } | Limit::Lane(_));
    let is_dip = |limit: &Limit| brings.iter().any(|one| one.dip.is(*limit));
    let limits = || piece.rents.keys().map(|(limit, _)| limit);
    let the_day_yields =
        limits().all(|limit| is_largest(limit) || is_of_the_day(limit)) && !limits().any(is_dip) && piece.taken <= 0.0;
    let yields = |limit: &Limit| is_largest(limit) || the_day_yields && is_of_the_day(limit);
    let limits: Vec<(Limit, usize)> = piece.rents.keys().filter(|(limit, _)| yields(limit)).copied().collect();
    let keeps = |limit: &Limit| match limit {
        Limit::LargestStock(node) => largest.get(node).copied().unwrap_or_default() * CLEARLY_MORE,
        _ => 0.0,
    };
    let to = limits.iter().map(|(limit, _)| keeps(limit)).fold(0.0, f64::max);
    (!limits.is_empty()).then_some(Yielding { limits, to })
}

/// Units of a demand row and bucket that a dip keeps from coming and that are not yet put down to it, and all that it keeps.
struct Bringing {
    dip: Dip,
    left: f64,
    all: f64,
}

/// Units short in one plan and not in another, by demand row and bucket; less than nothing where more are short.
pub(in crate::supply) fn units_that_come(network: &Network, planned: &Quantities, other: &Quantities) -> Grid {
    let (periods, last) = (network.periods.len(), network.periods.len().saturating_sub(1));
    let mut units = Grid::new(network.demands.len(), periods);
    for demand in 0..network.demands.len() {
        for (period, units) in units.of_mut(demand).iter_mut().enumerate() {
            let short = |quantities| short_at(quantities, demand, period, last).2;
            *units = short(planned) - short(other);
        }
    }
    units
}
