//! The supply network as planners draw it, checked: items, places, and the ways between them.
//!
//! Everything is held by index; the id types keep indexes of different things apart. Series have
//! one number a period of [`Network::periods`].

use std::sync::Arc;

use super::extremes::Extremes;
use super::lint::Problem;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub usize);
    )*};
}

ids! {
    /// Index into [`Network::items`].
    ItemId;
    /// Index into [`Network::locations`].
    LocationId;
    /// Index into [`Network::nodes`].
    NodeId;
    /// Index into [`Network::routes`].
    RouteId;
    /// Index into [`Network::resources`].
    ResourceId;
    /// Index into [`Network::contracts`].
    ContractId;
    /// Index into [`Network::suppliers`].
    SupplierId;
    /// Index into [`Network::lanes`].
    LaneId;
    /// Index into [`Network::flows`].
    FlowId;
    /// Index into [`Network::streams`].
    StreamId;
    /// Index into [`Network::demands`].
    DemandId;
    /// Index into [`Network::decisions`].
    DecisionId;
}

/// What an item is to the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// A finished good, from `products`.
    Product,
    /// A purchased material.
    Raw,
    /// Made here and used here.
    Semi,
}

/// A product or material.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub name: Arc<str>,
    pub kind: ItemKind,
    /// Empty for materials.
    pub family: Arc<str>,
    /// m³ a unit.
    pub volume: f64,
    /// Money a unit; 0 for materials.
    pub price: f64,
}

/// A plant or distribution centre.
#[derive(Clone, Debug, PartialEq)]
pub struct Location {
    pub name: Arc<str>,
    /// m³ that fit at the end of a period; infinite where unlimited.
    pub storage_m3: f64,
    /// Units that may arrive in a period; infinite where unlimited.
    pub throughput: f64,
}

/// An item's stock at a location: one row of `stock_policy`.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub item: ItemId,
    pub location: LocationId,
    /// Units on hand before the first period.
    pub initial: f64,
    /// Units that should be there at the end of each period.
    pub safety: f64,
    /// Units that may be there; infinite where unlimited.
    pub max: f64,
    /// Money a unit and period.
    pub hold_cost: f64,
    /// Money a unit below safety stock and period.
    pub ss_penalty: f64,
    /// Units that must be there after the last period.
    pub terminal_min: f64,
    /// Units already on order, by period of arrival.
    pub receipts: Vec<f64>,
}

/// A component taken by a route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Component {
    pub node: NodeId,
    /// Units of the component a unit of output.
    pub qty_per: f64,
}

/// Runs and set-ups of a route; any of them may change over time.
#[derive(Clone, Debug, PartialEq)]
pub struct Lot {
    /// Money a period in which the route runs.
    pub fixed_cost: Vec<f64>,
    /// Least units in a period in which the route runs.
    pub min_run: Vec<f64>,
    /// Most units in a period; infinite where unlimited.
    pub max_run: Vec<f64>,
    /// Hours taken on each of the route's resources in a period in which it runs.
    pub setup_hours: Vec<f64>,
}

impl Lot {
    /// Runs of any size, without a set-up.
    pub fn none(periods: usize) -> Self {
        let zeros = || vec![0.0; periods];
        Self { fixed_cost: zeros(), min_run: zeros(), max_run: vec![f64::INFINITY; periods], setup_hours: zeros() }
    }

    /// Whether running or not is a decision of its own; a mere upper limit is not.
    pub fn needs_switch(&self) -> bool {
        let mut series = [&self.fixed_cost, &self.min_run, &self.setup_hours].into_iter().flatten();
        series.any(|&value| value > 0.0)
    }
}

/// A way to make an item at a location.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    pub name: Arc<str>,
    pub node: NodeId,
    /// Periods from start to arrival in stock.
    pub lead_time: usize,
    /// Money a unit, by period of start.
    pub unit_cost: Vec<f64>,
    /// Hours a unit on each resource.
    pub hours: Vec<(ResourceId, f64)>,
    pub components: Vec<Component>,
    pub lot: Option<Lot>,
}

/// People who give a resource its hours.
#[derive(Clone, Debug, PartialEq)]
pub struct Workforce {
    /// Workers before the first period.
    pub initial: f64,
    /// Regular hours a worker and period.
    pub hours_per_worker: f64,
    /// Overtime hours a worker and period, at most.
    pub ot_hours_per_worker: f64,
    /// Money a worker and period.
    pub wage: f64,
    /// Money a worker hired.
    pub hire_cost: f64,
    /// Money a worker let go.
    pub fire_cost: f64,
    /// Only whole workers.
    pub integer: bool,
}

/// A line, machine or crew with limited hours.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    pub name: Arc<str>,
    /// Money an overtime hour.
    pub ot_cost_per_hour: f64,
    pub regular_hours: Vec<f64>,
    pub max_overtime_hours: Vec<f64>,
    pub workforce: Option<Workforce>,
}

/// A supplier's limit in one mode, over all its contracts in that mode.
#[derive(Clone, Debug, PartialEq)]
pub struct Supplier {
    pub name: Arc<str>,
    pub mode: Arc<str>,
    /// Units that may arrive; infinite where unlimited.
    pub capacity: Vec<f64>,
}

