//! Following the size of an element.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::ResizeObserver;

/// Runs something whenever the size of an element has changed, and once with the page's first layout of it.
pub fn on_resize(node: NodeRef<html::Div>, run: impl Fn() + Copy + 'static) {
    Effect::new(move || {
        let Some(element) = node.get() else { return };
        let observe = Closure::<dyn Fn()>::new(run);
        if let Ok(observer) = ResizeObserver::new(observe.as_ref().unchecked_ref()) {
            observer.observe(&element);
            let kept = StoredValue::new_local((observer, observe));
            on_cleanup(move || kept.try_with_value(|(observer, _)| observer.disconnect()).unwrap_or(()));
        }
    });
}
