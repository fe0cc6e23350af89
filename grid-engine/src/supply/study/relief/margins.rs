//! How far a marginal value holds: the dearest limits one more and one less, the plan solved again for each.
//!
//! Where several limits give out together the prices of a plan are not unique: the solver tells one set of several that are equally
//! right, in which one more of one limit alone may seem to save what it saves only with the others. Least cost is convex in a limit,
//! so that one more never saves more than its price, and one less never costs less (Dantzig 1963, ch. 12).

use super::super::{Lever, StudyCell, StudyError, StudyTable, solve_again};
use super::binding::{Binding, bindings, move_limit};
use super::words;
use crate::supply::plan::Plan;
use crate::supply::resolver::Resolver;
use crate::supply::solving::SolveError;
use crate::value::order::sort_largest_first;

/// Limits that are tried, those worth most first: as many as a page shows at once.
const TRIED: usize = 8;

/// What one more and one less of a limit come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Margin {
    pub lever: Lever,
    pub object: String,
    /// The bucket where it is worth most; none where the limit is one number for all buckets.
    pub bucket: Option<usize>,
    /// What one more saves by the plan's prices.
    pub marginal_value: f64,
    /// What one more saves, and one less costs, by a re-solve. `None` where no plan is possible with it.
    pub one_more: Option<f64>,
    pub one_less: Option<f64>,
}

/// Tries the dearest limits. `resolver` has just solved `base`.
///
/// # Errors
/// As [`Resolver::solve`], but for plans that are not possible with one less.
pub fn margins(
    base: &Plan,
    resolver: &mut Resolver,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Margin>, StudyError> {
    let mut dearest: Vec<Binding> = bindings(base).into_iter().filter_map(one_unit).collect();
    sort_largest_first(&mut dearest, |binding| binding.promise);
    dearest.truncate(TRIED);
    let all = 2 * dearest.len();
    let mut found = Vec::with_capacity(dearest.len());
    for (at, binding) in dearest.into_iter().enumerate() {
        progress(2 * at, all);
        let more = moved(base, &binding, resolver)?.map(|objective| base.objective - objective);
        progress(2 * at + 1, all);
        let less = Binding { step: -binding.step, ..binding };
        let one_less = moved(base, &less, resolver)?.map(|objective| objective - base.objective);
        found.push(Margin {
            lever: less.lever,
            object: less.lever.names(&base.network, less.object).swap_remove(0),
            bucket: less.lever.is_by_bucket().then(|| less.worth[0].0),
            marginal_value: less.promise,
            one_more: more,
            one_less,
        });
    }
    Ok(found)
}

/// A limit moved by one where it is worth most, or everywhere where it is one number.
fn one_unit(binding: Binding) -> Option<Binding> {
    let Binding { lever, object, worth, .. } = binding;
    let dearest = worth.iter().copied().reduce(|most, one| if one.1 > most.1 { one } else { most })?;
    Some(Binding::new(lever, object, if lever.is_by_bucket() { vec![dearest] } else { worth }, 1.0))
}

/// The least cost with the limit moved.
fn moved(base: &Plan, binding: &Binding, resolver: &mut Resolver) -> Result<Option<f64>, StudyError> {
    let mut network = base.network.clone();
    move_limit(&mut network, binding)?;
    match solve_again(network, resolver) {
        Ok(plan) => Ok(Some(plan.objective)),
        Err(StudyError::Solve(SolveError::Infeasible(_))) => Ok(None),
        Err(other) => Err(other),
    }
}

/// As rows for people.
pub(in crate::supply::study) fn table(plan: &Plan, margins: &[Margin]) -> StudyTable {
    let header = ["Limit", "Of", "Bucket", "By its price", "One more saves", "One less costs"];
    let row = |one: &Margin| -> Vec<StudyCell> {
        let bucket = one.bucket.map_or("every bucket".to_owned(), |bucket| plan.network.periods[bucket].to_string());
        vec![
            words(one.lever).0.into(),
            one.object.clone().into(),
            bucket.into(),
            one.marginal_value.into(),
            one.one_more.into(),
            one.one_less.into(),
        ]
    };
    StudyTable { header: header.map(str::to_owned).into(), rows: margins.iter().map(row).collect() }
}
