//! What the right mouse button offers on cells, headers and row numbers.

use grid_engine::doc::{MeasureKind, SheetKind};
use grid_engine::refs::ColId;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::MouseEvent;

use super::arrange::Sort;
use super::defining::Defining;
use super::freezing::FreezeItems;
use super::handle::Grid;
use super::hit::Hit;
use super::layout::Across;
use super::link::clipboard;
use super::selection::{Area, Spot};
use super::structure::Axis;
use super::trace::Trace;
use crate::state::Tone;
use crate::ui::{Glyph, MenuItem, PopupMenu};

/// What a context menu was opened on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MenuOn {
    #[default]
    Cells,
    Column(usize),
    Line,
}

impl Grid {
    /// Opens the menu where the pointer is, or at the active cell when the keyboard asked for it.
    pub(super) fn on_context_menu(&self, event: &MouseEvent) {
        if self.editing.with_untracked(Option::is_some) {
            return;
        }
        event.prevent_default();
        const RIGHT_BUTTON: i16 = 2;
        if event.button() != RIGHT_BUTTON {
            let Some(input) = self.input.get_untracked() else { return };
            let bounds = input.get_bounding_client_rect();
            return self.open_menu(MenuOn::Cells, (bounds.left() + 8.0, bounds.bottom()));
        }
        let hit = self.hit(event);
        let on = self.with(|state| {
            let extent = state.extent();
            let last = Spot { line: extent.lines.saturating_sub(1), col: extent.cols.saturating_sub(1) };
            match hit {
                Hit::Cell(at) => {
                    if !state.selection.areas().any(|area| area.contains(at)) {
                        state.selection.put(at);
                    }
                    Some(MenuOn::Cells)
                }
                Hit::FillHandle => Some(MenuOn::Cells),
                Hit::Header(col) | Hit::HeaderEdge(col) => {
                    let whole = Area { top: 0, left: col, bottom: last.line, right: col };
                    let covered = |area: Area| {
                        (area.top, area.bottom) == (0, last.line) && (area.left..=area.right).contains(&col)
                    };
                    if !state.selection.areas().any(covered) {
                        state.selection.cover(whole);
                    }
                    Some(MenuOn::Column(col))
                }
                Hit::Label(line) => {
                    let area = state.selection.area();
                    if !(area.top..=area.bottom).contains(&line) || area.right != last.col {
                        state.selection.cover(Area { top: line, left: 0, bottom: line, right: last.col });
                    }
                    Some(MenuOn::Line)
                }
                Hit::GroupToggle(_) | Hit::Corner | Hit::Nothing => None,
            }
        });
        let Some(on) = on.flatten() else { return };
        self.selection_changed();
        self.open_menu(on, (f64::from(event.client_x()), f64::from(event.client_y())));
    }

    pub(super) fn open_menu(&self, on: MenuOn, at: (f64, f64)) {
        self.menu_on.set(on);
        self.menu.set(Some(at));
    }

    /// Copies or cuts as the keys do.
    fn copy_by_menu(&self, command: &str) {
        self.focus();
        let Some(input) = self.input.get_untracked() else { return };
        // A browser copies only where something is selected; what is copied is the grid's own.
        input.set_value(" ");
        input.select();
        let page: JsValue = document().into();
        let run = js_sys::Reflect::get(&page, &"execCommand".into()).ok();
        if let Some(run) = run.and_then(|run| run.dyn_into::<js_sys::Function>().ok()) {
            let _ = run.call1(&page, &command.into());
        }
        input.set_value("");
    }

