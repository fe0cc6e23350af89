//! Tracing in the grid: asking for it, and drawing it.

use super::handle::Grid;
use super::paint::{MENTIONED, Painter};
use super::selection::{Area, Spot};
use super::trace::{Trace, Traced, boxes, end_of};
use crate::state::Tone;

impl Grid {
    /// Marks what the active cell follows from, or what follows from it; asked again, takes the marks away.
    pub(super) fn trace(&self, way: Trace) {
        let Some(cell) = self.with(|state| state.active_cell()).flatten() else { return };
        let Some(source) = self.source() else { return };
        let stands = self.with(|state| state.traced.take_if(|traced| (traced.cell, traced.way) == (cell, way)));
        if stands.flatten().is_some() {
            return self.redraw();
        }
        let areas = source.trace(cell, way);
        let title = match way {
            Trace::Precedents => "What it follows from",
            Trace::Dependents => "What follows from it",
        };
        if areas.is_empty() {
            let words = match way {
                Trace::Precedents => "This cell reads no other cell.",
                Trace::Dependents => "No formula reads this cell.",
            };
            self.notices.say(Tone::Info, title, words);
        }
        let names: Vec<String> = areas
            .iter()
            .filter(|area| area.sheet != cell.sheet)
            .map(|area| {
                let first = grid_engine::refs::CellRef { sheet: area.sheet, row: area.rows.0, col: area.cols.0 };
                let more = if (area.rows.0, area.cols.0) == (area.rows.1, area.cols.1) { "" } else { " and on" };
                format!("{}{more}", source.address(first))
            })
            .collect();
        if !names.is_empty() {
            const MOST: usize = 5;
            let more = names.len().checked_sub(MOST).filter(|more| *more > 0);
            let rest = more.map(|more| format!("; {more} more")).unwrap_or_default();
            let shown = names[..names.len().min(MOST)].join("; ");
            self.notices.say(Tone::Info, format!("{title}, on other sheets"), format!("{shown}{rest}"));
        }
        self.with(|state| state.traced = Some(Traced { way, cell, areas }));
        self.redraw();
    }
}

impl Painter<'_> {
    /// Boxes around what is traced, and an arrow along the way figures flow.
    pub(super) fn trace(&self) {
        let Some(traced) = &self.state.traced else { return };
        let Some(home) = self.layout.spot(traced.cell) else { return };
        let colour = MENTIONED[0];
        let centre = |at: Spot| {
            let (x, y, width, height) =
                self.area_box(Area { top: at.line, left: at.col, bottom: at.line, right: at.col });
            (x + width.min(24.0) / 2.0, y + height / 2.0)
        };
        self.context.set_stroke_style_str(colour);
        for area in traced.areas.iter().flat_map(|area| boxes(self.layout, area)) {
            let (x, y, width, height) = self.area_box(area);
            self.context.set_global_alpha(0.08);
            self.fill(colour, x, y, width, height);
            self.context.set_global_alpha(1.0);
            self.context.set_line_width(1.5);
            self.context.stroke_rect(x - 0.5, y - 0.5, width, height);
            let (from, to) = match traced.way {
                Trace::Precedents => (centre(end_of(area)), centre(home)),
                Trace::Dependents => (centre(home), centre(end_of(area))),
            };
            self.arrow(from, to, colour);
        }
    }

    fn arrow(&self, from: (f64, f64), to: (f64, f64), colour: &str) {
        const HEAD: f64 = 7.0;
        let (dx, dy) = (to.0 - from.0, to.1 - from.1);
        let length = dx.hypot(dy);
        if length < HEAD {
            return;
        }
        let (along, across) = ((dx / length, dy / length), (-dy / length, dx / length));
        let context = self.context;
        context.set_fill_style_str(colour);
        context.begin_path();
        let _ = context.arc(from.0, from.1, 2.5, 0.0, std::f64::consts::TAU);
        context.fill();
        context.begin_path();
        context.move_to(from.0, from.1);
        context.line_to(to.0 - along.0 * HEAD, to.1 - along.1 * HEAD);
        context.stroke();
        context.begin_path();
        context.move_to(to.0, to.1);
        for side in [0.5, -0.5] {
            let back = |axis: fn((f64, f64)) -> f64| axis(to) - axis(along) * HEAD + axis(across) * HEAD * side;
            context.line_to(back(|point| point.0), back(|point| point.1));
        }
        context.fill();
    }
}
