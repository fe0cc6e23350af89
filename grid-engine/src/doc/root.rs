//! The root maps a document may have, and how their keys are written.

use std::fmt;

use crate::refs::{ColId, PersonId, RoomId, RowId};

/// A root map of a room. Roots come into being with their first key and are never nested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Root {
    /// Settings, one key per field, so that two people changing two fields both win.
    Meta,
    /// Book: sheet id → its entry.
    Sheets,
    /// Book: styles by name, and the workbook's members.
    Styles,
    Members,
    /// Part id → key value.
    Parts,
    /// Measure id → definition.
    Measures,
    /// Row id → fractional position; a move is one write.
    RowPos,
    /// Row id → who deleted it and when; removing the key restores the row.
    RowDel,
    ColPos,
    ColDel,
    /// `{column}.width` → CSS pixels.
    ColMeta,
    /// Row id, or `{row}+{person}` for a contribution → input.
    Cells(ColId),
    /// Row id → style.
    Format(ColId),
    /// `{row}:{column}` → note.
    Notes,
    /// Defined name → stored formula.
    Names,
    /// Measure id → what its cells accept.
    Rules,
    /// Holds nothing: a key set and taken away again moves the clock of a writer who only took something away.
    Marks,
}

impl Root {
    /// The root a name stands for; `None` for a name outside the schema.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "meta" => Self::Meta,
            "sheets" => Self::Sheets,
            "styles" => Self::Styles,
            "members" => Self::Members,
            "parts" => Self::Parts,
            "measures" => Self::Measures,
            "rowPos" => Self::RowPos,
            "rowDel" => Self::RowDel,
            "colPos" => Self::ColPos,
            "colDel" => Self::ColDel,
            "colMeta" => Self::ColMeta,
            "notes" => Self::Notes,
            "names" => Self::Names,
            "rules" => Self::Rules,
            "marks" => Self::Marks,
            _ => {
                let (kind, col) = name.split_at_checked(2)?;
                let parsed: ColId = col.parse().ok()?;
                // `c:x@2026-3` and `c:x@2026-03` must not be two roots for one column.
                if parsed.to_string() != col {
                    return None;
                }
                match kind {
                    "c:" => Self::Cells(parsed),
                    "f:" => Self::Format(parsed),
                    _ => return None,
                }
            }
        })
    }

    /// Whether this root belongs into a room: what a part's writers may touch is rows and cells only.
    pub(super) fn belongs(self, room: RoomId) -> bool {
        match self {
            Self::Meta | Self::Marks => true,
            Self::Names | Self::Rules => !matches!(room, RoomId::Part(..)),
            Self::Sheets | Self::Styles | Self::Members => room == RoomId::Book,
            Self::Parts | Self::Measures | Self::ColPos | Self::ColDel | Self::ColMeta => {
                matches!(room, RoomId::Sheet(_))
            }
            Self::RowPos | Self::RowDel | Self::Cells(_) | Self::Format(_) | Self::Notes => room != RoomId::Book,
        }
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Meta => "meta",
            Self::Sheets => "sheets",
            Self::Styles => "styles",
            Self::Members => "members",
            Self::Parts => "parts",
            Self::Measures => "measures",
            Self::RowPos => "rowPos",
            Self::RowDel => "rowDel",
            Self::ColPos => "colPos",
            Self::ColDel => "colDel",
            Self::ColMeta => "colMeta",
            Self::Notes => "notes",
            Self::Names => "names",
            Self::Rules => "rules",
            Self::Marks => "marks",
            Self::Cells(col) => return write!(f, "c:{col}"),
            Self::Format(col) => return write!(f, "f:{col}"),
        })
    }
}

/// The one key of [`Root::Marks`].
pub(super) const CLEARED: &str = "cleared";

/// A key of a column map: a cell, or one person's contribution to it.
pub(super) fn parse_cell_key(key: &str) -> Option<(RowId, Option<PersonId>)> {
    match key.split_once('+') {
        Some((row, person)) => Some((row.parse().ok()?, Some(person.parse().ok()?))),
        None => Some((key.parse().ok()?, None)),
    }
}

/// The key of one person's contribution.
pub(super) fn contribution_key(row: RowId, person: PersonId) -> String {
    format!("{row}+{person}")
}

/// The key of a note.
pub(super) fn note_key(row: RowId, col: ColId) -> String {
    format!("{row}:{col}")
}

/// Reads the key of a note.
pub(super) fn parse_note_key(key: &str) -> Option<(RowId, ColId)> {
    let (row, col) = key.split_once(':')?;
    Some((row.parse().ok()?, col.parse().ok()?))
}

/// The key of a column's width.
pub(super) fn width_key(col: ColId) -> String {
    format!("{col}.width")
}

/// Reads the key of a column's width.
pub(super) fn parse_width_key(key: &str) -> Option<ColId> {
    key.strip_suffix(".width")?.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn roots_read_back_as_they_print() {
        for name in ["meta", "sheets", "rowPos", "colMeta", "c:override@2026-03", "f:price", "c:history@2026-W05"] {
            assert_eq!(Root::parse(name).unwrap().to_string(), name);
        }
        for name in ["", "c", "c:", "x:price", "c:Price", "c:a@2026-3", "anything", "é:x"] {
            assert_eq!(Root::parse(name), None, "{name:?}");
        }
    }

    #[test]
    fn parts_hold_rows_and_cells_only() {
        let part: RoomId = "demand~de".parse().unwrap();
        assert!(Root::parse("c:override@2026-03").unwrap().belongs(part));
        // Of settings, only how often it was rebased: see `epoch`.
        assert!(Root::Meta.belongs(part));
        for structure in ["measures", "parts", "sheets", "colPos", "names"] {
            assert!(!Root::parse(structure).unwrap().belongs(part), "{structure}");
        }
    }
}
