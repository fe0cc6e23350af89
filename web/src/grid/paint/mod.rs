//! Paints the visible part of the grid on a canvas.

mod cells;
mod headers;
mod marks;
mod pen;
mod sparklines;

pub(super) use marks::MENTIONED;

use web_sys::CanvasRenderingContext2d as Context;

use super::layout::{HEADER, Layout, PLAN_MEASURE};
use super::picture::{Picture, Stale};
use super::selection::Area;
use super::state::GridState;
use super::theme::Theme;
use pen::Pen;

const PAD: f64 = 8.0;

/// What painting found that matters to the caller.
#[derive(Clone, Copy, Debug, Default)]
pub struct Painted {
    /// Cells whose newer value is being computed are in view: paint again soon.
    pub pending: bool,
}

/// Paints what differs from what is on the screen. `pulse` in 0–1 moves with time, for cells being computed.
pub fn paint(context: &Context, state: &mut GridState, theme: &Theme, ratio: f64, pulse: f64) -> Painted {
    let port = state.port;
    let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
    let Some(layout) = state.layout.take() else {
        state.painted = None;
        context.set_fill_style_str(&theme.ground);
        context.fill_rect(0.0, 0.0, port.width, port.height);
        return Painted::default();
    };
    let picture = Picture::take(state, &layout);
    // Arrows of what is traced run across lines.
    let before = state.painted.take().filter(|_| state.traced.is_none());
    let stale = before.map_or(Stale::Everything, |before| picture.stale_since(&before));
    let around = match &stale {
        Stale::Everything => picture.lines.clone().collect(),
        Stale::Lines { lines, .. } => with_neighbours(lines, &picture.lines),
    };
    let pending = picture.is_pending();
    let mut painter = Painter {
        context,
        theme,
        layout: &layout,
        state,
        ratio,
        pulse,
        pen: Pen::default(),
        picture: &picture,
        lines: &around,
    };
    match &stale {
        Stale::Everything => painter.everything(),
        Stale::Lines { lines, headings } => painter.these(lines, *headings),
    }
    state.layout = Some(layout);
    state.painted = Some(picture).filter(|_| state.traced.is_none());
    Painted { pending }
}

/// Lines and those beside them: on screens whose pixels lie across the border of two lines both have a part in it.
fn with_neighbours(lines: &[usize], shown: &std::ops::Range<usize>) -> Vec<usize> {
    let near = |line: &usize| lines.iter().any(|other| line.abs_diff(*other) <= 1);
    shown.clone().filter(near).collect()
}

pub(super) struct Painter<'a> {
    pub(super) context: &'a Context,
    theme: &'a Theme,
    pub(super) layout: &'a Layout,
    pub(super) state: &'a mut GridState,
    ratio: f64,
    pulse: f64,
    pen: Pen,
    picture: &'a Picture,
    /// The lines to paint.
    lines: &'a [usize],
}

impl Painter<'_> {
    /// Paints some lines, and the headings of columns or not, and leaves the rest as it is.
    fn these(&mut self, lines: &[usize], headings: bool) {
        if lines.is_empty() && !headings {
            return;
        }
        let port = self.state.port;
        // Whole pixels of the screen, so that nothing shines through where one was painted in part.
        let snapped = |top: f64, bottom: f64| {
            let (top, bottom) = ((top * self.ratio).floor() / self.ratio, (bottom * self.ratio).ceil() / self.ratio);
            (top, bottom - top)
        };
        self.context.save();
        self.context.begin_path();
        if headings {
            let (top, height) = snapped(0.0, HEADER);
            self.context.rect(0.0, top, port.width, height);
        }
        for &line in lines {
            let (top, height) = snapped(self.top(line), self.top(line + 1));
            self.context.rect(0.0, top, port.width, height);
        }
        self.context.clip();
        self.everything();
        self.context.restore();
    }

    fn everything(&mut self) {
        let port = self.state.port;
        self.fill(&self.theme.ground, 0.0, 0.0, port.width, port.height);
        let edge = self.layout.frozen_width().min(port.width);
        let columns = self.picture.columns.clone();
        let frozen = 0..self.layout.frozen;
        self.clipped(edge, HEADER, port.width - edge, port.height - HEADER, |this| {
            this.cells(columns.clone());
            this.now_line();
            this.marks();
        });
        self.clipped(0.0, HEADER, edge, port.height - HEADER, |this| {
            this.fill(&this.theme.ground, 0.0, HEADER, edge, port.height - HEADER);
            this.cells(frozen.clone());
            this.labels();
            this.sparklines();
            this.gutter();
            this.marks();
        });
        self.clipped(edge, 0.0, port.width - edge, HEADER, |this| this.headers(columns.clone(), edge));
        self.clipped(0.0, 0.0, edge, HEADER, |this| {
            this.headers(frozen.clone(), 0.0);
            this.sparkline_heading();
        });
        self.edges(edge);
    }

    fn clipped(&mut self, x: f64, y: f64, width: f64, height: f64, draw: impl FnOnce(&mut Self)) {
        if width <= 0.0 || height <= 0.0 {
            return;
        }
        self.context.save();
        self.context.begin_path();
        self.context.rect(x, y, width, height);
        self.context.clip();
        draw(self);
        self.context.restore();
        self.pen.forget();
    }

    fn top(&self, line: usize) -> f64 {
        HEADER + line as f64 * self.state.port.line - self.state.port.scroll_y
    }

    fn left(&self, col: usize) -> f64 {
        self.layout.x(col, self.state.port.scroll_x)
    }

    pub(super) fn area_box(&self, area: Area) -> (f64, f64, f64, f64) {
        let (x, y) = (self.left(area.left), self.top(area.top));
        let right = self.left(area.right) + self.layout.columns.get(area.right).map_or(0.0, |column| column.width);
        (x, y, right - x, self.top(area.bottom + 1) - y)
    }
}
