//! Marginal values: what one more unit of each limit would save.

use super::Grid;
use crate::supply::model::{Constraint, Model};
use crate::supply::network::{Decided, DemandId, Network, NodeId, ResourceId, RouteId};
use crate::supply::program::RowBound;
use crate::supply::solve::Solved;

/// Marginal values by object and period, in money saved per unit of relief; 0 where a limit does not bind.
///
/// They are the duals of the constraints, turned so that a positive figure always means money saved: by one more
/// unit of stock, hour, m³ or unit of supply, or by one unit less of demand or safety stock.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prices {
    /// One more unit at a node. Negative where stock is a burden.
    pub unit: Grid,
    /// One more unit brought to a demand row. Lower than at its node where no unit there goes to it.
    pub served: Grid,
    /// One more hour of a resource.
    pub hour: Grid,
    /// One unit less of safety stock at a node.
    pub safety: Grid,
    /// One unit less of stock that must be there after the last period, by node.
    pub closing: Vec<f64>,
    /// One more unit that may be in stock at a node.
    pub largest_stock: Grid,
    /// One more m³ on a lane.
    pub lane_m3: Grid,
    /// One more m³ in a location.
    pub storage_m3: Grid,
    /// One more unit received at a location.
    pub throughput: Grid,
    /// One more unit of a supplier's capacity.
    pub supply: Grid,
    /// One more unit in a route's largest run, where the run is limited or switched off.
    pub run: Grid,
    /// One more unit of what is decided, by decision. Negative where one unit less would save.
    pub decided: Grid,
}

/// A constraint in one period.
#[derive(Clone, Debug, PartialEq)]
pub struct ConstraintLine {
    /// `BAL`, `DEM`, `CAP`, `SS`, `LANE`, `STOR`, `THRU`, `SUP`, `WORK`, `WOT`, `MAXRUN`, `MINRUN`, and for limits of single
    /// quantities `OVERTIME`, `MAXSTOCK`, `TERMINAL`, `DECISION`.
    pub kind: &'static str,
    /// What it is about: a node as `item@location`, a demand row as `item>stream`, a supplier as `supplier:mode`, a decided
    /// shipment as `lane:item`.
    pub object: String,
    /// Index of the period.
    pub period: usize,
    /// How far the plan stays from the limit; infinite where there is none.
    pub slack: f64,
    /// Money saved by one more unit of relief.
    pub marginal_value: f64,
}

impl Prices {
    pub(super) fn read(network: &Network, model: &Model, solved: &Solved) -> Self {
        let periods = network.periods.len();
        let grid = |objects: usize| Grid::new(objects, periods);
        let (nodes, places) = (network.nodes.len(), network.locations.len());
        let mut prices = Self {
            unit: grid(nodes),
            served: grid(network.demands.len()),
            hour: grid(network.resources.len()),
            safety: grid(nodes),
            closing: closing(network, model, solved),
            largest_stock: Grid::filled(nodes, periods, |node, period| {
                let price = solved.column_prices[model.layout.stock(NodeId(node), period)];
                if network.nodes[node].max.is_finite() { (-price).max(0.0) } else { 0.0 }
            }),
            lane_m3: grid(network.lanes.len()),
            storage_m3: grid(places),
            throughput: grid(places),
            supply: grid(network.suppliers.len()),
            run: Grid::filled(network.routes.len(), periods, |route, period| {
                (-solved.column_prices[model.layout.made(RouteId(route), period)]).max(0.0)
            }),
            decided: Grid::filled(network.decisions.len(), periods, |index, period| {
                let decision = &network.decisions[index];
                decision.quantity[period]
                    .map_or(0.0, |_| 0.0 - solved.column_prices[model.layout.decided(decision.of, period)])
            }),
        };
        // A run that is decided has its price as a decision.
        for decision in &network.decisions {
            if let Decided::Production(route) = decision.of {
                let decided = decision.quantity.iter().zip(prices.run.of_mut(route.0));
                decided.filter(|(units, _)| units.is_some()).for_each(|(_, price)| *price = 0.0);
            }
        }
        for &(constraint, first) in &model.layout.rows {
            let (grid, object) = match constraint {
                Constraint::Balance(node) => (&mut prices.unit, node.0),
                Constraint::Capacity(resource) => (&mut prices.hour, resource.0),
                Constraint::Safety(node) => (&mut prices.safety, node.0),
                Constraint::Lane(lane) => (&mut prices.lane_m3, lane.0),
                Constraint::Storage(place) => (&mut prices.storage_m3, place.0),
                Constraint::Throughput(place) => (&mut prices.throughput, place.0),
                Constraint::Supplier(supplier) => (&mut prices.supply, supplier.0),
                Constraint::LargestRun(route) => (&mut prices.run, route.0),
                _ => continue,
            };
            for (period, price) in grid.of_mut(object).iter_mut().enumerate() {
                *price = saving(model.program.rows[first + period], constraint, solved.row_prices[first + period]);
            }
        }
        for (demand, &(_, first)) in demand_rows(model).enumerate() {
            for (period, price) in prices.served.of_mut(demand).iter_mut().enumerate() {
                // What a unit sells for is a saving too, where the plan counts it.
                let sold = -model.program.columns[model.layout.served(DemandId(demand), period)].cost;
                *price = solved.row_prices[first + period] + sold;
            }
        }
        prices
    }
}

