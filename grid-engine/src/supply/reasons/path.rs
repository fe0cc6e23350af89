//! The cheapest nominal way to a unit, and the rents of the limits along it.

use std::collections::{BTreeMap, HashMap};

use super::given::{Given, Share, Shared};
use super::nominal::{Source, Waiting, cheapest, sources_of};
use super::{DUST, Limit, MOST_COLUMNS_TRIED};
use crate::supply::network::{ContractId, Decided, DecisionId, DemandId, FlowId, ItemId, Network, NodeId, RouteId};
use crate::supply::plan::{Grid, Plan};

/// Rents per unit, by limit and period.
type Rents = BTreeMap<(Limit, usize), f64>;

/// Units that share one way, and what stood in it.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    pub quantity: f64,
    pub rents: Rents,
    /// Of the rents, those of decisions that take what the units would have come by.
    pub taken: f64,
    /// Where the way ends because nothing can come any further, and when; [`Limit::Economic`] where it costs more than it saves.
    pub dead_end: Option<(Limit, usize)>,
}

impl Piece {
    pub fn new(quantity: f64) -> Self {
        Self { quantity, rents: Rents::new(), taken: 0.0, dead_end: None }
    }

    /// Units that it does not pay to bring: no limit on their way is to blame.
    fn not_worth_it(quantity: f64, period: usize) -> Self {
        Self { dead_end: Some((Limit::Economic, period)), ..Self::new(quantity) }
    }

    fn is_worth_it(&self) -> bool {
        !matches!(self.dead_end, Some((Limit::Economic, _)))
    }

    /// Units of the piece that decisions for too much are named for.
    pub fn taken_units(&self) -> f64 {
        let rents: f64 = self.rents.values().sum();
        if rents > 0.0 { self.quantity * self.taken / rents } else { 0.0 }
    }
}

/// Nominal ways to every node and period, and the stock that shortages may still point to.
pub(super) struct Paths<'a> {
    pub(super) plan: &'a Plan,
    sources: Vec<Source>,
    /// What a unit costs at a node and period where nothing limits it; infinite where none can come.
    costs: Vec<f64>,
    /// The same where units may wait in places that are large enough, from the bucket in which they come cheapest.
    waiting_costs: Vec<f64>,
    /// Whether anything makes, buys or brings what is at a node.
    has_source: Vec<bool>,
    /// Closing stock not yet named as the cause of a shortage, and what left it to arrive nowhere before the plan ends.
    pub(super) unnamed_stock: Grid,
    /// Whether largest stocks are told of.
    pub(super) tells_largest: bool,
    /// The flows into each node.
    pub(super) flows_into: Vec<Vec<usize>>,
    /// Whether anything arrives at a node in a period.
    arrivals: Vec<bool>,
    decisions: HashMap<Decided, DecisionId>,
    /// What decisions take that others would have, as far as no shortage has been put down to it.
    pub given: Given,
    /// Whether decisions are named that take what the units would have come by.
    tells_taken: bool,
    /// Draws on safety stock along the way being traced.
    draws: usize,
    /// Whether room for stock is told of.
    tells_room: bool,
}

impl Asking {
    fn pays(self, cost: f64) -> bool {
        match self {
            Self::Customers { worth } => !is_dearer(cost, worth),
            Self::OnTheWay => true,
        }
    }
}

/// Prices agree to this share.
const ROUNDING: f64 = 1e-6;

/// Whether a way costs more than a unit is worth.
fn is_dearer(cost: f64, price: f64) -> bool {
    cost > price + ROUNDING * (1.0 + price.abs())
}

/// For whom units are traced.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asking {
    /// Those who are short, to whom a unit is worth so much: ways that cost more do not pay.
    Customers { worth: f64 },
    /// What goes on to them: the whole way has been seen to pay.
    OnTheWay,
}

/// Draws on safety stock along one way, at most. A draw leads forward in time and lanes lead back, so that without
/// a limit lanes in both directions could send a trace to and fro.
const MAX_DRAWS: usize = 8;

