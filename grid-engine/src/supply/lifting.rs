//! Plans solved aside in which limits are lifted, for what the reasons say of them. Nobody sees these plans.

use super::model::{Constraint, Model};
use super::plan::{Grid, Plan, Quantities};
use super::program::{Program, RowBound};
use super::reasons::{self, Dip, Given, Lifted, Restored};
use super::solve::{Limits, Solved};
use super::solving::{Solve, Solver};

/// Limits restored one after another, at most, for programs of up to so many columns. By size and not by time, so that equal
/// tables have equal reasons.
const RESTORED: [(usize, usize); 2] = [(reasons::MOST_COLUMNS_TRIED, 16), (150_000, 6)];

/// What lifting the limits tells that are among a plan's causes; `None` where nothing is to be tried. `solver` is the one that
/// solved the plan: each plan aside begins where the one before ended.
pub(super) fn lift(
    plan: &Plan,
    model: &Model,
    solved: &Solved,
    limits: Limits,
    solver: &mut Solver<'_>,
) -> Option<Lifted> {
    let columns = model.program.columns.len();
    let most = RESTORED.into_iter().find(|(size, _)| columns <= *size).map_or(0, |(_, most)| most);
    // All plans aside together take no longer than the plan itself may.
    let limits = Limits { seconds: limits.seconds.map(|seconds| seconds / (most + 2) as f64), ..limits };
    let mut aside = Aside { plan, model, solved, limits, solver };
    let restored = aside.restored(most);
    let given = aside.given_by_decisions();
    let room = reasons::blame_room(&plan.reasons).then(|| aside.units_for_want_of_room());
    let is_of_use = room.is_some() || given.is_some() || restored.is_some();
    is_of_use.then(|| Lifted { room, given: given.unwrap_or_default(), restored: restored.unwrap_or_default() })
}

/// A plan, its program, and a solver that goes from one change of it to the next.
struct Aside<'a, 's> {
    plan: &'a Plan,
    model: &'a Model,
    solved: &'a Solved,
    limits: Limits,
    solver: &'a mut Solver<'s>,
}

impl Aside<'_, '_> {
    /// The program whose prices the plan has: its whole columns held.
    fn program(&self) -> Program {
        let program = &self.model.program;
        if program.has_integers() { program.with_integers_fixed(&self.solved.values) } else { program.clone() }
    }

    fn solve(&mut self, program: &Program) -> Option<Quantities> {
        let solved = (self.solver)(Solve::Aside(program, self.limits)).ok()?;
        Some(Quantities::read(&self.plan.network, &self.model.layout, &solved.values))
    }

    /// What comes where limits that give less for a while are as at their best, each alone; `None` where there are none.
    fn restored(&mut self, most: usize) -> Option<Restored> {
        let dips = Dip::all_of(self.plan);
        if most == 0 || !Dip::may_be_named(&dips, &self.plan.reasons) {
            return None;
        }
        let mut restored = Restored::default();
        for dip in dips.into_iter().take(most) {
            let mut program = self.program();
            for row in self.rows(|constraint| constraint == dip.constraint()) {
                program.rows[row] = RowBound::AtMost(dip.best);
            }
            if let Some(quantities) = self.solve(&program) {
                restored.note(&self.plan.network, dip, &self.plan.quantities, &quantities);
            }
        }
        Some(restored)
    }

    fn rows(&self, of: impl Fn(Constraint) -> bool) -> Vec<usize> {
        let layout = &self.model.layout;
        let first = layout.rows.iter().filter(|(constraint, _)| of(*constraint)).map(|(_, first)| *first);
        first.flat_map(|first| first..first + layout.periods).collect()
    }

    /// What decisions for too much take from others, by the plan in which each may be less; `None` where they take nothing or none
    /// can be to blame.
    fn given_by_decisions(&mut self) -> Option<Given> {
        let plan = self.plan;
        let decided = plan.network.decisions.iter().flat_map(|decision| decision.quantity.iter().flatten());
        if !reasons::blame_what_is_shared(&plan.reasons) || decided.copied().all(|units| units <= 0.0) {
            return None;
        }
        let mut program = self.program();
        for decision in &plan.network.decisions {
            for (period, _) in decision.quantity.iter().enumerate().filter(|(_, units)| units.is_some()) {
                program.columns[self.model.layout.decided(decision.of, period)].lower = 0.0;
            }
        }
        let given = Given::of(plan, &self.solve(&program)?);
        given.is_some().then_some(given)
    }

    /// Units of each demand row and bucket that would not be short if there were room for all stock, in places and by policy; none where that
    /// cannot be told.
    fn units_for_want_of_room(&mut self) -> Grid {
        let network = &self.plan.network;
        let mut program = self.program();
        for row in self.rows(|constraint| matches!(constraint, Constraint::Storage(_))) {
            program.rows[row] = RowBound::AtMost(f64::INFINITY);
        }
        for node in (0..network.nodes.len()).map(super::network::NodeId) {
            for period in 0..self.model.layout.periods {
                program.columns[self.model.layout.stock(node, period)].upper = f64::INFINITY;
            }
        }
        match self.solve(&program) {
            Some(roomy) => reasons::units_that_come(network, &self.plan.quantities, &roomy),
            None => Grid::new(network.demands.len(), network.periods.len()),
        }
    }
}
