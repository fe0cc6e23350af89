//! The grid as the page holds it: its state, its signals, and what changes under it.

use std::cell::RefCell;
use std::rc::Rc;

use grid_engine::doc::Measure;
use grid_engine::refs::{CellRef, MeasureId, SheetId};
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::context_menu::MenuOn;
use super::defining::Defining;
use super::editor::Editing;
use super::frame::Placed;
use super::layout::{COMPACT_LINE, HEADER, Line, View};
use super::selected::{Active, Stats};
use super::selection::Spot;
use super::source::SheetSource;
use super::state::GridState;
use super::theme::Theme;
use crate::state::{NoticeBoard, Session, Settings};

/// A grid. Copying it copies a handle.
#[derive(Clone, Copy)]
pub struct Grid {
    pub(super) state: StoredValue<Rc<RefCell<GridState>>, LocalStorage>,
    pub(super) session: Option<Session>,
    pub(super) notices: NoticeBoard,
    pub sheet: RwSignal<Option<SheetId>>,
    pub active: RwSignal<Option<Active>>,
    pub stats: RwSignal<Stats>,
    pub editing: RwSignal<Option<Editing>>,
    /// Where the context menu is open, and on what.
    pub(super) menu: RwSignal<Option<(f64, f64)>>,
    pub(super) menu_on: RwSignal<MenuOn>,
    /// The cell whose note is being written.
    pub(super) noting: RwSignal<Option<CellRef>>,
    /// The cell a new comment is being written on; set again when someone asks for the field again.
    pub commenting: RwSignal<Option<CellRef>>,
    /// Whether the find bar is open, and whether with replacing.
    pub finding: RwSignal<Option<bool>>,
    /// The measure whose texts are being chosen.
    pub(super) filtering: RwSignal<Option<MeasureId>>,
    /// The dialog about the sheet's make-up that is open.
    pub defining: RwSignal<Option<Defining>>,
    /// Whether rows are left out by value, or in an order of this person's own.
    pub arranged: RwSignal<bool>,
    /// Whether the keyboard help is open.
    pub help: RwSignal<bool>,
    /// Counts up when someone asks for a cell to go to.
    pub(super) going: RwSignal<u64>,
    /// What was copied here last, as text and in our own form.
    pub(super) last_copied: StoredValue<Option<(String, String)>>,
    /// Rows and columns of the sheet on show; 0 before it is here.
    pub size: RwSignal<(usize, usize)>,
    /// Width and height of everything, for the scroll bars.
    pub(super) extent: RwSignal<(f64, f64)>,
    pub(super) scroller: NodeRef<html::Div>,
    pub(super) canvas: NodeRef<html::Canvas>,
    pub(super) input: NodeRef<html::Textarea>,
    /// The formula bar's field.
    pub(super) bar: NodeRef<html::Textarea>,
    pub(super) mirror: NodeRef<html::Div>,
    pub(super) theme: StoredValue<Option<Theme>, LocalStorage>,
    pub(super) frame_due: StoredValue<bool>,
    pub(super) mirror_due: StoredValue<bool>,
    pub(super) follow_due: StoredValue<bool>,
    pub(super) mirrored: StoredValue<Vec<String>>,
    /// Where the input was put last, and for what.
    pub(super) input_at: StoredValue<Option<Placed>>,
}

impl Grid {
    /// A grid on a source; with a session it can be edited.
    pub fn new(source: Rc<dyn SheetSource>, session: Option<Session>, notices: NoticeBoard) -> Self {
        let mut state = GridState::new(source);
        if Settings::current().is_compact() {
            state.port.line = COMPACT_LINE;
        }
        (state.first_view.is_flat, state.first_view.has_sparklines) = Settings::view();
        Self {
            state: StoredValue::new_local(Rc::new(RefCell::new(state))),
            session,
            notices,
            sheet: RwSignal::new(None),
            active: RwSignal::new(None),
            stats: RwSignal::new(Stats::default()),
            editing: RwSignal::new(None),
            menu: RwSignal::new(None),
            menu_on: RwSignal::new(MenuOn::default()),
            noting: RwSignal::new(None),
            commenting: RwSignal::new(None),
            finding: RwSignal::new(None),
            filtering: RwSignal::new(None),
            defining: RwSignal::new(None),
            arranged: RwSignal::new(false),
            help: RwSignal::new(false),
            going: RwSignal::new(0),
            last_copied: StoredValue::new(None),
            size: RwSignal::new((0, 0)),
            extent: RwSignal::new((0.0, 0.0)),
            scroller: NodeRef::new(),
            canvas: NodeRef::new(),
            input: NodeRef::new(),
            bar: NodeRef::new(),
            mirror: NodeRef::new(),
            theme: StoredValue::new_local(None),
            frame_due: StoredValue::new(false),
            mirror_due: StoredValue::new(false),
            follow_due: StoredValue::new(false),
            mirrored: StoredValue::new(Vec::new()),
            input_at: StoredValue::new(None),
        }
    }

