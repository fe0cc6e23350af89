//! Where a figure comes from and what follows from it, drawn on the grid.

use grid_engine::refs::CellRef;
use grid_engine::workbook;

use super::layout::{Layout, Line};
use super::selection::{Area, Spot};

/// Most boxes drawn for one rectangle of cells whose lines do not stand together.
const MOST_BOXES: usize = 400;

/// Which way to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// What the cell's formula reads.
    Precedents,
    /// Whose formulas read the cell.
    Dependents,
}

/// What is being traced.
#[derive(Clone, Debug, PartialEq)]
pub struct Traced {
    pub way: Trace,
    pub cell: CellRef,
    pub areas: Vec<workbook::Area>,
}

/// Where a rectangle of cells stands on a layout; nothing where its corners are not in sight. Its lines stand apart
/// where a row has a line for every measure: then each is a box of its own.
pub fn boxes(layout: &Layout, area: &workbook::Area) -> Vec<Area> {
    let corner = |row, col| layout.spot(CellRef { sheet: area.sheet, row, col });
    let (Some(a), Some(b)) = (corner(area.rows.0, area.cols.0), corner(area.rows.1, area.cols.1)) else {
        return Vec::new();
    };
    let whole = Area::between(a, b);
    let slot = |line: usize| match layout.lines.get(line) {
        Some(Line::Row { slot, .. }) => Some(*slot),
        _ => None,
    };
    if slot(a.line) != slot(b.line) || (whole.top..=whole.bottom).all(|line| slot(line) == slot(a.line)) {
        return vec![whole];
    }
    let lines = (whole.top..=whole.bottom).filter(|&line| slot(line) == slot(a.line));
    lines.map(|line| Area { top: line, bottom: line, ..whole }).take(MOST_BOXES).collect()
}

/// Where an arrow meets a box: its first cell.
pub fn end_of(area: Area) -> Spot {
    Spot { line: area.top, col: area.left }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use grid_engine::refs::{ColId, RowId};

    use super::super::layout::tests::{demand, text};
    use super::super::layout::{CHARACTER, View};
    use super::*;

    fn area(rows: (usize, usize), measure: &str, buckets: (&str, &str)) -> workbook::Area {
        let row = |row: usize| RowId::of_key(&[&row.to_string()]);
        let col = |bucket: &str| ColId::timed(measure.parse().unwrap(), bucket.parse().unwrap());
        workbook::Area {
            sheet: "demand".parse().unwrap(),
            rows: (row(rows.0), row(rows.1)),
            cols: (col(buckets.0), col(buckets.1)),
        }
    }

    #[test]
    fn cells_of_one_row_are_one_box_and_those_of_a_measure_one_for_each_row() {
        let layout = Layout::new(&demand(3), &View::default(), 1400.0, CHARACTER, &text);
        let one = boxes(&layout, &area((1, 1), "override", ("2026-02", "2026-04")));
        assert_eq!(one.len(), 1);
        assert_eq!(one[0].size(), (1, 3));
        let column = boxes(&layout, &area((0, 2), "override", ("2026-02", "2026-02")));
        assert_eq!(column.len(), 3);
        assert!(column.iter().all(|area| area.size() == (1, 1)));
        assert!(column.windows(2).all(|pair| pair[1].top - pair[0].top == 2), "two measures in a row's stack");
        assert_eq!(boxes(&layout, &area((0, 7), "override", ("2026-02", "2026-02"))), Vec::new());
    }
}
