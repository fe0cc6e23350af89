//! Editing a group's total: it spreads down over the rows it adds up.

use grid_engine::doc::Op;
use grid_engine::refs::{CellRef, ColId, PersonId, RowId, SheetId};
use grid_engine::workbook::SpreadError;

use super::handle::Grid;
use super::layout::{Across, Line};
use super::selection::Spot;
use super::source::SheetSource;
use crate::locale;
use crate::state::Tone;

/// The rows a total adds up, at a column.
type Total = (SheetId, Vec<RowId>, ColId);

impl Grid {
    /// Why a total takes no input; `None` where it spreads down.
    pub(super) fn total_lock(&self, at: Spot) -> Option<String> {
        let (sheet, rows, col) = match self.total_at(at) {
            Ok(total) => total,
            Err(reason) => return Some(reason),
        };
        let (Some(session), Some(source)) = (self.session, self.source()) else {
            return Some("This version is frozen.".to_owned());
        };
        let may_write = |cell| source.locked(cell).is_none();
        let checked = session.read(|book| book.check_total((sheet, &rows, col), may_write))?;
        checked.err().map(|error| in_words(error, &*source, (sheet, &rows, col)))
    }

    /// The steps that give the rows under a total their shares of `text`.
    pub(super) fn spread_steps(&self, at: Spot, text: &str, by: PersonId) -> Result<Vec<Op>, String> {
        let (sheet, rows, col) = self.total_at(at)?;
        let (Some(session), Some(source)) = (self.session, self.source()) else {
            return Err("This version is frozen.".to_owned());
        };
        let total = match text.trim() {
            "" => None,
            text => Some(locale::read(text).ok_or("A total takes a number, which is spread over its rows.")?),
        };
        let may_write = |cell| source.locked(cell).is_none();
        let ops = session
            .read(|book| book.spread_total((sheet, &rows, col), total, by, may_write))
            .ok_or("The workbook is busy. Try again.")?
            .map_err(|error| in_words(error, &*source, (sheet, &rows, col)))?;
        let kept = rows.len() - ops.len();
        if kept > 0 {
            let rows =
                if kept == 1 { "1 row keeps its figure".to_owned() } else { format!("{kept} rows keep their figures") };
            self.notices.say(Tone::Info, rows, "Rows that are locked, not yours or decided on are not spread over.");
        }
        Ok(ops)
    }

    fn total_at(&self, at: Spot) -> Result<Total, String> {
        let found = self.with(|state| {
            let layout = state.layout.as_ref()?;
            let Line::Group { group, .. } = *layout.lines.get(at.line)? else { return None };
            let group = layout.groups.get(group as usize)?;
            let rows = group.rows.iter().filter_map(|&row| layout.row_at(row)).collect();
            let Across::Time(_) = layout.columns.get(at.col)?.across else { return None };
            if !layout.in_span(at) {
                return Some(Err("This measure has no cells here.".to_owned()));
            }
            Some(Ok((layout.sheet, rows, layout.col_id(at)?)))
        });
        found.flatten().unwrap_or_else(|| Err("This is the head of a group. Change one of its rows.".to_owned()))
    }
}

fn in_words(error: SpreadError, source: &dyn SheetSource, (sheet, rows, col): (SheetId, &[RowId], ColId)) -> String {
    let why = match error {
        SpreadError::AllLocked => rows.iter().find_map(|&row| source.locked(CellRef { sheet, row, col })),
        _ => None,
    };
    why.map_or_else(|| error.to_string(), |why| format!("{error} {why}"))
}
