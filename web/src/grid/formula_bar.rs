//! The formula bar: where one is, and what the cell holds.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::handle::Grid;
use crate::ui::{Glyph, Icon};

/// As many lines are on show at most while the bar is typed in; beyond, it scrolls.
const MOST_LINES: usize = 10;

/// The bar of a grid.
#[component]
pub fn FormulaBar(grid: Grid) -> impl IntoView {
    let active = move || grid.active.get();
    let text = move || match grid.editing.get() {
        Some(editing) => editing.text,
        None => active().map(|active| active.text).unwrap_or_default(),
    };
    // A formula being written for another cell can be written on while a locked one is looked at.
    let locked = move || {
        let is_editing = grid.editing.with(Option::is_some);
        active().and_then(|active| active.locked).filter(|_| !is_editing)
    };
    let lines = move || text().split('\n').count();
    let more_lines = move || {
        let more = lines() - 1;
        (more > 0 && grid.editing.with(Option::is_none))
            .then(|| if more == 1 { "+1 line".to_owned() } else { format!("+{more} lines") })
    };
    let aside = move || active().and_then(|active| active.error.or(active.note));
    let is_error = move || active().is_some_and(|active| active.error.is_some());
    let on_focus = move |_| {
        if locked().is_none() {
            grid.edit_in_bar();
        }
    };
    let on_input = move |event| {
        let text = event_target_value(&event);
        if grid.editing.with_untracked(Option::is_none) {
            grid.begin(Some(text.clone()), false, true);
        }
        grid.retype(text);
    };
    let name_box = NodeRef::<leptos::html::Input>::new();
    let address = move || active().map(|active| active.address).unwrap_or_default();
    Effect::new(move |before: Option<u64>| {
        let asked = grid.going.get();
        if before.is_some_and(|before| before != asked)
            && let Some(name_box) = name_box.get_untracked()
        {
            let _ = name_box.focus();
        }
        asked
    });
    let on_name_key = move |event: KeyboardEvent| {
        let Some(name_box) = name_box.get_untracked() else { return };
        match event.key().as_str() {
            "Enter" if grid.go_to_name(&name_box.value()) => {}
            "Escape" => grid.focus(),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div class="formulabar" role="group" aria-label="Formula bar">
            <div class="where" data-testid="address" title=address>
                <Show when=move || locked().is_some()>
                    <span class="lock" title=move || locked().unwrap_or_default()><Icon name=Glyph::Lock /></span>
                </Show>
                <input
                    class="name-box"
                    node_ref=name_box
                    aria-label="Cell; type where to go"
                    autocomplete="off"
                    spellcheck="false"
                    prop:value=address
                    on:focus=move |_| name_box.get_untracked().iter().for_each(|field| field.select())
                    on:blur=move |_| name_box.get_untracked().iter().for_each(|field| field.set_value(&address()))
                    on:keydown=on_name_key
                />
            </div>
            <span class="fx" aria-hidden="true">"fx"</span>
            <div class="bar-entry">
                <textarea
                    class="entry"
                    node_ref=grid.bar
                    rows=move || lines().min(MOST_LINES).to_string()
                    aria-label="Contents of the cell"
                    autocomplete="off"
                    spellcheck="false"
                    readonly=move || locked().is_some()
                    title=move || locked().unwrap_or_default()
                    prop:value=text
                    on:focus=on_focus
                    on:input=on_input
                    on:keydown=move |event: KeyboardEvent| grid.on_bar_key(&event)
                ></textarea>
                {move || more_lines().map(|words| view! { <span class="more-lines">{words}</span> })}
                <Show when=move || aside().is_some()>
                    <span class="aside" class:wrong=is_error title=move || aside().unwrap_or_default()>{aside}</span>
                </Show>
            </div>
        </div>
    }
}
