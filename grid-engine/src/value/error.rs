//! Errors as values.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::refs::CellRef;

/// The kinds of error a cell can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ErrorKind {
    /// `#NULL!` two ranges do not meet.
    Null,
    /// `#DIV/0!` division by zero.
    Div0,
    /// `#VALUE!` a value of the wrong type.
    Value,
    /// `#REF!` what a reference named is gone.
    Ref,
    /// `#NAME?` an unknown function or name.
    Name,
    /// `#NUM!` a number out of range.
    Num,
    /// `#N/A` not available: nothing found, or nothing known yet.
    Na,
    /// `#SPILL!` an array result has no room.
    Spill,
    /// `#CALC!` an array came out empty.
    Calc,
    /// `#CIRC!` the formula depends on itself.
    Circ,
    /// `#LIMIT!` the calculation's step or memory budget is used up.
    Limit,
    /// `#BUSY!` a job is computing the first value.
    Busy,
    /// `#HIDDEN!` the value follows from rows that this person may not see.
    Hidden,
}

impl ErrorKind {
    /// Every kind, in `ERROR.TYPE` order where Excel has one.
    pub const ALL: [Self; 13] = [
        Self::Null,
        Self::Div0,
        Self::Value,
        Self::Ref,
        Self::Name,
        Self::Num,
        Self::Na,
        Self::Spill,
        Self::Calc,
        Self::Circ,
        Self::Limit,
        Self::Busy,
        Self::Hidden,
    ];

    /// As shown and typed, e.g. `#DIV/0!`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Null => "#NULL!",
            Self::Div0 => "#DIV/0!",
            Self::Value => "#VALUE!",
            Self::Ref => "#REF!",
            Self::Name => "#NAME?",
            Self::Num => "#NUM!",
            Self::Na => "#N/A",
            Self::Spill => "#SPILL!",
            Self::Calc => "#CALC!",
            Self::Circ => "#CIRC!",
            Self::Limit => "#LIMIT!",
            Self::Busy => "#BUSY!",
            Self::Hidden => "#HIDDEN!",
        }
    }

    /// What it means, in words for the person who sees it.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Null => "the two ranges have no cell in common",
            Self::Div0 => "a division by zero, or an average of nothing",
            Self::Value => "a value is of the wrong type, such as text where a number is needed",
            Self::Ref => "a cell, row, column or sheet this refers to was deleted",
            Self::Name => "a function or name is not known: check its spelling",
            Self::Num => "a number is too large, or no result exists for these arguments",
            Self::Na => "the value looked for was not found or is not available",
            Self::Spill => "there is no room for the result: clear the cells it would fill",
            Self::Calc => "the calculation has no result, such as a filter that keeps nothing",
            Self::Circ => "the formula depends on its own result",
            Self::Limit => "the calculation needs more steps or memory than is allowed",
            Self::Busy => "a job is computing this value; it appears when the job is done",
            Self::Hidden => "it follows from rows you may not see; an administrator can publish the sheet it stands in",
        }
    }
}

/// An error value, with the cell it first arose in and a reason where one is known.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Told", into = "Told")]
pub struct CellError {
    pub kind: ErrorKind,
    /// Behind one pointer: a column holds thousands of values and hardly an error.
    why: Option<Arc<Why>>,
}

#[derive(Clone, Debug, Default)]
struct Why {
    origin: Option<CellRef>,
    detail: Option<Arc<str>>,
}

/// An error as it is written down.
#[derive(Serialize, Deserialize)]
struct Told {
    kind: ErrorKind,
    origin: Option<CellRef>,
    detail: Option<Arc<str>>,
}

impl From<Told> for CellError {
    fn from(Told { kind, origin, detail }: Told) -> Self {
        let is_explained = origin.is_some() || detail.is_some();
        Self { kind, why: is_explained.then(|| Arc::new(Why { origin, detail })) }
    }
}

impl From<CellError> for Told {
    fn from(error: CellError) -> Self {
        Self { kind: error.kind, origin: error.origin(), detail: error.why.and_then(|why| why.detail.clone()) }
    }
}

impl CellError {
    /// An error without origin or detail.
    pub fn new(kind: ErrorKind) -> Self {
        Self { kind, why: None }
    }

    /// The same with a reason.
    pub fn because(kind: ErrorKind, detail: impl AsRef<str>) -> Self {
        Self { kind, why: Some(Arc::new(Why { origin: None, detail: Some(detail.as_ref().into()) })) }
    }

    /// Where the error arose; cells that merely read it keep this.
    pub fn origin(&self) -> Option<CellRef> {
        self.why.as_ref()?.origin
    }

    /// What exactly is wrong and what to do, e.g. `FORECAST needs at least one number`.
    pub fn detail(&self) -> Option<&Arc<str>> {
        self.why.as_ref()?.detail.as_ref()
    }

    /// The same, arising at `cell` unless an origin is known already.
    pub fn at(mut self, cell: CellRef) -> Self {
        if self.origin().is_none() {
            Arc::make_mut(self.why.get_or_insert_default()).origin = Some(cell);
        }
        self
    }
}

// Two errors are the same value when they are of one kind: origin and detail explain, they do not count.
impl PartialEq for CellError {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl fmt::Display for CellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.code())
    }
}
