//! How the numbers of the selected cells are shown.

use leptos::prelude::*;

use crate::grid::Grid;
use crate::ui::{Menu, MenuItem};

/// Formats by the names documents have for them, with a number in each.
const FORMATS: [(&str, &str, &str); 7] = [
    ("general", "Automatic", "1234.5"),
    ("whole", "Whole number", "1,235"),
    ("decimal", "Two decimals", "1,234.50"),
    ("percent", "Percent", "12.3 %"),
    ("price", "Money with cents", "1,234.50"),
    ("date", "Date", "2026-03-01"),
    ("text", "Text", "007"),
];

/// The menu of number formats.
#[component]
pub fn FormatMenu(grid: Grid) -> impl IntoView {
    view! {
        <Menu label="Number format" class="quiet" face=|| view! { <b class="tool-sign">"0.0"</b> <span class="tool-words">"Format"</span> }>
            {FORMATS
                .iter()
                .map(|&(name, words, example)| {
                    view! { <MenuItem keys=example on_click=move |()| grid.set_format(Some(name))>{words}</MenuItem> }
                })
                .collect_view()}
            <div class="menu-rule"></div>
            <MenuItem on_click=move |()| grid.set_format(None)>"As the measure says"</MenuItem>
        </Menu>
    }
}