/// The rows of demand, in its order.
fn demand_rows(model: &Model) -> impl Iterator<Item = &(Constraint, usize)> {
    model.layout.rows.iter().filter(|(constraint, _)| matches!(constraint, Constraint::Demand(_)))
}

/// The price of the least stock after the last period, where there is one.
fn closing(network: &Network, model: &Model, solved: &Solved) -> Vec<f64> {
    let price = |index: usize| {
        let last = model.layout.periods.checked_sub(1).filter(|_| network.nodes[index].terminal_min > 0.0)?;
        Some(solved.column_prices[model.layout.stock(NodeId(index), last)].max(0.0))
    };
    (0..network.nodes.len()).map(|index| price(index).unwrap_or_default()).collect()
}

/// The dual as money saved by relief.
fn saving(bound: RowBound, constraint: Constraint, dual: f64) -> f64 {
    match (bound, constraint) {
        // One more unit of stock lowers the right-hand side −receipts, so its saving is the dual itself.
        (_, Constraint::Balance(_)) => dual + 0.0,
        (RowBound::AtMost(_), _) => 0.0 - dual,
        (RowBound::AtLeast(_) | RowBound::Equal(_), _) => dual + 0.0,
    }
}

/// Every constraint with its slack and marginal value; limits of single quantities after the rows.
pub(super) fn constraint_lines(network: &Network, model: &Model, solved: &Solved) -> Vec<ConstraintLine> {
    let (program, layout) = (&model.program, &model.layout);
    let mut lines = Vec::with_capacity(program.rows.len());
    for &(constraint, first) in &layout.rows {
        let object = constraint.object(network);
        for period in 0..layout.periods {
            let row = first + period;
            let sum = program.row_at(row, &solved.values);
            let slack = match program.rows[row] {
                RowBound::Equal(_) => 0.0,
                RowBound::AtMost(limit) => (limit - sum).max(0.0),
                RowBound::AtLeast(limit) => (sum - limit).max(0.0),
            };
            let marginal_value = saving(program.rows[row], constraint, solved.row_prices[row]);
            lines.push(ConstraintLine {
                kind: constraint.kind(),
                object: object.clone(),
                period,
                slack,
                marginal_value,
            });
        }
    }
    let mut bound_line = |kind, object: &str, period, column: usize, upper: bool| {
        let (value, price) = (solved.values[column], solved.column_prices[column]);
        let bounds = program.columns[column];
        // A column's price is that of whichever bound holds it: negative at the upper, positive at the lower one.
        let (slack, marginal_value) =
            if upper { (bounds.upper - value, (-price).max(0.0)) } else { (value - bounds.lower, price.max(0.0)) };
        lines.push(ConstraintLine { kind, object: object.to_owned(), period, slack: slack.max(0.0), marginal_value });
    };
    for (index, resource) in network.resources.iter().enumerate().filter(|(_, one)| one.workforce.is_none()) {
        for period in 0..layout.periods {
            bound_line("OVERTIME", &resource.name, period, layout.overtime(ResourceId(index), period), true);
        }
    }
    for (index, node) in network.nodes.iter().enumerate() {
        let name = network.node_name(NodeId(index));
        if node.max.is_finite() {
            for period in 0..layout.periods {
                bound_line("MAXSTOCK", &name, period, layout.stock(NodeId(index), period), true);
            }
        }
        if node.terminal_min > 0.0 && layout.periods > 0 {
            let last = layout.periods - 1;
            bound_line("TERMINAL", &name, last, layout.stock(NodeId(index), last), false);
        }
    }
    for decision in &network.decisions {
        let object = decision.of.object(network);
        for (period, _) in decision.quantity.iter().enumerate().filter(|(_, units)| units.is_some()) {
            // One unit more or one less: whichever way saves.
            let marginal_value = solved.column_prices[layout.decided(decision.of, period)].abs();
            lines.push(ConstraintLine { kind: "DECISION", object: object.clone(), period, slack: 0.0, marginal_value });
        }
    }
    lines
}