impl<'a> Paths<'a> {
    pub fn of(plan: &'a Plan, given: Given) -> Self {
        let network = &plan.network;
        let into = sources_of(network);
        let (sources, costs) = cheapest(network, &into, Waiting::No);
        let (_, waiting_costs) = cheapest(network, &into, Waiting::Yes);
        let periods = network.periods.len();
        let mut arrivals = vec![false; sources.len()];
        let series = plan.stock_series();
        for (node, series) in series.iter().enumerate() {
            for period in 0..periods {
                let came = series.production[period] + series.purchases[period] + series.inbound[period];
                arrivals[node * periods + period] = came > DUST;
            }
        }
        Self {
            plan,
            sources,
            costs,
            waiting_costs,
            has_source: into.iter().map(|sources| !sources.is_empty()).collect(),
            unnamed_stock: idle_stock(plan),
            tells_largest: plan.statistics.columns <= MOST_COLUMNS_TRIED,
            flows_into: flows_into(network),
            arrivals,
            given,
            tells_taken: false,
            decisions: network.decisions.iter().enumerate().map(|(at, one)| (one.of, DecisionId(at))).collect(),
            draws: 0,
            tells_room: true,
        }
    }

    /// The ways by which `quantity` more units at a node would have come, ignoring limits.
    ///
    /// Stock at hand that is kept by policy is the cheapest way of all and named first, as far as it reaches.
    pub fn trace(&mut self, demand: DemandId, period: usize, quantity: f64) -> Vec<Piece> {
        let node = self.plan.network.demands[demand.0].node;
        let worth = self.plan.prices.served.of(demand.0)[period].min(self.plan.prices.unit.of(node.0)[period]);
        self.trace_for(Asking::Customers { worth }, node, period, quantity)
    }

    fn trace_for(&mut self, asking: Asking, node: NodeId, period: usize, quantity: f64) -> Vec<Piece> {
        let place = node.0 * self.plan.network.periods.len() + period;
        let cost = self.costs[place];
        let mut pieces = Vec::new();
        let mut missing = quantity;
        while missing > DUST * quantity
            && let Some(draw) = self.policy_draw(node, period)
        {
            let drawn = draw.available.min(missing);
            for stock in &mut self.unnamed_stock.of_mut(node.0)[period..draw.until] {
                *stock -= drawn;
            }
            missing -= drawn;
            let mut replaced = vec![Piece::new(drawn)];
            if draw.is_replaced {
                // What is drawn must be there again for customers of that day: the limits of that day count too.
                self.draws += 1;
                let worth = self.plan.prices.unit.of(node.0)[draw.until];
                replaced = self.worth_it(worth, node, draw.until, drawn);
                self.draws -= 1;
            }
            for mut piece in replaced {
                if piece.is_worth_it() {
                    draw.rents.iter().for_each(|&(limit, held, rent)| note(&mut piece.rents, limit, held, rent));
                }
                pieces.push(piece);
            }
        }
        while missing > DUST * quantity
            && !self.tells_taken
            && let Some(lying) = self.lying_elsewhere(node, period)
            && lying.cost < cost
            && asking.pays(lying.cost)
            && let Some(piece) = self.bring_from_elsewhere(&lying, missing)
        {
            missing -= piece.quantity;
            pieces.push(piece);
        }
        if missing > DUST * quantity {
            match self.room_before(node, period) {
                Some(rents) if !self.lacks_storage_before(node, period, &rents) => {
                    pieces.push(self.roomless(node, missing, rents));
                }
                _ => pieces.extend(self.fresh_or_taken(asking, node, period, missing)),
            }
        }
        pieces
    }

    /// The same ways, decisions being named that take what the units would have come by.
    /// That they come without the decisions has been seen, so their ways pay.
    pub fn trace_taken(&mut self, demand: DemandId, period: usize, quantity: f64) -> Vec<Piece> {
        let node = self.plan.network.demands[demand.0].node;
        self.tells_taken = true;
        let pieces = self.trace_for(Asking::OnTheWay, node, period, quantity);
        self.tells_taken = false;
        pieces
    }

    /// The same ways, the limits of the day being named where room for stock would have been.
    pub fn trace_without_room(&mut self, demand: DemandId, period: usize, quantity: f64) -> Vec<Piece> {
        self.tells_room = false;
        let pieces = self.trace(demand, period, quantity);
        self.tells_room = true;
        pieces
    }

