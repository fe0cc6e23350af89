//! What would free a shortage: every binding limit, what a step of it would save, and what the step costs.
//!
//! A marginal value holds for the first unit only. The gain is therefore found by a re-solve with the limit a step
//! further; it is never more than marginal value times step, since least cost is convex in its limits (Dantzig 1963,
//! ch. 12).

use std::collections::HashMap;

use super::{Lever, Outcome, StudyCell, StudyError, StudyTable, solve_again};
use crate::supply::network::{ContractId, LaneId, Network, SupplierId};
use crate::supply::plan::{ConstraintLine, Plan};
use crate::supply::resolver::Resolver;
use crate::value::order::sort_by;

/// A step of a limit, as a share of it: what a supervisor or supplier can be asked for.
const STEP: f64 = 0.1;
/// Limits that are tried, those that promise most first.
const TRIED: usize = 12;
/// Marginal values below this are the solver's rounding.
const DUST: f64 = 1e-6;

/// One limit, moved by a step in every bucket where it binds.
#[derive(Clone, Debug, PartialEq)]
pub struct Relief {
    pub lever: Lever,
    pub object: String,
    /// Indexes of the buckets in which the limit binds.
    pub buckets: Vec<usize>,
    /// Names of the first and the last of them.
    pub when: String,
    /// How far the limit moves in each bucket: more of it, or of safety stock less.
    pub step: f64,
    /// What one more unit is worth where it is worth most.
    pub marginal_value: f64,
    /// Money the step saves, before it is paid for.
    pub saves: f64,
    /// Units no longer lost.
    pub units_freed: f64,
    /// Units and periods no longer late.
    pub late_freed: f64,
    /// What the step costs as far as the plan uses it: hours at the overtime rate, units and m³ at what a dearer
    /// contract or lane asks on top. `None` where the tables give no price.
    pub cost: Option<f64>,
}

impl Relief {
    /// Money saved for one spent.
    pub fn saves_per_cost(&self) -> Option<f64> {
        self.cost.filter(|cost| *cost > DUST).map(|cost| self.saves / cost)
    }
}

/// A limit that binds, before it is tried.
struct Binding {
    lever: Lever,
    object: usize,
    /// Marginal values by bucket, where there are any.
    worth: Vec<(usize, f64)>,
    step: f64,
}

impl Binding {
    /// No step of this size saves more.
    fn promise(&self) -> f64 {
        self.worth.iter().map(|(_, worth)| worth * self.step).sum()
    }
}

