//! Frames of sheets as tables: roll-ups and joins of versions. The only room that knows polars.

mod compare;

pub use compare::{CompareError, VersionFrame, compare, role_of_measure};
