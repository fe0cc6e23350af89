//! What would be short but for one class of limits: the plan solved again with that class lifted.
//!
//! The second layer of the reasons. Marginal values say what stands on a unit's way; a re-solve confirms that
//! without it the unit would have come. Where no single class does, the causes act jointly.

use super::network::Network;
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
    let plan = resolver.solve(lifted, &mut |_| ())?;
    Ok(ButFor {
        class,
        lost_units: plan.lost_units(),
        late_unit_periods: plan.late_unit_periods(),
        cost: plan.costs.total(),
    })
}