    /// Units for which there was no room to wait in, bucket by bucket with its rents.
    fn roomless(&mut self, node: NodeId, quantity: f64, rents: Vec<RoomRent>) -> Piece {
        let network = &self.plan.network;
        let location = network.nodes[node.0].location;
        let volume = network.item_of(node).volume * quantity;
        let mut piece = Piece::new(quantity);
        for RoomRent { period, storage, largest } in rents {
            let room = (Shared::Room(location.0, period), volume);
            self.note_shared(&mut piece, Limit::Storage(location), room, period, storage);
            note(&mut piece.rents, Limit::LargestStock(node), period, largest);
        }
        piece
    }

    /// Rents of the room in which a unit would have waited that could have been had before without hindrance, by bucket; `None`
    /// where they do not account for its price.
    fn room_before(&self, node: NodeId, period: usize) -> Option<Vec<RoomRent>> {
        if !self.tells_room {
            return None;
        }
        let (network, prices) = (&self.plan.network, &self.plan.prices);
        let (held, location) = (&network.nodes[node.0], network.nodes[node.0].location);
        let volume = network.item_of(node).volume;
        let (unit, room, safety) = (prices.unit.of(node.0), prices.storage_m3.of(location.0), prices.safety.of(node.0));
        let most = prices.largest_stock.of(node.0);
        let mut rents = Vec::new();
        let mut waiting = 0.0;
        for before in (0..period).rev() {
            let rent = RoomRent {
                period: before,
                storage: room[before] * volume,
                largest: if self.tells_largest { most[before] } else { 0.0 },
            };
            waiting += held.hold_cost + rent.storage + rent.largest - safety[before];
            if rent.storage > 0.0 || rent.largest > 0.0 {
                rents.push(rent);
            }
            let near = |a: f64, b: f64| (a - b).abs() <= ROUNDING * (1.0 + b.abs());
            if !near(unit[before] + waiting, unit[period]) {
                return None;
            }
            let cost = self.costs[node.0 * network.periods.len() + before];
            if cost.is_finite() && unit[before] <= cost + ROUNDING * (1.0 + cost) {
                return (!rents.is_empty()).then_some(rents);
            }
        }
        None
    }

    /// Whether, where stock may not wait at a node by policy, the place it comes from has no room for it: of the two, the place is named.
    fn lacks_storage_before(&self, node: NodeId, period: usize, rents: &[RoomRent]) -> bool {
        let Source::Flow(index) = self.sources[node.0 * self.plan.network.periods.len() + period] else { return false };
        let flow = self.plan.network.flows[index];
        let sent = period - self.plan.network.lanes[flow.lane.0].lead_time;
        rents.iter().any(|rent| rent.largest > 0.0)
            && self.room_before(flow.from, sent).is_some_and(|rents| rents.iter().all(|rent| rent.largest <= 0.0))
    }

    /// Units that do not come from stock at the node. What decisions take away from it is put down to them, whatever else stands in
    /// the way to the node.
    fn fresh_or_taken(&mut self, asking: Asking, node: NodeId, period: usize, quantity: f64) -> Vec<Piece> {
        let shares = self.taken(Shared::Goods(node.0), period, quantity);
        let given: f64 = shares.iter().map(|share| share.amount).sum();
        let mut pieces = Vec::new();
        if given > 0.0 {
            let tells_taken = std::mem::replace(&mut self.tells_taken, false);
            pieces = self.fresh(node, period, given);
            self.tells_taken = tells_taken;
            for piece in &mut pieces {
                piece.taken = piece.rents.values().sum();
                piece.rents.clear();
                for share in &shares {
                    let part = piece.taken * share.amount / given;
                    note(&mut piece.rents, Limit::Decision(share.decision), share.period, part);
                }
            }
        }
        if quantity - given > DUST * quantity {
            pieces.extend(match asking {
                Asking::Customers { worth } => self.worth_it(worth, node, period, quantity - given),
                Asking::OnTheWay => self.fresh(node, period, quantity - given),
            });
        }
        pieces
    }

    fn taken(&mut self, shared: Shared, period: usize, wanted: f64) -> Vec<Share> {
        if self.tells_taken { self.given.take(shared, period, wanted) } else { Vec::new() }
    }