    /// Works with the state; `None` while it is in use or gone.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut GridState) -> T) -> Option<T> {
        let state = self.state.try_get_value()?;
        let mut state = state.try_borrow_mut().ok()?;
        Some(work(&mut state))
    }

    /// The cell at a place; `None` on a total, and outside the sheet.
    pub(super) fn cell_at(&self, at: Spot) -> Option<CellRef> {
        self.with(|state| state.layout.as_ref()?.cell(at)).flatten()
    }

    /// Where the grid reads from.
    pub fn source(&self) -> Option<Rc<dyn SheetSource>> {
        self.with(|state| state.source.clone())
    }

    /// Shows a sheet, unless a text being edited cannot be left.
    pub fn show(&self, sheet: SheetId) {
        if self.makes_way_for(sheet) {
            self.turn_to(sheet);
            self.focus();
        }
    }

    /// Turns to a sheet, whatever is being edited.
    pub(super) fn turn_to(&self, sheet: SheetId) {
        if self.sheet.get_untracked() == Some(sheet) {
            return;
        }
        self.with(|state| {
            state.first_view.freeze = Settings::freeze(sheet);
            state.show(sheet);
        });
        self.sheet.set(Some(sheet));
        self.after_layout();
        let scroll = self.with(|state| (state.port.scroll_x, state.port.scroll_y)).unwrap_or_default();
        self.scroll_to(scroll);
        self.mark_mentions();
        self.selection_changed();
    }

    /// Rows, columns or measures have changed.
    pub fn restructured(&self) {
        let first = self.with(|state| {
            let first = state.layout.is_none();
            state.lay_out();
            (first && state.layout.is_some()).then_some((state.port.scroll_x, state.port.scroll_y))
        });
        self.hold_edit();
        self.after_layout();
        if let Some(scroll) = first.flatten() {
            self.scroll_to(scroll);
        }
        self.selection_changed();
    }

    /// Values have changed.
    pub fn values_changed(&self) {
        self.with(GridState::forget_values);
        self.refresh_active();
        self.redraw();
    }

    /// The theme has changed.
    pub fn theme_changed(&self) {
        self.theme.set_value(None);
        self.repaint();
    }

    /// Nothing of what was painted stands any more.
    pub(super) fn repaint(&self) {
        self.with(|state| state.painted = None);
        self.redraw();
    }

    /// What the person chose to see of the sheet.
    pub fn view(&self) -> View {
        self.with(|state| state.view.clone()).unwrap_or_default()
    }

    /// Changes what is seen of the sheet.
    pub fn change_view(&self, change: impl FnOnce(&mut View)) {
        self.with(|state| change(&mut state.view));
        self.restructured();
    }

    /// Lays measures side by side or stacks them, and goes on showing the active cell.
    pub fn lay_flat(&self, is_flat: bool) {
        let frozen = self.with(|state| state.layout.as_ref().map_or(0, |layout| layout.frozen)).unwrap_or(0);
        self.change_view(|view| {
            view.is_flat = is_flat;
            view.widths.retain(|(col, _)| *col < frozen);
        });
        self.keep_view();
        let found = self.with(|state| {
            let at = state.selection.active;
            // What was to the left of it is elsewhere now, as are columns that were made wider.
            state.port.scroll_x = state.left_of(at.col);
            (at, (state.port.scroll_x, state.port.scroll_y))
        });
        if let Some((at, scroll)) = found {
            self.scroll_to(scroll);
            self.reveal(at);
        }
    }

    /// Shows the course of every line, or not.
    pub fn show_sparklines(&self, shown: bool) {
        self.change_view(|view| view.has_sparklines = shown);
        self.keep_view();
    }

    /// Sheets that are looked at later are shown the same way.
    fn keep_view(&self) {
        self.with(|state| {
            let View { is_flat, has_sparklines, .. } = state.view;
            state.first_view = View { is_flat, has_sparklines, ..View::default() };
            Settings::remember_view((is_flat, has_sparklines));
        });
    }

    /// The measures of the sheet on show.
    pub fn measures(&self) -> Vec<Measure> {
        self.with(|state| state.layout.as_ref().map(|layout| layout.measures.clone())).flatten().unwrap_or_default()
    }

    /// Collapses or expands a group, by default the one of the active cell, whose total is then the active one; without a
    /// wish it is turned into the other state.
    pub(super) fn collapse(&self, group: Option<u32>, wanted: Option<bool>) {
        let place = self.with(|state| {
            let at = state.selection.active;
            let layout = state.layout.as_ref()?;
            let index = match (group, *layout.lines.get(at.line)?) {
                (Some(group), _) | (None, Line::Group { group, .. }) => group,
                (None, Line::Row { row, .. }) => layout.groups.iter().position(|it| it.rows.contains(&row))? as u32,
            };
            let chosen = layout.groups.get(index as usize)?;
            let name = chosen.name.clone();
            if wanted.unwrap_or(!chosen.collapsed) {
                state.view.collapsed.insert(name);
            } else {
                state.view.collapsed.remove(&name);
            }
            group.is_none().then_some((index, at.col))
        });
        self.restructured();
        let Some((index, col)) = place.flatten().filter(|_| wanted == Some(true)) else { return };
        let at = self.with(|state| {
            let lines = &state.layout.as_ref()?.lines;
            let line = lines.iter().position(|line| matches!(line, Line::Group { group, .. } if *group == index))?;
            state.selection.put(Spot { line, col });
            Some(Spot { line, col })
        });
        if let Some(at) = at.flatten() {
            self.reveal(at);
            self.selection_changed();
        }
    }

    /// Collapses or expands all groups.
    pub fn collapse_all(&self, collapsed: bool) {
        let names = self.with(|state| {
            let layout = state.layout.as_ref()?;
            Some(layout.groups.iter().map(|group| group.name.clone()).collect::<Vec<_>>())
        });
        let names = names.flatten().unwrap_or_default();
        self.change_view(|view| {
            view.collapsed = if collapsed { names.into_iter().collect() } else { Default::default() }
        });
    }

    /// The view's size has changed.
    pub fn resized(&self) {
        let Some(scroller) = self.scroller.get_untracked() else { return };
        let size = (f64::from(scroller.client_width()), f64::from(scroller.client_height()));
        let relaid = self.with(|state| {
            let narrower = (state.port.width - size.0).abs() > 0.5;
            (state.port.width, state.port.height) = size;
            if narrower {
                state.lay_out();
            }
            narrower
        });
        if relaid == Some(true) {
            self.after_layout();
        }
        self.redraw();
    }

    pub(super) fn after_layout(&self) {
        let found = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let extent = (
                layout.frozen_width() + layout.scroll_width() + 40.0,
                HEADER + layout.height(state.port.line) + 3.0 * state.port.line,
            );
            Some((extent, (layout.lines.len(), layout.columns.len())))
        });
        let (extent, size) = found.flatten().unwrap_or_default();
        if self.extent.get_untracked() != extent {
            self.extent.set(extent);
            // The scroll area must have its size before it can be scrolled to its end.
            if let Some(spacer) = self.scroller.get_untracked().and_then(|scroller| scroller.first_element_child()) {
                let spacer: web_sys::HtmlElement = spacer.unchecked_into();
                let _ = web_sys::HtmlElement::style(&spacer).set_property("width", &format!("{}px", extent.0));
                let _ = web_sys::HtmlElement::style(&spacer).set_property("height", &format!("{}px", extent.1));
            }
        }
        if self.size.get_untracked() != size {
            self.size.set(size);
        }
        let arranged = self.with(|state| state.view.sort.is_some() || !state.view.excluded.is_empty());
        if self.arranged.get_untracked() != arranged.unwrap_or(false) {
            self.arranged.set(arranged.unwrap_or(false));
        }
        self.redraw();
    }

    /// Gives the grid the keyboard; the formula bar while a text is edited there.
    pub fn focus(&self) {
        if let Some(input) = self.field() {
            // Asking for what is there already makes the browser lay the page out.
            if document().active_element().is_some_and(|element| element.is_same_node(Some(&input))) {
                return;
            }
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = input.focus_with_options(&options);
        }
    }
}
