//! Scenarios: the demand of one version, the supply settings of another, the prices and costs of a third.
//!
//! Sheets are documents of their own and their rows have the same ids in every version, so a scenario is put together
//! sheet by sheet, without copying a single cell.

use serde::{Deserialize, Serialize};

use super::freeze::{SHEETS, sheet_part};
use super::ranking::{RankedFigure, Ranking};
use super::reopen::{ReopenError, read};
use super::version::VersionKind;
use crate::doc::SheetInfo;
use crate::refs::{Id, RoomId, SheetId};

/// A cell of the matrix: three versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ScenarioId {
    pub demand: Id,
    pub supply: Id,
    pub cost: Id,
}

impl ScenarioId {
    /// Whether a version is one of the three.
    pub fn has(&self, version: Id) -> bool {
        [self.demand, self.supply, self.cost].contains(&version)
    }
}

/// How far a cell is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellState {
    /// Nobody has asked for it.
    Open,
    Waiting,
    Running {
        message: String,
    },
    Done,
    Failed {
        message: String,
    },
}

/// A scenario and what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatrixCell {
    pub scenario: ScenarioId,
    pub state: CellState,
    pub figures: Vec<RankedFigure>,
    pub ranking: Option<Ranking>,
}

/// Freezing a scenario as a version to decide on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposeScenario {
    pub scenario: ScenarioId,
    pub name: String,
    #[serde(default)]
    pub comment: String,
}

/// Scenarios side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matrix {
    pub cells: Vec<MatrixCell>,
    /// What is wrong with the rule; ranked by profit then.
    pub rule_error: Option<String>,
}

/// What a version gives to a scenario.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    /// What customers will want.
    Demand,
    /// Capacity, materials, stock policy, the network, and everything that follows from all three.
    Supply,
    /// Prices and cost rates.
    Cost,
}

impl VersionKind {
    /// Whether a version of this kind stands for a side: a whole plan for each, another for its own.
    ///
    /// ```
    /// # use grid_engine::plan::{Axis, VersionKind};
    /// assert!(VersionKind::Consensus.gives(Axis::Supply) && VersionKind::Demand.gives(Axis::Demand));
    /// assert!(!VersionKind::Demand.gives(Axis::Supply));
    /// ```
    pub fn gives(self, axis: Axis) -> bool {
        match self {
            Self::Consensus => true,
            Self::Demand => axis == Axis::Demand,
            Self::Supply => axis == Axis::Supply,
            Self::Cost => axis == Axis::Cost,
        }
    }
}

/// Roles of sheets that hold prices and cost rates.
const COST_ROLES: [&str; 5] =
    ["prices", "supply.contracts", "supply.routing_cost_wide", "supply.routings", "supply.service_cost"];

/// Which side a sheet belongs to, by its role.
pub fn axis_of(role: &str) -> Axis {
    match role {
        "demand" => Axis::Demand,
        role if COST_ROLES.contains(&role) => Axis::Cost,
        _ => Axis::Supply,
    }
}

/// The parts of a bundle.
pub type Parts = [(String, Vec<u8>)];

/// Puts a scenario together: its documents and frames, to be reopened and calculated. The list of sheets is that of the
/// supply side.
///
/// # Errors
/// Names the part that is missing or damaged: versions of before a sheet was added do not go with later ones.
pub fn compose(demand: &Parts, supply: &Parts, cost: &Parts) -> Result<Vec<(String, Vec<u8>)>, ReopenError> {
    let sheets: Vec<SheetInfo> = read(supply, SHEETS)?;
    let mut parts = vec![part(supply, SHEETS)?, part(supply, "room:book")?];
    for info in &sheets {
        let from = match axis_of(&info.role) {
            Axis::Demand => demand,
            Axis::Supply => supply,
            Axis::Cost => cost,
        };
        parts.push(part(from, &sheet_part(info.id))?);
        let before = parts.len();
        parts.extend(from.iter().filter(|(name, _)| is_room_of(name, info.id)).cloned());
        if parts.len() == before {
            return Err(ReopenError::Missing(format!("room:{}", info.id)));
        }
    }
    Ok(parts)
}

fn part(parts: &Parts, name: &str) -> Result<(String, Vec<u8>), ReopenError> {
    parts.iter().find(|(known, _)| known == name).cloned().ok_or_else(|| ReopenError::Missing(name.to_owned()))
}

fn is_room_of(name: &str, sheet: SheetId) -> bool {
    let room = name.strip_prefix("room:").and_then(|room| room.parse::<RoomId>().ok());
    room.is_some_and(|room| room.sheet() == Some(sheet))
}
