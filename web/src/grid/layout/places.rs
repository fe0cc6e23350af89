//! Which cell stands at a place of the grid, and where a cell stands.

use grid_engine::calendar::Bucket;
use grid_engine::doc::{Measure, MeasureKind, Span};
use grid_engine::refs::{CellRef, ColId, MeasureId, RowId};

use super::super::selection::{Area, Spot};
use super::{Across, Column, Layout, Line};

/// A place of the grid by the ids behind it, which survive inserts and moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    row: RowId,
    /// The measure whose time runs through the place.
    measure: Option<MeasureId>,
    across: Across,
}

impl Layout {
    /// The row of the sheet a line belongs to; `None` for a total.
    pub fn row(&self, line: usize) -> Option<RowId> {
        match *self.lines.get(line)? {
            Line::Row { row, .. } => self.rows.get(row as usize).copied(),
            Line::Group { .. } => None,
        }
    }

    /// Which row of the sheet, counted from zero, a line belongs to; `None` for a total.
    pub fn number(&self, line: usize) -> Option<usize> {
        match *self.lines.get(line)? {
            Line::Row { row, .. } => Some(row as usize),
            Line::Group { .. } => None,
        }
    }

    /// An area of lines by the numbers of their rows; `None` where an order of one's own puts others of the rows elsewhere.
    pub fn rows_of(&self, area: Area) -> Option<Area> {
        let rows: Vec<usize> = (area.top..=area.bottom).filter_map(|line| self.number(line)).collect();
        let (top, bottom) = (*rows.iter().min()?, *rows.iter().max()?);
        // Rows that are filtered away between them belong to a range, as everywhere.
        (rows.is_sorted() || bottom - top < rows.len()).then_some(Area { top, bottom, ..area })
    }

    /// The lines from the first to the last that rows with these numbers have; `None` where none is shown.
    pub fn lines_of(&self, area: Area) -> Option<Area> {
        let is_of = |line: &usize| self.number(*line).is_some_and(|row| (area.top..=area.bottom).contains(&row));
        let top = (0..self.lines.len()).find(is_of)?;
        let bottom = (top..self.lines.len()).rev().find(is_of)?;
        Some(Area { top, bottom, ..area })
    }

    /// Whether a place is the first of an area to show its cell: keys and attributes stand once for all lines of a row.
    pub fn shows_first(&self, area: Area, at: Spot) -> bool {
        let is_fixed = self.columns.get(at.col).is_some_and(|column| matches!(column.across, Across::Fixed(_)));
        !is_fixed || at.line == area.top || self.starts_block(at.line)
    }

    /// All rows of the sheet in its order, filtered ones included.
    pub fn rows(&self) -> &[RowId] {
        &self.rows
    }

    /// The row with this number, as lines count them.
    pub fn row_at(&self, row: u32) -> Option<RowId> {
        self.rows.get(row as usize).copied()
    }

    /// The measure whose time runs through a place: that of its line, or of its column where they lie side by side.
    pub fn measure(&self, at: Spot) -> Option<&Measure> {
        self.measures.get(*self.slots.get(self.slot(at)?)?)
    }

    /// What a group's total is of: `Total of Override 2026-03 · Still water`.
    pub fn total_in_words(&self, at: Spot) -> String {
        let of = self.measure(at).map(|measure| format!(" of {}", measure.name)).unwrap_or_default();
        let when = match self.columns.get(at.col).map(|column| column.across) {
            Some(Across::Time(bucket)) => format!(" {bucket}"),
            _ => String::new(),
        };
        let group = match self.lines.get(at.line) {
            Some(Line::Group { group, .. }) => self.groups.get(*group as usize),
            _ => None,
        };
        let group = group.map(|group| format!(" · {}", group.name)).unwrap_or_default();
        format!("Total{of}{when}{group}")
    }

    /// Which of the measures on show that is.
    pub fn slot(&self, at: Spot) -> Option<usize> {
        let (Line::Row { slot, .. } | Line::Group { slot, .. }) = *self.lines.get(at.line)?;
        if !self.is_flat {
            return Some(usize::from(slot));
        }
        let column = self.columns.get(at.col)?;
        matches!(column.across, Across::Time(_)).then(|| usize::from(column.slot))
    }

    /// The column of a bucket, for one of the measures on show.
    pub fn bucket_col(&self, slot: usize, bucket: Bucket) -> Option<usize> {
        let is_it = |column: &Column| {
            column.across == Across::Time(bucket) && (!self.is_flat || usize::from(column.slot) == slot)
        };
        self.columns.iter().position(is_it)
    }

    /// How far the lines of a row and one of its measures on show are apart.
    pub fn line_of(&self, slot: usize) -> usize {
        if self.is_flat { 0 } else { slot }
    }

    /// The column of the sheet under a line and a column of the grid.
    pub fn col_id(&self, at: Spot) -> Option<ColId> {
        match self.columns.get(at.col)?.across {
            Across::Fixed(index) => Some(ColId::fixed(self.measures.get(index)?.id)),
            Across::Time(bucket) => Some(ColId::timed(self.measure(at)?.id, bucket)),
            Across::Free(col) => Some(col),
        }
    }

