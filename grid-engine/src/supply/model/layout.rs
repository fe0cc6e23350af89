//! Which column and row of the program means what.

use crate::supply::network::{
    ContractId, Decided, DemandId, FlowId, LaneId, LocationId, Network, NodeId, ResourceId, RouteId, SupplierId,
};

/// A kind of constraint and the thing it is about; one row a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Constraint {
    /// Stock carried over, arrivals, withdrawals and closing stock agree.
    Balance(NodeId),
    /// Demand is served, late or lost.
    Demand(DemandId),
    /// Hours used within hours available.
    Capacity(ResourceId),
    /// Closing stock and shortfall reach the safety stock.
    Safety(NodeId),
    /// m³ shipped within the lane's capacity.
    Lane(LaneId),
    /// m³ in stock within the storage.
    Storage(LocationId),
    /// Units received within the throughput.
    Throughput(LocationId),
    /// Arrivals within the supplier's capacity.
    Supplier(SupplierId),
    /// Workers carried over, hired and let go agree.
    Headcount(ResourceId),
    /// Overtime within what the workers may do.
    WorkerOvertime(ResourceId),
    /// A run within its largest size, and only when switched on.
    LargestRun(RouteId),
    /// A run that is switched on of at least its least size.
    LeastRun(RouteId),
}

impl Constraint {
    /// The kind's short name, as the constraints file has it.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Balance(_) => "BAL",
            Self::Demand(_) => "DEM",
            Self::Capacity(_) => "CAP",
            Self::Safety(_) => "SS",
            Self::Lane(_) => "LANE",
            Self::Storage(_) => "STOR",
            Self::Throughput(_) => "THRU",
            Self::Supplier(_) => "SUP",
            Self::Headcount(_) => "WORK",
            Self::WorkerOvertime(_) => "WOT",
            Self::LargestRun(_) => "MAXRUN",
            Self::LeastRun(_) => "MINRUN",
        }
    }

    /// The name of the thing the constraint is about.
    pub fn object(self, network: &Network) -> String {
        match self {
            Self::Balance(node) | Self::Safety(node) => network.node_name(node),
            Self::Demand(demand) => network.demand_name(demand),
            Self::Capacity(resource) | Self::Headcount(resource) | Self::WorkerOvertime(resource) => {
                network.resources[resource.0].name.to_string()
            }
            Self::Lane(lane) => network.lanes[lane.0].name.to_string(),
            Self::Storage(place) | Self::Throughput(place) => network.locations[place.0].name.to_string(),
            Self::Supplier(supplier) => network.supplier_name(supplier),
            Self::LargestRun(route) | Self::LeastRun(route) => network.routes[route.0].name.to_string(),
        }
    }
}

/// Columns of a resource with workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::supply) struct CrewColumns {
    pub workers: usize,
    pub hired: usize,
    pub fired: usize,
}

/// Where each quantity's columns begin: every object has one column a period, side by side.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::supply) struct Layout {
    pub periods: usize,
    made: usize,
    shipped: usize,
    bought: usize,
    overtime: usize,
    stock: usize,
    served: usize,
    backlog: usize,
    lost: usize,
    /// Shortfall below safety stock, where there is a safety stock.
    shortfall: Vec<Option<usize>>,
    /// Stock thrown away, where goods may arrive unasked and room is limited.
    disposal: Vec<Option<usize>>,
    /// Whether the route runs, where that is a decision.
    running: Vec<Option<usize>>,
    pub crews: Vec<Option<CrewColumns>>,
    /// First row of each constraint; its other periods follow.
    pub rows: Vec<(Constraint, usize)>,
}

