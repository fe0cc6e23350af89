//! Scenarios: the demand of one version, the supply settings of another, the prices and costs of a third.
//!
//! Sheets are documents of their own and their rows have the same ids in every version, so a scenario is put together
//! sheet by sheet, without copying a single cell.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::freeze::{FrozenSide, SHEETS, SIDE, sheet_part};
use super::ranking::{RankedFigure, Ranking, rank};
use super::reopen::{ReopenError, read};
use super::version::{VersionInfo, VersionKind};
use crate::doc::SheetInfo;
use crate::refs::{Id, RoomId, SheetId};
use crate::workbook::{ScenarioLine, ScenarioTable};

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

/// Figures every plan has; they stand after the key figures, what scenarios are ranked by last.
const MONEY: [&str; 3] = ["revenue", "cost", "profit"];

/// Scenarios as formulas read them, ranked by profit; one whose version is gone is left out.
pub fn scenario_table(
    versions: &[VersionInfo],
    scenarios: Vec<(ScenarioId, CellState, Option<Vec<RankedFigure>>)>,
) -> ScenarioTable {
    let name =
        |id: Id| versions.iter().find(|version| version.id == id).map(|version| Arc::from(version.name.as_str()));
    let named = |scenario: ScenarioId| Some([name(scenario.demand)?, name(scenario.supply)?, name(scenario.cost)?]);
    let known = scenarios.into_iter().filter_map(|(scenario, state, figures)| Some((named(scenario)?, state, figures)));
    let known: Vec<_> = known.collect();
    let done: Vec<Vec<RankedFigure>> = known.iter().filter_map(|(.., figures)| figures.clone()).collect();
    // The rule is sound: without scenarios there is nothing to rank.
    let mut ranks = rank("profit", &done).unwrap_or_default().into_iter().map(|ranking| ranking.rank);
    let mut figures: Vec<(Arc<str>, Arc<str>)> = Vec::new();
    for figure in done.iter().flatten() {
        if figures.iter().all(|(id, _)| **id != *figure.id) {
            figures.push((figure.id.as_str().into(), figure.name.as_str().into()));
        }
    }
    figures.sort_by_key(|(id, _)| MONEY.iter().position(|money| **money == **id).map_or(0, |place| place + 1));
    let lines = known.into_iter().map(|([demand, supply, cost], state, found)| {
        let rank = if found.is_some() { ranks.next().flatten() } else { None };
        let found = found.unwrap_or_default();
        let value = |id: &str| found.iter().find(|figure| figure.id == id).and_then(|figure| figure.value);
        ScenarioLine {
            demand,
            supply,
            cost,
            status: state.word().into(),
            values: figures.iter().map(|(id, _)| value(id)).collect(),
            rank: rank.and_then(|rank| u32::try_from(rank).ok()),
        }
    });
    ScenarioTable { lines: lines.collect(), figures }
}

impl CellState {
    /// What formulas show of it.
    fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Waiting => "waiting",
            Self::Running { .. } => "calculating",
            Self::Done => "done",
            Self::Failed { .. } => "failed",
        }
    }
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
        self.axis().is_none_or(|own| own == axis)
    }

    /// The one side a version of this kind stands for; `None` for a whole plan.
    pub fn axis(self) -> Option<Axis> {
        match self {
            Self::Consensus => None,
            Self::Demand => Some(Axis::Demand),
            Self::Supply => Some(Axis::Supply),
            Self::Cost => Some(Axis::Cost),
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
/// supply side; each sheet comes from the version of its side, whether that holds the whole plan or its side alone.
///
/// # Errors
/// Names the part that is missing or damaged: versions of before a sheet was added do not go with later ones.
pub fn compose(demand: &Parts, supply: &Parts, cost: &Parts) -> Result<Vec<(String, Vec<u8>)>, ReopenError> {
    let sheets: Vec<SheetInfo> = match side(supply)? {
        Some(side) => side.all,
        None => read(supply, SHEETS)?,
    };
    let list = serde_json::to_vec(&sheets)
        .map_err(|error| ReopenError::Unreadable { part: SHEETS.to_owned(), reason: error.to_string() })?;
    let mut parts = vec![(SHEETS.to_owned(), list), part(supply, "room:book")?];
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

/// Which side of a plan a bundle holds; `None` where it holds every sheet.
///
/// # Errors
/// When that part is damaged.
pub fn side(parts: &Parts) -> Result<Option<FrozenSide>, ReopenError> {
    if parts.iter().any(|(name, _)| name == SIDE) { read(parts, SIDE).map(Some) } else { Ok(None) }
}

fn part(parts: &Parts, name: &str) -> Result<(String, Vec<u8>), ReopenError> {
    parts.iter().find(|(known, _)| known == name).cloned().ok_or_else(|| ReopenError::Missing(name.to_owned()))
}

fn is_room_of(name: &str, sheet: SheetId) -> bool {
    let room = name.strip_prefix("room:").and_then(|room| room.parse::<RoomId>().ok());
    room.is_some_and(|room| room.sheet() == Some(sheet))
}
