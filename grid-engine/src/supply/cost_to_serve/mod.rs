//! What each unit served cost: every money of a plan pegged to products, customers and raw materials.
//!
//! Average-cost tracing in time order: each stock carries a vector of costs by kind and raw material, what leaves it
//! takes the unit average, and what arrives brings the costs of the way it came. Served, in stock at the end, in
//! transit, late, lost and below safety stock together are the plan's costs, to the cent.

mod roll_up;
mod standard_cost;
mod trace;

pub use roll_up::{CostLine, View, to_cents};
pub(super) use standard_cost::standard_costs;
pub(super) use trace::trace;

use super::network::{DemandId, ItemId, NodeId};
use super::plan::{CostKind, Grid};

/// Whom a piece of cost is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Beneficiary {
    /// A customer's demand row.
    Demand(DemandId),
    /// Stock that stays, or goods still under way, of a node.
    Stock(NodeId),
    /// Nobody: paid for hours that nothing used. The index of the resource.
    Idle(super::network::ResourceId),
}

/// A piece of a plan's cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Peg {
    pub beneficiary: Beneficiary,
    pub kind: CostKind,
    /// The raw material it was paid for, or whose scarcity caused it.
    pub material: Option<ItemId>,
    /// Money.
    pub amount: f64,
}

/// A plan's costs, pegged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CostToServe {
    /// One a beneficiary, kind and material; they sum to the plan's costs.
    pub pegs: Vec<Peg>,
    /// Money spent on the units served, by demand row and period of service.
    pub served_cost: Grid,
    /// Opening stock used up by the units served, at standard cost; not a cost of the plan.
    pub served_opening_value: Grid,
}