    /// The rent of a limit that decisions share: theirs as far as they take what is wanted of it.
    fn note_shared(&mut self, piece: &mut Piece, limit: Limit, of: (Shared, f64), period: usize, rent: f64) {
        if rent <= 0.0 {
            return;
        }
        let (shared, wanted) = of;
        let mut left = 1.0;
        for share in self.taken(shared, period, wanted) {
            let part = share.amount / wanted;
            note(&mut piece.rents, Limit::Decision(share.decision), share.period, rent * part);
            piece.taken += rent * part;
            left -= part;
        }
        if left > ROUNDING {
            note(&mut piece.rents, limit, period, rent * left);
        }
    }

    /// Units that come new to the node, if what they are worth pays for that even where nothing limits it: where it does not, whatever
    /// rents lie on the way do not account for it (complementary slackness holds for ways in use only).
    fn worth_it(&mut self, worth: f64, node: NodeId, period: usize, quantity: f64) -> Vec<Piece> {
        let cost = self.waiting_costs[node.0 * self.plan.network.periods.len() + period];
        if cost.is_finite() && is_dearer(cost, worth) {
            return vec![Piece::not_worth_it(quantity, period)];
        }
        self.fresh(node, period, quantity)
    }

    /// Units that come new to the node, by its cheapest source.
    fn fresh(&mut self, node: NodeId, period: usize, quantity: f64) -> Vec<Piece> {
        let plan = self.plan;
        let (network, prices) = (&plan.network, &plan.prices);
        let item = network.nodes[node.0].item;
        let mut piece = Piece::new(quantity);
        match self.sources[node.0 * network.periods.len() + period] {
            Source::Nowhere => {
                let limit = self.why_nowhere(node, item);
                note(&mut piece.rents, limit, period, prices.unit.of(node.0)[period]);
                piece.dead_end = Some((limit, period));
                vec![piece]
            }
            Source::Contract(index) => {
                let contract = &network.contracts[index];
                let supply = prices.supply.of(contract.supplier.0)[period].max(0.0);
                let limit = Limit::Supplier { supplier: contract.supplier, item };
                self.note_shared(&mut piece, limit, (Shared::Supply(contract.supplier.0), quantity), period, supply);
                if period < contract.lead_time {
                    let waiting = prices.unit.of(node.0)[period] - contract.unit_cost - supply;
                    note(&mut piece.rents, Limit::LeadTime { item }, period, waiting);
                } else {
                    self.note_decision(&mut piece.rents, Decided::Purchase(ContractId(index)), period);
                }
                vec![piece]
            }
            Source::Flow(index) => {
                let flow = network.flows[index];
                let sent = period - network.lanes[flow.lane.0].lead_time;
                let mut pieces = self.trace_for(Asking::OnTheWay, flow.from, sent, quantity);
                pieces.iter_mut().for_each(|piece| self.note_flow(piece, index, sent));
                pieces
            }
            Source::Route(index) => {
                let route = &network.routes[index];
                let start = period - route.lead_time;
                for &(resource, hours) in &route.hours {
                    let rent = hours * prices.hour.of(resource.0)[start];
                    let shared = (Shared::Hours(resource.0), hours * quantity);
                    self.note_shared(&mut piece, Limit::Capacity(resource), shared, start, rent);
                }
                note(&mut piece.rents, Limit::Lot(RouteId(index)), start, prices.run.of(index)[start]);
                self.note_decision(&mut piece.rents, Decided::Production(RouteId(index)), start);
                for component in route.components.iter().filter(|component| component.qty_per > 0.0) {
                    let needed = quantity * component.qty_per;
                    for part in self.trace_for(Asking::OnTheWay, component.node, start, needed) {
                        let per_unit = part.quantity / quantity;
                        piece.taken += part.taken * per_unit;
                        piece.dead_end = piece.dead_end.or(part.dead_end);
                        for ((limit, at), rent) in part.rents {
                            *piece.rents.entry((limit, at)).or_default() += rent * per_unit;
                        }
                    }
                }
                vec![piece]
            }
        }
    }

