//! Costs carried along the solved flows, period by period.

use std::collections::BTreeMap;

use super::standard_cost::standard_costs;
use super::{Beneficiary, CostToServe, Peg};
use crate::supply::model::prohibitive_cost;
use crate::supply::network::{DemandId, ItemId, ItemKind, Network, NodeId, ResourceId};
use crate::supply::plan::{CostKind, Grid, Plan, Quantities};
use crate::supply::reasons::Limit;

/// Pegs a plan's costs. The plan's reasons must be known: lost units charge the material that caused them.
pub(in crate::supply) fn trace(plan: &Plan) -> CostToServe {
    let mut tracer = Tracer::new(&plan.network, &plan.quantities);
    tracer.peg_hours();
    for period in 0..plan.network.periods.len() {
        tracer.receive(period);
        for node in plan.network.order.clone() {
            tracer.pass_on(node, period);
        }
    }
    tracer.peg_what_stays();
    tracer.peg_penalties(plan);
    tracer.finish()
}

/// The component of opening value, always last.
struct Slots {
    /// The material of each purchase slot.
    materials: Vec<ItemId>,
    of_item: Vec<usize>,
}

/// Kinds carried besides purchases, in slot order after the materials.
const CARRIED: [CostKind; 6] = [
    CostKind::Production,
    CostKind::Overtime,
    CostKind::Freight,
    CostKind::Holding,
    CostKind::Workforce,
    CostKind::Fixed,
];

impl Slots {
    fn of(network: &Network) -> Self {
        let mut bought = vec![false; network.items.len()];
        for contract in &network.contracts {
            bought[network.nodes[contract.node.0].item.0] = true;
        }
        let materials: Vec<ItemId> = (0..bought.len()).filter(|&item| bought[item]).map(ItemId).collect();
        let mut of_item = vec![0; network.items.len()];
        materials.iter().enumerate().for_each(|(slot, item)| of_item[item.0] = slot);
        Self { materials, of_item }
    }

    fn kind(&self, kind: CostKind) -> usize {
        self.materials.len() + CARRIED.iter().position(|carried| *carried == kind).unwrap_or_default()
    }

    fn opening(&self) -> usize {
        self.materials.len() + CARRIED.len()
    }

    fn len(&self) -> usize {
        self.opening() + 1
    }

    /// What a slot's money is; `None` for opening value.
    fn meaning(&self, slot: usize) -> Option<(CostKind, Option<ItemId>)> {
        if let Some(&material) = self.materials.get(slot) {
            return Some((CostKind::Purchase, Some(material)));
        }
        CARRIED.get(slot - self.materials.len()).map(|&kind| (kind, None))
    }
}

type Vector = Vec<f64>;

struct Tracer<'a> {
    network: &'a Network,
    plan: &'a Quantities,
    slots: Slots,
    /// Money in each node's stock and, later in the period, in what has arrived.
    held: Vec<Vector>,
    /// Money under way, by period of arrival and node.
    arriving: Vec<BTreeMap<usize, Vector>>,
    /// Money of runs started, per unit, by route and period: overtime, workforce.
    overtime_rate: Grid,
    crew_rate: Grid,
    pegs: BTreeMap<(Beneficiary, usize), f64>,
    penalties: BTreeMap<(Beneficiary, CostKind, Option<ItemId>), f64>,
    served_cost: Grid,
    served_opening_value: Grid,
    uses: Vec<Vec<Use>>,
}

/// Something that takes stock from a node.
#[derive(Clone, Copy)]
enum Use {
    Route(usize, f64),
    Flow(usize),
    Demand(usize),
}

