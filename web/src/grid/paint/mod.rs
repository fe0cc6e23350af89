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
        Stale::Everything => picture.all_lines().collect(),
        Stale::Lines { lines, .. } => with_neighbours(lines, picture.all_lines().collect()),
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
        is_frozen: (false, false),
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
fn with_neighbours(lines: &[usize], shown: Vec<usize>) -> Vec<usize> {
    let is_near =
        |at: usize| shown[at.saturating_sub(1)..(at + 2).min(shown.len())].iter().any(|it| lines.contains(it));
    (0..shown.len()).filter(|at| is_near(*at)).map(|at| shown[at]).collect()
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
    /// Whether what is painted now are columns, and lines, that do not scroll.
    is_frozen: (bool, bool),
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
            let hidden = if line < port.frozen(self.layout) { 0.0 } else { port.split(self.layout) };
            let (top, height) = snapped(self.top(line).max(hidden), self.bottom(line));
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
        let (all, split) = (self.lines, port.split(self.layout));
        let (staying, scrolling) = all.split_at(all.partition_point(|line| *line < port.frozen(self.layout)));
        for (is_frozen, lines, top, height) in
            [(false, scrolling, split, port.height - split), (true, staying, HEADER, split - HEADER)]
        {
            self.lines = lines;
            self.is_frozen = (false, is_frozen);
            self.clipped(edge, top, port.width - edge, height, |this| {
                this.cells(columns.clone());
                this.now_line();
                this.marks();
            });
            self.is_frozen = (true, is_frozen);
            self.clipped(0.0, top, edge, height, |this| {
                this.fill(&this.theme.ground, 0.0, top, edge, height);
                this.cells(frozen.clone());
                this.labels();
                this.sparklines();
                this.gutter();
                this.marks();
            });
        }
        self.lines = all;
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
        self.state.port.top(self.layout, line)
    }

    fn bottom(&self, line: usize) -> f64 {
        self.top(line) + self.state.port.line
    }

    /// Whether an area is to be seen in what is painted now, rather than scrolled away under what does not scroll.
    fn is_in_part(&self, area: Area) -> bool {
        // A border reaches a little over.
        const BORDER: f64 = 1.0;
        let (edge, split) = (self.layout.frozen_width(), self.state.port.split(self.layout));
        let (cols, lines) = self.is_frozen;
        (!cols || area.left < self.layout.frozen || self.left(area.left) >= edge - BORDER)
            && (!lines || area.top < self.state.port.frozen(self.layout) || self.top(area.top) >= split - BORDER)
    }

    fn left(&self, col: usize) -> f64 {
        self.layout.x(col, self.state.port.scroll_x)
    }

    pub(super) fn area_box(&self, area: Area) -> (f64, f64, f64, f64) {
        let (x, y) = (self.left(area.left), self.top(area.top));
        let right = self.left(area.right) + self.layout.columns.get(area.right).map_or(0.0, |column| column.width);
        // From what stays into what scrolls, the part scrolled away is not seen.
        let frozen = (self.layout.frozen, self.state.port.frozen(self.layout));
        let right =
            if area.left < frozen.0 && area.right >= frozen.0 { right.max(self.layout.frozen_width()) } else { right };
        let bottom = self.bottom(area.bottom);
        let bottom = if area.top < frozen.1 && area.bottom >= frozen.1 {
            bottom.max(self.state.port.split(self.layout))
        } else {
            bottom
        };
        (x, y, right - x, bottom - y)
    }
}