    /// Pastes what the browser lets a page read of the clipboard.
    fn paste_by_menu(&self, values_only: bool) {
        let grid = *self;
        self.focus();
        let reading = clipboard().map(|clipboard| clipboard.read_text());
        spawn_local(async move {
            let text = match reading {
                Some(reading) => JsFuture::from(reading).await.ok().and_then(|text| text.as_string()),
                None => None,
            };
            match text {
                Some(text) => {
                    let own = grid.last_copied.try_get_value().flatten().filter(|(copied, _)| *copied == text);
                    grid.paste(own.map(|(_, own)| own), None, &text, values_only);
                }
                None => {
                    let keys = if values_only { "Ctrl+Shift+V" } else { "Ctrl+V" };
                    let text = format!("The browser keeps the clipboard from pages. Press {keys} instead.");
                    grid.notices.say(Tone::Info, "Nothing was pasted", text);
                }
            }
        });
    }

    /// The column a header's menu sorts by, and what it is called.
    fn sort_column(&self, col: usize) -> Option<(ColId, String)> {
        self.with(|state| {
            let layout = state.layout.as_ref()?;
            let at = Spot { line: 0, col };
            let name = match layout.columns.get(col)?.across {
                Across::Fixed(index) => layout.measures.get(index)?.name.clone(),
                Across::Time(bucket) => format!("{} {bucket}", layout.measure(at)?.name),
                Across::Free(_) => format!("Column {}", layout.columns.get(col)?.title),
            };
            Some((layout.col_id(at)?, name))
        })
        .flatten()
    }

    fn kind(&self) -> Option<SheetKind> {
        self.with(|state| state.layout.as_ref().map(|layout| layout.kind)).flatten()
    }

    /// The untimed measure of a column, or a column of a free sheet: one whose texts can be filtered.
    fn filter_column(&self, col: usize) -> Option<grid_engine::refs::MeasureId> {
        self.with(|state| {
            let layout = state.layout.as_ref()?;
            match layout.columns.get(col)?.across {
                Across::Fixed(index) => layout.measures.get(index).map(|measure| measure.id),
                Across::Free(col) => Some(col.measure),
                Across::Time(_) => None,
            }
        })
        .flatten()
    }
}

/// The context menu of a grid.
#[component]
pub fn ContextMenu(grid: Grid) -> impl IntoView {
    let items = move || match grid.menu_on.get() {
        MenuOn::Column(col) => view! { <ColumnItems grid col /> }.into_any(),
        MenuOn::Cells | MenuOn::Line => ().into_any(),
    };
    view! {
        <PopupMenu at=grid.menu label="Cells" on_close=move |()| grid.focus()>
            {items()}
            <CellItems grid />
            <FreezeItems grid on=grid.menu_on.get_untracked() ruled=true />
            <StructureItems grid />
        </PopupMenu>
    }
}

/// Sorting and filtering, which change this person's view alone.
#[component]
fn ColumnItems(grid: Grid, col: usize) -> impl IntoView {
    let sort = move |descending: bool| {
        let by = grid.sort_column(col).map(|(by, _)| Sort { by, descending });
        grid.change_view(|view| view.sort = by);
    };
    let column = grid.sort_column(col);
    let is_key = |by: &ColId| grid.measures().iter().any(|it| it.id == by.measure && it.kind == MeasureKind::Key);
    let text = grid.kind() == Some(SheetKind::Free)
        || column.as_ref().is_some_and(|(by, _)| by.bucket.is_none() && is_key(by));
    let (up, down) = if text { ("Sort A to Z", "Sort Z to A") } else { ("Smallest first", "Largest first") };
    column.map(|(_, name)| {
        let sorted = grid.view().sort.is_some();
        view! {
            <p class="menu-label">{format!("{name}, in your view")}</p>
            <MenuItem on_click=move |()| sort(false)>{up}</MenuItem>
            <MenuItem on_click=move |()| sort(true)>{down}</MenuItem>
            {sorted.then(|| view! { <MenuItem on_click=move |()| grid.change_view(|view| view.sort = None)>"Back to the sheet's order"</MenuItem> })}
            {grid.filter_column(col).map(|measure| view! {
                <MenuItem icon=Glyph::Search on_click=move |()| grid.filtering.set(Some(measure))>"Filter by value…"</MenuItem>
            })}
            {grid.session.is_some().then(|| view! {
                <MenuItem on_click=move |()| grid.define(Defining::Validation)>"What cells accept…"</MenuItem>
            })}
            <div class="menu-rule"></div>
        }
    })
}