    /// The rents of limits on sending a piece over a lane.
    pub(super) fn note_flow(&mut self, piece: &mut Piece, index: usize, sent: usize) {
        let plan = self.plan;
        let (network, prices) = (&plan.network, &plan.prices);
        let flow = network.flows[index];
        let lane = &network.lanes[flow.lane.0];
        let volume = network.item_of(flow.to).volume;
        let room = prices.lane_m3.of(flow.lane.0)[sent] * volume;
        let on_lane = (Shared::Lane(flow.lane.0), volume * piece.quantity);
        self.note_shared(piece, Limit::Lane(flow.lane), on_lane, sent, room);
        let arrival = sent + lane.lead_time;
        let received = (Shared::Received(lane.to.0), piece.quantity);
        let rent = prices.throughput.of(lane.to.0)[arrival];
        self.note_shared(piece, Limit::Throughput(lane.to), received, arrival, rent);
        self.note_decision(&mut piece.rents, Decided::Shipment(FlowId(index)), sent);
    }

    /// The rent of a decision for less than would have been planned.
    fn note_decision(&self, rents: &mut Rents, of: Decided, period: usize) {
        if let Some(&decision) = self.decisions.get(&of) {
            note(rents, Limit::Decision(decision), period, self.plan.prices.decided.of(decision.0)[period]);
        }
    }

    fn why_nowhere(&self, node: NodeId, item: ItemId) -> Limit {
        if self.has_source[node.0] { Limit::LeadTime { item } } else { Limit::NoSource { item } }
    }

    /// Stock at hand that policy holds back: how much, until when, at which rents.
    ///
    /// Stock that lies from one bucket to the next makes the price of a unit the next bucket's, less holding, plus the
    /// rent of the safety stock. A delivery does not end that while policy still binds: a unit put back would be kept
    /// once more, and no customer is short of it.
    fn policy_draw(&self, node: NodeId, period: usize) -> Option<Draw> {
        if self.draws >= MAX_DRAWS {
            return None;
        }
        let periods = self.plan.network.periods.len();
        let (stock, safety) = (self.plan.quantities.stock.of(node.0), self.plan.prices.safety.of(node.0));
        let unnamed = self.unnamed_stock.of(node.0);
        let lies = |at: usize| stock[at] > DUST && unnamed[at] > DUST;
        let closing = self.plan.prices.closing[node.0];
        let to_the_end = closing > 0.0 && (period..periods).all(lies);
        let mut rents = Vec::new();
        let mut available = f64::INFINITY;
        let mut until = period;
        while until < periods && lies(until) {
            let is_delivered = until > period && self.arrivals[node.0 * periods + until];
            if is_delivered && safety[until] <= 0.0 && !to_the_end {
                break;
            }
            available = available.min(unnamed[until]);
            if safety[until] > 0.0 {
                rents.push((Limit::SafetyStock(node), until, safety[until]));
            }
            until += 1;
        }
        let is_replaced = until < periods;
        if to_the_end {
            rents.push((Limit::ClosingStock(node), periods - 1, closing));
        }
        (!rents.is_empty()).then_some(Draw { available, until, is_replaced, rents })
    }
}

/// What room for one more unit to wait in from one bucket to the next would save: m³ in its place, and a unit more of it by policy.
struct RoomRent {
    period: usize,
    storage: f64,
    largest: f64,
}

struct Draw {
    available: f64,
    /// The bucket in which it would be there again, or the one after the last.
    until: usize,
    is_replaced: bool,
    rents: Vec<(Limit, usize, f64)>,
}

pub(super) fn note(rents: &mut Rents, limit: Limit, period: usize, rent: f64) {
    if rent > 0.0 {
        *rents.entry((limit, period)).or_default() += rent;
    }
}

/// Closing stock, and at each node what was sent from there to arrive after the plan ends: a cheaper place to keep it.
fn idle_stock(plan: &Plan) -> Grid {
    let (network, mut idle) = (&plan.network, plan.quantities.stock.clone());
    let periods = network.periods.len();
    for (index, flow) in network.flows.iter().enumerate() {
        let sent = plan.quantities.shipped.of(index).iter().enumerate();
        let never_there = sent.filter(|(period, _)| period + network.lanes[flow.lane.0].lead_time >= periods);
        for (period, units) in never_there {
            idle.of_mut(flow.from.0)[period..].iter_mut().for_each(|stock| *stock += units);
        }
    }
    idle
}

/// The flows into each node.
fn flows_into(network: &Network) -> Vec<Vec<usize>> {
    let mut into = vec![Vec::new(); network.nodes.len()];
    network.flows.iter().enumerate().for_each(|(index, flow)| into[flow.to.0].push(index));
    into
}
