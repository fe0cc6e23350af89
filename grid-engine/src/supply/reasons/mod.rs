//! Why units are late or lost: the limits on the way they would have come.
//!
//! Each missing unit takes its cheapest nominal path (routes, components, lanes, contracts), ignoring limits. By
//! complementary slackness the price of a unit is the path's costs and the rents of the limits on it (Dantzig 1963,
//! ch. 12); the unit is split over the limits by their rents, so that the causes sum to the shortage exactly.
//!
//! Where a unit has several ways, each a full account of its price, what can be had most easily is named: first stock that
//! is there and kept back by policy, for which nobody has to make or bring anything; then room for what could have been
//! had before without hindrance; then the limits of the day. Where a decision for too much takes these from others, it is named
//! before them (`given`).

mod elsewhere;
mod given;
mod nominal;
mod path;
mod restored;

use std::collections::BTreeMap;

use super::network::{
    DecisionId, DemandId, ItemId, LaneId, LocationId, Network, NodeId, ResourceId, RouteId, SupplierId,
};
use super::plan::{Grid, Plan, Quantities};

pub(super) use given::Given;
use path::Paths;
pub(super) use restored::{Dip, Restored, units_that_come};

/// What kept units from coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// Hours of a resource.
    Capacity(ResourceId),
    /// What a supplier can deliver of an item.
    Supplier { supplier: SupplierId, item: ItemId },
    /// An item that nothing makes, buys or brings: only what was there could be used.
    NoSource { item: ItemId },
    /// An item ordered, made or sent too late to arrive in time, however early the plan begins.
    LeadTime { item: ItemId },
    /// Room on a lane.
    Lane(LaneId),
    /// Goods that a location can receive.
    Throughput(LocationId),
    /// Stock kept back as safety stock.
    SafetyStock(NodeId),
    /// Stock kept back to be there after the last period.
    ClosingStock(NodeId),
    /// Room for what could have been made or brought before.
    Storage(LocationId),
    /// The largest stock by policy, below what could have been made or brought before.
    LargestStock(NodeId),
    /// A run's largest size, or a set-up not worth its cost.
    Lot(RouteId),
    /// A quantity that people have decided.
    Decision(DecisionId),
    /// Nothing: at these costs it does not pay to serve.
    Economic,
}

impl Limit {
    /// The cause's class, as files have it.
    pub fn class(self) -> &'static str {
        match self {
            Self::Capacity(_) => "capacity",
            Self::Supplier { .. } | Self::NoSource { .. } => "material",
            Self::LeadTime { .. } => "leadtime",
            Self::Lane(_) => "lane",
            Self::Throughput(_) => "throughput",
            Self::SafetyStock(_) => "ss",
            Self::ClosingStock(_) => "terminal",
            Self::Storage(_) => "storage",
            Self::LargestStock(_) => "max_stock",
            Self::Lot(_) => "lot",
            Self::Decision(_) => "decision",
            Self::Economic => "economic",
        }
    }

    /// The name of what is limited: a resource, supplier, item, lane, location, `item@location`, route, contract or
    /// `lane:item`.
    pub fn object(self, network: &Network) -> String {
        match self {
            Self::Capacity(resource) => network.resources[resource.0].name.to_string(),
            Self::Supplier { supplier, .. } => network.suppliers[supplier.0].name.to_string(),
            Self::NoSource { item } | Self::LeadTime { item } => network.items[item.0].name.to_string(),
            Self::Lane(lane) => network.lanes[lane.0].name.to_string(),
            Self::Throughput(location) | Self::Storage(location) => network.locations[location.0].name.to_string(),
            Self::SafetyStock(node) | Self::ClosingStock(node) | Self::LargestStock(node) => network.node_name(node),
            Self::Lot(route) => network.routes[route.0].name.to_string(),
            Self::Decision(decision) => network.decisions[decision.0].of.object(network),
            Self::Economic => String::new(),
        }
    }
}

/// Late or lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shortage {
    /// Late at the end of the period.
    Late,
    /// Never to be served; units still late after the last period count here too.
    Lost,
}

