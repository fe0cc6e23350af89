//! Two versions side by side.

use grid_engine::refs::SheetId;
use leptos::prelude::*;

/// Compares versions `a` and `b` (ids, or `live`) of a workbook.
#[component]
pub fn Compare(workbook: SheetId, a: String, b: String) -> impl IntoView {
    view! { <main>{format!("{workbook} {a} {b}")}</main> }
}
