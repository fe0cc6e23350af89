//! Moments in the reader's own time zone.

use grid_engine::calendar::Date;

use crate::figures::MONTHS;

/// A day such as `2026-11-22` in the same words: `22 Nov 2026`. What is no day stays as it is.
pub fn day(iso: &str) -> String {
    match iso.parse::<Date>() {
        Ok(date) => {
            let (year, month, day) = date.ymd();
            format!("{day} {} {year}", MONTHS[month as usize - 1])
        }
        Err(_) => iso.to_owned(),
    }
}

/// Day and time of milliseconds since 1970: `22 Nov 2026, 18:05`.
pub fn moment(at: i64) -> String {
    let date = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at as f64));
    let month = MONTHS.get(date.get_month() as usize).copied().unwrap_or_default();
    format!("{} {month} {}, {:02}:{:02}", date.get_date(), date.get_full_year(), date.get_hours(), date.get_minutes())
}