impl Shortage {
    /// The kind's name in files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Lost => "lost",
        }
    }
}

/// One cause of one shortage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reason {
    pub demand: DemandId,
    /// Period of the shortage.
    pub period: usize,
    pub kind: Shortage,
    /// Units that this cause explains.
    pub quantity: f64,
    pub cause: Limit,
    /// Period in which the limit binds.
    pub cause_period: usize,
}

/// Smallest quantity worth a reason: solver dust is smaller.
const DUST: f64 = 1e-6;

/// Rents below this share of the cost of a lost unit are dust too.
const RENT_DUST: f64 = 1e-7;

/// Columns of a program up to which largest stocks are named: which of them and of other limits keeps more units from coming is told
/// by many plans aside, for which larger ones have no time.
pub(super) const MOST_COLUMNS_TRIED: usize = 20_000;

/// Rents below this share of the largest in an account are not named: they are the trace of holding in another limit's price.
const LEAST_SHARE: f64 = 0.01;

/// Units short at a demand row and period: late, lost and both. What is late and lost at the end is the same units.
fn short_at(quantities: &Quantities, demand: usize, period: usize, last: usize) -> (f64, f64, f64) {
    let late = quantities.backlog.of(demand)[period];
    let lost = quantities.lost.of(demand)[period] + if period == last { late } else { 0.0 };
    (late, lost, late.max(lost))
}

/// Units short of a demand row over all periods, as they are explained.
pub(super) fn short_of(network: &Network, quantities: &Quantities, demand: usize) -> f64 {
    let (periods, last) = (network.periods.len(), network.periods.len().saturating_sub(1));
    (0..periods).map(|period| short_at(quantities, demand, period, last).2).sum()
}

/// Whether room for stock is among the causes.
pub(super) fn blame_room(reasons: &[Reason]) -> bool {
    reasons.iter().any(|reason| is_room(reason.cause))
}

fn is_room(limit: Limit) -> bool {
    matches!(limit, Limit::Storage(_) | Limit::LargestStock(_))
}

/// What plans tell in which single limits are lifted.
#[derive(Clone, Debug, Default)]
pub(super) struct Lifted {
    /// Units of each demand row and bucket that come where there is room for all stock; `None` before anybody has tried.
    pub room: Option<Grid>,
    pub given: Given,
    pub restored: Restored,
}

/// Whether something is among the causes that a decision for too much can take from others.
pub(super) fn blame_what_is_shared(reasons: &[Reason]) -> bool {
    reasons.iter().any(|reason| !matches!(reason.cause, Limit::Decision(_) | Limit::Economic))
}

/// The causes of every late and lost unit; for each demand row, period and kind they sum to the shortage.
///
/// Prices hold for the first unit only, and re-solves say how many would have come: room for stock is blamed for no more than that, and
/// not where another limit alone keeps all units of a row from coming and room for stock only some.
pub(super) fn explain_shortages(plan: &Plan, lifted: Lifted) -> Vec<Reason> {
    let network = &plan.network;
    let mut paths = Paths::of(plan, lifted.given);
    let mut room = lifted.room.as_ref().map_or(f64::INFINITY, Grid::total);
    let mut reasons = Vec::new();
    let last = network.periods.len().saturating_sub(1);
    let largest = units_by_largest_stock(&plan.reasons);
    let tells_largest = paths.tells_largest;
    for (index, demand) in network.demands.iter().enumerate() {
        let all = short_of(network, &plan.quantities, index);
        let by_room = lifted.room.as_ref().map_or(all, |units| units.of(index).iter().sum());
        let clears_alone = by_room >= all * (1.0 - DUST);
        let mut none = 0.0;
        let room = if clears_alone || !lifted.restored.clears(index, all) { &mut room } else { &mut none };
        for period in 0..network.periods.len() {
            let (late, lost, short) = short_at(&plan.quantities, index, period, last);
            if short <= DUST {
                continue;
            }
            let worth = demand.lost_cost + demand.late_cost;
            // What alone would not bring all, or only by taking it from other buckets, is no better an account than the limit of the
            // day, which does.
            let brings_all = |units: &Grid| {
                let units = units.of(index);
                units[period] >= short * (1.0 - DUST) && units.iter().all(|units| *units >= -DUST)
            };
            paths.tells_largest = tells_largest && lifted.room.as_ref().is_none_or(brings_all);
            let pieces = pieces_of(&mut paths, DemandId(index), period, short, room);
            let pieces = lifted.restored.rename(pieces, plan, &largest, index, period);
            let causes = causes_of(pieces, period, short, worth);
            for (kind, quantity) in [(Shortage::Late, late), (Shortage::Lost, lost)] {
                if quantity <= DUST {
                    continue;
                }
                reasons.extend(causes.iter().map(|&(cause, cause_period, share)| Reason {
                    demand: DemandId(index),
                    period,
                    kind,
                    quantity: quantity * share,
                    cause,
                    cause_period,
                }));
            }
        }
    }
    reasons
}

