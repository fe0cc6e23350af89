//! A first plan for a search over switches, and better ones near it.
//!
//! Left to itself a search over hundreds of set-ups may find no plan for a long time, though not to make anything is one. The relaxation,
//! in which switches may be in part on, says which runs are worth their while: those are switched on, and the rest of the plan follows
//! by a linear program (Pochet & Wolsey, *Production Planning by Mixed Integer Programming*, 2006, ch. 3, on heuristics from the
//! relaxation). Then switches are set free group by group, a few routes over all periods or all routes over a few periods, while the
//! others stay as they are: *fix and optimise* (Helber & Sahling, *A fix-and-optimize approach for the multi-level capacitated lot sizing
//! problem*, International Journal of Production Economics 123, 2010). The search itself begins from the plan that comes of that, and
//! its bound says how far from the best it may be.

use super::enabled::{range, solve_from};
use super::kept::KeptSolver;
use super::{Limits, NoSolution, SolveClock, Solved};
use crate::supply::plan::Status;
use crate::supply::program::Program;

/// Programs with fewer switches are searched at once: that is done before groups of them have been tried.
const FEWEST_SWITCHES: usize = 200;
/// Switches set free at once: few enough to be searched to the end within about a second.
const GROUP: usize = 60;
/// Share of the time in which plans near the first one are tried; the search has the rest.
const SHARE_OF_TIME: f64 = 0.5;
/// Seconds of that at most: the search tells how far it is, and the trying does not.
const MOST_SECONDS: f64 = 25.0;
/// Rounds over all groups where no time limit ends them.
const MOST_ROUNDS: usize = 3;
/// A round that gains less than this share of the objective is the last.
const WORTH_A_ROUND: f64 = 5e-4;
/// Nodes of the search over a group.
const MOST_NODES: i32 = 200;
/// Seconds that the plan in which nothing runs may take, however few there are.
const LEAST_SECONDS: f64 = 1.0;
/// A switch of the relaxation that is on by less is off.
const DUST: f64 = 1e-6;

/// Searches a program with columns that must be whole.
///
/// # Errors
///
/// As [`solve_program`](super::solve_program).
pub(super) fn search(program: &Program, limits: Limits) -> Result<Solved, NoSolution> {
    let switches = switches(program);
    if switches.len() < FEWEST_SWITCHES {
        return solve_from(program, limits, None, None);
    }
    let time = TimeLeft::start(limits);
    let mut near = Near { program, switches, limits, time, kept: KeptSolver::default(), iterations: 0 };
    let nothing = near.nothing();
    let least = least_by_columns(program);
    let relaxed = match (near.relax(), nothing.clone()) {
        (Ok(relaxed), _) => relaxed,
        (Err(NoSolution::TimeLimit { .. }), Some(plan)) => return Ok(near.unproven(Status::TimeLimit, plan, least)),
        (Err(error), _) => return Err(error),
    };
    let bound = if relaxed.status == Status::Optimal { relaxed.bound } else { least };
    let first = near.round(&relaxed).or(nothing);
    let best = first.map(|first| near.improve(first, bound));
    let found = solve_from(program, near.rest(), best.as_deref(), None);
    let cost = |values: &[f64]| program.objective_at(values);
    match (found, best) {
        (Ok(found), Some(best)) if cost(&best) < cost(&found.values) => {
            Ok(Solved { values: best, bound: found.bound.max(bound), ..found })
        }
        (Ok(found), _) => Ok(Solved { bound: found.bound.max(bound), ..found }),
        (Err(NoSolution::TimeLimit { .. }), Some(best)) => Ok(near.unproven(Status::TimeLimit, best, bound)),
        (Err(_), Some(best)) => Ok(near.unproven(Status::Unproven, best, bound)),
        (Err(error), None) => Err(error),
    }
}

/// What no solution is below, by the bounds of its columns alone.
fn least_by_columns(program: &Program) -> f64 {
    let least = program.columns.iter().filter(|column| column.cost != 0.0);
    least.map(|column| column.cost * if column.cost > 0.0 { column.lower } else { column.upper }).sum()
}

/// Columns that are on or off.
fn switches(program: &Program) -> Vec<usize> {
    let is_switch = |at: &usize| {
        let column = program.columns[*at];
        column.integer && column.lower >= 0.0 && column.upper <= 1.0
    };
    (0..program.columns.len()).filter(is_switch).collect()
}

