//! The keys of the workbook, for the settings and for help everywhere.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::ui::Dialog;

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
            ("Ctrl + A", "The table around the cell, then everything"),
            ("Ctrl + Space, Shift + Space", "The column, the row"),
            ("Ctrl + G", "Go to a cell by its name"),
            ("F6, Shift + F6", "On to the panel, the bars, back to the cells"),
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
            ("=", "Begin a formula; then click cells or headers, or use arrows, to point at them"),
            ("Ctrl + arrows there", "Point at the edge of the data; with Shift at all on the way"),
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
            ("Ctrl + B, I, U, 5", "Bold, italic, underlined, struck through"),
            ("Ctrl + Shift + 1, 3, 4, 5", "As number, date, price, per cent (the keys with ! # $ %)"),
            ("Ctrl + Z, Y", "Undo and redo your own edits"),
            ("Ctrl + F, H", "Find, replace"),
        ],
    ),
    (
        "Rows and columns",
        &[
            ("Ctrl + Alt + =", "Insert"),
            ("Ctrl + Alt + −", "Delete"),
            ("Alt + Shift + left, right", "Collapse the group around the cell, show its rows again"),
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

/// The keys, in a dialog that opens by a key itself.
#[component]
pub fn KeyboardHelp(#[prop(default = RwSignal::new(false))] open: RwSignal<bool>) -> impl IntoView {
    let heard = window_event_listener(ev::keydown, move |event| {
        let typing = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let typing = typing.is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
        let asked = event.key() == "F1"
            || (event.key() == "/" && (event.ctrl_key() || event.meta_key()))
            || (event.key() == "?" && !typing);
        if asked {
            event.prevent_default();
            open.update(|open| *open = !*open);
        }
    });
    on_cleanup(move || heard.remove());
    view! {
        <Dialog open=open title="Keyboard">
            <KeyTable />
            <p><a href="/help/functions" target="_blank">"Every function, with its arguments and an example"</a></p>
        </Dialog>
    }
}
