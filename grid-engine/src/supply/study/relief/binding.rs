//! The limits that bind, and moving them.

use std::collections::HashMap;

use super::super::change::set_lead_time;
use super::super::lever::Link;
use super::super::{ChangeError, Lever};
use super::DUST;
use crate::supply::network::{DecisionId, Network};
use crate::supply::plan::Plan;
use crate::supply::reasons::Limit;

/// A step of a limit, as a share of it: what a supervisor or supplier can be asked for.
const STEP: f64 = 0.1;

/// A limit that binds, before it is tried.
pub(super) struct Binding {
    pub lever: Lever,
    pub object: usize,
    /// Marginal values by bucket, where there are any.
    pub worth: Vec<(usize, f64)>,
    pub step: f64,
    /// Whether it is a decision taken back in these buckets, in place of a step.
    pub taken_back: bool,
    /// About what the step may save; of limits, no step of this size saves more.
    pub promise: f64,
}

impl Binding {
    pub fn new(lever: Lever, object: usize, worth: Vec<(usize, f64)>, step: f64) -> Self {
        let promise = worth.iter().map(|(_, worth)| worth * step).sum();
        Self { lever, object, worth, step, taken_back: false, promise }
    }

    /// Whether the moved network's program differs in numbers only.
    pub fn keeps_shape(&self, base: &Plan) -> bool {
        self.lever != Lever::LeadTime || matches!(Link::of(&base.network, self.object), Link::Contract(_))
    }
}

/// Every limit that binds.
pub(super) fn bindings(plan: &Plan) -> Vec<Binding> {
    let (network, prices) = (&plan.network, &plan.prices);
    let mut found = Vec::new();
    let mut add = |lever: Lever, object: usize, worth: &[f64], limit: f64| {
        let worth: Vec<(usize, f64)> = worth.iter().copied().enumerate().filter(|(_, worth)| *worth > DUST).collect();
        let step = STEP * limit;
        if !worth.is_empty() && step.is_finite() {
            // Where there is none at all, one is a step.
            found.push(Binding::new(lever, object, worth, if step > DUST { step } else { 1.0 }));
        }
    };
    for (index, resource) in network.resources.iter().enumerate() {
        add(Lever::Capacity, index, prices.hour.of(index), usual(&resource.regular_hours));
    }
    for (index, supplier) in network.suppliers.iter().enumerate() {
        add(Lever::Supplier, index, prices.supply.of(index), usual(&supplier.capacity));
    }
    for (index, lane) in network.lanes.iter().enumerate() {
        add(Lever::Lane, index, prices.lane_m3.of(index), usual(&lane.capacity_m3));
    }
    for (index, place) in network.locations.iter().enumerate() {
        add(Lever::Storage, index, prices.storage_m3.of(index), place.storage_m3);
        add(Lever::Throughput, index, prices.throughput.of(index), place.throughput);
    }
    for (index, node) in network.nodes.iter().enumerate() {
        add(Lever::SafetyStock, index, prices.safety.of(index), node.safety);
    }
    for (index, route) in network.routes.iter().enumerate() {
        let Some(lot) = &route.lot else { continue };
        let running = plan.quantities.running.of(index);
        // The run's price is that of its largest size where the route runs, and where it is left idle that of whatever
        // keeps it so, the smallest size among them: a re-solve tells.
        let worth = |runs: bool| -> Vec<f64> {
            let is_so = |period: usize| (!lot.needs_switch() || running[period] > 0.5) == runs;
            let is_limited = |period: usize| !runs || lot.max_run[period].is_finite();
            let price = |(period, price): (usize, &f64)| if is_so(period) && is_limited(period) { *price } else { 0.0 };
            prices.run.of(index).iter().enumerate().map(price).collect()
        };
        add(Lever::LargestRun, index, &worth(true), usual(&lot.max_run));
        let least = usual(&lot.min_run);
        if least > 0.0 {
            let mut idle = worth(false);
            for (period, worth) in smallest_runs(plan, &route.name) {
                idle[period] += worth;
            }
            add(Lever::SmallestRun, index, &idle, least);
        }
    }
    for (index, decision) in network.decisions.iter().enumerate() {
        let decided: Vec<f64> = decision.quantity.iter().flatten().copied().collect();
        add(Lever::Decision, index, prices.decided.of(index), usual(&decided));
    }
    let periods = network.periods.len();
    let mut of_columns: HashMap<(&str, &str), Vec<f64>> = HashMap::new();
    for line in plan.constraints.iter().filter(|line| matches!(line.kind, "OVERTIME" | "MAXSTOCK")) {
        of_columns.entry((line.kind, &line.object)).or_insert_with(|| vec![0.0; periods])[line.period] =
            line.marginal_value;
    }
    for (index, resource) in network.resources.iter().enumerate() {
        if let Some(worth) = of_columns.get(&("OVERTIME", &*resource.name)) {
            add(Lever::Overtime, index, worth, usual(&resource.max_overtime_hours));
        }
    }
    for (index, node) in network.nodes.iter().enumerate() {
        let name = network.node_name(crate::supply::network::NodeId(index));
        if let Some(worth) = of_columns.get(&("MAXSTOCK", name.as_str())) {
            add(Lever::LargestStock, index, worth, node.max);
        }
    }
    found
}

