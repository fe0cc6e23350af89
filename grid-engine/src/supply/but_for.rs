//! What would be short but for one class of limits: the plan solved again with that class lifted.
//!
//! The second layer of the reasons. Marginal values say what stands on a unit's way; a re-solve confirms that
//! without it the unit would have come. Where no single class brings it but all together do, the causes act jointly.

use super::network::Network;
use super::plan::Plan;
use super::reasons::Limit;
use super::resolver::Resolver;
use super::solving::SolveError;

/// A class of limits that can be lifted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LimitClass {
    /// Hours of every resource.
    Capacity,
    /// What suppliers can deliver.
    Material,
    /// Waiting times of contracts.
    LeadTime,
    /// Room on lanes and goods that locations can receive.
    Lane,
    /// Room for stock in locations; largest stocks by policy stay.
    Storage,
    /// Safety stock.
    SafetyStock,
    /// Decided quantities.
    Decision,
}

impl LimitClass {
    /// Every class.
    pub const ALL: [Self; 7] =
        [Self::Capacity, Self::Material, Self::LeadTime, Self::Lane, Self::Storage, Self::SafetyStock, Self::Decision];

    /// The class's word, the same as that of the reasons' causes.
    pub fn key(self) -> &'static str {
        match self {
            Self::Capacity => "capacity",
            Self::Material => "material",
            Self::LeadTime => "leadtime",
            Self::Lane => "lane",
            Self::Storage => "storage",
            Self::SafetyStock => "ss",
            Self::Decision => "decision",
        }
    }

    /// Whether lifting the class lifts a limit.
    fn has(self, limit: Limit) -> bool {
        match limit {
            Limit::Throughput(_) => self == Self::Lane,
            // Nothing brings it, however much suppliers could.
            Limit::NoSource { .. } => false,
            limit => self.key() == limit.class(),
        }
    }

    /// Lifts the class.
    fn lift(self, network: &mut Network) {
        let none = |series: &mut Vec<f64>| series.fill(f64::INFINITY);
        match self {
            Self::Capacity => network.resources.iter_mut().for_each(|resource| none(&mut resource.regular_hours)),
            Self::Material => network.suppliers.iter_mut().for_each(|supplier| none(&mut supplier.capacity)),
            Self::LeadTime => network.contracts.iter_mut().for_each(|contract| contract.lead_time = 0),
            Self::Lane => {
                network.lanes.iter_mut().for_each(|lane| none(&mut lane.capacity_m3));
                network.locations.iter_mut().for_each(|location| location.throughput = f64::INFINITY);
            }
            Self::Storage => network.locations.iter_mut().for_each(|location| location.storage_m3 = f64::INFINITY),
            // Missing it costs nothing; the program keeps its shape.
            Self::SafetyStock => network.nodes.iter_mut().for_each(|node| node.ss_penalty = 0.0),
            Self::Decision => network.decisions.clear(),
        }
    }
}

/// What is short with a class of limits lifted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ButFor {
    pub class: LimitClass,
    pub lost_units: f64,
    pub late_unit_periods: f64,
    pub cost: f64,
}

/// Solves the network again with one class of limits lifted; a resolver that holds its plan begins from there.
///
/// # Errors
///
/// As [`Resolver::solve`].
pub fn but_for(network: &Network, class: LimitClass, resolver: &mut Resolver) -> Result<ButFor, SolveError> {
    let mut lifted = network.clone();
    class.lift(&mut lifted);
    let plan = resolver.solve_unexplained(lifted, &mut |_| ())?;
    Ok(ButFor::of(class, &plan))
}

impl ButFor {
    fn of(class: LimitClass, plan: &Plan) -> Self {
        Self {
            class,
            lost_units: plan.lost_units(),
            late_unit_periods: plan.late_unit_periods(),
            cost: plan.costs.total(),
        }
    }
}

