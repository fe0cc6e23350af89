//! Stock of an item that lies idle at another place until the plan ends.
//!
//! Nobody has to make or buy it: a unit of it is the cheapest there is, and what keeps it from coming is the reason before any
//! limit on making another.

use super::path::{Paths, Piece, note};
use super::{DUST, Limit};
use crate::supply::network::NodeId;

/// Lanes one after another, at most: further away nobody looks for stock.
const MOST_LANES: usize = 3;

/// Idle stock and the way by which it would have come.
#[derive(Clone, Debug)]
pub(super) struct Lying {
    node: NodeId,
    /// From which bucket on it would be missing there.
    since: usize,
    available: f64,
    /// What the lanes cost.
    pub cost: f64,
    /// Flows from the stock on, each with the buckets in which it is sent and arrives; it is sent in none where that is before the
    /// plan begins.
    flows: Vec<(usize, Option<usize>, usize)>,
}

impl Paths<'_> {
    /// The cheapest idle stock that could have come to a node, of an item that nobody has given another name as a cause yet. What
    /// would have had to set out before the plan begins comes after all others.
    pub(super) fn lying_elsewhere(&self, node: NodeId, period: usize) -> Option<Lying> {
        self.lying_within(node, period, MOST_LANES)
    }

    fn lying_within(&self, node: NodeId, period: usize, lanes: usize) -> Option<Lying> {
        let network = &self.plan.network;
        let mut best: Option<Lying> = None;
        for &index in &self.flows_into[node.0] {
            let flow = network.flows[index];
            let sent = period.checked_sub(network.lanes[flow.lane.0].lead_time);
            let since = sent.unwrap_or(0);
            let stock = &self.unnamed_stock.of(flow.from.0)[since..];
            let available = stock.iter().copied().fold(f64::INFINITY, f64::min);
            let here =
                Lying { node: flow.from, since, available, cost: flow.unit_cost, flows: vec![(index, sent, period)] };
            let further = sent.filter(|_| lanes > 1).and_then(|sent| {
                let mut found = self.lying_within(flow.from, sent, lanes - 1)?;
                found.cost += flow.unit_cost;
                found.flows.push((index, Some(sent), period));
                Some(found)
            });
            for found in [Some(here).filter(|here| here.available > DUST), further].into_iter().flatten() {
                if best.as_ref().is_none_or(|best| (found.is_late(), found.cost) < (best.is_late(), best.cost)) {
                    best = Some(found);
                }
            }
        }
        best
    }

    /// Units that would have come from idle stock, which are named with that; `None` where nothing stands in their way.
    pub(super) fn bring_from_elsewhere(&mut self, lying: &Lying, wanted: f64) -> Option<Piece> {
        let plan = self.plan;
        let (network, prices) = (&plan.network, &plan.prices);
        let periods = network.periods.len();
        let mut piece = Piece::new(lying.available.min(wanted));
        for period in lying.since..periods {
            note(&mut piece.rents, Limit::SafetyStock(lying.node), period, prices.safety.of(lying.node.0)[period]);
        }
        note(&mut piece.rents, Limit::ClosingStock(lying.node), periods - 1, prices.closing[lying.node.0]);
        for &(index, sent, arrival) in &lying.flows {
            let flow = network.flows[index];
            match sent {
                Some(sent) => self.note_flow(&mut piece, index, sent),
                None => {
                    let (to, item) = (flow.to.0, network.nodes[flow.to.0].item);
                    let waiting = prices.unit.of(to)[arrival] - flow.unit_cost;
                    note(&mut piece.rents, Limit::LeadTime { item }, arrival, waiting);
                }
            }
        }
        if piece.rents.is_empty() {
            return None;
        }
        let named = piece.quantity;
        self.unnamed_stock.of_mut(lying.node.0)[lying.since..].iter_mut().for_each(|stock| *stock -= named);
        Some(piece)
    }
}

impl Lying {
    fn is_late(&self) -> bool {
        self.flows.iter().any(|(_, sent, _)| sent.is_none())
    }
}
