//! What is known of a frozen version.

use serde::{Deserialize, Serialize};

use super::links::LinkLine;
use crate::calendar::Bucket;
use crate::kpi::Better;
use crate::refs::{Id, PersonId, SheetId};

/// What a version fixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionKind {
    Demand,
    Supply,
    Cost,
    Consensus,
}

impl VersionKind {
    /// Whether a version of the kind tells what is made, bought and shipped.
    pub fn tells_supply(self) -> bool {
        matches!(self, Self::Supply | Self::Consensus)
    }
}

/// Where a version stands on its way to being the plan. It is never edited, only superseded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionState {
    /// For its makers to look at; it is proposed when they agree.
    Draft,
    Proposed,
    /// Agreed to by those who may decide, not yet the plan.
    Approved,
    Consensus,
    Superseded,
}

impl VersionState {
    /// Whether a version in this state may be put into another: a draft is proposed, a proposal approved or taken back, an
    /// approval withdrawn, and either made the consensus. What was the consensus stays so until another takes its place, and may
    /// take that back.
    ///
    /// ```
    /// # use grid_engine::plan::VersionState::{Approved, Consensus, Draft, Proposed, Superseded};
    /// assert!(Draft.may_become(Proposed) && Proposed.may_become(Consensus) && Superseded.may_become(Consensus));
    /// assert!(!Draft.may_become(Consensus) && !Approved.may_become(Draft) && !Consensus.may_become(Proposed));
    /// ```
    pub fn may_become(self, to: Self) -> bool {
        match self {
            Self::Draft => to == Self::Proposed,
            Self::Proposed => matches!(to, Self::Draft | Self::Approved | Self::Consensus),
            Self::Approved => matches!(to, Self::Proposed | Self::Consensus),
            Self::Consensus | Self::Superseded => to == Self::Consensus,
        }
    }

    /// The state in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Self::Draft => "a draft",
            Self::Proposed => "proposed",
            Self::Approved => "approved",
            Self::Consensus => "the consensus",
            Self::Superseded => "superseded",
        }
    }
}

/// A step of a version from one state to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateChange {
    pub to: VersionState,
    pub by: PersonId,
    pub by_name: String,
    /// Milliseconds since 1970.
    pub at: i64,
    #[serde(default)]
    pub comment: String,
}

/// A version to put into another state, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetVersionState {
    pub state: VersionState,
    #[serde(default)]
    pub comment: String,
}

/// A frozen version as lists show it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VersionInfo {
    pub id: Id,
    pub name: String,
    pub kind: VersionKind,
    pub state: VersionState,
    pub comment: String,
    pub by: PersonId,
    pub by_name: String,
    /// Milliseconds since 1970.
    pub at: i64,
    /// Hex SHA-256 of the bundle with what is said here but for state and history, chained to the version before it.
    pub hash: String,
    pub headline: Headline,
    /// What became of it since it was frozen, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<StateChange>,
    /// Where the edit log stood when it was frozen; versions that were frozen before this was kept do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogHead>,
    /// The logs that hold what was entered in it: of the plan, or of the branch it was frozen from and what that began with.
    /// Versions that were frozen before this was kept do not say.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<LogStretch>,
    /// Hashes that seal the state it was frozen in and each step since; empty ones where that was before there were seals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seals: Vec<String>,
}

impl VersionInfo {
    /// When it became a version: when it was frozen, or a scenario was proposed, whose figures are of an earlier time.
    pub fn made_at(&self) -> i64 {
        self.history.first().filter(|step| step.to == VersionState::Proposed).map_or(self.at, |step| step.at)
    }
}

/// The log of a workbook until a moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogStretch {
    /// A plan, or a branch.
    pub workbook: SheetId,
    /// Milliseconds since 1970.
    pub until: i64,
}

/// The last entry of an edit log at some time: a log that once had it and has it no more was cut off or written anew.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogHead {
    /// Its number; 0 where there is no entry yet.
    pub seq: i64,
    /// Its hash, in hex.
    pub hash: String,
}

