//! Stock against service and cost: the plan solved once for each service level, with the safety stocks that level needs.
//!
//! A safety stock is a factor of the spread of demand over the lead time, `SS = z(level) · σ`. The present one, at the
//! service level it stands for, tells σ; another level needs `SS · z(level) / z(present)` (Silver, Pyke & Thomas 2017,
//! chapter 6). What stays at risk in a bucket is the loss function of the stock that closes it: with `k = stock / σ`,
//! `σ · G(k)` units are short on average, `G(k) = φ(k) − k · (1 − Φ(k))`. Those are charged at what a lost unit costs.

use super::{MAX_STEPS, StudyError, StudyTable, solve_again};
use crate::forecast::{normal_quantile, normal_share};
use crate::supply::network::Network;
use crate::supply::plan::{CostKind, Plan};
use crate::supply::resolver::Resolver;

/// One point of the curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TradeOffPoint {
    /// The probability of a cycle without stockout that safety stocks aim at.
    pub service_level: f64,
    /// Units of safety stock over all items and places.
    pub safety_stock: f64,
    /// Units in stock, mean over the buckets.
    pub stock: f64,
    /// The same at standard cost.
    pub stock_value: f64,
    /// What the plan costs, without the penalty for falling short of safety stock: that steers, nobody pays it.
    pub plan_cost: f64,
    /// Units short on average because demand is not as forecast.
    pub short_by_chance: f64,
    /// What those cost.
    pub chance_cost: f64,
    /// Share of demand served in time, chance included.
    pub fill_rate: Option<f64>,
}

impl TradeOffPoint {
    /// The plan and what chance takes.
    pub fn total_cost(&self) -> f64 {
        self.plan_cost + self.chance_cost
    }
}