/// Units put down to each largest stock so far.
fn units_by_largest_stock(reasons: &[Reason]) -> BTreeMap<NodeId, f64> {
    let mut units = BTreeMap::new();
    for reason in reasons {
        if let Limit::LargestStock(node) = reason.cause {
            *units.entry(node).or_default() += reason.quantity;
        }
    }
    units
}

/// The ways of `short` missing units. Decisions for too much are named for what would come without them, and for no more.
fn pieces_of(paths: &mut Paths<'_>, demand: DemandId, period: usize, short: f64, room: &mut f64) -> Vec<path::Piece> {
    let mut pieces = Vec::new();
    let taken = paths.given.units_of(demand.0).min(short);
    if taken > DUST {
        let mut traced = paths.trace_taken(demand, period, taken);
        // What decisions take may be on another way than the cheapest; the units come without them all the same.
        traced.iter_mut().for_each(|piece| paths.given.name_elsewhere(piece));
        paths.given.use_up(demand.0, traced.iter().map(path::Piece::taken_units).sum());
        pieces.extend(traced);
    }
    let others = if taken > DUST { short - taken } else { short };
    if others > DUST {
        pieces.extend(paths.trace(demand, period, others));
    }
    within_room(pieces, paths, demand, period, room)
}

/// Ways that lack room for stock, as far as `room` is left to blame, which is used up; beyond that the limits of the day.
fn within_room(
    found: Vec<path::Piece>,
    paths: &mut Paths<'_>,
    demand: DemandId,
    period: usize,
    room: &mut f64,
) -> Vec<path::Piece> {
    let mut pieces = Vec::new();
    let mut others = 0.0;
    for piece in found {
        if !piece.rents.keys().any(|(limit, _)| is_room(*limit)) {
            pieces.push(piece);
            continue;
        }
        let quantity = piece.quantity.min(*room);
        *room -= quantity;
        others += piece.quantity - quantity;
        pieces.push(path::Piece { quantity, ..piece });
    }
    if others > 0.0 {
        pieces.extend(paths.trace_without_room(demand, period, others));
    }
    pieces
}

/// Causes of `short` missing units by their ways, each with its period and its share of one.
fn causes_of(pieces: Vec<path::Piece>, period: usize, short: f64, worth: f64) -> Vec<(Limit, usize, f64)> {
    let mut shares: BTreeMap<(Limit, usize), f64> = BTreeMap::new();
    for piece in pieces {
        let share = piece.quantity / short;
        let rents: f64 = piece.rents.values().sum();
        if rents <= RENT_DUST * (1.0 + worth) {
            *shares.entry(piece.dead_end.unwrap_or((Limit::Economic, period))).or_default() += share;
            continue;
        }
        let largest = piece.rents.values().copied().fold(0.0, f64::max);
        let told = |rent: &f64| *rent >= LEAST_SHARE * largest;
        let all_told: f64 = piece.rents.values().filter(|rent| told(rent)).sum();
        for (limit, rent) in piece.rents.into_iter().filter(|(_, rent)| told(rent)) {
            *shares.entry(limit).or_default() += share * rent / all_told;
        }
    }
    shares.into_iter().filter(|(_, share)| *share > 0.0).map(|((limit, at), share)| (limit, at, share)).collect()
}