/// The three figures that tell versions apart at a glance; `None`: the version does not hold what they follow from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Headline {
    pub revenue: Option<f64>,
    pub cost: Option<f64>,
    pub profit: Option<f64>,
}

impl Headline {
    /// Profit as a share of revenue; `None` without one of them.
    pub fn margin(&self) -> Option<f64> {
        let revenue = self.revenue.filter(|revenue| *revenue != 0.0)?;
        Some(self.profit? / revenue)
    }
}

/// A KPI's value in a version, with its definition as it was then.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KpiLine {
    pub id: String,
    pub name: String,
    /// `None`: not computable; `reason` says why.
    pub value: Option<f64>,
    /// `%`, `money`, `days`, `×` or empty.
    pub unit: String,
    pub target: Option<f64>,
    pub better: Better,
    /// The definition in words.
    pub definition: String,
    pub reason: Option<String>,
}

/// Money and units of a slice (a family, a region) over the planned buckets; `None` where the version does not hold them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SliceLine {
    pub name: String,
    pub demand: Option<f64>,
    pub served: Option<f64>,
    pub revenue: Option<f64>,
    pub cost: Option<f64>,
    pub profit: Option<f64>,
    /// Units of the twelve months before the plan, for comparison.
    pub history: f64,
    /// Planned revenue of the budget, where one exists.
    pub budget: Option<f64>,
}

/// One bucket of the whole plan; `None` where a measure has no value there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BucketLine {
    pub bucket: Bucket,
    pub history: Option<f64>,
    pub baseline: Option<f64>,
    pub consensus: Option<f64>,
    pub served: Option<f64>,
    pub revenue: Option<f64>,
    pub cost: Option<f64>,
    pub profit: Option<f64>,
    pub budget: Option<f64>,
}

/// Load of a resource over the planned buckets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UtilisationLine {
    pub resource: String,
    /// Per bucket, 1.0 = all regular hours used.
    pub by_bucket: Vec<(Bucket, f64)>,
}

/// Demand that is not served in time, by item and cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shortage {
    pub item: String,
    pub region: String,
    pub bucket: Bucket,
    pub quantity: f64,
    /// The binding limit in words, e.g. `capacity of P1-L2 in 2026-04`.
    pub cause: String,
}

/// An item that is sold for the first or the last time around the plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ItemLife {
    pub item: String,
    /// Its first bucket, sold or planned; `None` for one that was there before.
    pub begins: Option<Bucket>,
    /// Its last bucket; `None` for one that stays.
    pub ends: Option<Bucket>,
    /// Units of the season before the plan.
    pub sold: f64,
    /// Units over the planned buckets.
    pub planned: f64,
}

/// What an executive reads of a version, computed when it was frozen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlanSummary {
    pub workbook: String,
    pub currency: String,
    pub headline: Headline,
    pub kpis: Vec<KpiLine>,
    pub by_family: Vec<SliceLine>,
    pub by_region: Vec<SliceLine>,
    pub by_bucket: Vec<BucketLine>,
    pub utilisation: Vec<UtilisationLine>,
    /// The largest.
    pub shortages: Vec<Shortage>,
    /// Units of all shortages by what stands in the way, most first. No version is frozen with it: it is told where one is read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<(String, f64)>,
    /// The supply network; none in plans that have no sheet of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub links: Vec<LinkLine>,
    /// Items that begin or end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lives: Vec<ItemLife>,
    /// Why the plan as it is has no supply plan, so that what stands here of supply is of the one before. No version is frozen so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsolved: Option<String>,
}

impl PlanSummary {
    /// Whether it holds what is served, late or lost: without it, no shortage is no news.
    pub fn tells_service(&self) -> bool {
        !self.shortages.is_empty() || self.by_bucket.iter().any(|line| line.served.is_some())
    }
}
