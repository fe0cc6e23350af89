//! What the interface shows of a cell.

use super::Workbook;
use crate::doc::{MeasureKind, Note, SheetKind};
use crate::refs::{CellRef, PersonId};
use crate::value::Value;

/// How a cell came to its value; the grid colours by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Empty,
    Input,
    Formula,
    /// A cell of a formula measure in which a person entered something else.
    OverriddenFormula,
    Layer,
    Key,
    /// Part of an array that spilled from another cell.
    Spill,
}

/// Everything the interface shows of one cell.
#[derive(Clone, Debug)]
pub struct CellView<'a> {
    pub value: &'a Value,
    pub source: Source,
    /// A job is computing a newer value; `value` is the last one.
    pub pending: bool,
    pub note: Option<&'a Note>,
    /// Each person's contribution, on an additive measure.
    pub contributions: &'a [(PersonId, f64)],
    pub style: Option<&'a str>,
}

static BLANK: Value = Value::Blank;

impl Workbook {
    /// A cell's value, `Blank` for any cell there is not.
    pub fn value(&self, cell: CellRef) -> &Value {
        self.calculation.value(cell).unwrap_or(&BLANK)
    }

    /// Why a cell with a key figure is blank; `None` where it is not, or nobody says.
    pub fn why_blank(&self, cell: CellRef) -> Option<String> {
        self.calculation.why_blank(cell)
    }

    /// How many rows and columns a cell's sheet would need for the array that its formula has no room for; `None` where it has.
    pub fn room_for_spill(&self, cell: CellRef) -> Option<(u32, u32)> {
        self.calculation.room_for_spill(cell)
    }

    /// A cell with all that is known about it.
    pub fn cell(&self, cell: CellRef) -> CellView<'_> {
        let sheet = self.sheet(cell.sheet);
        CellView {
            value: self.value(cell),
            source: self.source(cell),
            pending: self.calculation.is_pending(cell),
            note: sheet.and_then(|sheet| sheet.note(cell.row, cell.col)),
            contributions: sheet.map_or(&[], |sheet| sheet.contributions(cell.row, cell.col)),
            style: sheet.and_then(|sheet| sheet.style(cell.row, cell.col)),
        }
    }

    fn source(&self, cell: CellRef) -> Source {
        let Some(sheet) = self.sheet(cell.sheet).filter(|sheet| sheet.row_index(cell.row).is_some()) else {
            return Source::Empty;
        };
        let input = sheet.input(cell.row, cell.col);
        if sheet.meta().kind == SheetKind::Free {
            return match input {
                Some(crate::doc::Input::Formula(_)) => Source::Formula,
                Some(_) => Source::Input,
                None if self.calculation.is_spilled(cell) => Source::Spill,
                None => Source::Empty,
            };
        }
        let measure = sheet.measure(cell.col.measure).filter(|measure| measure.span.covers(cell.col, sheet.meta()));
        let Some(measure) = measure else { return Source::Empty };
        match (&measure.kind, input) {
            (MeasureKind::Key, _) => Source::Key,
            (MeasureKind::Layer, _) => Source::Layer,
            (MeasureKind::Formula(formula), Some(crate::doc::Input::Formula(_))) if gives_way(formula) => {
                Source::Formula
            }
            (MeasureKind::Formula(_), Some(_)) => Source::OverriddenFormula,
            (MeasureKind::Formula(_), None) => Source::Formula,
            (MeasureKind::Input, Some(crate::doc::Input::Formula(_))) => Source::Formula,
            (MeasureKind::Input, Some(_)) => Source::Input,
            (MeasureKind::Input, None) => Source::Empty,
        }
    }
}

/// Whether a measure's formula stands in for rows that have none: on the scorecard the rule counts where no formula is
/// entered, so that a row's own one overrides nothing.
fn gives_way(formula: &str) -> bool {
    formula.contains("KPI.RULE(")
}
