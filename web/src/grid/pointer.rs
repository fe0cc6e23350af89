//! What the mouse does: selecting, filling, moving cells, and giving columns their width.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlTextAreaElement, MouseEvent, PointerEvent};

use super::fill::Fill;
use super::handle::Grid;
use super::hit::{Hit, grabs, hit};
use super::layout::{Across, HEADER};
use super::references::Reach;
use super::selection::{Area, Extent, Spot};

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
        reach: Reach,
    },
    Resize {
        col: usize,
        start_x: f64,
        width: f64,
    },
}

impl Grid {
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
            let pressed = match self.hit(event) {
                Hit::Cell(at) => Some((at, Reach::Cells)),
                Hit::Header(col) | Hit::HeaderEdge(col) => Some((Spot { line: 0, col }, Reach::Columns)),
                Hit::Label(line) => Some((Spot { line, col: 0 }, Reach::Rows)),
                _ => None,
            };
            if let Some((at, reach)) = pressed.filter(|_| self.is_pointing()) {
                event.prevent_default();
                let from = self.pointed_from().filter(|_| event.shift_key()).unwrap_or(at);
                self.point(from, at, reach);
                return Drag::Point { from, reach };
            }
            // Pressing elsewhere takes the text, as everywhere; one that cannot be read keeps the editor open.
            let here = self.sheet.get_untracked() == Some(editing.sheet);
            // A sheet one only points at is left with the text: what was pressed there is out of view then.
            if editing.problem.is_some() || !self.commit(None, false) || !here {
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
                Hit::GroupToggle(_) | Hit::Nothing => Drag::Nothing,
            }
        });
        if let Hit::GroupToggle(group) = hit {
            self.collapse(Some(group), None);
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
            let inside_y = y.clamp(HEADER + 1.0, height - 2.0);
            match hit(layout, &state.port, None, inside_x, inside_y) {
                Hit::Cell(at) => Some(at),
                Hit::Label(line) | Hit::HeaderEdge(line) | Hit::Header(line) => {
                    Some(Spot { line, col: layout.frozen.min(layout.columns.len().saturating_sub(1)) })
                }
                _ => None,
            }
        });
        let Some(at) = at.flatten() else { return };
        if let Drag::Point { from, reach } = drag {
            return self.point(from, at, reach);
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
                    let fill = if event.ctrl_key() || event.meta_key() { Fill::Turned } else { Fill::Series };
                    self.fill_from(from, into, fill);
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
                Across::Free(id) => id,
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

    /// Two presses: edit the cell, fill down beside what is filled, or fit the column to its text.
    pub(super) fn on_double_click(&self, event: &MouseEvent) {
        match self.hit(event) {
            Hit::Cell(_) => self.begin(None, false, false),
            Hit::FillHandle => self.fill_beside(),
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
