//! Which part of the grid is in view.

use std::ops::Range;

use super::layout::{HEADER, LINE, Layout};
use super::selection::Spot;

/// Frozen lines may take this share of the view before they scroll like the others.
const FROZEN_SHARE: f64 = 0.6;

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
    /// How many leading lines do not scroll.
    pub fn frozen(&self, layout: &Layout) -> usize {
        let room = (self.height - HEADER).max(0.0) * FROZEN_SHARE;
        layout.frozen_lines.min((room / self.line) as usize)
    }

    /// Upper edge of what scrolls.
    pub fn split(&self, layout: &Layout) -> f64 {
        HEADER + self.frozen(layout) as f64 * self.line
    }

    /// Upper edge of a line; one that is scrolled away may lie above what scrolls.
    pub fn top(&self, layout: &Layout, line: usize) -> f64 {
        let scrolled = if line < self.frozen(layout) { 0.0 } else { self.scroll_y };
        HEADER + line as f64 * self.line - scrolled
    }

    /// The line at a height of the view, which may be one after the last.
    pub fn line_at(&self, layout: &Layout, y: f64) -> usize {
        let scrolled = if y < self.split(layout) { 0.0 } else { self.scroll_y };
        ((y - HEADER + scrolled) / self.line).floor().max(0.0) as usize
    }

    /// Scrolling lines at least partly in view.
    pub fn lines(&self, layout: &Layout) -> Range<usize> {
        let first = (self.scroll_y / self.line).floor().max(0.0) as usize + self.frozen(layout);
        let last = ((self.scroll_y + self.height - HEADER) / self.line).ceil().max(0.0) as usize;
        let count = layout.lines.len();
        first.min(count)..last.max(first).min(count)
    }

    /// All lines at least partly in view, the frozen ones first.
    pub fn shown(&self, layout: &Layout) -> impl Iterator<Item = usize> + use<> {
        (0..self.frozen(layout)).chain(self.lines(layout))
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
    pub fn page(&self, layout: &Layout) -> usize {
        ((self.height - self.split(layout)) / self.line).floor().max(2.0) as usize - 1
    }

    /// Where to scroll so that a place is wholly in view, moving as little as possible.
    pub fn reveal(&self, layout: &Layout, at: Spot) -> (f64, f64) {
        let frozen = self.frozen(layout);
        let top = at.line.saturating_sub(frozen) as f64 * self.line;
        let room_y = (self.height - self.split(layout)).max(self.line);
        let y = if at.line < frozen {
            self.scroll_y
        } else if top < self.scroll_y {
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
    fn frozen_lines_stay_while_the_others_scroll_under_them() {
        let mut layout = Layout::new(&demand(100), &View::default(), 600.0, 7.1, &|_, _| "SKU-001".to_owned());
        layout.frozen_lines = 3;
        for scroll_y in [0.0, 30.0, 240.0, 2_000.0] {
            let view = Viewport { width: 600.0, height: HEADER + 10.0 * LINE, scroll_y, ..Viewport::default() };
            let shown: Vec<usize> = view.shown(&layout).collect();
            assert_eq!(shown[..3], [0, 1, 2]);
            assert_eq!(view.split(&layout), HEADER + 3.0 * LINE);
            for line in shown {
                let middle = view.top(&layout, line) + LINE / 2.0;
                let is_in_view = line < 3 || middle >= view.split(&layout);
                assert!(!is_in_view || view.line_at(&layout, middle) == line, "{line} at {scroll_y}");
            }
            // Nothing is missing between the frozen lines and the first that scrolls.
            let first = view.lines(&layout).start;
            assert!(
                view.top(&layout, first) <= view.split(&layout) && view.top(&layout, first + 1) > view.split(&layout)
            );
            assert_eq!(view.reveal(&layout, Spot { line: 1, col: 2 }).1, scroll_y, "always in view");
        }
        let view = Viewport { width: 600.0, height: HEADER + 10.0 * LINE, scroll_y: 240.0, ..Viewport::default() };
        assert_eq!(view.reveal(&layout, Spot { line: 5, col: 2 }).1, 2.0 * LINE, "right under the frozen lines");
        assert_eq!(view.reveal(&layout, Spot { line: 20, col: 2 }).1, 11.0 * LINE);
        assert_eq!(view.page(&layout), 6);
        // More than there is room for scroll.
        layout.frozen_lines = 50;
        assert_eq!(view.frozen(&layout), 6);
    }

    #[test]
    fn lower_lines_let_more_be_seen() {
        let layout = Layout::new(&demand(100), &View::default(), 600.0, 7.1, &|_, _| "SKU-001".to_owned());
        let view = Viewport { width: 600.0, height: HEADER + 240.0, line: COMPACT_LINE, ..Viewport::default() };
        assert_eq!((view.lines(&layout), view.page(&layout)), (0..12, 11));
        assert_eq!(view.reveal(&layout, Spot { line: 12, col: 2 }).1, 20.0);
    }
}
