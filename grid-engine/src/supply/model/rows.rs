//! The constraints: one row an object and period.

use std::collections::HashSet;

use super::layout::{Constraint, Layout};
use super::most_made::most_made;
use crate::supply::network::{
    ContractId, DemandId, FlowId, LaneId, LocationId, Network, NodeId, ResourceId, RouteId, SupplierId,
};
use crate::supply::program::{Program, RowBound};

/// Adds every row and notes where each constraint's rows begin.
pub(super) fn add(program: &mut Program, network: &Network, layout: &mut Layout, like: Option<&Layout>) {
    let had = like.into_iter().flat_map(|like| like.rows.iter().map(|&(constraint, _)| constraint)).collect();
    let mut builder = Builder { program, layout, had };
    builder.add_balances(network);
    builder.add_demands(network);
    builder.add_capacities(network);
    builder.add_safety(network);
    builder.add_lanes(network);
    builder.add_storage(network);
    builder.add_throughput(network);
    builder.add_suppliers(network);
    builder.add_crews(network);
    builder.add_lots(network);
}

type Entries = Vec<(usize, f64)>;

struct Builder<'a> {
    program: &'a mut Program,
    layout: &'a mut Layout,
    /// Constraints that have rows even where they limit nothing.
    had: HashSet<Constraint>,
}

