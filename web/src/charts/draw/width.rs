//! The width a chart has, followed as the page changes.

use std::cell::Cell;

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::ResizeObserver;

/// Before the first measurement of all.
const ASSUMED: f64 = 640.0;

thread_local! {
    /// What was measured last: a chart that replaces another has most often the same width.
    static LAST: Cell<f64> = const { Cell::new(ASSUMED) };
}

/// The width of an element in CSS pixels.
pub fn use_width(node: NodeRef<html::Div>) -> Signal<f64> {
    let width = RwSignal::new(LAST.get());
    Effect::new(move || {
        let Some(element) = node.get() else { return };
        let measured = element.clone();
        let measure = move || {
            let now = f64::from(measured.client_width());
            // Hidden elements have no width: keep the last one.
            if now <= 0.0 {
                return;
            }
            LAST.set(now);
            if width.try_get_untracked().is_some_and(|before| (before - now).abs() >= 1.0) {
                width.try_set(now);
            }
        };
        // Called for the first time with the page's next layout: measuring now would ask for one of its own.
        let callback = Closure::<dyn Fn()>::new(measure);
        if let Ok(observer) = ResizeObserver::new(callback.as_ref().unchecked_ref()) {
            observer.observe(&element);
            let kept = StoredValue::new_local((observer, callback));
            on_cleanup(move || kept.try_with_value(|(observer, _)| observer.disconnect()).unwrap_or(()));
        }
    });
    width.into()
}