/// Solves the plan for each service level, lowest first; `present` is the level that the present safety stocks stand for.
/// `resolver` has just solved `base`.
///
/// # Errors
/// Levels outside 0.5 to below 1, no safety stock at all, or as [`Resolver::solve`].
pub fn trade_off(
    base: &Plan,
    levels: &[f64],
    present: f64,
    resolver: &mut Resolver,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<TradeOffPoint>, StudyError> {
    let refuse = |words: String| Err(StudyError::Question(words));
    if levels.is_empty() || levels.len() > MAX_STEPS {
        return refuse(format!("a trade-off has 1 to {MAX_STEPS} service levels, not {}", levels.len()));
    }
    if let Some(level) = levels.iter().find(|level| !(0.5..1.0).contains(*level)) {
        return refuse(format!("the service level {level} lies outside 0.5 to below 1"));
    }
    if !(present > 0.5 && present < 1.0) {
        return refuse(format!("the present safety stocks cannot stand for a service level of {present}"));
    }
    if base.network.nodes.iter().all(|node| node.safety <= 0.0) {
        return refuse("no safety stock is planned, so its spread is not known: give safety stocks first".to_owned());
    }
    let spreads: Vec<f64> = base.network.nodes.iter().map(|node| node.safety / normal_quantile(present)).collect();
    let mut levels = levels.to_vec();
    levels.sort_by(f64::total_cmp);
    levels.dedup();
    let mut points = Vec::with_capacity(levels.len());
    for (done, level) in levels.iter().enumerate() {
        progress(done, levels.len());
        let mut network = base.network.clone();
        for (node, spread) in network.nodes.iter_mut().zip(&spreads) {
            node.safety = normal_quantile(*level).max(0.0) * spread;
        }
        let plan = solve_again(network, resolver)?;
        points.push(point(&plan, *level, &spreads));
    }
    Ok(points)
}

fn point(plan: &Plan, service_level: f64, spreads: &[f64]) -> TradeOffPoint {
    let network = &plan.network;
    let buckets = network.periods.len().max(1) as f64;
    let held: Vec<f64> = (0..spreads.len()).map(|node| plan.quantities.stock.of(node).iter().sum()).collect();
    let worth = crate::supply::cost_to_serve::standard_costs(network);
    let (short_by_chance, chance_cost) = chance(plan, spreads);
    let demand = plan.demand_units();
    let on_time = plan.served_on_time_units() - short_by_chance;
    TradeOffPoint {
        service_level,
        safety_stock: network.nodes.iter().map(|node| node.safety).sum(),
        stock: held.iter().sum::<f64>() / buckets,
        stock_value: held.iter().zip(&worth).map(|(units, cost)| units * cost).sum::<f64>() / buckets,
        plan_cost: plan.costs.total() - plan.costs.get(CostKind::SafetyPenalty),
        short_by_chance,
        chance_cost,
        fill_rate: (demand > 0.0).then(|| on_time.max(0.0) / demand),
    }
}

/// Units short by chance where customers are served, and their cost: never more than what is served in the bucket.
fn chance(plan: &Plan, spreads: &[f64]) -> (f64, f64) {
    let network = &plan.network;
    let served = served(plan);
    let (mut units, mut money) = (0.0, 0.0);
    for (node, spread) in spreads.iter().enumerate().filter(|(_, spread)| **spread > 0.0) {
        let cost = lost_cost(network, node);
        for (bucket, stock) in plan.quantities.stock.of(node).iter().enumerate() {
            let short = (spread * loss(stock / spread)).min(served[node][bucket]);
            units += short;
            money += short * cost;
        }
    }
    (units, money)
}

fn served(plan: &Plan) -> Vec<Vec<f64>> {
    let network = &plan.network;
    let mut served = vec![vec![0.0; network.periods.len()]; network.nodes.len()];
    for (index, demand) in network.demands.iter().enumerate() {
        let of_node = served[demand.node.0].iter_mut().zip(plan.quantities.served.of(index));
        of_node.for_each(|(sum, units)| *sum += units);
    }
    served
}

/// What a lost unit costs at a node, by what its customers demand.
fn lost_cost(network: &Network, node: usize) -> f64 {
    let of_node = network.demands.iter().filter(|demand| demand.node.0 == node);
    let (units, money) = of_node.fold((0.0, 0.0), |(units, money), demand| {
        let wanted: f64 = demand.quantity.iter().sum();
        (units + wanted, money + wanted * demand.lost_cost)
    });
    if units > 0.0 { money / units } else { 0.0 }
}

/// The standard normal loss function.
fn loss(k: f64) -> f64 {
    let density = (-0.5 * k * k).exp() / std::f64::consts::TAU.sqrt();
    (density - k * (1.0 - normal_share(k))).max(0.0)
}

/// As rows for people.
pub(super) fn table(points: &[TradeOffPoint]) -> StudyTable {
    let header = [
        "Service level",
        "Safety stock",
        "Mean stock",
        "Stock value",
        "Fill rate",
        "Plan cost",
        "Short by chance",
        "Cost of chance",
        "Total cost",
    ];
    let row = |one: &TradeOffPoint| {
        vec![
            one.service_level.into(),
            one.safety_stock.into(),
            one.stock.into(),
            one.stock_value.into(),
            one.fill_rate.into(),
            one.plan_cost.into(),
            one.short_by_chance.into(),
            one.chance_cost.into(),
            one.total_cost().into(),
        ]
    };
    StudyTable { header: header.map(str::to_owned).into(), rows: points.iter().map(row).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Silver, Pyke & Thomas 2017, table of the unit normal: G(0) = 0.3989, G(1) = 0.0833, G(2) = 0.0085.
    #[test]
    fn the_loss_function_is_that_of_the_tables() {
        for (k, units) in [(0.0, 0.398_942), (1.0, 0.083_315), (2.0, 0.008_491)] {
            assert!((loss(k) - units).abs() < 1e-5, "{k}: {}", loss(k));
        }
    }
}
