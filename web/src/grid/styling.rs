//! Number formats and styles given to the selected cells.

use grid_engine::doc::Op;
use grid_engine::refs::CellRef;

use super::cell_style;
use super::handle::Grid;
use super::writing::MOST_CELLS;

impl Grid {
    /// Gives the selected cells a number format by its name in documents; `None`: their measure's.
    pub fn set_format(&self, name: Option<&str>) {
        self.restyle(&|style| cell_style::with_format(style, name));
    }

    /// Gives the selected cells a word of style, such as `bold` or `fill-red`; takes it away where the active cell has it.
    pub fn set_style(&self, word: &str) {
        let on = !self.has_style(word);
        self.restyle(&|style| cell_style::with(style, word, on));
    }

    /// Leaves the selected cells their number format alone.
    pub fn clear_style(&self) {
        self.restyle(&cell_style::plain);
    }

    /// Whether the active cell has a word of style.
    pub fn has_style(&self, word: &str) -> bool {
        let active = self.with(|state| state.layout.as_ref()?.cell(state.selection.active)).flatten();
        let style = active.and_then(|cell| self.source()?.style(cell));
        style.is_some_and(|style| cell_style::has(&style, word))
    }

    /// Gives the selected cells other styles, of those they have.
    fn restyle(&self, change: &dyn Fn(&str) -> Option<String>) {
        let (Some(session), Some(source)) = (self.session, self.source()) else { return };
        let cells: Vec<CellRef> = self
            .with(|state| {
                let layout = state.layout.as_ref()?;
                let spots = state.selection.spots().take(MOST_CELLS);
                Some(spots.filter_map(|at| layout.cell(at)).collect())
            })
            .flatten()
            .unwrap_or_default();
        let locked = cells.iter().find_map(|cell| source.locked(*cell));
        let writable = cells.into_iter().filter(|cell| source.locked(*cell).is_none());
        let step = |cell| {
            let style = change(&source.style(cell).unwrap_or_default());
            Op::SetStyle { cell, style: style.map(Into::into) }
        };
        let ops: Vec<Op> = writable.map(step).collect();
        let done = if ops.is_empty() {
            Err(locked.unwrap_or_else(|| "There is no cell to format here.".to_owned()))
        } else {
            session.edit(ops, None).map_err(|error| error.to_string())
        };
        if let Err(reason) = done {
            self.refuse(&reason);
        }
        self.focus();
    }
}
