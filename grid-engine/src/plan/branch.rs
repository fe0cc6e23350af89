//! What is known of a branch, and what is asked about it.

use serde::{Deserialize, Serialize};

use super::differences::{Difference, Direction, Settled};
use super::inputs::PlaceName;
use crate::refs::{Id, PersonId, SheetId};

/// A what-if copy of a plan: a workbook of its own that shares what it began with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchInfo {
    /// Its workbook.
    pub id: SheetId,
    pub name: String,
    /// The workbook all of this began with, whose versions it is compared with.
    pub home: SheetId,
    /// What its changes are merged into: `home`, or the branch it was made from.
    pub parent: SheetId,
    pub parent_name: String,
    /// The frozen version it began with, and its name; `None`: with `parent` as it was then.
    pub version: Option<Id>,
    pub version_name: Option<String>,
    pub by: PersonId,
    pub by_name: String,
    /// Milliseconds since 1970.
    pub at: i64,
    pub comment: String,
}

/// A branch to make of a workbook, or of one of its versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewBranch {
    pub name: String,
    #[serde(default)]
    pub comment: String,
    #[serde(default)]
    pub version: Option<Id>,
}

/// What merging or rebasing a branch would bring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BranchDifferences {
    pub branch: BranchInfo,
    pub direction: Direction,
    /// The first ones, conflicts before others.
    pub differences: Vec<NamedDifference>,
    /// How many there are in all, and conflicts among them.
    pub total: usize,
    pub conflicts: usize,
    /// Layers (actuals, imports, forecasts) of the plan that the branch could take; always 0 when it is merged.
    #[serde(default)]
    pub layers: usize,
    /// Who had the branch take layers last, where they can be put back; `None` when it is merged.
    #[serde(default)]
    pub taken: Option<TakenLayers>,
}

/// Layers that a branch took along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenLayers {
    pub by: PersonId,
    pub by_name: String,
    /// Milliseconds since 1970.
    pub at: i64,
    pub layers: usize,
}

/// A difference as people read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedDifference {
    pub difference: Difference,
    pub name: PlaceName,
    /// Why the person who asks may not take it over; `None` where they may.
    pub objection: Option<String>,
    /// What the places of its [`lost`](Difference::lost) are called, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<PlaceName>,
}

/// Decisions that were carried out, to remember.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettleBranch {
    pub settled: Vec<Settled>,
    /// Whether the branch takes the plan's newer layers too. No edit undoes that; they are put back by a request.
    #[serde(default)]
    pub layers: bool,
}
