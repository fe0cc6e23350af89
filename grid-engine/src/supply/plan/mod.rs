//! A supply plan: what to make, move, buy and hold, what it costs, and what stands in the way of more.

mod costs;
mod prices;
mod views;

pub use costs::{CostKind, Costs};
pub use prices::{ConstraintLine, Prices};
pub use views::{CustomerSeries, StockSeries, SummaryFigure, UtilisationSeries};

use super::cost_to_serve::CostToServe;
use super::model::{CrewColumns, Layout, Model};
use super::network::{ContractId, DemandId, FlowId, Network, NodeId, ResourceId, RouteId};
use super::reasons::{Lifted, Reason};
use super::solve::{SOLVER, Solved};

/// Numbers of objects × periods.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Grid {
    periods: usize,
    values: Vec<f64>,
}

impl Grid {
    /// Zeros.
    pub(super) fn new(objects: usize, periods: usize) -> Self {
        Self { periods, values: vec![0.0; objects * periods] }
    }

    fn filled(objects: usize, periods: usize, value: impl Fn(usize, usize) -> f64) -> Self {
        let at = |place: usize| value(place / periods, place % periods);
        Self { periods, values: (0..objects * periods).map(at).collect() }
    }

    /// One object's series.
    pub fn of(&self, object: usize) -> &[f64] {
        &self.values[object * self.periods..(object + 1) * self.periods]
    }

    /// One object's series, to change.
    pub(super) fn of_mut(&mut self, object: usize) -> &mut [f64] {
        &mut self.values[object * self.periods..(object + 1) * self.periods]
    }

    /// Every number, object after object.
    pub(super) fn iter(&self) -> impl Iterator<Item = f64> + '_ {
        self.values.iter().copied()
    }

    /// Over all objects and periods.
    pub fn total(&self) -> f64 {
        self.values.iter().sum()
    }
}

/// How far the solver came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// No plan is better (mixed-integer: by more than the gap asked for).
    Optimal,
    /// The best plan found in the time allowed.
    TimeLimit,
    /// The best plan found, by a search that contradicts itself: there may be better ones.
    Unproven,
}

impl Status {
    /// Whether no plan is better, within the gap asked for.
    pub fn is_proven(self) -> bool {
        self == Self::Optimal
    }

    /// One word for files and sheets.
    pub fn word(self) -> &'static str {
        match self {
            Self::Optimal => "optimal",
            Self::TimeLimit => "time_limit",
            Self::Unproven => "unproven",
        }
    }
}

/// The program's size and the solver's work.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SolveStatistics {
    pub rows: usize,
    pub columns: usize,
    pub nonzeros: usize,
    pub iterations: u64,
    pub solver: &'static str,
}

/// All quantities of a plan, each ≥ 0, in units, hours or workers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quantities {
    /// Started, by route and period of start.
    pub made: Grid,
    /// Shipped, by flow and period of shipment.
    pub shipped: Grid,
    /// Bought, by contract and period of arrival.
    pub bought: Grid,
    /// Overtime hours by resource.
    pub overtime: Grid,
    /// Closing stock by node.
    pub stock: Grid,
    /// Units below safety stock by node.
    pub shortfall: Grid,
    /// Units thrown away for want of room, by node.
    pub disposal: Grid,
    /// Served, by demand row and period of service.
    pub served: Grid,
    /// Late at the end of the period, by demand row.
    pub backlog: Grid,
    /// Never to be served, by demand row.
    pub lost: Grid,
    /// 1 where a route with lots runs.
    pub running: Grid,
    /// Workers, hired and let go, by resource.
    pub workers: Grid,
    pub hired: Grid,
    pub fired: Grid,
}

/// How much of a plan is worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// All of it.
    Explained,
    /// Quantities, costs and prices, without reasons and cost to serve.
    Sums,
}

/// A solved plan with its explanation.
#[derive(Clone, Debug)]
pub struct Plan {
    pub network: Network,
    pub status: Status,
    /// The value minimised: all costs, less revenue where profit was the aim.
    pub objective: f64,
    /// No plan's objective is lower.
    pub bound: f64,
    pub statistics: SolveStatistics,
    pub quantities: Quantities,
    /// Money by kind; their sum is the plan's cost.
    pub costs: Costs,
    pub prices: Prices,
    /// Every constraint with its slack and marginal value.
    pub constraints: Vec<ConstraintLine>,
    /// Why units are late or lost.
    pub reasons: Vec<Reason>,
    pub cost_to_serve: CostToServe,
}

