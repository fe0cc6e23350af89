//! Light and dark: the system's preference unless the person chose.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::MediaQueryListEvent;

use super::button::IconButton;
use super::icon::Glyph;

/// Where the choice is kept in the browser.
const KEY: &str = "equipoise.theme";

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

#[derive(Clone, Copy)]
struct Themes {
    chosen: RwSignal<Option<Theme>>,
    shown: Signal<Theme>,
    system: Signal<Theme>,
}

/// Follows the system and the stored choice; call once, at the root.
pub fn provide_theme() {
    let query = window().match_media("(prefers-color-scheme: dark)").ok().flatten();
    let system_dark = RwSignal::new(query.as_ref().is_some_and(web_sys::MediaQueryList::matches));
    if let Some(query) = query {
        let follow = Closure::<dyn FnMut(MediaQueryListEvent)>::new(move |event: MediaQueryListEvent| {
            system_dark.set(event.matches());
        });
        query.set_onchange(Some(follow.as_ref().unchecked_ref()));
        // Lives as long as the page.
        follow.forget();
    }
    let stored = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    let chosen = RwSignal::new(match stored.as_deref() {
        Some("dark") => Some(Theme::Dark),
        Some("light") => Some(Theme::Light),
        _ => None,
    });
    let system = Signal::derive(move || if system_dark.get() { Theme::Dark } else { Theme::Light });
    let shown = Signal::derive(move || chosen.get().unwrap_or_else(|| system.get()));
    Effect::new(move || {
        let name = match shown.get() {
            Theme::Dark => "dark",
            Theme::Light => "light",
        };
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-theme", name);
        }
        if let Some(storage) = storage() {
            // A full or forbidden storage only means the choice is not remembered.
            let _ = match chosen.get() {
                Some(_) => storage.set_item(KEY, name),
                None => storage.remove_item(KEY),
            };
        }
    });
    provide_context(Themes { chosen, shown, system });
}

/// The theme on the screen; what paints on a canvas repaints when it changes.
pub fn use_theme() -> Signal<Theme> {
    use_context::<Themes>().map_or_else(|| Signal::stored(Theme::Light), |themes| themes.shown)
}

/// What was chosen; nothing while the system decides.
pub fn use_chosen_theme() -> RwSignal<Option<Theme>> {
    use_context::<Themes>().map_or_else(|| RwSignal::new(None), |themes| themes.chosen)
}

/// Switches between light and dark; back at the system's, it follows that again.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let Some(themes) = use_context::<Themes>() else { return ().into_any() };
    let switch = move |_| {
        let next = match themes.shown.get_untracked() {
            Theme::Dark => Theme::Light,
            Theme::Light => Theme::Dark,
        };
        themes.chosen.set((next != themes.system.get_untracked()).then_some(next));
    };
    (move || {
        let (icon, label) = match themes.shown.get() {
            Theme::Dark => (Glyph::Sun, "Light theme"),
            Theme::Light => (Glyph::Moon, "Dark theme"),
        };
        view! { <IconButton icon=icon label=label class="tip-end" on_click=switch /> }
    })
    .into_any()
}

fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}