/// Every limit that binds with what a step of it saves; those with a price first, most saved for the money first, then the
/// others, most saved first. `resolver` has just solved `base`.
///
/// # Errors
/// As [`Resolver::solve`].
pub fn reliefs(
    base: &Plan,
    resolver: &mut Resolver,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Relief>, StudyError> {
    let mut bindings = bindings(base);
    sort_by(&mut bindings, |a, b| b.promise().total_cmp(&a.promise()));
    bindings.truncate(TRIED);
    let before = Outcome::of(base);
    let all = bindings.len();
    let mut found = Vec::with_capacity(all);
    for (done, binding) in bindings.into_iter().enumerate() {
        progress(done, all);
        let mut network = base.network.clone();
        move_limit(&mut network, &binding);
        let plan = solve_again(network, resolver)?;
        found.push(relief(base, &before, &binding, &plan));
    }
    sort_by(&mut found, |a, b| {
        let key = |one: &Relief| (one.cost.is_some(), one.saves_per_cost().unwrap_or(f64::INFINITY), one.saves);
        let (a, b) = (key(a), key(b));
        b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then(b.2.total_cmp(&a.2))
    });
    Ok(found)
}

fn bindings(plan: &Plan) -> Vec<Binding> {
    let (network, prices) = (&plan.network, &plan.prices);
    let mut found = Vec::new();
    let mut add = |lever: Lever, object: usize, worth: &[f64], limit: f64| {
        let worth: Vec<(usize, f64)> = worth.iter().copied().enumerate().filter(|(_, worth)| *worth > DUST).collect();
        let step = STEP * limit;
        if !worth.is_empty() && step.is_finite() {
            // Where there is none at all, one is a step.
            found.push(Binding { lever, object, worth, step: if step > DUST { step } else { 1.0 } });
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

/// The mean of the buckets that have a limit and more than nothing of it.
fn usual(limits: &[f64]) -> f64 {
    let some = limits.iter().filter(|limit| limit.is_finite() && **limit > 0.0);
    let (count, sum) = some.fold((0.0, 0.0), |(count, sum), limit| (count + 1.0, sum + limit));
    if count > 0.0 { sum / count } else { 0.0 }
}

fn move_limit(network: &mut Network, binding: &Binding) {
    let (object, step) = (binding.object, binding.step);
    let series = match binding.lever {
        Lever::Capacity => &mut network.resources[object].regular_hours,
        Lever::Overtime => &mut network.resources[object].max_overtime_hours,
        Lever::Supplier => &mut network.suppliers[object].capacity,
        Lever::Lane => &mut network.lanes[object].capacity_m3,
        Lever::Storage => return network.locations[object].storage_m3 += step,
        Lever::Throughput => return network.locations[object].throughput += step,
        Lever::SafetyStock => {
            let safety = &mut network.nodes[object].safety;
            return *safety = (*safety - step).max(0.0);
        }
        Lever::LargestStock => return network.nodes[object].max += step,
        _ => return,
    };
    binding.worth.iter().for_each(|(bucket, _)| series[*bucket] += step);
}

fn relief(base: &Plan, before: &Outcome, binding: &Binding, plan: &Plan) -> Relief {
    let network = &base.network;
    let buckets: Vec<usize> = binding.worth.iter().map(|(bucket, _)| *bucket).collect();
    let object = binding.lever.names(network, binding.object).swap_remove(0);
    let used = used(plan, binding, &object);
    let rate = rate(network, binding);
    let cost = rate.map(|rate| rate * used);
    let after = Outcome::of(plan);
    // Overtime is paid within the plan: what it saves is told before that.
    let paid = if binding.lever == Lever::Overtime { cost.unwrap_or_default() } else { 0.0 };
    let name = |bucket: Option<&usize>| bucket.and_then(|bucket| network.periods.get(*bucket)).map(ToString::to_string);
    let (first, last) = (name(buckets.first()).unwrap_or_default(), name(buckets.last()).unwrap_or_default());
    let gaps = buckets.windows(2).any(|pair| pair[1] != pair[0] + 1);
    Relief {
        lever: binding.lever,
        object,
        when: match () {
            () if first == last => first,
            () if gaps => format!("{} between {first} and {last}", buckets.len()),
            () => format!("{first} to {last}"),
        },
        buckets,
        step: binding.step,
        marginal_value: binding.worth.iter().map(|(_, worth)| *worth).fold(0.0, f64::max),
        saves: (before.objective - after.objective + paid).max(0.0),
        units_freed: before.lost - after.lost,
        late_freed: before.late_unit_periods - after.late_unit_periods,
        cost,
    }
}

/// How much of the step the plan takes, over all buckets.
fn used(plan: &Plan, binding: &Binding, object: &str) -> f64 {
    let kind = match binding.lever {
        Lever::Capacity => "CAP",
        Lever::Overtime => "OVERTIME",
        Lever::Supplier => "SUP",
        Lever::Lane => "LANE",
        _ => return 0.0,
    };
    let is_moved = |line: &&ConstraintLine| {
        line.kind == kind && line.object == object && binding.worth.iter().any(|(bucket, _)| *bucket == line.period)
    };
    plan.constraints.iter().filter(is_moved).map(|line| (binding.step - line.slack).max(0.0)).sum()
}

/// Money a unit of the step; `None` where the tables give no price.
fn rate(network: &Network, binding: &Binding) -> Option<f64> {
    match binding.lever {
        Lever::Capacity | Lever::Overtime => {
            let resource = &network.resources[binding.object];
            (resource.ot_cost_per_hour > 0.0).then_some(resource.ot_cost_per_hour)
        }
        Lever::Supplier => dearer_contract(network, SupplierId(binding.object)),
        Lever::Lane => dearer_lane(network, LaneId(binding.object)),
        _ => None,
    }
}

/// What another contract for the same goods asks on top, at the least: what an expedited unit costs more.
fn dearer_contract(network: &Network, supplier: SupplierId) -> Option<f64> {
    let own = (0..network.contracts.len()).map(ContractId).filter(|id| network.contracts[id.0].supplier == supplier);
    let premiums = own.flat_map(|own| {
        let own = &network.contracts[own.0];
        let others = network.contracts.iter().filter(move |one| one.node == own.node && one.supplier != supplier);
        others.map(move |one| one.unit_cost - own.unit_cost)
    });
    premiums.filter(|premium| *premium > 0.0).reduce(f64::min)
}

/// What another lane between the same places asks on top for a m³, at the least.
fn dearer_lane(network: &Network, lane: LaneId) -> Option<f64> {
    let own = &network.lanes[lane.0];
    let is_beside = |one: &&crate::supply::network::Lane| (one.from, one.to) == (own.from, own.to);
    let premiums = network.lanes.iter().filter(is_beside).map(|one| one.cost_per_m3 - own.cost_per_m3);
    premiums.filter(|premium| *premium > 0.0).reduce(f64::min)
}

/// Words for a limit, and what one more of it is.
fn words(lever: Lever) -> (&'static str, &'static str) {
    match lever {
        Lever::Capacity => ("Capacity", "hours more"),
        Lever::Overtime => ("Overtime", "hours more"),
        Lever::Supplier => ("Supplier", "units more"),
        Lever::Lane => ("Lane", "m³ more"),
        Lever::Storage => ("Storage", "m³ more"),
        Lever::Throughput => ("Goods received", "units more"),
        Lever::SafetyStock => ("Safety stock", "units less"),
        Lever::LargestStock => ("Largest stock", "units more"),
        other => (other.key(), "more"),
    }
}

/// As rows for people.
pub(super) fn table(reliefs: &[Relief]) -> StudyTable {
    let header = vec![
        "Limit",
        "Of",
        "Buckets",
        "Step",
        "Unit a bucket",
        "Saves",
        "Units freed",
        "Late freed",
        "Costs",
        "Saves per cost",
        "One more saves",
    ];
    let row = |one: &Relief| -> Vec<StudyCell> {
        let (limit, unit) = words(one.lever);
        vec![
            limit.into(),
            one.object.clone().into(),
            one.when.clone().into(),
            one.step.into(),
            unit.into(),
            one.saves.into(),
            one.units_freed.into(),
            one.late_freed.into(),
            one.cost.into(),
            one.saves_per_cost().into(),
            one.marginal_value.into(),
        ]
    };
    StudyTable { header, rows: reliefs.iter().map(row).collect() }
}
