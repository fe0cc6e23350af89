//! Find and replace on the sheet on show.

use grid_engine::doc::MeasureKind;
use grid_engine::workbook::Source;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::find::Search;
use super::handle::Grid;
use super::layout::Layout;
use super::selection::Spot;
use super::source::SheetSource;
use crate::state::Tone;
use crate::ui::{Button, Glyph, IconButton};

impl Grid {
    /// Goes to the next (or previous) cell whose text matches. Returns whether there is one.
    fn find_next(&self, search: &Search, backwards: bool) -> bool {
        let found = self.with(|state| {
            let (layout, source) = (state.layout.as_ref()?, &*state.source);
            let (lines, cols) = (layout.lines.len(), layout.columns.len());
            let count = lines * cols;
            let start = state.selection.active.line * cols + state.selection.active.col;
            let at = (1..=count)
                .map(|step| if backwards { (start + count - step) % count } else { (start + step) % count })
                .map(|index| Spot { line: index / cols, col: index % cols })
                .find(|&at| holds(layout, source, at, search))?;
            state.selection.put(at);
            Some(at)
        });
        let Some(at) = found.flatten() else { return false };
        self.reveal(at);
        self.selection_changed();
        true
    }

    /// Replaces in the active cell, or in every cell of the sheet. Returns how many were changed.
    fn replace(&self, search: &Search, by: &str, all: bool) -> Result<usize, String> {
        let entries = self.with(|state| {
            let (layout, source) = (state.layout.as_ref()?, &*state.source);
            let active = state.selection.active;
            let every = layout.lines.len() * layout.columns.len();
            let cols = layout.columns.len();
            let spots = (0..every).map(|index| Spot { line: index / cols, col: index % cols });
            let texts = spots
                .filter(|at| all || *at == active)
                .filter_map(|at| Some((at, entered(layout, source, at)?)))
                .filter(|(_, text)| search.matches(text))
                .map(|(at, text)| (at, search.replaced(&text, by)));
            Some(texts.collect::<Vec<(Spot, String)>>())
        });
        let entries = entries.flatten().unwrap_or_default();
        if entries.is_empty() {
            return Ok(0);
        }
        self.write(&entries, None).map(|()| entries.len())
    }
}

/// Whether a cell shows, or holds as entered, what is looked for.
fn holds(layout: &Layout, source: &dyn SheetSource, at: Spot, search: &Search) -> bool {
    let Some(cell) = layout.cell(at).filter(|_| layout.in_span(at)) else { return false };
    search.matches(&source.face(cell).text) || entered(layout, source, at).is_some_and(|text| search.matches(&text))
}

/// What a person entered in a cell and may change; a whole measure's formula is not theirs.
fn entered(layout: &Layout, source: &dyn SheetSource, at: Spot) -> Option<String> {
    let cell = layout.cell(at)?;
    let own = match source.face(cell).source {
        Source::Input | Source::OverriddenFormula => true,
        Source::Formula => !layout.measure(at).is_some_and(|it| matches!(it.kind, MeasureKind::Formula(_))),
        Source::Empty | Source::Layer | Source::Key | Source::Spill => false,
    };
    (own && source.locked(cell).is_none()).then(|| source.entry(cell))
}

/// The bar for finding and replacing; `grid.finding` says whether it is open, and whether with replacing.
#[component]
pub fn FindBar(grid: Grid) -> impl IntoView {
    let field = NodeRef::<leptos::html::Input>::new();
    let text = RwSignal::new(String::new());
    let by = RwSignal::new(String::new());
    let exact_case = RwSignal::new(false);
    let said = RwSignal::new(String::new());
    Effect::new(move || {
        if grid.finding.get().is_some()
            && let Some(field) = field.get()
        {
            let _ = field.focus();
            // It may not have the text of the last search yet; what is typed from now on replaces all of it.
            field.set_value(&text.get_untracked());
            field.select();
        }
    });
    let search = move || Search { text: text.get_untracked(), exact_case: exact_case.get_untracked() };
    let find = move |backwards: bool| {
        let found = grid.find_next(&search(), backwards);
        said.set(if found || text.with_untracked(String::is_empty) {
            String::new()
        } else {
            "Nothing found".to_owned()
        });
    };
    let replace = move |all: bool| match grid.replace(&search(), &by.get_untracked(), all) {
        Ok(0) if all => said.set("Nothing to replace".to_owned()),
        Ok(_) if !all => find(false),
        Ok(0) => find(false),
        Ok(1) => said.set("1 cell changed".to_owned()),
        Ok(count) => said.set(format!("{count} cells changed")),
        Err(reason) => grid.notices.say(Tone::Warn, "Nothing was replaced", reason),
    };
    let close = move || {
        grid.finding.set(None);
        said.set(String::new());
        grid.focus();
    };
    let on_key = move |event: KeyboardEvent| {
        match event.key().as_str() {
            "Escape" => close(),
            "Enter" => find(event.shift_key()),
            _ => return,
        }
        event.prevent_default();
    };
    let may_replace = grid.session.is_some();
    move || {
        grid.finding.get().map(|with_replace| {
            view! {
                <div class="find-bar" role="search" aria-label="Find on this sheet" on:keydown=on_key>
                    <div>
                        <input
                            node_ref=field
                            class="input"
                            aria-label="Find"
                            placeholder="Find on this sheet"
                            spellcheck="false"
                            prop:value=move || text.get()
                            on:input=move |event| {
                                text.set(event_target_value(&event));
                                said.set(String::new());
                            }
                        />
                        <IconButton icon=Glyph::ChevronUp label="Previous (Shift+Enter)" class="small" on_click=move |_| find(true) />
                        <IconButton icon=Glyph::ChevronDown label="Next (Enter)" class="small" on_click=move |_| find(false) />
                        <IconButton icon=Glyph::Close label="Close (Escape)" class="small tip-end" on_click=move |_| close() />
                    </div>
                    {(with_replace && may_replace).then(|| view! {
                        <div>
                            <input
                                class="input"
                                aria-label="Replace with"
                                placeholder="Replace with"
                                spellcheck="false"
                                prop:value=move || by.get()
                                on:input=move |event| by.set(event_target_value(&event))
                            />
                            <Button class="small" on_click=move |_| replace(false)>"Replace"</Button>
                            <Button class="small" on_click=move |_| replace(true)>"All"</Button>
                        </div>
                    })}
                    <div class="find-foot">
                        <label>
                            <input
                                type="checkbox"
                                prop:checked=move || exact_case.get()
                                on:change=move |event| exact_case.set(event_target_checked(&event))
                            />
                            "Match case"
                        </label>
                        <span role="status">{move || said.get()}</span>
                        {(!with_replace && may_replace).then(|| view! {
                            <button type="button" class="button quiet small" on:click=move |_| grid.finding.set(Some(true))>"Replace…"</button>
                        })}
                    </div>
                </div>
            }
        })
    }
}