/// What is left of the time there is.
#[derive(Clone, Copy)]
struct TimeLeft {
    clock: SolveClock,
    began: i64,
    seconds: Option<f64>,
}

impl TimeLeft {
    fn start(limits: Limits) -> Self {
        Self { clock: limits.clock, began: limits.clock.milliseconds(), seconds: limits.seconds }
    }

    /// Seconds left of all; none for as long as it takes.
    fn of_all(&self) -> Option<f64> {
        self.seconds.map(|seconds| (seconds - self.spent()).max(0.0))
    }

    /// Seconds left in which plans near the first one are tried.
    fn of_trying(&self) -> Option<f64> {
        self.seconds.map(|seconds| ((seconds * SHARE_OF_TIME).min(MOST_SECONDS) - self.spent()).max(0.0))
    }

    fn spent(&self) -> f64 {
        (self.clock.milliseconds() - self.began) as f64 / 1000.0
    }

    /// Whether time will end what goes on.
    fn ends(&self) -> bool {
        self.seconds.is_some() && self.clock.0.is_some()
    }
}

struct Near<'a> {
    program: &'a Program,
    switches: Vec<usize>,
    limits: Limits,
    time: TimeLeft,
    /// Solves the program with its switches held, each time from the time before.
    kept: KeptSolver,
    iterations: u64,
}

