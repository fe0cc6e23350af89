//! A plan in the figures by which plans are compared.

use crate::supply::plan::{Costs, Plan};

/// What a plan comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// The value minimised.
    pub objective: f64,
    pub costs: Costs,
    /// Price times units served.
    pub revenue: f64,
    /// Units.
    pub demand: f64,
    pub served: f64,
    pub served_on_time: f64,
    pub lost: f64,
    pub late_unit_periods: f64,
}

impl Outcome {
    pub fn of(plan: &Plan) -> Self {
        let network = &plan.network;
        let sales = network.demands.iter().enumerate().map(|(index, demand)| {
            network.items[demand.item.0].price * plan.quantities.served.of(index).iter().sum::<f64>()
        });
        Self {
            objective: plan.objective,
            costs: plan.costs,
            revenue: sales.sum(),
            demand: plan.demand_units(),
            served: plan.served_units(),
            served_on_time: plan.served_on_time_units(),
            lost: plan.lost_units(),
            late_unit_periods: plan.late_unit_periods(),
        }
    }

    /// Revenue less every cost of the plan, those of late and lost units included.
    pub fn profit(&self) -> f64 {
        self.revenue - self.costs.total()
    }

    /// Units served in time by units demanded; `None` without demand.
    pub fn fill_rate(&self) -> Option<f64> {
        (self.demand > 0.0).then(|| self.served_on_time / self.demand)
    }

    /// Units neither served nor served in time: lost, and late once for every period.
    pub fn short(&self) -> f64 {
        self.lost + self.late_unit_periods
    }
}