impl<'a> Tracer<'a> {
    fn new(network: &'a Network, plan: &'a Quantities) -> Self {
        let (slots, periods) = (Slots::of(network), network.periods.len());
        let standard = standard_costs(network);
        let mut held = vec![vec![0.0; slots.len()]; network.nodes.len()];
        for (index, node) in network.nodes.iter().enumerate() {
            held[index][slots.opening()] = node.initial * standard[index];
        }
        let mut arriving = vec![BTreeMap::new(); periods];
        let mut uses = vec![Vec::new(); network.nodes.len()];
        for (index, route) in network.routes.iter().enumerate() {
            for component in &route.components {
                uses[component.node.0].push(Use::Route(index, component.qty_per));
            }
        }
        network.flows.iter().enumerate().for_each(|(index, flow)| uses[flow.from.0].push(Use::Flow(index)));
        network.demands.iter().enumerate().for_each(|(index, row)| uses[row.node.0].push(Use::Demand(index)));
        for (index, node) in network.nodes.iter().enumerate() {
            for (period, units) in node.receipts.iter().enumerate().filter(|(_, units)| **units > 0.0) {
                let value: &mut Vector = arriving[period].entry(index).or_insert_with(|| vec![0.0; slots.len()]);
                value[slots.opening()] += units * standard[index];
            }
        }
        let demands = network.demands.len();
        Self {
            network,
            plan,
            slots,
            held,
            arriving,
            overtime_rate: Grid::new(network.resources.len(), periods),
            crew_rate: Grid::new(network.resources.len(), periods),
            pegs: BTreeMap::new(),
            penalties: BTreeMap::new(),
            served_cost: Grid::new(demands, periods),
            served_opening_value: Grid::new(demands, periods),
            uses,
        }
    }

    /// Money an hour used of each resource; money of hours nobody used is nobody's.
    fn peg_hours(&mut self) {
        let (network, plan) = (self.network, self.plan);
        let mut used = Grid::new(network.resources.len(), network.periods.len());
        for (index, route) in network.routes.iter().enumerate() {
            for &(resource, _) in &route.hours {
                for (period, used) in used.of_mut(resource.0).iter_mut().enumerate() {
                    *used += hours_of(network, plan, index, resource, period);
                }
            }
        }
        for (index, resource) in network.resources.iter().enumerate() {
            let crew = resource.workforce.as_ref();
            for period in 0..network.periods.len() {
                let at = |grid: &Grid| grid.of(index)[period];
                let overtime = resource.ot_cost_per_hour * at(&plan.overtime);
                let wages = crew.map_or(0.0, |crew| {
                    crew.wage * at(&plan.workers) + crew.hire_cost * at(&plan.hired) + crew.fire_cost * at(&plan.fired)
                });
                let hours = at(&used);
                if hours > 0.0 {
                    self.overtime_rate.of_mut(index)[period] = overtime / hours;
                    self.crew_rate.of_mut(index)[period] = wages / hours;
                } else {
                    let idle = Beneficiary::Idle(ResourceId(index));
                    *self.penalties.entry((idle, CostKind::Overtime, None)).or_default() += overtime;
                    *self.penalties.entry((idle, CostKind::Workforce, None)).or_default() += wages;
                }
            }
        }
    }

    /// What arrives in a period, and the conversion money of what starts in it.
    fn receive(&mut self, period: usize) {
        for (index, contract) in self.network.contracts.iter().enumerate() {
            let money = contract.unit_cost * self.plan.bought.of(index)[period];
            let slot = self.slots.of_item[self.network.nodes[contract.node.0].item.0];
            self.held[contract.node.0][slot] += money;
        }
        for (index, route) in self.network.routes.iter().enumerate() {
            let mut value = vec![0.0; self.slots.len()];
            value[self.slots.kind(CostKind::Production)] = route.unit_cost[period] * self.plan.made.of(index)[period];
            for &(resource, _) in &route.hours {
                let hours = hours_of(self.network, self.plan, index, resource, period);
                value[self.slots.kind(CostKind::Overtime)] += hours * self.overtime_rate.of(resource.0)[period];
                value[self.slots.kind(CostKind::Workforce)] += hours * self.crew_rate.of(resource.0)[period];
            }
            if let Some(lot) = &route.lot {
                value[self.slots.kind(CostKind::Fixed)] = lot.fixed_cost[period] * self.plan.running.of(index)[period];
            }
            self.send(route.node, period + route.lead_time, period, &value);
        }
        for (node, value) in std::mem::take(&mut self.arriving[period]) {
            add(&mut self.held[node], &value);
        }
    }

