//! The help with the keys, over the workbook.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::grid::Grid;
use crate::pages::keys::KeyTable;
use crate::ui::Dialog;

/// The keys, in a dialog that `grid.help` opens.
#[component]
pub fn KeyboardHelp(grid: Grid) -> impl IntoView {
    let heard = window_event_listener(ev::keydown, move |event| {
        let typing = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let typing = typing.is_some_and(|target| matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
        let asked = event.key() == "F1"
            || (event.key() == "/" && (event.ctrl_key() || event.meta_key()))
            || (event.key() == "?" && !typing);
        if asked {
            event.prevent_default();
            grid.help.update(|open| *open = !*open);
        }
    });
    on_cleanup(move || heard.remove());
    view! {
        <Dialog open=grid.help title="Keyboard">
            <KeyTable />
            <p><a href="/help/functions" target="_blank">"Every function, with its arguments and an example"</a></p>
        </Dialog>
    }
}
