//! Which part of the grid is in view.

use std::ops::Range;

use super::layout::{HEADER, LINE, Layout};
use super::selection::Spot;

/// The window onto the grid, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    pub width: f64,
    pub height: f64,
    pub scroll_x: f64,
    pub scroll_y: f64,
    /// Height of a line.
    pub line: f64,
}

impl Default for Viewport {
    fn default() -> Self {
        Self { width: 0.0, height: 0.0, scroll_x: 0.0, scroll_y: 0.0, line: LINE }
    }
}

impl Viewport {
    /// Lines at least partly in view.
    pub fn lines(&self, layout: &Layout) -> Range<usize> {
        let first = (self.scroll_y / self.line).floor().max(0.0) as usize;
        let last = ((self.scroll_y + self.height - HEADER) / self.line).ceil().max(0.0) as usize;
        let count = layout.lines.len();
        first.min(count)..last.min(count)
    }

    /// Scrolling columns at least partly in view.
    pub fn columns(&self, layout: &Layout) -> Range<usize> {
        let room = (self.width - layout.frozen_width()).max(0.0);
        let scrolling = &layout.columns[layout.frozen..];
        let first = scrolling.partition_point(|column| column.left + column.width <= self.scroll_x);
        let last = scrolling.partition_point(|column| column.left < self.scroll_x + room);
        layout.frozen + first..layout.frozen + last.max(first)
    }

    /// How many whole lines fit: what a page key moves by.
    pub fn page(&self) -> usize {
        ((self.height - HEADER) / self.line).floor().max(2.0) as usize - 1
    }

    /// Where to scroll so that a place is wholly in view, moving as little as possible.
    pub fn reveal(&self, layout: &Layout, at: Spot) -> (f64, f64) {
        let top = at.line as f64 * self.line;
        let room_y = (self.height - HEADER).max(self.line);
        let y = if top < self.scroll_y {
            top
        } else if top + self.line > self.scroll_y + room_y {
            top + self.line - room_y
        } else {
            self.scroll_y
        };
        let x = match layout.columns.get(at.col) {
            Some(column) if at.col >= layout.frozen => {
                let room_x = (self.width - layout.frozen_width()).max(column.width);
                if column.left < self.scroll_x {
                    column.left
                } else if column.left + column.width > self.scroll_x + room_x {
                    column.left + column.width - room_x
                } else {
                    self.scroll_x
                }
            }
            _ => self.scroll_x,
        };
        (x, y)
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::tests::demand;
    use super::super::layout::{COMPACT_LINE, View};
    use super::*;

    #[test]
    fn only_what_is_in_view_is_counted() {
        let layout = Layout::new(&demand(50_000), &View::default(), 1000.0, 7.1, &|_, _| "SKU-001".to_owned());
        let view =
            Viewport { width: 1000.0, height: HEADER + 10.0 * LINE, scroll_x: 100.0, scroll_y: 48_010.0, line: LINE };
        assert_eq!(view.lines(&layout), 2000..2011);
        let columns = view.columns(&layout);
        assert!(layout.x(columns.start, 100.0) <= layout.frozen_width());
        assert!(layout.x(columns.end - 1, 100.0) < 1000.0);
    }

    #[test]
    fn revealing_moves_as_little_as_possible() {
        let layout = Layout::new(&demand(100), &View::default(), 600.0, 7.1, &|_, _| "SKU-001".to_owned());
        let view = Viewport { width: 600.0, height: HEADER + 10.0 * LINE, scroll_x: 0.0, scroll_y: 240.0, line: LINE };
        assert_eq!(view.reveal(&layout, Spot { line: 12, col: 2 }), (0.0, 240.0), "in view already");
        assert_eq!(view.reveal(&layout, Spot { line: 3, col: 2 }).1, 72.0);
        assert_eq!(view.reveal(&layout, Spot { line: 20, col: 2 }).1, 264.0);
        let (x, _) = view.reveal(&layout, Spot { line: 12, col: 10 });
        assert_eq!(layout.x(11, x), 600.0, "the last column ends at the right edge");
    }

    #[test]
    fn lower_lines_let_more_be_seen() {
        let layout = Layout::new(&demand(100), &View::default(), 600.0, 7.1, &|_, _| "SKU-001".to_owned());
        let view = Viewport { width: 600.0, height: HEADER + 240.0, line: COMPACT_LINE, ..Viewport::default() };
        assert_eq!((view.lines(&layout), view.page()), (0..12, 11));
        assert_eq!(view.reveal(&layout, Spot { line: 12, col: 2 }).1, 20.0);
    }
}
