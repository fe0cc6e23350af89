//! What lies under the pointer.

use super::layout::{HEADER, Layout, Line};
use super::selection::{Area, Spot};
use super::viewport::Viewport;

/// A part of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    Cell(Spot),
    /// The small square at the corner of the selection.
    FillHandle,
    Header(usize),
    /// The edge between a column's header and the next one's.
    HeaderEdge(usize),
    /// The names of measures, or a row number.
    Label(usize),
    /// The triangle of a group.
    GroupToggle(u32),
    Corner,
    Nothing,
}

/// How near an edge counts as on it.
const EDGE: f64 = 4.0;
/// How near the border of the selection counts as on it: little, so that the cell itself is easily pressed.
const BORDER: f64 = 2.5;
/// Half the side of the fill handle, with some grace.
const HANDLE: f64 = 5.0;
/// The triangle of a group lies this near its left edge.
const TOGGLE: f64 = 22.0;

/// What is at `(x, y)` of the view. `selected` is the area that carries the fill handle.
pub fn hit(layout: &Layout, view: &Viewport, selected: Option<Area>, x: f64, y: f64) -> Hit {
    let col = column_at(layout, view, x);
    if y < HEADER {
        let edge = [col, column_at(layout, view, x - EDGE)].into_iter().flatten().find(|&col| {
            let right = layout.x(col, view.scroll_x) + layout.columns[col].width;
            (x - right).abs() <= EDGE
        });
        return match (edge, col) {
            (Some(edge), _) => Hit::HeaderEdge(edge),
            (None, Some(col)) => Hit::Header(col),
            (None, None) if x < layout.frozen_width() => Hit::Corner,
            _ => Hit::Nothing,
        };
    }
    let line = view.line_at(layout, y);
    if let Some(area) = selected {
        let (_, _, right, bottom) = edges(layout, view, area);
        let is_in_view = area.bottom < view.frozen(layout) || bottom > view.split(layout);
        if is_in_view && (x - right).abs() <= HANDLE && (y - bottom).abs() <= HANDLE {
            return Hit::FillHandle;
        }
    }
    match (layout.lines.get(line), col) {
        (Some(Line::Group { group, slot: 0 }), _) if x < layout.gutter + TOGGLE => Hit::GroupToggle(*group),
        (Some(_), Some(col)) => Hit::Cell(Spot { line, col }),
        (Some(_), None) if x < layout.frozen_width() => Hit::Label(line),
        _ => Hit::Nothing,
    }
}

/// Whether `(x, y)` is on the border of a selected area, by which it is dragged elsewhere.
pub fn grabs(layout: &Layout, view: &Viewport, area: Area, x: f64, y: f64) -> bool {
    let (left, top, right, bottom) = edges(layout, view, area);
    // What is scrolled away lies under what is frozen.
    if area.top >= view.frozen(layout) && y < view.split(layout) - BORDER {
        return false;
    }
    let is_near = |at: f64, edge: f64| (at - edge).abs() <= BORDER;
    let (within_x, within_y) =
        ((left - BORDER..=right + BORDER).contains(&x), (top - BORDER..=bottom + BORDER).contains(&y));
    (is_near(x, left) || is_near(x, right)) && within_y || (is_near(y, top) || is_near(y, bottom)) && within_x
}

/// Left, upper, right and lower edge of an area in the view.
fn edges(layout: &Layout, view: &Viewport, area: Area) -> (f64, f64, f64, f64) {
    let right = layout.x(area.right, view.scroll_x) + layout.columns.get(area.right).map_or(0.0, |col| col.width);
    let bottom = view.top(layout, area.bottom) + view.line;
    (layout.x(area.left, view.scroll_x), view.top(layout, area.top), right, bottom)
}

/// The column at `x`; the frozen ones lie over the scrolling ones.
pub fn column_at(layout: &Layout, view: &Viewport, x: f64) -> Option<usize> {
    let frozen = &layout.columns[..layout.frozen];
    let inside = x - layout.gutter;
    if x < layout.frozen_width() {
        return frozen.iter().position(|column| inside >= column.left && inside < column.left + column.width);
    }
    let at = x - layout.frozen_width() + view.scroll_x;
    let scrolling = &layout.columns[layout.frozen..];
    let index = scrolling.partition_point(|column| column.left + column.width <= at);
    (index < scrolling.len()).then_some(layout.frozen + index)
}

#[cfg(test)]
mod tests {
    use super::super::layout::LINE;
    use super::super::layout::View;
    use super::super::layout::tests::demand;
    use super::*;

    #[test]
    fn every_painted_cell_is_hit_where_it_is_painted() {
        let layout = Layout::new(&demand(20), &View::default(), 900.0, 7.1, &|_, _| "SKU-001".to_owned());
        for scroll_x in [0.0, 33.0, 150.0] {
            let view = Viewport { width: 900.0, height: 400.0, scroll_x, scroll_y: 100.0, line: LINE };
            for line in view.lines(&layout).skip(1) {
                for col in (0..layout.frozen).chain(view.columns(&layout).skip(1)) {
                    let (x, y) = (layout.x(col, scroll_x) + 10.0, HEADER + line as f64 * LINE - 100.0 + 10.0);
                    assert_eq!(hit(&layout, &view, None, x, y), Hit::Cell(Spot { line, col }));
                }
            }
        }
    }

    #[test]
    fn edges_labels_and_the_handle_are_told_apart() {
        let layout = Layout::new(&demand(20), &View::default(), 900.0, 7.1, &|_, _| "SKU-001".to_owned());
        let view = Viewport { width: 900.0, height: 400.0, ..Viewport::default() };
        let edge = layout.x(3, 0.0);
        assert_eq!(hit(&layout, &view, None, edge + 2.0, 10.0), Hit::HeaderEdge(2));
        assert_eq!(hit(&layout, &view, None, edge + 20.0, 10.0), Hit::Header(3));
        assert_eq!(hit(&layout, &view, None, layout.label_left() + 5.0, HEADER + 5.0), Hit::Label(0));
        let area = Area { top: 0, left: 2, bottom: 1, right: 2 };
        assert_eq!(hit(&layout, &view, Some(area), edge - 1.0, HEADER + 2.0 * LINE), Hit::FillHandle);
    }

    #[test]
    fn a_selection_is_grabbed_by_its_border() {
        let layout = Layout::new(&demand(100), &View::default(), 900.0, 7.1, &|_, _| "SKU-001".to_owned());
        let view = Viewport { width: 900.0, height: 400.0, ..Viewport::default() };
        let area = Area { top: 1, left: 3, bottom: 2, right: 4 };
        let (left, top) = (layout.x(3, 0.0), HEADER + LINE);
        for (x, y, grabbed) in [
            (left + 1.0, top + 12.0, true),
            (left + 30.0, top, true),
            (left + 30.0, top + 2.0 * LINE + 2.0, true),
            (left + 30.0, top + 12.0, false),
            (left + 30.0, top - 8.0, false),
            (left - 8.0, top, false),
        ] {
            assert_eq!(grabs(&layout, &view, area, x, y), grabbed, "{x} {y}");
        }
    }
}