    /// The cell at a place; `None` on a total.
    pub fn cell(&self, at: Spot) -> Option<CellRef> {
        Some(CellRef { sheet: self.sheet, row: self.row(at.line)?, col: self.col_id(at)? })
    }

    /// Whether the measure of a line has cells in this column at all.
    pub fn in_span(&self, at: Spot) -> bool {
        let (Some(Across::Time(bucket)), Some(measure), Some(current)) =
            (self.columns.get(at.col).map(|column| column.across), self.measure(at), self.current)
        else {
            return true;
        };
        match measure.span {
            Span::All => true,
            Span::History => bucket < current,
            Span::Plan => bucket >= current,
        }
    }

    /// The key that is written under the first one, in a row's stack, because it has no room beside it: rows that differ
    /// in it alone would look the same.
    pub fn key_under(&self, at: Spot) -> Option<CellRef> {
        let Line::Row { slot, .. } = *self.lines.get(at.line)? else { return None };
        let col = self.frozen.max(1) + usize::from(slot).checked_sub(1)?;
        let Across::Fixed(index) = self.columns.get(col)?.across else { return None };
        let measure = self.measures.get(index).filter(|measure| at.col == 0 && measure.kind == MeasureKind::Key)?;
        Some(CellRef { sheet: self.sheet, row: self.row(at.line)?, col: ColId::fixed(measure.id) })
    }

    /// Whether a line is the first of its row or total.
    pub fn starts_block(&self, line: usize) -> bool {
        match self.lines.get(line) {
            Some(Line::Row { slot, .. } | Line::Group { slot, .. }) => *slot == 0,
            None => true,
        }
    }

    /// Whether a measure ends with a column and another begins, where they lie side by side.
    pub fn ends_measure(&self, col: usize) -> bool {
        let next = self.columns.get(col + 1);
        self.is_flat && self.columns.get(col).zip(next).is_some_and(|(column, next)| column.slot != next.slot)
    }

    /// Where a cell stands; `None` when it is filtered away, collapsed or not of this sheet.
    pub fn spot(&self, cell: CellRef) -> Option<Spot> {
        if cell.sheet != self.sheet {
            return None;
        }
        let wanted = self.rows.iter().position(|&row| row == cell.row)? as u32;
        let (slot, col) = match cell.col.bucket {
            Some(bucket) => {
                let slot = self.slot_of(cell.col.measure)?;
                (slot, self.bucket_col(slot, bucket)?)
            }
            None => {
                let fixed = self.measures.iter().position(|measure| measure.id == cell.col.measure);
                let across = fixed.map_or(Across::Free(cell.col), Across::Fixed);
                (0, self.columns.iter().position(|column| column.across == across)?)
            }
        };
        Some(Spot { line: self.line(wanted, slot)?, col })
    }

    /// Which of the measures on show a measure is.
    fn slot_of(&self, measure: MeasureId) -> Option<usize> {
        self.slots.iter().position(|&slot| self.measures.get(slot).is_some_and(|known| known.id == measure))
    }

    /// The line of a row, by its number, for one of the measures on show.
    fn line(&self, row: u32, slot: usize) -> Option<usize> {
        let wanted = Line::Row { row, slot: self.line_of(slot) as u16 };
        self.lines.iter().position(|line| *line == wanted)
    }

    /// What a place stands for, by ids.
    pub fn anchor(&self, at: Spot) -> Option<Anchor> {
        let measure = self.measure(at).map(|measure| measure.id);
        Some(Anchor { row: self.row(at.line)?, measure, across: self.columns.get(at.col)?.across })
    }

    /// Where an anchor stands now.
    pub fn find(&self, anchor: Anchor) -> Option<Spot> {
        let row = self.rows.iter().position(|&row| row == anchor.row)? as u32;
        let slot = anchor.measure.and_then(|measure| self.slot_of(measure)).unwrap_or(0);
        let col = match anchor.across {
            Across::Time(bucket) => self.bucket_col(slot, bucket)?,
            across => self.columns.iter().position(|column| column.across == across)?,
        };
        Some(Spot { line: self.line(row, slot)?, col })
    }

    /// The first column of the plan of one of the measures on show, when time runs across.
    pub fn current_col(&self, slot: usize) -> Option<usize> {
        self.bucket_col(slot, self.current?)
    }

    /// The columns of one of the measures on show, where it has cells.
    pub fn time_cols(&self, slot: usize) -> impl Iterator<Item = usize> + '_ {
        let is_of = move |column: &Column| {
            matches!(column.across, Across::Time(_)) && (!self.is_flat || usize::from(column.slot) == slot)
        };
        (0..self.columns.len()).filter(move |&col| is_of(&self.columns[col]))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::{demand, text};
    use super::super::{CHARACTER, View};
    use super::*;
    use crate::grid::arrange::Sort;
    use crate::grid::source::Shape;
    use grid_engine::doc::SheetKind;

    fn views() -> [View; 2] {
        [false, true].map(|is_flat| View { is_flat, ..View::default() })
    }

