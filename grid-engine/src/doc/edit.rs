//! The one way to change a document.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::schema::{Input, Measure, SheetInfo, SheetMeta};
use super::validation::Validation;
use crate::refs::{CellRef, ColId, MeasureId, PartId, PersonId, RowId, SheetId};

/// A change by a person: one gesture, one undo step, one transaction per room it touches.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Edit {
    pub by: PersonId,
    /// Milliseconds since 1970, from the caller's clock.
    pub at: i64,
    /// Why, in the person's words.
    #[serde(default)]
    pub why: Option<Arc<str>>,
    pub ops: Vec<Op>,
}

/// When an undoing operation still applies: only while the cell holds what the person had left there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Guard {
    #[default]
    Always,
    /// The cell must hold exactly this (`None`: nothing).
    Holds(Option<Input>),
}

/// One step of an edit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// Writes or clears a cell. On an additive measure it sets the author's own contribution.
    SetCell {
        cell: CellRef,
        input: Option<Input>,
        #[serde(default)]
        guard: Guard,
    },
    /// Adds rows after `after` (`None`: at the top), in order, with their key cells. On a partitioned sheet
    /// `part` says where. A row that exists is left as it is; a deleted one is restored.
    InsertRows {
        sheet: SheetId,
        part: Option<PartId>,
        after: Option<RowId>,
        rows: Vec<RowId>,
    },
    DeleteRows {
        sheet: SheetId,
        rows: Vec<RowId>,
    },
    RestoreRows {
        sheet: SheetId,
        rows: Vec<RowId>,
    },
    /// Moves rows, in the given order, to stand after `after`.
    MoveRows {
        sheet: SheetId,
        after: Option<RowId>,
        rows: Vec<RowId>,
    },
    /// The same for the columns of a free sheet.
    InsertCols {
        sheet: SheetId,
        after: Option<ColId>,
        cols: Vec<ColId>,
    },
    DeleteCols {
        sheet: SheetId,
        cols: Vec<ColId>,
    },
    RestoreCols {
        sheet: SheetId,
        cols: Vec<ColId>,
    },
    MoveCols {
        sheet: SheetId,
        after: Option<ColId>,
        cols: Vec<ColId>,
    },
    /// Width in CSS pixels of a free sheet's column or a measure.
    SetColWidth {
        sheet: SheetId,
        col: ColId,
        width: Option<u32>,
    },
    /// What a free sheet's column or a measure accepts.
    SetValidation {
        sheet: SheetId,
        measure: MeasureId,
        rule: Option<Validation>,
    },
    /// A number format or style name on a cell, apart from its value.
    SetStyle {
        cell: CellRef,
        style: Option<Arc<str>>,
    },
    SetNote {
        cell: CellRef,
        text: Option<Arc<str>>,
    },
    /// Adds a sheet to the workbook with its settings.
    PutSheet {
        info: SheetInfo,
        meta: SheetMeta,
    },
    PutMeasure {
        sheet: SheetId,
        measure: Measure,
    },
    /// Takes an entered or calculated measure out of a planning sheet. What people entered stays in the document and is
    /// there again with the measure.
    DeleteMeasure {
        sheet: SheetId,
        measure: MeasureId,
    },
    /// A defined name and the stored formula it stands for.
    SetName {
        name: Arc<str>,
        formula: Option<Arc<str>>,
    },
}

impl Op {
    /// The sheet it is about; `None` for what belongs to the workbook.
    pub fn sheet(&self) -> Option<SheetId> {
        match self {
            Self::SetCell { cell, .. } | Self::SetStyle { cell, .. } | Self::SetNote { cell, .. } => Some(cell.sheet),
            Self::InsertRows { sheet, .. }
            | Self::DeleteRows { sheet, .. }
            | Self::RestoreRows { sheet, .. }
            | Self::MoveRows { sheet, .. }
            | Self::InsertCols { sheet, .. }
            | Self::DeleteCols { sheet, .. }
            | Self::RestoreCols { sheet, .. }
            | Self::MoveCols { sheet, .. }
            | Self::SetColWidth { sheet, .. }
            | Self::SetValidation { sheet, .. }
            | Self::PutMeasure { sheet, .. }
            | Self::DeleteMeasure { sheet, .. } => Some(*sheet),
            Self::PutSheet { info, .. } => Some(info.id),
            Self::SetName { .. } => None,
        }
    }
}
