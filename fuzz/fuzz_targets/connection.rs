//! Whatever three people send over their connections: the workbook goes on, and its disk holds what it holds.
#![no_main]

#[path = "../../tests/live/connection.rs"]
mod connection;
#[allow(dead_code)]
#[path = "../../tests/live/disk.rs"]
mod disk;
#[allow(dead_code)]
#[path = "../../tests/live/plan.rs"]
mod plan;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|script: &[u8]| {
    connection::play(script);
});