impl Layout {
    /// Numbers the columns of a network; what is optional is there where it was in `like`.
    pub fn of(network: &Network, like: Option<&Self>) -> Self {
        let periods = network.periods.len();
        let had = |pick: fn(&Self) -> &Vec<Option<usize>>, index: usize| {
            like.is_some_and(|like| pick(like).get(index).is_some_and(Option::is_some))
        };
        let mut next = 0;
        let mut block = |objects: usize| {
            let first = next;
            next += objects * periods;
            first
        };
        let (made, shipped) = (block(network.routes.len()), block(network.flows.len()));
        let (bought, overtime) = (block(network.contracts.len()), block(network.resources.len()));
        let stock = block(network.nodes.len());
        let (served, backlog, lost) =
            (block(network.demands.len()), block(network.demands.len()), block(network.demands.len()));
        let shortfall = network
            .nodes
            .iter()
            .enumerate()
            .map(|(index, node)| (node.safety > 0.0 || had(|layout| &layout.shortfall, index)).then(|| block(1)));
        let shortfall = shortfall.collect();
        let disposal = network.nodes.iter().enumerate().map(|(index, node)| {
            let unasked = node.initial > 0.0 || node.receipts.iter().any(|&units| units > 0.0);
            let storage = network.locations[node.location.0].storage_m3;
            let limited = node.max.is_finite() || storage.is_finite() && network.items[node.item.0].volume > 0.0;
            (unasked && limited || had(|layout| &layout.disposal, index)).then(|| block(1))
        });
        let disposal = disposal.collect();
        let switched = |route: &crate::supply::network::Route| route.lot.as_ref().is_some_and(|lot| lot.needs_switch());
        let running = network.routes.iter().map(|route| switched(route).then(|| block(1))).collect();
        let crews = network.resources.iter().map(|resource| {
            let columns = || CrewColumns { workers: block(1), hired: block(1), fired: block(1) };
            resource.workforce.is_some().then(columns)
        });
        let crews = crews.collect();
        let rows = Vec::new();
        Self {
            periods,
            made,
            shipped,
            bought,
            overtime,
            stock,
            served,
            backlog,
            lost,
            shortfall,
            disposal,
            running,
            crews,
            rows,
        }
    }

    pub fn made(&self, route: RouteId, period: usize) -> usize {
        self.made + route.0 * self.periods + period
    }

    pub fn shipped(&self, flow: FlowId, period: usize) -> usize {
        self.shipped + flow.0 * self.periods + period
    }

    pub fn bought(&self, contract: ContractId, period: usize) -> usize {
        self.bought + contract.0 * self.periods + period
    }

    pub fn overtime(&self, resource: ResourceId, period: usize) -> usize {
        self.overtime + resource.0 * self.periods + period
    }

    pub fn stock(&self, node: NodeId, period: usize) -> usize {
        self.stock + node.0 * self.periods + period
    }

    pub fn served(&self, demand: DemandId, period: usize) -> usize {
        self.served + demand.0 * self.periods + period
    }

    pub fn backlog(&self, demand: DemandId, period: usize) -> usize {
        self.backlog + demand.0 * self.periods + period
    }

    pub fn lost(&self, demand: DemandId, period: usize) -> usize {
        self.lost + demand.0 * self.periods + period
    }

    pub fn shortfall(&self, node: NodeId, period: usize) -> Option<usize> {
        self.shortfall[node.0].map(|first| first + period)
    }

    pub fn disposal(&self, node: NodeId, period: usize) -> Option<usize> {
        self.disposal[node.0].map(|first| first + period)
    }

    pub fn running(&self, route: RouteId, period: usize) -> Option<usize> {
        self.running[route.0].map(|first| first + period)
    }

    /// The column of a quantity that people can decide.
    pub fn decided(&self, of: Decided, period: usize) -> usize {
        match of {
            Decided::Production(route) => self.made(route, period),
            Decided::Purchase(contract) => self.bought(contract, period),
            Decided::Shipment(flow) => self.shipped(flow, period),
        }
    }

    /// The constraint and period a row stands for.
    pub fn meaning(&self, row: usize) -> Option<(Constraint, usize)> {
        let after = self.rows.partition_point(|&(_, first)| first <= row);
        let &(constraint, first) = self.rows.get(after.checked_sub(1)?)?;
        (row - first < self.periods).then_some((constraint, row - first))
    }
}
