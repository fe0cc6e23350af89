//! Stock: how much to keep against uncertainty, how it will develop, how long it lasts, which items matter most.

mod empirical;
mod guaranteed_service;
mod policy;
mod projection;
mod safety;
mod segment;

pub use empirical::{LeadTimeErrors, empirical_safety_stock, rare_safety_stock};
pub use guaranteed_service::{Placed, PlacementError, Stage, place_safety_stock};
pub use policy::{Basis, Exception, Exceptions, LevelFrom, Policy, Position, Proposal, Rule, propose};
pub use projection::{Projected, cover_days, project_stock};
pub use safety::{Uncertainty, safety_stock, service_level};
pub use segment::{Abc, Xyz, abc, xyz};