/// A way to buy an item at a location.
#[derive(Clone, Debug, PartialEq)]
pub struct Contract {
    pub name: Arc<str>,
    pub node: NodeId,
    pub supplier: SupplierId,
    /// Nothing can arrive in the first so many periods.
    pub lead_time: usize,
    /// Money a unit.
    pub unit_cost: f64,
}

/// A transport link.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    pub name: Arc<str>,
    pub from: LocationId,
    pub to: LocationId,
    pub mode: Arc<str>,
    /// Periods from shipment to arrival.
    pub lead_time: usize,
    /// Money a m³.
    pub cost_per_m3: f64,
    /// Money a unit, on top.
    pub cost_per_unit: f64,
    /// m³ that may be shipped; infinite where unlimited.
    pub capacity_m3: Vec<f64>,
}

/// An item that may go over a lane: it has a node at both ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    pub lane: LaneId,
    pub from: NodeId,
    pub to: NodeId,
    /// Money a unit shipped.
    pub unit_cost: f64,
}

/// Who demands: a region's channel, served from one location.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    pub name: Arc<str>,
    pub region: Arc<str>,
    pub channel: Arc<str>,
    pub location: LocationId,
    /// Whether units may be served late.
    pub allow_backlog: bool,
    /// Whether units may stay unserved.
    pub allow_lost: bool,
}

/// An item's demand in a stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    pub item: ItemId,
    pub stream: StreamId,
    /// The stock it is served from.
    pub node: NodeId,
    /// Units by period.
    pub quantity: Vec<f64>,
    /// Money a unit and period late.
    pub late_cost: f64,
    /// Money a unit never served.
    pub lost_cost: f64,
}

/// A quantity that people can decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Decided {
    /// Started on a route, by period of start.
    Production(RouteId),
    /// Bought on a contract, by period of arrival.
    Purchase(ContractId),
    /// An item sent over a lane, by period of shipment.
    Shipment(FlowId),
}

impl Decided {
    /// The kind's name in the table of decisions.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Production(_) => "production",
            Self::Purchase(_) => "purchase",
            Self::Shipment(_) => "shipment",
        }
    }

    /// Where the item is made, arrives or sets out.
    pub fn node(self, network: &Network) -> NodeId {
        match self {
            Self::Production(route) => network.routes[route.0].node,
            Self::Purchase(contract) => network.contracts[contract.0].node,
            Self::Shipment(flow) => network.flows[flow.0].from,
        }
    }

    /// What it is a quantity of: a route, a contract, or a lane and an item as `lane:item`.
    pub fn object(self, network: &Network) -> String {
        match self {
            Self::Production(route) => network.routes[route.0].name.to_string(),
            Self::Purchase(contract) => network.contracts[contract.0].name.to_string(),
            Self::Shipment(flow) => {
                let flow = network.flows[flow.0];
                format!("{}:{}", network.lanes[flow.lane.0].name, network.item_of(flow.from).name)
            }
        }
    }
}

/// Quantities that people have decided and every plan keeps: frozen periods, overrides.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub of: Decided,
    /// Units by period; `None` where the plan is free.
    pub quantity: Vec<Option<f64>>,
}

/// The whole network, every reference checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// Names of the periods, in order.
    pub periods: Vec<Arc<str>>,
    pub items: Vec<Item>,
    pub locations: Vec<Location>,
    pub nodes: Vec<Node>,
    pub routes: Vec<Route>,
    pub resources: Vec<Resource>,
    pub suppliers: Vec<Supplier>,
    pub contracts: Vec<Contract>,
    pub lanes: Vec<Lane>,
    pub flows: Vec<Flow>,
    pub streams: Vec<Stream>,
    pub demands: Vec<Demand>,
    pub decisions: Vec<Decision>,
    /// Nodes in an order in which, within one period, components come before what is made of them
    /// and the sender before the receiver.
    pub order: Vec<NodeId>,
    /// Items, components before what is made of them anywhere.
    pub item_order: Vec<ItemId>,
    /// Where its tables have the numbers furthest apart.
    pub extremes: Extremes,
    /// What in its tables is not wrong but may not be meant.
    pub warnings: Vec<Problem>,
}

impl Network {
    pub fn item_of(&self, node: NodeId) -> &Item {
        &self.items[self.nodes[node.0].item.0]
    }

    /// A node's name, `item@location`.
    pub fn node_name(&self, node: NodeId) -> String {
        let location = &self.locations[self.nodes[node.0].location.0];
        format!("{}@{}", self.item_of(node).name, location.name)
    }

    /// A demand row's name, `item>stream`.
    pub fn demand_name(&self, demand: DemandId) -> String {
        let demand = &self.demands[demand.0];
        format!("{}>{}", self.items[demand.item.0].name, self.streams[demand.stream.0].name)
    }

    /// A supplier limit's name, `supplier:mode`.
    pub fn supplier_name(&self, supplier: SupplierId) -> String {
        let supplier = &self.suppliers[supplier.0];
        format!("{}:{}", supplier.name, supplier.mode)
    }
}