/// Decisions that cost something, each as taken back where it does: for too little, which units lack, or for too much, which takes
/// from others.
pub(super) fn decisions(plan: &Plan) -> Vec<Binding> {
    let blamed = |decision: usize, bucket: usize| -> f64 {
        let of_it = plan
            .reasons
            .iter()
            .filter(|reason| reason.cause == Limit::Decision(DecisionId(decision)) && reason.cause_period == bucket);
        of_it.map(|reason| reason.quantity).sum()
    };
    let mut found = Vec::new();
    for (index, decision) in plan.network.decisions.iter().enumerate() {
        let prices = plan.prices.decided.of(index);
        let mut promise = 0.0;
        let mut worth = Vec::new();
        for (bucket, units) in decision.quantity.iter().enumerate() {
            let (Some(units), price, blamed) = (*units, prices[bucket].abs(), blamed(index, bucket)) else { continue };
            if price > DUST || blamed > DUST {
                worth.push((bucket, price));
                promise += price * (units + blamed);
            }
        }
        if !worth.is_empty() {
            let back = Binding::new(Lever::Decision, index, worth, 0.0);
            found.push(Binding { taken_back: true, promise, ..back });
        }
    }
    found
}

/// What a unit less in a route's smallest run is worth, by bucket.
fn smallest_runs<'a>(plan: &'a Plan, route: &'a str) -> impl Iterator<Item = (usize, f64)> + 'a {
    let lines = plan.constraints.iter().filter(move |line| line.kind == "MINRUN" && line.object == route);
    lines.map(|line| (line.period, line.marginal_value))
}

/// The mean of the buckets that have a limit and more than nothing of it.
fn usual(limits: &[f64]) -> f64 {
    let some = limits.iter().filter(|limit| limit.is_finite() && **limit > 0.0);
    let (count, sum) = some.fold((0.0, 0.0), |(count, sum), limit| (count + 1.0, sum + limit));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// Moves the limit by its step in the buckets where it binds.
///
/// # Errors
/// A lane that would close a circle within a bucket.
pub(super) fn move_limit(network: &mut Network, binding: &Binding) -> Result<(), ChangeError> {
    let (object, step) = (binding.object, binding.step);
    if binding.taken_back {
        binding.worth.iter().for_each(|(bucket, _)| network.decisions[object].quantity[*bucket] = None);
        return Ok(());
    }
    let buckets = || binding.worth.iter().map(|(bucket, _)| *bucket);
    let less = |value: &mut f64| *value = (*value - step).max(0.0);
    let series = match binding.lever {
        Lever::Capacity => &mut network.resources[object].regular_hours,
        Lever::Overtime => &mut network.resources[object].max_overtime_hours,
        Lever::Supplier => &mut network.suppliers[object].capacity,
        Lever::Lane => &mut network.lanes[object].capacity_m3,
        Lever::LargestRun | Lever::SmallestRun => {
            let Some(lot) = &mut network.routes[object].lot else { return Ok(()) };
            if binding.lever == Lever::SmallestRun {
                buckets().for_each(|bucket| less(&mut lot.min_run[bucket]));
                return Ok(());
            }
            &mut lot.max_run
        }
        Lever::Storage => {
            network.locations[object].storage_m3 += step;
            return Ok(());
        }
        Lever::Throughput => {
            network.locations[object].throughput += step;
            return Ok(());
        }
        Lever::SafetyStock => {
            less(&mut network.nodes[object].safety);
            return Ok(());
        }
        Lever::LargestStock => {
            network.nodes[object].max += step;
            return Ok(());
        }
        Lever::Decision => {
            buckets().for_each(|bucket| {
                if let Some(units) = &mut network.decisions[object].quantity[bucket] {
                    *units += step;
                }
            });
            return Ok(());
        }
        Lever::LeadTime => {
            let link = Link::of(network, object);
            let shorter = link.lead_time(network).saturating_sub(step as usize);
            return set_lead_time(network, link, shorter);
        }
        _ => return Ok(()),
    };
    buckets().for_each(|bucket| series[bucket] += step);
    Ok(())
}
