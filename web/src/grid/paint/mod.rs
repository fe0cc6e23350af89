//! Paints the visible part of the grid on a canvas.

mod cells;
mod headers;
mod marks;
mod pen;

pub(super) use marks::MENTIONED;

use web_sys::CanvasRenderingContext2d as Context;

use super::layout::{HEADER, Layout};
use super::selection::Area;
use super::state::GridState;
use super::theme::Theme;

const PAD: f64 = 8.0;
/// The measure people agree on stands out among the stacked lines.
const PLAN_MEASURE: &str = "consensus";

/// What painting found that matters to the caller.
#[derive(Clone, Copy, Debug, Default)]
pub struct Painted {
    /// Cells whose newer value is being computed are in view: paint again soon.
    pub pending: bool,
}

/// Paints everything. `pulse` in 0–1 moves with time, for cells being computed.
pub fn paint(context: &Context, state: &mut GridState, theme: &Theme, ratio: f64, pulse: f64) -> Painted {
    let port = state.port;
    let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
    context.set_fill_style_str(&theme.ground);
    context.fill_rect(0.0, 0.0, port.width, port.height);
    let Some(layout) = state.layout.take() else { return Painted::default() };
    let mut painter = Painter { context, theme, layout: &layout, state, ratio, pulse, painted: Painted::default() };
    painter.everything();
    let painted = painter.painted;
    state.layout = Some(layout);
    painted
}

pub(super) struct Painter<'a> {
    pub(super) context: &'a Context,
    theme: &'a Theme,
    pub(super) layout: &'a Layout,
    pub(super) state: &'a mut GridState,
    ratio: f64,
    pulse: f64,
    painted: Painted,
}

impl Painter<'_> {
    fn everything(&mut self) {
        let port = self.state.port;
        let edge = self.layout.frozen_width().min(port.width);
        let columns = port.columns(self.layout);
        let frozen = 0..self.layout.frozen;
        self.clipped(edge, HEADER, port.width - edge, port.height - HEADER, |this| {
            this.cells(columns.clone());
            this.now_line();
            this.marks();
        });
        self.clipped(0.0, HEADER, edge, port.height - HEADER, |this| {
            this.context.set_fill_style_str(&this.theme.ground);
            this.context.fill_rect(0.0, HEADER, edge, port.height - HEADER);
            this.cells(frozen.clone());
            this.labels();
            this.gutter();
            this.marks();
        });
        self.clipped(edge, 0.0, port.width - edge, HEADER, |this| this.headers(columns.clone(), edge));
        self.clipped(0.0, 0.0, edge, HEADER, |this| this.headers(frozen.clone(), 0.0));
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
