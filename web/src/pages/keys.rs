//! The keys of the workbook, for its help and the settings.

use leptos::prelude::*;

/// Groups of keys, each with what they do.
const KEYS: [(&str, &[(&str, &str)]); 5] = [
    (
        "Move and select",
        &[
            ("Arrows", "One cell on"),
            ("Ctrl + arrows", "To the edge of the data"),
            ("Shift + any of these", "Select on the way"),
            ("Home, End", "First and last column"),
            ("Ctrl + Home, End", "First and last cell"),
            ("Page up, down", "One screen"),
            ("Ctrl + Page up, down", "Previous and next sheet"),
            ("Ctrl + A", "Everything"),
            ("Ctrl + Space, Shift + Space", "The column, the row"),
            ("Ctrl + G", "Go to a cell by its name"),
        ],
    ),
    (
        "Enter",
        &[
            ("Type", "Write over the cell"),
            ("F2", "Edit what it holds"),
            ("Enter, Tab", "Take it and move on; with Shift, back"),
            ("Ctrl + Enter", "Into all selected cells"),
            ("Alt + Enter", "A new line"),
            ("Escape", "Leave it as it was"),
            ("Delete", "Clear"),
            ("Ctrl + ;", "Today"),
            ("Alt + down", "The list of what the cell accepts"),
            ("Shift + F2", "Note or reason"),
            ("Ctrl + Alt + M", "Comment; @ calls somebody"),
        ],
    ),
    (
        "Formulas",
        &[
            ("=", "Begin a formula; then click or use arrows to point at cells"),
            ("F4", "Fix a reference with $"),
            ("Alt + =", "Sum what is above or to the left"),
            ("Tab", "Take the function in the list"),
            ("Ctrl + [, ]", "Mark what the cell follows from, what follows from it"),
        ],
    ),
    (
        "Copy and fill",
        &[
            ("Ctrl + C, X, V", "Copy, cut, paste"),
            ("Ctrl + Shift + V", "Paste values"),
            ("Ctrl + D, R", "Fill down, to the right"),
            ("Ctrl + Z, Y", "Undo and redo your own edits"),
            ("Ctrl + F, H", "Find, replace"),
        ],
    ),
    (
        "Rows and columns",
        &[
            ("Ctrl + Alt + =", "Insert"),
            ("Ctrl + Alt + −", "Delete"),
            ("Menu key, Shift + F10", "Everything one can do with a cell"),
            ("F1, Ctrl + /", "This page; ? as well, outside a sheet"),
        ],
    ),
];

/// The keys and what they do.
#[component]
pub fn KeyTable() -> impl IntoView {
    view! {
        <div class="key-groups">
            {KEYS
                .iter()
                .map(|(title, keys)| {
                    view! {
                        <section>
                            <h3>{*title}</h3>
                            <dl>
                                {keys
                                    .iter()
                                    .map(|(key, what)| view! { <div><dt><kbd>{*key}</kbd></dt><dd>{*what}</dd></div> })
                                    .collect_view()}
                            </dl>
                        </section>
                    }
                })
                .collect_view()}
        </div>
    }
}
