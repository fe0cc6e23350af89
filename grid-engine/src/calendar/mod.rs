//! Time as planners cut it: dates as spreadsheet serials, buckets of a month or a week, horizons.

mod bucket;
mod date;

pub use bucket::{BadBucket, Bucket, Grain, Horizon};
pub use date::Date;
