//! What a plan costs, by kind.

use super::Quantities;
use crate::supply::model::prohibitive_cost;
use crate::supply::network::Network;

/// A kind of cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CostKind {
    /// Unit costs of the routes.
    Production,
    /// Unit costs of the contracts.
    Purchase,
    Overtime,
    Freight,
    Holding,
    /// Wages, hiring and firing.
    Workforce,
    /// Money a period in which a route runs.
    Fixed,
    /// Money a unit and period late.
    Late,
    /// Money a unit never served.
    Lost,
    /// Money a unit below safety stock and period.
    SafetyPenalty,
    /// Throwing away what arrives unasked and finds no room.
    Disposal,
}

impl CostKind {
    /// Every kind, in the order in which they are shown.
    pub const ALL: [Self; 11] = [
        Self::Production,
        Self::Purchase,
        Self::Overtime,
        Self::Freight,
        Self::Holding,
        Self::Workforce,
        Self::Fixed,
        Self::Late,
        Self::Lost,
        Self::SafetyPenalty,
        Self::Disposal,
    ];

    /// The kind's name in files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Purchase => "purchase",
            Self::Overtime => "overtime",
            Self::Freight => "freight",
            Self::Holding => "holding",
            Self::Workforce => "workforce",
            Self::Fixed => "fixed",
            Self::Late => "late",
            Self::Lost => "lost",
            Self::SafetyPenalty => "ss_penalty",
            Self::Disposal => "disposal",
        }
    }

    /// The kind's name for people.
    pub fn label(self) -> &'static str {
        match self {
            Self::Production => "Production cost",
            Self::Purchase => "Purchase cost",
            Self::Overtime => "Overtime cost",
            Self::Freight => "Freight cost",
            Self::Holding => "Holding cost",
            Self::Workforce => "Workforce cost",
            Self::Fixed => "Fixed cost of runs",
            Self::Late => "Cost of lateness",
            Self::Lost => "Cost of lost sales",
            Self::SafetyPenalty => "Cost below safety stock",
            Self::Disposal => "Cost of disposal",
        }
    }
}

/// Money by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Costs([f64; CostKind::ALL.len()]);

impl Costs {
    /// One kind's money.
    pub fn get(&self, kind: CostKind) -> f64 {
        self.0[kind as usize]
    }

    /// Adds money of a kind.
    pub fn add(&mut self, kind: CostKind, amount: f64) {
        self.0[kind as usize] += amount;
    }

    /// All money.
    pub fn total(&self) -> f64 {
        self.0.iter().sum()
    }

    /// Kinds and their money, in order.
    pub fn iter(&self) -> impl Iterator<Item = (CostKind, f64)> + '_ {
        CostKind::ALL.into_iter().zip(self.0)
    }

    /// The cost of quantities: each times its rate.
    pub(super) fn of(network: &Network, quantities: &Quantities) -> Self {
        let mut costs = Self::default();
        for (index, route) in network.routes.iter().enumerate() {
            let made = quantities.made.of(index).iter().zip(&route.unit_cost);
            costs.add(CostKind::Production, made.map(|(units, cost)| units * cost).sum());
            if let Some(lot) = &route.lot {
                let runs = quantities.running.of(index).iter().zip(&lot.fixed_cost);
                costs.add(CostKind::Fixed, runs.map(|(running, cost)| running * cost).sum());
            }
        }
        for (index, flow) in network.flows.iter().enumerate() {
            costs.add(CostKind::Freight, flow.unit_cost * sum(quantities.shipped.of(index)));
        }
        for (index, contract) in network.contracts.iter().enumerate() {
            costs.add(CostKind::Purchase, contract.unit_cost * sum(quantities.bought.of(index)));
        }
        for (index, resource) in network.resources.iter().enumerate() {
            costs.add(CostKind::Overtime, resource.ot_cost_per_hour * sum(quantities.overtime.of(index)));
            if let Some(crew) = &resource.workforce {
                let wages = crew.wage * sum(quantities.workers.of(index));
                let changes =
                    crew.hire_cost * sum(quantities.hired.of(index)) + crew.fire_cost * sum(quantities.fired.of(index));
                costs.add(CostKind::Workforce, wages + changes);
            }
        }
        let disposal_cost = prohibitive_cost(network);
        for (index, node) in network.nodes.iter().enumerate() {
            costs.add(CostKind::Holding, node.hold_cost * sum(quantities.stock.of(index)));
            costs.add(CostKind::SafetyPenalty, node.ss_penalty * sum(quantities.shortfall.of(index)));
            costs.add(CostKind::Disposal, disposal_cost * sum(quantities.disposal.of(index)));
        }
        for (index, demand) in network.demands.iter().enumerate() {
            let still_late = quantities.backlog.of(index).last().copied().unwrap_or_default();
            costs.add(CostKind::Late, demand.late_cost * sum(quantities.backlog.of(index)));
            costs.add(CostKind::Lost, demand.lost_cost * (sum(quantities.lost.of(index)) + still_late));
        }
        costs
    }
}

fn sum(values: &[f64]) -> f64 {
    values.iter().sum()
}
