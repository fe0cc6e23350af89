//! The grid on the page: scroll area, canvas, editor, and the ARIA mirror.

use leptos::prelude::*;
use web_sys::{ClipboardEvent, KeyboardEvent, MouseEvent, PointerEvent};

use super::completion::{Completion, under_editor};
use super::context_menu::ContextMenu;
use super::filter_dialog::FilterDialog;
use super::find_bar::FindBar;
use super::handle::Grid;
use super::note_editor::NoteEditor;
use super::pointer::Drag;
use crate::parts::{Maker, later, wasm_split};
use crate::ui::on_resize;

/// Shows a grid. `next_sheet` turns to the next (`true`) or previous sheet.
#[component]
pub fn GridView(
    grid: Grid,
    #[prop(into)] label: Signal<String>,
    #[prop(into)] next_sheet: Callback<bool>,
) -> impl IntoView {
    let drag = StoredValue::new(Drag::default());
    let values_only = StoredValue::new(false);
    let stage = NodeRef::<leptos::html::Div>::new();

    on_resize(grid.scroller, move || grid.resized());
    Effect::new(move || {
        if grid.scroller.get().is_some() {
            grid.resized();
        }
    });
    Effect::new(move || {
        // The editor shows what is typed in the formula bar too.
        let editing = grid.editing.get();
        let Some(input) = grid.input.get() else { return };
        let text = editing.as_ref().map(|editing| editing.text.clone()).unwrap_or_default();
        if input.value() != text {
            input.set_value(&text);
            let end = text.encode_utf16().count() as u32;
            let _ = input.set_selection_range(end, end);
        }
        if editing.is_some_and(|editing| !editing.in_bar) {
            grid.focus();
        }
    });

    let on_key = move |event: KeyboardEvent| {
        let plain = event.ctrl_key() && event.shift_key() && event.key().eq_ignore_ascii_case("v");
        values_only.set_value(plain);
        if !event.default_prevented() {
            grid.on_key(&event, |forward| next_sheet.run(forward));
            grid.answer();
        }
    };
    let on_input = move |_| {
        let Some(input) = grid.input.get_untracked() else { return };
        let text = input.value();
        if grid.editing.with_untracked(Option::is_some) {
            grid.retype(text);
            return;
        }
        grid.begin(Some(text), true, false);
        if grid.editing.with_untracked(Option::is_none) {
            // Refused: nothing stays in the field.
            input.set_value("");
        }
    };
    let on_down = move |event: PointerEvent| {
        if event.pointer_type() == "touch" {
            return;
        }
        let dragged = grid.on_pointer_down(&event);
        drag.set_value(dragged);
        grid.answer();
        if dragged != Drag::Nothing
            && let Some(stage) = stage.get_untracked()
        {
            let _ = stage.set_pointer_capture(event.pointer_id());
        }
    };
    let on_move = move |event: PointerEvent| {
        let dragged = drag.get_value();
        if dragged != Drag::Nothing {
            grid.on_drag(dragged, &event);
        } else if let Some(stage) = stage.get_untracked() {
            let style = web_sys::HtmlElement::style(&stage);
            let _ = style.set_property("cursor", grid.pointer_style(&event));
        }
    };
    let on_up = move |event: PointerEvent| {
        let dragged = drag.get_value();
        drag.set_value(Drag::Nothing);
        if event.pointer_type() == "touch" {
            // Fingers scroll; a tap selects. The browser sends no `pointerup` after it began to scroll.
            grid.on_pointer_down(&event);
        } else {
            grid.on_drop(dragged, &event);
        }
    };
    let on_double = move |event: MouseEvent| grid.on_double_click(&event);
    let editing = move || {
        let sheet = grid.sheet.get();
        grid.editing
            .with(|editing| editing.as_ref().is_some_and(|editing| !editing.in_bar && sheet == Some(editing.sheet)))
    };
    let problem = move || grid.editing.with(|editing| editing.as_ref().and_then(|editing| editing.problem.clone()));
    let problem_id = "grid-problem";
    let (rows, cols) = (move || grid.size.get().0 + 1, move || grid.size.get().1);
    view! {
        <div
            class="grid-scroll"
            node_ref=grid.scroller
            on:scroll=move |_| grid.redraw()
        >
            <div class="grid-spacer">
                <div
                    class="grid-stage"
                    node_ref=stage
                    on:pointerdown=on_down
                    on:pointermove=on_move
                    on:pointerup=on_up
                    on:pointercancel=move |_| drag.set_value(Drag::Nothing)
                    on:dblclick=on_double
                    on:contextmenu=move |event: MouseEvent| grid.on_context_menu(&event)
                >
                    <canvas
                        node_ref=grid.canvas
                        class="grid-canvas"
                        aria-hidden="true"
                        on:contextrestored=move |_: web_sys::Event| grid.repaint()
                    ></canvas>
                    <div
                        class="grid-mirror"
                        role="grid"
                        node_ref=grid.mirror
                        id="grid-mirror"
                        aria-label=move || label.get()
                        aria-rowcount=move || rows().to_string()
                        aria-colcount=move || cols().to_string()
                        aria-multiselectable="true"
                        data-selected=move || grid.stats.with(|stats| stats.cells).to_string()
                    ></div>
                    <textarea
                        class="grid-editor"
                        class:open=editing
                        class:wrong=move || problem().is_some()
                        node_ref=grid.input
                        rows="1"
                        spellcheck="false"
                        autocomplete="off"
                        aria-label=move || format!("Cell editor, {}", grid.active.with(|active| active.as_ref().map(|active| active.address.clone()).unwrap_or_default()))
                        aria-controls="grid-mirror"
                        aria-describedby=problem_id
                        on:keydown=on_key
                        on:input=on_input
                        on:copy=move |event: ClipboardEvent| grid.on_copy(&event, false)
                        on:cut=move |event: ClipboardEvent| grid.on_copy(&event, true)
                        on:paste=move |event: ClipboardEvent| {
                            grid.on_paste(&event, values_only.get_value());
                            grid.answer();
                        }
                    ></textarea>
                    {later(completion, grid)}
                    <div id=problem_id class="grid-problem" role="alert" class:shown=move || problem().is_some() style=move || { problem().map(|_| under_editor(grid, 480.0, 60.0)) }>
                        {problem}
                    </div>
                </div>
            </div>
        </div>
        {later(dialogs, grid)}
    }
}

/// What helps while a formula is typed.
#[wasm_split(beside, fallible, wasm_split_path = leptos::wasm_split)]
fn completion() -> Maker<Grid> {
    Ok(|grid| view! { <Completion grid /> }.into_any())
}

/// What opens over the grid when asked for: no sheet waits for it.
#[wasm_split(beside, fallible, wasm_split_path = leptos::wasm_split)]
fn dialogs() -> Maker<Grid> {
    Ok(|grid| {
        view! {
            <FindBar grid />
            <NoteEditor grid />
            <ContextMenu grid />
            <FilterDialog grid />
        }
        .into_any()
    })
}
