//! Pages that stay as the plan is: what has changed is read again, and what the reader does on the page stays as it is.

use std::time::Duration;

use grid_engine::refs::SheetId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};

use crate::api;

/// How often a page that is seen asks whether anything has changed.
const EVERY: Duration = Duration::from_secs(3);
/// What readers open and scroll by themselves.
const PLACES: &str = "main details, main .scroll";

/// A number that is another one whenever versions, actuals, alerts, scenarios or decisions of a plan have changed since
/// the page was opened.
pub fn revision(workbook: SheetId) -> Signal<i64> {
    let known = StoredValue::new(None::<i64>);
    let changed = RwSignal::new(0);
    let ask = move || {
        if document().hidden() {
            return;
        }
        spawn_local(async move {
            // Whoever cannot be asked now is asked again.
            let Ok(now) = api::revision(workbook).await else { return };
            let before = known.try_update_value(|known| known.replace(now)).flatten();
            if before.is_some_and(|before| before != now) {
                changed.try_set(now);
            }
        });
    };
    ask();
    if let Ok(every) = set_interval_with_handle(ask, EVERY) {
        on_cleanup(move || every.clear());
    }
    changed.into()
}

/// Runs whenever a revision has become another.
pub fn on_news(revision: Signal<i64>, run: impl Fn() + 'static) {
    Effect::new(move |before: Option<()>| {
        revision.track();
        if before.is_some() {
            run();
        }
    });
}

/// Shows what was read anew, where it is something else, and leaves open what is open and scrolled what is scrolled.
pub fn renew<T: PartialEq + Send + Sync + 'static>(shown: RwSignal<T>, found: T) {
    if shown.try_with_untracked(|shown| *shown != found) != Some(true) {
        return;
    }
    let before = places();
    shown.set(found);
    // What is shown is drawn by now, and nothing of it is painted.
    request_animation_frame(move || {
        for place in places() {
            if let Some(before) = before.iter().find(|before| before.key == place.key) {
                place.become_like(before);
            }
        }
    });
}

/// The same for what could not be read this time: what is known stays.
pub fn renew_known<T, E>(shown: RwSignal<Option<Result<T, E>>>, found: Result<T, E>)
where
    T: PartialEq + Send + Sync + 'static,
    E: PartialEq + Send + Sync + 'static,
{
    let is_known = shown.try_with_untracked(|shown| matches!(shown, Some(Ok(_))));
    if found.is_ok() || is_known != Some(true) {
        renew(shown, Some(found));
    }
}

/// Something that is open or scrolled, known by its words when it is drawn again.
struct Place {
    key: String,
    element: Element,
    is_open: bool,
    scrolled: (i32, i32),
}

impl Place {
    fn become_like(&self, before: &Self) {
        let _ = self.element.toggle_attribute_with_force("open", before.is_open);
        self.element.set_scroll_left(before.scrolled.0);
        self.element.set_scroll_top(before.scrolled.1);
    }
}

fn places() -> Vec<Place> {
    let Ok(found) = document().query_selector_all(PLACES) else { return Vec::new() };
    let elements = (0..found.length()).filter_map(|at| found.get(at)?.dyn_into::<Element>().ok());
    let place = |element: Element| Place {
        key: key_of(&element),
        is_open: element.has_attribute("open"),
        scrolled: (element.scroll_left(), element.scroll_top()),
        element,
    };
    elements.map(place).collect()
}

/// The name of a part of the page after those of all that holds it; without the figures beside the names, which change.
fn key_of(element: &Element) -> String {
    let named = |of: &str| element.query_selector(of).ok().flatten().and_then(|found| Node::from(found).text_content());
    let own =
        element.get_attribute("aria-label").or_else(|| named("summary > :first-child")).or_else(|| named("summary"));
    let own = own.or_else(|| named("h2, h3")).unwrap_or_default();
    let around = element.parent_element().and_then(|parent| parent.closest("details, section").ok().flatten());
    around.map_or_else(|| own.clone(), |around| format!("{} / {own}", key_of(&around)))
}
