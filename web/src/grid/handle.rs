//! The grid as the page holds it: its state, the signals that follow from it, and when it is painted.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use grid_engine::doc::Measure;
use grid_engine::refs::{CellRef, ColId, MeasureId, SheetId};
use grid_engine::value::Value;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::CanvasRenderingContext2d;

use super::context_menu::MenuOn;
use super::defining::Defining;
use super::goto::find_place;
use super::layout::{COMPACT_LINE, HEADER, View};
use super::mirror;
use super::paint::paint;
use super::pointing::Pointed;
use super::selection::{Area, Spot};
use super::source::SheetSource;
use super::state::{Cursor, GridState};
use super::theme::Theme;
use crate::state::{NoticeBoard, Session, Settings, Tone};

/// What the formula bar and the panels know of the active cell.
#[derive(Clone, Debug, PartialEq)]
pub struct Active {
    pub cell: Option<CellRef>,
    pub address: String,
    /// Formula, value or text, as the formula bar shows it.
    pub text: String,
    pub locked: Option<String>,
    pub note: Option<String>,
    /// What is wrong, in words, when the cell holds an error.
    pub error: Option<String>,
}

/// Sum, average and count of the selection.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Stats {
    pub sum: f64,
    pub numbers: usize,
    pub filled: usize,
    /// All cells, blank ones too.
    pub cells: usize,
}

/// An edit in progress.
#[derive(Clone, Debug, PartialEq)]
pub struct Editing {
    pub at: Spot,
    pub text: String,
    /// It began by typing over the cell.
    pub typed: bool,
    /// It is made in the formula bar.
    pub in_bar: bool,
    /// What is wrong with the text.
    pub problem: Option<String>,
    /// The reference one points at with mouse or arrows.
    pub pointed: Option<Pointed>,
}

/// The selection's statistics stop at this many cells: beyond, the answer would come late.
const STATS_CELLS: usize = 100_000;
/// How long a person's name stands at a cell they have come to.
const NAME_STAYS: Duration = Duration::from_millis(2_500);
const MIRROR_PAUSE: Duration = Duration::from_millis(60);

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
    /// Counts up when someone begins a comment on the active cell.
    pub commenting: RwSignal<u64>,
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
    pub(super) mirror: NodeRef<html::Div>,
    theme: StoredValue<Option<Theme>, LocalStorage>,
    frame_due: StoredValue<bool>,
    mirror_due: StoredValue<bool>,
    follow_due: StoredValue<bool>,
    mirrored: StoredValue<String>,
}

