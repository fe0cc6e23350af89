//! How the numbers of the selected cells are shown, and how cells are written.

use leptos::prelude::*;

use crate::grid::Grid;
use crate::grid::cell_style::COLOURS;
use crate::ui::{Menu, MenuItem};

/// Formats by the names documents have for them, with a number in each.
const FORMATS: [(&str, &str, &str); 7] = [
    ("general", "Plain number", "1234.5"),
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
            <MenuItem on_click=move |()| grid.set_format(None)>"Automatic"</MenuItem>
        </Menu>
    }
}

/// Words of style with what people call them, and the keys that do the same.
const MARKS: [(&str, &str, &str); 4] = [
    ("bold", "Bold", "Ctrl+B"),
    ("italic", "Italic", "Ctrl+I"),
    ("underline", "Underline", "Ctrl+U"),
    ("strike", "Strikethrough", "Ctrl+5"),
];
/// How the colours of tabs and styles are offered.
const STYLE: &str = include_str!("../../../styles/sheets.css");
const SIDES: [(&str, &str); 3] = [("left", "Align left"), ("center", "Align in the middle"), ("right", "Align right")];

/// The menu of styles.
#[component]
pub fn StyleMenu(grid: Grid) -> impl IntoView {
    let mark = move |word: &'static str, words: &'static str, keys: &'static str| {
        view! { <MenuItem checked=grid.has_style(word) keys=keys on_click=move |()| grid.set_style(word)>{words}</MenuItem> }
    };
    let colours = move |kind: &'static str, of: &'static str| {
        let colour = move |name: &'static str| {
            let word = format!("{kind}-{name}");
            let words = format!("{of} {name}");
            let (is_on, tab) = (grid.has_style(&word).to_string(), format!("--tab: var(--{word})"));
            view! {
                <button type="button" class="menu-item" role="menuitemradio" aria-checked=is_on aria-label=words.clone() title=words style=tab
                    on:click=move |_| grid.set_style(&word)></button>
            }
        };
        view! { <div class="tab-colours" role="group" aria-label=of>{COLOURS.map(colour).collect_view()}</div> }
    };
    view! {
        <Menu label="Style" class="quiet" face=|| view! { <b class="tool-sign">"B"</b> <span class="tool-words">"Style"</span> }>
            <style>{STYLE}</style>
            {MARKS.map(|(word, words, keys)| mark(word, words, keys)).collect_view()}
            <div class="menu-rule"></div>
            {SIDES.map(|(word, words)| mark(word, words, "")).collect_view()}
            <div class="menu-rule"></div>
            <p class="menu-words">"Text"</p>
            {colours("ink", "Text")}
            <p class="menu-words">"Ground"</p>
            {colours("fill", "Ground")}
            <div class="menu-rule"></div>
            <MenuItem on_click=move |()| grid.clear_style()>"No style"</MenuItem>
        </Menu>
    }
}
