//! Which cell stands at a place of the grid, and where a cell stands.

use grid_engine::doc::{Measure, Span};
use grid_engine::refs::{CellRef, ColId, RowId};

use super::super::selection::Spot;
use super::{Across, Layout, Line};

/// A place of the grid by the ids behind it, which survive inserts and moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Anchor {
    pub row: RowId,
    pub slot: u16,
    pub across: Across,
}

impl Layout {
    /// The row of the sheet a line belongs to; `None` for a total.
    pub fn row(&self, line: usize) -> Option<RowId> {
        match *self.lines.get(line)? {
            Line::Row { row, .. } => self.rows.get(row as usize).copied(),
            Line::Group { .. } => None,
        }
    }

    /// All rows of the sheet in its order, filtered ones included.
    pub fn rows(&self) -> &[RowId] {
        &self.rows
    }

    /// The row with this number, as lines count them.
    pub fn row_at(&self, row: u32) -> Option<RowId> {
        self.rows.get(row as usize).copied()
    }

    /// The measure whose values a line carries across time.
    pub fn measure(&self, line: usize) -> Option<&Measure> {
        let slot = match *self.lines.get(line)? {
            Line::Row { slot, .. } | Line::Group { slot, .. } => slot,
        };
        self.measures.get(*self.slots.get(usize::from(slot))?)
    }

    /// The column of the sheet under a line and a column of the grid.
    pub fn col_id(&self, at: Spot) -> Option<ColId> {
        match self.columns.get(at.col)?.across {
            Across::Fixed(index) => Some(ColId::fixed(self.measures.get(index)?.id)),
            Across::Time(bucket) => Some(ColId::timed(self.measure(at.line)?.id, bucket)),
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
            (self.columns.get(at.col).map(|column| column.across), self.measure(at.line), self.current)
        else {
            return true;
        };
        match measure.span {
            Span::All => true,
            Span::History => bucket < current,
            Span::Plan => bucket >= current,
        }
    }

    /// Whether a line is the first of its row or total.
    pub fn starts_block(&self, line: usize) -> bool {
        match self.lines.get(line) {
            Some(Line::Row { slot, .. } | Line::Group { slot, .. }) => *slot == 0,
            None => true,
        }
    }

    /// Where a cell stands; `None` when it is filtered away, collapsed or not of this sheet.
    pub fn spot(&self, cell: CellRef) -> Option<Spot> {
        if cell.sheet != self.sheet {
            return None;
        }
        let wanted = self.rows.iter().position(|&row| row == cell.row)? as u32;
        let (slot, across) = match cell.col.bucket {
            Some(bucket) => {
                let slot = self
                    .slots
                    .iter()
                    .position(|&slot| self.measures.get(slot).is_some_and(|measure| measure.id == cell.col.measure))?;
                (slot as u16, Across::Time(bucket))
            }
            None => match self.measures.iter().position(|measure| measure.id == cell.col.measure) {
                Some(index) => (0, Across::Fixed(index)),
                None => (0, Across::Free(cell.col)),
            },
        };
        let line = self.lines.iter().position(|line| *line == Line::Row { row: wanted, slot })?;
        let col = self.columns.iter().position(|column| column.across == across)?;
        Some(Spot { line, col })
    }

    /// What a place stands for, by ids.
    pub fn anchor(&self, at: Spot) -> Option<Anchor> {
        let Line::Row { row, slot } = *self.lines.get(at.line)? else { return None };
        Some(Anchor { row: self.row_at(row)?, slot, across: self.columns.get(at.col)?.across })
    }

    /// Where an anchor stands now.
    pub fn find(&self, anchor: Anchor) -> Option<Spot> {
        let row = self.rows.iter().position(|&row| row == anchor.row)? as u32;
        let line = self.lines.iter().position(|line| *line == Line::Row { row, slot: anchor.slot })?;
        let col = self.columns.iter().position(|column| column.across == anchor.across)?;
        Some(Spot { line, col })
    }

    /// The first column of the plan, when time runs across.
    pub fn current_col(&self) -> Option<usize> {
        let current = self.current?;
        self.columns.iter().position(|column| column.across == Across::Time(current))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::{demand, text};
    use super::super::{CHARACTER, View};
    use super::*;

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