impl Grid {
    /// A grid on a source; with a session it can be edited.
    pub fn new(source: Rc<dyn SheetSource>, session: Option<Session>, notices: NoticeBoard) -> Self {
        let mut state = GridState::new(source);
        if Settings::current().is_compact() {
            state.port.line = COMPACT_LINE;
        }
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
            commenting: RwSignal::new(0),
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
            mirror: NodeRef::new(),
            theme: StoredValue::new_local(None),
            frame_due: StoredValue::new(false),
            mirror_due: StoredValue::new(false),
            follow_due: StoredValue::new(false),
            mirrored: StoredValue::new(String::new()),
        }
    }

    /// Works with the state; `None` while it is in use or gone.
    pub(super) fn with<T>(&self, work: impl FnOnce(&mut GridState) -> T) -> Option<T> {
        let state = self.state.try_get_value()?;
        let mut state = state.try_borrow_mut().ok()?;
        Some(work(&mut state))
    }

    /// Where the grid reads from.
    pub fn source(&self) -> Option<Rc<dyn SheetSource>> {
        self.with(|state| state.source.clone())
    }

    /// Turns to a sheet.
    pub fn show(&self, sheet: SheetId) {
        self.with(|state| state.show(sheet));
        self.sheet.set(Some(sheet));
        self.editing.set(None);
        self.after_layout();
        let scroll = self.with(|state| (state.port.scroll_x, state.port.scroll_y)).unwrap_or_default();
        self.scroll_to(scroll);
        self.selection_changed();
        self.focus();
    }

    /// Rows, columns or measures have changed.
    pub fn restructured(&self) {
        let first = self.with(|state| {
            let first = state.layout.is_none();
            state.lay_out();
            (first && state.layout.is_some()).then_some((state.port.scroll_x, state.port.scroll_y))
        });
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
        self.redraw();
    }

    /// Others have moved.
    pub fn set_cursors(&self, mut cursors: Vec<Cursor>) {
        let fresh = self.with(|state| {
            for cursor in &mut cursors {
                let stood = state.cursors.iter().any(|known| known.cell == cursor.cell && known.name == cursor.name);
                cursor.named = cursor.editing || !stood;
            }
            let fresh = cursors.iter().any(|cursor| cursor.named && !cursor.editing);
            state.cursors = cursors;
            fresh
        });
        self.redraw();
        if fresh == Some(true) {
            // A name that stayed would cover the cell above.
            let grid = *self;
            set_timeout(
                move || {
                    grid.with(|state| state.cursors.iter_mut().for_each(|cursor| cursor.named = cursor.editing));
                    grid.redraw();
                },
                NAME_STAYS,
            );
        }
    }

    /// What the person chose to see of the sheet.
    pub fn view(&self) -> View {
        self.with(|state| state.view.clone()).unwrap_or_default()
    }

    /// Goes to the cell people call so, or says that there is none. Returns whether there is.
    pub(super) fn go_to_name(&self, name: &str) -> bool {
        let found = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let text = |line: usize, measure| {
                let cell = layout.row(line).map(|row| CellRef { sheet: layout.sheet, row, col: ColId::fixed(measure) });
                cell.map(|cell| state.source.face(cell).text).unwrap_or_default()
            };
            let at = find_place(layout, name, &text)?;
            state.selection.put(at);
            Some(at)
        });
        let Some(at) = found.flatten() else {
            let text = "Type an address such as B7, or words of a row's keys with a month: SKU-014 DE 2026-03.";
            self.notices.say(Tone::Info, format!("Nothing here is called “{name}”"), text);
            return false;
        };
        self.reveal(at);
        self.selection_changed();
        self.focus();
        true
    }

    /// Changes what is seen of the sheet.
    pub fn change_view(&self, change: impl FnOnce(&mut View)) {
        self.with(|state| change(&mut state.view));
        self.restructured();
    }

    /// The measures of the sheet on show.
    pub fn measures(&self) -> Vec<Measure> {
        self.with(|state| state.layout.as_ref().map(|layout| layout.measures.clone())).flatten().unwrap_or_default()
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

    fn after_layout(&self) {
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

    /// Gives the grid the keyboard.
    pub fn focus(&self) {
        if let Some(input) = self.input.get_untracked() {
            let options = web_sys::FocusOptions::new();
            options.set_prevent_scroll(true);
            let _ = input.focus_with_options(&options);
        }
    }

    pub(super) fn scroll_to(&self, (x, y): (f64, f64)) {
        if let Some(scroller) = self.scroller.get_untracked() {
            scroller.set_scroll_left(x.round() as i32);
            scroller.set_scroll_top(y.round() as i32);
        }
        self.redraw();
    }

    /// Brings a place into view.
    pub(super) fn reveal(&self, at: Spot) {
        let scroll = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let scroll = state.port.reveal(layout, at);
            let moved = scroll != (state.port.scroll_x, state.port.scroll_y);
            (state.port.scroll_x, state.port.scroll_y) = scroll;
            moved.then_some(scroll)
        });
        if let Some(scroll) = scroll.flatten() {
            self.scroll_to(scroll);
        }
    }

    /// Goes to a cell, on its sheet.
    pub fn go_to(&self, cell: CellRef) {
        if self.sheet.get_untracked() != Some(cell.sheet) {
            self.show(cell.sheet);
        }
        let at = self.with(|state| {
            let at = state.layout.as_ref()?.spot(cell)?;
            state.selection.put(at);
            Some(at)
        });
        if let Some(at) = at.flatten() {
            self.reveal(at);
            self.selection_changed();
        }
    }

    /// The selection has moved: tells everyone who follows it.
    pub(super) fn selection_changed(&self) {
        self.refresh_active();
        self.follow_soon();
        self.share_place();
        self.redraw();
    }

    /// Tells the others where this person is.
    pub(super) fn share_place(&self) {
        let Some(session) = self.session else { return };
        let cell = self.with(|state| state.active_cell()).flatten();
        session.show_place(cell, self.sheet.get_untracked(), self.editing.with_untracked(Option::is_some));
    }

    fn refresh_active(&self) {
        let active = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let at = state.selection.active;
            let Some(cell) = layout.cell(at) else {
                let measure = layout.measure(at.line).map(|measure| measure.name.clone()).unwrap_or_default();
                return Some(Active {
                    cell: None,
                    address: format!("Total of {measure}"),
                    text: String::new(),
                    // Whether it spreads down is asked when someone types.
                    locked: None,
                    note: None,
                    error: None,
                });
            };
            let source = &state.source;
            let error = source.objection(cell).map(|objection| format!("Not what this cell accepts: {objection}."));
            let error = match source.value(cell) {
                Value::Error(error) => {
                    let origin = error.origin().filter(|origin| *origin != cell);
                    let from = origin.map(|origin| format!(" It comes from {}.", source.address(origin)));
                    let why = error.detail().map_or(error.kind.meaning(), AsRef::as_ref);
                    Some(format!("{}: {why}.{}", error.kind.code(), from.unwrap_or_default()))
                }
                _ => error,
            };
            Some(Active {
                cell: Some(cell),
                address: source.address(cell),
                text: source.explain(cell),
                locked: source.locked(cell),
                note: source.note(cell),
                error,
            })
        });
        let Some(active) = active else { return };
        if self.active.with_untracked(|known| *known != active) {
            self.active.set(active);
        }
    }

    /// What is said beside the grid of the selection follows once the grid itself is painted.
    fn follow_soon(&self) {
        if self.follow_due.try_get_value() != Some(false) {
            return;
        }
        self.follow_due.set_value(true);
        let grid = *self;
        set_timeout(
            move || {
                grid.follow_due.try_set_value(false);
                grid.count();
                grid.tell_selected();
            },
            Duration::from_millis(40),
        );
    }

    /// Tells the panels beside the grid which cell is selected.
    fn tell_selected(&self) {
        let Some(session) = self.session else { return };
        let cell = self.with(|state| state.active_cell()).flatten();
        if session.selected.try_get_untracked().is_some_and(|told| told != cell) {
            session.selected.set(cell);
        }
    }

    fn count(&self) {
        let stats = self.with(|state| {
            let mut stats = Stats::default();
            let Some(layout) = state.layout.take() else { return stats };
            let areas: Vec<Area> = state.selection.areas().collect();
            stats.cells = areas.iter().map(|area| area.size().0 * area.size().1).sum();
            for at in areas.into_iter().flat_map(Area::spots).take(STATS_CELLS) {
                let number = match layout.cell(at) {
                    Some(cell) => {
                        let value = state.source.value(cell);
                        stats.filled += usize::from(!value.is_blank());
                        value.as_number()
                    }
                    None => state.total(&layout, at),
                };
                if let Some(number) = number {
                    stats.sum += number;
                    stats.numbers += 1;
                }
            }
            state.layout = Some(layout);
            stats
        });
        if let Some(stats) = stats
            && self.stats.get_untracked() != stats
        {
            self.stats.set(stats);
        }
    }

    /// Paints with the next frame, once for everything that happens until then.
    pub fn redraw(&self) {
        if self.frame_due.try_get_value() != Some(false) {
            return;
        }
        self.frame_due.set_value(true);
        let grid = *self;
        request_animation_frame(move || {
            if grid.frame_due.try_set_value(false).is_none() {
                grid.frame();
            }
        });
        self.mirror_soon();
    }

    fn frame(&self) {
        let (Some(canvas), Some(scroller)) = (self.canvas.get_untracked(), self.scroller.get_untracked()) else {
            return;
        };
        let ratio = window().device_pixel_ratio().max(1.0);
        let Ok(Some(context)) = canvas.get_context("2d") else { return };
        let context: CanvasRenderingContext2d = context.unchecked_into();
        if self.theme.with_value(Option::is_none) {
            let theme = Theme::read(&canvas);
            if let Some(theme) = &theme {
                self.measure_font(&context, theme);
            }
            self.theme.set_value(theme);
        }
        let Some(theme) = self.theme.get_value() else { return };
        let pulse = js_sys::Math::sin(js_sys::Date::now() / 280.0) / 2.0 + 0.5;
        let painted = self.with(|state| {
            state.port.scroll_x = f64::from(scroller.scroll_left());
            state.port.scroll_y = f64::from(scroller.scroll_top());
            let (width, height) = (state.port.width * ratio, state.port.height * ratio);
            if canvas.width() != width as u32 || canvas.height() != height as u32 {
                canvas.set_width(width as u32);
                canvas.set_height(height as u32);
                let size = format!("width:{}px;height:{}px", state.port.width, state.port.height);
                let _ = canvas.set_attribute("style", &size);
                if let Some(mirror) = self.mirror.get_untracked() {
                    let _ = mirror.set_attribute("style", &size);
                }
            }
            paint(&context, state, &theme, ratio, pulse)
        });
        self.place_input();
        if painted.is_some_and(|painted| painted.pending) {
            let grid = *self;
            set_timeout(move || grid.redraw(), Duration::from_millis(90));
        }
    }

    /// Learns how wide the font's characters are, and lays out anew where they are wider or narrower than thought.
    fn measure_font(&self, context: &CanvasRenderingContext2d, theme: &Theme) {
        const SAMPLE: &str = "SKU-014 Beverages 0.33 L Retail DACH";
        context.set_font(&format!("600 12.5px {}", theme.font));
        let Ok(metrics) = context.measure_text(SAMPLE) else { return };
        let character = metrics.width() / SAMPLE.chars().count() as f64;
        let other = self.with(|state| {
            let other = (state.character - character).abs() > 0.1;
            state.character = character;
            if other {
                state.lay_out();
            }
            other
        });
        if other == Some(true) {
            self.after_layout();
        }
    }

    /// Keeps the input over the active cell, so that the editor opens there and screen magnifiers follow.
    fn place_input(&self) {
        let Some(input) = self.input.get_untracked() else { return };
        let placed = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let at = self
                .editing
                .with_untracked(|editing| editing.as_ref().map_or(state.selection.active, |editing| editing.at));
            let width = layout.columns.get(at.col)?.width;
            let (x, y) = (
                layout.x(at.col, state.port.scroll_x),
                HEADER + at.line as f64 * state.port.line - state.port.scroll_y,
            );
            Some((x, y, width, state.port, mirror::element_id(at)))
        });
        let Some((x, y, width, port, id)) = placed.flatten() else { return };
        let style = web_sys::HtmlElement::style(&input);
        let editing = self.editing.with_untracked(|editing| editing.as_ref().map(|editing| editing.text.clone()));
        let width = match &editing {
            // The editor grows with its text as far as there is room.
            Some(text) => {
                (text.chars().count() as f64 * 7.6 + 24.0).clamp(width + 1.0, (port.width - x - 8.0).max(width + 1.0))
            }
            None => width,
        };
        let lines = editing.as_ref().map_or(1, |text| text.lines().count().max(1)) as f64;
        for (name, value) in [
            ("left", x - 1.0),
            ("top", y - 1.0),
            ("width", width + 1.0),
            ("height", port.line + 1.0 + (lines - 1.0) * 17.0),
        ] {
            let _ = style.set_property(name, &format!("{value}px"));
        }
        let _ = input.set_attribute("aria-activedescendant", &id);
    }

    /// Writes the ARIA mirror shortly: not with every frame, so that scrolling stays smooth.
    fn mirror_soon(&self) {
        if self.mirror_due.try_get_value() != Some(false) {
            return;
        }
        self.mirror_due.set_value(true);
        let grid = *self;
        set_timeout(
            move || {
                if grid.mirror_due.try_set_value(false).is_none() {
                    grid.write_mirror();
                }
            },
            MIRROR_PAUSE,
        );
    }

    fn write_mirror(&self) {
        let Some(mirror) = self.mirror.get_untracked() else { return };
        let Some(html) = self.with(mirror::html) else { return };
        if self.mirrored.with_value(|known| *known != html) {
            mirror.set_inner_html(&html);
            self.mirrored.set_value(html);
        }
    }
}