impl Near<'_> {
    fn rest(&self) -> Limits {
        Limits { seconds: self.time.of_all(), ..self.limits }
    }

    /// The program in which nothing must be whole: no plan is better.
    fn relax(&mut self) -> Result<Solved, NoSolution> {
        let mut relaxed = self.program.clone();
        relaxed.columns.iter_mut().for_each(|column| column.integer = false);
        let limits = self.rest();
        let solved = self.kept.solve(&relaxed, limits)?;
        self.iterations += solved.iterations;
        Ok(solved)
    }

    /// The plan in which nothing runs that need not: a poor one, and known in no time, should that end before there is a better one.
    fn nothing(&self) -> Option<Vec<f64>> {
        let mut held = self.program.clone();
        for &switch in &self.switches {
            let column = &mut held.columns[switch];
            (column.upper, column.integer) = (column.lower, false);
        }
        let seconds = self.limits.seconds.map(|seconds| seconds.max(LEAST_SECONDS));
        let limits = Limits { seconds, log: false, ..self.limits };
        super::solve_program(&held, limits).ok().map(|solved| solved.values)
    }

    /// A plan by the relaxation: what runs there at all, or most of the time, runs.
    fn round(&mut self, relaxed: &Solved) -> Option<Vec<f64>> {
        let mut best: Option<Vec<f64>> = None;
        for least in [DUST, 0.5] {
            let mut held = self.program.clone();
            for &switch in &self.switches {
                let column = &mut held.columns[switch];
                let value = if relaxed.values[switch] > least { column.upper } else { column.lower };
                (column.lower, column.upper, column.integer) = (value.round(), value.round(), false);
            }
            let Some(mut values) = self.complete(&held) else { continue };
            self.switch_off(&mut values);
            let cost = |values: &[f64]| self.program.objective_at(values);
            if best.as_ref().is_none_or(|best| cost(&values) < cost(best)) {
                best = Some(values);
            }
        }
        best
    }

    /// The best of a program whose switches are held; other columns may have to be whole.
    fn complete(&mut self, held: &Program) -> Option<Vec<f64>> {
        let limits = Limits { log: false, ..self.rest() };
        let solved = match held.has_integers() {
            true => solve_from(held, limits, None, Some(MOST_NODES)),
            false => self.kept.solve(held, limits),
        };
        solved.ok().map(|solved| solved.values)
    }

    /// Switches off what is on for nothing.
    fn switch_off(&self, values: &mut [f64]) {
        let program = self.program;
        let mut is_on = vec![false; program.columns.len()];
        for &switch in &self.switches {
            let column = program.columns[switch];
            is_on[switch] = values[switch] > 0.5 && column.lower == 0.0 && column.cost >= 0.0;
        }
        let mut uses: Vec<(usize, usize, f64)> = Vec::new();
        for row in 0..program.rows.len() {
            let on = program.row(row).filter(|(column, _)| is_on[*column]);
            uses.extend(on.map(|(column, coefficient)| (column, row, coefficient)));
        }
        uses.sort_by_key(|&(column, row, _)| (column, row));
        let mut sums: Vec<f64> = (0..program.rows.len()).map(|row| program.row_at(row, values)).collect();
        for of_one in uses.chunk_by(|a, b| a.0 == b.0) {
            let stays_within = |&(_, row, coefficient): &(usize, usize, f64)| {
                let ((least, most), sum) = (range(program.rows[row]), sums[row] - coefficient);
                (least..=most).contains(&sum)
            };
            if of_one.iter().all(stays_within) {
                of_one.iter().for_each(|&(column, row, coefficient)| {
                    values[column] = 0.0;
                    sums[row] -= coefficient;
                });
            }
        }
    }

    /// The best plan that is found near one, group by group.
    fn improve(&mut self, mut best: Vec<f64>, bound: f64) -> Vec<f64> {
        let groups = self.groups();
        let rounds = if self.time.ends() { usize::MAX } else { MOST_ROUNDS };
        for _ in 0..rounds {
            let before = self.program.objective_at(&best);
            for group in &groups {
                let at = self.program.objective_at(&best);
                if at - bound <= self.limits.mip_gap * at.abs() || self.time.of_trying() == Some(0.0) {
                    return best;
                }
                if let Some(better) = self.free(group, &best).filter(|new| self.program.objective_at(new) < at) {
                    best = better;
                }
            }
            if before - self.program.objective_at(&best) <= WORTH_A_ROUND * before.abs() {
                break;
            }
        }
        best
    }

    /// Groups of switches to be set free together: a few routes over all periods, then all routes over a few periods.
    fn groups(&self) -> Vec<Vec<usize>> {
        let periods = self.program.periods.clamp(1, self.switches.len());
        let routes = (GROUP / periods).max(1) * periods;
        let of_routes = self.switches.chunks(routes).map(<[usize]>::to_vec);
        let by_period = (0..periods).map(|period| self.switches.iter().copied().skip(period).step_by(periods));
        let of_period: Vec<Vec<usize>> = by_period.map(Iterator::collect).collect();
        let together = (2 * GROUP * periods / self.switches.len()).clamp(2, periods.max(2));
        let of_periods = of_period.windows(together).step_by((together / 2).max(1)).map(<[Vec<usize>]>::concat);
        of_routes.chain(of_periods).collect()
    }

    /// The best plan in which all switches but those of a group are as they were.
    fn free(&self, group: &[usize], best: &[f64]) -> Option<Vec<f64>> {
        let mut program = self.program.clone();
        let mut is_free = vec![false; program.columns.len()];
        group.iter().for_each(|switch| is_free[*switch] = true);
        for &switch in self.switches.iter().filter(|switch| !is_free[**switch]) {
            let (column, value) = (&mut program.columns[switch], best[switch].round());
            (column.lower, column.upper, column.integer) = (value, value, false);
        }
        let limits = Limits { seconds: self.time.of_trying(), log: false, ..self.limits };
        solve_from(&program, limits, Some(best), Some(MOST_NODES)).ok().map(|solved| solved.values)
    }

    /// A plan that the search has not come beyond.
    fn unproven(&self, status: Status, values: Vec<f64>, bound: f64) -> Solved {
        let (rows, columns) = (self.program.rows.len(), self.program.columns.len());
        let (row_prices, column_prices) = (vec![0.0; rows], vec![0.0; columns]);
        Solved { status, values, row_prices, column_prices, bound, iterations: self.iterations }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::supply::program::RowBound;

    const PERIODS: usize = 12;

    /// Lots of several goods on one machine: a set-up takes money and hours, what is not made in time is lost dearly.
    fn lots(goods: usize) -> Program {
        let mut program = Program::of_periods(PERIODS);
        let block = |program: &mut Program, cost: f64, upper: f64| {
            let first = program.columns.len();
            program.add_columns(PERIODS, cost, 0.0, upper);
            first
        };
        let none = f64::INFINITY;
        let blocks: Vec<[usize; 4]> = (0..goods)
            .map(|good| {
                let [made, stock, lost] =
                    [(1.0, none), (0.4, none), (40.0, none)].map(|(c, u)| block(&mut program, c, u));
                let running = block(&mut program, 60.0 + (good * 7 % 31) as f64, 1.0);
                (running..running + PERIODS).for_each(|column| program.columns[column].integer = true);
                [made, stock, lost, running]
            })
            .collect();
        for period in 0..PERIODS {
            for (good, &[made, stock, lost, running]) in blocks.iter().enumerate() {
                let demand = ((good * 13 + period * 7) % 11) as f64 + 4.0;
                let carried = period.checked_sub(1).map(|before| (stock + before, 1.0));
                let flows = [(made + period, 1.0), (lost + period, 1.0), (stock + period, -1.0)];
                program.add_row(RowBound::Equal(demand), flows.into_iter().chain(carried));
                program.add_row(RowBound::AtMost(0.0), [(made + period, 1.0), (running + period, -160.0)]);
            }
            let hours = blocks.iter().flat_map(|one| [(one[0] + period, 1.0), (one[3] + period, 3.0)]);
            program.add_row(RowBound::AtMost(9.5 * goods as f64), hours);
        }
        program
    }

    fn limits(seconds: f64) -> Limits {
        let milliseconds = || {
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
            i64::try_from(now.as_millis()).unwrap()
        };
        let clock = SolveClock(Some(milliseconds));
        Limits { seconds: Some(seconds), mip_gap: 1e-4, log: false, presolve: true, clock }
    }

    fn is_kept(program: &Program, values: &[f64]) -> bool {
        let within = |least: f64, value: f64, most: f64| value >= least - 1e-6 && value <= most + 1e-6;
        let rows = program.rows.iter().enumerate().all(|(row, bound)| {
            let (least, most) = range(*bound);
            within(least, program.row_at(row, values), most)
        });
        rows && program.columns.iter().zip(values).all(|(column, &value)| {
            within(column.lower, value, column.upper) && (!column.integer || (value - value.round()).abs() < 1e-6)
        })
    }

    #[test]
    fn there_is_a_plan_before_the_search_has_begun() {
        let program = lots(30);
        let time = TimeLeft::start(limits(60.0));
        let switches = switches(&program);
        assert_eq!(switches.len(), 30 * PERIODS);
        let kept = KeptSolver::default();
        let mut near = Near { program: &program, switches, limits: limits(60.0), time, kept, iterations: 0 };
        let relaxed = near.relax().unwrap();
        let first = near.round(&relaxed).unwrap();
        assert!(is_kept(&program, &first));
        let of = |values: &[f64]| program.objective_at(values);
        let better = near.improve(first.clone(), relaxed.bound);
        assert!(is_kept(&program, &better) && of(&better) < of(&first) && of(&better) >= relaxed.bound);
        let nothing_made =
            program.columns.iter().map(|column| if column.integer { 1.0 } else { 0.0 }).collect::<Vec<_>>();
        let mut off = nothing_made;
        near.switch_off(&mut off);
        assert!(off.iter().all(|value| *value == 0.0), "what makes nothing is off");
    }

    #[test]
    fn every_switch_is_in_a_group_of_routes_and_in_one_of_periods() {
        let program = lots(30);
        let (switches, time) = (switches(&program), TimeLeft::start(limits(1.0)));
        let near =
            Near { program: &program, switches, limits: limits(1.0), time, kept: KeptSolver::default(), iterations: 0 };
        let mut times = vec![0; program.columns.len()];
        near.groups().iter().flatten().for_each(|switch| times[*switch] += 1);
        assert!(near.switches.iter().all(|switch| times[*switch] >= 2));
    }

    #[test]
    fn what_is_found_has_a_bound_even_where_no_time_is_left() {
        let program = lots(30);
        let solved = search(&program, limits(3.0)).unwrap();
        let cost = program.objective_at(&solved.values);
        assert!(is_kept(&program, &solved.values));
        assert!(solved.bound > 0.0 && solved.bound <= cost * (1.0 + 1e-9), "{} {cost}", solved.bound);
    }

    #[test]
    fn without_time_there_is_the_plan_in_which_nothing_runs() {
        let program = lots(30);
        let solved = search(&program, limits(0.0)).unwrap();
        assert!(is_kept(&program, &solved.values));
        assert_eq!((solved.status, solved.bound), (Status::TimeLimit, 0.0));
        assert!(switches(&program).into_iter().all(|switch| solved.values[switch] == 0.0));
    }

    #[test]
    fn what_cannot_be_is_infeasible_here_too() {
        let mut program = lots(30);
        program.add_row(RowBound::AtLeast(1.0), [(0, -1.0)]);
        assert_eq!(search(&program, limits(20.0)), Err(NoSolution::Infeasible));
    }
}
