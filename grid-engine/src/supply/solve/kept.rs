//! A solver that stays: the program of the last solve with its basis, so that the next one begins where that ended.
//!
//! After a change of costs the old basis is still feasible, after a change of limits still optimal for its prices; the
//! simplex method needs few steps from there (Dantzig, *Linear Programming and Extensions*, 1963, ch. 12).
//!
//! good_lp takes one solve for one program. The crate `highs` keeps the model but changes only costs and bounds of
//! columns, so every row is loaded with a column of its own that shifts its bound: `a·x + shift ≤ b`.

use highs::{Col, Model, RowProblem, Sense, SolvedModel};

use super::enabled::{DUAL_SIMPLEX, Method, failed, nothing_to_solve, range, read, set_options, solve_program};
use super::soft::Hardened;
use super::{Limits, NoSolution, Solved};
use crate::supply::program::{Program, RowBound};

/// HiGHS's code of the primal simplex, serial.
const PRIMAL_SIMPLEX: i32 = 4;

/// Solves one program after another, each from the solution of the one before where only numbers have changed.
#[derive(Debug, Default)]
pub(in crate::supply) struct KeptSolver {
    held: Option<Held>,
    was_warm: bool,
}

/// A model that has been solved.
#[derive(Debug)]
struct Held {
    model: SolvedModel,
    /// What the model holds now.
    program: Program,
    /// The rows as they were loaded: what the shifts are measured from.
    loaded_rows: Vec<RowBound>,
    columns: Vec<Col>,
    shifts: Vec<Col>,
    /// Seconds allowed so far: HiGHS's clock goes on from solve to solve.
    seconds: f64,
}

impl KeptSolver {
    /// Solves a program. Its optimum is that of [`solve_program`]; where several solutions are equally good, another
    /// of them may come. With a time limit, a solve may also use what earlier ones left of theirs.
    ///
    /// Programs with whole columns are solved afresh: a basis is of no use to a search.
    ///
    /// # Errors
    ///
    /// As [`solve_program`].
    pub(in crate::supply) fn solve(&mut self, program: &Program, limits: Limits) -> Result<Solved, NoSolution> {
        self.was_warm = false;
        if program.has_integers() {
            return solve_program(program, limits);
        }
        if program.columns.is_empty() {
            return Ok(nothing_to_solve(program));
        }
        let hardened = Hardened::of(program);
        let before = self.held.take().filter(|held| held.can_become(&hardened.program));
        self.was_warm = before.is_some();
        let held = match before {
            Some(held) => held.solve_again(&hardened.program, limits)?,
            None => Held::load(&hardened.program, limits)?,
        };
        let solved = read(&hardened.program, &held.model);
        self.held = Some(held);
        Ok(hardened.restore(program, solved?))
    }

    /// Whether [`KeptSolver::solve`] would begin from the program solved last.
    pub(in crate::supply) fn can_begin(&self, program: &Program) -> bool {
        let held = self.held.as_ref().filter(|_| !program.has_integers());
        held.is_some_and(|held| held.can_become(&Hardened::of(program).program))
    }

    /// Whether the last solve began from the one before.
    pub(in crate::supply) fn was_warm(&self) -> bool {
        self.was_warm
    }
}

impl Held {
    fn load(program: &Program, limits: Limits) -> Result<Self, NoSolution> {
        let mut problem = RowProblem::default();
        let add = |problem: &mut RowProblem, cost, lower: f64, upper: f64| problem.add_column(cost, lower..=upper);
        let columns: Vec<Col> =
            program.columns.iter().map(|one| add(&mut problem, one.cost, one.lower, one.upper)).collect();
        let shifts: Vec<Col> = program.rows.iter().map(|_| add(&mut problem, 0.0, 0.0, 0.0)).collect();
        let mut entries = Vec::new();
        for (row, bound) in program.rows.iter().enumerate() {
            entries.clear();
            entries.extend(program.row(row).map(|(column, coefficient)| (columns[column], coefficient)));
            entries.push((shifts[row], 1.0));
            let (least, most) = range(*bound);
            problem.add_row(least..=most, &entries);
        }
        let mut model = problem.try_optimise(Sense::Minimise).map_err(failed)?;
        set_options(&mut model, Method::of(program), limits)?;
        let seconds = limits.seconds.unwrap_or(f64::INFINITY);
        let model = model.try_solve().map_err(failed)?;
        Ok(Self { model, program: program.clone(), loaded_rows: program.rows.clone(), columns, shifts, seconds })
    }