impl Plan {
    /// Reads a plan off a solution of the network's program.
    pub(super) fn of(network: Network, model: &Model, solved: &Solved, detail: Detail) -> Self {
        let quantities = Quantities::read(&network, &model.layout, &solved.values);
        let costs = Costs::of(&network, &quantities);
        let prices = Prices::read(&network, model, solved);
        let constraints = prices::constraint_lines(&network, model, solved);
        let mut plan = Self {
            status: solved.status,
            objective: model.program.objective_at(&solved.values),
            bound: solved.bound,
            statistics: SolveStatistics {
                rows: model.program.rows.len(),
                columns: model.program.columns.len(),
                nonzeros: model.program.nonzeros(),
                iterations: solved.iterations,
                solver: SOLVER,
            },
            network,
            quantities,
            costs,
            prices,
            constraints,
            reasons: Vec::new(),
            cost_to_serve: CostToServe::default(),
        };
        if detail == Detail::Sums {
            return plan;
        }
        plan.reasons = super::reasons::explain_shortages(&plan, Lifted::default());
        plan.cost_to_serve = super::cost_to_serve::trace(&plan);
        plan
    }

    /// Relative distance between objective and bound.
    pub fn gap(&self) -> f64 {
        (self.objective - self.bound).abs() / self.objective.abs().max(1.0)
    }

    /// Units demanded over the horizon.
    pub fn demand_units(&self) -> f64 {
        self.network.demands.iter().flat_map(|demand| &demand.quantity).sum()
    }

    /// Units served over the horizon, late ones included.
    pub fn served_units(&self) -> f64 {
        self.quantities.served.total()
    }

    /// Units never served: lost, or still late after the last period.
    pub fn lost_units(&self) -> f64 {
        let still_late = |demand: usize| self.quantities.backlog.of(demand).last().copied().unwrap_or_default();
        self.quantities.lost.total() + (0..self.network.demands.len()).map(still_late).sum::<f64>()
    }

    /// Units late, summed over the periods for which they are late.
    pub fn late_unit_periods(&self) -> f64 {
        self.quantities.backlog.total()
    }
}

impl Quantities {
    pub(super) fn read(network: &Network, layout: &Layout, values: &[f64]) -> Self {
        let periods = layout.periods;
        // Solvers leave dust of some 1e-12 below zero.
        let at = |column: usize| values[column].max(0.0);
        let maybe = |column: Option<usize>| column.map_or(0.0, at);
        let (nodes, demands) = (network.nodes.len(), network.demands.len());
        let resources = network.resources.len();
        let crew = |pick: fn(&CrewColumns) -> usize| {
            Grid::filled(resources, periods, |resource, period| {
                maybe(layout.crews[resource].as_ref().map(|columns| pick(columns) + period))
            })
        };
        Self {
            made: Grid::filled(network.routes.len(), periods, |route, t| at(layout.made(RouteId(route), t))),
            shipped: Grid::filled(network.flows.len(), periods, |flow, t| at(layout.shipped(FlowId(flow), t))),
            bought: Grid::filled(network.contracts.len(), periods, |contract, t| {
                at(layout.bought(ContractId(contract), t))
            }),
            overtime: Grid::filled(resources, periods, |resource, t| at(layout.overtime(ResourceId(resource), t))),
            stock: Grid::filled(nodes, periods, |node, t| at(layout.stock(NodeId(node), t))),
            shortfall: Grid::filled(nodes, periods, |node, t| maybe(layout.shortfall(NodeId(node), t))),
            disposal: Grid::filled(nodes, periods, |node, t| maybe(layout.disposal(NodeId(node), t))),
            served: Grid::filled(demands, periods, |demand, t| at(layout.served(DemandId(demand), t))),
            backlog: Grid::filled(demands, periods, |demand, t| at(layout.backlog(DemandId(demand), t))),
            lost: Grid::filled(demands, periods, |demand, t| at(layout.lost(DemandId(demand), t))),
            running: Grid::filled(network.routes.len(), periods, |route, t| maybe(layout.running(RouteId(route), t))),
            workers: crew(|columns| columns.workers),
            hired: crew(|columns| columns.hired),
            fired: crew(|columns| columns.fired),
        }
    }
}