    /// Brings money to a node: now, later, or, behind the horizon, to goods in transit.
    fn send(&mut self, node: NodeId, arrival: usize, now: usize, value: &Vector) {
        if value.iter().all(|money| *money == 0.0) {
            return;
        }
        if arrival == now {
            add(&mut self.held[node.0], value);
        } else if let Some(arriving) = self.arriving.get_mut(arrival) {
            add(arriving.entry(node.0).or_insert_with(|| vec![0.0; value.len()]), value);
        } else {
            self.peg(Beneficiary::Stock(node), value);
        }
    }

    /// Spreads a node's money over what leaves and what stays, by units.
    fn pass_on(&mut self, node: NodeId, period: usize) {
        let stock = self.plan.stock.of(node.0)[period];
        let uses = std::mem::take(&mut self.uses[node.0]);
        let units = |taken: &Use| match *taken {
            Use::Route(route, qty_per) => qty_per * self.plan.made.of(route)[period],
            Use::Flow(flow) => self.plan.shipped.of(flow)[period],
            Use::Demand(demand) => self.plan.served.of(demand)[period],
        };
        let taken: Vec<f64> = uses.iter().map(units).collect();
        let all = stock + taken.iter().sum::<f64>();
        let value = self.held[node.0].clone();
        for (one, units) in uses.iter().zip(taken).filter(|(_, units)| *units > 0.0) {
            let share: Vector = value.iter().map(|money| money * (units / all)).collect();
            for (held, money) in self.held[node.0].iter_mut().zip(&share) {
                *held -= money;
            }
            match *one {
                Use::Route(route, _) => {
                    let route = &self.network.routes[route];
                    self.send(route.node, period + route.lead_time, period, &share);
                }
                Use::Flow(flow) => {
                    let flow = &self.network.flows[flow];
                    let arrival = period + self.network.lanes[flow.lane.0].lead_time;
                    let mut share = share;
                    share[self.slots.kind(CostKind::Freight)] += flow.unit_cost * units;
                    self.send(flow.to, arrival, period, &share);
                }
                Use::Demand(demand) => {
                    let opening = share[self.slots.opening()];
                    self.served_cost.of_mut(demand)[period] += share.iter().sum::<f64>() - opening;
                    self.served_opening_value.of_mut(demand)[period] += opening;
                    self.peg(Beneficiary::Demand(DemandId(demand)), &share);
                }
            }
        }
        self.uses[node.0] = uses;
        self.held[node.0][self.slots.kind(CostKind::Holding)] += self.network.nodes[node.0].hold_cost * stock;
    }

    fn peg_what_stays(&mut self) {
        for (node, value) in std::mem::take(&mut self.held).into_iter().enumerate() {
            self.peg(Beneficiary::Stock(NodeId(node)), &value);
        }
    }

    fn peg(&mut self, beneficiary: Beneficiary, value: &Vector) {
        for (slot, money) in value.iter().enumerate().filter(|(_, money)| **money != 0.0) {
            *self.pegs.entry((beneficiary, slot)).or_default() += money;
        }
    }