    /// Whether the model differs from a program in numbers that can be changed only: costs, bounds, right-hand sides.
    fn can_become(&self, program: &Program) -> bool {
        let reachable = |(loaded, wanted): (&RowBound, &RowBound)| match (loaded, wanted) {
            // No shift turns a row without a limit into one that has a limit.
            (RowBound::AtMost(from), RowBound::AtMost(to)) => from == to || from.is_finite() && !to.is_nan(),
            (RowBound::Equal(from), RowBound::Equal(to)) | (RowBound::AtLeast(from), RowBound::AtLeast(to)) => {
                from.is_finite() && to.is_finite()
            }
            _ => false,
        };
        let sound = |column: &crate::supply::program::Column| column.lower.is_finite() && column.upper >= column.lower;
        has_same_entries(&self.program, program)
            && self.loaded_rows.iter().zip(&program.rows).all(reachable)
            && program.columns.iter().all(sound)
    }

    /// Changes the model to a program it [can become](Self::can_become) and solves it from its basis.
    fn solve_again(self, program: &Program, limits: Limits) -> Result<Self, NoSolution> {
        let Self { model, program: before, loaded_rows, columns, shifts, seconds } = self;
        let mut model = Model::from(model);
        let mut bounds_changed = false;
        for ((now, old), column) in program.columns.iter().zip(&before.columns).zip(&columns) {
            if now.cost != old.cost {
                model.change_column_cost(*column, now.cost);
            }
            if (now.lower, now.upper) != (old.lower, old.upper) {
                model.change_column_bounds(*column, now.lower..=now.upper);
                bounds_changed = true;
            }
        }
        let rows = program.rows.iter().zip(&before.rows).zip(loaded_rows.iter().zip(&shifts));
        for ((now, _), (loaded, shift)) in rows.filter(|((now, old), _)| now != old) {
            let (least, most) = shift_between(*loaded, *now);
            model.change_column_bounds(*shift, least..=most);
            bounds_changed = true;
        }
        let limits = Limits { seconds: limits.seconds.map(|more| more + seconds), ..limits };
        // From a basis, however large: the interior point method could not begin there.
        set_options(&mut model, Method::Simplex, limits)?;
        // Other costs leave the basis feasible, other bounds leave its prices right.
        let method = if bounds_changed { DUAL_SIMPLEX } else { PRIMAL_SIMPLEX };
        model.try_set_option("simplex_strategy", method).map_err(failed)?;
        let model = model.try_solve().map_err(failed)?;
        let seconds = limits.seconds.unwrap_or(f64::INFINITY);
        Ok(Self { model, program: program.clone(), loaded_rows, columns, shifts, seconds })
    }
}

/// Whether both have the same coefficients in the same places; costs and bounds may differ.
fn has_same_entries(a: &Program, b: &Program) -> bool {
    a.columns.len() == b.columns.len()
        && a.rows.len() == b.rows.len()
        && a.columns.iter().zip(&b.columns).all(|(a, b)| a.integer == b.integer)
        && (0..a.rows.len()).all(|row| a.row(row).eq(b.row(row)))
}

fn right_side(bound: RowBound) -> f64 {
    match bound {
        RowBound::Equal(value) | RowBound::AtMost(value) | RowBound::AtLeast(value) => value,
    }
}

