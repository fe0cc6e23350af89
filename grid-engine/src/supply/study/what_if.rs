//! What if one number, or a few, were others.

use super::{Change, MAX_STEPS, Outcome, StudyCell, StudyError, StudyTable, solve_again};
use crate::supply::network::Network;
use crate::supply::plan::{CostKind, Plan};
use crate::supply::resolver::Resolver;

/// The same plan before and after.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WhatIf {
    pub base: Outcome,
    pub changed: Outcome,
}

/// Solves the plan with changes made to its network, all of them at once.
///
/// # Errors
/// A change that names nothing, or as [`Resolver::solve`].
pub fn what_if(base: &Plan, changes: &[Change], resolver: &mut Resolver) -> Result<WhatIf, StudyError> {
    let changed = solve_again(changed(&base.network, changes)?, resolver)?;
    Ok(WhatIf { base: Outcome::of(base), changed: Outcome::of(&changed) })
}

/// A network with changes made to it, all of them at once.
///
/// # Errors
/// A change that names nothing, or none, or too many.
pub(super) fn changed(network: &Network, changes: &[Change]) -> Result<Network, StudyError> {
    if changes.is_empty() || changes.len() > MAX_STEPS {
        return Err(StudyError::Question(format!("a what-if changes 1 to {MAX_STEPS} things, not {}", changes.len())));
    }
    let mut network = network.clone();
    for change in changes {
        change.apply(&mut network)?;
    }
    Ok(network)
}

impl WhatIf {
    /// Figure, before, after, difference. Kinds of cost that neither plan has are left out.
    pub fn table(&self) -> StudyTable {
        let (base, changed) = (&self.base, &self.changed);
        let mut rows = Vec::new();
        let mut row = |name: &str, before: Option<f64>, after: Option<f64>| {
            let difference = before.zip(after).map(|(before, after)| after - before);
            rows.push(vec![name.into(), before.into(), after.into(), difference.into()]);
        };
        let mut both = |name: &str, read: fn(&Outcome) -> f64| row(name, Some(read(base)), Some(read(changed)));
        both("Objective", |one| one.objective);
        both("Total cost", |one| one.costs.total());
        for kind in CostKind::ALL {
            let (before, after) = (base.costs.get(kind), changed.costs.get(kind));
            if before != 0.0 || after != 0.0 {
                row(kind.label(), Some(before), Some(after));
            }
        }
        let mut both = |name: &str, read: fn(&Outcome) -> f64| row(name, Some(read(base)), Some(read(changed)));
        both("Revenue", |one| one.revenue);
        both("Profit", Outcome::profit);
        both("Demand", |one| one.demand);
        both("Served", |one| one.served);
        both("Lost", |one| one.lost);
        both("Late unit periods", |one| one.late_unit_periods);
        row("Fill rate", base.fill_rate(), changed.fill_rate());
        let rows: Vec<Vec<StudyCell>> = rows;
        StudyTable { header: ["Figure", "Base", "What if", "Difference"].map(str::to_owned).into(), rows }
    }
}
