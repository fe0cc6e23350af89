//! Going round the parts of the workbook's page by F6, as office programs have it: Tab stays among the cells.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use crate::grid::Grid;

/// The parts, in their order; those that are not there are passed over.
const REGIONS: [&str; 6] = [".grid-scroll", ".sidepanel", ".tabbar", ".topbar", ".toolbar", ".formulabar"];
/// What takes the focus.
const FOCUSABLE: &str = "a[href], button:not([disabled]), input:not([disabled]), select, textarea, [tabindex='0']";

/// Lets F6 go on to the next part, and Shift + F6 back.
pub fn follow_f6(grid: Grid) {
    let heard = window_event_listener(ev::keydown, move |event| {
        if event.key() != "F6" {
            return;
        }
        event.prevent_default();
        let here = document().active_element();
        let is_here = |region: &&str| here.as_ref().is_some_and(|here| matches!(here.closest(region), Ok(Some(_))));
        let at = REGIONS.iter().position(is_here).unwrap_or(0);
        let count = REGIONS.len();
        let next = |step: usize| REGIONS[(at + if event.shift_key() { count - step } else { step }) % count];
        (1..=count).map(next).find(|region| enter(grid, region));
    });
    on_cleanup(move || heard.remove());
}

/// Puts the focus into a part; whether it could be.
fn enter(grid: Grid, region: &str) -> bool {
    if region == REGIONS[0] {
        grid.focus();
        return true;
    }
    let Ok(Some(found)) = document().query_selector(region) else { return false };
    // Where something is chosen already, such as a tab, that is where one goes.
    let chosen = found.query_selector("[aria-selected='true'], [aria-current='page']").ok().flatten();
    let first = || found.query_selector(FOCUSABLE).ok().flatten();
    let Some(target) = chosen.filter(|chosen| chosen.matches(FOCUSABLE).unwrap_or(false)).or_else(first) else {
        return false;
    };
    target.dyn_ref::<HtmlElement>().is_some_and(|target| target.focus().is_ok()) && is_within(&target, region)
}

/// Whether the focus has come to where it was put: what is not displayed does not take it.
fn is_within(target: &Element, region: &str) -> bool {
    document().active_element().is_some_and(|now| now == *target) && matches!(target.closest(region), Ok(Some(_)))
}
