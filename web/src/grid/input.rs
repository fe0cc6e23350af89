//! Keys, mouse and clipboard, turned into what the grid does.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, HtmlTextAreaElement, KeyboardEvent, MouseEvent, PointerEvent};

use super::clipboard::OWN_TYPE;
use super::fill::cycle_absolute;
use super::handle::Grid;
use super::hit::{Hit, grabs, hit};
use super::keys::{Command, EditorCommand, Press, arrow, command, editor_command};
use super::selection::{Area, Extent, Spot, Way};

/// What the pointer is dragging.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Drag {
    #[default]
    Nothing,
    Select,
    SelectColumns {
        from: usize,
    },
    SelectLines {
        from: usize,
    },
    Fill {
        from: Area,
    },
    /// The selected cells, to elsewhere; `grab` is the cell they were taken at.
    Move {
        from: Area,
        grab: Spot,
    },
    /// The area a formula being written refers to.
    Point {
        from: Spot,
    },
    Resize {
        col: usize,
        start_x: f64,
        width: f64,
    },
}

impl Grid {
    /// A key while the grid (or the editor over it) has the keyboard.
    pub(super) fn on_key(&self, event: &KeyboardEvent, next_sheet: impl Fn(bool)) {
        if event.is_composing() {
            return;
        }
        let key = event.key();
        let press = Press {
            key: &key,
            ctrl: event.ctrl_key() || event.meta_key(),
            shift: event.shift_key(),
            alt: event.alt_key(),
        };
        let typed = self.editing.with_untracked(|editing| editing.as_ref().map(|editing| editing.typed));
        if let Some(typed) = typed {
            let plain = typed && !press.ctrl && !press.alt;
            if plain && arrow(&key).is_some_and(|way| self.point_on(way, press.shift)) {
                event.prevent_default();
                event.stop_propagation();
                return;
            }
            if let Some(command) = editor_command(press, typed) {
                event.prevent_default();
                event.stop_propagation();
                self.edit_command(command, event);
            }
            return;
        }
        if let Some(command) = command(press) {
            event.prevent_default();
            self.run(command, next_sheet);
        }
    }

