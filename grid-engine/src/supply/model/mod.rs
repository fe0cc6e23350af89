//! The supply network as a linear program: `supply-model` tables to rows, columns and coefficients.
//!
//! Sets, variables and constraints follow the usual multi-period production, transport and inventory model
//! (Pochet & Wolsey, *Production Planning by Mixed Integer Programming*, 2006; Chopra & Meindl, *Supply Chain
//! Management*, ch. 8). Where lots, set-ups or whole workers are given it is mixed-integer.

mod columns;
mod layout;
mod most_made;
mod rows;

use std::collections::BTreeMap;

use super::network::Network;
use super::program::{Program, RowBound};

pub(super) use columns::prohibitive_cost;
pub use layout::Constraint;
pub(super) use layout::{CrewColumns, Layout};

/// What the plan strives for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Objective {
    /// Least cost, with money on late and lost units.
    #[default]
    Cost,
    /// Least cost less the sales price of what is served.
    Profit,
    /// Fewest units lost and late first, then least cost.
    Service,
    /// Least cost with the fill rates of all regions within a band.
    FairShare,
}

/// A network's program and what its numbers mean.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub program: Program,
    pub layout: Layout,
}

/// Assembles the program. With the layout of an earlier one, limits and stocks that had rows and columns there have them
/// here too, needed or not, so that a change of one number leaves the program's shape as it was.
pub(super) fn assemble(network: &Network, objective: Objective, like: Option<&Layout>) -> Model {
    let mut layout = Layout::of(network, like);
    let mut program = Program::of_periods(layout.periods);
    columns::add(&mut program, network, &layout, objective);
    rows::add(&mut program, network, &mut layout, like);
    Model { program, layout }
}

/// Columns that the program of a network will have, without building it.
pub(super) fn column_count(network: &Network) -> usize {
    let objects = network.routes.len()
        + network.flows.len()
        + network.contracts.len()
        + network.resources.len()
        + network.nodes.len() * 2
        + network.demands.len() * 3;
    objects * network.periods.len()
}

/// Turns a program to the first aim of [`Objective::Service`]: units lost and late, nothing else.
pub(super) fn aim_at_service(model: &mut Model, network: &Network) {
    for column in &mut model.program.columns {
        column.cost = 0.0;
    }
    for (column, weight) in service_weights(network, &model.layout) {
        model.program.columns[column].cost = weight;
    }
}

/// What counts against service: a unit lost, a unit late for a period, and both for a unit still late at the end.
pub(super) fn service_weights(network: &Network, layout: &Layout) -> Vec<(usize, f64)> {
    let last = layout.periods.saturating_sub(1);
    let mut weights = Vec::with_capacity(network.demands.len() * layout.periods * 2);
    for demand in (0..network.demands.len()).map(super::network::DemandId) {
        for period in 0..layout.periods {
            weights.push((layout.lost(demand, period), 1.0));
            weights.push((layout.backlog(demand, period), if period == last { 2.0 } else { 1.0 }));
        }
    }
    weights
}

/// Keeps the fill rates of all regions with demand within `band` of each other: a region's fill rate is the share of its
/// demand that is served before the plan ends.
///
/// With F the least fill rate, every region's share L of units lost or still late keeps `1 − band ≤ L + F ≤ 1`.
pub(super) fn share_fairly(model: &mut Model, network: &Network, band: f64) {
    let mut regions: BTreeMap<&str, (f64, Vec<usize>)> = BTreeMap::new();
    let last = model.layout.periods.saturating_sub(1);
    for (index, demand) in network.demands.iter().enumerate() {
        let (units, unserved) = regions.entry(&network.streams[demand.stream.0].region).or_default();
        *units += demand.quantity.iter().sum::<f64>();
        let id = super::network::DemandId(index);
        unserved.extend((0..model.layout.periods).map(|period| model.layout.lost(id, period)));
        unserved.push(model.layout.backlog(id, last));
    }
    let least = model.program.add_column(0.0, 0.0, 1.0);
    for (units, unserved) in regions.into_values().filter(|(units, _)| *units > 0.0) {
        let shares = || unserved.iter().map(|&column| (column, 1.0 / units)).chain([(least, 1.0)]);
        model.program.add_row(RowBound::AtMost(1.0), shares());
        model.program.add_row(RowBound::AtLeast(1.0 - band), shares());
    }
}
