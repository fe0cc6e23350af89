//! Plans solved one after another, each from where the last one ended: what-if, trade-off curves, relaxed re-solves.

use super::model::Layout;
use super::network::Network;
use super::plan::{Detail, Plan};
use super::solve::{KeptSolver, NoSolution};
use super::solving::{Phase, Solve, SolveError, SolveOptions, solve_with};

/// Keeps the solved program of the last plan. A plan whose network differs from it in demand, capacity, stock, costs or
/// other right-hand sides only is solved from its basis rather than afresh; any other network is solved afresh, as is one
/// whose demand changed where fair shares are the aim, and plans with lots or whole workers always are.
///
/// Objectives are those of [`solve_network`](super::solve_network); where several plans are equally good, another one may
/// come.
#[derive(Debug)]
pub struct Resolver {
    options: SolveOptions,
    /// What had rows and columns in the last program.
    layout: Option<Layout>,
    /// Fewest units late and lost, where that is the first aim.
    service: KeptSolver,
    plan: KeptSolver,
    was_warm: bool,
    /// Whether a plan that cannot begin from the last one is left unsolved.
    only_warm: bool,
}

impl Resolver {
    /// Nothing solved yet.
    pub fn new(options: SolveOptions) -> Self {
        let (service, plan) = (KeptSolver::default(), KeptSolver::default());
        Self { options, layout: None, service, plan, was_warm: false, only_warm: false }
    }

    /// How it solves.
    pub fn options(&self) -> &SolveOptions {
        &self.options
    }

    /// Solves a network. A failure leaves what was kept for the next one.
    ///
    /// # Errors
    ///
    /// As [`solve_network`](super::solve_network).
    pub fn solve(&mut self, network: Network, progress: &mut dyn FnMut(Phase)) -> Result<Plan, SolveError> {
        self.solve_as(network, Detail::Explained, progress)
    }

    /// Solves a network as [`Resolver::solve`] does where that begins from the last plan, and does nothing where it would solve
    /// afresh: `None`, and the last plan is still what the next one may begin from.
    ///
    /// # Errors
    ///
    /// As [`solve_network`](super::solve_network).
    pub fn solve_again(
        &mut self,
        network: Network,
        progress: &mut dyn FnMut(Phase),
    ) -> Result<Option<Plan>, SolveError> {
        self.only_warm = true;
        let layout = self.layout.clone();
        let solved = self.solve_as(network, Detail::Explained, progress);
        self.only_warm = false;
        if self.was_warm {
            return solved.map(Some);
        }
        self.layout = layout;
        Ok(None)
    }

    /// Solves a network whose plan nobody reads but for its sums: reasons and cost to serve are left empty, which on a large
    /// network take longer than the few steps of the solver.
    ///
    /// # Errors
    ///
    /// As [`Resolver::solve`].
    pub fn solve_unexplained(&mut self, network: Network, progress: &mut dyn FnMut(Phase)) -> Result<Plan, SolveError> {
        self.solve_as(network, Detail::Sums, progress)
    }

    fn solve_as(
        &mut self,
        network: Network,
        detail: Detail,
        progress: &mut dyn FnMut(Phase),
    ) -> Result<Plan, SolveError> {
        let only_warm = self.only_warm;
        let (service, plan, was_warm) = (&mut self.service, &mut self.plan, &mut self.was_warm);
        *was_warm = true;
        let mut solve = |solve: Solve<'_>| {
            let (solver, program, limits) = match solve {
                // What explains a plan begins from its basis, and the next plan from where that ends: both are few steps.
                Solve::Aside(program, limits) => return plan.solve(program, limits),
                Solve::Service(program, limits) => (&mut *service, program, limits),
                Solve::Plan(program, limits) => (&mut *plan, program, limits),
            };
            if only_warm && !solver.can_begin(program) {
                *was_warm = false;
                return Err(NoSolution::Failed("it cannot begin from the last plan".to_owned()));
            }
            let solved = solver.solve(program, limits);
            *was_warm &= solver.was_warm();
            solved
        };
        solve_with(network, &self.options, detail, &mut self.layout, &mut solve, progress)
    }

    /// Whether the last plan was solved from the one before.
    pub fn was_warm(&self) -> bool {
        self.was_warm
    }
}