    fn edit_command(&self, command: EditorCommand, event: &KeyboardEvent) {
        match command {
            EditorCommand::Commit(way) => drop(self.commit(Some(way), false)),
            EditorCommand::CommitAll => drop(self.commit(None, true)),
            EditorCommand::Discard => self.discard(),
            EditorCommand::NewLine | EditorCommand::Absolute => {
                let Some(field) = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok())
                else {
                    return;
                };
                let caret = field.selection_start().ok().flatten().unwrap_or(0) as usize;
                let text = field.value();
                let next = if command == EditorCommand::Absolute {
                    cycle_absolute(&text, caret)
                } else {
                    let at = text.char_indices().nth(caret).map_or(text.len(), |(at, _)| at);
                    Some((format!("{}\n{}", &text[..at], &text[at..]), caret + 1))
                };
                if let Some((text, caret)) = next {
                    field.set_value(&text);
                    let _ = field.set_selection_range(caret as u32, caret as u32);
                    self.retype(text);
                }
            }
        }
    }

    /// Runs a command of the keyboard or a menu.
    pub fn run(&self, command: Command, next_sheet: impl Fn(bool)) {
        match command {
            Command::Edit => return self.begin(None, false, false),
            Command::Clear => return self.clear(),
            Command::Undo => return self.step_back(false),
            Command::Redo => return self.step_back(true),
            Command::FillDown => return self.fill_selection(Way::Down),
            Command::FillRight => return self.fill_selection(Way::Right),
            Command::NextSheet => return next_sheet(true),
            Command::PreviousSheet => return next_sheet(false),
            Command::Today => {
                let today = js_sys::Date::new_0();
                let text = format!("{:04}-{:02}-{:02}", today.get_full_year(), today.get_month() + 1, today.get_date());
                return self.begin(Some(text), true, false);
            }
            Command::Cancel => {
                self.with(|state| {
                    state.forget_copied();
                    state.filling = None;
                    state.traced = None;
                });
                return self.redraw();
            }
            Command::GoTo => return self.going.update(|count| *count += 1),
            Command::Find => return self.finding.set(Some(false)),
            Command::Replace => return self.finding.set(Some(true)),
            Command::Note => return self.ask_note(),
            Command::Comment => return self.ask_comment(),
            Command::Trace(way) => return self.trace(way),
            Command::Insert => return self.insert(self.selected_axis(), false),
            Command::Delete => return self.delete(self.selected_axis()),
            Command::AutoSum => return self.begin_sum(),
            Command::Choose => return self.choose(),
            _ => {}
        }
        let Some(to) = self.with(|state| {
            let extent = state.extent();
            let page = state.port.page();
            let (active, focus) = (state.selection.active, state.selection.focus);
            let last = Spot { line: extent.lines.saturating_sub(1), col: extent.cols.saturating_sub(1) };
            let (to, extend) = match command {
                Command::Move(way) => (extent.step(active, way, 1), false),
                Command::Extend(way) => (extent.step(focus, way, 1), true),
                Command::Jump(way) => (extent.jump(active, way, |at| state.filled(at)), false),
                Command::ExtendJump(way) => (extent.jump(focus, way, |at| state.filled(at)), true),
                Command::Page(way) => (extent.step(active, way, page), false),
                Command::ExtendPage(way) => (extent.step(focus, way, page), true),
                Command::LineStart { extend } => (Spot { col: 0, ..if extend { focus } else { active } }, extend),
                Command::LineEnd { extend } => (Spot { col: last.col, ..if extend { focus } else { active } }, extend),
                Command::SheetStart { extend } => (Spot::default(), extend),
                Command::SheetEnd { extend } => (state.last_used(), extend),
                Command::Advance(way) => {
                    state.selection.advance(way, extent);
                    return state.selection.active;
                }
                Command::SelectAll => {
                    state.selection.cover(Area::between(Spot::default(), last));
                    return active;
                }
                Command::SelectColumn => {
                    let area = state.selection.area();
                    state.selection.cover(Area { top: 0, bottom: last.line, ..area });
                    return active;
                }
                Command::SelectLine => {
                    let area = state.selection.area();
                    state.selection.cover(Area { left: 0, right: last.col, ..area });
                    return active;
                }
                _ => return active,
            };
            if extend {
                state.selection.extend(to);
            } else {
                state.selection.put(to);
            }
            to
        }) else {
            return;
        };
        self.reveal(to);
        self.selection_changed();
    }

    /// Where the pointer is within the grid.
    fn pointer(&self, event: &MouseEvent) -> Option<(f64, f64)> {
        let scroller = self.scroller.get_untracked()?;
        let bounds = scroller.get_bounding_client_rect();
        Some((f64::from(event.client_x()) - bounds.left(), f64::from(event.client_y()) - bounds.top()))
    }

    pub(super) fn hit(&self, event: &MouseEvent) -> Hit {
        let Some((x, y)) = self.pointer(event) else { return Hit::Nothing };
        self.with(|state| {
            let layout = state.layout.as_ref()?;
            Some(hit(layout, &state.port, Some(state.selection.area()), x, y))
        })
        .flatten()
        .unwrap_or(Hit::Nothing)
    }

    /// The selected cells, where the pointer is on their border and they can be dragged.
    fn grabbed(&self, event: &MouseEvent) -> Option<Area> {
        let (x, y) = self.pointer(event)?;
        let may_edit = self.session.is_some();
        self.with(|state| {
            let (layout, area) = (state.layout.as_ref()?, state.selection.area());
            let is_one = state.selection.areas().count() == 1;
            (may_edit && is_one && grabs(layout, &state.port, area, x, y)).then_some(area)
        })
        .flatten()
    }

    /// The pointer goes down. Returns what it drags from here.
    pub(super) fn on_pointer_down(&self, event: &PointerEvent) -> Drag {
        if event.button() != 0 {
            return Drag::Nothing;
        }
        if let Some(editing) = self.editing.get_untracked() {
            let over = event.target().and_then(|target| target.dyn_into::<HtmlTextAreaElement>().ok());
            if over.is_some() {
                return Drag::Nothing;
            }
            if let (Hit::Cell(at), true) = (self.hit(event), self.is_pointing()) {
                event.prevent_default();
                self.point(at, at);
                return Drag::Point { from: at };
            }
            // Pressing elsewhere takes the text, as everywhere; one that cannot be read keeps the editor open.
            if editing.problem.is_some() || !self.commit(None, false) {
                event.prevent_default();
                return Drag::Nothing;
            }
        }
        event.prevent_default();
        self.focus();
        let (extend, add) = (event.shift_key(), event.ctrl_key() || event.meta_key());
        let hit = self.hit(event);
        if let (Hit::Cell(grab), false) = (hit, extend)
            && let Some(from) = self.grabbed(event)
        {
            return Drag::Move { from, grab };
        }
        let drag = self.with(|state| {
            let extent = state.extent();
            let last = Spot { line: extent.lines.saturating_sub(1), col: extent.cols.saturating_sub(1) };
            match hit {
                Hit::Cell(at) => {
                    match (extend, add) {
                        (true, _) => state.selection.extend(at),
                        (false, true) => state.selection.add(at),
                        (false, false) => state.selection.put(at),
                    }
                    Drag::Select
                }
                Hit::FillHandle => Drag::Fill { from: state.selection.area() },
                Hit::Header(col) => {
                    state.selection.cover(Area { top: 0, left: col, bottom: last.line, right: col });
                    Drag::SelectColumns { from: col }
                }
                Hit::HeaderEdge(col) => {
                    let width =
                        state.layout.as_ref().and_then(|layout| layout.columns.get(col)).map_or(80.0, |col| col.width);
                    Drag::Resize { col, start_x: f64::from(event.client_x()), width }
                }
                Hit::Label(line) => {
                    let left =
                        state.layout.as_ref().map_or(0, |layout| if layout.label > 0.0 { layout.frozen } else { 0 });
                    state.selection.cover(Area { top: line, left, bottom: line, right: last.col });
                    Drag::SelectLines { from: line }
                }
                Hit::Corner => {
                    state.selection.cover(Area::between(Spot::default(), last));
                    Drag::Nothing
                }
                Hit::GroupToggle(group) => {
                    let name = state
                        .layout
                        .as_ref()
                        .and_then(|layout| layout.groups.get(group as usize))
                        .map(|group| group.name.clone());
                    if let Some(name) = name
                        && !state.view.collapsed.remove(&name)
                    {
                        state.view.collapsed.insert(name);
                    }
                    Drag::Nothing
                }
                Hit::Nothing => Drag::Nothing,
            }
        });
        if matches!(hit, Hit::GroupToggle(_)) {
            self.restructured();
        }
        self.selection_changed();
        drag.unwrap_or_default()
    }

    /// The pointer moves while something is dragged.
    pub(super) fn on_drag(&self, drag: Drag, event: &PointerEvent) {
        let Some((x, y)) = self.pointer(event) else { return };
        if let Drag::Resize { col, start_x, width } = drag {
            let width = width + f64::from(event.client_x()) - start_x;
            return self.change_view(|view| {
                view.widths.retain(|(known, _)| *known != col);
                view.widths.push((col, width));
            });
        }
        let at = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let (width, height) = (state.port.width, state.port.height);
            // Outside the view the nearest cell counts, and the view follows.
            let inside_x = x.clamp(1.0, width - 2.0);
            let inside_y = y.clamp(super::layout::HEADER + 1.0, height - 2.0);
            match hit(layout, &state.port, None, inside_x, inside_y) {
                Hit::Cell(at) => Some(at),
                Hit::Label(line) | Hit::HeaderEdge(line) | Hit::Header(line) => {
                    Some(Spot { line, col: layout.frozen.min(layout.columns.len().saturating_sub(1)) })
                }
                _ => None,
            }
        });
        let Some(at) = at.flatten() else { return };
        if let Drag::Point { from } = drag {
            return self.point(from, at);
        }
        self.with(|state| match drag {
            Drag::Select => state.selection.extend(at),
            Drag::SelectColumns { from } => {
                let bottom = state.extent().lines.saturating_sub(1);
                state.selection.anchor = Spot { line: 0, col: from };
                state.selection.extend(Spot { line: bottom, col: at.col });
            }
            Drag::SelectLines { from } => {
                let right = state.extent().cols.saturating_sub(1);
                state.selection.anchor.line = from;
                state.selection.extend(Spot { line: at.line, col: right });
            }
            Drag::Fill { from } => state.filling = Some(stretched(from, at)),
            Drag::Move { from, grab } => state.filling = Some(shifted(from, grab, at, state.extent())),
            Drag::Nothing | Drag::Resize { .. } | Drag::Point { .. } => {}
        });
        if !matches!(drag, Drag::SelectColumns { .. } | Drag::SelectLines { .. }) {
            self.reveal(at);
        }
        self.selection_changed();
    }

    /// The pointer goes up.
    pub(super) fn on_drop(&self, drag: Drag, event: &PointerEvent) {
        match drag {
            Drag::Fill { from } => {
                let into = self.with(|state| state.filling.take()).flatten();
                if let Some(into) = into.filter(|into| *into != from) {
                    // With Ctrl the dragged cells are copied rather than continued.
                    self.fill_from(from, into, event.ctrl_key());
                }
                self.redraw();
            }
            Drag::Move { from, grab } => {
                let into = self.with(|state| state.filling.take()).flatten();
                let with_ctrl = event.ctrl_key() || event.meta_key();
                match into.filter(|into| *into != from) {
                    // With Ctrl a copy is left there.
                    Some(into) => self.drop_cells(from, into, with_ctrl),
                    // Not dragged at all: pressed, as any cell.
                    None => {
                        self.with(|state| match with_ctrl {
                            true => state.selection.add(grab),
                            false => state.selection.put(grab),
                        });
                        self.selection_changed();
                    }
                }
                self.redraw();
            }
            Drag::Resize { col, .. } => self.share_width(col, false),
            _ => {}
        }
    }

    /// A width dragged on a free column, or that it fits its text again, is shared with everyone who may write the sheet.
    fn share_width(&self, col: usize, fits: bool) {
        let found = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let column = layout.columns.get(col)?;
            let id = match column.across {
                super::layout::Across::Free(id) => id,
                _ => return None,
            };
            Some((layout.sheet, id, column.width as u32))
        });
        if let (Some(session), Some((sheet, col, width))) = (self.session, found.flatten()) {
            let width = (!fits).then_some(width);
            // Refused for people who only read: then it holds for this view alone.
            let _ = session.edit(vec![grid_engine::doc::Op::SetColWidth { sheet, col, width }], None);
        }
    }

    /// Two presses: edit the cell, or fit the column to its text.
    pub(super) fn on_double_click(&self, event: &MouseEvent) {
        match self.hit(event) {
            Hit::Cell(_) => self.begin(None, false, false),
            Hit::HeaderEdge(col) => {
                self.change_view(|view| view.widths.retain(|(known, _)| *known != col));
                self.share_width(col, true);
            }
            _ => {}
        }
    }

    /// What the pointer looks like here.
    pub(super) fn pointer_style(&self, event: &MouseEvent) -> &'static str {
        match self.hit(event) {
            Hit::Cell(_) if self.grabbed(event).is_some() => "move",
            Hit::HeaderEdge(_) => "col-resize",
            Hit::FillHandle => "crosshair",
            Hit::GroupToggle(_) => "pointer",
            Hit::Cell(_) => "cell",
            _ => "default",
        }
    }

    /// Puts the selection on the clipboard; with `cut`, to be moved from there.
    pub(super) fn on_copy(&self, event: &ClipboardEvent, cut: bool) {
        if self.editing.with_untracked(Option::is_some) {
            return;
        }
        let Some(data) = event.clipboard_data() else { return };
        let copied = if cut { self.cut_text() } else { self.copied_text() };
        let Some((text, html, own)) = copied else { return };
        event.prevent_default();
        let _ = data.set_data("text/plain", &text);
        let _ = data.set_data("text/html", &html);
        let _ = data.set_data(OWN_TYPE, &own);
    }

    /// Takes what is on the clipboard.
    pub(super) fn on_paste(&self, event: &ClipboardEvent, values_only: bool) {
        if self.editing.with_untracked(Option::is_some) {
            return;
        }
        let Some(data) = event.clipboard_data() else { return };
        event.prevent_default();
        let part = |kind: &str| data.get_data(kind).ok().filter(|text| !text.is_empty());
        self.paste(part(OWN_TYPE), part("text/html"), &part("text/plain").unwrap_or_default(), values_only);
    }
}

/// An area dragged from one cell to another, within the sheet.
fn shifted(from: Area, grab: Spot, to: Spot, extent: Extent) -> Area {
    let (height, width) = (from.bottom - from.top, from.right - from.left);
    let top = (from.top + to.line).saturating_sub(grab.line).min(extent.lines.saturating_sub(height + 1));
    let left = (from.left + to.col).saturating_sub(grab.col).min(extent.cols.saturating_sub(width + 1));
    Area { top, left, bottom: top + height, right: left + width }
}

/// The area a fill handle has been dragged to: along one axis, the one it went further on.
fn stretched(from: Area, to: Spot) -> Area {
    let beyond = |low: usize, high: usize, at: usize| {
        if at < low { low - at } else { at.saturating_sub(high) }
    };
    let down = beyond(from.top, from.bottom, to.line);
    let across = beyond(from.left, from.right, to.col);
    if down >= across {
        Area { top: from.top.min(to.line), bottom: from.bottom.max(to.line), ..from }
    } else {
        Area { left: from.left.min(to.col), right: from.right.max(to.col), ..from }
    }
}
