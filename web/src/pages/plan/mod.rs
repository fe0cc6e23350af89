//! The parts of a plan's summary, as people read them.

mod actuals;
mod capacity;
mod changes;
mod headline;
mod item_lives;
mod kpis;
mod network;
mod over_time;
mod shortages;
mod slices;

pub use actuals::ActualsTable;
pub use capacity::Capacity;
pub use changes::{WhatChanged, person};
pub use headline::HeadlineFigures;
pub use item_lives::ItemLives;
pub use kpis::KpiCards;
pub use network::SupplyNetwork;
pub use over_time::OverTime;
pub use shortages::Shortages;
pub use slices::{ProfitBridge, SliceTable, Slices, at_plan_length};
