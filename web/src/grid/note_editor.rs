//! Writing a note or reason on a cell.

use grid_engine::doc::Op;
use grid_engine::refs::CellRef;
use leptos::prelude::*;
use web_sys::KeyboardEvent;

use super::completion::under_editor;
use super::handle::Grid;
use crate::ui::{Button, ButtonKind};

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 190.0;
/// Longest note, as the documents take it.
const LONGEST: &str = "4000";

impl Grid {
    /// Opens the note of the active cell, unless it takes none from this person.
    pub(super) fn ask_note(&self) {
        let Some(cell) = self.with(|state| state.active_cell()).flatten().filter(|_| self.session.is_some()) else {
            return;
        };
        let Some(source) = self.source() else { return };
        match source.locked(cell) {
            Some(reason) => self.refuse(&reason),
            None => self.noting.set(Some(cell)),
        }
    }

    /// Has a comment on the active cell begun, where people can comment; one half written goes on there.
    pub fn ask_comment(&self) {
        let cell = self.with(|state| state.active_cell()).flatten();
        if cell.is_some() && self.session.is_some() {
            self.commenting.set(cell);
        }
    }

    fn keep_note(&self, cell: CellRef, text: &str) {
        let text = text.trim();
        let stands = self.source().and_then(|source| source.note(cell)).unwrap_or_default();
        self.noting.set(None);
        self.focus();
        let Some(session) = self.session.filter(|_| stands != text) else { return };
        let text = (!text.is_empty()).then(|| text.into());
        if let Err(error) = session.edit(vec![Op::SetNote { cell, text }], None) {
            self.refuse(&error.to_string());
        }
    }
}

/// The note being written, beside its cell.
#[component]
pub fn NoteEditor(grid: Grid) -> impl IntoView {
    let field = NodeRef::<leptos::html::Textarea>::new();
    Effect::new(move || {
        if grid.noting.get().is_some()
            && let Some(field) = field.get()
        {
            let _ = field.focus();
        }
    });
    move || {
        grid.noting.get().map(|cell| {
            let source = grid.source();
            let stands = source.as_ref().and_then(|source| source.note(cell)).unwrap_or_default();
            let address = source.map(|source| source.address(cell)).unwrap_or_default();
            let has_note = !stands.is_empty();
            let close = move || {
                grid.noting.set(None);
                grid.focus();
            };
            let keep = move || {
                let text = field.get_untracked().map(|field| field.value()).unwrap_or_default();
                grid.keep_note(cell, &text);
            };
            let on_key = move |event: KeyboardEvent| {
                match event.key().as_str() {
                    "Escape" => close(),
                    "Enter" if event.ctrl_key() || event.meta_key() => keep(),
                    _ => return,
                }
                event.prevent_default();
            };
            view! {
                <form
                    class="note-editor"
                    aria-label="Note or reason"
                    style=under_editor(grid, WIDTH, HEIGHT)
                    on:keydown=on_key
                    on:submit=move |event| {
                        event.prevent_default();
                        keep();
                    }
                >
                    <strong class="truncate">{address}</strong>
                    <textarea
                        class="input"
                        node_ref=field
                        rows="4"
                        maxlength=LONGEST
                        placeholder="Why this value? Everyone who reads the cell sees it."
                        prop:value=stands
                    ></textarea>
                    <footer>
                        {has_note.then(|| view! {
                            <Button class="small" on_click=move |_| grid.keep_note(cell, "")>"Remove"</Button>
                        })}
                        <span class="spacer"></span>
                        <Button class="small" on_click=move |_| close()>"Cancel"</Button>
                        <Button class="small" kind=ButtonKind::Primary role="submit">"Keep"</Button>
                    </footer>
                </form>
            }
        })
    }
}
