//! A formula with what calculation must know of it.

use std::ops::Range;

use super::places::Place;
use super::store::{NONE, Spot};
use crate::formula::{Formula, Shape, ShapeId};
use crate::value::{CellError, ErrorKind};

/// A formula by its place among all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Reader(pub u32);

/// Whose formula it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    Cell(Spot),
    /// All cells of a measure, by index of sheet and measure.
    Measure(u32, u32),
}

impl Home {
    pub(super) fn sheet(self) -> u32 {
        match self {
            Self::Cell(spot) => spot.sheet,
            Self::Measure(sheet, _) => sheet,
        }
    }
}

impl From<Home> for Spot {
    fn from(home: Home) -> Self {
        match home {
            Home::Cell(spot) => spot,
            Home::Measure(sheet, measure) => Self { sheet, col: measure, slot: NONE },
        }
    }
}

impl From<Spot> for Home {
    fn from(spot: Spot) -> Self {
        match spot {
            Spot { sheet, col: measure, slot: NONE } => Self::Measure(sheet, measure),
            spot => Self::Cell(spot),
        }
    }
}

/// A formula as calculation keeps it: there are many, so it is small.
#[derive(Clone, Copy)]
pub(super) struct Packed {
    /// Its home: [`NONE`] for the row is all cells of a measure.
    pub home: Place,
    pub shape: ShapeId,
    /// The first of its edges.
    pub first: u32,
}

/// A formula as calculation reads it.
#[derive(Clone, Copy)]
pub(super) struct Program<'a> {
    pub home: Home,
    /// What it shares with formulas that differ only in the cells they refer to.
    pub shape: &'a Shape,
    /// The first of its edges: see [`operands`](Self::operands).
    pub first: u32,
    /// What only few formulas have.
    pub more: Option<&'a More>,
}

/// What only few formulas have: those that are no code, and those with names.
#[derive(Default)]
pub(super) struct More {
    pub tree: Option<Formula>,
    /// Edges to what its names refer to.
    pub named: Vec<u32>,
    /// Measures its names refer to.
    pub measures: Vec<crate::formula::MeasureRef>,
    /// Roles its names read as tables.
    pub tables: Vec<&'static str>,
    /// Some of its names hold a call that only a job answers.
    pub pending: bool,
    /// Some of its names read frozen versions.
    pub versions: bool,
    /// Some of its names change with time or chance.
    pub volatile: bool,
}

impl<'a> Program<'a> {
    /// Edges to what it refers to: cells, then rectangles, each in order of appearance.
    pub(super) fn operands(self) -> Range<u32> {
        let count = self.shape.cell_count() + self.shape.range_count();
        self.first..self.first + count as u32
    }

    /// It holds a call that only a job answers.
    pub(super) fn is_pending(self) -> bool {
        self.shape.is_pending() || self.more.is_some_and(|more| more.pending)
    }

    /// It reads frozen versions.
    pub(super) fn reads_versions(self) -> bool {
        self.shape.reads_versions() || self.more.is_some_and(|more| more.versions)
    }

    /// It is calculated afresh every time.
    pub(super) fn is_volatile(self) -> bool {
        self.shape.volatile || self.more.is_some_and(|more| more.volatile)
    }

    /// Measures it reads, those of its names included.
    pub(super) fn measures(self) -> impl Iterator<Item = &'a crate::formula::MeasureRef> + use<'a> {
        self.shape.measures.iter().chain(self.more.into_iter().flat_map(|more| &more.measures))
    }

    fn tables(self) -> impl Iterator<Item = &'static str> + use<'a> {
        self.shape.tables.iter().chain(self.more.into_iter().flat_map(|more| &more.tables)).copied()
    }

    /// Whether it reads tables at all.
    pub(super) fn reads_tables(self) -> bool {
        self.tables().next().is_some()
    }

    /// Whether a sheet with this role is read as a table.
    pub(super) fn reads_table(self, role: &str) -> bool {
        self.tables().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => role.starts_with(start),
            None => role == pattern,
        })
    }
}

/// The error of a formula whose text cannot be read although it once could.
pub(super) fn unreadable() -> CellError {
    CellError::because(ErrorKind::Name, "this is not a formula")
}
