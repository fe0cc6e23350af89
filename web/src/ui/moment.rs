//! Moments in the reader's own time zone.

use crate::figures::MONTHS;

/// Day and time of milliseconds since 1970: `22 Nov 2026, 18:05`.
pub fn moment(at: i64) -> String {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at as f64));
    let month = MONTHS.get(date.get_month() as usize).copied().unwrap_or_default();
    format!("{} {month} {}, {:02}:{:02}", date.get_date(), date.get_full_year(), date.get_hours(), date.get_minutes())
}
