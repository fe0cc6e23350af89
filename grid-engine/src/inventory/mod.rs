//! Stock: how much to keep against uncertainty, how it will develop, how long it lasts, which items matter most.

mod guaranteed_service;
mod projection;
mod safety;
mod segment;

pub use guaranteed_service::{Placed, PlacementError, Stage, place_safety_stock};
pub use projection::{Projected, cover_days, project_stock};
pub use safety::{Uncertainty, safety_stock, service_level};
pub use segment::{Abc, Xyz, abc, xyz};
