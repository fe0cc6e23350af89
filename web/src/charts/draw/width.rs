//! The width a chart has, followed as the page changes.

use std::cell::Cell;

use leptos::html;
use leptos::prelude::*;

use crate::ui::on_resize;

/// Before the first measurement of all.
const ASSUMED: f64 = 640.0;

thread_local! {
    /// What was measured last: a chart that replaces another has most often the same width.
    static LAST: Cell<f64> = const { Cell::new(ASSUMED) };
}

/// The width of an element in CSS pixels.
pub fn use_width(node: NodeRef<html::Div>) -> Signal<f64> {
    let width = RwSignal::new(LAST.get());
    // Called for the first time with the page's next layout: measuring now would ask for one of its own.
    on_resize(node, move || {
        let now = node.get_untracked().map_or(0.0, |element| f64::from(element.client_width()));
        // Hidden elements have no width: keep the last one.
        if now <= 0.0 {
            return;
        }
        LAST.set(now);
        if width.try_get_untracked().is_some_and(|before| (before - now).abs() >= 1.0) {
            width.try_set(now);
        }
    });
    width.into()
}
