//! Sheet tabs dragged to another place among the others.

use grid_engine::refs::SheetId;
use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{DragEvent, Element, EventTarget};

/// The side of a tab on which another one is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

/// Marks where a tab that is dragged would come to stand, and tells where it was dropped: which, beside which, on which side.
pub fn listen_to_drags(put: impl Fn(SheetId, SheetId, Side) + 'static) {
    let dragged = StoredValue::new(None::<SheetId>);
    let unmark = || {
        if let Ok(Some(tab)) = document().query_selector(".tabbar [data-drop]") {
            let _ = tab.remove_attribute("data-drop");
        }
    };
    let started = window_event_listener(ev::dragstart, move |event| {
        dragged.set_value(tab_of(event.target()).map(|(_, sheet)| sheet));
    });
    let over = window_event_listener(ev::dragover, move |event| {
        unmark();
        if let Some((_, tab, _, side)) = landing(dragged.get_value(), &event) {
            event.prevent_default();
            let _ = tab.set_attribute("data-drop", if side == Side::Before { "before" } else { "after" });
        }
    });
    let dropped = window_event_listener(ev::drop, move |event| {
        if let Some((sheet, _, other, side)) = landing(dragged.get_value(), &event) {
            event.prevent_default();
            put(sheet, other, side);
        }
    });
    let ended = window_event_listener(ev::dragend, move |_| {
        unmark();
        dragged.set_value(None);
    });
    on_cleanup(move || [started, over, dropped, ended].into_iter().for_each(|heard| heard.remove()));
}

/// The tab an event is about, and its sheet.
fn tab_of(target: Option<EventTarget>) -> Option<(Element, SheetId)> {
    let tab = target?.dyn_into::<Element>().ok()?.closest(".tabbar [data-sheet]").ok()??;
    let sheet = tab.get_attribute("data-sheet")?.parse().ok()?;
    Some((tab, sheet))
}

/// What is dragged, the tab it is over, that one's sheet, and the side it is on; `None` over itself or elsewhere.
fn landing(dragged: Option<SheetId>, event: &DragEvent) -> Option<(SheetId, Element, SheetId, Side)> {
    let dragged = dragged?;
    let (tab, other) = tab_of(event.target()).filter(|(_, other)| *other != dragged)?;
    let bounds = tab.get_bounding_client_rect();
    let is_left = f64::from(event.client_x()) < bounds.left() + bounds.width() / 2.0;
    Some((dragged, tab, other, if is_left { Side::Before } else { Side::After }))
}
