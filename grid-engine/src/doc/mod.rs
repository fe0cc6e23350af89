//! The shared documents: one yrs document per room, the edits that change them, and the columnar
//! mirror everything else reads.
//!
//! Documents hold human ground state only. Calculated values and imported facts never enter them.
//! This is the only room that knows yrs; the sync folders of server and web use its protocol types.
//!
//! Every document is a set of root maps with plain values, which any Yjs client can read and write:
//!
//! | room | root | key → value |
//! | --- | --- | --- |
//! | book | `sheets` | sheet → [`SheetInfo`] |
//! | book | `names` | defined name → stored formula |
//! | any | `meta` | `epoch` → how often the room was rebased |
//! | sheet | `meta` | `schema`, `kind`, `title`, `horizon`, `partition` → a field of [`SheetMeta`] |
//! | sheet | `parts` | part → its key value |
//! | sheet | `measures`, `rules` | measure → [`Measure`]; → [`Validation`] |
//! | sheet | `colPos`, `colDel`, `colMeta` | column → [`position`]; → `{by, at}`; `{column}.width` → pixels |
//! | sheet, part | `rowPos`, `rowDel` | row → [`position`]; → `{by, at}` while deleted |
//! | sheet, part | `c:{column}` | row → input; `{row}+{person}` → that person's contribution |
//! | sheet, part | `f:{column}` | row → style |
//! | sheet, part | `notes` | `{row}:{column}` → [`Note`] |

mod allocation;
mod causality;
mod change;
mod documents;
mod draft;
mod draft_cells;
mod draft_rows;
mod draft_structure;
mod edit;
mod entered;
mod epoch;
mod examine;
mod fitness;
mod hash;
mod ledger;
mod mirror;
mod mirror_text;
mod part_mirror;
pub mod position;
mod rebasing;
mod room;
mod root;
mod schema;
mod screen;
mod sheet_mirror;
mod stored;
mod undo;
mod unsent;
mod validation;

#[cfg(test)]
mod dice;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod judged;
#[cfg(test)]
mod replicas;
#[cfg(test)]
mod stories;

pub use crate::value::NumberFormat;
pub use change::Change;
pub use documents::{Applied, Documents};
pub use edit::{Edit, Guard, Op};
pub use epoch::{MAKER, is_reserved, swept_runs};
pub use examine::{Entered, Examined, Overwrite, Record, Target, Touch, Unfit};
pub use fitness::{
    Setting, check_definition, check_measure, check_note, check_rule, check_sheet, check_title, name_key,
};
pub use mirror::Mirror;
pub use rebasing::{Rebased, Repeated};
pub use schema::{
    Aggregate, Input, Measure, MeasureKind, Merge, Note, SheetInfo, SheetKind, SheetMeta, SheetRole, Span, TabColour,
};
pub use screen::{MAX_SENT, NOTHING};
pub use sheet_mirror::SheetMirror;
pub use validation::{Accepts, Validation};

use crate::refs::{CellRef, RoomId};

/// Why a peer's update was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocError {
    #[error("the room {0} is not open")]
    NoRoom(RoomId),
    /// The bytes are not an update we accept; nothing of it was applied.
    #[error("the update for room {room} is not acceptable: {reason}")]
    Malformed { room: RoomId, reason: String },
}

/// Why an edit was not taken; nothing of it was applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    #[error("the room {0} is not open")]
    NoRoom(RoomId),
    #[error("{0:?} is not a cell of the workbook")]
    NoCell(CellRef),
    #[error("{cell:?} is read-only: {reason}")]
    ReadOnly { cell: CellRef, reason: String },
    #[error("{0}")]
    Invalid(String),
}

impl From<Unfit> for EditError {
    fn from(unfit: Unfit) -> Self {
        Self::Invalid(unfit.reason)
    }
}
