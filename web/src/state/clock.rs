//! The time of this browser.

/// Milliseconds since 1970.
pub fn millis() -> i64 {
    js_sys::Date::now() as i64
}

/// Milliseconds since 1970, to compare.
pub fn now() -> f64 {
    js_sys::Date::now()
}

/// Local date and time as a spreadsheet serial.
pub fn serial() -> f64 {
    const DAY_MS: f64 = 86_400_000.0;
    const SERIAL_1970: f64 = 25_569.0;
    let offset_ms = js_sys::Date::new_0().get_timezone_offset() * 60_000.0;
    (js_sys::Date::now() - offset_ms) / DAY_MS + SERIAL_1970
}
