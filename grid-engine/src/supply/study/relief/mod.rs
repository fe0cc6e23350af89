//! What would free a shortage: every binding limit, what a step of it would save, and what the step costs.
//!
//! A marginal value holds for the first unit only. The gain is therefore found by a re-solve with the limit a step
//! further; it is never more than marginal value times step, since least cost is convex in its limits (Dantzig 1963,
//! ch. 12). That holds for limits; lead times and runs are not convex, and only the re-solve tells.

mod binding;
pub(super) mod margins;
mod price;
mod quicker;

use super::{Lever, Outcome, StudyCell, StudyError, StudyTable, solve_again};
use crate::supply::plan::Plan;
use crate::supply::resolver::Resolver;
use crate::value::order::{sort_by_key, sort_largest_first};

use binding::{Binding, bindings, decisions, move_limit};
use price::{rate, used};
use quicker::lead_times;

/// Limits that are tried, those that promise most first.
const TRIED: usize = 12;
/// Lead times that are tried besides: most of them change the program's shape, so that nothing is kept of the last solve.
const LEAD_TIMES_TRIED: usize = 4;
/// Decisions that are taken back besides.
const DECISIONS_TRIED: usize = 6;
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
    /// How far the limit moves in each bucket: more of it, or less of safety stocks, smallest runs and lead times. `None` where
    /// a decision is taken back whole.
    pub step: Option<f64>,
    /// What one more unit is worth where it is worth most; with a lead time, one unit that comes a bucket sooner.
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
    let most_promising = |mut found: Vec<Binding>, most: usize| {
        sort_largest_first(&mut found, |binding| binding.promise);
        found.truncate(most);
        found
    };
    let mut bindings = most_promising(bindings(base), TRIED);
    bindings.extend(most_promising(lead_times(base), LEAD_TIMES_TRIED));
    bindings.extend(most_promising(decisions(base), DECISIONS_TRIED));
    let before = Outcome::of(base);
    let all = bindings.len();
    let mut found = Vec::with_capacity(all);
    for (done, binding) in bindings.into_iter().enumerate() {
        progress(done, all);
        let mut network = base.network.clone();
        // Without a wait, goods may go round within a bucket: then there is no such step.
        if move_limit(&mut network, &binding).is_err() {
            continue;
        }
        let plan = if binding.keeps_shape(base) {
            solve_again(network, resolver)?
        } else {
            // What was kept stays as it is for the questions after this one.
            solve_again(network, &mut Resolver::new(resolver.options().clone()))?
        };
        found.push(relief(base, &before, &binding, &plan));
    }
    sort_largest_first(&mut found, |one| one.saves);
    sort_largest_first(&mut found, |one| one.saves_per_cost().unwrap_or(f64::MAX));
    sort_by_key(&mut found, |one| one.cost.is_none());
    Ok(found)
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
        step: (!binding.taken_back).then_some(binding.step),
        marginal_value: binding.worth.iter().map(|(_, worth)| *worth).fold(0.0, f64::max),
        saves: (before.objective - after.objective + paid).max(0.0),
        units_freed: before.lost - after.lost,
        late_freed: before.late_unit_periods - after.late_unit_periods,
        cost,
    }
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
        Lever::SmallestRun => ("Smallest run", "units less"),
        Lever::LargestRun => ("Largest run", "units more"),
        Lever::LeadTime => ("Lead time", "buckets less"),
        Lever::Decision => ("Decision", "units more"),
        other => (other.key(), "more"),
    }
}

/// As rows for people.
pub(super) fn table(reliefs: &[Relief]) -> StudyTable {
    let header = [
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
        let unit = if one.step.is_some() { unit } else { "taken back" };
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
    StudyTable { header: header.map(str::to_owned).into(), rows: reliefs.iter().map(row).collect() }
}
