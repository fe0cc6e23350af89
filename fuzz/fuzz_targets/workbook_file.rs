//! A workbook file with any one of its parts replaced is read and calculated, or refused with a reason.
#![no_main]

#[allow(dead_code)]
#[path = "../../server/src/exchange/workbook_file/sample.rs"]
mod sample;
// The server's reader alone: with the whole server a run would begin by compiling its database and solver.
#[allow(dead_code, unused_imports)]
#[path = "../../server/src/exchange/workbook_file/mod.rs"]
mod workbook_file;

use grid_engine::workbook::Clock;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|part: (u8, &str)| {
    let mut parts = sample::parts();
    let (which, text) = part;
    let place = usize::from(which) % parts.len();
    parts[place].1 = text.to_owned();
    if let Ok(file) = workbook_file::read_bytes(&sample::zipped(&parts)) {
        file.calculate(Clock { now: 46_000.0, seed: 1 });
    }
});
