//! What of a supply network can be changed in a what-if, and which names each change knows.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::supply::network::{Network, NodeId};

/// A number of the network that planners try other values of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lever {
    /// Regular hours of a resource.
    Capacity,
    /// Most overtime hours of a resource.
    Overtime,
    /// Money an overtime hour.
    OvertimeCost,
    /// Units a supplier can deliver.
    Supplier,
    /// Money a unit on contracts.
    PurchaseCost,
    /// Money a unit made.
    ProductionCost,
    /// m³ on a lane.
    Lane,
    /// Money a m³ on a lane.
    FreightCost,
    /// m³ that fit into a location.
    Storage,
    /// Units a location can receive.
    Throughput,
    /// Least units of a route's run.
    SmallestRun,
    /// Most units of a route's run.
    LargestRun,
    /// Whole buckets that a contract, route or lane takes.
    LeadTime,
    /// Units demanded.
    Demand,
    /// Money a unit sold.
    Price,
    /// Units that should be in stock.
    SafetyStock,
    /// Units that may be in stock.
    LargestStock,
    /// Money a unit and period in stock.
    HoldingCost,
    /// Money a unit never served.
    LostCost,
    /// Money a unit and period late.
    LateCost,
    /// Units that people have decided, where they have.
    Decision,
}

impl Lever {
    /// Every lever, in the order in which they are offered.
    pub const ALL: [Self; 21] = [
        Self::Capacity,
        Self::Overtime,
        Self::OvertimeCost,
        Self::Supplier,
        Self::PurchaseCost,
        Self::ProductionCost,
        Self::Lane,
        Self::FreightCost,
        Self::Storage,
        Self::Throughput,
        Self::SmallestRun,
        Self::LargestRun,
        Self::LeadTime,
        Self::Demand,
        Self::Price,
        Self::SafetyStock,
        Self::LargestStock,
        Self::HoldingCost,
        Self::LostCost,
        Self::LateCost,
        Self::Decision,
    ];

    /// The lever's name in formulas and on the command line.
    pub fn key(self) -> &'static str {
        match self {
            Self::Capacity => "capacity",
            Self::Overtime => "overtime",
            Self::OvertimeCost => "overtime cost",
            Self::Supplier => "supplier",
            Self::PurchaseCost => "purchase cost",
            Self::ProductionCost => "production cost",
            Self::Lane => "lane",
            Self::FreightCost => "freight cost",
            Self::Storage => "storage",
            Self::Throughput => "throughput",
            Self::SmallestRun => "smallest run",
            Self::LargestRun => "largest run",
            Self::LeadTime => "lead time",
            Self::Demand => "demand",
            Self::Price => "price",
            Self::SafetyStock => "safety stock",
            Self::LargestStock => "largest stock",
            Self::HoldingCost => "holding cost",
            Self::LostCost => "lost cost",
            Self::LateCost => "late cost",
            Self::Decision => "decision",
        }
    }

    /// The lever of a name, whatever its case.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase().replace('_', " ");
        Self::ALL.into_iter().find(|lever| lever.key() == name)
    }

    /// Whether it has a number for each bucket.
    pub fn is_by_bucket(self) -> bool {
        use Lever::{Capacity, Decision, Demand, Lane, LargestRun, Overtime, ProductionCost, SmallestRun, Supplier};
        matches!(
            self,
            Capacity | Overtime | Supplier | Lane | Demand | ProductionCost | SmallestRun | LargestRun | Decision
        )
    }

    /// What it is of, in one word.
    pub(super) fn of_what(self) -> &'static str {
        match self {
            Self::Capacity | Self::Overtime | Self::OvertimeCost => "resource",
            Self::Supplier => "supplier",
            Self::PurchaseCost => "contract, item or supplier",
            Self::ProductionCost | Self::SmallestRun | Self::LargestRun => "route or item",
            Self::LeadTime => "contract, route, lane or item",
            Self::Lane | Self::FreightCost => "lane",
            Self::Storage | Self::Throughput => "location",
            Self::Demand => "item, region, channel or stream",
            Self::Price => "item",
            Self::SafetyStock | Self::LargestStock | Self::HoldingCost => "item or location",
            Self::LostCost | Self::LateCost => "item, region, channel or stream",
            Self::Decision => "decided route, contract, shipment or item",
        }
    }

    /// How many things it is a number of.
    pub(super) fn objects(self, network: &Network) -> usize {
        match self {
            Self::Capacity | Self::Overtime | Self::OvertimeCost => network.resources.len(),
            Self::Supplier => network.suppliers.len(),
            Self::PurchaseCost => network.contracts.len(),
            Self::ProductionCost | Self::SmallestRun | Self::LargestRun => network.routes.len(),
            Self::LeadTime => network.contracts.len() + network.routes.len() + network.lanes.len(),
            Self::Lane | Self::FreightCost => network.lanes.len(),
            Self::Storage | Self::Throughput => network.locations.len(),
            Self::Demand | Self::LostCost | Self::LateCost => network.demands.len(),
            Self::Price => network.items.len(),
            Self::SafetyStock | Self::LargestStock | Self::HoldingCost => network.nodes.len(),
            Self::Decision => network.decisions.len(),
        }
    }

    /// Every name under which one of its objects is known: its own, then those of what it belongs to.
    pub(super) fn names(self, network: &Network, object: usize) -> Vec<String> {
        let text = |name: &std::sync::Arc<str>| name.to_string();
        let node = |node: NodeId| {
            let place = network.nodes[node.0].location;
            vec![network.node_name(node), text(&network.item_of(node).name), text(&network.locations[place.0].name)]
        };
        match self {
            Self::Capacity | Self::Overtime | Self::OvertimeCost => vec![text(&network.resources[object].name)],
            Self::Supplier => {
                let supplier = crate::supply::network::SupplierId(object);
                vec![network.supplier_name(supplier), text(&network.suppliers[object].name)]
            }
            Self::PurchaseCost => {
                let contract = &network.contracts[object];
                let supplier = &network.suppliers[contract.supplier.0];
                vec![text(&contract.name), text(&network.item_of(contract.node).name), text(&supplier.name)]
            }
            Self::ProductionCost | Self::SmallestRun | Self::LargestRun => {
                let route = &network.routes[object];
                vec![text(&route.name), text(&network.item_of(route.node).name)]
            }
            Self::LeadTime => match Link::of(network, object) {
                Link::Contract(index) => Self::PurchaseCost.names(network, index),
                Link::Route(index) => Self::ProductionCost.names(network, index),
                Link::Lane(index) => Self::Lane.names(network, index),
            },
            Self::Lane | Self::FreightCost => vec![text(&network.lanes[object].name)],
            Self::Storage | Self::Throughput => vec![text(&network.locations[object].name)],
            Self::Price => vec![text(&network.items[object].name), text(&network.items[object].family)],
            Self::SafetyStock | Self::LargestStock | Self::HoldingCost => node(NodeId(object)),
            Self::Decision => {
                let of = network.decisions[object].of;
                vec![of.object(network), text(&network.item_of(of.node(network)).name)]
            }
            Self::Demand | Self::LostCost | Self::LateCost => {
                let demand = &network.demands[object];
                let (item, stream) = (&network.items[demand.item.0], &network.streams[demand.stream.0]);
                let own = network.demand_name(crate::supply::network::DemandId(object));
                [own]
                    .into_iter()
                    .chain([&item.name, &item.family, &stream.name, &stream.region, &stream.channel].map(text))
                    .collect()
            }
        }
    }
}