#[component]
fn CellItems(grid: Grid) -> impl IntoView {
    let edits = grid.session.is_some();
    view! {
        {edits.then(|| view! { <MenuItem keys="Ctrl+X" on_click=move |()| grid.copy_by_menu("cut")>"Cut"</MenuItem> })}
        <MenuItem keys="Ctrl+C" on_click=move |()| grid.copy_by_menu("copy")>"Copy"</MenuItem>
        {edits.then(|| view! {
            <MenuItem keys="Ctrl+V" on_click=move |()| grid.paste_by_menu(false)>"Paste"</MenuItem>
            <MenuItem keys="Ctrl+Shift+V" on_click=move |()| grid.paste_by_menu(true)>"Paste values"</MenuItem>
            <MenuItem keys="Delete" on_click=move |()| grid.clear()>"Clear"</MenuItem>
            <div class="menu-rule"></div>
            <MenuItem keys="Shift+F2" on_click=move |()| grid.ask_note()>"Note or reason…"</MenuItem>
            <MenuItem keys="Ctrl+Alt+M" on_click=move |()| grid.ask_comment()>"Comment…"</MenuItem>
            <MenuItem icon=Glyph::Lock on_click=move |()| grid.define(Defining::Locks)>"Lock…"</MenuItem>
            <MenuItem keys="Ctrl+[" on_click=move |()| grid.trace(Trace::Precedents)>"Trace what it follows from"</MenuItem>
            <MenuItem keys="Ctrl+]" on_click=move |()| grid.trace(Trace::Dependents)>"Trace what follows from it"</MenuItem>
        })}
        <MenuItem on_click=move |()| grid.copy_link()>"Copy a link to it"</MenuItem>
    }
}

#[component]
fn StructureItems(grid: Grid) -> impl IntoView {
    let (free, rows) = grid.may_restructure();
    let columns = free && !matches!(grid.menu_on.get_untracked(), MenuOn::Line);
    let lines = !matches!(grid.menu_on.get_untracked(), MenuOn::Column(_));
    let item = move |words: &'static str, keys: &'static str, run: Callback<()>| {
        view! { <MenuItem keys=keys on_click=run>{words}</MenuItem> }
    };
    let insert = move |axis, after| Callback::new(move |()| grid.insert(axis, after));
    let delete = move |axis| Callback::new(move |()| grid.delete(axis));
    let shift = move |axis, forward| Callback::new(move |()| grid.shift(axis, forward));
    view! {
        {(free && lines).then(|| view! {
            <div class="menu-rule"></div>
            {item("Insert row above", "Ctrl+Alt+=", insert(Axis::Rows, false))}
            {item("Insert row below", "", insert(Axis::Rows, true))}
            {item("Move row up", "", shift(Axis::Rows, false))}
            {item("Move row down", "", shift(Axis::Rows, true))}
        })}
        {(rows && lines).then(|| view! {
            <div class="menu-rule"></div>
            {(!free).then(|| item("Add a row…", "", Callback::new(move |()| grid.define(Defining::NewRow))))}
            {item("Delete row", "Ctrl+Alt+−", delete(Axis::Rows))}
        })}
        {columns.then(|| view! {
            <div class="menu-rule"></div>
            {item("Insert column left", "", insert(Axis::Cols, false))}
            {item("Insert column right", "", insert(Axis::Cols, true))}
            {item("Move column left", "", shift(Axis::Cols, false))}
            {item("Move column right", "", shift(Axis::Cols, true))}
            {item("Delete column", "", delete(Axis::Cols))}
        })}
    }
}
