//! The windows of this browser by their names: what each is called, and which are open.

use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Where a window's name waits while its page is loaded anew.
const NAME: &str = "equipoise.window";
/// What the browser's locks begin with that windows hold by their names.
const LOCK: &str = "equipoise.window.";

/// The name of this window: the same after its page was loaded anew, another in a copy of the tab.
pub fn name() -> String {
    let storage = window().session_storage().ok().flatten();
    let known = storage.as_ref().and_then(|storage| storage.get_item(NAME).ok().flatten());
    if let Some(storage) = storage {
        // A copy of the tab gets a copy of this storage: the name stands there only between two pages.
        let _ = storage.remove_item(NAME);
    }
    known.unwrap_or_else(|| format!("{:x}", (js_sys::Math::random() * (1_u64 << 52) as f64) as u64))
}

/// Leaves the name for the page that is loaded in this window next.
pub fn leave(name: &str) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = storage.set_item(NAME, name);
    }
}

/// Holds the browser's lock of this name for as long as the page lives: it ends with the page however that is closed.
pub fn hold(name: &str) {
    // A lock is held until what its holder promised has come: this never comes.
    let forever = Closure::once_into_js(|_lock: JsValue| Promise::new(&mut |_, _| {}));
    let _ = ask("request", &Array::of2(&format!("{LOCK}{name}").into(), &forever));
}

/// The names of the windows that are open, of all of this browser; `None` where it cannot tell: it has no locks for a
/// page that came over plain HTTP from elsewhere.
pub async fn living() -> Option<Vec<String>> {
    let answer = JsFuture::from(ask("query", &Array::new())?).await.ok()?;
    let held: Array = Reflect::get(&answer, &"held".into()).ok()?.dyn_into().ok()?;
    let name = |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string();
    Some(held.iter().filter_map(name).filter_map(|name| Some(name.strip_prefix(LOCK)?.to_owned())).collect())
}

/// Asks the browser's keeper of locks, which `web-sys` has among its unstable interfaces only.
fn ask(method: &str, args: &Array) -> Option<Promise> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let method: Function = Reflect::get(&locks, &method.into()).ok()?.dyn_into().ok()?;
    method.apply(&locks, args).ok()?.dyn_into().ok()
}
