//! Choosing a file of this computer.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

/// A file that was chosen.
#[derive(Clone)]
pub struct ChosenFile {
    pub name: String,
    /// As the browser holds it.
    pub file: JsValue,
}

/// A button that asks for a file. One that is too large is refused before it is sent anywhere.
#[component]
pub fn FileButton(
    words: &'static str,
    /// What it says while the file is at work.
    busy_words: &'static str,
    busy: RwSignal<bool>,
    /// The endings it offers, e.g. `.csv,.xlsx`.
    accept: &'static str,
    /// The most it takes, in bytes.
    limit: usize,
    #[prop(into)] on_file: Callback<ChosenFile>,
    /// Told why a file is not taken.
    #[prop(into)]
    on_refused: Callback<String>,
) -> impl IntoView {
    let choose = move |event: leptos::ev::Event| {
        let input = event_target::<JsValue>(&event);
        let of = |object: &JsValue, name: &str| js_sys::Reflect::get(object, &JsValue::from_str(name)).ok();
        let file = of(&input, "files").and_then(|files| js_sys::Reflect::get_u32(&files, 0).ok());
        let Some(file) = file.filter(JsValue::is_object) else { return };
        let name = of(&file, "name").and_then(|name| name.as_string()).unwrap_or_default();
        let size = of(&file, "size").and_then(|size| size.as_f64()).unwrap_or(0.0);
        if size > limit as f64 {
            on_refused.run(too_large(&name, size, limit));
        } else {
            on_file.run(ChosenFile { name, file });
        }
        // The same file may be chosen again once it is put right.
        let _ = js_sys::Reflect::set(&input, &JsValue::from_str("value"), &JsValue::from_str(""));
    };
    view! {
        <label class="button" class:disabled=busy>
            {move || if busy.get() { busy_words } else { words }}
            <input type="file" accept=accept class="sr-only" on:change=choose disabled=busy />
        </label>
    }
}

fn too_large(name: &str, size: f64, limit: usize) -> String {
    const MB: f64 = (1 << 20) as f64;
    format!(
        "{name} has {:.0} MB; at most {:.0} MB are taken here. Leave out what does not change, or import it by the command line.",
        (size / MB).ceil(),
        limit as f64 / MB
    )
}