    /// Money for what did not come: late, lost, below safety stock, thrown away.
    fn peg_penalties(&mut self, plan: &Plan) {
        let network = self.network;
        let scarcity = material_shares(plan);
        let last = network.periods.len().saturating_sub(1);
        for (index, demand) in network.demands.iter().enumerate() {
            let who = Beneficiary::Demand(DemandId(index));
            for period in 0..=last {
                let late = plan.quantities.backlog.of(index)[period];
                let still_late = if period == last { late } else { 0.0 };
                let lost = plan.quantities.lost.of(index)[period] + still_late;
                let kinds = [(CostKind::Late, late * demand.late_cost), (CostKind::Lost, lost * demand.lost_cost)];
                for (kind, mut money) in kinds.into_iter().filter(|(_, money)| *money != 0.0) {
                    let whole = money;
                    for &(material, share) in scarcity.get(&(index, period)).into_iter().flatten() {
                        *self.penalties.entry((who, kind, Some(material))).or_default() += whole * share;
                        money -= whole * share;
                    }
                    *self.penalties.entry((who, kind, None)).or_default() += money;
                }
            }
        }
        let disposal_cost = prohibitive_cost(network);
        for (index, node) in network.nodes.iter().enumerate() {
            let who = Beneficiary::Stock(NodeId(index));
            let material = (network.items[node.item.0].kind == ItemKind::Raw).then_some(node.item);
            let short = node.ss_penalty * plan.quantities.shortfall.of(index).iter().sum::<f64>();
            let thrown = disposal_cost * plan.quantities.disposal.of(index).iter().sum::<f64>();
            *self.penalties.entry((who, CostKind::SafetyPenalty, material)).or_default() += short;
            *self.penalties.entry((who, CostKind::Disposal, material)).or_default() += thrown;
        }
    }

    fn finish(self) -> CostToServe {
        let carried = self.pegs.iter().filter_map(|(&(beneficiary, slot), &amount)| {
            let (kind, material) = self.slots.meaning(slot)?;
            Some(Peg { beneficiary, kind, material, amount })
        });
        let penalties = self.penalties.iter().map(|(&(beneficiary, kind, material), &amount)| Peg {
            beneficiary,
            kind,
            material,
            amount,
        });
        let pegs = carried.chain(penalties).filter(|peg| peg.amount != 0.0).collect();
        CostToServe { pegs, served_cost: self.served_cost, served_opening_value: self.served_opening_value }
    }
}

/// Hours a route takes of a resource in a period, set-up included.
fn hours_of(network: &Network, plan: &Quantities, route: usize, resource: ResourceId, period: usize) -> f64 {
    let one = &network.routes[route];
    let per_unit = one.hours.iter().find(|(other, _)| *other == resource).map_or(0.0, |(_, hours)| *hours);
    let setup = one.lot.as_ref().map_or(0.0, |lot| lot.setup_hours[period] * plan.running.of(route)[period]);
    per_unit * plan.made.of(route)[period] + setup
}

fn add(sum: &mut Vector, value: &Vector) {
    sum.iter_mut().zip(value).for_each(|(sum, money)| *sum += money);
}

/// For each demand row and period with a shortage: which materials caused which share of it.
fn material_shares(plan: &Plan) -> BTreeMap<(usize, usize), Vec<(ItemId, f64)>> {
    let mut units: BTreeMap<(usize, usize), (f64, BTreeMap<ItemId, f64>)> = BTreeMap::new();
    for reason in &plan.reasons {
        let entry = units.entry((reason.demand.0, reason.period)).or_default();
        entry.0 += reason.quantity;
        let material = match reason.cause {
            Limit::Supplier { item, .. } => Some(item),
            Limit::LeadTime { item } => Some(item),
            _ => None,
        };
        let raw = material.filter(|item| plan.network.items[item.0].kind == ItemKind::Raw);
        if let Some(item) = raw {
            *entry.1.entry(item).or_default() += reason.quantity;
        }
    }
    let shares = |(all, by_item): (f64, BTreeMap<ItemId, f64>)| {
        by_item.into_iter().map(|(item, units)| (item, units / all)).collect::<Vec<_>>()
    };
    units.into_iter().map(|(key, value)| (key, shares(value))).collect()
}
