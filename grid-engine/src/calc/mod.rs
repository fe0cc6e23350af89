//! Calculation: which values follow from which, in what order, and which must be computed again.
//!
//! - Values lie in columns (`store`); a cell is found by ids or, inside, by its place.
//! - A formula's reads are edges to cells, rectangles and measures (`edges`), never one edge per cell of these.
//! - A change marks everything that follows from it as out of date (`propagate`); then each such cell is
//!   evaluated, and whatever it turns out to need first is evaluated before it (`settle`). An order by measure and
//!   bucket (`order`) makes that a rare case; results never depend on the order.
//! - On a planning sheet a measure's formula is one thing for all rows and buckets; what is marked is rows of columns.
//! - Cells that wait for each other in a circle get `#CIRC!`; one that is broken calculates again.

mod absent;
mod cache;
mod calculation;
mod edges;
mod facts;
mod grow;
mod ids;
mod intervals;
mod job_key;
mod jobs;
mod lay_out;
mod layout;
mod links;
mod matching;
mod moves;
mod naming;
mod official;
mod order;
mod paged;
mod places;
mod prepare;
mod program;
mod propagate;
mod ranges;
mod reach;
mod reading;
mod recent;
mod rectangle;
mod rowset;
mod running_totals;
mod settle;
mod sheet;
mod sheets_needed;
mod spill;
mod store;
mod tables;
mod trace;
mod version_facts;

pub use calculation::{Calculation, Outcome};
pub use facts::Facts;
pub use job_key::JobKey;
pub use jobs::{AskedPlan, JobRequest};
pub use layout::{Content, Entries, Entry, Layout, MeasureLayout};
pub use reach::{Reach, Seed};
pub use trace::Area;
pub use version_facts::{VersionMeasure, VersionValues};
