//! The one place the server reads the time.

use std::time::{SystemTime, UNIX_EPOCH};

use grid_engine::workbook::Clock;

const MILLISECONDS_PER_DAY: f64 = 86_400_000.0;
/// 1970-01-01 as a spreadsheet serial.
const EPOCH_SERIAL: f64 = 25_569.0;

/// Milliseconds since 1970.
pub fn now_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
}

/// Now and a fresh seed, for one recalculation.
pub fn recalculation_clock() -> Clock {
    Clock { seed: rand::random(), ..clock_at(now_ms()) }
}

/// A moment, in milliseconds since 1970, and always the same seed.
pub fn clock_at(at: i64) -> Clock {
    Clock { now: EPOCH_SERIAL + at as f64 / MILLISECONDS_PER_DAY, seed: 1 }
}
