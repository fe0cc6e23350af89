//! The workbook page.

use grid_engine::refs::{Id, SheetId};
use leptos::prelude::*;

/// A workbook, live or as a frozen version.
#[component]
pub fn WorkbookPage(workbook: SheetId, version: Option<Id>) -> impl IntoView {
    view! { <main>{format!("{workbook} {version:?}")}</main> }
}