/// What takes time: an object of [`Lever::LeadTime`], which counts contracts first, then routes, then lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Contract(usize),
    Route(usize),
    Lane(usize),
}

impl Link {
    pub fn of(network: &Network, object: usize) -> Self {
        let (contracts, routes) = (network.contracts.len(), network.routes.len());
        match object.checked_sub(contracts) {
            None => Self::Contract(object),
            Some(route) if route < routes => Self::Route(route),
            Some(lane) => Self::Lane(lane - routes),
        }
    }

    /// Its place among the objects of [`Lever::LeadTime`].
    pub fn object(self, network: &Network) -> usize {
        match self {
            Self::Contract(index) => index,
            Self::Route(index) => network.contracts.len() + index,
            Self::Lane(index) => network.contracts.len() + network.routes.len() + index,
        }
    }

    /// Whole buckets that it takes.
    pub fn lead_time(self, network: &mut Network) -> &mut usize {
        match self {
            Self::Contract(index) => &mut network.contracts[index].lead_time,
            Self::Route(index) => &mut network.routes[index].lead_time,
            Self::Lane(index) => &mut network.lanes[index].lead_time,
        }
    }
}

/// A lever and the names it can be pulled at, for a form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeverChoices {
    pub lever: Lever,
    pub by_bucket: bool,
    /// What the names are of.
    pub of: String,
    pub names: Vec<String>,
}

/// Names offered for one lever: more would not be read.
const MAX_NAMES: usize = 400;

/// The levers of a network that have something to change, with their names in order.
pub fn lever_choices(network: &Network) -> Vec<LeverChoices> {
    let choices = |lever: Lever| {
        // The whole before its parts: an item before it at one place.
        let mut names: BTreeSet<(usize, String)> = BTreeSet::new();
        for object in 0..lever.objects(network) {
            let known = lever.names(network, object);
            let depth = known.len();
            names.extend(known.into_iter().enumerate().map(|(at, name)| (depth - at, name)));
        }
        let mut told: Vec<String> = Vec::new();
        for (_, name) in names {
            if !name.is_empty() && !told.contains(&name) && told.len() < MAX_NAMES {
                told.push(name);
            }
        }
        LeverChoices { lever, by_bucket: lever.is_by_bucket(), of: lever.of_what().to_owned(), names: told }
    };
    Lever::ALL.into_iter().map(choices).filter(|choices| !choices.names.is_empty()).collect()
}