    #[test]
    fn every_place_has_a_cell_of_its_own_and_a_cell_its_place() {
        for view in views() {
            let layout = Layout::new(&demand(3), &view, 1400.0, CHARACTER, &text);
            let spots =
                (0..layout.lines.len()).flat_map(|line| (0..layout.columns.len()).map(move |col| Spot { line, col }));
            // A key stands once for all lines of its row.
            let own =
                |at: &Spot| layout.starts_block(at.line) || matches!(layout.columns[at.col].across, Across::Time(_));
            for at in spots.filter(own) {
                let cell = layout.cell(at).unwrap();
                assert_eq!(layout.spot(cell), Some(at), "{cell:?}, flat: {}", view.is_flat);
                assert_eq!(layout.anchor(at).and_then(|anchor| layout.find(anchor)), Some(at));
            }
        }
    }

    #[test]
    fn laid_flat_a_row_has_one_line_and_its_measures_lie_side_by_side() {
        let [stacked, flat] = views().map(|view| Layout::new(&demand(3), &view, 1400.0, CHARACTER, &text));
        assert_eq!((stacked.lines.len(), flat.lines.len()), (6, 3));
        assert_eq!(flat.columns.len() - flat.frozen, 2 * (stacked.columns.len() - stacked.frozen));
        assert_eq!((flat.label, flat.columns.last().unwrap().over.as_str()), (0.0, "override"));
        assert_eq!(flat.columns.last().unwrap().title, "Jun 26");
        let ends = (0..flat.columns.len()).filter(|&col| flat.ends_measure(col)).count();
        assert_eq!(ends, 1, "one measure ends where another begins");
        // Who changes the view stays at the same cell.
        let at = Spot { line: 3, col: 5 };
        let there = stacked.anchor(at).and_then(|anchor| flat.find(anchor)).unwrap();
        assert_eq!(flat.cell(there), stacked.cell(at));
        assert_eq!(flat.anchor(there).and_then(|anchor| stacked.find(anchor)), Some(at));
    }

    #[test]
    fn rows_keep_their_numbers_in_an_order_of_ones_own() {
        let by_name = |is: &[&str]| {
            let names: Vec<String> = is.iter().map(|name| (*name).to_owned()).collect();
            move |row: RowId, _: MeasureId| {
                let at = (0..9).find(|at: &usize| RowId::of_key(&[&at.to_string()]) == row).unwrap_or_default();
                names[at].clone()
            }
        };
        let col = ColId::fixed(MeasureId::of_key(&["a"]));
        let shape = Shape { kind: SheetKind::Free, measures: Vec::new(), cols: vec![col], ..demand(4) };
        let area = |top, bottom| Area { top, left: 0, bottom, right: 0 };
        let layout = |view: View| Layout::new(&shape, &view, 900.0, CHARACTER, &by_name(&["Name", "c", "a", "b"]));
        // Rows 1, 3, 4, 2.
        let sorted = layout(View { sort: Some(Sort { by: col, descending: false }), ..View::default() });
        assert_eq!((0..4).map(|line| sorted.number(line)).collect::<Vec<_>>(), [Some(0), Some(2), Some(3), Some(1)]);
        assert_eq!([(3, 3), (2, 3)].map(|(top, end)| sorted.rows_of(area(top, end))), [Some(area(1, 1)), None]);
        assert_eq!(sorted.rows_of(area(1, 3)), Some(area(1, 3)), "all between them");
        assert_eq!(sorted.lines_of(area(2, 3)), Some(area(1, 2)));
        let filtered = layout(View { filter: "b".to_owned(), ..View::default() });
        assert_eq!((filtered.rows_of(area(0, 0)), filtered.lines_of(area(0, 1))), (Some(area(3, 3)), None));
    }

    #[test]
    fn what_stands_once_for_lines_under_each_other_is_counted_once() {
        let [stacked, flat] = views().map(|view| Layout::new(&demand(3), &view, 1400.0, CHARACTER, &text));
        let counted = |layout: &Layout, top: usize, bottom: usize, col: usize| {
            let area = Area { top, left: col, bottom, right: col };
            area.spots().filter(|at| layout.shows_first(area, *at)).count()
        };
        // Two lines a row: an item counts once however many of its lines are selected, its measures one by one.
        assert_eq!([(0, 5), (1, 2), (1, 1)].map(|(top, bottom)| counted(&stacked, top, bottom, 0)), [3, 2, 1]);
        assert_eq!((counted(&stacked, 0, 5, 4), counted(&flat, 0, 2, 0)), (6, 3));
    }

    #[test]
    fn an_anchor_follows_its_row() {
        let before = Layout::new(&demand(3), &View::default(), 1400.0, CHARACTER, &text);
        let anchor = before.anchor(Spot { line: 5, col: 4 }).unwrap();
        let mut shape = demand(3);
        shape.rows.swap(0, 2);
        let after = Layout::new(&shape, &View::default(), 1400.0, CHARACTER, &text);
        assert_eq!(after.find(anchor), Some(Spot { line: 1, col: 4 }));
    }
}