impl Builder<'_> {
    fn add(&mut self, constraint: Constraint, row_of: impl Fn(&Layout, usize) -> (RowBound, Entries)) {
        let first = self.program.rows.len();
        for period in 0..self.layout.periods {
            let (bound, entries) = row_of(self.layout, period);
            self.program.add_row(bound, entries);
        }
        self.layout.rows.push((constraint, first));
    }

    /// Arrivals − withdrawals + stock before − stock after = −receipts (− opening stock).
    fn add_balances(&mut self, network: &Network) {
        let touching = Touching::of(network);
        for (index, node) in network.nodes.iter().enumerate() {
            let id = NodeId(index);
            let touch = &touching.nodes[index];
            self.add(Constraint::Balance(id), |layout, period| {
                let mut row: Entries = vec![(layout.stock(id, period), -1.0)];
                row.extend(layout.disposal(id, period).map(|column| (column, -1.0)));
                let opening = if period == 0 {
                    node.initial
                } else {
                    row.push((layout.stock(id, period - 1), 1.0));
                    0.0
                };
                for &route in &touch.made_by {
                    let start = period.checked_sub(network.routes[route.0].lead_time);
                    row.extend(start.map(|start| (layout.made(route, start), 1.0)));
                }
                row.extend(touch.used_by.iter().map(|&(route, qty)| (layout.made(route, period), -qty)));
                for &flow in &touch.into {
                    let lane = network.flows[flow.0].lane;
                    let sent = period.checked_sub(network.lanes[lane.0].lead_time);
                    row.extend(sent.map(|sent| (layout.shipped(flow, sent), 1.0)));
                }
                row.extend(touch.out_of.iter().map(|&flow| (layout.shipped(flow, period), -1.0)));
                row.extend(touch.bought.iter().map(|&contract| (layout.bought(contract, period), 1.0)));
                row.extend(touch.demanded.iter().map(|&demand| (layout.served(demand, period), -1.0)));
                (RowBound::Equal(-node.receipts[period] - opening), row)
            });
        }
    }

    /// Served + backlog − backlog before + lost = demand.
    fn add_demands(&mut self, network: &Network) {
        for (index, demand) in network.demands.iter().enumerate() {
            let id = DemandId(index);
            self.add(Constraint::Demand(id), |layout, period| {
                let mut row = vec![
                    (layout.served(id, period), 1.0),
                    (layout.backlog(id, period), 1.0),
                    (layout.lost(id, period), 1.0),
                ];
                row.extend(period.checked_sub(1).map(|before| (layout.backlog(id, before), -1.0)));
                (RowBound::Equal(demand.quantity[period]), row)
            });
        }
    }

    /// Hours of runs and set-ups − overtime − hours of workers ≤ regular hours.
    fn add_capacities(&mut self, network: &Network) {
        let mut users: Vec<Vec<(RouteId, f64)>> = vec![Vec::new(); network.resources.len()];
        for (index, route) in network.routes.iter().enumerate() {
            for &(resource, hours) in &route.hours {
                users[resource.0].push((RouteId(index), hours));
            }
        }
        for (index, resource) in network.resources.iter().enumerate() {
            let id = ResourceId(index);
            self.add(Constraint::Capacity(id), |layout, period| {
                let mut row: Entries =
                    users[index].iter().map(|&(route, hours)| (layout.made(route, period), hours)).collect();
                for &(route, _) in &users[index] {
                    let lot = network.routes[route.0].lot.as_ref();
                    let setup = layout.running(route, period).zip(lot.map(|lot| lot.setup_hours[period]));
                    row.extend(setup);
                }
                row.push((layout.overtime(id, period), -1.0));
                if let (Some(crew), Some(columns)) = (&resource.workforce, layout.crews[index]) {
                    row.push((columns.workers + period, -crew.hours_per_worker));
                }
                (RowBound::AtMost(resource.regular_hours[period]), row)
            });
        }
    }

    fn add_safety(&mut self, network: &Network) {
        for (index, node) in network.nodes.iter().enumerate() {
            let id = NodeId(index);
            if self.layout.shortfall(id, 0).is_none() {
                continue;
            }
            self.add(Constraint::Safety(id), |layout, period| {
                let mut row = vec![(layout.stock(id, period), 1.0)];
                row.extend(layout.shortfall(id, period).map(|column| (column, 1.0)));
                (RowBound::AtLeast(node.safety), row)
            });
        }
    }

    fn add_lanes(&mut self, network: &Network) {
        for (index, lane) in network.lanes.iter().enumerate() {
            let constraint = Constraint::Lane(LaneId(index));
            if lane.capacity_m3.iter().all(|capacity| capacity.is_infinite()) && !self.had.contains(&constraint) {
                continue;
            }
            let flows: Vec<(FlowId, f64)> = network
                .flows
                .iter()
                .enumerate()
                .filter(|(_, flow)| flow.lane.0 == index)
                .map(|(flow, ends)| (FlowId(flow), network.item_of(ends.from).volume))
                .collect();
            self.add(constraint, |layout, period| {
                let row = flows.iter().map(|&(flow, volume)| (layout.shipped(flow, period), volume)).collect();
                (RowBound::AtMost(lane.capacity_m3[period]), row)
            });
        }
    }

    fn add_storage(&mut self, network: &Network) {
        for (index, location) in network.locations.iter().enumerate() {
            let constraint = Constraint::Storage(LocationId(index));
            if location.storage_m3.is_infinite() && !self.had.contains(&constraint) {
                continue;
            }
            let here: Vec<NodeId> =
                (0..network.nodes.len()).map(NodeId).filter(|node| network.nodes[node.0].location.0 == index).collect();
            self.add(constraint, |layout, period| {
                let volume = |node: &NodeId| (layout.stock(*node, period), network.item_of(*node).volume);
                (RowBound::AtMost(location.storage_m3), here.iter().map(volume).collect())
            });
        }
    }

    /// Units arriving over lanes ≤ throughput.
    fn add_throughput(&mut self, network: &Network) {
        for (index, location) in network.locations.iter().enumerate() {
            let constraint = Constraint::Throughput(LocationId(index));
            if location.throughput.is_infinite() && !self.had.contains(&constraint) {
                continue;
            }
            self.add(constraint, |layout, period| {
                let inbound = network.flows.iter().enumerate().filter_map(|(flow, ends)| {
                    let lane = &network.lanes[ends.lane.0];
                    let sent = period.checked_sub(lane.lead_time).filter(|_| lane.to.0 == index)?;
                    Some((layout.shipped(FlowId(flow), sent), 1.0))
                });
                (RowBound::AtMost(location.throughput), inbound.collect())
            });
        }
    }

    fn add_suppliers(&mut self, network: &Network) {
        let mut contracts: Vec<Vec<ContractId>> = vec![Vec::new(); network.suppliers.len()];
        for (index, contract) in network.contracts.iter().enumerate() {
            contracts[contract.supplier.0].push(ContractId(index));
        }
        for (index, supplier) in network.suppliers.iter().enumerate() {
            let constraint = Constraint::Supplier(SupplierId(index));
            if supplier.capacity.iter().all(|capacity| capacity.is_infinite()) && !self.had.contains(&constraint) {
                continue;
            }
            self.add(constraint, |layout, period| {
                let row = contracts[index].iter().map(|&contract| (layout.bought(contract, period), 1.0)).collect();
                (RowBound::AtMost(supplier.capacity[period]), row)
            });
        }
    }

    /// Workers − workers before − hired + fired = 0 (the first time: the workers there are), and overtime ≤ theirs.
    fn add_crews(&mut self, network: &Network) {
        for (index, resource) in network.resources.iter().enumerate() {
            let id = ResourceId(index);
            let (Some(crew), Some(columns)) = (&resource.workforce, self.layout.crews[index]) else { continue };
            self.add(Constraint::Headcount(id), |_, period| {
                let mut row = vec![
                    (columns.workers + period, 1.0),
                    (columns.hired + period, -1.0),
                    (columns.fired + period, 1.0),
                ];
                row.extend(period.checked_sub(1).map(|before| (columns.workers + before, -1.0)));
                (RowBound::Equal(if period == 0 { crew.initial } else { 0.0 }), row)
            });
            self.add(Constraint::WorkerOvertime(id), |layout, period| {
                let workers = (columns.workers + period, -crew.ot_hours_per_worker);
                (RowBound::AtMost(0.0), vec![(layout.overtime(id, period), 1.0), workers])
            });
        }
    }

    /// Run ≤ largest run · running, and run ≥ least run · running.
    fn add_lots(&mut self, network: &Network) {
        if network.routes.iter().all(|route| route.lot.is_none()) {
            return;
        }
        let most_made = most_made(network);
        for (index, route) in network.routes.iter().enumerate() {
            let id = RouteId(index);
            let Some(lot) = route.lot.as_ref().filter(|_| self.layout.running(id, 0).is_some()) else { continue };
            let bound = most_made[network.nodes[route.node.0].item.0];
            let largest = |period: usize| {
                let by_hours = route.hours.iter().map(|&(resource, hours)| {
                    let resource = &network.resources[resource.0];
                    let crewed = resource.workforce.is_some() || hours <= 0.0;
                    let available = resource.regular_hours[period] + resource.max_overtime_hours[period];
                    if crewed { f64::INFINITY } else { (available - lot.setup_hours[period]).max(0.0) / hours }
                });
                let limit = by_hours.fold(bound, f64::min);
                limit.min(lot.max_run[period])
            };
            self.add(Constraint::LargestRun(id), |layout, period| {
                let running = layout.running(id, period).map(|column| (column, -largest(period)));
                (RowBound::AtMost(0.0), running.into_iter().chain([(layout.made(id, period), 1.0)]).collect())
            });
            if lot.min_run.iter().any(|&units| units > 0.0) {
                self.add(Constraint::LeastRun(id), |layout, period| {
                    let running = layout.running(id, period).map(|column| (column, -lot.min_run[period]));
                    (RowBound::AtLeast(0.0), running.into_iter().chain([(layout.made(id, period), 1.0)]).collect())
                });
            }
        }
    }
}

/// What touches a stock node.
#[derive(Clone, Default)]
struct Touch {
    made_by: Vec<RouteId>,
    used_by: Vec<(RouteId, f64)>,
    into: Vec<FlowId>,
    out_of: Vec<FlowId>,
    bought: Vec<ContractId>,
    demanded: Vec<DemandId>,
}

struct Touching {
    nodes: Vec<Touch>,
}

impl Touching {
    fn of(network: &Network) -> Self {
        let mut nodes = vec![Touch::default(); network.nodes.len()];
        for (index, route) in network.routes.iter().enumerate() {
            nodes[route.node.0].made_by.push(RouteId(index));
            for component in &route.components {
                nodes[component.node.0].used_by.push((RouteId(index), component.qty_per));
            }
        }
        for (index, flow) in network.flows.iter().enumerate() {
            nodes[flow.from.0].out_of.push(FlowId(index));
            nodes[flow.to.0].into.push(FlowId(index));
        }
        for (index, contract) in network.contracts.iter().enumerate() {
            nodes[contract.node.0].bought.push(ContractId(index));
        }
        for (index, demand) in network.demands.iter().enumerate() {
            nodes[demand.node.0].demanded.push(DemandId(index));
        }
        Self { nodes }
    }
}
