//! Room in memory before a workbook needs it.

/// What a large workbook takes; what is not used costs nothing but addresses.
const BYTES: usize = 96 << 20;

/// Makes room for a workbook in one step. In a browser memory otherwise grows by 64 KiB at a time, each time after a
/// collection of garbage: more than half of the first calculation of 200,000 cells went there.
pub fn make_room() {
    let mut room: Vec<u8> = Vec::new();
    // Without so much room it grows step by step as before.
    if room.try_reserve_exact(BYTES).is_ok() {
        // Seen from outside, so that making and giving back is not left out as useless.
        std::hint::black_box(&mut room);
    }
}
