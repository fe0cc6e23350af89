//! The frozen plan for people who read.

use grid_engine::refs::SheetId;
use leptos::prelude::*;

/// The consensus of a workbook.
#[component]
pub fn Consensus(workbook: SheetId) -> impl IntoView {
    view! { <main>{workbook.to_string()}</main> }
}