/// The same with nothing to wait for at all. What routes and lanes take is no right-hand side: that is another program, solved
/// afresh.
fn but_for_any_wait(network: &Network, resolver: &Resolver) -> Result<ButFor, SolveError> {
    let mut lifted = network.clone();
    LimitClass::LeadTime.lift(&mut lifted);
    lift_any_wait(&mut lifted);
    let plan = Resolver::new(resolver.options().clone()).solve_unexplained(lifted, &mut |_| ())?;
    Ok(ButFor::of(LimitClass::LeadTime, &plan))
}

fn lift_any_wait(network: &mut Network) {
    network.routes.iter_mut().for_each(|route| route.lead_time = 0);
    network.lanes.iter_mut().for_each(|lane| lane.lead_time = 0);
}

/// What a plan's reasons say of a class of limits, and what the plan solved again without it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Units late and lost that the reasons put down to the class.
    pub blamed: f64,
    /// Units late and lost that come without it.
    pub come: f64,
    pub without: ButFor,
    /// Whether what is put down to all classes comes where nothing is limited; unknown where each class needs no other.
    come_together: Option<bool>,
}

/// Whether units that come are those put down to limits: of several limits of which each has its crumb of a unit, the crumbs count
/// as one's.
fn accounts_for(come: f64, blamed: f64) -> bool {
    const CRUMB: f64 = 1e-3;
    come >= blamed * (1.0 - CRUMB)
}

impl Verdict {
    /// Whether as many units come without the class as are put down to it.
    pub fn is_confirmed(self) -> bool {
        accounts_for(self.come, self.blamed)
    }

    /// `confirmed`; `joint` where the units come without all limits together; or else `not confirmed`.
    pub fn word(self) -> &'static str {
        match self.come_together {
            _ if self.is_confirmed() => "confirmed",
            Some(true) => "joint",
            _ => "not confirmed",
        }
    }
}

/// Tries every class of limits that is among a plan's reasons, each alone, and where one does not account for its units, all together.
///
/// # Errors
///
/// As [`Resolver::solve`].
pub fn verdicts(
    base: &Plan,
    resolver: &mut Resolver,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Vec<Verdict>, SolveError> {
    let blamed = |class: LimitClass| -> f64 {
        base.reasons.iter().filter(|reason| class.has(reason.cause)).map(|reason| reason.quantity).sum()
    };
    let classes: Vec<(LimitClass, f64)> = LimitClass::ALL.map(|class| (class, blamed(class))).into();
    let classes: Vec<_> = classes.into_iter().filter(|(_, blamed)| *blamed > 0.0).collect();
    let short = base.lost_units() + base.late_unit_periods();
    let come = |without: &ButFor| (short - without.lost_units - without.late_unit_periods).max(0.0);
    let mut verdicts = Vec::new();
    for (done, &(class, blamed)) in classes.iter().enumerate() {
        progress(done, classes.len());
        let verdict = |without: ButFor| Verdict { blamed, come: come(&without), without, come_together: None };
        let mut found = verdict(but_for(&base.network, class, resolver)?);
        if class == LimitClass::LeadTime && !found.is_confirmed() {
            found = verdict(but_for_any_wait(&base.network, resolver)?);
        }
        verdicts.push(found);
    }
    if !verdicts.iter().all(|verdict| verdict.is_confirmed()) {
        let together = without_any(base, resolver)?;
        let holds = accounts_for(short - together, classes.iter().map(|(_, blamed)| blamed).sum());
        verdicts.iter_mut().for_each(|verdict| verdict.come_together = Some(holds));
    }
    Ok(verdicts)
}

/// Units late and lost where nothing limits the plan. Classes that are not blamed are lifted too: of two limits that give out together,
/// all may have been put down to one.
fn without_any(base: &Plan, resolver: &Resolver) -> Result<f64, SolveError> {
    let mut lifted = base.network.clone();
    LimitClass::ALL.into_iter().for_each(|class| class.lift(&mut lifted));
    lift_any_wait(&mut lifted);
    let plan = Resolver::new(resolver.options().clone()).solve_unexplained(lifted, &mut |_| ())?;
    Ok(plan.lost_units() + plan.late_unit_periods())
}
