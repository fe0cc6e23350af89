//! What of the sheet is selected, as a lock names it.

use std::collections::BTreeSet;

use grid_engine::refs::{ColId, RowId, SheetId};
use grid_engine::wire::MAX_LOCKED;

use super::handle::Grid;
use super::selection::Spot;

/// The rows and columns that selected cells lie in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub sheet: SheetId,
    pub rows: Vec<RowId>,
    pub cols: Vec<ColId>,
}

impl Grid {
    /// The block of the selection; `None` where nothing is selected, or more rows than a lock names.
    pub fn selected_block(&self) -> Option<Block> {
        self.with(|state| {
            let layout = state.layout.as_ref()?;
            let (mut rows, mut cols) = (BTreeSet::new(), BTreeSet::new());
            for area in state.selection.areas() {
                for line in area.top..=area.bottom {
                    for col in area.left..=area.right {
                        let Some(cell) = layout.cell(Spot { line, col }) else { continue };
                        rows.insert(cell.row);
                        cols.insert(cell.col);
                    }
                    if rows.len() > MAX_LOCKED {
                        return None;
                    }
                }
            }
            let block =
                Block { sheet: layout.sheet, rows: rows.into_iter().collect(), cols: cols.into_iter().collect() };
            (!block.rows.is_empty()).then_some(block)
        })
        .flatten()
    }
}