/// Where the shift of a row lies that turns its loaded bound into another one.
fn shift_between(loaded: RowBound, wanted: RowBound) -> (f64, f64) {
    let (from, to) = (right_side(loaded), right_side(wanted));
    if to == f64::INFINITY { (f64::NEG_INFINITY, 0.0) } else { (from - to, from - to) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::SolveClock;
    use super::*;
    use proptest::prelude::*;

    const NO_LIMITS: Limits =
        Limits { seconds: None, mip_gap: 1e-6, log: false, presolve: true, clock: SolveClock(None) };

    /// Two goods on two machines with demand for each, some of it lost at a cost.
    fn program(costs: [f64; 2], hours: [f64; 2], demand: [f64; 2], most: f64) -> Program {
        let mut program = Program::default();
        let made = costs.map(|cost| program.add_column(cost, 0.0, most));
        let lost = [30.0, 20.0].map(|cost| program.add_column(cost, 0.0, f64::INFINITY));
        program.add_row(RowBound::AtMost(hours[0]), [(made[0], 1.0), (made[1], 2.0)]);
        program.add_row(RowBound::AtMost(hours[1]), [(made[0], 3.0), (made[1], 1.0)]);
        program.add_row(RowBound::Equal(demand[0]), [(made[0], 1.0), (lost[0], 1.0)]);
        program.add_row(RowBound::AtLeast(demand[1]), [(made[1], 1.0), (lost[1], 1.0)]);
        program
    }

    fn numbers() -> impl Strategy<Value = Program> {
        let pair = |most: f64| prop::array::uniform2(0.0..most);
        let hours = prop::array::uniform2(prop_oneof![9 => 0.0..40.0, 1 => Just(f64::INFINITY)]);
        (pair(40.0), hours, pair(20.0), 0.0..30.0_f64).prop_map(|(a, b, c, d)| program(a, b, c, d))
    }

    proptest! {
        #[test]
        fn whatever_changed_the_optimum_is_that_of_a_fresh_solve(programs in prop::collection::vec(numbers(), 2..6)) {
            let mut kept = KeptSolver::default();
            for program in &programs {
                let (again, fresh) = (kept.solve(program, NO_LIMITS).unwrap(), solve_program(program, NO_LIMITS).unwrap());
                let (again_at, fresh_at) = (program.objective_at(&again.values), program.objective_at(&fresh.values));
                prop_assert!((again_at - fresh_at).abs() <= 1e-6 * fresh_at.abs().max(1.0), "{again_at} {fresh_at}");
                for row in 0..program.rows.len() {
                    let (least, most) = range(program.rows[row]);
                    let sum = program.row_at(row, &again.values);
                    prop_assert!(sum >= least - 1e-6 && sum <= most + 1e-6, "row {row}: {sum}");
                }
            }
        }
    }

    #[test]
    fn what_became_impossible_can_become_possible_again() {
        let limited = |most: f64| {
            let mut program = Program::default();
            let x = program.add_column(1.0, 0.0, most);
            program.add_row(RowBound::AtLeast(2.0), [(x, 1.0)]);
            program
        };
        let mut kept = KeptSolver::default();
        assert_eq!(kept.solve(&limited(3.0), NO_LIMITS).unwrap().values, [2.0]);
        assert_eq!(kept.solve(&limited(1.0), NO_LIMITS), Err(NoSolution::Infeasible));
        assert_eq!(kept.solve(&limited(9.0), NO_LIMITS).unwrap().values, [2.0]);
        assert!(kept.was_warm());
    }

    #[test]
    fn what_a_solve_can_begin_from_is_known_before_it() {
        let of = |hours: f64| program([3.0, 2.0], [hours, 20.0], [9.0, 9.0], 20.0);
        let mut kept = KeptSolver::default();
        assert!(!kept.can_begin(&of(20.0)), "nothing is held yet");
        kept.solve(&of(20.0), NO_LIMITS).unwrap();
        assert!(kept.can_begin(&of(10.0)));
        let mut whole = of(20.0);
        whole.columns[0].integer = true;
        assert!(!kept.can_begin(&whole) && !kept.can_begin(&Program::default()));
    }

    #[test]
    fn another_coefficient_is_another_model() {
        let of = |coefficient: f64| {
            let mut program = Program::default();
            let x = program.add_column(1.0, 0.0, 9.0);
            program.add_row(RowBound::AtLeast(2.0), [(x, coefficient)]);
            program
        };
        let mut kept = KeptSolver::default();
        kept.solve(&of(1.0), NO_LIMITS).unwrap();
        assert_eq!(kept.solve(&of(4.0), NO_LIMITS).unwrap().values, [0.5]);
        assert!(!kept.was_warm());
    }
}
