//! What a change to the documents touched.

use crate::refs::{CellRef, ColId, MeasureId, SheetId};

/// Something that is no longer as it was. Finer than a sheet where it can be, so that one cell costs one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// What people entered into a cell (or contributed to it).
    Cell(CellRef),
    Note(CellRef),
    Style(CellRef),
    /// The set or order of rows, the parts included.
    Rows(SheetId),
    /// The set or order of a free sheet's columns.
    Cols(SheetId),
    /// A measure's definition; it may change columns and formulas.
    Measures(SheetId),
    /// Title, horizon and other settings.
    Meta(SheetId),
    Width(SheetId, ColId),
    /// What the cells of a column or measure accept.
    Validation(SheetId, MeasureId),
    /// A room of the sheet was forgotten: its entries are gone without each being told.
    Forgotten(SheetId),
    /// The list of sheets.
    Sheets,
    /// Defined names.
    Names,
}

impl Change {
    /// The sheet concerned; `None` for what belongs to the workbook.
    pub fn sheet(self) -> Option<SheetId> {
        match self {
            Self::Cell(cell) | Self::Note(cell) | Self::Style(cell) => Some(cell.sheet),
            Self::Rows(sheet) | Self::Cols(sheet) | Self::Measures(sheet) | Self::Meta(sheet) => Some(sheet),
            Self::Width(sheet, _) | Self::Validation(sheet, _) | Self::Forgotten(sheet) => Some(sheet),
            Self::Sheets | Self::Names => None,
        }
    }
}
