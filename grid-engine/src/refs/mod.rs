//! Names that do not move: ids of sheets, measures, rows and columns, and the A1 form people read.
//!
//! Identity is not position. A row keeps its [`RowId`] through inserts, sorts and moves; A1 is
//! computed from the current order only where a person reads or types ([`a1`]).

pub mod a1;
mod id;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::calendar::Bucket;
pub use id::{BadId, Id};

macro_rules! id_newtype {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Id);

        impl $name {
            /// The id people can read, e.g. `demand`: 1–12 characters of `a–z0–9`, not starting with `0`.
            pub fn named(text: &str) -> Result<Self, BadId> {
                text.parse().map(Self)
            }

            /// The id derived from a key: the same key gives the same id on every peer.
            pub fn of_key(parts: &[&str]) -> Self {
                Self(Id::of_key(parts))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::named(text)
            }
        }
    };
}

id_newtype!(
    /// A sheet of a workbook.
    SheetId
);
id_newtype!(
    /// A row of a sheet. On planning sheets it is derived from the row's key.
    RowId
);
id_newtype!(
    /// A measure of a planning sheet, or a column of a free sheet.
    MeasureId
);
id_newtype!(
    /// A part of a partitioned sheet, derived from the value of its key column (say a region).
    PartId
);
id_newtype!(
    /// A person: the author of edits and of additive contributions.
    PersonId
);

impl MeasureId {
    /// Whether it is the demand that the company plans for: the measure Consensus of a demand sheet.
    pub fn is_plan_demand(self) -> bool {
        self.to_string() == "consensus"
    }
}

/// A column: a measure in one time bucket, or a static measure or free-sheet column without one.
///
/// Its text form is `override@2026-03`, or `price` without a bucket.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColId {
    /// The measure, or the free-sheet column itself.
    pub measure: MeasureId,
    /// The time bucket of a timed measure.
    pub bucket: Option<Bucket>,
}

impl ColId {
    /// A column without a time bucket.
    pub fn fixed(measure: MeasureId) -> Self {
        Self { measure, bucket: None }
    }

    /// A measure in a bucket.
    pub fn timed(measure: MeasureId, bucket: Bucket) -> Self {
        Self { measure, bucket: Some(bucket) }
    }

    /// Appends its text form.
    pub fn push_to(self, out: &mut String) {
        self.measure.0.push_to(out);
        if let Some(bucket) = self.bucket {
            out.push('@');
            out.push_str(&bucket.to_string());
        }
    }
}

impl fmt::Display for ColId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bucket {
            Some(bucket) => write!(f, "{}@{bucket}", self.measure),
            None => self.measure.fmt(f),
        }
    }
}

impl fmt::Debug for ColId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for ColId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        match text.split_once('@') {
            Some((measure, bucket)) => Ok(Self::timed(measure.parse()?, bucket.parse().map_err(|_| BadId)?)),
            None => Ok(Self::fixed(text.parse()?)),
        }
    }
}

/// A synchronised document of a workbook.
///
/// Its text form is what `/sync/{workbook}/{room}` carries: `book`, `demand`, `demand~de`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoomId {
    /// The workbook's own document: sheet list, names, styles.
    Book,
    /// A sheet's document. For a partitioned sheet it holds the structure all parts share.
    Sheet(SheetId),
    /// One part of a partitioned sheet: its rows and cells.
    Part(SheetId, PartId),
}

impl RoomId {
    /// The sheet this room belongs to; `None` for the workbook's own document.
    pub fn sheet(self) -> Option<SheetId> {
        match self {
            Self::Book => None,
            Self::Sheet(sheet) | Self::Part(sheet, _) => Some(sheet),
        }
    }
}

impl fmt::Display for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Book => f.write_str("book"),
            Self::Sheet(sheet) => sheet.fmt(f),
            Self::Part(sheet, part) => write!(f, "{sheet}~{part}"),
        }
    }
}

impl fmt::Debug for RoomId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for RoomId {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        if text == "book" {
            return Ok(Self::Book);
        }
        match text.split_once('~') {
            Some((sheet, part)) => Ok(Self::Part(sheet.parse()?, part.parse()?)),
            None => Ok(Self::Sheet(text.parse()?)),
        }
    }
}

/// One cell of one sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellRef {
    pub sheet: SheetId,
    pub row: RowId,
    pub col: ColId,
}

macro_rules! serde_as_text {
    ($($name:ident),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(|error| serde::de::Error::custom(format!("{text:?}: {error}")))
            }
        }
    )*};
}
serde_as_text!(ColId, RoomId, Id);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_as_they_print() {
        for text in ["demand", "a", "zzzzzzzzzzzz", "sku014"] {
            assert_eq!(text.parse::<Id>().map(|id| id.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "0a", "Demand", "a-b", "aaaaaaaaaaaaa"] {
            assert_eq!(text.parse::<Id>(), Err(BadId), "{text:?}");
        }
    }

    #[test]
    fn keys_that_join_alike_have_different_ids() {
        assert_ne!(RowId::of_key(&["ab", "c"]), RowId::of_key(&["a", "bc"]));
        assert_eq!(RowId::of_key(&["ab", "c"]), RowId::of_key(&["ab", "c"]));
        assert_eq!(RowId::of_key(&["x"]).to_string().len(), 12);
    }

    #[test]
    fn rooms_and_columns_read_back() {
        for text in ["book", "demand", "demand~de"] {
            assert_eq!(text.parse::<RoomId>().map(|room| room.to_string()), Ok(text.to_owned()));
        }
        for text in ["override@2026-03", "override@2026-W05", "price"] {
            assert_eq!(text.parse::<ColId>().map(|col| col.to_string()), Ok(text.to_owned()));
        }
    }
}
